//! Which organisation the tokens of a profile reach: a property of the token, so it is kept beside it,
//! for each user. Nothing in `us.org.toml` is secret; the marks only tell one token from another.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::base::{ProfileName, Secret, hex};

/// The organisation and the user behind the tokens of a profile, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reached {
    /// The organisation.
    pub org_id: Option<String>,
    /// Its name.
    pub org_name: Option<String>,
    /// Its edition.
    pub edition: Option<String>,
    /// The user.
    pub user_id: Option<String>,
    /// Their name.
    pub user_name: Option<String>,
}

/// What is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// The mark of the access token that was last seen to reach it.
    pub(super) access: Option<String>,
    /// The mark of the grant that may not ask which organisation it is.
    pub(super) silent: Option<String>,
    pub(super) reached: Reached,
}

/// What tells one token from another and from which none can be made.
pub fn mark(token: &Secret) -> String {
    let text = zeroize::Zeroizing::new(format!("ziadeck mark of {}", token.expose()));
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    hex(digest.as_ref()).chars().take(32).collect()
}

/// A profile's name has no dot, so this is no other profile's credential file.
pub(super) fn file_name(profile: &ProfileName) -> String {
    format!("{profile}.org.toml")
}
