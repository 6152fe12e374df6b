//! A list of rows, one of which is selected. Every list of the console is this one.
//!
//! ```text
//!  all       rows come together and are replaced together
//!  newest    pages of a list that grows at its top: newest first, older ones when they are scrolled to
//!  window    a piece of a long table, read anew when the selection nears its end
//! ```
//! The selection stays with its row, whatever comes. Rows enter by pages of the ledger alone.

use ratatui::layout::Rect;

use super::columns::{Column, Sort, draw_cell, draw_heads, next_sort, placed};
use super::painter::{Focus, Painter, from_column, from_row, row};
use super::viewport::{Turn, Viewport};
use crate::keymap::Command;
use crate::theme::Role;

/// A row of a list.
pub trait Row {
    /// What a row is known by, and its place: rows of a list that grows fall from top to bottom.
    type Key: PartialOrd + Clone + ToString;

    fn key(&self) -> Self::Key;
}

/// Columns of the sign in front of the selected row.
const MARK: u16 = 1;

#[derive(Debug, Clone, PartialEq)]
pub struct List<T> {
    pub rows: Vec<T>,
    pub view: Viewport,
    /// Whether others follow that are not held.
    pub has_more: bool,
    /// Rows that came above the first one that is held since somebody looked there.
    pub newer: usize,
    height: usize,
    sort: Option<Sort>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            view: Viewport::default(),
            has_more: false,
            newer: 0,
            height: 1,
            sort: None,
        }
    }
}

impl<T> List<T> {
    pub fn selected(&self) -> Option<&T> {
        self.rows.get(self.view.selected)
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the first row is selected, so that the list follows what comes.
    pub fn is_at_top(&self) -> bool {
        self.view.selected == 0
    }

    /// Rows that are seen at once.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Forgets the rows.
    pub fn clear(&mut self) {
        *self = Self {
            height: self.height,
            sort: self.sort,
            ..Self::default()
        };
    }

    /// Moves the selection as a command says; false if it is none for a list.
    pub fn on(&mut self, command: Command, turn: Turn) -> bool {
        let size = (self.rows.len(), self.height.max(1));
        let is_taken = self.view.on(command, size, turn);
        if self.is_at_top() {
            self.newer = 0;
        }
        is_taken
    }

    /// The same while a text above the list is typed in.
    pub fn on_typing(&mut self, command: Command) -> bool {
        match command {
            Command::NextPart => self.on(Command::Down, Turn::Row),
            Command::PreviousPart => self.on(Command::Up, Turn::Row),
            // These move the cursor in what is typed.
            Command::Top | Command::Bottom => false,
            command => self.on(command, Turn::Row),
        }
    }

    pub fn select(&mut self, index: usize) {
        self.view.select(index, self.rows.len(), self.height);
        if self.is_at_top() {
            self.newer = 0;
        }
    }

    /// Whether the selection is so near to the last row that others are wanted.
    pub fn wants_more(&self, ahead: usize) -> bool {
        self.has_more && self.view.selected + ahead >= self.rows.len()
    }
}

impl<T: Row> List<T> {
    /// Takes the height of its area, as it will be drawn with these columns, and sorts what came.
    pub fn fit<L>(&mut self, height: usize, columns: &[Column<T, L>]) {
        self.height = height - heads(height, columns);
        self.put_in_order(columns);
        // What is not seen stays where it was seen last.
        if height > 0 {
            self.view.settle(self.rows.len(), self.height);
        }
    }

    /// Sorts by the next column that can be sorted by, or the other way round.
    pub fn sort_next<L>(&mut self, columns: &[Column<T, L>]) {
        self.sort = next_sort(columns, self.sort);
        self.put_in_order(columns);
    }

    fn put_in_order<L>(&mut self, columns: &[Column<T, L>]) {
        let Some((head, falls)) = self.sort else {
            return;
        };
        let mut named = columns.iter().filter(|column| column.head == head);
        let Some(order) = named.find_map(|column| column.order) else {
            return;
        };
        let by = |a: &T, b: &T| match falls {
            false => order(a, b),
            true => order(b, a),
        };
        if !self.rows.is_sorted_by(|a, b| by(a, b).is_le()) {
            let selected = self.selected_key();
            self.rows.sort_by(by);
            if let Some(index) = selected.and_then(|key| self.position(&key)) {
                self.select(index);
            }
        }
    }

    pub fn selected_key(&self) -> Option<T::Key> {
        self.selected().map(Row::key)
    }

    pub fn position(&self, key: &T::Key) -> Option<usize> {
        self.rows.iter().position(|row| row.key() == *key)
    }

    /// Selects a row by its key; false if it is not held.
    pub fn select_key(&mut self, key: &T::Key) -> bool {
        let position = self.position(key);
        if let Some(index) = position {
            self.select(index);
        }
        position.is_some()
    }

    /// Selects a row by its name, as the mouse knows it; true if it was selected before.
    pub fn press(&mut self, name: &str) -> bool {
        let mut keys = self.rows.iter().map(|row| row.key().to_string());
        let Some(index) = keys.position(|key| key == name) else {
            return false;
        };
        let was_selected = index == self.view.selected;
        self.select(index);
        was_selected
    }

