//! The Setup screen: looking, checking, and changing what is set up. Each change is asked about
//! before it is made; none of it spends a unit.

use super::{compose, guide, place, profile};
use crate::base::ProfileName;
use crate::keymap::Command;
use crate::ops::configure::{Edit, Mapping, Plan, Side};
use crate::tui::effects::{Ask, Effect, Freshness, Login, SetupAsk};
use crate::tui::layout;
use crate::tui::model::decide::{Decide, Yes};
use crate::tui::model::popup::{InputOf, Popup, Prompt, Purpose};
use crate::tui::model::setup::{Change, GrantCode, SetupFocus, Spot, sheet};
use crate::tui::model::{Env, Failure, Level, Model, Place};
use crate::tui::msg::{SetupMsg, Told};
use crate::tui::ui::field::TextField;

/// Shows the screen; the profile in use is selected the first time.
pub(super) fn show(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.setup.of.is_none() {
        let spots = model.spots();
        let active = model.shared.active.clone().map(Spot::Profile);
        let place = spots.iter().position(|spot| Some(spot) == active.as_ref());
        let rows = layout::setup_areas(model).list_rows();
        model
            .setup
            .view
            .select(place.unwrap_or(0), spots.len(), rows);
    }
    follow_selection(model, env)
}

/// Another row may be selected: what is known of it is wanted.
pub(super) fn follow_selection(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let selected = match model.spot() {
        Some(Spot::Profile(name)) => Some(name),
        Some(Spot::Free(_)) | None => None,
    };
    if model.setup.of == selected {
        return Vec::new();
    }
    let setup = &mut model.setup;
    setup.of = selected;
    setup.overview = None;
    setup.failure = None;
    setup.lines.clear();
    setup.sheet = Default::default();
    ask(model, Freshness::Ledger, env)
}

fn ask(model: &mut Model, freshness: Freshness, env: &mut Env) -> Vec<Effect> {
    let Some(profile) = model.setup.of.clone() else {
        return Vec::new();
    };
    model.setup.is_asked = true;
    model.setup.ticket = env.ticket();
    vec![Effect::Ask(Ask::Setup(SetupAsk::Load {
        ticket: model.setup.ticket,
        profile,
        freshness,
    }))]
}

/// Lays the sheet out again, after what is known or the size changed.
pub(super) fn lay_out(model: &mut Model) {
    let areas = layout::setup_areas(model);
    let lines = match &model.setup.overview {
        Some(overview) => {
            let when = (model.shared.now, &model.shared.settings.zone);
            sheet(overview, when, areas.sheet_columns())
        }
        None => Vec::new(),
    };
    model.setup.lines = lines;
    let count = model.setup.lines.len();
    model.setup.sheet.settle(count, areas.sheet_rows());
    let count = model.spots().len();
    model.setup.view.settle(count, areas.list_rows());
}

/// `None` when the command means the same everywhere.
pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match command {
        Command::RefreshUsage => return Some(ask(model, Freshness::Server, env)),
        Command::OpenSetup => return Some(open(model, env)),
        Command::OtherPart => {
            let other = match model.setup.focus {
                SetupFocus::List => SetupFocus::Sheet,
                SetupFocus::Sheet => SetupFocus::List,
            };
            focus(model, other);
        }
        Command::SignInAgain => sign_in(model),
        Command::RenewToken => {
            let profile = model.setup.of.clone();
            let asks = profile
                .into_iter()
                .map(|p| Effect::Ask(Ask::RefreshToken(p)));
            return Some(asks.collect());
        }
        Command::SignOut => sign_out(model),
        Command::MakeDefault => {
            let profile = model.setup.of.clone();
            let ask = |p| Effect::Ask(Ask::Setup(SetupAsk::MakeDefault(p)));
            return Some(profile.map(ask).into_iter().collect());
        }
        Command::RemoveProfile => remove(model),
        command => return moved(model, command, env),
    }
    Some(Vec::new())
}

