//! The built program in a real pseudo-terminal: how it starts, what a key does, how it ends, and
//! that nothing but its own grammar reaches the terminal.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

mod forgotten;
#[path = "../support/grammar.rs"]
mod grammar;
mod hostile;
mod input;
mod leaving;
mod life;
mod line;
mod meant;
mod plain;
mod signals;
mod stopped;

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/terminal.rs"]
mod terminal;

use std::time::Duration;

use support::Bench;
use terminal::{Terminal, program};

/// The modes of a terminal that is as it was: the cursor shown, lines that wrap, and nothing else.
const AS_BEFORE: [&str; 2] = ["25", "7"];

/// Longest that the program may take to leave.
const LEAVE: Duration = Duration::from_secs(12);

/// A console of its own on the demo.
fn demo() -> (tempfile::TempDir, Terminal) {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(program(home.path(), &["demo"]));
    terminal.shows("us-prod");
    (home, terminal)
}

/// A console on the bench's simulator, ready to compose.
fn console(bench: &Bench) -> Terminal {
    let terminal = Terminal::start(command(bench));
    // The figures come last, when everything has been asked.
    terminal.shows("0 / 1,500");
    terminal
}

fn command(bench: &Bench) -> portable_pty::CommandBuilder {
    let (config, data) = (bench.path("config.toml"), bench.path("data"));
    let mut command = program(&bench.path(""), &[]);
    command.args(["--config".as_ref(), config.as_os_str()]);
    command.args(["--data-dir".as_ref(), data.as_os_str()]);
    command
}

/// Fills the e-mail field: the form begins at the name.
fn compose(terminal: &mut Terminal, email: &str) {
    terminal.type_in("\t");
    terminal.type_in(email);
    terminal.shows(email);
}
