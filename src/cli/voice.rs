//! What is told while something goes on, by a thread of its own: whoever has to tell never waits for
//! the one who reads.
//!
//! ```text
//!  say ──────► lines, at most so many ─┐
//!  progress ─► the newest alone ───────┴─► thread ─► out      finish: all of it was told
//! ```
//! A terminal that was stopped keeps the thread for as long as it likes. The thread is then left
//! behind; what ends the process is [`super::signals`].

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::output::Out;

/// Lines that wait for a reader; what comes after them is counted.
const LINES_MAX: usize = 1_000;

type Line = Box<dyn FnOnce(Out) + Send>;

/// Tells in the order in which it was asked to. Dropping it tells what waits and waits for nobody.
pub(super) struct Voice {
    shared: Option<Arc<Shared>>,
    out: Out,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    told: Notify,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Line>,
    progress: Option<Line>,
    left_out: u64,
    is_telling: bool,
    is_over: bool,
}

impl Voice {
    /// Starts the thread. Where none can be started, whoever tells also waits.
    pub(super) fn start(out: Out) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = shared.clone();
        let started = std::thread::Builder::new()
            .name("voice".to_owned())
            .spawn(move || thread.tell_on(out));
        Self {
            shared: started.is_ok().then_some(shared),
            out,
        }
    }

    /// Tells something that must not be left out while there is room.
    pub(super) fn say(&self, line: impl FnOnce(Out) + Send + 'static) {
        let Some(shared) = &self.shared else {
            return line(self.out);
        };
        let mut state = shared.lock();
        if state.lines.len() < LINES_MAX {
            state.lines.push_back(Box::new(line));
        } else {
            state.left_out += 1;
        }
        shared.changed.notify_one();
    }

    /// Tells how far something is, instead of what was said of that and was not told yet.
    pub(super) fn progress(&self, line: impl FnOnce(Out) + Send + 'static) {
        let Some(shared) = &self.shared else {
            return line(self.out);
        };
        shared.lock().progress = Some(Box::new(line));
        shared.changed.notify_one();
    }

    /// Returns when everything was told, which is never where nobody reads.
    pub(super) async fn finish(&self) {
        let Some(shared) = &self.shared else {
            return;
        };
        while !shared.lock().is_idle() {
            shared.told.notified().await;
        }
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            shared.lock().is_over = true;
            shared.changed.notify_one();
        }
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.lines.is_empty() && self.progress.is_none() && !self.is_telling
    }

    fn next(&mut self) -> Option<Line> {
        let line = self.lines.pop_front();
        if line.is_none() && self.left_out > 0 {
            let left_out = std::mem::take(&mut self.left_out);
            return Some(Box::new(move |out| {
                out.progress(None);
                out.say(&format!("{left_out} lines were left out: nobody read"));
            }));
        }
        line.or_else(|| self.progress.take())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_on(&self, out: Out) {
        let mut state = self.lock();
        loop {
            if let Some(line) = state.next() {
                state.is_telling = true;
                drop(state);
                line(out);
                state = self.lock();
                state.is_telling = false;
            } else {
                self.told.notify_one();
                if state.is_over {
                    return;
                }
                let woken = self.changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::cli::output::{Format, Motion, Talk};

    const OUT: Out = Out {
        format: Format::Text,
        talk: Talk::Quiet,
        motion: Motion::None,
        ledger: None,
    };

    #[tokio::test]
    async fn a_reader_that_stands_holds_up_nobody_and_gets_the_newest_progress() {
        let voice = Voice::start(OUT);
        let (go_on, gate) = channel::<()>();
        let (told, heard) = channel();
        let started = told.clone();
        voice.say(move |_| {
            started.send("stands".to_owned()).unwrap();
            gate.recv().unwrap();
        });
        assert_eq!(heard.recv().unwrap(), "stands");

        // The test goes on: that is what it proves.
        for number in 0..2 * LINES_MAX {
            let (line, progress) = (told.clone(), told.clone());
            voice.say(move |_| line.send(format!("line {number}")).unwrap());
            voice.progress(move |_| progress.send(format!("progress {number}")).unwrap());
        }
        go_on.send(()).unwrap();
        voice.finish().await;

        let heard: Vec<_> = heard.try_iter().collect();
        assert_eq!(heard.len(), LINES_MAX + 1);
        assert_eq!(heard[LINES_MAX - 1], format!("line {}", LINES_MAX - 1));
        assert_eq!(heard[LINES_MAX], format!("progress {}", 2 * LINES_MAX - 1));
    }

    #[test]
    fn what_waits_is_told_after_the_end() {
        let (told, heard) = channel();

        Voice::start(OUT).say(move |_| told.send(()).unwrap());

        heard.recv().unwrap();
    }
}
