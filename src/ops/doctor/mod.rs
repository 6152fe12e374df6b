//! Every precondition, checked and explained before it costs anything.
//!
//! ```text
//!   local(…)   profile, directories, credentials, secret, scopes, ledger     reads, never writes
//!   server(…)  hosts, clock, token, organisation, features, configuration     asks, never spends
//! ```
//!
//! Checks stand in the order of cause and effect, so the first failure is the one to mend first and
//! gives the exit code. It refuses to repair anything.

mod local;
mod proxy;
mod scopes;
mod server;

pub use local::{Places, local};
pub use scopes::{Missing, Sending, missing};
pub use server::server;

use super::error::OpsError;

/// What one check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// As it should be.
    Fine,
    /// Something will not work, or may not; the rest will.
    Warning,
    /// Nothing can be sent until it is mended; the exit code of a command that needs it.
    Failure(u8),
    /// Not looked at, because of what failed before.
    Skipped,
}

impl Finding {
    /// The word on screen and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warn",
            Self::Failure(_) => "fail",
            Self::Skipped => "skip",
        }
    }
}

/// One precondition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// What was found.
    pub finding: Finding,
    /// A plain sentence.
    pub message: String,
    /// What to do, where there is something to do.
    pub next_step: Option<String>,
}

impl Check {
    /// As it should be.
    pub fn fine(name: &str, message: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            finding: Finding::Fine,
            message: message.into(),
            next_step: None,
        }
    }

    /// Something will not work.
    pub fn warning(name: &str, message: impl Into<String>, next_step: &str) -> Self {
        Self {
            finding: Finding::Warning,
            next_step: Some(next_step.to_owned()),
            ..Self::fine(name, message)
        }
    }

    /// Nothing can be sent; with the exit code of a command that needs it.
    pub fn failure(name: &str, exit: u8, (message, next_step): (String, &str)) -> Self {
        Self {
            finding: Finding::Failure(exit),
            next_step: Some(next_step.to_owned()),
            ..Self::fine(name, message)
        }
    }

    /// Not looked at.
    pub fn skipped(name: &str, why: &str) -> Self {
        Self {
            finding: Finding::Skipped,
            ..Self::fine(name, why)
        }
    }

    /// A failure as a use case reported it.
    pub fn of_error(name: &str, error: &OpsError) -> Self {
        Self {
            finding: Finding::Failure(error.exit_code()),
            next_step: error.hint(),
            ..Self::fine(name, error.to_string())
        }
    }

    /// The same, for something that the rest works without.
    pub fn softened(name: &str, error: &OpsError, next_step: &str) -> Self {
        Self::warning(name, error.to_string(), next_step)
    }

    /// Whether nothing can be sent until it is mended.
    pub fn is_failure(&self) -> bool {
        matches!(self.finding, Finding::Failure(_))
    }
}

/// The exit code of them all: that of the first failure.
pub fn exit_code(checks: &[Check]) -> u8 {
    checks
        .iter()
        .find_map(|check| match check.finding {
            Finding::Failure(code) => Some(code),
            Finding::Fine | Finding::Warning | Finding::Skipped => None,
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_gives_the_exit_code() {
        let failure = |code| Check::failure("x", code, (String::new(), ""));
        let checks = [
            Check::fine("a", ""),
            Check::warning("b", "", ""),
            failure(9),
            failure(4),
        ];

        assert_eq!(exit_code(&checks), 9);
        assert_eq!(exit_code(&checks[..2]), 0);
    }
}
