//! A run's rows as a file: the original columns, and beside them what became of each row.
//!
//! CSV is guarded against formulas unless somebody asks for the raw cells; JSONL is lossless and
//! holds the enriched data whole. Rows are written as they come; nothing is kept. It refuses to
//! overwrite a column of the original: a name that is taken gets `ziadeck_` before it.

mod enriched;
mod write_back;

use std::io::{self, Write};

use serde_json::{Map, Value};

pub use super::guard::{guarded, unguarded};
pub use write_back::{Cells, WriteBack};

use super::columns::{self, CHECK_KEY, MODULE, RECORD_ID, RESULT_COLUMNS};
use super::rows::JSON_COLUMN;
use crate::base::{AttemptId, EnrichmentKind, JobId, RowNumber};
use crate::enrichment::Field;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// CSV in which no cell opens a formula.
    CsvGuarded,
    /// CSV with every cell as it is: for programs, not for spreadsheets.
    CsvRaw,
    /// One JSON object per line.
    Jsonl,
}

/// One row of a run.
#[derive(Debug, Clone, Copy)]
pub struct ExportRow<'a> {
    /// Its number.
    pub row: RowNumber,
    /// Its cells as the file had them.
    pub original: &'a [String],
    /// Its state, in the words of the run.
    pub outcome: &'a str,
    /// The server's code, or the one it would have answered.
    pub code: Option<&'a str>,
    /// The job that was made of it.
    pub job_id: Option<&'a JobId>,
    /// Its last attempt.
    pub attempt: Option<AttemptId>,
    /// The job's status as it was last read.
    pub job_status: Option<&'a str>,
    /// Why it was not sent, or what the server said against it.
    pub reason: Option<&'a str>,
    /// What it asks for, as one flat object: its inputs, `module` and `record_id`.
    pub asked: Option<&'a Map<String, Value>>,
    /// What Zia found.
    pub enriched: Option<&'a Value>,
    /// What was asked before, and what is doubtful.
    pub verdict: Option<&'a Value>,
}

/// Writes an export.
pub struct Exporter<W: Write> {
    out: Out<W>,
    headers: Vec<String>,
}

enum Out<W: Write> {
    Csv {
        writer: Box<csv::Writer<W>>,
        cell: fn(&str) -> std::borrow::Cow<'_, str>,
    },
    Jsonl(W),
}

impl<W: Write> Exporter<W> {
    /// Begins an export; a CSV gets its header, without the white space around its names: an
    /// import does not see it, and two guarded names might differ in nothing else.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(out: W, format: ExportFormat, headers: &[String]) -> io::Result<Self> {
        let out = match format {
            ExportFormat::Jsonl => Out::Jsonl(out),
            ExportFormat::CsvGuarded => Out::Csv {
                writer: Box::new(csv::Writer::from_writer(out)),
                cell: guarded,
            },
            ExportFormat::CsvRaw => Out::Csv {
                writer: Box::new(csv::Writer::from_writer(out)),
                cell: |cell| cell.into(),
            },
        };
        let headers: Vec<String> = headers.iter().map(|name| name.trim().to_owned()).collect();
        let added = columns::beside(&headers);
        let mut exporter = Self { out, headers };
        let names = exporter.headers.clone().into_iter().chain(added);
        exporter.write_cells(&names.collect::<Vec<_>>())?;
        Ok(exporter)
    }

    /// Writes one row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, row: &ExportRow<'_>) -> io::Result<()> {
        if let Out::Jsonl(out) = &mut self.out {
            let line = json_of(row, &self.headers).to_string();
            out.write_all(line.as_bytes())?;
            return out.write_all(b"\n");
        }
        let attempt = row.attempt.map(|id| id.to_string());
        let result: [Option<&str>; RESULT_COLUMNS.len()] = [
            Some(row.outcome),
            row.code,
            row.job_id.map(JobId::as_str),
            attempt.as_deref(),
            row.job_status,
            row.reason,
        ];
        let enriched = row.enriched.map(enriched::cells).unwrap_or_default();
        let original = row.original.iter().map(String::as_str);
        let check = row.asked.map(columns::check_of).unwrap_or_default();
        let cells = original
            .chain(std::iter::repeat(""))
            .take(self.headers.len())
            .chain(result.map(Option::unwrap_or_default))
            .chain(enriched.iter().map(String::as_str))
            .chain([check.as_str()]);
        self.write_cells(&cells.collect::<Vec<_>>())
    }

    /// Ends the export and hands the writer back, everything written.
    ///
    /// # Errors
    /// When the last of it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        match self.out {
            Out::Csv { writer, .. } => writer.into_inner().map_err(csv::IntoInnerError::into_error),
            Out::Jsonl(mut out) => {
                out.flush()?;
                Ok(out)
            }
        }
    }

    fn write_cells<T: AsRef<str>>(&mut self, cells: &[T]) -> io::Result<()> {
        let Out::Csv { writer, cell } = &mut self.out else {
            return Ok(());
        };
        for text in cells {
            writer
                .write_field(cell(text.as_ref()).as_bytes())
                .map_err(io_error)?;
        }
        writer.write_record(None::<&[u8]>).map_err(io_error)
    }
}

