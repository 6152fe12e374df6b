//! Kernel locks: one per process that sends, one per run that is worked on.
//!
//! A kernel lock ends with its process, however it ends; a lock file that is left behind says
//! nothing by itself. So a stale lock cannot exist, and a dead process is told from a slow one.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::base::{RunId, Timestamp};

use super::connect::pause;
use super::error::LedgerError;
use super::file::{Modes, open_existing, open_or_create, remove};

const PROCESS: &str = "process-";
const END: &str = ".lock";
/// Tries to hold the lock of this process, and the wait between two of them: a second in all.
const HOLD_TRIES: u32 = 100;
const HOLD_WAIT: Duration = Duration::from_millis(10);

/// The sign of life of this process. While it is held, its attempts are not called unknown.
#[derive(Debug)]
pub(super) struct ProcessLock {
    path: PathBuf,
    _file: File,
}

impl ProcessLock {
    pub(super) fn hold(locks: &Path, modes: Modes, process: &str) -> Result<Self, LedgerError> {
        Self::hold_after((locks, modes), process, || pause(HOLD_WAIT))
    }

    /// The same; `wait` comes between two tries.
    fn hold_after(
        (locks, modes): (&Path, Modes),
        process: &str,
        mut wait: impl FnMut(),
    ) -> Result<Self, LedgerError> {
        let name = process_name(process).ok_or_else(|| {
            let why = io::Error::other("a process is named by 32 hex digits");
            LedgerError::file(locks, "cannot lock", &why)
        })?;
        let path = locks.join(name);
        let fail = |e: io::Error| LedgerError::file(&path, "cannot lock", &e);
        // Another process may take the file for a dead one's and remove it between its creation
        // and its lock; then it is made again. It holds the lock for as long as that takes, which
        // on a busy host is more than an instant, so this waits between its tries. The ledger is
        // opened on a thread that may block, and gives up within a second: nothing is on record.
        let mut why = "another process holds it";
        for _ in 0..HOLD_TRIES {
            let file = open_or_create(&path, modes).map_err(fail)?;
            match file.try_lock() {
                Ok(()) if is_still(&path, &file) => return Ok(Self { path, _file: file }),
                // Removed in between: the next try makes it anew.
                Ok(()) => why = "it keeps disappearing",
                Err(TryLockError::WouldBlock) => {
                    why = "another process holds it";
                    wait();
                }
                Err(TryLockError::Error(error)) => return Err(fail(error)),
            }
        }
        Err(fail(io::Error::other(why)))
    }
}

impl Drop for ProcessLock {
    fn drop(&mut self) {
        let _ = remove(&self.path);
    }
}

/// The lock file of a process. What stands in a ledger is no path: only names that we make are used.
fn process_name(process: &str) -> Option<String> {
    let is_ours = process.len() == 32 && process.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_ours.then(|| format!("{PROCESS}{process}{END}"))
}

fn is_still(path: &Path, file: &File) -> bool {
    let (Ok(there), Ok(here)) = (path.symlink_metadata(), file.metadata()) else {
        return false;
    };
    (there.dev(), there.ino()) == (here.dev(), here.ino())
}

/// The proof that a process is dead: its lock, taken over.
#[derive(Debug)]
pub(super) struct Dead {
    /// Where its lock may lie.
    path: Option<PathBuf>,
    _file: Option<File>,
}

impl Dead {
    /// Asks the kernel. A lock that cannot be examined belongs to the living; a name that none of ours
    /// ever had, to nobody.
    pub(super) fn process(locks: &Path, process: &str) -> Option<Self> {
        let Some(name) = process_name(process) else {
            return Some(Self {
                path: None,
                _file: None,
            });
        };
        let path = locks.join(name);
        let lock = match open_existing(&path) {
            Ok(file) => {
                file.try_lock().ok()?;
                Some(file)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => return None,
        };
        Some(Self {
            path: Some(path),
            _file: lock,
        })
    }

    /// Removes what the dead process left.
    pub(super) fn bury(self) {
        if let Some(path) = &self.path {
            let _ = remove(path);
        }
    }
}

/// Removes the lock files of all processes that are dead.
pub(super) fn sweep(locks: &Path, own: &str) {
    for process in processes(locks) {
        if process != own
            && let Some(dead) = Dead::process(locks, &process)
        {
            dead.bury();
        }
    }
}

/// Whether a process that has the ledger open for writing lives.
pub(super) fn has_living(locks: &Path) -> bool {
    processes(locks).any(|process| Dead::process(locks, &process).is_none())
}

/// The processes that have left a lock file, the dead ones too.
fn processes(locks: &Path) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir(locks).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let name = entry.file_name();
        let process = name.to_str()?.strip_prefix(PROCESS)?.strip_suffix(END)?;
        process_name(process)?;
        Some(process.to_owned())
    })
}

