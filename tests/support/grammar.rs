//! What the program may write to a terminal, and nothing else: its grammar.
//!
//! ```text
//!  text      printable, as the sanitiser leaves it
//!  CSI … m   colours and attributes
//!  CSI … H C G d   the cursor to a cell    CSI 2 J, CSI n X  erase
//!  CSI ? n h/l   1049 25 2004 7 2026, and 1000 1002 1006 for the mouse
//! ```
#![allow(
    dead_code,
    reason = "every test file is a program of its own and uses its part"
)]

use ziadeck::base::Sanitized;

/// One thing that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Text(String),
    Csi(String),
    Osc(String),
    Other(String),
}

/// Takes the bytes apart.
pub(crate) fn tokens(bytes: &[u8]) -> Vec<Token> {
    let text = String::from_utf8_lossy(bytes);
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    let mut plain = String::new();
    while let Some(c) = rest.next() {
        if !c.is_control() {
            plain.push(c);
            continue;
        }
        if !plain.is_empty() {
            tokens.push(Token::Text(std::mem::take(&mut plain)));
        }
        if c != '\u{1b}' {
            tokens.push(Token::Other(c.escape_unicode().to_string()));
            continue;
        }
        let mut sequence = String::new();
        tokens.push(match rest.next() {
            Some('[') => {
                for c in rest.by_ref() {
                    sequence.push(c);
                    if ('@'..='~').contains(&c) {
                        break;
                    }
                }
                Token::Csi(sequence)
            }
            Some(']') => {
                while let Some(c) = rest.next() {
                    if c == '\u{7}' || c == '\u{1b}' && rest.next_if_eq(&'\\').is_some() {
                        break;
                    }
                    sequence.push(c);
                }
                Token::Osc(sequence)
            }
            other => Token::Other(format!("ESC {other:?}")),
        });
    }
    if !plain.is_empty() {
        tokens.push(Token::Text(plain));
    }
    tokens
}

/// Whatever is not in the grammar.
pub(crate) fn foreign(bytes: &[u8]) -> Vec<Token> {
    tokens(bytes)
        .into_iter()
        .filter(|token| match token {
            Token::Text(text) => Sanitized::new(text).as_str() != text,
            Token::Csi(sequence) => !is_ours(sequence),
            Token::Osc(_) | Token::Other(_) => true,
        })
        .collect()
}

fn is_ours(sequence: &str) -> bool {
    const MODES: [&str; 8] = ["1049", "25", "2004", "7", "2026", "1000", "1002", "1006"];
    let is_numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || ";:".contains(c));
    if let Some(mode) = sequence.strip_prefix('?') {
        return mode
            .strip_suffix(['h', 'l'])
            .is_some_and(|mode| MODES.contains(&mode));
    }
    match sequence.strip_suffix(['m', 'H', 'C', 'G', 'd', 'X']) {
        Some(numbers) => is_numbers(numbers),
        None => sequence == "2J",
    }
}

/// The private modes that are on at the end, in the order of their numbers. A terminal starts with
/// the cursor shown (25) and lines that wrap (7).
pub(crate) fn modes_on(bytes: &[u8]) -> Vec<String> {
    let mut on = std::collections::BTreeSet::from(["25".to_owned(), "7".to_owned()]);
    for token in tokens(bytes) {
        let Token::Csi(sequence) = token else {
            continue;
        };
        let Some(mode) = sequence.strip_prefix('?') else {
            continue;
        };
        if let Some(mode) = mode.strip_suffix('h') {
            on.insert(mode.to_owned());
        } else if let Some(mode) = mode.strip_suffix('l') {
            on.remove(mode);
        }
    }
    on.into_iter().collect()
}

/// Whether a colour was ever asked for.
pub(crate) fn has_colour(bytes: &[u8]) -> bool {
    tokens(bytes).iter().any(|token| match token {
        Token::Csi(sequence) => sequence.strip_suffix('m').is_some_and(|numbers| {
            numbers.split([';', ':']).any(|number| {
                matches!(
                    number.parse::<u8>(),
                    Ok(30..=38 | 40..=48 | 90..=97 | 100..=107)
                )
            })
        }),
        Token::Text(_) | Token::Osc(_) | Token::Other(_) => false,
    })
}
