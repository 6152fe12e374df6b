//! Planning a run: typing the file's name, seeing its head, mapping its columns, the report. It
//! spends nothing and sends nothing.

use super::{pick, place};
use crate::keymap::Command;
use crate::ops::bulk_look::{Completion, FileLook};
use crate::ops::bulk_plan::{Include, Planned};
use crate::tui::effects::{Ask, Effect, PlanRun, RunsAsk};
use crate::tui::model::plan::{PlanForm, PlanRow, Planning};
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Failure, Level, Model, Place};
use crate::tui::ui::field::Pasted;

/// Opens the form.
pub(super) fn open(model: &mut Model, env: &Env) {
    if form_mut(model).is_some() {
        return;
    }
    let Some(profile) = model.shared.active.clone() else {
        model
            .shared
            .say(Level::Warning, "set up a profile first", env.uptime);
        return;
    };
    let module = model.compose.module.value().trim();
    let form = PlanForm::new(profile, model.shared.kind(), module);
    model.popups.push(Popup::Plan(Box::new(form)));
}

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let Some(Popup::Plan(form)) = model.popups.last_mut() else {
        return None;
    };
    if let Planning::Done(done) = &form.planning {
        let run = done.run;
        return match command {
            Command::Accept => {
                model.popups.pop();
                model.runs.wanted = Some(run);
                Some(place::go(model, Place::Runs, env))
            }
            _ => None,
        };
    }
    if matches!(form.planning, Planning::Reading) {
        return Some(Vec::new());
    }
    match (form.row, command) {
        (PlanRow::File, Command::NextPart) => Some(complete(form, env)),
        (_, Command::PlanFile) => Some(plan(model, env)),
        (PlanRow::Column(column), Command::Accept) => {
            pick::targets(model, column);
            Some(Vec::new())
        }
        (_, Command::Accept | Command::NextPart | Command::Down) => Some(moved(form, 1, env)),
        (_, Command::PreviousPart | Command::Up) => Some(moved(form, -1, env)),
        (_, Command::PageDown | Command::Bottom) => Some(moved(form, isize::MAX / 2, env)),
        (_, Command::PageUp | Command::Top) if form.field().is_none() => {
            Some(moved(form, isize::MIN / 2, env))
        }
        (row, command) => {
            let before = form.field().map(|field| field.value().to_owned());
            if !form.field_mut()?.on(command) {
                return None;
            }
            let after = form.field().map(|field| field.value());
            if before.as_deref() != after {
                changed(form, row);
            }
            Some(Vec::new())
        }
    }
}

/// A character: text, or a space that changes what cannot be typed.
pub(super) fn typed(form: &mut PlanForm, c: char, env: &mut Env) -> Option<Vec<Effect>> {
    if !form.is_open() {
        return None;
    }
    let other = |include: Include| match include {
        Include::No => Include::Yes,
        Include::Yes => Include::No,
    };
    match form.row {
        PlanRow::Duplicates if c == ' ' => form.duplicates = other(form.duplicates),
        PlanRow::Already if c == ' ' => form.already = other(form.already),
        PlanRow::Column(column) if c == ' ' => {
            form.turn(column, 1);
            return Some(look(form, env));
        }
        PlanRow::Duplicates | PlanRow::Already | PlanRow::Column(_) => return None,
        row => {
            if !form.field_mut()?.insert(c) {
                return None;
            }
            changed(form, row);
        }
    }
    Some(Vec::new())
}

pub(super) fn paste(form: &mut PlanForm, text: &str) -> Option<Pasted> {
    let row = form.row;
    let pasted = form.field_mut()?.paste(text);
    changed(form, row);
    Some(pasted)
}

fn changed(form: &mut PlanForm, row: PlanRow) {
    form.planning = Planning::Filling;
    form.problem = None;
    match row {
        PlanRow::File => {
            form.look = None;
            form.is_mapped_by_hand = false;
            form.names.clear();
            // An answer about the name before is late.
            form.ticket = 0;
        }
        PlanRow::Module
        | PlanRow::Reserve
        | PlanRow::Duplicates
        | PlanRow::Already
        | PlanRow::Column(_) => {}
    }
}

fn moved(form: &mut PlanForm, by: isize, env: &mut Env) -> Vec<Effect> {
    let left = form.row;
    let rows = form.rows();
    let place = rows.iter().position(|row| *row == form.row).unwrap_or(0);
    let next = place.saturating_add_signed(by).min(rows.len() - 1);
    form.row = rows.get(next).copied().unwrap_or(PlanRow::File);
    let wants_look = match left {
        PlanRow::File => form.look.is_none(),
        PlanRow::Module => true,
        PlanRow::Reserve | PlanRow::Duplicates | PlanRow::Already | PlanRow::Column(_) => false,
    };
    if wants_look {
        look(form, env)
    } else {
        Vec::new()
    }
}

