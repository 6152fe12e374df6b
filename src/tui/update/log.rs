//! The live log: moving, searching, paging.

use super::command::focus;
use super::{detail, place};
use crate::base::AttemptId;
use crate::base::limits::PAGE_ROWS_MAX;
use crate::keymap::Command;
use crate::tui::data::attempt::{LogFilter, LogQuery};
use crate::tui::effects::{Ask, Effect};
use crate::tui::layout;
use crate::tui::model::log::PAGE_ROWS;
use crate::tui::model::{Env, Model, Pane, Place};
use crate::tui::ui::field::TextField;

/// Fewest characters that are searched for; the index knows no shorter words.
const SEARCH_CHARS_MIN: usize = 2;
/// So near to the last loaded row, older ones are asked for.
const ROWS_AHEAD: usize = 50;

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let rows = layout::log_rows(model).max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    let count = model.log.lines.len();
    let turn = model.shared.settings.turn;
    let view = &mut model.log.view;
    match command {
        Command::Down => view.step(1, (count, rows), turn),
        Command::Up => view.step(-1, (count, rows), turn),
        Command::PageDown => view.move_by(page, count, rows),
        Command::PageUp => view.move_by(-page, count, rows),
        Command::Top => view.select(0, count, rows),
        Command::Bottom => view.select(count, count, rows),
        Command::Back if model.log.is_filtered() => {
            let filter = LogFilter {
                profile: model.log.filter.profile.clone(),
                ..LogFilter::default()
            };
            return Some(apply(model, filter, env));
        }
        Command::Back => return Some(focus(model, Pane::Compose)),
        _ => return None,
    }
    Some(selected(model, env))
}

/// Another row is selected: its detail is wanted, and older rows if it is near the end.
pub(super) fn selected(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let mut effects = detail::follow_key(model, env);
    let near_end =
        !model.log.is_outdated && model.log.view.selected + ROWS_AHEAD >= model.log.lines.len();
    if near_end && model.log.has_more && model.log.ticket_older.is_none() {
        let ticket = env.ticket();
        model.log.ticket_older = Some(ticket);
        let before = model.log.lines.last().map(|line| line.row.id);
        effects.push(Effect::Ask(Ask::LoadLog {
            ticket,
            query: LogQuery {
                filter: model.log.filter.clone(),
                before,
                rows_max: PAGE_ROWS.min(PAGE_ROWS_MAX),
            },
        }));
    }
    effects
}

/// Shows what another filter lets through.
pub(super) fn apply(model: &mut Model, filter: LogFilter, env: &mut Env) -> Vec<Effect> {
    if model.log.filter == filter {
        return Vec::new();
    }
    model.log.filter = filter;
    reload(model, env)
}

/// Asks for the newest page; the rows that are there go when it comes.
pub(super) fn reload(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    model.log.is_outdated = true;
    model.log.is_asked = false;
    model.log.ticket_older = None;
    ask_newest(model, env)
}

/// Asks for the newest page; while a question is open, only notes that it will be stale.
pub(super) fn ask_newest(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.log.is_asked {
        model.log.is_stale = true;
        return Vec::new();
    }
    model.log.is_asked = true;
    model.log.is_stale = false;
    model.log.ticket = env.ticket();
    vec![Effect::Ask(Ask::LoadLog {
        ticket: model.log.ticket,
        query: LogQuery {
            filter: model.log.filter.clone(),
            before: None,
            rows_max: PAGE_ROWS.min(PAGE_ROWS_MAX),
        },
    })]
}

pub(super) fn follow(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let (count, rows) = (model.log.lines.len(), layout::log_rows(model));
    model.log.view.select(0, count, rows);
    selected(model, env)
}

/// Goes to an attempt in the log. One that is further back than what is loaded comes to stand at
/// the top of what is shown.
pub(super) fn go_to(model: &mut Model, attempt: AttemptId, env: &mut Env) -> Vec<Effect> {
    let mut effects = place::go(model, Place::Console, env);
    effects.extend(focus(model, Pane::Log));
    let mut lines = model.log.lines.iter();
    match lines.position(|line| line.row.id == attempt) {
        Some(index) if !model.log.is_outdated => {
            let (count, rows) = (model.log.lines.len(), layout::log_rows(model));
            model.log.view.select(index, count, rows);
            effects.extend(selected(model, env));
        }
        Some(_) | None => {
            let filter = LogFilter {
                profile: model.shared.active.clone(),
                up_to: Some(attempt),
                ..LogFilter::default()
            };
            effects.extend(apply(model, filter, env));
        }
    }
    effects
}

pub(super) fn open_search(model: &mut Model) {
    let before = model.log.filter.search.clone().unwrap_or_default();
    model.log.search = Some(TextField::of(&before));
    model.pane = Pane::Log;
    super::refit(model);
}

pub(super) fn search_on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match command {
        Command::Accept | Command::Back => {
            model.log.search = None;
            Some(selected(model, env))
        }
        Command::Down | Command::Up | Command::PageDown | Command::PageUp => {
            on(model, command, env)
        }
        command => {
            let is_edit = model
                .log
                .search
                .as_mut()
                .is_some_and(|field| field.on(command));
            is_edit.then(|| search_changed(model, env))
        }
    }
}

pub(super) fn search_typed(model: &mut Model, c: char, env: &mut Env) -> Option<Vec<Effect>> {
    let is_taken = model
        .log
        .search
        .as_mut()
        .is_some_and(|field| field.insert(c));
    is_taken.then(|| search_changed(model, env))
}

/// Searches as it is typed; the ledger's index answers in less than a frame.
pub(super) fn search_changed(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let text = model
        .log
        .search
        .as_ref()
        .map(|field| field.value().trim().to_owned());
    let mut filter = model.log.filter.clone();
    filter.search = text.filter(|text| text.chars().count() >= SEARCH_CHARS_MIN);
    apply(model, filter, env)
}
