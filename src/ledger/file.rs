//! The ledger's files: made by us with exact modes, checked for the file system they lie on, and
//! watched for being replaced.
//!
//! Everything that lies beside a ledger is opened, made and removed here, relative to its directory and
//! without following a link, because others of a group may write there. SQLite would create the ledger
//! with the umask's mode, and would not let a second administrator write it. Nothing here opens the ledger once SQLite has it open: closing any
//! descriptor of a file drops the process's POSIX locks on it.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, Metadata, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use rustix::fs::{Mode, OFlags};

use crate::base::guarded::{Circle, GuardError, GuardedDir, set_mode};
use crate::base::{hex, random};

use super::error::LedgerError;
use super::real::{find, real_directory};

/// The files beside a ledger.
#[derive(Debug, Clone)]
pub(super) struct Files {
    /// The ledger itself.
    pub(super) ledger: PathBuf,
    /// The high-water mark.
    pub(super) mark: PathBuf,
    /// The key of the fingerprints.
    pub(super) key: PathBuf,
    /// The directory of the lock files.
    pub(super) locks: PathBuf,
    /// The high-water mark that the user keeps of it elsewhere.
    pub(super) own_mark: Option<PathBuf>,
    /// The same by the name that was given, where that is a link: a name that leads to another ledger
    /// than before must not make it look like a new one.
    pub(super) own_mark_of_link: Option<PathBuf>,
}

impl Files {
    pub(super) fn of(ledger: &Path) -> Self {
        let beside = |end: &str| {
            let mut name = ledger.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Self {
            ledger: ledger.to_owned(),
            mark: beside(".mark"),
            key: beside(".key"),
            locks: beside(".d"),
            own_mark: None,
            own_mark_of_link: None,
        }
    }

    /// Those of the ledger that a name leads to, with marks in a directory of the user's.
    pub(super) fn found(ledger: &Path, marks: Option<&Path>) -> Result<Self, LedgerError> {
        let found = find(ledger)?;
        let files = Self::of(&found.path).with_marks_in(marks);
        let own_mark_of_link = (found.given != found.path)
            .then(|| files.mark_in(marks, &found.given))
            .flatten();
        Ok(Self {
            own_mark_of_link,
            ..files
        })
    }

    /// The same, with a mark in a directory of the user's; the ledger's path has to be the real one.
    ///
    /// A directory at or below the ledger's is restored together with it: a mark there would always
    /// agree, and there is none.
    pub(super) fn with_marks_in(self, marks: Option<&Path>) -> Self {
        let own_mark = self.mark_in(marks, &self.ledger);
        Self { own_mark, ..self }
    }

    fn mark_in(&self, marks: Option<&Path>, ledger: &Path) -> Option<PathBuf> {
        let marks = real_directory(marks?);
        if marks.starts_with(real_directory(self.directory())) {
            return None;
        }
        // A home that several hosts mount must not mix their ledgers of one path.
        let mut named = std::fs::read("/etc/machine-id").unwrap_or_default();
        named.push(0);
        named.extend(ledger.as_os_str().as_encoded_bytes());
        let digest = digest::digest(&digest::SHA256, &named);
        let name: String = hex(digest.as_ref()).chars().take(32).collect();
        Some(marks.join(format!("{name}.mark")))
    }

    /// The user's own marks.
    pub(super) fn own_marks(&self) -> impl Iterator<Item = &Path> {
        let all = [&self.own_mark, &self.own_mark_of_link];
        all.into_iter().flatten().map(PathBuf::as_path)
    }

    /// The write-ahead log, as SQLite names it.
    pub(super) fn log(&self) -> PathBuf {
        self.of_sqlite("-wal")
    }

    /// Whether a log or a journal lies beside it.
    pub(super) fn has_unfinished(&self) -> bool {
        let beside = ["-wal", "-journal"].map(|end| self.of_sqlite(end));
        let is_there = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.len() > 0);
        beside.iter().any(is_there)
    }

    fn of_sqlite(&self, end: &str) -> PathBuf {
        let mut name = self.ledger.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    }

