//! Planning a run: the form with the head of the file, then the report.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::guide::Detail;
use super::paint;
use crate::bulk::progress::span;
use crate::ops::bulk_look::Column;
use crate::ops::bulk_plan::{Include, Planned};
use crate::ops::bulk_view::overlap_lines;
use crate::ops::crm_source::PREFIX;
use crate::theme::{Role, Theme};
use crate::tui::model::Model;
use crate::tui::model::plan::{PlanForm, PlanRow, Planning};
use crate::tui::ui::frame::Focus;
use crate::tui::ui::text::{RichLine, at_most, fitted, grouped, padded};
use crate::tui::update::target_words;

/// Rows above the columns: five of the form and a heading between blanks.
const ABOVE: usize = 8;
/// Columns of the labels.
const LABEL: u16 = 18;

pub(super) fn title(form: &PlanForm) -> &'static str {
    match form.planning {
        Planning::Filling | Planning::Failed(_) => "Plan a run · nothing is sent",
        Planning::Reading => "Plan a run · reading the file into the ledger",
        Planning::Done(_) => "Planned · nothing is sent yet",
    }
}

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&PlanForm, Rect)) {
    let (form, area) = what;
    let area = paint::from_column(area, 1);
    let area = Rect::new(area.x, area.y, area.width.saturating_sub(1), area.height);
    if let Planning::Done(done) = &form.planning {
        return report(theme, frame, (done, area));
    }
    let below = footer(model, form, usize::from(area.width));
    let room = usize::from(area.height).saturating_sub(below.len() + 1);
    for (index, row) in form.rows().into_iter().enumerate().take(5) {
        form_row(theme, frame, (form, row, paint::row(area, index)));
    }
    columns(theme, frame, (form, area, room));
    for (index, line) in below.iter().enumerate() {
        let row = paint::row(area, room + 1 + index);
        frame.render_widget(paint::line(theme, line), row);
    }
}

fn form_row(theme: &Theme, frame: &mut Frame<'_>, what: (&PlanForm, PlanRow, Rect)) {
    let (form, row, area) = what;
    let has_focus = form.is_open() && form.row == row;
    let include = |include: Include| match include {
        Include::No => "[ ] left out".to_owned(),
        Include::Yes => "[x] sent all the same".to_owned(),
    };
    let or = |text: &str, other: &str| {
        let is_empty = text.trim().is_empty();
        let role = if is_empty {
            Role::Placeholder
        } else {
            Role::Text
        };
        (role, if is_empty { other } else { text }.to_owned())
    };
    let (label, (role, value)) = match row {
        PlanRow::File => (
            "File",
            or(
                form.file.value(),
                "CSV or JSONL, Tab completes; or crm: never-enriched",
            ),
        ),
        PlanRow::Module => ("Module", or(form.module.value(), "the profile's own")),
        PlanRow::Reserve => (
            "Units to leave",
            or(form.reserve.value(), "the profile's reserve"),
        ),
        PlanRow::Duplicates => ("Duplicates", (Role::Text, include(form.duplicates))),
        PlanRow::Already => ("Enriched before", (Role::Text, include(form.already))),
        PlanRow::Column(_) => return,
    };
    let (mark, label_role) = if has_focus {
        ("›", Role::LabelFocus)
    } else {
        (" ", Role::Label)
    };
    paint::text(theme, frame, area, (label_role, &format!("{mark} {label}")));
    let place = paint::from_column(area, LABEL);
    match form.field().filter(|_| has_focus) {
        Some(field) => paint::field(theme, frame, place, field),
        None => paint::text(theme, frame, place, (role, &value)),
    }
}

