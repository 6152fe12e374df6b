//! What draws with: roles become styles, and places are noted for the mouse.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Borders, Clear, Widget};

use super::field::TextField;
use super::hits::{Hit, Hits, Layer, Spot};
use super::text::{RichLine, fitted};
use crate::theme::{Role, Theme};

/// Whether keys go to a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Here,
    Elsewhere,
}

impl Focus {
    pub fn when(is_here: bool) -> Self {
        if is_here { Self::Here } else { Self::Elsewhere }
    }
}

/// A frame, its theme, and what lies where on it.
pub struct Painter<'a, 'f> {
    frame: &'a mut Frame<'f>,
    theme: &'a Theme,
    /// Where places are noted, while the mouse is on.
    hits: Option<&'a mut Hits>,
    layer: Layer,
    /// Whether keys go to what is drawn: no popup lies over it.
    has_keys: bool,
}

impl<'a, 'f> Painter<'a, 'f> {
    pub fn new(frame: &'a mut Frame<'f>, theme: &'a Theme, hits: Option<&'a mut Hits>) -> Self {
        Self {
            frame,
            theme,
            hits,
            layer: Layer::App,
            has_keys: true,
        }
    }

    /// What is drawn from now on belongs to this layer.
    pub fn on(&mut self, layer: Layer, has_keys: bool) {
        self.layer = layer;
        self.has_keys = has_keys;
    }

    /// Whether keys go to what is drawn now.
    pub fn has_keys(&self) -> bool {
        self.has_keys
    }

    /// Everything drawn so far is out of the mouse's reach.
    pub fn claim(&mut self) {
        if let Some(hits) = &mut self.hits {
            hits.claim();
        }
    }

    pub fn area(&self) -> Rect {
        self.frame.area()
    }

    pub fn buffer(&mut self) -> &mut Buffer {
        self.frame.buffer_mut()
    }

    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// The colours of whatever lies there.
    pub fn ground(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        self.frame.buffer_mut().set_style(area, style);
    }

    pub fn render<W: Widget>(&mut self, widget: W, area: Rect) {
        self.frame.render_widget(widget, area);
    }

    /// Notes a pane for the mouse.
    pub fn pane(&mut self, area: Rect, pane: &'static str) {
        self.spot(area, || Spot::Pane(pane));
    }

    /// Notes a row of a pane for the mouse.
    pub fn row(&mut self, area: Rect, pane: &'static str, name: impl FnOnce() -> String) {
        self.spot(area, || Spot::Row(pane, name()));
    }

    fn spot(&mut self, area: Rect, spot: impl FnOnce() -> Spot) {
        if let Some(hits) = &mut self.hits {
            let (layer, spot) = (self.layer, spot());
            hits.add(area, Hit { layer, spot });
        }
    }

    /// The pieces as they stand.
    pub fn line(&mut self, area: Rect, rich: &RichLine) {
        let buffer = self.frame.buffer_mut();
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let mut column = area.x;
        for (role, text) in &rich.pieces {
            let style = self.theme.style(*role);
            column = put(buffer, (column, area.y), area.right(), (text, style));
        }
    }

    /// Lines one below the other, as many as the area holds.
    pub fn lines(&mut self, area: Rect, lines: &[RichLine]) {
        for (index, line) in lines.iter().enumerate().take(usize::from(area.height)) {
            self.line(row(area, index), line);
        }
    }

    /// A text in a role, cut to the area's width.
    pub fn text(&mut self, area: Rect, role: Role, text: &str) {
        let area = area.intersection(self.frame.area());
        if area.is_empty() || text.is_empty() {
            return;
        }
        let style = self.theme.style(role);
        let cut = cut(text, usize::from(area.width));
        let buffer = self.frame.buffer_mut();
        buffer.set_style(Rect { height: 1, ..area }, style);
        put(buffer, (area.x, area.y), area.right(), (&cut, style));
    }

