//! The one writer: a thread that owns the write connection and commits in groups.
//!
//! ```text
//! callers ─► bounded queue ─► drain what waits ─► BEGIN IMMEDIATE
//!                                                    each write in its SAVEPOINT
//!                                                 COMMIT (fsync) ─► mark ─► answer all
//! ```
//!
//! Concurrent attempts share one fsync; a write that fails undoes only itself. Nobody gets an
//! answer before the commit that makes it true. A commit that fails is tried again for answers that
//! came back (the unit is spent, the record must not be lost) and never for a dispatch; where another
//! process keeps the ledger, for answers alone.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use tokio::sync::{mpsc, watch};

use crate::base::Clock;
use crate::base::limits::{LEDGER_GROUP, LEDGER_RETRIES};

use super::connect::{Scratch, pause, scratch};
use super::error::{Fault, LedgerError, from_sqlite};
use super::file::{Files, Identity, Modes, Stamp};
use super::forgotten;
use super::key::{self, HashKey};
use super::lock::{HeldRuns, ProcessLock};
use super::mark::{Comparison, Known};
use super::marks::Marks;
use super::open::{LedgerStep, OnStep, Trust};
use super::queue::{Applied, Message, Purpose, Queued};
use super::rekey::{self, Rekeyed};
use super::schema;
use super::settle::{Decided, decide};
use super::whole;

/// The wait before each new try of a commit, times its number.
const RETRY_WAIT: Duration = Duration::from_millis(20);
/// SQLite's SQLITE_IOERR_WRITE, which is also what a full disk may look like; every other failure
/// of the disk during a commit leaves the handle in doubt.
const IOERR_WRITE: i32 = 778;

/// What the writer and its transactions know besides the connection.
pub(super) struct Env {
    pub(super) path: PathBuf,
    pub(super) locks: PathBuf,
    pub(super) operator: String,
    pub(super) process: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) held: HeldRuns,
    pub(super) trust: Arc<Mutex<Trust>>,
    pub(super) key: Arc<Mutex<HashKey>>,
    pub(super) changes: watch::Sender<u64>,
    pub(super) on_step: Option<OnStep>,
}

impl Env {
    pub(super) fn trust(&self) -> Trust {
        self.trust
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The key of the hashes, if there is one.
    pub(super) fn hash_key(&self) -> Option<key::ProvenKey> {
        match &*self.key.lock().unwrap_or_else(PoisonError::into_inner) {
            HashKey::Good(key) => Some(key.clone()),
            HashKey::Unusable(_) => None,
        }
    }

    /// Why nobody can be known again, if that is so.
    pub(super) fn key_trouble(&self) -> Option<String> {
        let key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        key.trouble().map(str::to_owned)
    }

    pub(super) fn set_trust(&self, trust: Trust) {
        *self.trust.lock().unwrap_or_else(PoisonError::into_inner) = trust;
    }
}

/// One transaction of the group, as a write sees it.
pub(super) struct Tx<'a> {
    pub(super) conn: &'a Connection,
    pub(super) env: &'a Env,
    pub(super) now_ms: i64,
}

/// The newest attempt of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Newest {
    pub(super) id: i64,
    process: String,
    started_ms: i64,
}

impl Newest {
    /// Whether a ledger that ends here may be the one that ended there.
    fn follows(&self, seen: &Self) -> bool {
        self.id > seen.id || self == seen
    }
}

/// How far the file is known to be the one that this process has written.
///
/// A file that is overwritten in place keeps its name and its inode, and SQLite reads on from its
/// page cache and its log. So the newest attempts are read anew, past the cache, whenever the file
/// was written: by a checkpoint, once in a thousand pages, or by somebody else.
#[derive(Debug)]
pub(super) struct Proven {
    /// Up to this attempt the ledger was accepted as it is.
    accepted: i64,
    /// The last attempt when the file was found written.
    last: i64,
    /// The file as it was then.
    stamp: Option<Stamp>,
    /// Whether it could have been written again without a trace.
    is_fresh: bool,
}

