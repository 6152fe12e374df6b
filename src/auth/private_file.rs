//! Files that hold secrets: read only when nobody else could have read or replaced them, written
//! so that nobody ever can.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::process::geteuid;
use zeroize::Zeroizing;

use super::error::AuthError;
use crate::base::guarded::{GuardError, GuardedDir, Owners, Unsafety, check_own};

/// Most bytes of a file with secrets.
const BYTES_MAX: u64 = 64 << 10;

fn too_large() -> io::Error {
    io::Error::other("it is larger than 64 KiB")
}

/// A directory that only its owner can change, held open.
#[derive(Debug)]
pub(super) struct PrivateDir {
    dir: GuardedDir,
}

impl PrivateDir {
    /// Opens a directory that nobody else can put another one in the place of; `None` when there is none.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, AuthError> {
        let Some(found) = Self::open_here(path)? else {
            return Ok(None);
        };
        found
            .dir
            .check_way(Owners::OrAnyForRoot)
            .map_err(|why| AuthError::unsafe_path(path, why))?;
        Ok(Some(found))
    }

    /// Opens a directory wherever it may lie, for what is no secret; `None` when there is none.
    pub(super) fn open_here(path: &Path) -> Result<Option<Self>, AuthError> {
        let Some(dir) = GuardedDir::open(path).map_err(|error| failed("open", path, error))? else {
            return Ok(None);
        };
        let found = dir.found();
        if found.uid() != geteuid().as_raw() {
            let why = Unsafety::DirectoryOwner(found.uid());
            return Err(AuthError::unsafe_path(path, why));
        }
        if found.mode() & 0o022 != 0 {
            let why = Unsafety::DirectoryMode(found.mode() & 0o7777);
            return Err(AuthError::unsafe_path(path, why));
        }
        Ok(Some(Self { dir }))
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
        let path = self.dir.path().join(name);
        let fail = |error: io::Error| AuthError::io("read", &path, error);
        let Some(file) = self.open_checked(name, OFlags::RDONLY)? else {
            return Ok(None);
        };
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > BYTES_MAX) {
            return Err(fail(too_large()));
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(Zeroizing::new(text.to_owned()))),
            Err(_) => Err(fail(io::Error::other("it is not text in UTF-8"))),
        }
    }

    /// Writes a file whole or not at all. The caller holds the lock under which nobody else
    /// writes this name.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), AuthError> {
        let path = self.dir.path().join(name);
        if u64::try_from(text.len()).is_ok_and(|length| length > BYTES_MAX) {
            // Nobody could read it again.
            return Err(AuthError::io("write", &path, too_large()));
        }
        let temp = format!(".{name}.new");
        let write = || -> Result<(), GuardError> {
            // A process that was killed may have left one.
            self.dir.remove(&temp)?;
            let mut file = self.dir.create_new(&temp, 0o600)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            self.dir.rename(&temp, name)?;
            Ok(self.dir.sync()?)
        };
        write().map_err(|error| {
            // The half-written file is of no use, and whether it goes changes nothing for `name`.
            let _ = self.dir.remove(&temp);
            failed("write", &path, error)
        })
    }

    /// Removes a file; one that does not exist is removed already.
    pub(super) fn remove(&self, name: &str) -> Result<(), AuthError> {
        self.dir
            .remove(name)
            .and_then(|()| self.dir.sync())
            .map_err(|error| AuthError::io("remove", &self.dir.path().join(name), error))
    }

    /// Opens the file of a kernel lock, making it when there is none.
    pub(super) fn open_lock(&self, name: &str) -> Result<File, AuthError> {
        let gone = || {
            let path = self.dir.path().join(name);
            AuthError::io("open", &path, io::ErrorKind::NotFound.into())
        };
        self.open_checked(name, OFlags::RDWR | OFlags::CREATE)?
            .ok_or_else(gone)
    }

    fn open_checked(&self, name: &str, flags: OFlags) -> Result<Option<File>, AuthError> {
        let how = (flags, Mode::RUSR | Mode::WUSR);
        let opened = self.dir.file(name, how, &check_own);
        opened.map_err(|error| failed("open", &self.dir.path().join(name), error))
    }
}

fn failed(action: &'static str, path: &Path, error: GuardError) -> AuthError {
    match error {
        GuardError::Unsafe { path, why } => AuthError::unsafe_path(&path, why),
        GuardError::Io(error) => AuthError::io(action, path, error),
    }
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