    /// Looks at whatever SQLite will open by its name, without opening it: SQLite would wait for a
    /// pipe, and write whatever a second name of another file leads to.
    pub(super) fn inspect(&self) -> Result<(), LedgerError> {
        let refuse = |path: &Path, error: GuardError| {
            let why = io::Error::other(io::Error::from(error).to_string());
            LedgerError::file(path, "will not use", &why)
        };
        let directory = match GuardedDir::around(&self.ledger) {
            Ok((directory, _)) => directory,
            Err(GuardError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(GuardError::Io(error)) => {
                return Err(LedgerError::file(&self.ledger, "cannot look at", &error));
            }
            Err(error) => return Err(refuse(&self.ledger, error)),
        };
        for path in ["", "-wal", "-shm", "-journal"].map(|end| self.of_sqlite(end)) {
            match directory.look(path.file_name().unwrap_or_default()) {
                Ok(_) => {}
                // Nobody can wait for a directory or write it.
                Err(_) if path.is_dir() && !path.is_symlink() => {}
                Err(error) => return Err(refuse(&path, error)),
            }
        }
        Ok(())
    }

    fn directory(&self) -> &Path {
        match self.ledger.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

/// The modes of everything we make: private, or for the group of a shared directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Modes {
    file: u32,
    directory: u32,
}

pub(super) const PRIVATE: Modes = Modes {
    file: 0o600,
    directory: 0o700,
};
const SHARED: Modes = Modes {
    file: 0o660,
    directory: 0o2770,
};

impl Modes {
    /// That of a file.
    pub(super) fn file(self) -> u32 {
        self.file
    }

    fn of(directory: &GuardedDir) -> Self {
        match directory.circle() {
            Circle::Group(_) => SHARED,
            Circle::Owner => PRIVATE,
        }
    }
}

/// Whether the ledger was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prepared {
    /// It was made now, empty.
    Created,
    /// It was there.
    Found,
}

/// What was made or mended before the ledger is opened.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) modes: Modes,
    pub(super) prepared: Prepared,
    /// Files of ours that others could use, and cannot any more.
    pub(super) mended: Vec<String>,
}

/// Makes the directory, the empty ledger and the lock directory, unless they exist.
pub(super) fn prepare(files: &Files) -> Result<Ready, LedgerError> {
    let path = files.directory();
    make_directories(path)?;
    refuse_network(&files.ledger, path)?;
    let fail =
        |e: GuardError| LedgerError::file(&files.ledger, "cannot make the ledger", &e.into());
    let (directory, name) = GuardedDir::around(&files.ledger).map_err(fail)?;
    directory.check().map_err(|why| LedgerError::Unwritable {
        path: path.to_owned(),
        doing: "will not write in",
        reason: format!(
            "{} is not safe: {why}; run: {}",
            path.display(),
            why.mend(path)
        ),
    })?;
    let modes = Modes::of(&directory);
    let prepared = match directory.create_new(name, modes.file) {
        Ok(file) => {
            file.sync_all().map_err(|e| fail(e.into()))?;
            // A file system that cannot do it is not an error.
            let _ = directory.sync();
            Prepared::Created
        }
        Err(GuardError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
            Prepared::Found
        }
        Err(error) => return Err(fail(error)),
    };
    let locks = files.locks.file_name().unwrap_or_default();
    directory
        .directory(locks, modes.directory)
        .map_err(|e| LedgerError::file(&files.locks, "cannot make the directory", &e.into()))?;
    Ok(Ready {
        modes,
        prepared,
        mended: mend(files, (&directory, modes)),
    })
}

/// Takes from others what an earlier program or a person let them do with files of ours.
fn mend(files: &Files, (directory, modes): (&GuardedDir, Modes)) -> Vec<String> {
    let sqlite = ["", "-wal", "-shm"].map(|end| files.of_sqlite(end));
    let own = sqlite
        .into_iter()
        .chain([files.mark.clone(), files.key.clone()]);
    own.filter_map(|path| {
        let name = path.file_name()?;
        let (found, entry) = directory.entry(name).ok()??;
        directory.check_file(&found).ok()?;
        let (mode, user) = (found.mode() & 0o777, rustix::process::geteuid().as_raw());
        if found.uid() != user || mode & !modes.file == 0 {
            return None;
        }
        set_mode(&entry, modes.file).ok()?;
        Some(format!(
            "the mode of {} was {mode:04o}, so others could use it; it is {:04o} now",
            path.display(),
            modes.file
        ))
    })
    .collect()
}

