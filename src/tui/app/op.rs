//! What the console asks of the worker: one line for each operation.
//!
//! ```text
//!  a screen ─► Op, with an id ─► worker ─► Reply { id, op, Payload or Failure } ─► whoever holds the id
//! ```
//! A read belongs to a `Remote`: whoever holds its id takes the reply, else it is dropped. An act
//! belongs to the app: the person is always told of it, in its own words. A full worker and a panic
//! are failures like any other; the table says what did not happen then.

use std::sync::Arc;

use super::notice::{Failure, Notice};
use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, JobId, ModuleName, ProfileName, RecordId,
    RunId, Scope, Secret,
};
use crate::bulk::rows::MappingRequest;
use crate::enrichment::Draft;
use crate::enrichment::verdict::{Seen, Word};
use crate::ledger::{AttemptRow, BudgetRule, Forced, LogPage, LogQuery};
use crate::ops::bulk_look::{Completion, FileLook};
use crate::ops::bulk_page::{Page, PageQuery};
use crate::ops::bulk_plan::{Include, Planned};
use crate::ops::bulk_rows::Rows;
use crate::ops::bulk_track::Tracked;
use crate::ops::bulk_view::RunView;
use crate::ops::configure::{Edit, Plan};
use crate::ops::draft::KeptDraft;
use crate::ops::forget::Person;
use crate::ops::job_board::{Board, BoardQuery, Look};
use crate::ops::prefill::FoundPage;
use crate::ops::setup::Configured;
use crate::ops::unknowns::UnknownAttempt;
use crate::tui::data::attempt::Attempt;
use crate::tui::data::job::JobFigures;
use crate::tui::data::profile::{Profiles, SignedIn};
use crate::tui::data::run::{Ahead, RunEnded};
use crate::tui::data::setup::Overview;
use crate::tui::data::unknown::Reconciled;
use crate::tui::data::usage::{UsageFigures, UsageSheet};
use crate::zoho::query::RecordPlace;

/// The number of an operation; no two have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct OpId(pub u64);

/// What becomes of an operation when the console leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It belongs to a `Remote` and is dropped.
    Read,
    /// The person is told of its end; leaving drops it.
    Act,
    /// Leaving waits until it is on record.
    Finishes,
}

/// The answer of a read can be had by its type.
macro_rules! by_type {
    (Read $name:ident $answer:ty) => {
        impl TryFrom<Payload> for $answer {
            type Error = Payload;
            fn try_from(payload: Payload) -> Result<Self, Payload> {
                match payload {
                    Payload::$name(answer) => Ok(answer),
                    other => Err(other),
                }
            }
        }
    };
    ($class:ident $name:ident $answer:ty) => {};
}

