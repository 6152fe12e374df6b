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
use crate::enrichment::identity::is_blank;

/// One record, its line breaks and quotes resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// Its cells.
    pub(super) cells: Vec<String>,
    /// Whether its first cell stands in quotes.
    pub(super) is_quoted: bool,
}

/// Where in a cell the reader is.
enum Place {
    Start,
    Plain,
    Quoted,
    Closed,
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
    let is_quoted = text.peek()? == Some('"');
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
                    is_quoted,
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
        let cell = std::mem::take(&mut self.cell);
        if self.cells.len() < COLUMNS_MAX {
            self.cells.push(cell);
        } else if !is_blank(&cell) {
            return Err(RowsError::TooManyColumns { line: self.line });
        }
        // What a spreadsheet saves of columns that nobody filled is nothing.
        Ok(())
    }
}
