//! The Jobs screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use crate::ledger::JobsOf;
use crate::theme::{Role, Theme};
use crate::tui::layout::{self, inside};
use crate::tui::model::Model;
use crate::tui::model::jobs::{JobLine, JobsFocus};
use crate::tui::ui::frame::{Focus, border, titles};
use crate::tui::ui::text::{RichLine, age, fitted, grouped, padded};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let areas = layout::jobs_areas(model);
    let (list_focus, data_focus) = (
        Focus::when(model.jobs.focus == JobsFocus::List),
        Focus::when(model.jobs.focus == JobsFocus::Data),
    );
    // The pane with the focus comes last, so that its border runs through shared lines.
    let mut boxes = [
        (areas.asked, Focus::Elsewhere),
        (areas.list, list_focus),
        (areas.found, data_focus),
    ];
    boxes.sort_by_key(|(_, focus)| *focus == Focus::Here);
    for (area, focus) in boxes {
        if let Some(area) = area {
            border(frame, theme, area, focus);
        }
    }
    if let Some(area) = areas.list {
        list(model, theme, frame, area);
    }
    if let Some(area) = areas.asked {
        asked(model, theme, frame, area);
    }
    if let Some(area) = areas.found {
        found(model, theme, frame, area);
    }
}

fn list(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let jobs = &model.jobs;
    let focus = Focus::when(jobs.focus == JobsFocus::List);
    let title = title(model, theme);
    let title_columns = title.width();
    let right = if jobs.search.is_some() {
        Line::default()
    } else {
        summary(model, theme)
    };
    titles(frame, area, title, right);
    if let Some(search) = &jobs.search {
        paint::search_line(theme, frame, (area, title_columns), search);
    }
    let inner = inside(area);
    if jobs.lines.is_empty() {
        let row = paint::from_column(paint::row(inner, usize::from(inner.height > 2)), 2);
        paint::text(theme, frame, row, (Role::Dim, empty(model)));
        return;
    }
    let columns = Columns::of(inner.width);
    let seen = jobs.view.seen(jobs.lines.len(), usize::from(inner.height));
    let first = seen.start;
    for index in seen {
        let Some(line) = jobs.lines.get(index) else {
            continue;
        };
        let row = paint::row(inner, index - first);
        let is_selected = index == jobs.view.selected;
        let rich = columns.line(line, is_selected);
        paint::selectable(theme, frame, (&rich, row, is_selected.then_some(focus)));
    }
}

fn title(model: &Model, theme: &Theme) -> Line<'static> {
    let mut text = format!(" Jobs · {}", model.shared.kind().as_str());
    if let Some(profile) = model.shared.profile() {
        text.push_str(" · ");
        text.push_str(profile.data_center.code());
    }
    if model.jobs.total() > 0 {
        text.push_str(" · ");
        text.push_str(&grouped(model.jobs.total()));
    }
    let mut spans = vec![Span::styled(text, theme.style(Role::Title))];
    if model.jobs.search.is_some() {
        spans.push(Span::styled(" · id ", theme.style(Role::Accent)));
    } else {
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

/// What narrows the list, or how fresh it is.
fn summary(model: &Model, theme: &Theme) -> Line<'static> {
    let jobs = &model.jobs;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(jobs.filter.status.iter().map(|status| fitted(status, 20)));
    match jobs.filter.whose {
        JobsOf::All => {}
        JobsOf::Mine => parts.push("mine".to_owned()),
        JobsOf::Others => parts.push("others'".to_owned()),
    }
    let id = jobs.filter.id_part.as_ref();
    parts.extend(id.map(|id| format!("id {}", fitted(id, 20))));
    if !parts.is_empty() {
        let text = format!(" only {} ", parts.join(", "));
        return Line::styled(text, theme.style(Role::Warning));
    }
    if jobs.list_poll.is_asked() {
        return Line::styled(" asking the server ", theme.style(Role::Dim));
    }
    if let Some(failure) = &jobs.failure {
        let text = format!(" {} ", fitted(failure, usize::from(model.shared.width / 2)));
        return Line::styled(text, theme.style(Role::Warning));
    }
    let text = match (jobs.moving(), jobs.listed_at) {
        (0, Some(at)) => format!(" list read {} ", age(at, model.shared.now)),
        (0, None) => " the server was not asked yet ".to_owned(),
        (n, _) => format!(" {} not final ", grouped(n)),
    };
    Line::styled(text, theme.style(Role::Dim))
}

