//! The words of bulk runs in the ledger: runs, rows, their states and the commands between
//! processes.
//!
//! ```text
//! run:  importing ─► ready ─► running ⇄ paused      running ─► finished
//!                                                   finished ─► paused (rows queued again)
//! row:  pending ─► sending ─► scheduled | rejected | unknown ─► scheduled | absent
//!          ▲          └─────► pending | not_sent     (nothing was spent)
//!          └── absent, not_sent, skipped: only an operator queues them again
//! ```
//!
//! A run that is importing is never runnable: a file that was read half is not a plan.

use crate::base::{
    AttemptId, EnrichmentKind, JobId, ProfileName, RecordId, RowNumber, RunId, Timestamp, word_enum,
};

use crate::enrichment::verdict::Position;

use super::attempt::{AttemptRow, Fingerprint, ScopeKey};

word_enum!(
    /// Where a run stands.
    RunState,
    "the state of a run",
    /// Its file is being read.
    Importing = "importing",
    /// Planned, nothing sent yet.
    Ready = "ready",
    /// A process works on it.
    Running = "running",
    /// Stopped; it can be resumed.
    Paused = "paused",
    /// No row is left to send.
    Finished = "finished",
);

word_enum!(
    /// Where a row stands.
    RowState,
    "the state of a row",
    /// It waits for its turn.
    Pending = "pending",
    /// It would be rejected, or its line cannot be read.
    Invalid = "invalid",
    /// It is left out: a duplicate, enriched before, or by choice.
    Skipped = "skipped",
    /// Its attempt is perhaps on the wire.
    Sending = "sending",
    /// It has its job.
    Scheduled = "scheduled",
    /// The server refused its input.
    Rejected = "rejected",
    /// Nothing was sent, and it stays behind.
    NotSent = "not_sent",
    /// Nobody can say whether a unit was spent.
    Unknown = "unknown",
    /// Reconcile proved that there is no job.
    Absent = "absent",
);

word_enum!(
    /// What one process asks of the process that works on a run.
    RunCommand,
    "a command to a run",
    /// Stop starting rows.
    Pause = "pause",
    /// Go on.
    Resume = "resume",
    /// Stop starting rows, finish what is in flight, leave.
    Stop = "stop",
);

impl RunState {
    /// Whether the life of a run allows the step. Only the end of an import makes a run ready.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Importing => false,
            Self::Ready | Self::Running | Self::Paused => {
                matches!(next, Self::Running | Self::Paused | Self::Finished)
            }
            Self::Finished => matches!(next, Self::Finished | Self::Paused),
        }
    }
}

/// A run before its rows are read.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The profile that will send.
    pub profile: ProfileName,
    /// Whose units it spends.
    pub scope: ScopeKey,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module's API name.
    pub module: String,
    /// The file's name, without its directory.
    pub file_name: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// The file's column names, JSON.
    pub columns: String,
    /// Which column is which input, JSON.
    pub mapping: String,
    /// Concurrency, reserve and the like, JSON.
    pub settings: String,
}

/// A row as it is imported.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// The row, counted from 1.
    pub row: RowNumber,
    /// The line of the file where it starts, counted from 1.
    pub line: u64,
    /// The original cells, JSON; `None` where nothing of the row is to be kept.
    pub cells: Option<String>,
    /// The inputs as one flat JSON object; `None` where nothing of the row is to be kept.
    pub inputs: Option<String>,
    /// The record, if a column names it.
    pub record_id: Option<RecordId>,
    /// Of the canonical inputs, if they are complete.
    pub fingerprint: Option<Fingerprint>,
    /// How it starts: pending, invalid or skipped.
    pub start: RowStart,
    /// What a person's word overrules for it.
    pub word: RowWord,
    /// What was found when it was judged, JSON.
    pub verdict: Option<String>,
}

/// What a person's word overrules for one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowWord {
    /// What the ledger knew when it was given; `None` where nothing was said.
    pub known: Option<Position>,
    /// Whether it overrules what is still open, too.
    pub open: bool,
}

/// How a row starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowStart {
    /// It will be sent.
    Pending,
    /// It would be rejected, for this reason.
    Invalid(String),
    /// It is left out, for this reason.
    Skipped(String),
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The run.
    pub id: RunId,
    /// The profile that sends.
    pub profile: ProfileName,
    /// Whose units it spends.
    pub scope: ScopeKey,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module's API name.
    pub module: String,
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// The file's column names, JSON.
    pub columns: String,
    /// Which column is which input, JSON.
    pub mapping: String,
    /// Concurrency, reserve and the like, JSON.
    pub settings: String,
    /// Who planned it.
    pub operator: String,
    /// When it was planned.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: RunState,
    /// Why it stands there.
    pub reason: Option<String>,
    /// Since when.
    pub state_at: Timestamp,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRowRecord {
    /// The run.
    pub run: RunId,
    /// The row.
    pub row: RowNumber,
    /// The line of the file where it starts.
    pub line: u64,
    /// The original cells, JSON; `None` after a purge.
    pub cells: Option<String>,
    /// The inputs as one flat JSON object; `None` after a purge.
    pub inputs: Option<String>,
    /// The record, if a column names it.
    pub record_id: Option<RecordId>,
    /// Of the canonical inputs.
    pub fingerprint: Option<Fingerprint>,
    /// Where it stands.
    pub state: RowState,
    /// Why.
    pub reason: Option<String>,
    /// Its last attempt.
    pub attempt: Option<AttemptId>,
    /// What was found when it was judged, JSON: what was asked before, and what is doubtful.
    pub verdict: Option<String>,
}

/// Which rows are wanted, in file order.
#[derive(Debug, Clone)]
pub struct RowQuery {
    /// The run.
    pub run: RunId,
    /// Only these states; empty means all.
    pub states: Vec<RowState>,
    /// Only rows behind this one.
    pub after: Option<RowNumber>,
    /// Most rows wanted.
    pub limit: usize,
}

/// A row with what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RowResult {
    /// The row.
    pub row: RunRowRecord,
    /// Its last attempt.
    pub attempt: Option<AttemptRow>,
    /// The job of the earlier request that stands for a row which was left out.
    pub earlier_job: Option<JobId>,
    /// Its job's status as it was last read.
    pub job_status: Option<String>,
    /// What was found, JSON.
    pub enriched_data: Option<String>,
}

/// Which runs are wanted, newest first.
#[derive(Debug, Clone, Default)]
pub struct RunQuery {
    /// Only runs of this profile.
    pub profile: Option<ProfileName>,
    /// Only runs older than this one.
    pub before: Option<RunId>,
    /// Most runs wanted.
    pub limit: usize,
}
