//! What comes after a run: its rows as a file, and a person's decisions about single rows.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::error::OpsError;
use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{RowNumber, RunId};
use crate::bulk::export::{Cells, WriteBack, line_cells, line_columns};
use crate::bulk::rows::JSON_COLUMN;
use crate::bulk::{ExportFormat, ExportRow, Exporter};
use crate::ledger::{Ledger, LedgerError, RowQuery, RowResult, RowState, RunRow};

/// Which rows of a run are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// These.
    These(Vec<RowNumber>),
    /// All in this state.
    In(RowState),
}

/// Writes the rows of a run, in file order, and hands the writer back. Answers how many rows.
///
/// # Errors
/// When there is no such run, the ledger cannot be read, or `out` cannot be written.
pub async fn export<W: Write + Send>(
    ledger: &Ledger,
    query: RowQuery,
    format: ExportFormat,
    out: W,
) -> Result<(W, u64), ExportError> {
    let run = query.run;
    let found = ledger.run(run).await?.ok_or(LedgerError::NoSuchRun(run))?;
    let mut columns: Vec<String> = serde_json::from_str(&found.columns).unwrap_or_default();
    let mut originals = Originals::Cells;
    if format != ExportFormat::Jsonl && columns == [JSON_COLUMN] {
        originals = Originals::Lines;
        columns = line_columns(found.kind);
    }
    let of = (&found, originals);
    let mut exporter = Exporter::new(out, format, &columns)?;
    let mut rows = 0;
    each_row(ledger, query, |row| {
        rows += 1;
        write_row(&mut exporter, of, row)
    })
    .await?;
    Ok((exporter.finish()?, rows))
}

/// Writes what was found for the rows that name a record, for an import into the CRM. Answers how
/// many rows.
///
/// # Errors
/// As [`export`].
pub async fn write_back<W: Write + Send>(
    ledger: &Ledger,
    query: RowQuery,
    cells: Cells,
    out: W,
) -> Result<(W, u64), ExportError> {
    let run = query.run;
    ledger.run(run).await?.ok_or(LedgerError::NoSuchRun(run))?;
    let mut file = WriteBack::new(out, cells)?;
    let mut rows = 0;
    each_row(ledger, query, |found| {
        if let (Some(record), Some(data)) = (&found.row.record_id, enriched(found)) {
            rows += u64::from(file.write(record, &data)?);
        }
        Ok(())
    })
    .await?;
    Ok((file.finish()?, rows))
}

/// Hands out the rows page by page: memory holds one page, whatever the run's size.
async fn each_row(
    ledger: &Ledger,
    query: RowQuery,
    mut take: impl FnMut(&RowResult) -> io::Result<()>,
) -> Result<(), ExportError> {
    let (mut after, mut left) = (query.after, query.limit);
    while left > 0 {
        let page = RowQuery {
            after,
            limit: left.min(PAGE_ROWS_MAX),
            ..query.clone()
        };
        let page = ledger.row_results(page).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.row.row);
        left = left.saturating_sub(page.len());
        page.iter().try_for_each(&mut take)?;
    }
    Ok(())
}

fn enriched(found: &RowResult) -> Option<Value> {
    parsed(found.enriched_data.as_deref())
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Where it is written to.
    #[error("the export cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// What stands in a row of an export as its original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Originals {
    /// The cells of the file.
    Cells,
    /// The inputs of a line of JSON, a cell each.
    Lines,
}

fn write_row<W: Write>(
    exporter: &mut Exporter<W>,
    (run, originals): (&RunRow, Originals),
    found: &RowResult,
) -> io::Result<()> {
    let RowResult { row, attempt, .. } = found;
    let attempt = attempt.as_ref();
    let mut cells: Vec<String> = parsed(row.cells.as_deref()).unwrap_or_default();
    let mut asked: Option<Map<String, Value>> = parsed(row.inputs.as_deref());
    if let Some(asked) = &mut asked {
        if let Some(record) = &row.record_id {
            asked.insert("record_id".to_owned(), Value::from(record.as_str()));
        }
        if let (Originals::Lines, [line]) = (originals, cells.as_slice()) {
            cells = line_cells(run.kind, asked, line);
        }
        let module = asked.entry("module");
        module.or_insert_with(|| Value::from(run.module.as_str()));
    }
    let enriched = enriched(found);
    let verdict: Option<Value> = parsed(row.verdict.as_deref());
    let said = attempt.and_then(|attempt| attempt.message.as_deref().or(attempt.note.as_deref()));
    let reason = match row.state {
        RowState::Scheduled => None,
        RowState::Pending
        | RowState::Invalid
        | RowState::Skipped
        | RowState::Sending
        | RowState::Rejected
        | RowState::NotSent
        | RowState::Unknown
        | RowState::Absent => row.reason.as_deref().or(said),
    };
    // The word before the sentence: INVALID_DATA, already, duplicate, doubtful.
    let word = reason
        .filter(|_| matches!(row.state, RowState::Invalid | RowState::Skipped))
        .and_then(|reason| reason.split_once(": "))
        .map(|(word, _)| word);
    let code = attempt.and_then(|attempt| attempt.code.as_deref()).or(word);
    exporter.write(&ExportRow {
        row: row.row,
        original: &cells,
        outcome: row.state.as_str(),
        code,
        job_id: attempt
            .and_then(|attempt| attempt.job_id.as_ref())
            .or(found.earlier_job.as_ref()),
        attempt: row.attempt,
        job_status: found.job_status.as_deref(),
        reason,
        asked: asked.as_ref(),
        enriched: enriched.as_ref(),
        verdict: verdict.as_ref(),
    })
}

