//! Recording what became of an attempt: its answer, or a decision about an unknown.
//!
//! An answer is never lost over a contradiction: a job id that another attempt already has, or a
//! success without a job, is kept as unknown (accepted), with a note. The row of a run moves in the
//! same transaction.

use rusqlite::{OptionalExtension, params};

use crate::base::limits::UNITS_TAUGHT;
use crate::base::{AttemptId, EnrichmentKind, JobId, Outcome, RowNumber, RunId, Timestamp};

use super::attempt::{AttemptRow, Resolution, ResolvedBy, RowNext, ScopeKey, Settlement, Verdict};
use super::cells::{Cells, ms};
use super::dispatch::learn_limit;
use super::error::{Fault, LedgerError};
use super::page::attempt_row;
use super::rekey;
use super::run::RowState;
use super::search;
use super::subject::{self, Owner};
use super::times::{self, Now};
use super::usage::{LearnedLimit, LimitSource};
use super::writer::Tx;

/// What an attempt is before the step.
pub(super) struct Current {
    id: AttemptId,
    outcome: Outcome,
    scope: i64,
    kind: EnrichmentKind,
    origin: Option<(RunId, RowNumber)>,
    job_id: Option<String>,
    inputs: Option<String>,
    module: String,
    record_id: Option<String>,
}

/// What the step writes.
#[derive(Default)]
pub(super) struct Step<'a> {
    http_status: Option<u16>,
    code: Option<&'a str>,
    message: Option<&'a str>,
    job_id: Option<&'a JobId>,
    latency_ms: Option<i64>,
    note: Option<String>,
    row_next: RowNext,
}

impl Step<'_> {
    /// A step of which nothing is known but the reason.
    pub(super) fn because(note: &str) -> Self {
        Self {
            note: Some(note.to_owned()),
            ..Self::default()
        }
    }
}

pub(super) fn settle(
    tx: &Tx<'_>,
    id: AttemptId,
    settlement: &Settlement,
) -> Result<AttemptRow, Fault> {
    if matches!(settlement.outcome, Outcome::Sending | Outcome::Absent) {
        return Err(LedgerError::Refused(format!(
            "an answer cannot make attempt {id} {}",
            settlement.outcome
        ))
        .into());
    }
    let current = current(tx, id)?;
    let (outcome, job_id, remark) = weigh(tx, &current, settlement)?;
    let doubted = settlement
        .learned_limit
        .filter(|limit| !UNITS_TAUGHT.contains(limit))
        .map(|limit| format!("the limit of {limit} that it tells is not believed"));
    let remark = join(remark.as_deref(), doubted.as_deref());
    if current.outcome == outcome && current.job_id.as_deref() == job_id.map(JobId::as_str) {
        // Settled already, by an earlier try of the same call.
        return attempt_row(tx.conn, id)?.ok_or_else(|| LedgerError::NoSuchAttempt(id).into());
    }
    take_step(
        tx,
        &current,
        outcome,
        Step {
            http_status: settlement.http_status,
            code: settlement.code.as_deref(),
            message: settlement.message.as_deref(),
            job_id,
            latency_ms: Some(ms(settlement.latency)),
            note: join(settlement.note.as_deref(), remark.as_deref()),
            row_next: settlement.row_next,
        },
    )?;
    keep_bodies(tx, id, settlement)?;
    if let Some(date) = settlement.date() {
        times::answered(
            tx.conn,
            (current.scope, id),
            (date, &Now::of(tx.env.clock.as_ref())),
        )?;
    }
    if let Some(limit) = settlement.learned_limit {
        let learned = LearnedLimit {
            limit,
            source: LimitSource::Details,
            at: Timestamp::from_millisecond(tx.now_ms).unwrap_or_default(),
        };
        learn_limit(tx, (current.scope, current.kind), learned)?;
    }
    if outcome == Outcome::Scheduled {
        count_beside_features(tx, &current)?;
    }
    // Also where the answer's first job is somebody else's: these were made all the same.
    for job in &settlement.other_jobs {
        put_foreign(tx, &current, job)?;
    }
    attempt_row(tx.conn, id)?.ok_or_else(|| LedgerError::NoSuchAttempt(id).into())
}

