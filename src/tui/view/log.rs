//! The live log: the rows that are seen, and nothing else.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::paint;
use crate::base::Outcome;
use crate::keymap::Command;
use crate::theme::{Role, Theme};
use crate::tui::data::attempt::Whose;
use crate::tui::layout::inside;
use crate::tui::model::log::LogLine;
use crate::tui::model::{Model, Pane};
use crate::tui::ui::frame::{Focus, titles};
use crate::tui::ui::text::{fitted, grouped};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let focus = Focus::when(model.pane == Pane::Log);
    let title = title(model, theme);
    let title_columns = title.width();
    let right = if model.log.search.is_some() {
        Line::default()
    } else {
        summary(model, theme)
    };
    titles(frame, area, title, right);
    if let Some(search) = &model.log.search {
        paint::search_line(theme, frame, (area, title_columns), search);
    }
    let inner = inside(area);
    if model.log.lines.is_empty() {
        empty(model, theme, frame, inner);
        return;
    }
    let seen = model
        .log
        .view
        .seen(model.log.lines.len(), usize::from(inner.height));
    let first = seen.start;
    let columns = Columns::of(inner.width);
    for index in seen {
        if let Some(line) = model.log.lines.get(index) {
            let row = paint::row(inner, index - first);
            let is_selected = index == model.log.view.selected;
            let ground = (is_selected && !model.is_hurrying()).then_some(focus);
            paint::ground(theme, frame, row, ground);
            let looks = Looks {
                is_selected,
                search: model.log.filter.search.as_deref(),
            };
            columns.draw(theme, (line, looks), (row, frame.buffer_mut()));
            if ground == Some(Focus::Here) {
                paint::select(theme, frame, row, Role::Selection);
            }
        }
    }
}

fn title(model: &Model, theme: &Theme) -> Line<'static> {
    let mut text = " Live log".to_owned();
    match (&model.log.filter.profile, model.shared.profile()) {
        (Some(_), Some(profile)) => {
            text.push_str(" · ");
            text.push_str(profile.data_center.code());
        }
        _ => text.push_str(" · all profiles"),
    }
    if let Some(total) = model.log.total {
        text.push_str(" · ");
        text.push_str(&grouped(total));
    }
    let mut spans = vec![Span::styled(text, theme.style(Role::Title))];
    if model.log.search.is_some() {
        spans.push(Span::styled(" · search ", theme.style(Role::Accent)));
    } else {
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

/// What narrows the log, or the keys that would.
fn summary(model: &Model, theme: &Theme) -> Line<'static> {
    let filter = &model.log.filter;
    let mut parts: Vec<String> = Vec::new();
    if let Some(search) = &filter.search {
        parts.push(format!("/{}", fitted(search, 24)));
    }
    parts.extend(filter.outcomes.iter().map(ToString::to_string));
    parts.extend(filter.code.iter().map(|code| fitted(code, 24)));
    if filter.since.is_some() {
        parts.push("since".to_owned());
    }
    if let Some(id) = filter.up_to {
        parts.push(format!("up to attempt {id}"));
    }
    if filter.whose == Whose::Mine {
        parts.push("mine".to_owned());
    }
    if !parts.is_empty() {
        let text = format!(" only {} ", parts.join(", "));
        return Line::styled(fitted(&text, 48), theme.style(Role::Warning));
    }
    if !model.log.follows() {
        return Line::styled(" stays put · F follows ", theme.style(Role::Dim));
    }
    let mut spans = vec![Span::raw(" ")];
    for command in [Command::Search, Command::Filter] {
        let chord = model.shared.settings.bindings.chords(command).first();
        if let Some(chord) = chord {
            let text = format!("{chord} {}  ", command.label());
            spans.push(Span::styled(text, theme.style(Role::Dim)));
        }
    }
    Line::from(spans)
}

