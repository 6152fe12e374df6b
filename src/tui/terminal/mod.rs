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

mod canvas;
mod clipboard;
mod editor;
mod guard;
mod outlet;
mod pen;
mod stage;
mod strokes;

pub use clipboard::{Clipboard, Copied};
pub use editor::{EditError, Editor, edit};
pub use guard::{Keyboard, TerminalError, check, install_panic_hook, restore};
pub use stage::{MouseMode, Screen, Stage};
