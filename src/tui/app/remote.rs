//! A value that is read from elsewhere: what is known of it, and the question that is open.
//!
//! ```text
//!  idle ─ again, anew ─► loading { id } ─ the reply with that id ─► idle, or asked once more when stale
//! ```
//! The id is the address: a reply with another one is late and is not taken. While a question is
//! open, `again` only notes that its answer will be stale; `anew` supersedes it, since it asks for
//! something else.

use super::cx::Cx;
use super::notice::Failure;
pub use super::op::Pending;
use super::op::{Op, Payload, Reply};

impl Pending {
    /// Asks; while a question is open, only notes that this has to be asked after it.
    pub fn again(&mut self, op: Op, cx: &mut Cx<'_>) {
        match &mut self.open {
            Some((_, stale)) => *stale = Some(op),
            None => self.anew(op, cx),
        }
    }

    /// Asks for something else: the answer to what is open is late.
    pub fn anew(&mut self, op: Op, cx: &mut Cx<'_>) {
        self.open = Some((cx.ask(op), None));
    }

    /// The same, when the frame is out: nobody waits for it.
    pub fn after_frame(&mut self, op: Op, cx: &mut Cx<'_>) {
        self.open = Some((cx.ask_after_frame(op), None));
    }

    /// Nobody waits for an answer any more.
    pub fn forget(&mut self) {
        self.open = None;
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes the reply, if it is the one that is waited for. What was noted meanwhile is asked.
    pub fn take<T: TryFrom<Payload>>(
        &mut self,
        reply: &mut Reply,
        cx: &mut Cx<'_>,
    ) -> Option<Result<T, Failure>> {
        let (_, stale) = self.open.take_if(|(id, _)| *id == reply.id)?;
        if let Some(op) = stale {
            self.anew(op, cx);
        }
        reply.claim()
    }
}

/// A value and the question for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote<T> {
    /// What is known; another question keeps it until its answer is there.
    pub value: Option<T>,
    /// Why the last question failed.
    pub error: Option<Failure>,
    pub pending: Pending,
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self {
            value: None,
            error: None,
            pending: Pending::default(),
        }
    }
}

impl<T: TryFrom<Payload>> Remote<T> {
    pub fn again(&mut self, op: Op, cx: &mut Cx<'_>) {
        self.pending.again(op, cx);
    }

    pub fn anew(&mut self, op: Op, cx: &mut Cx<'_>) {
        self.pending.anew(op, cx);
    }

    /// Knows nothing and waits for nothing.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    pub fn is_loading(&self) -> bool {
        self.pending.is_open()
    }

    /// Takes the reply, if it is its own; then `value` or `error` is new.
    pub fn take(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> bool {
        match self.pending.take(reply, cx) {
            None => return false,
            Some(Ok(value)) => {
                self.value = Some(value);
                self.error = None;
            }
            Some(Err(failure)) => self.error = Some(failure),
        }
        true
    }
}
