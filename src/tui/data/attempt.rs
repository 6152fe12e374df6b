//! Attempts as the console shows them.

use std::time::Duration;

use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, JobId, Outcome, ProfileName, RequestHead,
    Timestamp,
};
use crate::ops::request::HeadFrom;
use crate::theme::Role;

/// One line of the live log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// The attempt.
    pub id: AttemptId,
    /// When it was put on record.
    pub at: Timestamp,
    /// Whose.
    pub profile: ProfileName,
    /// Where.
    pub data_center: DataCenter,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module's API name.
    pub module: String,
    /// The state.
    pub outcome: Outcome,
    /// The status of the answer, if one was read.
    pub http_status: Option<u16>,
    /// Zoho's code, if one was read.
    pub code: Option<String>,
    /// Zoho's message, or our sentence on what went wrong.
    pub message: Option<String>,
    /// The job, once there is one.
    pub job_id: Option<JobId>,
    /// From the first byte to the answer.
    pub latency: Option<Duration>,
    /// The inputs, by name (`email`, …), in the order of the form.
    pub inputs: Vec<(String, String)>,
    /// Who sent it.
    pub operator: String,
    /// Whether its job appeared after it had been called absent.
    pub is_late: bool,
}

impl LogRow {
    /// The style of its state.
    pub fn role(&self) -> Role {
        if self.is_late {
            Role::Error
        } else {
            Role::of(self.outcome)
        }
    }
}

/// One attempt with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The line of the log.
    pub row: LogRow,
    /// Which organisation of the data centre.
    pub environment: Environment,
    /// What was sent before the body, without the token.
    pub head: RequestHead,
    /// Whether that is on record, or had to be made again.
    pub head_from: HeadFrom,
    /// The record, if the request named one.
    pub record_id: Option<String>,
    /// The body as it was sent; `None` once it was purged.
    pub request_body: Option<String>,
    /// The body of the answer, as far as it was kept.
    pub response_body: Option<String>,
    /// The headers of the answer, in order.
    pub response_headers: Vec<(String, String)>,
    /// `details` of the answer, as JSON.
    pub details: Option<String>,
    /// Our own remark, such as what recovery or reconcile found.
    pub note: Option<String>,
}

/// Whose attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whose {
    /// Everybody's on this ledger.
    #[default]
    All,
    /// Those of this operator.
    Mine,
}

/// Which attempts the log shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogFilter {
    /// One profile, or all of them.
    pub profile: Option<ProfileName>,
    /// These outcomes; all when empty.
    pub outcomes: Vec<Outcome>,
    /// This code.
    pub code: Option<String>,
    /// Not older than this.
    pub since: Option<Timestamp>,
    /// Whose.
    pub whose: Whose,
    /// Words that occur in it.
    pub search: Option<String>,
    /// Not newer than this one: where somebody came to see it.
    pub up_to: Option<AttemptId>,
}

/// A page of the log: the newest attempts below `before` that pass the filter, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Which attempts.
    pub filter: LogFilter,
    /// Older than this one; `None` for the newest.
    pub before: Option<AttemptId>,
    /// Most rows.
    pub rows_max: usize,
}

/// The answer to a [`LogQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Newest first.
    pub rows: Vec<LogRow>,
    /// Whether older ones follow.
    pub has_more: bool,
    /// How many there are in all, where that is known cheaply.
    pub total: Option<u64>,
}
