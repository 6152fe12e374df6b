//! `ziadeck simulate`: the simulator for scripts. The first line says where it listens.

use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::args::SimulateArgs;
use crate::cli::exit::Exit;
use crate::cli::output::{Lost, Out};
use crate::ops::OpsError;
use crate::simulator::{Scenario, Simulator, SimulatorOptions};

pub(crate) async fn run(args: SimulateArgs, out: Out) -> Result<Exit, OpsError> {
    let scenario = match &args.scenario {
        None => Scenario::default(),
        Some(name) => Scenario::load(name).map_err(|error| OpsError::Refused(error.to_string()))?,
    };
    let mut options = SimulatorOptions::default().with_scenario(scenario);
    options.port = args.port;
    options.limit = args.limit.unwrap_or(options.limit);
    options.used = args.used.unwrap_or(options.used);
    options.latency = args
        .latency_ms
        .map_or(options.latency, Duration::from_millis);
    options.job_seconds = args
        .job_seconds
        .map_or(options.job_seconds, Duration::from_secs);
    let simulator = Simulator::start(options).await.map_err(|error| {
        OpsError::Refused(format!(
            "the simulator cannot listen on port {}: {error}",
            args.port
        ))
    })?;
    out.json(&json!({
        "base": simulator.base_url(),
        "port": simulator.port(),
        "pid": std::process::id(),
    }));
    if let Some(Lost::Failed(_)) = out.lost() {
        // Nobody knows where it listens.
        simulator.stop().await;
        return Ok(Exit::Done);
    }
    out.detail("the simulator runs until it is interrupted");
    let ended_by = until_signal().await;
    simulator.stop().await;
    Ok(ended_by)
}

/// Waits for SIGINT, SIGTERM or SIGHUP.
async fn until_signal() -> Exit {
    let listen = |kind| signal(kind).ok();
    let (mut int, mut term, mut hup) = (
        listen(SignalKind::interrupt()),
        listen(SignalKind::terminate()),
        listen(SignalKind::hangup()),
    );
    let wait = async |listener: &mut Option<tokio::signal::unix::Signal>| match listener {
        Some(listener) => {
            listener.recv().await;
        }
        None => std::future::pending().await,
    };
    tokio::select! {
        () = wait(&mut int) => Exit::Signal(2),
        () = wait(&mut term) => Exit::Signal(15),
        () = wait(&mut hup) => Exit::Signal(1),
    }
}
