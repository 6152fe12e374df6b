//! The console itself: what all screens share, what is asked and answered, and who does what.

mod commands;
pub mod cx;
pub mod effect;
pub mod key_guard;
pub mod keys;
pub(crate) mod leave;
pub mod msg;
mod news;
pub mod notice;
pub mod op;
pub mod poll;
pub mod remote;
mod replies;
pub mod shared;
pub mod state;
pub mod view;
pub mod worker;

#[cfg(test)]
mod tests;
