//! The mouse, when it is on: a press gives the focus and selects, a press on what is selected
//! opens it, the wheel scrolls what is under it. It never confirms a question and never sends.

mod screens;

use ratatui::layout::{Position, Rect};

use super::{command, compose, detail, filter, log, pick, place, plan, records};
use crate::base::DataCenter;
use crate::keymap::Command;
use crate::tui::effects::Effect;
use crate::tui::layout::{self, Areas, Tab};
use crate::tui::model::picker::Choice;
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Model, Pane, Place};
use crate::tui::msg::Mouse;
use crate::tui::terminal::MouseMode;

/// Rows that one step of the wheel scrolls.
const WHEEL_ROWS: usize = 3;

pub(super) fn on(model: &mut Model, mouse: Mouse, env: &mut Env) -> Vec<Effect> {
    match mouse {
        Mouse::Press { column, row } => {
            let at = Position::new(column, row);
            if model.popups.is_empty() {
                press(model, at, env)
            } else {
                press_popup(model, at, env)
            }
        }
        Mouse::ScrollDown { column, row } => {
            wheel(model, Command::Down, Position::new(column, row), env)
        }
        Mouse::ScrollUp { column, row } => {
            wheel(model, Command::Up, Position::new(column, row), env)
        }
    }
}

/// Takes the mouse where it is on: at the start, and after another program had the terminal.
pub(super) fn again(model: &Model) -> Option<Effect> {
    model
        .shared
        .has_mouse
        .then_some(Effect::Mouse(MouseMode::On))
}

fn press(model: &mut Model, at: Position, env: &mut Env) -> Vec<Effect> {
    let data_center = layout::selector(model.shared.width).find(|(_, area)| area.contains(at));
    if let Some((data_center, _)) = data_center {
        return command::run(model, switch_to(data_center), env);
    }
    match layout::tab_at(model, at) {
        Some(Tab::Screen(there)) => return place::go(model, there, env),
        Some(Tab::Pane(pane)) => return command::focus(model, pane),
        None => {}
    }
    if model.shared.is_first_run() {
        return Vec::new();
    }
    match model.place {
        Place::Console => press_console(model, at, env),
        Place::Jobs => screens::press_jobs(model, at, env),
        Place::Runs => screens::press_runs(model, at, env),
        Place::Setup => screens::press_setup(model, at, env),
        Place::Usage => Vec::new(),
    }
}

fn switch_to(data_center: DataCenter) -> Command {
    match data_center {
        DataCenter::Us => Command::UseUs,
        DataCenter::In => Command::UseIn,
        DataCenter::Au => Command::UseAu,
        DataCenter::Ca => Command::UseCa,
        DataCenter::Sa => Command::UseSa,
    }
}

fn press_console(model: &mut Model, at: Position, env: &mut Env) -> Vec<Effect> {
    let areas = layout::areas(model);
    // The detail's title stands on the border that it shares with the log.
    let tab = areas
        .detail
        .and_then(|area| layout::detail_tab_at(area, at));
    if let Some(tab) = tab {
        let mut effects = command::focus(model, Pane::Detail);
        effects.extend(detail::turn(model, tab));
        return effects;
    }
    let Some(pane) = pane_at(&areas, at) else {
        return Vec::new();
    };
    let had_focus = model.pane == pane;
    let mut effects = command::focus(model, pane);
    match pane {
        Pane::Compose => {
            if let Some(input) = layout::input_at(model, at) {
                effects.extend(compose::go_to(model, input));
            }
        }
        Pane::Log => {
            let (count, rows) = (model.log.lines.len(), layout::log_rows(model));
            let list = areas.log.map(layout::inside).unwrap_or_default();
            let offset = model.log.view.offset;
            if let Some(row) = layout::row_at(list, offset, count, at) {
                if had_focus && row == model.log.view.selected {
                    return command::run(model, Command::OpenAttempt, env);
                }
                model.log.view.select(row, count, rows);
                effects.extend(log::selected(model, env));
            }
        }
        Pane::Detail => {}
    }
    effects
}

