//! The usage as the console shows it.

use crate::enrichment::usage::{Pace, Usage};

/// One profile's usage.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageFigures {
    /// The one number and where it comes from.
    pub usage: Usage,
    /// Units per day, oldest first, today last.
    pub days: Vec<u64>,
    /// The pace, where it means something.
    pub pace: Option<Pace>,
    /// Why the server could not be asked, if that failed.
    pub note: Option<String>,
}
