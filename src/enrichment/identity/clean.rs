//! What is left out of a value before it is sent, and the folding that every comparison begins with.

use std::borrow::Cow;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::{
    ComposingNormalizer, ComposingNormalizerBorrowed, DecomposingNormalizer,
    DecomposingNormalizerBorrowed,
};

const FOLD: CaseMapperBorrowed<'static> = CaseMapper::new();
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfc();
const NFD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizer::new_nfd();

/// What is sent of a value: without blanks at its ends, every blank-like character (NBSP, thin,
/// ideographic …) as a plain blank, and without characters that draw nothing (zero-width, BOM,
/// soft hyphen, marks of direction).
///
/// Line breaks, tabulators and other control characters inside stay: they are not spelling but a
/// mistake, which [`validate`](crate::enrichment::validate()) refuses.
pub fn cleaned(value: &str) -> Cow<'_, str> {
    let value = value.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if value.is_ascii() || !value.chars().any(|c| is_invisible(c) || is_like_blank(c)) {
        return Cow::Borrowed(value);
    }
    let plain = value
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_like_blank(c) { ' ' } else { c });
    Cow::Owned(plain.collect())
}

/// Whether a value holds nothing that can be seen.
pub fn is_blank(value: &str) -> bool {
    cleaned(value).is_empty()
}

/// The text in NFC: a letter and its accent as one character where there is one.
pub(in crate::enrichment) fn composed(value: &str) -> Cow<'_, str> {
    NFC.normalize(value)
}

/// The text with each letter and its accent apart.
pub(in crate::enrichment) fn decomposed(value: &str) -> Cow<'_, str> {
    NFD.normalize(value)
}

/// Whether a character is a mark on the letter before it.
pub(in crate::enrichment) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A cleaned address without what stands around it in a mail or a list: `Ada <ada@acme.example>,`.
pub(super) fn bare(value: &str) -> &str {
    const QUOTES: [char; 8] = [
        '"', '\'', '`', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}',
    ];
    let mut bare = value;
    loop {
        let text = bare.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        let text = text.trim_end_matches([',', ';']).trim_matches(QUOTES);
        let angled = text
            .strip_suffix('>')
            .and_then(|text| text.rsplit_once('<'));
        let inner = angled.map_or(text, |(_, inner)| inner);
        let inner = inner.trim_matches(['<', '>']);
        if inner == bare {
            break;
        }
        bare = inner;
    }
    // Nothing but that: it was given all the same.
    if bare.is_empty() { value } else { bare }
}

/// Case folded, in NFC, cleaned, and with single blanks.
pub(in crate::enrichment) fn folded(value: &str) -> String {
    let value = cleaned(value);
    if value.is_ascii() {
        let mut text = single_blanks(&value);
        text.make_ascii_lowercase();
        return text;
    }
    // Composed first as well: a few characters fold to something else when they are taken apart.
    let composed = composed(&value);
    let folded = FOLD.fold_string(&composed);
    single_blanks(&NFC.normalize(&folded))
}

fn single_blanks(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Spaces of typesetting and of other scripts, which look like a blank and are none. The two
/// separators of lines and paragraphs are not among them.
fn is_like_blank(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Characters that draw nothing and that copying from pages, mails and spreadsheets brings along.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}
