//! Opening a ledger: files, checks, format, trust, recovery, threads; in this order, each able to
//! stop the rest before anything could be sent.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, watch};

use crate::base::limits::LEDGER_QUEUE;
use crate::base::{Clock, hex};

use super::connect::Source;
use super::error::{Fault, LedgerError};
use super::file::{self, Files, Identity, Prepared, Ready};
use super::handle::{Inner, Ledger, Threads};
use super::lock::{HeldRuns, ProcessLock};
use super::mark::Comparison;
use super::marks::Marks;
use super::proven::Seen;
use super::reader::Readers;
use super::upgrade::OnUpgrade;
use super::view::View;
use super::watch::Watches;
use super::writer::{Env, Proven, Tx, Writer, known, newest};
use super::{connect, foreign, key, migrate, recover, schema};

/// What is called at each step of the writer; a crash test stops the process there.
pub type OnStep = Arc<dyn Fn(LedgerStep) + Send + Sync>;

/// A moment in the life of the writer. Commits are counted from 1 in each process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerStep {
    /// Everything of the group is written, nothing is durable.
    BeforeCommit(u64),
    /// The group is durable, nobody knows it yet.
    AfterCommit(u64),
}

/// How a ledger is opened.
#[derive(Clone)]
pub struct LedgerOptions {
    /// The ledger's file. It is made, with its directory, if it is missing.
    pub path: PathBuf,
    /// The clock of everything that is recorded.
    pub clock: Arc<dyn Clock>,
    /// Who is at the keyboard, as recorded with each attempt.
    pub operator: String,
    /// For tests.
    pub on_step: Option<OnStep>,
    /// Who is told how far the upgrade of an older ledger is.
    pub on_upgrade: Option<OnUpgrade>,
    /// A directory of the user's, apart from the ledger's, that remembers how far each ledger had
    /// come. It is made if it is missing, and not used at or below the ledger's directory.
    pub marks: Option<PathBuf>,
}

/// Whether the ledger may be used for sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// It knows all that this machine remembers.
    Trusted,
    /// It knows less, for this reason.
    Doubtful(String),
}

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Attempts of processes that died; they are unknown now.
    pub recovered: u64,
    /// Whether the ledger was made now.
    pub created: bool,
    /// Files that others could use, and cannot any more, each in a sentence.
    pub mended: Vec<String>,
    /// Whether it may be used for sending.
    pub trust: Trust,
    /// Whether it can be written at all.
    pub access: Access,
}

/// What can be done with the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    Full,
    /// Reading, since it cannot be written for this reason.
    ReadOnly(String),
}

/// Opens the ledger on the calling thread: for everything, or for reading where it cannot be
/// written.
pub(super) fn open(options: LedgerOptions) -> Result<(Ledger, Opened), LedgerError> {
    connect::check_library()?;
    let files = Files::found(&options.path, options.marks.as_deref())?;
    files.inspect()?;
    let looked = foreign::refuse(&files)?;
    match open_fully(options.clone(), (files.clone(), looked)) {
        Err(error) if error.only_writing_failed().is_some() => {
            read_only(options, files, &error).ok_or(error)
        }
        opened => opened,
    }
}