impl Proven {
    pub(super) fn new(last: i64, accepted: i64) -> Self {
        Self {
            accepted,
            last,
            stamp: None,
            is_fresh: false,
        }
    }

    /// Remembers that the file was looked at and found to be whole.
    fn note(&mut self, last: i64, stamp: Stamp, files: &Files) {
        self.is_fresh = !stamp.is_before_the_last_write_to(&files.log());
        if self.stamp != Some(stamp) {
            self.stamp = Some(stamp);
            self.last = last;
        }
    }

    /// Whether nobody wrote the file since; its log is there for the time.
    fn covers(&self, stamp: Stamp, files: &Files) -> bool {
        self.stamp == Some(stamp)
            && !(self.is_fresh && stamp.is_before_the_last_write_to(&files.log()))
    }
}

/// The writer's state; it lives on its thread.
pub(super) struct Writer {
    pub(super) conn: Connection,
    pub(super) env: Env,
    pub(super) files: Files,
    pub(super) marks: Marks,
    pub(super) identity: Identity,
    pub(super) uuid: String,
    pub(super) broken: Option<String>,
    pub(super) commits: u64,
    /// The last attempt that this process knows to be durable.
    pub(super) seen: Newest,
    /// How many attempts are missing in the ledger, as it was when it was opened or accepted.
    pub(super) missing: i64,
    /// The schema that was checked, by SQLite's count of its changes.
    pub(super) schema: i64,
    /// How far the file is known to be the one that this process has written.
    pub(super) proven: Proven,
    /// The last attempt that the mark is known to hold.
    pub(super) marked: i64,
    /// Dropped last: while it is held, nobody calls this process's attempts unknown.
    pub(super) _lock: ProcessLock,
}

