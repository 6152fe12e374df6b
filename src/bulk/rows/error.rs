//! Why a file cannot become rows: what, where, and what to do about it.

use super::encoding::{Encoding, Guess};
use super::mapping::MappingError;

/// What is wrong with a file. Nothing has been sent.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// More bytes than a run takes.
    #[error("the file is larger than 64 MiB: split it")]
    TooLarge,
    /// More rows than a run takes.
    #[error("line {line}: the file has more than 100,000 rows: split it")]
    TooManyRows {
        /// Where the first row too many begins.
        line: u64,
    },
    /// More columns than a run takes.
    #[error("line {line}: more than 512 columns: this does not look like a table of people")]
    TooManyColumns {
        /// Where.
        line: u64,
    },
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// No row begins where the header was said to be.
    #[error("line {line}: no row begins here: say the line of the header with --header-row")]
    NoHeaderAt {
        /// The line that was said.
        line: u64,
    },
    /// There is a header, and nothing else.
    #[error("the file has a header and no rows")]
    HeaderOnly,
    /// A byte that does not belong to the encoding.
    #[error("line {line}: byte {byte:02X} is not {encoding}{}", guess_hint(guess.as_ref()))]
    NotText {
        /// Where.
        line: u64,
        /// The byte.
        byte: u8,
        /// The encoding in force.
        encoding: Encoding,
        /// What it may be instead.
        guess: Option<Guess>,
    },
    /// A file of another kind.
    #[error("this is {what} and no table of text: {instead}")]
    NoTable {
        /// What it is.
        what: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// An encoding that is recognised, but not marked.
    #[error("the file looks like {0} without a byte order mark: say --encoding {0}")]
    LooksLike(Encoding),
    /// A NUL character.
    #[error("line {line}: there is a NUL character: this is not a text file, or it is damaged")]
    Nul {
        /// Where.
        line: u64,
    },
    /// A row without an end.
    #[error("line {line}: the row that begins here is longer than 1 MiB; is a quote not closed?")]
    RowTooLong {
        /// Where it begins.
        line: u64,
    },
    /// A quote that is never closed.
    #[error("line {line}: the quote that opens here is never closed")]
    QuoteOpen {
        /// Where it opens.
        line: u64,
    },
    /// A quote that ends before its cell does.
    #[error(
        "line {line}: after the closing quote of cell {cell} comes more text; double the quote"
    )]
    QuoteInside {
        /// Where.
        line: u64,
        /// The cell, counted from 1.
        cell: usize,
    },
    /// A row with more in it than the header has columns.
    #[error(
        "line {line}: the row has {cells} cells, the header has {headers}; is a text with the separator not in quotes, or does the table begin further down (--header-row)?"
    )]
    Ragged {
        /// Where.
        line: u64,
        /// Cells of the row.
        cells: usize,
        /// Cells of the header.
        headers: usize,
    },
    /// Two columns of one name.
    #[error("line {line}: columns {first} and {second} are both called {name:?}: rename one")]
    DuplicateHeader {
        /// The line of the header.
        line: u64,
        /// The name.
        name: String,
        /// The first column, counted from 1.
        first: usize,
        /// The second.
        second: usize,
    },
    /// A line of a JSONL file that is no row.
    #[error("line {line}: {message}")]
    Json {
        /// Where.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// The columns do not lead to inputs.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

impl RowsError {
    /// The line of the file, where there is one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::TooManyRows { line }
            | Self::TooManyColumns { line }
            | Self::NotText { line, .. }
            | Self::Nul { line }
            | Self::NoHeaderAt { line }
            | Self::RowTooLong { line }
            | Self::QuoteOpen { line }
            | Self::QuoteInside { line, .. }
            | Self::Ragged { line, .. }
            | Self::DuplicateHeader { line, .. }
            | Self::Json { line, .. } => Some(*line),
            Self::Read(_)
            | Self::TooLarge
            | Self::Empty
            | Self::NoTable { .. }
            | Self::HeaderOnly
            | Self::LooksLike(_)
            | Self::Mapping(_) => None,
        }
    }

    /// Whether reading can go on behind it, so that more mistakes are found in one go. The file
    /// is refused either way.
    pub fn leaves_more_to_read(&self) -> bool {
        matches!(self, Self::Ragged { .. } | Self::Json { .. })
    }
}

fn guess_hint(guess: Option<&Guess>) -> String {
    let Some(Guess {
        encoding,
        is_likely,
        sample,
    }) = guess
    else {
        return String::new();
    };
    let how = match is_likely {
        true => "is likely",
        false => "may be",
    };
    format!(
        "; the file {how} {encoding} and would read {sample:?}: if that is right, say --encoding {encoding}; else save it as UTF-8"
    )
}
