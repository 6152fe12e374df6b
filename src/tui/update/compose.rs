//! The form: typing, moving, filling. It never sends.

use std::time::Duration;

use super::command::focus;
use super::pick;
use crate::bulk::rows as row;
use crate::enrichment::{Draft, Place};
use crate::keymap::Command;
use crate::ops::draft::KeptDraft;
use crate::tui::effects::{Ask, Effect};
use crate::tui::model::decide::{Decide, Yes};
use crate::tui::model::log::clock;
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Level, Model, Pane};
use crate::tui::ui::field::Pasted;

/// How long typing must pause before the ledger is asked what it has of the draft.
const LOOK_AFTER: Duration = Duration::from_millis(200);
/// How long typing must pause before the draft is kept.
const KEEP_AFTER: Duration = Duration::from_secs(1);

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    match command {
        Command::NextField if model.compose.is_at_end() => {
            model.compose.move_focus(1);
            Some(Vec::new())
        }
        Command::NextField => Some(moved(model, 1)),
        Command::PreviousField => Some(moved(model, -1)),
        Command::Back => Some(focus(model, Pane::Log)),
        command => {
            let before = model.compose.focused_mut().value().to_owned();
            if !model.compose.focused_mut().on(command) {
                return None;
            }
            if model.compose.focused_mut().value() != before {
                changed(model, env);
            }
            Some(Vec::new())
        }
    }
}

pub(super) fn typed(model: &mut Model, c: char, env: &mut Env) -> Option<Vec<Effect>> {
    if model.pane != Pane::Compose || model.shared.is_first_run() {
        return None;
    }
    // A module's name has no space, so the key is free to open the list.
    if c == ' ' && model.compose.is_at_module() {
        return Some(pick::modules(model, env));
    }
    if !model.compose.focused_mut().insert(c) {
        return None;
    }
    changed(model, env);
    Some(Vec::new())
}

pub(super) fn paste(model: &mut Model, text: &str, env: &mut Env) -> Option<Pasted> {
    if model.pane != Pane::Compose || model.shared.is_first_run() {
        return None;
    }
    if let Some(mut draft) = row::pasted(text, model.shared.kind()) {
        draft.module = model.compose.module.value().trim().to_owned();
        model.popups.push(Popup::Decide(offered(draft)));
        return None;
    }
    let pasted = model.compose.focused_mut().paste(text);
    changed(model, env);
    Some(pasted)
}

/// The question whether a row of a spreadsheet fills the form.
fn offered(draft: Draft) -> Decide {
    let mut lines: Vec<String> = draft
        .given()
        .map(|(field, value)| format!("{:<10}  {value}", field.as_str()))
        .collect();
    if !draft.record_id.is_empty() {
        lines.push(format!("{:<10}  {}", "record id", draft.record()));
    }
    lines.push("The form is emptied first. Nothing is sent.".to_owned());
    Decide {
        question: "Fill the form with this row of a spreadsheet?".to_owned(),
        lines,
        typed: None,
        does: "fills the form",
        leaves: "changes nothing",
        yes: Yes::Fill(Box::new(draft)),
    }
}

/// The question that keeps the draft, if it is waiting to be kept.
pub(super) fn keep_now(model: &mut Model) -> Option<Ask> {
    model.compose.save_at.take()?;
    Some(Ask::SaveDraft {
        profile: model.shared.active.clone()?,
        draft: model.compose.draft(),
    })
}

/// Fills the form with another draft, which is then kept.
pub(super) fn fill(model: &mut Model, draft: &Draft, env: &mut Env) -> Vec<Effect> {
    let kind = model.shared.kind();
    model.compose.fill(draft);
    model.shared.kind = draft.kind;
    model.compose.save_at = Some(env.uptime + KEEP_AFTER);
    look_soon(model, env);
    let mut effects = ask_configuration(model);
    if model.shared.kind() != kind {
        effects.extend(super::profile::ask_kind(model));
    }
    effects
}

/// Asks for the configuration of the form's module unless that was done.
pub(super) fn ask_configuration(model: &mut Model) -> Vec<Effect> {
    let module = model.compose.module.value().trim().to_owned();
    let of = (module, model.compose.draft().record().parse().ok());
    if of == model.compose.configuration_of {
        return Vec::new();
    }
    let Some(profile) = model.shared.active.clone() else {
        return Vec::new();
    };
    if of.0 != model.compose.configuration_of.0 {
        model.compose.known.configuration = None;
    }
    model.compose.held = None;
    model.compose.configuration_of.clone_from(&of);
    model.compose.check();
    if of.0.parse::<crate::base::ModuleName>().is_err() {
        return Vec::new();
    }
    vec![Effect::Ask(Ask::LoadConfiguration {
        profile,
        kind: model.shared.kind(),
        of,
    })]
}