macro_rules! ops {
    ($(
        $(#[$doc:meta])*
        $name:ident
            $(($arg:ident: $arg_type:ty))?
            $([$boxed:ident: $boxed_type:ty])?
            $({ $($field:ident: $type:ty),* })?
            -> $answer:ty, $class:ident, $_work:path, $full:literal;
    )*) => {
        /// Something to be done by the worker.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Op {
            $($(#[$doc])* $name $(($arg_type))? $((Box<$boxed_type>))? $({ $($field: $type),* })?,)*
        }

        /// What came of an operation, under its name.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Payload { $($name($answer),)* }

        impl Op {
            pub fn class(&self) -> Class {
                match self { $(Self::$name { .. } => Class::$class,)* }
            }

            /// What did not happen when the worker is full; nothing where nobody has to know.
            pub fn undone(&self) -> &'static str {
                match self { $(Self::$name { .. } => $full,)* }
            }
        }

        $(by_type! { $class $name $answer })*
    };
}

/// The table: name, what it is about, its answer, its class, the function of the worker that carries it
/// out, and what did not happen when the worker is full. Whoever makes something of it names the macro
/// that does.
macro_rules! ops_table {
    ($make:ident) => { $make! {
    /// All profiles and which of them to start with.
    LoadProfiles -> Profiles, Read, profiles::load, "try again in a moment";
    /// The profile is now the one on screen; remember it for the next start.
    UseProfile(profile: ProfileName) -> (), Finishes, last::note, "";
    /// A theme was chosen; write it into the configuration. Says whether that changed anything.
    KeepTheme(name: String) -> Option<Notice>, Finishes, setup::keep_theme, "try again in a moment";
    /// The draft that this user left.
    LoadDraft(profile: ProfileName) -> Option<KeptDraft>, Read, draft::load, "";
    /// Keep a draft for this user.
    SaveDraft(of: DraftOf) -> (), Finishes, draft::save, "";
    /// What the ledger has of a draft, and what stands in its way.
    LookAtDraft(of: DraftOf) -> Seen, Read, draft::look, "";
    /// Send.
    Submit[request: Submit] -> Submitted, Finishes, draft::send,
        "nothing was sent, try again in a moment";
    /// A page of the log.
    LoadLog(query: LogQuery) -> LogPage, Read, log::page, "the log is not up to date";
    /// One attempt with everything that is known of it.
    LoadAttempt(id: AttemptId) -> Attempt, Read, log::attempt, "";
    /// A job, or nothing where the ledger was asked and never read it.
    LoadJob { scope: Scope, job: JobId, from: Freshness } -> Option<JobFigures>, Read, jobs::job, "";
    /// A page of the list of jobs, from the ledger.
    LoadJobs { profile: ProfileName, query: BoardQuery } -> Board, Read, jobs::board,
        "the jobs are not up to date";
    /// Read the server's list of jobs into the ledger; how many jobs have each status then.
    LookForJobs { scope: Scope, look: Look } -> Vec<(String, u64)>, Act, jobs::look, "";
    /// Write a text about a job, JSON, to a new file that the job's id names.
    ExportJob { job: JobId, text: String } -> Notice, Act, jobs::export, "nothing was written";
    /// The modules that can be enriched.
    LoadModules(scope: Scope) -> Vec<String>, Read, setup::modules, "try again in a moment";
    /// A module's enrichment configuration, and what the record that is named holds.
    LoadConfiguration { scope: Scope, module: String, record: Option<RecordId> } -> Configured, Read,
        setup::configuration, "";
    /// The usage.
    LoadUsage { scope: Scope, from: Freshness } -> UsageFigures, Read, usage::figures,
        "the usage is not up to date";
    /// Everything of the Usage screen, from the ledger.
    LoadUsageSheet(scope: Scope) -> UsageSheet, Read, usage::sheet, "the usage is not up to date";
    /// Records of the CRM as drafts; none where there is no such record.
    LoadRecords { scope: Scope, module: ModuleName, wanted: Wanted } -> FoundPage, Read,
        records::load, "nothing was asked, try again in a moment";
    /// A new access token.
    RefreshToken(profile: ProfileName) -> Changed, Act, setup::renew, "try again in a moment";
    /// The unknown attempts with the jobs that may be theirs, oldest first.
    LoadUnknowns { scope: Scope, from: Freshness } -> Vec<UnknownAttempt>, Read, unknowns::load,
        "nothing was settled, try again in a moment";
    /// Record what a person decided about an unknown.
    Decide { profile: ProfileName, attempt: AttemptId, decision: Decision } -> Notice, Finishes,
        unknowns::decide, "nothing was decided, try again in a moment";
    /// Settle the unknown attempts.
    Reconcile(scope: Scope) -> Reconciled, Act, unknowns::settle,
        "nothing was settled, try again in a moment";
    /// Look through the ledger for the person behind a row.
    FindPerson(whom: Whom) -> Person, Act, people::find, "try again in a moment";
    /// Forget a person: what to say, and which of the two forms is about them.
    Forget[of: Forgetting] -> (String, [bool; 2]), Finishes, people::forget,
        "nothing was removed, try again in a moment";
    /// The newest runs of a profile, so many at most.
    LoadRuns { profile: ProfileName, limit: usize } -> Vec<RunView>, Read, runs::newest,
        "the runs are not up to date";
    /// Some rows of a run.
    LoadRows(query: PageQuery) -> Page, Read, runs::rows, "the rows are not up to date";
    /// What a run would do if it were started now.
    LookAhead(run: RunId) -> Ahead, Read, runs::look_ahead, "try again in a moment";
    /// Work on a run until it is finished or pauses; this spends units.
    StartRun(run: RunId) -> RunEnded, Finishes, runs::start,
        "nothing was sent, try again in a moment";
    /// Ask whoever works on a run to pause it.
    PauseRun(run: RunId) -> Notice, Act, runs::ask_to_pause, "try again in a moment";
    /// Let rows wait for their turn again.
    RequeueRows { run: RunId, rows: Rows } -> Notice, Act, runs::queue_again,
        "try again in a moment";
    /// Leave rows out.
    SkipRows { run: RunId, rows: Rows } -> Notice, Act, runs::leave_out, "try again in a moment";
    /// Remove a plan that never sent anything.
    DiscardRun(run: RunId) -> Notice, Act, runs::remove, "try again in a moment";
    /// Ask for the jobs of a run until they have ended.
    TrackRun(run: RunId) -> Notice, Act, runs::follow, "try again in a moment";
    /// Write the rows of a run to a new file, where it was typed.
    ExportRun { run: RunId, path: String } -> Notice, Act, runs::write, "try again in a moment";
    /// The head of a file, or of the records of the CRM that are named instead, as typed; where its
    /// columns lead, and whose records they would be.
    LookAtFile { profile: ProfileName, path: String, request: MappingRequest } -> FileLook, Read,
        runs::look_at, "try again in a moment";
    /// What a file's name goes on with.
    CompletePath(text: String) -> Completion, Read, runs::complete, "try again in a moment";
    /// Read a file into the ledger as a run; nothing is sent.
    PlanRun[order: PlanRun] -> Planned, Act, runs::planned,
        "nothing was planned, try again in a moment";
    /// Everything about a profile; the server is asked as well where it has to be fresh.
    LoadSetup { profile: ProfileName, from: Freshness } -> Overview, Read, setup::overview,
        "the checks are not up to date";
    /// What a change of a configuration would make different; changes nothing.
    PlanChange[of: ChangeOf] -> Plan, Read, setup::planned, "nothing was changed";
    /// Make a change that a person has seen.
    ApplyChange { profile: ProfileName, plan: Plan } -> Changed, Finishes, setup::change,
        "nothing was changed";
    /// Make a profile the one that is used when none is named.
    MakeDefault(profile: ProfileName) -> Changed, Act, setup::make_default, "nothing was changed";
    /// Take a profile out of the configuration.
    RemoveProfile(profile: ProfileName) -> Changed, Act, setup::remove, "nothing was changed";
    /// Revoke the grant and forget the tokens.
    SignOut(profile: ProfileName) -> Changed, Act, setup::sign_out, "nothing was changed";
    /// Exchange a grant code for a profile that is there.
    SignInAgain { profile: ProfileName, code: Hidden } -> Changed, Finishes, sign_in::again,
        "the code was not used, try again in a moment";
    /// Exchange a grant code, make a test call, save the profile.
    SetUpProfile[request: SignIn] -> SignedIn, Act, sign_in::set_up,
        "the code was not used, try again in a moment";
    /// Start the built-in simulator and use it as a profile.
    StartDemo -> Profiles, Act, profiles::start_demo, "try again in a moment";
    } };
}
pub(super) use ops_table;

ops_table!(ops);

/// The question that is open, if one is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pending {
    pub(super) open: Option<(OpId, Option<Op>)>,
}

