//! The first start and the set-up guide.

use crate::base::{DataCenter, Environment, ProfileName};
use crate::keymap::Command;
use crate::tui::data::profile::SignedIn;
use crate::tui::effects::{Ask, Effect, SignIn};
use crate::tui::model::guide::{Guide, Progress, Step};
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Failure, Level, Model};
use crate::tui::ui::field::Pasted;

/// What the first start offers.
pub(crate) const WELCOME: [(&str, &str); 2] = [
    (
        "Try the demo",
        "a simulated Zoho on this machine: no account, nothing is spent, nothing is kept",
    ),
    (
        "Set up a profile",
        "a client id, its secret and a grant code from Zoho's API console; five minutes",
    ),
];

/// Keys of the first start.
pub(super) fn welcome_on(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    match command {
        Command::Down | Command::Up => model.welcome = 1 - model.welcome.min(1),
        Command::Accept if model.welcome == 0 => return Some(vec![Effect::Ask(Ask::StartDemo)]),
        Command::Accept => open(model, DataCenter::Us),
        _ => return None,
    }
    Some(Vec::new())
}

/// Opens the guide; one that is open stays, so that nothing typed is lost.
pub(super) fn open(model: &mut Model, data_center: DataCenter) {
    let kept = model.guide_kept.take();
    let mut guide = match kept {
        Some(guide) if guide.data_center == data_center => guide,
        _ => Box::new(Guide::new(data_center)),
    };
    if guide.client_id.is_empty() {
        guide.propose_name(&names(model));
    }
    model.popups.push(Popup::Guide(guide));
}

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let taken = names(model);
    let scopes = model.shared.settings.scopes.clone();
    let Some(Popup::Guide(guide)) = model.popups.last_mut() else {
        return None;
    };
    match (&guide.progress, command) {
        (Progress::Working, _) => Some(Vec::new()),
        (Progress::Done(done), Command::Accept) => {
            let name = done.profile.clone();
            model.popups.pop();
            Some(super::profile::switch(model, name, env))
        }
        (Progress::Done(_), _) => None,
        (_, Command::CopyScopes) => Some(vec![super::setup::copy_scopes(&scopes)]),
        (Progress::Filling | Progress::Failed(_), command) => filling(guide, command, &taken),
    }
}

pub(super) fn typed(guide: &mut Guide, c: char) -> bool {
    if !matches!(guide.progress, Progress::Filling | Progress::Failed(_)) {
        return false;
    }
    guide.problem = None;
    match guide.step {
        Step::Where if c == ' ' => {
            next_environment(guide);
            true
        }
        Step::Where => false,
        Step::Name => guide.name.insert(c),
        Step::Client => guide.client_id.insert(c),
        Step::Secret => {
            guide.client_secret.insert(c);
            true
        }
        Step::Code => {
            guide.code.insert(c);
            true
        }
    }
}

pub(super) fn paste(guide: &mut Guide, text: &str) -> Option<Pasted> {
    guide.problem = None;
    match guide.step {
        Step::Where => None,
        Step::Name => Some(guide.name.paste(text)),
        Step::Client => Some(guide.client_id.paste(text)),
        Step::Secret => {
            guide.client_secret.paste(text);
            None
        }
        Step::Code => {
            guide.code.paste(text);
            None
        }
    }
}

/// The answer to the last step.
pub(super) fn signed_in(
    model: &mut Model,
    result: Result<Box<SignedIn>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let open = model.popups.iter_mut().rev().find_map(|popup| match popup {
        Popup::Guide(guide) => Some(guide),
        Popup::Help(_)
        | Popup::Pick(_)
        | Popup::Filter(_)
        | Popup::Confirm(_)
        | Popup::Decide(_)
        | Popup::Prompt(_)
        | Popup::GrantCode(_)
        | Popup::Plan(_)
        | Popup::Unknowns(_)
        | Popup::Records(_) => None,
    });
    let guide = open.or(model.guide_kept.as_mut());
    match result {
        Ok(done) => {
            let text = format!("profile {} is saved and works", done.profile);
            let profiles = done.profiles.clone();
            if let Some(guide) = guide {
                guide.client_secret.clear();
                guide.code.clear();
                guide.progress = Progress::Done(*done);
            }
            model.shared.say(Level::Info, text, env.uptime);
            super::profile::take(model, profiles, env)
        }
        Err(failure) => {
            match guide {
                Some(guide) => {
                    // A grant code works once, whether the rest went well or not.
                    guide.code.clear();
                    guide.step = Step::Code;
                    guide.progress = Progress::Failed(failure);
                }
                None => model
                    .shared
                    .say(Level::Error, failure.to_string(), env.uptime),
            }
            Vec::new()
        }
    }
}

