//! A run that nothing disturbs, and what a person says to it.

use std::time::Duration;

use ziadeck::simulator::SimulatorOptions;

use crate::rig::{Rig, finish, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_sends_every_row_once_and_tells_of_it() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(40).await;

    let ran = rig.bulk_run(run, &[]).await.expect(0);

    rig.assert_each_once(40);
    let ended = ran.last();
    assert_eq!(ended["event"], "ended");
    assert_eq!(ended["state"], "finished");
    assert_eq!(ended["scheduled"], 40);
    assert_eq!(ended["units_left"], 1_460);
    let status = rig.status(run).await;
    for state in [
        "pending", "invalid", "skipped", "sending", "rejected", "not_sent", "unknown", "absent",
    ] {
        assert_eq!(status[state], 0, "{status}");
    }
    let again = rig.bulk_run(run, &[]).await.expect(0);
    assert_eq!(again.last()["state"], "finished");
    rig.assert_each_once(40);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_rows_are_in_flight_than_allowed() {
    let mut options = SimulatorOptions {
        latency: Duration::from_millis(10),
        ..SimulatorOptions::default()
    };
    // The server refuses what is above it with 429, which would show as throttled attempts.
    options.rules.concurrency_max = 4;
    let rig = Rig::start(options, "concurrency = 4").await;
    let run = rig.plan(40).await;

    rig.bulk_run(run, &[]).await.expect(0);

    assert_eq!(rig.control.posts(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_25_units_are_not_spent_without_a_word() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(26).await.to_string();

    let ran = rig.run(&["bulk", "run", &run]).await.expect(2);

    assert!(ran.stderr.contains("0 → 26 of 1500"), "{}", ran.stderr);
    let whom = "with profile sim, production";
    assert!(ran.stderr.contains(whom), "{}", ran.stderr);
    assert_eq!(rig.control.posts(), 0);
    rig.run(&["bulk", "run", &run, "--max", "25"])
        .await
        .expect(0);
    assert_eq!(rig.control.posts(), 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_pauses_at_its_maximum_and_goes_on_where_it_was() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(20).await;

    let first = rig.bulk_run(run, &["--max", "7"]).await.expect(0).last();
    let resumed = rig
        .run(&["bulk", "resume", &run.to_string(), "--json"])
        .await
        .expect(0)
        .last();

    assert_eq!(
        (first["state"].as_str(), first["reason"].as_str()),
        (Some("paused"), Some("max"))
    );
    assert_eq!(first["scheduled"], 7);
    assert_eq!(resumed["state"], "finished");
    rig.assert_each_once(20);
    assert_eq!(rig.control.posts(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_pauses_a_run_and_nothing_is_unknown() {
    let options = SimulatorOptions {
        latency: Duration::from_millis(50),
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "").await;
    let run = rig.plan(300).await;
    let number = run.to_string();
    let child = rig.spawn(&["bulk", "run", &number, "--yes", "--json"]);
    until(&rig.control, "10 rows sent", |control| {
        control.posts() >= 10
    })
    .await;

    rig.run(&["bulk", "pause", &number]).await.expect(0);
    let ended = finish(child).await.expect(0).last();

    assert_eq!(
        (ended["state"].as_str(), ended["reason"].as_str()),
        (Some("paused"), Some("operator"))
    );
    let status = rig.status(run).await;
    assert_eq!(
        (status["unknown"].as_u64(), status["sending"].as_u64()),
        (Some(0), Some(0))
    );
    let sent = status["scheduled"].as_u64().unwrap();
    assert!((10..300).contains(&sent), "{status}");
    rig.bulk_run(run, &[]).await.expect(0);
    rig.assert_each_once(300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_nobody_heard_does_not_stop_the_next_start() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(5).await;

    rig.run(&["bulk", "pause", &run.to_string()])
        .await
        .expect(0);
    assert_eq!(rig.status(run).await["state"], "paused");

    rig.bulk_run(run, &[]).await.expect(0);
    rig.assert_each_once(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_belongs_to_the_profile_it_was_planned_for() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(2).await;

    let ran = rig.bulk_run(run, &["--profile", "other"]).await.expect(2);
    let none = rig.bulk_run(99, &[]).await.expect(2);

    assert!(
        ran.stderr.contains("was planned for profile sim"),
        "{}",
        ran.stderr
    );
    assert!(none.stderr.contains("no run 99"), "{}", none.stderr);
    assert_eq!(rig.control.posts(), 0);
}
