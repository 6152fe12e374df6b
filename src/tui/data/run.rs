//! Runs as they are looked at before and after they go.

use std::time::Duration;

use crate::ops::bulk_view::Prospect;
use crate::tui::app::notice::Notice;

/// What a run would do, and how long that would take.
#[derive(Debug, Clone, PartialEq)]
pub struct Ahead {
    /// The numbers.
    pub prospect: Prospect,
    /// At the usual latency, if there is one.
    pub takes: Option<Duration>,
}

/// How the work on a run ended for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnded {
    /// Whether nothing of it waits any more.
    pub is_over: bool,
    pub told: Notice,
}