fn parsed<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| serde_json::from_str(text).ok())
}

/// Whether a file that is there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// It may not.
    Never,
    /// It may.
    Always,
}

/// A private file that appears under its name only when it is whole.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    temporary: PathBuf,
    file: Option<File>,
}

impl NewFile {
    /// Begins a file, mode 0600, under another name in the same directory.
    ///
    /// # Errors
    /// When it is there and may not be replaced, or cannot be made.
    pub fn begin(path: &Path, replace: Replace) -> io::Result<Self> {
        let is_there = path.symlink_metadata().is_ok();
        if replace == Replace::Never && is_there {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // A link stays, and the file behind it is replaced; what is no file is no place for one.
        let path = match is_there {
            true => &path.canonicalize()?,
            false => path,
        };
        if is_there && !path.metadata()?.is_file() {
            let why = "this is no regular file, and is not replaced";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.part", std::process::id()));
        let temporary = path.with_file_name(temporary);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)?;
        Ok(Self {
            path: path.to_owned(),
            temporary,
            file: Some(file),
        })
    }

    /// Gives the file its name, everything of it on the disk.
    ///
    /// # Errors
    /// When it cannot; then nothing is left behind.
    pub fn publish(mut self, replace: Replace) -> io::Result<()> {
        if let Some(file) = self.file.take() {
            file.sync_all()?;
        }
        match replace {
            Replace::Always => std::fs::rename(&self.temporary, &self.path),
            // A link, unlike a rename, does not replace a file that appeared meanwhile.
            Replace::Never => std::fs::hard_link(&self.temporary, &self.path),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // After a rename there is nothing of this name any more.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// The rows that are meant, by number.
///
/// # Errors
/// When there is no such run, or the ledger cannot be read.
pub async fn numbers(ledger: &Ledger, run: RunId, rows: Rows) -> Result<Vec<RowNumber>, OpsError> {
    ledger.run(run).await?.ok_or(LedgerError::NoSuchRun(run))?;
    let state = match rows {
        Rows::These(numbers) => return Ok(numbers),
        Rows::In(state) => state,
    };
    let mut numbers = Vec::new();
    loop {
        let page = ledger
            .rows(RowQuery {
                run,
                states: vec![state],
                after: numbers.last().copied(),
                limit: PAGE_ROWS_MAX,
            })
            .await?;
        numbers.extend(page.iter().map(|row| row.row));
        if page.len() < PAGE_ROWS_MAX {
            return Ok(numbers);
        }
    }
}

/// What a person is told who queues rows again.
pub const REQUEUED: &str = "A row that matches an earlier request asks for the same person once more; where that request has no answer yet, the row is left out again.";

/// Lets rows wait for their turn again: a person's decision, recorded with each row. A process
/// that works on the run takes them up at its next start.
///
/// # Errors
/// When one of them is neither absent, not sent nor skipped; then none is moved.
pub async fn requeue(ledger: &Ledger, run: RunId, rows: Vec<RowNumber>) -> Result<(), OpsError> {
    let note = "queued again by hand".to_owned();
    Ok(ledger.requeue(run, rows, note).await?)
}

/// Leaves rows out: a person's decision, recorded with each row.
///
/// # Errors
/// When one of them is, or may be, with the server; those before it are skipped.
pub async fn skip(ledger: &Ledger, run: RunId, rows: Vec<RowNumber>) -> Result<(), OpsError> {
    for row in rows {
        ledger.skip(run, row, "skipped by hand".to_owned()).await?;
    }
    Ok(())
}
