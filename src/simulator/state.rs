//! Everything a simulator knows, behind one lock that is never held while anything waits.
//!
//! Answering is a plain function of this state and a request; connections only carry bytes. The
//! lock is the honest choice here: tests look at the same state from other threads, at any time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::catalogue::Catalogue;
use super::configuration::Configuration;
use super::configuration_seed;
use super::control::{SeenPost, SeenRequest};
use super::fault::Armed;
use super::ids::{Ids, hash};
use super::jobs::{Creator, Job, Moment, colleague, foreign_inputs};
use super::listing::PartialList;
use super::options::{OrganisationSeed, Rules, SimulatorOptions};
use super::scenario::Scenario;
use super::tokens::Tokens;
use crate::base::{Clock, DataCenter, EnrichmentKind, Timestamp};

/// Most requests and most POSTs that the log keeps; the oldest go first. The counters go on.
pub(super) const LOG_MAX: usize = 50_000;

/// What happened, for tests and for the demo.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) connections: u64,
    pub(super) posts: u64,
    pub(super) post_log: VecDeque<(u64, SeenPost)>,
    pub(super) request_log: VecDeque<SeenRequest>,
}

impl Seen {
    pub(super) fn request(&mut self, request: SeenRequest) {
        if self.request_log.len() >= LOG_MAX {
            self.request_log.pop_front();
        }
        self.request_log.push_back(request);
    }

    /// Takes a POST into the log and gives it its number.
    pub(super) fn post(&mut self, post: SeenPost) -> u64 {
        self.posts += 1;
        if self.post_log.len() >= LOG_MAX {
            self.post_log.pop_front();
        }
        self.post_log.push_back((self.posts, post));
        self.posts
    }

    /// The POST of a number, while the log keeps it.
    pub(super) fn post_mut(&mut self, number: u64) -> Option<&mut SeenPost> {
        self.post_log
            .iter_mut()
            .rev()
            .find(|(own, _)| *own == number)
            .map(|(_, post)| post)
    }
}

/// A job that is about to be made.
pub(super) struct NewJob {
    pub(super) kind: EnrichmentKind,
    pub(super) module: String,
    pub(super) record_id: Option<String>,
    pub(super) inputs: Value,
}

/// The state of one simulator.
pub(super) struct State {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) base_url: String,
    pub(super) data_center: DataCenter,
    pub(super) organisation: OrganisationSeed,
    pub(super) rules: Rules,
    pub(super) limit: u64,
    pub(super) latency: Duration,
    pub(super) job_seconds: Duration,
    pub(super) ids: Ids,
    pub(super) tokens: Tokens,
    pub(super) jobs: Vec<Job>,
    pub(super) configurations: Vec<Configuration>,
    pub(super) catalogue: Catalogue,
    pub(super) faults: Armed,
    pub(super) seen: Seen,
    /// API calls that are being answered, for `concurrency_max`.
    pub(super) in_flight: usize,
    /// Monotonic delay of the next job, set by a fault for the length of one answer.
    pub(super) next_job_late: Duration,
    /// Creator of the next job, set by a fault for the length of one answer.
    pub(super) next_job_creator: Option<String>,
    /// What the next list keeps back, set by a fault for the length of one answer.
    pub(super) list_view: PartialList,
    /// How far the server's own wall clock is ahead of the machine's, or behind it.
    pub(super) clock_offset_seconds: i64,
}

impl State {
    pub(super) fn new(options: SimulatorOptions, base_url: String) -> Self {
        let ids = Ids::of_organisation(&options.organisation.id);
        let now = shifted(options.clock.now(), options.clock_offset_seconds);
        let mut state = Self {
            tokens: Tokens::new(&format!("{} {base_url}", options.organisation.id), now),
            catalogue: Catalogue::new(&ids, now, options.records),
            configurations: configuration_seed::seed(&ids, now),
            clock: options.clock,
            base_url,
            data_center: options.data_center,
            organisation: options.organisation,
            rules: options.rules,
            limit: options.limit,
            latency: options.latency,
            job_seconds: options.job_seconds,
            ids,
            jobs: Vec::new(),
            faults: Armed::default(),
            seen: Seen::default(),
            in_flight: 0,
            next_job_late: Duration::ZERO,
            next_job_creator: None,
            list_view: PartialList::default(),
            clock_offset_seconds: options.clock_offset_seconds,
        };
        state.faults.set(options.scenario.faults);
        state.set_used(options.used);
        state
    }

