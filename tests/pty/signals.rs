//! Every signal that ends a program, from outside: the terminal is given back whoever sends it.

use rstest::rstest;
use rustix::process::Signal;

use crate::grammar::{Token, modes_on, tokens};
use crate::support::Bench;
use crate::terminal::{Ended, Terminal, in_home};
use crate::{AS_BEFORE, LEAVE, command, demo};

/// Sends a signal that has no name of its own as well.
fn kill(terminal: &Terminal, number: u32) {
    let status = std::process::Command::new("sh")
        .args(["-c", "kill -\"$0\" \"$1\""])
        .args([number.to_string(), terminal.pid().to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[rstest]
fn a_signal_that_nobody_thinks_of_gives_the_terminal_back(
    // TRAP, ABRT, BUS, USR1, USR2, ALRM, STKFLT, XCPU, XFSZ, VTALRM, PROF, IO, PWR, SYS, and the
    // first and the last of the real-time signals.
    #[values(5, 6, 7, 10, 12, 14, 16, 24, 25, 26, 27, 29, 30, 31, 34, 64)] number: u32,
) {
    let (_home, mut terminal) = demo();

    kill(&terminal, number);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(128 + number));
    assert!(terminal.has_its_settings_back());
    terminal.read_out();
    assert_eq!(modes_on(&terminal.bytes()), AS_BEFORE);
}

/// The mouse and the keyboard protocol of kitty are on as well.
#[tokio::test(flavor = "multi_thread")]
async fn every_mode_that_was_asked_for_is_given_back() {
    let bench = Bench::quiet().await;
    let config = format!(
        "mouse = true\nkitty_keyboard = true\n{}",
        bench.profile("us", "")
    );
    bench.write("config.toml", &config, 0o600);
    let mut terminal = Terminal::start(command(&bench));
    terminal.shows("0 / 1,500");
    terminal.gets("\x1b[>1u");
    terminal.gets("\x1b[?1002h");

    kill(&terminal, 10);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(138));
    assert!(terminal.has_its_settings_back());
    terminal.read_out();
    let bytes = terminal.bytes();
    assert_eq!(modes_on(&bytes), AS_BEFORE);
    let count = |wanted: &str| {
        let is_it = |token: &&Token| **token == Token::Csi(wanted.to_owned());
        tokens(&bytes).iter().filter(is_it).count()
    };
    assert_eq!(count(">1u"), count("<1u"));
}

/// What `nohup` and the like have said before the start holds.
#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let home = tempfile::tempdir().unwrap();
    let mut command = portable_pty::CommandBuilder::new("/bin/sh");
    command.args(["-c", "trap '' HUP USR1 TSTP; exec \"$0\" demo"]);
    command.arg(env!("CARGO_BIN_EXE_ziadeck"));
    in_home(&mut command, home.path());
    let mut terminal = Terminal::start(command);
    terminal.shows("us-prod");

    for number in [1, 10, 20] {
        kill(&terminal, number);
    }
    // The signals were delivered before this one, which is heard.
    terminal.press_for(b"\x1bOP", "Keys");
    terminal.signal(Signal::USR2);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(140));
}

/// A grant code is typed without an echo, which is given back as well.
#[rstest]
#[case(Signal::INT, 130)]
#[case(Signal::TERM, 143)]
#[case(Signal::USR1, 138)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_at_a_hidden_question_gives_the_echo_back(
    #[case] signal: Signal,
    #[case] code: u32,
) {
    let bench = Bench::quiet().await;
    let mut command = command(&bench);
    command.args(["auth", "login"]);
    let mut terminal = Terminal::start(command);
    terminal.shows("grant code");
    crate::terminal::until("a terminal without an echo", || {
        !terminal.has_its_settings_back()
    });

    terminal.signal(signal);

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(code));
    assert!(terminal.has_its_settings_back());
}
