//! The worker of the console: its operations carried out by the use cases of `ops`.
//!
//! ```text
//!   Op, with its id ──► a task of its own (a bounded number) ──► ops ──► Reply ──► inbox
//! ```
//!
//! The loop never waits for any of this. What must be on record before the console leaves runs to its
//! end even then: `finish` waits for it; every other task may be dropped at any moment.

mod draft;
mod jobs;
mod last;
mod log;
mod people;
mod profiles;
mod records;
mod runs;
mod setup;
mod sign_in;
mod unknowns;
mod usage;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::effect::{Full, Worker};
use super::msg::Msg;
use super::notice::Failure;
use super::op::{Class, Op, OpId, Payload, Progress, Reply, ops_table};
use crate::base::ProfileName;
use crate::ops::bulk_run::ShutdownSignal;
use crate::ops::{AppContext, OpsError, ProfileSession};
use crate::tui::demo::Demo;

/// Most operations under way at once; more would only queue behind the same connections.
const TASKS_MAX: usize = 64;

/// Does the console's work with a [`AppContext`].
pub struct OpsWorker {
    shared: Arc<Shared>,
    /// What may be dropped.
    tasks: JoinSet<()>,
    /// What must be on record before the console leaves.
    finishing: JoinSet<()>,
    room: Arc<Semaphore>,
    has_begun: bool,
}

/// What the tasks share.
pub(super) struct Shared {
    // The set-up guide may exchange the context for that of the demo while the console runs.
    context: Mutex<AppContext>,
    demo: Mutex<Option<Demo>>,
    watcher: Mutex<Option<JoinHandle<()>>>,
    inbox: Sender<Msg>,
    // A profile that was asked for on the command line wins over the one of the last session.
    start_with: Option<ProfileName>,
    has_told: AtomicBool,
    // Runs that go on here stop in order when the console leaves.
    shutdown: watch::Sender<ShutdownSignal>,
}

/// Where an operation is carried out, and under which number. What it shares with others is behind
/// locks that outlive a panic, and the ledger.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    shared: &'a Arc<Shared>,
    context: &'a AppContext,
    id: OpId,
}

impl At<'_> {
    fn session(&self, profile: &ProfileName) -> Result<Arc<ProfileSession>, OpsError> {
        self.context.session(Some(profile))
    }
}

impl Shared {
    /// Whether this is the first call: some things are said once.
    pub(super) fn is_first_time(&self) -> bool {
        !self.has_told.swap(true, Ordering::Relaxed)
    }

    pub(super) fn context(&self) -> AppContext {
        held(&self.context).clone()
    }

    /// Uses the demo's context from now on.
    pub(super) fn play(self: &Arc<Self>, demo: Demo) {
        *held(&self.context) = demo.context().clone();
        *held(&self.demo) = Some(demo);
        self.watch_with(Some(watch(self)));
    }

    /// Replaces the task that watches the ledger.
    fn watch_with(&self, next: Option<JoinHandle<()>>) {
        if let Some(before) = std::mem::replace(&mut *held(&self.watcher), next) {
            before.abort();
        }
    }

    /// Sends a message; a console that has gone needs none.
    pub(super) async fn answer(&self, msg: Msg) {
        let _ = self.inbox.send(msg).await;
    }

    /// Tells how far an operation is, where the inbox has room for it.
    pub(super) fn progress(&self, id: OpId, progress: Progress) {
        let _ = self.inbox.try_send(Msg::Progress(id, progress));
    }

    pub(super) fn shutdown(&self) -> watch::Receiver<ShutdownSignal> {
        self.shutdown.subscribe()
    }
}

