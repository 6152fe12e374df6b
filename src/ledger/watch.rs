//! Learning of commits: our own at once, other processes' within a quarter of a second.
//!
//! SQLite tells nobody of a commit; `PRAGMA data_version` changes when another connection made one.
//! It is asked only while somebody holds a watch.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::watch;

use crate::base::limits::LEDGER_WATCH;

use super::connect;
use super::error::{Fault, LedgerError};

/// Waits for changes of the ledger. Many changes at once are one.
#[derive(Debug)]
pub struct LedgerWatch {
    changes: watch::Receiver<u64>,
    _poller: Arc<Poller>,
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

    pub(super) fn watch(&self, path: &Path) -> Result<LedgerWatch, LedgerError> {
        let mut poller = self.poller.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match poller.upgrade() {
            Some(running) => running,
            None => {
                let started = Arc::new(Poller::start(path, self.changes.clone())?);
                *poller = Arc::downgrade(&started);
                started
            }
        };
        Ok(LedgerWatch {
            changes: self.changes.subscribe(),
            _poller: running,
        })
    }
}

/// The polling thread; it ends with its last watch.
#[derive(Debug)]
struct Poller {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Poller {
    fn start(path: &Path, changes: watch::Sender<u64>) -> Result<Self, LedgerError> {
        let conn = connect::reader(path)?;
        let mut seen = data_version(&conn).map_err(|fault| fault.at(path, "watch"))?;
        let (stop, stopped) = sync_channel::<()>(1);
        let thread = std::thread::Builder::new()
            .name("ledger-watch".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(LEDGER_WATCH) == Err(RecvTimeoutError::Timeout) {
                    // A version that cannot be read now is asked for again in a moment.
                    if let Ok(now) = data_version(&conn)
                        && now != seen
                    {
                        seen = now;
                        changes.send_modify(|n| *n = n.wrapping_add(1));
                    }
                }
            })
            .map_err(|e| LedgerError::file(path, "cannot start watching", &e))?;
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

fn data_version(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn.query_row("PRAGMA data_version", (), |row| row.get("data_version"))?)
}
