//! The Runs screen: the list, the selected run's figures, its rows.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use crate::bulk::progress::span;
use crate::keymap::Command;
use crate::ledger::{RowState, RunState};
use crate::ops::bulk_view::RunView;
use crate::theme::{Role, Theme};
use crate::tui::layout::{inside, runs_areas};
use crate::tui::model::Model;
use crate::tui::model::runs::{RowLine, RunsFocus, percent, settled};
use crate::tui::ui::bars::gauge;
use crate::tui::ui::frame::{Focus, border, titles};
use crate::tui::ui::text::{RichLine, fitted, grouped, padded};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let areas = runs_areas(model);
    let on_list = Focus::when(model.runs.focus == RunsFocus::List);
    let on_rows = Focus::when(model.runs.focus == RunsFocus::Rows);
    let mut boxes = [
        (areas.head, Focus::Elsewhere),
        (areas.list, on_list),
        (areas.rows, on_rows),
    ];
    // The part with the focus comes last, so that its border runs through shared lines.
    boxes.sort_by_key(|(_, focus)| *focus == Focus::Here);
    for (area, focus) in boxes {
        if let Some(area) = area {
            border(frame, theme, area, focus);
        }
    }
    if let Some(area) = areas.list {
        list(model, theme, frame, (area, on_list));
    }
    if let Some(area) = areas.head {
        head(model, theme, frame, area);
    }
    if let Some(area) = areas.rows {
        rows(model, theme, frame, (area, on_rows));
    }
}

fn list(model: &Model, theme: &Theme, frame: &mut Frame<'_>, (area, focus): (Rect, Focus)) {
    let runs = &model.runs;
    let mut text = " Runs".to_owned();
    if let Some(profile) = &runs.of {
        text.push_str(&format!(" · {profile}"));
    }
    text.push(' ');
    let title = Line::styled(text, theme.style(Role::Title));
    let keys = hints(model, theme, &[Command::PlanRun]);
    titles(frame, area, title, keys);
    let inner = inside(area);
    let Some(all) = runs.list.as_ref().filter(|all| !all.is_empty()) else {
        let text = match runs.list {
            None => "reading the ledger",
            Some(_) => "no runs yet: n plans one from a file",
        };
        let row = paint::from_column(paint::row(inner, usize::from(inner.height > 2)), 2);
        paint::text(theme, frame, row, (Role::Dim, text));
        return;
    };
    let seen = runs.view.seen(all.len(), usize::from(inner.height));
    let first = seen.start;
    for index in seen {
        let Some(view) = all.get(index) else {
            continue;
        };
        let is_selected = index == runs.view.selected;
        let line = run_line(model, view, (usize::from(inner.width), is_selected));
        let row = paint::row(inner, index - first);
        paint::selectable(theme, frame, (&line, row, is_selected.then_some(focus)));
    }
}

fn run_line(model: &Model, view: &RunView, (width, is_selected): (usize, bool)) -> RichLine {
    let (role, word) = standing(view);
    let own = if model.runs.own.contains_key(&view.run.id) {
        "here"
    } else {
        ""
    };
    let mark = if is_selected { "▌" } else { " " };
    // Where there is little room, the selected run's own bar is all there is.
    let bar = if width < ROOM_FOR_BAR { 0 } else { BAR };
    let name = width.saturating_sub(RUN_FIXED + bar).max(8);
    let (spent, left) = gauge(settled(view), view.rows(), bar);
    RichLine::new()
        .with(Role::Accent, mark)
        .with(Role::Dim, &format!("{:>3} ", view.run.id.0))
        .with(Role::Text, &padded(&view.run.file_name, name))
        .with(role, &format!(" {word:<11} "))
        .with(Role::Gauge, &spent)
        .with(Role::GaugeLeft, &left)
        .with(Role::Text, &format!("{:>4} %", percent(view)))
        .with(Role::Sending, &format!(" {own}"))
}

/// Columns of a run's mark, number, state, percentage, and of where it goes on.
const RUN_FIXED: usize = 29;
/// Columns of its bar.
const BAR: usize = 8;
/// Columns from which on it has one.
const ROOM_FOR_BAR: usize = 56;

