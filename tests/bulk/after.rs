//! After a run: jobs to their end, rows as a file, decisions of a person.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target, When};

use crate::rig::{Ran, Rig, people, until};
use crate::runs::mode;

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_followed_to_their_end_and_exported_beside_the_original() {
    let options = SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "").await;
    let file = rig.file(
        "people.csv",
        "Name,Email,Company,Note\nAda Lovelace,ada@acme.example,Acme,=1+1\nAl,x,,bad\n",
    );
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    let run = rig.run(&plan).await.expect(0).last()["run"].to_string();
    rig.run(&["bulk", "run", &run]).await.expect(0);

    let tracked = rig
        .run(&["bulk", "track", &run, "--json"])
        .await
        .expect(0)
        .last();
    let csv = rig.run(&["bulk", "export", &run]).await.expect(0).stdout;
    let raw = rig
        .run(&["bulk", "export", &run, "--raw"])
        .await
        .expect(0)
        .stdout;
    let jsonl = rig
        .run(&["bulk", "export", &run, "--format", "jsonl"])
        .await
        .expect(0);

    assert_eq!(
        (tracked["jobs"].as_u64(), tracked["done"].as_u64()),
        (Some(1), Some(1))
    );
    let job = &rig.control.jobs()[0].id;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("Name,Email,Company,Note,outcome,code,job_id,attempt,"));
    let expected = format!("Ada Lovelace,ada@acme.example,Acme,'=1+1,scheduled,SCHEDULED,{job},1,");
    assert!(lines[1].starts_with(&expected), "{}", lines[1]);
    assert!(
        lines[2].starts_with("Al,x,,bad,invalid,INVALID_DATA,,,"),
        "{}",
        lines[2]
    );
    assert!(raw.contains(",=1+1,"));
    let first = &jsonl.json()[0];
    assert_eq!(first["original"]["Note"], "=1+1");
    assert_eq!(first["job_id"], job.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_goes_back_to_its_record() {
    let options = SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "").await;
    let file = rig.file(
        "people.csv",
        "Name,Email,Company,Record Id\n\
         Ada Lovelace,ada@acme.example,Acme,zcrm_5725767000001010017\n\
         Grace Hopper,grace@navy.example,Navy,\n",
    );
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    let run = rig.run(&plan).await.expect(0).last()["run"].to_string();
    rig.run(&["bulk", "run", &run]).await.expect(0);
    rig.run(&["bulk", "track", &run]).await.expect(0);

    let csv = rig
        .run(&["bulk", "export", &run, "--write-back"])
        .await
        .expect(0)
        .stdout;

    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2, "the row without a record stays out: {csv}");
    assert!(lines[0].starts_with("Record Id,First Name,"));
    assert!(lines[1].starts_with("5725767000001010017,Ada,"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_private_whole_and_overwrites_nothing() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(3).await.to_string();
    let path = rig.path("out.csv");
    let out = path.to_str().unwrap();

    rig.run(&["bulk", "export", &run, "--out", out])
        .await
        .expect(0);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);
    fs::write(&path, "mine").unwrap();
    let ran = rig
        .run(&["bulk", "export", &run, "--out", out])
        .await
        .expect(2);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    rig.run(&["bulk", "export", &run, "--out", out, "--force"])
        .await
        .expect(0);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);

    let gone = rig.path("nowhere/out.csv");
    rig.run(&["bulk", "export", &run, "--out", gone.to_str().unwrap()])
        .await
        .expect(2);
    let left: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_enough_is_no_error() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(3_000).await.to_string();
    let mut export = rig.command(&["bulk", "export", &run]);
    let mut child = export.spawn().unwrap();
    let stdout: Stdio = child.stdout.take().unwrap().try_into().unwrap();

    let head = Command::new("head")
        .arg("-1")
        .stdin(stdout)
        .output()
        .await
        .unwrap();
    let ran = crate::rig::finish(child).await;

    assert!(String::from_utf8(head.stdout).unwrap().starts_with("Name,"));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_person_sends_an_absent_row_again() {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 1").await;
    let run = rig.plan(4).await;
    let number = run.to_string();
    rig.control.push_fault(Fault {
        when: When::At(2),
        ..Fault::always(Target::PeoplePost, Action::CloseAfterRead { effect: false })
    });
    rig.bulk_run(run, &[]).await.expect(0);
    rig.run(&["reconcile", "--settle", "0"]).await.expect(0);
    assert_eq!(rig.status(run).await["absent"], 1);

    rig.bulk_run(run, &[]).await.expect(0);
    assert_eq!(rig.control.posts(), 4, "an absent row stays behind");
    rig.run(&["bulk", "requeue", &number, "--absent"])
        .await
        .expect(2);
    rig.run(&["bulk", "requeue", &number, "--row", "1", "--yes"])
        .await
        .expect(2);
    let queued = ["bulk", "requeue", &number, "--absent", "--yes", "--json"];
    assert_eq!(rig.run(&queued).await.expect(0).last()["queued"], 1);
    assert_eq!(rig.status(run).await["state"], "paused");
    rig.bulk_run(run, &[]).await.expect(0);

    rig.assert_each_once(4);
    assert_eq!(rig.control.posts(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_skipped_by_hand_is_not_sent() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(3).await;
    let number = run.to_string();

    rig.run(&["bulk", "skip", &number, "--row", "2", "--yes"])
        .await
        .expect(0);
    rig.bulk_run(run, &[]).await.expect(0);

    let sent: Vec<String> = rig.posted().into_keys().collect();
    assert_eq!(sent, ["ada1@acme.example", "ada3@acme.example"]);
    let rows = ["bulk", "rows", &number, "--state", "skipped", "--json"];
    let rows = rig.run(&rows).await.expect(0).json();
    assert_eq!((rows.len(), rows[0]["row"].as_i64()), (1, Some(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_sent_nothing_is_discarded_and_its_number_not_used_again() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(3).await;
    let number = run.to_string();

    let track = rig.run(&["bulk", "track", &number]).await.expect(0);
    let unasked = rig.run(&["bulk", "discard", &number]).await.expect(2);
    let gone = rig
        .run(&["bulk", "discard", &number, "--yes"])
        .await
        .expect(0);

    assert!(track.stdout.contains("has no jobs"), "{}", track.stdout);
    assert!(
        unasked.stderr.contains("with its 3 rows"),
        "{}",
        unasked.stderr
    );
    assert!(gone.stdout.contains("are gone"), "{}", gone.stdout);
    rig.run(&["bulk", "status", &number]).await.expect(2);
    rig.run(&["bulk", "rows", &number]).await.expect(2);
    rig.run(&["ledger", "check"]).await.expect(0);
    assert_eq!(rig.plan(3).await, run + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_sent_anything_is_never_discarded() {
    let options = SimulatorOptions {
        latency: Duration::from_secs(1),
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "concurrency = 1").await;
    let run = rig.plan(2).await;
    let number = run.to_string();
    let child = rig.spawn(&["bulk", "run", &number, "--yes", "--max", "1"]);
    until(&rig.control, "a row sent", |control| control.posts() == 1).await;

    let held = rig.run(&["bulk", "discard", &number, "--yes"]).await;
    crate::rig::finish(child).await.expect(0);
    let sent = rig.run(&["bulk", "discard", &number]).await;

    held.expect(10);
    let sent = sent.expect(2);
    assert!(
        sent.stderr.contains("what was sent is kept"),
        "{}",
        sent.stderr
    );
    assert_eq!(rig.status(run).await["rows"], 2);
}

/// What an earlier run has found for a person stays with the row that was left out for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_left_out_keeps_what_was_found_before() {
    let options = SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "").await;
    let file = rig.file("people.csv", people(2));
    let file = file.to_str().unwrap();
    rig.run(&["bulk", "plan", file]).await.expect(0);
    rig.run(&["bulk", "run", "1", "--yes"]).await.expect(0);
    rig.run(&["bulk", "track", "1"]).await.expect(0);
    rig.run(&["bulk", "plan", file]).await.expect(0);

    let first = rig.run(&["bulk", "export", "1"]).await.expect(0);
    let second = rig.run(&["bulk", "export", "2"]).await.expect(0);

    let rows = |ran: &Ran| -> Vec<csv::StringRecord> {
        let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
        reader.records().map(|row| row.unwrap()).collect()
    };
    let header = first.stdout.lines().next().unwrap();
    let kept = ["job_id", "job_status", "first_name", "last_name"];
    let places = kept.map(|name| header.split(',').position(|column| column == name).unwrap());
    for (before, after) in rows(&first).iter().zip(rows(&second)) {
        assert_ne!(&before[places[0]], "");
        for place in places {
            assert_eq!(&before[place], &after[place]);
        }
    }
    assert!(
        second.stdout.contains("skipped,already"),
        "{}",
        second.stdout
    );
}
