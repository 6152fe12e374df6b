//! A search that is typed in the border of a list, which follows it.

use ratatui::layout::Rect;

use super::field::TextField;
use super::painter::Painter;
use super::text::RichLine;
use crate::keymap::Command;
use crate::theme::Role;

/// The line while it is typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Search {
    pub field: Option<TextField>,
}

impl Search {
    pub fn open(&mut self, text: &str) {
        self.field = Some(TextField::of(text));
    }

    pub fn is_open(&self) -> bool {
        self.field.is_some()
    }

    pub fn close(&mut self) {
        self.field = None;
    }

    /// What is looked for, without the blanks around it; `None` where that is nothing.
    pub fn text(&self) -> Option<String> {
        let text = self.field.as_ref()?.value().trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The titles of a list's pane: while a search is typed, its line stands behind the left one.
    pub fn titles(
        &self,
        p: &mut Painter<'_, '_>,
        pane: Rect,
        (title, word): (&str, &str),
        right: impl FnOnce() -> RichLine,
    ) {
        let title = RichLine::of(Role::Title, title);
        match &self.field {
            Some(field) => {
                let title = title.with(Role::Accent, &format!(" · {word} "));
                p.titles(pane, &title, &RichLine::new());
                p.search_line(pane, title.width(), field);
            }
            None => p.titles(pane, &title.with(Role::Title, " "), &right()),
        }
    }

    /// Leaves the line; what was found stays.
    pub fn on(&mut self, command: Command) -> bool {
        let is_left = matches!(command, Command::Accept | Command::Back);
        self.field.take_if(|_| is_left).is_some()
    }
}