    /// Takes all rows anew. The selection stays with its row, or else where it was.
    pub fn replace(&mut self, rows: Vec<T>) {
        let selected = self.selected_key();
        self.rows = rows;
        let index = selected.and_then(|key| self.position(&key));
        self.select(index.unwrap_or(self.view.selected));
    }

    /// Takes the newest page. Older rows that are held stay, unless there may be a gap; at most
    /// `keep` of them beside those that are on the way to the selection.
    pub fn take_newest(&mut self, page: Vec<T>, has_more: bool, keep: usize) {
        let selected = self.selected_key();
        let depth = self.view.selected.saturating_sub(self.view.offset);
        let follows = self.is_at_top();
        let newest_held = self.rows.first().map(Row::key);
        let oldest = page.last().map(Row::key);
        let touches = matches!((&oldest, &newest_held), (Some(old), Some(held)) if old <= held);
        let above = newest_held.map_or(0, |held| {
            page.iter().take_while(|row| row.key() > held).count()
        });
        let mut kept = std::mem::replace(&mut self.rows, page);
        kept.retain(|row| has_more && touches && Some(row.key()) < oldest);
        if kept.is_empty() {
            self.has_more = has_more;
        }
        self.rows.append(&mut kept);
        let keep = keep.max(self.view.selected + above);
        if self.rows.len() > keep {
            self.rows.truncate(keep);
            self.has_more = true;
        }
        if follows {
            self.newer = 0;
            self.view = Viewport::default();
        } else if let Some(key) = selected {
            self.newer += above;
            // Keys fall from top to bottom: the first one not above it is it or its successor.
            let index = self.rows.partition_point(|row| row.key() > key);
            self.view.offset = index.saturating_sub(depth);
            self.view.selected = index;
        }
        self.view.settle(self.rows.len(), self.height);
    }

    /// Takes a page of older rows.
    pub fn take_older(&mut self, page: Vec<T>, has_more: bool) {
        let oldest = self.rows.last().map(Row::key);
        let is_older = |row: &T| oldest.as_ref().is_none_or(|oldest| row.key() < *oldest);
        self.rows.extend(page.into_iter().filter(is_older));
        self.has_more = has_more;
    }

    /// Takes another window, whose keys rise from top to bottom. The selection stays with its row,
    /// or the next one there is.
    pub fn take_window(&mut self, rows: Vec<T>, has_more: bool) {
        let selected = self.selected_key();
        let depth = self.view.selected.saturating_sub(self.view.offset);
        self.rows = rows;
        self.has_more = has_more;
        let index = selected.map_or(0, |key| self.rows.partition_point(|row| row.key() < key));
        self.view.offset = index.saturating_sub(depth);
        self.select(index);
    }

    /// Draws the rows that are seen, under the heads of their columns where there is room for both.
    pub fn draw<L>(
        &self,
        p: &mut Painter<'_, '_>,
        area: Rect,
        columns: &[Column<T, L>],
        how: &Drawn<'_, L>,
    ) {
        let heads = heads(usize::from(area.height), columns);
        let columns = placed(columns, area.width.saturating_sub(MARK));
        if heads > 0 {
            draw_heads(p, row(from_column(area, MARK), 0), &columns, self.sort);
        }
        let area = from_row(area, heads);
        let seen = self.view.seen(self.rows.len(), usize::from(area.height));
        let first = seen.start;
        for (index, item) in self.rows.iter().enumerate().skip(first).take(seen.len()) {
            let line = row(area, index - first);
            let is_selected = index == self.view.selected;
            let selection = match is_selected {
                true => how.selection,
                false => Selection::Hidden,
            };
            if let Selection::Ground(focus) = selection {
                p.selection(line, focus);
            }
            if selection != Selection::Hidden {
                p.put(line, Role::Accent, "▌");
            }
            for (column, at, width) in &columns {
                let x = line.x.saturating_add(MARK + at).min(line.right());
                let width = (*width).min(line.right() - x);
                let cell = (column.cell)(item, how.look);
                draw_cell(p, Rect::new(x, line.y, width, 1), &cell, column.is_right);
            }
            if selection == Selection::Ground(Focus::Here) {
                p.select(line);
            }
            p.row(line, how.pane, || item.key().to_string());
        }
    }
}

/// Rows that have to remain below the heads of columns.
const ROWS_BELOW_HEADS: usize = 8;

/// Rows that the heads of columns take of so many.
fn heads<T, L>(height: usize, columns: &[Column<T, L>]) -> usize {
    let are_named = columns.iter().any(|column| !column.head.is_empty());
    usize::from(are_named && height > ROWS_BELOW_HEADS)
}

/// How the selected row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    Hidden,
    /// By the sign in front of it alone.
    Sign,
    /// By the sign and a ground of its own.
    Ground(Focus),
}

/// How a list is drawn.
pub struct Drawn<'a, L> {
    /// The name of its pane.
    pub pane: &'static str,
    pub selection: Selection,
    /// What its cells need to know.
    pub look: &'a L,
}

#[cfg(test)]
mod tests;
