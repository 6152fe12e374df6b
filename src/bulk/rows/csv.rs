//! Records of a CSV file.
//!
//! The grammar is RFC 4180 with any line ending, and a quote inside an unquoted cell stands for
//! itself. Written here and not taken from the `csv` crate, because that one reads a file whose
//! quote is never closed as one long last row, without a word; a test holds the two against each
//! other wherever both accept.

use std::io::Read;

use super::error::RowsError;
use super::text::Text;
use crate::base::limits::{COLUMNS_MAX, ROW_BYTES_MAX};

/// The delimiters that are recognised, the likeliest first.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// How far the delimiter is looked for.
const SNIFF_CHARS: usize = 64 << 10;

/// One record, its line breaks and quotes resolved.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// Its cells.
    pub(super) cells: Vec<String>,
}

/// Where in a cell the reader is.
enum Place {
    Start,
    Plain,
    Quoted,
    Closed,
}

/// The delimiter of a file: what its first line holds most of, outside quotes. A first line
/// `sep=;`, as one spreadsheet writes it, is taken at its word and swallowed.
pub(super) fn delimiter_of<R: Read>(text: &mut Text<R>) -> Result<char, RowsError> {
    let mut counts = DELIMITERS.map(|delimiter| (delimiter, 0_usize));
    let mut first_line = String::new();
    let mut is_quoted = false;
    for c in text.ahead(SNIFF_CHARS)? {
        match c {
            '"' => is_quoted = !is_quoted,
            '\r' | '\n' if !is_quoted && !first_line.is_empty() => break,
            _ => {}
        }
        if !is_quoted && let Some((_, count)) = counts.iter_mut().find(|(d, _)| *d == c) {
            *count += 1;
        }
        if !matches!(c, '\r' | '\n') {
            first_line.push(c);
        }
    }
    let declared = first_line.strip_prefix("sep=").map(|rest| rest.chars());
    if let Some(mut rest) = declared
        && let (Some(delimiter), None) = (rest.next(), rest.next())
    {
        while !matches!(text.next()?, Some('\r' | '\n') | None) {}
        return Ok(delimiter);
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    Ok(counts
        .iter()
        .find(|(_, count)| *count == most)
        .map_or(',', |(delimiter, _)| *delimiter))
}

/// The next record. Blank lines are no records.
pub(super) fn next_record<R: Read>(
    text: &mut Text<R>,
    delimiter: char,
) -> Result<Option<Record>, RowsError> {
    while matches!(text.peek()?, Some('\r' | '\n')) {
        text.next()?;
    }
    if text.peek()?.is_none() {
        return Ok(None);
    }
    let line = text.line();
    let mut row = Row {
        line,
        cells: Vec::new(),
        cell: String::new(),
        bytes: 0,
    };
    let mut place = Place::Start;
    let mut quote_line = line;
    loop {
        let here = text.line();
        let c = text.next()?;
        place = match (place, c) {
            (Place::Quoted, None) => return Err(RowsError::QuoteOpen { line: quote_line }),
            (Place::Quoted, Some('"')) if text.peek()? == Some('"') => {
                text.next()?;
                row.push('"')?;
                Place::Quoted
            }
            (Place::Quoted, Some('"')) => Place::Closed,
            (Place::Quoted, Some(c)) => {
                row.push(c)?;
                Place::Quoted
            }
            (Place::Start | Place::Plain | Place::Closed, None | Some('\r' | '\n')) => {
                if c == Some('\r') && text.peek()? == Some('\n') {
                    text.next()?;
                }
                row.end_cell()?;
                return Ok(Some(Record {
                    line,
                    cells: row.cells,
                }));
            }
            (Place::Start | Place::Plain | Place::Closed, Some(c)) if c == delimiter => {
                row.end_cell()?;
                Place::Start
            }
            (Place::Start, Some('"')) => {
                quote_line = here;
                Place::Quoted
            }
            (Place::Closed, Some(_)) => {
                let cell = row.cells.len() + 1;
                return Err(RowsError::QuoteInside { line: here, cell });
            }
            (Place::Start | Place::Plain, Some(c)) => {
                row.push(c)?;
                Place::Plain
            }
        };
    }
}

struct Row {
    line: u64,
    cells: Vec<String>,
    cell: String,
    bytes: usize,
}

impl Row {
    fn push(&mut self, c: char) -> Result<(), RowsError> {
        self.bytes += c.len_utf8();
        if self.bytes > ROW_BYTES_MAX {
            return Err(RowsError::RowTooLong { line: self.line });
        }
        self.cell.push(c);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), RowsError> {
        if self.cells.len() == COLUMNS_MAX {
            return Err(RowsError::TooManyColumns { line: self.line });
        }
        self.cells.push(std::mem::take(&mut self.cell));
        Ok(())
    }
}
