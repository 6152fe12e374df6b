//! The terminal: taken, painted on, lent, and always given back.
//!
//! ```text
//!  check ─► enter ─► draw … ─► release ─► (editor, shell) ─► reclaim ─► draw … ─► leave
//!             └──────────── panic, signal, error, drop ───────────────────► leave
//! ```
//! Raw mode, the alternate screen, bracketed paste and the cursor; the kitty keyboard protocol and
//! the mouse only when asked, and
//! never any-motion (mode 1003), which costs a packet for every move over SSH. It asks the terminal
//! nothing: a question beside a live event stream stalls for two seconds.

mod backend;
mod clipboard;
mod editor;
mod encoder;
mod guard;
mod nonblocking_writer;
mod sgr;
mod tui;

pub use clipboard::{Clipboard, Copied};
pub use editor::{EditError, Editor, edit};
pub use guard::{Keyboard, TerminalError, check, install_panic_hook, restore};
pub use tui::{MouseMode, Screen, Tui};
