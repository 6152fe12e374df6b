//! Power that goes away, at any moment of a process that sends: F49.
//!
//! `strace` records every write, sync and name that the built program gives the kernel for its
//! files, and every request that it sends. From that record the files are made as a power loss
//! would leave them after any of these steps: what was synced is there; what was written later is
//! kept, dropped or torn, by a seed. Then the ledger is opened again, and in some places the program
//! goes on with the run.
//!
//! `ZIADECK_POWER_SEEDS=20 cargo test --release --test power` looks at more outcomes of each step.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "test code may unwrap, and says what it skips"
)]

mod disk;
mod record;
#[path = "../support/rig.rs"]
#[allow(dead_code, reason = "every test file uses its part")]
mod rig;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use disk::{Disk, Seed};
use record::Event;
use rig::{Rig, finish, people};
use tempfile::TempDir;
use tokio::process::Command;
use ziadeck::base::limits::PAGE_ROWS_MAX;
use ziadeck::base::{Outcome, SystemClock};
use ziadeck::ledger::{AttemptRow, Ledger, LedgerOptions, LogQuery};
use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target};

const ROWS: usize = 6;

/// How many outcomes of each step are looked at, beside "nothing more was kept" and "everything".
fn seeds() -> u64 {
    let asked = std::env::var("ZIADECK_POWER_SEEDS").ok();
    asked.map_or(1, |seeds| seeds.parse().unwrap())
}

/// Runs a command under `strace` and reads what it did; `None` where there is no `strace`.
async fn recorded(rig: &Rig, arguments: &[&str]) -> Option<Vec<Event>> {
    let trace = rig.path("trace");
    let plain = rig.command(arguments);
    let plain = plain.as_std();
    let mut command = Command::new("strace");
    command
        .args(record::OPTIONS)
        .arg(&trace)
        .arg(plain.get_program())
        .args(plain.get_args())
        .env_clear()
        .envs(
            plain
                .get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        )
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(child) = command.spawn() else {
        eprintln!("skipped: there is no strace");
        return None;
    };
    let ran = finish(child).await;
    if ran.stderr.contains("ptrace") || !trace.exists() {
        eprintln!("skipped: strace may not trace here: {}", ran.stderr);
        return None;
    }
    assert!([0, 8].contains(&ran.code), "{}{}", ran.stdout, ran.stderr);
    let text = std::fs::read_to_string(&trace).unwrap();
    Some(record::read(&text, &rig.data_dir()))
}

/// What may be looked at after each step: the first and the last of many in a row say enough of
/// what lies between them, except for the seed.
struct Loss {
    after: usize,
    seed: Seed,
}

fn losses(events: &[Event]) -> Vec<Loss> {
    let mut losses = Vec::new();
    for after in 0..=events.len() {
        // A write more changes nothing for whoever loses all of them.
        let is_settled = after == 0 || !matches!(events[after - 1], Event::Write { .. });
        if is_settled {
            losses.push(Loss {
                after,
                seed: Seed::Nothing,
            });
        }
        losses.extend((0..seeds()).map(|round| Loss {
            after,
            seed: Seed::Some(round * 7_919 + u64::try_from(after).unwrap()),
        }));
        if after % 8 == 0 {
            losses.push(Loss {
                after,
                seed: Seed::Everything,
            });
        }
    }
    losses
}

/// A directory in memory where there is one: hundreds of ledgers are opened, each with its syncs.
fn room() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

async fn open(directory: &Path) -> Ledger {
    let options = LedgerOptions {
        path: directory.join("ledger.db"),
        clock: Arc::new(SystemClock::new()),
        operator: "robin".to_owned(),
        on_step: None,
        on_upgrade: None,
        marks: None,
    };
    let (ledger, _) = Ledger::open(options)
        .await
        .unwrap_or_else(|e| panic!("{e}"));
    ledger
}

async fn attempts(ledger: &Ledger) -> Vec<AttemptRow> {
    let query = LogQuery {
        rows: PAGE_ROWS_MAX,
        ..LogQuery::default()
    };
    ledger.page(query).await.unwrap().rows
}

fn email(row: &AttemptRow) -> String {
    let inputs: serde_json::Value = serde_json::from_str(row.inputs.as_deref().unwrap()).unwrap();
    inputs["email"].as_str().unwrap().to_owned()
}

/// What the world had seen before the power went.
#[derive(Default)]
struct Seen {
    sent: BTreeMap<String, usize>,
    told: BTreeSet<String>,
}

fn seen(events: &[Event]) -> Seen {
    let mut seen = Seen::default();
    for event in events {
        match event {
            Event::Sent { email } => *seen.sent.entry(email.clone()).or_insert(0) += 1,
            Event::Told { job } => {
                seen.told.insert(job.clone());
            }
            _ => {}
        }
    }
    seen
}