impl Writer {
    /// Works until the queue is closed or everybody is gone.
    pub(super) fn run(mut self, queue: &mut mpsc::Receiver<Message>) {
        let mut next = queue.blocking_recv();
        while let Some(message) = next.take() {
            match message {
                Message::Close => break,
                Message::Alone(work) => {
                    work(&mut self);
                    self.env.changes.send_modify(|n| *n = n.wrapping_add(1));
                }
                Message::Write(first) => {
                    let mut group = vec![first];
                    while group.len() < LEDGER_GROUP {
                        match queue.try_recv() {
                            Ok(Message::Write(write)) => group.push(write),
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.commit(group);
                }
            }
            if next.is_none() {
                next = queue.blocking_recv();
            }
        }
        // What still waits is told that nothing was written.
        while let Ok(message) = queue.try_recv() {
            if let Message::Write(write) = message {
                write.answer(Some(LedgerError::Closed));
            }
        }
    }

    fn commit(&mut self, group: Vec<Box<dyn Queued>>) {
        let (mut group, stamp) = match self.stands() {
            Err(error) => return answer_all(group, Some(&error)),
            Ok(stamp) => (group, stamp),
        };
        if group
            .iter()
            .any(|write| write.purpose() == Purpose::Dispatch)
            && let Err(error) = self.may_dispatch()
        {
            group = refuse(group, &error, |purpose| purpose == Purpose::Dispatch);
        }
        for tries in 1.. {
            if group.is_empty() {
                return;
            }
            match self.try_group(&mut group, stamp) {
                Ok(()) => return answer_all(group, None),
                Err(error) => {
                    let before = group.len();
                    group = refuse(group, &error, |purpose| match purpose {
                        Purpose::Dispatch => true,
                        Purpose::Record => matches!(error, LedgerError::Busy { .. }),
                        Purpose::Answer => false,
                    });
                    // A schema that was changed sends nothing more; what came back is recorded.
                    if matches!(error, LedgerError::CannotOpen { .. }) && group.len() < before {
                        continue;
                    }
                    if tries > LEDGER_RETRIES || !error.may_pass() {
                        return answer_all(group, Some(&error));
                    }
                    pause(RETRY_WAIT * tries);
                }
            }
        }
    }

    fn try_group(
        &mut self,
        group: &mut [Box<dyn Queued>],
        stamp: Stamp,
    ) -> Result<(), LedgerError> {
        let path = self.env.path.clone();
        let fail = |doing, e: &rusqlite::Error| from_sqlite(&path, doing, e);
        let is_proven = self.proven.covers(stamp, &self.files);
        if !is_proven {
            let emptied = self.conn.release_memory();
            emptied.map_err(|e| fail("start a write", &e))?;
        }
        let mut tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| fail("start a write", &e))?;
        let now_ms = self.env.clock.now().as_millisecond();
        if is_proven {
            let start = newest(&tx).map_err(|fault| fault.at(&path, "write"))?;
            if !start.follows(&self.seen) {
                return Err(LedgerError::Replaced { path });
            }
        } else {
            let last = prove(&tx, &path, (&self.seen, &self.proven))?;
            self.proven.note(last, stamp, &self.files);
        }
        let mut purposes = group.iter().map(|write| write.purpose());
        if purposes.any(|purpose| purpose == Purpose::Dispatch) {
            schema::stands(&tx, &path, &mut self.schema)?;
        }
        for write in group.iter_mut() {
            let save = tx.savepoint().map_err(|e| fail("start a write", &e))?;
            let applied = write.apply(&Tx {
                conn: &save,
                env: &self.env,
                now_ms,
            });
            // A full disk or a failing one may have undone the whole transaction already.
            let lost = save.is_autocommit();
            match applied {
                Applied::GiveUp(error) => return Err(error),
                Applied::Failed if lost => {
                    return Err(LedgerError::Disk {
                        path: self.env.path.clone(),
                        doing: "write",
                        reason: "the transaction was undone".to_owned(),
                        code: IOERR_WRITE,
                    });
                }
                // Dropping a savepoint undoes it.
                Applied::Failed => drop(save),
                Applied::Done => save.commit().map_err(|e| fail("write", &e))?,
            }
        }
        let seen = newest(&tx).map_err(|fault| fault.at(&path, "write"))?;
        self.commits += 1;
        step(&self.env, LedgerStep::BeforeCommit(self.commits));
        if let Err(error) = tx.commit() {
            let error = from_sqlite(&self.env.path, "commit", &error);
            if let LedgerError::Disk { code, reason, .. } = &error
                && *code != IOERR_WRITE
            {
                self.broken = Some(format!("a commit failed ({reason})"));
            }
            return Err(error);
        }
        let known = self.known(seen.id);
        self.seen = seen;
        step(&self.env, LedgerStep::AfterCommit(self.commits));
        self.move_mark(&known);
        self.env.changes.send_modify(|n| *n = n.wrapping_add(1));
        Ok(())
    }

    /// Records the decision, then takes what is here as the truth.
    pub(super) fn accept_history(&mut self, note: &str) -> Result<(), LedgerError> {
        self.stands_whole()?;
        let now_ms = self.env.clock.now().as_millisecond();
        let mut work = || -> Result<Known, Fault> {
            let tx = self
                .conn
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            schema::stands(&tx, &self.env.path, &mut self.schema)?;
            let decided = Decided {
                made_by: "operator",
                verdict: "history accepted",
                attempt: None,
                row: None,
                note: Some(note),
            };
            let env = &self.env;
            decide(
                &Tx {
                    conn: &tx,
                    env,
                    now_ms,
                },
                &decided,
            )?;
            let known = known(&tx, &self.uuid)?;
            tx.commit()?;
            Ok(known)
        };
        let known = work().map_err(|fault| fault.at(&self.env.path, "accept the history"))?;
        self.marks.accept(&known)?;
        self.marked = known.last;
        self.missing = known.missing();
        self.proven = Proven::new(known.last, known.last);
        self.env.set_trust(Trust::Trusted);
        Ok(())
    }

    /// Makes a new key and hashes with it what still has its inputs: a person's decision.
    pub(super) fn renew_key(
        &mut self,
        files: &Files,
        modes: Modes,
    ) -> Result<Rekeyed, LedgerError> {
        self.stands_whole()?;
        let now_ms = self.env.clock.now().as_millisecond();
        let bytes = key::replace(files, modes)?;
        let key = key::of_bytes(&bytes);
        let mut work = || -> Result<Rekeyed, Fault> {
            scratch(&self.conn, Scratch::File)?;
            let tx = self
                .conn
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            schema::stands(&tx, &self.env.path, &mut self.schema)?;
            let done = rekey::rekey(&tx, &key, &self.uuid)?;
            forgotten::drop_all(&tx)?;
            let note = format!(
                "{} hashed, {} cannot be compared",
                done.hashed, done.not_comparable
            );
            decide(
                &Tx {
                    conn: &tx,
                    env: &self.env,
                    now_ms,
                },
                &Decided {
                    made_by: "operator",
                    verdict: "new key made",
                    attempt: None,
                    row: None,
                    note: Some(&note),
                },
            )?;
            tx.commit()?;
            Ok(done)
        };
        let done = work();
        let as_before = scratch(&self.conn, Scratch::Memory).map_err(Fault::from);
        let done = done
            .and_then(|done| as_before.map(|()| done))
            .map_err(|fault| fault.at(&self.env.path, "hash with the new key"))?;
        let proof = key::proof(&key, &self.uuid);
        *self.env.key.lock().unwrap_or_else(PoisonError::into_inner) =
            HashKey::Good((Arc::new(key), proof));
        // What else there may be to doubt stays.
        let trust = match self.judge()? {
            Comparison::Agrees | Comparison::Made => Trust::Trusted,
            Comparison::Doubtful(reason) => Trust::Doubtful(reason),
        };
        self.env.set_trust(trust);
        Ok(done)
    }

    /// The mark only makes a lost ledger visible; failing to write it stops further sending.
    fn move_mark(&mut self, known: &Known) {
        if known.last <= self.marked || self.env.trust() != Trust::Trusted {
            return;
        }
        match self.marks.advance(known) {
            Ok(true) => self.marked = known.last,
            // Another process keeps one locked; the next commit moves it on.
            Ok(false) => {}
            Err(error) => self.broken = Some(error.to_string()),
        }
    }

    /// What the ledger knows when it ends at an attempt.
    fn known(&self, last: i64) -> Known {
        Known {
            uuid: self.uuid.clone(),
            last,
            count: last.saturating_sub(self.missing),
        }
    }

    fn judge(&mut self) -> Result<Comparison, LedgerError> {
        let newest = newest(&self.conn).map_err(|f| f.at(&self.env.path, "read"))?;
        let known = self.known(newest.id);
        self.marks.judge((&self.conn, &self.files), &known)
    }

    /// How many attempts were seen that the ledger does not have.
    pub(super) fn beyond(&mut self) -> Result<u64, LedgerError> {
        let newest = newest(&self.conn).map_err(|f| f.at(&self.env.path, "read"))?;
        Marks::beyond(&self.files, &self.known(newest.id))
    }

    /// The path must still name the file that is open.
    pub(super) fn stands(&self) -> Result<Stamp, LedgerError> {
        match Identity::with_stamp(&self.env.path) {
            Ok((identity, stamp)) if identity == self.identity => Ok(stamp),
            _ => Err(LedgerError::Replaced {
                path: self.env.path.clone(),
            }),
        }
    }

    /// And it must have all that this process has seen in it.
    pub(super) fn stands_whole(&self) -> Result<(), LedgerError> {
        let stamp = self.stands()?;
        if self.proven.covers(stamp, &self.files) {
            return Ok(());
        }
        let path = &self.env.path;
        let emptied = self.conn.release_memory();
        emptied.map_err(|e| from_sqlite(path, "start a write", &e))?;
        prove(&self.conn, path, (&self.seen, &self.proven)).map(drop)
    }

    pub(super) fn may_dispatch(&mut self) -> Result<(), LedgerError> {
        if let Some(reason) = &self.broken {
            return Err(LedgerError::Unusable {
                path: self.env.path.clone(),
                reason: reason.clone(),
            });
        }
        if self.env.trust() == Trust::Trusted {
            return Ok(());
        }
        if let Some(reason) = self.env.key_trouble() {
            return Err(LedgerError::NoKey {
                path: self.env.path.clone(),
                reason,
            });
        }
        // Another process may have accepted the history meanwhile.
        match self.judge()? {
            Comparison::Agrees | Comparison::Made => {
                self.env.set_trust(Trust::Trusted);
                Ok(())
            }
            Comparison::Doubtful(reason) => Err(LedgerError::NotTrusted {
                path: self.env.path.clone(),
                reason,
            }),
        }
    }
}

fn step(env: &Env, step: LedgerStep) {
    if let Some(on_step) = &env.on_step {
        on_step(step);
    }
}

/// How far the ledger has come. The attempts are counted, by the index that has them in the order
/// in which they were made.
pub(super) fn known(conn: &Connection, uuid: &str) -> Result<Known, Fault> {
    Ok(conn
        .prepare_cached(
            "SELECT (SELECT coalesce(max(id), 0) FROM attempts) AS last,
                 (SELECT count(*) FROM attempts INDEXED BY attempts_operator) AS count",
        )?
        .query_row((), |row| {
            Ok(Known {
                uuid: uuid.to_owned(),
                last: row.get("last")?,
                count: row.get("count")?,
            })
        })?)
}

/// The newest attempt; nothing but zeros where there is none.
pub(super) fn newest(conn: &Connection) -> Result<Newest, Fault> {
    let found = conn
        .prepare_cached("SELECT id, process, started_ms FROM attempts ORDER BY id DESC LIMIT 1")?
        .query_row((), read_newest)
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn read_newest(row: &Row<'_>) -> rusqlite::Result<Newest> {
    Ok(Newest {
        id: row.get("id")?,
        process: row.get("process")?,
        started_ms: row.get("started_ms")?,
    })
}

/// The file, whose pages are not in the cache, must have all that this process knows to be durable;
/// returns its last attempt. One that was written by somebody and makes no sense any more was
/// replaced, unless the disk or another process explains it.
fn prove(
    conn: &Connection,
    path: &Path,
    (seen, proven): (&Newest, &Proven),
) -> Result<i64, LedgerError> {
    let there = || -> Result<Option<i64>, Fault> {
        let newest = newest(conn)?;
        let found = conn
            .prepare_cached("SELECT id, process, started_ms FROM attempts WHERE id = ?1")?
            .query_row([seen.id], read_newest)
            .optional()?
            .unwrap_or_default();
        if !newest.follows(seen) || found != *seen {
            return Ok(None);
        }
        let lacks = whole::lacks(conn, (newest.id, proven.last), proven.accepted)?;
        Ok((!lacks).then_some(newest.id))
    };
    match there().map_err(|fault| fault.at(path, "write")) {
        Ok(Some(last)) => Ok(last),
        Err(error) if error.may_pass() => Err(error),
        Ok(None) | Err(_) => Err(LedgerError::Replaced {
            path: path.to_owned(),
        }),
    }
}

/// Answers some of a group with the error and gives back the others.
fn refuse(
    group: Vec<Box<dyn Queued>>,
    error: &LedgerError,
    which: impl Fn(Purpose) -> bool,
) -> Vec<Box<dyn Queued>> {
    let (refused, rest) = group.into_iter().partition(|write| which(write.purpose()));
    answer_all(refused, Some(error));
    rest
}

fn answer_all(group: Vec<Box<dyn Queued>>, failure: Option<&LedgerError>) {
    for write in group {
        write.answer(failure.cloned());
    }
}
