//! Output that cannot be written: a full disk, an input/output error, a reader that went away.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what helps a test may fail as a test does"
)]

use std::fs::OpenOptions;
use std::process::Stdio;

use rstest::rstest;
use serde_json::Value;
use ziadeck::simulator::{Action, Fault, StatusFault, Target, When};

use crate::support::{Bench, Ran, finish};

/// What standard output leads to.
#[derive(Debug, Clone, Copy)]
enum Sink {
    /// A disk without room.
    Full,
    /// A device that fails: nothing is mapped at the first address of a process.
    Broken,
    /// A file that is open for reading alone.
    ForReading,
    /// A pipe whose reader has gone.
    Gone,
}

impl Sink {
    /// `None` where this machine has no such thing.
    fn open(self) -> Option<Stdio> {
        let file = |path| OpenOptions::new().write(true).open(path);
        match self {
            Self::Full => Some(file("/dev/full").unwrap().into()),
            Self::Broken => match file("/proc/self/mem") {
                Ok(file) => Some(file.into()),
                Err(error) => {
                    eprintln!("skipped: /proc/self/mem cannot be opened for writing: {error}");
                    None
                }
            },
            Self::ForReading => Some(std::fs::File::open("/proc/self/stat").unwrap().into()),
            Self::Gone => Some(std::io::pipe().unwrap().1.into()),
        }
    }
}

/// Runs a command with its standard output somewhere else.
async fn run_into(bench: &Bench, sink: Sink, arguments: &[&str]) -> Option<Ran> {
    let mut command = bench.command(arguments);
    command.stdout(sink.open()?);
    Some(finish(command.spawn().unwrap()).await)
}

const TOLD: &str = "standard output could not be written: ";

/// A ledger with an attempt, a run that is done, and an attempt whose answer was lost.
async fn lived_in() -> Bench {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    let text = "Email,Note\nlin@acme.example,x\n";
    let file = bench.write("people.csv", text, 0o600);
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    bench.run(&plan).await.expect(0);
    bench.run(&["bulk", "run", "1"]).await.expect(0);
    bench.control().push_fault(Fault {
        when: When::At(1),
        ..Fault::always(Target::PeoplePost, Action::CloseAfterRead { effect: true })
    });
    bench.submit("grace").await.expect(8);
    bench
}