fn columns(theme: &Theme, frame: &mut Frame<'_>, what: (&PlanForm, Rect, usize)) {
    let (form, area, room) = what;
    let Some(look) = &form.look else {
        let names = fitted(&form.names.join("   "), usize::from(area.width) * 3);
        let line = RichLine::new().with(Role::Dim, &names);
        let lines = line.wrapped(usize::from(area.width), 0);
        for (index, line) in lines.iter().take(room.saturating_sub(6)).enumerate() {
            frame.render_widget(paint::line(theme, line), paint::row(area, 6 + index));
        }
        return;
    };
    let width = usize::from(area.width);
    if look.columns.is_empty() {
        let text = match form.file.value().trim_start().starts_with(PREFIX) {
            true => "an API credit for each 200 records, no unit; the first ones ask for",
            false => "each line names its inputs itself; the first ones ask for",
        };
        paint::text(theme, frame, paint::row(area, 6), (Role::Dim, text));
        for (index, draft) in look.drafts.iter().enumerate() {
            let row = paint::row(area, ABOVE + index);
            let values: Vec<_> = draft.given().map(|(_, value)| value).collect();
            paint::text(theme, frame, row, (Role::Text, &values.join(" · ")));
        }
        return;
    }
    let heading = format!("  {:<22}  {:<10}  first rows", "column", "leads to");
    paint::text(theme, frame, paint::row(area, 6), (Role::Accent, &heading));
    let selected = match form.row {
        PlanRow::Column(index) => Some(index).filter(|_| form.is_open()),
        PlanRow::File
        | PlanRow::Module
        | PlanRow::Reserve
        | PlanRow::Duplicates
        | PlanRow::Already => None,
    };
    let seen = room.saturating_sub(7);
    let first = selected.map_or(0, |index| (index + 1).saturating_sub(seen));
    for (index, column) in look.columns.iter().enumerate().skip(first).take(seen) {
        let row = paint::row(area, 7 + index - first);
        let is_selected = selected == Some(index);
        let line = column_line(column, (width, is_selected));
        let selected = is_selected.then_some(Focus::Here);
        paint::selectable(theme, frame, (&line, row, selected));
    }
}

fn column_line(column: &Column, (width, is_selected): (usize, bool)) -> RichLine {
    let role = match column.target {
        Some(_) => Role::Ok,
        None => Role::Dim,
    };
    let cells = fitted(&column.cells.join(" · "), width.saturating_sub(38));
    RichLine::new()
        .with(Role::Accent, if is_selected { "› " } else { "  " })
        .with(Role::Text, &padded(&column.name, 22))
        .with(Role::Dim, "  ")
        .with(role, &format!("{:<10}  ", target_words(column.target)))
        .with(Role::Dim, &cells)
}

/// What is wrong, what the first row asks for, and what the keys do.
fn footer(model: &Model, form: &PlanForm, width: usize) -> Vec<RichLine> {
    let mut lines = Vec::new();
    let failed = match &form.planning {
        Planning::Failed(failure) => Some(failure.to_string()),
        Planning::Filling | Planning::Reading | Planning::Done(_) => None,
    };
    let told = [
        (Role::Error, "✗ ", &failed),
        (Role::Warning, "! ", &form.problem),
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
    let first = form.look.as_ref().and_then(|look| look.drafts.first());
    if let Some(draft) = first.filter(|_| form.problem.is_none()) {
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
    let bindings = &model.shared.settings.bindings;
    let key = bindings
        .shown(&model.contexts(), crate::keymap::Command::PlanFile)
        .map(|chord| chord.to_string())
        .unwrap_or_default();
    let does = match form.row {
        PlanRow::Column(_) => "  Space and Enter change where the column leads",
        PlanRow::Duplicates | PlanRow::Already => "  Space changes it",
        PlanRow::File | PlanRow::Module | PlanRow::Reserve => "",
    };
    lines.push(
        RichLine::new()
            .with(Role::Title, &key)
            .with(
                Role::Dim,
                " reads the whole file and reports; nothing is sent",
            )
            .with(Role::Dim, does),
    );
    lines
}

fn report(theme: &Theme, frame: &mut Frame<'_>, what: (&Planned, Rect)) {
    let (done, area) = what;
    let (width, rows) = (usize::from(area.width), usize::from(area.height));
    let wrapped = |detail| -> Vec<RichLine> {
        let lines = report_lines(done, detail);
        lines
            .iter()
            .flat_map(|line| line.wrapped(width, 2))
            .collect()
    };
    let mut lines = wrapped(Detail::Whole);
    if lines.len() > rows {
        lines = wrapped(Detail::Short);
    }
    for (index, line) in at_most(lines, (rows, width)).iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(area, index));
    }
}

fn report_lines(done: &Planned, detail: Detail) -> Vec<RichLine> {
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
        if count > 0 || detail == Detail::Whole {
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
    lines.push(say(
        Role::Dim,
        "  Enter goes to the run; p starts it there, after a question",
    ));
    if detail == Detail::Short {
        lines.retain(|line| line.width() > 0);
    }
    lines
}
