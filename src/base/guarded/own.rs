//! Small files of one user: nobody else has them, and they may lie where others have theirs.

use std::fs::Metadata;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::process::geteuid;

use super::{GuardError, GuardedDir, Standing, Unsafety};
use crate::base::{hex, random};

/// What is wrong with a file that has to be this user's alone.
///
/// # Errors
/// The reason.
pub fn check_own(found: &Metadata) -> Result<Standing, Unsafety> {
    if !found.is_file() {
        Err(Unsafety::NotRegular)
    } else if found.uid() != geteuid().as_raw() {
        Err(Unsafety::Owner(found.uid()))
    } else if found.mode() & 0o077 != 0 {
        Err(Unsafety::Mode(found.mode() & 0o7777))
    } else {
        match found.nlink() {
            0 => Ok(Standing::Replaced),
            1 => Ok(Standing::Current),
            more => Err(Unsafety::HardLinks(more)),
        }
    }
}

/// The bytes of a file of the user's own in a directory; `None` when there is none.
///
/// # Errors
/// When it is not the user's alone, is larger than so many bytes, or cannot be read.
pub fn read_own(
    (directory, name): (&Path, &str),
    most: u64,
) -> Result<Option<Vec<u8>>, GuardError> {
    let Some(directory) = GuardedDir::open(directory)? else {
        return Ok(None);
    };
    let how = (OFlags::RDONLY, Mode::empty());
    let Some(file) = directory.file(name, how, &check_own)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(io::Error::other(format!("it is larger than {most} bytes")).into());
    }
    Ok(Some(bytes))
}

/// Writes a file of the user's own in a directory, whole or not at all, in the place of what is there.
///
/// # Errors
/// When there is no such directory, or the system refuses.
pub fn write_own((directory, name): (&Path, &str), bytes: &[u8]) -> Result<(), GuardError> {
    let directory = GuardedDir::open(directory)?;
    let directory = directory.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    // Nobody can put anything there before.
    let temporary = format!(".{name}.{}", hex(&random::<8>()?));
    let mut file = directory.create_new(&temporary, 0o600)?;
    let done = file
        .write_all(bytes)
        .and_then(|()| directory.rename(&temporary, name));
    if done.is_err() {
        // The half-written file is of no use, and whether it goes changes nothing for `name`.
        let _ = directory.remove(&temporary);
    }
    Ok(done?)
}

/// Removes a file of a directory; one that does not exist is removed already.
///
/// # Errors
/// When the system refuses.
pub fn remove_own((directory, name): (&Path, &str)) -> Result<(), GuardError> {
    match GuardedDir::open(directory)? {
        Some(directory) => Ok(directory.remove(name)?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::CWD;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn what_is_written_is_read_again_and_is_for_its_owner_alone() {
        let place = tempfile::tempdir().unwrap();
        let at = (place.path(), "own");

        write_own(at, b"one").unwrap();
        write_own(at, b"two").unwrap();

        let mode = place.path().join("own").metadata().unwrap().mode();
        assert_eq!(mode & 0o7777, 0o600);
        assert_eq!(read_own(at, 3).unwrap().unwrap(), b"two");
        assert!(read_own(at, 2).is_err());
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
        remove_own(at).unwrap();
        remove_own(at).unwrap();
        assert!(read_own(at, 3).unwrap().is_none());
    }

    #[test]
    fn neither_a_link_nor_a_pipe_is_read_and_both_are_replaced() {
        let place = tempfile::tempdir().unwrap();
        let victim = place.path().join("victim");
        std::fs::write(&victim, "kept").unwrap();
        std::fs::set_permissions(&victim, std::fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&victim, place.path().join("link")).unwrap();
        rustix::fs::mkfifoat(CWD, place.path().join("pipe"), Mode::RWXU).unwrap();

        for name in ["link", "pipe"] {
            let at = (place.path(), name);
            assert!(read_own(at, 100).is_err(), "{name}");
            write_own(at, b"own").unwrap();
            assert_eq!(read_own(at, 100).unwrap().unwrap(), b"own", "{name}");
        }
        assert_eq!(std::fs::read_to_string(victim).unwrap(), "kept");
    }
}
