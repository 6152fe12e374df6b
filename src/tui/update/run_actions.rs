//! What a person does with a run beside starting it: rows that wait again or are left out, a file,
//! its jobs, the way to an attempt, and taking a plan away.

use super::log;
use super::runs::units;
use crate::ledger::RowState;
use crate::ops::bulk_rows::{REQUEUED, Rows};
use crate::tui::effects::{Ask, Effect, RunsAsk};
use crate::tui::model::decide::{Decide, Yes};
use crate::tui::model::popup::{Popup, Prompt, Purpose};
use crate::tui::model::runs::{RunsFocus, is_worked_on};
use crate::tui::model::{Env, Level, Model};
use crate::tui::ui::field::TextField;
use crate::tui::ui::text::grouped;

/// Goes to the attempt of the selected row.
pub(super) fn open_attempt(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(line) = model.runs.selected_row() else {
        return Vec::new();
    };
    let Some(attempt) = line.found.row.attempt else {
        let text = format!("row {} was never sent", line.number());
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    let mut effects = log::go_to(model, attempt, env);
    effects.extend(super::command::focus(
        model,
        crate::tui::model::Pane::Detail,
    ));
    effects
}

/// Asks for the jobs of the selected run until they have ended.
pub(super) fn track(model: &mut Model, env: &Env) -> Vec<Effect> {
    let Some(view) = model.runs.selected() else {
        return Vec::new();
    };
    let run = view.run.id;
    if view.count(RowState::Scheduled) == 0 {
        let text = format!("run {run} has no jobs");
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    }
    if model.runs.tracked.contains_key(&run) {
        let text = format!("the jobs of run {run} are being asked for already");
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    }
    model.runs.tracked.insert(run, None);
    vec![Effect::Ask(Ask::Runs(RunsAsk::Track(run)))]
}

/// The question whether a plan is to go. What the screen cannot know, the ledger refuses.
pub(super) fn discard(model: &mut Model, env: &Env) {
    let Some(view) = model.runs.selected() else {
        return;
    };
    let run = view.run.id;
    if is_worked_on(view) || view.count(RowState::Scheduled) > 0 {
        let text = format!("run {run} has sent rows, and what was sent is kept");
        model.shared.say(Level::Warning, text, env.uptime);
        return;
    }
    model.popups.push(Popup::Decide(Decide {
        question: format!("Discard run {run}?"),
        lines: vec![
            format!(
                "{} leaves the ledger with its {} rows.",
                view.run.file_name,
                grouped(view.rows())
            ),
            "Only a run that never sent anything can be discarded.".to_owned(),
        ],
        typed: None,
        does: "discards the plan",
        leaves: "changes nothing",
        yes: Yes::Ask(Box::new(Ask::Runs(RunsAsk::Discard(run)))),
    }));
}

pub(super) fn requeue(model: &mut Model, env: &Env) {
    let Some(view) = model.runs.selected() else {
        return;
    };
    let run = view.run.id;
    let (rows, count, what) = match (model.runs.focus, model.runs.selected_row()) {
        (RunsFocus::Rows, Some(line)) => {
            let may = matches!(
                line.found.row.state,
                RowState::Absent | RowState::NotSent | RowState::Skipped
            );
            if !may {
                let state = line.found.row.state;
                let text = format!(
                    "the row is {state}; only absent, not_sent and skipped rows wait again"
                );
                model.shared.say(Level::Warning, text, env.uptime);
                return;
            }
            let what = format!("Row {} ({})", line.number(), line.found.row.state);
            (Rows::These(vec![line.found.row.row]), 1, what)
        }
        (RunsFocus::List, _) | (RunsFocus::Rows, None) => {
            let count = view.count(RowState::Absent);
            if count == 0 {
                let text = format!("run {run} has no absent rows");
                model.shared.say(Level::Info, text, env.uptime);
                return;
            }
            let what = format!("All {} absent rows", grouped(count));
            (Rows::In(RowState::Absent), count, what)
        }
    };
    let used = model
        .shared
        .usage
        .as_ref()
        .map(|figures| figures.usage.used);
    let cost = match used {
        Some(used) => format!(
            "Sent at its next start, for {}: {} → {}.",
            units(count),
            grouped(used),
            grouped(used.saturating_add(count))
        ),
        None => format!("Sent at its next start, for {}.", units(count)),
    };
    model.popups.push(Popup::Decide(Decide {
        question: format!("Send rows of run {run} again?"),
        lines: vec![
            format!("{what} of run {run} will wait again."),
            REQUEUED.to_owned(),
            cost,
            "Nothing is sent now. The decision is recorded with your name.".to_owned(),
        ],
        typed: None,
        does: "queues again",
        leaves: "changes nothing",
        yes: Yes::Ask(Box::new(Ask::Runs(RunsAsk::Requeue(run, rows)))),
    }));
}

pub(super) fn skip(model: &mut Model, env: &Env) {
    let (Some(view), Some(line)) = (model.runs.selected(), model.runs.selected_row()) else {
        return;
    };
    let (run, state) = (view.run.id, line.found.row.state);
    if !matches!(
        state,
        RowState::Pending | RowState::Absent | RowState::NotSent
    ) {
        let text =
            format!("the row is {state}; only pending, absent and not_sent rows are skipped");
        model.shared.say(Level::Warning, text, env.uptime);
        return;
    }
    let waiting = view.count(RowState::Pending);
    let after = waiting.saturating_sub(u64::from(state == RowState::Pending));
    let ask = RunsAsk::Skip(run, Rows::These(vec![line.found.row.row]));
    model.popups.push(Popup::Decide(Decide {
        question: format!("Leave row {} out?", line.number()),
        lines: vec![
            format!("{} will not be sent.", line.who),
            format!("Rows that wait: {} → {}.", grouped(waiting), grouped(after)),
        ],
        typed: None,
        does: "leaves it out",
        leaves: "changes nothing",
        yes: Yes::Ask(Box::new(Ask::Runs(ask))),
    }));
}

pub(super) fn export(model: &mut Model, env: &Env) {
    let Some(view) = model.runs.selected() else {
        model
            .shared
            .say(Level::Info, "there is no run yet", env.uptime);
        return;
    };
    let run = view.run.id;
    let name = &view.run.file_name;
    let stem = name
        .rsplit_once('.')
        .map_or(name.as_str(), |(stem, _)| stem);
    let path = format!("{stem}.run-{run}.csv");
    model.popups.push(Popup::Prompt(Prompt {
        title: format!("Write the rows of run {run} to a file"),
        hint: "CSV with formulas held down, or JSONL by the name's ending; nothing is replaced",
        field: TextField::of(&path),
        purpose: Purpose::Export(run),
    }));
}

#[cfg(test)]
mod tests;
