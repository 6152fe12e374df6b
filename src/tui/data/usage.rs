//! The usage as the console shows it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::base::{Outcome, Timestamp};
use crate::enrichment::usage::{LimitSource, Pace, Usage};

/// Days that are read: the longest plot.
pub const DAYS: usize = 90;

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

/// One UTC day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Day {
    /// Units spent, by anybody.
    pub units: u64,
    /// Attempts of this ledger by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
}

/// Everything the screen tells of one profile and kind.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageSheet {
    /// The one number.
    pub usage: Usage,
    /// [`DAYS`] days, oldest first, today last.
    pub days: Vec<Day>,
    /// The last of them.
    pub today: Date,
    /// Units of each operator of this ledger, those of unknown attempts among them.
    pub mine_by: Vec<(String, u64)>,
    /// Jobs of others, by the name the server gives.
    pub others_by: Vec<(String, u64)>,
    /// The limit of the profile's configuration.
    pub configured: u64,
    /// A limit that the server taught, and when.
    pub learned: Option<(u64, LimitSource, Timestamp)>,
    /// The pace of the last fourteen days, where it means something.
    pub pace: Option<Pace>,
}
