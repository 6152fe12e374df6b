//! Files in a place where somebody else may have put a hand on them.
//!
//! What is checked is what is used: a file is opened relative to a directory that is held open, no link
//! is followed, no pipe or device is waited for, and owner, group and mode are those of the open
//! descriptor, never those of the path. Only then is a byte read or written.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, openat};
use rustix::io::Errno;
use rustix::process::geteuid;

use self::members::{is_member, is_of_one};
use self::way::{is_same, way_to};

mod members;
mod own;
mod unsafety;
mod way;
mod word;

pub use own::{check_own, read_own, remove_own, write_own};
pub use unsafety::{GuardError, Unsafety, owner_note};
pub use way::Owners;
pub use word::{Distrust, Word, check_place, open_word};

/// How often a file may be replaced between our opening and our looking at it.
const REPLACED_MAX: usize = 200;

/// Whose files are used in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circle {
    /// Those of the directory's owner, of this user and of root.
    Owner,
    /// Those of a group: the directory is setgid and writable by it, which alone says that it is shared.
    Group(u32),
}

/// Whether an open file still has its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has.
    Current,
    /// Another process is putting one in its place, or has done so since it was opened.
    Replaced,
}

/// What is looked at in an open file.
pub type Check<'a> = &'a dyn Fn(&Metadata) -> Result<Standing, Unsafety>;

/// A directory that is held open, with everything in it reached through it.
#[derive(Debug)]
pub struct GuardedDir {
    fd: File,
    path: PathBuf,
    found: Metadata,
}

