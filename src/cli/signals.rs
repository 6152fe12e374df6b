//! Signals that ask a command to end in order: SIGINT, SIGTERM, SIGHUP and SIGQUIT.
//!
//! ```text
//!  signal ─┬─► whoever waits in `next` ─► the command ends in order
//!          └─► the keeper ─► is something being told, or does nobody wait any more?
//!                              └─► for a second at most, then the process ends
//! ```
//! A terminal that was stopped, with Ctrl+S for example, holds up whoever writes to it. A command that
//! listens would then hear no signal, and one that has ended would never come to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::exit::Exit;
use crate::tui::runtime::{Listeners, ending};

const HEARD: [u8; 4] = [2, 15, 1, 3];

/// How long what is told may take after a signal.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often the keeper looks, once a signal came.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Listens from the moment it is made. When it is dropped, a signal ends the process after a second
/// at most, and one that came before does so as well: what is left is telling how it ended.
pub(super) struct Signals {
    listeners: Listeners,
    /// Nobody may come to wait for a signal: something is told, or this is dropped.
    is_telling: Arc<AtomicBool>,
}

impl Signals {
    /// Starts listening.
    pub(super) fn listen() -> Self {
        let is_telling = Arc::new(AtomicBool::new(false));
        let mut heard = Listeners::to(HEARD);
        let is_stuck = is_telling.clone();
        tokio::spawn(async move {
            let first = heard.next().await;
            keep(heard, first, &is_stuck).await;
        });
        Self {
            listeners: Listeners::to(HEARD),
            is_telling,
        }
    }

    /// Waits for the next signal. Dropping the future loses none.
    pub(super) async fn next(&mut self) -> Exit {
        Exit::Signal(self.listeners.next().await)
    }

    /// Tells something for which a terminal may keep this thread.
    pub(super) fn telling(&self, tell: impl FnOnce()) {
        self.is_telling.store(true, Ordering::Relaxed);
        tell();
        self.is_telling.store(false, Ordering::Relaxed);
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.is_telling.store(true, Ordering::Relaxed);
    }
}

/// What is told after a console that ended so: a signal ends it after a second at most.
pub(super) fn last_words(exit: Exit) {
    let mut heard = Listeners::to(HEARD);
    tokio::spawn(async move {
        let first = match exit {
            Exit::Signal(number) => number,
            _ => heard.next().await,
        };
        keep(heard, first, &AtomicBool::new(true)).await;
    });
}

/// From now on a signal that ends a program does `last` before it ends this one.
pub(super) fn before_the_end(last: impl FnOnce() + Send + 'static) {
    let mut heard = Listeners::to(ending());
    tokio::spawn(async move {
        let number = heard.next().await;
        last();
        end(number);
    });
}

/// Ends the process when something was being told for so long after a signal.
async fn keep(mut heard: Listeners, first: u8, is_telling: &AtomicBool) {
    let mut number = first;
    let mut stuck = Duration::ZERO;
    while stuck < LAST_WORDS {
        tokio::select! {
            next = heard.next() => number = next,
            () = tokio::time::sleep(LOOK_EVERY) => {
                stuck = match is_telling.load(Ordering::Relaxed) {
                    true => stuck + LOOK_EVERY,
                    false => Duration::ZERO,
                };
            }
        }
    }
    end(number);
}

#[expect(
    clippy::disallowed_methods,
    reason = "the thread of main waits inside write(2) or read(2), for as long as the terminal likes"
)]
fn end(number: u8) {
    std::process::exit(Exit::Signal(number).code().into());
}
