//! The linear mode: one question, one answer, line by line, for screen readers and for terminals
//! that can do nothing else.
//!
//! It draws no box, moves no cursor, prints no colour and repeats nothing. Everything goes through
//! the same use cases as the console and the other commands, so its promises are the same: nothing
//! is sent without the word `send`, and the numbers before and after stand above it. What was typed
//! before a question answers none, and lines that no person types send only where that was allowed.
//!
//! ```text
//!  news ─► "Command:" ─► line ─► send, log, usage, jobs, unknown … ─► lines ─┐
//!   ▲                     └─ end of input, quit, a signal ─► leave           │
//!   └────────────────────────────────────────────────────────────────────────┘
//! ```

mod listen;
mod look;
mod send;
mod words;

use std::io::IsTerminal;
use std::sync::Arc;

use jiff::tz::TimeZone;

use self::listen::{Heard, Listener};
use super::args::Global;
use super::exit::Exit;
use super::output::{Lost, Out};
use super::{session, zone};
use crate::base::{AttemptId, EnrichmentKind, Outcome};
use crate::ledger::{LogQuery, PageCursor};
use crate::ops::{AppContext, OpsError, ProfileSession, usage};

/// News told at once; what is older is in the log.
const NEWS_MAX: usize = 20;

/// Why a command of the linear mode ends early.
#[derive(Debug, thiserror::Error)]
enum Break {
    /// The person stopped it with a dot.
    #[error("stopped; nothing was sent")]
    Stop,
    /// There is nobody to ask any more.
    #[error("the input ended")]
    Leave(Exit),
    /// A use case failed.
    #[error(transparent)]
    Ops(#[from] OpsError),
}

impl From<crate::ledger::LedgerError> for Break {
    fn from(error: crate::ledger::LedgerError) -> Self {
        Self::Ops(error.into())
    }
}

/// Opens the linear mode.
///
/// # Errors
/// When the configuration is malformed, the ledger cannot be opened, or there is no profile.
pub(super) async fn open(global: &Global, yes: bool, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        on_deck(global, context, yes, out).await
    })
    .await
}

/// Runs the linear mode on a context that is open; `yes` lets lines send that no person types.
///
/// # Errors
/// When there is no profile to work with.
pub(super) async fn on_deck(
    global: &Global,
    context: &AppContext,
    yes: bool,
    out: Out,
) -> Result<Exit, OpsError> {
    let listener = Listener::start()
        .map_err(|error| OpsError::Refused(format!("there is no input: {error}")))?;
    let session = context.session(global.profile.as_ref())?;
    let mut talk = Talk {
        context: context.clone(),
        session,
        out,
        listener,
        may_send: yes || std::io::stdin().is_terminal(),
        zone: zone::local(),
        seen: AttemptId(0),
        told: Vec::new(),
        older_than: None,
    };
    talk.greet().await?;
    talk.run().await
}

/// A conversation.
struct Talk {
    context: AppContext,
    session: Arc<ProfileSession>,
    out: Out,
    listener: Listener,
    zone: TimeZone,
    /// Whether a person types, or a script was allowed to send.
    may_send: bool,
    /// The newest attempt that was told of; 0 before the first one.
    seen: AttemptId,
    /// Our own attempts after it, which were told of when they came back.
    told: Vec<AttemptId>,
    /// Where `more` goes on.
    older_than: Option<LogQuery>,
}

impl Talk {
    /// Says a line, in words that can be read aloud.
    fn say(&self, line: &str) {
        self.listener
            .telling(|| self.out.line(&words::spoken(line)));
    }

    /// Asks what a person must have read before they answer: what was typed before is no answer.
    async fn ask_anew(&mut self, question: &str) -> Result<String, Break> {
        self.listener.forget();
        self.ask(question).await
    }

    /// Asks for a line.
    async fn ask(&mut self, question: &str) -> Result<String, Break> {
        self.say(question);
        if let Some(Lost::Failed(_)) = self.out.lost() {
            // Nobody was asked, so no line is an answer.
            return Err(Break::Leave(Exit::Done));
        }
        match self.listener.next().await {
            Heard::Line(line) => match line.trim() {
                "." => Err(Break::Stop),
                text => Ok(text.to_owned()),
            },
            Heard::End => Err(Break::Leave(Exit::Done)),
            Heard::Signal(exit) => Err(Break::Leave(exit)),
        }
    }

