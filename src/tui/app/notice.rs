//! What is said to the person: how much it matters, and the sentence.

use std::fmt;
use std::time::Duration;

use crate::ops::OpsError;
use crate::theme::Role;
use crate::tui::ui::text::{RichLine, marked};

/// How much a sentence matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Look at it before going on.
    Warning,
    Error,
}

/// A sentence and how much it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub level: Level,
    pub text: String,
}

impl Notice {
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { level, text }
    }

    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Level::Info, text)
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::Warning, text)
    }

    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Level::Error, text)
    }
}

/// Something that did not work: the fact and the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What failed, on what, and whether anything was sent.
    pub plain: String,
    /// What to do next; may be empty.
    pub next_step: String,
    pub kind: FailureKind,
}

/// Whether anything was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The work was begun and failed.
    Failed,
    /// The worker was full and took nothing.
    Full,
    /// A fault of ours ended the work: what it had done already, only the ledger knows.
    Fault,
}

impl Failure {
    pub fn new(plain: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self {
            plain: plain.into(),
            next_step: next_step.into(),
            kind: FailureKind::Failed,
        }
    }

    /// An error as a fact and a next step.
    pub fn of(error: &OpsError) -> Self {
        Self::new(error.to_string(), error.hint().unwrap_or_default())
    }

    /// Nothing was begun; `what` says what did not happen.
    pub fn full(what: &str) -> Self {
        Self {
            plain: format!("too much is under way; {what}"),
            next_step: String::new(),
            kind: FailureKind::Full,
        }
    }

    pub fn fault() -> Self {
        Self {
            plain: "a fault of ziadeck's own ended this".to_owned(),
            next_step: "the log says what became of it".to_owned(),
            kind: FailureKind::Fault,
        }
    }

    /// The same in lines for a popup, one for each place that it tells of.
    pub fn lines(&self, width: usize) -> Vec<RichLine> {
        marked((Role::Error, "✗ "), &self.to_string(), width)
    }

    /// The sentence for it.
    pub fn notice(&self) -> Notice {
        let level = match self.kind {
            FailureKind::Full => Level::Warning,
            FailureKind::Failed | FailureKind::Fault => Level::Error,
        };
        Notice::new(level, self.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)?;
        if !self.next_step.is_empty() {
            write!(f, "; {}", self.next_step)?;
        }
        Ok(())
    }
}

/// Sentences that go by themselves, newest last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Toasts {
    /// Each until when it stays, on the clock that never goes back.
    list: Vec<(Notice, Duration)>,
}

/// How long a sentence stays that is only good to know.
const STAY: Duration = Duration::from_secs(5);
/// How long one stays that somebody should read.
const STAY_LONG: Duration = Duration::from_secs(12);
/// More than this would cover the panes.
const TOASTS_MAX: usize = 3;

impl Toasts {
    pub fn say(&mut self, notice: Notice, uptime: Duration) {
        let stay = match notice.level {
            Level::Info => STAY,
            Level::Warning | Level::Error => STAY_LONG,
        };
        self.drop(&notice.text);
        self.list.push((notice, uptime + stay));
        let surplus = self.list.len().saturating_sub(TOASTS_MAX);
        self.list.drain(..surplus);
    }

    /// Takes a sentence back.
    pub fn drop(&mut self, text: &str) {
        self.list.retain(|(notice, _)| notice.text != text);
    }

    /// Lets those go whose time is over.
    pub fn expire(&mut self, uptime: Duration) {
        self.list.retain(|(_, until)| *until > uptime);
    }

    /// When the next one goes.
    pub fn due(&self) -> Option<Duration> {
        self.list.iter().map(|(_, until)| *until).min()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Notice> {
        self.list.iter().map(|(notice, _)| notice)
    }
}