fn filling(guide: &mut Guide, command: Command, taken: &[ProfileName]) -> Option<Vec<Effect>> {
    match command {
        Command::Down if guide.step == Step::Where => next_data_center(guide, 1, taken),
        Command::Up if guide.step == Step::Where => next_data_center(guide, -1, taken),
        // The last step exchanges the code, and that is what Enter is for.
        Command::NextPart | Command::Down if guide.step == Step::Code => {}
        Command::Accept | Command::NextPart | Command::Down => return Some(advance(guide)),
        Command::PreviousPart | Command::Up => {
            guide.problem = None;
            guide.step = neighbour(guide.step, -1);
        }
        command => {
            let is_edit = match guide.step {
                Step::Where => false,
                Step::Name => guide.name.on(command),
                Step::Client => guide.client_id.on(command),
                Step::Secret => guide.client_secret.on(command),
                Step::Code => guide.code.on(command),
            };
            if !is_edit {
                return None;
            }
            guide.problem = None;
        }
    }
    Some(Vec::new())
}

/// Goes to the next step, or starts the work after the last one. This spends nothing.
fn advance(guide: &mut Guide) -> Vec<Effect> {
    guide.problem = guide.problem_of(guide.step);
    if guide.problem.is_some() {
        return Vec::new();
    }
    if guide.step != Step::Code {
        guide.step = neighbour(guide.step, 1);
        return Vec::new();
    }
    let unfinished = Step::ALL
        .into_iter()
        .find(|step| guide.problem_of(*step).is_some());
    if let Some(step) = unfinished {
        guide.problem = guide.problem_of(step);
        guide.step = step;
        return Vec::new();
    }
    let Ok(profile) = guide.name.value().trim().parse() else {
        return Vec::new();
    };
    guide.progress = Progress::Working;
    vec![Effect::Ask(Ask::SignIn(Box::new(SignIn {
        profile,
        data_center: guide.data_center,
        environment: guide.environment,
        client_id: guide.client_id.value().trim().to_owned(),
        client_secret: guide.client_secret.secret(),
        code: guide.code.secret(),
    })))]
}

fn neighbour(step: Step, by: isize) -> Step {
    let place = Step::ALL
        .iter()
        .position(|known| *known == step)
        .unwrap_or(0);
    let next = place.saturating_add_signed(by).min(Step::ALL.len() - 1);
    Step::ALL.get(next).copied().unwrap_or(step)
}

fn next_environment(guide: &mut Guide) {
    guide.environment = match guide.environment {
        Environment::Production => Environment::Sandbox,
        Environment::Sandbox => Environment::Developer,
        Environment::Developer => Environment::Production,
    };
    guide.propose_name(&[]);
}

fn next_data_center(guide: &mut Guide, step: isize, taken: &[ProfileName]) {
    let all = DataCenter::ALL;
    let place = all
        .iter()
        .position(|dc| *dc == guide.data_center)
        .unwrap_or(0);
    let next = (place + all.len()).saturating_add_signed(step) % all.len();
    if let Some(next) = all.get(next) {
        guide.data_center = *next;
        guide.propose_name(taken);
    }
}

fn names(model: &Model) -> Vec<ProfileName> {
    model
        .shared
        .profiles
        .iter()
        .flatten()
        .map(|profile| profile.name.clone())
        .collect()
}
