//! Signals, kills and other processes: no row is sent twice, whatever ends whom.

use std::process::Stdio;
use std::time::Duration;

use rstest::rstest;
use rustix::process::Signal;
use tokio::process::Command;
use ziadeck::simulator::SimulatorOptions;

use crate::rig::{Rig, finish, send, until};

async fn slow(latency_ms: u64) -> Rig {
    let options = SimulatorOptions {
        latency: Duration::from_millis(latency_ms),
        ..SimulatorOptions::default()
    };
    Rig::start(options, "concurrency = 4").await
}

#[rstest]
#[case::interrupt(Signal::INT, 130)]
#[case::terminate(Signal::TERM, 143)]
#[case::hang_up(Signal::HUP, 129)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_lets_what_is_in_flight_finish(#[case] signal: Signal, #[case] code: i32) {
    let rig = slow(200).await;
    let run = rig.plan(200).await;
    let number = run.to_string();
    let child = rig.spawn(&["bulk", "run", &number, "--yes", "--json"]);
    until(&rig.control, "6 rows sent", |control| control.posts() >= 6).await;

    send(&child, signal);
    let ended = finish(child).await.expect(code).last();

    assert_eq!(
        (ended["state"].as_str(), ended["reason"].as_str()),
        (Some("paused"), Some("stopped"))
    );
    assert_eq!(ended["left_in_flight"], 0);
    let status = rig.status(run).await;
    assert_eq!(
        (status["unknown"].as_u64(), status["sending"].as_u64()),
        (Some(0), Some(0))
    );
    assert_eq!(status["scheduled"].as_u64(), Some(rig.control.posts()));
    rig.control.set_latency(Duration::ZERO);
    rig.bulk_run(run, &[]).await.expect(0);
    rig.assert_each_once(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nohup_means_what_it_says() {
    let rig = slow(30).await;
    let run = rig.plan(40).await.to_string();
    let args = ["bulk", "run", &run, "--yes", "--json"];
    let plain = rig.command(&args);
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' HUP; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_ziadeck"),
    ]);
    command.args(args).env_clear();
    for (key, value) in plain.as_std().get_envs() {
        command.env(key, value.unwrap());
    }
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    until(&rig.control, "6 rows sent", |control| control.posts() >= 6).await;

    send(&child, Signal::HUP);
    finish(child).await.expect(0);

    rig.assert_each_once(40);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_run_send_every_row_once() {
    let rig = slow(20).await;
    let run = rig.plan(60).await.to_string();
    let args = ["bulk", "run", &run, "--yes", "--json"];

    let one = rig.spawn(&args);
    let two = rig.spawn(&args);
    let pids = [one.id().unwrap(), two.id().unwrap()];
    let (one, two) = (finish(one).await, finish(two).await);

    let mut codes = [one.code, two.code];
    codes.sort_unstable();
    assert_eq!(codes, [0, 10], "{}\n{}", one.stderr, two.stderr);
    let (refused, holder) = if one.code == 10 {
        (one, pids[1])
    } else {
        (two, pids[0])
    };
    assert!(
        refused
            .stderr
            .contains(&format!("by process {holder} since")),
        "{}",
        refused.stderr
    );
    rig.assert_each_once(60);
    assert_eq!(rig.control.posts(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_killed_says_so_and_goes_on_without_a_double() {
    let rig = slow(50).await;
    let run = rig.plan(80).await;
    let number = run.to_string();
    let mut child = rig.spawn(&["bulk", "run", &number, "--yes", "--json"]);
    until(&rig.control, "10 rows sent", |control| {
        control.posts() >= 10
    })
    .await;

    send(&child, Signal::KILL);
    child.wait().await.unwrap();
    let killed = rig.status(run).await;
    let resumed = rig.bulk_run(run, &[]).await.expect(0).last();

    assert_eq!(
        (killed["state"].as_str(), killed["reason"].as_str()),
        (Some("running"), Some("interrupted"))
    );
    let unknown = resumed["unknown"].as_u64().unwrap();
    assert!(unknown <= 4, "{resumed}");
    assert_eq!(resumed["scheduled"].as_u64().unwrap() + unknown, 80);
    rig.run(&["reconcile", "--settle", "0"]).await.expect(0);
    let settled = rig.status(run).await;
    assert_eq!(settled["unknown"], 0, "{settled}");
    assert_eq!(
        settled["scheduled"].as_u64(),
        Some(u64::try_from(rig.jobs().len()).unwrap())
    );
    assert!(rig.jobs().values().all(|count| *count == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_beside_a_run_never_takes_the_run_away() {
    let rig = slow(10).await;
    let run = rig.plan(150).await.to_string();
    let child = rig.spawn(&["bulk", "run", &run, "--yes", "--json"]);
    let pid = child.id().unwrap();
    until(&rig.control, "a row sent", |control| control.posts() >= 1).await;

    let seen = rig
        .run(&["bulk", "status", &run, "--json"])
        .await
        .expect(0)
        .last();

    finish(child).await.expect(0);
    assert_eq!(seen["state"], "running");
    assert_eq!(seen["held_by"]["pid"], pid);
    rig.assert_each_once(150);
}

/// A run that has begun asks the server first whose token it has; that takes as long as it takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_is_asked_for_while_a_run_begins_is_heard() {
    let rig = slow(0).await;
    let run = rig.plan(40).await;
    let number = run.to_string();
    rig.control.set_latency(Duration::from_millis(700));
    let child = rig.spawn(&["bulk", "run", &number, "--yes", "--json"]);
    let lock = rig.data_dir().join(format!("ledger.db.d/run-{run}.lock"));
    let held = async {
        while !std::fs::read_to_string(&lock).is_ok_and(|text| !text.is_empty()) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), held)
        .await
        .unwrap();

    rig.run(&["bulk", "pause", &number]).await.expect(0);
    let ended = finish(child).await.expect(0).last();

    assert_eq!(ended["reason"], "operator", "{ended}");
    assert!(ended["pending"].as_u64() > Some(20), "{ended}");
}
