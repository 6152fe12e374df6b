//! A view of a ledger that cannot be written: a full disk, one for reading only, somebody else's
//! file.
//!
//! ```text
//!   the file itself, read-only ── works ─► live: sees what other processes commit
//!        │ SQLite cannot make its shared memory beside the file
//!        ▼
//!   no log: the file as it is          a log: file and log copied to where there is room,
//!        │  (`immutable`)                   │  and the log worked in there
//!        └───────────► a copy in memory ◄───┘   the copied files are gone again
//! ```
//!
//! Reading a file that lies still needs no lock, but somebody may begin to write it at any moment:
//! so it is read once, into memory, and what is shown is of one instant. The ledger and its log are
//! never written here.

use crate::base::hex;
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::connect::Source;
use super::error::{Fault, LedgerError};
use super::file::{self, Files};
use super::key::{self, HashKey};
use super::mark::Comparison;
use super::marks::Marks;
use super::open::{Trust, uuid};
use super::proven::Seen;
use super::writer::known;
use super::{connect, migrate};

/// Where a ledger can be read.
pub(super) struct View {
    reads: Source,
    /// The first connection; a copy in memory lives as long as any connection to it.
    conn: Connection,
}

impl View {
    /// The file itself if that works, else a copy.
    ///
    /// # Errors
    /// When there is no ledger, it cannot be read, or it has another format.
    pub(super) fn of(files: &Files) -> Result<Self, LedgerError> {
        match Self::live(files) {
            // The first reason is the truer one: it names the ledger.
            Err(error) if error.only_writing_failed().is_some() => {
                Self::copy(files).map_err(|_| error)
            }
            live => live,
        }
    }

    /// Refuses a small ledger whose structure is broken.
    pub(super) fn check(&self, files: &Files) -> Result<(), LedgerError> {
        connect::quick_check(&self.conn, &files.ledger)
    }

    /// What further connections read.
    pub(super) fn reads(&self) -> &Source {
        &self.reads
    }

    /// Whether it knows all that this machine remembers.
    pub(super) fn trust(&self, files: &Files) -> Result<Trust, LedgerError> {
        let uuid = uuid(&self.conn, files)?;
        let at = known(&self.conn, &uuid).map_err(|fault| fault.at(&files.ledger, "read"))?;
        Ok(match Marks::peek((&self.conn, files), &at)? {
            Comparison::Agrees | Comparison::Made => Trust::Trusted,
            Comparison::Doubtful(reason) => Trust::Doubtful(reason),
        })
    }

    /// The key of its hashes.
    pub(super) fn key(&self, files: &Files) -> Result<HashKey, LedgerError> {
        key::look(&self.conn, files, &uuid(&self.conn, files)?)
    }

    fn live(files: &Files) -> Result<Self, LedgerError> {
        let reads = Source::Ledger(Seen::of(&files.ledger)?);
        let conn = connect::reader(&reads)?;
        migrate::check_format(&conn, &files.ledger)?;
        Ok(Self { reads, conn })
    }

    fn copy(files: &Files) -> Result<Self, LedgerError> {
        let fail = |e: io::Error| LedgerError::file(&files.ledger, "cannot copy the ledger", &e);
        let has_log = std::fs::symlink_metadata(files.log()).is_ok_and(|meta| meta.len() > 0);
        if !has_log {
            let still = connect::still(&Seen::of(&files.ledger)?)?;
            return into_memory(files, &still);
        }
        let room = Room::with(files).map_err(fail)?;
        let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI;
        into_memory(files, &connect::open(&room.ledger(), access)?)
    }
}

/// SQLite's own copy, which is in order whatever the state of the source.
fn into_memory(files: &Files, source: &Connection) -> Result<View, LedgerError> {
    let fail = |fault: Fault| fault.at(&files.ledger, "read");
    migrate::check_format(source, &files.ledger)?;
    let name = crate::base::random::<16>()
        .map_err(|e| LedgerError::file(&files.ledger, "cannot copy the ledger", &e))?;
    let address = PathBuf::from(format!("file:/{}?vfs=memdb", hex(&name)));
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = connect::open(&address, access)?;
    let to = address.to_string_lossy();
    source
        .execute("VACUUM INTO ?1", [to.as_ref()])
        .map_err(|e| fail(e.into()))?;
    let reads = Source::Memory(address);
    Ok(View { reads, conn })
}

/// A private directory in which the ledger and its log lie for a moment; gone when dropped.
struct Room(PathBuf);

/// Most bytes that are copied; SQLite holds no more in memory either, and the places below may be
/// memory.
const COPY_BYTES_MAX: u64 = 1 << 30;

/// Where there may be room when the ledger's disk has none: memory first.
const ROOMS: [&str; 3] = ["/dev/shm", "/tmp", "/var/tmp"];

impl Room {
    fn with(files: &Files) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for place in ROOMS {
            let made = Self::make(Path::new(place)).and_then(|room| {
                room.fill(files)?;
                Ok(room)
            });
            match made {
                Ok(room) => return Ok(room),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn make(place: &Path) -> io::Result<Self> {
        let name = format!("ziadeck-{}", hex(&crate::base::random::<16>()?));
        let path = place.join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        let room = Self(path);
        std::fs::set_permissions(&room.0, Permissions::from_mode(0o700))?;
        Ok(room)
    }

    fn ledger(&self) -> PathBuf {
        self.0.join("ledger.db")
    }

    fn log(&self) -> PathBuf {
        self.0.join("ledger.db-wal")
    }

    /// Copies both files as of one instant: neither may change meanwhile.
    fn fill(&self, files: &Files) -> io::Result<()> {
        let state = || -> io::Result<[_; 2]> {
            let of = |path: &Path| {
                let meta = std::fs::symlink_metadata(path)?;
                let time = (meta.mtime(), meta.mtime_nsec());
                Ok::<_, io::Error>((meta.ino(), meta.len(), time))
            };
            Ok([of(&files.ledger)?, of(&files.log())?])
        };
        for _ in 0..3 {
            let before = state()?;
            let bytes = before
                .iter()
                .fold(0_u64, |sum, (_, length, _)| sum.saturating_add(*length));
            if bytes > COPY_BYTES_MAX {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            for (from, to) in [(&files.ledger, self.ledger()), (&files.log(), self.log())] {
                io::copy(
                    &mut file::open_existing(from)?,
                    &mut std::fs::File::create(to)?,
                )?;
            }
            if state()? == before {
                // The copy is worked on, whatever the modes of its source.
                let private = || Permissions::from_mode(0o600);
                std::fs::set_permissions(self.log(), private())?;
                return std::fs::set_permissions(self.ledger(), private());
            }
        }
        Err(io::Error::other("it changes all the time"))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // What cannot be removed lies in a directory of ours alone.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_memory_would_not_hold_is_not_copied_into_it() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::of(&dir.path().join("ledger.db"));
        let of_length = |path: &Path, bytes| {
            let file = std::fs::File::create(path).unwrap();
            file.set_len(bytes).unwrap();
        };
        of_length(&files.ledger, COPY_BYTES_MAX);
        of_length(&files.log(), 1);
        let room = Room::make(dir.path()).unwrap();

        let filled = room.fill(&files);

        assert_eq!(filled.unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(!room.ledger().exists());
    }
}
