//! Floor 4: the built-in simulator, a second and independent reading of the API's contract.
//!
//! `ziadeck demo` is played on it, `ziadeck simulate` serves it to scripts, tests start it on a
//! free port. It shares the words of `base` with the client and none of its logic: what a request
//! means is read here a second time, from `serde_json::Value`, and answered from templates written
//! by hand. It listens on loopback only and never opens a connection of its own.
//!
//! It speaks HTTP/1.1 itself (`http`): a server whose answers must be cut, stalled, garbled
//! and reset at any byte cannot sit behind a library that repairs them.
//!
//! ```text
//! accept ─► read head ─► fault before reading? ─► read body ─► delay ─► answer(state) ─► fault ─► write
//!              ▲                                                             │                    │
//!              └──────────────────────── keep-alive ◄───────────────────────┴────────────────────┘
//! ```
//!
//! Invariant: a job exists exactly if a unit is used, and every POST that was read to its end is
//! in the log with what was answered, so that a test can hold a client's ledger against it.

mod allowed_mappings;
mod answer;
mod catalogue;
mod check;
mod configuration;
mod configuration_mapping;
mod configuration_seed;
mod configuration_write;
mod control;
mod distort;
mod echo;
mod enrich_fields;
mod enriched;
mod enrichment;
mod fault;
mod fields;
mod http;
mod ids;
mod inputs;
mod jobs;
mod judge;
mod listing;
mod oauth;
mod options;
mod organisation;
mod persona;
mod records;
mod refused;
mod replies;
mod route;
mod scenario;
mod scenario_fault;
mod server;
mod state;
mod tokens;
mod wire_fault;

pub use control::{Answered, Control, SeenJob, SeenPost, SeenRequest};
pub use echo::Echo;
pub use fault::{Action, Beside, Envelope, Fault, StatusFault, Target, When};
pub use judge::Judge;
pub use listing::PartialList;
pub use options::{
    CLOCK_OFFSET_SECONDS_MAX, Edition, JOB_SECONDS_MAX, LATENCY_MS_MAX, LIMIT_MAX,
    OrganisationSeed, Rules, SimulatorOptions, USED_MAX,
};
pub use scenario::{Scenario, ScenarioError};
pub use server::Simulator;
pub use tokens::{WELL_KNOWN_ACCESS, WELL_KNOWN_REFRESH};
