//! The form of a plan and its report as cells.

use ratatui::layout::Rect;

use super::{Field, LABEL, LIST, OWN, PlanPopup};
use crate::bulk::progress::span;
use crate::bulk::rows::Target;
use crate::keymap::{Command, Context};
use crate::ops::bulk_look::Column;
use crate::ops::bulk_plan::Planned;
use crate::ops::bulk_view::overlap_lines;
use crate::ops::crm_source::PREFIX;
use crate::theme::Role;
use crate::tui::app::cx::Screen;
use crate::tui::app::shared::Shared;
use crate::tui::popups::Progress;
use crate::tui::ui::painter::{Focus, Painter, from_column, from_row, row};
use crate::tui::ui::text::{RichLine, Room, at_most, fitted, grouped, marked, padded, roomy};

/// Most rows for what is wrong.
const TOLD_ROWS: usize = 6;

impl PlanPopup {
    pub(super) fn draw_own(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        for (index, (field, label, hint)) in OWN.into_iter().enumerate() {
            let area = row(area, index);
            let has_focus = self.progress.is_open() && self.form.has_focus(field);
            let (mark, role) = match has_focus {
                true => ("›", Role::LabelFocus),
                false => (" ", Role::Label),
            };
            p.text(area, role, &format!("{mark} {label}"));
            let hint = shared.with_keys(&self.contexts(shared), hint);
            let hint = (Role::Placeholder, hint.as_str());
            let place = from_column(area, LABEL);
            self.form.draw(p, place, (field, has_focus), hint);
            p.row(area, LIST, || format!("{field:?}"));
        }
    }

    pub(super) fn draw_columns(&self, p: &mut Painter<'_, '_>, area: Rect) {
        let width = usize::from(area.width);
        let Some(look) = &self.look else {
            let names = fitted(&self.names.join("   "), width * 3);
            let line = RichLine::of(Role::Dim, &names);
            return p.lines(area, &line.wrapped(width, 0));
        };
        if look.columns.is_empty() {
            let text = match self.path().starts_with(PREFIX) {
                true => "an API credit for each 200 records, no unit; the first ones ask for",
                false => "each line names its inputs itself; the first ones ask for",
            };
            p.text(row(area, 0), Role::Dim, text);
            // On a low screen the first one stands in the blank row below.
            let height = area.height + 1;
            let area = Rect { height, ..area };
            for (index, draft) in look.drafts.iter().enumerate() {
                let values: Vec<_> = draft.given().map(|(_, value)| value).collect();
                p.text(row(area, index + 2), Role::Text, &values.join(" · "));
            }
            return;
        }
        let heading = format!("  {:<22}  {:<10}  first rows", "column", "leads to");
        p.text(row(area, 0), Role::Accent, &heading);
        let selected = match self.focus() {
            Field::Column(index) if self.progress.is_open() => Some(index),
            _ => None,
        };
        let area = from_row(area, 1);
        let seen = usize::from(area.height);
        let first = selected.map_or(0, |index| (index + 1).saturating_sub(seen));
        for (index, column) in look.columns.iter().enumerate().skip(first).take(seen) {
            let is_selected = selected == Some(index);
            let line = column_line(column, (width, is_selected));
            let focus = is_selected.then_some(Focus::Here);
            p.selectable(row(area, index - first), &line, focus);
        }
    }

    /// What is wrong, what the first row asks for, and what the keys do.
    pub(super) fn below(&self, shared: &Shared, (rows, width): (usize, usize)) -> Vec<RichLine> {
        let mut lines = match &self.progress {
            Progress::Failed(failure) => failure.lines(width),
            Progress::Filling | Progress::Working | Progress::Done(_) => Vec::new(),
        };
        let problem = self.problem.iter();
        lines.extend(problem.flat_map(|text| marked((Role::Warning, "! "), text, width)));
        let first = self.look.as_ref().and_then(|look| look.drafts.first());
        if let Some(draft) = first.filter(|_| self.problem.is_none()) {
            let given = draft.given();
            let given = given.map(|(field, value)| format!("{field} {value}"));
            let given: Vec<String> = given.collect();
            let text = fitted(&given.join(" · "), width.saturating_sub(16));
            lines.push(RichLine::of(Role::Dim, "row 1 asks for  ").with(Role::Text, &text));
        }
        // The rows of the form and the keys stay in sight on a low screen.
        let most = rows.saturating_sub(OWN.len() + 1).min(TOLD_ROWS);
        let mut lines = at_most(lines, (most, width));
        let reach = self.contexts(shared);
        let key = shared.key(&reach, Command::PlanFile);
        let does = match self.focus() {
            Field::Column(_) => "  Space and {accept} change where the column leads",
            Field::Duplicates | Field::Already => "  Space changes it",
            Field::File | Field::Module | Field::Reserve => "",
        };
        let plans = " reads the whole file and reports; nothing is sent";
        let line = RichLine::of(Role::Title, &key).with(Role::Dim, plans);
        lines.push(line.with(Role::Dim, &shared.with_keys(&reach, does)));
        lines
    }
}

