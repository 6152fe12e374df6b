//! What a simulator starts with: the organisation it plays, its limit, its pace and its rules.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::catalogue::RECORDS_DEFAULT;
use super::fault::Fault;
use super::scenario::Scenario;
use crate::base::limits::UNITS_DEFAULT;
use crate::base::{Clock, DataCenter, Environment, SystemClock};

/// Most units of a limit; far above any seen.
pub const LIMIT_MAX: u64 = 10_000_000;
/// Most jobs of others at the start: each is held in memory.
pub const USED_MAX: u64 = 100_000;
/// Longest wait before an answer, in milliseconds: every client has given up by then.
pub const LATENCY_MS_MAX: u64 = 600_000;
/// Longest life of a job, in seconds: a day.
pub const JOB_SECONDS_MAX: u64 = 86_400;

/// Furthest that the server's clock may be off, in seconds: ten years.
pub const CLOCK_OFFSET_SECONDS_MAX: i64 = 315_360_000;

/// What a simulator starts with. `Default` is a quiet Ultimate organisation of the US.
#[derive(Clone)]
pub struct SimulatorOptions {
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// The organisation's enrichment limit, for people and for organisations apart.
    pub limit: u64,
    /// People jobs that other administrators made in the 30 days before the start.
    pub used: u64,
    /// Records of each module of the CRM, at most 500.
    pub records: u64,
    /// How long each answer takes.
    pub latency: Duration,
    /// How long a job takes from SCHEDULED over RUNNING to its end.
    pub job_seconds: Duration,
    /// Faults, and the name they go by.
    pub scenario: Scenario,
    /// Who is played.
    pub organisation: OrganisationSeed,
    /// Where it is played.
    pub data_center: DataCenter,
    /// The time of jobs and tokens.
    pub clock: Arc<dyn Clock>,
    /// How many seconds the server's wall clock is ahead of that: `created_time`, Date and every
    /// other time that it tells. Negative where it is behind.
    pub clock_offset_seconds: i64,
    /// Readings of the contract that can be switched.
    pub rules: Rules,
}

impl SimulatorOptions {
    /// The defaults for a data centre, with its own organisation and therefore its own ids.
    pub fn for_data_center(data_center: DataCenter) -> Self {
        Self {
            port: 0,
            limit: UNITS_DEFAULT,
            used: 0,
            records: RECORDS_DEFAULT,
            latency: Duration::ZERO,
            job_seconds: Duration::from_secs(3),
            scenario: Scenario::default(),
            organisation: OrganisationSeed::for_data_center(data_center),
            data_center,
            clock: Arc::new(SystemClock::new()),
            clock_offset_seconds: 0,
            rules: Rules::default(),
        }
    }

    /// Takes over what a scenario sets; what it leaves out stays as it is.
    #[must_use]
    pub fn with_scenario(mut self, scenario: Scenario) -> Self {
        self.limit = scenario.limit.unwrap_or(self.limit);
        self.used = scenario.used.unwrap_or(self.used);
        self.latency = scenario.latency.unwrap_or(self.latency);
        self.job_seconds = scenario.job_seconds.unwrap_or(self.job_seconds);
        self.organisation.edition = scenario.edition.unwrap_or(self.organisation.edition);
        self.clock_offset_seconds = scenario
            .clock_offset_seconds
            .unwrap_or(self.clock_offset_seconds);
        self.rules = scenario.rules.clone().unwrap_or(self.rules);
        self.scenario = scenario;
        self
    }

    /// Adds one fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.scenario.faults.push(fault);
        self
    }
}

impl Default for SimulatorOptions {
    fn default() -> Self {
        Self::for_data_center(DataCenter::Us)
    }
}

impl fmt::Debug for SimulatorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorOptions")
            .field("port", &self.port)
            .field("limit", &self.limit)
            .field("used", &self.used)
            .field("data_center", &self.data_center)
            .field("organisation", &self.organisation)
            .finish_non_exhaustive()
    }
}