/// The runs that this process holds; the writer asks it before it records a row's attempt.
pub(super) type HeldRuns = Arc<Mutex<std::collections::BTreeSet<RunId>>>;

/// The exclusive right to work on a run. Dropping it gives it back.
#[derive(Debug)]
#[must_use]
pub struct RunLease {
    run: RunId,
    file: File,
    held: HeldRuns,
}

impl RunLease {
    /// The run.
    pub fn run(&self) -> RunId {
        self.run
    }

    pub(super) fn take(
        locks: &Path,
        modes: Modes,
        run: RunId,
        (held, now): (&HeldRuns, Timestamp),
    ) -> Result<Self, LedgerError> {
        let path = run_path(locks, run);
        let fail = |e: io::Error| LedgerError::file(&path, "cannot lock", &e);
        let mut file = open_or_create(&path, modes).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let (pid, since) = read_holder(&mut file);
                return Err(LedgerError::RunHeld { run, pid, since });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        write_holder(&mut file, &format!("{} {now}\n", std::process::id())).map_err(fail)?;
        held.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(run);
        Ok(Self {
            run,
            file,
            held: Arc::clone(held),
        })
    }
}

/// Whether nobody holds a run: its lock could be taken for an instant.
pub(super) fn free(locks: &Path, run: RunId) -> Result<(), LedgerError> {
    let path = run_path(locks, run);
    let fail = |e: io::Error| LedgerError::file(&path, "cannot ask for the lock", &e);
    let mut file = match open_existing(&path) {
        // Nobody ever held it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(fail)?,
    };
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let (pid, since) = read_holder(&mut file);
            Err(LedgerError::RunHeld { run, pid, since })
        }
        Err(TryLockError::Error(error)) => Err(fail(error)),
    }
}

fn run_path(locks: &Path, run: RunId) -> PathBuf {
    locks.join(format!("run-{run}{END}"))
}

impl Drop for RunLease {
    fn drop(&mut self) {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.run);
        // The file stays: removing a lock file races with the next holder.
        let _ = write_holder(&mut self.file, "");
        let _ = self.file.unlock();
    }
}

fn write_holder(file: &mut File, text: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

fn read_holder(file: &mut File) -> (Option<u32>, Option<Timestamp>) {
    let mut text = String::new();
    if file.take(128).read_to_string(&mut text).is_err() {
        return (None, None);
    }
    let mut words = text.split_ascii_whitespace();
    (
        words.next().and_then(|word| word.parse().ok()),
        words.next().and_then(|word| word.parse().ok()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::file::PRIVATE;

    const PROCESS_1: &str = "0123456789abcdef0123456789abcdef";

    /// Another process sweeps: it takes the file for a dead one's, and is slow to let go of it.
    #[test]
    fn a_sweep_that_takes_its_time_keeps_no_process_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(process_name(PROCESS_1).unwrap());
        let swept = open_or_create(&path, PRIVATE).unwrap();
        swept.try_lock().unwrap();
        let mut dead = Some(Dead {
            path: Some(path),
            _file: Some(swept),
        });
        let mut waits = 0;

        let held = ProcessLock::hold_after((directory.path(), PRIVATE), PROCESS_1, || {
            waits += 1;
            if waits == 4 {
                dead.take().unwrap().bury();
            }
        });

        let held = held.unwrap();
        assert_eq!(waits, 4);
        assert!(is_still(&held.path, &held._file));
        assert!(Dead::process(directory.path(), PROCESS_1).is_none());
    }

    #[test]
    fn a_lock_that_is_never_given_up_is_an_error_that_names_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(process_name(PROCESS_1).unwrap());
        let other = open_or_create(&path, PRIVATE).unwrap();
        other.try_lock().unwrap();

        let held = ProcessLock::hold_after((directory.path(), PRIVATE), PROCESS_1, || ());

        let error = held.unwrap_err().to_string();
        assert!(
            error.contains("process-0123456789abcdef0123456789abcdef.lock"),
            "{error}"
        );
        assert!(error.contains("another process holds it"), "{error}");
    }
}
