//! Takes known secrets out of what came back: whole or in parts, as they are or in another spelling.
//!
//! A server or a proxy that repeats a token does so in an encoding of its own. So each secret is
//! written in every encoding that is usual, and twelve characters in a row of any of them are
//! struck. The text is read as it is and once more without its escapes, and only once for all
//! secrets: the time grows with the text alone.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use zeroize::Zeroizing;

use super::{Secret, hex};

/// What stands for a struck part, as for everything else that `redact` takes out.
const STRUCK: &str = "…";
/// Fewest characters of a secret in a row that are struck.
const PART_CHARS: usize = 12;
/// Fewest digits in a row that are struck: an id of a job has 19, and no id is ever struck.
const DIGITS: usize = 24;
/// A secret with fewer characters is not looked for: it would be found in common words.
const SECRET_CHARS_MIN: usize = 8;
/// How many escapes may stand in one another.
const ESCAPES_DEEP: usize = 3;

/// Finds the secrets that it was made for.
#[derive(Debug)]
pub(super) struct Striker {
    /// `None` if there is too much to look for: then nothing of a text is kept.
    parts: Option<AhoCorasick>,
}

impl Striker {
    pub(super) fn new<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        // A set, for two tokens begin alike.
        let mut parts = BTreeSet::new();
        for secret in secrets {
            let secret = secret.expose();
            if secret.len() < SECRET_CHARS_MIN {
                continue;
            }
            for spelling in spellings(secret) {
                let spelling = Zeroizing::new(spelling.to_ascii_lowercase());
                parts.extend(parts_of(spelling.as_bytes()));
            }
        }
        let parts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // The kind that is made soonest: most processes look at a few small answers.
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(&parts);
        Self { parts: parts.ok() }
    }

    /// The text without any part of a secret. Whoever has to read JSON reads it as before: what is
    /// struck is a part of a string.
    pub(super) fn strike<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let mut found = self.find(text, ESCAPES_DEEP);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_unstable_by_key(|part| part.start);
        let mut clean = Vec::with_capacity(text.len());
        let mut done = 0;
        for part in found {
            // A part that touches the one before is struck with it.
            if done == 0 || part.start > done {
                clean.extend_from_slice(text.get(done..part.start).unwrap_or_default());
                clean.extend_from_slice(STRUCK.as_bytes());
            }
            done = done.max(part.end);
        }
        clean.extend_from_slice(text.get(done..).unwrap_or_default());
        Cow::Owned(clean)
    }

    fn find(&self, text: &[u8], deep: usize) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let Some(parts) = &self.parts else {
            found.push(0..text.len());
            return found;
        };
        for part in parts.find_overlapping_iter(text) {
            match found.last_mut() {
                // They come by their ends.
                Some(last) if part.start() <= last.end => {
                    last.start = last.start.min(part.start());
                    last.end = part.end();
                }
                _ => found.push(part.range()),
            }
        }
        if deep > 0
            && let Some(read) = Unescaped::of(text)
        {
            let inner = self.find(&read.text, deep - 1);
            found.extend(inner.into_iter().map(|part| read.written(part)));
        }
        found
    }
}

/// A secret in each encoding in which it may come back.
fn spellings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut all = vec![
        secret.to_owned(),
        hex(bytes),
        url::form_urlencoded::byte_serialize(bytes).collect(),
    ];
    // Inside a longer text, base64 writes it in one of three ways.
    for shift in 0..3 {
        let standard = base64(bytes.get(shift..).unwrap_or_default());
        all.push(standard.replace('+', "-").replace('/', "_"));
        all.push(standard);
    }
    all
}

/// The characters of base64 that depend on nothing but these bytes.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() * 4 / 3);
    let (mut bits, mut count) = (0_usize, 0);
    for byte in bytes {
        bits = (bits << 8 | usize::from(*byte)) & 0xffff;
        count += 8;
        while count >= 6 {
            count -= 6;
            let letter = LETTERS.get(bits >> count & 63).copied();
            text.push(letter.map_or(' ', char::from));
        }
    }
    text
}

/// What is looked for of a spelling: every twelve characters in a row; a shorter one as a whole.
/// Digits alone could be those of an id, so they are looked for together with what stands before or
/// after them, or as more than any id has.
fn parts_of(spelling: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let length = PART_CHARS.min(spelling.len());
    let parts = (0..=spelling.len() - length).flat_map(move |at| {
        let end = at + length;
        let part = spelling.get(at..end).unwrap_or_default();
        if !is_id(part) {
            return [Some(part), None];
        }
        let (before, after) = (spelling.get(..at), spelling.get(end..));
        let is_digit = |sign: &&u8| sign.is_ascii_digit();
        let before = before.unwrap_or_default().iter().rev().take_while(is_digit);
        let after = after.unwrap_or_default().iter().take_while(is_digit);
        let more = DIGITS - length;
        let from = at.saturating_sub(more.min(before.count() + 1));
        let to = spelling.len().min(end + more.min(after.count() + 1));
        [spelling.get(from..end), spelling.get(at..to)]
            .map(|part| part.filter(|part| !is_id(part) || part.len() >= DIGITS))
    });
    parts.flatten().map(<[u8]>::to_vec)
}

fn is_id(part: &[u8]) -> bool {
    part.iter().all(u8::is_ascii_digit)
}

/// A text without the escapes of URLs and of JSON, and without the zeros of UTF-16.
struct Unescaped {
    text: Vec<u8>,
    /// Where in this text and in the written one a piece begins that was taken over as it is.
    pieces: Vec<(usize, usize)>,
}

impl Unescaped {
    /// `None` where the text has no escape.
    fn of(written: &[u8]) -> Option<Self> {
        let begins = |byte: &u8| matches!(byte, b'\\' | b'%' | 0);
        written.iter().any(begins).then_some(())?;
        let mut read = Self {
            text: Vec::with_capacity(written.len()),
            pieces: vec![(0, 0)],
        };
        let mut rest = written;
        while let Some((first, after)) = rest.split_first() {
            let Some((meant, length)) = escape(rest) else {
                read.text.push(*first);
                rest = after;
                continue;
            };
            let at = written.len() - rest.len();
            read.pieces.push((read.text.len(), at));
            read.text.extend(meant);
            read.pieces.push((read.text.len(), at + length));
            rest = rest.get(length..).unwrap_or_default();
        }
        (read.text.len() < written.len()).then_some(read)
    }

    /// Where a part of this text is written.
    fn written(&self, part: Range<usize>) -> Range<usize> {
        let place = |at: usize| {
            let next = self.pieces.partition_point(|(begin, _)| *begin <= at);
            let piece = next.checked_sub(1).and_then(|piece| self.pieces.get(piece));
            piece.map_or(at, |(begin, from)| from + (at - begin))
        };
        place(part.start)..place(part.end)
    }
}

/// What an escape at the beginning of a text stands for, if there is one, and its length.
fn escape(text: &[u8]) -> Option<(Option<u8>, usize)> {
    match text {
        [0, ..] => Some((None, 1)),
        [b'%', high, low, ..] => Some((Some(byte_of(*high, *low)?), 3)),
        [b'\\', b'u' | b'U', b'0', b'0', high, low, ..] => {
            let byte = byte_of(*high, *low).filter(u8::is_ascii)?;
            Some((Some(byte), 6))
        }
        [b'\\', sign @ (b'/' | b'"' | b'\\'), ..] => Some((Some(*sign), 2)),
        _ => None,
    }
}

fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |sign: u8| char::from(sign).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

#[cfg(test)]
mod tests;