impl GuardedDir {
    /// Opens a directory; `None` when there is none.
    ///
    /// # Errors
    /// When it is no directory, or cannot be opened.
    pub fn open(path: &Path) -> Result<Option<Self>, GuardError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(fd) => Self::of(File::from(fd), path.to_owned()).map(Some),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The directory that a file lies in, which may not be a link, and the file's name there.
    ///
    /// # Errors
    /// When there is no such directory, it cannot be opened, or the path names no file.
    pub fn around(file: &Path) -> Result<(Self, &OsStr), GuardError> {
        let name = file.file_name();
        let name = name.ok_or_else(|| io::Error::other("it does not name a file"))?;
        let directory = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match rustix::fs::open(directory, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::LOOP | Errno::NOTDIR) => {
                return Err(GuardError::Unsafe {
                    path: directory.to_owned(),
                    why: Unsafety::Symlink,
                });
            }
            Err(error) => return Err(error.into()),
        };
        Ok((Self::of(fd, directory.to_owned())?, name))
    }

    fn of(fd: File, path: PathBuf) -> Result<Self, GuardError> {
        let found = fd.metadata()?;
        Ok(Self { fd, path, found })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it was when it was opened.
    pub fn found(&self) -> &Metadata {
        &self.found
    }

    /// Whose files are used in it.
    pub fn circle(&self) -> Circle {
        if self.found.mode() & 0o2020 == 0o2020 {
            Circle::Group(self.found.gid())
        } else {
            Circle::Owner
        }
    }

    /// Why somebody outside its circle may replace what lies in it, or the directory itself.
    ///
    /// # Errors
    /// The reason.
    pub fn check(&self) -> Result<(), Unsafety> {
        let (uid, gid) = (self.found.uid(), self.found.gid());
        self.check_mode()?;
        let is_ours = [geteuid().as_raw(), 0].contains(&uid);
        // A shared directory is made by somebody of its group. Whoever is root may work for somebody else.
        let is_of_circle = self.circle() == Circle::Group(gid) && is_member(gid, uid);
        if !is_ours && !geteuid().is_root() && !is_of_circle {
            return Err(Unsafety::DirectoryOwner(uid));
        }
        self.check_way(Owners::OrAnyForRoot)
    }

    fn check_mode(&self) -> Result<(), Unsafety> {
        let mode = self.found.mode();
        let (uid, gid) = (self.found.uid(), self.found.gid());
        let by_group = mode & 0o020 != 0 && self.circle() == Circle::Owner;
        if mode & 0o002 != 0 || (by_group && !is_of_one(gid, uid)) {
            return Err(Unsafety::DirectoryMode(mode & 0o7777));
        }
        Ok(())
    }

    /// Whether nobody but this user and root can change a name in it, or put another directory in its
    /// place; also for root, who may work in a directory of somebody else.
    pub fn is_ours_alone(&self) -> bool {
        self.circle() == Circle::Owner
            && [geteuid().as_raw(), 0].contains(&self.found.uid())
            && self.check_mode().is_ok()
            && self.check_way(Owners::Ours).is_ok()
    }

    /// Why somebody else may put another directory in its place: through a directory above it, or a link
    /// on the way to it.
    ///
    /// # Errors
    /// The reason.
    pub fn check_way(&self, owners: Owners) -> Result<(), Unsafety> {
        match way_to(&self.path, owners)? {
            Some(end) if is_same(&end, &self.found) => Ok(()),
            Some(_) | None => Err(Unsafety::Replaced),
        }
    }

    /// What is wrong with a file of the directory, for its circle.
    ///
    /// # Errors
    /// The reason.
    pub fn check_file(&self, file: &Metadata) -> Result<Standing, Unsafety> {
        let ours = [geteuid().as_raw(), self.found.uid(), 0];
        if !file.is_file() {
            return Err(Unsafety::NotRegular);
        }
        match self.circle() {
            Circle::Group(group) if file.gid() != group => {
                return Err(Unsafety::Group(file.gid()));
            }
            Circle::Owner if !ours.contains(&file.uid()) => {
                return Err(Unsafety::Owner(file.uid()));
            }
            Circle::Group(_) | Circle::Owner => {}
        }
        if file.mode() & 0o002 != 0 {
            return Err(Unsafety::Mode(file.mode() & 0o7777));
        }
        match file.nlink() {
            0 => Ok(Standing::Replaced),
            1 => Ok(Standing::Current),
            more => Err(Unsafety::HardLinks(more)),
        }
    }

    /// Opens a file and looks at it; `None` when there is no such file.
    ///
    /// # Errors
    /// [`GuardError::Unsafe`] when it is a link, not a regular file, or the check refuses it.
    pub fn file(
        &self,
        name: impl AsRef<OsStr>,
        (flags, mode): (OFlags, Mode),
        check: Check<'_>,
    ) -> Result<Option<File>, GuardError> {
        let name = name.as_ref();
        let refused = |why| self.refused(name, why);
        // Without NONBLOCK the open of a FIFO would wait for its other end.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        for _ in 0..REPLACED_MAX {
            let fd = match openat(&self.fd, name, flags, mode) {
                Ok(fd) => fd,
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::LOOP) => return Err(refused(Unsafety::Symlink)),
                // A socket, or a device without a driver: not a file in any case.
                Err(Errno::NXIO) => return Err(refused(Unsafety::NotRegular)),
                Err(error) => return Err(error.into()),
            };
            let file = File::from(fd);
            if check(&file.metadata()?).map_err(refused)? == Standing::Current {
                return Ok(Some(file));
            }
            std::thread::yield_now();
        }
        Err(io::Error::other("it is being replaced over and over").into())
    }

    /// What lies there under a name, held without being opened for anything; a link is not followed.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn entry(&self, name: impl AsRef<OsStr>) -> io::Result<Option<(Metadata, File)>> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let entry = match openat(&self.fd, name.as_ref(), flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some((entry.metadata()?, entry)))
    }

    /// Looks at a file without opening it for anything; `None` when there is no such file.
    ///
    /// # Errors
    /// As [`GuardedDir::file`].
    pub fn look(&self, name: impl AsRef<OsStr>) -> Result<Option<Metadata>, GuardError> {
        let name = name.as_ref();
        let Some((found, _)) = self.entry(name)? else {
            return Ok(None);
        };
        let refused = |why| self.refused(name, why);
        if found.is_symlink() {
            return Err(refused(Unsafety::Symlink));
        }
        self.check_file(&found).map_err(refused)?;
        Ok(Some(found))
    }

    /// Makes a file that does not exist yet, with exactly this mode.
    ///
    /// # Errors
    /// When there is something of that name, or it cannot be made.
    pub fn create_new(&self, name: impl AsRef<OsStr>, mode: u32) -> Result<File, GuardError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let own = Mode::RUSR | Mode::WUSR;
        let fd = openat(&self.fd, name.as_ref(), flags | OFlags::CLOEXEC, own)?;
        // The umask may have taken bits away; fchmod sets them exactly.
        rustix::fs::fchmod(&fd, Mode::from_raw_mode(mode))?;
        Ok(File::from(fd))
    }

    /// Removes a file; one that does not exist is removed already.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name.as_ref(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a file another name in the same directory, in the place of what may be there.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn rename(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> io::Result<()> {
        Ok(rustix::fs::renameat(
            &self.fd,
            from.as_ref(),
            &self.fd,
            to.as_ref(),
        )?)
    }

    /// The same where nothing of that name may be there.
    ///
    /// # Errors
    /// When there is something of that name, or the system refuses.
    pub fn rename_new(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> io::Result<()> {
        self.move_new(from, (self, to))
    }

    /// Moves a file into another directory where nothing of that name may be there.
    ///
    /// # Errors
    /// When there is something of that name, or the system refuses.
    pub fn move_new(
        &self,
        from: impl AsRef<OsStr>,
        (directory, to): (&Self, impl AsRef<OsStr>),
    ) -> io::Result<()> {
        let (from, to) = (from.as_ref(), to.as_ref());
        let only_new = RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(&self.fd, from, &directory.fd, to, only_new) {
            // Some file systems do not know the flag. A second name is there for an instant only.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                rustix::fs::linkat(&self.fd, from, &directory.fd, to, AtFlags::empty())?;
                self.remove(from)
            }
            done => Ok(done?),
        }
    }

    /// Makes a directory in it that nobody else may enter. Whoever may write this one could have put
    /// another in its place, but none that is ours and empty and has a name that nobody can foresee.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn private(&self, name: impl AsRef<OsStr>) -> Result<Self, GuardError> {
        let made = self.directory(name.as_ref(), 0o700)?;
        let is_ours = made.found.uid() == geteuid().as_raw() && made.found.mode() & 0o777 == 0o700;
        if !is_ours || !made.names()?.is_empty() {
            let why = Unsafety::DirectoryMode(made.found.mode() & 0o7777);
            return Err(self.refused(name.as_ref(), why));
        }
        Ok(made)
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove_directory(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(
            &self.fd,
            name.as_ref(),
            AtFlags::REMOVEDIR,
        )?)
    }

    /// Makes a new name in it durable.
    ///
    /// # Errors
    /// When the file system cannot do it.
    pub fn sync(&self) -> io::Result<()> {
        self.fd.sync_all()
    }

    /// A directory in it, which is made with exactly this mode when there is none.
    ///
    /// # Errors
    /// [`GuardError::Unsafe`] when it is a link, or of somebody outside the circle.
    pub fn directory(&self, name: impl AsRef<OsStr>, mode: u32) -> Result<Self, GuardError> {
        let name = name.as_ref();
        let refused = |why| self.refused(name, why);
        match rustix::fs::mkdirat(&self.fd, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::LOOP | Errno::NOTDIR) => return Err(refused(Unsafety::Symlink)),
            Err(error) => return Err(error.into()),
        };
        let found = Self::of(File::from(fd), self.path.join(name))?;
        let ours = [geteuid().as_raw(), self.found.uid(), 0];
        match self.circle() {
            Circle::Group(group) if found.found.gid() != group => {
                return Err(refused(Unsafety::Group(found.found.gid())));
            }
            Circle::Owner if !ours.contains(&found.found.uid()) => {
                return Err(refused(Unsafety::DirectoryOwner(found.found.uid())));
            }
            Circle::Group(_) | Circle::Owner => {}
        }
        if found.found.uid() == geteuid().as_raw() && found.found.mode() & 0o7777 != mode {
            rustix::fs::fchmod(&found.fd, Mode::from_raw_mode(mode))?;
            return Self::of(found.fd, found.path);
        }
        Ok(found)
    }

    /// The names in it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn names(&self) -> io::Result<Vec<std::ffi::OsString>> {
        use std::os::unix::ffi::OsStrExt as _;
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd)? {
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn refused(&self, name: &OsStr, why: Unsafety) -> GuardError {
        GuardError::Unsafe {
            path: self.path.join(name),
            why,
        }
    }
}

/// Sets the mode of what was looked at by [`GuardedDir::entry`], whatever has its name now.
///
/// # Errors
/// When the system refuses.
pub fn set_mode(entry: &File, mode: u32) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;
    // A descriptor that reads would take SQLite's locks along when it is closed.
    let path = format!("/proc/self/fd/{}", entry.as_raw_fd());
    Ok(rustix::fs::chmod(path, Mode::from_raw_mode(mode))?)
}

#[cfg(test)]
mod tests;
