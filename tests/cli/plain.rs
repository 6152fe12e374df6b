//! The linear mode: through a pipe, as a screen reader's user types.

use rstest::rstest;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use ziadeck::enrichment::Field;
use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target};

use crate::support::{Bench, Ran, program};

/// Answers to the questions before the last one: module, record, and each input, of which one is given.
fn given(field: Field, value: &str) -> String {
    let value = |of: &Field| if *of == field { value } else { "" };
    let inputs = Field::ALL.iter().map(value);
    let answers: Vec<&str> = ["send", "", ""].into_iter().chain(inputs).collect();
    answers.join("\n") + "\n"
}

fn email_only() -> String {
    given(Field::Email, "ada@acme.example")
}

async fn talk(bench: &Bench, lines: &str) -> Ran {
    bench.run_with(&["--plain", "--yes"], lines).await.expect(0)
}

#[track_caller]
fn assert_says(ran: &Ran, sentences: &[&str]) {
    for sentence in sentences {
        assert!(ran.stdout.contains(sentence), "{sentence:?} in {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_composed_confirmed_and_sent() {
    let bench = Bench::quiet().await;

    let ran = talk(&bench, &(email_only() + "send\nlog\nusage\nquit\n")).await;

    assert_says(
        &ran,
        &[
            "Profile us, data centre United States, production, simulated.",
            "0 of 1500 units used, ? left, 0 unknown.",
            "Module, Leads if left empty:",
            "E-mail address:",
            "For profile us, production, module Leads: email ada@acme.example.",
            "Spends 1 unit if accepted: 0 to 1 of 1500.",
            "scheduled, job ",
            "attempt 1, used 0 to 1 of 1500",
            "us, 1 of 1500 used",
        ],
    );
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_sends_only_where_that_was_allowed() {
    let bench = Bench::quiet().await;
    let lines = email_only() + "send\nusage\nquit\n";

    let ran = bench.run_with(&["--plain"], &lines).await.expect(0);

    let told = "To let these lines send, start with --plain --yes.";
    assert_says(&ran, &["Nothing was sent.", told, "us, 0 of 1500 used"]);
    assert_eq!(bench.control().posts(), 0);
    talk(&bench, &lines).await;
    assert_eq!(bench.control().posts(), 1);
}

#[rstest]
#[case::without_plain(&["--yes"])]
#[case::before_a_command(&["--yes", "usage"])]
#[case::the_full_demo(&["demo", "--yes"])]
#[tokio::test(flavor = "multi_thread")]
async fn the_flag_for_pipes_is_refused_where_it_means_nothing(#[case] arguments: &[&str]) {
    let bench = Bench::quiet().await;

    let ran = bench.run(arguments).await.expect(2);

    assert!(ran.stderr.contains("--yes"), "{ran:?}");
}

#[rstest]
#[case::a_dot_in_the_middle("send\n\n\n.\n")]
#[case::a_dot_at_the_end(&(email_only() + ".\n"))]
#[case::the_end_of_the_input(&email_only())]
#[case::enter(&(email_only() + "\n\n\n"))]
#[case::yes(&(email_only() + "yes\n"))]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_the_word(#[case] lines: &str) {
    let bench = Bench::quiet().await;

    talk(&bench, lines).await;

    assert_eq!(bench.control().posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_rejected_is_read_out_and_can_be_corrected() {
    let bench = Bench::quiet().await;
    let name_alone = given(Field::Name, "Ada Lovelace");

    let ran = talk(&bench, &(name_alone + "send\ncompany\nAcme\nsend\n")).await;

    assert_says(
        &ran,
        &[
            "Would be rejected: company, DEPENDENT_FIELD_MISSING",
            "Type force to send it",
            "company Acme.",
            "scheduled",
        ],
    );
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_before_is_said_and_needs_another_word() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);

    let held = talk(&bench, &(email_only() + "send\n.\n")).await;
    let posts = bench.control().posts();
    let again = talk(&bench, &(email_only() + "again\n")).await;

    let already = "Already attempt 1 (the same request), scheduled, ";
    assert_says(&held, &[already, "Type again to send it", "Stopped"]);
    assert_eq!(posts, 1);
    assert_says(&again, &[already, "scheduled, job "]);
    assert_eq!(bench.control().posts(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_is_offered_for_somebody_who_was_forgotten() {
    let bench = Bench::quiet().await;
    let forget = ["forget", "--email", "ada@acme.example", "--yes"];
    bench.run(&forget).await.expect(0);

    let lines = email_only() + "send\nagain\nemail\nbob@acme.example\nsend\n";
    let ran = talk(&bench, &lines).await;

    assert_says(
        &ran,
        &[
            "Nothing is sent. Type the name of an input",
            "email bob@acme.example.",
        ],
    );
    assert!(!ran.stdout.contains("Type again"), "{}", ran.stdout);
    assert_eq!(bench.control().posts(), 1, "the other one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_value_is_said() {
    let bench = Bench::quiet().await;
    let lines = given(Field::Email, "noemail@acme.example") + ".\n";

    let ran = talk(&bench, &lines).await;

    assert_says(&ran, &["Doubtful: email: "]);
    assert_eq!(bench.control().posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_limit_only_the_typed_override_sends() {
    let bench = Bench::new(SimulatorOptions {
        limit: 1,
        ..SimulatorOptions::default()
    })
    .await;
    bench.submit("grace").await.expect(0);
    bench.submit("lin").await.expect(6);

    let held = talk(&bench, &(email_only() + "send\nsend\n")).await;
    let posts = bench.control().posts();
    talk(&bench, &(email_only() + "send\noverride\n")).await;

    assert_says(
        &held,
        &["The limit is reached", "Stopped; nothing was sent."],
    );
    assert_eq!(posts, 2);
    assert_eq!(bench.control().posts(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_is_shown_explained_and_reconciled() {
    let bench = Bench::quiet().await;
    let more = "settle_seconds = 0\nplain = true\n";
    let config = format!("{more}{}", bench.profile("us", ""));
    bench.write("config.toml", &config, 0o600);
    let lost = Action::CloseAfterRead { effect: true };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, lost));
    bench.submit("ada").await.expect(8);

    // The configuration asks for it: no flag.
    let ran = bench
        .run_with(&[], "unknown\nattempt 1\nreconcile\nunknown\njobs\n")
        .await
        .expect(0);

    assert_says(
        &ran,
        &[
            "1 unknown.",
            "unknown, ",
            "What to do: Wait two minutes, then reconcile; do not send it again before that.",
            "attempt 1, scheduled, job ",
            "Nothing is unknown.",
            ", mine",
        ],
    );
    // The second time nothing is unknown, and nothing is said of what is.
    assert_eq!(ran.stdout.matches("They count as spent").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_runs_and_checks_are_read_out_in_words() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    bench.write("people.csv", "email\ngrace@acme.example\n", 0o600);
    let file = bench.path("people.csv");
    bench
        .run(&["bulk", "plan", file.to_str().unwrap(), "--module", "Leads"])
        .await
        .expect(0);

    let ran = talk(&bench, "jobs\njobs failed\nruns\nrun 1\nrun 9\nchecks\n").await;

    assert_says(
        &ran,
        &[
            ", created ",
            ", mine",
            "There are no jobs.",
            "run 1, ready, us, people.csv, 1 row",
            "the ledger has no run 9",
            "ok, ledger: ",
            "Nothing stands in the way of a send.",
        ],
    );
    // No time as machines write it.
    assert!(
        !ran.stdout.contains("T00:") && !ran.stdout.contains("Z,"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_sends_is_told_before_the_next_question() {
    let bench = Bench::quiet().await;
    let mut child = bench
        .command(&["--plain"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while lines.next_line().await.unwrap().unwrap() != "Command:" {}

    bench.submit("grace").await.expect(0);
    stdin.write_all(b"\n").await.unwrap();

    let line = lines.next_line().await.unwrap().unwrap();
    assert!(line.starts_with("New: attempt 1, "), "{line}");
    assert!(line.ends_with("grace@acme.example"), "{line}");
    stdin.write_all(b"quit\n").await.unwrap();
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_leaves_in_order() {
    let bench = Bench::quiet().await;
    let mut child = bench
        .command(&["--plain"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let _open = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while lines.next_line().await.unwrap().unwrap() != "Command:" {}

    let pid = i32::try_from(child.id().unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();

    assert_eq!(child.wait().await.unwrap().code(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_drawn() {
    let bench = Bench::quiet().await;

    let ran = talk(
        &bench,
        &[
            "help\n",
            &email_only(),
            "send\nlog\nusage refresh\njobs\nprofile\nexplain unknown\n",
        ]
        .concat(),
    )
    .await;

    for c in ran.stdout.chars() {
        let is_drawn = ('\u{2500}'..='\u{25ff}').contains(&c) || "→·…".contains(c);
        assert!(!is_drawn && (c == '\n' || !c.is_control()), "{c:?}");
    }
    assert!(
        !ran.stdout.contains("  "),
        "columns are for the eye: {ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_and_the_talk_goes_on() {
    let bench = Bench::quiet().await;

    let ran = talk(
        &bench,
        "recocnile\nxyzzy\nprofile nobody\nattempt x\njob 1\nusage\n",
    )
    .await;

    assert_says(
        &ran,
        &[
            "There is no command \"recocnile\". Did you mean reconcile?",
            "There is no command \"xyzzy\". Type help for the commands.",
            "Failed: ",
            "\"x\" is not the number of an attempt",
            "us, 0 of 1500 used",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_can_be_talked_to() {
    let home = tempfile::tempdir().unwrap();
    let mut child = program(home.path())
        .args(["demo", "--plain", "--limit", "100", "--used", "7"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"profile\nquit\n").await.unwrap();
    drop(stdin);

    let ran = crate::support::finish(child).await.expect(0);

    assert_says(&ran, &["of 100 units used", "us-prod", ", in use"]);
}
