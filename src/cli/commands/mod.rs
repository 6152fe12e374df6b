//! One file a command. Each calls one use case of `ops` and prints its result.

pub(super) mod auth;
pub(super) mod bulk;
pub(super) mod bulk_after;
pub(super) mod bulk_run;
pub(super) mod config;
pub(super) mod console;
pub(super) mod decide;
pub(super) mod demo;
pub(super) mod doctor;
pub(super) mod enrichment;
pub(super) mod explain;
pub(super) mod forget;
pub(super) mod jobs;
pub(super) mod ledger;
pub(super) mod log;
pub(super) mod modules;
pub(super) mod paper;
pub(super) mod prefill;
pub(super) mod profile;
pub(super) mod reconcile;
pub(super) mod simulate;
pub(super) mod submit;
pub(super) mod usage;
