//! The handle that the rest of the program holds: cheap to clone, async, typed.
//!
//! Dropping a future of a write does not undo the write once it is queued; the next read shows it.
//! A dispatch whose caller went away settles itself as not sent (see [`super::receipt`]).

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::base::{AttemptId, Clock, EnrichmentKind, RunId};

use super::attempt::{
    AttemptDetail, AttemptRow, LogPage, LogQuery, NewAttempt, Resolution, ScopeKey, Sent,
    Settlement,
};
use super::connect::Source;
use super::error::{Fault, LedgerError};
use super::file::{Files, Modes};
use super::key::{HashKey, ProvenKey};
use super::lock::{HeldRuns, RunLease};
use super::open::{LedgerOptions, Opened, Trust};
use super::queue::{Message, Purpose, Work};
use super::reader::Readers;
use super::receipt::{DispatchReceipt, DispatchedRequest};
use super::rekey::Rekeyed;
use super::usage::{DayCount, UsageCounts};
use super::watch::{LedgerWatch, Watches};
use super::writer::{Tx, Writer};
use super::{counts, dispatch, lock, open, page, recover, settle};

/// The ledger.
#[derive(Clone)]
pub struct Ledger {
    pub(super) inner: Arc<Inner>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ledger({})", self.inner.files.ledger.display())
    }
}

pub(super) struct Inner {
    pub(super) queue: mpsc::Sender<Message>,
    pub(super) readers: Readers,
    pub(super) files: Files,
    pub(super) modes: Modes,
    /// The key of the hashes; a person may have a new one made.
    pub(super) key: Arc<Mutex<HashKey>>,
    pub(super) operator: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) held: HeldRuns,
    pub(super) trust: Arc<Mutex<Trust>>,
    pub(super) watches: Watches,
    pub(super) threads: Mutex<Threads>,
    /// What is read: the ledger itself, or the address of a copy.
    pub(super) reads: Source,
    /// The answer to every write, of a ledger that can only be read.
    pub(super) refusal: Option<LedgerError>,
}

/// The threads, until they are joined.
#[derive(Default)]
pub(super) struct Threads {
    pub(super) readers: Vec<JoinHandle<()>>,
    pub(super) writer: Vec<JoinHandle<()>>,
}

impl Ledger {
    pub(super) fn new(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Opens the ledger, making it if it is missing.
    ///
    /// # Errors
    /// Each says why the ledger cannot be used; see [`LedgerError`]. A ledger that cannot be
    /// trusted is opened all the same, for reading and reconciling; so is one that cannot be
    /// written, for reading ([`Opened::access`]).
    pub async fn open(options: LedgerOptions) -> Result<(Self, Opened), LedgerError> {
        tokio::task::spawn_blocking(move || open::open(options))
            .await
            .unwrap_or(Err(LedgerError::Closed))
    }

    /// As [`Ledger::open`], on the calling thread: for the start of the program.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_blocking(options: LedgerOptions) -> Result<(Self, Opened), LedgerError> {
        open::open(options)
    }

    /// Whether the ledger can be written. What sends or records asks first.
    ///
    /// # Errors
    /// [`LedgerError::ReadOnly`], the answer that every write would get.
    pub fn writable(&self) -> Result<(), LedgerError> {
        self.inner.refusal.clone().map_or(Ok(()), Err)
    }

