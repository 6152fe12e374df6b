//! `update`: the only place that changes the model. Pure: no IO, no clock, no await.
//!
//! ```text
//!  Key ─► bindings in the focus's contexts ─► Command ─► popup, pane or screen ─┐
//!  Paste, Mouse, Resize, Tick ──────────────────────────────────────────────────┼─► model, effects
//!  answers of the backstage ────────────────────────────────────────────────────┘
//! ```
//! Nothing here sends by itself: `Ask::Submit` comes from `send` alone, and `send` is reached by
//! the send commands alone.

mod answers;
mod command;
mod compose;
mod copy;
mod decide;
mod detail;
mod filter;
mod forget;
mod guide;
mod help;
mod job_actions;
mod job_sheet;
mod jobs;
mod json;
mod keys;
mod leave;
mod log;
mod mouse;
mod pick;
mod place;
mod plan;
mod popup;
mod profile;
mod records;
mod run_actions;
mod run_rows;
mod runs;
mod send;
mod setup;
mod unanswered;
mod unknowns;
mod usage_screen;
mod usage_text;

use std::time::Duration;

use super::app::shared::AGES_EVERY;
use super::effects::{Ask, Effect};
use super::layout;
use super::model::{Env, Level, Model, Place};
use super::msg::Msg;

pub(crate) use guide::WELCOME;
pub(crate) use leave::{Outstanding, on_the_way};
pub(crate) use runs::target_words;
pub(crate) use send::before_and_after;

/// The first effects of a console.
pub fn boot(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    model.shared.tell_time(env);
    let mut effects = vec![Effect::Ask(Ask::Profiles)];
    effects.extend(mouse::again(model));
    effects
}

/// Takes a message in.
pub fn update(model: &mut Model, msg: Msg, env: &mut Env) -> Vec<Effect> {
    let was_dirty = std::mem::replace(&mut model.is_dirty, true);
    let mut effects = match msg {
        Msg::Key { chord, at } => keys::on(model, (chord, at), env).unwrap_or_else(|| {
            model.is_dirty = was_dirty;
            Vec::new()
        }),
        Msg::Paste { text, at } => {
            keys::pasted(model, at, env);
            paste(model, &text, env)
        }
        Msg::QuestionOut { question, at } => {
            model.is_dirty = was_dirty;
            model.key_guard.written(question, at);
            Vec::new()
        }
        Msg::Mouse(mouse) => mouse::on(model, mouse, env),
        Msg::Resize { width, height } => {
            model.shared.width = width;
            model.shared.height = height;
            model.key_guard.redrawn();
            refit(model);
            Vec::new()
        }
        Msg::Resumed => {
            model.key_guard.redrawn();
            std::iter::once(Effect::Redraw)
                .chain(mouse::again(model))
                .collect()
        }
        Msg::ThemesChanged => {
            model.is_dirty = was_dirty;
            vec![Effect::ReadThemeAgain]
        }
        Msg::Attempt { id, result: Ok(_) } if detail::is_ahead(model, id) => {
            let effects = answers::on(model, msg, env);
            model.is_dirty = was_dirty;
            effects
        }
        Msg::TerminalLost => vec![Effect::Quit],
        Msg::Tick => tick(model, env),
        answer => answers::on(model, answer, env),
    };
    effects.extend(place::follow(model, env));
    leave::follow(model);
    keys::follow(model);
    effects
}

/// What keys are waiting for, and nothing else that is due.
#[cfg(test)]
pub(crate) fn keys_due(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let effects = keys::due(model, env);
    keys::follow(model);
    effects
}

/// The question whose frame is not known to be out, if the next frame shows one.
pub fn unwritten_question(model: &Model) -> Option<u64> {
    let question = model.key_guard.unwritten();
    question.filter(|_| !layout::is_too_small(model.shared.width, model.shared.height))
}