    /// A text in its cells and none beside them.
    pub fn put(&mut self, area: Rect, role: Role, text: &str) {
        let style = self.theme.style(role);
        let text = cut(text, usize::from(area.width));
        let buffer = self.frame.buffer_mut();
        put(buffer, (area.x, area.y), area.right(), (&text, style));
    }

    /// What stands where no row does.
    pub fn blank(&mut self, area: Rect, text: &str) {
        let line = from_column(row(area, usize::from(area.height > 2)), 2);
        self.text(line, Role::Dim, text);
    }

    /// Draws the box of a pane; neighbours that share a line are joined.
    pub fn border(&mut self, area: Rect, focus: Focus) {
        let role = match focus {
            Focus::Here => Role::BorderFocus,
            Focus::Elsewhere => Role::Border,
        };
        let block = Block::new()
            .borders(Borders::ALL)
            .border_style(self.theme.style(role))
            .merge_borders(MergeStrategy::Exact);
        self.frame.render_widget(block, area);
    }

    /// The boxes of a screen's panes; the one with the focus comes last, so that its border runs
    /// through shared lines.
    pub fn borders(&mut self, boxes: &[(Option<Rect>, Focus)]) {
        for focus in [Focus::Elsewhere, Focus::Here] {
            for (area, _) in boxes.iter().filter(|(_, its)| *its == focus) {
                if let Some(area) = area {
                    self.border(*area, focus);
                }
            }
        }
    }

    /// Puts a title at each end of a box's upper line, after every border is drawn: a neighbour's
    /// border would take the title's style away.
    pub fn titles(&mut self, area: Rect, left: &RichLine, right: &RichLine) {
        let row = upper(area);
        let left_columns = left.columns().min(row.width);
        let right_columns = right.columns();
        self.line(Rect::new(row.x, row.y, left_columns, row.height), left);
        if left_columns.saturating_add(right_columns) < row.width {
            let start = row.right() - right_columns;
            self.line(Rect::new(start, row.y, right_columns, row.height), right);
        }
    }

    /// The box of a popup, over whatever lies there.
    pub fn surface(&mut self, area: Rect, title: &str) {
        let style = self.style(Role::Background).patch(self.style(Role::Popup));
        let room = usize::from(area.width.saturating_sub(6));
        let block = Block::new()
            .borders(Borders::ALL)
            .border_type(BorderType::Rounded)
            .border_style(style.patch(self.style(Role::PopupBorder)))
            .style(style)
            .title(Line::styled(
                format!(" {} ", fitted(title, room)),
                self.style(Role::Title),
            ));
        self.frame.render_widget(Clear, area);
        self.frame.render_widget(block, area);
    }

    /// A line across a popup, from border to border.
    pub fn rule(&mut self, popup: Rect, Rect { y, height, .. }: Rect) {
        let line = "─".repeat(usize::from(popup.width.saturating_sub(2)));
        let area = Rect { y, height, ..popup };
        self.text(area, Role::PopupBorder, &format!("├{line}┤"));
    }

    /// The line that is typed in above a list.
    pub fn prompt(&mut self, area: Rect, field: &TextField) {
        self.text(area, Role::Accent, "› ");
        self.field(without_last(from_column(area, 2), 1), field);
    }

    /// The ground of a row before it is drawn, where it is the selected one.
    pub fn selection(&mut self, row: Rect, focus: Focus) {
        let role = match focus {
            Focus::Here => Role::Selection,
            Focus::Elsewhere => Role::SelectionIdle,
        };
        self.ground(row, role);
    }

    /// Marks the selected row after it was drawn: where colours are too few for a ground of its own
    /// it is reversed, and coloured words in it would become coloured blots.
    pub fn select(&mut self, row: Rect) {
        let style = self.style(Role::Selection);
        if style.add_modifier.contains(Modifier::REVERSED) {
            let plain = self.style(Role::Background).patch(style);
            self.frame.buffer_mut().set_style(row, plain);
        }
    }