    /// Whether the ledger may be used for sending.
    pub fn trust(&self) -> Trust {
        self.inner
            .trust
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether no attempt was ever recorded, and no run.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn is_empty(&self) -> Result<bool, LedgerError> {
        self.read("look for an attempt", |conn| {
            let found: bool = conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM attempts) OR EXISTS (SELECT 1 FROM runs) AS found",
                )?
                .query_row((), |row| row.get("found"))?;
            Ok(!found)
        })
        .await
    }

    /// Whether the ledger may be used for sending, as the answer that a dispatch would get.
    ///
    /// # Errors
    /// [`LedgerError::ReadOnly`], [`LedgerError::NoKey`] or [`LedgerError::NotTrusted`].
    pub fn may_send(&self) -> Result<(), LedgerError> {
        self.writable()?;
        match self.trust() {
            Trust::Trusted => Ok(()),
            Trust::Doubtful(reason) => {
                self.hash_key()?;
                Err(LedgerError::NotTrusted {
                    path: self.inner.files.ledger.clone(),
                    reason,
                })
            }
        }
    }

    /// Looks again whether the ledger may be used for sending: another process may have accepted it
    /// since it was opened here.
    pub async fn look_at_trust(&self) -> Trust {
        // Why it may not is what the trust says.
        let _ = self.alone(Writer::may_dispatch).await;
        self.trust()
    }

    /// How many attempts this machine or this user has seen that the ledger does not have, as far as
    /// its marks tell.
    ///
    /// # Errors
    /// When a mark or the ledger cannot be read.
    pub async fn attempts_beyond(&self) -> Result<u64, LedgerError> {
        self.alone(Writer::beyond).await
    }

    /// The organisations, or servers, of which the ledger has attempts, jobs or runs.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn scopes(&self) -> Result<Vec<ScopeKey>, LedgerError> {
        self.read("read the organisations", |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT key FROM scopes s WHERE EXISTS (SELECT 1 FROM usage u WHERE u.scope = s.id)
                     OR EXISTS (SELECT 1 FROM runs r WHERE r.scope = s.id) ORDER BY key",
            )?;
            let found = statement.query_map((), |row| super::cells::Cells::of(row).word())?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Who is at the keyboard.
    pub fn operator(&self) -> &str {
        &self.inner.operator
    }

    /// The key of the hashes, if it is the ledger's own.
    pub(super) fn hash_key(&self) -> Result<ProvenKey, LedgerError> {
        let key = self
            .inner
            .key
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        key.get(&self.inner.files)
    }

    /// Records an attempt. The receipt exists only after the commit has returned.
    ///
    /// # Errors
    /// With any error nothing is recorded and nothing may be sent.
    pub async fn dispatch(&self, new: NewAttempt) -> Result<DispatchReceipt, LedgerError> {
        let request = DispatchedRequest {
            attempt: AttemptId(0),
            head: new.head.clone(),
            body: new.body.clone(),
        };
        let queue = self.inner.queue.downgrade();
        let (message, answer) = message(
            (Purpose::Dispatch, "record the attempt"),
            move |tx| dispatch::dispatch(tx, &new),
            move |attempt| DispatchReceipt::new(DispatchedRequest { attempt, ..request }, queue),
        );
        self.send(message, answer).await
    }

    /// Records the answer of an attempt. Settling twice with the same outcome is no error.
    ///
    /// # Errors
    /// The answer is not in the ledger: keep it and show it.
    pub async fn settle(
        &self,
        attempt: AttemptId,
        settlement: Settlement,
    ) -> Result<AttemptRow, LedgerError> {
        let doing = (Purpose::Answer, "record the answer");
        let (message, answer) = message(
            doing,
            move |tx| settle::settle(tx, attempt, &settlement),
            |row| row,
        );
        self.send(message, answer).await
    }

    /// Queues the answer of an attempt and returns before it is committed. Whatever is queued
    /// behind it is committed with it or after it, never before.
    ///
    /// # Errors
    /// When the ledger is closed: the answer is not in it.
    pub async fn settle_soon(
        &self,
        attempt: AttemptId,
        settlement: Settlement,
    ) -> Result<Settling, LedgerError> {
        self.writable()?;
        let (message, answer) = message(
            (Purpose::Answer, "record the answer"),
            move |tx| settle::settle(tx, attempt, &settlement),
            |row| row,
        );
        let queued = self.inner.queue.send(message).await;
        queued.map_err(|_| LedgerError::Closed)?;
        Ok(Settling { answer })
    }

    /// Records a decision about an unknown.
    ///
    /// # Errors
    /// [`LedgerError::IllegalStep`] when the attempt is not unknown, or was accepted and should
    /// become absent; [`LedgerError::JobTaken`] when another attempt has the job.
    pub async fn resolve(
        &self,
        attempt: AttemptId,
        resolution: Resolution,
    ) -> Result<AttemptRow, LedgerError> {
        self.write("record the decision", move |tx| {
            settle::resolve(tx, attempt, &resolution)
        })
        .await
    }

    /// Calls unknown what processes that died since left as sending; returns how many.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn recover(&self) -> Result<u64, LedgerError> {
        self.write("recover", recover::recover).await
    }

    /// Takes the ledger as the truth although this machine remembers more, after a reconcile or by
    /// a person's word; it is recorded as a decision.
    ///
    /// # Errors
    /// When the ledger or its mark cannot be written.
    pub async fn accept_history(&self, note: String) -> Result<(), LedgerError> {
        self.alone(move |writer| writer.accept_history(&note)).await
    }

    /// Makes a new key and hashes with it what still has its inputs, because the old key is lost: a
    /// person's decision, recorded. Answers how many can be compared, and how many cannot.
    ///
    /// # Errors
    /// When the key or the ledger cannot be written.
    pub async fn renew_key(&self) -> Result<Rekeyed, LedgerError> {
        let (files, modes) = (self.inner.files.clone(), self.inner.modes);
        self.alone(move |writer| writer.renew_key(&files, modes))
            .await
    }

    /// How many attempts that count could not be compared with a new key: their inputs are gone.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn not_comparable(&self) -> Result<u64, LedgerError> {
        self.read("count the attempts", |conn| {
            let n: i64 = conn.query_row(
                &format!(
                    "SELECT count(*) AS n FROM attempts WHERE inputs IS NULL AND outcome IN {}",
                    counts::CHARGED
                ),
                (),
                |row| row.get("n"),
            )?;
            Ok(u64::try_from(n).unwrap_or(0))
        })
        .await
    }

    /// Why nobody that was paid for can be known again, if that is so.
    pub fn key_trouble(&self) -> Option<String> {
        let key = self
            .inner
            .key
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        key.trouble().map(str::to_owned)
    }

    /// A page of the live log.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn page(&self, query: LogQuery) -> Result<LogPage, LedgerError> {
        self.read("read the log", move |conn| page::page(conn, &query))
            .await
    }

    /// One attempt with bodies, headers and decisions.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn attempt(&self, id: AttemptId) -> Result<Option<AttemptDetail>, LedgerError> {
        self.read("read the attempt", move |conn| page::attempt(conn, id))
            .await
    }

    /// What each of these attempts sent, in their order; what is not kept is left out of it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn sent(&self, ids: Vec<AttemptId>) -> Result<Vec<Sent>, LedgerError> {
        self.read("read what was sent", move |conn| page::sent(conn, &ids))
            .await
    }

    /// What reconcile has to settle, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn unknowns(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
    ) -> Result<Vec<AttemptDetail>, LedgerError> {
        self.read("read the unknowns", move |conn| {
            page::unknowns(conn, scope.as_str(), kind)
        })
        .await
    }

    /// What was called absent and still has what was sent: its job may appear late.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn absent(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
    ) -> Result<Vec<AttemptDetail>, LedgerError> {
        self.read("read the absent attempts", move |conn| {
            page::absent(conn, scope.as_str(), kind)
        })
        .await
    }

    /// The usage of a scope.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn counts(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
    ) -> Result<UsageCounts, LedgerError> {
        let now = self.inner.clock.now();
        self.read("read the usage", move |conn| {
            counts::counts(conn, scope.as_str(), (kind, now))
        })
        .await
    }

    /// The usage by UTC day, from a day (counted from 1970-01-01) on.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn days(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        since_day: i64,
    ) -> Result<Vec<DayCount>, LedgerError> {
        let operator = self.inner.operator.clone();
        self.read("read the usage", move |conn| {
            counts::days(conn, (scope.as_str(), kind), (since_day, &operator))
        })
        .await
    }

    /// Takes the exclusive right to work on a run.
    ///
    /// # Errors
    /// [`LedgerError::RunHeld`] when another process, or another part of this one, has it.
    pub fn hold_run(&self, run: RunId) -> Result<RunLease, LedgerError> {
        self.writable()?;
        let inner = &self.inner;
        let now = inner.clock.now();
        RunLease::take(&inner.files.locks, inner.modes, run, (&inner.held, now))
    }

    /// Whether nobody works on a run. The kernel is asked; nothing is written.
    ///
    /// # Errors
    /// [`LedgerError::RunHeld`] when somebody does.
    pub fn free_run(&self, run: RunId) -> Result<(), LedgerError> {
        lock::free(&self.inner.files.locks, run)
    }

    /// Watches for changes, our own and other processes'.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn watch(&self) -> Result<LedgerWatch, LedgerError> {
        self.inner.watches.watch(&self.inner.reads)
    }

    /// Finishes what waits, then closes the ledger and joins its threads.
    pub async fn close(self) {
        // The writer goes last: only the last connection to close empties the write-ahead log, and
        // a reader cannot.
        self.inner.readers.stop().await;
        let Threads { readers, writer } = {
            let mut threads = self
                .inner
                .threads
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *threads)
        };
        join(readers).await;
        let _ = self.inner.queue.send(Message::Close).await;
        join(writer).await;
    }

    /// Queues a write and waits for its commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        run: impl FnMut(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (message, answer) = message((Purpose::Record, doing), run, |value| value);
        self.send(message, answer).await
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        question: impl FnOnce(&rusqlite::Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.inner.readers.ask(doing, question).await
    }

    /// Gives the writer some work of its own, outside a group.
    pub(super) async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(move |writer: &mut Writer| {
            let _ = reply.send(work(writer));
        });
        self.send(Message::Alone(work), answer).await
    }

    async fn send<T>(
        &self,
        message: Message,
        answer: oneshot::Receiver<Result<T, LedgerError>>,
    ) -> Result<T, LedgerError> {
        self.writable()?;
        self.inner
            .queue
            .send(message)
            .await
            .map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }
}

