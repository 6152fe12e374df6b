//! What reconcile could settle.

use crate::base::AttemptId;
use crate::tui::app::notice::Notice;

/// What reconcile said about an attempt that it could not settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The attempt.
    pub attempt: AttemptId,
    /// Why it stays unknown.
    pub why: String,
}

/// What reconcile did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// How many became what, in a sentence.
    pub told: Notice,
    /// What stays unknown, and why.
    pub open: Vec<Finding>,
}
