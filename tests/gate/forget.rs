//! Forgetting somebody: through which door ever, nobody asks about them again.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target};

use crate::rig::Rig;
use crate::submit::rig;

const NAME: &str = "Zebediah Canary";
const EMAIL: &str = "zebediah@canary.example";
const PAGE: &str = "https://www.linkedin.com/in/zebediah-canary";

async fn submit(rig: &Rig, code: i32, more: &[&str]) -> Value {
    let mut args = vec!["submit", "--json"];
    args.extend(more);
    rig.run(&args).await.expect(code).last()
}

/// Whether a text is in any file below a directory, in any case.
fn is_anywhere(directory: &Path, text: &str) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return is_anywhere(&path, text);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        String::from_utf8_lossy(&bytes)
            .to_lowercase()
            .contains(text)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_and_no_door_asks_about_somebody_who_was_forgotten() {
    let rig = rig().await;
    let him = [
        "--name",
        NAME,
        "--email",
        EMAIL,
        "--company",
        "Canary",
        "--linkedin",
        PAGE,
    ];
    let first = submit(&rig, 0, &him).await;
    let jobs = ["jobs", "list"];
    rig.run(&jobs).await.expect(0);
    let job = first["job_id"].as_str().unwrap();
    rig.run(&["jobs", "show", job]).await.expect(0);
    assert!(is_anywhere(&rig.data_dir(), "zebediah"));

    let look = ["forget", "--email", "-", "--dry-run", "--json"];
    let look = rig.run_with(&look, EMAIL).await.expect(0).last();
    let done = ["forget", "--email", "-", "--yes", "--json"];
    let done = rig.run_with(&done, EMAIL).await.expect(0).last();

    assert_eq!(
        (&look["forgotten"], &look["people"]),
        (&false.into(), &1.into())
    );
    assert_eq!(look["named"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&done["forgotten"], &done["attempts"]),
        (&true.into(), &json!([1]))
    );
    assert_eq!(
        (&done["jobs"], &done["compacted"]),
        (&1.into(), &true.into())
    );
    for text in ["zebediah", "canary"] {
        assert!(!is_anywhere(&rig.data_dir(), text), "{text}");
    }
    let used = rig.run(&["usage", "--json"]).await.expect(0).last();
    assert_eq!((&used["used"], &used["mine"]), (&1.into(), &1.into()));

    let words: [&[&str]; 6] = [
        &["--website", EMAIL, "--name", "Foo", "--company", "Bar"],
        &[
            "--name",
            "Foo",
            "--company",
            &format!("Bar ({EMAIL})"),
            "--force",
        ],
        &["--email", "ZEBEDIAH@canary.example"],
        &["--linkedin", "linkedin.com/in/zebediah-canary/"],
        &["--email", EMAIL, "--again", "--again", "1", "--force"],
        &["--email", EMAIL, "--older-than", "1h", "--yes"],
    ];
    for flags in words {
        let again = submit(&rig, 3, flags).await;
        assert_eq!(
            (&again["outcome"], &again["sent"]),
            (&"forgotten".into(), &false.into())
        );
    }
    let org = ["--kind", "org", "--module", "Accounts", "--email", EMAIL];
    assert_eq!(submit(&rig, 3, &org).await["outcome"], "forgotten");
    let dry = submit(&rig, 3, &["--email", EMAIL, "--dry-run"]).await;
    assert_eq!(
        (&dry["verdict"], &dry["spends"]),
        (&"forgotten".into(), &0.into())
    );
    // What Zoho still tells of the job is not kept again.
    rig.run(&["jobs", "show", job]).await.expect(0);
    assert!(!is_anywhere(&rig.data_dir(), "zebediah"));
    assert_eq!(rig.control.posts(), 1);
    let check = rig
        .run(&["ledger", "check", "--json"])
        .await
        .expect(0)
        .last();
    assert_eq!(check["sound"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_them_in_it_leaves_them_out_and_does_not_bring_them_back() {
    let rig = rig().await;
    let file = rig.file(
        "people.csv",
        format!(
            "Name,Email,Company\n{NAME},{EMAIL},Canary\nLin Chen,lin@initech.example,Initech\n\
             {NAME},mailto:{EMAIL},Canary\n"
        ),
    );
    let file = file.to_str().unwrap();
    let before = ["bulk", "plan", file, "--json"];
    let before = rig.run(&before).await.expect(0).last();
    let forget = ["forget", "--email", EMAIL, "--yes", "--json"];
    let forgotten = rig.run(&forget).await.expect(0).last();

    let words = ["bulk", "plan", file, "--include-already=all", "--json"];
    let after = rig.run(&words).await.expect(0).last();
    let run = |plan: &Value| plan["run"].to_string();
    for plan in [&before, &after] {
        let run = run(plan);
        rig.run(&["bulk", "run", &run, "--yes"]).await.expect(0);
    }

    assert_eq!(
        (&forgotten["rows"], &forgotten["rows_left_out"]),
        (&2.into(), &1.into())
    );
    assert_eq!(after["already_by"], json!({"forgotten": 2}));
    assert_eq!(after["to_send"], 1);
    assert_eq!(rig.control.posts(), 1, "only the other one");
    assert!(!is_anywhere(&rig.data_dir(), "zebediah"));
    let rows = ["bulk", "rows", &run(&after), "--json"];
    let rows = rig.run(&rows).await.expect(0).json();
    assert_eq!(
        (&rows[0]["state"], &rows[0]["inputs"]),
        (&"skipped".into(), &Value::Null)
    );
    assert!(
        rows[0]["reason"]
            .as_str()
            .unwrap()
            .starts_with("forgotten: ")
    );
    let again = ["bulk", "requeue", &run(&after), "--row", "1", "--yes"];
    rig.run(&again).await.expect(2);
    let out = rig.path("out.csv");
    let export = [
        "bulk",
        "export",
        &run(&after),
        "--out",
        out.to_str().unwrap(),
    ];
    rig.run(&export).await.expect(0);
    let text = std::fs::read_to_string(out).unwrap();
    assert!(
        text.contains("Lin Chen") && !text.contains("Zebediah"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_people_are_forgotten_by_their_number_and_it_can_be_taken_back() {
    let rig = rig().await;
    let shared = "info@canary.example";
    for name in ["Ada Byron", "Bob Ross"] {
        submit(
            &rig,
            0,
            &["--name", name, "--company", "X Ltd", "--email", shared],
        )
        .await;
    }
    let forget = ["forget", "--email", shared, "--json"];

    let unsaid = rig.run(&[&forget[..], &["--yes"]].concat()).await.expect(2);
    let wrong = rig.run(&[&forget[..], &["--people", "3"]].concat()).await;
    let wrong = wrong.expect(2);
    let still = rig.run(&["log", "--json"]).await.expect(0).json();
    let done = rig.run(&[&forget[..], &["--people", "2"]].concat()).await;
    let done = done.expect(0).last();

    assert!(unsaid.stderr.contains("--people 2"), "{}", unsaid.stderr);
    assert!(unsaid.stderr.contains("Bob Ross"), "{}", unsaid.stderr);
    assert!(
        wrong.stderr.contains("2 people, and not 3"),
        "{}",
        wrong.stderr
    );
    assert!(still.iter().all(|row| row["inputs"] != Value::Null));
    assert_eq!(done["attempts"], json!([1, 2]));
    let again = rig.run(&[&forget[..], &["--people", "2"]].concat()).await;
    let again = again.expect(0).last();
    assert_eq!(
        (&again["people"], &again["attempts"]),
        (&0.into(), &json!([]))
    );
    let undo = ["forget", "--email", shared, "--undo", "--yes", "--json"];
    let undone = rig.run(&undo).await.expect(0).last();
    assert_eq!(undone["decisions"], 2);
    rig.run(&undo).await.expect(2);
    // Their keyed hashes are still there: asking again takes a person's word, as before.
    let again = [
        "--name",
        "Ada Byron",
        "--company",
        "X Ltd",
        "--email",
        shared,
    ];
    assert_eq!(submit(&rig, 0, &again).await["outcome"], "already");
    submit(&rig, 0, &[&again[..], &["--again"]].concat()).await;
    assert_eq!(rig.control.posts(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_nobody_is_refused_and_says_what_to_give() {
    let rig = rig().await;
    for (flags, why) in [
        (&["--email", "n/a"][..], "names nobody"),
        (&["--email", "-"], "names nobody"),
        (&["--email", "-", "--linkedin", "-"], "give - once"),
        (&["--record-id", "abc"], "no id of a record"),
        (&["--name", "Ada"], "--company"),
        (&["--company", "Acme"], "--name"),
        (&[], "names nobody"),
    ] {
        let args = [&["forget", "--yes"][..], flags].concat();
        let ran = rig.run_with(&args, "\n").await.expect(2);
        assert!(ran.stderr.contains(why), "{flags:?}: {}", ran.stderr);
    }
}

/// Nobody knows whether the unit of an attempt is spent: that is settled first, although its person is
/// forgotten and nothing of the job is kept.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_without_an_answer_is_settled_and_then_forgotten() {
    let rig = rig().await;
    let lost = Action::CloseAfterRead { effect: true };
    rig.control
        .push_fault(Fault::next(Target::PeoplePost, lost));
    submit(&rig, 8, &["--email", EMAIL]).await;
    rig.run(&["jobs", "list"]).await.expect(0);
    let forget = ["forget", "--email", EMAIL, "--yes", "--json"];

    let first = rig.run(&forget).await.expect(8).last();
    let settled = rig.run(&["reconcile", "--json"]).await.expect(0);
    let second = rig.run(&forget).await.expect(0).last();

    assert_eq!(
        (&first["kept"], &first["attempts"]),
        (&json!([1]), &json!([]))
    );
    assert!(settled.stdout.contains("scheduled"), "{}", settled.stdout);
    assert_eq!(
        (&second["kept"], &second["attempts"]),
        (&json!([]), &json!([1]))
    );
    assert!(!is_anywhere(&rig.data_dir(), "zebediah"));
    let used = rig.run(&["usage", "--json"]).await.expect(0).last();
    assert_eq!((&used["used"], &used["unknown"]), (&1.into(), &0.into()));
}

/// Six commands at once, and once more: one person, and no error.
#[tokio::test(flavor = "multi_thread")]
async fn forgetting_six_times_at_once_is_forgetting_once() {
    let rig = rig().await;
    submit(&rig, 0, &["--email", EMAIL]).await;
    let forget = ["forget", "--email", EMAIL, "--yes"];

    let all = (0..6).map(|_| rig.run(&forget));
    for ran in futures_util::future::join_all(all).await {
        ran.expect(0);
    }

    rig.run(&forget).await.expect(0);
    submit(&rig, 3, &["--email", EMAIL]).await;
    assert!(!is_anywhere(&rig.data_dir(), "zebediah"));
    let undo = ["forget", "--email", EMAIL, "--undo", "--yes"];
    rig.run(&undo).await.expect(0);
    assert_eq!(
        submit(&rig, 0, &["--email", EMAIL]).await["outcome"],
        "already"
    );
}

/// Of a list, all but the first would be left, and nobody would know.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_on_standard_input_is_refused() {
    let rig = rig().await;
    let forget = ["forget", "--email", "-", "--yes"];

    let ran = rig
        .run_with(&forget, "a@b.example\nb@b.example\n")
        .await
        .expect(2);

    assert!(ran.stderr.contains("several lines"), "{}", ran.stderr);
    submit(&rig, 0, &["--email", "a@b.example"]).await;
    assert_eq!(rig.control.posts(), 1, "nobody was forgotten");
    rig.run_with(&forget, "\na@b.example\n\n").await.expect(0);
    submit(&rig, 3, &["--email", "a@b.example"]).await;
}

/// The result of somebody who was forgotten never comes: that is no reason to go on asking.
#[tokio::test(flavor = "multi_thread")]
async fn following_a_run_ends_where_somebody_was_forgotten_and_their_line_is_empty() {
    let options = SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "").await;
    let lines = [
        json!({"Email": EMAIL, "Name": NAME, "Company": "Canary", "Size": 10}),
        json!({"Email": "lin@initech.example", "Name": "Lin Chen", "Company": "Initech",
            "Note": format!("knows {EMAIL}"), "Size": 9_007_199_254_740_993_u64}),
    ];
    let file = rig.file(
        "people.jsonl",
        lines.map(|line| format!("{line}\n")).concat(),
    );
    let file = file.to_str().unwrap();
    rig.run(&["bulk", "plan", file]).await.expect(0);
    rig.run(&["bulk", "run", "1", "--yes"]).await.expect(0);
    rig.run(&["forget", "--email", EMAIL, "--yes"])
        .await
        .expect(0);

    let tracked = rig
        .run(&["bulk", "track", "1", "--json"])
        .await
        .expect(0)
        .last();

    assert_eq!((&tracked["jobs"], &tracked["done"]), (&2.into(), &2.into()));
    assert!(!is_anywhere(&rig.data_dir(), "zebediah"));
    let out = rig.path("out.jsonl");
    let out = out.to_str().unwrap();
    let export = ["bulk", "export", "1", "--format", "jsonl", "--out", out];
    rig.run(&export).await.expect(0);
    let text = std::fs::read_to_string(out).unwrap();
    assert!(!text.to_lowercase().contains("zebediah"), "{text}");
    let second: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    assert_eq!(second["original"]["Name"], "Lin Chen");
    assert!(text.contains("9007199254740993"), "{text}");
}

/// A request of somebody else that names them in another input: the rest of their row stays, and it is
/// said before.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_somebody_else_that_names_them_keeps_the_rest() {
    let rig = rig().await;
    let file = rig.file(
        "people.csv",
        format!(
            "Name,Email,Website,Note\nLin Chen,lin@initech.example,https://crm.example/?owner={EMAIL},gus\n\
             Kay Kayser,kay@initech.example,initech.example,smtp:{EMAIL}\n"
        ),
    );
    rig.run(&["bulk", "plan", file.to_str().unwrap()])
        .await
        .expect(0);
    let forget = ["forget", "--email", EMAIL, "--yes", "--json"];

    let done = rig.run(&forget).await.expect(0);

    assert!(done.stderr.is_empty(), "{}", done.stderr);
    let done = done.last();
    assert_eq!((&done["elsewhere"], &done["rows"]), (&1.into(), &0.into()));
    assert_eq!(
        (&done["rows_left_out"], &done["cells"]),
        (&1.into(), &1.into())
    );
    assert!(!is_anywhere(&rig.data_dir(), "zebediah"));
    let rows = rig
        .run(&["bulk", "rows", "1", "--json"])
        .await
        .expect(0)
        .json();
    assert_eq!(
        (&rows[0]["state"], &rows[1]["state"]),
        (&"skipped".into(), &"pending".into())
    );
    let csv = rig.run(&["bulk", "export", "1"]).await.expect(0).stdout;
    assert!(csv.contains("Lin Chen,lin@initech.example,,gus,"), "{csv}");
    assert!(
        csv.contains("Kay Kayser,kay@initech.example,initech.example,,"),
        "{csv}"
    );
    rig.run(&["bulk", "run", "1", "--yes"]).await.expect(0);
    assert_eq!(rig.control.posts(), 1);
}
