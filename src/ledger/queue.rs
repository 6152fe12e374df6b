//! What waits for the writer: writes with their replies, and work of another kind.
//!
//! A write answers its caller only after the commit that made it true, or with the reason why there
//! was none; a failed commit runs it again from the start.

use tokio::sync::oneshot;

use super::error::{Fault, LedgerError};
use super::writer::{Tx, Writer};

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It lets a request go out: everything must be beyond doubt, and failure means no request.
    Dispatch,
    /// It records what the server said: a unit is spent, so it is tried again whatever happened.
    Answer,
    /// It records anything else: it is tried again unless another process keeps the ledger, since
    /// whoever waits behind it would wait four times as long.
    Record,
}

/// A write in the queue.
pub(super) trait Queued: Send {
    fn purpose(&self) -> Purpose;
    /// Runs inside a savepoint; may run again after a failed commit. The error is returned when
    /// the whole group has to be given up.
    fn apply(&mut self, tx: &Tx<'_>) -> Applied;
    /// Tells the caller; after the commit, or with the reason why there was none.
    fn answer(self: Box<Self>, failure: Option<LedgerError>);
}

/// How a write went.
pub(super) enum Applied {
    Done,
    /// It failed by itself; undo it alone.
    Failed,
    /// The disk failed under it; undo the group.
    GiveUp(LedgerError),
}

/// A write with its reply.
pub(super) struct Work<T, U, F, M> {
    pub(super) purpose: Purpose,
    pub(super) doing: &'static str,
    pub(super) run: F,
    pub(super) finish: M,
    pub(super) done: Option<Result<T, LedgerError>>,
    pub(super) reply: oneshot::Sender<Result<U, LedgerError>>,
}

impl<T, U, F, M> Queued for Work<T, U, F, M>
where
    T: Send,
    U: Send,
    F: FnMut(&Tx<'_>) -> Result<T, Fault> + Send,
    M: FnOnce(T) -> U + Send,
{
    fn purpose(&self) -> Purpose {
        self.purpose
    }

    fn apply(&mut self, tx: &Tx<'_>) -> Applied {
        let done = (self.run)(tx).map_err(|fault| fault.at(&tx.env.path, self.doing));
        match done {
            Err(error) if error.may_pass() => Applied::GiveUp(error),
            done => {
                let applied = if done.is_ok() {
                    Applied::Done
                } else {
                    Applied::Failed
                };
                self.done = Some(done);
                applied
            }
        }
    }

    fn answer(self: Box<Self>, failure: Option<LedgerError>) {
        let answer = match (failure, self.done) {
            // What was refused for its own reason keeps that reason.
            (_, Some(Err(own))) => Err(own),
            (Some(failure), _) => Err(failure),
            (None, Some(Ok(value))) => Ok((self.finish)(value)),
            (None, None) => Err(LedgerError::Closed),
        };
        // A caller that went away drops its answer; a dispatch receipt in it settles itself.
        let _ = self.reply.send(answer);
    }
}

/// Work that needs the connection outside any transaction, such as VACUUM.
pub(super) type Alone = Box<dyn FnOnce(&mut Writer) + Send>;

/// What the queue carries.
pub(super) enum Message {
    Write(Box<dyn Queued>),
    Alone(Alone),
    Close,
}
