//! The Setup screen: the data centres with their profiles, and what is known of one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::{guide, paint};
use crate::theme::{Role, Theme};
use crate::tui::data::profile::{ProfileState, Server};
use crate::tui::layout::{inside, setup_areas};
use crate::tui::model::Model;
use crate::tui::model::setup::{GrantCode, SetupFocus, Spot};
use crate::tui::ui::frame::{Focus, border, titles};
use crate::tui::ui::text::{RichLine, at_most, fitted, padded};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let areas = setup_areas(model);
    let on_list = Focus::when(model.setup.focus == SetupFocus::List);
    let on_sheet = Focus::when(model.setup.focus == SetupFocus::Sheet);
    for (area, focus) in [(areas.list, on_list), (areas.sheet, on_sheet)] {
        if let Some(area) = area {
            border(frame, theme, area, focus);
        }
    }
    if let Some(area) = areas.list {
        list(model, theme, frame, (area, on_list));
    }
    if let Some(area) = areas.sheet {
        sheet(model, theme, frame, (area, on_sheet));
    }
}

fn list(model: &Model, theme: &Theme, frame: &mut Frame<'_>, (area, focus): (Rect, Focus)) {
    let title = Line::styled(" Profiles ", theme.style(Role::Title));
    titles(frame, area, title, Line::default());
    let inner = inside(area);
    let spots = model.spots();
    let seen = model
        .setup
        .view
        .seen(spots.len(), usize::from(inner.height));
    let first = seen.start;
    for index in seen {
        let Some(spot) = spots.get(index) else {
            continue;
        };
        let is_selected = index == model.setup.view.selected;
        let line = spot_line(model, spot, (usize::from(inner.width), is_selected));
        let row = paint::row(inner, index - first);
        paint::selectable(theme, frame, (&line, row, is_selected.then_some(focus)));
    }
}

/// Between what a profile is and that it is in use.
const GAP: &str = " · ";

fn spot_line(model: &Model, spot: &Spot, (width, is_selected): (usize, bool)) -> RichLine {
    let mark = if is_selected { "▌" } else { " " };
    let line = RichLine::new().with(Role::Accent, mark);
    let name = match spot {
        Spot::Free(data_center) => {
            let text = format!(
                " {} ○ {}",
                data_center.code(),
                "not set up; Enter sets it up"
            );
            return line.with(Role::Dim, &text);
        }
        Spot::Profile(name) => name,
    };
    let Some(found) = model
        .shared
        .profiles
        .iter()
        .flatten()
        .find(|p| &p.name == name)
    else {
        return line;
    };
    let role = match found.state {
        ProfileState::Ready => Role::Ok,
        ProfileState::TokenExpired => Role::Warning,
        ProfileState::NotSetUp => Role::Dim,
    };
    let in_use = if model.shared.active.as_ref() == Some(name) {
        "in use"
    } else {
        ""
    };
    let simulated = match found.server {
        Server::Simulated => " · simulated",
        Server::Zoho => "",
    };
    let room =
        width.saturating_sub(35 + in_use.len() + if in_use.is_empty() { 0 } else { GAP.width() });
    // The environment is worth more than what the first line says too.
    let rest = Some(format!("{}{simulated}", found.environment))
        .filter(|rest| rest.width() <= room)
        .unwrap_or_else(|| found.environment.to_string());
    line.with(Role::DataCenter, &format!(" {} ", found.data_center.code()))
        .with(role, &format!("{} ", found.state.glyph()))
        .with(Role::Text, &padded(found.name.as_str(), 12))
        .with(role, &format!(" {:<13} ", found.state.as_str()))
        .with(Role::Dim, &fitted(&rest, room))
        .with(Role::Dim, if in_use.is_empty() { "" } else { GAP })
        .with(Role::Accent, in_use)
}

fn sheet(model: &Model, theme: &Theme, frame: &mut Frame<'_>, (area, focus): (Rect, Focus)) {
    let setup = &model.setup;
    let name = setup.of.as_ref().map_or("", |name| name.as_str());
    let title = Line::styled(format!(" {name} "), theme.style(Role::Title));
    let doing = if setup.is_asked { " looking " } else { "" };
    titles(
        frame,
        area,
        title,
        Line::styled(doing, theme.style(Role::Dim)),
    );
    let inner = inside(area);
    if setup.lines.is_empty() {
        let text = match (&setup.failure, &setup.of) {
            (Some(failure), _) => failure.to_string(),
            (None, Some(_)) => "reading what is known".to_owned(),
            (None, None) => "nothing is set up here".to_owned(),
        };
        let row = paint::from_column(paint::row(inner, usize::from(inner.height > 2)), 2);
        paint::text(theme, frame, row, (Role::Dim, &text));
        return;
    }
    let seen = setup
        .sheet
        .seen(setup.lines.len(), usize::from(inner.height));
    let first = seen.start;
    for index in seen {
        let Some(found) = setup.lines.get(index) else {
            continue;
        };
        // Without the focus nothing is selected: the sheet is only read.
        let is_selected = index == setup.sheet.selected && focus == Focus::Here;
        let mut line = RichLine::new().with(Role::Accent, if is_selected { "▌" } else { " " });
        line.pieces.extend(found.line.pieces.iter().cloned());
        let row = paint::row(inner, index - first);
        paint::selectable(theme, frame, (&line, row, is_selected.then_some(focus)));
    }
}

/// The popup that asks for a grant code.
pub(super) fn grant_code(
    model: &Model,
    theme: &Theme,
    frame: &mut Frame<'_>,
    (code, area): (&GrantCode, Rect),
) {
    let area = paint::from_column(area, 2);
    let area = Rect::new(area.x, area.y, area.width.saturating_sub(2), area.height);
    let (width, room) = (usize::from(area.width), usize::from(area.height));
    let bindings = &model.shared.settings.bindings;
    let mut lines = Vec::new();
    if let Some(failure) = &code.failure {
        let line = RichLine::new()
            .with(Role::Error, "✗ ")
            .with(Role::Text, &failure.to_string());
        lines.extend(line.wrapped(width, 2));
    }
    let how = |detail| guide::code_lines(bindings, (code.url, &code.scopes), detail, width);
    let whole = how(guide::Detail::Whole);
    // The field and an empty row stand above.
    let room = room.saturating_sub(2);
    if lines.len() + whole.len() <= room {
        lines.extend(whole);
    } else {
        lines.extend(how(guide::Detail::Short));
    }
    for (index, line) in at_most(lines, (room, width)).iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(area, 2 + index));
    }
    let row = paint::row(area, 0);
    if code.is_working {
        let text = "Exchanging the code; nothing is spent.";
        paint::text(theme, frame, row, (Role::Sending, text));
        return;
    }
    guide::hidden(theme, frame, (code.field.length(), row, true));
}

#[cfg(test)]
mod tests;
