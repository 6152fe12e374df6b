//! Sending one enrichment. The receipt is consumed: one committed row, at most one POST.

use std::time::Duration;

use super::client::ZohoClient;
use super::error::TIMED_OUT;
use super::patience::Patience;
pub use super::reading::{Body, Reply};
use crate::base::Secret;
use crate::base::limits::{ANSWER_BYTES_MAX, TIMEOUT_TOTAL};
use crate::ledger::{DispatchReceipt, DispatchedRequest};

/// What came back, or did not, for one POST.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The answer or its absence.
    pub seen: Result<Reply, Silence>,
    /// From the call to the last byte.
    pub latency: Duration,
}

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// No connection was made: the server has seen nothing.
    NotConnected(String),
    /// A connection was there: the server may have seen everything.
    NoAnswer(String),
}

impl ZohoClient {
    /// Sends the row that the receipt stands for: exactly what is on record, exactly once.
    ///
    /// Cancel safety: the row is committed as `sending` before this is called. A future that is
    /// dropped here leaves it so, and recovery calls it unknown.
    pub async fn submit(&self, receipt: DispatchReceipt, token: &Secret) -> Observation {
        let started = self.clock().monotonic();
        let DispatchedRequest { head, body, .. } = receipt.into_request();
        let seen = match self.recorded(&head, token) {
            Ok(request) => {
                let mut patience = Patience::of(TIMEOUT_TOTAL);
                let sent = request
                    .body(body)
                    // Ours is the bound that counts; the client's would not look once more.
                    .timeout(TIMEOUT_TOTAL.saturating_mul(1_000))
                    .send();
                match patience.wait(sent).await {
                    None => Err(Silence::NoAnswer(TIMED_OUT.to_owned())),
                    Some(Ok(response)) => {
                        Ok(self.take(response, ANSWER_BYTES_MAX, &mut patience).await)
                    }
                    // A builder error is one of ours, found before a socket is opened.
                    Some(Err(error)) if error.is_connect() || error.is_builder() => {
                        Err(Silence::NotConnected(self.why(error)))
                    }
                    Some(Err(error)) => Err(Silence::NoAnswer(self.why(error))),
                }
            }
            Err(error) => Err(Silence::NotConnected(error.to_string())),
        };
        Observation {
            seen,
            latency: self.clock().monotonic().saturating_sub(started),
        }
    }
}