fn column_line(column: &Column, (width, is_selected): (usize, bool)) -> RichLine {
    let role = match column.target {
        Some(_) => Role::Ok,
        None => Role::Dim,
    };
    let target = column.target.map_or("-", Target::as_str);
    let cells = fitted(&column.cells.join(" · "), width.saturating_sub(38));
    RichLine::of(Role::Accent, if is_selected { "› " } else { "  " })
        .with(Role::Text, &padded(&column.name, 22))
        .with(Role::Dim, "  ")
        .with(role, &format!("{target:<10}  "))
        .with(Role::Dim, &cells)
}

pub(super) fn report(shared: &Shared, p: &mut Painter<'_, '_>, done: &Planned, area: Rect) {
    let size = (usize::from(area.height), usize::from(area.width));
    let lines = roomy(size, |room| {
        let lines = report_lines(shared, done, room).into_iter();
        lines.flat_map(|line| line.wrapped(size.1, 2)).collect()
    });
    p.lines(area, &lines);
}

fn report_lines(shared: &Shared, done: &Planned, room: Room) -> Vec<RichLine> {
    let report = &done.report;
    let say = |role: Role, text: &str| RichLine::of(role, text);
    let ready = format!("✓ run {} is ready: {}", done.run, done.file_name);
    let mut lines = vec![say(Role::Ok, &ready), RichLine::new()];
    for (label, count, role) in [
        ("rows", report.rows, Role::Text),
        ("ready", report.ready, Role::Ok),
        ("would be refused", report.invalid, Role::Rejected),
        ("duplicates", report.duplicates, Role::Dim),
        ("already", report.already, Role::Dim),
        ("to send", done.to_send, Role::Title),
    ] {
        if count > 0 || role != Role::Dim || room == Room::Whole {
            let label = say(Role::Label, &format!("  {label:<18}"));
            lines.push(label.with(role, &format!("{:>8}", grouped(count))));
        }
    }
    lines.push(RichLine::new());
    let mut notes = vec![(Role::Text, report.cost.to_string())];
    let takes = done.takes.iter();
    notes.extend(takes.map(|takes| (Role::Dim, format!("takes about {}", span(*takes)))));
    if report.risky > 0 {
        let text = format!(
            "{} of the ready rows may be refused all the same: a company without a name",
            grouped(report.risky)
        );
        notes.push((Role::Warning, text));
    }
    let warned = |text: String| (Role::Warning, text);
    notes.extend(done.export_line().map(warned));
    let reading = done.file.reading.lines().into_iter();
    notes.extend(reading.map(|line| (Role::Dim, line)));
    let same = done.same_file.iter();
    let same = same.map(|run| format!("the same file was planned before, as run {run}"));
    notes.extend(same.chain(overlap_lines(&done.also_planned)).map(warned));
    let notes = notes.iter();
    lines.extend(notes.map(|(role, text)| say(*role, &format!("  {text}"))));
    if !report.kinds.is_empty() {
        lines.push(RichLine::new());
        lines.push(say(Role::Accent, "  rows that are left out"));
        let kinds = report.kinds.iter().take(8);
        lines.extend(kinds.map(|kind| say(Role::Text, &format!("  {kind}"))));
    }
    lines.push(RichLine::new());
    let text = "  {accept} goes to the run; {start_or_pause} starts it there, after a question";
    let text = shared.with_keys(&[Context::Plan, Context::Popup], text);
    lines.push(say(Role::Dim, &text));
    if room == Room::Short {
        lines.retain(|line| line.width() > 0);
    }
    lines
}
