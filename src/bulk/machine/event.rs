//! What a run hears and what it says: the whole of its door to the world.

use std::time::Duration;

use super::super::pause::{PauseReason, UnknownCause};
use crate::base::{ErrorCode, Outcome, RowNumber, Subject};

/// What a run may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSettings {
    /// Most requests in flight.
    pub concurrency: usize,
    /// Most rows to send before it pauses.
    pub rows_max: Option<u64>,
    /// Units it may spend: what is left without the reserve.
    pub units_max: Option<u64>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The outcome, as the ledger holds it.
    pub outcome: Outcome,
    /// The HTTP status, if there was one.
    pub http_status: Option<u16>,
    /// The server's code, if there was one.
    pub code: Option<ErrorCode>,
    /// Why there was no answer, where there was none.
    pub silence: Option<String>,
    /// How long the server asks us to wait.
    pub retry_after: Option<Duration>,
}

impl Settled {
    /// An outcome of which nothing more is known.
    pub fn bare(outcome: Outcome) -> Self {
        Self {
            outcome,
            http_status: None,
            code: None,
            silence: None,
            retry_after: None,
        }
    }

    /// Whether the token was refused, so that a fresh one may help.
    pub(super) fn is_of_the_token(&self) -> bool {
        let subject = self.code.as_ref().map(ErrorCode::subject);
        self.http_status == Some(401) && subject == Some(Subject::Token)
    }

    /// What an unknown outcome has in common with others like it.
    pub(super) fn cause(&self) -> UnknownCause {
        match (self.http_status, &self.silence) {
            (Some(status), _) => UnknownCause::Status(status),
            (None, Some(error)) => UnknownCause::Silence(error.clone()),
            (None, None) => UnknownCause::Unnamed,
        }
    }
}

/// Why the ledger did not let a row go out. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No unit is left.
    Limit,
    /// Only the reserve is left.
    Reserve,
    /// The row is not pending: skipped, or sent by another process.
    NotPending,
    /// There is no access token.
    NoToken,
    /// The attempt could not be committed.
    Ledger,
}

/// Whether the ledger has pending rows behind those it handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// There are more.
    More,
    /// These were the last.
    End,
}

/// What happens to a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The run is held by this process and may begin.
    Started,
    /// The answer to [`Step::Load`]: pending rows in file order.
    RowsLoaded {
        /// The rows.
        rows: Vec<RowNumber>,
        /// What is behind them.
        rest: Rest,
    },
    /// A dispatched row's attempt has its outcome.
    AttemptSettled {
        /// The row.
        row: RowNumber,
        /// The outcome.
        settled: Settled,
    },
    /// A dispatched row was not sent.
    DispatchRefused {
        /// The row.
        row: RowNumber,
        /// Why.
        refusal: Refusal,
    },
    /// The answer to [`Step::RefreshToken`]: there is a new token.
    TokenRefreshed,
    /// The other answer: there is none.
    TokenFailed,
    /// Time has passed.
    Tick,
    /// Somebody asks for a pause.
    PauseAsked,
    /// Somebody asks to go on. Where units were short, [`Event::UnitsLeft`] comes first.
    ResumeAsked,
    /// The program is to end.
    StopAsked,
    /// Something else found the organisation's limit reached.
    LimitReached,
    /// The units that may be spent from now on, counted anew.
    UnitsLeft(u64),
    /// The ledger cannot be read or written.
    LedgerFailed,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read pending rows from the ledger.
    Load {
        /// Rows behind this one; from the first if `None`.
        after: Option<RowNumber>,
        /// How many at most.
        count: usize,
    },
    /// Commit and send this row.
    Dispatch(RowNumber),
    /// Get a new access token, one for all.
    RefreshToken,
    /// Come back with a [`Event::Tick`] at this time.
    Wait {
        /// The time, on the clock of the events.
        until: Duration,
    },
    /// Say that and why nothing more is sent. What is in flight goes on.
    Pause(PauseReason),
    /// The machine is done; it answers nothing any more.
    Finish(Ending),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// No pending row is left.
    Done,
    /// It was stopped; rows may be left.
    Stopped,
}

/// What a machine has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows that are scheduled.
    pub scheduled: u64,
    /// Rows that the server refused.
    pub rejected: u64,
    /// Rows of which nobody knows.
    pub unknown: u64,
}

impl Tally {
    /// Rows that are done with.
    pub fn settled(self) -> u64 {
        self.scheduled + self.rejected + self.unknown
    }

    /// Units spent, or perhaps spent.
    pub fn charged(self) -> u64 {
        self.scheduled + self.unknown
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self {
            scheduled: self.scheduled - before.scheduled,
            rejected: self.rejected - before.rejected,
            unknown: self.unknown - before.unknown,
        }
    }
}
