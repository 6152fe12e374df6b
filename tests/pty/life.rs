//! How the console starts and every way in which it ends.

use rstest::rstest;
use rustix::process::Signal;
use ziadeck::tui::terminal::install_panic_hook;

use crate::grammar::modes_on;
use crate::support::Bench;
use crate::terminal::{Ended, Terminal, in_home, program, until};
use crate::{AS_BEFORE, LEAVE, command, compose, console, demo};

#[test]
fn the_first_frame_has_the_five_data_centres_and_the_counter() {
    let (_home, terminal) = demo();

    for text in ["US", "IN", "AU", "CA", "SA", "1,500", "Compose", "Live log"] {
        terminal.shows(text);
    }
}

#[rstest]
#[case::ctrl_q(b"\x11", 0)]
#[case::ctrl_c(b"\x03", 0)]
// F3 goes from the form to the log, where q is a command.
#[case::q_outside_a_text(b"\x1bORq", 0)]
fn a_key_that_quits_gives_the_terminal_back(#[case] keys: &[u8], #[case] code: u32) {
    let (_home, mut terminal) = demo();

    terminal.type_in(keys);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(code));
    assert!(terminal.has_its_settings_back());
    terminal.read_out();
    assert_eq!(modes_on(&terminal.bytes()), AS_BEFORE);
}

#[rstest]
#[case(Signal::HUP, 129)]
#[case(Signal::INT, 130)]
#[case(Signal::QUIT, 131)]
#[case(Signal::TERM, 143)]
fn a_signal_that_ends_it_gives_the_terminal_back(#[case] signal: Signal, #[case] code: u32) {
    let (_home, mut terminal) = demo();

    terminal.signal(signal);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(code));
    assert!(terminal.has_its_settings_back());
    terminal.read_out();
    assert_eq!(modes_on(&terminal.bytes()), AS_BEFORE);
}

#[test]
fn a_signal_while_the_demo_is_still_being_made_ends_it() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(program(home.path(), &["demo"]));

    terminal.signal(Signal::TERM);

    let ended = terminal.ends_within(LEAVE);
    assert!(ended.code == 143 || ended.signal.is_some(), "{ended:?}");
    assert!(terminal.has_its_settings_back());
}

#[test]
fn nothing_of_the_demo_stays_behind() {
    let (home, mut terminal) = demo();

    terminal.type_in(b"\x11");
    terminal.ends_within(LEAVE);

    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[rstest]
#[case::key(None)]
#[case::signal(Some(Signal::TSTP))]
fn a_stop_lends_the_terminal_and_going_on_takes_it_again(#[case] signal: Option<Signal>) {
    let (_home, mut terminal) = demo();

    match signal {
        None => terminal.type_in(b"\x1a"),
        Some(signal) => terminal.signal(signal),
    }
    terminal.is_in_state('T');
    assert!(terminal.has_its_settings_back());
    until("modes switched off", || {
        modes_on(&terminal.bytes()) == AS_BEFORE
    });
    let before = terminal.bytes().len();
    terminal.signal(Signal::CONT);

    terminal.more_than(before);
    terminal.shows("us-prod");
    assert!(!terminal.has_its_settings_back());
    terminal.type_in(b"\x11");
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
}

#[test]
fn a_storm_of_sizes_leaves_a_console_that_works() {
    let (_home, mut terminal) = demo();

    for round in 0..200_u16 {
        let (columns, rows) = match round % 5 {
            0 => (1, 1),
            1 => (500, 200),
            2 => (0, 0),
            3 => (80, 24),
            _ => (round % 97 + 1, round % 53 + 1),
        };
        terminal.resize(columns, rows);
    }
    terminal.resize(50, 10);
    terminal.shows("60x15");
    terminal.resize(120, 40);

    terminal.shows("us-prod");
    terminal.type_in(b"\x11");
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    assert!(terminal.has_its_settings_back());
}

/// Four thousand million cells would be more memory than there is.
#[test]
fn a_terminal_that_tells_an_impossible_size_costs_no_memory_and_no_key() {
    let (_home, mut terminal) = demo();
    let before = terminal.bytes().len();

    terminal.tell_size(u16::MAX, u16::MAX);

    terminal.more_than(before);
    terminal.resize(120, 40);
    terminal.type_in(b"\x0c");
    terminal.shows("us-prod");
    let peak = terminal.peak_kilobytes();
    assert!(peak.is_some_and(|peak| peak < 1_000_000), "{peak:?}");
    terminal.type_in(b"\x11");
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    assert!(terminal.has_its_settings_back());
}

#[rstest]
#[case::dumb(Some("dumb"))]
#[case::unset(None)]
#[case::empty(Some(""))]
fn a_terminal_that_cannot_move_its_cursor_is_refused(#[case] term: Option<&str>) {
    let home = tempfile::tempdir().unwrap();
    let mut command = program(home.path(), &["demo"]);
    match term {
        Some(term) => command.env("TERM", term),
        None => command.env_remove("TERM"),
    }
    let mut terminal = Terminal::start(command);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(2));
    terminal.shows("ziadeck submit");
    terminal.read_out();
    assert!(!terminal.bytes().contains(&0x1b));
}

