//! Plans and runs.

use serde_json::{Value, json};
use ziadeck::simulator::{Action, Fault, Target, When};

use crate::rig::Rig;
use crate::submit::rig;

async fn plan(rig: &Rig, file: &std::path::Path, more: &[&str]) -> Value {
    let mut args = vec!["bulk", "plan", file.to_str().unwrap(), "--json"];
    args.extend(more);
    rig.run(&args).await.expect(0).last()
}

async fn run(rig: &Rig, run: &Value) -> Value {
    let run = run.to_string();
    rig.run(&["bulk", "run", &run, "--yes", "--json"])
        .await
        .expect(0)
        .last()
}

const PEOPLE: &str = "Name,Email,Company\n\
    Ada Lovelace,ada@acme.example,Acme\n\
    Grace Hopper,grace@navy.example,Navy\n\
    Lin Chen,lin@initech.example,Initech\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_planned_twice_with_the_word_spends_once_more_a_person() {
    let rig = rig().await;
    let file = rig.file("people.csv", PEOPLE);
    let first = plan(&rig, &file, &[]).await;
    run(&rig, &first["run"]).await;
    assert_eq!(rig.control.posts(), 3);

    let two = plan(&rig, &file, &["--include-already"]).await;
    let three = plan(&rig, &file, &["--include-already=all"]).await;
    run(&rig, &two["run"]).await;
    let ended = run(&rig, &three["run"]).await;

    assert_eq!((&two["already"], &two["to_send"]), (&3.into(), &3.into()));
    assert_eq!(rig.control.posts(), 6, "not nine");
    assert_eq!(
        (&ended["scheduled"], &ended["skipped"]),
        (&0.into(), &3.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_different_is_counted_by_kind_and_let_through_by_name() {
    let rig = rig().await;
    let leads = rig.file("leads.csv", PEOPLE);
    let first = plan(&rig, &leads, &[]).await;
    run(&rig, &first["run"]).await;
    let contacts = rig.file(
        "contacts.csv",
        "Name,Email,Company,Module\n\
         Ada Lovelace,ada@acme.example,Acme,Contacts\n\
         Grace Hopper,GRACE@navy.example,Navy,Leads\n",
    );

    let held = plan(&rig, &contacts, &[]).await;
    let named = plan(&rig, &contacts, &["--include-already=other_record"]).await;
    let rows = rig
        .run(&["bulk", "rows", &held["run"].to_string(), "--json"])
        .await
        .expect(0)
        .json();
    let status = rig
        .run(&["bulk", "status", &held["run"].to_string(), "--json"])
        .await
        .expect(0)
        .last();

    assert_eq!(
        held["already_by"],
        json!({"enriched": 1, "other_record": 1})
    );
    assert_eq!(
        (&held["to_send"], &named["to_send"]),
        (&0.into(), &1.into())
    );
    assert_eq!(rows[0]["already"]["differs"], json!(["other_record"]));
    assert!(rows[0]["already"]["attempt"].is_i64(), "{rows:?}");
    assert_eq!(
        (&rows[0]["sent"], &rows[0]["charged"]),
        (&false.into(), &false.into())
    );
    assert_eq!(status["left_out"], json!({"already": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_is_let_through_by_its_own_name_alone() {
    let rig = rig().await;
    rig.control.push_fault(Fault {
        when: When::At(1),
        ..Fault::always(Target::PeoplePost, Action::CloseAfterRead { effect: true })
    });
    let ada = [
        "--email",
        "ada@acme.example",
        "--name",
        "Ada Lovelace",
        "--company",
        "Acme",
    ];
    let mut args = vec!["submit"];
    args.extend(ada);
    rig.run(&args).await.expect(8);
    let file = rig.file("people.csv", PEOPLE);

    let all = plan(&rig, &file, &["--include-already"]).await;
    let unknown = plan(&rig, &file, &["--include-already=unknown"]).await;

    assert_eq!(all["already_by"], json!({"unknown": 1}));
    assert_eq!(
        (&all["to_send"], &unknown["to_send"]),
        (&2.into(), &3.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_in_many_spellings_of_a_file_is_one_unit() {
    let rig = rig().await;
    let file = rig.file(
        "people.csv",
        "Name,Email,LinkedIn,Company\n\
         Ada Lovelace,ada@acme.example,https://www.linkedin.com/in/ada/,Acme\n\
         ada  lovelace,,linkedin.com/in/ADA?trk=x,Acme\n\
         Lovelace Ada,mailto:ADA@acme.example,,Acme Inc\n",
    );

    let planned = plan(&rig, &file, &[]).await;
    run(&rig, &planned["run"]).await;

    assert_eq!(rig.control.posts(), 1, "{planned}");
}

/// The word of a person who queues a row again is about what there was when it was given.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_queued_again_is_sent_once() {
    let rig = rig().await;
    rig.run(&[
        "submit",
        "--email",
        "ada@acme.example",
        "--name",
        "Ada Lovelace",
        "--company",
        "Acme",
    ])
    .await
    .expect(0);
    let file = rig.file("people.csv", PEOPLE);
    let planned = plan(&rig, &file, &[]).await;
    let number = planned["run"].to_string();

    rig.run(&["bulk", "requeue", &number, "--row", "1", "--yes"])
        .await
        .expect(0);
    let ended = run(&rig, &planned["run"]).await;

    assert_eq!(ended["scheduled"], 3);
    assert_eq!(rig.control.posts(), 4);
}

/// Lines of JSON come out with what the gate said of them.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_says_who_was_asked_for_before() {
    let rig = rig().await;
    let file = rig.file("people.csv", PEOPLE);
    let first = plan(&rig, &file, &[]).await;
    run(&rig, &first["run"]).await;
    let second = plan(&rig, &file, &[]).await;

    let exported = rig
        .run(&[
            "bulk",
            "export",
            &second["run"].to_string(),
            "--format",
            "jsonl",
        ])
        .await
        .expect(0)
        .json();
    let table = rig
        .run(&["bulk", "export", &second["run"].to_string()])
        .await
        .expect(0);

    assert_eq!(exported[0]["already"]["match"], "request");
    assert_eq!(exported[0]["doubts"], json!([]));
    assert!(
        table
            .stdout
            .lines()
            .nth(1)
            .unwrap()
            .contains("skipped,already"),
        "{}",
        table.stdout
    );
}
