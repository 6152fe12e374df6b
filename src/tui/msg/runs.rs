//! Answers to the Runs screen.

use std::time::Duration;

use crate::base::RunId;
use crate::ops::bulk_look::{Completion, FileLook};
use crate::ops::bulk_page::Page;
use crate::ops::bulk_plan::Planned;
use crate::ops::bulk_track::Tracked;
use crate::ops::bulk_view::{Prospect, RunView};
use crate::tui::model::{Failure, Level};

/// An answer about runs.
#[derive(Debug, Clone, PartialEq)]
pub enum RunsMsg {
    /// The newest runs.
    List {
        /// The question's ticket.
        ticket: u64,
        /// Newest first.
        result: Result<Vec<RunView>, Failure>,
    },
    /// Some rows.
    Rows {
        /// The question's ticket.
        ticket: u64,
        /// In file order.
        result: Result<Page, Failure>,
    },
    /// What a run would do.
    Ahead {
        /// Which.
        run: RunId,
        /// The numbers.
        result: Result<Box<Ahead>, Failure>,
    },
    /// Something about a run that goes on here; `None` when nothing holds it up any more.
    News {
        /// Which.
        run: RunId,
        /// What.
        text: Option<String>,
    },
    /// A run that went on here has come to its end for now.
    Ended {
        /// Which.
        run: RunId,
        /// Whether nothing of it waits any more.
        is_over: bool,
        /// How; a failure means that nothing was sent.
        result: Result<Told, Failure>,
    },
    /// How far the jobs of a run are.
    Tracking {
        /// Which.
        run: RunId,
        /// How far.
        tracked: Tracked,
    },
    /// The jobs of a run are not asked for any more.
    Tracked {
        /// Which.
        run: RunId,
        /// How it ended.
        result: Result<Told, Failure>,
    },
    /// A wish was carried out, or not.
    Done(Result<Told, Failure>),
    /// The head of a file.
    Looked {
        /// The question's ticket.
        ticket: u64,
        /// The head.
        result: Result<FileLook, Failure>,
    },
    /// What a file's name goes on with.
    Completed {
        /// The question's ticket.
        ticket: u64,
        /// The names.
        completion: Completion,
    },
    /// A run is ready, or the file cannot become one.
    Planned {
        /// The question's ticket.
        ticket: u64,
        /// The report.
        result: Result<Box<Planned>, Failure>,
    },
}

/// What a run would do, and how long that would take.
#[derive(Debug, Clone, PartialEq)]
pub struct Ahead {
    /// The numbers.
    pub prospect: Prospect,
    /// At the usual latency, if there is one.
    pub takes: Option<Duration>,
}

/// A sentence and how much it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// How much.
    pub level: Level,
    /// The sentence.
    pub text: String,
}
