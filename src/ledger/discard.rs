//! Taking a plan away that never sent anything.
//!
//! The run goes with its rows and the copy of its file in them. Attempts are never touched: a run
//! that has one stays. The number is not given out again, and that somebody discarded the run is
//! kept as a decision.

use std::sync::PoisonError;

use rusqlite::params;

use crate::base::RunId;

use super::cells::Cells;
use super::dispatch::run_state;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::run::RunState;
use super::settle::{Decided, decide};
use super::writer::Tx;

impl Ledger {
    /// Removes a run that never sent anything, with its rows; answers how many rows it had. The
    /// caller holds the run, so that nobody begins to work on it meanwhile.
    ///
    /// # Errors
    /// [`LedgerError::RunNotHeld`], [`LedgerError::RunState`] while its file is being read, and
    /// [`LedgerError::Refused`] for a run with attempts. Then nothing is removed.
    pub async fn discard_run(&self, run: RunId) -> Result<u64, LedgerError> {
        self.write("discard the run", move |tx| discard(tx, run))
            .await
    }
}

fn discard(tx: &Tx<'_>, run: RunId) -> Result<u64, Fault> {
    let held = tx.env.held.lock().unwrap_or_else(PoisonError::into_inner);
    if !held.contains(&run) {
        return Err(LedgerError::RunNotHeld { run }.into());
    }
    drop(held);
    let state = run_state(tx.conn, run)?;
    if state == RunState::Importing {
        let wanted = "its file is still being read";
        return Err(LedgerError::RunState { run, state, wanted }.into());
    }
    let attempts: u64 = tx
        .conn
        .prepare_cached(
            "SELECT count(*) AS n FROM attempts INDEXED BY attempts_run WHERE run = ?1",
        )?
        .query_row([run.0], |row| Cells::of(row).count())?;
    if attempts > 0 {
        return Err(LedgerError::Refused(format!(
            "run {run} is not discarded: it has made {attempts} attempts, and what was sent is kept"
        ))
        .into());
    }
    let rows: u64 = tx
        .conn
        .prepare_cached("SELECT coalesce(sum(count), 0) AS n FROM row_counts WHERE run = ?1")?
        .query_row([run.0], |row| Cells::of(row).count())?;
    tx.conn
        .prepare_cached("DELETE FROM runs WHERE id = ?1")?
        .execute(params![run.0])?;
    let note = format!("run {run} with {rows} rows");
    decide(
        tx,
        &Decided {
            made_by: "operator",
            verdict: "discarded",
            attempt: None,
            row: None,
            note: Some(&note),
        },
    )?;
    Ok(rows)
}
