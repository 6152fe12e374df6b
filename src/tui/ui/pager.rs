//! A text that is longer than its pane: wrapped for the width there is, and scrolled.

use ratatui::layout::Rect;

use super::painter::{Painter, row};
use super::text::RichLine;
use super::viewport::Viewport;
use crate::keymap::Command;
use crate::theme::Role;

/// The lines as they are shown, and which of them are seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pager {
    lines: Vec<RichLine>,
    view: Viewport,
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
        self.view = Viewport::default();
        self.is_outdated = true;
    }

    /// Fits the pane; `text` makes the lines for a width, where that is new or the text is.
    pub fn fit(&mut self, size: (usize, usize), text: impl FnOnce(usize) -> Vec<RichLine>) {
        let is_other = self.size.0 != size.0;
        self.size = size;
        if std::mem::take(&mut self.is_outdated) || is_other {
            self.lines = text(size.0);
        }
        self.view.scroll_by(0, self.lines.len(), size.1);
    }

    pub fn on(&mut self, command: Command) -> bool {
        let count = (self.lines.len(), self.size.1);
        self.view.scroll_on(command, count)
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
        let seen = self.view.seen(count, rows);
        let text = format!(" {}–{} of {count} ", seen.start + 1, seen.end);
        RichLine::of(Role::Dim, &text)
    }

    pub fn draw(&self, p: &mut Painter<'_, '_>, area: Rect) {
        let rows = usize::from(area.height);
        let first = self.view.seen(self.lines.len(), rows).start;
        for (index, line) in self.lines.iter().skip(first).take(rows).enumerate() {
            p.line(row(area, index), line);
        }
    }
}
