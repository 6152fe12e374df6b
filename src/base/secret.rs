//! Secrets: client secrets, grant codes, access and refresh tokens.
//!
//! A [`Secret`] has no `Display`, no `Serialize`, no `PartialEq`; its `Debug` prints nothing of it
//! and its memory is wiped when it is dropped. The one way out is [`Secret::expose`], which is
//! easy to search for.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

/// A text that must never reach a screen, a log, a ledger or an export.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes over a text. Surrounding white space, as a pasted line has it, is dropped.
    pub fn new(text: &str) -> Self {
        Self(SecretString::from(text.trim().to_owned()))
    }

    /// The text itself, for a request body, an authorization header or the credential file.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a profile's client secret is read from: named in the configuration, read when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file of its own, which nobody but its owner may read.
    File(PathBuf),
    /// A program and its arguments; what it writes is the secret. Never given to a shell.
    Command(Vec<String>),
    /// The name of an environment variable.
    Env(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        assert_eq!(format!("{:?}", Secret::new("1000.canary")), "Secret(…)");
    }

    #[test]
    fn a_pasted_line_loses_its_newline() {
        assert_eq!(Secret::new(" 1000.abc\r\n").expose(), "1000.abc");
    }
}
