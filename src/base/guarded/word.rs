//! A file whose word is taken for an order: it names programs that are run, and where secrets are sent.
//!
//! What is judged is what is read: owner and mode are those of the open descriptor, and the way to it is
//! looked at while it is open. The verdict goes with the text.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::members::is_of_one;
use super::unsafety::{GuardError, Unsafety, closed};
use super::way::{Owners, is_same, way_to};
use super::{GuardedDir, REPLACED_MAX};

/// Why the word of a file is not taken for an order: anybody but its user and root may have written it,
/// or have put it there. That a group shares the directory is no excuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrust {
    /// The file, or its directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: Unsafety,
}

impl Distrust {
    /// The command that mends it, or shows what is there. Others may go on reading it.
    pub fn mend(&self) -> String {
        match self.why {
            Unsafety::Mode(_) | Unsafety::DirectoryMode(_) => closed(&self.path),
            _ => self.why.mend(&self.path),
        }
    }
}

impl std::fmt::Display for Distrust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = crate::base::Sanitized::new(&self.path.display().to_string()).to_string();
        write!(f, "{path} is not safe: {}; run: {}", self.why, self.mend())
    }
}

/// A file that is open for reading, and whether its word is an order.
#[derive(Debug)]
pub struct Word {
    /// The file.
    pub file: File,
    /// Why its word is no order, if it is not.
    pub distrust: Option<Distrust>,
}

/// Opens a file, which a link of the user's own may lead to; `None` when there is none.
///
/// # Errors
/// When it is no regular file, or cannot be opened.
pub fn open_word(path: &Path) -> Result<Option<Word>, GuardError> {
    for _ in 0..REPLACED_MAX {
        let real = match std::fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (directory, name) = match GuardedDir::around(&real) {
            Ok(found) => found,
            // It was there a moment ago, and no link.
            Err(GuardError::Unsafe { .. }) => continue,
            Err(GuardError::Io(error)) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let flags = flags | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(&directory.fd, name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT | Errno::LOOP) => continue,
            Err(Errno::NXIO) => return Err(not_regular()),
            Err(error) => return Err(error.into()),
        };
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(not_regular());
        }
        let of_file = |why| Distrust {
            path: real.clone(),
            why,
        };
        let distrust = of_place(&directory).or_else(|| judge_file(&found).map(of_file));
        let distrust = match (distrust, way_to(path, Owners::Ours)) {
            (None, Ok(Some(end))) if is_same(&end, &found) => None,
            // Another one is there already.
            (None, Ok(_)) => continue,
            (None, Err(why)) => Some(of_file(why)),
            (Some(distrust), _) => Some(distrust),
        };
        return Ok(Some(Word { file, distrust }));
    }
    Err(io::Error::other("it is being replaced over and over").into())
}

/// Why the word of a file that is yet to be made would be no order.
///
/// # Errors
/// When its directory cannot be looked at.
pub fn check_place(path: &Path) -> Result<Option<Distrust>, GuardError> {
    let at = path.parent().unwrap_or(Path::new("/"));
    if let Err(why) = way_to(path, Owners::Ours) {
        let path = at.to_owned();
        let directory = GuardedDir::open(at)?;
        let distrust = directory.and_then(|directory| of_place(&directory));
        return Ok(Some(distrust.unwrap_or(Distrust { path, why })));
    }
    Ok(GuardedDir::open(at)?.and_then(|directory| of_place(&directory)))
}

fn not_regular() -> GuardError {
    io::Error::other("it is not a regular file").into()
}

fn of_place(directory: &GuardedDir) -> Option<Distrust> {
    let found = &directory.found;
    let why = if may_be_written(found) {
        Unsafety::DirectoryMode(found.mode() & 0o7777)
    } else if !is_ours(found) {
        Unsafety::DirectoryOwner(found.uid())
    } else {
        return None;
    };
    Some(Distrust {
        path: directory.path.clone(),
        why,
    })
}

fn judge_file(found: &Metadata) -> Option<Unsafety> {
    if may_be_written(found) {
        Some(Unsafety::Mode(found.mode() & 0o7777))
    } else if !is_ours(found) {
        Some(Unsafety::Owner(found.uid()))
    } else {
        None
    }
}

fn may_be_written(found: &Metadata) -> bool {
    let mode = found.mode();
    mode & 0o002 != 0 || (mode & 0o020 != 0 && !is_of_one(found.gid(), found.uid()))
}

