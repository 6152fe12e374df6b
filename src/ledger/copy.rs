//! A copy of the ledger with its key, in a place where others may have a hand.
//!
//! ```text
//!  a directory that nobody else may enter ─► key and copy are made in it ─► each gets its name
//!      beside the name that is wanted                                        where none is yet
//! ```
//!
//! So what is half done has no name that anybody would take for a backup, nothing is ever replaced, and
//! no link is written through.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::base::guarded::{GuardError, GuardedDir};
use crate::base::hex;

use super::connect;
use super::error::{Fault, LedgerError};
use super::file::{self, Files, PRIVATE};
use super::proven::Seen;
use super::real::beside;

/// Pages that are copied in one go.
const PAGES: i32 = 100;
/// What they are called until they have their names.
const KEY: &str = "copy.key";
const LEDGER: &str = "copy.db";

/// Copies what a connection reads, and the key, to a name that nothing may have yet. Answers where the
/// key is.
pub(super) fn copy(conn: &Connection, key: &Path, to: &Path) -> Result<PathBuf, LedgerError> {
    let key_to = Files::of(to).key;
    let fail = |e: GuardError| LedgerError::file(to, "cannot make the copy", &e.into());
    let place = beside(to).map_err(|e| fail(e.into()))?;
    let (directory, name) = GuardedDir::around(&place).map_err(fail)?;
    let key_name = key_to.file_name().unwrap_or_default();
    for (name, path) in [(key_name, key_to.as_path()), (name, to)] {
        if directory.entry(name).map_err(|e| fail(e.into()))?.is_some() {
            return Err(taken(path, io::ErrorKind::AlreadyExists.into()));
        }
    }
    let room = Room::inside(&directory).map_err(fail)?;
    room.copy_key(key, &key_to)?;
    room.copy_ledger(conn, to)?;
    room.publish((KEY, key_name), &key_to)?;
    room.publish((LEDGER, name), to).inspect_err(|_| {
        let _ = directory.remove(key_name);
    })?;
    // A file system that cannot do it is not an error.
    let _ = directory.sync();
    Ok(key_to)
}

fn taken(path: &Path, error: io::Error) -> LedgerError {
    let why = match error.kind() {
        io::ErrorKind::AlreadyExists => io::Error::other(
            "there is a file of that name, and it is left as it is; name another one",
        ),
        _ => error,
    };
    LedgerError::file(path, "cannot make the copy", &why)
}

/// A directory of ours alone; gone with all that is left in it when dropped.
struct Room<'a> {
    around: &'a GuardedDir,
    name: OsString,
    inside: GuardedDir,
}

impl<'a> Room<'a> {
    fn inside(around: &'a GuardedDir) -> Result<Self, GuardError> {
        let name = OsString::from(format!(".ziadeck-{}", hex(&crate::base::random::<16>()?)));
        let inside = around.private(&name)?;
        Ok(Self {
            around,
            name,
            inside,
        })
    }

    fn copy_key(&self, from: &Path, to: &Path) -> Result<(), LedgerError> {
        let fail = |e: io::Error| LedgerError::file(to, "cannot copy the key", &e);
        let most = u64::try_from(super::key::KEY_BYTES).unwrap_or(0);
        let bytes = file::read_small(from, most).map_err(fail)?;
        let mut file = self.create(KEY, to)?;
        let written = file.write_all(&bytes).and_then(|()| file.sync_all());
        written.map_err(fail)
    }

    fn copy_ledger(&self, conn: &Connection, to: &Path) -> Result<(), LedgerError> {
        let fail = |e: io::Error| LedgerError::file(to, "cannot make the copy", &e);
        let file = self.create(LEDGER, to)?;
        let path = self.inside.path().join(LEDGER);
        let seen = Seen::made(path, &file, !self.around.is_ours_alone()).map_err(fail)?;
        let mut copy = connect::copy(&seen)?;
        all_pages(conn, &mut copy).map_err(|fault| fault.at(to, "copy the ledger"))?;
        // Before the descriptor: closing it would drop the locks of the connection.
        drop(copy);
        file.sync_all().map_err(fail)
    }

    fn create(&self, name: &str, to: &Path) -> Result<File, LedgerError> {
        let made = self.inside.create_new(name, PRIVATE.file());
        made.map_err(|e| LedgerError::file(to, "cannot make the copy", &e.into()))
    }

    fn publish(&self, (from, name): (&str, &OsStr), to: &Path) -> Result<(), LedgerError> {
        let moved = self.inside.move_new(from, (self.around, name));
        moved.map_err(|e| taken(to, e))
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        // What cannot be removed lies in a directory of ours alone.
        for left in [KEY, LEDGER] {
            let _ = self.inside.remove(left);
        }
        let _ = self.around.remove_directory(&self.name);
    }
}