fn empty(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let text = if model.log.is_asked {
        "reading the ledger"
    } else if model.log.is_filtered() {
        "nothing passes the filter; Esc shows everything again"
    } else {
        "nothing was sent yet; fill in the form and press F5"
    };
    let row = paint::from_column(paint::row(area, usize::from(area.height > 2)), 2);
    paint::text(theme, frame, row, (Role::Dim, text));
}

/// How a row is drawn.
#[derive(Clone, Copy)]
struct Looks<'a> {
    is_selected: bool,
    search: Option<&'a str>,
}

impl Looks<'_> {
    /// Marks a text in which a word of the search begins.
    fn role(self, text: &str) -> Role {
        let is_found = self.search.is_some_and(|search| {
            let text = text.to_lowercase();
            search
                .to_lowercase()
                .split_whitespace()
                .any(|w| text.contains(w))
        });
        if is_found { Role::Found } else { Role::Text }
    }
}

/// Where a row is drawn.
type Place<'a> = (Rect, &'a mut Buffer);

/// The widths of the columns that vary.
struct Columns {
    what: usize,
    who: usize,
}

/// Mark, time, data centre, status, outcome, latency and the gaps between them.
const FIXED_COLUMNS: usize = 40;
/// Where the column of job or code begins.
const WHAT_COLUMN: usize = 30;
/// Columns for it, unless there is room in plenty.
const WHAT_COLUMNS_MAX: usize = 36;
/// Columns for the latency.
const LATENCY_COLUMNS: usize = 7;
/// Columns for the longest code, DEPENDENT_FIELD_MISSING.
const CODE_COLUMNS: usize = 23;
/// Columns for the person, whatever else there is.
const WHO_COLUMNS_MIN: usize = 12;

impl Columns {
    fn of(width: u16) -> Self {
        let rest = usize::from(width).saturating_sub(FIXED_COLUMNS);
        let what = (rest * 60 / 100)
            .max(CODE_COLUMNS.min(rest.saturating_sub(WHO_COLUMNS_MIN)))
            .min(WHAT_COLUMNS_MAX.max(rest / 3));
        Self {
            what,
            who: rest.saturating_sub(what),
        }
    }

    /// Draws a row. Each column has its place, so that nothing is filled up with blanks.
    fn draw(&self, theme: &Theme, (line, looks): (&LogLine, Looks<'_>), (row, buffer): Place<'_>) {
        let attempt = &line.row;
        let mut put = |column: usize, width: usize, (role, text): (Role, &str)| {
            let column = row
                .x
                .saturating_add(u16::try_from(column).unwrap_or(u16::MAX));
            let text = paint::cut(text, width);
            paint::put(
                buffer,
                (column, row.y),
                row.right(),
                (&text, theme.style(role)),
            );
        };
        if looks.is_selected {
            put(0, 1, (Role::Accent, "▌"));
        }
        put(1, 8, (Role::Dim, &line.time));
        put(11, 2, (Role::Text, attempt.data_center.code()));
        match attempt.http_status {
            Some(status) => put(14, 3, (Role::Dim, &status.to_string())),
            None => put(15, 1, (Role::Dim, "-")),
        }
        put(19, 9, (attempt.role(), word(attempt.outcome)));
        let marked;
        let what = match attempt.outcome {
            Outcome::UnknownAccepted => {
                marked = format!("accepted · {}", line.what);
                &marked
            }
            Outcome::Scheduled if attempt.is_late => {
                marked = format!("late · {}", line.what);
                &marked
            }
            _ => &line.what,
        };
        put(WHAT_COLUMN, self.what, (looks.role(what), what));
        let latency = WHAT_COLUMN + self.what + 1;
        let blank = LATENCY_COLUMNS.saturating_sub(line.latency.width());
        put(latency + blank, LATENCY_COLUMNS, (Role::Dim, &line.latency));
        let who = latency + LATENCY_COLUMNS + 2;
        put(who, self.who, (looks.role(&line.who), &line.who));
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        // The word of the state does not fit; "accepted" stands in the next column.
        Outcome::UnknownAccepted => Outcome::Unknown.as_str(),
        outcome => outcome.as_str(),
    }
}
