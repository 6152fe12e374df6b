//! What can go wrong with the ledger, in words that say what was tried, on what, and whether
//! anything was sent.
//!
//! Every error of this module is met before the first byte of a request, or after its answer; none
//! of them means that something was sent twice.

use std::path::{Path, PathBuf};

use crate::base::guarded::owner_note;
use crate::base::{AttemptId, Outcome, RowNumber, RunId, Timestamp};
use crate::enrichment::verdict::{LIFTED_BY, Match};

use super::run::{RowState, RunState};

/// Why the ledger refused, or could not do, what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// A file beside the ledger, or its directory, could not be used.
    #[error("{doing} {}: {reason}; nothing was sent", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        reason: String,
    },
    /// The ledger cannot be opened, or it can only be read.
    #[error("the ledger {} cannot be opened for writing: {reason}; nothing was sent", path.display())]
    CannotOpen {
        /// The ledger.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// A file beside the ledger cannot be written: no room, no right, or a disk for reading only.
    #[error("{doing} {}: {reason}; nothing was sent", path.display())]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        reason: String,
    },
    /// The ledger was opened for reading, since it cannot be written.
    #[error("the ledger {} can only be read: {reason}; nothing was sent", path.display())]
    ReadOnly {
        /// The ledger.
        path: PathBuf,
        /// What stands in the way.
        reason: String,
    },
    /// SQLite itself is too old to be safe with several processes (WAL-reset bug).
    #[error(
        "SQLite {found} can damage a ledger that several processes use; version {needed} or newer is needed"
    )]
    LibraryTooOld {
        /// The library's version.
        found: String,
        /// The oldest safe one.
        needed: &'static str,
    },
    /// A newer ziadeck made this ledger.
    #[error(
        "the ledger {} has format {found}, and this ziadeck knows formats up to {known}; use a newer ziadeck",
        path.display()
    )]
    Newer {
        /// The ledger.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format of this program.
        known: i64,
    },
    /// A file that something else made.
    #[error("{} is not a ziadeck ledger: {reason}; it was left untouched", path.display())]
    NotALedger {
        /// The file.
        path: PathBuf,
        /// How it shows.
        reason: String,
    },
    /// The write-ahead log works only on a file system of this machine.
    #[error(
        "the ledger {} is on {kind}, where SQLite's write-ahead log is not safe; use a local directory with --data-dir",
        path.display()
    )]
    NetworkFileSystem {
        /// The ledger.
        path: PathBuf,
        /// Which file system.
        kind: &'static str,
    },
    /// The content makes no sense.
    #[error(
        "the ledger {} is damaged ({reason}); it was left untouched and nothing was sent; copy it before anything else, put a backup back without the files ledger.db-wal and ledger.db-shm beside it, and run `ziadeck ledger check --trust`",
        path.display()
    )]
    Damaged {
        /// The ledger.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// Another process kept the ledger for too long.
    #[error("{doing}: another process kept the ledger {} for more than 5 seconds; nothing was written", path.display())]
    Busy {
        /// The ledger.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
    },
    /// No room for the write.
    #[error("{doing}: no room on the disk of {}; nothing was written ({reason})", path.display())]
    Full {
        /// The ledger.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What SQLite said.
        reason: String,
    },
    /// The disk failed.
    #[error("{doing}: the disk of {} failed ({reason}); nothing is certain to be written", path.display())]
    Disk {
        /// The ledger.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What SQLite said.
        reason: String,
        /// SQLite's extended result code.
        code: i32,
    },
    /// Any other refusal of SQLite.
    #[error("{doing} in {}: {reason}; nothing was written", path.display())]
    Sqlite {
        /// The ledger.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What SQLite said.
        reason: String,
    },
    /// The file of that name is no longer the file that is open.
    #[error("the ledger {} was removed or replaced while in use; nothing was written or sent; start again", path.display())]
    Replaced {
        /// The ledger.
        path: PathBuf,
    },
    /// An earlier write failed in a way that leaves the handle in doubt.
    #[error("the ledger {} is not used for sending any more since {reason}; nothing was sent; start again", path.display())]
    Unusable {
        /// The ledger.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
    /// The ledger knows less than this machine remembers.
    #[error("the ledger {} cannot be trusted: {reason}; nothing was sent", path.display())]
    NotTrusted {
        /// The ledger.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Without the key of its hashes nobody can tell whom it has paid for.
    #[error("nothing was sent: the ledger {} lacks its key: {reason}", path.display())]
    NoKey {
        /// The ledger.
        path: PathBuf,
        /// What is wrong with the key, and what to do.
        reason: String,
    },
    /// The unit is not there to be spent.
    #[error("{used} of {limit} units are used{}; nothing was sent", reserve_words(*reserve))]
    LimitReached {
        /// Units used, unknowns included.
        used: u64,
        /// The limit that was given.
        limit: u64,
        /// Units that were to stay untouched.
        reserve: u64,
    },
    /// Another process works on this run.
    #[error("run {run} is in progress{}", holder_words(*pid, *since))]
    RunHeld {
        /// The run.
        run: RunId,
        /// The other process, as far as it is known.
        pid: Option<u32>,
        /// Since when, as far as it is known.
        since: Option<Timestamp>,
    },
    /// A row may only be sent by the holder of the run.
    #[error("run {run} is not held by this process; nothing was sent")]
    RunNotHeld {
        /// The run.
        run: RunId,
    },
    /// The run is in a state that does not allow it.
    #[error("run {run} is {state}; {wanted}")]
    RunState {
        /// The run.
        run: RunId,
        /// Its state.
        state: RunState,
        /// What would be needed.
        wanted: &'static str,
    },
    /// The row is in a state that does not allow it.
    #[error("row {row} of run {run} is {state}; {wanted}")]
    RowState {
        /// The run.
        run: RunId,
        /// The row.
        row: RowNumber,
        /// Its state.
        state: RowState,
        /// What would be needed.
        wanted: &'static str,
    },
    /// The same person, or organisation, was asked about before.
    #[error("{}; nothing was sent", already_words(_0))]
    Already(Box<Match>),
    /// No attempt of that number.
    #[error("the ledger has no attempt {0}; `ziadeck log` lists them")]
    NoSuchAttempt(AttemptId),
    /// No run of that number.
    #[error("the ledger has no run {0}; `ziadeck bulk status` lists them")]
    NoSuchRun(RunId),
    /// No row of that number.
    #[error("run {run} has no row {row}")]
    NoSuchRow {
        /// The run.
        run: RunId,
        /// The row.
        row: RowNumber,
    },
    /// The life cycle does not allow the step.
    #[error("attempt {attempt} is {from} and cannot become {to}")]
    IllegalStep {
        /// The attempt.
        attempt: AttemptId,
        /// Its state.
        from: Outcome,
        /// What was asked.
        to: Outcome,
    },
    /// Another attempt already has this job.
    #[error("job {job_id} belongs to attempt {owner} already")]
    JobTaken {
        /// The job.
        job_id: String,
        /// The attempt that has it.
        owner: AttemptId,
    },
    /// The caller asked for something that cannot be.
    #[error("{0}")]
    Refused(String),
    /// The ledger is closed, or its thread ended.
    #[error("the ledger is closed; nothing was written")]
    Closed,
}

impl LedgerError {
    /// The exit code of a headless command that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::LimitReached { .. } => 6,
            Self::RunHeld { .. } => 10,
            Self::Refused(_)
            | Self::NoSuchAttempt(_)
            | Self::NoSuchRun(_)
            | Self::NoSuchRow { .. }
            | Self::RunState { .. }
            | Self::RowState { .. } => 2,
            Self::Already(found) => exit_of_match(found),
            Self::File { .. }
            | Self::CannotOpen { .. }
            | Self::Unwritable { .. }
            | Self::ReadOnly { .. }
            | Self::LibraryTooOld { .. }
            | Self::Newer { .. }
            | Self::NotALedger { .. }
            | Self::NetworkFileSystem { .. }
            | Self::Damaged { .. }
            | Self::Busy { .. }
            | Self::Full { .. }
            | Self::Disk { .. }
            | Self::Sqlite { .. }
            | Self::Replaced { .. }
            | Self::Unusable { .. }
            | Self::NotTrusted { .. }
            | Self::NoKey { .. }
            | Self::RunNotHeld { .. }
            | Self::IllegalStep { .. }
            | Self::JobTaken { .. }
            | Self::Closed => 9,
        }
    }

    /// The match, where this error is that the same person was asked about before.
    pub fn already(&self) -> Option<&Match> {
        match self {
            Self::Already(found) => Some(found),
            _ => None,
        }
    }

    /// Whether the same write may succeed a moment later.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Full { .. } | Self::Disk { .. } | Self::Busy { .. }
        )
    }

    /// What keeps the ledger from being written, if it may be read all the same.
    pub(super) fn only_writing_failed(&self) -> Option<&str> {
        match self {
            Self::CannotOpen { reason, .. }
            | Self::Unwritable { reason, .. }
            | Self::Full { reason, .. }
            | Self::Disk { reason, .. } => Some(reason),
            Self::Busy { .. } => Some("another process keeps it locked"),
            Self::File { .. }
            | Self::ReadOnly { .. }
            | Self::LibraryTooOld { .. }
            | Self::Newer { .. }
            | Self::NotALedger { .. }
            | Self::NetworkFileSystem { .. }
            | Self::Damaged { .. }
            | Self::Sqlite { .. }
            | Self::Replaced { .. }
            | Self::Unusable { .. }
            | Self::NotTrusted { .. }
            | Self::NoKey { .. }
            | Self::LimitReached { .. }
            | Self::RunHeld { .. }
            | Self::RunNotHeld { .. }
            | Self::RunState { .. }
            | Self::RowState { .. }
            | Self::Already(_)
            | Self::NoSuchAttempt(_)
            | Self::NoSuchRun(_)
            | Self::NoSuchRow { .. }
            | Self::IllegalStep { .. }
            | Self::JobTaken { .. }
            | Self::Refused(_)
            | Self::Closed => None,
        }
    }

    pub(super) fn file(path: &Path, doing: &'static str, source: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let reason = match (source.kind(), owner_note(path, None)) {
            (ErrorKind::PermissionDenied, Some(note)) => format!("{source}; {note}"),
            _ => source.to_string(),
        };
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded => Self::Unwritable {
                path,
                doing,
                reason,
            },
            _ => Self::File {
                path,
                doing,
                reason,
            },
        }
    }
}