fn all_pages(from: &Connection, to: &mut Connection) -> Result<(), Fault> {
    let backup = Backup::new(from, to)?;
    loop {
        let code = match backup.step(PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => continue,
            StepResult::Locked => rusqlite::ffi::SQLITE_LOCKED,
            _ => rusqlite::ffi::SQLITE_BUSY,
        };
        let code = rusqlite::ffi::Error::new(code);
        return Err(rusqlite::Error::SqliteFailure(code, None).into());
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// A connection with some content, a key, and a database of the same user elsewhere.
    struct ProfileSession {
        place: tempfile::TempDir,
        conn: Connection,
        victim: PathBuf,
        before: Vec<u8>,
    }

    impl ProfileSession {
        fn new() -> Self {
            let place = tempfile::tempdir().unwrap();
            let at = |name: &str| place.path().join(name);
            std::fs::create_dir(at("shared")).unwrap();
            let of_a_group = std::fs::Permissions::from_mode(0o2770);
            std::fs::set_permissions(at("shared"), of_a_group).unwrap();
            std::fs::write(at("key"), [7; 32]).unwrap();
            let conn = Connection::open(at("source.db")).unwrap();
            conn.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
                .unwrap();
            let victim = at("victim.db");
            Connection::open(&victim)
                .unwrap()
                .execute_batch("CREATE TABLE precious (a)")
                .unwrap();
            let before = std::fs::read(&victim).unwrap();
            Self {
                place,
                conn,
                victim,
                before,
            }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.place.path().join(name)
        }

        fn shared(&self) -> GuardedDir {
            GuardedDir::open(&self.at("shared")).unwrap().unwrap()
        }

        fn left(&self) -> usize {
            std::fs::read_dir(self.at("shared")).unwrap().count()
        }
    }

    #[test]
    fn a_copy_has_everything_and_leaves_nothing_else() {
        let session = ProfileSession::new();
        let to = session.at("shared/copy.db");

        let key = copy(&session.conn, &session.at("key"), &to).unwrap();

        let copied = Connection::open(&to).unwrap();
        let found: i64 = copied
            .query_row("SELECT a FROM t", (), |row| row.get(0))
            .unwrap();
        assert_eq!(found, 1);
        assert_eq!(std::fs::read(key).unwrap(), [7; 32]);
        drop(copied);
        assert_eq!(session.left(), 2);
    }

    /// Another one puts a directory of theirs in the place of ours, with a link in it.
    #[test]
    fn a_copy_is_written_through_no_link_that_is_put_in_its_way() {
        let session = ProfileSession::new();
        let shared = session.shared();
        let room = Room::inside(&shared).unwrap();
        let ours = room.inside.path().to_owned();
        std::fs::rename(&ours, session.at("shared/away")).unwrap();
        std::fs::create_dir(&ours).unwrap();
        symlink(&session.victim, ours.join(LEDGER)).unwrap();

        let made = room.copy_ledger(&session.conn, &session.at("shared/copy.db"));

        let error = made.unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{error}");
        assert_eq!(std::fs::read(&session.victim).unwrap(), session.before);
    }

    /// The same with another database instead of a link.
    #[test]
    fn a_copy_is_written_into_no_other_database() {
        let session = ProfileSession::new();
        let shared = session.shared();
        let room = Room::inside(&shared).unwrap();
        let ours = room.inside.path().to_owned();
        std::fs::rename(&ours, session.at("shared/away")).unwrap();
        std::fs::create_dir(&ours).unwrap();
        std::fs::rename(&session.victim, ours.join(LEDGER)).unwrap();

        let made = room.copy_ledger(&session.conn, &session.at("shared/copy.db"));

        assert!(
            matches!(made, Err(LedgerError::Replaced { .. })),
            "{made:?}"
        );
        assert_eq!(std::fs::read(ours.join(LEDGER)).unwrap(), session.before);
    }

    /// A name that appears while the copy is made.
    #[test]
    fn a_copy_replaces_nothing() {
        let session = ProfileSession::new();
        let shared = session.shared();
        let room = Room::inside(&shared).unwrap();
        let to = session.at("shared/copy.db");
        room.copy_ledger(&session.conn, &to).unwrap();
        symlink(&session.victim, &to).unwrap();

        let published = room.publish((LEDGER, OsStr::new("copy.db")), &to);
        drop(room);

        let error = published.unwrap_err().to_string();
        assert!(error.contains("name another one"), "{error}");
        assert_eq!(std::fs::read(&session.victim).unwrap(), session.before);
        assert_eq!(session.left(), 1);
    }
}
