//! The same inputs in more than one run: what is told before a run starts, and what is refused when
//! a row is about to go.
//!
//! A plan looks into the history once. What another run, or a single request, asked since then is
//! found in the transaction that would record the attempt, so two runs of one file cannot both ask
//! for a person. Rows of the same run are the plan's matter, and a row that a person queued again
//! is sent whatever was sent before that word.

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{AttemptId, RowNumber, RunId};

use super::attempt::{Again, NewAttempt};
use super::cells::Cells;
use super::counts::CHARGED;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::writer::Tx;

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
    pub async fn overlap(&self, run: RunId) -> Result<Overlap, LedgerError> {
        self.read("look for the same inputs", move |conn| {
            Ok(Overlap {
                planned: planned(conn, run)?,
                sent: sent(conn, run)?,
            })
        })
        .await
    }

    /// Leaves out a waiting row that may not be sent any more. One that does not wait is left as
    /// it is.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn leave_out(
        &self,
        run: RunId,
        row: RowNumber,
        reason: String,
    ) -> Result<(), LedgerError> {
        self.write("leave the row out", move |tx| {
            tx.conn
                .prepare_cached(
                    "UPDATE run_rows SET state = 'skipped', reason = ?3
                     WHERE run = ?1 AND row = ?2 AND state = 'pending'",
                )?
                .execute(params![run.0, row.0, reason])?;
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

/// Attempts `a` that asked what the row `w` of run `r` asks, elsewhere.
fn elsewhere() -> String {
    format!(
        "a.fingerprint = w.fingerprint AND a.scope = r.scope AND a.kind = r.kind
         AND a.outcome IN {CHARGED} AND a.run IS NOT w.run"
    )
}

/// Of those, the ones that a person's last word on the row does not know. Attempts are ordered by
/// their numbers: a clock that was set in between would refuse the row for ever, or ask twice.
fn elsewhere_since() -> String {
    format!(
        "{} AND NOT EXISTS (
             SELECT 1 FROM decisions d WHERE d.run = w.run AND d.row = w.row
                 AND d.verdict = '{QUEUED_AGAIN}' AND d.attempt >= a.id)",
        elsewhere()
    )
}

/// The last attempt that asked elsewhere what a row asks: what a person overrules who queues the
/// row again.
pub(super) fn overruled(
    conn: &Connection,
    (run, row): (RunId, RowNumber),
) -> Result<Option<AttemptId>, Fault> {
    let sql = of_row(&elsewhere());
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([run.0, row.0], |found| {
            Ok(AttemptId(Cells::of(found).take()?))
        })
        .optional()?)
}

/// The last attempt of `which` for the row `?2` of the run `?1`, its run and its outcome.
fn of_row(which: &str) -> String {
    format!(
        "SELECT a.id, a.run, a.outcome FROM runs r JOIN run_rows w ON w.run = r.id AND w.row = ?2
             JOIN attempts a INDEXED BY attempts_fingerprint ON {which}
         WHERE r.id = ?1 ORDER BY a.id DESC LIMIT 1"
    )
}

fn sent_sql() -> String {
    format!(
        "SELECT count(*) AS n FROM runs r JOIN run_rows w INDEXED BY run_rows_state ON w.run = r.id
         WHERE r.id = ?1 AND w.state = 'pending' AND EXISTS (
             SELECT 1 FROM attempts a INDEXED BY attempts_fingerprint WHERE {})",
        elsewhere_since()
    )
}

fn sent(conn: &Connection, run: RunId) -> Result<u64, Fault> {
    Ok(conn
        .prepare_cached(&sent_sql())?
        .query_row([run.0], |row| Cells::of(row).count())?)
}

/// Refuses a row whose inputs were sent elsewhere since it was planned.
pub(super) fn refuse_sent(
    tx: &Tx<'_>,
    new: &NewAttempt,
    (run, row): (RunId, RowNumber),
) -> Result<(), Fault> {
    match new.again {
        Again::Yes => return Ok(()),
        Again::No => {}
    }
    let found = tx
        .conn
        .prepare_cached(&of_row(&elsewhere_since()))?
        .query_row([run.0, row.0], |found| {
            let mut cells = Cells::of(found);
            let by = AttemptId(cells.take()?);
            let by_run = cells.take::<Option<i64>>()?.map(RunId);
            Ok((by, by_run, cells.word()?))
        })
        .optional()?;
    match found {
        None => Ok(()),
        Some((by, by_run, became)) => Err(LedgerError::SentElsewhere {
            run,
            row,
            by,
            by_run,
            became,
        }
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::migrate;

    /// A hundred thousand rows are compared with as many attempts and decisions.
    #[rstest::rstest]
    #[case::a_run(sent_sql())]
    #[case::a_row(of_row(&elsewhere_since()))]
    fn nothing_is_found_by_reading_all_there_is(#[case] sql: String) {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&migrate::schema(2)).unwrap();

        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nulls = vec![rusqlite::types::Null; plan.parameter_count()];
        let steps: Vec<String> = plan
            .query_map(rusqlite::params_from_iter(nulls), |row| row.get("detail"))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();

        assert!(!steps.is_empty());
        assert!(!steps.iter().any(|step| step.contains("SCAN")), "{steps:?}");
    }
}
