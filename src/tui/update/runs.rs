//! The Runs screen: moving, starting, pausing. A run is started only after a question that names
//! the units before and after, and a number is typed where they are many.
//!
//! ```text
//!  p ─► somebody works on it ─► asked to pause
//!    └► waiting ─► what it would do ─► question ─► start: from here on it goes on in the backstage
//! ```
//! A run that another process works on is seen and steered through the ledger in the same way.

use super::send::with_whom;
use super::{forget, pick, place, popup, run_actions, run_rows};
use crate::base::RunId;
use crate::bulk::progress::span;
use crate::bulk::rows::Target;
use crate::keymap::Command;
use crate::ledger::{RowState, RunState};
use crate::ops::bulk_view::overlap_lines;
use crate::tui::effects::{Ask, Effect, RunsAsk};
use crate::tui::layout;
use crate::tui::model::decide::{Decide, Typed, Yes};
use crate::tui::model::picker::{Choice, Item, Picker};
use crate::tui::model::popup::Popup;
use crate::tui::model::runs::{RUNS_PAGE, Runs, RunsFocus, is_worked_on};
use crate::tui::model::{Env, Failure, Level, Model, Place};
use crate::tui::msg::{Ahead, RunsMsg, Told};
use crate::tui::ui::text::grouped;

/// Units from which on their number must be typed, as at the command line.
const ASK_ABOVE_UNITS: u64 = 25;

/// Shows the runs of the profile on screen; what is held of others is forgotten.
pub(super) fn show(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.runs.of != model.shared.active {
        model.runs.clear();
        model.runs.of = model.shared.active.clone();
    }
    ask_list(model, env)
}

/// Somebody committed: counts, states and rows may be others.
pub(super) fn ledger_changed(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let mut effects = ask_list(model, env);
    effects.extend(run_rows::ask_again(model, env));
    effects
}

/// When the other processes are looked after again; never while none works on a run.
pub(super) fn next_wakeup(model: &Model) -> Option<std::time::Duration> {
    model.runs.look_at
}

/// Looks after them if it is time.
pub(super) fn due(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.runs.look_at.is_none_or(|at| at > env.uptime) {
        return Vec::new();
    }
    model.runs.look_at = None;
    ask_list(model, env)
}

/// Asks for the runs; while a question is open, only notes that it will be stale.
pub(super) fn ask_list(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(profile) = model.runs.of.clone() else {
        return Vec::new();
    };
    let runs = &mut model.runs;
    if runs.is_asked {
        runs.is_stale = true;
        return Vec::new();
    }
    runs.is_asked = true;
    runs.is_stale = false;
    runs.ticket = env.ticket();
    vec![Effect::Ask(Ask::Runs(RunsAsk::Load {
        ticket: runs.ticket,
        profile,
        limit: RUNS_PAGE.max(runs.count()),
    }))]
}

/// `None` when the command means the same everywhere.
pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match command {
        Command::StartOrPause => return Some(start_or_pause(model, env)),
        Command::OpenRows => return Some(focus(model, RunsFocus::Rows)),
        Command::OtherPart => {
            let other = match model.runs.focus {
                RunsFocus::List => RunsFocus::Rows,
                RunsFocus::Rows => RunsFocus::List,
            };
            return Some(focus(model, other));
        }
        Command::FilterRows => states(model),
        Command::FindRow => return Some(run_rows::open_search(model)),
        Command::QueueAgain => run_actions::requeue(model, env),
        Command::SkipRow => run_actions::skip(model, env),
        Command::ForgetPerson => return Some(forget::of_row(model, env)),
        Command::ExportRun => run_actions::export(model, env),
        Command::DiscardRun => run_actions::discard(model, env),
        Command::TrackRun => return Some(run_actions::track(model, env)),
        Command::OpenRowAttempt => return Some(run_actions::open_attempt(model, env)),
        Command::RefreshUsage => return Some(ledger_changed(model, env)),
        command => {
            return match model.runs.focus {
                RunsFocus::List => on_list(model, command, env),
                RunsFocus::Rows => run_rows::on(model, command, env),
            };
        }
    }
    Some(Vec::new())
}

fn on_list(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let rows = layout::runs_areas(model).list_rows().max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    let count = model.runs.count();
    let view = &mut model.runs.view;
    match command {
        Command::Down => view.move_by(1, count, rows),
        Command::Up => view.move_by(-1, count, rows),
        Command::PageDown => view.move_by(page, count, rows),
        Command::PageUp => view.move_by(-page, count, rows),
        Command::Top => view.select(0, count, rows),
        Command::Bottom => view.select(count, count, rows),
        Command::Back => return Some(place::go(model, Place::Console, env)),
        _ => return None,
    }
    Some(run_rows::follow_selection(model, env))
}

fn focus(model: &mut Model, focus: RunsFocus) -> Vec<Effect> {
    if model.runs.selected().is_some() {
        model.runs.focus = focus;
        super::refit(model);
    }
    Vec::new()
}

/// Goes back to the list.
pub(super) fn leave_rows(model: &mut Model) -> Vec<Effect> {
    focus(model, RunsFocus::List)
}

