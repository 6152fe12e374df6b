//! How a table is laid out: what stands between its cells, on which line its header is, and what of it
//! is no table at all.
//!
//! ```text
//!   sep=;                        a line that names the separator
//!   Leads, as of 24 November     titles and notes, as reports begin
//!   Email;Full Name;Company;;    the header, with columns that have no name
//!   ada@acme.example;Ada;Acme    rows
//!   ;;;                          nothing
//! ```
//!
//! The first 64 KiB tell it; what they do not say is read as it stands.

use std::io::Read;

use super::csv::{self, Record};
use super::encoding::Encoding;
use super::error::RowsError;
use super::mapping::MappingRequest;
use super::text::Text;
use crate::enrichment::identity::is_blank;

/// What stands between cells, the likeliest first.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// How much of a file tells how it is laid out.
const SAMPLE_CHARS: usize = 64 << 10;
/// How far below the beginning a header is looked for.
const HEADER_RECORDS: usize = 20;
/// Records that tell which columns are empty and whether lines were quoted as a whole.
const SAMPLE_RECORDS: usize = 200;

/// How cells stand in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) delimiter: char,
    /// Whether each line was put into quotes as one cell, and cut again by this.
    pub(super) inner: Option<char>,
}

/// What was found out about a table.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) cut: Cut,
    pub(super) header: Record,
    /// Records above the header.
    pub(super) above: u64,
    /// The first rows below it.
    pub(super) sample: Vec<Record>,
    /// Columns on the right without a name and without anything in them.
    pub(super) nameless: usize,
}

/// What is said of the layout, and what is looked for in a header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) delimiter: Option<char>,
    /// The line on which the header begins.
    pub(super) header_row: Option<u64>,
    pub(super) mapping: &'a MappingRequest,
}

/// Finds out how a table is laid out, and reads it up to its header.
pub(super) fn open<R: Read>(text: &mut Text<R>, said: Said<'_>) -> Result<Layout, RowsError> {
    let declared = match said.delimiter {
        Some(_) => None,
        None => declared(text)?,
    };
    let sample: String = text.ahead(SAMPLE_CHARS)?.collect();
    let is_whole = text.ahead(SAMPLE_CHARS + 1)?.count() <= SAMPLE_CHARS;
    let first_line = text.line();
    let records = |delimiter: char, inner: Option<char>| -> Vec<Record> {
        records(&sample, (Cut { delimiter, inner }, first_line), is_whole)
    };
    let delimiter = said.delimiter.unwrap_or_else(|| {
        let has = |delimiter: &char| {
            let mut lines = sample.lines().filter(|line| !line.trim().is_empty());
            lines.next().is_some_and(|line| line.contains(*delimiter))
        };
        declared
            .filter(|named| has(named) || !DELIMITERS.iter().any(has))
            .unwrap_or_else(|| likeliest(&sample, |delimiter| records(delimiter, None), said))
    });
    let plain = records(delimiter, None);
    let inner = quoted_whole(&plain, said);
    let all = match inner {
        Some(_) => records(delimiter, inner),
        None => plain,
    };
    let cut = Cut { delimiter, inner };
    let above = match said.header_row {
        Some(line) => {
            let at = all.iter().position(|record| record.line == line);
            at.ok_or(RowsError::NoHeaderAt { line })?
        }
        None => header_at(&all, said),
    };
    for _ in 0..above {
        next(text, cut)?;
    }
    let mut header = next(text, cut)?.ok_or(RowsError::Empty)?;
    let sample: Vec<Record> = all.into_iter().skip(above + 1).collect();
    let named = width(&header.cells);
    let used = sample
        .iter()
        .map(|row| width(&row.cells))
        .max()
        .unwrap_or(0);
    let nameless = header.cells.len().saturating_sub(named.max(used).max(1));
    header.cells.truncate(header.cells.len() - nameless);
    Ok(Layout {
        cut,
        header,
        above: u64::try_from(above).unwrap_or(u64::MAX),
        sample,
        nameless,
    })
}

/// The next record that is cut like this and has anything in it.
pub(super) fn next<R: Read>(text: &mut Text<R>, cut: Cut) -> Result<Option<Record>, RowsError> {
    let record = csv::next_record(text, cut.delimiter)?;
    match (record, cut.inner) {
        (Some(record), Some(inner)) => Ok(Some(cut_again(record, inner))),
        (record, _) => Ok(record),
    }
}

/// A line that was put into quotes as one cell, as the cells that it had.
fn cut_again(mut record: Record, inner: char) -> Record {
    let whole = record.cells.first().map_or("", String::as_str);
    let is_one = record.cells.iter().skip(1).all(|cell| is_blank(cell));
    if let Some(cells) = split(whole, inner).filter(|_| is_one) {
        record.cells = cells;
    }
    record
}

fn split(line: &str, delimiter: char) -> Option<Vec<String>> {
    let mut text = Text::open(line.as_bytes(), Some(Encoding::UTF_8)).ok()?;
    Some(csv::next_record(&mut text, delimiter).ok()??.cells)
}

/// How many cells there are up to the last that holds anything.
pub(super) fn width(cells: &[String]) -> usize {
    let last = cells.iter().rposition(|cell| !is_blank(cell));
    last.map_or(0, |at| at + 1)
}

