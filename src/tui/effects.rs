//! What `update` wants done, as plain values, and who does it.
//!
//! The loop itself does what concerns the terminal. Everything else is an [`Ask`] for the
//! [`Backstage`], which must not make the loop wait: it takes the question or says that it is full,
//! works elsewhere, and answers with a [`super::Msg`] through the inbox. Each `Ask` names its answer.

mod runs;
mod setup;

use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, JobId, ModuleName, ProfileName, RecordId,
    Secret,
};
use crate::enrichment::Draft;
use crate::enrichment::verdict::Word;
use crate::ops::forget::Person;
use crate::ops::job_board::Look;
use crate::tui::data::attempt::LogQuery;
use crate::tui::model::jobs::JobsQuery;
use crate::tui::terminal::MouseMode;
use crate::zoho::query::RecordPlace;

pub use runs::{PlanRun, RunsAsk};
pub use setup::{Login, SetupAsk};

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A question for the backstage.
    Ask(Ask),
    /// A question that nobody waits for: it is asked when the frame is out.
    AskLater(Ask),
    /// Lend the text to `$EDITOR`. Answer: `Msg::Edited`.
    OpenEditor(String),
    /// Copy to the clipboard that works here. Answer: `Msg::Copied`.
    Copy {
        /// The text.
        text: String,
        /// What it is, for the answer's sentence, such as "the request as curl".
        what: String,
    },
    /// Read a theme and use it. Answer: `Msg::Themed`.
    UseTheme(String),
    /// Read the theme in use once more: its file may have changed. Answer: `Msg::Themed`, unless
    /// nothing is different.
    ReadThemeAgain,
    /// Switch the mouse.
    Mouse(MouseMode),
    /// Paint every cell again.
    Redraw,
    /// Give the terminal to the shell until SIGCONT.
    Suspend,
    /// Leave.
    Quit,
}

/// The row behind which a person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// An attempt.
    Attempt(AttemptId),
    /// The inputs of a row of a run.
    Inputs(String, EnrichmentKind),
}

