//! A question before something that a person decides: what will be, the numbers before and after,
//! and, where it matters, something that must be typed first.

use crate::enrichment::Draft;
use crate::keymap::Command;
use crate::tui::effects::Ask;
use crate::tui::ui::field::TextField;

/// The question.
#[derive(Debug, Clone, PartialEq)]
pub struct Decide {
    /// What is asked.
    pub question: String,
    /// What will be, and the numbers before and after.
    pub lines: Vec<String>,
    /// What must be typed first, where that is demanded.
    pub typed: Option<Typed>,
    /// What the key does, such as "adopts the job".
    pub does: &'static str,
    /// What Esc leaves, such as "changes nothing".
    pub leaves: &'static str,
    /// What is done then.
    pub yes: Yes,
}

/// What a yes does.
#[derive(Debug, Clone, PartialEq)]
pub enum Yes {
    /// A question for the backstage.
    Ask(Box<Ask>),
    /// The form is filled with this.
    Fill(Box<Draft>),
    /// The console leaves.
    Leave,
}

/// Something that must be typed: it is read, where a key is only a habit of the fingers.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// What, such as the number of units.
    pub wanted: String,
    /// What it is called in the prompt.
    pub called: &'static str,
    /// What was typed so far.
    pub field: TextField,
}

impl Typed {
    /// Nothing typed yet.
    pub fn new(wanted: String, called: &'static str) -> Self {
        Self {
            wanted,
            called,
            field: TextField::default(),
        }
    }

    fn is_right(&self) -> bool {
        let plain = |text: &str| text.trim().replace([',', ' '], "");
        plain(self.field.value()) == plain(&self.wanted)
    }
}

impl Decide {
    /// Whether the command answers it with yes: its own key, or Enter where what is demanded was
    /// typed.
    pub fn is_answered_by(&self, command: Command) -> bool {
        match &self.typed {
            Some(typed) => command == Command::Accept && typed.is_right(),
            None => command == Command::SendAnyway,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_typed_with_or_without_separators() {
        for (text, is_right) in [("1,204", true), ("1204", true), ("204", false), ("", false)] {
            let mut typed = Typed::new("1204".to_owned(), "the number of units");
            typed.field.set(text);

            assert_eq!(typed.is_right(), is_right, "{text:?}");
        }
    }
}
