//! The machine that puts split escape sequences together.

use ziadeck::keymap::{Chord, Key};
use ziadeck::tui::input::{EscapeParser, RawKey, Typed};

/// What a terminal sends, piece by piece: nothing is invented, nothing stays held after a silence,
/// and the inside of a sequence never becomes a key.
pub(crate) fn input(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut joiner = EscapeParser::default();
    let mut keys = 0;
    let mut pasted = 0;
    let mut heard = 0;
    for c in text.chars() {
        let piece = piece(c);
        let is_paste = matches!(piece, RawKey::Paste(_));
        let is_silence = piece == RawKey::Silence;
        heard += c.len_utf8();
        for typed in joiner.on(piece) {
            match typed {
                Typed::Key(chord) => {
                    assert_eq!(chord, chord.normalised());
                    keys += 1;
                }
                Typed::Paste(text) => pasted += text.len(),
            }
        }
        assert!(keys + pasted <= heard, "nothing is invented");
        if is_silence || is_paste {
            assert_eq!(joiner, EscapeParser::default());
        }
        assert_eq!(
            joiner.patience().is_none(),
            joiner == EscapeParser::default()
        );
    }
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    assert_eq!(
        run(&plain),
        typed(&plain),
        "what is no sequence passes unchanged"
    );
    sequence(&plain);
    // A paste is a paste, whatever is in it.
    let paste = format!("\u{1b}[200~{plain}\u{1b}[201~q");
    let mut expected = vec![Typed::Paste(plain)];
    expected.extend(typed("q"));
    assert_eq!(run(&paste), expected);
}

/// Any sequence of the standard's form is one key at most, and none that types.
fn sequence(text: &str) {
    let inner: String = text.chars().filter(|c| matches!(c, ' '..='?')).collect();
    let last = text.chars().find(|c| matches!(c, '@'..='~')).unwrap_or('m');
    if (inner.as_str(), last) == ("200", '~') || last == '~' && inner == "200" {
        return;
    }
    let out = run(&format!("\u{1b}[{inner}{last}"));
    assert!(out.len() <= 1, "{inner:?}{last:?}: {out:?}");
    // Only the kitty protocol names characters, by their number.
    let types = |typed: &Typed| matches!(typed, Typed::Key(chord) if chord.typed().is_some());
    assert!(last == 'u' || !out.iter().any(types), "{out:?}");
}

fn piece(c: char) -> RawKey {
    match c {
        '\0' => RawKey::Silence,
        '\u{1}' => RawKey::Paste("p".to_owned()),
        c => RawKey::Key(chord(c)),
    }
}

fn chord(c: char) -> Chord {
    Chord::plain(match c {
        '\u{1b}' => Key::Esc,
        '\r' | '\n' => Key::Enter,
        '\t' => Key::Tab,
        '\u{7f}' => Key::Backspace,
        c => Key::Char(c),
    })
}

fn typed(text: &str) -> Vec<Typed> {
    text.chars().map(|c| Typed::Key(chord(c))).collect()
}

fn run(text: &str) -> Vec<Typed> {
    let mut joiner = EscapeParser::default();
    let mut out: Vec<Typed> = text
        .chars()
        .flat_map(|c| joiner.on(RawKey::Key(chord(c))))
        .collect();
    out.extend(joiner.on(RawKey::Silence));
    out
}