fn start_or_pause(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(view) = model.runs.selected() else {
        let text = "there is no run yet; n plans one";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    let run = view.run.id;
    if is_worked_on(view) {
        return vec![Effect::Ask(Ask::Runs(RunsAsk::Pause(run)))];
    }
    if let Some(text) = standstill(model, run) {
        model.shared.say(Level::Warning, text, env.uptime);
        return Vec::new();
    }
    vec![Effect::Ask(Ask::Runs(RunsAsk::LookAhead(run)))]
}

/// Why a run cannot be started, in a sentence.
fn standstill(model: &Model, run: RunId) -> Option<String> {
    let all = model.runs.list.as_ref()?;
    let view = all.iter().find(|view| view.run.id == run)?;
    if let Some(trouble) = &model.shared.ledger_trouble {
        return Some(format!("nothing was sent: the ledger is {trouble}"));
    }
    if view.run.state == RunState::Importing {
        return Some(format!("the file of run {run} was not read to its end"));
    }
    if view.count(RowState::Pending) == 0 {
        return Some(match view.count(RowState::Absent) {
            0 => format!("no row of run {run} waits"),
            n => format!("no row of run {run} waits; w lets its {n} absent rows wait again"),
        });
    }
    None
}

/// The flight plan, and the question whether to go.
fn ahead(model: &mut Model, run: RunId, ahead: &Ahead, env: &Env) {
    let found = &ahead.prospect;
    let (used, limit) = (found.usage.used, found.usage.limit);
    let spends = found.spends;
    let waiting = found.view.count(RowState::Pending);
    if spends == 0 && found.overlap.sent < waiting {
        let text = format!(
            "run {run} has {} rows waiting and may spend no unit: {} of {} are left, {} in reserve",
            grouped(waiting),
            grouped(found.usage.left()),
            grouped(limit),
            grouped(found.reserve)
        );
        model.shared.say(Level::Warning, text, env.uptime);
        return;
    }
    let mut lines = vec![
        format!(
            "{} · {} · {} rows wait, {} are sent.",
            found.view.run.file_name,
            found.view.run.module,
            grouped(waiting),
            grouped(spends)
        ),
        format!(
            "Spends {}: {} → {} of {}, which leaves {}.",
            units(spends),
            grouped(used),
            grouped(used.saturating_add(spends)),
            grouped(limit),
            grouped(limit.saturating_sub(used.saturating_add(spends)))
        ),
    ];
    lines.extend(with_whom(model, &found.view.run.profile));
    if found.reserve > 0 {
        lines.push(format!("{} stay in reserve.", units(found.reserve)));
    }
    lines.extend(overlap_lines(&found.overlap.planned));
    if found.overlap.sent > 0 {
        lines.push(format!(
            "{} rows were sent elsewhere since the plan and are left out.",
            grouped(found.overlap.sent)
        ));
    }
    let rest = waiting.saturating_sub(spends + found.overlap.sent);
    if rest > 0 {
        lines.push(format!(
            "{} rows have no unit and go on waiting.",
            grouped(rest)
        ));
    }
    if let Some(takes) = ahead.takes {
        lines.push(format!("Takes about {} at the usual pace.", span(takes)));
    }
    let must_type = spends > ASK_ABOVE_UNITS;
    model.popups.push(Popup::Decide(Decide {
        question: match found.view.run.state {
            RunState::Ready => format!("Start run {run}?"),
            _ => format!("Resume run {run}?"),
        },
        lines,
        typed: must_type.then(|| Typed::new(spends.to_string(), "the number of units")),
        does: "sends",
        leaves: "sends nothing",
        yes: Yes::Ask(Box::new(Ask::Runs(RunsAsk::Start(run)))),
    }));
}

pub(super) fn units(count: u64) -> String {
    match count {
        1 => "1 unit".to_owned(),
        n => format!("{} units", grouped(n)),
    }
}

/// The states of the selected run's rows, each with its count.
fn states(model: &mut Model) {
    let Some(view) = model.runs.selected() else {
        return;
    };
    let all = Item {
        text: "all rows".to_owned(),
        hint: grouped(view.rows()),
        choice: Choice::RowState(None),
    };
    let one = |state: &RowState| Item {
        text: state.as_str().to_owned(),
        hint: grouped(view.count(*state)),
        choice: Choice::RowState(Some(*state)),
    };
    let items = std::iter::once(all)
        .chain(RowState::ALL.iter().map(one))
        .collect();
    let chosen = Choice::RowState(model.runs.state);
    pick::open(model, Picker::new(Command::FilterRows.title(), items));
    let rows = layout::popup_rows(model);
    if let Some(Popup::Pick(picker)) = model.popups.last_mut() {
        picker.select(&chosen, rows);
    }
}

/// What was typed into a prompt about a run.
pub(super) fn prompted(run: RunId, path: &str) -> Vec<Effect> {
    let path = path.trim().to_owned();
    if path.is_empty() {
        return Vec::new();
    }
    vec![Effect::Ask(Ask::Runs(RunsAsk::Export { run, path }))]
}

/// A question was answered with yes: notes what goes on here from now on.
pub(super) fn confirmed(model: &mut Model, ask: &Ask) {
    if let Ask::Runs(RunsAsk::Start(run)) = ask {
        model.runs.own.insert(*run, None);
    }
}

/// Shows rows of one state, or all.
pub(super) fn choose_state(
    model: &mut Model,
    state: Option<RowState>,
    env: &mut Env,
) -> Vec<Effect> {
    model.runs.state = state;
    model.runs.focus = RunsFocus::Rows;
    super::refit(model);
    run_rows::ask_from_start(model, env)
}

/// The words for where a column leads.
pub(crate) fn target_words(target: Option<Target>) -> &'static str {
    target.map_or("-", Target::as_str)
}

