//! Setup: what a profile is, what it may do, and changing it.

use super::convert::{failure, profiles};
use crate::auth::Logout;
use crate::base::ProfileName;
use crate::config::ConfigEdit;
use crate::ops::configure::{Applied, Plan, apply, plan, whole_configurations};
use crate::ops::doctor::{Places, local, missing, server};
use crate::ops::{AppContext, OpsError, setup};
use crate::tui::app::notice::Notice;
use crate::tui::app::op::{ChangeOf, Changed, Freshness, Login, SeenChange, SetupOf};
use crate::tui::data::setup::Overview;

/// What was told, with all profiles as they are now.
async fn with_profiles(context: &AppContext, told: Notice) -> Changed {
    Changed {
        told,
        profiles: Some(profiles(context, None).await),
    }
}

pub(super) async fn renew(context: &AppContext, name: ProfileName) -> Result<Changed, OpsError> {
    let session = context.session(Some(&name))?;
    session.tokens().refresh().await?;
    Ok(Changed {
        told: Notice::info(format!("{name} has a fresh access token")),
        profiles: Some(profiles(context, Some(name)).await),
    })
}

pub(super) async fn planned(context: &AppContext, of: ChangeOf) -> Result<Plan, OpsError> {
    let session = context.session(Some(&of.scope.profile))?;
    plan(&session, (of.scope.kind, &of.module), &of.edit).await
}

pub(super) async fn overview(context: &AppContext, of: SetupOf) -> Result<Overview, OpsError> {
    let (name, freshness) = (&of.profile, of.from);
    let config = context.config();
    let profile = config.profile(Some(name.as_str()))?;
    let session = context.session(Some(name))?;
    let places = Places {
        paths: context.paths(),
        config: &config,
        clock: context.clock(),
    };
    let mut checks = local(places, profile).await;
    let mut configurations = None;
    if freshness == Freshness::Server {
        checks.extend(server(&session).await);
        let found = whole_configurations(&session).await;
        configurations = Some(found.map_err(|error| failure(&error)));
    }
    let status = session.tokens().status().map_err(|error| error.to_string());
    Ok(Overview {
        profile: name.clone(),
        is_default: config.profile(None).is_ok_and(|found| found.name == *name),
        limit: profile.limit,
        reserve: profile.reserve,
        sign_in: status,
        reached: session.reached().await?,
        checks,
        configurations,
    })
}

pub(super) async fn change(context: &AppContext, of: SeenChange) -> Result<Changed, OpsError> {
    let session = context.session(Some(&of.profile))?;
    let Applied { message, .. } = apply(&session, &of.plan).await?;
    let module = &of.plan.module;
    Ok(Changed {
        told: Notice::info(format!(
            "the configuration of {module} is changed: {message}"
        )),
        profiles: None,
    })
}

pub(super) async fn make_default(
    context: &AppContext,
    name: &ProfileName,
) -> Result<Changed, OpsError> {
    let edit = ConfigEdit::open(context.paths())?;
    context.set_config(edit.set_default_profile(name.as_str())?.save()?);
    let told = Notice::info(format!("{name} is the default now"));
    Ok(with_profiles(context, told).await)
}

pub(super) async fn remove(context: &AppContext, name: &ProfileName) -> Result<Changed, OpsError> {
    let edit = ConfigEdit::open(context.paths())?;
    context.set_config(edit.remove_profile(name.as_str())?.save()?);
    let told = Notice::info(format!("{name} is removed; its log stays in the ledger"));
    Ok(with_profiles(context, told).await)
}

pub(super) async fn sign_out(
    context: &AppContext,
    name: &ProfileName,
) -> Result<Changed, OpsError> {
    let session = context.session(Some(name))?;
    let told = match session.tokens().logout().await? {
        Logout::NotSignedIn => Notice::info(format!("{name} was not signed in")),
        Logout::Revoked => Notice::info(format!("{name} is signed out; the tokens are revoked")),
        Logout::RemovedOnly { reason } => Notice::warning(format!(
            "the tokens of {name} are removed here, but Zoho could not be told: {reason}"
        )),
    };
    Ok(with_profiles(context, told).await)
}

/// Exchanges the code and pins the profile to what answers: a person has said that it is right.
pub(super) async fn sign_in(context: &AppContext, login: Login) -> Result<Changed, OpsError> {
    let name = login.profile;
    let session = context.session(Some(&name))?;
    let status = session.tokens().login(&login.code).await?;
    let missing = missing(status.scope.as_deref(), &session.profile().scopes);
    let mut notes = Vec::new();
    let whose = match setup::pin(&session).await {
        Ok(found) => found
            .organisation
            .map_or_else(String::new, |org| format!(" to {}", org.name)),
        Err(error) => {
            notes.push(error.to_string());
            String::new()
        }
    };
    let missing = missing.unwrap_or_default();
    if !missing.is_empty() {
        let scopes = missing.iter();
        let scopes = scopes.map(|one| format!("{} ({})", one.scope, one.without));
        notes.push(format!(
            "missing scopes: {}",
            scopes.collect::<Vec<_>>().join(", ")
        ));
    }
    let text = format!("{name} is signed in{whose}");
    let told = if notes.is_empty() {
        Notice::info(text)
    } else {
        Notice::warning(format!("{text}; {}", notes.join("; ")))
    };
    Ok(with_profiles(context, told).await)
}
