//! The Jobs screen: moving, filtering, paging, and asking the server while it is shown.
//!
//! ```text
//!  shown ─► ledger at once ─► rows
//!        └► something may still change ─► newest page of the server's list, 10 s to 60 s apart
//!  selected, in sight ─► ledger ─► not final ─► the job itself, 2 s to 60 s apart
//! ```
//! While another screen is shown nothing is due. No question here spends a unit.

use std::time::Duration;

use super::{job_actions, job_sheet, place};
use crate::base::limits::PAGE_ROWS_MAX;
use crate::keymap::Command;
use crate::ledger::JobsOf;
use crate::ops::job_board::Look;
use crate::tui::app::poll::Brought;
use crate::tui::data::profile::ProfileState;
use crate::tui::effects::{Ask, Effect};
use crate::tui::layout;
use crate::tui::model::jobs::{Jobs, JobsFilter, JobsFocus, JobsPage, JobsQuery, PAGE_ROWS};
use crate::tui::model::{Env, Failure, Level, Model, Place};
use crate::tui::ui::field::TextField;

/// So near to the last loaded row, older ones are asked for.
const ROWS_AHEAD: usize = 50;

/// Shows the jobs of the profile and kind on screen; what is held of others is forgotten.
pub(super) fn show(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let of = model
        .shared
        .active
        .clone()
        .map(|profile| (profile, model.shared.kind()));
    if model.jobs.of != of {
        // The least wait between two calls outlives a switch: the budget is the program's.
        let (mut list_poll, mut sheet_poll) = (model.jobs.list_poll, model.jobs.sheet_poll);
        list_poll.rest();
        sheet_poll.rest();
        model.jobs = Jobs {
            of,
            list_poll,
            sheet_poll,
            ..Jobs::default()
        };
    }
    if model.jobs.of.is_none() {
        return Vec::new();
    }
    model.jobs.list_poll.soon(env.uptime);
    ask_newest(model, env)
}

/// `None` when the command means the same everywhere.
pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match command {
        Command::OpenJob => return Some(job_sheet::open(model, env)),
        Command::FilterJobs => super::pick::job_statuses(model),
        Command::WhoseJobs => return Some(next_whose(model, env)),
        Command::FindJob => open_search(model),
        Command::CopyJob => job_actions::copy_what(model),
        Command::ExportJob => return Some(job_actions::export(model, env)),
        Command::ComposeFromJob => return Some(job_actions::compose_again(model, env)),
        Command::GoToAttempt => return Some(job_actions::go_to_attempt(model, env)),
        Command::RefreshUsage => return Some(refresh(model, env)),
        command => {
            return match model.jobs.focus {
                JobsFocus::List => on_list(model, command, env),
                JobsFocus::Data => job_sheet::on(model, command),
            };
        }
    }
    Some(Vec::new())
}

fn on_list(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let rows = layout::jobs_areas(model).list_rows().max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    let count = model.jobs.lines.len();
    let turn = model.shared.settings.turn;
    let view = &mut model.jobs.view;
    match command {
        Command::Down => view.step(1, (count, rows), turn),
        Command::Up => view.step(-1, (count, rows), turn),
        Command::PageDown => view.move_by(page, count, rows),
        Command::PageUp => view.move_by(-page, count, rows),
        Command::Top => view.select(0, count, rows),
        Command::Bottom => view.select(count, count, rows),
        Command::Back if model.jobs.is_filtered() => {
            return Some(apply(model, JobsFilter::default(), env));
        }
        Command::Back => return Some(place::go(model, Place::Console, env)),
        _ => return None,
    }
    Some(selected(model, env))
}

/// Another row is selected: its data is wanted, and older rows if it is near the end.
pub(super) fn selected(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let mut effects = job_sheet::follow_selection(model, env);
    let near_end = model.jobs.view.selected + ROWS_AHEAD >= model.jobs.lines.len();
    if near_end && model.jobs.has_more && model.jobs.ticket_older.is_none() {
        let before = model
            .jobs
            .lines
            .last()
            .map(|line| (line.row.at, line.row.id.clone()));
        let ticket = env.ticket();
        model.jobs.ticket_older = Some(ticket);
        effects.extend(load(model, ticket, (before, PAGE_ROWS)));
    }
    effects
}

