//! The high-water mark: a small file beside the ledger that remembers which ledger this machine
//! uses and how far it had come.
//!
//! It is written after each commit that adds attempts, in place and without its own fsync, so it
//! may lag behind the ledger, and never runs ahead of it. A ledger that knows less than the mark
//! was deleted, or restored from an older copy: the units it spent since are not in it, and it is
//! not used for sending until a person or reconcile accepts it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::LedgerError;
use super::file::{Modes, open_or_create, sync_directory};
use crate::base::counted;

/// What the ledger knows about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The ledger's uuid.
    pub(super) uuid: String,
    /// Its last attempt.
    pub(super) last: i64,
    /// Its number of attempts.
    pub(super) count: i64,
}

/// What the mark says about the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The ledger knows as much as the mark, or more.
    Agrees,
    /// There was no mark; one was made.
    Made,
    /// The ledger knows less, for this reason.
    Doubtful(String),
}

/// The open mark file.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    file: File,
}

const LENGTH: usize = 96;

impl Mark {
    pub(super) fn open(path: &Path, modes: Modes) -> Result<Self, LedgerError> {
        let file = open_or_create(path, modes)
            .map_err(|e| LedgerError::file(path, "cannot open the high-water mark", &e))?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Compares, and makes a mark where there is none.
    pub(super) fn compare(&mut self, known: &Known) -> Result<Comparison, LedgerError> {
        let directory = self.path.parent().map(Path::to_owned);
        let found = self.locked(|file| {
            let found = read(file)?;
            // A ledger with attempts and without a mark came from elsewhere: that is for a person.
            if found == Found::Nothing && known.last == 0 {
                write(file, known)?;
                file.sync_all()?;
                // A power cut must not take its name: its absence would be a doubt.
                if let Some(directory) = directory {
                    sync_directory(&directory);
                }
            }
            Ok(found)
        })?;
        Ok(judge(found, known))
    }

    /// Compares without making or changing anything.
    pub(super) fn peek(path: &Path, known: &Known) -> Result<Comparison, LedgerError> {
        let found = match File::open(path) {
            Ok(mut file) => read(&mut file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) => Err(error),
        };
        found
            .map(|found| judge(found, known))
            .map_err(|e| LedgerError::file(path, "cannot read the high-water mark", &e))
    }

    /// Moves the mark on; never back, whichever process comes first.
    pub(super) fn advance(&mut self, known: &Known) -> Result<(), LedgerError> {
        self.locked(|file| match read(file)? {
            Found::Mark(mark) if mark.uuid == known.uuid && mark.last >= known.last => Ok(()),
            Found::Mark(mark) if mark.uuid == known.uuid => write(file, known),
            Found::Nothing => write(file, known),
            Found::Mark(_) | Found::Garbage => {
                Err(io::Error::other("it belongs to another ledger now"))
            }
        })
    }

    /// Takes what the ledger knows as the truth.
    pub(super) fn accept(&mut self, known: &Known) -> Result<(), LedgerError> {
        self.locked(|file| {
            write(file, known)?;
            file.sync_all()
        })
    }

    fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut File) -> io::Result<T>,
    ) -> Result<T, LedgerError> {
        let done = self.file.lock().and_then(|()| {
            let done = work(&mut self.file);
            let unlocked = self.file.unlock();
            done.and_then(|value| unlocked.map(|()| value))
        });
        done.map_err(|e| LedgerError::file(&self.path, "cannot keep the high-water mark", &e))
    }
}

fn judge(found: Found, known: &Known) -> Comparison {
    match found {
        Found::Nothing if known.last > 0 => Comparison::Doubtful(format!(
            "it has {}, and nothing beside it says that this machine has seen them; it was restored or copied, and units that were spent since are not in it",
            counted(known.count.unsigned_abs(), "attempt")
        )),
        Found::Nothing => Comparison::Made,
        Found::Garbage => Comparison::Doubtful("its high-water mark cannot be read".into()),
        Found::Mark(mark) if mark.uuid != known.uuid => Comparison::Doubtful(format!(
            "this machine used another ledger here, with {} attempts; this one has {}",
            mark.count, known.count
        )),
        Found::Mark(mark) if known.last < mark.last => Comparison::Doubtful(format!(
            "it ends at attempt {}, and this machine has seen attempt {}; it is an older copy",
            known.last, mark.last
        )),
        Found::Mark(_) => Comparison::Agrees,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Garbage,
    Mark(Known),
}

fn write(file: &mut File, known: &Known) -> io::Result<()> {
    let line = format!(
        "ziadeck-mark 1 {} {:020} {:020}",
        known.uuid, known.last, known.count
    );
    file.seek(SeekFrom::Start(0))?;
    // One write of a fixed size: a page of the cache changes as a whole.
    file.write_all(format!("{line:<width$}\n", width = LENGTH - 1).as_bytes())
}

fn read(file: &mut File) -> io::Result<Found> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(4_096).read_to_end(&mut text)?;
    // A power cut can leave the file made but not yet written.
    if text.iter().all(|byte| *byte == 0) {
        return Ok(Found::Nothing);
    }
    let parsed = std::str::from_utf8(&text).ok().and_then(|text| {
        let mut words = text.split_ascii_whitespace();
        let head = (words.next()?, words.next()?);
        let (uuid, last, count) = (words.next()?, words.next()?, words.next()?);
        (head == ("ziadeck-mark", "1")).then_some(())?;
        Some(Known {
            uuid: uuid.to_owned(),
            last: last.parse().ok()?,
            count: count.parse().ok()?,
        })
    });
    Ok(parsed.map_or(Found::Garbage, Found::Mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(last: i64) -> Known {
        Known {
            uuid: "a".repeat(32),
            last,
            count: last,
        }
    }

    fn mark(dir: &tempfile::TempDir) -> Mark {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let files = super::super::file::Files::of(&dir.path().join("ledger.db"));
        let (modes, _) = super::super::file::prepare(&files).unwrap();
        Mark::open(&files.mark, modes).unwrap()
    }

    #[test]
    fn a_mark_never_goes_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut mark = mark(&dir);
        mark.compare(&known(0)).unwrap();

        mark.advance(&known(11)).unwrap();
        mark.advance(&known(10)).unwrap();

        assert!(matches!(
            mark.compare(&known(10)).unwrap(),
            Comparison::Doubtful(_)
        ));
        assert_eq!(mark.compare(&known(11)).unwrap(), Comparison::Agrees);
    }

    #[test]
    fn an_unreadable_mark_is_a_doubt_and_an_empty_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let mut mark = mark(&dir);

        assert_eq!(mark.compare(&known(0)).unwrap(), Comparison::Made);
        std::fs::write(&mark.path, "ziadeck-mark 1 what").unwrap();

        assert!(matches!(
            mark.compare(&known(3)).unwrap(),
            Comparison::Doubtful(_)
        ));
    }

    #[test]
    fn attempts_without_a_mark_came_from_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        let mut mark = mark(&dir);

        let Comparison::Doubtful(why) = mark.compare(&known(3)).unwrap() else {
            panic!();
        };

        assert!(why.contains("3 attempts"), "{why}");
        assert!(matches!(
            mark.compare(&known(3)).unwrap(),
            Comparison::Doubtful(_)
        ));
    }
}
