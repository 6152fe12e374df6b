//! Lines of standard input, and the signals that end it.
//!
//! Reading blocks, so a thread of its own does it and hands the lines over one by one. The thread is
//! not waited for: it ends with the input or with the process.

use std::io::{BufRead, Read};

use tokio::sync::mpsc::{Receiver, channel};

use crate::cli::exit::Exit;
use crate::cli::signals::Signals;

/// Lines read ahead of the questions, as when a script is piped in.
const LINES_AHEAD: usize = 16;
/// Longest line; an input has a thousand characters at most.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// What came.
pub(super) enum Heard {
    /// A line.
    Line(String),
    /// The input ended.
    End,
    /// A signal asks to leave.
    Signal(Exit),
}

/// Listens to standard input and to signals.
pub(super) struct Listener {
    lines: Receiver<String>,
    signals: Signals,
}

impl Listener {
    /// Starts listening.
    pub(super) fn start() -> Self {
        let (sender, lines) = channel(LINES_AHEAD);
        std::thread::spawn(move || {
            let mut stdin = std::io::stdin().lock();
            loop {
                let mut line = Vec::new();
                match stdin
                    .by_ref()
                    .take(LINE_BYTES_MAX)
                    .read_until(b'\n', &mut line)
                {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
                let line = String::from_utf8_lossy(&line).into_owned();
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            lines,
            signals: Signals::listen(),
        }
    }

    /// The next line. A signal that came while something was under way is heard first.
    pub(super) async fn next(&mut self) -> Heard {
        tokio::select! {
            biased;
            exit = self.signals.next() => Heard::Signal(exit),
            line = self.lines.recv() => line.map_or(Heard::End, Heard::Line),
        }
    }
}
