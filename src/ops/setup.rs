//! What is set up: modules, configurations, the organisation behind the token. All of it is found
//! out before it costs a unit.

use super::configure::of_module;
use super::desk::Desk;
use super::error::OpsError;
use crate::auth::{AccessToken, Reached, mark};
use crate::base::EnrichmentKind;
use crate::base::ErrorCode;
use crate::enrichment::Known;
use crate::enrichment::validate::Configuration;
use crate::ledger::ScopeKey;
use crate::wire::settings::{EnrichmentConfiguration, Module, Organisation, User};
use crate::zoho::ZohoError;

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
/// When there is no token or the organisation is not told. A scope that does not allow the question is
/// no error.
pub async fn identity(desk: &Desk) -> Result<Identity, OpsError> {
    let organisation = organisation(desk).await?;
    // Who it is matters less: it is asked again with the next token.
    let user = user(desk).await.ok().flatten();
    Ok(Identity { organisation, user })
}

/// Asks which user the token is; `None` where the scope does not allow it.
///
/// # Errors
/// As [`identity`].
pub async fn user(desk: &Desk) -> Result<Option<User>, OpsError> {
    may_ask(
        desk.ask(|token| async move { desk.client().user(&token).await })
            .await,
    )
}

/// Keeps whose organisation the token reaches, at sign-in: a person's word that this organisation is the
/// right one. From then on another one is refused. A grant that may not see the organisation leaves
/// the one that is known.
///
/// # Errors
/// As [`identity`], or when it cannot be kept.
pub async fn pin(desk: &Desk) -> Result<Identity, OpsError> {
    let found = identity(desk).await?;
    let before = desk.reached().await?;
    if let (Some(now), Some(_)) = (&found.organisation, &desk.profile().org_id) {
        refuse_other(desk, &before, now)?;
    }
    let is_same = match (&found.organisation, &before.org_id) {
        (Some(now), Some(before)) => now.id == *before,
        _ => true,
    };
    let known = if is_same { before } else { Reached::default() };
    keep(
        desk,
        known,
        (found.organisation.as_ref(), found.user.as_ref()),
    )
    .await?;
    Ok(found)
}

/// Keeps what a token reaches. Names and editions change; ids that were learned later are added.
async fn keep(
    desk: &Desk,
    known: Reached,
    (organisation, user): (Option<&Organisation>, Option<&User>),
) -> Result<(), OpsError> {
    let reached = Reached {
        org_id: organisation.map(|org| org.id.clone()).or(known.org_id),
        org_name: organisation.map(|org| org.name.clone()).or(known.org_name),
        edition: organisation
            .and_then(|org| org.edition.clone())
            .or(known.edition),
        user_id: user.map(|user| user.id.clone()).or(known.user_id),
        user_name: user.map(|user| user.name.clone()).or(known.user_name),
    };
    if organisation.is_some() {
        let token = desk.tokens().access_token().await?;
        desk.tokens().keep_reached(reached, &token).await?;
    } else {
        desk.tokens().keep_silent(reached).await?;
    }
    move_scopes(desk).await
}

/// What was sent before the organisation was known belongs to it now, and what version 0.1 counted by
/// the profile's name. Another process may have been on its way to send at that very moment, so this is
/// looked at again whenever the organisation is asked for.
async fn move_scopes(desk: &Desk) -> Result<(), OpsError> {
    let profile = desk.profile();
    let place = (profile.data_center, profile.environment);
    let now = desk.scope().await?;
    for before in [
        ScopeKey::of_profile(place.0, place.1, &profile.name),
        ScopeKey::of_client(place.0, place.1, &profile.client_id),
    ] {
        if before != now {
            desk.ledger().rename_scope(before, now.clone()).await?;
        }
    }
    Ok(())
}

/// A token to send with, and whose units it spends: whose organisation it reaches was asked for once, and
/// is the one that the profile has.
///
/// # Errors
/// [`OpsError::OtherOrganisation`] when it is another one, [`OpsError::OrganisationNotTold`] when
/// nobody answers: then nothing may be sent. A grant that may not ask is no error.
pub(super) async fn sending(desk: &Desk) -> Result<(AccessToken, ScopeKey), OpsError> {
    let mut checked = desk.checked().await;
    let token = desk.tokens().access_token().await?;
    if let Some((known, scope)) = checked.as_ref()
        && *known == mark(token.secret())
    {
        return Ok((token, scope.clone()));
    }
    let token = if desk.tokens().is_checked(&token)? {
        token
    } else {
        ask_first(desk).await?
    };
    let scope = desk.scope().await?;
    *checked = Some((mark(token.secret()), scope.clone()));
    Ok((token, scope))
}

async fn ask_first(desk: &Desk) -> Result<AccessToken, OpsError> {
    match check_pin(desk).await {
        // The question may have got a newer token.
        Ok(_) => Ok(desk.tokens().access_token().await?),
        Err(
            error @ (OpsError::OtherOrganisation { .. } | OpsError::Auth(_) | OpsError::Ledger(_)),
        ) => Err(error),
        Err(source) if source.exit_code() == 4 => Err(source),
        Err(source) => Err(OpsError::OrganisationNotTold {
            profile: desk.profile().name.to_string(),
            source: Box::new(source),
        }),
    }
}

/// Asks again which organisation the token reaches, and compares it with the one that the profile has.
/// Where none is known, it is kept now.
///
/// # Errors
/// [`OpsError::OtherOrganisation`] when it is another organisation.
pub async fn check_pin(desk: &Desk) -> Result<Option<Organisation>, OpsError> {
    let now = organisation(desk).await?;
    let known = desk.reached().await?;
    let Some(now) = now else {
        keep(desk, known, (None, None)).await?;
        return Ok(None);
    };
    refuse_other(desk, &known, &now)?;
    // Who it is matters less: it is asked again with the next token.
    let user = if known.user_id.is_none() {
        user(desk).await.ok().flatten()
    } else {
        None
    };
    keep(desk, known, (Some(&now), user.as_ref())).await?;
    Ok(Some(now))
}

async fn organisation(desk: &Desk) -> Result<Option<Organisation>, OpsError> {
    may_ask(
        desk.ask(|token| async move { desk.client().organisation(&token).await })
            .await,
    )
}

fn refuse_other(desk: &Desk, known: &Reached, now: &Organisation) -> Result<(), OpsError> {
    let Some(before) = known.org_id.as_ref().filter(|before| **before != now.id) else {
        return Ok(());
    };
    let name = known.org_name.as_deref();
    Err(OpsError::OtherOrganisation {
        profile: desk.profile().name.to_string(),
        before: match name {
            Some(name) => format!("{name} ({before})"),
            None => format!("organisation {before}"),
        },
        now: format!("{} ({})", now.name, now.id),
    })
}

/// What a grant may not ask is no error; anything else that the server says instead of an answer is.
fn may_ask<T>(answer: Result<T, OpsError>) -> Result<Option<T>, OpsError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(OpsError::Zoho(ZohoError::Refused {
            code:
                Some(
                    ErrorCode::OauthScopeMismatch
                    | ErrorCode::NoPermission
                    | ErrorCode::AuthorizationFailed,
                ),
            ..
        })) => Ok(None),
        Err(error) => Err(error),
    }
}
