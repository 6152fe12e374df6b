//! Rows of a file: CSV or JSONL in, drafts out, one at a time.
//!
//! ```text
//!   bytes ──text──► characters ──csv──► cells ──mapping──► draft
//!     └── SHA-256            └─jsonl─► object ──mapping──┘
//! ```
//!
//! A file that an export wrote is known again: its rows are those of the user, without what was
//! added and without the quotes of the guard, and beside each stands what the export says of it.
//!
//! Reading is the whole of it: nothing is judged here (see [`super::plan`]), nothing is sent, and
//! memory holds one row, not the file. Invariant: either every row of the file was handed out and
//! the digest is that of the bytes they came from, or there is an error with its line.

mod csv;
mod encoding;
mod error;
mod jsonl;
mod layout;
mod mapping;
mod pasted;
mod reading;
mod target;
mod text;

use std::io::Read;

pub use encoding::{Encoding, Guess};
pub use error::RowsError;
pub use mapping::{
    HeaderLook, Mapping, MappingError, MappingRequest, Others, Punctuation, Unmapped, Unused,
};
pub use pasted::pasted;
pub use reading::Reading;
pub use target::{Assignment, Target};

use crate::base::RowNumber;
use crate::base::limits::{COLUMNS_MAX, RUN_ROWS_MAX};
use crate::bulk::columns::{Added, Told};
use crate::bulk::guard::unguarded;
use crate::enrichment::{Doubt, DoubtWord, Draft, FieldRef, doubts};
use csv::Record;
use layout::{Cut, Layout as TableLayout, Said};
use mapping::{Drafted, Names};
use text::Text;

/// The one column of a JSONL file: the line as it stands.
pub const JSON_COLUMN: &str = "json";

/// How far the end of a first line of JSON is looked for.
const FIRST_LINE_CHARS: usize = 64 << 10;

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// JSONL if the first character is `{`, else CSV.
    #[default]
    Recognise,
    /// A table with a header.
    Csv,
    /// One object per line.
    Jsonl,
}

/// What the operator says about a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Its layout.
    pub layout: Layout,
    /// Its encoding; recognised unless given.
    pub encoding: Option<Encoding>,
    /// The delimiter of a table; recognised unless given.
    pub delimiter: Option<char>,
    /// The line on which the header of a table begins, from 1; recognised unless given.
    pub header_row: Option<u64>,
    /// Where its columns lead.
    pub mapping: MappingRequest,
    /// Whether the ids of records come from the CRM itself, and no spreadsheet had them.
    pub has_own_ids: bool,
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRow {
    /// Its number, from 1.
    pub row: RowNumber,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Its cells as they stand, for the export; of an export only the user's.
    pub original: Vec<String>,
    /// What it asks for.
    pub draft: Draft,
    /// Cells that held nothing but a word for nothing, such as `N/A`: read as empty.
    pub placeholders: u64,
    /// How many cells it has, where these are fewer than the header has.
    pub short: Option<usize>,
    /// Whether the id of its record comes from the CRM itself.
    pub has_own_id: bool,
    /// Whether all ids of its file went through a program that takes them for numbers.
    pub has_rounded_id: bool,
    /// What the file says of it, if it is an export.
    pub told: Option<Told>,
}

impl InputRow {
    /// Everything that is doubtful about it. An id that no spreadsheet had is not rounded.
    pub fn doubts(&self) -> Vec<Doubt> {
        let mut found = doubts(&self.draft);
        found.retain(|doubt| !(self.has_own_id && doubt.place == FieldRef::RecordId));
        let is_doubted = found.iter().any(|doubt| doubt.place == FieldRef::RecordId);
        if self.has_rounded_id && !is_doubted && !self.draft.record().is_empty() {
            let word = DoubtWord::RoundedId;
            let (place, hint) = (FieldRef::RecordId, word.hint().to_owned());
            found.insert(0, Doubt { place, word, hint });
        }
        found
    }
}

