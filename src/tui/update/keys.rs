//! Keys: what each means here, and, where it matters, whether it was meant.
//!
//! Typing and moving are done at once. A command that is guarded waits for a moment to see whether
//! its key came alone; the answer of a question waits until the question could be read.

use super::{command, typed};
use crate::keymap::{Chord, Command};
use crate::tui::effects::Effect;
use crate::tui::model::key_guard::{Face, Held, Noticed, Objection, Seen};
use crate::tui::model::picker::Choice;
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Level, Model};

use std::time::Duration;

/// `None` when the key means nothing here, so that nothing has to be drawn.
pub(super) fn on(
    model: &mut Model,
    (chord, at): (Chord, Duration),
    env: &mut Env,
) -> Option<Vec<Effect>> {
    let noticed = model.key_guard.key(chord, at);
    let has_dropped = noticed.dropped.is_some();
    if let Some(held) = &noticed.dropped {
        object(model, (held.chord, held.command), Objection::Together, env);
    }
    if noticed.is_echo {
        return has_dropped.then(Vec::new);
    }
    let contexts = model.contexts();
    let Some(command) = model.shared.settings.bindings.lookup(&contexts, chord) else {
        let effects = meaningless(model, chord, env);
        return effects.or_else(|| has_dropped.then(Vec::new));
    };
    if meant(model, command).is_guarded() {
        hold(model, (chord, command), (&noticed, at), env);
        return Some(Vec::new());
    }
    Some(command::run(model, command, env))
}

/// A paste came: a key that was waiting came together with it.
pub(super) fn pasted(model: &mut Model, at: Duration, env: &Env) {
    if let Some(held) = model.key_guard.paste(at) {
        let pressed = (held.chord, held.command);
        object(model, pressed, Objection::AfterPaste, env);
    }
}

/// Does what waited and is due.
pub(super) fn due(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(held) = model.key_guard.tick(env.uptime) else {
        return Vec::new();
    };
    if held.seen != seen(model) {
        let chord = held.chord;
        let text = format!(
            "the screen changed while {chord} was pressed; {}, press it again",
            nothing(meant(model, held.command))
        );
        model.shared.say(Level::Warning, text, env.uptime);
        return Vec::new();
    }
    let is_answer = meant(model, held.command) == Command::SendAnyway;
    let popups = model.popups.len();
    let effects = command::run(model, held.command, env);
    if is_answer && model.popups.len() < popups {
        model.key_guard.answered(held.chord, env.uptime);
    }
    effects
}

/// Notes which question is on top now.
pub(super) fn follow(model: &mut Model) {
    let depth = model.popups.len().saturating_sub(1);
    let asked = match model.popups.last() {
        Some(Popup::Confirm(confirm)) => Some((&confirm.question, &confirm.lines)),
        Some(Popup::Decide(decide)) => Some((&decide.question, &decide.lines)),
        _ => None,
    };
    let face = asked.map(|(question, lines)| Face {
        depth,
        question: question.clone(),
        lines: lines.clone(),
    });
    model.key_guard.follow(face);
}

/// A character for the question on top that was typed before the question could be seen.
pub(super) fn is_too_early(model: &mut Model, env: &Env) -> bool {
    let is_early = model.key_guard.unwritten().is_some();
    if is_early {
        let text = "too fast: read the question, then type";
        model.shared.say(Level::Warning, text, env.uptime);
    }
    is_early
}

/// What a command comes down to here: Enter does what is selected, and answers where a word or a
/// number was asked for.
fn meant(model: &Model, command: Command) -> Command {
    let is_typed = match (command, model.popups.last()) {
        (Command::Accept, Some(Popup::Pick(picker))) => {
            return match picker.selected().map(|item| &item.choice) {
                Some(Choice::Command(chosen)) => *chosen,
                _ => command,
            };
        }
        (Command::Accept, Some(Popup::Confirm(confirm))) => confirm.typed.is_some(),
        (Command::Accept, Some(Popup::Decide(decide))) => decide.typed.is_some(),
        _ => false,
    };
    if is_typed {
        Command::SendAnyway
    } else {
        command
    }
}

fn hold(
    model: &mut Model,
    (chord, command): (Chord, Command),
    (noticed, at): (&Noticed, Duration),
    env: &Env,
) {
    let is_answer = meant(model, command) == Command::SendAnyway;
    match noticed.objection {
        // A question says the same of whatever came too early.
        _ if is_answer && !noticed.may_answer => {
            let text = format!("too fast: press {chord} again");
            model.shared.say(Level::Warning, text, env.uptime);
        }
        Some(objection) => object(model, (chord, command), objection, env),
        None => {
            let seen = seen(model);
            let held = Held {
                chord,
                command,
                seen,
            };
            model.key_guard.hold(held, at);
        }
    }
}

fn seen(model: &Model) -> Seen {
    Seen {
        contexts: model.contexts(),
        profile: model.shared.active.clone(),
        draft: model.compose.draft(),
        question: model.key_guard.question(),
    }
}

/// Says that a key was not taken, and why.
fn object(model: &mut Model, (chord, command): (Chord, Command), objection: Objection, env: &Env) {
    let nothing = nothing(meant(model, command));
    let text = match objection {
        Objection::Together => {
            format!("too fast: {chord} came with another key; {nothing}, press it again")
        }
        Objection::AfterPaste => {
            format!("too fast: {chord} came with a paste; {nothing}, press it again")
        }
        Objection::Repeats => format!("{chord} is held down and counts once; let it go"),
        Objection::AfterAnswer => format!("too fast after an answer: press {chord} again"),
    };
    model.shared.say(Level::Warning, text, env.uptime);
}

fn nothing(command: Command) -> &'static str {
    match command {
        Command::Send | Command::SendAnyway => "nothing was sent",
        _ => "nothing was done",
    }
}

/// A key that is no command: text, or, at a question, the key that opened it.
fn meaningless(model: &mut Model, chord: Chord, env: &mut Env) -> Option<Vec<Effect>> {
    if let Some(c) = chord.typed() {
        return typed(model, c, env);
    }
    let bindings = &model.shared.settings.bindings;
    if model.key_guard.question().is_none() || !bindings.chords(Command::Send).contains(&chord) {
        return None;
    }
    let contexts = model.contexts();
    let answer = [Command::SendAnyway, Command::Accept]
        .into_iter()
        .find_map(|command| bindings.shown(&contexts, command))?;
    let text = format!("{chord} answers no question; {answer} answers this one");
    model.shared.say(Level::Info, text, env.uptime);
    Some(Vec::new())
}
