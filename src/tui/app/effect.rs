//! What the app wants done, as plain values, and who does it: the loop what concerns the terminal,
//! the worker everything else.

use super::op::{Op, OpId};
use crate::tui::terminal::MouseMode;

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// An operation for the worker. Answer: `Msg::Reply`.
    Ask(OpId, Op),
    /// One that nobody waits for: it is asked when the frame is out.
    AskAfterFrame(OpId, Op),
    /// Lend the text to `$EDITOR`. Answer: `Msg::Edited`.
    OpenEditor(String),
    /// Copy to the clipboard that works here. Answer: `Msg::Copied`.
    Copy {
        text: String,
        /// What it is, for the answer's sentence, such as "the request as curl".
        what: &'static str,
    },
    /// Read a theme and use it. Answer: `Msg::Themed`.
    UseTheme(String),
    /// Read the theme in use once more: its file may have changed. Answer: `Msg::Themed`, unless
    /// nothing is different.
    ReadThemeAgain,
    /// Switch the mouse.
    Mouse(MouseMode),
    /// Paint every cell again.
    Redraw,
    /// Give the terminal to the shell until SIGCONT.
    Suspend,
    Quit,
}

/// The worker has too much to do; the operation was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much is under way; try again in a moment")]
pub struct Full;

/// Does the work behind the console: HTTP, ledger, files. It must not make the loop wait.
pub trait Worker {
    /// Takes an operation without waiting. The answer comes as a message.
    ///
    /// # Errors
    /// [`Full`] when there is no room.
    fn start(&mut self, id: OpId, op: Op) -> Result<(), Full>;

    /// Starts nothing more and ends when everything that was dispatched is settled and on record.
    /// The loop gives it a bounded time and shows how long it may take.
    fn finish(&mut self) -> impl Future<Output = ()>;
}
