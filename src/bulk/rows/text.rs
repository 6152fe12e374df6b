//! Bytes to characters: recognises the encoding, hashes every byte, counts lines, keeps bounds.
//!
//! Memory holds one chunk, whatever the file's size. A byte that is no text is an error at the
//! line where it stands, raised only after everything before it was handed out.

use std::collections::VecDeque;
use std::fmt;
use std::io::Read;
use std::str::FromStr;

use aws_lc_rs::digest;

use super::error::RowsError;
use crate::base::hex;
use crate::base::limits::FILE_BYTES_MAX;

const CHUNK_BYTES: usize = 64 << 10;

/// How a file's bytes stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Latin-1, read as Windows-1252 is: the old export of Western spreadsheets.
    Latin1,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Latin1];

    /// The word of `--encoding`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Latin1 => "latin1",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Encoding {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "iso-8859-1" | "windows-1252" | "cp1252" | "latin-1" => return Ok(Self::Latin1),
            "utf8" => return Ok(Self::Utf8),
            _ => {}
        }
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.as_str() == lower)
            .ok_or_else(|| {
                let words = Self::ALL.map(Self::as_str).join(", ");
                format!("{text:?} is not an encoding; the encodings are {words}")
            })
    }
}

/// A file as characters.
pub(super) struct Text<R> {
    source: R,
    digest: digest::Context,
    bytes: u64,
    encoding: Encoding,
    /// Bytes of a character that the last chunk cut in two.
    carry: Vec<u8>,
    chars: VecDeque<char>,
    /// What went wrong behind the last of [`Text::chars`].
    failed: Option<RowsError>,
    is_at_end: bool,
    /// The line of the next character, from 1.
    line: u64,
}

impl<R: Read> Text<R> {
    /// Opens a file and settles its encoding, by its byte order mark unless one is asked for.
    pub(super) fn open(source: R, asked: Option<Encoding>) -> Result<Self, RowsError> {
        let mut text = Self {
            source,
            digest: digest::Context::new(&digest::SHA256),
            bytes: 0,
            encoding: asked.unwrap_or(Encoding::Utf8),
            carry: Vec::new(),
            chars: VecDeque::new(),
            failed: None,
            is_at_end: false,
            line: 1,
        };
        while text.carry.len() < 4 && !text.is_at_end {
            text.read_chunk()?;
        }
        let (encoding, mark_bytes) = recognised(&text.carry, asked)?;
        text.encoding = encoding;
        text.carry.drain(..mark_bytes);
        text.decode();
        Ok(text)
    }

    /// The encoding in force.
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The line of the next character.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The next character, left where it is.
    pub(super) fn peek(&mut self) -> Result<Option<char>, RowsError> {
        if self.chars.is_empty() {
            self.fill()?;
        }
        Ok(self.chars.front().copied())
    }

    /// The next character.
    pub(super) fn next(&mut self) -> Result<Option<char>, RowsError> {
        let Some(c) = self.peek()? else {
            return Ok(None);
        };
        self.chars.pop_front();
        match c {
            '\0' => return Err(RowsError::Nul { line: self.line }),
            '\n' => self.line += 1,
            // A lone CR ends a line too: the old Macintosh form.
            '\r' if self.peek()? != Some('\n') => self.line += 1,
            _ => {}
        }
        Ok(Some(c))
    }

    /// Characters that are still to come, at most `most` of them, left where they are.
    pub(super) fn ahead(&mut self, most: usize) -> Result<impl Iterator<Item = char>, RowsError> {
        while self.chars.len() < most && self.failed.is_none() && !self.is_at_end {
            self.read_chunk()?;
            self.decode();
        }
        Ok(self.chars.iter().copied().take(most))
    }

    /// Reads what is left and answers the SHA-256 of the whole file, in hex, and its size.
    pub(super) fn finish(mut self) -> Result<(String, u64), RowsError> {
        while !self.is_at_end {
            self.carry.clear();
            self.read_chunk()?;
        }
        let digest = self.digest.finish();
        Ok((hex(digest.as_ref()), self.bytes))
    }

    fn fill(&mut self) -> Result<(), RowsError> {
        while self.chars.is_empty() {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.is_at_end {
                return Ok(());
            }
            self.read_chunk()?;
            self.decode();
        }
        Ok(())
    }