/// The state in a word: one that nobody works on any more was interrupted.
fn standing(view: &RunView) -> (Role, &'static str) {
    match view.run.state {
        RunState::Importing => (Role::Dim, "importing"),
        RunState::Ready => (Role::Accent, "ready"),
        RunState::Running if view.holder.is_none() => (Role::Warning, "interrupted"),
        RunState::Running => (Role::Sending, "running"),
        RunState::Paused => (Role::Warning, "paused"),
        RunState::Finished => (Role::Ok, "finished"),
    }
}

fn head(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(view) = model.runs.selected() else {
        let title = Line::styled(" Run ", theme.style(Role::Title));
        titles(frame, area, title, Line::default());
        return;
    };
    let run = &view.run;
    let room = usize::from(area.width / 2);
    let text = format!(" Run {} · {} ", run.id, fitted(&run.file_name, room));
    let title = Line::styled(text, theme.style(Role::Title));
    let planned = format!(" {} · by {} ", run.module, fitted(&run.operator, 16));
    let planned = Line::styled(fitted(&planned, room), theme.style(Role::Dim));
    titles(frame, area, title, planned);
    let inner = paint::from_column(inside(area), 1);
    let width = usize::from(inner.width.saturating_sub(1));
    let mut lines = vec![bar(model, view, width)];
    lines.extend(state_lines(model, view, width));
    lines.extend(counts(view, width));
    lines.push(ahead(model, view));
    for (index, line) in lines.iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(inner, index));
    }
}

fn bar(model: &Model, view: &RunView, width: usize) -> RichLine {
    let mut text = format!(
        "  {} of {} rows · {} %",
        grouped(settled(view)),
        grouped(view.rows()),
        percent(view)
    );
    if let Some(progress) = model.runs.progress.get(&view.run.id) {
        if let Some(rate) = progress.rows_per_minute() {
            text.push_str(&format!(" · {}/min", grouped(rate)));
        }
        if let Some(left) = progress.time_left().filter(|_| progress.remaining > 0) {
            text.push_str(&format!(" · {} to go", span(left)));
        }
    }
    let text = fitted(&text, width.saturating_sub(10));
    let columns = unicode_width::UnicodeWidthStr::width(text.as_str());
    let (spent, left) = gauge(settled(view), view.rows(), width.saturating_sub(columns));
    RichLine::new()
        .with(Role::Gauge, &spent)
        .with(Role::GaugeLeft, &left)
        .with(Role::Text, &text)
}

/// The state, who works on it, and why it stands still: two lines at most.
fn state_lines(model: &Model, view: &RunView, width: usize) -> Vec<RichLine> {
    let (role, word) = standing(view);
    let (_, reason) = view.reason();
    // "paused · paused by the operator" would say it twice.
    let is_told = reason
        .as_ref()
        .is_some_and(|reason| reason.starts_with(word));
    let mut line = RichLine::new();
    if !is_told {
        line.push(role, word);
    }
    match (&view.holder, model.runs.own.get(&view.run.id)) {
        (_, Some(news)) => {
            line.push(Role::Sending, " · here");
            if let Some(news) = news {
                line.push(Role::Warning, &format!(" · {news}"));
            }
        }
        (Some(holder), None) => {
            let pid = holder.pid.map_or_else(String::new, |pid| format!(" {pid}"));
            line.push(Role::Dim, &format!(" · process{pid} works on it"));
        }
        (None, None) => {}
    }
    match model.runs.tracked.get(&view.run.id) {
        Some(Some(of)) => {
            let text = format!(" · {} of {} jobs have ended", of.done, of.jobs);
            line.push(Role::Sending, &text);
        }
        Some(None) => line.push(Role::Sending, " · asking for its jobs"),
        None => {}
    }
    if let Some(reason) = reason {
        let (role, gap) = if is_told {
            (role, "")
        } else {
            (Role::Text, " · ")
        };
        line.push(role, &format!("{gap}{reason}"));
    }
    let mut lines = line.wrapped(width, 2);
    lines.truncate(2);
    lines
}

/// The rows of each state that has any.
fn counts(view: &RunView, width: usize) -> Vec<RichLine> {
    let mut line = RichLine::new();
    for state in RowState::ALL {
        let count = view.count(*state);
        if count > 0 {
            if !line.pieces.is_empty() {
                line.push(Role::Dim, " · ");
            }
            line.push(role_of(*state), &format!("{state}\u{a0}{}", grouped(count)));
        }
    }
    let mut lines = line.wrapped(width, 0);
    lines.truncate(2);
    lines
}