/// What a lock holds: no panic leaves it half changed.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OpsWorker {
    /// A worker on this context. Must be made inside the runtime.
    pub fn new(context: AppContext, inbox: Sender<Msg>, start_with: Option<ProfileName>) -> Self {
        let shared = Arc::new(Shared {
            context: Mutex::new(context),
            demo: Mutex::new(None),
            watcher: Mutex::new(None),
            inbox,
            start_with,
            has_told: AtomicBool::new(false),
            shutdown: watch::Sender::new(ShutdownSignal::GoOn),
        });
        shared.watch_with(Some(watch(&shared)));
        Self {
            shared,
            tasks: JoinSet::new(),
            finishing: JoinSet::new(),
            room: Arc::new(Semaphore::new(TASKS_MAX)),
            has_begun: false,
        }
    }

    /// Starts the console's first operation ahead of it, so that the reply is there when the terminal
    /// is; when the console starts it itself, it counts as started.
    pub fn begin(&mut self) {
        self.has_begun = self.start(OpId::default(), Op::LoadProfiles).is_ok();
    }

    /// The worker of the demo.
    pub fn of_demo(demo: Demo, inbox: Sender<Msg>) -> Self {
        let worker = Self::new(demo.context().clone(), inbox, None);
        *held(&worker.shared.demo) = Some(demo);
        worker
    }
}

impl Worker for OpsWorker {
    fn start(&mut self, id: OpId, op: Op) -> Result<(), Full> {
        if op == Op::LoadProfiles && std::mem::take(&mut self.has_begun) {
            return Ok(());
        }
        while self.tasks.try_join_next().is_some() {}
        while self.finishing.try_join_next().is_some() {}
        let permit = self.room.clone().try_acquire_owned().map_err(|_| Full)?;
        let shared = self.shared.clone();
        let tasks = match op.class() {
            Class::Finishes => &mut self.finishing,
            Class::Read | Class::Act => &mut self.tasks,
        };
        tasks.spawn(async move {
            let shown = op.without_secrets();
            let context = shared.context();
            let at = At {
                shared: &shared,
                context: &context,
                id,
            };
            tell(at, shown, perform(op, at)).await;
            drop(permit);
        });
        Ok(())
    }

    async fn finish(&mut self) {
        // Runs that go on here stop in order, also one that has not yet begun to listen.
        self.shared.shutdown.send_replace(ShutdownSignal::Stop);
        self.tasks.abort_all();
        while self.finishing.join_next().await.is_some() {}
        self.shared.watch_with(None);
        let demo = held(&self.shared.demo).take();
        self.shared.context().close().await;
        if let Some(demo) = demo {
            demo.stop().await;
        }
    }
}

/// Tells what came of an operation. A panic is told at once: the console would take it for one that
/// is still under way.
async fn tell(at: At<'_>, op: Op, work: impl Future<Output = Result<Payload, OpsError>>) {
    let result = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => done.map_err(|error| Failure::of(&error)),
        Err(_) => Err(Failure::fault()),
    };
    let reply = Reply::new(at.id, Arc::new(op), result);
    at.shared.answer(Msg::Reply(Box::new(reply))).await;
}

macro_rules! performs {
    ($(
        $(#[$_doc:meta])*
        $name:ident
            $(($arg:ident: $_arg_type:ty))?
            $([$boxed:ident: $_boxed_type:ty])?
            $({ $($field:ident: $_type:ty),* })?
            -> $_answer:ty, $_class:ident, $work:path, $_full:literal;
    )*) => {
        /// Carries an operation out.
        async fn perform(op: Op, at: At<'_>) -> Result<Payload, OpsError> {
            Ok(match op {
                $(Op::$name $(($arg))? $(($boxed))? $({ $($field),* })? => {
                    // Boxed, so that the stack of one does not hold those of all.
                    let work = $work(at, $($arg)? $(*$boxed)? $($($field),*)?);
                    let work: BoxFuture<'_, Result<_, OpsError>> = Box::pin(work);
                    Payload::$name(work.await?)
                })*
            })
        }
    };
}
ops_table!(performs);

/// Tells the console when anybody commits to the ledger: this process or another.
fn watch(shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = shared.clone();
    tokio::spawn(async move {
        let Ok(mut changes) = shared.context().ledger().watch() else {
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
mod runs_tests;
#[cfg(test)]
mod tests;
