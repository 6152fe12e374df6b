//! The words of one attempt: what goes in before it is sent, what comes back, what is read later.

use crate::base::hex;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, JobId, Outcome, ProfileName, RequestHead,
    RowNumber, RunId, Timestamp,
};
use crate::enrichment::verdict::Word;

use super::subject::Subject;

/// Whose units an attempt spends, such as `US/production/org:60001234`, or
/// `US/production/client:1000.ABC` as long as the organisation is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeKey(String);

impl ScopeKey {
    /// The scope of an organisation that is known.
    pub fn of_org(data_center: DataCenter, environment: Environment, org_id: &str) -> Self {
        Self(cut(format!("{data_center}/{environment}/org:{org_id}")))
    }

    /// What all scopes of one server begin with: `US/production`.
    pub(super) fn server(data_center: DataCenter, environment: Environment) -> String {
        format!("{data_center}/{environment}")
    }

    /// The beginning that it shares with the other scopes of its server.
    pub(super) fn prefix(&self) -> String {
        let parts: Vec<&str> = self.0.splitn(3, '/').collect();
        match parts.as_slice() {
            [data_center, environment, _] => format!("{data_center}/{environment}/"),
            _ => self.0.clone(),
        }
    }

    /// Whether its organisation is known.
    pub(super) fn is_of_org(&self) -> bool {
        self.organisation().is_some()
    }

    /// Its organisation, where that is known.
    pub fn organisation(&self) -> Option<&str> {
        self.0.splitn(3, '/').nth(2)?.strip_prefix("org:")
    }

    /// The scope of all profiles of a client whose organisation is not known.
    pub fn of_client(data_center: DataCenter, environment: Environment, client_id: &str) -> Self {
        Self(cut(format!(
            "{data_center}/{environment}/client:{client_id}"
        )))
    }

    /// The scope that version 0.1 gave a profile whose organisation was not known.
    pub fn of_profile(
        data_center: DataCenter,
        environment: Environment,
        profile: &ProfileName,
    ) -> Self {
        Self(format!("{data_center}/{environment}/profile:{profile}"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn cut(text: String) -> String {
    text.chars().take(300).collect()
}

impl fmt::Display for ScopeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ScopeKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.chars().count() > 300 {
            return Err(format!("{text:?} is not a scope: 1 to 300 characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// What moving a scope did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renamed {
    /// Nothing was ever recorded under the old name.
    Nothing,
    /// The scope has its new name.
    Renamed,
    /// The new scope existed; this many attempts were moved to it.
    Merged {
        /// Attempts.
        attempts: u64,
    },
}

/// A keyed hash of the canonical inputs: equal inputs are found again, and nothing of them can be
/// guessed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Fingerprint(pub(super) [u8; 32]);

impl Fingerprint {
    /// The first eight hexadecimal digits, for people.
    pub fn short(&self) -> String {
        hex(&self.0).chars().take(8).collect()
    }
}

/// Whether the input was sent against the advice of the local checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forced {
    /// The local checks found nothing.
    #[default]
    No,
    /// They did, and the operator sent it all the same.
    Yes,
}

/// Whether the limit holds for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BudgetRule {
    /// The unit must be there.
    #[default]
    Hold,
    /// The operator typed an override: the server decides.
    Override,
}

/// What may be spent. It is checked inside the transaction that records the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The organisation's limit as far as it is known.
    pub limit: u64,
    /// Units that must stay untouched.
    pub reserve: u64,
    /// The limit in the profile's configuration.
    pub configured: u64,
    /// Whether limit and reserve hold.
    pub rule: BudgetRule,
}

/// Where an attempt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// One request of an operator.
    Single,
    /// A row of a bulk run.
    Row(RunId, RowNumber),
}

/// Everything that is recorded before the first byte goes out.
#[derive(Debug, Clone)]
pub struct NewAttempt {
    /// The profile that sends.
    pub profile: ProfileName,
    /// Whose units are spent.
    pub scope: ScopeKey,
    /// The profile's data centre.
    pub data_center: DataCenter,
    /// The profile's environment.
    pub environment: Environment,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module's API name, as it will stand in the query.
    pub module: String,
    /// The record, if one is named.
    pub record_id: Option<String>,
    /// The inputs as one flat JSON object.
    pub inputs: String,
    /// Method, URL and headers of the POST, without its token.
    pub head: RequestHead,
    /// The exact body of the POST.
    pub body: String,
    /// What it asks about; see [`super::Ledger::subject`].
    pub subject: Subject,
    /// What may be spent.
    pub budget: Budget,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether the local checks were overruled.
    pub forced: Forced,
    /// What a person overruled; of a row, what is said of its whole run.
    pub word: Word,
}

/// What a run's row becomes when its attempt spent nothing and may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowNext {
    /// It waits for its turn again.
    #[default]
    Pending,
    /// It stays behind until an operator queues it again.
    NotSent,
}

/// What was seen of the answer.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The outcome by the one classification table.
    pub outcome: Outcome,
    /// The status, if one was read.
    pub http_status: Option<u16>,
    /// Zoho's code.
    pub code: Option<String>,
    /// Zoho's message.
    pub message: Option<String>,
    /// The job that the answer named.
    pub job_id: Option<JobId>,
    /// Further jobs that the answer named although one was asked for: counted, and nobody's.
    pub other_jobs: Vec<JobId>,
    /// The answer's `details`, JSON.
    pub details: Option<String>,
    /// The answer's body, cut to what is kept.
    pub response_body: Option<String>,
    /// The answer's headers, in order.
    pub response_headers: Vec<(String, String)>,
    /// From the first byte out to the end of the answer.
    pub latency: Duration,
    /// What a person should know besides.
    pub note: Option<String>,
    /// The limit that the answer taught.
    pub learned_limit: Option<u64>,
    /// What the run's row becomes if nothing was spent.
    pub row_next: RowNext,
}