/// Opens what was looked at.
fn open_fully(
    options: LedgerOptions,
    (files, looked): (Files, Option<Identity>),
) -> Result<(Ledger, Opened), LedgerError> {
    let Ready {
        modes,
        prepared,
        mended,
    } = file::prepare(&files)?;
    let seen = Seen::of(&files.ledger)?;
    let identity = seen.identity();
    let replaced = || LedgerError::Replaced {
        path: files.ledger.clone(),
    };
    if looked.is_some_and(|looked| looked != identity) {
        return Err(replaced());
    }
    let mut conn = connect::writer(&seen)?;
    if Seen::of(&files.ledger)?.identity() != identity {
        return Err(replaced());
    }
    let reads = Source::Ledger(seen);
    let now_ms = options.clock.now().as_millisecond();
    migrate::migrate(&mut conn, &files, (now_ms, options.on_upgrade.as_ref()))?;
    let schema =
        schema::changes(&conn).map_err(|fault| fault.at(&files.ledger, "check the schema of"))?;
    if prepared == Prepared::Found {
        schema::check(&conn, &files.ledger)?;
        connect::quick_check(&conn, &files.ledger)?;
    }
    // From here on there is a schema to read.
    let readers = Readers::start(files.ledger.clone(), &reads)?;
    let uuid = uuid(&conn, &files)?;
    let process = crate::base::random::<16>()
        .map(|bytes| hex(&bytes))
        .map_err(|e| LedgerError::file(&files.ledger, "cannot open the ledger", &e))?;
    let lock = ProcessLock::hold(&files.locks, modes, &process)?;
    let key = key::settle(&mut conn, &files, (&uuid, modes))?;
    let mut marks = Marks::open(&files, modes)?;
    let at = connect::reading_once(&conn, |conn| known(conn, &uuid));
    let at = at.map_err(|fault| fault.at(&files.ledger, "count the attempts"))?;
    let trust = match (marks.judge((&conn, &files), &at)?, key.trouble()) {
        (Comparison::Doubtful(reason), _) => Trust::Doubtful(reason),
        (Comparison::Agrees | Comparison::Made, Some(reason)) => Trust::Doubtful(reason.to_owned()),
        (Comparison::Agrees | Comparison::Made, None) => Trust::Trusted,
    };

    let held: HeldRuns = Arc::new(Mutex::new(BTreeSet::new()));
    let key = Arc::new(Mutex::new(key));
    let shared_trust = Arc::new(Mutex::new(trust.clone()));
    let (changes, _) = watch::channel(0);
    let watches = Watches::new(changes.clone());
    let env = Env {
        path: files.ledger.clone(),
        locks: files.locks.clone(),
        operator: options.operator.clone(),
        process,
        clock: Arc::clone(&options.clock),
        held: Arc::clone(&held),
        trust: Arc::clone(&shared_trust),
        key: Arc::clone(&key),
        changes,
        on_step: options.on_step,
    };
    let accepted = match trust {
        Trust::Trusted => marks.accepted(&files, &uuid)?,
        // What there is to doubt is for a person; it is looked at what comes after it.
        Trust::Doubtful(_) => at.last,
    };
    let seen = newest(&conn).map_err(|fault| fault.at(&files.ledger, "read"))?;
    let recovered = recover(&mut conn, &env, now_ms)?;
    let (readers, threads) = readers.ready()?;
    let writer = Writer {
        conn,
        env,
        files: files.clone(),
        marks,
        identity,
        uuid,
        broken: None,
        commits: 0,
        seen,
        missing: at.missing(),
        schema,
        proven: Proven::new(at.last, accepted),
        marked: 0,
        _lock: lock,
    };
    let (queue, mut messages) = mpsc::channel(LEDGER_QUEUE);
    let thread = std::thread::Builder::new()
        .name("ledger-write".to_owned())
        .spawn(move || writer.run(&mut messages))
        .map_err(|e| LedgerError::file(&files.ledger, "cannot start the writer of", &e))?;
    let ledger = Ledger::new(Inner {
        queue,
        readers,
        reads,
        refusal: None,
        files,
        modes,
        key,
        operator: options.operator,
        clock: options.clock,
        held,
        trust: shared_trust,
        watches,
        threads: Mutex::new(Threads {
            readers: threads,
            writer: vec![thread],
        }),
    });
    let opened = Opened {
        recovered,
        created: prepared == Prepared::Created,
        mended,
        trust,
        access: Access::Full,
    };
    Ok((ledger, opened))
}

/// The same ledger for reading, if it can be read. Nothing is recovered, marked or locked.
fn read_only(
    options: LedgerOptions,
    files: Files,
    prevented: &LedgerError,
) -> Option<(Ledger, Opened)> {
    let view = View::of(&files).ok()?;
    view.check(&files).ok()?;
    let modes = file::modes_of(&files).ok()?;
    let key = view.key(&files).ok()?;
    let trust = view.trust(&files).ok()?;
    let readers = Readers::start(files.ledger.clone(), view.reads()).ok()?;
    let (readers, threads) = readers.ready().ok()?;
    let reason = file::standstill(&files).unwrap_or_else(|| hindrance(&files, prevented));
    let (changes, _) = watch::channel(0);
    // Nobody takes anything out of this queue: every write is refused before it.
    let (queue, _) = mpsc::channel(1);
    let ledger = Ledger::new(Inner {
        queue,
        readers,
        reads: view.reads().clone(),
        refusal: Some(LedgerError::ReadOnly {
            path: files.ledger.clone(),
            reason: reason.clone(),
        }),
        files,
        modes,
        key: Arc::new(Mutex::new(key)),
        operator: options.operator,
        clock: options.clock,
        held: HeldRuns::default(),
        trust: Arc::new(Mutex::new(trust.clone())),
        watches: Watches::new(changes),
        threads: Mutex::new(Threads {
            readers: threads,
            writer: Vec::new(),
        }),
    });
    let opened = Opened {
        recovered: 0,
        created: false,
        mended: Vec::new(),
        trust,
        access: Access::ReadOnly(reason),
    };
    Some((ledger, opened))
}

/// What keeps the ledger from being written; where that is not beside it, the place is named.
fn hindrance(files: &Files, prevented: &LedgerError) -> String {
    let own = |place: &Path| {
        let is_of_a_mark = files.own_marks().any(|mark| mark.starts_with(place));
        is_of_a_mark && !files.ledger.starts_with(place)
    };
    match prevented {
        LedgerError::Unwritable {
            path,
            doing,
            reason,
        } if own(path) => format!("{doing} {}: {reason}", path.display()),
        other => other.only_writing_failed().unwrap_or_default().to_owned(),
    }
}

pub(super) fn uuid(conn: &Connection, files: &Files) -> Result<String, LedgerError> {
    conn.query_row("SELECT uuid FROM ledger", (), |row| row.get("uuid"))
        .map_err(|e| Fault::from(e).at(&files.ledger, "read"))
}

fn recover(conn: &mut Connection, env: &Env, now_ms: i64) -> Result<u64, LedgerError> {
    let mut work = || -> Result<u64, Fault> {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // From here on an upgrade finds this process alive, and waits until it has ended.
        migrate::check_unchanged(&tx, &env.path)?;
        let recovered = recover::recover(&Tx {
            conn: &tx,
            env,
            now_ms,
        })?;
        tx.commit()?;
        Ok(recovered)
    };
    work().map_err(|fault| fault.at(&env.path, "recover"))
}
