//! Files that hold secrets: read only when nobody else could have read or replaced them, written
//! so that nobody ever can.
//!
//! What is checked is what is read: the checks look at the open descriptor, never at the path
//! again, so nothing can be swapped in between.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::process::geteuid;
use zeroize::Zeroizing;

use super::error::{AuthError, Unsafety};

/// Most bytes of a file with secrets.
const BYTES_MAX: u64 = 64 << 10;

/// How often a file may be replaced between our opening and our looking at it.
const REPLACED_MAX: usize = 200;

/// A directory that only its owner can change, held open.
#[derive(Debug)]
pub(super) struct PrivateDir {
    fd: File,
    path: PathBuf,
}

impl PrivateDir {
    /// Opens a directory; `None` when there is none.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, AuthError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(AuthError::io("open", path, error.into())),
        };
        let fd = File::from(fd);
        let found = fd.metadata();
        let found = found.map_err(|error| AuthError::io("look at", path, error))?;
        if found.uid() != geteuid().as_raw() {
            let why = Unsafety::DirectoryOwner(found.uid());
            return Err(AuthError::unsafe_path(path, why));
        }
        if found.mode() & 0o022 != 0 {
            let why = Unsafety::DirectoryMode(found.mode() & 0o7777);
            return Err(AuthError::unsafe_path(path, why));
        }
        Ok(Some(Self {
            fd,
            path: path.to_owned(),
        }))
    }

    /// Opens a directory, and makes it with mode 0700 when there is none.
    pub(super) fn create(path: &Path) -> Result<Self, AuthError> {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        if let Some(found) = Self::open(path)? {
            return Ok(found);
        }
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            // A umask may have taken bits of the owner's too.
            .and_then(|()| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)))
            .map_err(|error| AuthError::io("make the directory", path, error))?;
        let gone = || AuthError::io("open", path, io::ErrorKind::NotFound.into());
        Self::open(path)?.ok_or_else(gone)
    }

    /// The text of a file; `None` when there is no such file.
    pub(super) fn read(&self, name: &str) -> Result<Option<Zeroizing<String>>, AuthError> {
        let path = self.path.join(name);
        // Without NONBLOCK the open of a FIFO would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        let Some(file) = self.open_checked(name, flags, Mode::empty())? else {
            return Ok(None);
        };
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| AuthError::io("read", &path, error))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > BYTES_MAX) {
            let error = io::Error::other("it is larger than 64 KiB");
            return Err(AuthError::io("read", &path, error));
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(Zeroizing::new(text.to_owned()))),
            Err(_) => {
                let error = io::Error::other("it is not text in UTF-8");
                Err(AuthError::io("read", &path, error))
            }
        }
    }

    /// Writes a file whole or not at all. The caller holds the lock under which nobody else
    /// writes this name.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), AuthError> {
        let path = self.path.join(name);
        let temp = format!(".{name}.new");
        let failed = |error: io::Error| {
            // The half-written file is of no use, and whether it goes changes nothing for `name`.
            let _ = rustix::fs::unlinkat(&self.fd, &temp, AtFlags::empty());
            AuthError::io("write", &path, error)
        };
        // A process that was killed may have left one.
        self.unlink(&temp)
            .map_err(|error| AuthError::io("write", &path, error))?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        let fd = openat(&self.fd, &temp, flags | OFlags::CLOEXEC, mode)
            .map_err(|error| AuthError::io("write", &path, error.into()))?;
        rustix::fs::fchmod(&fd, mode).map_err(|error| failed(error.into()))?;
        let mut file = File::from(fd);
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        rustix::fs::renameat(&self.fd, &temp, &self.fd, name)
            .map_err(|error| failed(error.into()))?;
        self.sync()
            .map_err(|error| AuthError::io("write", &path, error))
    }

    /// Removes a file; one that does not exist is removed already.
    pub(super) fn remove(&self, name: &str) -> Result<(), AuthError> {
        self.unlink(name)
            .and_then(|()| self.sync())
            .map_err(|error| AuthError::io("remove", &self.path.join(name), error))
    }

    /// Opens the file of a kernel lock, making it when there is none.
    pub(super) fn open_lock(&self, name: &str) -> Result<File, AuthError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NONBLOCK;
        let mode = Mode::RUSR | Mode::WUSR;
        let gone = || {
            let path = self.path.join(name);
            AuthError::io("open", &path, io::ErrorKind::NotFound.into())
        };
        self.open_checked(name, flags, mode)?.ok_or_else(gone)
    }

    fn open_checked(
        &self,
        name: &str,
        flags: OFlags,
        mode: Mode,
    ) -> Result<Option<File>, AuthError> {
        let path = self.path.join(name);
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for _ in 0..REPLACED_MAX {
            let fd = match openat(&self.fd, name, flags, mode) {
                Ok(fd) => fd,
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::LOOP) => return Err(AuthError::unsafe_path(&path, Unsafety::Symlink)),
                // A socket, or a device without a driver: not a file in any case.
                Err(Errno::NXIO) => {
                    return Err(AuthError::unsafe_path(&path, Unsafety::NotRegular));
                }
                Err(error) => return Err(AuthError::io("open", &path, error.into())),
            };
            let file = File::from(fd);
            if check_file(&file, &path)? == Standing::Current {
                return Ok(Some(file));
            }
            std::thread::yield_now();
        }
        let error = io::Error::other("it is being replaced over and over");
        Err(AuthError::io("open", &path, error))
    }

    fn unlink(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.fd.sync_all()
    }
}

/// Whether an open file still has its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Current,
    /// Another process renamed a newer one over it since it was opened.
    Replaced,
}

/// Looks at the open file itself; its path may name another one by now.
fn check_file(file: &File, path: &Path) -> Result<Standing, AuthError> {
    let found = file.metadata();
    let found = found.map_err(|error| AuthError::io("look at", path, error))?;
    let why = if !found.is_file() {
        Unsafety::NotRegular
    } else if found.uid() != geteuid().as_raw() {
        Unsafety::Owner(found.uid())
    } else if found.mode() & 0o077 != 0 {
        Unsafety::Mode(found.mode() & 0o7777)
    } else {
        match found.nlink() {
            0 => return Ok(Standing::Replaced),
            1 => return Ok(Standing::Current),
            more => Unsafety::HardLinks(more),
        }
    };
    Err(AuthError::unsafe_path(path, why))
}

/// Reads a file with a secret that may stand anywhere; `None` when there is none.
pub(super) fn read_at(path: &Path) -> Result<Option<Zeroizing<String>>, AuthError> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name else {
        let error = io::Error::other("it does not name a file");
        return Err(AuthError::io("read", path, error));
    };
    match PrivateDir::open(parent.unwrap_or(Path::new(".")))? {
        Some(directory) => directory.read(name),
        None => Ok(None),
    }
}
