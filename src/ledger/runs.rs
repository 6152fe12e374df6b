//! Runs and their rows: reading them, moving them, and the commands between processes.
//!
//! A row moves with its attempt, in the attempt's own transaction (see [`super::settle`]); here it
//! moves only by an operator's decision, which is recorded.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{AttemptId, JobId, ProfileName, RowNumber, RunId};

use super::attempt::{AttemptRow, Fingerprint};
use super::cells::{Cells, size};
use super::dispatch::{row_state, run_state};
use super::error::{Fault, LedgerError};
use super::gate;
use super::handle::Ledger;
use super::look::Place;
use super::overlap::QUEUED_AGAIN;
use super::page;
use super::run::{
    RowQuery, RowResult, RowState, RunCommand, RunQuery, RunRow, RunRowRecord, RunState,
};
use super::settle::{Decided, decide};
use super::times::Now;
use super::writer::Tx;

impl Ledger {
    /// One run.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn run(&self, id: RunId) -> Result<Option<RunRow>, LedgerError> {
        self.read("read the run", move |conn| find(conn, id)).await
    }

    /// Runs, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn runs(&self, query: RunQuery) -> Result<Vec<RunRow>, LedgerError> {
        self.read("read the runs", move |conn| list(conn, &query))
            .await
    }

    /// Moves a run to another state, with the reason that a person will read.
    ///
    /// # Errors
    /// [`LedgerError::RunState`] when the life of a run does not allow it.
    pub async fn set_run_state(
        &self,
        run: RunId,
        state: RunState,
        reason: Option<String>,
    ) -> Result<(), LedgerError> {
        self.write("move the run", move |tx| {
            set_state(tx, run, state, reason.as_deref())
        })
        .await
    }

    /// Rows in file order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn rows(&self, query: RowQuery) -> Result<Vec<RunRowRecord>, LedgerError> {
        self.read("read the rows", move |conn| rows(conn, &query))
            .await
    }

    /// Rows in file order, each with its last attempt and what was found, for an export.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn row_results(&self, query: RowQuery) -> Result<Vec<RowResult>, LedgerError> {
        self.read("read the rows", move |conn| results(conn, &query))
            .await
    }

    /// Rows with their last attempts and what was found, all in one question.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn results_of(&self, rows: Vec<RunRowRecord>) -> Result<Vec<RowResult>, LedgerError> {
        self.read("read the rows", move |conn| with_results(conn, rows))
            .await
    }

    /// The next rows that wait for their turn, in file order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn next_pending(
        &self,
        run: RunId,
        limit: usize,
    ) -> Result<Vec<RunRowRecord>, LedgerError> {
        self.rows(RowQuery {
            run,
            states: vec![RowState::Pending],
            after: None,
            limit,
        })
        .await
    }

    /// How many rows are in each state; the sum is the number of rows.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn row_counts(&self, run: RunId) -> Result<BTreeMap<RowState, u64>, LedgerError> {
        self.read("count the rows", move |conn| row_counts(conn, run))
            .await
    }

    /// Why rows of a run were left out, by the first word of the reason, with how many.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn left_out(&self, run: RunId) -> Result<BTreeMap<String, u64>, LedgerError> {
        self.read("count the rows", move |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT CASE WHEN instr(reason, ': ') > 0
                         THEN substr(reason, 1, instr(reason, ': ') - 1) ELSE 'by hand' END,
                     count(*)
                 FROM run_rows INDEXED BY run_rows_state
                 WHERE run = ?1 AND state = 'skipped' GROUP BY 1",
            )?;
            let found = statement.query_map([run.0], |row| {
                let mut cells = Cells::of(row);
                Ok((cells.take()?, cells.count()?))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Queues rows again that are absent, not sent or skipped: an operator's decision.
    ///
    /// # Errors
    /// [`LedgerError::RowState`] for a row in any other state, [`LedgerError::Refused`] for one
    /// whose inputs were purged; then none is moved.
    pub async fn requeue(
        &self,
        run: RunId,
        numbers: Vec<RowNumber>,
        note: String,
    ) -> Result<(), LedgerError> {
        self.write("queue the rows again", move |tx| {
            let from = [RowState::Absent, RowState::NotSent, RowState::Skipped];
            let wanted = "only absent, not_sent and skipped rows are queued again";
            for row in &numbers {
                refuse_purged(tx, run, *row)?;
                let mover = Move {
                    from: &from,
                    to: RowState::Pending,
                    wanted,
                    verdict: QUEUED_AGAIN,
                };
                let known = overruled(tx, (run, *row))?;
                mover.apply(tx, (run, *row), (&note, known))?;
                overrule(tx, (run, *row))?;
            }
            if run_state(tx.conn, run)? == RunState::Finished && !numbers.is_empty() {
                set_state(tx, run, RunState::Paused, Some("rows were queued again"))?;
            }
            Ok(())
        })
        .await
    }

    /// Leaves a row out: an operator's decision.
    ///
    /// # Errors
    /// [`LedgerError::RowState`] for a row that is, or may be, with the server.
    pub async fn skip(&self, run: RunId, row: RowNumber, note: String) -> Result<(), LedgerError> {
        self.write("skip the row", move |tx| {
            let mover = Move {
                from: &[RowState::Pending, RowState::Absent, RowState::NotSent],
                to: RowState::Skipped,
                wanted: "only pending, absent and not_sent rows are skipped",
                verdict: "skipped",
            };
            mover.apply(tx, (run, row), (&note, None))
        })
        .await
    }

    /// Which of these attempts, as a file tells of them, are of this ledger: by their number, and
    /// either what was asked for or the job.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn are_own(
        &self,
        told: Vec<(AttemptId, Fingerprint, String)>,
    ) -> Result<Vec<bool>, LedgerError> {
        self.read("look for the attempts", move |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT 1 FROM attempts WHERE id = ?1 AND (fingerprint = ?2 OR job_id = ?3)",
            )?;
            let own = told
                .iter()
                .map(|(id, asked, job)| statement.exists(params![id.0, asked.0, job]));
            Ok(own.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Leaves a command for the process that works on a run.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchRun`], or when the ledger cannot be written.
    pub async fn command_run(&self, run: RunId, command: RunCommand) -> Result<(), LedgerError> {
        self.write("leave the command", move |tx| {
            run_state(tx.conn, run)?;
            tx.conn
                .prepare_cached(
                    "INSERT INTO run_commands (run, command, operator, at_ms)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![run.0, command.as_str(), tx.env.operator, tx.now_ms])?;
            Ok(())
        })
        .await
    }

    /// Takes the commands that were left for a run, oldest first; each is taken once.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn take_commands(&self, run: RunId) -> Result<Vec<RunCommand>, LedgerError> {
        let waits = self
            .read("look for commands", move |conn| {
                Ok(conn
                    .prepare_cached(
                        "SELECT 1 FROM run_commands WHERE run = ?1 AND taken_ms IS NULL",
                    )?
                    .exists([run.0])?)
            })
            .await?;
        // Most of the time nothing waits, and looking costs no commit.
        if !waits {
            return Ok(Vec::new());
        }
        self.write("take the commands", move |tx| take(tx, run))
            .await
    }
}

fn take(tx: &Tx<'_>, run: RunId) -> Result<Vec<RunCommand>, Fault> {
    let commands = tx
        .conn
        .prepare_cached(
            "SELECT command FROM run_commands WHERE run = ?1 AND taken_ms IS NULL ORDER BY id",
        )?
        .query_map([run.0], |row| Cells::of(row).word())?
        .collect::<Result<_, _>>()?;
    tx.conn
        .prepare_cached(
            "UPDATE run_commands SET taken_ms = ?2 WHERE run = ?1 AND taken_ms IS NULL",
        )?
        .execute(params![run.0, tx.now_ms])?;
    Ok(commands)
}

pub(super) fn set_state(
    tx: &Tx<'_>,
    run: RunId,
    to: RunState,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let state = run_state(tx.conn, run)?;
    if !state.may_become(to) {
        let wanted = "the life of a run does not allow this step";
        return Err(LedgerError::RunState { run, state, wanted }.into());
    }
    tx.conn
        .prepare_cached("UPDATE runs SET state = ?2, reason = ?3, state_ms = ?4 WHERE id = ?1")?
        .execute(params![run.0, to.as_str(), reason, tx.now_ms])?;
    Ok(())
}

/// A row without inputs could never be sent, and the rows behind it would wait for it.
fn refuse_purged(tx: &Tx<'_>, run: RunId, row: RowNumber) -> Result<(), Fault> {
    let is_purged = tx
        .conn
        .prepare_cached("SELECT 1 FROM run_rows WHERE run = ?1 AND row = ?2 AND inputs IS NULL")?
        .exists(params![run.0, row.0])?;
    if is_purged {
        return Err(LedgerError::Refused(format!(
            "row {row} of run {run} is not queued again: its inputs are gone, purged or forgotten"
        ))
        .into());
    }
    Ok(())
}

/// The newest attempt that stands in the way of a row, if one does: what a person overrules who
/// queues it again.
fn overruled(tx: &Tx<'_>, (run, row): (RunId, RowNumber)) -> Result<Option<AttemptId>, Fault> {
    let found = find(tx.conn, run)?.ok_or(LedgerError::NoSuchRun(run))?;
    let asked = tx
        .conn
        .prepare_cached("SELECT inputs, record_id FROM run_rows WHERE run = ?1 AND row = ?2")?
        .query_row(params![run.0, row.0], |row| {
            let mut cells = Cells::of(row);
            Ok((
                cells.take::<Option<String>>()?,
                cells.take::<Option<String>>()?,
            ))
        })
        .optional()?;
    let (Some((Some(inputs), record_id)), Some(key)) = (asked, tx.env.hash_key()) else {
        return Ok(None);
    };
    let Some(asked) = gate::asked_of_row(&found, (&inputs, record_id), &key) else {
        return Ok(None);
    };
    let now = Now::of(tx.env.clock.as_ref());
    let seen = Place::of(tx.conn, &found.scope, (found.kind, now))?.look(tx.conn, &asked)?;
    Ok(seen.matches.iter().filter_map(|found| found.attempt).max())
}

/// The word for a row overrules all that is settled at this moment, and nothing that comes later.
/// What is still open it does not name, so it does not overrule it.
fn overrule(tx: &Tx<'_>, (run, row): (RunId, RowNumber)) -> Result<(), Fault> {
    tx.conn
        .prepare_cached(
            "UPDATE run_rows SET known_open = 0, verdict = NULL,
                 known = (SELECT coalesce(max(id), 0) FROM subjects)
             WHERE run = ?1 AND row = ?2",
        )?
        .execute(params![run.0, row.0])?;
    Ok(())
}

/// An operator's step of a row.
struct Move<'a> {
    from: &'a [RowState],
    to: RowState,
    wanted: &'static str,
    verdict: &'static str,
}

impl Move<'_> {
    /// The decision is kept with the row and, where it overrules one, with an earlier attempt.
    fn apply(
        &self,
        tx: &Tx<'_>,
        (run, row): (RunId, RowNumber),
        (note, overruled): (&str, Option<AttemptId>),
    ) -> Result<(), Fault> {
        let state = row_state(tx.conn, run, row)?;
        if !self.from.contains(&state) {
            return Err(LedgerError::RowState {
                run,
                row,
                state,
                wanted: self.wanted,
            }
            .into());
        }
        tx.conn
            .prepare_cached(
                "UPDATE run_rows SET state = ?3, reason = ?4 WHERE run = ?1 AND row = ?2",
            )?
            .execute(params![run.0, row.0, self.to.as_str(), note])?;
        let kept = match overruled {
            None => note.to_owned(),
            Some(_) => format!("{note}: row {row} of run {run}, which asks the same"),
        };
        decide(
            tx,
            &Decided {
                made_by: "operator",
                verdict: self.verdict,
                attempt: overruled,
                row: Some((run, row)),
                note: Some(&kept),
            },
        )
    }
}

const RUN: &str = "r.id, r.profile, s.key, r.kind, r.module, r.file_name, r.sha256, r.columns,
    r.mapping, r.settings, r.operator, r.created_ms, r.state, r.reason, r.state_ms
    FROM runs r JOIN scopes s ON s.id = r.scope";

fn read_run(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let mut cells = Cells::of(row);
    Ok(RunRow {
        id: RunId(cells.take()?),
        profile: cells.word()?,
        scope: cells.word()?,
        kind: cells.word()?,
        module: cells.take()?,
        file_name: cells.take()?,
        sha256: cells.take()?,
        columns: cells.take()?,
        mapping: cells.take()?,
        settings: cells.take()?,
        operator: cells.take()?,
        created_at: cells.time()?,
        state: cells.word()?,
        reason: cells.take()?,
        state_at: cells.time()?,
    })
}

pub(super) fn find(conn: &Connection, id: RunId) -> Result<Option<RunRow>, Fault> {
    Ok(conn
        .prepare_cached(&format!("SELECT {RUN} WHERE r.id = ?1"))?
        .query_row([id.0], read_run)
        .optional()?)
}

fn list(conn: &Connection, query: &RunQuery) -> Result<Vec<RunRow>, Fault> {
    let sql = format!(
        "SELECT {RUN} WHERE r.id < ?1 AND (?2 IS NULL OR r.profile = ?2)
         ORDER BY r.id DESC LIMIT ?3"
    );
    let before = query.before.map_or(i64::MAX, |run| run.0);
    let profile = query.profile.as_ref().map(ProfileName::as_str);
    let limit = size(query.limit.clamp(1, PAGE_ROWS_MAX));
    let mut statement = conn.prepare_cached(&sql)?;
    let found = statement.query_map(params![before, profile, limit], read_run)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<RunRowRecord> {
    let mut cells = Cells::of(row);
    Ok(RunRowRecord {
        run: RunId(cells.take()?),
        row: RowNumber(cells.take()?),
        line: cells.count()?,
        cells: cells.take()?,
        inputs: cells.take()?,
        record_id: cells.word_or_none()?,
        fingerprint: cells.fingerprint_or_none()?,
        state: cells.word()?,
        reason: cells.take()?,
        attempt: cells.take::<Option<i64>>()?.map(AttemptId),
        verdict: cells.take()?,
    })
}

fn rows(conn: &Connection, query: &RowQuery) -> Result<Vec<RunRowRecord>, Fault> {
    let after = query.after.map_or(0, |row| row.0);
    let limit = query.limit.clamp(1, PAGE_ROWS_MAX);
    let every: Vec<Option<&str>> = if query.states.is_empty() {
        vec![None]
    } else {
        query.states.iter().map(|s| Some(s.as_str())).collect()
    };
    let mut found: Vec<RunRowRecord> = Vec::new();
    // A ledger of an older format, which can only be read, has no verdicts.
    let verdict = if super::migrate::version(conn)? < 3 {
        "NULL"
    } else {
        "verdict"
    };
    // One walk of an index for each state; together they are cut to the page.
    for state in every {
        let (index, is) = match state {
            Some(_) => ("INDEXED BY run_rows_state", "AND state = ?4"),
            None => ("", "AND ?4 IS NULL"),
        };
        let sql = format!(
            "SELECT run, row, line, cells, inputs, record_id, fingerprint, state, reason, attempt,
                 {verdict}
             FROM run_rows {index} WHERE run = ?1 AND row > ?2 {is} ORDER BY row LIMIT ?3"
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let part =
            statement.query_map(params![query.run.0, after, size(limit), state], read_record)?;
        for row in part {
            found.push(row?);
        }
    }
    found.sort_unstable_by_key(|row| row.row);
    found.dedup_by_key(|row| row.row);
    found.truncate(limit);
    Ok(found)
}

fn results(conn: &Connection, query: &RowQuery) -> Result<Vec<RowResult>, Fault> {
    with_results(conn, rows(conn, query)?)
}

fn with_results(conn: &Connection, rows: Vec<RunRowRecord>) -> Result<Vec<RowResult>, Fault> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let attempt: Option<AttemptRow> = match row.attempt {
            Some(id) => page::attempt_row(conn, id)?,
            None => None,
        };
        let earlier_job = earlier_job(&row);
        let found_of = |row: &rusqlite::Row<'_>| {
            let mut cells = Cells::of(row);
            Ok((cells.take()?, cells.take()?))
        };
        let job = match (row.attempt, &earlier_job) {
            (Some(id), _) => conn
                .prepare_cached("SELECT status, enriched_data FROM jobs WHERE attempt = ?1")?
                .query_row([id.0], found_of)
                .optional()?,
            (None, Some(job)) => conn
                .prepare_cached(
                    "SELECT j.status, j.enriched_data FROM runs r
                         JOIN jobs j ON j.scope = r.scope AND j.kind = r.kind AND j.id = ?2
                     WHERE r.id = ?1",
                )?
                .query_row(params![row.run.0, job.as_str()], found_of)
                .optional()?,
            (None, None) => None,
        };
        let (job_status, enriched_data) = job.unzip();
        found.push(RowResult {
            row,
            attempt,
            earlier_job,
            job_status,
            enriched_data: enriched_data.flatten(),
        });
    }
    Ok(found)
}

/// The job that a row's verdict names: what was found for the person stays with the row.
fn earlier_job(row: &RunRowRecord) -> Option<JobId> {
    if row.state != RowState::Skipped || row.attempt.is_some() {
        return None;
    }
    let verdict: serde_json::Value = serde_json::from_str(row.verdict.as_deref()?).ok()?;
    verdict
        .get("already")?
        .get("job_id")?
        .as_str()?
        .parse()
        .ok()
}

fn row_counts(conn: &Connection, run: RunId) -> Result<BTreeMap<RowState, u64>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT state, count FROM row_counts WHERE run = ?1 AND count > 0")?;
    let found = statement.query_map([run.0], |row| {
        let mut cells = Cells::of(row);
        Ok((cells.word()?, cells.count()?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