pub(super) fn clear(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let draft = Draft::new(model.shared.kind(), model.compose.module.value().trim());
    let effects = fill(model, &draft, env);
    let hint = "cleared; Restore the form brings it back";
    model.shared.say(Level::Info, hint, env.uptime);
    effects
}

/// Offers what was left earlier, where nothing is typed. It never fills the form by itself: what is on
/// screen is what the person has put there.
pub(super) fn offer(model: &mut Model, kept: Option<KeptDraft>, env: &Env) {
    let Some(kept) = kept else {
        return;
    };
    if kept.draft.is_empty() || !model.compose.draft().is_empty() {
        return;
    }
    let when = kept
        .at
        .map(|at| {
            format!(
                ", {}",
                clock(at, model.shared.now, &model.shared.settings.zone).trim()
            )
        })
        .unwrap_or_default();
    let text = format!(
        "a draft is kept from earlier ({}{when}): Alt+r brings it back",
        kept.profile
    );
    model.compose.replaced = Some(kept.draft);
    model.shared.say(Level::Info, text, env.uptime);
}

pub(super) fn restore(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    match model.compose.replaced.take() {
        Some(draft) => fill(model, &draft, env),
        None => {
            model
                .shared
                .say(Level::Info, "there is nothing to restore", env.uptime);
            Vec::new()
        }
    }
}

pub(super) fn switch_kind(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    use crate::base::EnrichmentKind;
    let mut draft = model.compose.draft();
    draft.kind = match draft.kind {
        EnrichmentKind::People => EnrichmentKind::Org,
        EnrichmentKind::Org => EnrichmentKind::People,
    };
    let replaced = model.compose.replaced.clone();
    let effects = fill(model, &draft, env);
    model.compose.replaced = replaced;
    effects
}

/// Refills the form from the attempt that is selected; nothing is sent.
pub(super) fn again(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(line) = model.log.selected() else {
        return Vec::new();
    };
    let mut draft = Draft::new(line.row.kind, &line.row.module);
    for (name, value) in &line.row.inputs {
        if let Ok(field) = name.parse() {
            draft.set(field, value);
        }
    }
    let attempt = model
        .detail
        .attempt
        .as_ref()
        .filter(|a| a.row.id == line.row.id);
    if let Some(record) = attempt.and_then(|attempt| attempt.record_id.as_ref()) {
        draft.record_id.clone_from(record);
    }
    let text = format!(
        "composed again from attempt {}; nothing was sent",
        line.row.id
    );
    let mut effects = fill(model, &draft, env);
    model.shared.say(Level::Info, text, env.uptime);
    effects.extend(focus(model, Pane::Compose));
    effects
}

/// The form holds something else now.
pub(super) fn changed(model: &mut Model, env: &Env) {
    model.compose.refused = None;
    model.compose.check();
    model.compose.save_at = Some(env.uptime + KEEP_AFTER);
    look_soon(model, env);
}

/// Asks the ledger in a moment what it has of what the form holds.
pub(super) fn look_soon(model: &mut Model, env: &Env) {
    model.compose.look_at = Some(env.uptime + LOOK_AFTER);
}

/// The question for the ledger, if it is due.
pub(super) fn look_due(model: &mut Model, env: &Env) -> Option<Ask> {
    model.compose.look_at.filter(|at| *at <= env.uptime)?;
    model.compose.look_at = None;
    let draft = model.compose.draft();
    let profile = model.shared.active.clone().filter(|_| !draft.is_empty())?;
    let draft = Box::new(draft);
    Some(Ask::Look { profile, draft })
}

/// Puts the focus on a field.
pub(super) fn go_to(model: &mut Model, place: Place) -> Vec<Effect> {
    let leaves = model.compose.is_at_place() && place != model.compose.focus;
    model.compose.focus = place;
    if leaves {
        return ask_configuration(model);
    }
    Vec::new()
}

fn moved(model: &mut Model, step: isize) -> Vec<Effect> {
    let leaves = model.compose.is_at_place();
    model.compose.move_focus(step);
    if leaves {
        return ask_configuration(model);
    }
    Vec::new()
}
