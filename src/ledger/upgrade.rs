//! What an upgrade costs, how far it is, and whether there is room for it.
//!
//! A person who waits sees a share of the work and not a clock. The share is that of the
//! instructions that SQLite has run: it may jump at the end, where less was to be done than could
//! have been, and never says more than what was done. 100 % is said only after the commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};

use rusqlite::Connection;

use super::error::LedgerError;
use super::file::{self, Files};

/// What is called while an older ledger is brought to this program's format, on the thread that
/// opens it.
pub type OnUpgrade = Arc<dyn Fn(Upgrading) + Send + Sync>;

/// How far an upgrade is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upgrading {
    /// The format that the ledger had.
    pub from: i64,
    /// The format that it gets.
    pub to: i64,
    /// The share that is done; 100 when it is durable.
    pub percent: u8,
}

/// Instructions between two looks: some microseconds, less than writing a page takes.
const INSTRUCTIONS_A_LOOK: i32 = 1_000;
/// Room that the transaction itself needs, whatever the steps add.
const ROOM_BYTES_MIN: u64 = 1 << 20;

/// What a step costs at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Effort {
    /// Instructions of SQLite's.
    pub(super) instructions: u64,
    /// Bytes that the ledger grows by.
    pub(super) bytes: u64,
}

impl Effort {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            instructions: self.instructions.saturating_add(other.instructions),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// Measures an upgrade and tells of each percent once.
pub(super) struct Meter {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    tell: OnUpgrade,
    from: AtomicI64,
    to: AtomicI64,
    total: AtomicU64,
    done: AtomicU64,
    told: AtomicU8,
}

impl Meter {
    pub(super) fn new(tell: Option<&OnUpgrade>) -> Self {
        Self {
            inner: tell.map(|tell| {
                Arc::new(Inner {
                    tell: Arc::clone(tell),
                    from: AtomicI64::new(0),
                    to: AtomicI64::new(0),
                    total: AtomicU64::new(0),
                    done: AtomicU64::new(0),
                    told: AtomicU8::new(0),
                })
            }),
        }
    }

    /// Looks at the connection's work from now on; before the transaction, which borrows it.
    pub(super) fn watch(&self, conn: &mut Connection) -> rusqlite::Result<()> {
        let Some(inner) = self.inner.clone() else {
            return Ok(());
        };
        conn.progress_handler(
            INSTRUCTIONS_A_LOOK,
            Some(move || {
                inner.look();
                false
            }),
        )
    }

    pub(super) fn unwatch(conn: &mut Connection) -> rusqlite::Result<()> {
        conn.progress_handler(0, None::<fn() -> bool>)
    }

    /// The work begins; what ran before is not counted.
    pub(super) fn start(&self, (from, to): (i64, i64), instructions: u64) {
        if let Some(inner) = &self.inner {
            inner.from.store(from, Ordering::Relaxed);
            inner.to.store(to, Ordering::Relaxed);
            inner.done.store(0, Ordering::Relaxed);
            inner.total.store(instructions, Ordering::Relaxed);
            inner.say(0);
        }
    }

    /// Everything is written, nothing is durable.
    pub(super) fn all_but_committed(&self) {
        if let Some(inner) = self.started() {
            inner.tell_of(99);
        }
    }

    /// It is durable.
    pub(super) fn done(&self) {
        if let Some(inner) = self.started() {
            inner.tell_of(100);
        }
    }

    /// Nothing was begun where another process had done it meanwhile.
    fn started(&self) -> Option<&Inner> {
        self.inner
            .as_deref()
            .filter(|inner| inner.to.load(Ordering::Relaxed) > 0)
    }
}

impl Inner {
    fn look(&self) {
        let total = self.total.load(Ordering::Relaxed);
        if total == 0 {
            return;
        }
        let a_look = u64::from(INSTRUCTIONS_A_LOOK.unsigned_abs());
        let done = self.done.fetch_add(a_look, Ordering::Relaxed) + a_look;
        let percent = done.saturating_mul(100) / total;
        self.tell_of(u8::try_from(percent).unwrap_or(99).min(99));
    }

    fn tell_of(&self, percent: u8) {
        if self.told.fetch_max(percent, Ordering::Relaxed) < percent {
            self.say(percent);
        }
    }

    fn say(&self, percent: u8) {
        (self.tell)(Upgrading {
            from: self.from.load(Ordering::Relaxed),
            to: self.to.load(Ordering::Relaxed),
            percent,
        });
    }
}

/// Whether the disk takes it: what is added is in the log and in the ledger for a while.
pub(super) fn room(files: &Files, formats: (i64, i64), bytes: u64) -> Result<(), LedgerError> {
    match file::room(files) {
        Some(free) => enough(files, formats, (bytes, free)),
        // A disk that does not tell may have room; if not, the transaction is undone.
        None => Ok(()),
    }
}

fn enough(
    files: &Files,
    (from, to): (i64, i64),
    (bytes, free): (u64, u64),
) -> Result<(), LedgerError> {
    let needed = bytes.saturating_mul(2).saturating_add(ROOM_BYTES_MIN);
    if free >= needed {
        return Ok(());
    }
    Err(LedgerError::CannotOpen {
        path: files.ledger.clone(),
        reason: format!(
            "its upgrade from format {from} to {to} needs {} kB, and its disk has {} kB free; it was left as it is",
            needed.div_ceil(1_000),
            free / 1_000
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_without_room_is_refused_with_both_sizes() {
        let files = Files::of(std::path::Path::new("/x/ledger.db"));
        let needed = 2 * 32_000_000 + ROOM_BYTES_MIN;

        let fits = enough(&files, (1, 2), (32_000_000, needed));
        let error = enough(&files, (1, 2), (32_000_000, needed - 1)).unwrap_err();

        assert_eq!(fits, Ok(()));
        assert_eq!(
            error.only_writing_failed(),
            Some(
                "its upgrade from format 1 to 2 needs 65049 kB, and its disk has 65048 kB free; it was left as it is"
            )
        );
    }
}
