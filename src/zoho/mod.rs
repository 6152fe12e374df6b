//! Floor 3: the HTTP client. One client per profile, one POST per receipt, no retry.
//!
//! ```text
//!   DispatchReceipt ──submit──► Observation ──classify──► Verdict ──► ledger.settle
//!   (a committed row)           (bytes seen)              (one table)
//! ```
//!
//! Refuses: to send an enrichment without a committed row, to send one twice, to follow a
//! redirect, to speak to a host that is not the profile's own, to read more than its bounds.

pub mod classify;
pub mod client;
pub mod configure;
pub mod endpoints;
pub mod error;
mod patience;
pub mod probe;
pub mod proxy;
pub mod query;
mod reading;
pub mod submit;
pub mod token;

pub use classify::{Verdict, classify};
pub use client::ZohoClient;
pub use endpoints::Endpoints;
pub use error::ZohoError;
pub use submit::{Observation, Reply, Silence};
