//! How runs and their rows look.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::rows::{what, who};
use super::{LIST, ROWS, Runs, percent, settled};
use crate::bulk::progress::span;
use crate::keymap::Command;
use crate::ledger::{RowResult, RowState, RunState};
use crate::ops::bulk_view::RunView;
use crate::theme::Role;
use crate::tui::app::cx::Screen;
use crate::tui::app::shared::Shared;
use crate::tui::ui::bars::gauge;
use crate::tui::ui::columns::{Cell, Column, Width};
use crate::tui::ui::list::{Drawn, Row, Selection};
use crate::tui::ui::painter::{Focus, Painter, from_column, inside};
use crate::tui::ui::text::{RichLine, fitted, grouped};

/// Columns of a run's bar.
const BAR: u16 = 8;
/// Columns from which on it has one; where there is little room, the selected run's own bar is all
/// there is.
const ROOM_FOR_BAR: u16 = 55;

pub(super) const RUN_COLUMNS: &[Column<RunView, Vec<crate::base::RunId>>] = &[
    Column::new("run", Width::Fixed(3), |view: &RunView, _| {
        Cell::new(Role::Dim, view.run.id.0.to_string())
    })
    .sorted(|a, b| a.run.id.cmp(&b.run.id))
    .right()
    .gap(1),
    Column::new("file", Width::Rest, |view: &RunView, _| {
        Cell::new(Role::Text, view.run.file_name.as_str())
    })
    .sorted(|a, b| a.run.file_name.cmp(&b.run.file_name))
    .gap(1),
    Column::new("state", Width::Fixed(11), |view: &RunView, _| {
        let (role, word) = standing(view);
        Cell::new(role, word)
    })
    .sorted(|a, b| standing(a).1.cmp(standing(b).1))
    .gap(1),
    Column::new("sent", Width::Fixed(BAR), |view: &RunView, _| {
        let (spent, left) = gauge(settled(view), view.rows(), usize::from(BAR));
        Cell::Rich(RichLine::of(Role::Gauge, &spent).with(Role::GaugeLeft, &left))
    })
    .gap(0)
    .from(ROOM_FOR_BAR),
    Column::new("", Width::Fixed(6), |view: &RunView, _| {
        Cell::new(Role::Text, format!("{} %", percent(view)))
    })
    .right()
    .gap(1),
    Column::new(
        "",
        Width::Fixed(4),
        |view, own: &Vec<crate::base::RunId>| {
            let text = if own.contains(&view.run.id) {
                "here"
            } else {
                ""
            };
            Cell::new(Role::Sending, text)
        },
    ),
];

pub(super) const ROW_COLUMNS: &[Column<RowResult, ()>] = &[
    Column::new("row", Width::Fixed(6), |row: &RowResult, ()| {
        Cell::new(Role::Dim, row.key().to_string())
    })
    .right(),
    Column::new("state", Width::Fixed(9), |row: &RowResult, ()| {
        Cell::new(role_of(row.row.state), row.row.state.as_str())
    }),
    Column::new(
        "job or reason",
        Width::share(45, (0, u16::MAX), 0),
        |row: &RowResult, ()| Cell::new(Role::Text, what(row)),
    ),
    Column::new("whom", Width::Rest, |row: &RowResult, ()| {
        Cell::new(Role::Text, who(row))
    }),
];

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

impl Runs {
    pub(super) fn draw_list(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let mut text = " Runs".to_owned();
        if let Some(profile) = &self.of {
            text.push_str(&format!(" · {profile}"));
        }
        text.push(' ');
        let title = RichLine::of(Role::Title, &text);
        p.titles(area, &title, &shared.key_hints(&[Command::PlanRun]));
        p.pane(area, LIST);
        let inner = inside(area);
        if self.list.is_empty() {
            let text = match self.is_read {
                false => "reading the ledger",
                true => "no runs yet: {plan_run} plans one from a file",
            };
            return p.blank(inner, &shared.with_keys(&self.contexts(shared), text));
        }
        let own = shared.own_runs().map(|(run, _)| run).collect();
        let how = Drawn {
            pane: LIST,
            selection: Selection::Ground(Focus::when(!self.is_in_rows)),
            look: &own,
        };
        self.list.draw(p, inner, RUN_COLUMNS, &how);
    }

    pub(super) fn draw_head(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let Some(view) = self.selected() else {
            let title = RichLine::of(Role::Title, " Run ");
            return p.titles(area, &title, &RichLine::new());
        };
        let run = &view.run;
        let room = usize::from(area.width / 2);
        let text = format!(" Run {} · {} ", run.id, fitted(&run.file_name, room));
        let title = RichLine::of(Role::Title, &text);
        let planned = format!(" {} · by {} ", run.module, fitted(&run.operator, 16));
        let planned = RichLine::of(Role::Dim, &fitted(&planned, room));
        p.titles(area, &title, &planned);
        let inner = from_column(inside(area), 1);
        let width = usize::from(inner.width.saturating_sub(1));
        let mut lines = vec![self.bar(view, width)];
        lines.extend(state_lines(shared, view, width));
        lines.extend(counts(view, width));
        lines.push(ahead(shared, view));
        p.lines(inner, &lines);
    }

