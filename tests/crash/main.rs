//! Processes that die while they work on a run: at the Nth step of the ledger, and while the Nth
//! request is on the wire, for N = 1, 2, 3 … until a run completes.
//!
//! After each death the ledger is held against the server's log: never more jobs than attempts,
//! nothing sent twice, no more unknowns than could have been in flight. At the end everything is
//! reconciled, and every row of every run has exactly one job.
//!
//! `ZIADECK_CAMPAIGN=50 cargo test --release --test crash campaign -- --nocapture` plays 1,500
//! rows, 8 in flight and 50 deaths at random moments.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code may unwrap"
)]

mod books;
mod child;
#[path = "../support/rig.rs"]
mod rig;

use std::time::Duration;

use books::{Books, close, open};
use child::Death;
use rig::{Rig, people};
use rustix::process::Signal;
use ziadeck::base::{EnrichmentKind, RunId};
use ziadeck::ledger::RowState;
use ziadeck::ops::AppContext;
use ziadeck::ops::reconcile::{Finished, reconcile};
use ziadeck::simulator::SimulatorOptions;

/// More units than any of these tests needs: a shortage would hide what they look for.
const UNITS: u64 = 10_000;

async fn rig(latency_ms: u64, concurrency: usize) -> Rig {
    let options = SimulatorOptions {
        limit: UNITS,
        latency: Duration::from_millis(latency_ms),
        ..SimulatorOptions::default()
    };
    let more = format!("limit = {UNITS}\nconcurrency = {concurrency}");
    Rig::start(options, &more).await
}

/// Plans so many rows whose addresses begin with `name`.
async fn plan(rig: &Rig, name: &str, rows: usize) -> RunId {
    let text = people(rows).replace("ada", &format!("{name}-"));
    let file = rig.file(&format!("{name}.csv"), text);
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    let run = rig.run(&plan).await.expect(0).last()["run"].as_i64();
    RunId(run.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_step_of_the_ledger_loses_and_doubles_nothing() {
    const ROWS: usize = 4;
    const CONCURRENCY: u64 = 2;
    let mut rig = rig(0, 2).await;
    let mut runs = Vec::new();

    for step in 1.. {
        let run = plan(&rig, &format!("step{step}"), ROWS).await;
        runs.push(run);
        let ended = child::work(&rig, run, Some(Death::AtLedgerStep(step))).await;

        let context = open(&rig).await;
        let books = Books::of(&rig, &context, run).await;
        books.assert_sound(ROWS, CONCURRENCY);
        assert!(context.ledger().check().await.unwrap().is_sound());
        close(context).await;
        if ended.success() {
            assert!(step > 8, "a run of {ROWS} rows has more steps than {step}");
            break;
        }
        assert!(child::work(&rig, run, None).await.success());
    }

    settle(&rig, &runs, ROWS).await;
    rig.stop_server().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_while_any_request_is_on_the_wire_loses_and_doubles_nothing() {
    const ROWS: usize = 5;
    const CONCURRENCY: u64 = 2;
    let mut rig = rig(40, 2).await;
    let mut runs = Vec::new();

    for request in 1..=ROWS {
        let run = plan(&rig, &format!("post{request}"), ROWS).await;
        runs.push(run);
        let before = rig.control.posts();
        let mut process = child::start(&rig, run, None);
        let wanted = before + u64::try_from(request).unwrap();
        rig::until(&rig.control, "the request", |control| {
            control.posts() >= wanted
        })
        .await;
        rig::send(&process, Signal::KILL);
        process.wait().await.unwrap();

        let context = open(&rig).await;
        let books = Books::of(&rig, &context, run).await;
        books.assert_sound(ROWS, CONCURRENCY);
        assert!(books.count(RowState::Unknown) >= 1, "it was on the wire");
        close(context).await;
        assert!(child::work(&rig, run, None).await.success());
    }

    settle(&rig, &runs, ROWS).await;
    rig.stop_server().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn campaign_of_deaths_at_random_moments() {
    let kills: Option<u64> = std::env::var("ZIADECK_CAMPAIGN")
        .ok()
        .map(|kills| kills.parse().unwrap());
    let (rows, kills) = kills.map_or((60, 4), |kills| (1_500, kills));
    const CONCURRENCY: u64 = 8;
    let mut rig = rig(20, 8).await;
    let run = plan(&rig, "row", rows).await;
    let share = u64::try_from(rows).unwrap() / (kills + 1);
    let mut dice = Dice(0x5EED);

    for death in 1..=kills {
        let wanted = rig.control.posts() + 1 + dice.below(share.max(2));
        if dice.below(2) == 0 {
            // Two steps a commit, and some commits for each of the requests.
            let step = 1 + dice.below(share.max(2));
            child::work(&rig, run, Some(Death::AtLedgerStep(step))).await;
        } else {
            let mut process = child::start(&rig, run, None);
            tokio::select! {
                () = rig.control.wait_for_posts(wanted) => {
                    rig::send(&process, Signal::KILL);
                    process.wait().await.unwrap();
                }
                ended = process.wait() => drop(ended.unwrap()),
            }
        }
        let context = open(&rig).await;
        let books = Books::of(&rig, &context, run).await;
        books.assert_sound(rows, death * CONCURRENCY);
        close(context).await;
    }
    assert!(child::work(&rig, run, None).await.success());

    let context = open(&rig).await;
    let books = Books::of(&rig, &context, run).await;
    let unknown = books.count(RowState::Unknown);
    close(context).await;
    settle(&rig, &[run], rows).await;
    println!(
        "{rows} rows, {kills} deaths, {unknown} unknown before reconcile, {} POSTs, {} jobs",
        rig.control.posts(),
        rig.jobs().len()
    );
    rig.stop_server().await;
}

/// Reconciles, queues the absent rows again, sends them, and finds one job for each row.
async fn settle(rig: &Rig, runs: &[RunId], rows: usize) {
    let context = open(rig).await;
    let session = context.session(None).unwrap();
    // A request that was in the socket of a dead process may still arrive: that is what the
    // settle time is for.
    let settle_time = Duration::from_secs(1);
    loop {
        let findings = reconcile(&session, EnrichmentKind::People, settle_time)
            .await
            .unwrap();
        // What one pass settles tells the next one whose job a likeness is not.
        let is_undecided = |verdict: &Finished| matches!(verdict, Finished::Undecided { .. });
        if findings
            .iter()
            .all(|finding| is_undecided(&finding.verdict))
        {
            break;
        }
    }
    requeue_absent(&context, runs).await;
    close(context).await;
    for run in runs {
        assert!(child::work(rig, *run, None).await.success());
    }

    let context = open(rig).await;
    for run in runs {
        let books = Books::of(rig, &context, *run).await;
        books.assert_sound(rows, 0);
        assert_eq!(books.count(RowState::Scheduled), rows, "run {run}");
    }
    rig.assert_each_once(rows * runs.len());
    let session = context.session(None).unwrap();
    let usage = ziadeck::ops::usage::local(&session, EnrichmentKind::People)
        .await
        .unwrap();
    assert_eq!(usage.used, rig.control.used(EnrichmentKind::People));
    close(context).await;
}

async fn requeue_absent(context: &AppContext, runs: &[RunId]) {
    use ziadeck::ops::bulk_rows::{Rows, numbers, requeue};
    for run in runs {
        let absent = Rows::In(RowState::Absent);
        let absent = numbers(context.ledger(), *run, absent).await.unwrap();
        requeue(context.ledger(), *run, absent).await.unwrap();
    }
}

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
