//! Taking a file's rows into the ledger.
//!
//! ```text
//! begin ─► importing ─ push, push, … ─► finish ─► ready
//!              └── dropped, or its process died ─► removed
//! ```
//!
//! A run becomes runnable in the one transaction of `finish`; a file that was read half is never
//! sent.

use rusqlite::{Connection, params};
use tokio::sync::mpsc;

use crate::base::RunId;
use crate::base::limits::RUN_ROWS_MAX;

use super::cells::{int, size};
use super::dispatch::scope_id;
use super::error::{Fault, LedgerError};
use super::handle::{Ledger, write_message};
use super::lock::Dead;
use super::queue::Message;
use super::run::{NewRow, NewRun, RowStart, RowState};
use super::writer::Tx;

/// Rows of one transaction.
const ROWS_CHUNK: usize = 500;

impl Ledger {
    /// Starts taking in the rows of a run.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn begin_run(&self, new: NewRun) -> Result<RunImport, LedgerError> {
        let queue = self.inner.queue.downgrade();
        let run = self
            .write("start the run", move |tx| begin(tx, &new))
            .await?;
        Ok(RunImport {
            ledger: self.clone(),
            run,
            rows: 0,
            queue: Some(queue),
        })
    }

    /// Makes a run of rows that are all at hand.
    ///
    /// # Errors
    /// As [`RunImport::push`].
    pub async fn create_run(&self, new: NewRun, rows: Vec<NewRow>) -> Result<RunId, LedgerError> {
        let mut import = self.begin_run(new).await?;
        import.push(rows).await?;
        import.finish().await
    }
}

/// A run whose file is being read. Dropping it before [`RunImport::finish`] removes the run.
#[derive(Debug)]
#[must_use]
pub struct RunImport {
    ledger: Ledger,
    run: RunId,
    rows: usize,
    queue: Option<mpsc::WeakSender<Message>>,
}

impl RunImport {
    /// The run that is being made. Until [`RunImport::finish`] nobody works on it.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// Takes in the next rows, in file order; a few hundred at a time.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] beyond the most rows of a run, or when the ledger cannot be
    /// written. The run can then only be dropped.
    pub async fn push(&mut self, rows: Vec<NewRow>) -> Result<(), LedgerError> {
        self.rows = self.rows.saturating_add(rows.len());
        if self.rows > RUN_ROWS_MAX {
            return Err(LedgerError::Refused(format!(
                "a run has at most {RUN_ROWS_MAX} rows; split the file"
            )));
        }
        let run = self.run;
        let mut rest = rows.into_iter();
        loop {
            // Between two chunks other writes have their turn.
            let chunk: Vec<NewRow> = rest.by_ref().take(ROWS_CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            self.ledger
                .write("take in the rows", move |tx| insert(tx, run, &chunk))
                .await?;
        }
    }

    /// Notes the digest of the file. It is known only when the file was read to its end, and a
    /// pipe can be read only once.
    ///
    /// # Errors
    /// When the ledger cannot be written. The run can then only be dropped.
    pub async fn note_digest(&mut self, sha256: String) -> Result<(), LedgerError> {
        let run = self.run;
        self.ledger
            .write("note the digest of the file", move |tx| {
                tx.conn
                    .prepare_cached(
                        "UPDATE runs SET sha256 = ?2 WHERE id = ?1 AND state = 'importing'",
                    )?
                    .execute(params![run.0, sha256])?;
                Ok(())
            })
            .await
    }

    /// Makes the run ready.
    ///
    /// # Errors
    /// When the ledger cannot be written; then the run is removed.
    pub async fn finish(mut self) -> Result<RunId, LedgerError> {
        let (run, rows) = (self.run, size(self.rows));
        self.ledger
            .write("make the run ready", move |tx| {
                let kept: i64 = tx
                    .conn
                    .prepare_cached("SELECT count(*) AS n FROM run_rows WHERE run = ?1")?
                    .query_row([run.0], |row| row.get("n"))?;
                if kept != rows {
                    return Err(LedgerError::Refused(format!(
                        "run {run} has {kept} of {rows} rows; read the file again"
                    ))
                    .into());
                }
                tx.conn
                    .prepare_cached(
                        "UPDATE runs SET state = 'ready', state_ms = ?2
                         WHERE id = ?1 AND state = 'importing'",
                    )?
                    .execute(params![run.0, tx.now_ms])?;
                Ok(())
            })
            .await?;
        self.queue = None;
        Ok(run)
    }
}

impl Drop for RunImport {
    fn drop(&mut self) {
        let Some(queue) = self.queue.take().and_then(|queue| queue.upgrade()) else {
            return;
        };
        let run = self.run;
        // With a full queue the run stays, not runnable, until this process has ended.
        let _ = queue.try_send(write_message("remove the run", move |tx| {
            remove(tx.conn, run)
        }));
    }
}

fn begin(tx: &Tx<'_>, new: &NewRun) -> Result<RunId, Fault> {
    let scope = scope_id(tx.conn, new.scope.as_str())?;
    let id = tx
        .conn
        .prepare_cached(
            "INSERT INTO runs (profile, scope, kind, module, file_name, sha256, columns, mapping,
                 settings, operator, process, created_ms, state, state_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'importing', ?12)
             RETURNING id",
        )?
        .query_row(
            params![
                new.profile.as_str(),
                scope,
                new.kind.as_str(),
                new.module,
                new.file_name,
                new.sha256,
                new.columns,
                new.mapping,
                new.settings,
                tx.env.operator,
                tx.env.process,
                tx.now_ms,
            ],
            |row| row.get("id"),
        )?;
    Ok(RunId(id))
}

fn insert(tx: &Tx<'_>, run: RunId, rows: &[NewRow]) -> Result<(), Fault> {
    let mut statement = tx.conn.prepare_cached(
        "INSERT INTO run_rows (run, row, line, cells, inputs, record_id, fingerprint, state,
             reason, known, known_open, verdict)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for row in rows {
        let (state, reason) = match &row.start {
            RowStart::Pending => (RowState::Pending, None),
            RowStart::Invalid(reason) => (RowState::Invalid, Some(reason)),
            RowStart::Skipped(reason) => (RowState::Skipped, Some(reason)),
        };
        statement.execute(params![
            run.0,
            row.row.0,
            int(row.line),
            row.cells,
            row.inputs,
            row.record_id.as_ref().map(crate::base::RecordId::as_str),
            row.fingerprint.map(|f| f.0),
            state.as_str(),
            reason,
            row.word.known.map(|known| known.0),
            row.word.open,
            row.verdict,
        ])?;
    }
    Ok(())
}

fn remove(conn: &Connection, run: RunId) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM runs WHERE id = ?1 AND state = 'importing'")?
        .execute([run.0])?;
    Ok(())
}

/// Removes what processes that died were still reading.
pub(super) fn remove_abandoned(tx: &Tx<'_>) -> Result<(), Fault> {
    let left: Vec<(i64, String)> = tx
        .conn
        .prepare_cached(
            "SELECT id, process FROM runs WHERE state = 'importing' AND process IS NOT ?1",
        )?
        .query_map([&tx.env.process], |row| {
            Ok((row.get("id")?, row.get("process")?))
        })?
        .collect::<Result<_, _>>()?;
    for (run, process) in left {
        if let Some(_dead) = Dead::process(&tx.env.locks, &process) {
            remove(tx.conn, RunId(run))?;
        }
    }
    Ok(())
}