    fn bar(&self, view: &RunView, width: usize) -> RichLine {
        let mut text = format!(
            "  {} of {} rows · {} %",
            grouped(settled(view)),
            grouped(view.rows()),
            percent(view)
        );
        if let Some(progress) = self.progress.get(&view.run.id) {
            if let Some(rate) = progress.rows_per_minute() {
                text.push_str(&format!(" · {}/min", grouped(rate)));
            }
            if let Some(left) = progress.time_left().filter(|_| progress.remaining > 0) {
                text.push_str(&format!(" · {} to go", span(left)));
            }
        }
        let text = fitted(&text, width.saturating_sub(10));
        let room = width.saturating_sub(text.width());
        let (spent, left) = gauge(settled(view), view.rows(), room);
        RichLine::of(Role::Gauge, &spent)
            .with(Role::GaugeLeft, &left)
            .with(Role::Text, &text)
    }

    pub(super) fn draw_rows(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let rows = &self.rows;
        let which = rows.state.map_or("all", RowState::as_str);
        let mut title = RichLine::of(Role::Title, &format!(" Rows · {which} "));
        let right = match (rows.search.is_open(), rows.holds.is_empty()) {
            (true, _) => {
                title.push(Role::Accent, "· find ");
                RichLine::new()
            }
            (false, false) => {
                let text = format!(" only /{} ", fitted(&rows.holds, 24));
                RichLine::of(Role::Warning, &text)
            }
            (false, true) => shared.key_hints(&[Command::FindRow, Command::FilterRows]),
        };
        p.titles(area, &title, &right);
        if let Some(search) = &rows.search.field {
            p.search_line(area, title.width(), search);
        }
        p.pane(area, ROWS);
        let inner = inside(area);
        if rows.list.is_empty() {
            let text = match (rows.run, rows.pending.is_open()) {
                (None, _) => "",
                (Some(_), true) => "reading the rows",
                (Some(_), false) => "no row is like that; {back} shows all of them",
            };
            return p.blank(inner, &shared.with_keys(&self.contexts(shared), text));
        }
        let how = Drawn {
            pane: ROWS,
            selection: Selection::Ground(Focus::when(self.is_in_rows)),
            look: &(),
        };
        rows.list.draw(p, inner, ROW_COLUMNS, &how);
    }
}

/// The state, who works on it, and why it stands still: two lines at most.
fn state_lines(shared: &Shared, view: &RunView, width: usize) -> Vec<RichLine> {
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
    let run = view.run.id;
    let own = shared.own_runs().find(|(own, _)| *own == run);
    match (&view.holder, own) {
        (_, Some((_, news))) => {
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
    match shared.tracked_runs().find(|(tracked, _)| *tracked == run) {
        Some((_, Some(of))) => {
            let text = format!(" · {} of {} jobs have ended", of.done, of.jobs);
            line.push(Role::Sending, &text);
        }
        Some((_, None)) => line.push(Role::Sending, " · asking for its jobs"),
        None => {}
    }
    if let Some(reason) = reason {
        let (role, gap) = match is_told {
            true => (role, ""),
            false => (Role::Text, " · "),
        };
        line.push(role, &format!("{gap}{reason}"));
    }
    let mut lines = line.wrapped(width, 2);
    lines.truncate(2);
    lines
}

/// The rows of each state that has any.
fn counts(view: &RunView, width: usize) -> Vec<RichLine> {
    let found = RowState::ALL.iter().filter_map(|state| {
        let count = Some(view.count(*state)).filter(|count| *count > 0)?;
        Some((role_of(*state), format!("{state}\u{a0}{}", grouped(count))))
    });
    let found: Vec<(Role, String)> = found.collect();
    let line = RichLine::joined(found.iter().map(|(role, text)| (*role, text.as_str())));
    let mut lines = line.wrapped(width, 0);
    lines.truncate(2);
    lines
}

/// What the rest will cost: the numbers before and after.
fn ahead(shared: &Shared, view: &RunView) -> RichLine {
    let waiting = view.count(RowState::Pending);
    let Some(figures) = shared.usage().filter(|_| waiting > 0) else {
        return RichLine::new();
    };
    let usage = &figures.usage;
    let spends = waiting.min(usage.left());
    RichLine::of(Role::Dim, "units ")
        .with(Role::Text, &grouped(usage.used))
        .with(Role::Dim, " → ")
        .with(Role::Text, &grouped(usage.used.saturating_add(spends)))
        .with(Role::Dim, &format!(" of {}", grouped(usage.limit)))
        .with(
            Role::Dim,
            &format!(" · leaves {}", grouped(usage.left().saturating_sub(spends))),
        )
}

#[cfg(test)]
mod tests;
