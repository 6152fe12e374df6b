//! The console itself: what all screens share, what is asked and answered, and who does what.

pub mod poll;
pub mod shared;
pub mod told;
