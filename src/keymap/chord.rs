//! One key press with its modifiers, as it is written in the configuration and on screen.
//!
//! Only what every terminal can tell apart is accepted: `Ctrl+I` is Tab, `Ctrl+M` is Enter,
//! `Ctrl+[` is Esc and `Ctrl+H` may be Backspace, so these are refused with the reason.

use std::fmt;
use std::str::FromStr;

use crate::base::Sanitized;

/// A key without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A printable character; an upper-case letter stands for itself, without Shift.
    Char(char),
    /// A function key, 1 to 12.
    F(u8),
    /// Enter or Return.
    Enter,
    /// Escape.
    Esc,
    /// The tabulator.
    Tab,
    /// Delete to the left.
    Backspace,
    /// Delete to the right.
    Delete,
    /// Insert.
    Insert,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
}

const NAMED: [(Key, &str); 14] = [
    (Key::Enter, "Enter"),
    (Key::Esc, "Esc"),
    (Key::Tab, "Tab"),
    (Key::Backspace, "Backspace"),
    (Key::Delete, "Delete"),
    (Key::Insert, "Insert"),
    (Key::Home, "Home"),
    (Key::End, "End"),
    (Key::PageUp, "PageUp"),
    (Key::PageDown, "PageDown"),
    (Key::Up, "Up"),
    (Key::Down, "Down"),
    (Key::Left, "Left"),
    (Key::Right, "Right"),
];

/// A key press: the key and the modifiers that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Control was held.
    pub ctrl: bool,
    /// Alt was held.
    pub alt: bool,
    /// Shift was held; never set for a character, whose case says it.
    pub shift: bool,
}

impl Chord {
    /// A key alone.
    pub fn plain(key: Key) -> Self {
        Self {
            key,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// The same press in the one form that compares equal: terminals report Ctrl+letter in lower
    /// case and a shifted character by its own case.
    pub fn normalised(mut self) -> Self {
        if let Key::Char(c) = self.key {
            if self.ctrl {
                self.key = Key::Char(c.to_ascii_lowercase());
            } else if self.shift && c.is_ascii_lowercase() {
                self.key = Key::Char(c.to_ascii_uppercase());
            }
            self.shift = false;
        }
        self
    }

    /// Whether nobody presses it by the way: a function key, or a character with Ctrl or Alt.
    pub fn is_deliberate(self) -> bool {
        match self.key {
            Key::F(_) => true,
            Key::Char(_) => self.ctrl || self.alt,
            _ => false,
        }
    }

    /// The character that this press types into a text field, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl+")?;
        }
        if self.alt {
            f.write_str("Alt+")?;
        }
        if self.shift {
            f.write_str("Shift+")?;
        }
        match self.key {
            Key::Char(' ') => f.write_str("Space"),
            Key::Char('+') => f.write_str("Plus"),
            Key::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            Key::Char(c) => write!(f, "{c}"),
            Key::F(number) => write!(f, "F{number}"),
            named => f.write_str(
                NAMED
                    .iter()
                    .find(|(key, _)| *key == named)
                    .map_or("", |(_, name)| name),
            ),
        }
    }
}

/// Why a text is not a chord.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChordError {
    /// The key has no such name.
    #[error("{0:?} is not a key; write for example F5, Ctrl+S, Alt+Down, PageUp or g")]
    UnknownKey(String),
    /// The modifier has no such name.
    #[error("{0:?} is not a modifier; the modifiers are Ctrl, Alt and Shift")]
    UnknownModifier(String),
    /// A terminal sends the same bytes for another key.
    #[error("{0} cannot be told apart from {1} in a terminal")]
    SameAs(String, &'static str),
}

