//! Floor 0: the words every other module shares.
//!
//! Identifiers that cannot be wrong once made, the closed table of data centres, Zoho's error
//! codes, time as a value, secrets that cannot be printed, the one text sanitiser, and every bound
//! of the program, and files that are opened without trusting their path. Nothing here opens a socket or
//! knows another module of ours; beside the clock, only those files ask the system for anything.

mod age;
pub mod data_center;
pub mod error_code;
pub mod guarded;
pub mod ids;
pub mod kind;
mod known_secrets;
pub mod limits;
pub mod outcome;
mod random;
pub mod redact;
mod request_head;
pub mod retry_after;
pub mod sanitized;
pub mod scope;
pub mod secret;
mod strike;
pub mod time;
mod word_enum;
pub mod words;

pub use age::{Age, Outdated};
pub use data_center::{ApiVersion, DataCenter, Environment};
pub use error_code::{ErrorCode, Subject};
pub use ids::{AttemptId, JobId, ModuleName, ProfileName, RecordId, RowNumber, RunId};
pub use kind::EnrichmentKind;
pub use known_secrets::KnownSecrets;
pub use outcome::Outcome;
pub use random::random;
pub use request_head::RequestHead;
pub use sanitized::{Sanitized, is_hidden};
pub use scope::Scope;
pub use secret::{Secret, SecretSource};
pub use time::{Boot, Clock, ManualClock, SystemClock, Timestamp};
pub(crate) use word_enum::{listed, word_enum, words};
pub use words::{counted, front, grouped, hex, moment, nearest, sentence};
