//! Floor 1: every command of the console, declared once.
//!
//! One table feeds the bindings, the footer, the help, the palette, the names in the configuration
//! and the documentation, so that none of them can disagree. Plain data: no key codes of a
//! terminal library, no IO. A chord is looked up in the contexts of the focus, nearest first; a
//! printable chord is never a command where text is being typed.

mod bindings;
mod chord;
mod command;

pub use bindings::{Bindings, KeymapError};
pub use chord::{Chord, ChordError, Key};
pub use command::{Care, Command, Context, Owner};