/// A question for the backstage.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// All profiles and which of them to start with. Answer: `Msg::Profiles`.
    Profiles,
    /// The profile is now the one on screen; remember it for the next start. No answer.
    UseProfile(ProfileName),
    /// A theme was chosen; write it into the configuration. Answer: `Msg::Notice`.
    KeepTheme(String),
    /// The draft that this user left. Answer: `Msg::Draft`.
    LoadDraft {
        /// The profile with which the console opens.
        profile: ProfileName,
    },
    /// Keep a draft for this user. No answer but `Msg::Notice` when it fails.
    SaveDraft {
        /// The profile on screen.
        profile: ProfileName,
        /// What is being composed.
        draft: Draft,
    },
    /// What the ledger has of a draft. Answer: `Msg::Looked`.
    Look {
        /// Whose organisation.
        profile: ProfileName,
        /// What is being composed.
        draft: Box<Draft>,
    },
    /// Send. Answers: `Msg::Dispatched` when the attempt is on record, `Msg::Submitted` at the end;
    /// `Msg::Already` where nothing was sent because the same was asked before.
    Submit(Box<Submit>),
    /// A page of the log. Answer: `Msg::Log`.
    LoadLog {
        /// Comes back with the answer, so that a late page of an old filter is known as such.
        ticket: u64,
        /// What to show.
        query: LogQuery,
    },
    /// One attempt with everything that is known of it. Answer: `Msg::Attempt`.
    LoadAttempt(AttemptId),
    /// A job, from the server, or from the ledger when it is final. Answer: `Msg::Job`.
    LoadJob {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// Which.
        job: JobId,
    },
    /// A page of the list of jobs, from the ledger. Answer: `Msg::Jobs`.
    LoadJobs {
        /// Comes back with the answer, so that a late page is known as such.
        ticket: u64,
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// What to show.
        query: JobsQuery,
    },
    /// Read the server's list of jobs into the ledger. Answer: `Msg::JobsLooked`.
    LookForJobs {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// How much of it.
        look: Look,
    },
    /// A job for the Jobs screen. Answer: `Msg::JobSheet`.
    LoadJobSheet {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// Which.
        job: JobId,
        /// Where from.
        freshness: Freshness,
    },
    /// Write a text about a job to a new file. Answer: `Msg::Notice`.
    ExportJob {
        /// Which; names the file.
        job: JobId,
        /// The JSON.
        text: String,
    },
    /// The modules that can be enriched. Answer: `Msg::Modules`.
    LoadModules {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
    },
    /// A module's enrichment configuration, and what the record holds. Answer: `Msg::Configuration`.
    LoadConfiguration {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// The module's API name, and the record that is named.
        of: (String, Option<RecordId>),
    },
    /// The usage. Answer: `Msg::Usage`.
    LoadUsage {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// Where from.
        freshness: Freshness,
    },
    /// Everything of the Usage screen, from the ledger. Answer: `Msg::UsageSheet`.
    LoadUsageSheet {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
    },
    /// Records of the CRM as drafts. Answer: `Msg::Records`.
    LoadRecords {
        /// Comes back with the answer, so that a late one is known as such.
        ticket: u64,
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// The module.
        module: ModuleName,
        /// Which records.
        wanted: Wanted,
    },
    /// A new access token. Answers: `Msg::Profiles` and `Msg::Notice`.
    RefreshToken(ProfileName),
    /// The unknown attempts with the jobs that may be theirs. Answer: `Msg::Unknowns`.
    LoadUnknowns {
        /// Comes back with the answer.
        ticket: u64,
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
        /// Where from.
        freshness: Freshness,
    },
    /// Record what a person decided about an unknown. Answers: `Msg::LedgerChanged`, `Msg::Notice`.
    Decide {
        /// Whose.
        profile: ProfileName,
        /// Which.
        attempt: AttemptId,
        /// What it is.
        decision: Decision,
    },
    /// Look through the ledger for the person behind a row. Answer: `Msg::Person`.
    FindPerson(Whom),
    /// Forget a person. Answers: `Msg::LedgerChanged`, `Msg::Forgotten`.
    Forget {
        /// Who, and what there is of them.
        person: Box<Person>,
        /// What is in the form, and what it would bring back.
        forms: Box<[Option<Draft>; 2]>,
    },
    /// Something about runs.
    Runs(RunsAsk),
    /// Something about how things are set up.
    Setup(SetupAsk),
    /// Settle the unknown attempts of a profile. Answers: `Msg::LedgerChanged`, `Msg::Reconciled`.
    Reconcile {
        /// Whose.
        profile: ProfileName,
        /// People or organisation.
        kind: EnrichmentKind,
    },
    /// Exchange a grant code, make a test call, save the profile. Answer: `Msg::SignedIn`.
    SignIn(Box<SignIn>),
    /// Start the built-in simulator and use it as a profile. Answer: `Msg::Profiles`.
    StartDemo,
}

/// One request to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// Comes back with the answers.
    pub ticket: u64,
    /// Whose units.
    pub profile: ProfileName,
    /// What.
    pub draft: Draft,
    /// Whether a person wants it sent although a check says that it will be refused.
    pub checks: Checks,
    /// Whether a person typed the override at the limit.
    pub limit: LimitRule,
    /// What a person overruled of what was asked before.
    pub word: Word,
}

/// Which records of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This one.
    Record(RecordId),
    /// A page of them.
    Page {
        /// Only those that hold this word; all when `None`.
        word: Option<String>,
        /// Which page.
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

/// Where a figure may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// From the ledger.
    Ledger,
    /// From the server.
    Server,
}

/// What the set-up guide has gathered.
#[derive(Clone)]
pub struct SignIn {
    /// The profile's name.
    pub profile: ProfileName,
    /// Where.
    pub data_center: DataCenter,
    /// Which organisation there.
    pub environment: Environment,
    /// The self client's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The grant code.
    pub code: Secret,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

/// The backstage has too much to do; the question was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much is under way; try again in a moment")]
pub struct Full;

/// Does the work behind the console: HTTP, ledger, files.
pub trait Backstage {
    /// Takes a question without waiting. The answer comes as a message.
    ///
    /// # Errors
    /// [`Full`] when there is no room; the user is told.
    fn ask(&mut self, ask: Ask) -> Result<(), Full>;

    /// Starts nothing more and ends when everything that was dispatched is settled and on record.
    /// The loop gives it a bounded time and shows how long it may take.
    fn finish(&mut self) -> impl Future<Output = ()>;
}
