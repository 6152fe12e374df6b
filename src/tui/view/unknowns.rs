//! The unknowns: the list above, the selected one with the jobs that may be it below.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::paint;
use crate::theme::{Role, Theme};
use crate::tui::layout::unknown_areas;
use crate::tui::model::Model;
use crate::tui::model::unknowns::Unknowns;
use crate::tui::ui::frame::Focus;
use crate::tui::ui::text::RichLine;

pub(super) fn title(unknowns: &Unknowns) -> String {
    let doing = match (unknowns.is_settling, unknowns.is_looking) {
        (true, _) => " · reconciling",
        (false, true) => " · asking the server",
        (false, false) => "",
    };
    match (&unknowns.list, unknowns.count()) {
        (None, _) => format!("Settle unknowns{doing}"),
        (Some(_), count) => format!("Settle unknowns · {count} of {}{doing}", unknowns.profile),
    }
}

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&Unknowns, Rect)) {
    let (unknowns, area) = what;
    let (list, sheet) = unknown_areas(area, unknowns.count());
    let Some(all) = unknowns.list.as_ref().filter(|all| !all.is_empty()) else {
        let text = match (&unknowns.list, &unknowns.failure) {
            (_, Some(failure)) => failure.to_string(),
            (None, None) => "reading the ledger".to_owned(),
            (Some(_), None) => "nothing is unknown: every unit is accounted for".to_owned(),
        };
        paint::text(
            theme,
            frame,
            paint::from_column(list, 1),
            (Role::Dim, &text),
        );
        return;
    };
    let zone = &model.shared.settings.zone;
    let seen = unknowns.view.seen(all.len(), usize::from(list.height));
    let first = seen.start;
    let columns = usize::from(list.width.saturating_sub(1));
    for index in seen {
        let Some(unknown) = all.get(index) else {
            continue;
        };
        let row = paint::row(list, index - first);
        let is_selected = index == unknowns.view.selected;
        let mark = if is_selected { "▌" } else { " " };
        let mut line = RichLine::new().with(Role::Accent, mark);
        line.pieces
            .extend(Unknowns::line(unknown, model.shared.now, zone, columns).pieces);
        let selected = is_selected.then_some(Focus::Here);
        paint::selectable(theme, frame, (&line, row, selected));
    }
    let above = Rect::new(area.x, list.bottom(), area.width, 1);
    let rule = format!(
        "├{}┤",
        "─".repeat(usize::from(area.width.saturating_sub(2)))
    );
    paint::text(theme, frame, above, (Role::PopupBorder, &rule));
    draw_sheet(model, theme, frame, (unknowns, sheet));
}

fn draw_sheet(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&Unknowns, Rect)) {
    let (unknowns, area) = what;
    let width = usize::from(area.width);
    let mut sheet = unknowns.sheet(model.shared.now, &model.shared.settings.zone, width);
    if let Some(failure) = &unknowns.failure {
        let text = failure.to_string();
        let line = RichLine::new()
            .with(Role::Error, "✗ ")
            .with(Role::Text, &text);
        sheet.lines.extend(line.wrapped(width, 2));
    }
    // What is selected stays in sight where there is little room.
    let room = usize::from(area.height);
    let last = sheet.selected.map_or(room, |selected| selected + 2);
    let skipped = last.min(sheet.lines.len()).saturating_sub(room);
    for (index, line) in sheet.lines.iter().enumerate().skip(skipped).take(room) {
        let row = paint::row(area, index - skipped);
        let selected = (sheet.selected == Some(index)).then_some(Focus::Here);
        paint::selectable(theme, frame, (line, row, selected));
    }
}

#[cfg(test)]
mod tests;
