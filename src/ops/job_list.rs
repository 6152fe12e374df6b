//! The server's list of jobs, read into the ledger.
//!
//! The list is read newest first. Jobs that appear meanwhile push others to later pages, so none is
//! missed and doubles are merged by id; afterwards the first page is read again until it shows nothing
//! new.
//!
//! A page of known jobs is no reason to stop by itself: they may be our own, and a job of somebody
//! else may stand behind them. Reading ends early only where a page reaches back behind the last
//! complete reading and every job of it was listed before.

use std::collections::HashMap;

use super::error::OpsError;
use super::session::ProfileSession;
use crate::base::limits::{CLOCKS_APART, JOB_PAGES_MAX, JOBS_PER_PAGE};
use crate::base::{EnrichmentKind, JobId, Timestamp};
use crate::ledger::{ListCompleteness, Merged, ServerJob};
use crate::wire::jobs::JobPage;
use crate::zoho::query::{JobListQuery, SortOrder};

/// How much of the job list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListDepth {
    /// Until a page shows only known jobs that are older than the last complete reading.
    New,
    /// To the end.
    All,
}

/// What one reading of the job list saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Whether it was read to its end, every row of it.
    pub completeness: ListCompleteness,
    /// Every job of it, with when it was made.
    pub jobs: HashMap<JobId, Option<Timestamp>>,
}

/// Reads the job list into the ledger.
///
/// # Errors
/// When there is no token, a page cannot be read, or the ledger cannot be written.
pub async fn list(
    session: &ProfileSession,
    kind: EnrichmentKind,
    depth: ListDepth,
) -> Result<Listing, OpsError> {
    let scope = session.scope().await?;
    let mut jobs = HashMap::new();
    let before = session.ledger().counts(scope.clone(), kind).await?;
    let read_before = before
        .listed_at
        .filter(|_| depth == ListDepth::New)
        .and_then(|at| at.checked_sub(CLOCKS_APART).ok());
    let mut completeness = ListCompleteness::Partial;
    let (mut unreadable, mut is_gapless) = (0, true);
    for number in 1..=JOB_PAGES_MAX {
        let page = one_page(session, kind, number).await?;
        // Between a short page and the next one rows may be missing.
        let rows = page.jobs.len() + page.unreadable;
        let is_short = u32::try_from(rows).is_ok_and(|rows| rows < JOBS_PER_PAGE);
        is_gapless &= !(page.has_more && is_short);
        jobs.extend(page.jobs);
        unreadable += page.unreadable;
        // The time alone would not do: this machine's clock may have been wrong at that reading.
        let is_known = page.merged.unlisted == 0
            && page
                .oldest
                .is_some_and(|oldest| read_before.is_some_and(|read| oldest < read));
        if !page.has_more || is_known {
            completeness = ListCompleteness::Complete;
            break;
        }
    }
    // What appeared while the list was read stands on the first page now. A page full of new jobs
    // hides others behind it, so the next page is read too, until one shows nothing new.
    for number in 1..=JOB_PAGES_MAX {
        let page = one_page(session, kind, number).await?;
        jobs.extend(page.jobs);
        if page.merged.new == 0 {
            break;
        }
    }
    if unreadable > 0 || !is_gapless {
        completeness = ListCompleteness::Partial;
    }
    session
        .ledger()
        .merge_jobs(scope, kind, Vec::new(), completeness)
        .await?;
    Ok(Listing { completeness, jobs })
}

/// Reads the newest page of the job list into the ledger: one call, for a screen that watches.
pub(super) async fn newest(session: &ProfileSession, kind: EnrichmentKind) -> Result<(), OpsError> {
    one_page(session, kind, 1).await?;
    Ok(())
}

struct ReadPage {
    jobs: Vec<(JobId, Option<Timestamp>)>,
    unreadable: usize,
    merged: Merged,
    /// The time of the oldest job; `None` where a time cannot be read.
    oldest: Option<Timestamp>,
    has_more: bool,
}

async fn one_page(
    session: &ProfileSession,
    kind: EnrichmentKind,
    page: u32,
) -> Result<ReadPage, OpsError> {
    let query = JobListQuery {
        kind,
        page,
        order: SortOrder::Descending,
        status: None,
    };
    let found = session
        .ask(|token| {
            let query = query.clone();
            async move { session.client().jobs(&query, &token).await }
        })
        .await?
        .unwrap_or_default();
    let (unreadable, has_more) = (found.unreadable, has_more(&found));
    let oldest = oldest(&found);
    let jobs = found.items.iter();
    let jobs = jobs.map(|job| (job.id.clone(), job.created_time)).collect();
    let scope = session.scope().await?;
    let merged = session
        .ledger()
        .merge_jobs(scope, kind, server_jobs(found), ListCompleteness::Partial)
        .await?;
    Ok(ReadPage {
        jobs,
        unreadable,
        merged,
        oldest,
        has_more,
    })
}

fn oldest(page: &JobPage) -> Option<Timestamp> {
    if page.unreadable > 0 {
        return None;
    }
    let times: Option<Vec<_>> = page.items.iter().map(|item| item.created_time).collect();
    times?.into_iter().min()
}

/// Without `info` (G7's sample) a full page may have a next one. A page that speaks of more has a
/// next one even where it is empty: rows that the user may not see are left out of it.
fn has_more(page: &JobPage) -> bool {
    let rows = page.items.len() + page.unreadable;
    let is_full = u32::try_from(rows).is_ok_and(|rows| rows >= JOBS_PER_PAGE);
    page.more_records.unwrap_or(is_full)
}

fn server_jobs(page: JobPage) -> Vec<ServerJob> {
    page.items
        .into_iter()
        .map(|item| {
            let (by_id, by_name) = item.created_by.unzip();
            ServerJob {
                id: item.id,
                status: item.status.as_str().to_owned(),
                created: item.created_time,
                created_by_id: by_id,
                created_by_name: by_name,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrichment::job::JobStatus;
    use crate::wire::jobs::JobListItem;
    use rstest::rstest;

    /// A page of so many jobs, made at these seconds.
    fn page(seconds: impl IntoIterator<Item = i64>, unreadable: usize) -> JobPage {
        let job = |second| JobListItem {
            id: format!("1{second}").parse().unwrap(),
            status: JobStatus::Running,
            created_time: Timestamp::from_second(second).ok(),
            created_by: None,
        };
        JobPage {
            items: seconds.into_iter().map(job).collect(),
            unreadable,
            more_records: None,
        }
    }

    #[rstest]
    #[case::nothing(page([], 0), false)]
    #[case::a_full_page(page(1..=100, 0), true)]
    #[case::one_row_short(page(1..=99, 0), false)]
    #[case::full_with_a_row_that_cannot_be_read(page(1..=99, 1), true)]
    #[case::full_and_the_end(JobPage { more_records: Some(false), ..page(1..=100, 0) }, false)]
    fn a_full_page_has_a_next_one_unless_the_server_says_so(
        #[case] page: JobPage,
        #[case] expected: bool,
    ) {
        assert_eq!(has_more(&page), expected);
    }

    #[test]
    fn an_empty_page_that_speaks_of_more_is_not_the_end() {
        let page = JobPage {
            more_records: Some(true),
            ..page([], 0)
        };

        assert!(has_more(&page));
    }

    #[test]
    fn the_oldest_job_of_a_page_is_known_only_where_every_row_is() {
        assert_eq!(oldest(&page([7, 3, 5], 0)), Timestamp::from_second(3).ok());
        assert_eq!(oldest(&page([7, 3, 5], 1)), None);
        assert_eq!(oldest(&page([7, i64::MAX], 0)), None);
    }
}
