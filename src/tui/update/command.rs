//! Commands to what they do.

use super::{
    compose, copy, detail, filter, forget, guide, help, jobs, leave, log, pick, place, plan, popup,
    profile, records, run_rows, send, unknowns,
};
use crate::base::DataCenter;
use crate::keymap::Command;
use crate::tui::effects::{Ask, Effect, Freshness};
use crate::tui::model::{Env, Level, Model, Pane, Place};
use crate::tui::terminal::MouseMode;

/// Runs a command where the focus is.
pub(super) fn run(model: &mut Model, command: Command, env: &mut Env) -> Vec<Effect> {
    if !model.popups.is_empty() {
        if let Some(effects) = popup::on(model, command, env) {
            return effects;
        }
    } else if model.log.search.is_some() {
        if let Some(effects) = log::search_on(model, command, env) {
            return effects;
        }
    } else if model.runs.typing.is_some() {
        if let Some(effects) = run_rows::search_on(model, command, env) {
            return effects;
        }
    } else if model.jobs.search.is_some() {
        if let Some(effects) = jobs::search_on(model, command, env) {
            return effects;
        }
    } else if model.shared.is_first_run() {
        if let Some(effects) = guide::welcome_on(model, command) {
            return effects;
        }
    } else if let Some(effects) = place::on(model, command, env) {
        return effects;
    }
    if let Some(effects) = place::bring_console(model, command, env) {
        return effects;
    }
    anywhere(model, command, env)
}

pub(super) fn in_pane(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match model.pane {
        Pane::Compose => compose::on(model, command, env),
        Pane::Log => log::on(model, command, env),
        Pane::Detail => detail::on(model, command, env),
    }
}