fn moved(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let areas = layout::setup_areas(model);
    let (count, rows) = match model.setup.focus {
        SetupFocus::List => (model.spots().len(), areas.list_rows().max(1)),
        SetupFocus::Sheet => (model.setup.lines.len(), areas.sheet_rows().max(1)),
    };
    let page = isize::try_from(rows).unwrap_or(1);
    let setup = &mut model.setup;
    let view = match setup.focus {
        SetupFocus::List => &mut setup.view,
        SetupFocus::Sheet => &mut setup.sheet,
    };
    match command {
        Command::Down => view.move_by(1, count, rows),
        Command::Up => view.move_by(-1, count, rows),
        Command::PageDown => view.move_by(page, count, rows),
        Command::PageUp => view.move_by(-page, count, rows),
        Command::Top => view.select(0, count, rows),
        Command::Bottom => view.select(count, count, rows),
        Command::Back if setup.focus == SetupFocus::Sheet => {
            focus(model, SetupFocus::List);
        }
        Command::Back => return Some(place::go(model, Place::Console, env)),
        _ => return None,
    }
    Some(follow_selection(model, env))
}

fn focus(model: &mut Model, focus: SetupFocus) {
    if model.setup.of.is_some() {
        model.setup.focus = focus;
        super::refit(model);
    }
}

/// The guide where nothing is set up; the sheet; what can be changed there.
fn open(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    match (model.setup.focus, model.spot()) {
        (_, Some(Spot::Free(data_center))) => guide::open(model, data_center),
        (SetupFocus::List, _) => {
            focus(model, SetupFocus::Sheet);
            // What the server says is asked for once somebody looks closer.
            let is_known = model.setup.overview.as_ref();
            if is_known.is_none_or(|known| known.configurations.is_none()) {
                return ask(model, Freshness::Server, env);
            }
        }
        (SetupFocus::Sheet, _) => return change(model, env),
    }
    Vec::new()
}

