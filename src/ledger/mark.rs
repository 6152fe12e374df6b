//! The high-water mark: a small file beside the ledger that remembers which ledger this machine
//! uses and how far it had come.
//!
//! It is written after each commit that adds attempts, in place and without its own fsync, so it
//! may lag behind the ledger, and never runs ahead of it. A ledger that knows less than the mark
//! was deleted, or restored from an older copy: the units it spent since are not in it, and it is
//! not used for sending until a person or reconcile accepts it.
//!
//! ```text
//! ziadeck-mark 1 <uuid of the ledger> <last attempt> <number of attempts> <accepted>
//! ```
//!
//! The number is smaller than the last attempt by those that a person knows to be missing; up to
//! attempt `accepted` the ledger was accepted as it is. Versions before wrote the number as the last
//! attempt, and no fourth word; they read past what they do not know.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::connect::pause;
use super::error::LedgerError;
use super::file::{Modes, open_existing, open_or_create, sync_directory};
use crate::base::counted;

/// Who remembers by a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The machine: it lies beside the ledger, and a ledger with attempts has one.
    Machine,
    /// A user: it lies in a directory of theirs, and may be made at any time.
    User,
}

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

impl Known {
    /// How many attempts are missing in it.
    pub(super) fn missing(&self) -> i64 {
        self.last.saturating_sub(self.count).max(0)
    }
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
    whose: Whose,
}

/// How long an opening waits for another process that works on the mark: each works on it for less
/// than a millisecond.
const OPENING: Duration = Duration::from_millis(500);
/// How long a commit waits for that: the next one moves the mark on as well.
const MOVING: Duration = Duration::from_millis(20);
/// Between two tries.
const NAP: Duration = Duration::from_millis(2);

/// Of what is written. Versions before wrote 96 bytes, and read up to 4,096.
const LENGTH: usize = 128;