    /// Replaces the faults, and takes over what else the scenario sets.
    pub(super) fn set_scenario(&mut self, scenario: Scenario) {
        self.limit = scenario.limit.unwrap_or(self.limit);
        self.latency = scenario.latency.unwrap_or(self.latency);
        self.job_seconds = scenario.job_seconds.unwrap_or(self.job_seconds);
        self.organisation.edition = scenario.edition.unwrap_or(self.organisation.edition);
        self.clock_offset_seconds = scenario
            .clock_offset_seconds
            .unwrap_or(self.clock_offset_seconds);
        if let Some(rules) = scenario.rules {
            self.rules = rules;
        }
        if let Some(used) = scenario.used {
            self.set_used(used);
        }
        self.faults.set(scenario.faults);
    }

    /// The server's wall clock, which may be off. Whatever it tells of a time comes from here.
    pub(super) fn now(&self) -> Timestamp {
        shifted(self.clock.now(), self.clock_offset_seconds)
    }

    /// The moment at which jobs are looked at.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            monotonic: self.clock.monotonic(),
            job_seconds: self.job_seconds,
        }
    }

    /// Units used: one for each job. The two kinds count apart.
    pub(super) fn used(&self, kind: EnrichmentKind) -> u64 {
        let count = self.jobs.iter().filter(|job| job.kind == kind).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    /// Who the caller is.
    pub(super) fn caller(&self) -> Creator {
        Creator {
            id: self.ids.fixed(186_017),
            name: "Robin Castellan".to_owned(),
        }
    }

    /// Somebody else of the organisation.
    fn creator(&self, name: &str) -> Creator {
        Creator {
            id: self.ids.fixed(190_000 + hash(name) % 9_000),
            name: name.to_owned(),
        }
    }

    /// Makes a job of the caller and spends its unit.
    pub(super) fn schedule(&mut self, new: NewJob) -> String {
        let id = self.ids.next();
        let name = self.next_job_creator.take();
        let late = std::mem::take(&mut self.next_job_late);
        let now = self.now();
        self.jobs.push(Job {
            id: id.clone(),
            kind: new.kind,
            module: new.module,
            record_id: new.record_id,
            inputs: new.inputs,
            created: now.checked_add(late).unwrap_or(now),
            creator: name.map_or_else(|| self.caller(), |name| self.creator(&name)),
            started: Some(self.clock.monotonic() + late),
            foreign: false,
        });
        id
    }

    /// Makes a job of somebody else, now.
    pub(super) fn add_foreign(&mut self, kind: EnrichmentKind, inputs: Option<Value>) -> String {
        let inputs = inputs.unwrap_or_else(|| foreign_inputs(kind, self.used(kind)));
        let started = Some(self.clock.monotonic());
        self.push_foreign(kind, inputs, (self.now(), started))
    }

    fn push_foreign(
        &mut self,
        kind: EnrichmentKind,
        inputs: Value,
        (created, started): (Timestamp, Option<Duration>),
    ) -> String {
        let id = self.ids.next();
        self.jobs.push(Job {
            id: id.clone(),
            kind,
            module: "Leads".to_owned(),
            record_id: None,
            inputs,
            created,
            creator: self.creator(colleague(hash(&id))),
            started,
            foreign: true,
        });
        id
    }

    /// Brings the used people units to a number, with jobs of others over the last 30 days. Units
    /// of the caller are never taken back.
    pub(super) fn set_used(&mut self, used: u64) {
        let now = self.now();
        let kind = EnrichmentKind::People;
        let mut surplus = self.used(kind).saturating_sub(used);
        self.jobs.retain(|job| {
            let goes = surplus > 0 && job.kind == kind && job.foreign;
            surplus -= u64::from(goes);
            !goes
        });
        let there = self.used(kind);
        let missing = used.saturating_sub(there);
        let month_ms = 30_u64 * 24 * 3_600 * 1_000;
        for number in 0..missing {
            // Evenly, but each moved by up to a day, and in order, as ids are.
            let step = month_ms / missing;
            let jitter = hash(&number.to_string()) % step.max(1);
            let ago = month_ms - number * step - jitter;
            let created = now.checked_sub(Duration::from_millis(ago)).unwrap_or(now);
            let inputs = foreign_inputs(kind, there + number);
            self.push_foreign(kind, inputs, (created, None));
        }
    }
}

fn shifted(time: Timestamp, seconds: i64) -> Timestamp {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let shifted = if seconds < 0 {
        time.checked_sub(by)
    } else {
        time.checked_add(by)
    };
    shifted.unwrap_or(time)
}