/// Makes a contradiction into an unknown that keeps all that was seen.
fn weigh<'a>(
    tx: &Tx<'_>,
    current: &Current,
    settlement: &'a Settlement,
) -> Result<(Outcome, Option<&'a JobId>, Option<String>), Fault> {
    let outcome = settlement.outcome;
    Ok(match (&settlement.job_id, outcome) {
        (None, Outcome::Scheduled) => (
            Outcome::UnknownAccepted,
            None,
            Some("the answer named no job".to_owned()),
        ),
        (None, _) => (outcome, None, None),
        (Some(job), Outcome::Scheduled) => match owner(tx, current, job)? {
            Some(owner) => (
                Outcome::UnknownAccepted,
                None,
                Some(format!(
                    "the answer named job {job}, which attempt {owner} already has"
                )),
            ),
            None => (outcome, Some(job), None),
        },
        (Some(job), _) => (outcome, None, Some(format!("the answer named job {job}"))),
    })
}

/// A unit spent since the features call was asked is counted on top of what it said, so that its
/// figure does not lag behind. At the moment of the call the server may have counted it already:
/// then the figure is high by what was in flight, until the next call.
fn count_beside_features(tx: &Tx<'_>, current: &Current) -> Result<(), Fault> {
    tx.conn
        .prepare_cached(
            "UPDATE limits SET features_used = features_used + 1
             WHERE scope = ?1 AND kind = ?2 AND features_used IS NOT NULL",
        )?
        .execute(params![current.scope, current.kind.as_str()])?;
    Ok(())
}

/// Whether a job was made before the features call was asked, as far as the server's clock tells: then
/// its figure has the unit already. The server tells the time of a call in whole seconds, so the attempt
/// must have come to its end before the call as well.
fn features_know(tx: &Tx<'_>, current: &Current, job: Option<&JobId>) -> Result<bool, Fault> {
    Ok(tx
        .conn
        .prepare_cached(
            "SELECT 1 FROM jobs j JOIN limits l ON l.scope = j.scope AND l.kind = j.kind
                 JOIN attempts a ON a.id = ?4
             WHERE j.scope = ?1 AND j.kind = ?2 AND j.id = ?3
                 AND j.created_ms < l.features_server_ms + 1000
                 AND a.settled_ms <= l.features_ms",
        )?
        .exists(params![
            current.scope,
            current.kind.as_str(),
            job.map(JobId::as_str),
            current.id.0,
        ])?)
}

/// A job beside the attempt's own. Whether it cost a unit is not known, so it counts as one.
fn put_foreign(tx: &Tx<'_>, current: &Current, job: &JobId) -> Result<(), Fault> {
    let new = tx
        .conn
        .prepare_cached(
            "INSERT INTO jobs (scope, kind, id, status, at_ms) VALUES (?1, ?2, ?3, 'SCHEDULED', ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            current.scope,
            current.kind.as_str(),
            job.as_str(),
            tx.now_ms
        ])?;
    if new > 0 {
        count_beside_features(tx, current)?;
    }
    Ok(())
}

fn keep_bodies(tx: &Tx<'_>, id: AttemptId, settlement: &Settlement) -> Result<(), Fault> {
    let headers = if settlement.response_headers.is_empty() {
        None
    } else {
        serde_json::to_string(&settlement.response_headers).ok()
    };
    tx.conn
        .prepare_cached(
            "UPDATE bodies SET response_body = coalesce(response_body, ?2),
                 response_headers = coalesce(response_headers, ?3),
                 details = coalesce(details, ?4)
             WHERE attempt = ?1",
        )?
        .execute(params![
            id.0,
            settlement.response_body,
            headers,
            settlement.details
        ])?;
    Ok(())
}

