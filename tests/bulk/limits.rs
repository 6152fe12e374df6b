//! Units: never more than there are, never more than asked for.

use std::time::Duration;

use ziadeck::simulator::SimulatorOptions;

use crate::rig::{Rig, finish};

fn options(limit: u64) -> SimulatorOptions {
    SimulatorOptions {
        limit,
        latency: Duration::from_millis(5),
        ..SimulatorOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limit_exceeded_stops_a_run_at_once_and_is_learned() {
    let rig = Rig::start(options(1_500), "concurrency = 5").await;
    let run = rig.plan(100).await;
    rig.run(&["usage", "--refresh"]).await.expect(0);
    // Nobody tells of it until a POST meets it.
    rig.control.set_limit(30);

    let ran = rig.bulk_run(run, &[]).await.expect(6);

    let ended = ran.last();
    assert_eq!(ended["reason"], "limit");
    assert_eq!(ended["scheduled"], 30);
    assert_eq!(ended["pending"], 70);
    assert_eq!(ended["limit"], 30);
    assert_eq!(ended["units_left"], 0);
    let beyond = rig.control.posts() - 30;
    assert!((1..=5).contains(&beyond), "{beyond} POSTs met the limit");
    let again = rig.bulk_run(run, &[]).await.expect(6);
    assert_eq!(again.last()["reason"], "limit");
    assert_eq!(
        rig.control.posts() - 30,
        beyond,
        "the ledger knows, nobody asks"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reserve_is_left_untouched() {
    let rig = Rig::start(options(50), "reserve = 40").await;
    let run = rig.plan(20).await;

    let first = rig.bulk_run(run, &[]).await.expect(6).last();
    let second = rig
        .bulk_run(run, &["--reserve", "35"])
        .await
        .expect(6)
        .last();

    assert_eq!(
        (first["reason"].as_str(), first["scheduled"].as_u64()),
        (Some("reserve"), Some(10))
    );
    assert_eq!(second["scheduled"], 15);
    assert_eq!(rig.control.posts(), 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_of_a_profile_never_spend_the_same_unit() {
    let rig = Rig::start(options(60), "limit = 60\nconcurrency = 4").await;
    let one = rig.plan(50).await;
    let file = rig.file("others.csv", crate::rig::people(100).replace("ada", "bob"));
    let two = rig
        .run(&["bulk", "plan", file.to_str().unwrap(), "--json"])
        .await
        .expect(0)
        .last()["run"]
        .as_i64()
        .unwrap();

    let (one, two) = (one.to_string(), two.to_string());
    let first = rig.spawn(&["bulk", "run", &one, "--yes", "--json"]);
    let second = rig.spawn(&["bulk", "run", &two, "--yes", "--json"]);
    let (first, second) = (finish(first).await, finish(second).await);

    rig.assert_each_once(60);
    assert_eq!(
        rig.control.posts(),
        60,
        "the ledger lets nothing through that must fail"
    );
    let sum = |field: &str| {
        first.last()[field].as_u64().unwrap() + second.last()[field].as_u64().unwrap()
    };
    assert_eq!(
        (sum("scheduled"), sum("pending"), sum("unknown")),
        (60, 90, 0)
    );
    assert!(first.code == 6 || second.code == 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_spent_is_known_before_a_run_starts() {
    let rig = Rig::start(options(1_500), "").await;
    let run = rig.plan(30).await.to_string();
    rig.control.set_used(1_490);

    let ran = rig.run(&["bulk", "run", &run, "--json"]).await.expect(6);

    assert!(
        ran.stderr.contains("spends 10: 1490 → 1500 of 1500"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.last()["scheduled"], 10);
    assert_eq!(rig.control.posts(), 10, "no POST met the limit");
}
