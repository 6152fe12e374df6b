//! Opening what was looked at and nothing else, though SQLite opens by a name.
//!
//! ```text
//!  look at the name, by its directory ─► SQLite opens the name, following no link
//!                                              │
//!        refused ◄── another file ── which file does this process have open now? ── that one ─► used
//! ```
//!
//! The system tells which files this process has open, and this asks before a byte is written or
//! believed. A name that is exchanged and put back between two looks deceives nobody. Where the system
//! does not tell (no `/proc`), the name is looked at again.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use crate::base::guarded::{GuardError, GuardedDir};
use crate::base::limits::LEDGER_OPEN;

use super::error::{Fault, LedgerError};
use super::file::Identity;

/// Where the system tells which files a process has open.
const DESCRIPTORS: &str = "/proc/self/fd";
const DETAILS: &str = "/proc/self/fdinfo";
/// `O_PATH` among the flags told there: such a descriptor is a look and no open file.
const LOOK: u64 = 0o10_000_000;
/// Another file that this process opens in the same moment may look like a wrong one.
const TRIES: usize = 100;

/// One at a time, so that what is open newly is what was opened here.
static OPENING: Mutex<()> = Mutex::new(());

/// A file that was looked at and may be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) path: PathBuf,
    identity: Identity,
    length: u64,
    /// How long opening it may take, where others may put something else in its place.
    patience: Option<Duration>,
}

impl Seen {
    /// Looks at a file; `None` where there is none.
    pub(super) fn at(path: &Path) -> Result<Option<Self>, GuardError> {
        let (directory, name) = match GuardedDir::around(path) {
            Err(GuardError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(None);
            }
            found => found?,
        };
        let found = directory.look(name)?;
        Ok(found.map(|found| Self::new(path.to_owned(), &found, !directory.is_ours_alone())))
    }

    /// A file that was made now, and what others could do to its name.
    pub(super) fn made(path: PathBuf, file: &File, is_exposed: bool) -> std::io::Result<Self> {
        Ok(Self::new(path, &file.metadata()?, is_exposed))
    }

    fn new(path: PathBuf, found: &Metadata, is_exposed: bool) -> Self {
        Self {
            path,
            identity: Identity::of(found),
            length: found.len(),
            patience: is_exposed.then_some(LEDGER_OPEN),
        }
    }

    /// The same where there has to be one.
    pub(super) fn of(path: &Path) -> Result<Self, LedgerError> {
        let refused = |e: GuardError| {
            let why = match e {
                GuardError::Io(error) => return LedgerError::file(path, "cannot look at", &error),
                other => std::io::Error::other(other.to_string()),
            };
            LedgerError::file(path, "will not use", &why)
        };
        let gone = || LedgerError::Replaced {
            path: path.to_owned(),
        };
        Self::at(path).map_err(refused)?.ok_or_else(gone)
    }

    /// Which file it was.
    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether others may put something else in its place.
    pub(super) fn is_exposed(&self) -> bool {
        self.patience.is_some()
    }

    /// How long it was.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Opens it by its path and, where others may put something else there, proves that it is the file
    /// that was looked at.
    pub(super) fn open<C: Send + 'static>(
        &self,
        open: impl Fn() -> Result<C, Fault> + Clone + Send + 'static,
    ) -> Result<C, LedgerError> {
        if !self.is_exposed() {
            return open().map_err(|fault| self.why_not(fault));
        }
        for _ in 0..TRIES {
            let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
            let before = open_files();
            let opened = self.in_time(open.clone())?;
            let opened = opened.map_err(|fault| self.why_not(fault))?;
            let is_it = match (before, open_files()) {
                (Some(before), Some(after)) => self.is_among(&before, &after),
                _ => Self::of(&self.path)?.identity == self.identity,
            };
            if is_it {
                return Ok(opened);
            }
        }
        Err(LedgerError::Replaced {
            path: self.path.clone(),
        })
    }

    /// Work that opens a file by its name. A name that others may put a pipe behind could hold it up for
    /// ever: there it is given some time, on a thread that nobody waits for any longer.
    pub(super) fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        let Some(patience) = self.patience else {
            return Ok(work());
        };
        within(patience, work).ok_or_else(|| LedgerError::File {
            path: self.path.clone(),
            doing: "cannot open",
            reason: format!(
                "nothing was opened for {} seconds, as with a pipe that somebody has put in its place",
                patience.as_secs()
            ),
        })
    }

    /// What stands in the way of an opening is what lies there now, if that is another thing.
    fn why_not(&self, fault: Fault) -> LedgerError {
        match Self::of(&self.path) {
            Err(refused) => refused,
            Ok(now) if now.identity != self.identity => LedgerError::Replaced {
                path: self.path.clone(),
            },
            Ok(_) => fault.at(&self.path, "open"),
        }
    }

    /// Whether what was opened between two looks at the open files of this process is this file.
    fn is_among(&self, before: &OpenFiles, after: &OpenFiles) -> bool {
        let mut fresh = after
            .iter()
            .filter(|(number, found)| before.get(number) != Some(found));
        let is_it =
            |(number, found): (&u32, &Identity)| *found == self.identity && is_open(*number);
        // SQLite keeps the descriptor of a connection that was closed while another one holds locks, and
        // takes it again: then nothing was opened.
        fresh.clone().any(is_it) || (fresh.next().is_none() && before.iter().any(is_it))
    }
}

/// The files, pipes and devices that this process has open, by the numbers of their descriptors.
type OpenFiles = BTreeMap<u32, Identity>;

