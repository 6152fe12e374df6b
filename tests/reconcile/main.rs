//! Settling what is unknown: by reconcile where it is certain, by a person where it is not.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test code may unwrap and panic"
)]

#[path = "../support/mod.rs"]
mod support;

mod echoes;
mod model;
mod time;
mod world;

use std::time::Duration;

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use support::{Bench, Ran};
use ziadeck::base::{Clock, EnrichmentKind, SystemClock, Timestamp};
use ziadeck::simulator::{Action, Fault, SimulatorOptions, StatusFault, Target};

/// Sends with a fault in the way; the outcome is unknown.
async fn lose(bench: &Bench, name: &str, action: Action) -> Value {
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, action));
    bench.submit(name).await.expect(8).row()
}

/// Asks for the same person although an attempt is unknown, and loses that answer as well.
async fn lose_again(bench: &Bench, attempt: &str, action: Action) -> Value {
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, action));
    let ada = ["--email", "ada@acme.example"];
    let again = ["submit", "--json", "--again", attempt];
    bench
        .run(&[&again[..], &ada].concat())
        .await
        .expect(8)
        .row()
}

/// An organisation in which a job of ours was made before: it shows how the server tells what a job
/// was made of, and that its list reaches behind what comes now.
async fn seasoned(options: SimulatorOptions) -> Bench {
    let bench = Bench::new(options).await;
    bench.submit("grace").await.expect(0);
    bench
}

async fn seasoned_quiet() -> Bench {
    seasoned(SimulatorOptions::default()).await
}

async fn reconcile(bench: &Bench) -> Ran {
    bench.run(&["reconcile", "--settle", "0", "--json"]).await
}

fn made(effect: bool) -> Action {
    Action::CloseAfterRead { effect }
}

