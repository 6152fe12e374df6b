//! A person's word is not given by accident: keys that are held down, keys that come at once, and
//! pastes, in the built program, counted at the server.

use std::time::Duration;

use rstest::rstest;
use ziadeck::simulator::SimulatorOptions;

use crate::support::Bench;
use crate::terminal::{Ended, Terminal, rest};
use crate::{LEAVE, command, compose};

const F5: &[u8] = b"\x1b[15~";
const CTRL_S: &[u8] = b"\x13";

/// What stands in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    AlreadySent,
    Doubtful,
    AtTheLimit,
    Refused,
}

/// A console with something in its form, and how many requests the server has seen.
async fn at_work(state: State, latency: Duration) -> (Bench, Terminal, u64) {
    let limit = if state == State::AtTheLimit { 1 } else { 1_500 };
    let bench = Bench::new(SimulatorOptions {
        limit,
        ..SimulatorOptions::default()
    })
    .await;
    if state == State::AtTheLimit {
        bench.submit("ada").await.expect(0);
        bench.submit("grace").await.expect(6);
    }
    if state == State::AlreadySent {
        bench.submit("lin").await.expect(0);
    }
    bench.control().set_latency(latency);
    let mut terminal = Terminal::start(command(&bench));
    match state {
        State::Ready => {
            terminal.shows("0 / 1,500");
            compose(&mut terminal, "lin@acme.example");
        }
        State::AlreadySent => {
            terminal.shows("1 / 1,500");
            compose(&mut terminal, "lin@acme.example");
            terminal.shows("already sent as attempt 1");
        }
        State::Doubtful => {
            terminal.shows("0 / 1,500");
            compose(&mut terminal, "noemail@acme.example");
            terminal.shows("noemail");
        }
        State::AtTheLimit => {
            terminal.shows("1 / 1");
            compose(&mut terminal, "lin@acme.example");
        }
        State::Refused => {
            terminal.shows("0 / 1,500");
            terminal.type_in("Ada Lovelace");
            terminal.shows("DEPENDENT_FIELD_MISSING");
        }
    }
    let posts = bench.control().posts();
    (bench, terminal, posts)
}

/// The console still listens, and leaves when asked.
#[track_caller]
fn leaves(mut terminal: Terminal) {
    terminal.wait("settled attempt", |screen| !screen.contains("on the way"));
    terminal.type_in(b"\x11");
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_held_down_sends_once_at_most_and_never_through_a_question(
    #[values(F5, CTRL_S)] key: &[u8],
    #[values(
        (State::Ready, 140, 1),
        (State::Ready, 0, 1),
        (State::AlreadySent, 140, 0),
        (State::AlreadySent, 0, 0),
        (State::Doubtful, 140, 0),
        (State::Doubtful, 0, 0),
        (State::AtTheLimit, 140, 0),
        (State::AtTheLimit, 0, 0),
        (State::Refused, 140, 0),
        (State::Refused, 0, 0)
    )]
    (state, latency, most): (State, u64, u64),
) {
    let (bench, mut terminal, before) = at_work(state, Duration::from_millis(latency)).await;

    for _ in 0..90 {
        terminal.type_in(key);
        rest(Duration::from_millis(30));
    }

    leaves(terminal);
    let sent = bench.control().posts() - before;
    assert!(sent <= most, "{sent} requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_sends_once_and_the_answer_is_another_key() {
    let (bench, mut terminal, _) = at_work(State::Refused, Duration::ZERO).await;

    terminal.press_for(F5, "would refuse it?");
    for other in [F5, CTRL_S, &b"\r"[..], b" "] {
        terminal.answer(other);
    }
    assert_eq!(bench.control().posts(), 0);
    terminal.press_until(b"y", "request", |_| bench.control().posts() == 1);
    leaves(terminal);
}

/// What was asked before is named in the question, and `y` overrules that and sends once.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_asked_about_before_is_asked_about_again_by_y_alone() {
    let (bench, mut terminal, before) = at_work(State::AlreadySent, Duration::ZERO).await;

    terminal.press_for(F5, "Ask for the same person again?");
    terminal.shows("Already attempt 1 (the same request), scheduled");
    terminal.press_until(b"y", "request", |_| bench.control().posts() == before + 1);
    leaves(terminal);
    assert_eq!(bench.control().posts(), before + 1);
}