/// What is known of a file once it has been read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// What was left out or taken differently.
    pub reading: Reading,
    /// Where the keys of its objects lead, of a file of JSON lines.
    pub keys: Keys,
}

/// Where the keys of objects lead, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    /// What leads where.
    pub mapped: Vec<(Target, String)>,
    /// The keys that lead nowhere.
    pub unmapped: Vec<Unmapped>,
}

impl Keys {
    fn add(&mut self, other: Self) {
        for one in other.mapped {
            if !self.mapped.contains(&one) && self.mapped.len() < COLUMNS_MAX {
                self.mapped.push(one);
            }
        }
        for one in other.unmapped {
            if !self.unmapped.contains(&one) && self.unmapped.len() < COLUMNS_MAX {
                self.unmapped.push(one);
            }
        }
    }
}

/// The first rows of a file, and where its columns lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The columns.
    pub headers: Vec<String>,
    /// What leads where.
    pub mapped: Vec<(Target, String)>,
    /// The columns that lead nowhere.
    pub unmapped: Vec<Unmapped>,
    /// The first rows.
    pub rows: Vec<InputRow>,
    /// What was left out or taken differently up to there.
    pub reading: Reading,
}

enum Source {
    Csv {
        cut: Cut,
        /// What a row is that repeats the header.
        names: Names,
        mapping: Mapping,
        /// The columns that an export added, if one wrote the file.
        added: Option<Added>,
    },
    Jsonl {
        request: MappingRequest,
        /// Whether an export wrote the first line.
        is_export: bool,
        /// Where the keys of its lines lead.
        shapes: jsonl::Shapes,
    },
}

/// A file being read.
pub struct RowReader<R> {
    text: Text<R>,
    source: Source,
    /// The user's columns.
    headers: Vec<String>,
    rows: usize,
    reading: Reading,
    keys: Keys,
    has_own_ids: bool,
    is_broken: bool,
}

impl<R: Read> RowReader<R> {
    /// Opens a file and finds out where its columns lead.
    ///
    /// # Errors
    /// When there is no header, or it does not lead to inputs.
    pub fn open(source: R, options: ReadOptions) -> Result<Self, RowsError> {
        let mut text = Text::open(source, options.encoding)?;
        let mut reading = Reading {
            is_ascii: options.mapping.punctuation == Punctuation::Ascii,
            ..Reading::default()
        };
        let layout = match options.layout {
            Layout::Recognise => {
                let first = text.ahead(1024)?.find(|c| !c.is_whitespace());
                if first == Some('{') {
                    Layout::Jsonl
                } else {
                    Layout::Csv
                }
            }
            Layout::Csv | Layout::Jsonl => options.layout,
        };
        let (source, headers) = match layout {
            Layout::Jsonl => {
                let ahead = text
                    .ahead(FIRST_LINE_CHARS)?
                    .skip_while(|c| c.is_whitespace());
                let first: String = ahead.take_while(|c| *c != '\n').collect();
                let source = Source::Jsonl {
                    request: options.mapping,
                    is_export: jsonl::is_export(&first),
                    shapes: jsonl::Shapes::default(),
                };
                (source, vec![JSON_COLUMN.to_owned()])
            }
            Layout::Csv | Layout::Recognise => {
                let said = Said {
                    delimiter: options.delimiter,
                    header_row: options.header_row,
                    mapping: &options.mapping,
                };
                let TableLayout {
                    cut,
                    header,
                    above,
                    sample,
                    nameless,
                } = layout::open(&mut text, said)?;
                reading.header_line = header.line;
                reading.above = above;
                reading.is_quoted_whole = cut.inner.is_some();
                reading.nameless_columns = u64::try_from(nameless).unwrap_or(u64::MAX);
                check_headers(&header, &options.mapping)?;
                let header_cells = header.cells.clone();
                let plain = unguarded_all(&header.cells);
                let added = Added::find(&plain);
                let all = if added.is_some() { plain } else { header.cells };
                let rows: Vec<Vec<String>> = sample.into_iter().map(|row| row.cells).collect();
                let mapping = Mapping::of(&all, (added.clone(), &rows), &options.mapping)?;
                let headers = mapping.users(&all).cloned().collect();
                let source = Source::Csv {
                    cut,
                    names: Names::of(&header_cells, &options.mapping),
                    mapping,
                    added,
                };
                (source, headers)
            }
        };
        Ok(Self {
            text,
            source,
            headers,
            rows: 0,
            reading,
            keys: Keys::default(),
            has_own_ids: options.has_own_ids,
            is_broken: false,
        })
    }

