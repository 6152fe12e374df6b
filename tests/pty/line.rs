//! The line between the operator and the console: it drops, it stalls.

use std::time::Duration;

use rstest::rstest;
use rustix::process::Signal;
use ziadeck::simulator::{Action, Fault, Target};

use crate::support::Bench;
use crate::terminal::{Ended, Terminal};
use crate::{LEAVE, command, compose, console};

/// Controlling terminal or not: with one the kernel sends SIGHUP, without one nobody does, as
/// under nohup, and the console has to notice on its own.
fn hung_up(bench: &Bench, has_signal: bool) -> Terminal {
    let mut command = command(bench);
    command.set_controlling_tty(has_signal);
    let terminal = Terminal::start(command);
    terminal.shows("0 / 1,500");
    terminal
}

#[rstest]
#[case::with_a_signal(true)]
#[case::without_a_signal(false)]
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_drops_leaves_no_process_and_nothing_unknown(#[case] has_signal: bool) {
    let bench = Bench::quiet().await;
    bench.control().set_latency(Duration::from_millis(700));
    let mut terminal = hung_up(&bench, has_signal);
    compose(&mut terminal, "ada@acme.example");
    terminal.press_for(b"\x13", "sending");
    let before = terminal.cpu_seconds().unwrap();

    terminal.hang_up();
    let mut after = before;
    crate::terminal::until("end", || {
        match terminal.cpu_seconds() {
            // A process that has ended but was not waited for is still listed.
            Some(seconds) if terminal.state() != Some('Z') => {
                after = seconds;
                false
            }
            _ => true,
        }
    });

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(129));
    assert!(
        after - before < 1.0,
        "{} s of processor time",
        after - before
    );
    assert_eq!(bench.control().posts(), 1);
    let row = bench.run(&["log", "--json"]).await.expect(0).row();
    assert_eq!(row["outcome"], "scheduled", "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_does_not_keep_a_hung_up_console() {
    let bench = Bench::quiet().await;
    let hang = Action::Hang { effect: true };
    bench
        .control()
        .push_fault(Fault::always(Target::PeoplePost, hang));
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");
    terminal.press_for(b"\x13", "sending");

    terminal.hang_up();

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(129));
    let row = bench.run(&["log", "--json"]).await.expect(0).row();
    assert_eq!(row["outcome"], "unknown", "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let bench = Bench::quiet().await;
    let hang = Action::Hang { effect: true };
    bench
        .control()
        .push_fault(Fault::always(Target::PeoplePost, hang));
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");
    terminal.press_for(b"\x13", "sending");

    terminal.signal(Signal::TERM);
    terminal.shows("waiting for one request");
    terminal.signal(Signal::TERM);

    assert_eq!(
        terminal.ends_within(Duration::from_secs(4)),
        Ended::with(143)
    );
    assert!(terminal.has_its_settings_back());
}

/// Brings so much to the screen that the terminal's buffer is full and nobody reads it.
fn stall(terminal: &mut Terminal) {
    terminal.stop_reading();
    for round in 0..40 {
        terminal.resize(100 + round % 2 * 20, 40);
        terminal.type_in(b"\x0c");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_the_terminal_and_the_work_goes_on() {
    let bench = Bench::quiet().await;
    bench.control().set_latency(Duration::from_millis(500));
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");
    terminal.press_for(b"\x13", "sending");

    stall(&mut terminal);
    // A second request is asked for while nothing can be drawn.
    terminal.type_in("x");
    terminal.press_until(b"\x13", "second request", |_| bench.control().posts() == 2);
    crate::terminal::until("two settled attempts", || {
        let rows = std::process::Command::new(env!("CARGO_BIN_EXE_ziadeck"))
            .arg("--config")
            .arg(bench.path("config.toml"))
            .arg("--data-dir")
            .arg(bench.path("data"))
            .args(["log", "--json", "--outcome", "scheduled"])
            .output()
            .unwrap();
        rows.stdout.iter().filter(|byte| **byte == b'\n').count() == 2
    });
    terminal.go_on_reading();
    terminal.resize(120, 40);
    terminal.shows("2 / 1,500");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_nobody_reads_does_not_keep_the_process() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    stall(&mut terminal);

    terminal.signal(Signal::TERM);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(143));
    assert!(terminal.has_its_settings_back());
}

/// A headless command that is told to end while its request is on the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_told_to_end_takes_the_answer_first() {
    let bench = Bench::quiet().await;
    bench.control().set_latency(Duration::from_millis(700));
    let mut command = command(&bench);
    command.args(["submit", "--email", "ada@acme.example"]);
    let mut terminal = Terminal::start(command);
    crate::terminal::until("request", || bench.control().posts() == 1);

    terminal.signal(Signal::TERM);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(143));
    terminal.read_out();
    let told = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert!(told.contains("waiting for the answer"), "{told}");
    assert!(told.contains("scheduled"), "{told}");
    let row = bench.run(&["log", "--json"]).await.expect(0).row();
    assert_eq!(row["outcome"], "scheduled", "{row}");
}

/// The token comes first; a signal that comes before the attempt is on record sends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_told_to_end_before_it_sends_does_not_send() {
    let bench = Bench::quiet().await;
    bench.sign_in_without_access("us");
    let hang = Action::Hang { effect: true };
    bench
        .control()
        .push_fault(Fault::always(Target::Token, hang));
    let mut command = command(&bench);
    command.args(["submit", "--email", "ada@acme.example"]);
    let mut terminal = Terminal::start(command);
    let control = bench.control();
    control
        .wait_until(|control| control.connections() > 0)
        .await;

    terminal.signal(Signal::INT);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(130));
    assert_eq!(control.posts(), 0);
    assert!(
        bench
            .run(&["log", "--json"])
            .await
            .expect(0)
            .rows()
            .is_empty()
    );
}

/// I17 and F63: another process keeps the ledger, so that every commit stalls. Keys are answered
/// meanwhile, the request that waits is given up within its bound, and nothing was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_commits_nothing_holds_up_no_key() {
    const GIVEN_UP: &str = "another process kept the ledger";
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");
    let other = rusqlite::Connection::open(bench.path("data/ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    terminal.press_for(b"\x13", "on the way");
    terminal.type_in("\t");
    let mut typed = "Company    ".to_owned();
    for key in "analytical".chars() {
        typed.push(key);
        terminal.type_in(key.to_string());
        terminal.shows(&typed);
    }
    assert!(
        !terminal.screen().contains(GIVEN_UP),
        "the keys were answered while the commit waited"
    );
    terminal.shows(GIVEN_UP);
    assert_eq!(bench.control().posts(), 0);

    other.execute_batch("ROLLBACK").unwrap();
    terminal.press_until(b"\x13", "request", |_| bench.control().posts() == 1);
}
