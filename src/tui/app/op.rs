//! What the console asks of the worker: one line for each operation.
//!
//! ```text
//!  a screen ─► Op, with an id ─► worker ─► Reply { id, op, Payload or Failure } ─► whoever holds the id
//! ```
//! A read belongs to a `Remote`: whoever holds its id takes the reply, else it is dropped. An act
//! belongs to the app: the person is always told of it, in its own words. A full worker and a panic
//! are failures like any other; the table says what did not happen then.

use std::fmt;
use std::sync::Arc;

use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, JobId, ModuleName, ProfileName, RecordId,
    RunId, Scope, Secret,
};
use crate::bulk::rows::MappingRequest;
use crate::enrichment::Draft;
use crate::enrichment::verdict::{Seen, Word};
use crate::ops::bulk_look::{Completion, FileLook};
use crate::ops::bulk_page::{Page, PageQuery};
use crate::ops::bulk_plan::{Include, Planned};
use crate::ops::bulk_rows::Rows;
use crate::ops::bulk_track::Tracked;
use crate::ops::bulk_view::RunView;
use crate::ops::configure::{Edit, Plan};
use crate::ops::draft::KeptDraft;
use crate::ops::forget::Person;
use crate::ops::job_board::Look;
use crate::ops::prefill::FoundPage;
use crate::ops::setup::Configured;
use crate::ops::unknowns::UnknownAttempt;
use crate::tui::app::notice::{Failure, Notice};
use crate::tui::data::attempt::{Attempt, LogPage, LogQuery, LogRow};
use crate::tui::data::job::{JobFigures, JobsPage, JobsQuery};
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

macro_rules! class {
    (read) => {
        Class::Read
    };
    (act) => {
        Class::Act
    };
    (finishes) => {
        Class::Finishes
    };
}

/// The answer of a read can be had by its type.
macro_rules! by_type {
    (read $name:ident $answer:ty) => {
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
    ($($(#[$doc:meta])* $name:ident$(($arg:ty))? -> $answer:ty, $class:ident, $full:literal;)*) => {
        /// Something to be done by the worker.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Op { $($(#[$doc])* $name$(($arg))?,)* }

        /// What came of an operation, under its name.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(clippy::large_enum_variant, reason = "a reply is always boxed")]
        pub enum Payload { $($name($answer),)* }

        impl Op {
            /// The name in this table.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => stringify!($name),)* }
            }

            pub fn class(&self) -> Class {
                match self { $(Self::$name { .. } => class!($class),)* }
            }

            /// What did not happen when the worker is full; nothing where nobody has to know.
            pub fn undone(&self) -> &'static str {
                match self { $(Self::$name { .. } => $full,)* }
            }
        }

        impl Payload {
            /// The name of its operation.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => stringify!($name),)* }
            }
        }

        $(by_type! { $class $name $answer })*
    };
}

