//! Questions of the commands that draw nothing: what was typed before one does not answer it.

use std::time::Duration;

use ziadeck::simulator::SimulatorOptions;

use crate::support::Bench;
use crate::terminal::{Ended, Terminal, rest, until};
use crate::{LEAVE, command};

/// Everything up to the last question: module, record, name, e-mail, and the rest left out.
const INPUTS: [&str; 9] = ["", "", "", "lin@acme.example", "", "", "", "", ""];

/// The linear mode with a composed request, before its last question is answered.
fn composed(bench: &Bench) -> Terminal {
    let mut command = command(bench);
    command.arg("--plain");
    let mut terminal = Terminal::start(command);
    terminal.shows("Command:");
    terminal.type_in("send\r");
    for input in INPUTS.iter().take(8) {
        let lines = terminal.bytes().len();
        terminal.type_in(format!("{input}\r"));
        terminal.more_than(lines);
    }
    terminal
}

#[track_caller]
fn leaves(mut terminal: Terminal) {
    terminal.type_in(".\rquit\r");
    rest(Duration::from_millis(200));
    terminal.type_in(".\rquit\r");
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_typed_ahead_sends_nothing_and_typed_at_the_question_sends_once() {
    let bench = Bench::quiet().await;
    let mut terminal = composed(&bench);

    // The last input and, with it, what would answer the question that follows.
    terminal.type_in("\rsend\rsend\rsend\r");
    terminal.shows("Type send to send it");
    rest(Duration::from_millis(300));
    assert_eq!(bench.control().posts(), 0);
    terminal.type_in("send\rsend\r");

    until("request", || bench.control().posts() == 1);
    terminal.shows("scheduled");
    leaves(terminal);
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_limit_the_override_typed_ahead_is_no_answer() {
    let bench = Bench::new(SimulatorOptions {
        limit: 1,
        ..SimulatorOptions::default()
    })
    .await;
    bench.submit("ada").await.expect(0);
    bench.submit("grace").await.expect(6);
    let posts = bench.control().posts();
    let mut terminal = composed(&bench);
    terminal.type_in("\r");
    terminal.shows("Type send to send it");

    terminal.type_in("send\roverride\roverride\r");
    terminal.shows("Type override to send");
    rest(Duration::from_millis(300));
    assert_eq!(bench.control().posts(), posts);
    terminal.type_in("override\r");

    until("request", || bench.control().posts() == posts + 1);
    leaves(terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_typed_ahead_of_a_headless_question_is_not_taken() {
    let bench = Bench::quiet().await;
    let mut command = command(&bench);
    command.args(["auth", "logout"]);
    let mut terminal = Terminal::start(command);

    // Before the program has come to its question.
    terminal.type_in("yes\r");
    terminal.shows("Type yes to go on:");
    rest(Duration::from_millis(300));
    assert!(terminal.state().is_some_and(|state| state != 'Z'));
    terminal.type_in("no\r");

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(2));
}
