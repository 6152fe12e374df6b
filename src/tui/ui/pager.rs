//! A text that is longer than its pane: wrapped for the width there is, and scrolled.

use ratatui::layout::Rect;

use super::painter::{Painter, row};
use super::text::RichLine;
use crate::keymap::Command;
use crate::theme::Role;

/// The lines as they are shown, and which of them are seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pager {
    lines: Vec<RichLine>,
    /// The first line that is seen.
    first: usize,
    /// Columns and rows of the pane.
    size: (usize, usize),
    /// Whether the text has to be laid out again.
    is_outdated: bool,
}

impl Pager {
    /// The text is another one: it is made again at the next `fit`.
    pub fn outdate(&mut self) {
        self.is_outdated = true;
    }

    /// Back to the top, with another text.
    pub fn restart(&mut self) {
        self.first = 0;
        self.is_outdated = true;
    }

    /// Fits the pane; `text` makes the lines for a width, where that is new or the text is.
    pub fn fit(&mut self, size: (usize, usize), text: impl FnOnce(usize) -> Vec<RichLine>) {
        let is_other = self.size.0 != size.0;
        self.size = size;
        if std::mem::take(&mut self.is_outdated) || is_other {
            self.lines = text(size.0);
        }
        self.first = self.first.min(self.last());
    }

    /// The first line when the end is seen.
    fn last(&self) -> usize {
        self.lines.len().saturating_sub(self.size.1)
    }

    /// Scrolls as a command of a list says; false if it is none.
    pub fn on(&mut self, command: Command) -> bool {
        let page = self.size.1.max(1);
        let first = match command {
            Command::Down => self.first + 1,
            Command::Up => self.first.saturating_sub(1),
            Command::PageDown => self.first + page,
            Command::PageUp => self.first.saturating_sub(page),
            Command::Top => 0,
            Command::Bottom => self.lines.len(),
            _ => return false,
        };
        self.first = first.min(self.last());
        true
    }

    pub fn lines(&self) -> &[RichLine] {
        &self.lines
    }

    /// "3–9 of 20" where not all is seen.
    pub fn seen(&self) -> RichLine {
        let (count, rows) = (self.lines.len(), self.size.1);
        if count <= rows {
            return RichLine::new();
        }
        let (first, end) = (self.first + 1, count.min(self.first + rows));
        let text = format!(" {first}–{end} of {count} ");
        RichLine::of(Role::Dim, &text)
    }

    pub fn draw(&self, p: &mut Painter<'_, '_>, area: Rect) {
        let seen = self.lines.iter().skip(self.first);
        for (index, line) in seen.take(usize::from(area.height)).enumerate() {
            p.line(row(area, index), line);
        }
    }
}