ops! {
    /// All profiles and which of them to start with.
    LoadProfiles -> Profiles, read, "try again in a moment";
    /// The profile is now the one on screen; remember it for the next start.
    UseProfile(ProfileName) -> (), finishes, "";
    /// A theme was chosen; write it into the configuration. Says whether that changed anything.
    KeepTheme(String) -> Option<Notice>, finishes, "try again in a moment";
    /// The draft that this user left.
    LoadDraft(ProfileName) -> Option<KeptDraft>, read, "";
    /// Keep a draft for this user.
    SaveDraft(DraftOf) -> (), finishes, "";
    /// What the ledger has of a draft, and what stands in its way.
    LookAtDraft(DraftOf) -> Seen, read, "";
    /// Send.
    Submit(Box<Submit>) -> Submitted, finishes, "nothing was sent, try again in a moment";
    /// A page of the log.
    LoadLog(LogQuery) -> LogPage, read, "the log is not up to date";
    /// One attempt with everything that is known of it.
    LoadAttempt(AttemptId) -> Attempt, read, "";
    /// A job, or nothing where the ledger was asked and never read it.
    LoadJob(JobOf) -> Option<JobFigures>, read, "";
    /// A page of the list of jobs, from the ledger.
    LoadJobs(JobsOfScope) -> JobsPage, read, "the jobs are not up to date";
    /// Read the server's list of jobs into the ledger; how many jobs have each status then.
    LookForJobs(JobsLook) -> Vec<(String, u64)>, act, "";
    /// Write a text about a job to a new file.
    ExportJob(JobFile) -> Notice, act, "nothing was written";
    /// The modules that can be enriched.
    LoadModules(Scope) -> Vec<String>, read, "try again in a moment";
    /// A module's enrichment configuration, and what the record holds.
    LoadConfiguration(ConfigurationOf) -> Configured, read, "";
    /// The usage.
    LoadUsage(UsageOf) -> UsageFigures, read, "the usage is not up to date";
    /// Everything of the Usage screen, from the ledger.
    LoadUsageSheet(Scope) -> UsageSheet, read, "the usage is not up to date";
    /// Records of the CRM as drafts; none where there is no such record.
    LoadRecords(RecordsOf) -> FoundPage, read, "nothing was asked, try again in a moment";
    /// A new access token.
    RefreshToken(ProfileName) -> Changed, act, "try again in a moment";
    /// The unknown attempts with the jobs that may be theirs, oldest first.
    LoadUnknowns(UnknownsOf) -> Vec<UnknownAttempt>, read, "nothing was settled, try again in a moment";
    /// Record what a person decided about an unknown.
    Decide(DecisionOn) -> Notice, finishes, "nothing was decided, try again in a moment";
    /// Settle the unknown attempts.
    Reconcile(Scope) -> Reconciled, act, "nothing was settled, try again in a moment";
    /// Look through the ledger for the person behind a row.
    FindPerson(Whom) -> Person, act, "try again in a moment";
    /// Forget a person: what to say, and which of the two forms is about them.
    Forget(Box<Forgetting>) -> (String, [bool; 2]), finishes, "nothing was removed, try again in a moment";
    /// The newest runs of a profile.
    LoadRuns(RunsOf) -> Vec<RunView>, read, "the runs are not up to date";
    /// Some rows of a run.
    LoadRows(PageQuery) -> Page, read, "the rows are not up to date";
    /// What a run would do if it were started now.
    LookAhead(RunId) -> Ahead, read, "try again in a moment";
    /// Work on a run until it is finished or pauses; this spends units.
    StartRun(RunId) -> RunEnded, finishes, "nothing was sent, try again in a moment";
    /// Ask whoever works on a run to pause it.
    PauseRun(RunId) -> Notice, act, "try again in a moment";
    /// Let rows wait for their turn again.
    RequeueRows(RunRows) -> Notice, act, "try again in a moment";
    /// Leave rows out.
    SkipRows(RunRows) -> Notice, act, "try again in a moment";
    /// Remove a plan that never sent anything.
    DiscardRun(RunId) -> Notice, act, "try again in a moment";
    /// Ask for the jobs of a run until they have ended.
    TrackRun(RunId) -> Notice, act, "try again in a moment";
    /// Write the rows of a run to a new file.
    ExportRun(RunFile) -> Notice, act, "try again in a moment";
    /// The head of a file, or of the records of the CRM that are named instead.
    LookAtFile(FileOf) -> FileLook, read, "try again in a moment";
    /// What a file's name goes on with.
    CompletePath(String) -> Completion, read, "try again in a moment";
    /// Read a file into the ledger as a run; nothing is sent.
    PlanRun(Box<PlanRun>) -> Planned, act, "nothing was planned, try again in a moment";
    /// Everything about a profile.
    LoadSetup(SetupOf) -> Overview, read, "the checks are not up to date";
    /// What a change of a configuration would make different; changes nothing.
    PlanChange(Box<ChangeOf>) -> Plan, read, "nothing was changed";
    /// Make a change that a person has seen.
    ApplyChange(Box<SeenChange>) -> Changed, finishes, "nothing was changed";
    /// Make a profile the one that is used when none is named.
    MakeDefault(ProfileName) -> Changed, act, "nothing was changed";
    /// Take a profile out of the configuration.
    RemoveProfile(ProfileName) -> Changed, act, "nothing was changed";
    /// Revoke the grant and forget the tokens.
    SignOut(ProfileName) -> Changed, act, "nothing was changed";
    /// Exchange a grant code for a profile that is there.
    SignInAgain(Login) -> Changed, finishes, "the code was not used, try again in a moment";
    /// Exchange a grant code, make a test call, save the profile.
    SetUpProfile(Box<SignIn>) -> SignedIn, act, "the code was not used, try again in a moment";
    /// Start the built-in simulator and use it as a profile.
    StartDemo -> Profiles, act, "try again in a moment";
}

