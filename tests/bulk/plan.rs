//! Planning: everything is known before anything is sent.

use std::process::{Command, Stdio};
use std::time::Duration;

use rstest::rstest;
use tokio::io::AsyncWriteExt as _;
use ziadeck::simulator::SimulatorOptions;

use crate::rig::{Rig, finish, people};

async fn rig() -> Rig {
    Rig::start(SimulatorOptions::default(), "").await
}

/// What is looked up last is looked up before the run can be sent from: an error means no run.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_cannot_tell_what_it_shares_makes_no_run() {
    let rig = rig().await;
    let file = rig.file("people.csv", people(3));
    let file = file.to_str().unwrap();
    rig.run(&["bulk", "plan", file]).await.expect(0);
    let sql = rusqlite::Connection::open(rig.data_dir().join("ledger.db")).unwrap();
    let mut planning = rig.command(&["bulk", "plan", "-"]);
    let mut child = planning.stdin(Stdio::piped()).spawn().unwrap();
    // It has the ledger open, and reads its input.
    let locks = rig.data_dir().join("ledger.db.d");
    let lives = || {
        std::fs::read_dir(&locks)
            .unwrap()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("process-"))
    };
    tokio::time::timeout(Duration::from_secs(20), async {
        while !lives() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    sql.execute_batch("DROP INDEX run_rows_state").unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(people(3).as_bytes()).await.unwrap();
    drop(input);

    let refused = finish(child).await.expect(9);

    assert!(
        refused.stderr.contains("look for the same inputs"),
        "{}",
        refused.stderr
    );
    let runs: i64 = sql
        .query_row("SELECT count(*) FROM runs", (), |row| row.get(0))
        .unwrap();
    assert_eq!(runs, 1, "the first one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_judges_every_row_and_speaks_to_nobody() {
    let rig = rig().await;
    let connections = rig.control.connections();
    let file = rig.file(
        "people.csv",
        "Full Name,Work mail,Employer,Row\n\
         Ada Lovelace,ada@acme.example,Acme,1\n\
         \"Grace\nHopper\",grace@navy.example,Navy,2\n\
         Ada Lovelace,ADA@acme.example,Acme,3\n\
         Al,,,4\n",
    );

    let ran = rig
        .run(&[
            "bulk",
            "plan",
            file.to_str().unwrap(),
            "--json",
            "--map",
            "email=Work mail",
        ])
        .await
        .expect(0);

    let plan = ran.last();
    assert_eq!(plan["rows"], 4);
    assert_eq!(plan["ready"], 1, "{plan}");
    assert_eq!(
        plan["invalid"], 2,
        "a name with a line break, and a name of two letters"
    );
    assert_eq!(plan["duplicates"], 1);
    assert_eq!(plan["already"], 0);
    assert_eq!(
        plan["units_left"],
        serde_json::Value::Null,
        "nobody was asked"
    );
    assert_eq!(plan["units_left_after"], serde_json::Value::Null);
    let last = plan["problems"].as_array().unwrap().last().unwrap();
    assert_eq!(last["line"], 6);
    assert_eq!(last["code"], "DEPENDENT_FIELD_MISSING");
    assert_eq!(rig.control.connections(), connections);
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_input_and_constants_make_a_run_too() {
    let rig = rig().await;
    let lines = "{\"Full Name\":\"Ada Lovelace\"}\n{\"Full Name\":\"Grace Hopper\",\"module\":\"Contacts\"}\n";

    let ran = rig
        .run_with(
            &["bulk", "plan", "-", "--json", "--set", "company=Acme"],
            lines,
        )
        .await
        .expect(0);
    let run = ran.last()["run"].as_i64().unwrap();
    rig.bulk_run(run, &[]).await.expect(0);

    assert_eq!(ran.last()["ready"], 2);
    assert_eq!(ran.last()["sha256"].as_str().unwrap().len(), 64);
    let mut modules: Vec<String> = rig
        .control
        .jobs()
        .into_iter()
        .map(|job| job.module)
        .collect();
    modules.sort_unstable();
    assert_eq!(modules, ["Contacts", "Leads"]);
    assert!(
        rig.control
            .posts_log()
            .iter()
            .all(|post| post.body.contains("Acme"))
    );
}

#[rstest]
#[case::ragged("Name,Email\nAda,ada@acme.example\nx,y,z\n,,z\n", &["line 3", "line 4"])]
#[case::empty("", &["the file is empty"])]
#[case::header_only("Name,Email\n", &["no rows"])]
#[case::no_column("Colour,Size\nred,1\n", &["no column leads to an input", "--map"])]
#[case::open_quote("Name,Email\n\"Ada,x\n", &["never closed"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_mistake_makes_no_run_and_says_where(
    #[case] text: &str,
    #[case] expected: &[&str],
) {
    let rig = rig().await;
    let file = rig.file("people.csv", text);

    let ran = rig
        .run(&["bulk", "plan", file.to_str().unwrap()])
        .await
        .expect(2);

    for words in expected {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    let runs = rig.run(&["bulk", "status", "--json"]).await.expect(0);
    assert_eq!(runs.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_behind_many_rows_leaves_no_half_run() {
    let rig = rig().await;
    let file = rig.file(
        "people.csv",
        people(1_200) + "one,two,three,four,five,six,seven,eight,nine\n",
    );

    rig.run(&["bulk", "plan", file.to_str().unwrap()])
        .await
        .expect(2);

    let runs = rig.run(&["bulk", "status", "--json"]).await.expect(0);
    assert_eq!(runs.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_or_a_device_is_refused_at_once() {
    let rig = rig().await;
    let pipe = rig.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );

    for path in [pipe.to_str().unwrap(), "/dev/zero", "/"] {
        let ran = rig.run(&["bulk", "plan", path]).await.expect(2);

        assert!(ran.stderr.contains("regular file"), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_enriched_before_are_left_out_unless_asked_for() {
    let rig = rig().await;
    let run = rig.plan(3).await;
    rig.bulk_run(run, &[]).await.expect(0);
    let file = rig.path("people-3.csv");
    let file = file.to_str().unwrap();

    let again = rig
        .run(&["bulk", "plan", file, "--json"])
        .await
        .expect(0)
        .last();
    let asked = rig
        .run(&["bulk", "plan", file, "--json", "--include-already"])
        .await
        .expect(0)
        .last();

    assert_eq!(
        (again["already"].as_u64(), again["to_send"].as_u64()),
        (Some(3), Some(0))
    );
    assert_eq!(again["same_file_as_run"], run);
    assert!(again["already_rows"][0]["at"].is_string());
    assert_eq!(asked["to_send"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_ledger_counts_and_not_what_the_file_became() {
    let rig = rig().await;
    let run = rig.plan(2).await;

    rig.file(
        "people-2.csv",
        "Name,Email,Company\nEve,eve@evil.example,Evil\n",
    );
    rig.bulk_run(run, &[]).await.expect(0);

    let emails: Vec<String> = rig.posted().into_keys().collect();
    assert_eq!(emails, ["ada1@acme.example", "ada2@acme.example"]);
}
