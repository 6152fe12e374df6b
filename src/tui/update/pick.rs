//! The lists to choose from, and what choosing means.

use super::{command, compose, copy, guide, job_actions, jobs, plan, profile, runs};
use crate::base::DataCenter;
use crate::enrichment::job::JobStatus;
use crate::keymap::{Bindings, Command, Context};
use crate::tui::data::profile::{ProfileFigures, Server};
use crate::tui::effects::{Ask, Effect};
use crate::tui::layout;
use crate::tui::model::jobs::{JobsFilter, look};
use crate::tui::model::picker::{Choice, Item, Picker};
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Level, Model, Place};
use crate::tui::msg::ThemeRead;
use crate::tui::ui::text::{fitted, grouped};

const MODULES: &str = "Choose a module";

/// The list of all commands, each with the key that works here.
pub(super) fn palette(model: &mut Model) {
    let contexts = model.contexts();
    let bindings = &model.shared.settings.bindings;
    let items = Command::ALL
        .iter()
        .copied()
        .filter(|command| is_offered(model.place, *command))
        .map(|command| Item {
            text: command.title().to_owned(),
            hint: key_of(bindings, &contexts, command),
            choice: Choice::Command(command),
        })
        .collect();
    open(model, Picker::new(Command::Palette.title(), items));
}

/// The command's key, and where it means the command if not here.
fn key_of(bindings: &Bindings, contexts: &[Context], command: Command) -> String {
    if let Some(chord) = bindings.shown(contexts, command) {
        return chord.to_string();
    }
    let Some(chord) = bindings.chords(command).first() else {
        return String::new();
    };
    let is_near = command.contexts().iter().any(|it| contexts.contains(it));
    let place = match command.contexts().first() {
        Some(place) if !is_near => place.title(),
        _ => "Outside text fields",
    };
    format!("{}: {chord}", place.to_lowercase())
}

/// Commands of the Console are offered everywhere, those of another screen only there.
fn is_offered(place: Place, command: Command) -> bool {
    let is_reachable = command.contexts().iter().any(|context| match context {
        Context::Always | Context::Screen | Context::Module | Context::Log | Context::Detail => {
            true
        }
        Context::Jobs | Context::Job => place == Place::Jobs,
        Context::Runs | Context::Rows => place == Place::Runs,
        Context::Setup => place == Place::Setup,
        Context::Usage => place == Place::Usage,
        Context::Form
        | Context::Text
        | Context::List
        | Context::Unknowns
        | Context::GrantCode
        | Context::Plan
        | Context::Question
        | Context::Popup => false,
    });
    is_reachable && !matches!(command, Command::Palette | Command::Back)
}

/// All profiles by data centre; a data centre without one leads to the set-up guide.
pub(super) fn profiles(model: &mut Model) {
    let items = DataCenter::ALL
        .into_iter()
        .flat_map(|data_center| profile_items(model, data_center))
        .collect();
    open_profiles(model, items);
}

/// The profiles of one data centre.
pub(super) fn profiles_of(model: &mut Model, data_center: DataCenter) {
    let items = profile_items(model, data_center);
    open_profiles(model, items);
}

fn open_profiles(model: &mut Model, items: Vec<Item>) {
    let active = model.shared.active.clone();
    open(model, Picker::new(Command::ChooseProfile.title(), items));
    let rows = layout::popup_rows(model);
    if let (Some(active), Some(Popup::Pick(picker))) = (active, model.popups.last_mut()) {
        picker.select(&Choice::Profile(active), rows);
    }
}

fn profile_items(model: &Model, data_center: DataCenter) -> Vec<Item> {
    let there: Vec<Item> = model
        .shared
        .profiles
        .iter()
        .flatten()
        .filter(|profile| profile.data_center == data_center)
        .map(profile_item)
        .collect();
    if there.is_empty() {
        return vec![Item {
            text: format!("{}  ○ not set up", data_center.code()),
            hint: format!("{}: set it up", data_center.country()),
            choice: Choice::SetUp(data_center),
        }];
    }
    there
}

