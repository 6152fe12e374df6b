//! Jobs: lists and single jobs, kept in the ledger so that they can be read again for nothing.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};

use super::error::OpsError;
use super::job_list::{ListDepth, list as read_list};
use super::session::ProfileSession;
use crate::base::limits::{WATCH_FAILURES_MAX, WATCH_POLLS_MAX};
use crate::base::{EnrichmentKind, JobId, Timestamp, retry_after};
use crate::enrichment::job::JobStatus;
use crate::ledger::{JobQuery, JobRecord, StoredJob};
use crate::wire::JobDetail;
use crate::zoho::ZohoError;

/// Lists the jobs that the ledger knows, newest first, after asking the server for new ones.
///
/// # Errors
/// When there is no token or the list cannot be read.
pub async fn list(
    session: &Arc<ProfileSession>,
    query: JobQueryInput,
) -> Result<Vec<StoredJob>, OpsError> {
    read_list(session, query.kind, ListDepth::All).await?;
    read_beside_unknowns(session, query.kind).await?;
    known(session, query).await
}

/// Lists the jobs that the ledger knows, without asking the server.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn known(
    session: &ProfileSession,
    query: JobQueryInput,
) -> Result<Vec<StoredJob>, OpsError> {
    Ok(session
        .ledger()
        .jobs(JobQuery {
            scope: session.scope().await?,
            kind: query.kind,
            status: query.status,
            before: query.before,
            limit: query.limit,
        })
        .await?)
}

/// Which jobs are wanted.
#[derive(Debug, Clone)]
pub struct JobQueryInput {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// Only this status.
    pub status: Option<String>,
    /// Only jobs older than this one in the list.
    pub before: Option<(Timestamp, JobId)>,
    /// Most rows.
    pub limit: usize,
}

/// Asks for jobs and keeps them, as many at once as the profile allows; an answer for each, in the
/// order in which they come.
pub(super) fn show_each(
    session: &Arc<ProfileSession>,
    kind: EnrichmentKind,
    ids: impl IntoIterator<Item = JobId>,
) -> impl Stream<Item = Result<(), OpsError>> {
    stream::iter(ids)
        .map(move |id| {
            let session = Arc::clone(session);
            async move { show(&session, kind, &id).await.map(drop) }
        })
        .buffer_unordered(session.profile().concurrency)
}

/// Reads the jobs of nobody that were made when a request got no answer: what such a job was made of
/// tells whether both are one unit. A job is read once.
///
/// # Errors
/// When a job cannot be read, or the ledger cannot be written.
pub(super) async fn read_beside_unknowns(
    session: &Arc<ProfileSession>,
    kind: EnrichmentKind,
) -> Result<(), OpsError> {
    let scope = session.scope().await?;
    let beside = session.ledger().unread_beside(scope, kind).await?;
    let mut read = show_each(session, kind, beside);
    while let Some(answer) = read.next().await {
        match answer {
            Ok(()) | Err(OpsError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Asks for one job and keeps it.
///
/// # Errors
/// [`OpsError::NotFound`] where the server answers 204: it knows no such job (G7).
pub async fn show(
    session: &ProfileSession,
    kind: EnrichmentKind,
    id: &JobId,
) -> Result<JobDetail, OpsError> {
    let found = session
        .ask(|token| async move { session.client().job(kind, id, &token).await })
        .await?;
    let Some(job) = found else {
        return Err(OpsError::NotFound(format!(
            "the server knows no job {id} in this organisation (HTTP 204); check the id and the profile"
        )));
    };
    let scope = session.scope().await?;
    session
        .ledger()
        .save_job(
            scope,
            kind,
            JobRecord {
                id: job.id.clone(),
                status: job.status.as_str().to_owned(),
                enrich_based_on: job.enrich_based_on.to_string(),
                enriched_data: Some(&job.enriched_data)
                    .filter(|data| !data.is_null())
                    .map(ToString::to_string),
                at: session.clock().now(),
                api_version: session.profile().api_version.clone(),
            },
        )
        .await?;
    Ok(job)
}

/// How long to wait before a job is asked for again: 1, 2, 4, … seconds, at most 30.
pub fn poll_wait(polls: u32) -> Duration {
    Duration::from_secs(1_u64 << polls.min(5)).min(Duration::from_secs(30))
}

/// Whether polling goes on.
pub fn is_settled(status: &JobStatus) -> bool {
    status.is_final()
}

/// How watching a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Watched {
    /// Nothing more is to come.
    Final(Box<JobDetail>),
    /// Its budget of API credits is spent, and the job still stands at this status.
    Spent(JobStatus),
}

/// Asks for a job until nothing more is to come: with growing waits, with the server's own where
/// it names one, at most [`WATCH_POLLS_MAX`] times. A question that fails is asked again, five
/// times in a row at most.
///
/// # Errors
/// As [`show`]; a refusal other than "too many calls" ends it at once.
pub async fn watch(
    session: &ProfileSession,
    (kind, id): (EnrichmentKind, &JobId),
    mut on_status: impl FnMut(&JobStatus),
) -> Result<Watched, OpsError> {
    let mut last = JobStatus::Scheduled;
    let mut told = None;
    let mut failures = 0;
    for poll in 0..WATCH_POLLS_MAX {
        let wait = match show(session, kind, id).await {
            Ok(job) if is_settled(&job.status) => return Ok(Watched::Final(Box::new(job))),
            Ok(job) => {
                failures = 0;
                if told.as_ref() != Some(&job.status) {
                    on_status(&job.status);
                    told = Some(job.status.clone());
                }
                last = job.status;
                poll_wait(poll)
            }
            Err(error) => {
                failures += 1;
                match pause(&error, session.clock().now()) {
                    Some(wait) if failures < WATCH_FAILURES_MAX => wait.max(poll_wait(poll)),
                    _ => return Err(error),
                }
            }
        };
        tokio::time::sleep(wait).await;
    }
    Ok(Watched::Spent(last))
}

/// How long to wait after a failure that may pass; `None` for one that will not.
fn pause(error: &OpsError, now: Timestamp) -> Option<Duration> {
    match error {
        OpsError::Zoho(ZohoError::Refused {
            status: 429,
            retry_after,
            ..
        }) => Some(retry_after::parse(
            retry_after.as_deref().unwrap_or_default(),
            now,
        )),
        OpsError::Zoho(ZohoError::Refused { status, .. }) if *status >= 500 => Some(Duration::ZERO),
        OpsError::Zoho(
            ZohoError::NotConnected { .. }
            | ZohoError::NoAnswer { .. }
            | ZohoError::Unreadable { .. },
        ) => Some(Duration::ZERO),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, retry_after: Option<&str>) -> OpsError {
        OpsError::Zoho(ZohoError::Refused {
            status,
            code: None,
            message: None,
            retry_after: retry_after.map(str::to_owned),
        })
    }

    #[test]
    fn waits_grow_to_half_a_minute() {
        let waits: Vec<_> = (0..8).map(|poll| poll_wait(poll).as_secs()).collect();

        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn too_many_calls_wait_as_long_as_the_server_says() {
        let wait = |error| pause(&error, Timestamp::UNIX_EPOCH);

        assert_eq!(wait(refused(429, Some("7"))), Some(Duration::from_secs(7)));
        assert_eq!(wait(refused(503, None)), Some(Duration::ZERO));
        assert_eq!(wait(refused(403, None)), None);
        assert_eq!(wait(OpsError::NotFound(String::new())), None);
    }
}
