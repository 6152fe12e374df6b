//! What is set up: modules, configurations, the organisation behind the token. All of it is found
//! out before it costs a unit.

use super::configure::{of_module, whole_configuration};
use super::error::OpsError;
use super::prefill::is_empty;
use super::reach::{keep, organisation, refuse_other, user};
use super::session::ProfileSession;
use crate::auth::Reached;
use crate::base::{EnrichmentKind, RecordId};
use crate::enrichment::Known;
use crate::enrichment::validate::Configuration;
use crate::wire::settings::{EnrichmentConfiguration, Module, Organisation, User};

/// The modules that the server offers for enrichment.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn modules(
    session: &ProfileSession,
    kind: EnrichmentKind,
) -> Result<Vec<Module>, OpsError> {
    session
        .ask(|token| async move { session.client().modules(kind, &token).await })
        .await
}

/// The organisation's enrichment configurations.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn configurations(
    session: &ProfileSession,
) -> Result<Vec<EnrichmentConfiguration>, OpsError> {
    session
        .ask(|token| async move { session.client().configurations(&token).await })
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
pub async fn known(session: &ProfileSession, kind: EnrichmentKind, module: &str) -> Known {
    let modules = modules(session, kind)
        .await
        .ok()
        .map(|all| all.into_iter().map(|module| module.api_name).collect());
    let configuration = configured(session, (kind, module), None).await.ok();
    let configuration = configuration.map(|found| found.configuration);
    Known {
        modules,
        configuration,
    }
}

/// What the configurations mean for a module.
pub fn judge(all: &[EnrichmentConfiguration], kind: EnrichmentKind, module: &str) -> Configuration {
    of_module(all, kind, module).map_or(Configuration::Missing, EnrichmentConfiguration::judge)
}

/// What a request for a module and a record would meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// What the configuration means, with the fields that it fills.
    pub configuration: Configuration,
    /// Of these fields those in which the record holds something now; `None` where no record was named, or
    /// it could not be read.
    pub held: Option<Vec<String>>,
}

/// What the configuration of a module means, and what a record holds where it would be filled.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn configured(
    session: &ProfileSession,
    (kind, module): (EnrichmentKind, &str),
    record: Option<&RecordId>,
) -> Result<Configured, OpsError> {
    let found = whole_configuration(session, (kind, module)).await?;
    let judged = found.as_ref().map(EnrichmentConfiguration::judge);
    let configuration = judged.unwrap_or(Configuration::Missing);
    let held = match (&configuration, record) {
        (Configuration::Active { fills, .. }, Some(id)) => held(session, (module, id), fills).await,
        _ => None,
    };
    Ok(Configured {
        configuration,
        held,
    })
}

/// In which of these fields a record holds something. Without the scope for records nobody knows.
async fn held(
    session: &ProfileSession,
    (module, id): (&str, &RecordId),
    fields: &[String],
) -> Option<Vec<String>> {
    let asked = session
        .ask(|token| async move { session.client().record(module, id.as_str(), &token).await });
    let record = asked.await.ok().flatten()?;
    let held = fields.iter().filter(|field| !is_empty(&record, field));
    Some(held.cloned().collect())
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
pub async fn identity(session: &ProfileSession) -> Result<Identity, OpsError> {
    let organisation = organisation(session).await?;
    // Who it is matters less: it is asked again with the next token.
    let user = user(session).await.ok().flatten();
    Ok(Identity { organisation, user })
}

/// Keeps whose organisation the token reaches, at sign-in: a person's word that this organisation is the
/// right one. From then on another one is refused. A grant that may not see the organisation leaves
/// the one that is known.
///
/// # Errors
/// As [`identity`], or when it cannot be kept.
pub async fn pin(session: &ProfileSession) -> Result<Identity, OpsError> {
    let found = identity(session).await?;
    let before = session.reached().await?;
    if let (Some(now), Some(_)) = (&found.organisation, &session.profile().org_id) {
        refuse_other(session, &before, now)?;
    }
    let is_same = match (&found.organisation, &before.org_id) {
        (Some(now), Some(before)) => now.id == *before,
        _ => true,
    };
    let known = if is_same { before } else { Reached::default() };
    keep(
        session,
        known,
        (found.organisation.as_ref(), found.user.as_ref()),
    )
    .await?;
    Ok(found)
}
