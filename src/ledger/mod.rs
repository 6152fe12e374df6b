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
//! A ledger that cannot be written is opened for reading, and every write is refused (`view`).
//! It never sends, never retries a request, and never opens a second write connection.

mod around;
mod attempt;
mod cells;
mod check;
mod connect;
mod copy;
mod counts;
mod discard;
mod dispatch;
mod dump;
mod error;
mod file;
mod foreign;
mod forget;
mod forgotten;
mod gate;
mod handle;
mod hunt;
mod import;
mod inspect;
mod job_list;
mod jobs;
mod key;
mod listed;
mod lock;
mod look;
mod mark;
mod marks;
mod migrate;
mod open;
mod overlap;
mod page;
mod profiles;
mod proven;
mod purge;
mod queue;
mod reader;
mod real;
mod receipt;
mod recover;
mod rekey;
mod rename;
mod run;
mod runs;
mod schema;
mod search;
mod seed;
mod settle;
mod subject;
mod tally;
mod times;
mod traces;
mod upgrade;
mod usage;
mod view;
mod watch;
mod whole;
mod writer;

#[cfg(test)]
mod tests;

pub use around::Around;
pub use attempt::{
    AttemptDetail, AttemptRow, Budget, BudgetRule, Decision, Fingerprint, Forced, LogPage,
    LogQuery, NewAttempt, Origin, PageCursor, Renamed, Resolution, ResolvedBy, RowNext, ScopeKey,
    Sent, Settlement, Verdict,
};
pub use check::{CheckReport, Depth};
pub use error::LedgerError;
pub(crate) use error::exit_of_match;
pub use forget::ForgetReport;
pub use handle::{Ledger, Settling};
pub use import::RunImport;
pub use inspect::Inspection;
pub use job_list::{JobEntry, JobListQuery, JobsOf};
pub use lock::RunLease;
pub use open::{Access, LedgerOptions, LedgerStep, OnStep, Opened, Trust};
pub use overlap::Overlap;
pub use purge::{PurgeReport, PurgeWhat};
pub use receipt::{DispatchReceipt, DispatchedRequest};
pub use rekey::Rekeyed;
pub use run::{
    NewRow, NewRun, RowQuery, RowResult, RowStart, RowState, RowWord, RunCommand, RunQuery, RunRow,
    RunRowRecord, RunState,
};
#[doc(hidden)]
pub use seed::Seed;
pub use subject::{Asked, Subject};
pub use traces::Traces;
pub use upgrade::{OnUpgrade, Upgrading};
pub use usage::{
    ConfiguredLimit, DayCount, EchoRead, FeatureCounts, JobQuery, JobRecord, LearnedLimit,
    LimitSource, ListCompleteness, Merged, Pin, ServerJob, StoredJob, UsageCounts,
};
pub use watch::LedgerWatch;
