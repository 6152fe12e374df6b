//! What the worker answers with, as the console shows it.

pub mod attempt;
pub mod charset;
pub mod job;
pub mod profile;
pub mod run;
pub mod setup;
pub mod unknown;
pub mod usage;
