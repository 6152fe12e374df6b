//! Connections to SQLite: the same settings everywhere, and a busy handler that is fair.
//!
//! SQLite's own back-off let one process wait four seconds among eight; short random naps kept the
//! worst wait at 43 ms (dependencies, section 3).

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::base::limits::LEDGER_BUSY;
use crate::base::{Clock, SystemClock};

use super::error::{Fault, LedgerError};
use super::migrate;
use super::proven::Seen;

/// The oldest SQLite that several processes may use (WAL-reset bug, 3.7.0 to 3.51.2).
const LIBRARY_MIN: (i32, &str) = (3_051_003, "3.51.3");
/// The page cache of a connection that reads, negative as SQLite wants sizes in KiB: what a few
/// questions touch. Every commit of another connection empties it, and the system's own cache is as
/// quick: searches, pages and details of a million attempts take no longer than with 16 MiB.
const READER_CACHE_KIB: i64 = -512;
/// The page cache of the connection that writes: what a long run touches again and again.
pub(super) const WRITER_CACHE_KIB: i64 = -16 << 10;
/// The page cache while the whole ledger is read once.
const CHECK_CACHE_KIB: i64 = -256;
/// A ledger up to this size is checked at every start; above it, that would be felt.
const QUICK_CHECK_BYTES: u64 = 16 << 20;

/// Refuses a library that can damage a shared ledger.
pub(super) fn check_library() -> Result<(), LedgerError> {
    if rusqlite::version_number() < LIBRARY_MIN.0 {
        return Err(LedgerError::LibraryTooOld {
            found: rusqlite::version().to_owned(),
            needed: LIBRARY_MIN.1,
        });
    }
    Ok(())
}

/// What connections read.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The ledger's own file.
    Ledger(Seen),
    /// A copy of it in memory, by an address of SQLite's.
    Memory(PathBuf),
}

/// The one connection that writes.
pub(super) fn writer(seen: &Seen) -> Result<Connection, LedgerError> {
    let path = &seen.path;
    let conn = open_seen(seen, (None, OpenFlags::SQLITE_OPEN_READ_WRITE))?;
    let keep_the_log = |keep| {
        let set = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep);
        set.map_err(|e| Fault::from(e).at(path, "open"))
    };
    // Before the mode of the journal is set, which changes the file.
    keep_the_log(true)?;
    migrate::check_format(&conn, path)?;
    keep_the_log(false)?;
    let set = || -> Result<String, Fault> {
        let mode = wal_mode(&conn)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "journal_size_limit", 16 << 20)?;
        conn.pragma_update(None, "cache_size", WRITER_CACHE_KIB)?;
        scratch(&conn, Scratch::Memory)?;
        Ok(mode)
    };
    let mode = set().map_err(|fault| fault.at(path, "open"))?;
    if mode != "wal" {
        return Err(LedgerError::CannotOpen {
            path: path.to_owned(),
            reason: format!("SQLite keeps its journal as {mode}, not as a write-ahead log"),
        });
    }
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Where SQLite keeps what it may have to undo, and what it sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scratch {
    /// In memory. Each write of a group has a savepoint; in a file, a hundred pages for every
    /// attempt went through the directory for temporary files, which may also be full.
    Memory,
    /// In a file, for work that touches all of a large ledger.
    File,
}

/// Chooses where; outside any transaction.
pub(super) fn scratch(conn: &Connection, scratch: Scratch) -> rusqlite::Result<()> {
    let place = match scratch {
        Scratch::Memory => "MEMORY",
        Scratch::File => "FILE",
    };
    conn.pragma_update(None, "temp_store", place)
}

/// A connection that only reads.
pub(super) fn reader(source: &Source) -> Result<Connection, LedgerError> {
    let conn = watcher(source)?;
    conn.pragma_update(None, "cache_size", READER_CACHE_KIB)
        .map_err(|e| Fault::from(e).at(source.path(), "open"))?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// A connection that only asks whether something has changed. Nothing here reads the schema, which
/// would be kept.
pub(super) fn watcher(source: &Source) -> Result<Connection, LedgerError> {
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY;
    match source {
        Source::Ledger(seen) => open_seen(seen, (None, access)),
        Source::Memory(address) => open(address, access | OpenFlags::SQLITE_OPEN_URI),
    }
}

/// A connection that reads the file as it lies there, without a lock and past its log and journal:
/// nothing is made beside it, and nothing of it is changed.
pub(super) fn still(seen: &Seen) -> Result<Connection, LedgerError> {
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    open_seen(seen, (Some("immutable=1"), access))
}

/// A connection to a file without content that is to become a copy. It is never half there: what is
/// to be undone needs no file beside it.
pub(super) fn copy(seen: &Seen) -> Result<Connection, LedgerError> {
    let conn = open_seen(seen, (None, OpenFlags::SQLITE_OPEN_READ_WRITE))?;
    conn.pragma_update(None, "journal_mode", "MEMORY")
        .map_err(|e| Fault::from(e).at(&seen.path, "open"))?;
    Ok(conn)
}

impl Source {
    /// The path of the ledger, or the address of the copy.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Ledger(seen) => &seen.path,
            Self::Memory(address) => address,
        }
    }
}

