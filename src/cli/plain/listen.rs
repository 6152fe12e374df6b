//! Lines of standard input, and the signals that end it.
//!
//! Reading blocks, so a thread of its own does it. It reads a line only when one is wanted: what was
//! typed ahead stays in the terminal, where it can be thrown away before a question is asked. The
//! thread is not waited for: it ends with the input or with the process.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::termios::{QueueSelector, tcflush};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::cli::exit::Exit;
use crate::cli::signals::Signals;

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
    input: Arc<Mutex<BufReader<File>>>,
    wanted: Sender<()>,
    lines: Receiver<String>,
    signals: Signals,
}

impl Listener {
    /// Starts listening.
    ///
    /// # Errors
    /// When there is no standard input.
    pub(super) fn start() -> std::io::Result<Self> {
        let file = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
        let input = Arc::new(Mutex::new(BufReader::new(file)));
        let (wanted, wishes) = channel(1);
        let (sender, lines) = channel(1);
        let read = input.clone();
        std::thread::spawn(move || read_on(&read, wishes, &sender));
        Ok(Self {
            input,
            wanted,
            lines,
            signals: Signals::listen(),
        })
    }

    /// Throws away what a person typed before they could know what it would answer. A script's lines
    /// stay: it cannot know better.
    pub(super) fn forget(&mut self) {
        // Nobody reads now: a line is wanted only by `next`.
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        if !input.get_ref().is_terminal() {
            return;
        }
        let ahead = input.buffer().len();
        input.consume(ahead);
        // It fails only where the terminal is gone, which the next line tells.
        let _ = tcflush(input.get_ref(), QueueSelector::IFlush);
    }

    /// Tells something; while the terminal takes nothing, a signal is heard all the same.
    pub(super) fn telling(&self, tell: impl FnOnce()) {
        self.signals.telling(tell);
    }

    /// The next line. A signal that came while something was under way is heard first.
    pub(super) async fn next(&mut self) -> Heard {
        // A thread that has ended has closed the lines as well.
        let _ = self.wanted.send(()).await;
        tokio::select! {
            biased;
            exit = self.signals.next() => Heard::Signal(exit),
            line = self.lines.recv() => line.map_or(Heard::End, Heard::Line),
        }
    }
}

fn read_on(input: &Mutex<BufReader<File>>, mut wishes: Receiver<()>, lines: &Sender<String>) {
    while wishes.blocking_recv().is_some() {
        let mut line = Vec::new();
        let read = input
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line);
        if matches!(read, Ok(0) | Err(_)) {
            return;
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}
