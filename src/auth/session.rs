//! Signing in, looking at it and at whom it reaches, signing out.

use super::calls::Refusal;
use super::endpoint::{ExchangeRequest, RevokeRequest};
use super::error::AuthError;
use super::reached::{Kept, Reached, mark};
use super::source::{AccessToken, State, TokenSource};
use super::store::Credentials;
use crate::base::{Sanitized, Secret, Timestamp};

/// What is known of a profile's sign-in; nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthStatus {
    /// Whether there is a grant that is not known to be gone.
    pub is_signed_in: bool,
    /// How the server refused the last renewal, if it did.
    pub refused: Option<Refusal>,
    /// When the grant was made.
    pub granted_at: Option<Timestamp>,
    /// The scopes of the grant, as the server gave them.
    pub scope: Option<String>,
    /// The end of the last access token, when there is one that has not ended.
    pub access_expires_at: Option<Timestamp>,
    /// Token calls that may be made now.
    pub calls_left: usize,
    /// When the next call may be made, when that is not now.
    pub next_call_at: Option<Timestamp>,
}

/// How signing out went. The credential file is gone in each case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logout {
    /// There was nothing to sign out of.
    NotSignedIn,
    /// The grant is revoked.
    Revoked,
    /// The file is removed, but Zoho may still honour the grant.
    RemovedOnly {
        /// Why it was not revoked.
        reason: String,
    },
}

impl TokenSource {
    /// Exchanges a grant code and keeps the tokens.
    ///
    /// # Errors
    /// Nothing is kept then; the credentials of an earlier sign-in stay.
    pub async fn login(&self, code: &Secret) -> Result<AuthStatus, AuthError> {
        let mut state = self.state.lock().await;
        let client_secret = self.client_secret().await?;
        let lock = self.around.store.lock(&self.account.profile).await?;
        // What stood there before is replaced, and may come back all the same.
        let _ = self.stored();
        let counted = self.count_call(&mut state)?;
        let request = ExchangeRequest {
            accounts_base: self.account.accounts_base.clone(),
            client_id: self.account.client_id.clone(),
            client_secret,
            code: code.clone(),
        };
        let answer = self.around.endpoint.exchange(request).await;
        let grant = self.granted(answer, (&mut state, counted))?;
        let refresh_token = grant
            .refresh_token
            .clone()
            .ok_or(AuthError::NoRefreshToken)?;
        let credentials = Credentials {
            accounts: Some(self.account.accounts_base.as_str().to_owned()),
            client_id: Some(self.account.client_id.clone()),
            refresh_token,
            granted_at: Some(self.around.clock.now()),
            scope: grant.scope.clone(),
            // Also when the answer does not say: the tokens are for no other host than this.
            api_domain: Some(self.account.api_base.as_str().to_owned()),
            access: None,
        };
        self.keep(&mut state, (credentials, grant), &lock)?;
        drop(lock);
        self.status()
    }

    /// What is known of the sign-in, without a call.
    ///
    /// # Errors
    /// When a file cannot be read or is unsafe.
    pub fn status(&self) -> Result<AuthStatus, AuthError> {
        let now = self.around.clock.now();
        let credentials = self.stored()?;
        let known = self.around.secrets.known();
        let calls = self.around.store.read_calls(&self.account.profile)?;
        let refused = credentials
            .as_ref()
            .and_then(|c| calls.refusal(c.granted_at))
            .cloned();
        let is_gone = refused.as_ref().is_some_and(Refusal::is_final);
        let access = credentials
            .as_ref()
            .and_then(|c| c.access.as_ref())
            .filter(|_| !is_gone);
        Ok(AuthStatus {
            is_signed_in: credentials.is_some() && !is_gone,
            refused,
            granted_at: credentials.as_ref().and_then(|c| c.granted_at),
            access_expires_at: access.map(|a| a.expires_at).filter(|end| *end > now),
            scope: credentials
                .as_ref()
                .and_then(|c| Some(known.strike_scopes(c.scope.as_ref()?))),
            calls_left: calls.left(now),
            next_call_at: calls.next_allowed(now),
        })
    }

    /// Reads the client secret and forgets it again: whether it can be had, without a call.
    ///
    /// # Errors
    /// When none is configured, or its file, command or variable is of no use.
    pub async fn check_secret(&self) -> Result<(), AuthError> {
        self.client_secret().await.map(drop)
    }

    /// Revokes the grant and removes the credential file, which goes also when revoking fails.
    ///
    /// # Errors
    /// When the file is unsafe or cannot be removed.
    pub async fn logout(&self) -> Result<Logout, AuthError> {
        let mut state = self.state.lock().await;
        let lock = self.around.store.lock(&self.account.profile).await?;
        let reason = match self.credentials() {
            Ok(credentials) => {
                let request = RevokeRequest {
                    accounts_base: self.account.accounts_base.clone(),
                    refresh_token: credentials.refresh_token,
                };
                let answer = self.around.endpoint.revoke(request).await;
                answer.err().map(|error| error.to_string())
            }
            Err(AuthError::NotSignedIn { .. }) => return Ok(Logout::NotSignedIn),
            // Neither can be revoked here, and neither is of any use to keep.
            Err(error @ (AuthError::Malformed { .. } | AuthError::OtherAccount { .. })) => {
                Some(error.to_string())
            }
            Err(error) => return Err(error),
        };
        self.around.store.remove(&self.account.profile)?;
        drop(lock);
        *state = State {
            calls: std::mem::take(&mut state.calls),
            ..State::default()
        };
        Ok(
            reason.map_or(Logout::Revoked, |reason| Logout::RemovedOnly {
                reason: Sanitized::new(&reason).to_string(),
            }),
        )
    }

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
