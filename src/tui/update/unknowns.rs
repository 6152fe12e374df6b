//! Settling unknowns: looking, reconciling, and a person's decisions, each asked about before it is
//! made.

use super::compose;
use crate::base::{EnrichmentKind, ProfileName};
use crate::keymap::Command;
use crate::ops::unknowns::Unknown;
use crate::tui::effects::{Ask, Decision, Effect, Freshness};
use crate::tui::layout;
use crate::tui::model::decide::{Decide, Yes};
use crate::tui::model::popup::Popup;
use crate::tui::model::unknowns::Unknowns;
use crate::tui::model::{Env, Failure, Level, Model, Pane, Place};
use crate::tui::msg::Reconciled;
use crate::tui::ui::text::grouped;

/// Opens the list: what the ledger has at once, and then what the server's jobs say.
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
    let unknowns = Unknowns::new(profile, model.shared.kind());
    model.popups.push(Popup::Unknowns(Box::new(unknowns)));
    let mut effects = ask(model, Freshness::Ledger, env);
    effects.extend(ask(model, Freshness::Server, env));
    effects
}

/// Somebody committed: the list may be another one.
pub(super) fn ledger_changed(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    ask(model, Freshness::Ledger, env)
}

fn ask(model: &mut Model, freshness: Freshness, env: &mut Env) -> Vec<Effect> {
    let ticket = env.ticket();
    let Some(unknowns) = popup_mut(model) else {
        return Vec::new();
    };
    match freshness {
        // A look at the server ends with the ledger's list, which is newer than this one.
        Freshness::Ledger if unknowns.is_looking => return Vec::new(),
        Freshness::Ledger => {}
        Freshness::Server => unknowns.is_looking = true,
    }
    unknowns.ticket = ticket;
    vec![Effect::Ask(Ask::LoadUnknowns {
        ticket,
        profile: unknowns.profile.clone(),
        kind: unknowns.kind,
        freshness,
    })]
}

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let rows = layout::unknown_rows(model);
    let used = model
        .shared
        .usage
        .as_ref()
        .map(|figures| figures.usage.used);
    let Some(Popup::Unknowns(unknowns)) = model.popups.last_mut() else {
        return None;
    };
    let count = unknowns.count();
    let step = match command {
        Command::Down => 1,
        Command::Up => -1,
        Command::PageDown => isize::try_from(rows).unwrap_or(1),
        Command::PageUp => -isize::try_from(rows).unwrap_or(1),
        Command::Top => isize::MIN / 2,
        Command::Bottom => isize::MAX / 2,
        Command::NextPart | Command::PreviousPart => {
            let suspects = unknowns.selected().map_or(0, |u| u.suspects.len());
            let by = if command == Command::NextPart {
                1
            } else {
                suspects.max(1) - 1
            };
            unknowns.suspect = (unknowns.suspect + by) % suspects.max(1);
            return Some(Vec::new());
        }
        Command::ReconcileNow => return Some(reconcile(unknowns)),
        Command::Accept | Command::AdoptJob => return Some(adopt(model, used, env)),
        Command::ReleaseAttempt => return Some(release(model, used, env)),
        Command::ComposeUnknown => return Some(compose_again(model, env)),
        _ => return None,
    };
    unknowns.view.move_by(step, count, rows);
    unknowns.suspect = 0;
    Some(Vec::new())
}

fn reconcile(unknowns: &mut Unknowns) -> Vec<Effect> {
    if unknowns.is_settling {
        return Vec::new();
    }
    unknowns.is_settling = true;
    vec![Effect::Ask(Ask::Reconcile {
        profile: unknowns.profile.clone(),
        kind: unknowns.kind,
    })]
}

