//! Scenarios: a limit, a pace, rules and faults.

use std::time::Duration;

use super::fault::Fault;
use super::options::{Edition, Rules};

/// What a simulator plays. `Default` changes nothing and breaks nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// The enrichment limit.
    pub limit: Option<u64>,
    /// People jobs of others that exist already.
    pub used: Option<u64>,
    /// How long each answer takes.
    pub latency: Option<Duration>,
    /// How long a job takes.
    pub job_seconds: Option<Duration>,
    /// The organisation's edition.
    pub edition: Option<Edition>,
    /// The rules, whole.
    pub rules: Option<Rules>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {name}: {source}")]
    Read {
        /// The name or path that was given.
        name: String,
        /// Why.
        source: std::io::Error,
    },
}
