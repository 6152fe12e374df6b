//! The profiles with their state, and the demo, which is one.

use super::{At, last};
use crate::auth::Reached;
use crate::base::{ProfileName, Timestamp};
use crate::config::Profile;
use crate::ledger::{Access, LogQuery, Trust};
use crate::ops::{AppContext, OpsError};
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::Notice;
use crate::tui::data::profile::{ProfileFigures, ProfileState, Profiles, Server};
use crate::tui::demo::{Demo, DemoOptions};

/// What opening the ledger found that a person should know before anything is sent, and all
/// profiles.
pub(crate) async fn load(at: At<'_>) -> Result<Profiles, OpsError> {
    let At {
        shared, context, ..
    } = at;
    shared.answer(Msg::Ledger(trouble_of(context).await)).await;
    let recovered = context.opened().recovered;
    if recovered > 0 && shared.is_first_time() {
        let text = format!(
            "{recovered} on the way when an earlier session ended: unknown now, reconcile settles it"
        );
        shared.answer(Msg::Notice(Notice::warning(text))).await;
    }
    let start_with = shared.start_with.clone().or_else(|| last::profile(context));
    Ok(all(context, start_with).await)
}

pub(crate) async fn start_demo(at: At<'_>) -> Result<Profiles, OpsError> {
    let demo = Demo::start(DemoOptions::default()).await?;
    at.shared.play(demo);
    Ok(all(&at.shared.context(), None).await)
}

/// Why nothing can be sent from the ledger, after a new look.
pub(super) async fn trouble_of(context: &AppContext) -> Option<String> {
    let ledger = context.ledger();
    match (&context.opened().access, ledger.look_at_trust().await) {
        (Access::ReadOnly(reason), _) => Some(format!("read only, {reason}")),
        (Access::Full, Trust::Trusted) => None,
        // What is wrong with a key says what to do.
        (Access::Full, Trust::Doubtful(reason)) if ledger.key_trouble().is_some() => {
            Some(format!("in doubt: {reason}"))
        }
        (Access::Full, Trust::Doubtful(reason)) => {
            Some(format!("in doubt (ziadeck ledger check --trust): {reason}"))
        }
    }
}

/// All profiles with their state.
pub(super) async fn all(context: &AppContext, start_with: Option<ProfileName>) -> Profiles {
    let config = context.config();
    let now = context.clock().now();
    let mut list = Vec::new();
    for profile in &config.profiles {
        let reached = match context.session(Some(&profile.name)) {
            Ok(session) => session.reached().await.unwrap_or_default(),
            Err(_) => Reached::default(),
        };
        list.push(figures(context, profile, reached, now));
    }
    let start_with = start_with.or_else(|| config.profile(None).ok().map(|p| p.name.clone()));
    Profiles {
        list,
        start_with,
        last_sent: last_sent(context).await,
    }
}

/// The profile that this user sent with last; where that cannot be read, a send is asked about.
async fn last_sent(context: &AppContext) -> Option<ProfileName> {
    let query = LogQuery {
        operator: Some(context.operator().to_owned()),
        rows: 1,
        ..LogQuery::default()
    };
    let page = context.ledger().page(query).await.ok()?;
    page.rows.into_iter().next().map(|row| row.profile)
}

fn figures(
    context: &AppContext,
    profile: &Profile,
    reached: Reached,
    now: Timestamp,
) -> ProfileFigures {
    let status = context
        .session(Some(&profile.name))
        .ok()
        .and_then(|session| session.tokens().status().ok());
    let token_until = status.as_ref().and_then(|status| status.access_expires_at);
    let state = match &status {
        Some(status) if status.is_signed_in => match token_until {
            Some(until) if until > now => ProfileState::Ready,
            _ => ProfileState::TokenExpired,
        },
        _ => ProfileState::NotSetUp,
    };
    ProfileFigures {
        name: profile.name.clone(),
        data_center: profile.data_center,
        environment: profile.environment,
        api_version: profile.api_version.clone(),
        state,
        organisation: reached.org_name.or(reached.org_id),
        token_until,
        server: if profile.is_loopback() {
            Server::Simulated
        } else {
            Server::Zoho
        },
        default_module: profile
            .default_module
            .as_ref()
            .map(|module| module.as_str().to_owned()),
        scopes: profile.scopes.join(","),
        confirm: profile.confirm,
        is_read_only: profile.read_only || context.is_read_only(),
    }
}
