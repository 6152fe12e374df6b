//! Keys: what each means here, and, where it matters, whether it was meant.
//!
//! Typing and moving are done at once. A command that is guarded waits for a moment to see whether
//! its key came alone; the answer of a question waits until the question could be read.

use std::time::Duration;

use super::cx::{Changed, Handled};
use super::key_guard::{Face, Held, Noticed, Objection, Seen};
use super::state::{App, Turn};
use crate::keymap::{Chord, Command};
use crate::tui::layout;

impl App {
    pub(super) fn key(&mut self, (chord, at): (Chord, Duration), turn: &mut Turn<'_>) -> Changed {
        let noticed = self.key_guard.key(chord, at);
        let has_dropped = noticed.dropped.is_some();
        if let Some(held) = &noticed.dropped {
            self.object((held.chord, held.command), Objection::Together, turn);
        }
        if noticed.is_echo {
            return Changed::when(has_dropped);
        }
        let contexts = self.contexts();
        let Some(command) = self.shared.settings.bindings.lookup(&contexts, chord) else {
            let is_taken = self.meaningless(chord, turn) == Handled::Yes;
            return Changed::when(is_taken || has_dropped);
        };
        if self.top().meant(command).is_guarded() {
            self.hold((chord, command), (&noticed, at), turn);
        } else {
            self.run(command, turn);
        }
        Changed::Yes
    }

    /// A paste: a key that was waiting came together with it.
    pub(super) fn pasted(&mut self, text: &str, at: Duration, turn: &mut Turn<'_>) {
        if let Some(held) = self.key_guard.paste(at) {
            let pressed = (held.chord, held.command);
            self.object(pressed, Objection::AfterPaste, turn);
        }
        let (top, shared) = self.top_mut();
        let pasted = top.paste(text, &mut turn.cx(shared));
        let told = pasted.and_then(|pasted| pasted.sentence());
        if let Some(text) = told {
            turn.info(text);
        }
    }

    /// Does what waited and is due.
    pub(super) fn keys_due(&mut self, turn: &mut Turn<'_>) {
        let Some(held) = self.key_guard.tick(turn.env.uptime) else {
            return;
        };
        if held.seen != self.seen() {
            let chord = held.chord;
            let text = format!(
                "the screen changed while {chord} was pressed; {}, press it again",
                nothing(self.top().meant(held.command))
            );
            turn.warn(text);
            return;
        }
        let is_answer = self.top().meant(held.command) == Command::SendAnyway;
        let popups = self.popups.len();
        self.run(held.command, turn);
        self.carry_out(turn);
        if is_answer && self.popups.len() < popups {
            self.key_guard.answered(held.chord, turn.env.uptime);
        }
    }

    /// Notes which question is on top now.
    pub(super) fn follow_question(&mut self) {
        let depth = self.popups.len().saturating_sub(1);
        let top = self.popups.last().and_then(|popup| popup.question());
        let face = top.map(|(question, lines)| Face {
            depth,
            question: question.to_owned(),
            lines: lines.to_vec(),
        });
        self.key_guard.follow(face);
    }

    /// The question whose frame is not known to be out, if the next frame shows one.
    pub fn unwritten_question(&self) -> Option<u64> {
        let question = self.key_guard.unwritten();
        question.filter(|_| !layout::is_too_small(self.shared.width, self.shared.height))
    }

    fn hold(
        &mut self,
        (chord, command): (Chord, Command),
        (noticed, at): (&Noticed, Duration),
        turn: &mut Turn<'_>,
    ) {
        let is_answer = self.top().meant(command) == Command::SendAnyway;
        match noticed.objection {
            // A question says the same of whatever came too early.
            _ if is_answer && !noticed.may_answer => {
                turn.warn(format!("too fast: press {chord} again"));
            }
            Some(objection) => self.object((chord, command), objection, turn),
            None => {
                let seen = self.seen();
                let held = Held {
                    chord,
                    command,
                    seen,
                };
                self.key_guard.hold(held, at);
            }
        }
    }

    fn seen(&self) -> Seen {
        Seen {
            contexts: self.contexts(),
            profile: self.shared.active.clone(),
            draft: self.screens.console.compose.draft(&self.shared),
            question: self.key_guard.question(),
        }
    }

    /// Says that a key was not taken, and why.
    fn object(
        &mut self,
        (chord, command): (Chord, Command),
        objection: Objection,
        turn: &mut Turn<'_>,
    ) {
        let nothing = nothing(self.top().meant(command));
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
        turn.warn(text);
    }

    /// A key that is no command: text, or, at a question, the key that opened it.
    fn meaningless(&mut self, chord: Chord, turn: &mut Turn<'_>) -> Handled {
        if let Some(c) = chord.typed() {
            return self.type_in(c, turn);
        }
        let bindings = &self.shared.settings.bindings;
        if self.key_guard.question().is_none() || !bindings.chords(Command::Send).contains(&chord) {
            return Handled::No;
        }
        let contexts = self.contexts();
        let mut answers = [Command::SendAnyway, Command::Accept].into_iter();
        let Some(answer) = answers.find_map(|command| bindings.shown(&contexts, command)) else {
            return Handled::No;
        };
        let text = format!("{chord} answers no question; {answer} answers this one");
        turn.info(text);
        Handled::Yes
    }

    /// A character. One for a question that was typed before the question could be seen is not taken.
    fn type_in(&mut self, c: char, turn: &mut Turn<'_>) -> Handled {
        let is_early = self.key_guard.unwritten().is_some();
        let (top, shared) = self.top_mut();
        let is_question = top.question().is_some() && top.text_field().is_some();
        if is_question && is_early {
            turn.warn("too fast: read the question, then type");
            return Handled::Yes;
        }
        top.typed(c, &mut turn.cx(shared))
    }
}

fn nothing(command: Command) -> &'static str {
    match command {
        Command::Send | Command::SendAnyway => "nothing was sent",
        _ => "nothing was done",
    }
}

/// What keys are waiting for, and nothing else that is due.
#[cfg(test)]
pub(crate) fn keys_due(app: &mut App, env: &mut super::shared::Env) -> Vec<super::effect::Effect> {
    let mut turn = Turn::new(env);
    app.keys_due(&mut turn);
    app.carry_out(&mut turn);
    app.settle();
    turn.effects
}

#[cfg(test)]
mod tests;
