//! Setup: what a profile is, what it may do, and changing it.

use super::convert::{failure, profiles};
use crate::auth::Logout;
use crate::base::{ModuleName, ProfileName};
use crate::config::ConfigEdit;
use crate::ops::configure::{Applied, Plan, apply, plan, whole_configurations};
use crate::ops::doctor::{Places, local, missing, server};
use crate::ops::{Deck, OpsError, setup};
use crate::tui::data::profile::Profiles;
use crate::tui::effects::{Freshness, Login, SetupAsk};
use crate::tui::model::{Failure, Level};
use crate::tui::msg::{Overview, SetupMsg, Told};

pub(super) async fn answer(deck: &Deck, ask: SetupAsk) -> SetupMsg {
    match ask {
        SetupAsk::Load {
            ticket,
            profile,
            freshness,
        } => SetupMsg::Sheet {
            ticket,
            result: told(overview(deck, &profile, freshness).await.map(Box::new)),
        },
        SetupAsk::Plan {
            profile,
            kind,
            module,
            edit,
        } => {
            let planned = async {
                let desk = deck.desk(Some(&profile))?;
                plan(&desk, (kind, &module), &edit).await
            };
            SetupMsg::Planned {
                result: told(planned.await.map(Box::new)),
                profile,
            }
        }
        SetupAsk::Apply { profile, plan } => SetupMsg::Done {
            result: told(change(deck, &profile, &plan).await),
            profiles: None,
        },
        SetupAsk::MakeDefault(profile) => {
            let done = make_default(deck, &profile);
            with_profiles(deck, done).await
        }
        SetupAsk::Remove(profile) => {
            let done = remove(deck, &profile);
            with_profiles(deck, done).await
        }
        SetupAsk::SignOut(profile) => {
            let done = sign_out(deck, &profile).await;
            with_profiles(deck, done).await
        }
        SetupAsk::SignIn(login) => SetupMsg::SignedIn(told(sign_in(deck, login).await)),
    }
}

fn told<T>(result: Result<T, OpsError>) -> Result<T, Failure> {
    result.map_err(|error| failure(&error))
}

fn info(text: String) -> Told {
    let level = Level::Info;
    Told { level, text }
}

async fn with_profiles(deck: &Deck, done: Result<Told, OpsError>) -> SetupMsg {
    SetupMsg::Done {
        result: told(done),
        profiles: Some(profiles(deck, None).await),
    }
}

async fn overview(
    deck: &Deck,
    name: &ProfileName,
    freshness: Freshness,
) -> Result<Overview, OpsError> {
    let config = deck.config();
    let profile = config.profile(Some(name.as_str()))?;
    let desk = deck.desk(Some(name))?;
    let places = Places {
        paths: deck.paths(),
        config: &config,
        clock: deck.clock(),
    };
    let mut checks = local(places, profile).await;
    let mut configurations = None;
    if freshness == Freshness::Server {
        checks.extend(server(&desk).await);
        configurations = Some(told(whole_configurations(&desk).await));
    }
    let status = desk.tokens().status().map_err(|error| error.to_string());
    Ok(Overview {
        profile: name.clone(),
        is_default: config.profile(None).is_ok_and(|found| found.name == *name),
        limit: profile.limit,
        reserve: profile.reserve,
        sign_in: status,
        reached: desk.reached().await?,
        checks,
        configurations,
    })
}

async fn change(deck: &Deck, profile: &ProfileName, plan: &Plan) -> Result<Told, OpsError> {
    let desk = deck.desk(Some(profile))?;
    let Applied { message, .. } = apply(&desk, plan).await?;
    let module: &ModuleName = &plan.module;
    Ok(info(format!(
        "the configuration of {module} is changed: {message}"
    )))
}

fn make_default(deck: &Deck, name: &ProfileName) -> Result<Told, OpsError> {
    let edit = ConfigEdit::open(deck.paths())?;
    deck.set_config(edit.set_default_profile(name.as_str())?.save()?);
    Ok(info(format!("{name} is the default now")))
}

fn remove(deck: &Deck, name: &ProfileName) -> Result<Told, OpsError> {
    let edit = ConfigEdit::open(deck.paths())?;
    deck.set_config(edit.remove_profile(name.as_str())?.save()?);
    Ok(info(format!(
        "{name} is removed; its log stays in the ledger"
    )))
}

async fn sign_out(deck: &Deck, name: &ProfileName) -> Result<Told, OpsError> {
    let desk = deck.desk(Some(name))?;
    Ok(match desk.tokens().logout().await? {
        Logout::NotSignedIn => info(format!("{name} was not signed in")),
        Logout::Revoked => info(format!("{name} is signed out; the tokens are revoked")),
        Logout::RemovedOnly { reason } => Told {
            level: Level::Warning,
            text: format!(
                "the tokens of {name} are removed here, but Zoho could not be told: {reason}"
            ),
        },
    })
}

/// Exchanges the code and pins the profile to what answers: a person has said that it is right.
async fn sign_in(deck: &Deck, login: Login) -> Result<(Told, Profiles), OpsError> {
    let name = login.profile;
    let desk = deck.desk(Some(&name))?;
    let status = desk.tokens().login(&login.code).await?;
    let missing = missing(status.scope.as_deref(), &desk.profile().scopes);
    let mut notes = Vec::new();
    let whose = match setup::pin(&desk).await {
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
        info(text)
    } else {
        Told {
            level: Level::Warning,
            text: format!("{text}; {}", notes.join("; ")),
        }
    };
    Ok((told, profiles(deck, None).await))
}