fn anywhere(model: &mut Model, command: Command, env: &mut Env) -> Vec<Effect> {
    match command {
        Command::Help => help::open(model),
        Command::Palette => pick::palette(model),
        // Where no popup is open, the key that closes one means what it means everywhere.
        Command::Quit | Command::ClosePopup => return leave::ask(model),
        Command::Redraw => return vec![Effect::Redraw],
        Command::Suspend => return vec![Effect::Suspend],
        Command::ShowConsole => return place::go(model, Place::Console, env),
        Command::ShowJobs => return place::go(model, Place::Jobs, env),
        Command::ShowSetup => return place::go(model, Place::Setup, env),
        Command::ShowRuns => return place::go(model, Place::Runs, env),
        Command::PlanRun => plan::open(model, env),
        Command::ShowUsage => return place::go(model, Place::Usage, env),
        Command::NextScreen => {
            let next = model.place.next();
            return place::go(model, next, env);
        }
        Command::Send => return send::send(model, env),
        Command::ChooseProfile => pick::profiles(model),
        Command::UseUs => return profile::go_to(model, DataCenter::Us, env),
        Command::UseIn => return profile::go_to(model, DataCenter::In, env),
        Command::UseAu => return profile::go_to(model, DataCenter::Au, env),
        Command::UseCa => return profile::go_to(model, DataCenter::Ca, env),
        Command::UseSa => return profile::go_to(model, DataCenter::Sa, env),
        Command::SetUp => {
            let here = model
                .shared
                .profile()
                .map_or(DataCenter::Us, |p| p.data_center);
            guide::open(model, here);
        }
        Command::EditJson => {
            return vec![Effect::OpenEditor(model.compose.draft().to_editor_json())];
        }
        Command::FillFromRecord => return records::open(model, env),
        Command::ClearForm => return compose::clear(model, env),
        Command::RestoreForm => return compose::restore(model, env),
        Command::SwitchKind => return compose::switch_kind(model, env),
        Command::RefreshUsage => return refresh(model, env),
        Command::RefreshToken => return with_profile(model, env, Ask::RefreshToken),
        Command::Reconcile => {
            let kind = model.shared.kind();
            return with_profile(model, env, |profile| Ask::Reconcile { profile, kind });
        }
        Command::SettleUnknowns => return unknowns::open(model, env),
        Command::NextPane => {
            let pane = model.pane.next();
            return focus(model, pane);
        }
        Command::ToggleMouse => return toggle_mouse(model, env),
        Command::ChooseTheme => pick::themes(model),
        Command::ChooseModule => return pick::modules(model, env),
        Command::OpenAttempt => return focus(model, Pane::Detail),
        Command::Filter => filter::open(model),
        Command::Search => log::open_search(model),
        Command::ComposeAgain => return compose::again(model, env),
        Command::ForgetPerson => return forget::of_attempt(model, env),
        Command::Copy => return copy::open(model),
        Command::GoToJob => return jobs::go_to_job(model, env),
        Command::Follow => return log::follow(model, env),
        Command::WriteRequest => return focus(model, Pane::Compose),
        Command::NextTab => return detail::turn(model, model.detail.tab.next()),
        Command::PreviousTab => return detail::turn(model, model.detail.tab.previous()),
        // These mean something only where a list, a text, a popup or another screen has the focus.
        Command::OpenJob
        | Command::FilterJobs
        | Command::WhoseJobs
        | Command::FindJob
        | Command::CopyJob
        | Command::ExportJob
        | Command::ComposeFromJob
        | Command::GoToAttempt
        | Command::PlotDays
        | Command::NextField
        | Command::PreviousField
        | Command::Down
        | Command::Up
        | Command::PageDown
        | Command::PageUp
        | Command::Top
        | Command::Bottom
        | Command::CursorLeft
        | Command::CursorRight
        | Command::WordLeft
        | Command::WordRight
        | Command::LineStart
        | Command::LineEnd
        | Command::DeleteLeft
        | Command::DeleteRight
        | Command::DeleteWord
        | Command::DeleteToStart
        | Command::DeleteToEnd
        | Command::Undo
        | Command::OpenSetup
        | Command::SignInAgain
        | Command::RenewToken
        | Command::SignOut
        | Command::MakeDefault
        | Command::RemoveProfile
        | Command::StartOrPause
        | Command::OpenRows
        | Command::OtherPart
        | Command::FilterRows
        | Command::FindRow
        | Command::QueueAgain
        | Command::SkipRow
        | Command::ExportRun
        | Command::OpenRowAttempt
        | Command::TrackRun
        | Command::DiscardRun
        | Command::ReconcileNow
        | Command::AdoptJob
        | Command::ReleaseAttempt
        | Command::ComposeUnknown
        | Command::Accept
        | Command::NextPart
        | Command::PreviousPart
        | Command::SendAnyway
        | Command::PlanFile
        | Command::CopyScopes
        | Command::Back => {}
    }
    Vec::new()
}

/// Gives the focus to a pane; a detail that is opened is asked for.
pub(super) fn focus(model: &mut Model, pane: Pane) -> Vec<Effect> {
    model.pane = pane;
    super::refit(model);
    match pane {
        Pane::Detail => detail::ask(model),
        Pane::Compose | Pane::Log => Vec::new(),
    }
}

fn refresh(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let kind = model.shared.kind();
    let mut effects = with_profile(model, env, |profile| Ask::LoadUsage {
        profile,
        kind,
        freshness: Freshness::Server,
    });
    if !effects.is_empty() {
        model.shared.is_usage_asked = true;
        effects.extend(detail::refresh_job(model));
    }
    effects
}

fn with_profile(
    model: &mut Model,
    env: &Env,
    ask: impl FnOnce(crate::base::ProfileName) -> Ask,
) -> Vec<Effect> {
    match model.shared.active.clone() {
        Some(profile) => vec![Effect::Ask(ask(profile))],
        None => {
            model
                .shared
                .say(Level::Warning, "set up a profile first", env.uptime);
            Vec::new()
        }
    }
}

fn toggle_mouse(model: &mut Model, env: &Env) -> Vec<Effect> {
    model.shared.has_mouse = !model.shared.has_mouse;
    let (mode, text) = if model.shared.has_mouse {
        (
            MouseMode::On,
            "mouse on; the terminal's selection needs Shift now",
        )
    } else {
        (MouseMode::Off, "mouse off")
    };
    model.shared.say(Level::Info, text, env.uptime);
    vec![Effect::Mouse(mode)]
}
