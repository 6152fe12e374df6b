//! What keys and pastes do: exactly one thing sends, and it is not Enter.

use rustix::process::Signal;
use ziadeck::simulator::{Action, Fault, Target};

use crate::grammar::has_colour;
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
    terminal.press_for(b"\x13", "scheduled");
    terminal.shows("1 / 1,500");
    assert_eq!(bench.control().posts(), 1);
    assert!(
        bench.control().posts_log()[0]
            .body
            .contains("ada@acme.example")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kitty_keyboard_is_asked_for_only_by_the_configuration_and_given_back() {
    let bench = Bench::quiet().await;
    let mut plain = console(&bench);
    plain.type_in(b"\x11");
    assert_eq!(plain.ends_within(LEAVE), Ended::with(0));
    let config = format!("kitty_keyboard = true\n{}", bench.profile("us", ""));
    bench.write("config.toml", &config, 0o600);

    let mut kitty = console(&bench);
    // Ctrl+Q in the words of the protocol.
    kitty.type_in(b"\x1b[113;5u");

    assert_eq!(kitty.ends_within(LEAVE), Ended::with(0));
    let at = |terminal: &mut Terminal, words: &[u8]| {
        terminal.read_out();
        let bytes = terminal.bytes();
        bytes.windows(words.len()).position(|part| part == words)
    };
    assert_eq!(at(&mut plain, b"\x1b[>1u"), None);
    assert_eq!(at(&mut plain, b"\x1b[<1u"), None);
    let (asked, given_back) = (at(&mut kitty, b"\x1b[>1u"), at(&mut kitty, b"\x1b[<1u"));
    assert!(
        asked.is_some() && asked < given_back,
        "{asked:?} {given_back:?}"
    );
    assert!(
        given_back < at(&mut kitty, b"\x1b[?1049l"),
        "before the screen is left"
    );
}

/// The kernel tells that the process goes on after our own stop too, when the terminal is ours
/// again already; another stop is never announced.
#[rstest::rstest]
#[case::announced(Signal::TSTP)]
#[case::unannounced(Signal::STOP)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_no_keyboard_behind_that_is_never_given_back(#[case] stop: Signal) {
    let bench = Bench::quiet().await;
    let config = format!("kitty_keyboard = true\n{}", bench.profile("us", ""));
    bench.write("config.toml", &config, 0o600);
    let mut kitty = console(&bench);

    for _ in 0..2 {
        kitty.signal(stop);
        kitty.is_in_state('T');
        let before = kitty.bytes().len();
        kitty.signal(Signal::CONT);
        kitty.more_than(before);
    }
    kitty.type_in(b"\x1b[113;5u");

    assert_eq!(kitty.ends_within(LEAVE), Ended::with(0));
    kitty.read_out();
    let bytes = kitty.bytes();
    let count = |words: &[u8]| bytes.windows(words.len()).filter(|p| *p == words).count();
    assert_eq!(count(b"\x1b[>1u"), count(b"\x1b[<1u"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mouse_keys_and_theme_of_the_configuration_are_honoured() {
    let bench = Bench::quiet().await;
    let top = "mouse = true\ntheme = \"mono\"\n[keys]\nquit = [\"F12\"]\n";
    let config = format!("{top}{}", bench.profile("us", ""));
    bench.write("config.toml", &config, 0o600);

    let mut terminal = console(&bench);
    // Ctrl+Q is taken away; F12 has come instead.
    terminal.type_in(b"\x11");
    compose(&mut terminal, "ada@acme.example");
    terminal.type_in(b"\x1b[24~");

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    terminal.read_out();
    let bytes = terminal.bytes();
    assert!(bytes.windows(8).any(|part| part == b"\x1b[?1000h"));
    assert!(!has_colour(&bytes));
}

#[rstest::rstest]
#[case::row("row", true)]
#[case::mark("mark", false)]
#[tokio::test(flavor = "multi_thread")]
async fn a_selected_row_has_a_ground_where_the_configuration_wants_it(
    #[case] selection: &str,
    #[case] has_ground: bool,
) {
    let bench = Bench::quiet().await;
    let top = format!("theme = \"mine\"\nselection = \"{selection}\"\n");
    let config = format!("{top}{}", bench.profile("us", ""));
    bench.write("config.toml", &config, 0o600);
    std::fs::create_dir(bench.path("themes")).unwrap();
    let ground = "[styles]\nselection = { fg = \"231\", bg = \"52\" }\n";
    bench.write("themes/mine.toml", ground, 0o600);

    let mut terminal = console(&bench);
    terminal.type_in(b"\x10");
    terminal.shows("▌ ");

    let bytes = terminal.bytes();
    let is_there = String::from_utf8_lossy(&bytes).contains("48;5;52");
    assert_eq!(is_there, has_ground);
    nothing_was_sent(&bench, terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_is_seen_while_it_is_edited() {
    let bench = Bench::quiet().await;
    let config = format!("theme = \"mine\"\n{}", bench.profile("us", ""));
    bench.write("config.toml", &config, 0o600);
    std::fs::create_dir(bench.path("themes")).unwrap();
    let edit = |text: &str| bench.write("themes/mine.toml", text, 0o600);
    let ground =
        |color: &str| format!("[styles]\nbackground = {{ fg = \"231\", bg = \"{color}\" }}\n");
    edit(&ground("17"));
    let terminal = console(&bench);
    assert!(!String::from_utf8_lossy(&terminal.bytes()).contains("48;5;52"));

    edit("[styles]\n\nbackground = {\n");
    terminal.shows("theme mine, line 3");
    edit(&ground("52"));

    terminal.gets("48;5;52");
    nothing_was_sent(&bench, terminal);
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

    terminal.press_for(b"\x13", "sending");
    terminal.type_in("-more");

    terminal.shows("ada@acme.example-more");
    terminal.type_in(b"\x1bOP");
    terminal.shows("Ctrl+P");
}
