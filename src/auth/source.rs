//! The access token of one profile: cached in memory and on disk, refreshed by one task of one
//! process at a time.
//!
//! Cancel safety: a dropped future gives up its place in the queue, the profile's lock and, while
//! a call is on the wire, the answer. The call was counted before it was made, so the allowance
//! holds; what is lost is an access token nobody has seen. Files are written whole between two
//! awaits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use url::Url;

use super::endpoint::{RefreshRequest, TokenEndpoint};
use super::error::AuthError;
use super::secret_reader::SecretReader;
use super::store::{CredentialStore, Credentials, StoredAccess};
use crate::base::limits::TOKEN_MARGIN;
use crate::base::{Clock, ProfileName, Sanitized, Secret, SecretSource, Timestamp};

/// Longest life that an access token is believed to have, whatever the answer says (TV8: 1 h).
pub(super) const LIFE_MAX: Duration = Duration::from_secs(86_400);
/// What `auth` has to know of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, the stem of its files.
    pub profile: ProfileName,
    /// The client id.
    pub client_id: String,
    /// Where the client secret is.
    pub client_secret: Option<SecretSource>,
    /// The accounts host.
    pub accounts_base: Url,
    /// The only host that its tokens may be for.
    pub api_base: Url,
}

/// An access token that can be used now.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub(super) secret: Secret,
    pub(super) expires_at: Timestamp,
}

impl AccessToken {
    /// The token, for the authorization header.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// When it ends, by the wall clock.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Who makes the calls, where the files are, what time it is.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) store: CredentialStore,
    pub(super) endpoint: Arc<dyn TokenEndpoint>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) secrets: SecretReader,
}

/// The tokens of one profile. One value per profile and process.
pub struct TokenSource {
    pub(super) account: Account,
    pub(super) around: Surroundings,
    pub(super) state: Mutex<State>,
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("profile", &self.account.profile)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
pub(super) struct State {
    /// The token in use; replaced by a refresh, dropped by `invalidate` and `logout`.
    pub(super) cached: Option<Cached>,
    /// A token that the API refused; what is on disk is not used when it is this one.
    pub(super) rejected: Option<Secret>,
    /// Calls of this process by the clock that never goes back, besides those on disk.
    pub(super) calls: Vec<Duration>,
}

pub(super) struct Cached {
    pub(super) access: StoredAccess,
    /// The end by the clock that never goes back.
    pub(super) ends: Duration,
}

/// Which token a renewal is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Any that can be used: another process may have got it.
    Usable,
    /// A new one.
    New,
}

impl TokenSource {
    /// The tokens of a profile.
    pub fn new(
        account: Account,
        store: CredentialStore,
        endpoint: Arc<dyn TokenEndpoint>,
        clock: Arc<dyn Clock>,
        secrets: SecretReader,
    ) -> Self {
        Self {
            account,
            around: Surroundings {
                store,
                endpoint,
                clock,
                secrets,
            },
            state: Mutex::new(State::default()),
        }
    }

    /// The profile they are of.
    pub fn profile(&self) -> &ProfileName {
        &self.account.profile
    }

    /// A token that can be used now, refreshed when needed.
    ///
    /// # Errors
    /// [`AuthError::NotSignedIn`], [`AuthError::Throttled`] and the others: nothing was sent to
    /// the API.
    pub async fn access_token(&self) -> Result<AccessToken, AuthError> {
        let mut state = self.state.lock().await;
        if let Some(token) = self.usable(&state) {
            return Ok(token);
        }
        if let Some(token) = self.adopt(&mut state, &self.credentials()?) {
            self.learn_client_secret().await;
            return Ok(token);
        }
        self.renew(&mut state, Wanted::Usable).await
    }

    /// Gets a new token although the old one may still be good.
    ///
    /// # Errors
    /// As [`TokenSource::access_token`].
    pub async fn refresh(&self) -> Result<AccessToken, AuthError> {
        let mut state = self.state.lock().await;
        self.credentials()?;
        self.renew(&mut state, Wanted::New).await
    }

    /// The API refused this very token: it is not given out again. A token that has been
    /// replaced meanwhile changes nothing, so that many refusals make one refresh.
    pub async fn invalidate(&self, token: &AccessToken) {
        let mut state = self.state.lock().await;
        let is_current = state
            .cached
            .as_ref()
            .is_some_and(|cached| same(&cached.access.token, &token.secret));
        if is_current {
            state.cached = None;
            state.rejected = Some(token.secret.clone());
        }
    }

    /// One refresh, with the profile's lock held over everything from the second look at the
    /// file to the write of the new token.
    async fn renew(&self, state: &mut State, wanted: Wanted) -> Result<AccessToken, AuthError> {
        // Before the lock: a password manager may take its time, and others should not wait.
        let client_secret = self.client_secret().await?;
        let lock = self.around.store.lock(&self.account.profile).await?;
        let mut credentials = self.credentials()?;
        if wanted == Wanted::Usable
            && let Some(token) = self.adopt(state, &credentials)
        {
            return Ok(token);
        }
        // A grant that is gone stays gone; calls are kept for the sign-in that mends it.
        if wanted == Wanted::Usable
            && let Some(refused) = self.final_refusal(&credentials)
        {
            return Err(refused);
        }
        let counted = match self.count_call(state) {
            Err(error) => return Err(self.or_refused(error, &credentials)),
            Ok(counted) => counted,
        };
        let request = RefreshRequest {
            accounts_base: self.account.accounts_base.clone(),
            client_id: self.account.client_id.clone(),
            client_secret,
            refresh_token: credentials.refresh_token.clone(),
        };
        let answer = self.around.endpoint.refresh(request).await;
        let grant = match self.granted(answer, (state, counted)) {
            Err(error) => {
                self.note_refusal(&error, &credentials)?;
                self.drop_rejected(state, credentials.clone())?;
                return Err(self.or_refused(error, &credentials));
            }
            Ok(grant) => grant,
        };
        if let Some(refresh_token) = &grant.refresh_token {
            credentials.refresh_token = refresh_token.clone();
        }
        credentials.scope = grant.scope.clone().or(credentials.scope);
        self.keep(state, (credentials, grant), &lock)
    }

