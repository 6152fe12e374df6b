//! Whether a key was meant: when it came, what came beside it, and since when the question on top
//! can be read. A pure machine; times are those of the clock that never goes back.
//!
//! ```text
//!  guarded key ─► alone so far? ─► held ─── a tick, nothing came ─────► taken
//!                   │ no             └───── another key, a paste ──┐
//!                   └──────────────────────────────────────────────┴──► dropped, and said
//!
//!  question ─► its frame is out ─► quiet ── a tick ─► its answer is taken ── any key ─► quiet …
//! ```
//! Invariant: what is granted is granted by a tick alone, which the loop sends when it has heard
//! out the keys. So a process that stood still for a while takes no key for one that came late.

use std::time::Duration;

use crate::base::ProfileName;
use crate::base::limits::{KEYS_TOGETHER, PASTE_QUIET, QUESTION_QUIET};
use crate::enrichment::Draft;
use crate::keymap::{Chord, Command, Context};

/// A guarded command whose key waits to see whether another one follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Its key.
    pub chord: Chord,
    /// What the key means here.
    pub command: Command,
    /// What it was pressed at. If that changes meanwhile, the key meant something else.
    pub seen: Seen,
}

/// What a key was pressed at.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The focus.
    pub contexts: Vec<Context>,
    /// The profile on screen.
    pub profile: Option<ProfileName>,
    /// What the form holds.
    pub draft: Draft,
    /// The question on top.
    pub question: Option<u64>,
}

/// What was noticed about a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Noticed {
    /// A key that was waiting and is dropped because this one came.
    pub dropped: Option<Held>,
    /// Whether it is the key of the last answer, which is still held down.
    pub is_echo: bool,
    /// Why it cannot be taken for a guarded command.
    pub objection: Option<Objection>,
    /// Whether the question on top took answers when it came.
    pub may_answer: bool,
}

/// Why a key is not taken for a guarded command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// Another key came just before it or just after it.
    Together,
    /// A paste ended just before it.
    AfterPaste,
    /// The same key came just before it, as a key does that is held down.
    Repeats,
    /// A question was answered just before it.
    AfterAnswer,
}

/// The question on top, as long as nothing in it changes.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    id: u64,
    face: Face,
    /// When its frame was written out.
    written: Option<Duration>,
    takes_answers: bool,
}

/// What makes a question this one: a change has to be read anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// How many popups lie below it.
    pub depth: usize,
    /// What is asked.
    pub question: String,
    /// What is said about it.
    pub lines: Vec<String>,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyGuard {
    last_key: Option<(Chord, Duration)>,
    last_paste: Option<Duration>,
    held: Option<(Held, Duration)>,
    question: Option<Question>,
    questions: u64,
    answered: Option<Duration>,
    /// The key of the last answer, and when it came last.
    echo: Option<(Chord, Duration)>,
}

impl KeyGuard {
    /// Notes a key that came at `at`.
    pub fn key(&mut self, chord: Chord, at: Duration) -> Noticed {
        let is_within = |then: Duration, span: Duration| at.saturating_sub(then) < span;
        let dropped = self.held.take().map(|(held, _)| held);
        let is_echo = self
            .echo
            .is_some_and(|(echo, then)| echo == chord && is_within(then, QUESTION_QUIET));
        self.echo = is_echo.then_some((chord, at));
        let objection = match (self.last_key, self.last_paste, self.answered) {
            (_, Some(pasted), _) if is_within(pasted, PASTE_QUIET) => Some(Objection::AfterPaste),
            (Some((_, last)), ..) if is_within(last, KEYS_TOGETHER) => Some(Objection::Together),
            (Some((same, last)), ..) if same == chord && is_within(last, QUESTION_QUIET) => {
                Some(Objection::Repeats)
            }
            (.., Some(answered)) if is_within(answered, QUESTION_QUIET) => {
                Some(Objection::AfterAnswer)
            }
            _ => None,
        };
        self.last_key = Some((chord, at));
        Noticed {
            dropped,
            is_echo,
            objection,
            may_answer: self.disturb(),
        }
    }

    /// Notes a paste that ended at `at`; gives back the key that it drops.
    pub fn paste(&mut self, at: Duration) -> Option<Held> {
        self.last_paste = Some(at);
        self.disturb();
        self.held.take().map(|(held, _)| held)
    }

    /// Holds a key that came at `at`.
    pub fn hold(&mut self, held: Held, at: Duration) {
        self.held = Some((held, at + KEYS_TOGETHER));
    }

    /// Time has passed, and no key waits to be heard: what is due now. Gives back a held key that
    /// stayed alone.
    pub fn tick(&mut self, now: Duration) -> Option<Held> {
        let is_quiet = self.quiet_from().is_some_and(|at| at <= now);
        if let Some(question) = &mut self.question {
            question.takes_answers |= is_quiet;
        }
        let (_, due) = self.held.as_ref()?;
        if *due > now {
            return None;
        }
        self.held.take().map(|(held, _)| held)
    }

    /// When [`KeyGuard::tick`] has something to do.
    pub fn due(&self) -> Option<Duration> {
        let held = self.held.as_ref().map(|(_, due)| *due);
        [held, self.quiet_from()].into_iter().flatten().min()
    }

    /// A key was taken as the answer of a question.
    pub fn answered(&mut self, chord: Chord, now: Duration) {
        self.answered = Some(now);
        self.echo = Some((chord, now));
    }

    /// The question on top, if there is one. One that is new or different has to be read first.
    pub fn follow(&mut self, face: Option<Face>) {
        let Some(face) = face else {
            self.question = None;
            return;
        };
        if self.question.as_ref().is_some_and(|open| open.face == face) {
            return;
        }
        self.questions += 1;
        self.question = Some(Question {
            id: self.questions,
            face,
            written: None,
            takes_answers: false,
        });
    }

    /// The screen is another one: the question on top has to be drawn and read anew.
    pub fn redrawn(&mut self) {
        if let Some(question) = &mut self.question {
            self.questions += 1;
            question.id = self.questions;
            question.written = None;
            question.takes_answers = false;
        }
    }

    /// The frame that shows the question was written out.
    pub fn written(&mut self, question: u64, at: Duration) {
        let open = self.question.as_mut().filter(|open| open.id == question);
        if let Some(open) = open {
            open.written.get_or_insert(at);
        }
    }

    /// The question whose frame is not known to be out.
    pub fn unwritten(&self) -> Option<u64> {
        let open = self.question.as_ref()?;
        open.written.is_none().then_some(open.id)
    }

    /// The question on top.
    pub fn question(&self) -> Option<u64> {
        self.question.as_ref().map(|open| open.id)
    }

    /// Something was typed: the question on top takes no answer until it was quiet again. Answers
    /// whether it took one before.
    fn disturb(&mut self) -> bool {
        self.question
            .as_mut()
            .is_some_and(|question| std::mem::take(&mut question.takes_answers))
    }

    /// From when on the question on top takes an answer.
    fn quiet_from(&self) -> Option<Duration> {
        let question = self.question.as_ref().filter(|open| !open.takes_answers)?;
        let key = self.last_key.map(|(_, at)| at);
        let last = question
            .written?
            .max(key.max(self.last_paste).unwrap_or_default());
        Some(last + QUESTION_QUIET)
    }
}

#[cfg(test)]
mod tests;
