//! Jobs, from the ledger and from the server.

use serde_json::Value;

use super::At;
use crate::base::{JobId, ProfileName, Scope};
use crate::enrichment::job::JobStatus;
use crate::ledger::StoredJob;
use crate::ops::job_board::{self, Board, BoardQuery, Look};
use crate::ops::{OpsError, jobs};
use crate::tui::app::notice::Notice;
use crate::tui::app::op::Freshness;
use crate::tui::data::job::JobFigures;

pub(crate) async fn board(
    at: At<'_>,
    profile: ProfileName,
    query: BoardQuery,
) -> Result<Board, OpsError> {
    job_board::board(&*at.session(&profile)?, query).await
}

pub(crate) async fn look(
    at: At<'_>,
    scope: Scope,
    look: Look,
) -> Result<Vec<(String, u64)>, OpsError> {
    job_board::look(&at.session(&scope.profile)?, scope.kind, look).await
}

pub(crate) async fn job(
    at: At<'_>,
    scope: Scope,
    job: JobId,
    from: Freshness,
) -> Result<Option<JobFigures>, OpsError> {
    let session = at.session(&scope.profile)?;
    if from != Freshness::Server {
        let stored = job_board::stored(&session, scope.kind, &job).await?;
        let found = stored.and_then(figures);
        // A job that is done does not change any more, so the ledger's copy serves.
        let serves = |job: &JobFigures| JobStatus::from(job.status.as_str()).is_final();
        if from == Freshness::Ledger || found.as_ref().is_some_and(serves) {
            return Ok(found);
        }
    }
    let found = jobs::show(&session, scope.kind, &job).await?;
    Ok(Some(JobFigures {
        status: found.status.as_str().to_owned(),
        enrich_based_on: Some(found.enrich_based_on).filter(|value| !value.is_null()),
        enriched_data: Some(found.enriched_data).filter(|value| !value.is_null()),
        at: session.clock().now(),
    }))
}

fn figures(stored: StoredJob) -> Option<JobFigures> {
    let parse = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    Some(JobFigures {
        at: stored.fetched_at?,
        status: stored.status,
        enrich_based_on: parse(stored.enrich_based_on).filter(|value: &Value| !value.is_null()),
        enriched_data: parse(stored.enriched_data),
    })
}

/// Writes into the working directory, where a person at a shell looks for it.
pub(crate) async fn export(_at: At<'_>, job: JobId, text: String) -> Result<Notice, OpsError> {
    let dir = std::env::current_dir()
        .map_err(|error| OpsError::Refused(format!("there is no working directory: {error}")))?;
    let path = job_board::write_file(&dir, &job, &text)?;
    Ok(Notice::info(format!(
        "wrote {} bytes to {}",
        text.len(),
        path.display()
    )))
}