/// Every command that prints, in both forms where it has two.
const PRINTING: &[&[&str]] = &[
    &["--help"],
    &["--version"],
    &["help", "submit"],
    &["bulk", "run", "--help"],
    &["completions", "bash"],
    &["man"],
    &["themes"],
    &["explain"],
    &["explain", "8", "--json"],
    &["config", "path"],
    &["config", "check", "--json"],
    &["usage"],
    &["usage", "--json"],
    &["log"],
    &["log", "--json"],
    &["log", "--format", "csv"],
    &["log", "1"],
    &["jobs", "list"],
    &["jobs", "list", "--json"],
    &["bulk", "plan", "PEOPLE"],
    &["bulk", "plan", "PEOPLE", "--json"],
    &["bulk", "run", "1"],
    &["bulk", "run", "1", "--json"],
    &["bulk", "status"],
    &["bulk", "rows", "1"],
    &["bulk", "export", "1"],
    &["bulk", "export", "1", "--format", "jsonl"],
    &["bulk", "export", "1", "--write-back"],
    &["ledger", "dump"],
    &["ledger", "check"],
    &["profile", "list"],
    &["auth", "status"],
    &["modules"],
    &["prefill", "--module", "Leads", "--all"],
    &["submit", "--email", "ada@acme.example"],
    &["submit", "--dry-run", "--email", "new@acme.example"],
    &["decide", "3", "compose"],
    &["doctor", "--offline"],
    &["demo", "--plain"],
    &["simulate"],
    &["--plain"],
];

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn output_that_cannot_be_written_ends_every_command_with_11(
    #[values(Sink::Full, Sink::Broken, Sink::ForReading)] sink: Sink,
) {
    let bench = lived_in().await;
    let people = bench.path("people.csv");

    let mut wrong = Vec::new();
    for command in PRINTING {
        let command: Vec<&str> = command
            .iter()
            .map(|word| match *word {
                "PEOPLE" => people.to_str().unwrap(),
                word => word,
            })
            .collect();
        let Some(ran) = run_into(&bench, sink, &command).await else {
            return;
        };

        let is_told_once = ran.stderr.matches(TOLD).count() == 1;
        if ran.code != 11 || !is_told_once || !ran.stderr.contains("what was done stands") {
            wrong.push((command, ran));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(bench.control().posts(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_error() {
    let bench = lived_in().await;
    let mut wrong = Vec::new();
    for command in PRINTING {
        // These would wait for a signal, or need a file.
        if matches!(command, ["simulate"] | ["bulk", "plan", ..]) {
            continue;
        }

        let ran = run_into(&bench, Sink::Gone, command).await.unwrap();

        if ran.code != 0 || ran.stderr.contains("written") {
            wrong.push((command, ran));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_was_spent_is_on_record_although_nobody_read_the_answer() {
    let bench = Bench::quiet().await;
    let submit = ["submit", "--json", "--email", "ada@acme.example"];

    let ran = run_into(&bench, Sink::Full, &submit).await.unwrap();

    assert_eq!(ran.code, 11, "{ran:?}");
    let told: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(told["exit"], 11);
    assert!(told["error"].as_str().unwrap().starts_with(TOLD), "{told}");
    assert!(told["hint"].as_str().unwrap().contains("ziadeck log"));
    let row = bench.run(&["log", "--json"]).await.expect(0).row();
    assert_eq!(row["outcome"], "scheduled", "{row}");
    let again = bench.submit("ada").await.expect(0).row();
    assert_eq!(again["outcome"], "already", "{again}");
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_could_read_is_done_and_says_so() {
    let bench = Bench::quiet().await;
    let file = bench.write(
        "people.csv",
        "Email\na@acme.example\nb@acme.example\n",
        0o600,
    );
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    bench.run(&plan).await.expect(0);

    let run = ["bulk", "run", "1", "--json"];
    let ran = run_into(&bench, Sink::Full, &run).await.unwrap();

    assert_eq!(ran.code, 11, "{ran:?}");
    let status = bench.run(&["bulk", "status", "1", "--json"]).await;
    assert_eq!(status.expect(0).row()["scheduled"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_failed_keeps_its_own_exit_code() {
    let bench = Bench::quiet().await;
    bench.control().push_fault(Fault::always(
        Target::PeoplePost,
        Action::Status(StatusFault {
            code: Some("INVALID_DATA".to_owned()),
            ..StatusFault::new(400)
        }),
    ));

    for (command, code) in [
        (&["submit", "--email", "ada@acme.example"][..], 5),
        (&["submit", "--email", "ab"], 3),
        (&["bulk", "export", "7"], 2),
        (&["ledger", "purge"], 2),
    ] {
        let ran = run_into(&bench, Sink::Full, command).await.unwrap();

        assert_eq!(ran.code, code, "{command:?}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_linear_mode_takes_no_answer_to_a_question_that_nobody_could_read() {
    let bench = Bench::quiet().await;
    let mut command = bench.command(&["--plain", "--yes"]);
    command.stdout(Sink::Full.open().unwrap());
    let lines = "send\n\n\n\nada@acme.example\n\n\n\n\n\nsend\nquit\n";

    let ran = bench.finish_with(command, lines).await;

    assert_eq!(ran.code, 11, "{ran:?}");
    assert_eq!(bench.control().posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn talk_that_cannot_be_written_changes_nothing() {
    let bench = Bench::quiet().await;
    for (command, code) in [
        (
            &["submit", "--verbose", "--email", "ada@acme.example"][..],
            0,
        ),
        (&["submit", "--email", "ab"], 3),
        (&["no-such-command"], 2),
    ] {
        let mut command = bench.command(command);
        command.stderr(Sink::Full.open().unwrap());

        finish(command.spawn().unwrap()).await.expect(code);
    }
    assert_eq!(bench.control().posts(), 1);
}

/// A file may have no byte; a place that does not exist was named wrongly.
#[tokio::test(flavor = "multi_thread")]
async fn pages_that_do_not_fit_end_with_11_and_a_wrong_place_with_2() {
    let bench = Bench::quiet().await;
    let pages = bench.path("man");
    let mut command = tokio::process::Command::new("sh");
    command
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 0; exec \"$0\" man --out \"$1\"",
        ])
        .arg(env!("CARGO_BIN_EXE_ziadeck"))
        .arg(&pages)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let nowhere = bench.write("file", "", 0o600).join("below");

    let full = finish(command.spawn().unwrap()).await;
    let wrong = bench
        .run(&["man", "--out", nowhere.to_str().unwrap()])
        .await;

    assert_eq!(full.code, 11, "{full:?}");
    assert!(full.stderr.contains("could not be written"), "{full:?}");
    assert!(full.stderr.contains(pages.to_str().unwrap()), "{full:?}");
    assert_eq!(wrong.code, 2, "{wrong:?}");
}