/// The modes that the ledger's directory asks for.
pub(super) fn modes_of(files: &Files) -> Result<Modes, LedgerError> {
    GuardedDir::around(&files.ledger)
        .map(|(directory, _)| Modes::of(&directory))
        .map_err(|e| LedgerError::file(files.directory(), "cannot read the directory", &e.into()))
}

/// Why the ledger cannot be written: SQLite calls a full disk an I/O error, so the disk is asked.
pub(super) fn standstill(files: &Files) -> Option<String> {
    use rustix::fs::StatVfsMountFlags;
    let disk = rustix::fs::statvfs(files.directory()).ok()?;
    if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Some("its disk is mounted read-only".to_owned());
    }
    (blocks_left(&disk) == 0).then(|| "its disk is full".to_owned())
}

/// How many bytes the ledger's disk takes, as far as it tells.
pub(super) fn room(files: &Files) -> Option<u64> {
    let disk = rustix::fs::statvfs(files.directory()).ok()?;
    Some(blocks_left(&disk).saturating_mul(disk.f_frsize))
}

fn blocks_left(disk: &rustix::fs::StatVfs) -> u64 {
    // Some file systems keep a reserve for root.
    if rustix::process::geteuid().is_root() {
        disk.f_bfree
    } else {
        disk.f_bavail
    }
}

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

fn open(path: &Path, access: Access) -> io::Result<File> {
    let (directory, name) = GuardedDir::around(path)?;
    let flags = match access {
        Access::Read => OFlags::RDONLY,
        Access::Write => OFlags::RDWR,
    };
    let check = |file: &Metadata| directory.check_file(file);
    let found = directory.file(name, (flags, Mode::empty()), &check)?;
    found.ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Opens a file that is there for reading.
pub(super) fn open_existing(path: &Path) -> io::Result<File> {
    open(path, Access::Read)
}

/// Opens a file for reading and writing, making it with the exact mode if it is missing.
pub(super) fn open_or_create(path: &Path, modes: Modes) -> io::Result<File> {
    match create_new(path, modes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open(path, Access::Write),
        other => other,
    }
}

/// The bytes of a small file; more than so many are not read.
pub(super) fn read_small(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_existing(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Removes a file; one that does not exist is removed already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let (directory, name) = GuardedDir::around(path)?;
    directory.remove(name)
}

/// Gives a file another name in the same directory.
pub(super) fn rename(from: &Path, to: &OsStr) -> io::Result<()> {
    let (directory, name) = GuardedDir::around(from)?;
    directory.rename(name, to)
}

fn create_new(path: &Path, modes: Modes) -> io::Result<File> {
    let (directory, name) = GuardedDir::around(path)?;
    Ok(directory.create_new(name, modes.file)?)
}

/// Writes a small file under a temporary name and moves it into place if nothing is there yet.
pub(super) fn publish(path: &Path, modes: Modes, content: &[u8]) -> io::Result<()> {
    let (directory, name) = GuardedDir::around(path)?;
    let mut temporary = name.to_owned();
    temporary.push(format!(".{}", hex(&random::<8>()?)));
    let mut file = directory.create_new(&temporary, modes.file)?;
    let done = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| directory.rename_new(&temporary, name));
    directory.remove(&temporary)?;
    let _ = directory.sync();
    match done {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

pub(super) fn make_directories(directory: &Path) -> Result<(), LedgerError> {
    if directory.as_os_str().is_empty() || directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        make_directories(parent)?;
    }
    make_directory(directory, PRIVATE.directory)
}

fn make_directory(directory: &Path, mode: u32) -> Result<(), LedgerError> {
    let made = match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => std::fs::set_permissions(directory, Permissions::from_mode(mode)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    };
    made.map_err(|e| LedgerError::file(directory, "cannot make the directory", &e))
}

/// Makes a new name in a directory durable. A file system that cannot do it is not an error.
pub(super) fn sync_directory(directory: &Path) {
    if let Ok(handle) = File::open(directory) {
        let _ = handle.sync_all();
    }
}

fn refuse_network(ledger: &Path, directory: &Path) -> Result<(), LedgerError> {
    match network_name(directory) {
        Ok(None) => Ok(()),
        Ok(Some(kind)) => Err(LedgerError::NetworkFileSystem {
            path: ledger.to_owned(),
            kind,
        }),
        Err(error) => Err(LedgerError::file(
            directory,
            "cannot read the file system of",
            &error,
        )),
    }
}

#[cfg(target_os = "linux")]
fn network_name(directory: &Path) -> io::Result<Option<&'static str>> {
    let stat = rustix::fs::statfs(directory)?;
    Ok(network_magic(i128::from(stat.f_type)))
}

#[cfg(not(target_os = "linux"))]
fn network_name(_directory: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}

/// The magic numbers of statfs(2) whose file systems share no memory between hosts.
fn network_magic(magic: i128) -> Option<&'static str> {
    const NETWORK: [(u32, &str); 13] = [
        (0x6969, "NFS"),
        (0xff53_4d42, "CIFS"),
        (0xfe53_4d42, "SMB2"),
        (0x517b, "SMB"),
        (0x6573_5546, "FUSE"),
        (0x0102_1997, "9p"),
        (0x5346_414f, "AFS"),
        (0x6b41_4653, "AFS"),
        (0x7375_7245, "Coda"),
        (0x00c3_6400, "Ceph"),
        (0x0bd0_0bd0, "Lustre"),
        (0x0116_1970, "GFS2"),
        (0x7461_636f, "OCFS2"),
    ];
    // f_type is 32 bits wide whatever the width and sign of the field.
    let magic = magic & 0xffff_ffff;
    NETWORK
        .into_iter()
        .find(|(number, _)| i128::from(*number) == magic)
        .map(|(_, name)| name)
}

