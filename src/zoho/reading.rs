//! Reading a body within bounds: an endless, slow or broken body ends as [`Body::Cut`].

use reqwest::Response;

use super::error::{TIMED_OUT, why};
use super::patience::Patience;

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

/// Reads at most `bytes_max` of a body, for as long as the patience lasts.
pub(super) async fn read(
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
                    why: why(error),
                };
            }
        }
    }
}
