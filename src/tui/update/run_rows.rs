//! The rows of the selected run: moving through a window of them, and searching.

use super::runs;
use crate::keymap::Command;
use crate::ops::bulk_page::{Page, PageQuery};
use crate::tui::effects::{Ask, Effect, RunsAsk};
use crate::tui::layout;
use crate::tui::model::runs::{ROWS_PAGE, RowWindow, RunsFocus, behind};
use crate::tui::model::{Env, Failure, Level, Model};
use crate::tui::ui::field::TextField;

/// Another run may be selected: its rows are wanted.
pub(super) fn follow_selection(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let selected = model.runs.selected().map(|view| view.run.id);
    if model.runs.rows.run == selected {
        return Vec::new();
    }
    model.runs.rows = RowWindow {
        run: selected,
        ..RowWindow::default()
    };
    model.runs.state = None;
    model.runs.search.clear();
    ask(model, 0, env)
}

/// Asks for the rows from the first one on, after the filter changed.
pub(super) fn ask_from_start(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    model.runs.rows.is_asked = false;
    model.runs.rows.view = Default::default();
    model.runs.rows.lines.clear();
    ask(model, 0, env)
}

/// Asks for the same rows again.
pub(super) fn ask_again(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let after = model.runs.rows.after;
    ask(model, after, env)
}

fn ask(model: &mut Model, after: i64, env: &mut Env) -> Vec<Effect> {
    let search = model.runs.search.clone();
    let state = model.runs.state;
    let rows = &mut model.runs.rows;
    let Some(run) = rows.run else {
        return Vec::new();
    };
    if rows.is_asked {
        rows.is_stale = true;
        return Vec::new();
    }
    rows.is_asked = true;
    rows.is_stale = false;
    rows.after = after;
    rows.ticket = env.ticket();
    vec![Effect::Ask(Ask::Runs(RunsAsk::Rows {
        ticket: rows.ticket,
        query: PageQuery {
            run,
            state,
            search,
            after: behind(after),
            limit: ROWS_PAGE,
        },
    }))]
}

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let height = layout::runs_areas(model).row_rows().max(1);
    let page = isize::try_from(height).unwrap_or(1);
    let rows = &mut model.runs.rows;
    let count = rows.lines.len();
    match command {
        Command::Down => rows.view.move_by(1, count, height),
        Command::Up => rows.view.move_by(-1, count, height),
        Command::PageDown => rows.view.move_by(page, count, height),
        Command::PageUp => rows.view.move_by(-page, count, height),
        Command::Top if rows.after > 0 => return Some(ask_from_start(model, env)),
        Command::Top => rows.view.select(0, count, height),
        Command::Bottom => rows.view.select(count, count, height),
        Command::Back if !model.runs.search.is_empty() || model.runs.state.is_some() => {
            model.runs.search.clear();
            model.runs.state = None;
            return Some(ask_from_start(model, env));
        }
        Command::Back => return Some(runs::leave_rows(model)),
        _ => return None,
    }
    Some(match model.runs.rows.next_window() {
        Some(after) if !model.runs.rows.is_asked => ask(model, after, env),
        Some(_) | None => Vec::new(),
    })
}

/// Takes an answer in.
pub(super) fn take(
    model: &mut Model,
    ticket: u64,
    result: Result<Page, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    if ticket != model.runs.rows.ticket {
        return Vec::new();
    }
    model.runs.rows.is_asked = false;
    let height = layout::runs_areas(model).row_rows();
    match result {
        Ok(page) => model.runs.rows.take(page, height),
        Err(failure) => {
            model
                .shared
                .say(Level::Error, failure.to_string(), env.uptime);
            return Vec::new();
        }
    }
    if model.runs.rows.is_stale {
        return ask_again(model, env);
    }
    Vec::new()
}

pub(super) fn open_search(model: &mut Model) -> Vec<Effect> {
    if model.runs.selected().is_some() {
        model.runs.focus = RunsFocus::Rows;
        model.runs.typing = Some(TextField::of(&model.runs.search));
        super::refit(model);
    }
    Vec::new()
}

/// Keys while a search is typed; `None` when the key means the same everywhere.
pub(super) fn search_on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match command {
        Command::Accept | Command::Back => {
            model.runs.typing = None;
            Some(Vec::new())
        }
        Command::Down | Command::Up | Command::PageDown | Command::PageUp => {
            on(model, command, env)
        }
        command => {
            let field = model.runs.typing.as_mut()?;
            field.on(command).then(|| search_changed(model, env))
        }
    }
}

pub(super) fn search_typed(model: &mut Model, c: char, env: &mut Env) -> Option<Vec<Effect>> {
    let field = model.runs.typing.as_mut()?;
    field.insert(c).then(|| search_changed(model, env))
}

/// Searches as it is typed.
pub(super) fn search_changed(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let text = model.runs.typing.as_ref().map(|field| field.value().trim());
    let text = text.unwrap_or_default().to_owned();
    if text == model.runs.search {
        return Vec::new();
    }
    model.runs.search = text;
    ask_from_start(model, env)
}