    /// A token that the API refused is of no use to the next process either.
    fn drop_rejected(&self, state: &State, credentials: Credentials) -> Result<(), AuthError> {
        let stored = credentials.access.as_ref();
        let is_rejected = stored
            .zip(state.rejected.as_ref())
            .is_some_and(|(access, rejected)| same(rejected, &access.token));
        if !is_rejected {
            return Ok(());
        }
        let credentials = Credentials {
            access: None,
            ..credentials
        };
        self.around.store.write(&self.account.profile, &credentials)
    }

    /// The profile's credentials, if they are for this client and this accounts host.
    pub(super) fn credentials(&self) -> Result<Credentials, AuthError> {
        let profile = self.account.profile.clone();
        let Some(found) = self.stored()? else {
            return Err(AuthError::NotSignedIn { profile });
        };
        let account = &self.account;
        let expected = [
            account.accounts_base.as_str(),
            account.api_base.as_str(),
            &account.client_id,
        ];
        // What an older or hand-made file does not say is taken to be right.
        let granted_by = [&found.accounts, &found.api_domain, &found.client_id];
        for (granted_by, expected) in granted_by.into_iter().zip(expected) {
            let granted_by = granted_by.as_deref().unwrap_or(expected);
            if without_slash(granted_by) != without_slash(expected) {
                return Err(AuthError::OtherAccount {
                    profile,
                    granted_by: Sanitized::new(granted_by).to_string(),
                    expected: expected.to_owned(),
                });
            }
        }
        Ok(found)
    }

    /// The credential file as it is; from then on none of its tokens may come back.
    pub(super) fn stored(&self) -> Result<Option<Credentials>, AuthError> {
        let found = self.around.store.read(&self.account.profile)?;
        let known = self.around.secrets.known();
        if let Some(credentials) = &found {
            known.learn(&credentials.refresh_token);
            let access = credentials.access.iter();
            access.for_each(|access| known.learn(&access.token));
        }
        Ok(found)
    }

    /// Learns the client secret without sending it: the server has had it and may repeat it. A program
    /// is not run for that, and a secret that cannot be read is not missed here.
    async fn learn_client_secret(&self) {
        if let Some(SecretSource::File(_) | SecretSource::Env(_)) = &self.account.client_secret {
            let _ = self.client_secret().await;
        }
    }

    pub(super) async fn client_secret(&self) -> Result<Secret, AuthError> {
        match &self.account.client_secret {
            Some(source) => self.around.secrets.read(source).await,
            None => Err(AuthError::NoSecret {
                profile: self.account.profile.clone(),
            }),
        }
    }

    /// The token on disk, if it can be used.
    fn adopt(&self, state: &mut State, credentials: &Credentials) -> Option<AccessToken> {
        let access = credentials.access.as_ref()?;
        let is_rejected = state
            .rejected
            .as_ref()
            .is_some_and(|rejected| same(rejected, &access.token));
        if is_rejected {
            return None;
        }
        // No token is believed to have more left than its whole life, whatever the clock says.
        let left = between(self.around.clock.now(), access.expires_at).min(life(access));
        let mut ends = self.around.clock.monotonic() + left;
        if let Some(cached) = state.cached.as_ref() {
            // The wall clock may have gone back: a grant we know ends when we knew it would.
            if cached.access.issued_at == access.issued_at
                && same(&cached.access.token, &access.token)
            {
                ends = ends.min(cached.ends);
            }
        }
        state.cached = Some(Cached {
            ends,
            access: access.clone(),
        });
        self.usable(state)
    }

    /// The token in memory, if enough is left of it by both clocks.
    fn usable(&self, state: &State) -> Option<AccessToken> {
        let cached = state.cached.as_ref()?;
        let by_wall = between(self.around.clock.now(), cached.access.expires_at);
        let by_monotonic = cached.ends.saturating_sub(self.around.clock.monotonic());
        // A token of short life is used for most of it, or each use would be a refresh.
        let margin = TOKEN_MARGIN.min(life(&cached.access) / 4);
        (by_wall.min(by_monotonic) > margin).then(|| AccessToken {
            secret: cached.access.token.clone(),
            expires_at: cached.access.expires_at,
        })
    }
}

fn life(access: &StoredAccess) -> Duration {
    between(access.issued_at, access.expires_at).min(LIFE_MAX)
}

/// From one time to another; nothing when that is in the past.
fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}

/// A base address as text, however it was written. The text is compared, not the parsed address:
/// a port, a user name or a final dot makes another host.
pub(super) fn without_slash(base: &str) -> &str {
    base.strip_suffix('/').unwrap_or(base)
}

fn same(one: &Secret, other: &Secret) -> bool {
    one.expose() == other.expose()
}