    /// The columns as the file names them; of an export only the user's.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Where the columns lead; a JSONL file has no columns of its own.
    pub fn mapping(&self) -> Option<&Mapping> {
        match &self.source {
            Source::Csv { mapping, .. } => Some(mapping),
            Source::Jsonl { .. } => None,
        }
    }

    /// The columns that lead nowhere, and those that an export added.
    pub fn unmapped(&self) -> Vec<Unmapped> {
        match &self.source {
            Source::Csv { mapping, .. } => mapping.unmapped(),
            Source::Jsonl {
                is_export: true, ..
            } => jsonl::ADDED.map(Unmapped::added).into(),
            Source::Jsonl {
                is_export: false, ..
            } => Vec::new(),
        }
    }

    /// The encoding in force.
    pub fn encoding(&self) -> Encoding {
        self.text.encoding()
    }

    /// The next row; `None` at the end of the file.
    ///
    /// # Errors
    /// With what is wrong and where. Behind one that
    /// [leaves more to read](RowsError::leaves_more_to_read) reading goes on with the next row.
    pub fn next_row(&mut self) -> Result<Option<InputRow>, RowsError> {
        if self.is_broken {
            return Ok(None);
        }
        let row = self.read_row();
        if let Err(error) = &row {
            self.is_broken = !error.leaves_more_to_read();
        }
        row
    }

    /// Reads what is left and answers what the file was.
    ///
    /// # Errors
    /// When the rest cannot be read or is too large.
    pub fn finish(self) -> Result<FileSummary, RowsError> {
        let (sha256, bytes) = self.text.finish()?;
        Ok(FileSummary {
            sha256,
            bytes,
            rows: u64::try_from(self.rows).unwrap_or(u64::MAX),
            reading: self.reading,
            keys: self.keys,
        })
    }

    /// The next record, or line, that holds anything.
    fn read_record(&mut self) -> Result<Option<(u64, Vec<String>)>, RowsError> {
        let Source::Csv { cut, names, .. } = &self.source else {
            let line = jsonl::next_line(&mut self.text)?;
            return Ok(line.map(|(line, text)| (line, vec![text])));
        };
        while let Some(record) = layout::next(&mut self.text, *cut)? {
            if layout::width(&record.cells) == 0 {
                self.reading.empty_rows += 1;
            } else if names.are_all_of(&record.cells) {
                self.reading.header_rows += 1;
            } else {
                return Ok(Some((record.line, record.cells)));
            }
        }
        Ok(None)
    }

