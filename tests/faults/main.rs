//! Faults of network, server, disk and machine, each made to happen: what the attempt becomes,
//! whether a unit counts as spent, and how often the server was spoken to.
//!
//! Numbers such as F6 are those of the table in docs/safety.md.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what helps a test may fail as a test does, and says what it skips"
)]

mod answers;
mod disk;
mod machine;
mod raw;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod tokens;
mod wire;

use std::sync::Arc;

use support::Bench;
use ziadeck::enrichment::{Draft, EnrichmentRequest, Field};
use ziadeck::ops::submit::{SubmitOptions, SubmitReport, submit};
use ziadeck::ops::{Desk, OpsError};

/// The desk of the bench's profile, in this process.
async fn desk(bench: &Bench) -> Arc<Desk> {
    bench.deck().await.desk(None).unwrap()
}

fn request(name: &str) -> EnrichmentRequest {
    let mut draft = Draft::new(ziadeck::base::EnrichmentKind::People, "Leads");
    draft.set(Field::Email, &format!("{name}@acme.example"));
    EnrichmentRequest::forced(&draft)
}

async fn try_send(desk: &Arc<Desk>, name: &str) -> Result<SubmitReport, OpsError> {
    submit(desk, &request(name), SubmitOptions::single()).await
}

async fn send(desk: &Arc<Desk>, name: &str) -> SubmitReport {
    try_send(desk, name).await.unwrap()
}
