//! What keys and pastes do: exactly one thing sends, and it is not Enter.

use ziadeck::simulator::{Action, Fault, Target};

use crate::support::Bench;
use crate::terminal::{Ended, Terminal};
use crate::{LEAVE, compose, console};

/// Nothing has been sent, and the console still listens: it quits when asked.
fn nothing_was_sent(bench: &Bench, mut terminal: Terminal) {
    terminal.type_in(b"\x11");
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    assert_eq!(bench.control().posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_composed_and_sent() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);

    compose(&mut terminal, "ada@acme.example");
    terminal.shows("0 → 1");
    terminal.type_in(b"\x13");

    terminal.shows("scheduled");
    terminal.shows("1 / 1,500");
    assert_eq!(bench.control().posts(), 1);
    assert!(
        bench.control().posts_log()[0]
            .body
            .contains("ada@acme.example")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_never_sends() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");

    for _ in 0..100 {
        terminal.type_in(b"\r");
    }

    nothing_was_sent(&bench, terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_is_text_whatever_is_in_it() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada");

    // Ctrl+S, F5, Ctrl+Q, Enter and a clipboard sequence, all inside a bracketed paste.
    terminal.type_in(b"\x1b[200~-1\r\n-2\x13\x1b[15~\x11\x1b]52;c\x07\r-3\x1b[201~");

    // The controls are gone, what they framed is plain text, and a line break is a space.
    terminal.shows("ada-1 -2[15~]52;c -3");
    nothing_was_sent(&bench, terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_that_arrives_in_pieces_is_still_text() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada");

    for piece in ["\x1b", "[20", "0~", "-one\r", "\n-two\x1b", "[20", "1~"] {
        terminal.type_in(piece);
    }

    terminal.shows("ada-one");
    nothing_was_sent(&bench, terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_arrives_in_pieces_is_one_key() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada");

    // The cursor goes left twice.
    for piece in ["\x1b", "[", "D", "\x1b[", "D", "X"] {
        terminal.type_in(piece);
    }

    terminal.shows("aXda");
    nothing_was_sent(&bench, terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_pasted_is_cut_and_fires_nothing() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada");

    terminal.type_in(b"\x1b[200~");
    terminal.type_in("x\x13\x1b[15~\r\n".repeat(100_000));
    terminal.type_in(b"\x1b[201~");

    terminal.shows("left out");
    nothing_was_sent(&bench, terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_blocks_no_key() {
    let bench = Bench::quiet().await;
    let hang = Action::Hang { effect: true };
    bench
        .control()
        .push_fault(Fault::always(Target::PeoplePost, hang));
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");

    terminal.type_in(b"\x13");
    terminal.shows("sending");
    terminal.type_in("-more");

    terminal.shows("ada@acme.example-more");
    terminal.type_in(b"\x1bOP");
    terminal.shows("Ctrl+P");
}
