//! What can be done with the selected job: copies, a file, composing again, and the way to its
//! attempt. Nothing here sends.

use serde_json::json;

use super::{compose, log, place};
use crate::base::JobId;
use crate::enrichment::{Draft, Field};
use crate::keymap::Command;
use crate::tui::effects::{Ask, Effect};
use crate::tui::model::detail::Tab;
use crate::tui::model::jobs::By;
use crate::tui::model::picker::{Choice, Item, JobCopy, Picker};
use crate::tui::model::{Env, Level, Model, Pane, Place};

/// Asks what of the job is wanted in the clipboard.
pub(super) fn copy_what(model: &mut Model) {
    let Some(job) = model.jobs.selected().map(|line| line.row.id.clone()) else {
        return;
    };
    let item = |text: &str, hint: String, what: JobCopy| Item {
        text: text.to_owned(),
        hint,
        choice: Choice::CopyJob(job.clone(), what),
    };
    let items = vec![
        item("the enriched data", "as JSON".to_owned(), JobCopy::Data),
        item("all of the job", "as JSON".to_owned(), JobCopy::All),
        item("the id", job.to_string(), JobCopy::Id),
    ];
    super::pick::open(model, Picker::new(Command::CopyJob.title(), items));
}

/// Copies it.
pub(super) fn copy(model: &mut Model, job: &JobId, what: JobCopy, env: &Env) -> Vec<Effect> {
    let (text, what) = match what {
        JobCopy::Id => (Some(job.to_string()), "the job's id"),
        JobCopy::All => (as_json(model, job), "the job as JSON"),
        JobCopy::Data => (data(model, job), "the enriched data as JSON"),
    };
    match text {
        Some(text) => vec![Effect::Copy {
            text,
            what: what.to_owned(),
        }],
        None => {
            let text = "there is no enriched data in this job yet; nothing was copied";
            model.shared.say(Level::Info, text, env.uptime);
            Vec::new()
        }
    }
}

fn data(model: &Model, job: &JobId) -> Option<String> {
    let sheet = &model.jobs.sheet;
    let figures = sheet
        .figures
        .as_ref()
        .filter(|_| sheet.job.as_ref() == Some(job))?;
    serde_json::to_string_pretty(figures.enriched_data.as_ref()?).ok()
}

/// The job with the keys of `ziadeck jobs show --json`.
fn as_json(model: &Model, job: &JobId) -> Option<String> {
    let line = model.jobs.lines.iter().find(|line| line.row.id == *job)?;
    let sheet = &model.jobs.sheet;
    let figures = sheet
        .figures
        .as_ref()
        .filter(|_| sheet.job.as_ref() == Some(job));
    let (by, is_mine) = match &line.row.by {
        By::Mine(operator) => (Some(operator.as_str()), true),
        By::Other(name) => (name.as_deref(), false),
    };
    let all = json!({
        "id": job,
        "status": figures.map_or(line.row.status.as_str(), |figures| figures.status.as_str()),
        "created_time": line.row.created.map(|at| at.to_string()),
        "created_by": by,
        "mine": is_mine,
        "enrich_based_on": figures.and_then(|figures| figures.enrich_based_on.as_ref()),
        "enriched_data": figures.and_then(|figures| figures.enriched_data.as_ref()),
    });
    serde_json::to_string_pretty(&all).ok()
}

/// Writes the job to a file.
pub(super) fn export(model: &mut Model, env: &Env) -> Vec<Effect> {
    let Some(job) = model.jobs.sheet.job.clone() else {
        return Vec::new();
    };
    let text = as_json(model, &job).filter(|_| model.jobs.sheet.figures.is_some());
    match text {
        Some(mut text) => {
            text.push('\n');
            vec![Effect::Ask(Ask::ExportJob { job, text })]
        }
        None => {
            let text = "the job is still being read; nothing was written";
            model.shared.say(Level::Info, text, env.uptime);
            Vec::new()
        }
    }
}

/// Refills the form with what the job was asked; nothing is sent.
pub(super) fn compose_again(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(row) = model.jobs.selected().map(|line| line.row.clone()) else {
        return Vec::new();
    };
    let form = model.compose.draft();
    let mut draft = Draft::new(
        model.shared.kind(),
        row.module.as_deref().unwrap_or(&form.module),
    );
    for (name, value) in &row.inputs {
        if let Ok(field) = name.parse() {
            draft.set(field, value);
        }
    }
    let sheet = &model.jobs.sheet;
    let figures = sheet.figures.as_ref();
    let told = figures.and_then(|figures| figures.enrich_based_on.as_ref());
    if let Some(told) = told.filter(|_| row.inputs.is_empty()) {
        for (field, value) in Field::asked(model.shared.kind(), told) {
            draft.set(field, &value);
        }
    }
    if draft.is_empty() {
        let text = "what the job was asked is not known; the form is as it was";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    }
    draft.record_id = row.record_id.unwrap_or_default();
    let mut effects = place::go(model, Place::Console, env);
    effects.extend(compose::fill(model, &draft, env));
    effects.extend(super::command::focus(model, Pane::Compose));
    let text = format!("composed again from job {}; nothing was sent", row.id);
    model.shared.say(Level::Info, text, env.uptime);
    effects
}

/// Goes to the attempt in the live log.
pub(super) fn go_to_attempt(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(row) = model.jobs.selected().map(|line| line.row.clone()) else {
        return Vec::new();
    };
    let Some(attempt) = row.attempt else {
        let text = "no attempt of this ledger made the job";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    model.detail.tab = Tab::Job;
    log::go_to(model, attempt, env)
}
