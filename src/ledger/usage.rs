//! The words of usage: counters, limits, the server's jobs. Every figure comes with its source and
//! its age.

use std::collections::BTreeMap;

use crate::base::{ApiVersion, AttemptId, EnrichmentKind, JobId, Outcome, Timestamp};

use super::attempt::ScopeKey;

/// The counters of one scope and kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageCounts {
    /// Attempts with a job.
    pub scheduled: u64,
    /// Attempts that count although nothing is certain: sending and unknown.
    pub open: u64,
    /// Attempts that reconcile has to settle.
    pub unknown: u64,
    /// Attempts that are perhaps on the wire.
    pub sending: u64,
    /// Jobs of the server that no attempt of this ledger has.
    pub foreign: u64,
    /// Of [`UsageCounts::foreign`], those that are counted as an attempt of [`UsageCounts::open`].
    pub listed: u64,
    /// Attempts with a job of each operator of this ledger.
    pub mine_by_operator: Vec<(String, u64)>,
    /// Foreign jobs of each creator, as the server names them, without [`UsageCounts::listed`].
    pub foreign_by: Vec<(String, u64)>,
    /// When the server's list was last read to its end.
    pub listed_at: Option<Timestamp>,
    /// The limits in the configurations of profiles that were used of late, the smallest first.
    pub configured: Vec<ConfiguredLimit>,
    /// A limit that the server taught.
    pub learned_limit: Option<LearnedLimit>,
    /// What the features call said.
    pub features: Option<FeatureCounts>,
}

impl UsageCounts {
    /// Units used: the union of the server's job ids and the ledger's, and what is open and not among
    /// these.
    pub fn used(&self) -> u64 {
        self.scheduled
            .saturating_add(self.foreign)
            .saturating_add(self.open)
            .saturating_sub(self.listed)
    }
}

/// Where a limit was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitSource {
    /// `details.limit` of LIMIT_EXCEEDED.
    Details,
    /// `GET /__features/data_enrichment`.
    Features,
}

impl LimitSource {
    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Details => "details",
            Self::Features => "features",
        }
    }
}

impl std::str::FromStr for LimitSource {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "details" => Ok(Self::Details),
            "features" => Ok(Self::Features),
            _ => Err(format!("{text:?} is not details or features")),
        }
    }
}

/// The limit that a profile had in the configuration when it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredLimit {
    /// The profile.
    pub profile: String,
    /// Who used it.
    pub operator: String,
    /// Units.
    pub units: u64,
}

/// A limit that the server taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearnedLimit {
    /// Units.
    pub limit: u64,
    /// Where from.
    pub source: LimitSource,
    /// When.
    pub at: Timestamp,
}

/// What the features call said. Which of the counts appear is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureCounts {
    /// `used_count.total`
    pub used: Option<u64>,
    /// `available_count.total`
    pub available: Option<u64>,
    /// `limits.total`
    pub limit: Option<u64>,
    /// When it was asked.
    pub at: Timestamp,
    /// The same by the server's clock, where that was heard.
    pub told: Option<Timestamp>,
}

/// The units of one UTC day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayCount {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// Charged attempts of this ledger's operator.
    pub mine: u64,
    /// Charged attempts of other operators, and foreign jobs.
    pub others: u64,
    /// Attempts of this ledger by outcome.
    pub by_outcome: BTreeMap<Outcome, u64>,
}

/// A job as the server's list gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerJob {
    /// The job.
    pub id: JobId,
    /// The status as the server spells it.
    pub status: String,
    /// When it was created, if the list says so readably.
    pub created: Option<Timestamp>,
    /// Who created it.
    pub created_by_id: Option<String>,
    /// Who created it, by name.
    pub created_by_name: Option<String>,
}

/// Whether a list of jobs was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListCompleteness {
    /// Some pages.
    Partial,
    /// Every page, stable.
    Complete,
}

/// What merging a list brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Merged {
    /// Jobs that the ledger did not know.
    pub new: u64,
    /// Jobs that it knew.
    pub known: u64,
    /// Jobs that no list has told of before, the new ones included: an answer of our own may have.
    pub unlisted: u64,
}

/// One job read by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// The job.
    pub id: JobId,
    /// The status as the server spells it.
    pub status: String,
    /// What was asked, JSON.
    pub enrich_based_on: String,
    /// What was found, JSON.
    pub enriched_data: Option<String>,
    /// When it was read.
    pub at: Timestamp,
    /// The version of the API that told it.
    pub api_version: ApiVersion,
}

/// How the server told, the last time, what a job of ours was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EchoRead {
    /// The job.
    pub job: JobId,
    /// Whether that was what had been sent.
    pub matched: bool,
}

/// Which jobs of the cache are wanted, newest first.
#[derive(Debug, Clone)]
pub struct JobQuery {
    /// The scope.
    pub scope: ScopeKey,
    /// The kind.
    pub kind: EnrichmentKind,
    /// Only this status.
    pub status: Option<String>,
    /// Only jobs older than this one.
    pub before: Option<(Timestamp, JobId)>,
    /// Most jobs wanted.
    pub limit: usize,
}

/// A job of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJob {
    /// The job.
    pub id: JobId,
    /// The status as the server spells it.
    pub status: String,
    /// Its place in the order: when it was created, or else when it was first seen.
    pub at: Timestamp,
    /// When it was created, if the server said so.
    pub created: Option<Timestamp>,
    /// Who created it.
    pub created_by_id: Option<String>,
    /// Who created it, by name.
    pub created_by_name: Option<String>,
    /// The attempt of this ledger that made it: `None` means that somebody else did.
    pub attempt: Option<AttemptId>,
    /// When it was last read by its id.
    pub fetched_at: Option<Timestamp>,
    /// What was asked, JSON.
    pub enrich_based_on: Option<String>,
    /// What was found, JSON.
    pub enriched_data: Option<String>,
}

impl StoredJob {
    /// Whether an attempt of this ledger made it.
    pub fn is_mine(&self) -> bool {
        self.attempt.is_some()
    }
}

/// The organisation and the user that a profile was first seen with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pin {
    /// The organisation's id.
    pub org_id: Option<String>,
    /// Its name.
    pub org_name: Option<String>,
    /// The user's id.
    pub user_id: Option<String>,
    /// The user's name.
    pub user_name: Option<String>,
    /// The edition.
    pub edition: Option<String>,
}
