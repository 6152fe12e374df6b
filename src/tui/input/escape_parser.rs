//! Puts escape sequences together that arrived in pieces. A pure machine.
//!
//! ```text
//!  idle ── Esc ──► escape ── '[' ──► sequence ── final byte ──► key, idle
//!   ▲                │ └──── 'O' ──► function ── letter ──────► key, idle
//!   │                │                  sequence "200~" ──────► paste ── silence ──► text, idle
//!   └── silence, or any other key: what was held is given out ─┘
//! ```
//! A sequence that never ends is dropped: its digits must not become commands.

use std::time::Duration;

use crate::keymap::{Chord, Key};

/// How long a bare Esc is held.
const ESCAPE_HOLD: Duration = Duration::from_millis(50);
/// Silence that ends a paste whose end marker was lost.
const PASTE_HOLD: Duration = Duration::from_millis(100);
/// Longest escape sequence; real ones have fewer than 20 characters.
const SEQUENCE_CHARS_MAX: usize = 32;
/// Most bytes of one paste; the fields take fewer.
const PASTE_BYTES_MAX: usize = 1 << 20;
const PASTE_END: &str = "\u{1b}[201~";

/// What goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawKey {
    /// A key as the terminal library saw it.
    Key(Chord),
    /// A paste that arrived whole.
    Paste(String),
    /// Nothing came for as long as [`EscapeParser::patience`] said.
    Silence,
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A key.
    Key(Chord),
    /// Pasted text, raw.
    Paste(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum State {
    #[default]
    Idle,
    Escape,
    Sequence(String),
    Function,
    Paste(String),
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EscapeParser {
    state: State,
}

impl EscapeParser {
    /// How long to wait before [`RawKey::Silence`]; `None` when nothing is held.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Idle => None,
            State::Escape | State::Sequence(_) | State::Function => Some(ESCAPE_HOLD),
            State::Paste(_) => Some(PASTE_HOLD),
        }
    }

    /// Takes one piece and gives out what is certain by now.
    pub fn on(&mut self, raw_key: RawKey) -> Vec<Typed> {
        match raw_key {
            RawKey::Key(chord) => self.key(chord),
            RawKey::Paste(text) => {
                let mut out = self.let_go();
                out.push(Typed::Paste(text));
                out
            }
            RawKey::Silence => self.let_go(),
        }
    }

    fn key(&mut self, chord: Chord) -> Vec<Typed> {
        match (std::mem::take(&mut self.state), chord.typed()) {
            (State::Idle, _) if chord == ESC => self.state = State::Escape,
            (State::Idle, _) => return vec![Typed::Key(chord)],
            (State::Escape, Some('[')) => self.state = State::Sequence(String::new()),
            (State::Escape, Some('O')) => self.state = State::Function,
            (State::Sequence(text), _) => return self.in_sequence(text, chord),
            (State::Paste(text), _) => return self.in_paste(text, chord),
            (held, typed) => {
                let key = typed.and_then(letter_key);
                if let Some(key) = key.filter(|_| held == State::Function) {
                    return vec![Typed::Key(Chord::plain(key))];
                }
                self.state = held;
                let mut out = self.let_go();
                out.extend(self.key(chord));
                return out;
            }
        }
        Vec::new()
    }

    fn in_sequence(&mut self, mut text: String, chord: Chord) -> Vec<Typed> {
        let Some(c) = chord.typed() else {
            // Another key in the middle: the sequence is broken, the key is real.
            return self.key(chord);
        };
        // Parameters and what may stand before the final byte (ECMA-48, 5.4).
        if matches!(c, ' '..='?') {
            // One that is too long means nothing, but still ends where it ends.
            if text.len() < SEQUENCE_CHARS_MAX {
                text.push(c);
            }
            self.state = State::Sequence(text);
            return Vec::new();
        }
        if c == '~' && text == "200" {
            self.state = State::Paste(String::new());
            return Vec::new();
        }
        sequence_key(&text, c).map(Typed::Key).into_iter().collect()
    }

    fn in_paste(&mut self, mut text: String, chord: Chord) -> Vec<Typed> {
        let c = match chord.key {
            Key::Enter => Some('\n'),
            Key::Tab => Some('\t'),
            Key::Esc => Some('\u{1b}'),
            _ => chord.typed(),
        };
        if let Some(c) = c {
            text.push(c);
        }
        if text.ends_with(PASTE_END) {
            text.truncate(text.len() - PASTE_END.len());
            return vec![Typed::Paste(text)];
        }
        // A full paste takes no more, but its end is still looked for.
        if text.len() > PASTE_BYTES_MAX && !ends_with_a_start_of(&text, PASTE_END) {
            shorten(&mut text, PASTE_BYTES_MAX);
        }
        self.state = State::Paste(text);
        Vec::new()
    }

    fn let_go(&mut self) -> Vec<Typed> {
        match std::mem::take(&mut self.state) {
            State::Idle => Vec::new(),
            State::Escape => vec![Typed::Key(ESC)],
            State::Function => vec![Typed::Key(ESC), Typed::Key(char_key('O'))],
            State::Sequence(text) if text.is_empty() => {
                vec![Typed::Key(ESC), Typed::Key(char_key('['))]
            }
            State::Sequence(_) => Vec::new(),
            State::Paste(mut text) => {
                shorten(&mut text, PASTE_BYTES_MAX);
                vec![Typed::Paste(text)]
            }
        }
    }
}

