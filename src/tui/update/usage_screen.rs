//! The Usage screen: what to ask for, and when. Nothing is asked while another screen is shown.

use std::time::Duration;

use super::{place, usage_text};
use crate::keymap::Command;
use crate::tui::app::poll::Brought;
use crate::tui::data::profile::ProfileState;
use crate::tui::data::usage::UsageFigures;
use crate::tui::effects::{Ask, Effect, Freshness};
use crate::tui::layout::{UsageAreas, usage_areas};
use crate::tui::model::usage_screen::{RHYTHM, UsageScreen, UsageSheet};
use crate::tui::model::{Env, Failure, Level, Model, Place};

/// Shows the usage of the profile and kind on screen.
pub(super) fn show(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let of = model
        .shared
        .active
        .clone()
        .map(|profile| (profile, model.shared.kind()));
    if model.usage_screen.of != of {
        let mut poll = model.usage_screen.poll;
        poll.rest();
        model.usage_screen = UsageScreen {
            of,
            poll,
            span: model.usage_screen.span,
            ..UsageScreen::default()
        };
    }
    let age = model
        .shared
        .usage
        .as_ref()
        .and_then(|figures| figures.usage.at)
        .and_then(|at| Duration::try_from(env.now.duration_since(at)).ok());
    // Figures of this minute serve until the next one.
    let fresh_for = age.map_or(Duration::ZERO, |age| RHYTHM.least.saturating_sub(age));
    model.usage_screen.poll.soon(env.uptime + fresh_for);
    ask(model)
}

/// Asks the ledger; while a question is open, only notes that its answer will be stale.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let screen = &mut model.usage_screen;
    let Some((profile, kind)) = screen.of.clone() else {
        return Vec::new();
    };
    if screen.is_asked {
        screen.is_stale = true;
        return Vec::new();
    }
    screen.is_asked = true;
    screen.is_stale = false;
    vec![Effect::Ask(Ask::LoadUsageSheet { profile, kind })]
}

/// `None` when the command means the same everywhere.
pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let areas = usage_areas(model);
    let rows = areas.rows().max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    let count = scrolled(model, areas);
    let all = isize::try_from(count).unwrap_or(isize::MAX);
    let view = &mut model.usage_screen.view;
    match command {
        Command::Down => view.scroll_by(1, count, rows),
        Command::Up => view.scroll_by(-1, count, rows),
        Command::PageDown => view.scroll_by(page, count, rows),
        Command::PageUp => view.scroll_by(-page, count, rows),
        Command::Top => view.scroll_by(-all, count, rows),
        Command::Bottom => view.scroll_by(all, count, rows),
        Command::PlotDays => {
            model.usage_screen.span = model.usage_screen.span.other();
            lay_out(model);
        }
        Command::Back => return Some(place::go(model, Place::Console, env)),
        _ => return None,
    }
    Some(Vec::new())
}

fn scrolled(model: &Model, areas: UsageAreas) -> usize {
    match areas {
        UsageAreas::One(_) => model.usage_screen.panes.head.len(),
        UsageAreas::Five { .. } => model.usage_screen.panes.who.len(),
    }
}

/// The figures came.
pub(super) fn take(
    model: &mut Model,
    result: Result<Box<UsageSheet>, Failure>,
    env: &Env,
) -> Vec<Effect> {
    model.usage_screen.is_asked = false;
    match result {
        Ok(sheet) => model.usage_screen.sheet = Some(sheet),
        Err(failure) => model
            .shared
            .say(Level::Error, failure.to_string(), env.uptime),
    }
    lay_out(model);
    if model.usage_screen.is_stale {
        return ask(model);
    }
    Vec::new()
}

/// The one number came: perhaps the server's answer to this screen's question.
pub(super) fn number_came(model: &mut Model, before: Option<&UsageFigures>, env: &Env) {
    let now = model.shared.usage.as_ref();
    let has_failed = now.is_none_or(|figures| figures.note.is_some());
    let at = |figures: Option<&UsageFigures>| figures.and_then(|figures| figures.usage.at);
    let used = |figures: Option<&UsageFigures>| figures.map(|figures| figures.usage.used);
    if at(before) == at(now) && !has_failed {
        return;
    }
    let brought = if used(before) == used(now) {
        Brought::Nothing
    } else {
        Brought::News
    };
    model.usage_screen.poll.answered(env.uptime, brought);
}

/// Lays the panes out for the screen's size.
pub(super) fn lay_out(model: &mut Model) {
    let areas = usage_areas(model);
    let screen = &model.usage_screen;
    let panes = screen
        .sheet
        .as_ref()
        .map(|sheet| usage_text::panes(sheet, areas, (screen.span, model.shared.now)));
    model.usage_screen.panes = panes.unwrap_or_default();
    let (count, rows) = (scrolled(model, areas), areas.rows());
    model.usage_screen.view.scroll_by(0, count, rows);
}

/// When the server is to be asked.
pub(super) fn next_wakeup(model: &Model) -> Option<Duration> {
    let can_ask = model
        .shared
        .profile()
        .is_some_and(|profile| profile.state != ProfileState::NotSetUp);
    let is_held = model.usage_screen.of.is_some();
    model
        .usage_screen
        .poll
        .due()
        .filter(|_| can_ask && is_held && model.place == Place::Usage)
}

/// Asks the server if that is due.
pub(super) fn due(model: &mut Model, env: &Env) -> Vec<Effect> {
    let is_due = next_wakeup(model).is_some_and(|at| at <= env.uptime);
    let Some((profile, kind)) = model.usage_screen.of.clone().filter(|_| is_due) else {
        return Vec::new();
    };
    model.usage_screen.poll.asked(env.uptime);
    model.shared.is_usage_asked = true;
    vec![Effect::Ask(Ask::LoadUsage {
        profile,
        kind,
        freshness: Freshness::Server,
    })]
}

#[cfg(test)]
mod tests;