fn open_files() -> Option<OpenFiles> {
    let listed = std::fs::read_dir(DESCRIPTORS).ok()?;
    let files = listed.flatten().filter_map(|entry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        // One that another thread has closed since is not there any more.
        let found = std::fs::metadata(entry.path()).ok()?;
        let kind = found.file_type();
        (!kind.is_dir() && !kind.is_socket()).then(|| (number, Identity::of(&found)))
    });
    Some(files.collect())
}

/// Whether a descriptor is more than a look.
fn is_open(number: u32) -> bool {
    let Ok(told) = std::fs::read_to_string(format!("{DETAILS}/{number}")) else {
        return true;
    };
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u64::from_str_radix(flags.trim(), 8).ok());
    flags.is_none_or(|flags| flags & LOOK == 0)
}

/// Does some work on a thread of its own; `None` when it takes longer.
fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("ledger-open".to_owned())
        .spawn(move || {
            // What comes too late is dropped, and closes what it has opened.
            let _ = tell.send(work());
        })
        .ok()?;
    told.recv_timeout(limit).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use rstest::rstest;
    use rusqlite::{Connection, OpenFlags};
    use rustix::fs::{CWD, Mode, RenameFlags, renameat_with};

    use super::super::connect::{self, Source};
    use super::*;

    /// A shared directory with a database in it, and another name there that others prepare.
    struct Shared(tempfile::TempDir);

    impl Shared {
        fn new() -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            std::fs::set_permissions(place.0.path(), std::fs::Permissions::from_mode(0o2770))
                .unwrap();
            Connection::open(place.ledger())
                .unwrap()
                .execute_batch("CREATE TABLE ours (a)")
                .unwrap();
            place
        }

        fn ledger(&self) -> PathBuf {
            self.0.path().join("ledger.db")
        }

        fn evil(&self) -> PathBuf {
            self.0.path().join("evil")
        }

        fn look(&self) -> Seen {
            Seen::of(&self.ledger()).unwrap()
        }

        fn database(&self, at: &Path) -> PathBuf {
            let path = self.0.path().join(at);
            Connection::open(&path)
                .unwrap()
                .execute_batch("CREATE TABLE theirs (a)")
                .unwrap();
            path
        }
    }

    /// Two names of one directory change what they name, in one step.
    fn exchange(one: &Path, other: &Path) {
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
    }

    #[rstest]
    #[case::link(true)]
    #[case::file(false)]
    fn what_is_put_in_the_place_of_a_ledger_is_not_opened(#[case] is_link: bool) {
        let place = Shared::new();
        let victim = place.database(Path::new("victim.db"));
        if is_link {
            symlink(&victim, place.evil()).unwrap();
        } else {
            place.database(Path::new("evil"));
        }
        let before = std::fs::read(&victim).unwrap();
        let seen = place.look();
        exchange(&place.ledger(), &place.evil());

        let written = connect::writer(&seen);
        let read = connect::reader(&Source::Ledger(seen.clone()));
        let watched = connect::watcher(&Source::Ledger(seen.clone()));
        let still = connect::still(&seen);

        for refused in [written, read, watched, still] {
            let error = refused.unwrap_err().to_string();
            let why = if is_link { "symbolic link" } else { "replaced" };
            assert!(error.contains(why), "{error}");
        }
        assert_eq!(std::fs::read(&victim).unwrap(), before);
    }

    /// Another file has the name exactly while SQLite opens it: before and after, all is as it was.
    #[test]
    fn a_name_that_is_exchanged_and_put_back_deceives_nobody() {
        let place = Shared::new();
        place.database(Path::new("evil"));
        let seen = place.look();
        let (ledger, evil) = (place.ledger(), place.evil());

        let opened = seen.open(move || {
            exchange(&ledger, &evil);
            let opened = Connection::open_with_flags(&ledger, OpenFlags::SQLITE_OPEN_READ_WRITE);
            exchange(&ledger, &evil);
            Ok(opened?)
        });

        let error = opened.unwrap_err();
        assert!(matches!(error, LedgerError::Replaced { .. }), "{error}");
    }

    /// While a connection holds its lock, the descriptor of one that is closed is kept and taken again.
    #[test]
    fn a_descriptor_that_is_taken_again_is_the_file_that_was_proven() {
        let place = Shared::new();
        let source = Source::Ledger(place.look());
        let holds = connect::reader(&source).unwrap();
        holds.execute_batch("BEGIN; SELECT * FROM ours").unwrap();
        let tables = "SELECT count(*) FROM ours";

        for _ in 0..8 {
            let again = connect::reader(&source).unwrap();
            let found: i64 = again.query_row(tables, (), |row| row.get(0)).unwrap();
            assert_eq!(found, 0);
        }
    }

    #[test]
    fn nobody_waits_for_a_pipe_that_is_put_in_the_place_of_a_ledger() {
        let place = Shared::new();
        let mut seen = place.look();
        assert_eq!(seen.patience, Some(LEDGER_OPEN));
        rustix::fs::mkfifoat(CWD, place.evil(), Mode::RUSR | Mode::WUSR).unwrap();
        exchange(&place.ledger(), &place.evil());
        seen.patience = Some(Duration::ZERO);

        let refused = connect::reader(&Source::Ledger(seen));

        let error = refused.unwrap_err().to_string();
        assert!(error.contains("as with a pipe"), "{error}");
        // The thread that waits ends with the test.
        let _ = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(place.ledger());
    }

    #[test]
    fn a_private_directory_needs_no_patience() {
        let place = Shared::new();
        std::fs::set_permissions(place.0.path(), std::fs::Permissions::from_mode(0o700)).unwrap();

        assert_eq!(place.look().patience, None);
    }
}