/// Reads the head of the file again.
fn look(form: &mut PlanForm, env: &mut Env) -> Vec<Effect> {
    let path = form.file.value().trim().to_owned();
    if path.is_empty() {
        return Vec::new();
    }
    form.ticket = env.ticket();
    vec![Effect::Ask(Ask::Runs(RunsAsk::Look {
        ticket: form.ticket,
        profile: form.profile.clone(),
        path,
        request: form.request(),
    }))]
}

fn complete(form: &mut PlanForm, env: &mut Env) -> Vec<Effect> {
    form.ticket = env.ticket();
    vec![Effect::Ask(Ask::Runs(RunsAsk::Complete {
        ticket: form.ticket,
        text: form.file.value().to_owned(),
    }))]
}

fn plan(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(form) = form_mut(model) else {
        return Vec::new();
    };
    if form.file.value().trim().is_empty() {
        form.problem = Some("name the file first; Tab completes".to_owned());
        form.row = PlanRow::File;
        return Vec::new();
    }
    let reserve = match form.reserve() {
        Ok(reserve) => reserve,
        Err(problem) => {
            form.problem = Some(problem);
            form.row = PlanRow::Reserve;
            return Vec::new();
        }
    };
    form.problem = None;
    form.planning = Planning::Reading;
    form.ticket = env.ticket();
    vec![Effect::Ask(Ask::Runs(RunsAsk::Plan(Box::new(PlanRun {
        ticket: form.ticket,
        profile: form.profile.clone(),
        path: form.file.value().trim().to_owned(),
        request: form.request(),
        reserve,
        duplicates: form.duplicates,
        already: form.already,
    }))))]
}

/// A person chose where a column leads.
pub(super) fn choose_target(
    model: &mut Model,
    column: usize,
    target: Option<crate::bulk::rows::Target>,
    env: &mut Env,
) -> Vec<Effect> {
    let Some(form) = form_mut(model) else {
        return Vec::new();
    };
    let look_now = form.look.as_mut();
    if let Some(found) = look_now.and_then(|look| look.columns.get_mut(column)) {
        found.target = target;
    }
    form.is_mapped_by_hand = true;
    look(form, env)
}

/// The head of the file.
pub(super) fn looked(model: &mut Model, ticket: u64, result: Result<FileLook, Failure>) {
    let Some(form) = form_mut(model).filter(|form| form.ticket == ticket) else {
        return;
    };
    match result {
        Ok(mut look) => {
            form.problem = look.problem.take();
            // What a person mapped stands, also where it leads to nothing yet.
            if let (true, Some(before)) = (form.is_mapped_by_hand, &form.look) {
                look.columns.clone_from(&before.columns);
            }
            form.look = Some(look);
        }
        Err(failure) => {
            form.look = None;
            form.problem = Some(failure.to_string());
        }
    }
    if !form.rows().contains(&form.row) {
        form.row = PlanRow::File;
    }
}

/// Names that go on with what was typed.
pub(super) fn completed(model: &mut Model, ticket: u64, completion: Completion) {
    let Some(form) = form_mut(model).filter(|form| form.ticket == ticket) else {
        return;
    };
    if form.file.value() != completion.text {
        form.file.set(&completion.text);
        changed(form, PlanRow::File);
    }
    form.problem = completion
        .names
        .is_empty()
        .then(|| "no file begins like that".to_owned());
    form.names = match completion.names.as_slice() {
        [_] | [] => Vec::new(),
        _ => completion.names,
    };
}

/// The report.
pub(super) fn planned(
    model: &mut Model,
    ticket: u64,
    result: Result<Box<Planned>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let form = form_mut(model).filter(|form| form.ticket == ticket);
    match (form, result) {
        (Some(form), Ok(done)) => form.planning = Planning::Done(done),
        (Some(form), Err(failure)) => form.planning = Planning::Failed(failure),
        // The form was closed meanwhile; the run is there all the same.
        (None, Ok(done)) => {
            let text = format!("run {} is ready; p starts it", done.run);
            model.shared.say(Level::Info, text, env.uptime);
        }
        (None, Err(failure)) => model
            .shared
            .say(Level::Error, failure.to_string(), env.uptime),
    }
    Vec::new()
}

pub(super) fn refused(model: &mut Model) {
    if let Some(form) = form_mut(model) {
        form.planning = Planning::Filling;
    }
}

/// The form, wherever it lies among the popups.
pub(super) fn form_mut(model: &mut Model) -> Option<&mut PlanForm> {
    model.popups.iter_mut().find_map(|popup| match popup {
        Popup::Plan(form) => Some(form.as_mut()),
        Popup::Help(_)
        | Popup::Pick(_)
        | Popup::Filter(_)
        | Popup::Confirm(_)
        | Popup::Decide(_)
        | Popup::Prompt(_)
        | Popup::GrantCode(_)
        | Popup::Unknowns(_)
        | Popup::Records(_)
        | Popup::Guide(_) => None,
    })
}

#[cfg(test)]
mod tests;