/// The organisation that is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationSeed {
    /// Its name.
    pub name: String,
    /// Its id. The first seven digits begin every id that the simulator gives out.
    pub id: String,
    /// Production, sandbox or developer.
    pub environment: Environment,
    /// Its edition, which decides whether the feature is there at all (S).
    pub edition: Edition,
    /// Licences bought.
    pub users: u32,
}

impl OrganisationSeed {
    /// The invented organisation of a data centre.
    pub fn for_data_center(data_center: DataCenter) -> Self {
        let (name, id, users) = match data_center {
            DataCenter::Us => ("Northgate Instruments Inc", "5725767000000020005", 48),
            DataCenter::In => ("Saffron Logistics Pvt Ltd", "4150868000000020005", 120),
            DataCenter::Au => ("Wattle & Sons Pty Ltd", "3652397000000020005", 12),
            DataCenter::Ca => ("Maple Harbour Freight", "1941874000000020005", 30),
            DataCenter::Sa => ("Najd Engineering", "2360072000000020005", 25),
        };
        Self {
            name: name.to_owned(),
            id: id.to_owned(),
            environment: Environment::Production,
            edition: Edition::Ultimate,
            users,
        }
    }
}

/// `paid_type` of an organisation's licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edition {
    /// No licence.
    Free,
    /// The smallest paid edition.
    Standard,
    /// The second.
    Professional,
    /// The first with enrichment.
    Enterprise,
    /// The largest.
    Ultimate,
    /// Ultimate within the CRM Plus bundle.
    CrmPlus,
    /// Enterprise within Zoho One.
    ZohoOneEnterprise,
}

impl Edition {
    /// The word in `license_details.paid_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Standard => "standard",
            Self::Professional => "professional",
            Self::Enterprise => "enterprise",
            Self::Ultimate => "ultimate",
            Self::CrmPlus => "crmplus",
            Self::ZohoOneEnterprise => "zohooneenterprise",
        }
    }

    /// Whether the edition has enrichment: Enterprise and Ultimate (S), and the bundles that
    /// contain them (an inference).
    pub fn has_enrichment(self) -> bool {
        match self {
            Self::Enterprise | Self::Ultimate | Self::CrmPlus | Self::ZohoOneEnterprise => true,
            Self::Free | Self::Standard | Self::Professional => false,
        }
    }
}

/// Readings of the contract that can be switched, because its sources differ or are silent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Most elements of one POST: 1 by OAS26's example.
    pub elements_max: usize,
    /// Refuse `company` without `name` (the error text of S).
    pub company_needs_name: bool,
    /// Refuse `name` without a company name or website (S).
    pub name_needs_company: bool,
    /// Refuse anything but ASCII: "English only" has no definition.
    pub english_only: bool,
    /// Accept only grant codes that this simulator issued, and hold each grant to its client.
    pub strict_oauth: bool,
    /// Data enrichment is switched on; otherwise FEATURE_NOT_ENABLED.
    pub feature_enabled: bool,
    /// The user may create jobs and configurations; otherwise NO_PERMISSION.
    pub may_manage: bool,
    /// The user may read jobs and configurations; otherwise NO_PERMISSION.
    pub may_view: bool,
    /// `details.limit` of LIMIT_EXCEEDED is a text (OAS25) instead of a number (OAS26).
    pub limit_as_text: bool,
    /// The job list carries `info` (OAS25); the sample of G7 has none.
    pub list_info: bool,
    /// Any well-formed record id will do; otherwise one that no record has is refused (S).
    pub any_record: bool,
    /// Most API calls at the same time; 0 for no bound. The next one is answered 429.
    pub concurrency_max: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            elements_max: 1,
            company_needs_name: true,
            name_needs_company: true,
            english_only: true,
            strict_oauth: false,
            feature_enabled: true,
            may_manage: true,
            may_view: true,
            limit_as_text: false,
            list_info: true,
            any_record: false,
            concurrency_max: 0,
        }
    }
}