fn empty(model: &Model) -> &'static str {
    let jobs = &model.jobs;
    if jobs.is_asked {
        "reading the ledger"
    } else if jobs.is_filtered() {
        "no job passes the filter; Esc shows all again"
    } else if model.shared.profile().is_none() {
        "set up a profile to see its jobs"
    } else if jobs.list_poll.is_asked() {
        "asking the server"
    } else {
        "no job yet; each accepted request makes one"
    }
}

/// The widths of the columns that vary.
struct Columns {
    has_long_ids: bool,
    by: usize,
    who: usize,
}

/// Mark, time and status with the gaps behind them.
const FIXED_COLUMNS: usize = 1 + 14 + 19;
const ID_COLUMNS: usize = 19;
const SHORT_ID_COLUMNS: usize = 8;

impl Columns {
    fn of(width: u16) -> Self {
        let width = usize::from(width);
        let has_long_ids = width >= 100;
        let id = if has_long_ids {
            ID_COLUMNS
        } else {
            SHORT_ID_COLUMNS
        };
        let rest = width.saturating_sub(FIXED_COLUMNS + id + 4);
        let by = (rest * 35 / 100).clamp(6, 16);
        Self {
            has_long_ids,
            by,
            who: rest.saturating_sub(by),
        }
    }

    fn line(&self, line: &JobLine, is_selected: bool) -> RichLine {
        let (mark, mark_role) = if is_selected {
            ("▌", Role::Accent)
        } else {
            (" ", Role::Dim)
        };
        let id = if self.has_long_ids {
            padded(line.row.id.as_str(), ID_COLUMNS)
        } else {
            padded(&line.short_id(), SHORT_ID_COLUMNS)
        };
        let by_role = if line.row.attempt.is_some() {
            Role::Text
        } else {
            Role::Dim
        };
        RichLine::new()
            .with(mark_role, mark)
            .with(Role::Dim, &format!("{:<12}  ", line.created))
            .with(line.role, &padded(&line.status, 17))
            .with(Role::Dim, "  ")
            .with(Role::Text, &id)
            .with(Role::Dim, "  ")
            .with(by_role, &padded(&line.by, self.by))
            .with(Role::Dim, "  ")
            .with(Role::Text, &fitted(&line.who, self.who))
    }
}

fn asked(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let title = Line::styled(" Asked ", theme.style(Role::Title));
    titles(frame, area, title, Line::default());
    let inner = paint::from_column(inside(area), 1);
    for (index, line) in model.jobs.sheet.asked_lines.iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(inner, index));
    }
}

fn found(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let sheet = &model.jobs.sheet;
    let inner = paint::from_column(inside(area), 1);
    let rows = usize::from(inner.height);
    let count = sheet.found_lines.len();
    let seen = sheet.view.seen(count, rows);
    // Without a pane of its own, what was asked stands here too.
    let word = match layout::jobs_areas(model).asked {
        Some(_) => "Found",
        None => "Job",
    };
    let title = match sheet.as_of.as_str() {
        "" => format!(" {word} "),
        at => format!(" {word} · as of {at} "),
    };
    let right = if model.jobs.sheet_poll.is_asked() {
        Line::styled(" asking the server ", theme.style(Role::Dim))
    } else if count > rows {
        let text = format!(" {}–{} of {count} ", seen.start + 1, seen.end);
        Line::styled(text, theme.style(Role::Dim))
    } else {
        Line::default()
    };
    let title = Line::styled(title, theme.style(Role::Title));
    titles(frame, area, title, right);
    for (index, line) in sheet
        .found_lines
        .iter()
        .skip(seen.start)
        .take(rows)
        .enumerate()
    {
        frame.render_widget(paint::line(theme, line), paint::row(inner, index));
    }
}

#[cfg(test)]
mod tests;