impl Mark {
    pub(super) fn open(path: &Path, modes: Modes, whose: Whose) -> Result<Self, LedgerError> {
        let file = open_or_create(path, modes)
            .map_err(|e| LedgerError::file(path, "cannot open the high-water mark", &e))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            whose,
        })
    }

    /// Compares, and makes a mark where there is none.
    pub(super) fn compare(&mut self, known: &Known) -> Result<Comparison, LedgerError> {
        let directory = self.path.parent().map(Path::to_owned);
        let whose = self.whose;
        let found = self.locked(OPENING, |file| {
            let found = read(file)?;
            if found == Found::Nothing && may_be_made(known, whose) {
                write(file, &Kept::new(known))?;
                file.sync_all()?;
                // A power cut must not take its name: its absence would be a doubt.
                if let Some(directory) = directory {
                    sync_directory(&directory);
                }
            }
            Ok(found)
        })?;
        let found = found.ok_or_else(|| self.kept())?;
        Ok(judge(found, known, self.whose))
    }

    /// Compares without making or changing anything.
    pub(super) fn peek(
        path: &Path,
        known: &Known,
        whose: Whose,
    ) -> Result<Comparison, LedgerError> {
        Ok(judge(look(path)?, known, whose))
    }

    /// Up to which attempt the ledger was accepted as it is.
    pub(super) fn accepted(path: &Path, uuid: &str) -> Result<i64, LedgerError> {
        Ok(match look(path)? {
            Found::Mark(mark) if mark.known.uuid == uuid => mark.accepted,
            Found::Mark(_) | Found::Garbage | Found::Nothing => 0,
        })
    }

    /// How many attempts it has seen that the ledger does not have.
    pub(super) fn beyond(path: &Path, known: &Known) -> Result<u64, LedgerError> {
        let beyond = match look(path)? {
            Found::Nothing | Found::Garbage => 0,
            Found::Mark(Kept { known: mark, .. }) if mark.uuid != known.uuid => mark.count,
            Found::Mark(Kept { known: mark, .. }) => {
                let holes = known.missing().saturating_sub(mark.missing()).max(0);
                mark.last.saturating_sub(known.last).max(0) + holes
            }
        };
        Ok(u64::try_from(beyond).unwrap_or(0))
    }

    /// Moves the mark on; never back, whichever process comes first. What is missing was found and
    /// accepted when a ledger was opened, perhaps by another process since: that stays. Answers whether
    /// it is there now: while another process keeps it locked it stays behind, and is moved on later.
    pub(super) fn advance(&mut self, known: &Known) -> Result<bool, LedgerError> {
        let moved = self.locked(MOVING, |file| match read(file)? {
            Found::Mark(mark) if mark.known.uuid == known.uuid => {
                if mark.known.last >= known.last {
                    return Ok(());
                }
                let new = known.last.saturating_sub(mark.known.last);
                let known = Known {
                    count: mark.known.count.saturating_add(new),
                    ..known.clone()
                };
                let accepted = mark.accepted;
                write(file, &Kept { known, accepted })
            }
            Found::Nothing => write(file, &Kept::new(known)),
            Found::Mark(_) | Found::Garbage => {
                Err(io::Error::other("it belongs to another ledger now"))
            }
        })?;
        Ok(moved.is_some())
    }

    /// Takes what the ledger knows as the truth.
    pub(super) fn accept(&mut self, known: &Known) -> Result<(), LedgerError> {
        let done = self.locked(OPENING, |file| {
            write(
                file,
                &Kept {
                    known: known.clone(),
                    accepted: known.last,
                },
            )?;
            file.sync_all()
        })?;
        done.ok_or_else(|| self.kept())
    }

    /// Works on the mark while no other process does; `None` where another keeps it that long.
    fn locked<T>(
        &mut self,
        patience: Duration,
        work: impl FnOnce(&mut File) -> io::Result<T>,
    ) -> Result<Option<T>, LedgerError> {
        let mut left = patience;
        let held = loop {
            match self.file.try_lock() {
                Err(TryLockError::WouldBlock) if left.is_zero() => return Ok(None),
                // Whoever may read the file may lock it, for as long as they like.
                Err(TryLockError::WouldBlock) => {
                    let nap = left.min(NAP);
                    pause(nap);
                    left -= nap;
                }
                Err(TryLockError::Error(error)) => break Err(error),
                Ok(()) => break Ok(()),
            }
        };
        let done = held.and_then(|()| {
            let done = work(&mut self.file);
            let unlocked = self.file.unlock();
            done.and_then(|value| unlocked.map(|()| value))
        });
        done.map(Some)
            .map_err(|e| LedgerError::file(&self.path, "cannot keep the high-water mark", &e))
    }

    fn kept(&self) -> LedgerError {
        LedgerError::Unwritable {
            path: self.path.clone(),
            doing: "cannot keep the high-water mark",
            reason: format!("another process keeps {} locked", self.path.display()),
        }
    }
}

/// A ledger with attempts and without a mark beside it came from elsewhere: that is for a person.
/// A user may be new to it.
fn may_be_made(known: &Known, whose: Whose) -> bool {
    whose == Whose::User || known.last == 0
}

fn judge(found: Found, known: &Known, whose: Whose) -> Comparison {
    let why = match found {
        Found::Nothing if may_be_made(known, whose) => return Comparison::Made,
        Found::Nothing => format!(
            "it has {}, and nothing beside it says that this machine has seen them; it was restored or copied, and units that were spent since are not in it",
            counted(known.count.unsigned_abs(), "attempt")
        ),
        Found::Garbage => match whose {
            Whose::Machine => "its high-water mark cannot be read".into(),
            Whose::User => "the high-water mark that this user keeps of it cannot be read".into(),
        },
        Found::Mark(Kept { known: mark, .. }) if mark.uuid != known.uuid => match whose {
            Whose::Machine => format!(
                "this machine used another ledger here, with {}; this one has {}",
                counted(mark.count.unsigned_abs(), "attempt"),
                known.count
            ),
            Whose::User => format!(
                "this user used another ledger here, with {}; this one has {}: the data directory was replaced or begun anew",
                counted(mark.count.unsigned_abs(), "attempt"),
                known.count
            ),
        },
        Found::Mark(Kept { known: mark, .. }) if known.last < mark.last => match whose {
            Whose::Machine => format!(
                "it ends at attempt {}, and this machine has seen attempt {}; it is an older copy",
                known.last, mark.last
            ),
            Whose::User => format!(
                "this user has seen attempt {} of this ledger, and it ends at attempt {}: the data directory was restored from an older copy",
                mark.last, known.last
            ),
        },
        Found::Mark(Kept { known: mark, .. }) if known.missing() > mark.missing() => {
            let missing = known.missing().unsigned_abs();
            format!(
                "{} missing in it, and whatever was spent there is not counted",
                match missing {
                    1 => "1 attempt is".to_owned(),
                    more => format!("{more} attempts are"),
                }
            )
        }
        Found::Mark(_) => return Comparison::Agrees,
    };
    Comparison::Doubtful(why)
}

