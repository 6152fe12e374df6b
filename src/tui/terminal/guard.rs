//! The modes that are switched on, and off again on every way out.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, KeyboardEnhancementFlags,
    PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use rustix::termios::{LocalModes, OutputModes};

use super::nonblocking_writer::Shared;

/// Buttons, drags and the SGR form of coordinates; not 1003, any motion.
pub(super) const MOUSE_ON: &str = "\u{1b}[?1000h\u{1b}[?1002h\u{1b}[?1006h";
pub(super) const MOUSE_OFF: &str = "\u{1b}[?1006l\u{1b}[?1002l\u{1b}[?1000l";

/// How the terminal tells of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keyboard {
    /// As terminals always have: several keys look the same, and Esc looks like a sequence.
    #[default]
    Plain,
    /// By the kitty keyboard protocol, where the terminal knows it; others pass the wish over.
    Kitty,
}

/// What has to be given back.
struct Taken {
    writer: Arc<Shared>,
    keyboard: Keyboard,
}

// The one piece of process-wide state: the terminal itself is process-wide, and a panic hook gets
// no argument. There while the modes are on: the way out to the terminal.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

fn taken() -> MutexGuard<'static, Option<Taken>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why there is no console.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Input or output is a file or a pipe.
    #[error(
        "the console needs a terminal for input and output; scripts use ziadeck submit, log, usage, jobs or bulk"
    )]
    NotATerminal,
    /// The terminal cannot move its cursor.
    #[error(
        "the console cannot draw on TERM={0:?}; use ziadeck submit, log, usage, jobs or bulk instead"
    )]
    Dumb(String),
    /// The terminal refused.
    #[error("cannot use the terminal: {0}")]
    Io(#[from] io::Error),
}

/// Says whether a console is possible here, without touching the terminal.
///
/// # Errors
/// When input or output is no terminal, or TERM is unset or dumb.
pub fn check(term: Option<&str>) -> Result<(), TerminalError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TerminalError::NotATerminal);
    }
    match term {
        None | Some("" | "dumb") => Err(TerminalError::Dumb(term.unwrap_or_default().to_owned())),
        Some(_) => Ok(()),
    }
}

/// Gives the terminal back if a panic ends the thread that draws, then says so in one fixed
/// sentence. A panic of another thread becomes its task's error and leaves the screen alone.
/// Install it before the terminal is entered.
pub fn install_panic_hook(ledger: PathBuf) {
    let drawing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |about| {
        if std::thread::current().id() != drawing {
            return;
        }
        restore();
        // The place, never the message: it could hold what must not be printed.
        let place = about
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()))
            .unwrap_or_default();
        // With standard error gone there is nobody left to tell.
        let _ = writeln!(
            io::stderr(),
            "ziadeck met a fault of its own at {place} and has stopped. Every attempt is on record \
             in {}; what was on its way counts as unknown.",
            ledger.display()
        );
    }));
}

/// Whether the terminal itself is in raw mode, whatever crossterm remembers.
fn is_raw() -> bool {
    let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
    rustix::termios::tcgetattr(io::stdin()).is_ok_and(|modes| {
        !modes.local_modes.intersects(cooked) && !modes.output_modes.contains(OutputModes::OPOST)
    })
}

/// Switches the modes on through `out`, which ends at `writer`. They may be on already: the kernel
/// tells that the process goes on also after a stop that nobody announced, and after our own.
pub(super) fn enter(
    out: &mut impl Write,
    writer: Arc<Shared>,
    keyboard: Keyboard,
) -> io::Result<()> {
    let was_taken = taken().is_some();
    if was_taken && !is_raw() {
        // Whoever had the terminal may have left it in other modes, and crossterm asks for raw mode
        // only once. Where it is raw it stays so all the time: a key in between would be echoed.
        let _ = disable_raw_mode();
    }
    enable_raw_mode()?;
    writer.open();
    *taken() = Some(Taken { writer, keyboard });
    crossterm::queue!(
        out,
        EnterAlternateScreen,
        EnableBracketedPaste,
        DisableLineWrap,
        Hide
    )?;
    if keyboard == Keyboard::Kitty {
        if was_taken {
            // The terminal counts: what is asked for twice would have to be given back twice.
            crossterm::queue!(out, PopKeyboardEnhancementFlags)?;
        }
        let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
        crossterm::queue!(out, PushKeyboardEnhancementFlags(flags))?;
    }
    out.flush()
}

/// Switches every mode off, whatever was on. Does nothing when the terminal is not taken; ignores
/// errors, because the terminal may be gone. Waits two seconds at most for one that nobody reads.
pub fn restore() {
    let Some(Taken { writer, keyboard }) = taken().take() else {
        return;
    };
    let mut bytes = MOUSE_OFF.as_bytes().to_vec();
    if keyboard == Keyboard::Kitty {
        // Before the alternate screen is left: each screen has a keyboard of its own.
        let _ = crossterm::queue!(bytes, PopKeyboardEnhancementFlags);
    }
    // Writing into memory cannot fail.
    let _ = crossterm::queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        EnableLineWrap,
        ResetColor,
        LeaveAlternateScreen,
        Show
    );
    writer.close(&bytes);
    let _ = disable_raw_mode();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_run_without_a_terminal_is_refused_with_the_other_commands() {
        // Where the tests run on a terminal, TERM=dumb stands in for one that is missing.
        let error = check(Some("dumb")).unwrap_err().to_string();

        assert!(error.contains("ziadeck submit"), "{error}");
    }

    #[test]
    fn any_motion_is_never_asked_for() {
        assert!(!MOUSE_ON.contains("1003"));
    }

    #[test]
    fn restoring_what_was_not_taken_writes_nothing() {
        restore();

        assert!(taken().is_none());
    }
}
