//! Why a question to the API has no answer. Texts carry the host and never a query string.

use crate::base::ErrorCode;

/// What is said of every call here: a person who pays for each POST must not wonder.
const NOTHING_SPENT: &str = "; nothing can have been spent";

/// A call that may be repeated has failed. None of them is a POST of an enrichment.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ZohoError {
    /// The client could not be made, for example without any certificate authority.
    #[error("the HTTP client cannot start: {0}")]
    Client(String),
    /// No connection: DNS, refused, time-out, TLS.
    #[error("no connection to {host}: {why}{NOTHING_SPENT}")]
    NotConnected {
        /// The host.
        host: String,
        /// The reason.
        why: String,
    },
    /// Connected, but no whole answer.
    #[error("no answer from {host}: {why}{NOTHING_SPENT}")]
    NoAnswer {
        /// The host.
        host: String,
        /// The reason.
        why: String,
    },
    /// The server answered with an error.
    #[error("{}{}", code.as_ref().map_or_else(|| format!("HTTP {status}"), |c| format!("{c} (HTTP {status})")), message.as_ref().map_or_else(|| NOTHING_SPENT.to_owned(), |m| format!(": {m}{NOTHING_SPENT}")))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The code, where there is one.
        code: Option<ErrorCode>,
        /// The message, where there is one.
        message: Option<String>,
        /// Retry-After or `details.retry_after`, as it came.
        retry_after: Option<String>,
    },
    /// The answer is not what the contract describes.
    #[error("the answer of {what} cannot be read: {why}{NOTHING_SPENT}")]
    Unreadable {
        /// What was asked.
        what: &'static str,
        /// The reason.
        why: String,
    },
}

impl ZohoError {
    /// Whether a fresh token may help.
    pub fn is_token_refused(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                code: Some(
                    ErrorCode::InvalidToken
                        | ErrorCode::InvalidOauthToken
                        | ErrorCode::AuthenticationFailure
                ),
                ..
            }
        )
    }

    /// The code, where the server gave one.
    pub fn code(&self) -> Option<&ErrorCode> {
        match self {
            Self::Refused { code, .. } => code.as_ref(),
            Self::Client(_)
            | Self::NotConnected { .. }
            | Self::NoAnswer { .. }
            | Self::Unreadable { .. } => None,
        }
    }
}

/// What is told of an answer that did not come, or not whole, in time.
pub(super) const TIMED_OUT: &str = "timed out after 30 s";

/// The text of an HTTP error with its causes, without any URL.
pub(super) fn why(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() {
            "no connection within 10 s".to_owned()
        } else {
            TIMED_OUT.to_owned()
        };
    }
    let error = error.without_url();
    // The outer two layers only say that a request failed; the causes below say why.
    let mut causes = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    let telling: Vec<_> = causes
        .iter()
        .filter(|text| !GENERIC.iter().any(|word| text.starts_with(word)))
        .map(String::as_str)
        .collect();
    match telling.as_slice() {
        [] => causes.first().cloned().unwrap_or_default(),
        some => some.join(": "),
    }
}

/// Beginnings of error texts that say nothing.
const GENERIC: &[&str] = &["error sending request", "client error", "error decoding"];