#[tokio::test]
async fn a_pipe_instead_of_a_terminal_is_refused() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [&["demo"][..], &[]] {
        let mut command = crate::support::program(home.path());
        command.args(arguments).env("TERM", "xterm");

        let ran = crate::support::finish(command.spawn().unwrap())
            .await
            .expect(2);

        assert!(ran.stderr.contains("ziadeck submit"), "{ran:?}");
        assert!(
            !ran.stderr.contains('\u{1b}') && ran.stdout.is_empty(),
            "{ran:?}"
        );
    }
}

/// Set for the process that panics.
const PANICS: &str = "ZIADECK_TEST_PANICS";

/// Not a test by itself: the process of the test below. It takes the terminal and panics.
#[tokio::test]
async fn a_process_that_panics() {
    use ziadeck::theme::ColorDepth;
    use ziadeck::tui::terminal::{Keyboard, MouseMode, Screen, Tui};
    if std::env::var_os(PANICS).is_none() {
        return;
    }
    install_panic_hook("/the/ledger.db".into());
    let (sender, _receiver) = tokio::sync::mpsc::channel(1);
    let clock = std::sync::Arc::new(ziadeck::base::SystemClock::new());
    let how = ("xterm-256color", ColorDepth::Ansi256);
    let mut screen = Screen::enter(how, Keyboard::Plain, sender, clock).unwrap();
    screen.mouse(MouseMode::On).unwrap();
    screen
        .draw(&mut |_| panic!("canary-in-the-message"))
        .unwrap();
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_one_fixed_sentence() {
    let home = tempfile::tempdir().unwrap();
    let mut command = portable_pty::CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "life::a_process_that_panics", "--nocapture"]);
    in_home(&mut command, home.path());
    command.env(PANICS, "1");
    let mut terminal = Terminal::start(command);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(101));
    assert!(terminal.has_its_settings_back());
    terminal.read_out();
    let bytes = terminal.bytes();
    assert_eq!(modes_on(&bytes), AS_BEFORE);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("met a fault of its own at"), "{text}");
    assert!(text.contains("/the/ledger.db"), "{text}");
    assert!(!text.contains("canary-in-the-message"), "{text}");
}

/// F46: SQLite cannot open the ledger for writing where a directory stands in the place of its
/// shared memory, which holds for root as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_be_written_is_shown_and_sends_nothing() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    std::fs::create_dir(bench.path("data/ledger.db-shm")).unwrap();

    let mut terminal = Terminal::start(command(&bench));
    terminal.shows("1 / 1,500");
    terminal.shows("ledger: read only");
    terminal.shows("ada@acme.example");
    compose(&mut terminal, "lin@acme.example");
    terminal.press_for(b"\x13", "nothing was sent: the ledger is read only");
    terminal.type_in(b"\x11");

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_with_a_revoked_grant_says_so_and_the_profile_shows_it() {
    let bench = Bench::quiet().await;
    let mut terminal = console(&bench);
    compose(&mut terminal, "ada@acme.example");
    bench.control().revoke();

    terminal.press_until(b"\x13", "the word of the refusal", |screen| {
        screen.contains("invalid_code")
    });

    // None where a question of the console's own had found it out before.
    assert!(
        bench.control().posts() <= 1,
        "the refused token is used once"
    );
    terminal.shows("not signed in");
    terminal.press_until("\x1b", "a console without the message", |screen| {
        !screen.contains("invalid_code")
    });
    terminal.type_in(b"\x11");
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
}
