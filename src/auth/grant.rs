//! What happens around one token call, always under the profile's lock: it is counted first, its
//! answer is judged, and only a good grant is kept.

use std::time::Duration;

use super::endpoint::{TokenCallError, TokenGrant};
use super::error::AuthError;
use super::source::{AccessToken, Cached, LIFE_MAX, State, TokenSource, without_slash};
use super::store::{Credentials, ProfileLock, StoredAccess};
use crate::base::limits::{TOKEN_CALLS_MAX, TOKEN_WINDOW};
use crate::base::{Sanitized, Secret, Timestamp};

/// Most characters of a token; Zoho's have 70.
const TOKEN_CHARS_MAX: usize = 4_096;

impl TokenSource {
    /// Counts a call before it is made, on disk and in memory. Only under the profile's lock.
    pub(super) fn count_call(&self, state: &mut State) -> Result<Timestamp, AuthError> {
        let (now, monotonic) = (self.around.clock.now(), self.around.clock.monotonic());
        state.calls.retain(|call| monotonic < *call + TOKEN_WINDOW);
        if let (true, Some(first)) = (state.calls.len() >= TOKEN_CALLS_MAX, state.calls.first()) {
            let wait = (*first + TOKEN_WINDOW).saturating_sub(monotonic);
            let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
            return Err(AuthError::Throttled { until });
        }
        let mut calls = self.around.store.read_calls(&self.account.profile)?;
        if let Some(until) = calls.next_allowed(now) {
            return Err(AuthError::Throttled { until });
        }
        calls.record(now);
        self.around
            .store
            .write_calls(&self.account.profile, &calls)?;
        state.calls.push(monotonic);
        Ok(now)
    }

    /// The grant of an answer, or what the answer means. Only under the profile's lock.
    pub(super) fn granted(
        &self,
        answer: Result<TokenGrant, TokenCallError>,
        (state, counted): (&mut State, Timestamp),
    ) -> Result<TokenGrant, AuthError> {
        let grant = match answer {
            Ok(grant) => grant,
            Err(error) => return Err(self.told(error, (state, counted))?),
        };
        if let Some(got) = &grant.api_domain
            && without_slash(got) != without_slash(self.account.api_base.as_str())
        {
            return Err(self.other_host(&shown(got)));
        }
        let tokens = [Some(&grant.access_token), grant.refresh_token.as_ref()];
        if !tokens.into_iter().flatten().all(is_token) {
            let message = "the token holds characters that no token has".to_owned();
            return Err(AuthError::Failed {
                host: self.accounts_host(),
                message,
            });
        }
        Ok(grant)
    }

    /// What a failed call means, and what it does to the count of calls.
    fn told(
        &self,
        error: TokenCallError,
        (state, counted): (&mut State, Timestamp),
    ) -> Result<AuthError, AuthError> {
        let profile = self.account.profile.clone();
        let host = self.accounts_host();
        Ok(match error {
            TokenCallError::Refused { error } => {
                let error = shown(&error);
                AuthError::Refused { profile, error }
            }
            TokenCallError::Throttled => {
                let mut calls = self.around.store.read_calls(&profile)?;
                let until = calls.throttle(self.around.clock.now());
                self.around.store.write_calls(&profile, &calls)?;
                AuthError::Throttled { until }
            }
            TokenCallError::NotSent(message) => {
                // Nothing reached the server, so an hour offline does not use the allowance up.
                let mut calls = self.around.store.read_calls(&profile)?;
                calls.take_back(counted);
                self.around.store.write_calls(&profile, &calls)?;
                state.calls.pop();
                let message = shown(&message);
                AuthError::NotSent { host, message }
            }
            TokenCallError::Failed(message) => {
                let message = shown(&message);
                AuthError::Failed { host, message }
            }
            TokenCallError::ApiDomain(got) => self.other_host(&shown(&got)),
        })
    }

    /// Keeps the word of a refused renewal, so that whoever looks later knows it without a call.
    /// Only under the profile's lock.
    pub(super) fn note_refusal(
        &self,
        error: &AuthError,
        credentials: &Credentials,
    ) -> Result<(), AuthError> {
        let AuthError::Refused { profile, error } = error else {
            return Ok(());
        };
        let mut calls = self.around.store.read_calls(profile)?;
        calls.refuse(error, self.around.clock.now(), credentials.granted_at);
        self.around.store.write_calls(profile, &calls)
    }

    /// A grant that is gone is the truer reason than a call that may not be made for now.
    pub(super) fn or_refused(&self, error: AuthError, credentials: &Credentials) -> AuthError {
        if !matches!(error, AuthError::Throttled { .. }) {
            return error;
        }
        self.final_refusal(credentials).unwrap_or(error)
    }

    /// The refusal of a grant that will never be good again, if one is known.
    pub(super) fn final_refusal(&self, credentials: &Credentials) -> Option<AuthError> {
        let profile = self.account.profile.clone();
        let known = self.around.store.read_calls(&profile).ok()?;
        let refusal = known.refusal(credentials.granted_at)?;
        refusal.is_final().then(|| AuthError::Refused {
            profile,
            error: shown(&refusal.error),
        })
    }

    fn accounts_host(&self) -> String {
        let host = self.account.accounts_base.host_str();
        host.unwrap_or_default().to_owned()
    }

    fn other_host(&self, got: &str) -> AuthError {
        AuthError::ApiDomain {
            got: got.to_owned(),
            expected: self.account.api_base.as_str().to_owned(),
        }
    }

    /// Keeps a grant in memory and on disk.
    pub(super) fn keep(
        &self,
        state: &mut State,
        (mut credentials, grant): (Credentials, TokenGrant),
        _lock: &ProfileLock,
    ) -> Result<AccessToken, AuthError> {
        let issued_at = self.around.clock.now();
        let life = Duration::from_secs(grant.expires_in_seconds).min(LIFE_MAX);
        let access = StoredAccess {
            token: grant.access_token,
            issued_at,
            expires_at: issued_at.checked_add(life).unwrap_or(Timestamp::MAX),
        };
        state.rejected = None;
        state.cached = Some(Cached {
            ends: self.around.clock.monotonic() + life,
            access: access.clone(),
        });
        credentials.access = Some(access.clone());
        self.around
            .store
            .write(&self.account.profile, &credentials)?;
        let mut calls = self.around.store.read_calls(&self.account.profile)?;
        if calls.accept() {
            self.around
                .store
                .write_calls(&self.account.profile, &calls)?;
        }
        Ok(AccessToken {
            secret: access.token,
            expires_at: access.expires_at,
        })
    }
}

/// What a server said, cut and made safe.
fn shown(text: &str) -> String {
    let cut: String = text.chars().take(200).collect();
    Sanitized::new(&cut).to_string()
}

/// Whether a text can stand in a header and in a file as a token.
fn is_token(secret: &Secret) -> bool {
    let text = secret.expose();
    (1..=TOKEN_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