pub(super) fn resolve(
    tx: &Tx<'_>,
    id: AttemptId,
    resolution: &Resolution,
) -> Result<AttemptRow, Fault> {
    let current = current(tx, id)?;
    let (outcome, job_id) = match &resolution.verdict {
        Verdict::Scheduled { job_id } => (Outcome::Scheduled, Some(job_id)),
        Verdict::Absent => (Outcome::Absent, None),
    };
    // Nobody but reconcile finds a job that appears late.
    let is_late = current.outcome == Outcome::Absent
        && outcome == Outcome::Scheduled
        && resolution.by == ResolvedBy::Reconcile;
    if !current.outcome.is_unknown() && !is_late {
        return Err(illegal(&current, outcome));
    }
    if let Some(job) = job_id
        && let Some(owner) = owner(tx, &current, job)?
    {
        return Err(LedgerError::JobTaken {
            job_id: job.to_string(),
            owner,
        }
        .into());
    }
    let step = Step {
        job_id,
        note: resolution.note.clone(),
        ..Step::default()
    };
    let is_counted = features_know(tx, &current, job_id)?;
    take_step(tx, &current, outcome, step)?;
    if outcome == Outcome::Scheduled && !is_counted {
        // It was counted as open, on top of the features call, and is not any more.
        count_beside_features(tx, &current)?;
    }
    decide(
        tx,
        &Decided {
            made_by: resolution.by.as_str(),
            verdict: outcome.as_str(),
            attempt: Some(id),
            row: current.origin,
            note: resolution.note.as_deref(),
        },
    )?;
    attempt_row(tx.conn, id)?.ok_or_else(|| LedgerError::NoSuchAttempt(id).into())
}

pub(super) fn current(tx: &Tx<'_>, id: AttemptId) -> Result<Current, Fault> {
    tx.conn
        .prepare_cached(
            "SELECT outcome, scope, kind, run, row, job_id, inputs, module, record_id
             FROM attempts WHERE id = ?1",
        )?
        .query_row([id.0], |row| {
            let mut cells = Cells::of(row);
            Ok(Current {
                id,
                outcome: cells.word()?,
                scope: cells.take()?,
                kind: cells.word()?,
                origin: cells
                    .take::<Option<i64>>()?
                    .map(RunId)
                    .zip(cells.take::<Option<i64>>()?.map(RowNumber)),
                job_id: cells.take()?,
                inputs: cells.take()?,
                module: cells.take()?,
                record_id: cells.take()?,
            })
        })
        .optional()?
        .ok_or_else(|| LedgerError::NoSuchAttempt(id).into())
}

/// The other attempt that has a job.
fn owner(tx: &Tx<'_>, current: &Current, job: &JobId) -> Result<Option<AttemptId>, Fault> {
    Ok(tx
        .conn
        .prepare_cached(
            "SELECT id FROM attempts WHERE scope = ?1 AND kind = ?2 AND job_id = ?3 AND id <> ?4",
        )?
        .query_row(
            params![
                current.scope,
                current.kind.as_str(),
                job.as_str(),
                current.id.0
            ],
            |row| row.get("id"),
        )
        .optional()?
        .map(AttemptId))
}

fn illegal(current: &Current, to: Outcome) -> Fault {
    LedgerError::IllegalStep {
        attempt: current.id,
        from: current.outcome,
        to,
    }
    .into()
}

pub(super) fn take_step(
    tx: &Tx<'_>,
    current: &Current,
    to: Outcome,
    step: Step<'_>,
) -> Result<(), Fault> {
    if !current.outcome.may_become(to) {
        return Err(illegal(current, to));
    }
    let job_id = step.job_id.map(JobId::as_str);
    let (code, message): (Option<String>, Option<String>) = tx
        .conn
        .prepare_cached(
            "UPDATE attempts SET outcome = ?2, settled_ms = ?3,
                 http_status = coalesce(?4, http_status), code = coalesce(?5, code),
                 message = coalesce(?6, message), job_id = ?7,
                 latency_ms = coalesce(?8, latency_ms),
                 note = CASE WHEN ?9 IS NULL THEN note WHEN note IS NULL THEN ?9
                             ELSE note || '; ' || ?9 END,
                 late = iif(outcome = 'absent', 1, late)
             WHERE id = ?1
             RETURNING code, message",
        )?
        .query_row(
            params![
                current.id.0,
                to.as_str(),
                tx.now_ms,
                step.http_status,
                step.code,
                step.message,
                job_id,
                step.latency_ms,
                step.note,
            ],
            |row| Ok((row.get("code")?, row.get("message")?)),
        )?;
    let words = search::Words {
        inputs: current.inputs.as_deref(),
        module: &current.module,
        record_id: current.record_id.as_deref(),
        code: code.as_deref(),
        message: message.as_deref(),
        job_id,
    };
    tx.conn
        .prepare_cached("UPDATE search SET text = ?2 WHERE rowid = ?1")?
        .execute(params![current.id.0, words.text()])?;
    match (current.outcome.is_charged(), to.is_charged()) {
        (true, false) => subject::forget_attempt(tx.conn, current.id)?,
        (false, true) => know_again(tx, current)?,
        (true, true) | (false, false) => {}
    }
    if let Some(job_id) = job_id {
        subject::forget_job(tx.conn, (current.scope, current.kind), job_id)?;
        // A job that the server's list brought first stops being foreign here.
        tx.conn
            .prepare_cached(
                "INSERT INTO jobs (scope, kind, id, status, at_ms, attempt)
                 VALUES (?1, ?2, ?3, 'SCHEDULED', ?4, ?5)
                 ON CONFLICT DO UPDATE SET attempt = excluded.attempt",
            )?
            .execute(params![
                current.scope,
                current.kind.as_str(),
                job_id,
                tx.now_ms,
                current.id.0
            ])?;
    }
    match current.origin {
        None => Ok(()),
        Some(origin) => move_row(tx, current.id, origin, row_after(to, step.row_next)),
    }
}