impl Op {
    /// The same without what nobody may see again: a copy for the records.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        match self {
            Self::SignInAgain(login) => Self::SignInAgain(Login {
                profile: login.profile.clone(),
                code: Secret::new(""),
            }),
            Self::SetUpProfile(sign_in) => Self::SetUpProfile(Box::new(SignIn {
                client_secret: Secret::new(""),
                code: Secret::new(""),
                ..(**sign_in).clone()
            })),
            other => other.clone(),
        }
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
    Dispatched(AttemptId),
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
    pub checks: Checks,
    /// Whether a person typed the override at the limit.
    pub limit: LimitRule,
    /// What a person overruled of what was asked before.
    pub word: Word,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// The settled attempt.
    Settled(LogRow),
    /// Nothing was sent: the same was asked before.
    Already(Seen),
}

/// What local checks mean for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checks {
    /// A violation stops it.
    Hold,
    /// Send it all the same.
    Forced,
}

/// What the limit means for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitRule {
    /// Nothing is sent once the limit is reached.
    Hold,
    /// Send it all the same; the server decides.
    Override,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOf {
    pub scope: Scope,
    pub job: JobId,
    pub from: Freshness,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsOfScope {
    pub scope: Scope,
    pub query: JobsQuery,
}

/// How much of the server's list is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsLook {
    pub scope: Scope,
    pub look: Look,
}

/// A text about a job, whose id names the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFile {
    pub job: JobId,
    /// JSON.
    pub text: String,
}

/// A module's API name and the record that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationOf {
    pub scope: Scope,
    pub module: String,
    pub record: Option<RecordId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageOf {
    pub scope: Scope,
    pub from: Freshness,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsOf {
    pub scope: Scope,
    pub module: ModuleName,
    pub wanted: Wanted,
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownsOf {
    pub scope: Scope,
    pub from: Freshness,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionOn {
    pub profile: ProfileName,
    pub attempt: AttemptId,
    pub decision: Decision,
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunsOf {
    pub profile: ProfileName,
    /// Most runs.
    pub limit: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RunRows {
    pub run: RunId,
    pub rows: Rows,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFile {
    pub run: RunId,
    /// Where, as typed.
    pub path: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FileOf {
    /// Whose, where it is no file but records of the CRM.
    pub profile: ProfileName,
    /// Where, as typed.
    pub path: String,
    /// Where its columns lead.
    pub request: MappingRequest,
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupOf {
    pub profile: ProfileName,
    /// Whether the server is asked as well.
    pub from: Freshness,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeOf {
    pub scope: Scope,
    pub module: ModuleName,
    /// What shall become of it.
    pub edit: Edit,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SeenChange {
    pub profile: ProfileName,
    pub plan: Plan,
}

/// What a change came to, and all profiles as they are now, where they may have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    pub told: Notice,
    pub profiles: Option<Profiles>,
}

/// A grant code for a profile.
#[derive(Clone)]
pub struct Login {
    pub profile: ProfileName,
    pub code: Secret,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// Equal in what may be seen; secrets cannot be compared.
impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile
    }
}

/// What the set-up guide has gathered.
#[derive(Clone)]
pub struct SignIn {
    pub profile: ProfileName,
    pub data_center: DataCenter,
    pub environment: Environment,
    pub client_id: String,
    pub client_secret: Secret,
    /// The grant code.
    pub code: Secret,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("profile", &self.profile)
            .field("data_center", &self.data_center)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

/// Equal in what may be seen; secrets cannot be compared.
impl PartialEq for SignIn {
    fn eq(&self, other: &Self) -> bool {
        (
            &self.profile,
            self.data_center,
            self.environment,
            &self.client_id,
        ) == (
            &other.profile,
            other.data_center,
            other.environment,
            &other.client_id,
        )
    }
}