fn is_ours(found: &Metadata) -> bool {
    [geteuid().as_raw(), 0].contains(&found.uid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use rustix::fs::CWD;
    use std::io::Read as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    /// A file in a directory of its own, both with these modes and of a group with other members.
    fn place(directory: u32, file: u32) -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let inner = place.path().join("inner");
        let path = inner.join("word");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(&path, "kept").unwrap();
        for (path, mode) in [(&path, file), (&inner, directory)] {
            // Only root can choose it.
            let _ = std::os::unix::fs::chown(path, None, Some(65_534));
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        (place, path)
    }

    fn verdict(path: &Path) -> Option<Unsafety> {
        let mut word = open_word(path).unwrap().unwrap();
        let mut text = String::new();
        word.file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "kept");
        word.distrust.map(|distrust| distrust.why)
    }

    #[rstest]
    #[case(0o755, 0o644, None)]
    #[case(0o700, 0o600, None)]
    #[case(0o2770, 0o644, Some(Unsafety::DirectoryMode(0o2770)))]
    #[case(0o1777, 0o600, Some(Unsafety::DirectoryMode(0o1777)))]
    #[case(0o755, 0o660, Some(Unsafety::Mode(0o660)))]
    #[case(0o755, 0o606, Some(Unsafety::Mode(0o606)))]
    fn what_a_group_may_write_is_no_order(
        #[case] directory: u32,
        #[case] file: u32,
        #[case] expected: Option<Unsafety>,
    ) {
        let (_place, path) = place(directory, file);

        assert_eq!(verdict(&path), expected);
    }

    #[test]
    fn a_link_is_judged_with_the_place_where_it_lies() {
        let (place, path) = place(0o755, 0o644);
        let loose = place.path().join("loose");
        std::fs::create_dir(&loose).unwrap();
        std::fs::set_permissions(&loose, std::fs::Permissions::from_mode(0o777)).unwrap();
        symlink(&path, loose.join("word")).unwrap();
        symlink(&path, place.path().join("word")).unwrap();

        assert_eq!(verdict(&place.path().join("word")), None);
        assert_eq!(
            verdict(&loose.join("word")),
            Some(Unsafety::AboveMode(loose.into(), 0o777))
        );
    }

    #[test]
    fn a_file_above_which_others_may_write_is_no_order_nor_is_one_that_is_yet_to_be_made() {
        let (place, path) = place(0o700, 0o600);
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o2775)).unwrap();
        let _ = std::os::unix::fs::chown(place.path(), None, Some(65_534));
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o2775)).unwrap();

        let above = Some(Unsafety::AboveMode(place.path().into(), 0o2775));
        let new = check_place(&place.path().join("new/word")).unwrap();

        assert_eq!(verdict(&path), above);
        assert_eq!(new.map(|distrust| distrust.why), above);
    }

    /// Two directories change places all the time: whatever is read, the verdict is about that.
    #[test]
    fn a_directory_that_is_exchanged_during_the_read_lends_its_verdict_to_no_other() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for (name, mode) in [("mine", 0o700), ("theirs", 0o777)] {
            std::fs::create_dir(at(name)).unwrap();
            std::fs::write(at(name).join("word"), name).unwrap();
            std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let (mine, theirs) = (at("mine"), at("theirs"));
        let path = mine.join("word");
        let exchanger = std::thread::spawn(move || {
            for _ in 0..2_000 {
                let exchange = rustix::fs::RenameFlags::EXCHANGE;
                if rustix::fs::renameat_with(CWD, &mine, CWD, &theirs, exchange).is_err() {
                    break;
                }
            }
        });

        while !exchanger.is_finished() {
            let Ok(Some(mut word)) = open_word(&path) else {
                continue;
            };
            let mut text = String::new();
            word.file.read_to_string(&mut text).unwrap();
            assert!(text == "mine" || word.distrust.is_some(), "{text}");
        }
        exchanger.join().unwrap();
    }

    #[test]
    fn nothing_waits_and_what_is_not_there_is_no_error() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        rustix::fs::mkfifoat(CWD, &pipe, Mode::RWXU).unwrap();

        let refused = open_word(&pipe).unwrap_err().to_string();

        assert!(refused.contains("not a regular file"), "{refused}");
        assert!(open_word(&place.path().join("no/such")).unwrap().is_none());
        assert!(
            check_place(&place.path().join("no/such"))
                .unwrap()
                .is_none()
        );
    }
}
