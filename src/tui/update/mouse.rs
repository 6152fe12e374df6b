//! The mouse, when it is on: a press gives the focus and selects, the wheel scrolls.

use ratatui::layout::{Position, Rect};

use super::{command, log};
use crate::keymap::Command;
use crate::tui::effects::Effect;
use crate::tui::layout::{self, Areas};
use crate::tui::model::{Env, Model, Pane, Place};
use crate::tui::msg::Mouse;

pub(super) fn on(model: &mut Model, mouse: Mouse, env: &mut Env) -> Vec<Effect> {
    if !model.popups.is_empty() {
        return match mouse {
            Mouse::Press { .. } => Vec::new(),
            Mouse::ScrollDown { .. } => command::run(model, Command::Down, env),
            Mouse::ScrollUp { .. } => command::run(model, Command::Up, env),
        };
    }
    let areas = layout::areas(model);
    if model.place != Place::Console {
        return match mouse {
            Mouse::Press { .. } => Vec::new(),
            Mouse::ScrollDown { .. } => command::run(model, Command::Down, env),
            Mouse::ScrollUp { .. } => command::run(model, Command::Up, env),
        };
    }
    match mouse {
        Mouse::Press { column, row } => press(model, &areas, Position::new(column, row), env),
        Mouse::ScrollDown { column, row } => scroll(
            model,
            &areas,
            Position::new(column, row),
            Command::Down,
            env,
        ),
        Mouse::ScrollUp { column, row } => {
            scroll(model, &areas, Position::new(column, row), Command::Up, env)
        }
    }
}

fn press(model: &mut Model, areas: &Areas, at: Position, env: &mut Env) -> Vec<Effect> {
    let Some(pane) = pane_at(areas, at) else {
        return Vec::new();
    };
    let mut effects = command::focus(model, pane);
    if pane == Pane::Log
        && let Some(area) = areas.log.map(layout::inside)
        && area.contains(at)
    {
        let row = model.log.view.offset + usize::from(at.y - area.y);
        let (count, rows) = (model.log.lines.len(), layout::log_rows(model));
        if row < count {
            model.log.view.select(row, count, rows);
            effects.extend(log::selected(model, env));
        }
    }
    effects
}

fn scroll(
    model: &mut Model,
    areas: &Areas,
    at: Position,
    command: Command,
    env: &mut Env,
) -> Vec<Effect> {
    match pane_at(areas, at) {
        Some(Pane::Log) => log::on(model, command, env).unwrap_or_default(),
        Some(Pane::Detail) => super::detail::on(model, command, env).unwrap_or_default(),
        Some(Pane::Compose) | None => Vec::new(),
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
