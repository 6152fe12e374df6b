//! A person's decision about an attempt that reconcile could not settle: this job is it, or there is
//! none. The decision and who made it are kept in the ledger for ever.
//!
//! It refuses to release an attempt that a 2xx was seen for: the server said yes, a unit is spent.

use super::error::OpsError;
use super::reconcile::has_same_inputs;
use super::session::ProfileSession;
use crate::base::{AttemptId, JobId, Outcome};
use crate::enrichment::Draft;
use crate::ledger::{AttemptDetail, AttemptRow, LedgerError, Resolution, ResolvedBy, Verdict};
use crate::wire::JobDetail;

/// An attempt with an unknown outcome, and the job that it may have made.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The attempt.
    pub attempt: AttemptDetail,
    /// The job as the server has it.
    pub job: JobDetail,
    /// Whether the job was made of the inputs that were sent.
    pub has_same_inputs: bool,
}

/// The attempt, if there is something to decide about it.
///
/// # Errors
/// When there is no such attempt, it is of another organisation, or its outcome is known.
pub async fn open(session: &ProfileSession, id: AttemptId) -> Result<AttemptDetail, OpsError> {
    let attempt = find(session, id).await?;
    let outcome = attempt.row.outcome;
    if !outcome.is_unknown() {
        return Err(OpsError::Refused(format!(
            "attempt {id} is {outcome}; only an unknown outcome can be decided"
        )));
    }
    Ok(attempt)
}

async fn find(session: &ProfileSession, id: AttemptId) -> Result<AttemptDetail, OpsError> {
    let attempt = session
        .ledger()
        .attempt(id)
        .await?
        .ok_or(LedgerError::NoSuchAttempt(id))?;
    if attempt.row.scope != session.scope().await? {
        return Err(OpsError::Refused(format!(
            "attempt {id} was sent with profile {}, for another organisation; name it with --profile",
            attempt.row.profile
        )));
    }
    Ok(attempt)
}

/// The attempt beside a job of the server, to look at before it is adopted.
///
/// # Errors
/// As [`open`], or when the server knows no such job.
pub async fn propose(
    session: &ProfileSession,
    id: AttemptId,
    job: &JobId,
) -> Result<Proposal, OpsError> {
    let attempt = open(session, id).await?;
    let job = super::jobs::show(session, attempt.row.kind, job).await?;
    Ok(Proposal {
        has_same_inputs: has_same_inputs(&attempt, &job.enrich_based_on),
        attempt,
        job,
    })
}

/// This job is the attempt's: it is scheduled, its unit is spent.
///
/// # Errors
/// As [`open`], or when another attempt has the job.
pub async fn adopt(session: &ProfileSession, proposal: &Proposal) -> Result<AttemptRow, OpsError> {
    let note = if proposal.has_same_inputs {
        None
    } else {
        Some("adopted although its inputs are not those that were sent".to_owned())
    };
    let verdict = Verdict::Scheduled {
        job_id: proposal.job.id.clone(),
    };
    decide(session, proposal.attempt.row.id, (verdict, note)).await
}

/// There is no job: the attempt is absent, its unit is released.
///
/// # Errors
/// As [`open`], or when a 2xx was seen for it.
pub async fn release(session: &ProfileSession, id: AttemptId) -> Result<AttemptRow, OpsError> {
    let attempt = open(session, id).await?;
    if attempt.row.outcome == Outcome::UnknownAccepted {
        return Err(OpsError::Refused(format!(
            "the server accepted attempt {id}, so its unit is spent; look for its job and adopt it"
        )));
    }
    decide(session, id, (Verdict::Absent, None)).await
}

async fn decide(
    session: &ProfileSession,
    id: AttemptId,
    (verdict, note): (Verdict, Option<String>),
) -> Result<AttemptRow, OpsError> {
    let resolution = Resolution {
        verdict,
        by: ResolvedBy::Operator,
        note,
    };
    match session.ledger().resolve(id, resolution).await {
        Ok(row) => Ok(row),
        // The person named the wrong job, or somebody else was faster: the ledger is fine.
        Err(error @ (LedgerError::JobTaken { .. } | LedgerError::IllegalStep { .. })) => {
            Err(OpsError::Refused(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The draft of any attempt, to compose it again. Nothing is decided, nothing is sent.
///
/// # Errors
/// When there is no such attempt, or its inputs were purged.
pub async fn draft(session: &ProfileSession, id: AttemptId) -> Result<Draft, OpsError> {
    let attempt = find(session, id).await?;
    let row = &attempt.row;
    let mut empty = Draft::new(row.kind, &row.module);
    empty.record_id = row.record_id.clone().unwrap_or_default();
    row.inputs
        .as_deref()
        .ok_or_else(|| "its inputs were purged".to_owned())
        .and_then(|inputs| empty.with_json(inputs))
        .map_err(|why| OpsError::Refused(format!("attempt {id} cannot be composed again: {why}")))
}