#[rstest]
#[case::closed(Action::CloseAfterRead { effect: true })]
#[case::reset(Action::ResetAfterRead { effect: true })]
#[case::error(Action::Status(StatusFault { effect: true, ..StatusFault::new(503) }))]
#[case::half_a_body(Action::Truncate { bytes: 40 })]
#[case::no_body(Action::EmptyBody)]
#[case::html(Action::HtmlBody)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_after_the_job_was_made_becomes_scheduled(#[case] action: Action) {
    let bench = Bench::quiet().await;
    let lost = lose(&bench, "ada", action).await;

    let found = reconcile(&bench).await.expect(0).row();

    let job = bench.control().jobs().remove(0);
    assert_eq!(found["attempt"], lost["attempt"]);
    assert_eq!(found["outcome"], "scheduled");
    assert_eq!(found["job_id"], job.id.as_str());
    let usage = bench.usage(&["--refresh"]).await;
    assert_eq!(
        (&usage["used"], &usage["unknown"], &usage["mine"]),
        (&1.into(), &0.into(), &1.into())
    );
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_before_the_job_was_made_becomes_absent_and_is_released() {
    let bench = seasoned_quiet().await;
    lose(&bench, "ada", made(false)).await;
    assert_eq!(bench.usage(&[]).await["used"], 2);

    let found = reconcile(&bench).await.expect(0).row();

    assert_eq!(found["outcome"], "absent");
    assert_eq!(bench.usage(&[]).await["used"], 1);
    assert_eq!(
        bench.control().posts(),
        2,
        "nothing is sent again by itself"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_2xx_was_seen_for_is_never_absent() {
    let bench = Bench::quiet().await;
    let lost = lose(&bench, "ada", Action::Truncate { bytes: 40 }).await;
    assert_eq!(lost["outcome"], "unknown (accepted)");
    // The job is not in the list (yet).
    bench
        .control()
        .push_fault(Fault::always(Target::List, Action::EmptyArray));

    let found = reconcile(&bench).await.expect(8).row();

    assert_eq!(found["outcome"], "unknown (accepted)");
    assert_eq!(bench.usage(&[]).await["used"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_accepted_job_is_missing_nothing_of_the_same_inputs_is_absent() {
    let bench = Bench::quiet().await;
    lose(&bench, "ada", Action::Truncate { bytes: 40 }).await;
    lose_again(&bench, "1", made(true)).await;
    // The list shows neither of the two jobs that were made (yet).
    bench
        .control()
        .push_fault(Fault::always(Target::List, Action::EmptyArray));

    let found = reconcile(&bench).await.expect(8).rows();

    let outcomes: Vec<_> = found.iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["unknown (accepted)", "unknown"]);
    assert_eq!(bench.usage(&[]).await["used"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_settle_time_it_is_too_early() {
    let bench = Bench::quiet().await;
    lose(&bench, "ada", made(false)).await;
    let before = bench.control().requests().len();

    let ran = bench.run(&["reconcile", "--json"]).await.expect(8);

    assert_eq!(ran.row()["outcome"], "unknown");
    assert!(
        ran.row()["why"]
            .as_str()
            .unwrap()
            .starts_with("too early until")
    );
    assert_eq!(
        bench.control().requests().len(),
        before,
        "nothing was asked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_appears_late_is_found_later() {
    let bench = Bench::quiet().await;
    let after = Duration::from_secs(2);
    lose(&bench, "ada", Action::LateJob { after }).await;
    bench.run(&["reconcile"]).await.expect(8);
    let control = bench.control();
    let appeared = async {
        loop {
            let listed = bench.run(&["jobs", "list", "--json"]).await.expect(0);
            if !listed.stdout.is_empty() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), appeared)
        .await
        .unwrap();

    let found = reconcile(&bench).await.expect(0).row();

    assert_eq!(found["outcome"], "scheduled");
    assert_eq!(found["job_id"], control.jobs()[0].id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_identical_people_of_two_hosts_stay_unknown_with_both_shown() {
    let here = Bench::quiet().await;
    let there = here.other_host();
    lose(&here, "ada", made(true)).await;
    there.submit("ada").await.expect(0);

    let found = reconcile(&here).await.expect(8).row();

    let mut shown: Vec<_> = found["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| candidate["id"].as_str().unwrap().to_owned())
        .collect();
    shown.sort();
    let mut made: Vec<_> = here
        .control()
        .jobs()
        .into_iter()
        .map(|job| job.id)
        .collect();
    made.sort();
    assert_eq!(found["outcome"], "unknown");
    assert_eq!(shown, made);
    assert_eq!(
        found["candidates"][0]["enrich_based_on"],
        json!({"email": "ada@acme.example"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_job_of_another_user_leaves_it_unknown() {
    let bench = Bench::quiet().await;
    bench.usage(&["--refresh"]).await;
    lose(&bench, "ada", made(false)).await;
    bench.control().add_foreign_job(
        EnrichmentKind::People,
        Some(json!({"email": "ada@acme.example"})),
    );

    let found = reconcile(&bench).await.expect(8).row();

    assert_eq!(found["outcome"], "unknown");
    assert_eq!(found["candidates"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_unknowns_with_the_same_inputs_take_a_job_each() {
    let bench = seasoned_quiet().await;
    lose(&bench, "ada", made(true)).await;
    lose_again(&bench, "2", made(true)).await;
    let submit = ["submit", "--again", "2", "--again", "3"];
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, made(false)));
    bench
        .run(&[&submit[..], &["--email", "ada@acme.example"]].concat())
        .await
        .expect(8);

    let found = reconcile(&bench).await.expect(0).rows();

    let outcomes: Vec<_> = found.iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["scheduled", "scheduled", "absent"]);
    assert_ne!(found[0]["job_id"], found[1]["job_id"]);
    assert_eq!(bench.usage(&["--refresh"]).await["used"], 3);
}

/// One job for two requests that asked the same for two records: how many is known, whose is not.
#[tokio::test(flavor = "multi_thread")]
async fn twins_for_two_records_stay_unknown_until_a_person_says_whose_the_job_is() {
    let bench = seasoned_quiet().await;
    for (record, effect) in [
        ("5725767000001010000", true),
        ("5725767000001010017", false),
    ] {
        bench
            .control()
            .push_fault(Fault::next(Target::PeoplePost, made(effect)));
        bench
            .run(&[
                "submit",
                "--email",
                "ada@acme.example",
                "--record-id",
                record,
                "--again",
                "2",
            ])
            .await
            .expect(8);
    }

    let found = reconcile(&bench).await.expect(8).rows();
    let held = bench.usage(&["--refresh"]).await["used"].as_u64().unwrap();
    let job = bench.control().jobs().remove(1).id;
    bench
        .run(&["decide", "3", "adopt", &job, "--yes"])
        .await
        .expect(0);
    let left = reconcile(&bench).await.expect(0).row();

    for one in &found {
        assert_eq!(one["outcome"], "unknown", "{one}");
        assert_eq!(one["candidates"][0]["id"], job.as_str(), "{one}");
    }
    assert!(held >= 3, "{held}: neither is let go before it is known");
    assert_eq!(
        (&left["attempt"], &left["outcome"]),
        (&2.into(), &"absent".into())
    );
    assert_eq!(bench.usage(&["--refresh"]).await["used"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_input_is_no_candidate() {
    let bench = Bench::new(SimulatorOptions {
        used: 150,
        ..SimulatorOptions::default()
    })
    .await;
    bench.submit("grace").await.expect(0);
    lose(&bench, "ada", made(false)).await;

    let found = reconcile(&bench).await.expect(0).row();

    assert_eq!(found["outcome"], "absent");
    assert_eq!(found["candidates"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_makes_nothing_absent() {
    let bench = seasoned(SimulatorOptions {
        used: 150,
        ..SimulatorOptions::default()
    })
    .await;
    lose(&bench, "ada", made(false)).await;
    bench.control().push_fault(Fault {
        when: ziadeck::simulator::When::At(2),
        ..Fault::always(Target::List, Action::Status(StatusFault::new(500)))
    });

    reconcile(&bench).await.expect(5);

    assert_eq!(bench.usage(&[]).await["unknown"], 1);
    assert_eq!(reconcile(&bench).await.expect(0).row()["outcome"], "absent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_rows_that_cannot_be_read_makes_nothing_absent() {
    let bench = Bench::quiet().await;
    lose(&bench, "ada", made(true)).await;
    bench
        .control()
        .push_fault(Fault::always(Target::List, Action::IdPath));

    let found = reconcile(&bench).await.expect(8).row();

    assert_eq!(found["outcome"], "unknown");
    bench.control().clear_faults();
    let found = reconcile(&bench).await.expect(0).row();
    assert_eq!(found["outcome"], "scheduled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_be_looked_at_makes_nothing_absent() {
    let bench = Bench::quiet().await;
    lose(&bench, "ada", made(true)).await;
    bench.control().push_fault(Fault::always(
        Target::Job,
        Action::Status(StatusFault::new(204)),
    ));

    let found = reconcile(&bench).await.expect(8).row();

    assert_eq!(found["outcome"], "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_unknown_asks_nothing() {
    let bench = Bench::quiet().await;

    let ran = reconcile(&bench).await.expect(0);

    assert!(ran.stderr.contains("nothing is unknown"), "{ran:?}");
    assert_eq!(bench.control().connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_reconciled_as_its_own_kind() {
    let bench = Bench::quiet().await;
    bench
        .control()
        .push_fault(Fault::next(Target::OrgPost, made(true)));
    bench
        .run(&[
            "submit", "--kind", "org", "--module", "Accounts", "--name", "Acme",
        ])
        .await
        .expect(8);

    reconcile(&bench).await.expect(0);
    let found = bench
        .run(&["reconcile", "--kind", "org", "--settle", "0", "--json"])
        .await
        .expect(0)
        .row();

    assert_eq!(found["outcome"], "scheduled");
}

/// The clock of a server that is so far from this machine's.
struct Apart(SystemClock, SignedDuration);

impl Clock for Apart {
    fn now(&self) -> Timestamp {
        let now = self.0.now();
        now.checked_add(self.1).unwrap_or(now)
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
}

#[rstest]
#[case::this_one_is_behind(SignedDuration::from_hours(2))]
#[case::this_one_is_ahead(SignedDuration::from_hours(-2))]
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_makes_nothing_absent(#[case] apart: SignedDuration) {
    let options = SimulatorOptions {
        clock: std::sync::Arc::new(Apart(SystemClock::new(), apart)),
        ..SimulatorOptions::default()
    };
    let bench = Bench::new(options).await;
    lose(&bench, "ada", made(true)).await;

    let found = reconcile(&bench).await.expect(0).row();

    assert_eq!(found["outcome"], "scheduled");
    assert_eq!(found["job_id"], bench.control().jobs()[0].id.as_str());
}

/// The clock was wrong when the request went out and is right again when its fate is looked for.
#[rstest]
#[case::behind(-3)]
#[case::two_days_behind(-48)]
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_wrong_at_the_request_hides_no_job(
    #[case] hours: i64,
    #[values(true, false)] has_neighbours: bool,
) {
    let bench = Bench::new(SimulatorOptions {
        used: 30,
        ..SimulatorOptions::default()
    })
    .await;
    if has_neighbours {
        bench.submit("grace").await.expect(0);
    }
    lose(&bench, "ada", made(true)).await;
    lose(&bench, "lin", made(false)).await;
    if has_neighbours {
        bench.submit("kim").await.expect(0);
    }
    let sql = rusqlite::Connection::open(bench.path("data/ledger.db")).unwrap();
    let text = "SELECT group_concat(sql, ';') FROM sqlite_schema
        WHERE name IN ('attempts_fixed', 'attempts_answer')";
    let triggers: String = sql.query_row(text, (), |row| row.get(0)).unwrap();
    sql.execute_batch(&format!(
        "DROP TRIGGER attempts_fixed; DROP TRIGGER attempts_answer;
         UPDATE attempts SET started_ms = started_ms + {ms}, settled_ms = settled_ms + {ms};
         {triggers}",
        ms = hours * 3_600_000
    ))
    .unwrap();
    drop(sql);

    let found = reconcile(&bench).await.rows();

    let (ada, lin) = (&found[0], &found[1]);
    assert_eq!(ada["outcome"], "scheduled", "{ada}");
    // That job tells exactly what was sent, so the others of the list are somebody else's.
    assert_eq!(lin["outcome"], "absent", "{lin}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_reconcile_at_once_do_not_trip_over_each_other() {
    let bench = seasoned_quiet().await;
    for name in ["ada", "lin", "kim"] {
        lose(&bench, name, made(name != "kim")).await;
    }
    bench.control().set_latency(Duration::from_millis(150));

    let (one, other) = tokio::join!(reconcile(&bench), reconcile(&bench));

    for ran in [one.expect(0), other.expect(0)] {
        let outcomes: Vec<_> = ran
            .rows()
            .iter()
            .map(|row| row["outcome"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(outcomes, ["scheduled", "scheduled", "absent"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settle_time_without_end_never_ends() {
    let bench = Bench::quiet().await;
    lose(&bench, "ada", made(false)).await;

    let seconds = u64::MAX.to_string();
    let found = bench
        .run(&["reconcile", "--settle", &seconds, "--json"])
        .await
        .expect(8)
        .row();

    assert_eq!(found["outcome"], "unknown");
}
