//! The hand on a running simulator: what it has seen, and what it shall do next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use super::fault::Fault;
use super::options::{Edition, Rules};
use super::scenario::Scenario;
use super::state::State;
use crate::base::{EnrichmentKind, Timestamp};

/// What a POST was answered with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status, if one was sent.
    pub status: Option<u16>,
    /// The code of the body, as the API meant it, whether or not it was sent whole.
    pub code: Option<String>,
    /// The job that was made, whether or not the client was told.
    pub job_id: Option<String>,
}

/// A POST to an enrichment endpoint that was read to its last byte.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenPost {
    /// When it had been read.
    pub at: Timestamp,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The parameter `module`, empty when it was missing.
    pub module: String,
    /// The parameter `record_id`.
    pub record_id: Option<String>,
    /// The body, byte for byte if it was UTF-8.
    pub body: String,
    /// The token of the Authorization header, empty when there was none.
    pub token: String,
    /// What became of it.
    pub answered: Answered,
}

/// A request that was read to its last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequest {
    /// The verb.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The query parameters, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// The headers; names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// A job of the simulator.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenJob {
    /// Its id.
    pub id: String,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module it was made for.
    pub module: String,
    /// The record it was made for.
    pub record_id: Option<String>,
    /// What it was made from.
    pub enrich_based_on: Value,
    /// When it was made.
    pub created: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// Where it stands now.
    pub status: String,
    /// Whether somebody else made it.
    pub is_foreign: bool,
}

/// A handle on a running simulator. Clones are the same simulator.
#[derive(Clone)]
pub struct Control {
    state: Arc<Mutex<State>>,
    /// Told whenever a request has been settled.
    settled: Arc<Notify>,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

impl Control {
    pub(super) fn new(state: State) -> Self {
        Self {
            state: Arc::new(Mutex::new(state)),
            settled: Arc::new(Notify::new()),
        }
    }

    /// The state. A panic elsewhere has left it as it was: it is changed by whole answers only.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait that something has been seen.
    pub(super) fn notify(&self) {
        self.settled.notify_waiters();
    }

    /// Waits until so many POSTs have been read to their last byte. Bound it with a time-out.
    pub async fn wait_for_posts(&self, at_least: u64) {
        self.wait_until(|control| control.posts() >= at_least).await;
    }

    /// Waits until a condition holds that requests can change. Bound it with a time-out.
    pub async fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Registered before the look, so that nothing between look and wait is missed.
            settled.as_mut().enable();
            if condition(self) {
                return;
            }
            settled.await;
        }
    }

    /// Connections that were accepted.
    pub fn connections(&self) -> u64 {
        self.lock().seen.connections
    }

    /// POSTs to the enrichment endpoints that were read to their last byte.
    pub fn posts(&self) -> u64 {
        self.lock().seen.posts
    }

    /// Those POSTs, in their order, the last 50,000 of them.
    pub fn posts_log(&self) -> Vec<SeenPost> {
        let state = self.lock();
        state
            .seen
            .post_log
            .iter()
            .map(|(_, post)| post.clone())
            .collect()
    }

    /// Calls of the token endpoint.
    pub fn token_calls(&self) -> u64 {
        self.lock().tokens.calls
    }

    /// Every request that was read to its last byte, the last 50,000 of them.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.lock().seen.request_log.iter().cloned().collect()
    }

    /// Every job, in the order of their making, late ones included.
    pub fn jobs(&self) -> Vec<SeenJob> {
        let state = self.lock();
        let at = state.moment();
        let seen = |job: &super::jobs::Job| SeenJob {
            id: job.id.clone(),
            kind: job.kind,
            module: job.module.clone(),
            record_id: job.record_id.clone(),
            enrich_based_on: job.inputs.clone(),
            created: job.created,
            created_by: job.creator.name.clone(),
            status: job.status(at).to_owned(),
            is_foreign: job.foreign,
        };
        state.jobs.iter().map(seen).collect()
    }

    /// Units of a kind that are used.
    pub fn used(&self, kind: EnrichmentKind) -> u64 {
        self.lock().used(kind)
    }

    /// Lets another administrator make a job, from these inputs or from invented ones.
    pub fn add_foreign_job(&self, kind: EnrichmentKind, inputs: Option<Value>) -> String {
        self.lock().add_foreign(kind, inputs)
    }

    /// Replaces all faults by those of a scenario, and takes over what else it sets.
    pub fn set_scenario(&self, scenario: Scenario) {
        self.lock().set_scenario(scenario);
    }

    /// Adds a fault; it counts requests from now on.
    pub fn push_fault(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Takes away all faults.
    pub fn clear_faults(&self) {
        self.lock().faults.set(Vec::new());
    }

    /// Ends every access token; refresh tokens stay.
    pub fn expire_access_tokens(&self) {
        self.lock().tokens.expire_access();
    }

    /// Revokes every refresh token and its access tokens.
    pub fn revoke(&self) {
        self.lock().tokens.revoke_all();
    }

    /// A grant code as the API console shows it: good once, for three minutes.
    pub fn issue_grant_code(&self) -> String {
        let mut state = self.lock();
        let now = state.clock.monotonic();
        state.tokens.issue_code(now)
    }

    /// Sets the enrichment limit.
    pub fn set_limit(&self, limit: u64) {
        self.lock().limit = limit;
    }

    /// Brings the used people units to a number by jobs of others. What the caller used stays.
    pub fn set_used(&self, used: u64) {
        self.lock().set_used(used);
    }

    /// Changes how long each answer takes.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    /// Changes how long jobs take, also those that are under way.
    pub fn set_job_seconds(&self, job_seconds: Duration) {
        self.lock().job_seconds = job_seconds;
    }

    /// Sets how many seconds the server's wall clock is ahead; negative where it is behind. Jobs
    /// that are made already keep their time.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.lock().clock_offset_seconds = seconds;
    }

    /// Changes the rules.
    pub fn set_rules(&self, rules: Rules) {
        self.lock().rules = rules;
    }

    /// Changes the edition.
    pub fn set_edition(&self, edition: Edition) {
        self.lock().organisation.edition = edition;
    }
}
