//! One line of text that is being typed.
//!
//! The keymap has the first look at every key; what reaches a field is one of its commands, one
//! character, or a paste as a whole.

use std::fmt;

use tui_input::{Input, InputRequest};
use zeroize::Zeroizing;

use crate::base::limits::INPUT_CHARS_MAX;
use crate::base::{Sanitized, Secret};
use crate::keymap::Command;

/// A text and its cursor. A secret shows nothing of itself, keeps no deleted text and wipes its
/// memory.
#[derive(Clone)]
pub struct TextField {
    content: Content,
    takes_paste: bool,
}

#[derive(Clone)]
enum Content {
    Plain(Input),
    Secret(Zeroizing<String>),
}

impl Default for TextField {
    fn default() -> Self {
        Self {
            content: Content::Plain(Input::default()),
            takes_paste: true,
        }
    }
}

/// What a paste left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pasted {
    /// Lines that became one.
    pub lines: usize,
    /// Characters that were left out: controls, invisible ones, and those beyond the bound.
    pub left_out: usize,
}

impl Pasted {
    /// What a person should know of it.
    pub fn sentence(self) -> Option<String> {
        let lines = (self.lines > 1).then(|| format!("pasted {} lines as 1", self.lines));
        let left_out = match self.left_out {
            0 => None,
            1 => Some("left out 1 character".to_owned()),
            n => Some(format!("left out {n} characters")),
        };
        let parts: Vec<String> = lines.into_iter().chain(left_out).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// Longest secret that can be typed, in characters.
const SECRET_CHARS_MAX: usize = 512;
/// Most dots that are shown for one.
const DOTS_MAX: usize = 40;

impl TextField {
    /// A field that holds a text, the cursor at its end.
    pub fn of(text: &str) -> Self {
        let mut field = Self::default();
        field.set(text);
        field
    }

    pub fn secret() -> Self {
        Self {
            content: Content::Secret(Zeroizing::default()),
            takes_paste: true,
        }
    }

    /// A field for what a person must type: a paste proves nothing.
    pub fn typed_only() -> Self {
        Self {
            takes_paste: false,
            ..Self::default()
        }
    }

    pub fn is_secret(&self) -> bool {
        matches!(self.content, Content::Secret(_))
    }

    /// The text; of a secret nothing.
    pub fn value(&self) -> &str {
        match &self.content {
            Content::Plain(input) => input.value(),
            Content::Secret(_) => "",
        }
    }

    /// How many characters it holds.
    pub fn length(&self) -> usize {
        match &self.content {
            Content::Plain(input) => input.value().chars().count(),
            Content::Secret(text) => text.chars().count(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.length() == 0
    }

    /// The secret, for whoever sends it.
    pub fn reveal(&self) -> Secret {
        match &self.content {
            Content::Plain(input) => Secret::new(input.value()),
            Content::Secret(text) => Secret::new(text),
        }
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        match &mut self.content {
            Content::Plain(input) => *input = Input::new(clean(text, INPUT_CHARS_MAX).0),
            Content::Secret(secret) => *secret = Zeroizing::new(text.to_owned()),
        }
    }

    pub fn clear(&mut self) {
        self.set("");
    }

    /// Types a character; false if it is none that a field takes.
    pub fn insert(&mut self, c: char) -> bool {
        let length = self.length();
        match &mut self.content {
            Content::Plain(input) => {
                let is_taken = is_clean(c) && length < INPUT_CHARS_MAX;
                if is_taken {
                    input.handle(InputRequest::InsertChar(c));
                }
                is_taken
            }
            Content::Secret(text) => {
                if !c.is_control() && length < SECRET_CHARS_MAX {
                    text.push(c);
                }
                true
            }
        }
    }

    /// Inserts a paste at the cursor, as one line; `None` where a paste is not taken. White space
    /// does not belong to a secret, and of that nothing is told, not even its length.
    pub fn paste(&mut self, text: &str) -> Option<Pasted> {
        if !self.takes_paste {
            return None;
        }
        if self.is_secret() {
            for c in text.chars().filter(|c| !c.is_whitespace()) {
                self.insert(c);
            }
            return Some(Pasted::default());
        }
        // Terminals send a bare carriage return for each line break of a paste.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines = text.trim_end_matches('\n').lines().count().max(1);
        let joined = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let room = INPUT_CHARS_MAX.saturating_sub(self.length());
        let (cleaned, left_out) = clean(&joined, room);
        if let Content::Plain(input) = &mut self.content {
            let cursor = input.cursor();
            let mut value: String = input.value().chars().take(cursor).collect();
            value.push_str(&cleaned);
            value.extend(input.value().chars().skip(cursor));
            let cursor = cursor + cleaned.chars().count();
            *input = Input::new(value).with_cursor(cursor);
        }
        Some(Pasted { lines, left_out })
    }

    /// Does what an editing command says, of a secret as far as it can be done unseen; false if it
    /// is none.
    pub fn on(&mut self, command: Command) -> bool {
        let input = match &mut self.content {
            Content::Plain(input) => input,
            Content::Secret(text) => {
                match command {
                    Command::DeleteLeft => drop(text.pop()),
                    Command::DeleteWord | Command::DeleteToStart => self.clear(),
                    _ => return false,
                }
                return true;
            }
        };
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
        input.handle(request);
        true
    }

    /// The part that fits into `width` columns, and the cursor's column in it.
    pub fn window(&self, width: usize) -> (String, usize) {
        let input = match &self.content {
            Content::Plain(input) => input,
            Content::Secret(_) => {
                let dots = self.length().min(width).min(DOTS_MAX);
                return ("•".repeat(dots), dots);
            }
        };
        let scroll = input.visual_scroll(width.max(1));
        let cursor = input.visual_cursor().saturating_sub(scroll);
        let mut skipped = 0;
        let shown: String = input
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

    fn cursor(&self) -> usize {
        match &self.content {
            Content::Plain(input) => input.cursor(),
            Content::Secret(_) => 0,
        }
    }
}

impl fmt::Debug for TextField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            Content::Plain(_) => write!(f, "{:?}@{}", self.value(), self.cursor()),
            Content::Secret(_) => f.write_str("a secret"),
        }
    }
}

/// Equal in what may be seen: of a secret how long it is.
impl PartialEq for TextField {
    fn eq(&self, other: &Self) -> bool {
        (self.value(), self.length(), self.cursor())
            == (other.value(), other.length(), other.cursor())
    }
}

impl Eq for TextField {}

fn is_clean(c: char) -> bool {
    let mut bytes = [0; 4];
    let text: &str = c.encode_utf8(&mut bytes);
    !c.is_control() && Sanitized::new(text).as_str() == text
}

fn clean(text: &str, room: usize) -> (String, usize) {
    let mut left_out = 0;
    let mut out = String::new();
    let mut taken = 0;
    for c in text.chars() {
        let c = if c == '\t' { ' ' } else { c };
        if is_clean(c) && taken < room {
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

        let pasted = field.paste("ada@\racme\r\n.io\n").unwrap();

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

        let pasted = field.paste("a\u{1b}[31mb").unwrap();

        assert_eq!(field.value(), "a[31mb");
        assert_eq!(pasted.left_out, 1);
    }

    #[test]
    fn a_megabyte_is_cut_to_what_a_field_takes() {
        let mut field = TextField::default();

        let pasted = field.paste(&"x".repeat(1_000_000)).unwrap();

        assert_eq!(field.value().len(), INPUT_CHARS_MAX);
        assert_eq!(pasted.left_out, 1_000_000 - INPUT_CHARS_MAX);
    }

    #[test]
    fn a_secret_is_in_no_debug_output() {
        let mut field = TextField::secret();
        let told = field.paste("1000.canary\n").unwrap();

        assert_eq!(format!("{field:?}"), "a secret");
        assert_eq!(told.sentence(), None);
        assert_eq!(field.value(), "");
        assert_eq!(field.reveal().expose(), "1000.canary");
        assert_eq!(field.length(), 11);
    }

    #[test]
    fn what_a_person_must_type_takes_no_paste() {
        let mut field = TextField::typed_only();

        assert_eq!(field.paste("override"), None);
        assert!(field.is_empty());
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
