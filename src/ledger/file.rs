//! The ledger's files: made by us with exact modes, checked for the file system they lie on, and
//! watched for being replaced.
//!
//! SQLite would create the ledger with the umask's mode, and would not let a second administrator
//! write it (dependencies P8). Nothing here opens the ledger once SQLite has it open: closing any
//! descriptor of a file drops the process's POSIX locks on it.

use crate::base::hex;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;

use super::error::LedgerError;

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
        }
    }

    /// The same, with a mark in a directory of the user's; the ledger's path has to be the real one.
    ///
    /// A directory at or below the ledger's is restored together with it: a mark there would always
    /// agree, and there is none.
    pub(super) fn with_marks_in(self, marks: Option<&Path>) -> Self {
        let own_mark = marks
            .map(real_directory)
            .filter(|marks| !marks.starts_with(real_directory(self.directory())))
            .map(|marks| {
                // A home that several hosts mount must not mix their ledgers of one path.
                let mut named = std::fs::read("/etc/machine-id").unwrap_or_default();
                named.push(0);
                named.extend(self.ledger.as_os_str().as_encoded_bytes());
                let digest = digest::digest(&digest::SHA256, &named);
                let name: String = hex(digest.as_ref()).chars().take(32).collect();
                marks.join(format!("{name}.mark"))
            });
        Self { own_mark, ..self }
    }

    /// The write-ahead log, as SQLite names it.
    pub(super) fn log(&self) -> PathBuf {
        let mut name = self.ledger.as_os_str().to_owned();
        name.push("-wal");
        PathBuf::from(name)
    }

    fn directory(&self) -> &Path {
        match self.ledger.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

/// The path without links: mark, key and locks lie beside the ledger itself, by whatever name it is
/// reached. One that does not exist yet is made where its directory really is.
pub(super) fn real(ledger: &Path) -> Result<PathBuf, LedgerError> {
    let fail = |e: io::Error| LedgerError::file(ledger, "cannot find the ledger", &e);
    match std::fs::canonicalize(ledger) {
        Ok(found) => return Ok(found),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        Err(_) => {}
    }
    if ledger.symlink_metadata().is_ok() {
        let why = "it is a link that leads nowhere; mend the link or remove it";
        return Err(fail(io::Error::other(why)));
    }
    let (Some(directory), Some(name)) = (ledger.parent(), ledger.file_name()) else {
        return Ok(ledger.to_owned());
    };
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    Ok(std::fs::canonicalize(directory).map_or_else(|_| ledger.to_owned(), |real| real.join(name)))
}

/// A directory without links, as far as it exists.
fn real_directory(path: &Path) -> PathBuf {
    for existing in path.ancestors() {
        if let Ok(real) = std::fs::canonicalize(existing) {
            let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
            return real.join(rest);
        }
    }
    path.to_owned()
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
    /// A directory that is setgid and writable by its group says that its files are shared.
    fn of_directory(mode: u32) -> Self {
        if mode & 0o2020 == 0o2020 {
            SHARED
        } else {
            PRIVATE
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

/// Makes the directory, the empty ledger and the lock directory, unless they exist.
pub(super) fn prepare(files: &Files) -> Result<(Modes, Prepared), LedgerError> {
    let directory = files.directory();
    make_directories(directory)?;
    refuse_network(&files.ledger, directory)?;
    let modes = modes_of(files)?;
    let prepared = match create_new(&files.ledger, modes) {
        Ok(file) => {
            file.sync_all()
                .map_err(|e| LedgerError::file(&files.ledger, "cannot make the ledger", &e))?;
            sync_directory(directory);
            Prepared::Created
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Prepared::Found,
        Err(error) => {
            return Err(LedgerError::file(
                &files.ledger,
                "cannot make the ledger",
                &error,
            ));
        }
    };
    make_directory(&files.locks, modes.directory)?;
    Ok((modes, prepared))
}

/// The modes that the ledger's directory asks for.
pub(super) fn modes_of(files: &Files) -> Result<Modes, LedgerError> {
    let directory = files.directory();
    std::fs::metadata(directory)
        .map(|meta| Modes::of_directory(meta.mode()))
        .map_err(|e| LedgerError::file(directory, "cannot read the directory", &e))
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

/// Opens a file for reading and writing, making it with the exact mode if it is missing.
pub(super) fn open_or_create(path: &Path, modes: Modes) -> io::Result<File> {
    match create_new(path, modes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(path)
        }
        other => other,
    }
}

fn create_new(path: &Path, modes: Modes) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    // The umask may have taken bits away; fchmod sets them exactly.
    file.set_permissions(Permissions::from_mode(modes.file))?;
    Ok(file)
}

/// Writes a small file under a temporary name and moves it into place if nothing is there yet.
pub(super) fn publish(path: &Path, modes: Modes, content: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", hex(&random::<8>()?)));
    let temporary = PathBuf::from(name);
    let mut file = create_new(&temporary, modes)?;
    let done = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| match std::fs::hard_link(&temporary, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
    std::fs::remove_file(&temporary)?;
    if let Some(directory) = path.parent() {
        sync_directory(directory);
    }
    done
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
    /// Reads it by the path, without opening the file.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Self::with_stamp(path).map(|(identity, _)| identity)
    }

    /// The same, with what shows a write.
    pub(super) fn with_stamp(path: &Path) -> io::Result<(Self, Stamp)> {
        let meta = std::fs::metadata(path)?;
        if meta.nlink() == 0 {
            return Err(io::ErrorKind::NotFound.into());
        }
        let identity = Self {
            dev: meta.dev(),
            ino: meta.ino(),
        };
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

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> io::Result<[u8; N]> {
    // The kernel's own bytes: the generator of the cryptographic library tests its entropy for 30 ms
    // first, which every start of the program would wait for.
    let mut bytes = [0; N];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
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
    #[case(0o40700, PRIVATE)]
    #[case(0o42770, SHARED)]
    #[case(0o42750, PRIVATE)]
    #[case(0o40770, PRIVATE)]
    fn only_a_setgid_group_directory_is_shared(#[case] mode: u32, #[case] modes: Modes) {
        assert_eq!(Modes::of_directory(mode), modes);
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
