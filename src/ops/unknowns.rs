//! The unknowns laid out for a person: what was sent, from when on reconcile can tell, and which
//! jobs of the server may be it, each with what is different about it.
//!
//! Nothing is settled here. Reconcile settles what is certain; the rest is a person's decision.

use std::time::Duration;

use super::error::OpsError;
use super::job_list::{ListDepth, list as read_list};
use super::jobs::show;
use super::reconcile::{Window, clocks_apart, wait};
use super::session::ProfileSession;
use crate::base::limits::CLOCKS_APART;
use crate::base::{EnrichmentKind, JobId, Timestamp};
use crate::enrichment::echo::readable;
use crate::enrichment::identity::canonical;
use crate::enrichment::{Draft, Field};
use crate::ledger::{AttemptRow, JobQuery, StoredJob};

/// Most jobs that are shown beside one attempt; the likeliest come first.
const CANDIDATES_MAX: usize = 8;
/// Most jobs that one look asks for one by one: a bound on API credits.
const READ_MAX: usize = 24;
/// Jobs read from the ledger at once.
const PAGE: usize = 500;
/// Most pages of jobs that are looked through.
const PAGES_MAX: usize = 20;

/// An attempt of which nobody can say whether it spent a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownAttempt {
    /// The attempt.
    pub attempt: AttemptRow,
    /// What was sent; `None` once it was purged.
    pub draft: Option<Draft>,
    /// From when on reconcile can tell that there is no job.
    pub until: Timestamp,
    /// Jobs that may be it, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// A job that no attempt has, made at about the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The job.
    pub id: JobId,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Who made it, as the server names it.
    pub created_by: Option<String>,
    /// What it was made of beside what was sent; `None` until it was read.
    pub differences: Option<Vec<Difference>>,
}

/// An input that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The input.
    pub field: Field,
    /// What was sent; empty where it was not given.
    pub sent: String,
    /// What the job was made of; empty where it was not given.
    pub job: String,
}

/// The unknowns of a profile's organisation, oldest first, with what the ledger knows.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn list(
    session: &ProfileSession,
    kind: EnrichmentKind,
    settle: Duration,
) -> Result<Vec<UnknownAttempt>, OpsError> {
    laid_out(session, kind, (settle, CLOCKS_APART)).await
}

async fn laid_out(
    session: &ProfileSession,
    kind: EnrichmentKind,
    (settle, apart): (Duration, Duration),
) -> Result<Vec<UnknownAttempt>, OpsError> {
    let attempts = session
        .ledger()
        .unknowns(session.scope().await?, kind)
        .await?;
    let mut timed = Vec::with_capacity(attempts.len());
    for attempt in attempts {
        let around = session.ledger().around(attempt.row.id).await?;
        let window = Window::of(&attempt.row, apart, &around);
        timed.push((attempt.row, around, window));
    }
    let from = timed.iter().map(|(_, _, window)| window.begins()).min();
    let Some(from) = from else {
        return Ok(Vec::new());
    };
    let jobs = jobs_since(session, kind, from).await?;
    let now = session.clock().now();
    Ok(timed
        .into_iter()
        .map(|(attempt, around, window)| {
            let wait = wait(&attempt, &around, settle);
            let until = if wait.is_zero() {
                // It is over, whatever this machine's clock says.
                Timestamp::MIN
            } else {
                now.checked_add(wait).unwrap_or(Timestamp::MAX)
            };
            unknown(attempt, &jobs, (until, &window))
        })
        .collect())
}

