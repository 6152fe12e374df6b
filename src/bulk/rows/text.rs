//! Bytes to characters: recognises the encoding, hashes every byte, counts lines, keeps bounds.
//!
//! Memory holds one chunk, whatever the file's size. A byte that is no text is an error at the
//! line where it stands, raised only after everything before it was handed out.

use std::collections::VecDeque;
use std::io::Read;

use aws_lc_rs::digest;
use encoding_rs::{Decoder, DecoderResult};

use super::encoding::{Encoding, Guess, recognised};
use super::error::RowsError;
use crate::base::hex;
use crate::base::limits::FILE_BYTES_MAX;

const CHUNK_BYTES: usize = 64 << 10;
/// Bytes by which a file is recognised.
const MAGIC_BYTES: usize = 16;

/// What ends a text of DOS.
const CTRL_Z: char = '\u{1a}';
/// How much may stand behind that, if it is nothing: a disk fills its last block.
const REST_CHARS: usize = 4 << 10;

/// A file as characters.
pub(super) struct Text<R> {
    source: R,
    digest: digest::Context,
    bytes: u64,
    encoding: Encoding,
    decoder: Decoder,
    /// Bytes that were read and not yet decoded.
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
            encoding: Encoding::UTF_8,
            decoder: Encoding::UTF_8.decoder(),
            carry: Vec::new(),
            chars: VecDeque::new(),
            failed: None,
            is_at_end: false,
            line: 1,
        };
        while text.carry.len() < MAGIC_BYTES && !text.is_at_end {
            text.read_chunk()?;
        }
        let (encoding, mark_bytes) = recognised(&text.carry, asked)?;
        text.encoding = encoding;
        text.decoder = encoding.decoder();
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

    /// The next character, left where it is. A Ctrl+Z with nothing behind it ends a text of DOS.
    pub(super) fn peek(&mut self) -> Result<Option<char>, RowsError> {
        if self.chars.is_empty() {
            self.fill()?;
        }
        if self.chars.front() == Some(&CTRL_Z) && self.is_nothing_left()? {
            self.chars.clear();
        }
        Ok(self.chars.front().copied())
    }

    fn is_nothing_left(&mut self) -> Result<bool, RowsError> {
        let mut rest = self.ahead(REST_CHARS)?;
        let is_nothing = rest.all(|c| c == CTRL_Z || c == '\0' || c.is_whitespace());
        drop(rest);
        Ok(is_nothing && self.is_at_end && self.failed.is_none())
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
        let mut rest = bytes.as_slice();
        let mut text = String::with_capacity(CHUNK_BYTES);
        loop {
            let (result, read) =
                self.decoder
                    .decode_to_string_without_replacement(rest, &mut text, self.is_at_end);
            self.chars.extend(text.drain(..));
            let (done, left) = rest.split_at(read);
            rest = left;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => text.reserve(CHUNK_BYTES),
                DecoderResult::Malformed(length, behind) => {
                    let from_end = usize::from(length) + usize::from(behind);
                    let at = done.len().saturating_sub(from_end);
                    let byte = done.get(at).copied().unwrap_or_default();
                    self.fail(byte, &bytes);
                    return;
                }
            }
        }
    }

    /// Ends the text with what is wrong; of a file that was taken for UTF-8 with what it may be instead.
    fn fail(&mut self, byte: u8, bytes: &[u8]) {
        let breaks = self.chars.iter().filter(|c| **c == '\n').count();
        let is_guessed = self.encoding == Encoding::UTF_8;
        self.is_at_end = true;
        self.failed = Some(RowsError::NotText {
            line: self.line + u64::try_from(breaks).unwrap_or(u64::MAX),
            byte,
            encoding: self.encoding,
            guess: is_guessed.then(|| Guess::of(bytes)),
        });
    }
}
