//! Where a ledger really is: the path that everything else uses, with no link left in it.
//!
//! Mark, key and locks lie beside the ledger itself, by whatever name it is reached. A link is a word
//! of whoever made it, so it counts only where nobody else could have put it: the very link that was
//! read is looked at, through a directory that is held open.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::base::guarded::{GuardError, GuardedDir};

use super::error::LedgerError;

/// Most links from a name to a ledger, as for the system itself.
const LINKS_MAX: usize = 40;

/// A ledger's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Real {
    /// Without links.
    pub(super) path: PathBuf,
    /// The name that was given, in its directory without links.
    pub(super) given: PathBuf,
}

/// Follows the links of a name. A ledger that does not exist yet is made where its directory really is.
pub(super) fn find(ledger: &Path) -> Result<Real, LedgerError> {
    let fail = |e: io::Error| LedgerError::file(ledger, "cannot find the ledger", &e);
    let mut path = beside(ledger).map_err(fail)?;
    let given = path.clone();
    for followed in 0..LINKS_MAX {
        let (directory, name) = match GuardedDir::around(&path) {
            Ok(found) => found,
            Err(GuardError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return nowhere(followed)
                    .map_err(fail)
                    .map(|()| Real { path, given });
            }
            // Whoever may not enter it is told so when the ledger is opened.
            Err(GuardError::Io(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Ok(Real { path, given });
            }
            Err(error) => return Err(fail(error.into())),
        };
        match target(&directory, name).map_err(fail)? {
            Named::Nothing => {
                return nowhere(followed)
                    .map_err(fail)
                    .map(|()| Real { path, given });
            }
            Named::Itself => return Ok(Real { path, given }),
            Named::Link(target) => {
                path = beside(&directory.path().join(target)).map_err(fail)?;
            }
        }
    }
    Err(fail(io::Error::other("it is a link that leads in circles")))
}

/// A name after so many links that names nothing.
fn nowhere(followed: usize) -> io::Result<()> {
    if followed == 0 {
        return Ok(());
    }
    let why = "it is a link that leads nowhere; mend the link or remove it";
    Err(io::Error::other(why))
}

/// The path with a directory that has no links, as far as it exists.
pub(super) fn beside(path: &Path) -> io::Result<PathBuf> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(path.to_owned());
    };
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    match std::fs::canonicalize(directory) {
        Ok(real) => Ok(real.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(real_directory(directory).join(name))
        }
        Err(error) => Err(error),
    }
}

/// A directory without links, as far as it exists.
pub(super) fn real_directory(path: &Path) -> PathBuf {
    for existing in path.ancestors() {
        let place = if existing.as_os_str().is_empty() {
            Path::new(".")
        } else {
            existing
        };
        if let Ok(real) = std::fs::canonicalize(place) {
            let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
            return real.join(rest);
        }
    }
    path.to_owned()
}

/// What a name in a directory is.
#[derive(Debug)]
enum Named {
    Nothing,
    Itself,
    Link(OsString),
}

fn target(directory: &GuardedDir, name: &OsStr) -> io::Result<Named> {
    let Some((found, entry)) = directory.entry(name)? else {
        return Ok(Named::Nothing);
    };
    if !found.is_symlink() {
        return Ok(Named::Itself);
    }
    use std::os::unix::fs::MetadataExt as _;
    let refused = |why| Err(io::Error::other(why));
    if ![rustix::process::geteuid().as_raw(), 0].contains(&found.uid()) {
        return refused("it is a link that another user has made; it is not followed");
    }
    // Whose it is says nothing there: whoever may write the directory moves our links as they like.
    if !directory.is_ours_alone() {
        return refused(
            "it is a link in a directory that others may write; it is not followed: name the ledger's own directory with --data-dir",
        );
    }
    match rustix::fs::readlinkat(&entry, "", Vec::new()) {
        Ok(target) => Ok(Named::Link(OsString::from_vec(target.into_bytes()))),
        Err(Errno::NOENT) => Ok(Named::Nothing),
        Err(error) => Err(error.into()),
    }
}