/// What the rest will cost: the numbers before and after.
fn ahead(model: &Model, view: &RunView) -> RichLine {
    let waiting = view.count(RowState::Pending);
    let Some(figures) = model.shared.usage.as_ref().filter(|_| waiting > 0) else {
        return RichLine::new();
    };
    let usage = &figures.usage;
    let spends = waiting.min(usage.left());
    RichLine::new()
        .with(Role::Dim, "units ")
        .with(Role::Text, &grouped(usage.used))
        .with(Role::Dim, " → ")
        .with(Role::Text, &grouped(usage.used.saturating_add(spends)))
        .with(Role::Dim, &format!(" of {}", grouped(usage.limit)))
        .with(
            Role::Dim,
            &format!(" · leaves {}", grouped(usage.left().saturating_sub(spends))),
        )
}

fn rows(model: &Model, theme: &Theme, frame: &mut Frame<'_>, (area, focus): (Rect, Focus)) {
    let runs = &model.runs;
    let which = runs.state.map_or("all", RowState::as_str);
    let text = format!(" Rows · {which} ");
    let mut title = Line::styled(text, theme.style(Role::Title));
    let right = match (&runs.typing, runs.search.is_empty()) {
        (Some(_), _) => {
            title.push_span(Span::styled("· find ", theme.style(Role::Accent)));
            Line::default()
        }
        (None, false) => {
            let text = format!(" only /{} ", fitted(&runs.search, 24));
            Line::styled(text, theme.style(Role::Warning))
        }
        (None, true) => hints(model, theme, &[Command::FindRow, Command::FilterRows]),
    };
    let column = u16::try_from(title.width()).unwrap_or(0);
    titles(frame, area, title, right);
    if let Some(typing) = &runs.typing {
        let row = Rect::new(area.x + 1, area.y, area.width.saturating_sub(2), 1);
        let field = paint::from_column(row, column);
        let field = Rect::new(field.x, field.y, field.width.min(40), 1);
        paint::field(theme, frame, field, typing);
    }
    let inner = inside(area);
    let lines = &runs.rows.lines;
    if lines.is_empty() {
        let text = match (runs.rows.run, runs.rows.is_asked) {
            (None, _) => "",
            (Some(_), true) => "reading the rows",
            (Some(_), false) => "no row is like that; Esc shows all of them",
        };
        let row = paint::from_column(paint::row(inner, usize::from(inner.height > 2)), 2);
        paint::text(theme, frame, row, (Role::Dim, text));
        return;
    }
    let seen = runs.rows.view.seen(lines.len(), usize::from(inner.height));
    let first = seen.start;
    for index in seen {
        let Some(line) = lines.get(index) else {
            continue;
        };
        let is_selected = index == runs.rows.view.selected;
        let rich = row_line(line, (usize::from(inner.width), is_selected));
        let row = paint::row(inner, index - first);
        paint::selectable(theme, frame, (&rich, row, is_selected.then_some(focus)));
    }
}

fn row_line(line: &RowLine, (width, is_selected): (usize, bool)) -> RichLine {
    let state = line.found.row.state;
    let rest = width.saturating_sub(ROW_FIXED);
    let what = rest * 45 / 100;
    RichLine::new()
        .with(Role::Accent, if is_selected { "▌" } else { " " })
        .with(Role::Dim, &format!("{:>6}  ", line.number()))
        .with(role_of(state), &format!("{:<9}  ", state.as_str()))
        .with(Role::Text, &padded(&line.what, what))
        .with(Role::Text, "  ")
        .with(Role::Text, &fitted(&line.who, rest.saturating_sub(what)))
}

/// Columns of a row's mark, number, state and gaps.
const ROW_FIXED: usize = 22;

fn role_of(state: RowState) -> Role {
    match state {
        RowState::Pending | RowState::Skipped => Role::Dim,
        RowState::Invalid | RowState::Rejected => Role::Rejected,
        RowState::Sending => Role::Sending,
        RowState::Scheduled => Role::Scheduled,
        RowState::NotSent => Role::NotSent,
        RowState::Unknown => Role::Unknown,
        RowState::Absent => Role::Absent,
    }
}

fn hints(model: &Model, theme: &Theme, commands: &[Command]) -> Line<'static> {
    let mut spans = vec![Span::raw(" ")];
    for command in commands {
        if let Some(chord) = model.shared.settings.bindings.chords(*command).first() {
            let text = format!("{chord} {}  ", command.label());
            spans.push(Span::styled(text, theme.style(Role::Dim)));
        }
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests;