    async fn greet(&mut self) -> Result<(), OpsError> {
        self.say("ziadeck, line by line. Type help for the commands, quit to leave.");
        if !self.may_send {
            self.say(words::NOT_ALLOWED);
        }
        self.introduce().await?;
        self.seen = self.newest().await?;
        Ok(())
    }

    /// Says which profile it is and how much is left.
    async fn introduce(&self) -> Result<(), OpsError> {
        let profile = self.session.profile();
        let server = if profile.is_loopback() {
            ", simulated"
        } else {
            ""
        };
        self.say(&format!(
            "Profile {}, data centre {}, {}{server}.",
            profile.name,
            profile.data_center.country(),
            profile.environment
        ));
        let usage = usage::local(&self.session, EnrichmentKind::People).await?;
        self.say(&format!(
            "{} of {} units used, {} left, {} unknown.",
            usage.used,
            usage.limit,
            usage.left_text(|left| left.to_string()),
            usage.unknown
        ));
        Ok(())
    }

    async fn run(&mut self) -> Result<Exit, OpsError> {
        loop {
            if let Err(error) = self.news().await {
                self.trouble(&error);
            }
            let done = match self.ask("Command:").await {
                Ok(line) => self.command(&line).await,
                Err(Break::Stop) => Ok(()),
                Err(other) => Err(other),
            };
            match done {
                Ok(()) => {}
                Err(Break::Leave(exit)) => return Ok(exit),
                Err(Break::Stop) => self.say("Stopped; nothing was sent."),
                Err(Break::Ops(error)) => self.trouble(&error),
            }
        }
    }

    fn trouble(&self, error: &OpsError) {
        self.say(&format!("Failed: {error}"));
        if let Some(hint) = error.hint() {
            self.say(&format!("What to do: {hint}"));
        }
    }

    async fn command(&mut self, line: &str) -> Result<(), Break> {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match name.to_lowercase().as_str() {
            "" => Ok(()),
            "help" | "?" => {
                words::HELP.iter().for_each(|line| self.say(line));
                Ok(())
            }
            "send" => self.send().await,
            "log" => self.log(rest).await,
            "more" => self.more().await,
            "attempt" => self.attempt(rest).await,
            "usage" => self.usage(rest).await,
            "jobs" => self.jobs(rest).await,
            "job" => self.job(rest).await,
            "runs" | "run" => self.runs(rest).await,
            "unknown" | "unknowns" => self.unknown().await,
            "reconcile" => self.reconcile().await,
            "profile" | "profiles" => self.profile(rest).await,
            "checks" | "check" | "doctor" => self.checks().await,
            "explain" => self.explain(rest),
            "quit" | "exit" | "q" => Err(Break::Leave(Exit::Done)),
            other => {
                let meant = words::nearest(other)
                    .map_or(" Type help for the commands.".to_owned(), |name| {
                        format!(" Did you mean {name}?")
                    });
                self.say(&format!("There is no command {other:?}.{meant}"));
                Ok(())
            }
        }
    }

    async fn newest(&self) -> Result<AttemptId, OpsError> {
        let page = self.context.ledger().page(self.query(1)).await?;
        Ok(page.rows.first().map_or(AttemptId(0), |row| row.id))
    }

    /// A page of this profile's newest attempts.
    fn query(&self, rows: usize) -> LogQuery {
        LogQuery {
            profiles: vec![self.session.profile().name.clone()],
            rows,
            ..LogQuery::default()
        }
    }

    /// Tells what others of this host have sent since, up to the first that has no outcome yet.
    async fn news(&mut self) -> Result<(), OpsError> {
        let mut query = self.query(NEWS_MAX);
        query.place = PageCursor::NewerThan(self.seen);
        let page = self.context.ledger().page(query).await?;
        for row in page.rows.iter().rev() {
            if row.outcome == Outcome::Sending {
                break;
            }
            if !self.told.contains(&row.id) {
                self.say(&format!("New: {}", self.sentence(row)));
            }
            self.seen = row.id;
        }
        let seen = self.seen;
        self.told.retain(|id| *id > seen);
        Ok(())
    }
}