impl Op {
    /// The same without what nobody may see again: a copy for the records.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        let none = || Hidden(Secret::new(""));
        match &mut shown {
            Self::SignInAgain { code, .. } => *code = none(),
            Self::SetUpProfile(of) => (of.client_secret, of.code) = (none(), none()),
            _ => {}
        }
        shown
    }

    /// Why it is not done while the worker is full.
    pub fn full(&self) -> Failure {
        Failure::full(self.undone())
    }
}

/// What came of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub id: OpId,
    pub op: Arc<Op>,
    /// `None` once somebody has taken it.
    pub result: Option<Result<Payload, Failure>>,
}

impl Reply {
    pub fn new(id: OpId, op: Arc<Op>, result: Result<Payload, Failure>) -> Self {
        Self {
            id,
            op,
            result: Some(result),
        }
    }

    /// Takes it, for whoever holds the id of a read.
    pub fn claim<T: TryFrom<Payload>>(&mut self) -> Option<Result<T, Failure>> {
        match self.result.take()? {
            Err(failure) => Some(Err(failure)),
            Ok(payload) => T::try_from(payload).ok().map(Ok),
        }
    }
}

/// How far an operation is; never told after its reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// The attempt is on record and on its way.
    Dispatched,
    /// What holds a run up; nothing when it goes on.
    Run(Option<String>),
    /// How far the jobs of a run are.
    Tracked(Tracked),
}

/// Where a figure may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Ledger,
    Server,
    /// From the ledger where it is final, else from the server.
    Final,
}

/// A draft and the profile on screen.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftOf {
    pub profile: ProfileName,
    pub draft: Draft,
}

/// One request to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// Whose units.
    pub profile: ProfileName,
    pub draft: Draft,
    /// Whether a person wants it sent although a check says that it will be refused.
    pub checks: Forced,
    /// Whether a person typed the override at the limit.
    pub limit: BudgetRule,
    /// What a person overruled of what was asked before.
    pub word: Word,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// The settled attempt.
    Settled(Box<AttemptRow>),
    /// Nothing was sent: the same was asked before.
    Already(Seen),
}

/// Which records of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Record(RecordId),
    Page {
        /// Only those that hold this word; all when `None`.
        word: Option<String>,
        place: RecordPlace,
    },
}

/// What a person says of an unknown attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// This job is its own.
    Adopt(JobId),
    /// There is no job; its unit is released.
    Release,
}

/// The row behind which a person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    Attempt(AttemptId),
    /// The inputs of a row of a run.
    Inputs(String, EnrichmentKind),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Forgetting {
    /// Who, and what there is of them.
    pub person: Person,
    /// What is in the form, and what it would bring back.
    pub forms: [Option<Draft>; 2],
}

/// What is to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRun {
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

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeOf {
    pub scope: Scope,
    pub module: ModuleName,
    /// What shall become of it.
    pub edit: Edit,
}

/// What a change came to, and all profiles as they are now, where they may have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    pub told: Notice,
    pub profiles: Option<Profiles>,
}

/// A secret on its way. Any two are alike: secrets cannot be compared.
#[derive(Debug, Clone)]
pub struct Hidden(pub Secret);

impl PartialEq for Hidden {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What the set-up guide has gathered.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    pub profile: ProfileName,
    pub data_center: DataCenter,
    pub environment: Environment,
    pub client_id: String,
    pub client_secret: Hidden,
    /// The grant code.
    pub code: Hidden,
}