fn profile_item(profile: &ProfileFigures) -> Item {
    let organisation = profile.organisation();
    let server = match profile.server {
        Server::Simulated => " · simulated",
        Server::Zoho => "",
    };
    Item {
        text: format!(
            "{}  {} {} · {}",
            profile.data_center,
            profile.state.glyph(),
            profile.name,
            profile.state.as_str()
        ),
        hint: format!("{organisation} · {}{server}", profile.environment),
        choice: Choice::Profile(profile.name.clone()),
    }
}

/// The statuses that jobs have, with how many have each.
pub(super) fn job_statuses(model: &mut Model) {
    let jobs = &model.jobs;
    let all = Item {
        text: format!("{:<17} {:>6}", "all jobs", grouped(jobs.total())),
        hint: String::new(),
        choice: Choice::JobStatus(None),
    };
    let items = jobs.statuses.iter().map(|(word, count)| {
        let status = JobStatus::from(word.as_str());
        Item {
            text: format!(
                "{} {:<15} {:>6}",
                look(&status).0,
                status.as_str(),
                grouped(*count)
            ),
            hint: fitted(status.plain(), 26),
            choice: Choice::JobStatus(Some(word.clone())),
        }
    });
    let items = std::iter::once(all).chain(items).collect();
    let shown = Choice::JobStatus(jobs.filter.status.clone());
    open(model, Picker::new(Command::FilterJobs.title(), items));
    let rows = layout::popup_rows(model);
    if let Some(Popup::Pick(picker)) = model.popups.last_mut() {
        picker.select(&shown, rows);
    }
}

/// The modules that can be enriched.
pub(super) fn modules(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let mut picker = Picker::new(MODULES, Vec::new());
    picker.is_asked = model.compose.known.modules.is_none();
    open(model, picker);
    fill_modules(model);
    if model.compose.known.modules.is_some() {
        return Vec::new();
    }
    let kind = model.shared.kind();
    match model.shared.active.clone() {
        Some(profile) => vec![Effect::Ask(Ask::LoadModules { profile, kind })],
        None => {
            let text = "set up a profile first; any module's name may be typed";
            model
                .shared
                .say(crate::tui::model::Level::Info, text, env.uptime);
            Vec::new()
        }
    }
}

/// Puts the modules into the list if it is open.
pub(super) fn fill_modules(model: &mut Model) {
    let known = model.compose.known.modules.clone();
    let typed = model.compose.module.value().trim().to_owned();
    let rows = layout::popup_rows(model);
    if let Some(Popup::Pick(picker)) = model.popups.last_mut()
        && picker.title == MODULES
    {
        picker.is_asked = false;
        picker.items = known
            .unwrap_or_default()
            .into_iter()
            .map(|module| Item {
                text: module.clone(),
                hint: String::new(),
                choice: Choice::Module(module),
            })
            .collect();
        picker.narrow();
        picker.select(&Choice::Module(typed), rows);
    }
}

/// Whether somebody looks at the list and waits.
pub(super) fn is_waiting_for_modules(model: &Model) -> bool {
    matches!(model.popups.last(), Some(Popup::Pick(picker)) if picker.title == MODULES)
}

/// All themes; each is shown as the selection moves.
pub(super) fn themes(model: &mut Model) {
    let items = model
        .shared
        .settings
        .themes
        .iter()
        .map(|name| Item {
            text: name.clone(),
            hint: if *name == model.shared.settings.theme {
                "in use".to_owned()
            } else {
                String::new()
            },
            choice: Choice::Theme(name.clone()),
        })
        .collect();
    model
        .shared
        .settings
        .theme_before
        .clone_from(&model.shared.settings.theme);
    let current = Choice::Theme(model.shared.settings.theme.clone());
    open(model, Picker::new(Command::ChooseTheme.title(), items));
    let rows = layout::popup_rows(model);
    if let Some(Popup::Pick(picker)) = model.popups.last_mut() {
        picker.select(&current, rows);
    }
}