fn adopt(model: &mut Model, used: Option<u64>, env: &mut Env) -> Vec<Effect> {
    let Some(Popup::Unknowns(unknowns)) = model.popups.last() else {
        return Vec::new();
    };
    let (Some(unknown), Some(suspect)) = (unknowns.selected(), unknowns.selected_suspect()) else {
        let text = "there is no job to adopt; reconcile, or release it";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    let attempt = unknown.attempt.id;
    let mut lines = vec![format!(
        "Attempt {attempt} becomes scheduled with job {}.",
        suspect.id
    )];
    match suspect.differences.as_deref() {
        Some([]) => lines.push("It was made of the inputs that were sent.".to_owned()),
        Some(_) => lines.push("Its inputs are not those that were sent.".to_owned()),
        None => lines.push("What it was made of is not known.".to_owned()),
    }
    // The job was counted as somebody else's beside the unknown; from now on they are one.
    lines.push(match used {
        Some(used) => format!(
            "One unit, counted once: {} → {}. The decision is recorded with your name.",
            grouped(used),
            grouped(used.saturating_sub(1))
        ),
        None => "The decision is recorded with your name.".to_owned(),
    });
    let decision = Decision::Adopt(suspect.id.clone());
    ask_person(model, "Adopt the job?", (lines, "adopts it"), decision)
}

fn release(model: &mut Model, used: Option<u64>, env: &mut Env) -> Vec<Effect> {
    let Some(Popup::Unknowns(unknowns)) = model.popups.last() else {
        return Vec::new();
    };
    let Some(unknown) = unknowns.selected() else {
        return Vec::new();
    };
    let attempt = unknown.attempt.id;
    if !unknown
        .attempt
        .outcome
        .may_become(crate::base::Outcome::Absent)
    {
        let text = "the server said yes to it, so its unit is spent and cannot be released";
        model.shared.say(Level::Warning, text, env.uptime);
        return Vec::new();
    }
    let mut lines = vec![format!(
        "Attempt {attempt} becomes absent, as if no job had been made."
    )];
    if unknown.until > env.now {
        lines.push("Its settle time is not over: its job may still appear.".to_owned());
    }
    if unknown
        .suspects
        .iter()
        .any(|s| s.differences.as_ref().is_none_or(Vec::is_empty))
    {
        lines.push("A job that may be it is on the server.".to_owned());
    }
    lines.push(match used {
        Some(used) => format!(
            "Releases its unit: {} → {}. The decision is recorded with your name.",
            grouped(used),
            grouped(used.saturating_sub(1))
        ),
        None => "Releases its unit. The decision is recorded with your name.".to_owned(),
    });
    ask_person(
        model,
        "Release the unit?",
        (lines, "releases it"),
        Decision::Release,
    )
}

fn ask_person(
    model: &mut Model,
    question: &str,
    (lines, does): (Vec<String>, &'static str),
    decision: Decision,
) -> Vec<Effect> {
    let Some(Popup::Unknowns(unknowns)) = model.popups.last() else {
        return Vec::new();
    };
    let Some(unknown) = unknowns.selected() else {
        return Vec::new();
    };
    let ask = Ask::Decide {
        profile: unknowns.profile.clone(),
        attempt: unknown.attempt.id,
        decision,
    };
    model.popups.push(Popup::Decide(Decide {
        question: question.to_owned(),
        lines,
        typed: None,
        does,
        leaves: "changes nothing",
        yes: Yes::Ask(Box::new(ask)),
    }));
    Vec::new()
}

/// Refills the form; the attempt stays what it is.
fn compose_again(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(Popup::Unknowns(unknowns)) = model.popups.last() else {
        return Vec::new();
    };
    let Some((id, Some(draft))) = unknowns.selected().map(|u| (u.attempt.id, u.draft.clone()))
    else {
        let text = "its inputs are no longer in the ledger";
        model.shared.say(Level::Warning, text, env.uptime);
        return Vec::new();
    };
    model.popups.pop();
    let mut effects = super::place::go(model, Place::Console, env);
    effects.extend(compose::fill(model, &draft, env));
    let text = format!("composed again from attempt {id}, which stays unknown; nothing was sent");
    model.shared.say(Level::Warning, text, env.uptime);
    effects.extend(super::command::focus(model, Pane::Compose));
    effects
}

/// The answer to a look.
pub(super) fn take(
    model: &mut Model,
    (profile, kind): (&ProfileName, EnrichmentKind),
    ticket: u64,
    result: Result<Vec<Unknown>, Failure>,
) {
    let rows = layout::unknown_rows(model);
    let shown = popup_mut(model);
    let Some(unknowns) = shown.filter(|s| &s.profile == profile && s.kind == kind) else {
        return;
    };
    match result {
        // The ledger's own list is always good; only the last question ends the look.
        Ok(list) if ticket == unknowns.ticket || unknowns.list.is_none() => {
            unknowns.take(list, rows);
        }
        Ok(_) => {}
        Err(failure) => unknowns.failure = Some(failure),
    }
    if ticket == unknowns.ticket {
        unknowns.is_looking = false;
    }
}

/// The answer of reconcile.
pub(super) fn reconciled(
    model: &mut Model,
    result: Result<Reconciled, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    if let Some(unknowns) = popup_mut(model) {
        unknowns.is_settling = false;
    }
    match result {
        Ok(done) => {
            if let Some(unknowns) = popup_mut(model) {
                unknowns.findings = done.open;
                unknowns.failure = None;
            }
            model.shared.say(done.level, done.text, env.uptime);
        }
        Err(failure) => {
            let text = failure.to_string();
            if let Some(unknowns) = popup_mut(model) {
                unknowns.failure = Some(failure);
            }
            model.shared.say(Level::Error, text, env.uptime);
        }
    }
    ask(model, Freshness::Ledger, env)
}

/// The question was not taken.
pub(super) fn refused(model: &mut Model) {
    if let Some(unknowns) = popup_mut(model) {
        unknowns.is_looking = false;
        unknowns.is_settling = false;
    }
}

fn popup_mut(model: &mut Model) -> Option<&mut Unknowns> {
    model.popups.iter_mut().find_map(|popup| match popup {
        Popup::Unknowns(unknowns) => Some(unknowns.as_mut()),
        Popup::Help(_)
        | Popup::Pick(_)
        | Popup::Filter(_)
        | Popup::Confirm(_)
        | Popup::Decide(_)
        | Popup::Prompt(_)
        | Popup::GrantCode(_)
        | Popup::Plan(_)
        | Popup::Records(_)
        | Popup::Guide(_) => None,
    })
}

#[cfg(test)]
mod tests;
