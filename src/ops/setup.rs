//! What is set up: modules, configurations, the organisation behind the token. All of it is found
//! out before it costs a unit.

use super::configure::of_module;
use super::desk::Desk;
use super::error::OpsError;
use crate::base::EnrichmentKind;
use crate::enrichment::Known;
use crate::enrichment::validate::Configuration;
use crate::ledger::{Pin, PinWord, ScopeKey};
use crate::wire::settings::{EnrichmentConfiguration, Module, Organisation, User};

/// The modules that the server offers for enrichment.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn modules(desk: &Desk, kind: EnrichmentKind) -> Result<Vec<Module>, OpsError> {
    desk.ask(|token| async move { desk.client().modules(kind, &token).await })
        .await
}

/// The organisation's enrichment configurations.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn configurations(desk: &Desk) -> Result<Vec<EnrichmentConfiguration>, OpsError> {
    desk.ask(|token| async move { desk.client().configurations(&token).await })
        .await
}

/// The word of a configuration's `type` for a kind (C7).
pub fn configuration_type(kind: EnrichmentKind) -> &'static str {
    match kind {
        EnrichmentKind::People => "personal",
        EnrichmentKind::Org => "organization",
    }
}

/// What is known about a module, for the local checks. What cannot be asked stays unknown: local
/// checks advise, and a scope that is not there is no reason to refuse anything.
pub async fn known(desk: &Desk, kind: EnrichmentKind, module: &str) -> Known {
    let modules = modules(desk, kind)
        .await
        .ok()
        .map(|all| all.into_iter().map(|module| module.api_name).collect());
    let configuration = configurations(desk)
        .await
        .ok()
        .map(|all| judge(&all, kind, module));
    Known {
        modules,
        configuration,
    }
}

/// What the configurations mean for a module.
pub fn judge(all: &[EnrichmentConfiguration], kind: EnrichmentKind, module: &str) -> Configuration {
    of_module(all, kind, module).map_or(Configuration::Missing, EnrichmentConfiguration::judge)
}

/// Who a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The organisation, where the scope allows to ask.
    pub organisation: Option<Organisation>,
    /// The user, where the scope allows to ask.
    pub user: Option<User>,
}

/// Asks who the token is and which organisation it reaches.
///
/// # Errors
/// When there is no token or no connection. A scope that does not allow the question is no error.
pub async fn identity(desk: &Desk) -> Result<Identity, OpsError> {
    let organisation = allowed(
        desk.ask(|token| async move { desk.client().organisation(&token).await })
            .await,
    )?;
    let user = user(desk).await?;
    Ok(Identity { organisation, user })
}

/// Asks which user the token is; `None` where the scope does not allow it.
///
/// # Errors
/// As [`identity`].
pub async fn user(desk: &Desk) -> Result<Option<User>, OpsError> {
    allowed(
        desk.ask(|token| async move { desk.client().user(&token).await })
            .await,
    )
}

fn allowed<T>(answer: Result<T, OpsError>) -> Result<Option<T>, OpsError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(OpsError::Zoho(error @ crate::zoho::ZohoError::Refused { .. }))
            if !error.is_token_refused() =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Pins the profile to the organisation and the user behind its token, at sign-in: a person's word
/// that this organisation is the right one. From then on [`check_pin`] refuses another one. A grant
/// that may not see the organisation leaves the one that is known.
///
/// # Errors
/// As [`identity`], or when the ledger cannot be written.
pub async fn pin(desk: &Desk) -> Result<Identity, OpsError> {
    pin_by(desk, PinWord::SignedIn).await
}

async fn pin_by(desk: &Desk, word: PinWord) -> Result<Identity, OpsError> {
    let found = identity(desk).await?;
    let profile = desk.profile();
    let (organisation, user) = (found.organisation.as_ref(), found.user.as_ref());
    let pin = Pin {
        org_id: organisation.map(|org| org.id.clone()),
        org_name: organisation.map(|org| org.name.clone()),
        edition: organisation.and_then(|org| org.edition.clone()),
        user_id: user.map(|user| user.id.clone()),
        user_name: user.map(|user| user.name.clone()),
    };
    let place = (profile.data_center, profile.environment);
    let ledger = desk.ledger();
    ledger
        .pin_organisation(profile.name.clone(), pin, place, word)
        .await?;
    Ok(found)
}

/// What was sent before the organisation was known belongs to it now. Another process may have been
/// on its way to send at that very moment, so this is looked at again whenever the pin is checked.
async fn move_scope(desk: &Desk) -> Result<(), OpsError> {
    let profile = desk.profile();
    let unpinned = ScopeKey::of_profile(profile.data_center, profile.environment, &profile.name);
    let now = desk.scope().await?;
    if now != unpinned {
        desk.ledger().rename_scope(unpinned, now).await?;
    }
    Ok(())
}

/// Asks again which organisation the token reaches, and compares it with the pin. A profile that
/// was never pinned, because nobody could be asked at sign-in, is pinned now.
///
/// # Errors
/// [`OpsError::OtherOrganisation`] when it is another organisation.
pub async fn check_pin(desk: &Desk) -> Result<Option<Organisation>, OpsError> {
    let now = allowed(
        desk.ask(|token| async move { desk.client().organisation(&token).await })
            .await,
    )?;
    let Some(now) = now else {
        return Ok(None);
    };
    let pinned = desk.ledger().pinned(desk.profile().name.clone()).await?;
    let pinned = pinned.and_then(|pin| Some((pin.org_id?, pin.org_name)));
    match pinned {
        None => Ok(pin_by(desk, PinWord::Seen).await?.organisation),
        Some((before, _)) if before == now.id => {
            move_scope(desk).await?;
            Ok(Some(now))
        }
        Some((before, name)) => Err(OpsError::OtherOrganisation {
            profile: desk.profile().name.to_string(),
            before: format!("{} ({before})", name.unwrap_or_default()),
            now: format!("{} ({})", now.name, now.id),
        }),
    }
}
