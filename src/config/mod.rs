//! The configuration file and the places of all files.
//!
//! Reads `config.toml` into values that cannot be wrong, or into a list of every problem in it with
//! line, column and the nearest valid name. Refuses secrets in the file and any host that is
//! neither the data centre's own nor a literal loopback address. Edits keep comments, are atomic,
//! and never touch a file that is malformed.
//!
//! ```text
//!  text ─► parse ─► Config { Profile … }      no problem at all
//!              └──► ConfigError::Malformed    every problem, nothing half-read
//!  Config ─► ConfigEdit ─► changes ─► save    checked again, temp file, fsync, rename
//! ```

mod base_url;
mod check;
mod edit;
mod file;
mod paths;
mod problem;
mod profile;
mod scopes;
mod vocabulary;

pub use edit::{ConfigEdit, NewProfile};
pub use file::{Binding, Chord, Config, KEYS, Selection};
pub use paths::{Paths, PathsError, PathsInput};
pub use problem::{ConfigError, Place, Problem};
pub use profile::{ConfirmRule, KEYS as PROFILE_KEYS, Profile};
pub use scopes::{NeededScope, SCOPES_NEEDED, ScopeWeight, scopes_default};
pub use vocabulary::{Lenient, Refusal, Vocabulary};
