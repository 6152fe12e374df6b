//! What a run has in common with other runs and requests: told before it starts.
//!
//! A plan looks into the history once. What was asked since then is found in the transaction that
//! would record the attempt (see [`super::gate`]); here it is counted, so that the figures that a
//! person agrees to are true.

use rusqlite::{Connection, params};

use crate::base::{RowNumber, RunId};
use crate::enrichment::verdict::{Match, SameRun, Standing, Word};

use super::cells::Cells;
use super::error::{Fault, LedgerError};
use super::gate::{asked_of_row, row_word};
use super::handle::Ledger;
use super::key::ProvenKey;
use super::look::Place;
use super::times::Now;

/// Most unfinished runs that a run is compared with, the newest first.
const RUNS_MAX: usize = 20;

/// The verdict of a person who lets a row wait again.
pub(super) const QUEUED_AGAIN: &str = "queued again";

/// What a run has in common with others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlap {
    /// Unfinished runs where the same inputs wait, newest first, with how many of this run's
    /// waiting rows that are.
    pub planned: Vec<(RunId, u64)>,
    /// Waiting rows whose inputs were sent elsewhere since.
    pub sent: u64,
}

impl Ledger {
    /// What the waiting rows of a run have in common with other runs and requests.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn overlap(&self, run: RunId, of_run: Word) -> Result<Overlap, LedgerError> {
        let (key, now) = (self.hash_key()?, Now::of(self.inner.clock.as_ref()));
        self.read("look for the same people", move |conn| {
            Ok(Overlap {
                planned: planned(conn, run)?,
                sent: size(asked_before(conn, run, (&key, &of_run, &now))?.len()),
            })
        })
        .await
    }

    /// Unfinished runs where the same inputs wait, newest first, with how many.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn planned_too(&self, run: RunId) -> Result<Vec<(RunId, u64)>, LedgerError> {
        self.read("look for the same inputs", move |conn| planned(conn, run))
            .await
    }

    /// The waiting rows of a run that would be refused now, because their person was asked about since
    /// they were judged.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn asked_before(
        &self,
        run: RunId,
        of_run: Word,
    ) -> Result<Vec<(RowNumber, Match)>, LedgerError> {
        let (key, now) = (self.hash_key()?, Now::of(self.inner.clock.as_ref()));
        self.read("look for the same people", move |conn| {
            asked_before(conn, run, (&key, &of_run, &now))
        })
        .await
    }

    /// Leaves out a waiting row that may not be sent any more; of somebody who was forgotten nothing is
    /// kept in it. One that does not wait is left as it is.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn leave_out(
        &self,
        (run, row): (RunId, RowNumber),
        standing: Standing,
        (reason, verdict): (String, Option<String>),
    ) -> Result<(), LedgerError> {
        let kept = match standing {
            Standing::Already => "",
            Standing::Forgotten => ", cells = NULL, inputs = NULL, record_id = NULL",
        };
        let sql = format!(
            "UPDATE run_rows SET state = 'skipped', reason = ?3, verdict = ?4{kept}
             WHERE run = ?1 AND row = ?2 AND state = 'pending'"
        );
        self.write("leave the row out", move |tx| {
            tx.conn
                .prepare_cached(&sql)?
                .execute(params![run.0, row.0, reason, verdict])?;
            Ok(())
        })
        .await
    }
}

fn planned(conn: &Connection, run: RunId) -> Result<Vec<(RunId, u64)>, Fault> {
    let others: Vec<i64> = conn
        .prepare_cached(
            "SELECT o.id FROM runs r JOIN runs o ON o.scope = r.scope AND o.kind = r.kind
             WHERE r.id = ?1 AND o.id <> r.id AND o.state IN ('ready', 'running', 'paused')
             ORDER BY o.id DESC LIMIT ?2",
        )?
        .query_map(params![run.0, super::cells::size(RUNS_MAX)], |row| {
            Cells::of(row).take()
        })?
        .collect::<Result<_, _>>()?;
    let mut shared = conn.prepare_cached(
        "SELECT count(*) AS n FROM run_rows INDEXED BY run_rows_state
         WHERE run = ?1 AND state = 'pending' AND fingerprint IN (
             SELECT fingerprint FROM run_rows INDEXED BY run_rows_state
             WHERE run = ?2 AND state IN ('pending', 'sending'))",
    )?;
    let mut found = Vec::new();
    for other in others {
        let rows = shared.query_row([run.0, other], |row| Cells::of(row).count())?;
        if rows > 0 {
            found.push((RunId(other), rows));
        }
    }
    Ok(found)
}

fn size(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn asked_before(
    conn: &Connection,
    run: RunId,
    (key, of_run, now): Judge<'_>,
) -> Result<Vec<(RowNumber, Match)>, Fault> {
    let found = super::runs::find(conn, run)?.ok_or(LedgerError::NoSuchRun(run))?;
    let place = Place::of(conn, &found.scope, (found.kind, now.clone()))?;
    let mut statement = conn.prepare_cached(
        "SELECT row, inputs, record_id, known, known_open FROM run_rows INDEXED BY run_rows_state
         WHERE run = ?1 AND state = 'pending' ORDER BY row",
    )?;
    let mut rows = statement.query([run.0])?;
    let mut refused = Vec::new();
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let number = RowNumber(cells.take()?);
        let inputs: Option<String> = cells.take()?;
        let record_id: Option<String> = cells.take()?;
        let (known, is_open) = (cells.take::<Option<i64>>()?, cells.is_set()?);
        let asked = inputs.and_then(|inputs| asked_of_row(&found, (&inputs, record_id), key));
        let Some(asked) = asked else {
            continue;
        };
        let mut seen = place.look(conn, &asked)?;
        if of_run.same_run == SameRun::Ignored {
            seen.matches.retain(|found| found.run != Some(run));
        }
        let word = row_word(of_run, (known, is_open));
        refused.extend(seen.blocking(&word).map(|found| (number, found.clone())));
    }
    Ok(refused)
}

type Judge<'a> = (&'a ProvenKey, &'a Word, &'a Now);
