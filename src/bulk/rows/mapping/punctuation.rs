//! Apostrophes and dashes that word processors put in place of what was typed.

use std::borrow::Cow;

/// The sign of ASCII that was meant.
fn meant(sign: char) -> Option<char> {
    match sign {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' => Some('\''),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        _ => None,
    }
}

pub(super) fn is_typographic(sign: char) -> bool {
    meant(sign).is_some()
}

/// The text with these signs as they are typed; nothing else is changed.
pub(super) fn ascii(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(is_typographic) {
        return text;
    }
    let typed = text.chars().map(|sign| meant(sign).unwrap_or(sign));
    Cow::Owned(typed.collect())
}
