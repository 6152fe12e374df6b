//! Signals to the process, as values.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};

/// A signal that the console answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal went away.
    Hangup,
    /// Interrupt from a keyboard.
    Interrupt,
    /// Quit from a keyboard.
    Quit,
    /// A request to end.
    Terminate,
    /// A request to stop, from outside; Ctrl+Z comes as a key.
    Stop,
    /// The process goes on after it was stopped.
    Continue,
}

impl Signal {
    /// The number that the exit code is made of.
    pub fn number(self) -> u8 {
        match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Quit => 3,
            Self::Terminate => 15,
            Self::Stop => 20,
            Self::Continue => 18,
        }
    }
}

/// Waiting signals; more of them would say nothing new.
const SIGNALS_MAX: usize = 16;

/// Listens to all signals that the console answers. Call it inside the runtime. Whoever has the
/// sender can send one too, such as [`super::watch_terminal`].
///
/// # Errors
/// When the system does not let the process listen.
pub fn listen() -> std::io::Result<(tokio::sync::mpsc::Sender<Signal>, Receiver<Signal>)> {
    let (sender, receiver) = channel(SIGNALS_MAX);
    let kinds = [
        (SignalKind::hangup(), Signal::Hangup),
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::quit(), Signal::Quit),
        (SignalKind::terminate(), Signal::Terminate),
        (
            SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()),
            Signal::Stop,
        ),
        (
            SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()),
            Signal::Continue,
        ),
    ];
    for (kind, value) in kinds {
        let mut stream = signal(kind)?;
        let sender = sender.clone();
        // Ends with the receiver, that is, with the loop.
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                if sender.send(value).await.is_err() {
                    return;
                }
            }
        });
    }
    Ok((sender, receiver))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::runtime::Exit;

    #[test]
    fn the_exit_code_names_the_signal() {
        assert_eq!(Exit::Signal(Signal::Hangup).code(), 129);
        assert_eq!(Exit::Signal(Signal::Interrupt).code(), 130);
        assert_eq!(Exit::Signal(Signal::Quit).code(), 131);
        assert_eq!(Exit::Signal(Signal::Terminate).code(), 143);
        assert_eq!(Exit::Done.code(), 0);
    }
}