fn load(
    model: &Model,
    ticket: u64,
    (before, rows_max): (Option<(crate::base::Timestamp, crate::base::JobId)>, usize),
) -> Option<Effect> {
    let (profile, kind) = model.jobs.of.clone()?;
    Some(Effect::Ask(Ask::LoadJobs {
        ticket,
        profile,
        kind,
        query: JobsQuery {
            filter: model.jobs.filter.clone(),
            before,
            rows_max,
        },
    }))
}

/// Asks the ledger for the newest rows, as many as are held; while a question is open, only notes
/// that its answer will be stale.
pub(super) fn ask_newest(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.jobs.is_asked {
        model.jobs.is_stale = true;
        return Vec::new();
    }
    model.jobs.is_asked = true;
    model.jobs.is_stale = false;
    model.jobs.ticket = env.ticket();
    let rows = model.jobs.lines.len().clamp(PAGE_ROWS, PAGE_ROWS_MAX);
    load(model, model.jobs.ticket, (None, rows))
        .into_iter()
        .collect()
}

/// Shows what another filter lets through.
pub(super) fn apply(model: &mut Model, filter: JobsFilter, env: &mut Env) -> Vec<Effect> {
    if model.jobs.filter == filter {
        return Vec::new();
    }
    model.jobs.filter = filter;
    model.jobs.lines.clear();
    model.jobs.has_more = false;
    model.jobs.ticket_older = None;
    model.jobs.view = Default::default();
    model.jobs.is_asked = false;
    let mut effects = job_sheet::follow_selection(model, env);
    effects.extend(ask_newest(model, env));
    effects
}

fn next_whose(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let filter = JobsFilter {
        whose: match model.jobs.filter.whose {
            JobsOf::All => JobsOf::Mine,
            JobsOf::Mine => JobsOf::Others,
            JobsOf::Others => JobsOf::All,
        },
        ..model.jobs.filter.clone()
    };
    apply(model, filter, env)
}

/// A page came.
pub(super) fn page(
    model: &mut Model,
    ticket: u64,
    result: Result<JobsPage, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let zone = model.shared.settings.zone.clone();
    let is_older = model.jobs.ticket_older == Some(ticket);
    if is_older {
        model.jobs.ticket_older = None;
    } else if ticket == model.jobs.ticket && model.jobs.is_asked {
        model.jobs.is_asked = false;
    } else {
        return Vec::new();
    }
    match result {
        Err(failure) => {
            model
                .shared
                .say(Level::Error, failure.to_string(), env.uptime);
            return Vec::new();
        }
        Ok(page) if is_older => {
            model.jobs.take_older(page, env.now, &zone);
            return Vec::new();
        }
        Ok(page) => {
            let rows = layout::jobs_areas(model).list_rows();
            model.jobs.take_newest(page, env.now, &zone, rows);
        }
    }
    let mut effects = job_sheet::follow_selection(model, env);
    // The selected row may have moved on although it is the same job.
    job_sheet::lay_out(model);
    if model.jobs.is_stale {
        effects.extend(ask_newest(model, env));
    }
    effects
}

/// The server's list was read.
pub(super) fn looked(
    model: &mut Model,
    result: Result<Vec<(String, u64)>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let brought = match result {
        Ok(statuses) if statuses != model.jobs.statuses => Brought::News,
        Ok(_) => Brought::Nothing,
        Err(failure) => {
            model.jobs.failure = Some(failure.to_string());
            model.jobs.list_poll.answered(env.uptime, Brought::Nothing);
            return Vec::new();
        }
    };
    model.jobs.failure = None;
    model.jobs.list_poll.answered(env.uptime, brought);
    ask_newest(model, env)
}

/// Asks the server for all jobs and for the selected one, as soon as the budget allows.
fn refresh(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.jobs.of.is_none() {
        model
            .shared
            .say(Level::Warning, "set up a profile first", env.uptime);
        return Vec::new();
    }
    model.jobs.wants_all = true;
    let at = model.jobs.list_poll.soon(env.uptime);
    job_sheet::refresh(model, env);
    // Rounded up: a promise of 9 s that takes 9.8 is broken.
    let wait = at.saturating_sub(env.uptime).as_millis().div_ceil(1_000);
    if wait > 0 {
        let text = format!("the server was asked just now; asking again in {wait} s");
        model.shared.say(Level::Info, text, env.uptime);
    }
    due(model, env)
}

