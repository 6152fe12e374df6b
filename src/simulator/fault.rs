//! Faults as values: on which request, when, and what goes wrong.
//!
//! A fault counts the requests that it is meant for from the moment it is set, starting at 1. The
//! first fault that is due decides; the others only count.

use std::time::Duration;

use serde::Deserialize;

use super::echo::Echo;
use super::listing::PartialList;

/// Which requests a fault is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A POST that creates people jobs.
    PeoplePost,
    /// A POST that creates organisation jobs.
    OrgPost,
    /// The token endpoint.
    Token,
    /// A list of jobs.
    List,
    /// One job.
    Job,
    /// The usage figures.
    Features,
    /// Everything else: modules, records, organisation, users, configuration.
    Other,
    /// Any request.
    Any,
}

/// Which of its requests a fault is due on, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Every one.
    Always,
    /// The nth only.
    At(u64),
    /// Each nth.
    Every(u64),
    /// From the first number to the second, both included.
    Between(u64, u64),
}

impl When {
    fn is_due(self, count: u64) -> bool {
        match self {
            Self::Always => true,
            Self::At(n) => count == n,
            Self::Every(n) => n > 0 && count.is_multiple_of(n),
            Self::Between(from, to) => (from..=to).contains(&count),
        }
    }
}

/// The form of an error's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// The API's own, flat: what speaks of parameters, permission, feature and token.
    #[default]
    Flat,
    /// The API's own, wrapped: what speaks of an element.
    Wrapped,
    /// None: what a gateway writes of itself, `{"message":"Forbidden"}`.
    None,
}

/// Where a further entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    /// Before the entry that answers.
    Before,
    /// Behind it.
    After,
}

/// An answer that the API did not give: an error status of its own or of a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusFault {
    /// The HTTP status.
    pub status: u16,
    /// The code of the flat error; the documented one for the status when absent.
    pub code: Option<String>,
    /// The message of the flat error.
    pub message: Option<String>,
    /// The form of the JSON.
    pub envelope: Envelope,
    /// A page of HTML, as a proxy sends it, instead of JSON.
    pub html: bool,
    /// Whether the request takes effect first: the job is made, and then denied.
    pub effect: bool,
    /// The text of a Retry-After header, sensible or not.
    pub retry_after: Option<String>,
    /// `details.retry_after` of the body, as OAS26's example has it.
    pub details_retry_after: Option<i64>,
}

impl StatusFault {
    /// The documented JSON error for a status, without effect.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            code: None,
            message: None,
            envelope: Envelope::Flat,
            html: false,
            effect: false,
            retry_after: None,
            details_retry_after: None,
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Nothing but the fault's delay.
    Delay,
    /// An error status.
    Status(StatusFault),
    /// The connection ends in order before the body is read. Nothing takes effect.
    CloseBeforeRead,
    /// The connection is reset before the body is read. Nothing takes effect.
    ResetBeforeRead,
    /// The connection ends in order after the whole request was read, without an answer.
    CloseAfterRead {
        /// Whether the request takes effect.
        effect: bool,
    },
    /// The connection is reset after the whole request was read, without an answer.
    ResetAfterRead {
        /// Whether the request takes effect.
        effect: bool,
    },
    /// No answer ever comes, and the connection stays.
    Hang {
        /// Whether the request takes effect.
        effect: bool,
    },
    /// The head announces the whole body, but only so many bytes of it come.
    Truncate {
        /// Bytes that do come.
        bytes: usize,
    },
    /// As `Truncate`, with a chunked body whose last chunk never comes.
    TruncateChunked {
        /// Bytes that do come.
        bytes: usize,
    },
    /// The right status with no body.
    EmptyBody,
    /// The right status with a page of HTML.
    HtmlBody,
    /// The right status with an empty array.
    EmptyArray,
    /// The right status with bytes that are not JSON.
    NotJson,
    /// The job id as a JSON number.
    IdNumber,
    /// A job id of 400 digits.
    IdLong,
    /// `../../settings/modules` as job id.
    IdPath,
    /// A second item that nobody asked for.
    ExtraItems,
    /// Bytes that are not HTTP.
    Garbage,
    /// A body that never ends.
    Endless,
    /// The body dribbles.
    SlowBody {
        /// Its pace; at least 1.
        bytes_per_second: u64,
    },
    /// The answer inside a body of so many bytes.
    HugeBody {
        /// Bytes of padding.
        bytes: usize,
    },
    /// JSON nested so many levels deep.
    DeepJson {
        /// The levels.
        depth: usize,
    },
    /// So many needless headers before the answer.
    ManyHeaders {
        /// How many.
        count: usize,
    },
    /// A redirect.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to.
        location: String,
    },
    /// Another `api_domain` in a token answer.
    ApiDomain {
        /// What it says.
        value: String,
    },
    /// Escape sequences, OSC 52 and bidirectional overrides in every text that people read.
    HostileText,
    /// LIMIT_EXCEEDED, whatever is left.
    LimitExceeded,
    /// The connection ends without an answer, and the job appears later.
    LateJob {
        /// How much later.
        after: Duration,
    },
    /// The job is made in another user's name.
    CreatedBy {
        /// The name.
        name: String,
    },
    /// Another administrator's job appears just before the list is read.
    ShiftPages,
    /// A list without `info`.
    NoInfo,
    /// An error beside the entry that answers.
    ErrorEntry {
        /// Its code.
        code: String,
        /// Where it stands.
        place: Beside,
    },
    /// `enrich_based_on` of one job is not told as it was given; each change in its turn.
    Echo(Vec<Echo>),
    /// A list that keeps something back.
    PartialList(PartialList),
    /// From this request on the server's clock is off by so many seconds.
    SetClock {
        /// Ahead, or behind where it is negative.
        offset_seconds: i64,
    },
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Which requests it is meant for.
    pub on: Target,
    /// Which of them it is due on.
    pub when: When,
    /// How much later than usual the answer comes.
    pub delay: Duration,
    /// What goes wrong.
    pub action: Action,
}