/// What a mark holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    known: Known,
    accepted: i64,
}

impl Kept {
    fn new(known: &Known) -> Self {
        Self {
            known: known.clone(),
            accepted: 0,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Garbage,
    Mark(Kept),
}

fn write(file: &mut File, kept: &Kept) -> io::Result<()> {
    let Kept { known, accepted } = kept;
    let line = format!(
        "ziadeck-mark 1 {} {:020} {:020} {accepted:020}",
        known.uuid, known.last, known.count
    );
    file.seek(SeekFrom::Start(0))?;
    // One write of a fixed size: a page of the cache changes as a whole.
    file.write_all(format!("{line:<width$}\n", width = LENGTH - 1).as_bytes())
}

fn look(path: &Path) -> Result<Found, LedgerError> {
    let found = match open_existing(path) {
        Ok(mut file) => read(&mut file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Found::Garbage),
        Err(error) => Err(error),
    };
    found.map_err(|e| LedgerError::file(path, "cannot read the high-water mark", &e))
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
        let accepted = words.next().and_then(|word| word.parse().ok());
        let known = Known {
            uuid: uuid.to_owned(),
            last: last.parse().ok()?,
            count: count.parse().ok()?,
        };
        Some(Kept {
            known,
            accepted: accepted.unwrap_or(0),
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
        let modes = super::super::file::prepare(&files).unwrap().modes;
        Mark::open(&files.mark, modes, Whose::Machine).unwrap()
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

    #[test]
    fn a_mark_of_an_earlier_version_is_read_and_one_of_ours_by_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut mark = mark(&dir);
        let uuid = "a".repeat(32);
        let before = format!("ziadeck-mark 1 {uuid} {:020} {:020}", 11, 11);
        std::fs::write(&mark.path, format!("{before:<95}\n")).unwrap();

        let older = mark.compare(&known(10)).unwrap();
        let same = mark.compare(&known(11)).unwrap();
        mark.advance(&known(12)).unwrap();

        assert!(matches!(older, Comparison::Doubtful(_)));
        assert_eq!(same, Comparison::Agrees);
        let text = std::fs::read_to_string(&mark.path).unwrap();
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (last, count): (i64, i64) = (words[3].parse().unwrap(), words[4].parse().unwrap());
        assert_eq!(
            (words[0], words[1], words[2]),
            ("ziadeck-mark", "1", &*uuid)
        );
        assert_eq!((last, count), (12, 12));
    }

    #[test]
    fn what_is_missing_is_a_doubt_until_it_is_accepted_and_stays_accepted() {
        let dir = tempfile::tempdir().unwrap();
        let mut mark = mark(&dir);
        let gaps = |last: i64, missing: i64| Known {
            count: last - missing,
            ..known(last)
        };
        mark.compare(&known(0)).unwrap();
        mark.advance(&known(9)).unwrap();

        let found = mark.compare(&gaps(9, 2)).unwrap();
        mark.accept(&gaps(9, 2)).unwrap();
        // A process that was opened before does not know of it.
        mark.advance(&known(12)).unwrap();

        assert!(
            matches!(found, Comparison::Doubtful(why) if why.contains("2 attempts are missing"))
        );
        assert_eq!(mark.compare(&gaps(12, 2)).unwrap(), Comparison::Agrees);
        assert!(matches!(
            mark.compare(&gaps(12, 3)).unwrap(),
            Comparison::Doubtful(_)
        ));
        assert_eq!(Mark::accepted(&mark.path, &"a".repeat(32)).unwrap(), 9);
    }
}
