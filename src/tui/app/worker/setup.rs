//! Setup: what a profile is, what it may do, and changing it.

use super::{At, profiles};
use crate::auth::Logout;
use crate::base::{ProfileName, RecordId, Scope};
use crate::config::ConfigEdit;
use crate::ops::configure::{Applied, Plan, apply, plan, whole_configurations};
use crate::ops::doctor::{Places, local, server};
use crate::ops::setup::{self, Configured};
use crate::ops::{AppContext, OpsError};
use crate::tui::app::notice::{Failure, Notice};
use crate::tui::app::op::{ChangeOf, Changed, Freshness};
use crate::tui::data::setup::Overview;

/// Writes the theme into the configuration; says so where that changed anything.
pub(crate) async fn keep_theme(at: At<'_>, name: String) -> Result<Option<Notice>, OpsError> {
    let context = at.context;
    if context.config().theme == name {
        return Ok(None);
    }
    let kept = ConfigEdit::open(context.paths()).and_then(|edit| edit.set_theme(&name).save());
    Ok(Some(match kept {
        Ok(config) => {
            context.set_config(config);
            let file = context.paths().config_file.display();
            Notice::info(format!("{name} is the theme now, also in {file}"))
        }
        Err(error) => Notice::warning(format!("{name} is the theme until you leave: {error}")),
    }))
}

pub(crate) async fn modules(at: At<'_>, scope: Scope) -> Result<Vec<String>, OpsError> {
    let found = setup::modules(&*at.session(&scope.profile)?, scope.kind).await?;
    Ok(found.into_iter().map(|module| module.api_name).collect())
}

pub(crate) async fn configuration(
    at: At<'_>,
    scope: Scope,
    module: String,
    record: Option<RecordId>,
) -> Result<Configured, OpsError> {
    let session = at.session(&scope.profile)?;
    setup::configured(&session, (scope.kind, &module), record.as_ref()).await
}

/// What was told, with all profiles as they are now.
pub(super) async fn with_profiles(context: &AppContext, told: Notice) -> Changed {
    Changed {
        told,
        profiles: Some(profiles::all(context, None).await),
    }
}

pub(crate) async fn renew(at: At<'_>, name: ProfileName) -> Result<Changed, OpsError> {
    at.session(&name)?.tokens().refresh().await?;
    Ok(Changed {
        told: Notice::info(format!("{name} has a fresh access token")),
        profiles: Some(profiles::all(at.context, Some(name)).await),
    })
}

pub(crate) async fn planned(at: At<'_>, of: ChangeOf) -> Result<Plan, OpsError> {
    let session = at.session(&of.scope.profile)?;
    plan(&session, (of.scope.kind, &of.module), &of.edit).await
}

pub(crate) async fn overview(
    at: At<'_>,
    name: ProfileName,
    from: Freshness,
) -> Result<Overview, OpsError> {
    let (context, session) = (at.context, at.session(&name)?);
    let config = context.config();
    let profile = config.profile(Some(name.as_str()))?;
    let places = Places {
        paths: context.paths(),
        config: &config,
        clock: context.clock(),
    };
    let mut checks = local(places, profile).await;
    let mut configurations = None;
    if from == Freshness::Server {
        checks.extend(server(&session).await);
        let found = whole_configurations(&session).await;
        configurations = Some(found.map_err(|error| Failure::of(&error)));
    }
    let status = session.tokens().status().map_err(|error| error.to_string());
    Ok(Overview {
        is_default: config.profile(None).is_ok_and(|found| found.name == name),
        profile: name,
        limit: profile.limit,
        reserve: profile.reserve,
        sign_in: status,
        reached: session.reached().await?,
        checks,
        configurations,
    })
}

pub(crate) async fn change(
    at: At<'_>,
    profile: ProfileName,
    plan: Plan,
) -> Result<Changed, OpsError> {
    let Applied { message, .. } = apply(&*at.session(&profile)?, &plan).await?;
    let module = &plan.module;
    Ok(Changed {
        told: Notice::info(format!(
            "the configuration of {module} is changed: {message}"
        )),
        profiles: None,
    })
}

pub(crate) async fn make_default(at: At<'_>, name: ProfileName) -> Result<Changed, OpsError> {
    let edit = ConfigEdit::open(at.context.paths())?;
    at.context
        .set_config(edit.set_default_profile(name.as_str())?.save()?);
    let told = Notice::info(format!("{name} is the default now"));
    Ok(with_profiles(at.context, told).await)
}

pub(crate) async fn remove(at: At<'_>, name: ProfileName) -> Result<Changed, OpsError> {
    let edit = ConfigEdit::open(at.context.paths())?;
    at.context
        .set_config(edit.remove_profile(name.as_str())?.save()?);
    let told = Notice::info(format!("{name} is removed; its log stays in the ledger"));
    Ok(with_profiles(at.context, told).await)
}

pub(crate) async fn sign_out(at: At<'_>, name: ProfileName) -> Result<Changed, OpsError> {
    let session = at.session(&name)?;
    let told = match session.tokens().logout().await? {
        Logout::NotSignedIn => Notice::info(format!("{name} was not signed in")),
        Logout::Revoked => Notice::info(format!("{name} is signed out; the tokens are revoked")),
        Logout::RemovedOnly { reason } => Notice::warning(format!(
            "the tokens of {name} are removed here, but Zoho could not be told: {reason}"
        )),
    };
    Ok(with_profiles(at.context, told).await)
}
