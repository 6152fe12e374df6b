//! Floor 1: the JSON that the client reads. Lenient on purpose: the documents contradict each
//! other, so every reader takes what it can and keeps the rest.
//!
//! Nothing here decides what an answer means for the ledger; that is `zoho::classify`.

pub mod error_body;
pub mod jobs;
pub mod mappings;
pub mod oauth;
pub mod settings;

pub use error_body::{ErrorBody, FieldError, read_entry, read_refusal, read_scheduled};
pub use jobs::{JobDetail, JobListItem, JobPage};