/// Which file a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    dev: u64,
    ino: u64,
}

impl Identity {
    /// That of an open file, or of a name that was looked at.
    pub(super) fn of(found: &Metadata) -> Self {
        Self {
            dev: found.dev(),
            ino: found.ino(),
        }
    }

    /// That of the file at a path, without opening it, with what shows a write.
    pub(super) fn with_stamp(path: &Path) -> io::Result<(Self, Stamp)> {
        let meta = std::fs::symlink_metadata(path)?;
        if meta.nlink() == 0 {
            return Err(io::ErrorKind::NotFound.into());
        }
        let identity = Self::of(&meta);
        let stamp = Stamp {
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            length: meta.len(),
        };
        Ok((identity, stamp))
    }
}

/// What a file shows when it is written: by a checkpoint, or by somebody who has no business there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: (i64, i64),
    changed: (i64, i64),
    length: u64,
}

impl Stamp {
    /// Whether a write to the other file came later than any to this one. Until then a further
    /// write to this one may leave no trace: the system's clock for files stands still for
    /// milliseconds.
    pub(super) fn is_before_the_last_write_to(&self, other: &Path) -> bool {
        std::fs::metadata(other)
            .is_ok_and(|meta| (meta.mtime(), meta.mtime_nsec()) > self.modified.max(self.changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0x6969, Some("NFS"))]
    #[case(0xff53_4d42, Some("CIFS"))]
    #[case(-11_317_950, Some("CIFS"))]
    #[case(0x6573_5546, Some("FUSE"))]
    #[case(0xef53, None)]
    #[case(0x0102_1994, None)]
    fn a_network_file_system_is_known_by_its_magic(
        #[case] magic: i128,
        #[case] name: Option<&str>,
    ) {
        assert_eq!(network_magic(magic), name);
    }

    #[rstest]
    #[case(0o700, PRIVATE)]
    #[case(0o2770, SHARED)]
    #[case(0o2750, PRIVATE)]
    #[case(0o770, PRIVATE)]
    fn only_a_setgid_group_directory_is_shared(#[case] mode: u32, #[case] modes: Modes) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
        let directory = GuardedDir::open(dir.path()).unwrap().unwrap();

        assert_eq!(Modes::of(&directory), modes);
    }

    #[test]
    fn publishing_keeps_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");

        publish(&path, PRIVATE, b"first").unwrap();
        publish(&path, PRIVATE, b"second").unwrap();

        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
