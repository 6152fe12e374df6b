//! Signals to the process, as values.
//!
//! Every signal that would end the process and that may be listened to is one, so that the terminal
//! is given back whoever sends it. A signal that was ignored when the program was started stays
//! ignored, so that `nohup` means what it says.

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};

/// A signal that the console answers, by its number: one of these, or any other that ends a program,
/// such as a limit, a timer, somebody's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal(pub(super) u8);

impl Signal {
    /// The terminal went away.
    pub const HANGUP: Self = Self(raw(Number::HUP));
    /// Interrupt from a keyboard.
    pub const INTERRUPT: Self = Self(raw(Number::INT));
    /// Quit from a keyboard.
    pub const QUIT: Self = Self(raw(Number::QUIT));
    /// A request to end.
    pub const TERMINATE: Self = Self(raw(Number::TERM));
    /// A request to stop, from outside; Ctrl+Z comes as a key.
    pub const STOP: Self = Self(raw(Number::TSTP));
    /// The process goes on after it was stopped.
    pub const CONTINUE: Self = Self(raw(Number::CONT));
}

/// No signal has a number that a byte does not hold.
const fn raw(signal: Number) -> u8 {
    signal.as_raw().to_le_bytes()[0]
}

/// Those that end a program on every system. Not among them: KILL, which nobody hears; PIPE, which
/// is ignored; SEGV, ILL and FPE, after which a program must not go on.
const ENDING: [Number; 15] = [
    Number::HUP,
    Number::INT,
    Number::QUIT,
    Number::TERM,
    Number::ABORT,
    Number::TRAP,
    // A fault of our own memory ends the process all the same: the runtime's handler, which runs
    // before ours, puts the default back.
    Number::BUS,
    Number::SYS,
    Number::USR1,
    Number::USR2,
    Number::ALARM,
    Number::VTALARM,
    Number::PROF,
    Number::XCPU,
    Number::XFSZ,
];

/// Those that end a program on Linux besides, and the real-time signals, of which the C library keeps
/// some for itself.
#[cfg(target_os = "linux")]
const ENDING_HERE: ([Number; 3], std::ops::RangeInclusive<u8>) =
    ([Number::STKFLT, Number::POWER, Number::IO], 34..=64);
#[cfg(not(target_os = "linux"))]
const ENDING_HERE: ([Number; 0], std::ops::Range<u8>) = ([], 0..0);

/// The numbers of all signals that end a program and that may be listened to.
pub fn ending() -> impl Iterator<Item = u8> {
    let (more, real_time) = ENDING_HERE;
    ENDING.into_iter().chain(more).map(raw).chain(real_time)
}

/// Signals that are listened to, without those that were ignored when the program was started.
#[derive(Debug)]
pub struct Listeners {
    listeners: Vec<(u8, Listener)>,
}

impl Listeners {
    /// Listens from now on. Call it inside the runtime. From then on such a signal does nothing else,
    /// also when nobody waits for it any more.
    pub fn to(numbers: impl IntoIterator<Item = u8>) -> Self {
        let ignored = ignored();
        let listeners = numbers
            .into_iter()
            .filter(|number| ignored & (1 << (number - 1)) == 0)
            .filter_map(|number| {
                // One that this system does not have, or keeps for itself, is none to listen to.
                let listener = signal(SignalKind::from_raw(number.into())).ok()?;
                Some((number, listener))
            });
        Self {
            listeners: listeners.collect(),
        }
    }

    /// Waits for the next one and answers its number. Dropping the future loses none.
    pub async fn next(&mut self) -> u8 {
        std::future::poll_fn(|context| {
            for (number, listener) in &mut self.listeners {
                if listener.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// The mask of signals that are ignored; where the system does not tell, none is.
fn ignored() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| mask_of(&status))
        .unwrap_or(0)
}

fn mask_of(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

/// Waiting signals; more of them would say nothing new.
const SIGNALS_MAX: usize = 16;

/// Listens to all signals that the console answers. Call it inside the runtime. Whoever has the
/// sender can send one too, such as [`super::watch_terminal`].
pub fn listen() -> (tokio::sync::mpsc::Sender<Signal>, Receiver<Signal>) {
    let (sender, receiver) = channel(SIGNALS_MAX);
    let others = [Number::TSTP, Number::CONT].map(raw);
    let mut listeners = Listeners::to(ending().chain(others));
    let told = sender.clone();
    // Ends with the receiver, that is, with the loop.
    tokio::spawn(async move {
        loop {
            let signal = Signal(listeners.next().await);
            if told.send(signal).await.is_err() {
                return;
            }
        }
    });
    (sender, receiver)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::runtime::Exit;

    #[test]
    fn the_exit_code_names_the_signal() {
        assert_eq!(Exit::Signal(Signal::HANGUP).code(), 129);
        assert_eq!(Exit::Signal(Signal::INTERRUPT).code(), 130);
        assert_eq!(Exit::Signal(Signal::QUIT).code(), 131);
        assert_eq!(Exit::Signal(Signal(raw(Number::TERM))).code(), 143);
        assert_eq!(Exit::Signal(Signal(raw(Number::ABORT))).code(), 134);
        assert_eq!(Exit::Done.code(), 0);
    }

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status = "Name:\tziadeck\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";

        assert_eq!(mask_of(status), Some(0x1001));
        assert_eq!(mask_of("Name:\tziadeck\n"), None);
    }
}