    fn read_row(&mut self) -> Result<Option<InputRow>, RowsError> {
        let Some((line, mut cells)) = self.read_record()? else {
            return match (self.rows, &self.source) {
                (0, Source::Csv { .. }) => Err(RowsError::HeaderOnly),
                (0, Source::Jsonl { .. }) => Err(RowsError::Empty),
                _ => Ok(None),
            };
        };
        if self.rows == RUN_ROWS_MAX {
            return Err(RowsError::TooManyRows { line });
        }
        self.rows += 1;
        let mut short = None;
        let Found {
            original,
            drafted,
            told,
            keys,
        } = match &mut self.source {
            Source::Csv { mapping, added, .. } => {
                short = fit(&mut cells, (line, mapping.width()), &mut self.reading)?;
                of_cells(cells, (mapping, added.as_ref()))
            }
            Source::Jsonl {
                request, shapes, ..
            } => {
                let text = cells.into_iter().next().unwrap_or_default();
                jsonl::read(text, line, (request, shapes))?
            }
        };
        self.keys.add(keys);
        self.reading.odd_blanks += drafted.odd_blanks;
        self.reading.typographic += drafted.typographic;
        Ok(Some(InputRow {
            row: RowNumber(i64::try_from(self.rows).unwrap_or(i64::MAX)),
            line,
            original,
            draft: drafted.draft,
            placeholders: drafted.placeholders,
            short,
            has_own_id: self.has_own_ids,
            has_rounded_id: self.mapping().is_some_and(Mapping::has_rounded_ids)
                && !self.has_own_ids,
            told,
        }))
    }
}

/// Gives a row as many cells as the header has, if only empty ones are too much or missing; how many it had
/// where any are missing.
fn fit(
    cells: &mut Vec<String>,
    (line, width): (u64, usize),
    reading: &mut Reading,
) -> Result<Option<usize>, RowsError> {
    if layout::width(cells) > width {
        return Err(RowsError::Ragged {
            line,
            cells: cells.len(),
            headers: width,
        });
    }
    let short = Some(cells.len()).filter(|had| *had < width);
    let nameless = usize::try_from(reading.nameless_columns).unwrap_or_default();
    reading.long_rows += u64::from(cells.len() > width.saturating_add(nameless));
    reading.short_rows += u64::from(short.is_some());
    cells.resize(width, String::new());
    Ok(short)
}

/// What a row of a file is.
struct Found {
    original: Vec<String>,
    drafted: Drafted,
    told: Option<Told>,
    /// Of an object.
    keys: Keys,
}

/// A row of a table.
fn of_cells(cells: Vec<String>, (mapping, added): (&Mapping, Option<&Added>)) -> Found {
    let Some(added) = added else {
        return Found {
            drafted: mapping.draft(&cells),
            original: cells,
            told: None,
            keys: Keys::default(),
        };
    };
    let cells = unguarded_all(&cells);
    Found {
        original: mapping.users(&cells).cloned().collect(),
        drafted: mapping.draft(&cells),
        told: Some(added.told(&cells)),
        keys: Keys::default(),
    }
}

fn unguarded_all(cells: &[String]) -> Vec<String> {
    cells
        .iter()
        .map(|cell| unguarded(cell).into_owned())
        .collect()
}

/// Reads the first rows of a file, to show where its columns lead.
///
/// # Errors
/// As [`RowReader::open`] and [`RowReader::next_row`].
pub fn preview<R: Read>(
    source: R,
    options: ReadOptions,
    rows: usize,
) -> Result<Preview, RowsError> {
    let mut reader = RowReader::open(source, options)?;
    let mut first = Vec::new();
    while first.len() < rows
        && let Some(row) = reader.next_row()?
    {
        first.push(row);
    }
    Ok(Preview {
        headers: reader.headers().to_vec(),
        mapped: reader.mapping().map(Mapping::lines).unwrap_or_default(),
        unmapped: reader.unmapped(),
        reading: reader.reading,
        rows: first,
    })
}

/// Two columns of one name are refused where it is a name that leads somewhere.
fn check_headers(header: &Record, request: &MappingRequest) -> Result<(), RowsError> {
    let headers = &header.cells;
    for (second, name) in headers.iter().enumerate() {
        let name = name.trim();
        if name.is_empty() || request.matches(&[name.to_owned()]) == 0 {
            continue;
        }
        let before = headers.iter().take(second);
        let first = before
            .enumerate()
            .find(|(_, other)| other.trim().to_lowercase() == name.to_lowercase());
        if let Some((first, _)) = first {
            return Err(RowsError::DuplicateHeader {
                line: header.line,
                name: name.to_owned(),
                first: first + 1,
                second: second + 1,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