impl Fault {
    /// A fault of the next request of its kind.
    pub fn next(on: Target, action: Action) -> Self {
        Self {
            on,
            when: When::At(1),
            delay: Duration::ZERO,
            action,
        }
    }

    /// A fault of every request of its kind.
    pub fn always(on: Target, action: Action) -> Self {
        Self {
            when: When::Always,
            ..Self::next(on, action)
        }
    }
}

/// Faults that are set, each with its count.
#[derive(Debug, Default)]
pub(super) struct Armed {
    faults: Vec<(Fault, u64)>,
}

impl Armed {
    pub(super) fn set(&mut self, faults: Vec<Fault>) {
        self.faults = faults.into_iter().map(|fault| (fault, 0)).collect();
    }

    pub(super) fn push(&mut self, fault: Fault) {
        // A fault that was due once and is over will never be due again; do not keep it.
        self.faults
            .retain(|(fault, count)| !matches!(fault.when, When::At(n) if *count >= n));
        self.faults.push((fault, 0));
    }

    /// Counts a request and takes the first fault that is due on it.
    pub(super) fn due(&mut self, target: Target) -> Option<Fault> {
        let mut due = None;
        for (fault, count) in &mut self.faults {
            if fault.on == target || fault.on == Target::Any {
                *count += 1;
                if due.is_none() && fault.when.is_due(*count) {
                    due = Some(fault.clone());
                }
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(When::Always, &[1, 2, 3, 4, 5, 6])]
    #[case(When::At(3), &[3])]
    #[case(When::Every(2), &[2, 4, 6])]
    #[case(When::Every(0), &[])]
    #[case(When::Between(2, 4), &[2, 3, 4])]
    fn a_fault_is_due_when_it_says(#[case] when: When, #[case] expected: &[u64]) {
        let mut armed = Armed::default();
        armed.push(Fault {
            when,
            ..Fault::next(Target::List, Action::Delay)
        });

        let due: Vec<u64> = (1..=6)
            .filter(|_| {
                armed.due(Target::Job);
                armed.due(Target::List).is_some()
            })
            .collect();

        assert_eq!(due, expected);
    }

    #[test]
    fn a_fault_counts_from_the_moment_it_is_set() {
        let mut armed = Armed::default();
        armed.due(Target::PeoplePost);
        armed.push(Fault::next(Target::Any, Action::EmptyBody));

        assert!(armed.due(Target::PeoplePost).is_some());
        assert!(armed.due(Target::PeoplePost).is_none());
    }
}
