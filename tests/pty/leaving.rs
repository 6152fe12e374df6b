//! Leaving while something is outstanding: a question before, a line after.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::Bench;
use crate::terminal::{Ended, Terminal};
use crate::{LEAVE, command, compose, console};

const CTRL_Q: &[u8] = b"\x11";

/// What was written after the terminal was given back.
fn last_words(mut terminal: Terminal) -> String {
    terminal.read_out();
    let bytes = terminal.bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (_, after) = text.rsplit_once("\x1b[?1049l").unwrap();
    after.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outstanding_answer_is_asked_about_and_told_afterwards() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    bench.control().set_latency(Duration::from_secs(4));
    compose(&mut terminal, "ada@acme.example");
    terminal.press_for(b"\x13", "sending");

    terminal.press_for(CTRL_Q, "One request has no answer yet");
    terminal.press(CTRL_Q);
    terminal.answer(b"y");

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    assert!(terminal.has_its_settings_back());
    let told = last_words(terminal);
    assert!(told.contains("attempt 1 is scheduled"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_paused_after_a_question_and_how_it_goes_on_is_told() {
    let bench = Bench::quiet().await;
    let config = bench.profile("us", "concurrency = 1");
    bench.write("config.toml", &config, 0o600);
    let mut rows = "email\n".to_owned();
    for row in 0..20 {
        rows.push_str(&format!("ada{row}@acme.example\n"));
    }
    let file = bench.write("people.csv", &rows, 0o600);
    bench
        .run(&["bulk", "plan", file.to_str().unwrap(), "--module", "Leads"])
        .await
        .expect(0);
    bench.control().set_latency(Duration::from_millis(400));
    let mut terminal = Terminal::start(command(&bench));
    terminal.shows("0 / 1,500");
    terminal.press(b"\x1bOQ");
    terminal.press_for(b"\x1bOQ", "people.csv");
    terminal.press_for(b"p", "Start run 1?");
    terminal.press_until(b"y", "request", |_| bench.control().posts() > 0);

    terminal.press_for(CTRL_Q, "Run 1 sends rows.");
    terminal.answer(b"y");

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    let sent = bench.control().posts();
    assert!(sent < 20, "{sent}");
    let told = last_words(terminal);
    assert!(
        told.contains("run 1 is paused: ziadeck bulk resume 1"),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_asks_nothing() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    bench.control().set_latency(Duration::from_millis(700));
    compose(&mut terminal, "ada@acme.example");
    terminal.press_for(b"\x13", "sending");

    terminal.signal(Signal::TERM);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(143));
    let told = last_words(terminal);
    assert!(told.contains("attempt 1 is scheduled"), "{told:?}");
}
