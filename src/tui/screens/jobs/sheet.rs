//! What is known of the selected job.

use crate::base::JobId;
use crate::tui::app::remote::Pending;
use crate::tui::data::job::JobFigures;

/// The selected job in full.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sheet {
    pub(super) job: Option<JobId>,
    /// What is known of it.
    pub(super) figures: Option<JobFigures>,
    /// Why the server did not tell more.
    pub(super) failure: Option<String>,
    /// Whether the ledger has been asked, so that it is known whether the server must be.
    pub(super) is_read: bool,
    pub(super) ledger: Pending,
    pub(super) server: Pending,
}

impl Sheet {
    /// Whether nothing more is to come.
    pub(super) fn is_final(&self) -> bool {
        self.figures.as_ref().is_some_and(JobFigures::is_final)
    }
}
