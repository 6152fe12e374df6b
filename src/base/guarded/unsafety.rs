//! What is wrong with a file or directory, and the command that mends it.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::geteuid;

use crate::base::Sanitized;

/// Why a file or directory is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsafety {
    /// Others may use the file.
    Mode(u32),
    /// The file is someone else's.
    Owner(u32),
    /// The file is of another group than its shared directory.
    Group(u32),
    /// The path is a symbolic link.
    Symlink,
    /// The file has more names than one.
    HardLinks(u64),
    /// A pipe, a device, a directory.
    NotRegular,
    /// Others may put files into the directory.
    DirectoryMode(u32),
    /// The directory is someone else's.
    DirectoryOwner(u32),
    /// Others may put another directory in its place, in this one above it.
    AboveMode(Box<Path>, u32),
    /// A directory above it, or a link on the way to it, is someone else's.
    AboveOwner(Box<Path>, u32),
    /// What lies above it cannot be looked at.
    AboveUnseen(Box<Path>),
    /// Something else was put in its place.
    Replaced,
}

impl std::fmt::Display for Unsafety {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mode(mode) => write!(f, "its mode is {mode:04o}, so others can use it"),
            Self::Owner(uid) => write!(f, "it belongs to {}", user(*uid)),
            Self::Group(gid) => {
                write!(f, "it belongs to group {gid}, not to that of its directory")
            }
            Self::Symlink => f.write_str("it is a symbolic link"),
            Self::HardLinks(count) => write!(f, "it has {count} names (hard links)"),
            Self::NotRegular => f.write_str("it is not a regular file"),
            Self::DirectoryMode(mode) => {
                write!(
                    f,
                    "its mode is {mode:04o}, so others can replace files in it"
                )
            }
            Self::DirectoryOwner(uid) => write!(f, "the directory belongs to {}", user(*uid)),
            Self::AboveMode(path, mode) => write!(
                f,
                "the mode of {}, above it, is {mode:04o}, so others can put another one in its place",
                shown(path)
            ),
            Self::AboveOwner(path, uid) => write!(
                f,
                "{}, on the way to it, belongs to {}, who can put another one in its place",
                shown(path),
                user(*uid)
            ),
            Self::AboveUnseen(path) => {
                write!(f, "{}, on the way to it, cannot be looked at", shown(path))
            }
            Self::Replaced => f.write_str("something else was put in its place"),
        }
    }
}

impl Unsafety {
    /// The command that mends it, or shows what is there.
    pub fn mend(&self, path: &Path) -> String {
        let quoted = quoted(path);
        match self {
            Self::Mode(_) => format!("chmod 600 {quoted}"),
            Self::DirectoryMode(_) => format!("chmod 700 {quoted}"),
            Self::Owner(_) | Self::DirectoryOwner(_) => {
                format!("chown \"$(id -u)\" {quoted}")
            }
            Self::Symlink | Self::HardLinks(_) => {
                format!(
                    "cp {quoted} {quoted}.own && mv -f {quoted}.own {quoted} && chmod 600 {quoted}"
                )
            }
            Self::AboveMode(above, _) => closed(above),
            Self::AboveOwner(above, _) => format!("sudo chown -h root {}", self::quoted(above)),
            Self::AboveUnseen(above) => format!("ls -ld {}", self::quoted(above)),
            Self::Group(_) | Self::NotRegular | Self::Replaced => format!("ls -ld {quoted}"),
        }
    }
}

/// The command after which nobody but its owner may write something.
pub(super) fn closed(path: &Path) -> String {
    format!("chmod go-w {}", quoted(path))
}

/// Who owns what keeps this user from a file, and the command that mends it: a first start as root leaves
/// such directories in a home. A shared directory belongs to whoever made it.
pub fn owner_note(path: &Path, home: Option<&Path>) -> Option<String> {
    let user = geteuid().as_raw();
    let (place, found) = path
        .ancestors()
        .find_map(|place| Some((place, place.symlink_metadata().ok()?)))?;
    let is_shared = found.mode() & 0o2020 == 0o2020;
    let is_closed = found.is_dir() && found.mode() & 0o007 == 0;
    let is_in_home = home.is_some_and(|home| place.starts_with(home));
    (found.uid() != user && (is_closed || is_in_home) && !is_shared).then(|| {
        let owner = Unsafety::DirectoryOwner(found.uid());
        let place = quoted(place);
        format!("{owner}; if it is yours: sudo chown -R \"$(id -un)\" {place}")
    })
}

/// A user by name, where the host knows it.
fn user(uid: u32) -> String {
    match uzers::get_user_by_uid(uid) {
        Some(user) => format!("user {}", user.name().to_string_lossy()),
        None => format!("user {uid}"),
    }
}

fn shown(path: &Path) -> String {
    Sanitized::new(&path.display().to_string()).to_string()
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = shown(path);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c);
    if text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Why a file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// Somebody else has, or may have, a hand on it.
    #[error("{why}; see to it with: {}", why.mend(path))]
    Unsafe {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        why: Unsafety,
    },
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Errno> for GuardError {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

impl From<GuardError> for io::Error {
    fn from(error: GuardError) -> Self {
        match error {
            GuardError::Io(error) => error,
            unsafe_file @ GuardError::Unsafe { .. } => {
                Self::new(io::ErrorKind::PermissionDenied, unsafe_file.to_string())
            }
        }
    }
}
