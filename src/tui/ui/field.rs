//! One line of text that is being typed.
//!
//! The keymap has the first look at every key; what reaches a field is one of its commands, one
//! character, or a paste as a whole. A secret has a field of its own that shows nothing, keeps no
//! deleted text and wipes its memory.

use std::fmt;

use tui_input::{Input, InputRequest};
use zeroize::Zeroizing;

use crate::base::limits::INPUT_CHARS_MAX;
use crate::base::{Secret, Shown};
use crate::keymap::Command;

/// A text and its cursor.
#[derive(Clone, Default)]
pub struct TextField {
    input: Input,
}

/// What a paste left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pasted {
    /// Lines that became one.
    pub lines: usize,
    /// Characters that were left out: controls, invisible ones, and those beyond the bound.
    pub left_out: usize,
}

impl TextField {
    /// A field that holds a text, the cursor at its end.
    pub fn of(text: &str) -> Self {
        let mut field = Self::default();
        field.set(text);
        field
    }

    /// The text.
    pub fn value(&self) -> &str {
        self.input.value()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.value().is_empty()
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(clean(text, INPUT_CHARS_MAX).0);
    }

    /// Types a character; false if it is none that a field takes.
    pub fn insert(&mut self, c: char) -> bool {
        let is_taken = is_clean(c) && self.value().chars().count() < INPUT_CHARS_MAX;
        if is_taken {
            self.input.handle(InputRequest::InsertChar(c));
        }
        is_taken
    }

    /// Inserts a paste at the cursor, as one line.
    pub fn paste(&mut self, text: &str) -> Pasted {
        // Terminals send a bare carriage return for each line break of a paste.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines = text.trim_end_matches('\n').lines().count().max(1);
        let joined = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let room = INPUT_CHARS_MAX.saturating_sub(self.value().chars().count());
        let (cleaned, left_out) = clean(&joined, room);
        let cursor = self.input.cursor();
        let mut value: String = self.value().chars().take(cursor).collect();
        value.push_str(&cleaned);
        value.extend(self.value().chars().skip(cursor));
        let cursor = cursor + cleaned.chars().count();
        self.input = Input::new(value).with_cursor(cursor);
        Pasted { lines, left_out }
    }

    /// Does what an editing command says; false if it is none.
    pub fn on(&mut self, command: Command) -> bool {
        let request = match command {
            Command::CursorLeft => InputRequest::GoToPrevChar,
            Command::CursorRight => InputRequest::GoToNextChar,
            Command::WordLeft => InputRequest::GoToPrevWord,
            Command::WordRight => InputRequest::GoToNextWord,
            Command::LineStart => InputRequest::GoToStart,
            Command::LineEnd => InputRequest::GoToEnd,
            Command::DeleteLeft => InputRequest::DeletePrevChar,
            Command::DeleteRight => InputRequest::DeleteNextChar,
            Command::DeleteWord => InputRequest::DeletePrevWord,
            Command::DeleteToStart => InputRequest::DeleteFromStart,
            Command::DeleteToEnd => InputRequest::DeleteTillEnd,
            Command::Undo => InputRequest::Yank,
            _ => return false,
        };
        self.input.handle(request);
        true
    }

    /// The part that fits into `width` columns, and the cursor's column in it.
    pub fn window(&self, width: usize) -> (String, usize) {
        let scroll = self.input.visual_scroll(width.max(1));
        let cursor = self.input.visual_cursor().saturating_sub(scroll);
        let mut skipped = 0;
        let shown: String = self
            .value()
            .chars()
            .skip_while(|c| {
                let is_before = skipped < scroll;
                skipped += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
                is_before
            })
            .collect();
        (shown, cursor.min(width))
    }
}

impl fmt::Debug for TextField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}", self.value(), self.input.cursor())
    }
}

impl PartialEq for TextField {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value() && self.input.cursor() == other.input.cursor()
    }
}

impl Eq for TextField {}

/// A field that shows a dot for each character and nothing else.
#[derive(Clone, Default)]
pub struct SecretField {
    text: Zeroizing<String>,
}

/// Longest secret that can be typed.
const SECRET_CHARS_MAX: usize = 512;

impl SecretField {
    /// How many characters it holds.
    pub fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// Types a character.
    pub fn insert(&mut self, c: char) {
        if !c.is_control() && self.length() < SECRET_CHARS_MAX {
            self.text.push(c);
        }
    }

    /// Appends a paste; white space does not belong to a secret.
    pub fn paste(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            self.insert(c);
        }
    }

    /// Does what an editing command says, as far as it can be done unseen.
    pub fn on(&mut self, command: Command) -> bool {
        match command {
            Command::DeleteLeft => {
                self.text.pop();
                true
            }
            Command::DeleteWord | Command::DeleteToStart => {
                self.clear();
                true
            }
            _ => false,
        }
    }

    /// Forgets it.
    pub fn clear(&mut self) {
        self.text = Zeroizing::default();
    }

    /// The secret.
    pub fn secret(&self) -> Secret {
        Secret::new(&self.text)
    }
}

impl fmt::Debug for SecretField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretField(…)")
    }
}

/// Equal in what may be seen: how long they are.
impl PartialEq for SecretField {
    fn eq(&self, other: &Self) -> bool {
        self.length() == other.length()
    }
}

fn is_clean(c: char) -> bool {
    let mut bytes = [0; 4];
    let text: &str = c.encode_utf8(&mut bytes);
    !c.is_control() && Shown::new(text).as_str() == text
}

fn clean(text: &str, room: usize) -> (String, usize) {
    let mut left_out = 0;
    let mut out = String::new();
    let mut taken = 0;
    for c in text.chars() {
        if c == '\t' && taken < room {
            out.push(' ');
            taken += 1;
        } else if is_clean(c) && taken < room {
            out.push(c);
            taken += 1;
        } else {
            left_out += 1;
        }
    }
    (out, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_paste_of_three_lines_becomes_one() {
        let mut field = TextField::of("<>");
        field.on(Command::CursorLeft);

        let pasted = field.paste("ada@\racme\r\n.io\n");

        assert_eq!(field.value(), "<ada@ acme .io>");
        assert_eq!(
            pasted,
            Pasted {
                lines: 3,
                left_out: 0
            }
        );
    }

    #[test]
    fn controls_are_left_out_and_counted() {
        let mut field = TextField::default();

        let pasted = field.paste("a\u{1b}[31mb");

        assert_eq!(field.value(), "a[31mb");
        assert_eq!(pasted.left_out, 1);
    }

    #[test]
    fn a_megabyte_is_cut_to_what_a_field_takes() {
        let mut field = TextField::default();

        let pasted = field.paste(&"x".repeat(1_000_000));

        assert_eq!(field.value().len(), INPUT_CHARS_MAX);
        assert_eq!(pasted.left_out, 1_000_000 - INPUT_CHARS_MAX);
    }

    #[test]
    fn a_secret_is_in_no_debug_output() {
        let mut field = SecretField::default();
        field.paste("1000.canary\n");

        assert_eq!(format!("{field:?}"), "SecretField(…)");
        assert_eq!(field.secret().expose(), "1000.canary");
        assert_eq!(field.length(), 11);
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_inside_the_window(
            text in "[a-z漢]{0,40}", moves in proptest::collection::vec(any::<bool>(), 0..60),
            width in 3usize..20
        ) {
            let mut field = TextField::of(&text);
            for is_left in moves {
                field.on(if is_left { Command::CursorLeft } else { Command::CursorRight });
            }

            let (_, cursor) = field.window(width);

            prop_assert!(cursor <= width);
        }
    }
}
