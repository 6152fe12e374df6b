//! Several processes on one ledger, killed and not: this test binary starts itself again.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rstest::rstest;

use super::fixture::{Place, attempt, scheduled, send, used};
use crate::base::{AttemptId, Outcome, SystemClock};
use crate::ledger::{Ledger, LedgerOptions, LedgerStep, LogQuery};

const ROLE: &str = "ZIADECK_TEST_ROLE";
const LEDGER: &str = "ZIADECK_TEST_LEDGER";
const NUMBER: &str = "ZIADECK_TEST_NUMBER";

/// Starts this binary again with a role; it says what it does on its standard output.
pub(super) fn start(role: &str, path: &Path, number: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ledger::tests::process::child", "--nocapture"])
        .env(ROLE, role)
        .env(LEDGER, path)
        .env(NUMBER, number.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the child said, word by word, until it ended or said the last one.
fn words(child: &mut Child, last: &str) -> Vec<String> {
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Ok(line) = line else { break };
        said.extend(line.split_whitespace().map(str::to_owned));
        if said.last().is_some_and(|word| word == last) {
            break;
        }
    }
    said
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").unwrap();
    out.flush().unwrap();
}

/// Passed by in an ordinary run of the tests; the roles of the processes that the others start.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let number: u64 = std::env::var(NUMBER).unwrap().parse().unwrap();
    let mut options = LedgerOptions {
        path: std::env::var_os(LEDGER).unwrap().into(),
        clock: Arc::new(SystemClock::new()),
        operator: "child".to_owned(),
        on_step: None,
        on_upgrade: None,
        marks: None,
    };
    if role == "umask" {
        rustix::process::umask(rustix::fs::Mode::from_bits_retain(
            u32::try_from(number).unwrap(),
        ));
    }
    if role == "abort" {
        options.on_step = Some(Arc::new(move |step| {
            let at = match step {
                LedgerStep::BeforeCommit(n) => 2 * n,
                LedgerStep::AfterCommit(n) => 2 * n + 1,
            };
            if at == number {
                std::process::abort();
            }
        }));
    }
    if role == "upgrade" {
        options.on_upgrade = Some(Arc::new(move |upgrading| {
            if u64::from(upgrading.percent) >= number {
                let own = rustix::process::getpid();
                rustix::process::kill_process(own, rustix::process::Signal::KILL).unwrap();
            }
        }));
    }
    let (ledger, _) = Ledger::open_blocking(options).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(play(&role, &ledger, number));
}

async fn play(role: &str, ledger: &Ledger, number: u64) {
    match role {
        "hang" => {
            for _ in 0..number {
                let _ = send(ledger, attempt(ledger, "ada")).await;
            }
            say("ready");
            std::future::pending::<()>().await;
        }
        "spend" => {
            for _ in 0..number {
                let mut new = attempt(ledger, "ada");
                new.budget.limit = number;
                if let Ok(receipt) = ledger.dispatch(new).await {
                    say(&format!("sent {}", receipt.into_request().attempt));
                }
            }
        }
        "abort" => {
            for n in 0..number {
                let id = send(ledger, attempt(ledger, "ada")).await;
                say(&format!("sent {id}"));
                ledger
                    .settle(id, scheduled(&format!("{number}{n}")))
                    .await
                    .unwrap();
                say(&format!("settled {id}"));
            }
        }
        "umask" => {
            let _ = send(ledger, attempt(ledger, "ada")).await;
            say("ready");
            std::future::pending::<()>().await;
        }
        other => panic!("no role {other}"),
    }
}

#[tokio::test]
async fn a_killed_process_leaves_unknowns_and_a_living_one_does_not() {
    let place = Place::new();
    let witness = place.open();
    let mut child = start("hang", &place.path(), 3);
    assert_eq!(words(&mut child, "ready").last().unwrap(), "ready");
    assert_eq!(witness.recover().await.unwrap(), 0, "it is alive");

    child.kill().unwrap();
    child.wait().unwrap();

    assert_eq!(witness.recover().await.unwrap(), 3);
    assert_eq!(witness.recover().await.unwrap(), 0);
    assert_eq!(used(&witness).await, 3);
    let page = witness
        .page(LogQuery {
            rows: 9,
            ..LogQuery::default()
        })
        .await
        .unwrap();
    assert!(page.rows.iter().all(|row| row.outcome == Outcome::Unknown));
    let locks = std::fs::read_dir(place.dir.path().join("ledger.db.d")).unwrap();
    assert_eq!(locks.count(), 1, "only the living have a lock file");
}

#[tokio::test]
async fn processes_share_a_limit_to_the_last_unit() {
    let place = Place::new();
    place.open().close().await;

    let mut children: Vec<Child> = (0..4).map(|_| start("spend", &place.path(), 40)).collect();
    let sent: usize = children
        .iter_mut()
        .map(|child| {
            words(child, "never")
                .iter()
                .filter(|word| *word == "sent")
                .count()
        })
        .sum();
    for mut child in children {
        child.wait().unwrap();
    }

    assert_eq!(sent, 40);
    let ledger = place.open();
    assert_eq!(used(&ledger).await, 40);
}

/// Every commit of a child, before and after: what it was told is in the ledger, whatever happens.
#[tokio::test]
async fn a_crash_at_any_commit_loses_nothing_that_was_acknowledged() {
    for at in 2..10 {
        let place = Place::new();
        place.open().close().await;
        let mut child = start("abort", &place.path(), at);
        let said = words(&mut child, "never");
        child.wait().unwrap();

        let (ledger, opened) = place.try_open().unwrap();

        let told = |what: &str| -> Vec<AttemptId> {
            let pairs = said.windows(2).filter(|pair| pair[0] == what);
            pairs.map(|pair| pair[1].parse().unwrap()).collect()
        };
        for id in told("sent") {
            assert!(
                ledger.attempt(id).await.unwrap().is_some(),
                "step {at}: {said:?}"
            );
        }
        for id in told("settled") {
            let row = ledger.attempt(id).await.unwrap().unwrap().row;
            assert_eq!(row.outcome, Outcome::Scheduled, "step {at}");
        }
        assert!(opened.recovered <= 1, "step {at}");
        assert_eq!(opened.trust, crate::ledger::Trust::Trusted);
        let report = ledger.check().await.unwrap();
        assert!(report.is_sound(), "step {at}: {report:?}");
    }
}

#[rstest]
#[case(0o000)]
#[case(0o077)]
#[case(0o777)]
#[tokio::test]
async fn the_umask_changes_no_mode(#[case] umask: u64) {
    let place = Place::new();
    let path = place.dir.path().join("new/inner/ledger.db");

    let mut child = start("umask", &path, umask);
    let said = words(&mut child, "ready");

    assert_eq!(said.last().unwrap(), "ready");
    let mut seen = Vec::new();
    let mut left = vec![place.dir.path().join("new")];
    while let Some(at) = left.pop() {
        let meta = std::fs::metadata(&at).unwrap();
        let expected = if meta.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(
            meta.permissions().mode() & 0o7777,
            expected,
            "{}",
            at.display()
        );
        if meta.is_dir() {
            left.extend(
                std::fs::read_dir(&at)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
        seen.push(at);
    }
    // new, inner, ledger, -wal, -shm, .mark, .key, .d, the lock of the process
    assert_eq!(seen.len(), 9, "{seen:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}