    fn read_chunk(&mut self) -> Result<(), RowsError> {
        let start = self.carry.len();
        self.carry.resize(start + CHUNK_BYTES, 0);
        let (_, free) = self.carry.split_at_mut(start);
        let count = loop {
            match self.source.read(free) {
                Ok(count) => break count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(RowsError::Read(error)),
            }
        };
        self.carry.truncate(start + count);
        self.is_at_end = count == 0;
        self.bytes += u64::try_from(count).unwrap_or(u64::MAX);
        if self.bytes > FILE_BYTES_MAX {
            return Err(RowsError::TooLarge);
        }
        self.digest
            .update(self.carry.get(start..).unwrap_or_default());
        Ok(())
    }

    fn decode(&mut self) {
        let bytes = std::mem::take(&mut self.carry);
        match self.encoding {
            Encoding::Utf8 => self.decode_utf8(bytes),
            Encoding::Latin1 => self.chars.extend(bytes.iter().map(|&b| latin1(b))),
            Encoding::Utf16Le => self.decode_utf16(&bytes, u16::from_le_bytes),
            Encoding::Utf16Be => self.decode_utf16(&bytes, u16::from_be_bytes),
        }
    }

    fn decode_utf8(&mut self, mut bytes: Vec<u8>) {
        match std::str::from_utf8(&bytes) {
            Ok(text) => self.chars.extend(text.chars()),
            Err(error) => {
                let (good, bad) = bytes.split_at(error.valid_up_to());
                let byte = bad.first().copied().unwrap_or_default();
                self.chars
                    .extend(std::str::from_utf8(good).unwrap_or_default().chars());
                if error.error_len().is_some() || self.is_at_end {
                    self.fail(byte);
                } else {
                    bytes.drain(..error.valid_up_to());
                    self.carry = bytes;
                }
            }
        }
    }

    fn decode_utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16) {
        let (pairs, odd) = bytes.as_chunks::<2>();
        let mut used = 0;
        for decoded in char::decode_utf16(pairs.iter().copied().map(unit)) {
            match decoded {
                Ok(c) => {
                    self.chars.push_back(c);
                    used += 2 * c.len_utf16();
                }
                // Half a character at the end of a chunk may be completed by the next one.
                Err(_) if used + 2 >= bytes.len() - odd.len() && !self.is_at_end => break,
                Err(_) => {
                    self.fail(bytes.get(used).copied().unwrap_or_default());
                    return;
                }
            }
        }
        let rest = bytes.get(used..).unwrap_or_default();
        match rest.first() {
            Some(byte) if self.is_at_end => self.fail(*byte),
            Some(_) => self.carry = rest.to_vec(),
            None => {}
        }
    }

    fn fail(&mut self, byte: u8) {
        let breaks = self.chars.iter().filter(|c| **c == '\n').count();
        self.is_at_end = true;
        self.failed = Some(RowsError::NotText {
            line: self.line + u64::try_from(breaks).unwrap_or(u64::MAX),
            byte,
            encoding: self.encoding,
        });
    }
}

/// The encoding and the length of its mark, from the first bytes of a file.
fn recognised(first: &[u8], asked: Option<Encoding>) -> Result<(Encoding, usize), RowsError> {
    let marked = match first {
        [0xef, 0xbb, 0xbf, ..] => Some((Encoding::Utf8, 3)),
        [0xff, 0xfe, ..] => Some((Encoding::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    };
    match (asked, marked) {
        (Some(asked), Some((found, length))) if asked == found => Ok((asked, length)),
        (Some(asked), _) => Ok((asked, 0)),
        (None, Some(found)) => Ok(found),
        (None, None) => match first {
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Err(RowsError::LooksLike(Encoding::Utf16Le)),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => Err(RowsError::LooksLike(Encoding::Utf16Be)),
            _ => Ok((Encoding::Utf8, 0)),
        },
    }
}

/// Windows-1252, which agrees with Latin-1 everywhere but between 80 and 9F.
fn latin1(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    usize::from(byte)
        .checked_sub(0x80)
        .and_then(|index| FROM_80.get(index).copied())
        .unwrap_or(char::from(byte))
}