/// What was asked before, and how it matches, as a sentence goes on.
fn already_words(found: &Match) -> String {
    if found.is_forgotten() {
        return format!("forgotten ({}); {LIFTED_BY}", found.how());
    }
    format!(
        "already asked for: {} ({}) is {}",
        found.name(),
        found.how(),
        found.state()
    )
}

/// 0 where the person is enriched, 8 where nobody knows yet, 3 where something is different.
pub(crate) fn exit_of_match(found: &Match) -> u8 {
    if found.is_forgotten() {
        3
    } else if found.is_open() {
        8
    } else if found.differs.is_empty() {
        0
    } else {
        3
    }
}

fn reserve_words(reserve: u64) -> String {
    if reserve == 0 {
        String::new()
    } else {
        format!(", and {reserve} are to stay untouched")
    }
}

fn holder_words(pid: Option<u32>, since: Option<Timestamp>) -> String {
    let who = pid.map_or_else(
        || " in another process".to_owned(),
        |pid| format!(" by process {pid}"),
    );
    since.map_or(who.clone(), |since| format!("{who} since {since}"))
}

/// An error inside a transaction, before the path is known.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's.
    Sql(rusqlite::Error),
    /// Ours, complete.
    Ours(LedgerError),
}

impl From<rusqlite::Error> for Fault {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sql(source)
    }
}