/// A file as an address: every byte that means something there is escaped.
fn address(path: &Path, how: &str) -> PathBuf {
    use std::fmt::Write as _;
    let mut text = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                text.push(char::from(*byte));
            }
            other => {
                let _ = write!(text, "%{other:02x}");
            }
        }
    }
    PathBuf::from(format!("{text}?{how}"))
}

/// SQLite does not wait for another process that changes the mode at the same moment: ask again.
fn wal_mode(conn: &Connection) -> Result<String, Fault> {
    let mut tries = 0;
    loop {
        let set = conn.query_row("PRAGMA journal_mode = WAL", (), |row| {
            row.get("journal_mode")
        });
        match set {
            Err(error)
                if tries < 100
                    && error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) =>
            {
                tries += 1;
                pause(Duration::from_millis(20));
            }
            set => return Ok(set?),
        }
    }
}

/// Opens a file that was looked at, proves that it is the one, and only then touches it.
fn open_seen(
    seen: &Seen,
    (how, access): (Option<&str>, OpenFlags),
) -> Result<Connection, LedgerError> {
    let path = how.map_or_else(|| seen.path.clone(), |how| address(&seen.path, how));
    // The path has no links: one in it was put there since.
    let access = access | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = seen.open(move || connect(&path, access))?;
    let failed = |fault: Fault| fault.at(&seen.path, "open");
    let conn = settle(conn).map_err(failed)?;
    if !seen.is_exposed() {
        return Ok(conn);
    }
    // The first look at the content opens what lies beside it by name: journal, log and index.
    let (conn, touched) = seen.in_time(move || {
        let touched = touch(&conn);
        (conn, touched)
    })?;
    touched.map_err(|fault| fault.at(&seen.path, "read"))?;
    Ok(conn)
}

/// Opens a file in a place of ours alone, or a copy in memory.
pub(super) fn open(path: &Path, access: OpenFlags) -> Result<Connection, LedgerError> {
    let opened = connect(path, access).and_then(settle);
    opened.map_err(|fault| fault.at(path, "open"))
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, Fault> {
    let access = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, access)?)
}

/// What every connection is set to. Nothing here touches the file.
fn settle(mut conn: Connection) -> Result<Connection, Fault> {
    calm(&mut conn)?;
    // Plans do not depend on what is bound: without this, every new value that could have
    // chosen another index had its statement prepared again, an eighth of the writer's work.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)?;
    Ok(conn)
}

fn touch(conn: &Connection) -> Result<(), Fault> {
    conn.query_row("PRAGMA data_version", (), |_| Ok(()))?;
    Ok(())
}

/// Most bytes of a value or a row: sixteen times the longest answer that is kept. A longer one was put
/// there by something else, and is refused before it is in memory.
const VALUE_BYTES_MAX: i32 = 16 << 20;

/// Work that reads much of the ledger once. What the cache has taken it keeps, and what is freed of
/// many small pieces the C library seldom gives back: 13 MB of a ledger of 13 MB.
pub(super) fn reading_once<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let before: i64 = conn.query_row("PRAGMA cache_size", (), |row| row.get("cache_size"))?;
    conn.pragma_update(None, "cache_size", CHECK_CACHE_KIB)?;
    let done = work(conn);
    conn.pragma_update(None, "cache_size", before)?;
    done
}

/// Refuses a small ledger whose structure is broken. A large one is checked by `ledger check`.
pub(super) fn quick_check(conn: &Connection, path: &Path) -> Result<(), LedgerError> {
    let bytes = std::fs::symlink_metadata(path).map_or(0, |meta| meta.len());
    if bytes > QUICK_CHECK_BYTES {
        return Ok(());
    }
    let check = || -> Result<String, Fault> {
        reading_once(conn, |conn| {
            Ok(conn.query_row("PRAGMA quick_check(1)", (), |row| row.get("quick_check"))?)
        })
    };
    let said = check().map_err(|fault| fault.at(path, "check"))?;
    if said == "ok" {
        return Ok(());
    }
    Err(LedgerError::Damaged {
        path: path.to_owned(),
        reason: said,
    })
}

/// Installs the busy handler: naps of 0.3 to 2.5 ms, together at most five seconds.
fn calm(conn: &mut Connection) -> Result<(), Fault> {
    let mut seed = u64::from_ne_bytes(crate::base::random().unwrap_or([7; 8])) | 1;
    // Naps are not added up: on a busy machine each of them lasts longer than it was asked to.
    let clock = SystemClock::new();
    let mut since = clock.monotonic();
    conn.busy_handler(Some(move |count| {
        if count == 0 {
            since = clock.monotonic();
        }
        // xorshift: the naps of two processes must not fall into step, no more is asked of them.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let nap = Duration::from_micros(300 + seed % 2_200);
        let goes_on = clock.monotonic().saturating_sub(since) < LEDGER_BUSY;
        if goes_on {
            pause(nap);
        }
        goes_on
    }))?;
    Ok(())
}

/// Sleeps on a thread of the ledger's own.
#[expect(
    clippy::disallowed_methods,
    reason = "SQLite offers nothing to wait on: another process's lock ends without a sign"
)]
pub(super) fn pause(time: Duration) {
    std::thread::sleep(time);
}
