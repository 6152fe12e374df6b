//! Floor 1: the domain, pure. What may be asked, what would be refused, what it means.
//!
//! ```text
//!   Draft ──validate──► Vec<Violation>          (may be wrong; shown at the fields)
//!     └────────────────► EnrichmentRequest       (checked, or forced by a person)
//! ```
//!
//! Nothing here reads a clock, a file or a socket. A [`Draft`] may hold anything; an
//! [`EnrichmentRequest`] can be made only by [`EnrichmentRequest::checked`] or, by a person's
//! explicit decision, by [`EnrichmentRequest::forced`].

pub mod doubt;
pub mod draft;
pub mod echo;
pub mod explain;
pub mod field;
pub mod identity;
pub mod job;
pub mod person;
pub mod record;
pub mod request;
pub mod usage;
pub mod validate;
pub mod verdict;

pub use doubt::{Doubt, DoubtWord, doubts, is_placeholder};
pub use draft::Draft;
pub use explain::{Explanation, explain};
pub use field::{Field, Nature};
pub use request::EnrichmentRequest;
pub use validate::{FieldRef, Known, Severity, Violation, validate};