/// Shows what the selection means while it moves: only a theme does.
pub(super) fn preview(model: &Model) -> Vec<Effect> {
    match model.popups.last() {
        Some(Popup::Pick(picker)) => match picker.selected().map(|item| &item.choice) {
            Some(Choice::Theme(name)) => vec![Effect::UseTheme(name.clone())],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// A theme was read: it is in use, or everything looks as before. One that somebody chose is
/// kept for the next start once it is known that it can be read.
pub(super) fn themed(model: &mut Model, read: ThemeRead, env: &Env) -> Vec<Effect> {
    let is_chosen = model.shared.settings.theme_chosen.take().as_ref() == Some(&read.name);
    model.shared.settings.themes = read.names;
    // What was told before is mended, or told anew.
    if let Some(told) = model.shared.settings.theme_told.take() {
        model.shared.toasts.drop(&told);
    }
    let (level, told) = match &read.result {
        Ok(warning) => (Level::Warning, warning.clone()),
        Err(why) => (Level::Error, Some(why.clone())),
    };
    if let Some(text) = told {
        model.shared.say(level, text.clone(), env.uptime);
        model.shared.settings.theme_told = Some(text);
    }
    if read.result.is_err() {
        return Vec::new();
    }
    model.shared.settings.theme.clone_from(&read.name);
    let keep = is_chosen.then_some(Effect::Ask(Ask::KeepTheme(read.name)));
    keep.into_iter().collect()
}

/// Does what the selected row means.
pub(super) fn choose(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(Popup::Pick(picker)) = model.popups.pop() else {
        return Vec::new();
    };
    let Some(item) = picker.selected() else {
        // Nothing matches: a module's name may be typed all the same.
        if picker.title == MODULES && !picker.query.is_empty() {
            return set_module(model, picker.query.value().trim(), env);
        }
        return Vec::new();
    };
    match item.choice.clone() {
        Choice::Command(command) => command::run(model, command, env),
        Choice::Profile(name) => profile::switch(model, name, env),
        Choice::SetUp(data_center) => {
            guide::open(model, data_center);
            Vec::new()
        }
        Choice::Module(module) => set_module(model, &module, env),
        Choice::Theme(name) => {
            model.shared.settings.theme_chosen = Some(name.clone());
            vec![Effect::UseTheme(name)]
        }
        Choice::Copy(id, what) => copy::copy(model, id, what, env),
        Choice::CopyJob(job, what) => job_actions::copy(model, &job, what, env),
        Choice::RowState(state) => runs::choose_state(model, state, env),
        Choice::Target(column, target) => plan::choose_target(model, column, target, env),
        Choice::JobStatus(status) => {
            let filter = JobsFilter {
                status,
                ..model.jobs.filter.clone()
            };
            jobs::apply(model, filter, env)
        }
    }
}

fn set_module(model: &mut Model, module: &str, env: &Env) -> Vec<Effect> {
    model.compose.module.set(module);
    compose::changed(model, env);
    compose::ask_configuration(model)
}

/// What a column of a file may lead to.
pub(super) fn targets(model: &mut Model, column: usize) {
    let Some(form) = plan::form_mut(model) else {
        return;
    };
    let found = form.look.as_ref().and_then(|look| look.columns.get(column));
    let (name, now) = found.map_or((String::new(), None), |found| {
        (found.name.clone(), found.target)
    });
    let items = form
        .targets()
        .into_iter()
        .map(|target| Item {
            text: target
                .map_or("nothing", |target| target.as_str())
                .to_owned(),
            hint: name.clone(),
            choice: Choice::Target(column, target),
        })
        .collect();
    open(model, Picker::new("Where the column leads", items));
    let rows = layout::popup_rows(model);
    if let Some(Popup::Pick(picker)) = model.popups.last_mut() {
        picker.select(&Choice::Target(column, now), rows);
    }
}

/// Opens a list.
pub(super) fn open(model: &mut Model, picker: Picker) {
    model.popups.push(Popup::Pick(picker));
}
