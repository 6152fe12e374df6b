//! The jobs of a run, to their end.
//!
//! One round reads the job list, which tells the status of a hundred jobs for one call, and asks
//! for each job that has ended since. Questions spend no unit; rounds are bounded, and the wait
//! between them grows.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::StreamExt;

use super::error::OpsError;
use super::job_list::{ListDepth, list};
use super::jobs::{poll_wait, show_each};
use super::session::ProfileSession;
use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{EnrichmentKind, JobId, RowNumber};
use crate::enrichment::job::JobStatus;
use crate::ledger::{RowQuery, RowResult, RowState, RunRow};

/// Rounds without a job that ended, after which tracking gives up: some 25 minutes.
const ROUNDS_IDLE_MAX: u32 = 50;

/// The jobs of a run by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tracked {
    /// All of them.
    pub jobs: u64,
    /// Those that have ended, with what they found in the ledger.
    pub done: u64,
    /// Of those, the ones that failed.
    pub failed: u64,
    /// Of those, the ones that found nothing.
    pub nothing_found: u64,
}

impl Tracked {
    /// Whether nothing more is to come.
    pub fn is_done(self) -> bool {
        self.done == self.jobs
    }
}

/// Asks until every job of the run has ended, or none ends any more.
///
/// # Errors
/// When there is no token, no connection, or the ledger cannot be written.
pub async fn track(
    session: &Arc<ProfileSession>,
    run: &RunRow,
    tell: &(dyn Fn(Tracked) + Send + Sync),
) -> Result<Tracked, OpsError> {
    let (mut tracked, mut open) = standing(session, run).await?;
    let mut idle = 0;
    tell(tracked);
    while !open.is_empty() && idle < ROUNDS_IDLE_MAX {
        list(session, run.kind, ListDepth::All).await?;
        let (_, listed) = standing(session, run).await?;
        fetch(session, run.kind, listed).await?;
        let (now, left) = standing(session, run).await?;
        open = left;
        idle = if now.done > tracked.done { 0 } else { idle + 1 };
        tracked = now;
        tell(tracked);
        if !open.is_empty() {
            tokio::time::sleep(poll_wait(idle)).await;
        }
    }
    Ok(tracked)
}

/// A job whose end is not in the ledger yet.
struct Open {
    id: JobId,
    has_ended: bool,
}

async fn standing(
    session: &ProfileSession,
    run: &RunRow,
) -> Result<(Tracked, Vec<Open>), OpsError> {
    let mut tracked = Tracked::default();
    let mut open = Vec::new();
    let mut after: Option<RowNumber> = None;
    loop {
        let page = session
            .ledger()
            .row_results(RowQuery {
                run: run.id,
                states: vec![RowState::Scheduled],
                after,
                limit: PAGE_ROWS_MAX,
            })
            .await?;
        after = page.last().map(|found| found.row.row);
        let forgotten = forgotten(session, run, &page).await?;
        for found in &page {
            let Some(id) = found.attempt.as_ref().and_then(|a| a.job_id.clone()) else {
                continue;
            };
            let status = found.job_status.as_deref().map(JobStatus::from);
            let has_ended = status.as_ref().is_some_and(JobStatus::is_final);
            tracked.jobs += 1;
            let is_here = match status {
                Some(JobStatus::Failed) => {
                    tracked.failed += 1;
                    true
                }
                Some(JobStatus::DataNotFound) => {
                    tracked.nothing_found += 1;
                    true
                }
                // Of somebody who was forgotten nothing will be there.
                Some(JobStatus::Completed | JobStatus::Updated) => {
                    found.enriched_data.is_some() || forgotten.contains(&id)
                }
                Some(JobStatus::Scheduled | JobStatus::Running | JobStatus::Unrecognised(_))
                | None => false,
            };
            if is_here {
                tracked.done += 1;
            } else {
                open.push(Open { id, has_ended });
            }
        }
        if page.len() < PAGE_ROWS_MAX {
            return Ok((tracked, open));
        }
    }
}

/// Of jobs that have ended and of which nothing is there, those of people who were forgotten.
async fn forgotten(
    session: &ProfileSession,
    run: &RunRow,
    page: &[RowResult],
) -> Result<BTreeSet<JobId>, OpsError> {
    let empty = page.iter().filter(|found| found.enriched_data.is_none());
    let jobs: Vec<JobId> = empty
        .filter_map(|found| found.attempt.as_ref()?.job_id.clone())
        .collect();
    if jobs.is_empty() {
        return Ok(BTreeSet::new());
    }
    let place = (run.scope.clone(), run.kind);
    Ok(session.ledger().forgotten_jobs(place, jobs).await?)
}

/// Asks for what the jobs that have ended found, as many at once as the profile allows.
async fn fetch(
    session: &Arc<ProfileSession>,
    kind: EnrichmentKind,
    open: Vec<Open>,
) -> Result<(), OpsError> {
    let ended = open.into_iter().filter(|job| job.has_ended);
    let mut asked = show_each(session, kind, ended.map(|job| job.id));
    while let Some(answer) = asked.next().await {
        match answer {
            // A job that was deleted on the server is not found; the others still are.
            Ok(()) | Err(OpsError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