/// When the server is to be asked next; `None` while nothing can change or nobody looks.
pub(super) fn next_wakeup(model: &Model) -> Option<Duration> {
    if model.place != Place::Jobs || !can_ask(model) {
        return None;
    }
    let list = model.jobs.list_poll.due().filter(|_| wants_list(model));
    [list, job_sheet::due_at(model)].into_iter().flatten().min()
}

/// Asks what is due.
pub(super) fn due(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.place != Place::Jobs || !can_ask(model) {
        return Vec::new();
    }
    let Some((profile, kind)) = model.jobs.of.clone() else {
        return Vec::new();
    };
    let mut effects = job_sheet::due(model, env);
    let is_due = model
        .jobs
        .list_poll
        .due()
        .is_some_and(|at| at <= env.uptime);
    if is_due && wants_list(model) {
        model.jobs.list_poll.asked(env.uptime);
        let look = if std::mem::take(&mut model.jobs.wants_all) {
            Look::All
        } else {
            Look::Newest
        };
        effects.push(Effect::Ask(Ask::LookForJobs {
            profile,
            kind,
            look,
        }));
    }
    effects
}

/// The list is asked for while a job may still change, when a person wants it, and once if it was
/// never read.
fn wants_list(model: &Model) -> bool {
    let jobs = &model.jobs;
    !jobs.is_asked && (jobs.wants_all || jobs.listed_at.is_none() || jobs.moving() > 0)
}

fn can_ask(model: &Model) -> bool {
    model
        .shared
        .profile()
        .is_some_and(|profile| profile.state != ProfileState::NotSetUp)
}

fn open_search(model: &mut Model) {
    let before = model.jobs.filter.id_part.clone().unwrap_or_default();
    model.jobs.search = Some(TextField::of(&before));
    model.jobs.focus = JobsFocus::List;
    super::refit(model);
}

pub(super) fn search_on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match command {
        Command::Accept | Command::Back => {
            model.jobs.search = None;
            Some(selected(model, env))
        }
        Command::Down | Command::Up | Command::PageDown | Command::PageUp => {
            on_list(model, command, env)
        }
        command => {
            let field = model.jobs.search.as_mut();
            let is_edit = field.is_some_and(|field| field.on(command));
            is_edit.then(|| search_changed(model, env))
        }
    }
}

pub(super) fn search_typed(model: &mut Model, c: char, env: &mut Env) -> Option<Vec<Effect>> {
    let field = model.jobs.search.as_mut();
    let is_taken = field.is_some_and(|field| field.insert(c));
    is_taken.then(|| search_changed(model, env))
}

/// Searches as it is typed.
pub(super) fn search_changed(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let field = model.jobs.search.as_ref();
    let text = field.map(|field| field.value().trim().to_owned());
    let filter = JobsFilter {
        id_part: text.filter(|text| !text.is_empty()),
        ..model.jobs.filter.clone()
    };
    apply(model, filter, env)
}

/// Goes to the job of the attempt that is selected in the log.
pub(super) fn go_to_job(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(row) = model.log.selected().map(|line| line.row.clone()) else {
        return Vec::new();
    };
    let Some(job) = row.job_id else {
        let text = "this attempt made no job that is known";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    if model.shared.active.as_ref() != Some(&row.profile) || model.shared.kind() != row.kind {
        let text = format!(
            "job {job} belongs to {}, {}; switch there first",
            row.profile,
            row.kind.as_str()
        );
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    }
    let mut effects = place::go(model, Place::Jobs, env);
    let held = model.jobs.lines.iter().position(|line| line.row.id == job);
    match held {
        Some(index) => {
            let (count, rows) = (
                model.jobs.lines.len(),
                layout::jobs_areas(model).list_rows(),
            );
            model.jobs.view.select(index, count, rows);
            effects.extend(selected(model, env));
        }
        None => {
            let filter = JobsFilter {
                id_part: Some(job.to_string()),
                ..JobsFilter::default()
            };
            effects.extend(apply(model, filter, env));
        }
    }
    effects
}

#[cfg(test)]
mod tests;
