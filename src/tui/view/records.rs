//! The popup that finds a record: what is typed, what was found, what it would change.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::paint;
use crate::theme::{Role, Theme};
use crate::tui::layout::records_areas;
use crate::tui::model::Model;
use crate::tui::model::records::Records;
use crate::tui::ui::frame::Focus;
use crate::tui::ui::text::{RichLine, grouped};

pub(super) fn title(records: &Records) -> String {
    let count = grouped(u64::try_from(records.list.len()).unwrap_or(u64::MAX));
    let found = match (records.list.is_empty(), &records.next) {
        (true, _) => String::new(),
        (false, None) => format!(" · {count}"),
        (false, Some(_)) => format!(" · first {count}"),
    };
    format!(
        "Fill the form from a record · {} of {}{found}",
        records.module, records.profile
    )
}

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&Records, Rect)) {
    let (records, area) = what;
    let areas = records_areas(area);
    let prompt = paint::from_column(areas.prompt, 1);
    paint::text(theme, frame, prompt, (Role::Accent, "› "));
    let field = paint::from_column(prompt, 2);
    let field = Rect::new(field.x, field.y, field.width.saturating_sub(1), 1);
    paint::field(theme, frame, field, &records.query);
    if records.query.is_empty() {
        let hint = paint::from_column(field, 1);
        paint::text(
            theme,
            frame,
            hint,
            (Role::Placeholder, "a record's id, or words"),
        );
    }
    list(theme, frame, (records, areas.list));
    let rule = format!(
        "├{}┤",
        "─".repeat(usize::from(areas.rule.width.saturating_sub(2)))
    );
    paint::text(theme, frame, areas.rule, (Role::PopupBorder, &rule));
    let sheet = paint::from_column(areas.sheet, 1);
    let width = usize::from(sheet.width.saturating_sub(1));
    let lines = records.sheet(&model.compose.draft(), width);
    for (index, line) in lines.iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(sheet, index));
    }
    let hint = paint::from_column(areas.hint, 1);
    paint::text(theme, frame, hint, (Role::Dim, records.hint()));
}

fn list(theme: &Theme, frame: &mut Frame<'_>, what: (&Records, Rect)) {
    let (records, area) = what;
    if let Some((role, text)) = records.blank() {
        let area = paint::from_column(area, 1);
        let width = usize::from(area.width.saturating_sub(1));
        let lines = RichLine::new().with(role, &text).wrapped(width, 0);
        paint::lines(theme, frame, area, &lines);
        return;
    }
    let seen = records
        .view
        .seen(records.list.len(), usize::from(area.height));
    let first = seen.start;
    let columns = usize::from(area.width.saturating_sub(2));
    for index in seen {
        let Some(found) = records.list.get(index) else {
            continue;
        };
        let row = paint::row(area, index - first);
        let is_selected = index == records.view.selected;
        let mark = if is_selected { "▌" } else { " " };
        let mut line = RichLine::new().with(Role::Accent, mark);
        line.pieces.extend(Records::line(found, columns).pieces);
        let selected = is_selected.then_some(Focus::Here);
        paint::selectable(theme, frame, (&line, row, selected));
    }
}

#[cfg(test)]
mod tests;
