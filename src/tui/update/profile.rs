//! Switching between profiles. It keeps the draft and never sends.

use super::{compose, guide, log, pick};
use crate::base::{DataCenter, ProfileName};
use crate::tui::data::profile::{ProfileState, Profiles};
use crate::tui::effects::{Ask, Effect, Freshness};
use crate::tui::model::{Env, Level, Model};

/// Takes the profiles in; the first time, one is chosen.
pub(super) fn take(model: &mut Model, profiles: Profiles, env: &mut Env) -> Vec<Effect> {
    let start_with = profiles
        .start_with
        .or_else(|| profiles.list.first().map(|p| p.name.clone()));
    model.shared.last_sent = profiles.last_sent.or(model.shared.last_sent.take());
    model.shared.profiles = Some(profiles.list);
    super::refit(model);
    match (&model.shared.active, start_with) {
        (Some(active), _) if model.shared.profile().is_some_and(|p| &p.name == active) => {
            Vec::new()
        }
        (_, Some(name)) => switch(model, name, env),
        (_, None) => {
            model.shared.active = None;
            Vec::new()
        }
    }
}

/// Goes to a data centre: to its one profile, to a list of them, or to the set-up guide.
pub(super) fn go_to(model: &mut Model, data_center: DataCenter, env: &mut Env) -> Vec<Effect> {
    let there: Vec<ProfileName> = model
        .shared
        .profiles
        .iter()
        .flatten()
        .filter(|profile| profile.data_center == data_center)
        .map(|profile| profile.name.clone())
        .collect();
    match there.as_slice() {
        [] => {
            guide::open(model, data_center);
            Vec::new()
        }
        [only] => switch(model, only.clone(), env),
        several => {
            // The key goes round the data centre's profiles once one of them is on screen.
            let here = several
                .iter()
                .position(|name| Some(name) == model.shared.active.as_ref());
            match here {
                Some(index) => {
                    let next = several.get((index + 1) % several.len()).cloned();
                    next.map_or_else(Vec::new, |name| switch(model, name, env))
                }
                None => {
                    pick::profiles_of(model, data_center);
                    Vec::new()
                }
            }
        }
    }
}

/// Shows another profile.
pub(super) fn switch(model: &mut Model, name: ProfileName, env: &mut Env) -> Vec<Effect> {
    if model.shared.active.as_ref() == Some(&name) {
        return Vec::new();
    }
    let mut effects: Vec<Effect> = compose::keep_now(model)
        .into_iter()
        .map(Effect::Ask)
        .collect();
    let is_first = model.shared.active.is_none();
    model.shared.active = Some(name.clone());
    model.shared.usage = None;
    model.shared.is_usage_asked = false;
    model.compose.known = crate::enrichment::Known::default();
    model.compose.configuration_of = Default::default();
    model.compose.refused = None;
    let module = model
        .shared
        .profile()
        .and_then(|profile| profile.default_module.clone());
    if model.compose.module.is_empty()
        && let Some(module) = module
    {
        model.compose.module.set(&module);
    }
    model.compose.check();
    // What the ledger has of the person is another profile's answer until it is asked again.
    compose::look_soon(model, env);
    if model.log.filter.profile.is_some() || model.log.lines.is_empty() {
        model.log.filter.profile = Some(name.clone());
    }
    model.log.clear();
    model.detail.want(None);
    super::refit(model);
    // The first frame waits for the log alone, so nothing else may be asked before it.
    effects.extend(log::reload(model, env));
    if is_first {
        let profile = name.clone();
        effects.push(Effect::Ask(Ask::LoadDraft { profile }));
    }
    effects.push(Effect::Ask(Ask::UseProfile(name)));
    effects.extend(ask_kind(model));
    effects.extend(compose::ask_configuration(model));
    if let Some(text) = warning(model) {
        model.shared.say(Level::Warning, text, env.uptime);
    }
    effects
}

/// Asks for what depends on profile and kind.
pub(super) fn ask_kind(model: &mut Model) -> Vec<Effect> {
    let Some(profile) = model.shared.active.clone() else {
        return Vec::new();
    };
    let kind = model.shared.kind();
    model.shared.usage = None;
    model.compose.known.modules = None;
    vec![
        Effect::Ask(Ask::LoadUsage {
            profile: profile.clone(),
            kind,
            freshness: Freshness::Ledger,
        }),
        Effect::Ask(Ask::LoadModules { profile, kind }),
    ]
}

fn warning(model: &Model) -> Option<String> {
    let profile = model.shared.profile()?;
    match profile.state {
        ProfileState::NotSetUp => Some(format!(
            "{} is not signed in; the command Set up a profile leads through it",
            profile.name
        )),
        ProfileState::TokenExpired | ProfileState::Ready => None,
    }
}