impl Settlement {
    /// The server's time in the answer's headers, milliseconds.
    pub(super) fn date(&self) -> Option<i64> {
        let mut headers = self.response_headers.iter();
        let (_, date) = headers.find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
        super::times::of_header(date)
    }

    /// A settlement that says nothing but the outcome.
    pub fn bare(outcome: Outcome) -> Self {
        Self {
            outcome,
            http_status: None,
            code: None,
            message: None,
            job_id: None,
            other_jobs: Vec::new(),
            details: None,
            response_body: None,
            response_headers: Vec::new(),
            latency: Duration::ZERO,
            note: None,
            learned_limit: None,
            row_next: RowNext::Pending,
        }
    }
}

/// What became of an unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This job is the attempt's.
    Scheduled {
        /// The job.
        job_id: JobId,
    },
    /// There is no job, and nothing was spent.
    Absent,
}

/// Who settled an unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolvedBy {
    /// A complete comparison with the server's jobs.
    Reconcile,
    /// A person.
    Operator,
}

impl ResolvedBy {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::Operator => "operator",
        }
    }
}

/// A decision about an unknown; it is kept for ever.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// What it is.
    pub verdict: Verdict,
    /// Who says so.
    pub by: ResolvedBy,
    /// Why.
    pub note: Option<String>,
}

/// One attempt as the live log shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    /// Its number, which is also its place in the order.
    pub id: AttemptId,
    /// When it was recorded.
    pub at: Timestamp,
    /// When its outcome was recorded last.
    pub settled_at: Option<Timestamp>,
    /// The profile that sent it.
    pub profile: ProfileName,
    /// Whose units it spends.
    pub scope: ScopeKey,
    /// The data centre.
    pub data_center: DataCenter,
    /// The environment.
    pub environment: Environment,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module's API name.
    pub module: String,
    /// The record, if one was named.
    pub record_id: Option<String>,
    /// Who sent it.
    pub operator: String,
    /// Where it came from.
    pub origin: Origin,
    /// Whether the local checks were overruled.
    pub forced: Forced,
    /// Whether the limit was overruled.
    pub rule: BudgetRule,
    /// The inputs as one flat JSON object; `None` after a purge.
    pub inputs: Option<String>,
    /// What is known.
    pub outcome: Outcome,
    /// The status, if one was read.
    pub http_status: Option<u16>,
    /// Zoho's code.
    pub code: Option<String>,
    /// Zoho's message.
    pub message: Option<String>,
    /// The job.
    pub job_id: Option<JobId>,
    /// How long the exchange took.
    pub latency: Option<Duration>,
    /// What a person should know besides.
    pub note: Option<String>,
    /// Whether its job appeared after it had been called absent: the unit is spent all the same.
    pub is_late: bool,
}

impl AttemptRow {
    /// Zoho's message, or our own sentence on what went wrong.
    pub fn said(&self) -> Option<&str> {
        self.message.as_deref().or(self.note.as_deref())
    }
}

/// A recorded decision about an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Who was at the keyboard.
    pub operator: String,
    /// `reconcile`, `operator` or `recovery`.
    pub made_by: String,
    /// What was decided.
    pub verdict: String,
    /// Why.
    pub note: Option<String>,
}

/// What is kept of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// Method, URL and headers, without the token; `None` after a purge, and where a version that
    /// kept only the body recorded the attempt.
    pub head: Option<RequestHead>,
    /// The exact body; `None` after a purge.
    pub body: Option<String>,
}

/// One attempt with everything that is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptDetail {
    /// What the log shows.
    pub row: AttemptRow,
    /// The fingerprint of its inputs.
    pub fingerprint: Fingerprint,
    /// What was sent; nothing of it after a purge.
    pub sent: Sent,
    /// The answer's body.
    pub response_body: Option<String>,
    /// The answer's headers.
    pub response_headers: Vec<(String, String)>,
    /// The answer's `details`, JSON.
    pub details: Option<String>,
    /// When its bodies were removed.
    pub purged_at: Option<Timestamp>,
    /// What was decided about it, oldest first.
    pub decisions: Vec<Decision>,
}

/// Which attempts a page of the log shows. The default shows all, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogQuery {
    /// Only these profiles; empty means all.
    pub profiles: Vec<ProfileName>,
    /// Only these outcomes; empty means all.
    pub outcomes: Vec<Outcome>,
    /// Only this code.
    pub code: Option<String>,
    /// Only attempts recorded at or after this time.
    pub since: Option<Timestamp>,
    /// Only attempts recorded before this time.
    pub until: Option<Timestamp>,
    /// Only this kind.
    pub kind: Option<EnrichmentKind>,
    /// Only attempts of this run.
    pub run: Option<RunId>,
    /// Only attempts of this operator.
    pub operator: Option<String>,
    /// Words to find in anything that was sent, or in the answer's code, message or job id.
    pub search: Option<String>,
    /// Where the page lies.
    pub place: PageCursor,
    /// Rows wanted; at most [`crate::base::limits::PAGE_ROWS_MAX`].
    pub rows: usize,
}

/// Where a page of the log lies. A page is always newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageCursor {
    /// The newest attempts.
    #[default]
    Newest,
    /// The nearest attempts that are older than this one.
    OlderThan(AttemptId),
    /// The nearest attempts that are newer than this one.
    NewerThan(AttemptId),
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogPage {
    /// Newest first.
    pub rows: Vec<AttemptRow>,
    /// Whether there are more in the direction of the page.
    pub more: bool,
    /// How many there are in that direction, where the page has them all; to count more would read
    /// them all.
    pub total: Option<u64>,
}
