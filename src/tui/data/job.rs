//! Jobs as the server and the ledger tell of them.

use crate::base::{AttemptId, JobId, Timestamp};
use crate::enrichment::job::JobStatus;
use crate::ledger::JobsOf;
use crate::theme::Role;

/// Who made a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// An attempt of this ledger, sent by this operator.
    Mine(String),
    /// Somebody else, by name if the server gives one.
    Other(Option<String>),
}

/// One job of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// The status as the server spells it.
    pub status: String,
    /// Its place in the order.
    pub at: Timestamp,
    /// When it was created, if the server said so.
    pub created: Option<Timestamp>,
    /// Who made it.
    pub by: By,
    /// The attempt that made it.
    pub attempt: Option<AttemptId>,
    /// The attempt's module.
    pub module: Option<String>,
    /// The attempt's record.
    pub record_id: Option<String>,
    /// What was asked, as far as it is known, in the order of the form.
    pub inputs: Vec<(String, String)>,
}

/// A page of the list and what is known of all jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobsPage {
    /// Newest first.
    pub rows: Vec<JobRow>,
    /// Whether older ones follow.
    pub has_more: bool,
    /// How many jobs have each status, the most frequent first.
    pub statuses: Vec<(String, u64)>,
    /// When the server's list was last read to its end.
    pub listed_at: Option<Timestamp>,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobsFilter {
    /// Only this status.
    pub status: Option<String>,
    /// Whose.
    pub whose: JobsOf,
    /// Only ids that hold this text.
    pub id_part: Option<String>,
}

/// A question for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsQuery {
    /// Which jobs.
    pub filter: JobsFilter,
    /// Older than this one; `None` for the newest.
    pub before: Option<(Timestamp, JobId)>,
    /// Most rows.
    pub rows_max: usize,
}

/// A job as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct JobFigures {
    /// Zoho's word, such as COMPLETED.
    pub status: String,
    /// What was asked, as JSON.
    pub enrich_based_on: Option<serde_json::Value>,
    /// What was found, as JSON; `None` until it is done or when nothing was found.
    pub enriched_data: Option<serde_json::Value>,
    /// When the server was asked.
    pub at: Timestamp,
}

/// The mark and the style of a status.
pub fn look(status: &JobStatus) -> (&'static str, Role) {
    match status {
        JobStatus::Scheduled => ("○", Role::Sending),
        JobStatus::Running => ("◐", Role::Sending),
        JobStatus::Completed => ("●", Role::Scheduled),
        JobStatus::Updated => ("✓", Role::Scheduled),
        JobStatus::DataNotFound => ("–", Role::Absent),
        JobStatus::Failed => ("✗", Role::Error),
        JobStatus::Unrecognised(_) => ("?", Role::Unknown),
    }
}

impl JobFigures {
    /// Whether nothing more is to come.
    pub fn is_final(&self) -> bool {
        JobStatus::from(self.status.as_str()).is_final()
    }
}
