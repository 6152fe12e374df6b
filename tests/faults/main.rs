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
mod bounds;
mod disk;
mod fuse;
mod machine;
mod network;
mod process;
mod raw;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod tokens;
mod wire;

use std::process::Stdio;
use std::sync::Arc;

use support::Bench;
use tokio::process::Command;
use ziadeck::enrichment::{Draft, EnrichmentRequest, Field};
use ziadeck::ops::submit::{SubmitOptions, SubmitReport, submit};
use ziadeck::ops::{OpsError, ProfileSession};

/// The session of the bench's profile, in this process.
async fn session(bench: &Bench) -> Arc<ProfileSession> {
    bench.context().await.session(None).unwrap()
}

fn request(name: &str) -> EnrichmentRequest {
    let mut draft = Draft::new(ziadeck::base::EnrichmentKind::People, "Leads");
    draft.set(Field::Email, &format!("{name}@acme.example"));
    EnrichmentRequest::forced(&draft)
}

async fn try_send(session: &Arc<ProfileSession>, name: &str) -> Result<SubmitReport, OpsError> {
    submit(session, &request(name), SubmitOptions::single()).await
}

async fn send(session: &Arc<ProfileSession>, name: &str) -> SubmitReport {
    try_send(session, name).await.unwrap()
}

/// A command line that wraps the program, in the bench's environment.
fn wrapped(bench: &Bench, wrapper: &[&str], arguments: &[&str]) -> Command {
    let mut command = Command::new(wrapper[0]);
    command
        .args(&wrapper[1..])
        .arg(env!("CARGO_BIN_EXE_ziadeck"))
        .arg("--config")
        .arg(bench.path("config.toml"))
        .arg("--data-dir")
        .arg(bench.path("data"))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", bench.path(""))
        .env("USER", "ada")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Whether a tool is there and may do its work here.
async fn can(wrapper: &[&str]) -> bool {
    let mut command = Command::new(wrapper[0]);
    let status = command
        .args(&wrapper[1..])
        .arg("true")
        .stderr(Stdio::null())
        .status()
        .await;
    let can = status.is_ok_and(|status| status.success());
    if !can {
        eprintln!("skipped: {} does not work here", wrapper.join(" "));
    }
    can
}
