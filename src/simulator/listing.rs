//! A list of jobs that keeps something from its reader: rows, pages, jobs, or the newest for a while.

use std::time::Duration;

use super::jobs::{Job, Moment};

/// What a list keeps back. `Default` keeps nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartialList {
    /// Most rows of a page. The next page begins where it always did, so that the rest is lost.
    pub rows_max: Option<usize>,
    /// `more_records` is false, whatever is behind the page.
    pub ends: bool,
    /// So many of the newest jobs are not listed.
    pub omit_newest: usize,
    /// Each nth job, in the order of their making, is not listed; 0 for none.
    pub omit_nth: usize,
    /// A job is listed only so long after it was made. Asked for by its id it is there at once.
    pub lag: Duration,
}

impl PartialList {
    /// The jobs that are listed, of those that there are, oldest first.
    pub(super) fn listed<'a>(&self, jobs: Vec<&'a Job>, at: Moment) -> Vec<&'a Job> {
        let kept = jobs.len().saturating_sub(self.omit_newest);
        (1_usize..)
            .zip(jobs)
            .take(kept)
            .filter(|(number, _)| self.omit_nth == 0 || !number.is_multiple_of(self.omit_nth))
            .map(|(_, job)| job)
            .filter(|job| job.is_as_old_as(self.lag, at))
            .collect()
    }
}
