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

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

pub use clipboard::{Clipboard, Copied};
pub use editor::{Editor, edit};
pub use guard::{Keyboard, TerminalError, check, install_panic_hook, restore};
pub use tui::{MouseMode, Screen, Tui};

/// Writes a text into a file that only its owner can read, in a directory of the same kind. A file
/// of a session that was killed may lie there: another one takes its place.
pub(in crate::tui) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let _ = std::fs::remove_file(path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}
