//! Learning of commits: our own at once, other processes' within a quarter of a second.
//!
//! SQLite tells nobody of a commit; `PRAGMA data_version` changes when another connection made one.
//! It is asked only while somebody holds a watch, and then only after the kernel has told of a write
//! to the write-ahead log: an idle console costs no wake-up.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::pipe::PipeFlags;
use tokio::sync::watch;

use crate::base::limits::LEDGER_WATCH;

use super::connect::{self, Source};
use super::error::{Fault, LedgerError};

/// Waits for changes of the ledger. Many changes at once are one.
#[derive(Debug)]
pub struct LedgerWatch {
    changes: watch::Receiver<u64>,
    // A copy never changes, so nobody polls it.
    _poller: Option<Arc<Poller>>,
}

impl LedgerWatch {
    /// Returns when the ledger has changed since the last call, or since the watch was made.
    /// Dropping the future loses nothing: the next call returns at once.
    ///
    /// # Errors
    /// [`LedgerError::Closed`] when there will be no more changes.
    pub async fn changed(&mut self) -> Result<(), LedgerError> {
        self.changes
            .changed()
            .await
            .map_err(|_| LedgerError::Closed)
    }
}

/// Hands out watches; at most one thread polls, however many there are.
#[derive(Debug)]
pub(super) struct Watches {
    changes: watch::Sender<u64>,
    poller: Mutex<Weak<Poller>>,
}

impl Watches {
    pub(super) fn new(changes: watch::Sender<u64>) -> Self {
        Self {
            changes,
            poller: Mutex::new(Weak::new()),
        }
    }

    /// A watch of what is read; in a copy there is nothing that could change.
    pub(super) fn watch(&self, reads: &Source) -> Result<LedgerWatch, LedgerError> {
        let poller = match reads {
            Source::Ledger(_) => Some(self.poller(reads)?),
            Source::Memory(_) => None,
        };
        Ok(LedgerWatch {
            changes: self.changes.subscribe(),
            _poller: poller,
        })
    }

    fn poller(&self, reads: &Source) -> Result<Arc<Poller>, LedgerError> {
        let mut poller = self.poller.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = poller.upgrade() {
            return Ok(running);
        }
        let started = Arc::new(Poller::start(reads, self.changes.clone())?);
        *poller = Arc::downgrade(&started);
        Ok(started)
    }
}

/// The watching thread; it ends with its last watch.
#[derive(Debug)]
struct Poller {
    // Closing it wakes the thread and ends it.
    stop: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Poller {
    fn start(reads: &Source, changes: watch::Sender<u64>) -> Result<Self, LedgerError> {
        let conn = connect::watcher(reads)?;
        let path = reads.path();
        let mut seen = data_version(&conn).map_err(|fault| fault.at(path, "watch"))?;
        let failed = |e: &std::io::Error| LedgerError::file(path, "cannot start watching", e);
        let (stopped, stop) =
            rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(|errno| failed(&errno.into()))?;
        let mut sleep = Sleep::new(path, stopped);
        let thread = std::thread::Builder::new()
            .name("ledger-watch".to_owned())
            .spawn(move || {
                while sleep.until_something_may_have_changed() {
                    // A version that cannot be read now is asked for again in a moment.
                    if let Ok(now) = data_version(&conn)
                        && now != seen
                    {
                        seen = now;
                        sleep.forget();
                        changes.send_modify(|n| *n = n.wrapping_add(1));
                    }
                }
            })
            .map_err(|e| failed(&e))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sleeps until somebody writes to the write-ahead log, without any wake-up while nobody does.
///
/// A commit is visible a moment after its bytes are written, so a look that comes too early is
/// repeated a few times, each after a longer wait. Where the kernel cannot watch a file, the
/// version is asked for every quarter of a second instead.
struct Sleep {
    stopped: OwnedFd,
    notify: Option<OwnedFd>,
    looks_left: u32,
}

/// Looks after a write before it is taken for one that committed nothing.
const LOOKS: u32 = 5;

impl Sleep {
    fn new(path: &Path, stopped: OwnedFd) -> Self {
        Self {
            notify: notify_on_writes(path),
            stopped,
            looks_left: 0,
        }
    }

    /// A change was seen; what follows is a new one.
    fn forget(&mut self) {
        self.looks_left = 0;
    }

    /// Whether to look; `false` when the watch has ended.
    fn until_something_may_have_changed(&mut self) -> bool {
        let wait = match (&self.notify, self.looks_left) {
            (None, _) => Some(LEDGER_WATCH),
            (Some(_), 0) => None,
            (Some(_), left) => {
                self.looks_left = left - 1;
                Some(LEDGER_WATCH / (1 << left))
            }
        };
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        let mut fds = vec![PollFd::new(&self.stopped, PollFlags::IN)];
        if let Some(notify) = &self.notify {
            fds.push(PollFd::new(notify, PollFlags::IN));
        }
        // An interrupted wait is one look too many, which costs nothing.
        let _ = rustix::event::poll(&mut fds, wait.as_ref());
        let mut heard = fds.iter().map(|fd| !fd.revents().is_empty());
        if heard.next() == Some(true) {
            return false;
        }
        if heard.next() == Some(true) {
            self.drain();
            self.looks_left = LOOKS;
        }
        true
    }

    /// What the events say is known; they only have to be taken.
    fn drain(&self) {
        let mut buffer = [0_u8; 4096];
        if let Some(notify) = &self.notify {
            while rustix::io::read(notify, &mut buffer).is_ok_and(|bytes| bytes == buffer.len()) {}
        }
    }
}

#[cfg(target_os = "linux")]
fn notify_on_writes(path: &Path) -> Option<OwnedFd> {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let notify = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
    // The log is there as long as anybody has the ledger open, and this thread does.
    add_watch(&notify, Path::new(&log), WatchFlags::MODIFY).ok()?;
    Some(notify)
}

#[cfg(not(target_os = "linux"))]
fn notify_on_writes(_path: &Path) -> Option<OwnedFd> {
    None
}

fn data_version(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn.query_row("PRAGMA data_version", (), |row| row.get("data_version"))?)
}
