//! A terminal that somebody has stopped, with Ctrl+S: whoever writes to it waits, and nobody else.

use std::time::Duration;

use rstest::rstest;
use rustix::fs::{Mode, OFlags, open};
use rustix::process::Signal;
use rustix::termios::{Action as Flow, tcflow};
use ziadeck::simulator::{Action, Fault, Target};

use crate::grammar::modes_on;
use crate::support::Bench;
use crate::terminal::{Ended, Terminal, until};
use crate::{AS_BEFORE, LEAVE, command, compose, console};

const CTRL_S: &[u8] = b"\x13";
const CTRL_Q: &[u8] = b"\x11";

const ROWS: u64 = 16;

/// A signal is heard within a second, and half a second is for a machine with much to do.
const HEARD: Duration = Duration::from_millis(2_500);

/// A planned run whose rows go one by one.
async fn planned() -> Bench {
    let bench = Bench::quiet().await;
    let config = bench.profile("us", "concurrency = 1");
    bench.write("config.toml", &config, 0o600);
    let mut rows = "email\n".to_owned();
    for row in 0..ROWS {
        rows.push_str(&format!("ada{row}@acme.example\n"));
    }
    let file = bench.write("people.csv", &rows, 0o600);
    bench
        .run(&["bulk", "plan", file.to_str().unwrap(), "--module", "Leads"])
        .await
        .expect(0);
    bench
}

/// Starts the run, sees it going on, and stops its terminal.
fn stopped_run(bench: &Bench) -> Terminal {
    let mut command = command(bench);
    command.args(["bulk", "run", "1", "--yes"]);
    let mut terminal = Terminal::start(command);
    terminal.shows("scheduled");
    terminal.type_in(CTRL_S);
    terminal
}

async fn outcomes(bench: &Bench, outcome: &str) -> usize {
    let arguments = ["log", "--json", "--outcome", outcome];
    bench.run(&arguments).await.expect(0).rows().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_terminal_holds_up_no_row() {
    let bench = planned().await;
    bench.control().set_latency(Duration::from_millis(150));
    let mut terminal = stopped_run(&bench);

    until("every row", || bench.control().posts() == ROWS);
    terminal.type_in(CTRL_Q);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    terminal.read_out();
    terminal.shows("bulk export 1");
    assert_eq!(outcomes(&bench, "scheduled").await, 16);
}

/// The result cannot be told: a signal ends the process all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_nobody_reads_keeps_no_process_after_a_signal() {
    let bench = planned().await;
    bench.control().set_latency(Duration::from_millis(150));
    let mut terminal = stopped_run(&bench);
    until("every row", || bench.control().posts() == ROWS);

    terminal.signal(Signal::TERM);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(143));
    assert_eq!(outcomes(&bench, "unknown").await, 0);
}

#[rstest]
#[case(Signal::TERM, 143)]
#[case(Signal::HUP, 129)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_at_a_stopped_terminal_stops_the_run_in_order(
    #[case] signal: Signal,
    #[case] code: u32,
) {
    let bench = planned().await;
    bench.control().set_latency(Duration::from_millis(400));
    let mut terminal = stopped_run(&bench);
    let seen = bench.control().posts();
    // Two rows later the line of progress was to be written several times.
    until("two more rows", || bench.control().posts() >= seen + 2);

    terminal.signal(signal);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(code));
    let posts = bench.control().posts();
    assert!(posts < ROWS, "{posts}");
    assert_eq!(outcomes(&bench, "scheduled").await as u64, posts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_at_a_stopped_terminal_ends_it_at_once() {
    let bench = planned().await;
    bench.control().set_latency(Duration::from_millis(150));
    let mut terminal = stopped_run(&bench);
    let hang = Action::Hang { effect: true };
    bench
        .control()
        .push_fault(Fault::always(Target::PeoplePost, hang));
    let seen = bench.control().posts();
    until("a row without an answer", || bench.control().posts() > seen);

    // Two different ones: of the same, the kernel may make one.
    terminal.signal(Signal::TERM);
    terminal.signal(Signal::INT);

    let ended = terminal.ends_within(HEARD);
    assert!([130, 143].contains(&ended.code), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_from_elsewhere_is_heard_at_a_stopped_terminal() {
    let bench = planned().await;
    bench.control().set_latency(Duration::from_millis(400));
    let mut terminal = stopped_run(&bench);
    let seen = bench.control().posts();
    until("two more rows", || bench.control().posts() >= seen + 2);

    bench.run(&["bulk", "pause", "1"]).await.expect(0);
    let deadline = std::time::Duration::from_secs(20);
    let paused = async {
        loop {
            let status = bench.run(&["bulk", "status", "1", "--json"]).await;
            if status.row()["state"] == "paused" {
                return;
            }
        }
    };
    tokio::time::timeout(deadline, paused).await.unwrap();

    assert!(bench.control().posts() < ROWS);
    terminal.type_in(CTRL_Q);
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    terminal.read_out();
    terminal.shows("bulk resume 1");
}

/// The answer is taken although nobody reads what is said of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_submit_at_a_stopped_terminal_takes_its_answer_and_ends() {
    let bench = Bench::quiet().await;
    bench.control().set_latency(Duration::from_millis(1_500));
    let mut command = command(&bench);
    command.args(["submit", "--email", "ada@acme.example"]);
    let mut terminal = Terminal::start(command);
    until("request", || bench.control().posts() == 1);
    terminal.type_in(CTRL_S);

    terminal.signal(Signal::TERM);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(143));
    assert_eq!(outcomes(&bench, "scheduled").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_linear_mode_at_a_stopped_terminal_hears_a_signal() {
    let bench = Bench::quiet().await;
    let mut command = command(&bench);
    command.arg("--plain");
    let mut terminal = Terminal::start(command);
    terminal.shows("Command:");
    terminal.type_in(CTRL_S);
    terminal.type_in("help\n");
    // A line that is begun cannot be seen: the thread that says it sleeps.
    until("somebody who writes", || is_writing(&terminal));

    terminal.signal(Signal::TERM);

    assert_eq!(terminal.ends_within(HEARD), Ended::with(143));
}

/// Whether a thread of the process waits to write to its terminal.
fn is_writing(terminal: &Terminal) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{}/task", terminal.pid())).unwrap();
    threads.flatten().any(|thread| {
        let file = thread.path().join("syscall");
        let call = std::fs::read_to_string(file).unwrap_or_default();
        // write(1, …) on x86-64, and on arm64.
        call.starts_with("1 0x1 ") || call.starts_with("64 0x1 ")
    })
}

/// In raw mode Ctrl+S is a key; another process can stop the terminal all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_console_whose_terminal_is_stopped_works_on_and_gives_it_back() {
    let bench = Bench::quiet().await;
    bench.control().set_latency(Duration::from_millis(500));
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK;
    let path = format!("/proc/{}/fd/1", terminal.pid());
    let own = open(path, flags, Mode::empty()).unwrap();
    tcflow(&own, Flow::OOff).unwrap();
    terminal.press_until(CTRL_S, "request", |_| bench.control().posts() == 1);

    terminal.signal(Signal::TERM);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(143));
    assert!(terminal.has_its_settings_back());
    drop(own);
    terminal.read_out();
    assert_eq!(modes_on(&terminal.bytes()), AS_BEFORE);
    assert_eq!(outcomes(&bench, "scheduled").await, 1);
}