/// Opens what the power left and holds it against what the world had seen.
async fn examine(directory: &Path, seen: &Seen, what: &str) {
    let ledger = open(directory).await;
    let rows = attempts(&ledger).await;
    let check = ledger.check().await.unwrap();
    ledger.close().await;

    assert!(check.is_sound(), "{what}: {:?}", check.problems);
    for (email_sent, times) in &seen.sent {
        let of_it: Vec<_> = rows
            .iter()
            .filter(|row| email(row) == *email_sent)
            .collect();
        assert!(of_it.len() >= *times, "{what}: {email_sent} is lost");
        let charged = of_it.iter().filter(|row| {
            matches!(
                row.outcome,
                Outcome::Scheduled | Outcome::Unknown | Outcome::UnknownAccepted
            )
        });
        assert!(
            charged.count() >= *times,
            "{what}: {email_sent} looks unsent"
        );
    }
    for job in &seen.told {
        let is_known = rows
            .iter()
            .any(|row| row.job_id.as_ref().is_some_and(|id| id.as_str() == job));
        assert!(is_known, "{what}: job {job} was told and is lost");
    }
}

/// A first start, which makes the ledger, and one request.
#[tokio::test(flavor = "multi_thread")]
async fn f49_power_lost_at_any_step_of_a_first_request_keeps_what_was_acknowledged() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let before = Disk::of(&rig.data_dir());
    let submit = ["submit", "--json", "--email", "ada1@acme.example"];
    let Some(events) = recorded(&rig, &submit).await else {
        return;
    };
    let all = seen(&events);
    assert_eq!((all.sent.len(), all.told.len()), (1, 1), "{events:?}");

    for loss in losses(&events) {
        let (past, what) = (&events[..loss.after], format!("{loss:?}"));
        let left = room();
        before.after(past).lose(&loss.seed).write(left.path());

        examine(left.path(), &seen(past), &what).await;
    }
}

/// A run with an answer that is lost: at some of the steps another process goes on with it, and
/// nobody is sent a second time.
#[tokio::test(flavor = "multi_thread")]
async fn f49_power_lost_at_any_step_of_a_run_loses_nothing_and_sends_nothing_twice() {
    let mut rig = Rig::start(SimulatorOptions::default(), "concurrency = 2").await;
    let file = rig.file("people.csv", people(ROWS));
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    let run = rig.run(&plan).await.expect(0).last()["run"].to_string();
    let before = Disk::of(&rig.data_dir());
    let lost = Fault::next(Target::PeoplePost, Action::CloseAfterRead { effect: true });
    rig.control.push_fault(lost);
    let go = ["bulk", "run", &run, "--yes", "--json"];
    let Some(events) = recorded(&rig, &go).await else {
        return;
    };
    let seen_in_all = seen(&events).sent;
    assert_eq!(seen_in_all.len(), ROWS, "{events:?}");
    let steps = events.len();

    let mut resumed = 0;
    for loss in losses(&events) {
        let (past, what) = (&events[..loss.after], format!("{loss:?}"));
        let seen = seen(past);
        let left = room();
        before.after(past).lose(&loss.seed).write(left.path());
        // In some of them another process goes on.
        let goes_on = matches!(loss.seed, Seed::Some(_)) && loss.after % (steps / 10) == 0;
        if !goes_on {
            examine(left.path(), &seen, &what).await;
            continue;
        }

        let posts = rig.control.posts_log().len();
        let mut again = rig.command(&["bulk", "resume", &run, "--yes", "--json"]);
        again.env("ZIADECK_DATA_DIR", left.path());
        let ran = finish(again.spawn().unwrap()).await;

        assert!(
            [0, 8].contains(&ran.code),
            "{what}: {}{}",
            ran.stdout,
            ran.stderr
        );
        let mut sent = seen.sent;
        for post in rig.control.posts_log().into_iter().skip(posts) {
            *sent
                .entry(record::email_of(&post.body).unwrap())
                .or_insert(0) += 1;
        }
        assert!(sent.values().all(|times| *times == 1), "{what}: {sent:?}");
        // What was recorded and not sent any more is unknown, and is not sent by itself.
        let ledger = open(left.path()).await;
        let rows = attempts(&ledger).await;
        ledger.close().await;
        let waits = |name: &String| {
            let mut of_it = rows.iter().filter(|row| email(row) == *name);
            of_it.any(|row| row.outcome == Outcome::Unknown)
        };
        for name in seen_in_all.keys() {
            let is_kept = sent.contains_key(name) || waits(name);
            assert!(
                is_kept,
                "{what}: {name} is neither sent nor unknown: {sent:?}"
            );
        }
        resumed += 1;
    }
    assert!(resumed >= 5, "{resumed}");
    rig.stop_server().await;
}

impl std::fmt::Debug for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "after step {} keeping {:?}", self.after, self.seed)
    }
}
