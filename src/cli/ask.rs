//! Questions to a person. Without a terminal to ask on, a command needs `--yes`. What was typed
//! before a question answers none.

use std::io::{BufRead, Read, Write};

use super::output::{Out, can_ask};
use super::signals::before_the_end;
use crate::base::Secret;
use crate::ops::OpsError;

/// Whether the person said yes.
///
/// # Errors
/// Where there is no terminal to ask on and no `--yes`.
pub(super) fn confirm(question: &str, is_agreed: bool, out: Out) -> Result<bool, OpsError> {
    if is_agreed {
        return Ok(true);
    }
    if !can_ask() {
        return Err(OpsError::Refused(format!(
            "{question} There is no terminal to ask on: give --yes"
        )));
    }
    forget_typed_ahead();
    out.ask(&format!("{question} Type yes to go on:"));
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    Ok(line.trim().eq_ignore_ascii_case("yes"))
}

/// Whether the person typed the number of units that will be spent: one that is read, not a habit
/// of the fingers.
///
/// # Errors
/// Where there is no terminal to ask on and no `--yes`.
pub(super) fn confirm_units(question: &str, units: u64, out: Out) -> Result<bool, OpsError> {
    confirm_number(question, ("the number of units", "--yes"), units, out)
}

/// Whether the person typed a number that was told; what it is, and the flag that says it instead.
///
/// # Errors
/// Where there is no terminal to ask on.
pub(super) fn confirm_number(
    question: &str,
    (what, instead): (&str, &str),
    number: u64,
    out: Out,
) -> Result<bool, OpsError> {
    if !can_ask() {
        return Err(OpsError::Refused(format!(
            "{question} There is no terminal to ask on: give {instead}"
        )));
    }
    forget_typed_ahead();
    out.ask(&format!("{question} Type {what} to go on:"));
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    Ok(line.trim().replace([',', ' '], "") == number.to_string())
}

/// Throws away what was typed before the question could be read: it answers something else. A
/// terminal hands out line by line, so nothing of it is in this process yet.
fn forget_typed_ahead() {
    use rustix::termios::{QueueSelector, tcflush};
    // It fails only where the terminal is gone, and then nobody answers.
    let _ = tcflush(rustix::stdio::stdin(), QueueSelector::IFlush);
}

/// Reads one secret line from standard input, without an echo where it is a terminal; `how` is the
/// next step where nothing came.
///
/// # Errors
/// When nothing was given.
pub(super) fn secret_line(prompt: &str, how: &str) -> Result<Secret, OpsError> {
    let stdin = std::io::stdin();
    let hidden = Hidden::start();
    if hidden.is_some() {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{prompt}: ").and_then(|()| stderr.flush());
    }
    let mut line = zeroize::Zeroizing::new(String::new());
    // A grant code has some 70 characters; whatever is longer is not one.
    let read = stdin.lock().take(4_096).read_line(&mut line);
    if hidden.is_some() {
        let _ = writeln!(std::io::stderr());
    }
    drop(hidden);
    match read {
        Ok(_) if !line.trim().is_empty() => Ok(Secret::new(&line)),
        _ => Err(OpsError::Refused(format!("no {prompt} was given; {how}"))),
    }
}

/// The terminal without an echo, for as long as it lives. A signal that ends the process gives the
/// echo back first.
struct Hidden(rustix::termios::Termios);

impl Hidden {
    fn start() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(rustix::stdio::stdin()).ok()?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        let shown = Self(before.clone());
        before_the_end(move || drop(shown));
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &hidden).ok()?;
        Some(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0);
    }
}