/// Selects a row of the list in a popup; a row that is selected already is chosen, as by Enter.
fn press_popup(model: &mut Model, at: Position, env: &mut Env) -> Vec<Effect> {
    let Some(area) = layout::areas(model).popup else {
        return Vec::new();
    };
    let Some(popup) = model.popups.last_mut() else {
        return Vec::new();
    };
    let pressed = layout::popup_list(popup, area).and_then(|(list, offset, count)| {
        let row = layout::row_at(list, offset, count, at)?;
        Some((row, count, usize::from(list.height)))
    });
    let Some((row, count, rows)) = pressed else {
        return Vec::new();
    };
    match popup {
        // Two presses are soon made by mistake, and this one may spend a unit: it takes a key.
        Popup::Pick(picker)
            if picker.selected().map(|item| &item.choice)
                == Some(&Choice::Command(Command::Send))
                && picker.view.selected == row => {}
        Popup::Pick(picker) if picker.view.selected == row => {
            return command::run(model, Command::Accept, env);
        }
        Popup::Pick(picker) => {
            picker.view.select(row, count, rows);
            return pick::preview(model);
        }
        Popup::Unknowns(unknowns) => {
            unknowns.view.select(row, count, rows);
            unknowns.suspect = 0;
        }
        Popup::Records(records) if records.view.selected == row => {
            return command::run(model, Command::Accept, env);
        }
        Popup::Records(records) => {
            records.view.select(row, count, rows);
            return records::read_on(model, env);
        }
        Popup::Filter(form) => {
            form.selected = row;
            if form.field().is_none() {
                filter::typed(form, ' ');
            }
        }
        Popup::Plan(form) => {
            if let Some(row) = form.rows().get(row) {
                form.row = *row;
            }
            if form.field().is_none() {
                return plan::typed(form, ' ', env).unwrap_or_default();
            }
        }
        // A question is answered by its key alone.
        Popup::Help(_)
        | Popup::Confirm(_)
        | Popup::Decide(_)
        | Popup::Prompt(_)
        | Popup::GrantCode(_)
        | Popup::Guide(_) => {}
    }
    Vec::new()
}

fn wheel(model: &mut Model, command: Command, at: Position, env: &mut Env) -> Vec<Effect> {
    let mut effects = Vec::new();
    for _ in 0..WHEEL_ROWS {
        effects.extend(scroll(model, command, at, env));
    }
    effects
}

fn scroll(model: &mut Model, command: Command, at: Position, env: &mut Env) -> Vec<Effect> {
    match model.popups.last() {
        // There the keys of a list choose or go on, and nobody means that by a wheel.
        Some(Popup::Guide(_) | Popup::GrantCode(_)) => return Vec::new(),
        Some(_) => return command::run(model, command, env),
        None => {}
    }
    match model.place {
        Place::Console => match pane_at(&layout::areas(model), at) {
            Some(Pane::Log) => log::on(model, command, env).unwrap_or_default(),
            Some(Pane::Detail) => detail::on(model, command, env).unwrap_or_default(),
            Some(Pane::Compose) | None => Vec::new(),
        },
        Place::Jobs => screens::wheel_jobs(model, command, at, env),
        Place::Runs => screens::wheel_runs(model, command, at, env),
        Place::Setup => screens::wheel_setup(model, command, at, env),
        Place::Usage => command::run(model, command, env),
    }
}

fn pane_at(areas: &Areas, at: Position) -> Option<Pane> {
    let is_in = |area: Option<Rect>| area.is_some_and(|area| area.contains(at));
    if is_in(areas.log) {
        Some(Pane::Log)
    } else if is_in(areas.detail) {
        Some(Pane::Detail)
    } else if is_in(areas.compose) {
        Some(Pane::Compose)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
