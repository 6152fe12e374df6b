//! Jobs as the server and the ledger tell of them.

use crate::base::Timestamp;
use crate::enrichment::job::JobStatus;
use crate::theme::Role;

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
