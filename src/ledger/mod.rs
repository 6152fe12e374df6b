//! The ledger: what was sent, what came back, and how many units are spent. It is never wrong.
//!
//! ```text
//! NewAttempt ── dispatch ──► COMMIT + fsync ──► DispatchReceipt ──► one POST
//!                                                                     │
//!            page, counts ◄── COMMIT + fsync ◄── settle(outcome) ◄────┘
//!                                    ▲
//!                 unknown ── resolve ┘   (reconcile, or a person)
//! ```
//!
//! Invariants: a receipt exists only after its attempt is durable; attempts are append-only and
//! take only the steps of [`crate::base::Outcome`]; the counters change in the transaction of what
//! they count; two processes cannot both spend the last unit, and a row of a run has at most one
//! attempt that may have spent one.
//!
//! It refuses: network file systems, libraries and formats that it cannot trust, a file that was
//! replaced while in use, and sending from a ledger that knows less than this machine remembers.
//! It never sends, never retries a request, and never opens a second write connection.

mod attempt;
mod cells;
mod connect;
mod counts;
mod dispatch;
mod error;
mod file;
mod handle;
mod jobs;
mod lock;
mod mark;
mod migrate;
mod open;
mod page;
mod reader;
mod receipt;
mod run;
mod search;
mod settle;
mod usage;
mod watch;
mod writer;

#[cfg(test)]
mod tests;

pub use attempt::{
    AttemptDetail, AttemptRow, Budget, BudgetRule, Decision, Fingerprint, Forced, LogPage,
    LogQuery, NewAttempt, Origin, Place, Resolution, ResolvedBy, RowNext, ScopeKey, Settlement,
    Verdict,
};
pub use error::LedgerError;
pub use handle::Ledger;
pub use lock::RunLease;
pub use open::{LedgerOptions, LedgerStep, OnStep, Opened, Trust};
pub use receipt::{DispatchReceipt, DispatchedRequest};
pub use run::{
    NewRow, NewRun, RowQuery, RowStart, RowState, RunCommand, RunRow, RunRowRecord, RunState,
};
pub use usage::{
    DayCount, FeatureCounts, JobQuery, JobRecord, LearnedLimit, LimitSource, ListCompleteness,
    Merged, Pin, Pinned, ServerJob, StoredJob, UsageCounts,
};
pub use watch::LedgerWatch;