/// The separator that a line `sep=;` names, as spreadsheets write it; the line is swallowed. Saved once
/// more, it is quoted or has delimiters behind it.
fn declared<R: Read>(text: &mut Text<R>) -> Result<Option<char>, RowsError> {
    let line: String = text
        .ahead(256)?
        .skip_while(|c| c.is_whitespace())
        .take_while(|c| !matches!(c, '\r' | '\n'))
        .collect();
    let plain = line.trim_start_matches('"');
    let Some(rest) = plain
        .get(..4)
        .filter(|word| word.eq_ignore_ascii_case("sep="))
        .and_then(|_| plain.get(4..))
    else {
        return Ok(None);
    };
    let named = match rest.strip_prefix("\\t") {
        Some(_) => Some('\t'),
        None => rest.chars().next(),
    };
    let is_sign = |c: &char| DELIMITERS.contains(c) || (c.is_ascii_punctuation() && *c != '"');
    let behind = rest.trim_start_matches("\\t").chars().skip(1);
    let is_all = behind
        .into_iter()
        .all(|c| DELIMITERS.contains(&c) || c == '"' || c.is_whitespace() || Some(c) == named);
    if !is_all {
        return Ok(None);
    }
    while matches!(text.peek()?, Some(c) if c.is_whitespace()) {
        text.next()?;
    }
    while !matches!(text.next()?, Some('\r' | '\n') | None) {}
    if text.peek()? == Some('\n') {
        text.next()?;
    }
    Ok(named.filter(is_sign))
}

/// The records of a sample; one that its end may have cut is left out, and so is what is behind damage.
fn records(sample: &str, (cut, first_line): (Cut, u64), is_whole: bool) -> Vec<Record> {
    let mut found = Vec::new();
    let Ok(mut text) = Text::open(sample.as_bytes(), Some(Encoding::UTF_8)) else {
        return found;
    };
    while found.len() < SAMPLE_RECORDS
        && let Ok(Some(mut record)) = next(&mut text, cut)
    {
        record.line += first_line - 1;
        found.push(record);
    }
    if !is_whole && matches!(text.peek(), Ok(None)) {
        found.pop();
    }
    found
}

/// What stands between the cells: what makes a header of one of the first lines; else what its first
/// line holds most of, outside quotes.
fn likeliest(sample: &str, records: impl Fn(char) -> Vec<Record>, said: Said<'_>) -> char {
    let counts = DELIMITERS.map(|delimiter| count(sample, delimiter));
    let headers = DELIMITERS.map(|delimiter| {
        let records = records(delimiter);
        let header = records.get(header_at(&records, said));
        header.map_or(0, |header| said.mapping.matches(&header.cells))
    });
    let mut best = (0, 0, ',');
    for ((delimiter, count), header) in DELIMITERS.into_iter().zip(counts).zip(headers) {
        // What stands nowhere cuts nothing.
        if sample.contains(delimiter) && (header, count) > (best.0, best.1) {
            best = (header, count, delimiter);
        }
    }
    best.2
}

/// How often a delimiter stands in the first line, outside quotes.
fn count(sample: &str, delimiter: char) -> usize {
    let mut count = 0;
    let mut is_quoted = false;
    for c in sample.trim_start().chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '\r' | '\n' if !is_quoted => break,
            c if c == delimiter && !is_quoted => count += 1,
            _ => {}
        }
    }
    count
}

/// Whether every line from the header on is one cell in quotes that holds a line, and by what that is cut.
fn quoted_whole(records: &[Record], said: Said<'_>) -> Option<char> {
    DELIMITERS.into_iter().find(|delimiter| {
        let cut = |record: &Record| {
            let whole = record.cells.first().map_or("", String::as_str);
            let is_one = record.cells.iter().skip(1).all(|cell| is_blank(cell));
            let is_line = is_one && record.is_quoted;
            split(whole, *delimiter)
                .filter(|_| is_line)
                .unwrap_or_default()
        };
        let is_header = |record: &Record| {
            let names = cut(record);
            names.len() > 1 && said.mapping.matches(&names) > 0
        };
        let header = records.iter().take(HEADER_RECORDS).position(is_header);
        let below = header.and_then(|at| records.get(at + 1..));
        below.is_some_and(|rows| rows.iter().all(|row| cut(row).len() > 1))
    })
}

/// Which record is the header: of the first lines the one with most names of columns, the first of several;
/// not one with people above it.
fn header_at(records: &[Record], said: Said<'_>) -> usize {
    if let Some(line) = said.header_row {
        let at = records.iter().position(|record| record.line == line);
        return at.unwrap_or(0);
    }
    let matches = |record: &Record| said.mapping.matches(&record.cells);
    let first = records.iter().take(HEADER_RECORDS).enumerate();
    let best = first.max_by_key(|(at, record)| (matches(record), std::cmp::Reverse(*at)));
    let Some((at, header)) = best.filter(|(at, _)| *at > 0) else {
        return 0;
    };
    let has_address = |record: &Record| record.cells.iter().any(|cell| cell.contains('@'));
    let is_clear = match matches(header) {
        0 => false,
        // One name alone may be a word of a title; above an address it is none.
        1 => records.get(at + 1).is_some_and(has_address),
        _ => true,
    };
    let width = width(&header.cells);
    let is_full = |record: &&Record| {
        let filled = record.cells.iter().filter(|cell| !is_blank(cell)).count();
        width > 2 && filled == width
    };
    let above = records.get(..at).unwrap_or_default();
    // A note may name an address; a row has one in a cell of its own, or is as full as the header.
    let is_person = |record: &Record| {
        let mut cells = record.cells.iter().map(|cell| cell.trim());
        cells.any(|cell| cell.contains('@') && !cell.contains(' '))
    };
    let has_rows = above.iter().any(is_person) || above.iter().filter(is_full).count() > 1;
    if is_clear && !has_rows { at } else { 0 }
}
