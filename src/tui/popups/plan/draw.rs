//! The form of a plan and its report as cells.

use ratatui::layout::Rect;

use super::{ABOVE, Field, LABEL, LIST, PlanPopup, Planning};
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
use crate::tui::popups::sign_in_words::Room;
use crate::tui::ui::painter::{Focus, Painter, from_column, row};
use crate::tui::ui::text::{RichLine, at_most, fitted, grouped, padded};

impl PlanPopup {
    pub(super) fn draw_field(
        &self,
        shared: &Shared,
        p: &mut Painter<'_, '_>,
        (field, area): (Field, Rect),
    ) {
        let has_focus = self.is_open() && self.form.has_focus(field);
        let (mark, role) = match has_focus {
            true => ("›", Role::LabelFocus),
            false => (" ", Role::Label),
        };
        p.text(area, role, &format!("{mark} {}", field.label()));
        let place = from_column(area, LABEL);
        match self.form.field(field) {
            Some(text) if has_focus => p.field(place, text),
            Some(text) if text.value().trim().is_empty() => {
                let text = shared.with_keys(&self.contexts(shared), field.placeholder());
                p.text(place, Role::Placeholder, &text);
            }
            Some(text) => p.text(place, Role::Text, text.value()),
            None => {
                let text = match self.form.is_on(field) {
                    false => "[ ] left out",
                    true => "[x] sent all the same",
                };
                p.text(place, Role::Text, text);
            }
        }
        p.row(area, LIST, || field.label().to_owned());
    }

    pub(super) fn draw_columns(&self, p: &mut Painter<'_, '_>, area: Rect, room: usize) {
        let width = usize::from(area.width);
        let Some(look) = &self.look else {
            let names = fitted(&self.names.join("   "), width * 3);
            let line = RichLine::new().with(Role::Dim, &names);
            let lines = line.wrapped(width, 0);
            for (index, line) in lines.iter().take(room.saturating_sub(6)).enumerate() {
                p.line(row(area, 6 + index), line);
            }
            return;
        };
        if look.columns.is_empty() {
            let text = match self.path().starts_with(PREFIX) {
                true => "an API credit for each 200 records, no unit; the first ones ask for",
                false => "each line names its inputs itself; the first ones ask for",
            };
            p.text(row(area, 6), Role::Dim, text);
            for (index, draft) in look.drafts.iter().enumerate() {
                let values: Vec<_> = draft.given().map(|(_, value)| value).collect();
                p.text(row(area, ABOVE + index), Role::Text, &values.join(" · "));
            }
            return;
        }
        let heading = format!("  {:<22}  {:<10}  first rows", "column", "leads to");
        p.text(row(area, 6), Role::Accent, &heading);
        let selected = match self.focus() {
            Field::Column(index) => Some(index).filter(|_| self.is_open()),
            _ => None,
        };
        let seen = room.saturating_sub(7);
        let first = selected.map_or(0, |index| (index + 1).saturating_sub(seen));
        for (index, column) in look.columns.iter().enumerate().skip(first).take(seen) {
            let is_selected = selected == Some(index);
            let line = column_line(column, (width, is_selected));
            let focus = is_selected.then_some(Focus::Here);
            p.selectable(row(area, 7 + index - first), &line, focus);
        }
    }

