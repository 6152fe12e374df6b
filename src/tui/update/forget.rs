//! Forgetting the person of a row: looked for, shown, asked about, removed.

use super::compose;
use crate::base::sentence;
use crate::enrichment::Draft;
use crate::ops::forget::Person;
use crate::tui::effects::{Ask, Effect, Whom};
use crate::tui::model::decide::{Decide, Typed, Yes};
use crate::tui::model::jobs::Sheet;
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Failure, Level, Model};
use crate::tui::ui::text::grouped;

/// People whom the question names.
const NAMED_MAX: usize = 3;

/// Looks for the person of the attempt that is selected.
pub(super) fn of_attempt(model: &mut Model, env: &Env) -> Vec<Effect> {
    let Some(id) = model.log.selected().map(|line| line.row.id) else {
        model
            .shared
            .say(Level::Info, "select an attempt first", env.uptime);
        return Vec::new();
    };
    look(model, Whom::Attempt(id), env)
}

/// Looks for the person of the row of a run that is selected.
pub(super) fn of_row(model: &mut Model, env: &Env) -> Vec<Effect> {
    let (Some(line), Some(view)) = (model.runs.selected_row(), model.runs.selected()) else {
        model
            .shared
            .say(Level::Info, "select a row first", env.uptime);
        return Vec::new();
    };
    let (inputs, kind) = (line.found.row.inputs.clone(), view.run.kind);
    let Some(inputs) = inputs else {
        let text = "the inputs of the row are no longer there";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    look(model, Whom::Inputs(inputs, kind), env)
}

fn look(model: &mut Model, whom: Whom, env: &Env) -> Vec<Effect> {
    let text = "looking through the whole ledger for the person";
    model.shared.say(Level::Info, text, env.uptime);
    vec![Effect::Ask(Ask::FindPerson(whom))]
}

/// What was found: a question says it.
pub(super) fn found(model: &mut Model, result: Result<Box<Person>, Failure>, env: &Env) {
    let person = match result {
        Ok(person) => person,
        Err(failure) => {
            model
                .shared
                .say(Level::Warning, failure.to_string(), env.uptime);
            return;
        }
    };
    let given = person.by.given();
    let by: Vec<String> = given.map(|(_, value)| value.into_owned()).collect();
    let people = person.traces.people;
    let mut lines = vec![format!("Removes {}.", person.sentence())];
    let named = person.traces.named.iter().take(NAMED_MAX);
    lines.extend(named.map(|who| format!("  {who}")));
    lines.extend(person.notes().iter().map(|note| sentence(note)));
    lines.push("Counts and keyed hashes stay, and nobody is asked about them again.".to_owned());
    lines.push(
        "What is removed does not come back. Exports, backups and Zoho itself are not reached."
            .to_owned(),
    );
    let forms = [Some(model.compose.draft()), model.compose.replaced.clone()];
    let typed = (people > 1).then(|| Typed::new(grouped(people), "the number of people"));
    model.popups.push(Popup::Decide(Decide {
        question: format!("Forget {}?", by.join(" · ")),
        lines,
        typed,
        does: "forgets them",
        leaves: "changes nothing",
        yes: Yes::Ask(Box::new(Ask::Forget {
            person,
            forms: Box::new(forms),
        })),
    }));
}

/// They are forgotten; a form that is about them is emptied.
pub(super) fn done(
    model: &mut Model,
    result: Result<(String, [bool; 2]), Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let (text, [is_form, is_replaced]) = match result {
        Ok(done) => done,
        Err(failure) => {
            model
                .shared
                .say(Level::Error, failure.to_string(), env.uptime);
            return Vec::new();
        }
    };
    let mut effects = Vec::new();
    // What was read of a job stays on no screen.
    model.detail.job = None;
    model.jobs.sheet = Sheet::default();
    let replaced = model.compose.replaced.take().filter(|_| !is_replaced);
    if is_form {
        let empty = Draft::new(model.shared.kind(), model.compose.module.value().trim());
        effects = compose::fill(model, &empty, env);
    }
    model.compose.replaced = replaced;
    model.shared.say(Level::Info, text, env.uptime);
    effects
}

#[cfg(test)]
mod tests;
