//! Roles into styles.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::theme::{Role, Theme};
use crate::tui::model::field::TextField;
use crate::tui::model::rich::{RichLine, fitted};
use crate::tui::widgets::frame::Focus;

/// A line in the theme's styles.
pub(super) fn line<'a>(theme: &Theme, rich: &'a RichLine) -> Line<'a> {
    rich.pieces
        .iter()
        .map(|(role, text)| Span::styled(text.as_str(), theme.style(*role)))
        .collect()
}

/// A text in a role, cut to the area's width.
pub(super) fn text(theme: &Theme, frame: &mut Frame<'_>, area: Rect, what: (Role, &str)) {
    let (role, text) = what;
    let cut = fitted(text, usize::from(area.width));
    frame.render_widget(Line::styled(cut, theme.style(role)), area);
}

/// A row of an area; empty below its end.
pub(super) fn row(area: Rect, index: usize) -> Rect {
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    if index >= area.height {
        return Rect::new(area.x, area.bottom(), 0, 0);
    }
    Rect::new(area.x, area.y + index, area.width, 1)
}

/// The part of a row from a column on.
pub(super) fn from_column(area: Rect, column: u16) -> Rect {
    let skipped = column.min(area.width);
    Rect::new(area.x + skipped, area.y, area.width - skipped, area.height)
}

/// Marks the selected row after it was drawn: where colours are too few for a ground of its own
/// it is reversed, and coloured words in it would become coloured blots.
pub(super) fn select(theme: &Theme, frame: &mut Frame<'_>, row: Rect, role: Role) {
    let style = theme.style(role);
    if style.add_modifier.contains(Modifier::REVERSED) {
        let plain = theme.style(Role::Background).patch(style);
        frame.buffer_mut().set_style(row, plain);
    }
}

/// The widest that a search line gets.
const SEARCH_COLUMNS_MAX: u16 = 40;

/// The search line in a pane's upper border, behind its title.
pub(super) fn search_line(
    theme: &Theme,
    frame: &mut Frame<'_>,
    (pane, title_columns): (Rect, usize),
    search: &TextField,
) {
    let row = Rect::new(pane.x + 1, pane.y, pane.width.saturating_sub(2), 1);
    let room = from_column(row, u16::try_from(title_columns).unwrap_or(u16::MAX));
    let width = room.width.min(SEARCH_COLUMNS_MAX);
    field(theme, frame, Rect::new(room.x, room.y, width, 1), search);
}

/// A row of a list; `Some` where it is the selected one.
pub(super) fn selectable(
    theme: &Theme,
    frame: &mut Frame<'_>,
    what: (&RichLine, Rect, Option<Focus>),
) {
    let (line, row, selected) = what;
    let role = selected.map(|focus| match focus {
        Focus::Here => Role::Selection,
        Focus::Elsewhere => Role::SelectionIdle,
    });
    if let Some(role) = role {
        frame.buffer_mut().set_style(row, theme.style(role));
    }
    frame.render_widget(self::line(theme, line), row);
    if selected == Some(Focus::Here) {
        select(theme, frame, row, Role::Selection);
    }
}

/// A field that is being typed into, with the terminal's cursor.
pub(super) fn field(theme: &Theme, frame: &mut Frame<'_>, area: Rect, field: &TextField) {
    if area.is_empty() {
        return;
    }
    let (shown, cursor) = field.window(usize::from(area.width.saturating_sub(1)));
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.style(Role::FieldFocus));
    // A border may run below it.
    for column in area.left()..area.right() {
        if let Some(cell) = buffer.cell_mut((column, area.y)) {
            cell.set_symbol(" ");
        }
    }
    text(theme, frame, area, (Role::FieldFocus, &shown));
    let column = u16::try_from(cursor).unwrap_or(0).min(area.width - 1);
    frame.set_cursor_position(Position::new(area.x + column, area.y));
}