/// The same after a look at the server: its newest jobs, and what the candidates were made of. A
/// look spends no unit and settles nothing.
///
/// # Errors
/// When there is no token, the list cannot be read, or the ledger cannot be written.
pub async fn look(
    session: &ProfileSession,
    kind: EnrichmentKind,
    settle: Duration,
) -> Result<Vec<UnknownAttempt>, OpsError> {
    let before = list(session, kind, settle).await?;
    if before.is_empty() {
        return Ok(before);
    }
    read_list(session, kind, ListDepth::New).await?;
    let how = (settle, clocks_apart(session).await);
    let mut unread: Vec<JobId> = Vec::new();
    for candidate in laid_out(session, kind, how)
        .await?
        .iter()
        .flat_map(|unknown| &unknown.candidates)
    {
        if candidate.differences.is_none() && !unread.contains(&candidate.id) {
            unread.push(candidate.id.clone());
        }
    }
    for id in unread.iter().take(READ_MAX) {
        match show(session, kind, id).await {
            // One that was deleted meanwhile stays without what it was made of.
            Ok(_) | Err(OpsError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    laid_out(session, kind, how).await
}

async fn jobs_since(
    session: &ProfileSession,
    kind: EnrichmentKind,
    from: Timestamp,
) -> Result<Vec<StoredJob>, OpsError> {
    let scope = session.scope().await?;
    let mut found = Vec::new();
    let mut before = None;
    for _ in 0..PAGES_MAX {
        let page = session
            .ledger()
            .jobs(JobQuery {
                scope: scope.clone(),
                kind,
                status: None,
                before,
                limit: PAGE,
            })
            .await?;
        let is_last = page.len() < PAGE || page.last().is_some_and(|job| job.at < from);
        before = page.last().map(|job| (job.at, job.id.clone()));
        found.extend(page.into_iter().filter(|job| job.attempt.is_none()));
        if is_last {
            break;
        }
    }
    Ok(found)
}

fn unknown(
    attempt: AttemptRow,
    jobs: &[StoredJob],
    (until, window): (Timestamp, &Window),
) -> UnknownAttempt {
    let empty = Draft::new(attempt.kind, &attempt.module);
    let inputs = attempt.inputs.as_deref();
    let draft = inputs.and_then(|inputs| empty.with_json(inputs).ok());
    let draft = draft.map(|mut draft| {
        draft.record_id = attempt.record_id.clone().unwrap_or_default();
        draft
    });
    let mut candidates: Vec<Candidate> = jobs
        .iter()
        .filter(|job| window.may_hold(job.created))
        .map(|job| candidate(draft.as_ref(), job))
        .collect();
    // A job that was not read yet may be the one, so it comes before those that differ.
    candidates.sort_by_key(|candidate| {
        let differences = candidate.differences.as_ref();
        let far = candidate
            .created
            .map(|at| at.duration_since(window.made().unwrap_or(attempt.at)).abs());
        (differences.map_or(1, |all| all.len() * 2), far)
    });
    candidates.truncate(CANDIDATES_MAX);
    UnknownAttempt {
        until,
        attempt,
        draft,
        candidates,
    }
}

fn candidate(sent: Option<&Draft>, job: &StoredJob) -> Candidate {
    let asked = sent.zip(job.enrich_based_on.as_deref());
    let differences = asked.and_then(|(sent, asked)| {
        let told = serde_json::from_str(asked).ok()?;
        Some(differences(sent, &readable(sent.kind, &told)))
    });
    Candidate {
        id: job.id.clone(),
        created: job.created,
        created_by: job.created_by_name.clone(),
        differences,
    }
}

fn differences(sent: &Draft, job: &Draft) -> Vec<Difference> {
    Field::of(sent.kind)
        .iter()
        .filter(|field| {
            let canonical = |draft: &Draft| canonical(sent.kind, **field, draft.value(**field));
            canonical(sent) != canonical(job)
        })
        .map(|field| Difference {
            field: *field,
            sent: sent.value(*field).trim().to_owned(),
            job: job.value(*field).trim().to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(email: &str, company: &str) -> Draft {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Email, email);
        draft.set(Field::Company, company);
        draft
    }

    #[test]
    fn a_job_of_the_same_inputs_differs_in_nothing() {
        let sent = draft("grace@navy.mil", "Navy");

        assert_eq!(differences(&sent, &draft(" grace@navy.mil", "Navy")), []);
    }

    #[test]
    fn each_input_that_is_not_the_same_is_named_with_both_sides() {
        let sent = draft("grace@navy.mil", "Navy");

        let found = differences(&sent, &draft("grace@navy.mil", ""));

        assert_eq!(
            found,
            [Difference {
                field: Field::Company,
                sent: "Navy".to_owned(),
                job: String::new(),
            }]
        );
    }
}