impl From<LedgerError> for Fault {
    fn from(source: LedgerError) -> Self {
        Self::Ours(source)
    }
}

impl Fault {
    /// Adds what was tried, and on what.
    pub(super) fn at(self, path: &Path, doing: &'static str) -> LedgerError {
        match self {
            Self::Ours(error) => error,
            Self::Sql(source) => from_sqlite(path, doing, &source),
        }
    }
}

/// Sorts an error of SQLite by what the caller can do about it.
pub(super) fn from_sqlite(
    path: &Path,
    doing: &'static str,
    source: &rusqlite::Error,
) -> LedgerError {
    use rusqlite::{Error, ErrorCode};
    let path = path.to_owned();
    let reason = source.to_string();
    let damaged = matches!(
        source,
        Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..)
            | Error::QueryReturnedNoRows
    );
    if damaged {
        return LedgerError::Damaged { path, reason };
    }
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            LedgerError::Damaged { path, reason }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            LedgerError::Busy { path, doing }
        }
        Some(ErrorCode::DiskFull) => LedgerError::Full {
            path,
            doing,
            reason,
        },
        Some(ErrorCode::SystemIoFailure) => LedgerError::Disk {
            path,
            doing,
            reason,
            code: source.sqlite_error().map_or(0, |e| e.extended_code),
        },
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            LedgerError::CannotOpen { path, reason }
        }
        _ => LedgerError::Sqlite {
            path,
            doing,
            reason,
        },
    }
}
