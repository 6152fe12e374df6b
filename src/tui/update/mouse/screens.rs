//! The mouse on the screens beside the Console: lists to select in, and what they open.

use ratatui::layout::{Position, Rect};

use crate::keymap::Command;
use crate::tui::effects::Effect;
use crate::tui::layout;
use crate::tui::model::jobs::JobsFocus;
use crate::tui::model::runs::RunsFocus;
use crate::tui::model::setup::SetupFocus;
use crate::tui::model::{Env, Model};
use crate::tui::update::{command, job_sheet, jobs, run_rows, runs, setup};

pub(super) fn press_jobs(model: &mut Model, at: Position, env: &mut Env) -> Vec<Effect> {
    let areas = layout::jobs_areas(model);
    let Some(list) = areas.list.filter(|area| area.contains(at)) else {
        let is_data = is_in(areas.asked, at) || is_in(areas.found, at);
        return if is_data && model.jobs.focus == JobsFocus::List {
            job_sheet::open(model, env)
        } else {
            Vec::new()
        };
    };
    let had_focus = model.jobs.focus == JobsFocus::List;
    model.jobs.focus = JobsFocus::List;
    let (count, rows) = (model.jobs.lines.len(), areas.list_rows());
    let offset = model.jobs.view.offset;
    match layout::row_at(layout::inside(list), offset, count, at) {
        Some(row) if had_focus && row == model.jobs.view.selected => job_sheet::open(model, env),
        Some(row) => {
            model.jobs.view.select(row, count, rows);
            jobs::selected(model, env)
        }
        None => Vec::new(),
    }
}

pub(super) fn press_runs(model: &mut Model, at: Position, env: &mut Env) -> Vec<Effect> {
    let areas = layout::runs_areas(model);
    if let Some(area) = areas.list.filter(|area| area.contains(at)) {
        let had_focus = model.runs.focus == RunsFocus::List;
        model.runs.focus = RunsFocus::List;
        let (count, rows) = (model.runs.count(), areas.list_rows());
        let offset = model.runs.view.offset;
        return match layout::row_at(layout::inside(area), offset, count, at) {
            Some(row) if had_focus && row == model.runs.view.selected => {
                command::run(model, Command::OpenRows, env)
            }
            Some(row) => {
                model.runs.view.select(row, count, rows);
                run_rows::follow_selection(model, env)
            }
            None => Vec::new(),
        };
    }
    if let Some(area) = areas.rows.filter(|area| area.contains(at)) {
        if model.runs.focus == RunsFocus::List {
            return command::run(model, Command::OpenRows, env);
        }
        let (count, rows) = (model.runs.rows.lines.len(), areas.row_rows());
        let offset = model.runs.rows.view.offset;
        if let Some(row) = layout::row_at(layout::inside(area), offset, count, at) {
            model.runs.rows.view.select(row, count, rows);
        }
    }
    Vec::new()
}

pub(super) fn press_setup(model: &mut Model, at: Position, env: &mut Env) -> Vec<Effect> {
    let areas = layout::setup_areas(model);
    if let Some(area) = areas.list.filter(|area| area.contains(at)) {
        let had_focus = model.setup.focus == SetupFocus::List;
        model.setup.focus = SetupFocus::List;
        let (count, rows) = (model.spots().len(), areas.list_rows());
        let offset = model.setup.view.offset;
        return match layout::row_at(layout::inside(area), offset, count, at) {
            Some(row) if had_focus && row == model.setup.view.selected => {
                command::run(model, Command::OpenSetup, env)
            }
            Some(row) => {
                model.setup.view.select(row, count, rows);
                setup::follow_selection(model, env)
            }
            None => Vec::new(),
        };
    }
    if let Some(area) = areas.sheet.filter(|area| area.contains(at)) {
        if model.setup.focus == SetupFocus::List {
            return command::run(model, Command::OpenSetup, env);
        }
        // A change is opened by its key: here a press only selects.
        let (count, rows) = (model.setup.lines.len(), areas.sheet_rows());
        let offset = model.setup.sheet.offset;
        if let Some(row) = layout::row_at(layout::inside(area), offset, count, at) {
            model.setup.sheet.select(row, count, rows);
        }
    }
    Vec::new()
}

/// Scrolls what is under the wheel and leaves the focus where it is.
pub(super) fn wheel_jobs(
    model: &mut Model,
    command: Command,
    at: Position,
    env: &mut Env,
) -> Vec<Effect> {
    let under = if is_in(layout::jobs_areas(model).list, at) {
        JobsFocus::List
    } else {
        JobsFocus::Data
    };
    let before = std::mem::replace(&mut model.jobs.focus, under);
    let effects = jobs::on(model, command, env).unwrap_or_default();
    model.jobs.focus = before;
    effects
}

/// The same on the Runs screen.
pub(super) fn wheel_runs(
    model: &mut Model,
    command: Command,
    at: Position,
    env: &mut Env,
) -> Vec<Effect> {
    let under = if is_in(layout::runs_areas(model).rows, at) {
        RunsFocus::Rows
    } else {
        RunsFocus::List
    };
    let before = std::mem::replace(&mut model.runs.focus, under);
    let effects = runs::on(model, command, env).unwrap_or_default();
    model.runs.focus = before;
    effects
}

/// The same on the Setup screen.
pub(super) fn wheel_setup(
    model: &mut Model,
    command: Command,
    at: Position,
    env: &mut Env,
) -> Vec<Effect> {
    let under = if is_in(layout::setup_areas(model).list, at) {
        SetupFocus::List
    } else {
        SetupFocus::Sheet
    };
    let before = std::mem::replace(&mut model.setup.focus, under);
    let effects = setup::on(model, command, env).unwrap_or_default();
    model.setup.focus = before;
    effects
}

fn is_in(area: Option<Rect>, at: Position) -> bool {
    area.is_some_and(|area| area.contains(at))
}