fn ends_with_a_start_of(text: &str, whole: &str) -> bool {
    let mut starts = (1..whole.len()).filter_map(|at| whole.get(..at));
    starts.any(|start| text.ends_with(start))
}

fn shorten(text: &mut String, most: usize) {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

const ESC: Chord = Chord {
    key: Key::Esc,
    ctrl: false,
    alt: false,
    shift: false,
};

fn char_key(c: char) -> Chord {
    Chord::plain(Key::Char(c))
}

fn letter_key(letter: char) -> Option<Key> {
    Some(match letter {
        'A' => Key::Up,
        'B' => Key::Down,
        'C' => Key::Right,
        'D' => Key::Left,
        'H' => Key::Home,
        'F' => Key::End,
        'P' => Key::F(1),
        'Q' => Key::F(2),
        'R' => Key::F(3),
        'S' => Key::F(4),
        _ => return None,
    })
}

fn sequence_key(parameters: &str, last: char) -> Option<Chord> {
    let mut parts = parameters.split(';');
    let first = parts.next().unwrap_or_default();
    let modifiers: u8 = parts.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let held = modifiers.saturating_sub(1);
    let key = match last {
        '~' => match first.parse::<u8>().ok()? {
            1 | 7 => Key::Home,
            2 => Key::Insert,
            3 => Key::Delete,
            4 | 8 => Key::End,
            5 => Key::PageUp,
            6 => Key::PageDown,
            number @ 11..=15 => Key::F(number - 10),
            number @ 17..=21 => Key::F(number - 11),
            number @ 23..=24 => Key::F(number - 12),
            _ => return None,
        },
        // The kitty keyboard protocol: the character's number, perhaps with its shifted form.
        'u' => match first.split(':').next()?.parse::<u32>().ok()? {
            9 => Key::Tab,
            13 => Key::Enter,
            27 => Key::Esc,
            127 => Key::Backspace,
            // Keys that have no character: the lock keys, the keypad, the media keys.
            57_344..=63_743 => return None,
            code => Key::Char(char::from_u32(code).filter(|c| !c.is_control())?),
        },
        'Z' => {
            return Some(Chord {
                shift: true,
                ..Chord::plain(Key::Tab)
            });
        }
        letter => letter_key(letter)?,
    };
    let chord = Chord {
        key,
        shift: held & 1 != 0,
        alt: held & 2 != 0,
        ctrl: held & 4 != 0,
    };
    Some(chord.normalised())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn keys(text: &str) -> Vec<RawKey> {
        text.chars()
            .map(|c| {
                RawKey::Key(match c {
                    '\u{1b}' => ESC,
                    '\r' => Chord::plain(Key::Enter),
                    c => char_key(c),
                })
            })
            .collect()
    }

    fn run(raw_keys: impl IntoIterator<Item = RawKey>) -> Vec<Typed> {
        let mut parser = EscapeParser::default();
        let mut out: Vec<Typed> = raw_keys.into_iter().flat_map(|p| parser.on(p)).collect();
        out.extend(parser.on(RawKey::Silence));
        out
    }

    fn chord(text: &str) -> Typed {
        Typed::Key(text.parse().unwrap())
    }

    #[rstest]
    #[case("\u{1b}", vec![chord("Esc")])]
    #[case("\u{1b}[A", vec![chord("Up")])]
    #[case("\u{1b}OP", vec![chord("F1")])]
    #[case("\u{1b}[15~", vec![chord("F5")])]
    #[case("\u{1b}[21~", vec![chord("F10")])]
    #[case("\u{1b}[1;5C", vec![chord("Ctrl+Right")])]
    #[case("\u{1b}[Z", vec![chord("Shift+Tab")])]
    #[case("\u{1b}[27u", vec![chord("Esc")])]
    #[case("\u{1b}[115;5u", vec![chord("Ctrl+S")])]
    #[case("\u{1b}[97:65;2u", vec![chord("A")])]
    #[case("\u{1b}[9;2u", vec![chord("Shift+Tab")])]
    #[case("\u{1b}[57358u", vec![])]
    #[case("\u{1b}[0 q", vec![])]
    #[case("\u{1b}[?1u", vec![])]
    #[case("\u{1b}[0123456789012345678901234567890123456789q!", vec![chord("!")])]
    #[case("\u{1b}j", vec![chord("Esc"), chord("j")])]
    #[case("\u{1b}\u{1b}", vec![chord("Esc"), chord("Esc")])]
    #[case("\u{1b}Ox", vec![chord("Esc"), chord("O"), chord("x")])]
    #[case("\u{1b}[", vec![chord("Esc"), chord("[")])]
    #[case("\u{1b}[20", vec![])]
    #[case("\u{1b}[200~x@y\r", vec![Typed::Paste("x@y\n".into())])]
    #[case("\u{1b}[200~x@y\r\u{1b}[201~", vec![Typed::Paste("x@y\n".into())])]
    #[case("\u{1b}[200~a\u{1b}[201~b", vec![Typed::Paste("a".into()), chord("b")])]
    fn pieces_are_joined(#[case] typed: &str, #[case] expected: Vec<Typed>) {
        assert_eq!(run(keys(typed)), expected);
    }

    #[test]
    fn a_paste_that_is_too_long_is_cut_and_still_ends_where_it_ends() {
        let text = "x".repeat(PASTE_BYTES_MAX + 40);

        let out = run(keys(&format!("\u{1b}[200~{text}\u{1b}[201~q")));

        assert_eq!(out.len(), 2);
        assert_eq!(out.last(), Some(&chord("q")));
        assert!(matches!(out.first(), Some(Typed::Paste(text)) if text.len() == PASTE_BYTES_MAX));
    }

    #[test]
    fn esc_is_held_until_silence() {
        let mut parser = EscapeParser::default();

        assert_eq!(parser.on(RawKey::Key(ESC)), []);
        assert_eq!(parser.patience(), Some(ESCAPE_HOLD));
        assert_eq!(parser.on(RawKey::Silence), [Typed::Key(ESC)]);
        assert_eq!(parser.patience(), None);
    }

    proptest! {
        #[test]
        fn a_split_paste_never_becomes_keys(text in "[a-z@.\r]{0,40}") {
            let out = run(keys(&format!("\u{1b}[200~{text}")));

            prop_assert_eq!(out, vec![Typed::Paste(text.replace('\r', "\n"))]);
        }

        #[test]
        fn plain_typing_passes_unchanged(text in "[a-zA-Z0-9 ]{0,40}") {
            let expected: Vec<Typed> = text.chars().map(|c| Typed::Key(char_key(c))).collect();

            prop_assert_eq!(run(keys(&text)), expected);
        }

        #[test]
        fn silence_always_empties_the_machine(text in "[\u{1b}\\[O0-9;~a-c\r]{0,40}") {
            let mut parser = EscapeParser::default();
            for raw_key in keys(&text) {
                parser.on(raw_key);
            }
            parser.on(RawKey::Silence);

            prop_assert_eq!(parser, EscapeParser::default());
        }
    }
}
