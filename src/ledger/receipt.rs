//! The receipt of a committed attempt: what the HTTP client needs to send one request.
//!
//! Only the ledger makes one, after the COMMIT that recorded the attempt has returned. It cannot be
//! copied. Its body comes out by [`DispatchReceipt::into_request`], which uses it up; a receipt
//! that is dropped before (its caller was cancelled) records that nothing was sent.

use tokio::sync::mpsc;

use crate::base::{AttemptId, Outcome, RequestHead};

use super::attempt::Settlement;
use super::handle::settle_message;
use super::queue::Message;

/// The right to send one recorded request, once.
#[derive(Debug)]
#[must_use = "a receipt that is dropped records that nothing was sent"]
pub struct DispatchReceipt {
    request: DispatchedRequest,
    guard: Guard,
}

/// What goes on the wire. Whoever takes it out of the receipt must settle its attempt.
#[derive(Debug)]
#[must_use = "the attempt counts as sent from here on"]
pub struct DispatchedRequest {
    /// The attempt to settle.
    pub attempt: AttemptId,
    /// Method, URL and headers, as they are on record.
    pub head: RequestHead,
    /// The exact body.
    pub body: String,
}

impl DispatchReceipt {
    pub(super) fn new(request: DispatchedRequest, queue: mpsc::WeakSender<Message>) -> Self {
        let guard = Guard {
            attempt: request.attempt,
            queue: Some(queue),
        };
        Self { request, guard }
    }

    /// The recorded attempt.
    pub fn attempt(&self) -> AttemptId {
        self.request.attempt
    }

    /// Uses the receipt up. From here on the request may have been sent.
    pub fn into_request(self) -> DispatchedRequest {
        let Self { request, mut guard } = self;
        guard.queue = None;
        request
    }
}

/// Settles the attempt of a receipt that nobody used.
#[derive(Debug)]
struct Guard {
    attempt: AttemptId,
    queue: Option<mpsc::WeakSender<Message>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(queue) = self.queue.take().and_then(|queue| queue.upgrade()) else {
            return;
        };
        let mut settlement = Settlement::bare(Outcome::NotSent);
        settlement.note = Some("given up before it was sent".to_owned());
        // With a full queue the attempt stays as sending and becomes unknown when this process
        // ends: too careful, never wrong.
        let _ = queue.try_send(settle_message(self.attempt, settlement));
    }
}
