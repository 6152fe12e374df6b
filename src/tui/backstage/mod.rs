//! The real backstage: the console's questions answered by the use cases of `ops`.
//!
//! ```text
//!   Ask ──► a task of its own (a bounded number) ──► ops ──► Msg ──► inbox
//! ```
//!
//! The loop never waits for any of this. A submission runs to its end even when the console is
//! leaving: `finish` waits for it; every other task may be dropped at any moment.

mod answers;
mod convert;
mod job_answers;
mod last;
mod people;
mod records;
mod runs;
mod setup;
mod sign_in;
mod unknowns;
mod usage_answers;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::demo::Demo;
use super::effects::{Ask, Backstage, Full, RunsAsk, SetupAsk};
use super::msg::Msg;
use crate::base::ProfileName;
use crate::ops::Deck;
use crate::ops::bulk_run::Wish;

/// Most questions under way at once; more would only queue behind the same connections.
const QUESTIONS_MAX: usize = 64;

/// Answers the console from a [`Deck`].
pub struct Crew {
    shared: Arc<Shared>,
    questions: JoinSet<()>,
    submissions: JoinSet<()>,
    room: Arc<Semaphore>,
    has_begun: bool,
}

/// What the tasks share.
pub(super) struct Shared {
    // The set-up guide may exchange the deck for that of the demo while the console runs.
    deck: Mutex<Deck>,
    demo: Mutex<Option<Demo>>,
    watcher: Mutex<Option<JoinHandle<()>>>,
    inbox: Sender<Msg>,
    // A profile that was asked for on the command line wins over the one of the last session.
    start_with: Option<ProfileName>,
    has_told: AtomicBool,
    // Runs that go on here stop in order when the console leaves.
    wish: watch::Sender<Wish>,
}

impl Shared {
    /// Whether this is the first call: some things are said once.
    pub(super) fn is_first_time(&self) -> bool {
        !self.has_told.swap(true, Ordering::Relaxed)
    }

    pub(super) fn deck(&self) -> Deck {
        self.deck
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Uses the demo's deck from now on.
    pub(super) fn play(self: &Arc<Self>, demo: Demo) {
        *self.deck.lock().unwrap_or_else(PoisonError::into_inner) = demo.deck().clone();
        *self.demo.lock().unwrap_or_else(PoisonError::into_inner) = Some(demo);
        self.watch_with(Some(watch(self)));
    }

    /// Replaces the task that watches the ledger.
    fn watch_with(&self, next: Option<JoinHandle<()>>) {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *watcher, next) {
            before.abort();
        }
    }

    /// Sends an answer; a console that has gone needs none.
    pub(super) async fn answer(&self, msg: Msg) {
        let _ = self.inbox.send(msg).await;
    }

    pub(super) fn wish(&self) -> watch::Receiver<Wish> {
        self.wish.subscribe()
    }

    pub(super) fn inbox(&self) -> &Sender<Msg> {
        &self.inbox
    }
}

impl Crew {
    /// A crew for this deck. Must be made inside the runtime.
    pub fn new(deck: Deck, inbox: Sender<Msg>, start_with: Option<ProfileName>) -> Self {
        let shared = Arc::new(Shared {
            deck: Mutex::new(deck),
            demo: Mutex::new(None),
            watcher: Mutex::new(None),
            inbox,
            start_with,
            has_told: AtomicBool::new(false),
            wish: watch::Sender::new(Wish::GoOn),
        });
        shared.watch_with(Some(watch(&shared)));
        Self {
            shared,
            questions: JoinSet::new(),
            submissions: JoinSet::new(),
            room: Arc::new(Semaphore::new(QUESTIONS_MAX)),
            has_begun: false,
        }
    }

    /// Asks the console's first question ahead of it, so that the answer is there when the terminal
    /// is; when the console asks itself, it counts as asked.
    pub fn begin(&mut self) {
        self.has_begun = self.ask(Ask::Profiles).is_ok();
    }

    /// The crew of the demo.
    pub fn of_demo(demo: Demo, inbox: Sender<Msg>) -> Self {
        let crew = Self::new(demo.deck().clone(), inbox, None);
        *crew
            .shared
            .demo
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(demo);
        crew
    }
}

impl Backstage for Crew {
    fn ask(&mut self, ask: Ask) -> Result<(), Full> {
        if ask == Ask::Profiles && std::mem::take(&mut self.has_begun) {
            return Ok(());
        }
        while self.questions.try_join_next().is_some() {}
        while self.submissions.try_join_next().is_some() {}
        let permit = self.room.clone().try_acquire_owned().map_err(|_| Full)?;
        let shared = self.shared.clone();
        let tasks = match ask {
            // What must be on record before the console leaves: `finish` waits for these.
            Ask::Submit(_)
            | Ask::SaveDraft { .. }
            | Ask::UseProfile(_)
            | Ask::KeepTheme(_)
            | Ask::Decide { .. }
            | Ask::Forget { .. }
            | Ask::Setup(SetupAsk::Apply { .. } | SetupAsk::SignIn(_))
            | Ask::Runs(RunsAsk::Start(_)) => &mut self.submissions,
            _ => &mut self.questions,
        };
        tasks.spawn(async move {
            let work = answers::answer(&shared, ask.clone());
            told_if_it_breaks(&shared, ask, work).await;
            drop(permit);
        });
        Ok(())
    }

    async fn finish(&mut self) {
        runs::leave(&self.shared.wish);
        self.questions.abort_all();
        while self.submissions.join_next().await.is_some() {}
        self.shared.watch_with(None);
        let demo = self
            .shared
            .demo
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.shared.deck().close().await;
        if let Some(demo) = demo {
            demo.stop().await;
        }
    }
}

/// Does the work on a question. A panic in it is told at once: the console would take the question
/// for one that is still under way.
async fn told_if_it_breaks(shared: &Shared, ask: Ask, work: impl Future<Output = ()>) {
    // What the work shared with others is behind locks that outlive a panic, and the ledger.
    let done = AssertUnwindSafe(work).catch_unwind().await;
    if done.is_err() {
        shared.answer(Msg::Broken(Box::new(ask))).await;
    }
}

/// Tells the console when anybody commits to the ledger: this process or another.
fn watch(shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = shared.clone();
    tokio::spawn(async move {
        let Ok(mut changes) = shared.deck().ledger().watch() else {
            return;
        };
        while changes.changed().await.is_ok() {
            if shared.inbox.send(Msg::LedgerChanged).await.is_err() {
                return;
            }
        }
    })
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod runs_tests;
