//! One profile at work: its client, its tokens, its part of the ledger.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::AppContext;
use super::error::OpsError;
use crate::auth::{Account, AuthError, CredentialStore, Reached, SecretReader, TokenSource};
use crate::base::{Clock, KnownSecrets};
use crate::config::{Config, Paths, Profile};
use crate::ledger::{Ledger, ScopeKey};
use crate::zoho::token::ZohoTokens;
use crate::zoho::{Endpoints, ZohoClient};

/// What the use cases of one profile share.
pub struct ProfileSession {
    profile: Profile,
    client: ZohoClient,
    tokens: TokenSource,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    operator: String,
    /// The limit of each profile in the configuration.
    limits: BTreeMap<String, u64>,
    /// The mark of the token whose organisation was asked for last, and whose units it spends. Held
    /// while it is asked for, so that it is asked once.
    checked: tokio::sync::Mutex<Option<(String, ScopeKey)>>,
    is_read_only: bool,
}

impl ProfileSession {
    pub(super) fn new(context: &AppContext, profile: Profile) -> Result<Self, OpsError> {
        let config = context.config();
        let around = (context.clock(), context.secrets());
        let (client, tokens) = sign_in_of((context.paths(), &config), &profile, around)?;
        Ok(Self {
            profile,
            client,
            tokens,
            ledger: context.ledger().clone(),
            clock: context.clock().clone(),
            operator: context.operator().to_owned(),
            limits: limits(&config),
            checked: tokio::sync::Mutex::default(),
            is_read_only: context.is_read_only(),
        })
    }

    /// Whether anything may be sent with this profile, from this ledger.
    ///
    /// # Errors
    /// The answer that a send would get.
    pub fn may_send(&self) -> Result<(), OpsError> {
        self.ledger.may_send()?;
        self.may_change()
    }

    /// Whether this session may change anything on a server, whatever the profile says.
    ///
    /// # Errors
    /// [`OpsError::ReadOnlyProfile`].
    pub fn is_writing_session(&self) -> Result<(), OpsError> {
        if self.is_read_only {
            return Err(OpsError::ReadOnlyProfile {
                profile: self.profile.name.to_string(),
                is_session: true,
            });
        }
        Ok(())
    }

    /// Whether the way to the server is known: never past a proxy that somebody named.
    ///
    /// # Errors
    /// [`OpsError::Proxy`].
    pub fn knows_way(&self) -> Result<(), OpsError> {
        let name = self.client.endpoints().unreadable_proxy();
        name.map_or(Ok(()), |name| Err(OpsError::Proxy(name)))
    }

    /// Whether anything may be changed on the server with this profile.
    ///
    /// # Errors
    /// [`OpsError::ReadOnlyProfile`] and [`OpsError::Proxy`].
    pub fn may_change(&self) -> Result<(), OpsError> {
        self.knows_way()?;
        self.is_writing_session()?;
        if self.profile.read_only {
            return Err(OpsError::ReadOnlyProfile {
                profile: self.profile.name.to_string(),
                is_session: false,
            });
        }
        Ok(())
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Its HTTP client.
    pub fn client(&self) -> &ZohoClient {
        &self.client
    }

    /// Its tokens.
    pub fn tokens(&self) -> &TokenSource {
        &self.tokens
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The token that was checked last. Whoever has it is the only one who asks.
    pub(super) async fn checked(&self) -> tokio::sync::MutexGuard<'_, Option<(String, ScopeKey)>> {
        self.checked.lock().await
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Who works here.
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// Whether a configuration gives each profile the limit that it had when this session was made.
    pub(super) fn has_limits_of(&self, config: &Config) -> bool {
        self.limits == limits(config)
    }

    /// The limit that the configuration gives a profile.
    pub(super) fn limit_of(&self, profile: &str) -> Option<u64> {
        self.limits.get(profile).copied()
    }

    /// Whose units the profile spends: the organisation's once it is known. Profiles of which it is not
    /// known share their units with all of the same client.
    ///
    /// # Errors
    /// When what is known of the tokens cannot be read.
    pub async fn scope(&self) -> Result<ScopeKey, OpsError> {
        let profile = &self.profile;
        let place = (profile.data_center, profile.environment);
        Ok(match self.reached().await?.org_id {
            Some(org) => ScopeKey::of_org(place.0, place.1, &org),
            None => ScopeKey::of_client(place.0, place.1, &profile.client_id),
        })
    }

    /// The organisation and the user that the tokens of this user reach, as far as they are known; what
    /// version 0.1 kept in the ledger, where nothing was kept beside them yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn reached(&self) -> Result<Reached, OpsError> {
        let mut reached = self.tokens.reached()?;
        if let Some(org) = &self.profile.org_id {
            // What the configuration says settles it.
            if reached.org_id.as_ref() != Some(org) {
                reached = Reached {
                    org_id: Some(org.clone()),
                    ..Reached::default()
                };
            }
            return Ok(reached);
        }
        if reached != Reached::default() {
            return Ok(reached);
        }
        Ok(self
            .ledger
            .pinned(self.profile.name.clone())
            .await?
            .map(|pin| Reached {
                org_id: pin.org_id,
                org_name: pin.org_name,
                edition: pin.edition,
                user_id: pin.user_id,
                user_name: pin.user_name,
            })
            .unwrap_or_default())
    }
}

/// The limit of each profile.
fn limits(config: &Config) -> BTreeMap<String, u64> {
    let profiles = config.profiles.iter();
    profiles
        .map(|profile| (profile.name.to_string(), profile.limit))
        .collect()
}

/// A configuration names programs that are run, files and variables that are read, and where what they
/// hold and the tokens are sent: nobody else may have had a hand on what was read.
fn check_orders(config: &Config) -> Result<(), OpsError> {
    config.distrust.as_ref().map_or(Ok(()), |distrust| {
        Err(OpsError::Auth(AuthError::Unsafe {
            path: distrust.path.clone(),
            why: distrust.why.clone(),
            fix: distrust.mend(),
        }))
    })
}

/// The client and the tokens of a profile, without a ledger. Nothing is read or connected yet.
///
/// # Errors
/// When others may have written the configuration, or a host is neither the data centre's own nor this
/// machine.
pub(super) fn sign_in_of(
    (paths, config): (&Paths, &Config),
    profile: &Profile,
    (clock, known): (&Arc<dyn Clock>, &KnownSecrets),
) -> Result<(ZohoClient, TokenSource), OpsError> {
    check_orders(config)?;
    let endpoints = Endpoints::new(
        (profile.data_center, profile.environment),
        profile.api_base().clone(),
        profile.accounts_base().clone(),
        profile.api_version.clone(),
    )?;
    let client = ZohoClient::new(endpoints, clock.clone(), known.clone());
    let secrets = SecretReader::new(
        std::env::vars_os().collect(),
        config
            .profiles
            .iter()
            .filter_map(|profile| profile.client_secret.as_ref()),
        known.clone(),
    );
    let tokens = TokenSource::new(
        Account {
            profile: profile.name.clone(),
            client_id: profile.client_id.clone(),
            client_secret: profile.client_secret.clone(),
            accounts_base: profile.accounts_base().clone(),
            api_base: profile.api_base().clone(),
        },
        CredentialStore::new(&paths.credentials_dir),
        Arc::new(ZohoTokens::new(client.clone())),
        clock.clone(),
        secrets,
    );
    Ok((client, tokens))
}