fn change(model: &mut Model, env: &Env) -> Vec<Effect> {
    let setup = &model.setup;
    let line = setup.lines.get(setup.sheet.selected);
    let (Some(profile), Some(change)) =
        (setup.of.clone(), line.and_then(|line| line.change.clone()))
    else {
        let text = "the lines of the enrichment configuration can be changed";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    match change {
        Change::Status {
            kind,
            module,
            is_active,
        } => {
            let edit = if is_active {
                Edit::Disable
            } else {
                Edit::Enable
            };
            let ask = SetupAsk::Plan {
                profile,
                kind,
                module,
                edit,
            };
            vec![Effect::Ask(Ask::Setup(ask))]
        }
        Change::Mapped {
            kind,
            module,
            side,
            name,
            field,
        } => {
            let (title, name) = match side {
                Side::Input => (
                    format!("Which field of {module} is {name}?"),
                    format!("input.{name}"),
                ),
                Side::Output => (
                    format!("Which field of {module} takes {name}?"),
                    format!("output.{name}"),
                ),
            };
            model.popups.push(Popup::Prompt(Prompt {
                title,
                hint: "the field's API name, such as Email; empty: not mapped",
                field: TextField::of(field.as_deref().unwrap_or("")),
                purpose: Purpose::MapInput(Box::new(InputOf {
                    profile,
                    kind,
                    module,
                    name,
                })),
            }));
            Vec::new()
        }
    }
}

/// A field was named for an input; what that would change is asked for first.
pub(super) fn prompted(of: InputOf, field: &str) -> Vec<Effect> {
    let field = field.trim();
    let edit = if field.is_empty() {
        Edit::Unmap(vec![of.name])
    } else {
        Edit::Map(vec![Mapping {
            name: of.name,
            field: field.to_owned(),
        }])
    };
    vec![Effect::Ask(Ask::Setup(SetupAsk::Plan {
        profile: of.profile,
        kind: of.kind,
        module: of.module,
        edit,
    }))]
}

fn planned(model: &mut Model, profile: ProfileName, plan: Box<Plan>) {
    let mut lines = vec![format!("{} ({}):", plan.module, plan.kind)];
    lines.extend(plan.differences.iter().map(|difference| {
        format!(
            "  {}  {} → {}",
            difference.what, difference.before, difference.after
        )
    }));
    lines.push("It changes the organisation, for everybody. No unit is spent.".to_owned());
    model.popups.push(Popup::Decide(Decide {
        question: "Change the enrichment configuration?".to_owned(),
        lines,
        typed: None,
        does: "changes it",
        leaves: "changes nothing",
        yes: Yes::Ask(Box::new(Ask::Setup(SetupAsk::Apply { profile, plan }))),
    }));
}

fn sign_in(model: &mut Model) {
    let Some(profile) = model.setup.of.clone() else {
        return;
    };
    let found = model
        .shared
        .profiles
        .iter()
        .flatten()
        .find(|p| p.name == profile);
    let Some(found) = found else { return };
    let (url, scopes) = (found.data_center.console_url(), found.scopes.clone());
    model.popups.push(Popup::GrantCode(Box::new(GrantCode {
        profile,
        url,
        scopes,
        field: Default::default(),
        is_working: false,
        failure: None,
    })));
}

/// Keys while a grant code is typed.
pub(super) fn code_on(model: &mut Model, command: Command, env: &Env) -> Option<Vec<Effect>> {
    let Some(Popup::GrantCode(code)) = model.popups.last_mut() else {
        return None;
    };
    match command {
        Command::Accept if code.is_working => Some(Vec::new()),
        Command::Accept if code.field.length() < 10 => {
            let text = "paste the grant code first; nothing was asked";
            model.shared.say(Level::Warning, text, env.uptime);
            Some(Vec::new())
        }
        Command::CopyScopes => Some(vec![copy_scopes(&code.scopes)]),
        Command::Accept => {
            code.is_working = true;
            code.failure = None;
            let login = Login {
                profile: code.profile.clone(),
                code: code.field.secret(),
            };
            Some(vec![Effect::Ask(Ask::Setup(SetupAsk::SignIn(login)))])
        }
        command => code.field.on(command).then(Vec::new),
    }
}

/// Copies the scopes as Zoho's page takes them: a box on the screen cannot be marked and copied.
pub(super) fn copy_scopes(scopes: &str) -> Effect {
    Effect::Copy {
        text: scopes.replace(' ', ""),
        what: "the scopes".to_owned(),
    }
}

fn sign_out(model: &mut Model) {
    let Some(profile) = model.setup.of.clone() else {
        return;
    };
    let lines = vec![
        "Its tokens are revoked and removed from this machine.".to_owned(),
        "To send again it needs a new grant code. No unit is spent.".to_owned(),
    ];
    let question = format!("Sign {profile} out?");
    let ask = SetupAsk::SignOut(profile);
    decide(model, question, (lines, "signs out"), ask);
}

fn remove(model: &mut Model) {
    let Some(profile) = model.setup.of.clone() else {
        return;
    };
    let lines = vec![
        "It goes out of the configuration; its tokens stay until they are signed out.".to_owned(),
        "What it sent stays in the ledger.".to_owned(),
    ];
    let question = format!("Remove profile {profile}?");
    let ask = SetupAsk::Remove(profile);
    decide(model, question, (lines, "removes it"), ask);
}

fn decide(
    model: &mut Model,
    question: String,
    (lines, does): (Vec<String>, &'static str),
    ask: SetupAsk,
) {
    model.popups.push(Popup::Decide(Decide {
        question,
        lines,
        typed: None,
        does,
        leaves: "changes nothing",
        yes: Yes::Ask(Box::new(Ask::Setup(ask))),
    }));
}

/// Takes an answer in.
pub(super) fn take(model: &mut Model, msg: SetupMsg, env: &mut Env) -> Vec<Effect> {
    match msg {
        SetupMsg::Sheet { ticket, result } => {
            if ticket != model.setup.ticket {
                return Vec::new();
            }
            model.setup.is_asked = false;
            match result {
                Ok(overview) => {
                    model.setup.failure = None;
                    model.setup.overview = Some(*overview);
                }
                Err(failure) => model.setup.failure = Some(failure),
            }
            lay_out(model);
            Vec::new()
        }
        SetupMsg::Planned { profile, result } => {
            match result {
                Ok(plan) if model.setup.of.as_ref() == Some(&profile) => {
                    planned(model, profile, plan);
                }
                Ok(_) => {}
                Err(failure) => model
                    .shared
                    .say(Level::Error, failure.to_string(), env.uptime),
            }
            Vec::new()
        }
        SetupMsg::Done { result, profiles } => {
            say(model, result, env);
            let mut effects = match profiles {
                Some(profiles) => profile::take(model, profiles, env),
                None => Vec::new(),
            };
            // What the form knows of its module may no longer be true.
            model.compose.configuration_of = Default::default();
            effects.extend(compose::ask_configuration(model));
            effects.extend(reload(model, env));
            effects
        }
        SetupMsg::SignedIn(result) => signed_in(model, result, env),
    }
}

fn signed_in(
    model: &mut Model,
    result: Result<(Told, crate::tui::data::profile::Profiles), Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let open = model
        .popups
        .iter()
        .position(|popup| matches!(popup, Popup::GrantCode(_)));
    match (result, open) {
        (Ok((told, profiles)), open) => {
            if let Some(place) = open {
                model.popups.remove(place);
            }
            say(model, Ok(told), env);
            let mut effects = profile::take(model, profiles, env);
            effects.extend(reload(model, env));
            effects
        }
        (Err(failure), Some(place)) => {
            if let Some(Popup::GrantCode(code)) = model.popups.get_mut(place) {
                // A grant code works once, whether the rest went well or not.
                code.field.clear();
                code.is_working = false;
                code.failure = Some(failure);
            }
            Vec::new()
        }
        (Err(failure), None) => {
            say(model, Err(failure), env);
            Vec::new()
        }
    }
}

fn say(model: &mut Model, result: Result<Told, Failure>, env: &Env) {
    match result {
        Ok(told) => model.shared.say(told.level, told.text, env.uptime),
        Err(failure) => model
            .shared
            .say(Level::Error, failure.to_string(), env.uptime),
    }
}

/// What is shown was changed: it is asked for again, as closely as before.
fn reload(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.place != Place::Setup {
        // It is asked for when it is shown.
        model.setup.of = None;
        return Vec::new();
    }
    super::refit(model);
    let effects = follow_selection(model, env);
    if !effects.is_empty() {
        return effects;
    }
    let overview = model.setup.overview.as_ref();
    let was_asked = overview.is_some_and(|known| known.configurations.is_some());
    let freshness = if was_asked {
        Freshness::Server
    } else {
        Freshness::Ledger
    };
    ask(model, freshness, env)
}

/// The backstage took no more.
pub(super) fn refused(model: &mut Model, ask: &SetupAsk) -> &'static str {
    match ask {
        SetupAsk::Load { .. } => {
            model.setup.is_asked = false;
            "too much is under way; the checks are not up to date"
        }
        SetupAsk::SignIn(_) => {
            if let Some(Popup::GrantCode(code)) = model.popups.last_mut() {
                code.is_working = false;
            }
            "too much is under way; the code was not used, try again in a moment"
        }
        SetupAsk::Plan { .. }
        | SetupAsk::Apply { .. }
        | SetupAsk::MakeDefault(_)
        | SetupAsk::Remove(_)
        | SetupAsk::SignOut(_) => "too much is under way; nothing was changed",
    }
}

#[cfg(test)]
mod tests;
