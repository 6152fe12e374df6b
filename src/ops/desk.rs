//! One profile at work: its client, its tokens, its part of the ledger.

use std::sync::Arc;

use super::deck::Deck;
use super::error::OpsError;
use crate::auth::{Account, CredentialStore, SecretReader, TokenSource};
use crate::base::{Clock, Secret};
use crate::config::{Config, Paths, Profile};
use crate::ledger::{Ledger, ScopeKey};
use crate::zoho::token::ZohoTokens;
use crate::zoho::{Endpoints, ZohoClient, ZohoError};

/// What the use cases of one profile share.
pub struct Desk {
    profile: Profile,
    client: ZohoClient,
    tokens: TokenSource,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    operator: String,
}

impl Desk {
    pub(super) fn new(deck: &Deck, profile: Profile) -> Result<Self, OpsError> {
        let (client, tokens) = sign_in_of((deck.paths(), &deck.config()), &profile, deck.clock())?;
        Ok(Self {
            profile,
            client,
            tokens,
            ledger: deck.ledger().clone(),
            clock: deck.clock().clone(),
            operator: deck.operator().to_owned(),
        })
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

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Who works here.
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// Whose units the profile spends: the organisation's once it is known.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn scope(&self) -> Result<ScopeKey, OpsError> {
        let profile = &self.profile;
        let pin = self.ledger.pinned(profile.name.clone()).await?;
        Ok(match pin.and_then(|pin| pin.org_id) {
            Some(org) => ScopeKey::of_org(profile.data_center, profile.environment, &org),
            None => ScopeKey::of_profile(profile.data_center, profile.environment, &profile.name),
        })
    }

    /// Asks a question with a token; if the token is refused, once more with a fresh one.
    ///
    /// # Errors
    /// When there is no token, or the question fails.
    pub async fn ask<T, F>(&self, question: impl Fn(Secret) -> F) -> Result<T, OpsError>
    where
        F: Future<Output = Result<T, ZohoError>>,
    {
        let token = self.tokens.access_token().await?;
        match question(token.secret().clone()).await {
            Err(error) if error.is_token_refused() => {
                self.tokens.invalidate(&token).await;
                let fresh = self.tokens.access_token().await?;
                Ok(question(fresh.secret().clone()).await?)
            }
            other => Ok(other?),
        }
    }
}

/// The client and the tokens of a profile, without a ledger. Nothing is read or connected yet.
///
/// # Errors
/// When a host is neither the data centre's own nor this machine.
pub(super) fn sign_in_of(
    (paths, config): (&Paths, &Config),
    profile: &Profile,
    clock: &Arc<dyn Clock>,
) -> Result<(ZohoClient, TokenSource), OpsError> {
    let endpoints = Endpoints::new(
        (profile.data_center, profile.environment),
        profile.api_base().clone(),
        profile.accounts_base().clone(),
        profile.api_version.clone(),
    )?;
    let client = ZohoClient::new(endpoints, clock.clone());
    let secrets = SecretReader::new(
        std::env::vars_os().collect(),
        config
            .profiles
            .iter()
            .filter_map(|profile| profile.client_secret.as_ref()),
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