/// Keeps the kind, so that a reader that went away (`| head`) is told from a full disk.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The columns of a run whose file was lines of JSON: its inputs, and the line itself.
pub fn line_columns(kind: EnrichmentKind) -> Vec<String> {
    let inputs = Field::of(kind).iter().map(|field| field.as_str());
    let names = inputs.chain([MODULE, RECORD_ID, JSON_COLUMN]);
    names.map(str::to_owned).collect()
}

/// The cells under [`line_columns`].
pub fn line_cells(kind: EnrichmentKind, inputs: &Map<String, Value>, line: &str) -> Vec<String> {
    let text = |name: &str| inputs.get(name).and_then(Value::as_str).unwrap_or_default();
    let fields = Field::of(kind).iter().map(|field| text(field.as_str()));
    let cells = fields.chain([text(MODULE), text(RECORD_ID), line]);
    cells.map(str::to_owned).collect()
}

fn json_of(row: &ExportRow<'_>, headers: &[String]) -> Value {
    let text = |value: Option<&str>| value.map_or(Value::Null, Value::from);
    let mut object = Map::new();
    object.insert("row".to_owned(), Value::from(row.row.0));
    object.insert("original".to_owned(), original_of(row.original, headers));
    object.insert("outcome".to_owned(), Value::from(row.outcome));
    object.insert("code".to_owned(), text(row.code));
    object.insert("job_id".to_owned(), text(row.job_id.map(JobId::as_str)));
    let attempt = row.attempt.map_or(Value::Null, |id| Value::from(id.0));
    object.insert("attempt".to_owned(), attempt);
    object.insert("job_status".to_owned(), text(row.job_status));
    object.insert("reason".to_owned(), text(row.reason));
    let check = row.asked.map(columns::check_of);
    object.insert(CHECK_KEY.to_owned(), text(check.as_deref()));
    let of = |name: &str| row.verdict.and_then(|verdict| verdict.get(name)).cloned();
    object.insert("already".to_owned(), of("already").unwrap_or(Value::Null));
    let doubts = of("doubts").unwrap_or_else(|| Value::Array(Vec::new()));
    object.insert("doubts".to_owned(), doubts);
    let enriched = row.enriched.cloned().unwrap_or(Value::Null);
    object.insert("enriched".to_owned(), enriched);
    Value::Object(object)
}

/// The cells by their columns; a line that was JSON is JSON again.
fn original_of(cells: &[String], headers: &[String]) -> Value {
    if let ([header], [line]) = (headers, cells)
        && header == JSON_COLUMN
        && let Ok(value) = serde_json::from_str(line)
    {
        return value;
    }
    let named = headers.iter().zip(cells).enumerate();
    let cells = named.map(|(index, (header, cell))| {
        let name = match header.as_str() {
            "" => format!("column {}", index + 1),
            name => name.to_owned(),
        };
        (name, Value::from(cell.as_str()))
    });
    Value::Object(cells.collect())
}

#[cfg(test)]
mod tests;