/// Takes an answer in.
pub(super) fn take(model: &mut Model, msg: RunsMsg, env: &mut Env) -> Vec<Effect> {
    match msg {
        RunsMsg::List { ticket, result } => return list(model, ticket, result, env),
        RunsMsg::Rows { ticket, result } => return run_rows::take(model, ticket, result, env),
        RunsMsg::Ahead { run, result } => match result {
            Ok(found) => {
                let is_here = model.place == Place::Runs && model.popups.is_empty();
                if is_here && model.runs.selected().map(|view| view.run.id) == Some(run) {
                    ahead(model, run, &found, env);
                }
            }
            Err(failure) => model
                .shared
                .say(Level::Error, failure.to_string(), env.uptime),
        },
        RunsMsg::News { run, text } => {
            if let Some(last) = model.runs.own.get_mut(&run) {
                *last = text;
            }
        }
        RunsMsg::Ended { run, result, .. } => {
            model.runs.own.remove(&run);
            // Answers that are in no ledger may be in these words alone.
            match result {
                Ok(told) => popup::tell_whole(model, told.level, told.text, env),
                Err(failure) => {
                    popup::tell_whole(model, Level::Error, failure.to_string(), env);
                }
            }
            return ask_list(model, env);
        }
        RunsMsg::Tracking { run, tracked } => {
            if let Some(last) = model.runs.tracked.get_mut(&run) {
                *last = Some(tracked);
            }
        }
        RunsMsg::Tracked { run, result } => {
            model.runs.tracked.remove(&run);
            say(model, result, env);
        }
        RunsMsg::Done(result) => say(model, result, env),
        RunsMsg::Looked { ticket, result } => super::plan::looked(model, ticket, result),
        RunsMsg::Completed { ticket, completion } => {
            super::plan::completed(model, ticket, completion);
        }
        RunsMsg::Planned { ticket, result } => {
            return super::plan::planned(model, ticket, result, env);
        }
    }
    Vec::new()
}

fn say(model: &mut Model, result: Result<Told, Failure>, env: &Env) {
    match result {
        Ok(told) => model.shared.say(told.level, told.text, env.uptime),
        Err(failure) => model
            .shared
            .say(Level::Error, failure.to_string(), env.uptime),
    }
}

fn list(
    model: &mut Model,
    ticket: u64,
    result: Result<Vec<crate::ops::bulk_view::RunView>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    if ticket != model.runs.ticket {
        return Vec::new();
    }
    model.runs.is_asked = false;
    let rows = layout::runs_areas(model).list_rows();
    match result {
        Ok(list) => model.runs.take(list, rows, env.uptime),
        Err(failure) => {
            model
                .shared
                .say(Level::Error, failure.to_string(), env.uptime);
            return Vec::new();
        }
    }
    let mut effects = run_rows::follow_selection(model, env);
    if model.runs.is_stale {
        effects.extend(ask_list(model, env));
    }
    effects
}

/// The backstage took no more.
pub(super) fn refused(model: &mut Model, ask: &RunsAsk) -> &'static str {
    match ask {
        RunsAsk::Load { .. } => {
            model.runs.is_asked = false;
            "too much is under way; the runs are not up to date"
        }
        RunsAsk::Rows { .. } => {
            model.runs.rows.is_asked = false;
            "too much is under way; the rows are not up to date"
        }
        RunsAsk::Start(run) => {
            model.runs.own.remove(run);
            "too much is under way; nothing was sent, try again in a moment"
        }
        RunsAsk::Plan(_) => {
            super::plan::refused(model);
            "too much is under way; nothing was planned, try again in a moment"
        }
        RunsAsk::Track(run) => {
            model.runs.tracked.remove(run);
            "too much is under way; try again in a moment"
        }
        RunsAsk::LookAhead(_)
        | RunsAsk::Pause(_)
        | RunsAsk::Discard(_)
        | RunsAsk::Requeue(..)
        | RunsAsk::Skip(..)
        | RunsAsk::Export { .. }
        | RunsAsk::Look { .. }
        | RunsAsk::Complete { .. } => "too much is under way; try again in a moment",
    }
}

/// Runs that go on here, for the sentence before leaving.
pub(super) fn own_count(runs: &Runs) -> usize {
    runs.own.len()
}

#[cfg(test)]
mod tests;
