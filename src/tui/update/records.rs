//! Filling the form from a record of the CRM: looked for by id or words, looked at, taken. It sends
//! nothing, and what the form held can be brought back.

use super::{command, compose};
use crate::enrichment::Place as Input;
use crate::keymap::Command;
use crate::ops::prefill::FoundPage;
use crate::tui::effects::{Ask, Effect, Wanted};
use crate::tui::layout;
use crate::tui::model::popup::Popup;
use crate::tui::model::records::{Becomes, Records};
use crate::tui::model::{Env, Failure, Level, Model, Pane};

/// How near to the end of the list the next page is asked for.
const ROWS_AHEAD: usize = 5;

/// Opens the popup and asks: for the record whose id the form holds, else for the module's records.
pub(super) fn open(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if popup_mut(model).is_some() {
        return Vec::new();
    }
    let Some(profile) = model.shared.active.clone() else {
        model
            .shared
            .say(Level::Warning, "set up a profile first", env.uptime);
        return Vec::new();
    };
    let draft = model.compose.draft();
    let Ok(module) = draft.module.parse() else {
        let text = "choose a module first: its records can fill the form";
        model.shared.say(Level::Warning, text, env.uptime);
        model.compose.focus = Input::Module;
        return command::focus(model, Pane::Compose);
    };
    let mut records = Records::new(profile, model.shared.kind(), module);
    records.query.set(&draft.record_id);
    model.popups.push(Popup::Records(Box::new(records)));
    search(model, env)
}

/// `None` when the command is not the popup's.
pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let rows = layout::records_rows(model).max(1);
    let Some(Popup::Records(records)) = model.popups.last_mut() else {
        return None;
    };
    let page = isize::try_from(rows).unwrap_or(1);
    let step = match command {
        Command::Accept => return Some(accept(model, env)),
        Command::Down | Command::NextPart => 1,
        Command::Up | Command::PreviousPart => -1,
        Command::PageDown => page,
        Command::PageUp => -page,
        command => return records.query.on(command).then(Vec::new),
    };
    records.view.move_by(step, records.list.len(), rows);
    Some(read_on(model, env))
}

fn accept(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(Popup::Records(records)) = model.popups.last() else {
        return Vec::new();
    };
    if !records.is_current() || records.failure.is_some() {
        return search(model, env);
    }
    if records.selected().is_some() {
        return take_selected(model, env);
    }
    Vec::new()
}

fn search(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(Popup::Records(records)) = model.popups.last_mut() else {
        return Vec::new();
    };
    records.searched = records.query.value().trim().to_owned();
    records.list.clear();
    records.next = None;
    records.view = Default::default();
    let wanted = records.wanted();
    vec![ask(records, wanted, env)]
}

/// Asks for the next page where the selection comes near the end of what is here.
pub(super) fn read_on(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(Popup::Records(records)) = model.popups.last_mut() else {
        return Vec::new();
    };
    let is_near = records.view.selected + ROWS_AHEAD >= records.list.len();
    match records.wanted_next() {
        Some(wanted) if is_near && !records.is_asked => vec![ask(records, wanted, env)],
        Some(_) | None => Vec::new(),
    }
}

fn ask(records: &mut Records, wanted: Wanted, env: &mut Env) -> Effect {
    let ticket = env.ticket();
    records.ticket = ticket;
    records.is_asked = true;
    records.failure = None;
    Effect::Ask(Ask::LoadRecords {
        ticket,
        profile: records.profile.clone(),
        kind: records.kind,
        module: records.module.clone(),
        wanted,
    })
}

/// The answer; one to an earlier question is dropped.
pub(super) fn take(model: &mut Model, ticket: u64, result: Result<FoundPage, Failure>) {
    let Some(records) = popup_mut(model).filter(|records| records.ticket == ticket) else {
        return;
    };
    records.is_asked = false;
    match result {
        Ok(page) => records.take(page),
        Err(failure) => records.failure = Some(failure),
    }
}

/// The question was not taken.
pub(super) fn refused(model: &mut Model, ticket: u64) {
    let plain = "too much is under way; nothing was asked".to_owned();
    let next_step = "Enter asks again".to_owned();
    take(model, ticket, Err(Failure::new(plain, next_step)));
}

/// Puts what the selected record holds into the form; the preview named what is overwritten.
fn take_selected(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let mut draft = model.compose.draft();
    let Some(Popup::Records(records)) = model.popups.last() else {
        return Vec::new();
    };
    let (changes, Some(found)) = (records.changes(&draft), records.selected().cloned()) else {
        return Vec::new();
    };
    let is_here = model.shared.active.as_ref() == Some(&records.profile);
    model.popups.pop();
    if !is_here {
        let text = "the profile was switched meanwhile; the form is as it was";
        model.shared.say(Level::Warning, text, env.uptime);
        return Vec::new();
    }
    let count = |wanted| changes.iter().filter(|c| c.becomes == wanted).count();
    let (filled, lost) = (count(Becomes::Filled), count(Becomes::Overwritten));
    let text = match (filled, lost) {
        (0, 0) => "the form holds all of the record already".to_owned(),
        (n, 0) => format!("filled {n} from the record; nothing was sent"),
        (n, m) => format!(
            "filled {n} from the record and overwrote {m}; Restore the form brings them back"
        ),
    };
    draft.record_id = found.id;
    for (field, value) in found.draft.given() {
        draft.set(field, &value);
    }
    let mut effects = compose::fill(model, &draft, env);
    model.shared.say(Level::Info, text, env.uptime);
    effects.extend(command::focus(model, Pane::Compose));
    effects
}

fn popup_mut(model: &mut Model) -> Option<&mut Records> {
    model.popups.iter_mut().find_map(|popup| {
        if let Popup::Records(records) = popup {
            Some(records.as_mut())
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests;
