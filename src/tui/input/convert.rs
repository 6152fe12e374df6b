//! crossterm's words into ours.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::event::{MouseButton, MouseEventKind};

use super::escape_parser::RawKey;
use crate::keymap::{Chord, Key};
use crate::tui::app::msg::{Mouse, MouseKind, Msg};
use crate::tui::layout::drawn;

/// What one event of the terminal is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Heard {
    /// Something typed; the parser decides what it means.
    RawKey(RawKey),
    /// Something else.
    Msg(Msg),
}

pub(super) fn convert(event: Event) -> Option<Heard> {
    match event {
        Event::Key(key) => chord(key).map(|chord| Heard::RawKey(RawKey::Key(chord))),
        Event::Paste(text) => Some(Heard::RawKey(RawKey::Paste(text))),
        Event::Resize(width, height) => {
            let (width, height) = drawn((width, height));
            Some(Heard::Msg(Msg::Resize { width, height }))
        }
        Event::Mouse(mouse) => {
            let kind = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
                MouseEventKind::ScrollDown => MouseKind::ScrollDown,
                MouseEventKind::ScrollUp => MouseKind::ScrollUp,
                _ => return None,
            };
            let (column, row) = (mouse.column, mouse.row);
            Some(Heard::Msg(Msg::Mouse(Mouse { kind, column, row })))
        }
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn chord(event: KeyEvent) -> Option<Chord> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let mut shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let mut ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let key = match event.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::F(number) if (1..=12).contains(&number) => Key::F(number),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => {
            shift = true;
            Key::Tab
        }
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Null => {
            ctrl = true;
            Key::Char(' ')
        }
        _ => return None,
    };
    // Some terminals send Ctrl+J for Enter and Ctrl+H for Backspace.
    let key = match key {
        Key::Char('j') if ctrl => Key::Enter,
        Key::Char('h') if ctrl => Key::Backspace,
        key => key,
    };
    let chord = Chord {
        key,
        ctrl: ctrl && !matches!(key, Key::Enter | Key::Backspace),
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift,
    };
    Some(chord.normalised())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(KeyCode::Char('S'), KeyModifiers::SHIFT, "S")]
    #[case(KeyCode::Char('s'), KeyModifiers::CONTROL, "Ctrl+S")]
    #[case(KeyCode::BackTab, KeyModifiers::SHIFT, "Shift+Tab")]
    #[case(KeyCode::Char('j'), KeyModifiers::CONTROL, "Enter")]
    #[case(KeyCode::Char('h'), KeyModifiers::CONTROL, "Backspace")]
    #[case(KeyCode::Null, KeyModifiers::NONE, "Ctrl+Space")]
    #[case(KeyCode::F(5), KeyModifiers::NONE, "F5")]
    fn a_key_becomes_a_chord(
        #[case] code: KeyCode,
        #[case] modifiers: KeyModifiers,
        #[case] expected: &str,
    ) {
        let heard = convert(Event::Key(KeyEvent::new(code, modifiers)));

        assert_eq!(
            heard,
            Some(Heard::RawKey(RawKey::Key(expected.parse().unwrap())))
        );
    }

    #[test]
    fn a_released_key_is_nothing() {
        let mut event = KeyEvent::new(KeyCode::Char('a'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;

        assert_eq!(convert(Event::Key(event)), None);
    }
}