/// Another process was faster than the console's look: the core refuses, and the question comes.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_sent_meanwhile_is_asked_about_too() {
    let (bench, mut terminal, _) = at_work(State::Ready, Duration::ZERO).await;
    rest(Duration::from_millis(400));
    bench.submit("lin").await.expect(0);

    terminal.press_for(F5, "Ask for the same person again?");

    leaves(terminal);
    assert_eq!(bench.control().posts(), 1);
}

#[rstest]
#[case::f5_twice(b"\x1b[15~\x1b[15~")]
#[case::both(b"\x13\x1b[15~")]
#[case::with_an_answer(b"\x1b[15~y")]
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_one_write_send_nothing_and_the_screen_says_so(#[case] keys: &[u8]) {
    let (bench, mut terminal, _) = at_work(State::Ready, Duration::ZERO).await;

    terminal.press_for(keys, "came with another key; nothing was sent");
    leaves(terminal);
    assert_eq!(bench.control().posts(), 0);
}

#[rstest]
#[case::with_an_end_mark_inside(b"\x1b[200~-one\x1b[201~\x13\x1b[15~-two\r\x13\x1b[201~", "-one")]
#[case::with_an_end_mark_and_one_key(b"\x1b[200~-one\x1b[201~\x13", "-one")]
#[case::without_marks(b"-one\x13-two", "-one-two")]
#[case::without_marks_and_a_key_at_its_end(b"-one\x13", "-one")]
#[case::without_marks_and_a_key_at_its_start(b"\x13-one", "-one")]
#[case::a_line_for_the_palette(b"\x10send the request\r", "Find a command")]
#[tokio::test(flavor = "multi_thread")]
async fn a_paste_sends_nothing_whatever_is_in_it(#[case] pasted: &[u8], #[case] shown: &str) {
    let (bench, mut terminal, _) = at_work(State::Ready, Duration::ZERO).await;

    terminal.answer(pasted);

    terminal.shows(shown);
    terminal.shows("; nothing was sent, press it again");
    rest(Duration::from_millis(400));
    terminal.press(b"\x1b");
    leaves(terminal);
    assert_eq!(bench.control().posts(), 0);
}

#[rstest]
#[case::marked(b"\x1b[200~y\x1b[201~")]
#[case::marked_and_more(b"\x1b[200~y\x1b[201~y")]
#[case::unmarked(b"yyyy\r\x1b[15~")]
#[tokio::test(flavor = "multi_thread")]
async fn a_paste_answers_no_question(#[case] pasted: &[u8]) {
    let (bench, mut terminal, _) = at_work(State::Refused, Duration::ZERO).await;
    terminal.press_for(F5, "would refuse it?");

    terminal.answer(pasted);

    rest(Duration::from_millis(400));
    terminal.shows("would refuse it?");
    leaves(terminal);
    assert_eq!(bench.control().posts(), 0);
}

/// What is typed ahead of a question, in the same moment or while it is being drawn.
#[rstest]
#[case::at_once(0)]
#[case::while_it_is_drawn(40)]
#[case::before_it_can_be_read(200)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_typed_ahead_is_not_taken(#[case] after: u64) {
    let (bench, mut terminal, _) = at_work(State::Refused, Duration::ZERO).await;

    rest(Duration::from_millis(100));
    terminal.type_in(F5);
    rest(Duration::from_millis(after));
    terminal.type_in(b"y");

    terminal.shows("too fast");
    rest(Duration::from_millis(400));
    leaves(terminal);
    assert_eq!(bench.control().posts(), 0);
}

/// At the limit it takes the word, and Enter once it could be read.
#[tokio::test(flavor = "multi_thread")]
async fn a_demanded_word_is_answered_by_itself_and_enter() {
    let (bench, mut terminal, before) = at_work(State::AtTheLimit, Duration::ZERO).await;

    terminal.press_for(CTRL_S, "type override to go on");
    terminal.answer("override");
    terminal.answer(F5);
    terminal.answer(CTRL_S);
    assert_eq!(bench.control().posts(), before);
    terminal.press_until("\r", "request", |_| bench.control().posts() == before + 1);
    leaves(terminal);
}
