//! The readers: two threads with a read-only connection each. Reading never waits for the writer,
//! and a reader never holds a transaction longer than one question.
//!
//! Each opens its connection on its own thread, all at once and while the opening goes on; the
//! ledger is open when the last of them is ready.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::base::limits::LEDGER_QUEUE;

use super::connect::{self, Source};
use super::error::{Fault, LedgerError};

const READERS: usize = 2;

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The pool.
pub(super) struct Readers {
    path: PathBuf,
    queues: Vec<mpsc::Sender<Option<Question>>>,
    next: AtomicUsize,
}

/// Readers on their way. Dropping them ends their threads.
pub(super) struct Starting {
    readers: Readers,
    threads: Vec<JoinHandle<()>>,
    opened: Vec<std_mpsc::Receiver<Result<(), LedgerError>>>,
}

impl Starting {
    /// Waits until each has its connection.
    pub(super) fn ready(self) -> Result<(Readers, Vec<JoinHandle<()>>), LedgerError> {
        for opened in self.opened {
            opened.recv().map_err(|_| LedgerError::Closed)??;
        }
        Ok((self.readers, self.threads))
    }
}

/// The life of a reader's thread.
fn serve(
    reads: &Source,
    opened: std_mpsc::SyncSender<Result<(), LedgerError>>,
    questions: &mut mpsc::Receiver<Option<Question>>,
) {
    let conn = match connect::reader(reads) {
        Ok(conn) => conn,
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    let _ = opened.send(Ok(()));
    // `None` says that the ledger is being closed.
    while let Some(Some(question)) = questions.blocking_recv() {
        question(&conn);
    }
}

impl Readers {
    /// Starts the threads, which open their connections to the ledger or a view of it.
    pub(super) fn start(path: PathBuf, reads: &Source) -> Result<Starting, LedgerError> {
        let mut queues = Vec::with_capacity(READERS);
        let mut threads = Vec::with_capacity(READERS);
        let mut opened = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let (queue, mut questions) = mpsc::channel::<Option<Question>>(LEDGER_QUEUE);
            let (tell, told) = std_mpsc::sync_channel(1);
            let reads = reads.clone();
            let thread = std::thread::Builder::new()
                .name("ledger-read".to_owned())
                .spawn(move || serve(&reads, tell, &mut questions))
                .map_err(|e| LedgerError::file(&path, "cannot start a reader of", &e))?;
            queues.push(queue);
            threads.push(thread);
            opened.push(told);
        }
        let readers = Self {
            path,
            queues,
            next: AtomicUsize::new(0),
        };
        Ok(Starting {
            readers,
            threads,
            opened,
        })
    }

    /// Asks one question in one read transaction. Dropping the future drops the answer only.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        doing: &'static str,
        question: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let path = self.path.clone();
        let question: Question = Box::new(move |conn| {
            let asked = in_transaction(conn, question).map_err(|fault| fault.at(&path, doing));
            let _ = reply.send(asked);
        });
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % READERS;
        let queue = self.queues.get(turn).ok_or(LedgerError::Closed)?;
        queue
            .send(Some(question))
            .await
            .map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    /// Lets the threads finish what waits, then end.
    pub(super) async fn stop(&self) {
        for queue in &self.queues {
            let _ = queue.send(None).await;
        }
    }
}

/// All that one question reads is of one instant.
pub(super) fn in_transaction<T>(
    conn: &Connection,
    question: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let tx = conn.unchecked_transaction()?;
    let answer = question(&tx)?;
    tx.finish()?;
    Ok(answer)
}