/// An attempt that came to nothing, and spent a unit all the same, is known by its keys again.
fn know_again(tx: &Tx<'_>, current: &Current) -> Result<(), Fault> {
    let scope: String = tx
        .conn
        .prepare_cached("SELECT key FROM scopes WHERE id = ?1")?
        .query_row([current.scope], |row| row.get("key"))?;
    let scope: Option<ScopeKey> = scope.parse().ok();
    let keys = scope.zip(tx.env.hash_key()).and_then(|(scope, (key, _))| {
        let prefix = scope.prefix();
        let server = (prefix.trim_end_matches('/'), current.kind);
        rekey::keys_of_inputs(&key, server, current.inputs.as_deref()?)
    });
    if let Some(keys) = keys {
        let owner = Owner::Attempt(current.id);
        return subject::keep(tx.conn, (current.scope, current.kind), owner, &keys);
    }
    tx.conn
        .prepare_cached("UPDATE hash_key SET unkeyed = unkeyed + 1")?
        .execute(())?;
    Ok(())
}

/// What a row becomes with its attempt.
fn row_after(outcome: Outcome, next: RowNext) -> RowState {
    match outcome {
        Outcome::Sending => RowState::Sending,
        Outcome::Scheduled => RowState::Scheduled,
        Outcome::Rejected => RowState::Rejected,
        Outcome::Unknown | Outcome::UnknownAccepted => RowState::Unknown,
        Outcome::Absent => RowState::Absent,
        Outcome::Limit | Outcome::Denied | Outcome::Throttled | Outcome::NotSent => match next {
            RowNext::Pending => RowState::Pending,
            RowNext::NotSent => RowState::NotSent,
        },
    }
}

fn move_row(
    tx: &Tx<'_>,
    attempt: AttemptId,
    (run, row): (RunId, RowNumber),
    state: RowState,
) -> Result<(), Fault> {
    tx.conn
        .prepare_cached(
            "UPDATE run_rows SET state = ?4 WHERE run = ?1 AND row = ?2 AND attempt = ?3",
        )?
        .execute(params![run.0, row.0, attempt.0, state.as_str()])?;
    Ok(())
}

/// A decision to keep.
pub(super) struct Decided<'a> {
    pub(super) made_by: &'a str,
    pub(super) verdict: &'a str,
    pub(super) attempt: Option<AttemptId>,
    pub(super) row: Option<(RunId, RowNumber)>,
    pub(super) note: Option<&'a str>,
}

pub(super) fn decide(tx: &Tx<'_>, decided: &Decided<'_>) -> Result<(), Fault> {
    tx.conn
        .prepare_cached(
            "INSERT INTO decisions (at_ms, operator, made_by, verdict, attempt, run, row, note)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            tx.now_ms,
            tx.env.operator,
            decided.made_by,
            decided.verdict,
            decided.attempt.map(|id| id.0),
            decided.row.map(|(run, _)| run.0),
            decided.row.map(|(_, row)| row.0),
            decided.note,
        ])?;
    Ok(())
}

fn join(one: Option<&str>, other: Option<&str>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}
