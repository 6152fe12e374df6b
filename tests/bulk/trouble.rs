//! Servers and lines that fail: each pauses a run with a reason and an exit code of its own.

use std::time::Duration;

use ziadeck::simulator::{Action, Fault, SimulatorOptions, StatusFault, Target, When};

use crate::rig::{Rig, finish, until};

fn posts(when: When, action: Action) -> Fault {
    Fault {
        when,
        ..Fault::always(Target::PeoplePost, action)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_renewed_once_for_all() {
    let options = SimulatorOptions {
        latency: Duration::from_millis(20),
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "concurrency = 8").await;
    let run = rig.plan(60).await;
    let before = rig.control.token_calls();
    rig.control.expire_access_tokens();

    let ran = rig.bulk_run(run, &[]).await.expect(0);

    rig.assert_each_once(60);
    assert_eq!(rig.control.token_calls() - before, 1);
    assert_eq!(ran.last()["used"], 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_pauses_for_sign_in() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(10).await;
    rig.control.revoke();

    let ended = rig.bulk_run(run, &[]).await.expect(4).last();

    assert_eq!(ended["reason"], "sign_in");
    assert_eq!(
        (ended["pending"].as_u64(), ended["used"].as_u64()),
        (Some(10), Some(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_nothing_is_spent() {
    let mut rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(10).await;
    rig.stop_server().await;

    let ended = rig.bulk_run(run, &[]).await.expect(7).last();

    assert_eq!(ended["reason"], "offline");
    assert_eq!(
        (ended["pending"].as_u64(), ended["unknown"].as_u64()),
        (Some(10), Some(0))
    );
    assert_eq!(ended["used"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_unknowns_alike_in_a_row_pause_and_none_is_sent_again() {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 1").await;
    let run = rig.plan(20).await;
    rig.control.push_fault(posts(
        When::Between(4, 20),
        Action::CloseAfterRead { effect: true },
    ));

    let ended = rig.bulk_run(run, &[]).await.expect(8).last();
    rig.control.clear_faults();
    let resumed = rig.bulk_run(run, &[]).await.expect(0).last();

    assert_eq!(ended["reason"], "unknown_streak");
    assert_eq!(
        (ended["scheduled"].as_u64(), ended["unknown"].as_u64()),
        (Some(3), Some(3))
    );
    assert_eq!(
        (resumed["scheduled"].as_u64(), resumed["unknown"].as_u64()),
        (Some(17), Some(3))
    );
    rig.assert_each_once(20);
    assert_eq!(rig.control.posts(), 20);
    rig.run(&["reconcile", "--settle", "0"]).await.expect(0);
    assert_eq!(rig.status(run).await["scheduled"], 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_is_waited_out_and_loses_no_row() {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 4").await;
    let run = rig.plan(12).await;
    let fault = StatusFault {
        retry_after: Some("1".to_owned()),
        ..StatusFault::new(429)
    };
    rig.control
        .push_fault(posts(When::Between(5, 6), Action::Status(fault)));

    let ended = rig.bulk_run(run, &[]).await.expect(0).last();

    rig.assert_each_once(12);
    assert_eq!(
        rig.control.posts(),
        14,
        "each throttled row is sent once more"
    );
    assert_eq!(ended["used"], 12);
    let times: Vec<_> = rig.control.posts_log().iter().map(|post| post.at).collect();
    let span = times.last().unwrap().duration_since(times[5]);
    assert!(span.as_millis() >= 900, "{span:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_feature_pauses_and_names_its_code() {
    let mut options = SimulatorOptions::default();
    options.rules.may_manage = false;
    let rig = Rig::start(options, "concurrency = 2").await;
    let run = rig.plan(10).await;

    let ended = rig.bulk_run(run, &[]).await.expect(5).last();

    assert_eq!(ended["reason"], "denied");
    assert!(
        ended["detail"].as_str().unwrap().contains("NO_PERMISSION"),
        "{ended}"
    );
    assert_eq!(ended["pending"], 10);
    assert!(rig.control.posts() <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_server_refuses_does_not_stop_the_others() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(10).await;
    let fault = StatusFault {
        code: Some("INVALID_DATA".to_owned()),
        ..StatusFault::new(400)
    };
    rig.control
        .push_fault(posts(When::At(3), Action::Status(fault)));

    let ended = rig.bulk_run(run, &[]).await.expect(0).last();

    assert_eq!(
        (ended["scheduled"].as_u64(), ended["rejected"].as_u64()),
        (Some(9), Some(1))
    );
    assert_eq!(ended["used"], 9);
}

/// F45: what came back and is not in the ledger is on the screen, every one of it.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_cannot_be_recorded_are_all_told() {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 3").await;
    let run = rig.plan(3).await.to_string();
    rig.control.set_latency(Duration::from_secs(1));
    let child = rig.spawn(&["bulk", "run", &run, "--yes", "--quiet"]);
    until(&rig.control, "3 rows sent", |control| control.posts() == 3).await;

    let ledger = rig.data_dir().join("ledger.db");
    std::fs::rename(ledger, rig.path("moved.db")).unwrap();
    let ran = finish(child).await.expect(9);

    let jobs = rig.control.jobs();
    assert_eq!(jobs.len(), 3);
    for job in jobs {
        assert!(ran.stderr.contains(&job.id), "{} of {}", job.id, ran.stderr);
    }
}

/// Nor does it matter for them that where the run stands cannot be read any more.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_cannot_be_recorded_are_told_even_if_nothing_can_be_read() {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 3").await;
    let run = rig.plan(3).await.to_string();
    rig.control.set_latency(Duration::from_secs(1));
    let child = rig.spawn(&["bulk", "run", &run, "--yes", "--json"]);
    until(&rig.control, "3 rows sent", |control| control.posts() == 3).await;

    let ledger = rig.data_dir().join("ledger.db");
    hide(&ledger, "row_counts");
    std::fs::rename(ledger, rig.path("moved.db")).unwrap();
    let ran = finish(child).await.expect(9);

    for job in rig.control.jobs() {
        assert!(ran.stderr.contains(&job.id), "{} of {}", job.id, ran.stderr);
    }
    assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
    assert_eq!(ran.last()["event"], "ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ended_well_ends_well_even_if_where_it_stands_cannot_be_read() {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 3").await;
    let run = rig.plan(3).await.to_string();
    rig.control.set_latency(Duration::from_secs(1));
    let child = rig.spawn(&["bulk", "run", &run, "--yes", "--json"]);
    until(&rig.control, "3 rows sent", |control| control.posts() == 3).await;

    hide(&rig.data_dir().join("ledger.db"), "row_counts");
    let ran = finish(child).await.expect(0);

    assert_eq!(ran.last()["state"], "finished");
    assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
}

/// Takes a table from where it is looked for; the triggers still find it.
fn hide(ledger: &std::path::Path, table: &str) {
    let sql = rusqlite::Connection::open(ledger).unwrap();
    sql.execute_batch(&format!("ALTER TABLE {table} RENAME TO hidden"))
        .unwrap();
}