    /// A row that is a line; `Some` where it is the selected one.
    pub fn selectable(&mut self, row: Rect, line: &RichLine, selected: Option<Focus>) {
        if let Some(focus) = selected {
            self.selection(row, focus);
        }
        self.line(row, line);
        if selected == Some(Focus::Here) {
            self.select(row);
        }
    }

    /// A field that is being typed into, with the terminal's cursor. A secret shows a dot for each
    /// character: how long it is says nothing beyond that a paste arrived.
    pub fn field(&mut self, area: Rect, field: &TextField) {
        if area.is_empty() {
            return;
        }
        let (shown, cursor) = field.window(usize::from(area.width.saturating_sub(1)));
        self.ground(area, Role::FieldFocus);
        // A border may run below it.
        let blank = " ".repeat(usize::from(area.width));
        self.put(area, Role::FieldFocus, &blank);
        let role = match field.is_secret() {
            true => Role::Text,
            false => Role::FieldFocus,
        };
        self.text(area, role, &shown);
        let column = u16::try_from(cursor).unwrap_or(0).min(area.width - 1);
        if self.has_keys {
            let at = Position::new(area.x + column, area.y);
            self.frame.set_cursor_position(at);
        }
    }

    /// The search line in a pane's upper border, behind its title.
    pub fn search_line(&mut self, pane: Rect, title_columns: usize, search: &TextField) {
        let title_columns = u16::try_from(title_columns).unwrap_or(u16::MAX);
        let room = from_column(upper(pane), title_columns);
        let width = room.width.min(SEARCH_COLUMNS_MAX);
        self.field(Rect::new(room.x, room.y, width, 1), search);
    }
}

/// The widest that a search line gets.
const SEARCH_COLUMNS_MAX: u16 = 40;

/// The upper line of a box, between its corners.
fn upper(area: Rect) -> Rect {
    let width = area.width.saturating_sub(2);
    Rect::new(area.x.saturating_add(1), area.y, width, area.height.min(1))
}

/// Writes safe text from a place up to a column that is left alone; answers where it ended. Most of
/// it is ASCII, for which no rules about characters that belong together are asked.
fn put(
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

/// A text made safe and cut to a width; copied only where that changes it.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain && text.len() <= width {
        return Cow::Borrowed(text);
    }
    Cow::Owned(fitted(text, width))
}

/// A row of an area; empty below its end.
pub fn row(area: Rect, index: usize) -> Rect {
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    if index >= area.height {
        return Rect::new(area.x, area.bottom(), 0, 0);
    }
    Rect::new(area.x, area.y + index, area.width, 1)
}

/// The part of an area from a column on.
pub fn from_column(area: Rect, column: u16) -> Rect {
    let skipped = column.min(area.width);
    Rect::new(area.x + skipped, area.y, area.width - skipped, area.height)
}

/// The part of an area from a row on.
pub fn from_row(area: Rect, row: usize) -> Rect {
    let [_, below] = stacked(area, [u16::try_from(row).unwrap_or(u16::MAX), u16::MAX]);
    below
}

/// Parts of an area one below the other, so high and no lower than its end.
pub fn stacked<const N: usize>(area: Rect, heights: [u16; N]) -> [Rect; N] {
    let mut y = area.y;
    heights.map(|height| {
        let height = height.min(area.bottom() - y);
        let part = Rect { y, height, ..area };
        y += height;
        part
    })
}

/// The part of an area without its last columns.
pub fn without_last(area: Rect, columns: u16) -> Rect {
    Rect {
        width: area.width.saturating_sub(columns),
        ..area
    }
}

/// Inside of a box's border.
pub fn inside(area: Rect) -> Rect {
    Rect::new(
        area.x.saturating_add(1),
        area.y.saturating_add(1),
        area.width.saturating_sub(2),
        area.height.saturating_sub(2),
    )
}

/// Rows inside of a box that may not be seen.
pub fn rows(area: Option<Rect>) -> usize {
    area.map_or(0, |area| usize::from(inside(area).height))
}
