//! Planning records of the CRM: by criteria, page by page, with what it costs said before.

use std::time::Duration;

use rstest::rstest;
use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target, When};

use crate::rig::Rig;

/// A CRM of three pages.
fn many() -> SimulatorOptions {
    SimulatorOptions {
        records: 450,
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    }
}

const FROM: [&str; 5] = ["bulk", "plan", "--from-crm", "--module", "Leads"];

async fn planned(rig: &Rig, more: &[&str]) -> serde_json::Value {
    rig.run(&[&FROM[..], more, &["--json"]].concat())
        .await
        .expect(0)
        .last()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_planned_page_by_page_and_what_it_costs_is_said_before() {
    let rig = Rig::start(many(), "").await;

    let ran = rig.run(&FROM).await.expect(0);

    assert!(
        ran.stderr
            .contains("reading Leads: all records; an API credit for each 200 records"),
        "{}",
        ran.stderr
    );
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        first.contains("Leads: all records  450 rows  (of 450 records read, 3 API credits)"),
        "{first}"
    );
    let rows = rig
        .run(&["bulk", "rows", "1", "--json", "--limit", "1000"])
        .await
        .expect(0)
        .json();
    let mut ids: Vec<&str> = rows
        .iter()
        .filter_map(|row| row["record_id"].as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 450, "each once, with its record");
    assert_eq!(rig.control.posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_enriched_is_not_wanted_again_and_goes_back_to_its_record() {
    let options = SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "").await;
    let all = planned(&rig, &["--never-enriched"]).await;
    let run = all["run"].to_string();
    rig.run(&["bulk", "run", &run, "--yes", "--max", "3"])
        .await
        .expect(0);
    rig.run(&["bulk", "track", &run]).await.expect(0);

    let again = planned(&rig, &["--never-enriched"]).await;
    let before = rig
        .run(&[&FROM[..], &["--enriched-before", "2020-01-01"]].concat())
        .await
        .expect(5);
    let after = planned(&rig, &["--enriched-before", "2100-01-01"]).await;

    assert_eq!(
        (&all["crm"]["wanted"], &all["crm"]["records"]),
        (&40.into(), &40.into())
    );
    assert_eq!(
        (&again["rows"], &again["crm"]["wanted"]),
        (&37.into(), &37.into())
    );
    assert_eq!(after["rows"], 3);
    assert_eq!(after["already"], 3, "the gate knows them");
    assert!(
        before.stderr.contains("no record is wanted"),
        "{}",
        before.stderr
    );
    assert_eq!(again["file"], "Leads: never enriched");
    let back = rig
        .run(&["bulk", "export", &run, "--write-back"])
        .await
        .expect(0);
    assert_eq!(back.stdout.lines().count(), 4, "{}", back.stdout);
}

#[rstest]
#[case::a_field(&["--empty", "Email"])]
#[case::a_view(&["--view", "5725767000000087501"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_field_or_a_view_narrows_the_records(#[case] flags: &[&str]) {
    let rig = Rig::start(SimulatorOptions::default(), "").await;

    let plan = planned(&rig, flags).await;
    let rows = rig
        .run(&["bulk", "rows", "1", "--json"])
        .await
        .expect(0)
        .json();

    let rows_told = plan["rows"].as_u64().unwrap();
    assert!(rows_told > 0 && rows_told < 40, "{plan:#}");
    for row in rows {
        let inputs = row["inputs"].as_object().unwrap();
        assert!(!inputs.contains_key("email"), "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_most_so_many_are_taken_and_no_page_more_is_read() {
    let rig = Rig::start(many(), "").await;

    let plan = planned(&rig, &["--max", "150"]).await;

    assert_eq!(
        (&plan["rows"], &plan["crm"]["credits"]),
        (&150.into(), &1.into())
    );
}

/// A page in the middle does not come: there is no run of the half.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_come_makes_no_run() {
    let rig = Rig::start(many(), "").await;
    // The configurations, one of them, and the first page come before it.
    rig.control.push_fault(Fault {
        when: When::Between(4, 9),
        ..Fault::always(Target::Other, Action::CloseAfterRead { effect: false })
    });

    let ran = rig.run(&FROM).await;

    assert_eq!(ran.code, 8, "{}", ran.stderr);
    let why = "ziadeck: no answer from 127.0.0.1:";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
    let runs = rig.run(&["bulk", "status", "--json"]).await.expect(0);
    assert_eq!(runs.stdout, "");
}

#[rstest]
#[case::with_a_file(&["bulk", "plan", "x.csv", "--from-crm"], "cannot be used with")]
#[case::a_criterion_of_a_file(&["bulk", "plan", "x.csv", "--never-enriched"], "cannot be used with")]
#[case::an_encoding(&["bulk", "plan", "--from-crm", "--encoding", "latin1"], "cannot be used with")]
#[case::no_day(&["bulk", "plan", "--from-crm", "--enriched-before", "June"], "2026-06-01")]
#[case::no_view(&["bulk", "plan", "--from-crm", "--view", "all"], "custom view")]
#[case::a_field_that_is_not_there(&["bulk", "plan", "--from-crm", "--module", "Leads", "--empty", "linkedin"], "did you mean LinkedIn?")]
#[case::switched_off(&["bulk", "plan", "--from-crm", "--module", "Vendors"], "that is off")]
#[case::no_configuration(&["bulk", "plan", "--from-crm", "--module", "Deals"], "no enrichment configuration")]
#[case::another_view(&["bulk", "plan", "--from-crm", "--module", "Leads", "--view", "1"], "INVALID_DATA")]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_wanted_is_refused(#[case] args: &[&str], #[case] why: &str) {
    let rig = Rig::start(SimulatorOptions::default(), "").await;

    let ran = rig.run(args).await;

    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}