async fn join(threads: Vec<JoinHandle<()>>) {
    // Waiting for a thread would hold up the other tasks of this one.
    let _ = tokio::task::spawn_blocking(move || {
        for thread in threads {
            let _ = thread.join();
        }
    })
    .await;
}

/// An answer on its way into the ledger.
#[derive(Debug)]
#[must_use = "the answer is in the ledger only when `committed` says so"]
pub struct Settling {
    answer: Answer<AttemptRow>,
}

impl Settling {
    /// Waits for the commit.
    ///
    /// # Errors
    /// As [`Ledger::settle`].
    pub async fn committed(self) -> Result<AttemptRow, LedgerError> {
        self.answer.await.map_err(|_| LedgerError::Closed)?
    }
}

type Answer<U> = oneshot::Receiver<Result<U, LedgerError>>;

fn message<T, U>(
    (purpose, doing): (Purpose, &'static str),
    run: impl FnMut(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    finish: impl FnOnce(T) -> U + Send + 'static,
) -> (Message, Answer<U>)
where
    T: Send + 'static,
    U: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let work = Work {
        purpose,
        doing,
        run,
        finish,
        done: None,
        reply,
    };
    (Message::Write(Box::new(work)), answer)
}

/// A write that nobody waits for.
pub(super) fn write_message(
    doing: &'static str,
    run: impl FnMut(&Tx<'_>) -> Result<(), Fault> + Send + 'static,
) -> Message {
    message((Purpose::Record, doing), run, |()| ()).0
}

/// A settlement that nobody waits for.
pub(super) fn settle_message(attempt: AttemptId, settlement: Settlement) -> Message {
    let doing = (Purpose::Answer, "record the answer");
    let run = move |tx: &Tx<'_>| settle::settle(tx, attempt, &settlement).map(drop);
    message(doing, run, |()| ()).0
}