    /// What is wrong, what the first row asks for, and what the keys do.
    pub(super) fn below(&self, shared: &Shared, width: usize) -> Vec<RichLine> {
        let mut lines = Vec::new();
        let failed = match &self.planning {
            Planning::Failed(failure) => Some(failure.to_string()),
            Planning::Filling | Planning::Reading | Planning::Done(_) => None,
        };
        let told = [
            (Role::Error, "✗ ", &failed),
            (Role::Warning, "! ", &self.problem),
        ];
        for (role, mark, text) in told {
            // What is wrong with a file comes in lines, one for each place.
            for (index, text) in text.iter().flat_map(|text| text.lines()).enumerate() {
                let line = RichLine::new()
                    .with(role, if index == 0 { mark } else { "  " })
                    .with(Role::Text, text.trim());
                lines.extend(line.wrapped(width, 2));
            }
        }
        let first = self.look.as_ref().and_then(|look| look.drafts.first());
        if let Some(draft) = first.filter(|_| self.problem.is_none()) {
            let given: Vec<String> = draft
                .given()
                .map(|(field, value)| format!("{field} {value}"))
                .collect();
            let text = fitted(&given.join(" · "), width.saturating_sub(16));
            lines.push(
                RichLine::new()
                    .with(Role::Dim, "row 1 asks for  ")
                    .with(Role::Text, &text),
            );
        }
        lines.truncate(6);
        let reach = self.contexts(shared);
        let key = shared.key(&reach, Command::PlanFile);
        let does = match self.focus() {
            Field::Column(_) => "  Space and {accept} change where the column leads",
            Field::Duplicates | Field::Already => "  Space changes it",
            Field::File | Field::Module | Field::Reserve => "",
        };
        lines.push(
            RichLine::new()
                .with(Role::Title, &key)
                .with(
                    Role::Dim,
                    " reads the whole file and reports; nothing is sent",
                )
                .with(Role::Dim, &shared.with_keys(&reach, does)),
        );
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
    RichLine::new()
        .with(Role::Accent, if is_selected { "› " } else { "  " })
        .with(Role::Text, &padded(&column.name, 22))
        .with(Role::Dim, "  ")
        .with(role, &format!("{target:<10}  "))
        .with(Role::Dim, &cells)
}

pub(super) fn report(shared: &Shared, p: &mut Painter<'_, '_>, done: &Planned, area: Rect) {
    let (width, rows) = (usize::from(area.width), usize::from(area.height));
    let wrapped = |room| -> Vec<RichLine> {
        let lines = report_lines(shared, done, room);
        lines
            .iter()
            .flat_map(|line| line.wrapped(width, 2))
            .collect()
    };
    let mut lines = wrapped(Room::Whole);
    if lines.len() > rows {
        lines = wrapped(Room::Short);
    }
    p.lines(area, &at_most(lines, (rows, width)));
}

fn report_lines(shared: &Shared, done: &Planned, room: Room) -> Vec<RichLine> {
    let report = &done.report;
    let say = |role: Role, text: &str| RichLine::new().with(role, text);
    let mut lines = vec![
        say(
            Role::Ok,
            &format!("✓ run {} is ready: {}", done.run, done.file_name),
        ),
        RichLine::new(),
    ];
    let counted = |label: &str, count: u64, role: Role| {
        RichLine::new()
            .with(Role::Label, &format!("  {label:<18}"))
            .with(role, &format!("{:>8}", grouped(count)))
    };
    lines.push(counted("rows", report.rows, Role::Text));
    lines.push(counted("ready", report.ready, Role::Ok));
    lines.push(counted("would be refused", report.invalid, Role::Rejected));
    for (label, count) in [
        ("duplicates", report.duplicates),
        ("already", report.already),
    ] {
        if count > 0 || room == Room::Whole {
            lines.push(counted(label, count, Role::Dim));
        }
    }
    lines.push(counted("to send", done.to_send, Role::Title));
    lines.push(RichLine::new());
    lines.push(say(Role::Text, &format!("  {}", report.cost)));
    if let Some(takes) = done.takes {
        lines.push(say(Role::Dim, &format!("  takes about {}", span(takes))));
    }
    if report.risky > 0 {
        let text = format!(
            "  {} of the ready rows may be refused all the same: a company without a name",
            grouped(report.risky)
        );
        lines.push(say(Role::Warning, &text));
    }
    if let Some(line) = done.export_line() {
        lines.push(say(Role::Warning, &format!("  {line}")));
    }
    for line in done.file.reading.lines() {
        lines.push(say(Role::Dim, &format!("  {line}")));
    }
    if let Some(run) = done.same_file {
        let text = format!("  the same file was planned before, as run {run}");
        lines.push(say(Role::Warning, &text));
    }
    for line in overlap_lines(&done.also_planned) {
        lines.push(say(Role::Warning, &format!("  {line}")));
    }
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