impl FromStr for Chord {
    type Err = ChordError;
    fn from_str(text: &str) -> Result<Self, ChordError> {
        let mut parts: Vec<&str> = text.split('+').map(str::trim).collect();
        let name = parts.pop().unwrap_or_default();
        let mut chord = Self::plain(parse_key(name)?);
        for part in parts {
            match part.to_ascii_lowercase().as_str() {
                "ctrl" | "control" => chord.ctrl = true,
                "alt" => chord.alt = true,
                "shift" => chord.shift = true,
                _ => return Err(ChordError::UnknownModifier(part.to_owned())),
            }
        }
        let chord = chord.normalised();
        if chord.ctrl
            && let Key::Char(c) = chord.key
        {
            let twin = match c {
                'i' => Some("Tab"),
                'm' => Some("Enter"),
                '[' => Some("Esc"),
                'h' => Some("Backspace"),
                'j' => Some("Enter"),
                _ => None,
            };
            if let Some(twin) = twin {
                return Err(ChordError::SameAs(chord.to_string(), twin));
            }
        }
        Ok(chord)
    }
}

fn parse_key(name: &str) -> Result<Key, ChordError> {
    let mut chars = name.chars();
    if let (Some(only), None) = (chars.next(), chars.next())
        && !only.is_whitespace()
        && is_drawn(name)
    {
        return Ok(Key::Char(only));
    }
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "space" => return Ok(Key::Char(' ')),
        "plus" => return Ok(Key::Char('+')),
        "return" => return Ok(Key::Enter),
        "escape" => return Ok(Key::Esc),
        _ => {}
    }
    if let Some(number) = lower.strip_prefix('f').and_then(|n| n.parse::<u8>().ok())
        && (1..=12).contains(&number)
    {
        return Ok(Key::F(number));
    }
    NAMED
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(name))
        .map(|(key, _)| *key)
        .ok_or_else(|| ChordError::UnknownKey(name.chars().take(32).collect()))
}

/// Whether a character is seen as it is: the footer and the help show it.
fn is_drawn(name: &str) -> bool {
    let shown = Sanitized::new(name);
    shown.as_str() == name && shown.width() > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn any_key() -> impl Strategy<Value = Key> {
        prop_oneof![
            proptest::char::range('!', '~').prop_map(Key::Char),
            Just(Key::Char(' ')),
            (1u8..=12).prop_map(Key::F),
            (0usize..NAMED.len()).prop_map(|index| NAMED[index].0),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(
            key in any_key(), ctrl: bool, alt: bool, shift: bool
        ) {
            let chord = Chord { key, ctrl, alt, shift }.normalised();

            match chord.to_string().parse::<Chord>() {
                Ok(back) => prop_assert_eq!(back, chord),
                Err(error) => prop_assert!(matches!(error, ChordError::SameAs(..)), "{}", error),
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,20}") {
            let _ = text.parse::<Chord>();
        }
    }

    #[rstest]
    #[case("ctrl+s", "Ctrl+S")]
    #[case("F5", "F5")]
    #[case("shift+tab", "Shift+Tab")]
    #[case("G", "G")]
    #[case("shift+g", "G")]
    #[case("Ctrl+Space", "Ctrl+Space")]
    fn a_chord_has_one_spelling(#[case] text: &str, #[case] printed: &str) {
        assert_eq!(text.parse::<Chord>().unwrap().to_string(), printed);
    }

    #[rstest]
    #[case("Ctrl+I", "Ctrl+I cannot be told apart from Tab in a terminal")]
    #[case(
        "Hyper+x",
        "\"Hyper\" is not a modifier; the modifiers are Ctrl, Alt and Shift"
    )]
    #[case(
        "\u{202e}",
        "\"\\u{202e}\" is not a key; write for example F5, Ctrl+S, Alt+Down, PageUp or g"
    )]
    #[case(
        "\u{301}",
        "\"\\u{301}\" is not a key; write for example F5, Ctrl+S, Alt+Down, PageUp or g"
    )]
    #[case(
        "F13",
        "\"F13\" is not a key; write for example F5, Ctrl+S, Alt+Down, PageUp or g"
    )]
    fn a_wrong_chord_says_why(#[case] text: &str, #[case] message: &str) {
        assert_eq!(text.parse::<Chord>().unwrap_err().to_string(), message);
    }
}
