//! The same people in two plans: nobody is asked for twice without a person's word.

use std::time::Duration;

use serde_json::Value;
use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target, When};

use crate::rig::{Rig, finish};

async fn rig() -> Rig {
    Rig::start(SimulatorOptions::default(), "").await
}

impl Rig {
    async fn rows(&self, run: i64) -> Vec<Value> {
        let run = run.to_string();
        let listed = self.run(&["bulk", "rows", &run, "--json"]).await;
        listed.expect(0).json()
    }

    async fn plan_file(&self, rows: usize, more: &[&str]) -> Value {
        let file = self.path(&format!("people-{rows}.csv"));
        let mut args = vec!["bulk", "plan", file.to_str().unwrap(), "--json"];
        args.extend(more);
        self.run(&args).await.expect(0).last()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_the_unfinished_run_that_has_the_same_rows() {
    let rig = rig().await;
    let first = rig.plan(4).await;

    let second = rig.plan_file(4, &[]).await;
    let file = rig.path("people-4.csv");
    let third = rig.run(&["bulk", "plan", file.to_str().unwrap()]).await;

    assert_eq!(
        second["also_planned"],
        serde_json::json!([{"run": first, "rows": 4}])
    );
    let told = third.expect(0).stdout;
    let words = format!("4 rows wait in run {first} too");
    assert!(told.contains(&words), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_before_a_run_names_the_other_one() {
    let rig = rig().await;
    let first = rig.plan(26).await;
    let second = rig.plan_file(26, &[]).await["run"].to_string();

    let asked = rig.run(&["bulk", "run", &second]).await.expect(2);

    let words = format!("26 rows wait in run {first} too");
    assert!(asked.stderr.contains(&words), "{}", asked.stderr);
    assert_eq!(rig.control.posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_another_run_sent_since_is_left_out_with_the_reason() {
    let rig = rig().await;
    let first = rig.plan(3).await;
    let second = rig.plan_file(3, &[]).await["run"].as_i64().unwrap();
    rig.bulk_run(first, &[]).await.expect(0);

    let number = second.to_string();
    let ran = rig.run(&["bulk", "run", &number, "--json"]).await.expect(0);

    rig.assert_each_once(3);
    assert_eq!(rig.control.posts(), 3, "the second run sent nothing");
    let ended = ran.last();
    assert_eq!(ended["state"], "finished");
    assert_eq!((&ended["skipped"], &ended["used"]), (&3.into(), &3.into()));
    assert!(ran.stderr.contains("spends 0: 3 → 3"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("asked for, or forgotten, since the plan: 3 rows"),
        "{}",
        ran.stderr
    );
    for row in rig.rows(second).await {
        let reason = row["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("already: attempt ")
                && reason.contains("(the same request), scheduled, "),
            "{reason}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_of_another_run_is_not_asked_for_again() {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 1").await;
    let first = rig.plan(1).await;
    let second = rig.plan_file(1, &[]).await["run"].as_i64().unwrap();
    rig.control.push_fault(Fault {
        when: When::At(1),
        ..Fault::always(Target::PeoplePost, Action::CloseAfterRead { effect: true })
    });
    rig.bulk_run(first, &[]).await.expect(0);

    let ended = rig.bulk_run(second, &[]).await.expect(0).last();

    assert_eq!(ended["skipped"], 1, "{ended}");
    assert_eq!(rig.control.posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_single_request_asked_since_the_plan_is_left_out_too() {
    let rig = rig().await;
    let run = rig.plan(2).await;
    rig.run(&[
        "submit",
        "--module",
        "Leads",
        "--name",
        "Ada Lovelace",
        "--email",
        "ada1@acme.example",
        "--company",
        "Acme",
    ])
    .await
    .expect(0);

    let ended = rig.bulk_run(run, &[]).await.expect(0).last();

    assert_eq!(
        (&ended["skipped"], &ended["scheduled"]),
        (&1.into(), &1.into())
    );
    rig.assert_each_once(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_of_one_file_at_the_same_time_ask_for_nobody_twice() {
    let options = SimulatorOptions {
        latency: Duration::from_millis(5),
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "concurrency = 4").await;
    let first = rig.plan(60).await.to_string();
    let second = rig.plan_file(60, &[]).await["run"].to_string();

    let one = rig.spawn(&["bulk", "run", &first, "--yes", "--json"]);
    let two = rig.spawn(&["bulk", "run", &second, "--yes", "--json"]);
    let (one, two) = (finish(one).await.expect(0), finish(two).await.expect(0));

    rig.assert_each_once(60);
    assert_eq!(rig.control.posts(), 60);
    let sum =
        |field: &str| one.last()[field].as_u64().unwrap() + two.last()[field].as_u64().unwrap();
    assert_eq!((sum("scheduled"), sum("skipped")), (60, 60));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_send_a_row_that_was_left_out() {
    let rig = rig().await;
    let first = rig.plan(2).await;
    let second = rig.plan_file(2, &[]).await["run"].as_i64().unwrap();
    rig.bulk_run(first, &[]).await.expect(0);
    rig.bulk_run(second, &[]).await.expect(0);

    let number = second.to_string();
    rig.run(&["bulk", "requeue", &number, "--row", "2", "--yes"])
        .await
        .expect(0);
    let ended = rig.bulk_run(second, &[]).await.expect(0).last();

    assert_eq!(
        (&ended["skipped"], &ended["scheduled"]),
        (&1.into(), &1.into())
    );
    assert_eq!(rig.posted()["ada2@acme.example"], 2);
    assert_eq!(rig.posted()["ada1@acme.example"], 1);
}
