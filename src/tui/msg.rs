//! Everything that can happen to the console.

mod runs;
mod setup;

use std::time::Duration;

use crate::base::{AttemptId, EnrichmentKind, JobId, ProfileName, RecordId};
use crate::enrichment::Draft;
use crate::enrichment::verdict::Seen;
use crate::keymap::Chord;
use crate::ops::draft::KeptDraft;
use crate::ops::forget::Person;
use crate::ops::prefill::FoundPage;
use crate::ops::setup::Configured;
use crate::ops::unknowns::Unknown;
use crate::tui::data::attempt::{Attempt, LogPage, LogRow};
use crate::tui::data::profile::{Profiles, SignedIn};
use crate::tui::data::usage::UsageFigures;
use crate::tui::effects::{Ask, Freshness};
use crate::tui::model::jobs::JobsPage;
use crate::tui::model::unknowns::Finding;
use crate::tui::model::usage_screen::UsageSheet;
use crate::tui::model::{Failure, Level};

pub use runs::{Ahead, RunsMsg, Told};
pub use setup::{Overview, SetupMsg};

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// A key.
    Key {
        /// Which.
        chord: Chord,
        /// When it was read, on the clock that never goes back: messages may wait.
        at: Duration,
    },
    /// Pasted text, raw.
    Paste {
        /// The text.
        text: String,
        /// When its end was read.
        at: Duration,
    },
    /// The frame that shows a question was written out.
    QuestionOut {
        /// Which question.
        question: u64,
        /// When.
        at: Duration,
    },
    /// The mouse, if it is on.
    Mouse(Mouse),
    /// The terminal's size changed.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The terminal came back from the shell or from an editor.
    Resumed,
    /// The terminal is gone.
    TerminalLost,
    /// The time that `next_wakeup` named has come.
    Tick,

    /// The editor gave a text back, or a sentence on why not.
    Edited(Result<String, String>),
    /// Where a copy went, or why nowhere.
    Copied(Result<String, String>),
    /// A theme was read.
    Themed(Box<ThemeRead>),
    /// A theme's file may have changed.
    ThemesChanged,
    /// The backstage was full.
    Refused(Box<Ask>),
    /// The task that worked on this question panicked.
    Broken(Box<Ask>),

    /// All profiles.
    Profiles(Result<Profiles, Failure>),
    /// The draft that this user left; `None` if there is none.
    Draft(Option<Box<KeptDraft>>),
    /// An attempt is on record and on its way.
    Dispatched {
        /// The question's ticket.
        ticket: u64,
        /// The attempt, `sending`.
        row: Box<LogRow>,
    },
    /// What the ledger has of a draft.
    Looked {
        /// Whose organisation.
        profile: ProfileName,
        /// What was being composed.
        draft: Box<Draft>,
        /// What stands in its way, and who else is behind its keys; `None` where that cannot be told.
        seen: Option<Box<Seen>>,
    },
    /// Nothing was sent: the same was asked before.
    Already {
        /// The question's ticket.
        ticket: u64,
        /// What stands in its way.
        seen: Box<Seen>,
    },
    /// A request came to its end.
    Submitted {
        /// The question's ticket.
        ticket: u64,
        /// The settled attempt; a failure means that nothing was sent.
        result: Result<Box<LogRow>, Failure>,
    },
    /// A page of the log.
    Log {
        /// The question's ticket.
        ticket: u64,
        /// The rows.
        result: Result<LogPage, Failure>,
    },
    /// One attempt in full.
    Attempt {
        /// Which.
        id: AttemptId,
        /// The attempt.
        result: Result<Box<Attempt>, Failure>,
    },
    /// A job.
    Job {
        /// Which.
        job: JobId,
        /// The job.
        result: Result<Box<JobFigures>, Failure>,
    },
    /// A page of the list of jobs.
    Jobs {
        /// The question's ticket.
        ticket: u64,
        /// The rows.
        result: Result<JobsPage, Failure>,
    },
    /// The server's list of jobs was read.
    JobsLooked {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// How many jobs have each status now.
        result: Result<Vec<(String, u64)>, Failure>,
    },
    /// A job for the Jobs screen.
    JobSheet {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// Which.
        job: JobId,
        /// Where from.
        freshness: Freshness,
        /// The job; `None` if the ledger was asked and never read it.
        result: Result<Option<Box<JobFigures>>, Failure>,
    },
    /// The modules that can be enriched.
    Modules {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// API names.
        result: Result<Vec<String>, Failure>,
    },
    /// A module's enrichment configuration.
    Configuration {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// The module's API name, and the record that was named.
        of: (String, Option<RecordId>),
        /// What it maps, and what the record holds.
        result: Result<Configured, Failure>,
    },
    /// The usage.
    Usage {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// The figures.
        result: Result<Box<UsageFigures>, Failure>,
    },
    /// Something about runs.
    Runs(RunsMsg),
    /// Something about how things are set up.
    Setup(SetupMsg),
    /// What there is of a person.
    Person(Result<Box<Person>, Failure>),
    /// A person was forgotten: what to say, and which of the two forms is about them.
    Forgotten(Result<(String, [bool; 2]), Failure>),
    /// The unknown attempts.
    Unknowns {
        /// The question's ticket.
        ticket: u64,
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// Oldest first.
        result: Result<Vec<Unknown>, Failure>,
    },
    /// What reconcile could settle.
    Reconciled(Result<Reconciled, Failure>),
    /// Everything of the Usage screen.
    UsageSheet {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// The figures.
        result: Result<Box<UsageSheet>, Failure>,
    },
    /// Records of the CRM as drafts; none where there is no such record.
    Records {
        /// The question's ticket.
        ticket: u64,
        /// A page of them.
        result: Result<FoundPage, Failure>,
    },
    /// The set-up guide's last step.
    SignedIn(Result<Box<SignedIn>, Failure>),
    /// How the ledger is: a sentence on what is wrong, or nothing.
    Ledger(Option<String>),
    /// Somebody committed to the ledger: this process or another.
    LedgerChanged,
    /// A sentence for the user.
    Notice {
        /// How much it matters.
        level: Level,
        /// The sentence.
        text: String,
    },
}

/// What came of reading a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeRead {
    /// Its name.
    pub name: String,
    /// The names of all themes.
    pub names: Vec<String>,
    /// Now in use, perhaps with a sentence on what in its file means nothing; or why it is not,
    /// and everything looks as before.
    pub result: Result<Option<String>, String>,
}

/// What reconcile did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// How much it matters.
    pub level: Level,
    /// How many became what, in a sentence.
    pub text: String,
    /// What stays unknown, and why.
    pub open: Vec<Finding>,
}

/// What the mouse did, in cells of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The left button went down.
    Press {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
    },
    /// The wheel turned towards the user.
    ScrollDown {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
    },
    /// The wheel turned away.
    ScrollUp {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
    },
}

/// A job as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct JobFigures {
    /// Zoho's word, such as COMPLETED.
    pub status: String,
    /// What was asked, as JSON.
    pub enrich_based_on: Option<serde_json::Value>,
    /// What was found, as JSON; `None` until it is done or when nothing was found.
    pub enriched_data: Option<serde_json::Value>,
    /// When the server was asked.
    pub at: crate::base::Timestamp,
}
