//! Jobs: lists and single jobs, kept in the ledger so that they can be read again for nothing.

use super::desk::Desk;
use super::error::OpsError;
use super::usage::{ListDepth, list as read_list};
use crate::base::{EnrichmentKind, JobId, Timestamp};
use crate::enrichment::job::JobStatus;
use crate::ledger::{JobQuery, JobRecord, StoredJob};
use crate::wire::JobDetail;

/// Lists the jobs that the ledger knows, newest first, after asking the server for new ones.
///
/// # Errors
/// When there is no token or the list cannot be read.
pub async fn list(desk: &Desk, query: JobQueryInput) -> Result<Vec<StoredJob>, OpsError> {
    read_list(desk, query.kind, ListDepth::All).await?;
    known(desk, query).await
}

/// Lists the jobs that the ledger knows, without asking the server.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn known(desk: &Desk, query: JobQueryInput) -> Result<Vec<StoredJob>, OpsError> {
    Ok(desk
        .ledger()
        .jobs(JobQuery {
            scope: desk.scope().await?,
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

/// Asks for one job and keeps it.
///
/// # Errors
/// [`OpsError::NotFound`] where the server answers 204: it knows no such job (G7).
pub async fn show(desk: &Desk, kind: EnrichmentKind, id: &JobId) -> Result<JobDetail, OpsError> {
    let found = desk
        .ask(|token| async move { desk.client().job(kind, id, &token).await })
        .await?;
    let Some(job) = found else {
        return Err(OpsError::NotFound(format!(
            "the server knows no job {id} in this organisation (HTTP 204); check the id and the profile"
        )));
    };
    let scope = desk.scope().await?;
    desk.ledger()
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
                at: desk.clock().now(),
            },
        )
        .await?;
    Ok(job)
}

/// How long to wait before a job is asked for again: 1, 2, 4, … seconds, at most 30.
pub fn poll_wait(polls: u32) -> std::time::Duration {
    std::time::Duration::from_secs(1_u64 << polls.min(5)).min(std::time::Duration::from_secs(30))
}

/// Whether polling goes on.
pub fn is_settled(status: &JobStatus) -> bool {
    status.is_final()
}
