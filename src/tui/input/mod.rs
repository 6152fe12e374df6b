//! From the terminal's events to messages.
//!
//! ```text
//! EventStream ─► EscapeParser (split escapes, pastes) ─► Msg::Key / Msg::Paste / Msg::Mouse ─► inbox
//! ```
//! crossterm decides what a key is on what one `read` returned, so over a slow line one arrow key
//! can arrive as three. The [`EscapeParser`] holds a bare Esc for a moment and puts such pieces together.
//! This module never acts on a key; it only says which one it was.

mod convert;
mod escape_parser;
mod input_reader;

pub use escape_parser::{EscapeParser, RawKey, Typed};
pub(crate) use input_reader::InputReader;
