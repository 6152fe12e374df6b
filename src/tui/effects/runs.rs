//! Questions of the Runs screen.

use crate::base::{ProfileName, RunId};
use crate::bulk::rows::MappingRequest;
use crate::ops::bulk_page::PageQuery;
use crate::ops::bulk_plan::Include;
use crate::ops::bulk_rows::Rows;

/// A question about runs. Each names its answer, a [`crate::tui::msg::RunsMsg`].
#[derive(Debug, Clone, PartialEq)]
pub enum RunsAsk {
    /// The newest runs of a profile. Answer: `List`.
    Load {
        /// Comes back with the answer.
        ticket: u64,
        /// Whose.
        profile: ProfileName,
        /// Most runs.
        limit: usize,
    },
    /// Some rows of a run. Answer: `Rows`.
    Rows {
        /// Comes back with the answer.
        ticket: u64,
        /// Which.
        query: PageQuery,
    },
    /// What a run would do if it were started now. Answer: `Ahead`.
    LookAhead(RunId),
    /// Work on a run until it is finished or pauses; this spends units. Answers: `News`, `Ended`.
    Start(RunId),
    /// Ask whoever works on a run to pause it. Answer: `Done`.
    Pause(RunId),
    /// Let rows wait for their turn again. Answer: `Done`.
    Requeue(RunId, Rows),
    /// Leave rows out. Answer: `Done`.
    Skip(RunId, Rows),
    /// Remove a plan that never sent anything. Answer: `Done`.
    Discard(RunId),
    /// Ask for the jobs of a run until they have ended. Answers: `Tracking`, `Tracked`.
    Track(RunId),
    /// Write the rows of a run to a new file. Answer: `Done`.
    Export {
        /// Which.
        run: RunId,
        /// Where, as typed.
        path: String,
    },
    /// The head of a file. Answer: `Looked`.
    Look {
        /// Comes back with the answer.
        ticket: u64,
        /// Whose, where it is no file but records of the CRM.
        profile: ProfileName,
        /// Where, as typed.
        path: String,
        /// Where its columns lead.
        request: MappingRequest,
    },
    /// What a file's name goes on with. Answer: `Completed`.
    Complete {
        /// Comes back with the answer.
        ticket: u64,
        /// As typed.
        text: String,
    },
    /// Read a file into the ledger as a run; nothing is sent. Answer: `Planned`.
    Plan(Box<PlanRun>),
}

/// What is to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRun {
    /// Comes back with the answer.
    pub ticket: u64,
    /// Whose units it will spend.
    pub profile: ProfileName,
    /// Where the file is, as typed.
    pub path: String,
    /// Where its columns lead.
    pub request: MappingRequest,
    /// Units that must stay untouched; the profile's own reserve unless given.
    pub reserve: Option<u64>,
    /// Whether rows that an earlier row makes needless are sent.
    pub duplicates: Include,
    /// Whether rows that were enriched before are sent.
    pub already: Include,
}
