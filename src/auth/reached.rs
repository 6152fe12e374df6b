//! Which organisation the tokens of a profile reach: a property of the token, so it is kept beside it,
//! for each user. Nothing in `us.org.toml` is secret; the marks only tell one token from another.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::error::AuthError;
use super::source::{AccessToken, TokenSource};
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
    access: Option<String>,
    /// The mark of the grant that may not ask which organisation it is.
    silent: Option<String>,
    reached: Reached,
}

impl TokenSource {
    /// What is known of whom the tokens reach.
    ///
    /// # Errors
    /// When the file cannot be read or is unsafe.
    pub fn reached(&self) -> Result<Reached, AuthError> {
        Ok(self.kept()?.reached)
    }

    /// Keeps what an access token was seen to reach.
    ///
    /// # Errors
    /// When the file cannot be written or is unsafe.
    pub async fn keep_reached(
        &self,
        reached: Reached,
        token: &AccessToken,
    ) -> Result<(), AuthError> {
        self.keep_all(&Kept {
            access: Some(mark(token.secret())),
            silent: None,
            reached,
        })
        .await
    }

    /// Keeps that this grant may not ask which organisation it is: it is not asked for again.
    ///
    /// # Errors
    /// When a file cannot be read, written or is unsafe.
    pub async fn keep_silent(&self, reached: Reached) -> Result<(), AuthError> {
        self.keep_all(&Kept {
            access: None,
            silent: Some(mark(&self.credentials()?.refresh_token)),
            reached,
        })
        .await
    }

    /// Whether it is known whom this very token reaches, or that its grant may not ask.
    ///
    /// # Errors
    /// When a file cannot be read or is unsafe.
    pub fn is_checked(&self, token: &AccessToken) -> Result<bool, AuthError> {
        let kept = self.kept()?;
        if kept
            .access
            .is_some_and(|access| access == mark(token.secret()))
        {
            return Ok(true);
        }
        let Some(silent) = kept.silent else {
            return Ok(false);
        };
        Ok(silent == mark(&self.credentials()?.refresh_token))
    }

    fn kept(&self) -> Result<Kept, AuthError> {
        self.around.store.read_reached(&self.account.profile)
    }

    /// Files are written by one process at a time.
    async fn keep_all(&self, kept: &Kept) -> Result<(), AuthError> {
        let _lock = self.around.store.lock(&self.account.profile).await?;
        self.around.store.write_reached(&self.account.profile, kept)
    }
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
