//! What the worker answers with, as the console shows it.

pub mod attempt;
pub mod charset;
pub mod profile;
pub mod usage;
