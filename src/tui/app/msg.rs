//! Everything that can happen to the console.

use std::time::Duration;

use super::notice::Notice;
use super::op::{OpId, Progress, Reply};
use crate::keymap::Chord;

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    Key {
        chord: Chord,
        /// When it was read, on the clock that never goes back: messages may wait.
        at: Duration,
    },
    /// Pasted text, raw.
    Paste {
        text: String,
        /// When its end was read.
        at: Duration,
    },
    /// The frame that shows a question was written out.
    QuestionOut {
        question: u64,
        at: Duration,
    },
    /// The mouse, if it is on.
    Mouse(Mouse),
    Resize {
        width: u16,
        height: u16,
    },
    /// The terminal came back from the shell or from an editor.
    Resumed,
    TerminalLost,
    /// The time that `next_wakeup` named has come.
    Tick,
    /// The editor gave a text back, or a sentence on why not.
    Edited(Result<String, String>),
    /// Where a copy went, or why nowhere.
    Copied(Result<String, String>),
    /// A theme was read.
    Themed(Box<ThemeRead>),
    /// A theme's file may have changed.
    ThemesChanged,
    /// How far an operation is.
    Progress(OpId, Progress),
    /// What came of an operation.
    Reply(Box<Reply>),
    /// How the ledger is: a sentence on what is wrong, or nothing.
    Ledger(Option<String>),
    /// Somebody committed to the ledger: this process or another.
    LedgerChanged,
    /// A sentence for the person.
    Notice(Notice),
}

/// What came of reading a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeRead {
    pub name: String,
    /// The names of all themes.
    pub names: Vec<String>,
    /// Now in use, perhaps with a sentence on what in its file means nothing; or why it is not,
    /// and everything looks as before.
    pub result: Result<Option<String>, String>,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    pub kind: MouseKind,
    /// In cells of the screen.
    pub column: u16,
    pub row: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// The wheel turned towards the user.
    ScrollDown,
    /// The wheel turned away.
    ScrollUp,
}
