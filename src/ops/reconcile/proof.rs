//! What has to be proven before anything is called absent, beside whose each job is: that the list
//! covers the attempt, and that the server tells what a job was made of.

use crate::base::limits::CLOCKS_APART;
use crate::base::{AttemptId, EnrichmentKind, JobId, Timestamp};
use crate::ledger::{Around, ListCompleteness};
use crate::ops::error::OpsError;
use crate::ops::job_list::Listing;
use crate::ops::jobs::show;
use crate::ops::session::ProfileSession;

/// Most jobs of ours that are read back to learn how the server tells what a job was made of.
const READ_BACK_MAX: usize = 3;

/// How far a list goes back.
pub(super) struct Reach {
    /// The oldest of our attempts whose job is in it.
    attempt: Option<AttemptId>,
    /// When its oldest job was made.
    oldest: Option<Timestamp>,
}

impl Reach {
    pub(super) fn of(listing: &Listing, own: &[(AttemptId, JobId)]) -> Self {
        let listed = own.iter().filter(|(_, job)| listing.jobs.contains_key(job));
        Self {
            attempt: listed.map(|(attempt, _)| *attempt).min(),
            oldest: listing.jobs.values().flatten().min().copied(),
        }
    }

    /// Whether something in the list is older than an attempt for certain. The clock of this machine
    /// does not tell that.
    pub(super) fn is_behind(&self, attempt: AttemptId, around: &Around) -> bool {
        let by_server = around
            .server
            .and_then(|at| at.checked_sub(CLOCKS_APART).ok());
        let made = around.told.into_iter().chain(by_server).max();
        self.attempt.is_some_and(|oldest| oldest < attempt)
            || self
                .oldest
                .zip(made)
                .is_some_and(|(oldest, made)| oldest < made)
    }
}

/// Why a list is not whole, if so.
pub(in crate::ops) fn missing(listing: &Listing, own: &[(AttemptId, JobId)]) -> Option<String> {
    if listing.completeness == ListCompleteness::Partial {
        return Some("the list of jobs could not be read to its end, row by row".to_owned());
    }
    let mut lacking = own
        .iter()
        .filter(|(_, job)| !listing.jobs.contains_key(job));
    let (attempt, job) = lacking.next()?;
    let more = match lacking.count() {
        0 => String::new(),
        more => format!(" and {more} more of ours"),
    };
    Some(format!(
        "the list of jobs lacks job {job} of attempt {attempt}{more}, so it may lack others"
    ))
}

/// Why the server's word on what a job was made of proves nothing, if so. A job of ours is read back
/// where none was before.
pub(in crate::ops) async fn unproven(
    session: &ProfileSession,
    kind: EnrichmentKind,
    (listing, own): (&Listing, &[(AttemptId, JobId)]),
) -> Result<Option<String>, OpsError> {
    let version = || session.profile().api_version.clone();
    let scope = session.scope().await?;
    let known = || session.ledger().echo_read(scope.clone(), kind, version());
    let mut read = known().await?;
    let listed = own.iter().filter(|(_, job)| listing.jobs.contains_key(job));
    for (_, job) in listed.take(READ_BACK_MAX) {
        if read.as_ref().is_some_and(|read| read.matched) {
            break;
        }
        match show(session, kind, job).await {
            Ok(_) | Err(OpsError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
        read = known().await?;
    }
    Ok(match read {
        Some(read) if read.matched => None,
        Some(read) => Some(format!(
            "the server does not tell of job {} what was sent, so no job can be excluded",
            read.job
        )),
        None => Some(
            "no job of ours could be read back yet, so nobody knows how the server tells what a job was made of; after the next request that is scheduled, reconcile again".to_owned(),
        ),
    })
}
