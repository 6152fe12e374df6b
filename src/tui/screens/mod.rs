//! The screens, each in a file or a folder of its own. None knows another one.

pub mod console;
pub mod jobs;
pub mod runs;
pub mod setup;
pub mod usage;
pub mod welcome;
