//! Roles into styles.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;

use crate::theme::{Role, Theme};
use crate::tui::ui::field::TextField;
use crate::tui::ui::frame::Focus;
use crate::tui::ui::text::{RichLine, fitted};

/// A line in the theme's styles.
pub(super) fn line<'a>(theme: &'a Theme, rich: &'a RichLine) -> Painted<'a> {
    Painted { theme, rich }
}

/// What [`line()`] draws: the pieces as they stand, without a copy.
pub(super) struct Painted<'a> {
    theme: &'a Theme,
    rich: &'a RichLine,
}

impl Widget for Painted<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let mut column = area.x;
        for (role, text) in &self.rich.pieces {
            let style = self.theme.style(*role);
            column = put(buffer, (column, area.y), area.right(), (text, style));
        }
    }
}

/// Writes safe text from a place up to a column that is left alone; answers where it ended. Most of
/// it is ASCII, for which no rules about characters that belong together are asked.
pub(super) fn put(
    buffer: &mut Buffer,
    (mut column, row): (u16, u16),
    end: u16,
    (text, style): (&str, Style),
) -> u16 {
    if !text.is_ascii() {
        let room = usize::from(end.saturating_sub(column));
        return buffer.set_stringn(column, row, text, room, style).0;
    }
    for letter in text.chars() {
        if column >= end {
            break;
        }
        let Some(cell) = buffer.cell_mut((column, row)) else {
            break;
        };
        cell.set_char(letter).set_style(style);
        column += 1;
    }
    column
}

/// A text in a role, cut to the area's width.
pub(super) fn text(theme: &Theme, frame: &mut Frame<'_>, area: Rect, what: (Role, &str)) {
    let (role, text) = what;
    let area = area.intersection(frame.area());
    if area.is_empty() || text.is_empty() {
        return;
    }
    let style = theme.style(role);
    let cut = cut(text, usize::from(area.width));
    let buffer = frame.buffer_mut();
    buffer.set_style(Rect { height: 1, ..area }, style);
    put(buffer, (area.x, area.y), area.right(), (&cut, style));
}

/// Lines one below the other, as many as the area holds.
pub(super) fn lines(theme: &Theme, frame: &mut Frame<'_>, area: Rect, lines: &[RichLine]) {
    for (index, line) in lines.iter().enumerate() {
        frame.render_widget(self::line(theme, line), row(area, index));
    }
}

/// A text made safe and cut to a width; copied only where that changes it.
pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain && text.len() <= width {
        return Cow::Borrowed(text);
    }
    Cow::Owned(fitted(text, width))
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

/// The ground of a row before it is drawn; `Some` where it is the selected one.
pub(super) fn ground(theme: &Theme, frame: &mut Frame<'_>, row: Rect, selected: Option<Focus>) {
    let role = match selected {
        None => return,
        Some(Focus::Here) => Role::Selection,
        Some(Focus::Elsewhere) => Role::SelectionIdle,
    };
    frame.buffer_mut().set_style(row, theme.style(role));
}

/// A row of a list; `Some` where it is the selected one.
pub(super) fn selectable(
    theme: &Theme,
    frame: &mut Frame<'_>,
    what: (&RichLine, Rect, Option<Focus>),
) {
    let (line, row, selected) = what;
    ground(theme, frame, row, selected);
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
