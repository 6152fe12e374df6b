//! Where an answer becomes ours: its body within bounds (an endless, slow or broken one ends as
//! [`Body::Cut`]), and nothing in it that we sent as a secret.
//!
//! Whatever a server or a proxy repeats is struck here, before anybody sees the answer: so nobody
//! who classifies, keeps or shows it can forget to. The one other way in is [`ZohoClient::read`],
//! for the answer that *is* a secret.

use std::borrow::Cow;

use reqwest::Response;
use reqwest::header::{DATE, HeaderMap};

use super::client::ZohoClient;
use super::error::TIMED_OUT;
use super::patience::Patience;
use crate::base::Timestamp;

/// Most headers of an answer that are kept.
const HEADERS_MAX: usize = 64;
/// Most characters of a header that are kept.
const HEADER_CHARS_MAX: usize = 1_024;

/// An answer whose head was read. No secret of ours is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without cookies.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it could be read.
    pub body: Body,
}

impl Reply {
    /// The first value of a header; the name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What was read of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// A part: the answer broke off, timed out, or is larger than the bound.
    Cut {
        /// What was read.
        kept: Vec<u8>,
        /// Why it ended.
        why: String,
    },
}

impl Body {
    /// The bytes, whole or not.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) | Self::Cut { kept: bytes, .. } => bytes,
        }
    }
}

impl ZohoClient {
    /// Takes an answer: its head, and at most `bytes_max` of its body for as long as the patience
    /// lasts, with every secret struck.
    pub(super) async fn take(
        &self,
        response: Response,
        bytes_max: usize,
        patience: &mut Patience,
    ) -> Reply {
        if let Some(told) = date(response.headers()) {
            self.hear_time(told);
        }
        Reply {
            status: response.status().as_u16(),
            headers: self.kept_headers(response.headers()),
            body: self.struck(self.read(response, bytes_max, patience).await),
        }
    }

    /// Reads a body as it is, secrets and all. What is not the secret that was asked for has to be
    /// struck by whoever reads it so.
    pub(super) async fn read(
        &self,
        mut response: Response,
        bytes_max: usize,
        patience: &mut Patience,
    ) -> Body {
        let mut kept = Vec::new();
        loop {
            let Some(piece) = patience.wait(response.chunk()).await else {
                return Body::Cut {
                    kept,
                    why: TIMED_OUT.to_owned(),
                };
            };
            match piece {
                Ok(Some(chunk)) => {
                    let room = bytes_max.saturating_sub(kept.len());
                    if chunk.len() > room {
                        kept.extend(chunk.iter().take(room));
                        return Body::Cut {
                            kept,
                            why: format!("the answer is larger than {bytes_max} bytes"),
                        };
                    }
                    kept.extend_from_slice(&chunk);
                }
                Ok(None) => return Body::Whole(kept),
                Err(error) => {
                    return Body::Cut {
                        kept,
                        why: self.why(error),
                    };
                }
            }
        }
    }

    fn struck(&self, body: Body) -> Body {
        let strike = |bytes: Vec<u8>| match self.secrets().strike(&bytes) {
            Cow::Borrowed(_) => bytes,
            Cow::Owned(clean) => clean,
        };
        match body {
            Body::Whole(bytes) => Body::Whole(strike(bytes)),
            Body::Cut { kept, why } => Body::Cut {
                kept: strike(kept),
                why,
            },
        }
    }

    /// The headers that are kept; cookies are not.
    fn kept_headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        headers
            .iter()
            .filter(|(name, _)| name.as_str() != "set-cookie")
            .take(HEADERS_MAX)
            .map(|(name, value)| {
                // Struck before it is cut: a cut would leave a part that is not known any more.
                let text = self.secrets().strike(value.as_bytes());
                let text = String::from_utf8_lossy(&text);
                (
                    self.secrets().strike_text(name.as_str()),
                    text.chars().take(HEADER_CHARS_MAX).collect(),
                )
            })
            .collect()
    }
}

/// The time that an answer tells.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let told = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(told.timestamp())
}