/// When the loop must call again with [`Msg::Tick`], on the clock that never goes back; `None`
/// while nothing is due, so that an idle console does nothing at all.
pub fn next_wakeup(model: &Model) -> Option<Duration> {
    let toast = model.shared.toasts.due();
    let ages = model.shared.ages_due();
    [
        toast,
        model.compose.save_at,
        model.compose.look_at,
        ages,
        model.detail.rests_at,
        model.key_guard.due(),
        place::next_wakeup(model),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// What must be kept when the console leaves.
pub fn parting(model: &mut Model) -> Option<Ask> {
    compose::keep_now(model)
}

fn tick(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let mut effects = keys::due(model, env);
    model.shared.toasts.expire(env.uptime);
    if env.uptime >= model.shared.told_at + AGES_EVERY {
        model.shared.tell_time(env);
        if model.place == Place::Usage {
            usage_screen::lay_out(model);
        }
    }
    effects.extend(place::due(model, env));
    effects.extend(detail::due(model, env));
    effects.extend(compose::look_due(model, env).map(Effect::Ask));
    if model.compose.save_at.is_some_and(|at| at <= env.uptime) {
        effects.extend(parting(model).into_iter().map(Effect::Ask));
    }
    effects
}

fn typed(model: &mut Model, c: char, env: &mut Env) -> Option<Vec<Effect>> {
    if !model.popups.is_empty() {
        return popup::typed(model, c, env);
    }
    if model.log.search.is_some() {
        return log::search_typed(model, c, env);
    }
    if model.jobs.search.is_some() {
        return jobs::search_typed(model, c, env);
    }
    if model.runs.typing.is_some() {
        return run_rows::search_typed(model, c, env);
    }
    match model.place {
        Place::Console => compose::typed(model, c, env),
        Place::Jobs | Place::Runs | Place::Usage | Place::Setup => None,
    }
}

fn paste(model: &mut Model, text: &str, env: &mut Env) -> Vec<Effect> {
    let pasted = if !model.popups.is_empty() {
        popup::paste(model, text)
    } else if let Some(search) = &mut model.log.search {
        Some(search.paste(text))
    } else if let Some(search) = &mut model.jobs.search {
        Some(search.paste(text))
    } else if let Some(search) = &mut model.runs.typing {
        Some(search.paste(text))
    } else {
        match model.place {
            Place::Console => compose::paste(model, text, env),
            Place::Jobs | Place::Runs | Place::Usage | Place::Setup => None,
        }
    };
    if let Some(pasted) = pasted {
        let mut parts = Vec::new();
        if pasted.lines > 1 {
            parts.push(format!("pasted {} lines as 1", pasted.lines));
        }
        if pasted.left_out > 0 {
            parts.push(match pasted.left_out {
                1 => "left out 1 character".to_owned(),
                n => format!("left out {n} characters"),
            });
        }
        if !parts.is_empty() {
            model.shared.say(Level::Info, parts.join(", "), env.uptime);
        }
    }
    if model.popups.is_empty() && model.log.search.is_some() {
        return log::search_changed(model, env);
    }
    if model.popups.is_empty() && model.jobs.search.is_some() {
        return jobs::search_changed(model, env);
    }
    if model.popups.is_empty() && model.runs.typing.is_some() {
        return run_rows::search_changed(model, env);
    }
    Vec::new()
}

/// Makes every window fit after the size or the pane changed.
fn refit(model: &mut Model) {
    let rows = layout::log_rows(model);
    let count = model.log.lines.len();
    model.log.view.settle(count, rows);
    detail::lay_out(model);
    popup::lay_out(model);
    if model.place == Place::Setup {
        setup::lay_out(model);
    }
    if model.place == Place::Runs {
        let areas = layout::runs_areas(model);
        let count = model.runs.count();
        model.runs.view.settle(count, areas.list_rows());
        let count = model.runs.rows.lines.len();
        model.runs.rows.view.settle(count, areas.row_rows());
    }
    if model.place == Place::Jobs {
        let (count, rows) = (
            model.jobs.lines.len(),
            layout::jobs_areas(model).list_rows(),
        );
        model.jobs.view.settle(count, rows);
        job_sheet::lay_out(model);
    }
    if model.place == Place::Usage {
        usage_screen::lay_out(model);
    }
}

#[cfg(test)]
mod tests;
