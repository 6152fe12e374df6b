//! The selected job: what to ask for, and its text.

use std::time::Duration;

use crate::base::JobId;
use crate::enrichment::Field;
use crate::enrichment::job::{JobStatus, sections};
use crate::keymap::Command;
use crate::theme::Role;
use crate::tui::app::poll::Brought;
use crate::tui::effects::{Ask, Effect, Freshness};
use crate::tui::layout;
use crate::tui::model::jobs::{By, JobLine, JobsFocus, Sheet, look};
use crate::tui::model::{Env, Failure, Model};
use crate::tui::msg::JobFigures;
use crate::tui::ui::text::{RichLine, fitted};

/// Keys while the data has the focus.
pub(super) fn on(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let rows = layout::jobs_areas(model).found_rows().max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    let count = model.jobs.sheet.found_lines.len();
    let all = isize::try_from(count).unwrap_or(isize::MAX);
    let view = &mut model.jobs.sheet.view;
    match command {
        Command::Down => view.scroll_by(1, count, rows),
        Command::Up => view.scroll_by(-1, count, rows),
        Command::PageDown => view.scroll_by(page, count, rows),
        Command::PageUp => view.scroll_by(-page, count, rows),
        Command::Top => view.scroll_by(-all, count, rows),
        Command::Bottom => view.scroll_by(all, count, rows),
        Command::Back => {
            model.jobs.focus = JobsFocus::List;
            super::refit(model);
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Gives the focus to the job's data.
pub(super) fn open(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    if model.jobs.selected().is_none() {
        return Vec::new();
    }
    model.jobs.focus = JobsFocus::Data;
    super::refit(model);
    follow_selection(model, env)
}

/// The selection moved, or the sheet came in sight: the ledger is asked for the selected job.
pub(super) fn follow_selection(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let wanted = model.jobs.selected().map(|line| line.row.id.clone());
    if model.jobs.sheet.job != wanted {
        model.jobs.sheet = Sheet {
            job: wanted.clone(),
            ..Sheet::default()
        };
        model.jobs.sheet_poll.rest();
        lay_out(model);
        let (Some(job), Some((profile, kind))) = (wanted, model.jobs.of.clone()) else {
            return Vec::new();
        };
        return vec![Effect::Ask(Ask::LoadJobSheet {
            profile,
            kind,
            job,
            freshness: Freshness::Ledger,
        })];
    }
    want_more(model, env);
    due(model, env)
}

/// The server is to be asked if the job may still change and nothing is planned yet.
fn want_more(model: &mut Model, env: &Env) {
    let sheet = &model.jobs.sheet;
    let poll = &mut model.jobs.sheet_poll;
    if sheet.is_read && !sheet.is_final() && poll.due().is_none() && !poll.is_asked() {
        poll.soon(env.uptime);
    }
}

/// A person wants the job asked for again, final or not.
pub(super) fn refresh(model: &mut Model, env: &Env) {
    if model.jobs.sheet.job.is_some() {
        model.jobs.sheet.is_read = true;
        model.jobs.sheet_poll.soon(env.uptime);
    }
}

/// When the job is to be asked for; `None` while it is out of sight.
pub(super) fn due_at(model: &Model) -> Option<Duration> {
    let is_wanted = model.jobs.sheet.job.is_some() && layout::jobs_areas(model).found.is_some();
    model.jobs.sheet_poll.due().filter(|_| is_wanted)
}

/// Asks for the job if that is due.
pub(super) fn due(model: &mut Model, env: &Env) -> Vec<Effect> {
    let is_due = due_at(model).is_some_and(|at| at <= env.uptime);
    let (Some(job), Some((profile, kind))) = (model.jobs.sheet.job.clone(), model.jobs.of.clone())
    else {
        return Vec::new();
    };
    if !is_due {
        return Vec::new();
    }
    model.jobs.sheet_poll.asked(env.uptime);
    vec![Effect::Ask(Ask::LoadJobSheet {
        profile,
        kind,
        job,
        freshness: Freshness::Server,
    })]
}

/// A job came, from the ledger or from the server.
pub(super) fn take(
    model: &mut Model,
    (job, freshness): (&JobId, Freshness),
    result: Result<Option<Box<JobFigures>>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    if model.jobs.sheet.job.as_ref() != Some(job) {
        return Vec::new();
    }
    let sheet = &mut model.jobs.sheet;
    let status = |figures: &Option<Box<JobFigures>>| figures.as_ref().map(|f| f.status.clone());
    let before = status(&sheet.figures);
    match result {
        Ok(Some(figures)) => {
            sheet.figures = Some(figures);
            sheet.failure = None;
        }
        Ok(None) => {}
        Err(failure) => sheet.failure = Some(failure.to_string()),
    }
    sheet.is_read = true;
    let has_failed = sheet.failure.is_some();
    let brought = if status(&sheet.figures) == before {
        Brought::Nothing
    } else {
        Brought::News
    };
    if freshness == Freshness::Server {
        let poll = &mut model.jobs.sheet_poll;
        poll.answered(env.uptime, brought);
        // What is final, or what the server does not know, is not asked for again by itself.
        if has_failed || model.jobs.sheet.is_final() {
            poll.rest();
        }
    } else {
        want_more(model, env);
    }
    lay_out(model);
    due(model, env)
}

/// Lays the text out for the panes' widths.
pub(super) fn lay_out(model: &mut Model) {
    let areas = layout::jobs_areas(model);
    let zone = model.shared.settings.zone.clone();
    let line = model.jobs.selected().cloned();
    let sheet = &model.jobs.sheet;
    let asked = line.as_ref().map_or_else(Vec::new, |line| {
        asked(line, sheet, model.shared.kind(), &zone)
    });
    let mut found = line.as_ref().map_or_else(Vec::new, |_| found(sheet));
    let wrap = |lines: &[RichLine], width: usize| -> Vec<RichLine> {
        lines
            .iter()
            .flat_map(|line| line.wrapped(width, LABEL_COLUMNS + 4))
            .collect()
    };
    let as_of = sheet.figures.as_ref().map(|figures| {
        let at = figures.at.to_zoned_datetime(zone.clone());
        at.strftime("%d %b %H:%M:%S").to_string()
    });
    model.jobs.sheet.as_of = as_of.unwrap_or_default();
    let width = areas.found_columns();
    match areas.asked_columns() {
        Some(columns) => model.jobs.sheet.asked_lines = wrap(&asked, columns),
        // Without room for two panes, what was asked stands above what was found.
        None => {
            let head = asked.into_iter().chain([RichLine::new()]);
            found = head.chain(found).collect();
            model.jobs.sheet.asked_lines.clear();
        }
    }
    model.jobs.sheet.found_lines = wrap(&found, width);
    let (count, rows) = (model.jobs.sheet.found_lines.len(), areas.found_rows());
    model.jobs.sheet.view.scroll_by(0, count, rows);
}

/// Columns for the labels of both panes.
const LABEL_COLUMNS: usize = 12;

fn labelled(label: &str, text: &str) -> RichLine {
    let label = fitted(label, LABEL_COLUMNS * 2);
    RichLine::new()
        .with(Role::Dim, &format!("  {label:<LABEL_COLUMNS$}  "))
        .with(Role::Text, text)
}

fn asked(
    line: &JobLine,
    sheet: &Sheet,
    kind: crate::base::EnrichmentKind,
    zone: &jiff::tz::TimeZone,
) -> Vec<RichLine> {
    let row = &line.row;
    let mut lines = vec![labelled("job", row.id.as_str())];
    if let Some(at) = row.created {
        let at = at.to_zoned_datetime(zone.clone());
        lines.push(labelled(
            "created",
            &at.strftime("%d %b %Y %H:%M:%S").to_string(),
        ));
    }
    match (&row.by, row.attempt) {
        (By::Mine(operator), Some(attempt)) => {
            lines.push(labelled("by", &format!("{operator}, attempt {attempt}")));
        }
        (By::Mine(operator), None) => lines.push(labelled("by", operator)),
        (By::Other(Some(name)), _) => lines.push(labelled("by", name)),
        (By::Other(None), _) => lines.push(labelled("by", "somebody else")),
    }
    if let Some(module) = &row.module {
        let record = row.record_id.as_deref();
        let text = record.map_or_else(|| module.clone(), |id| format!("{module}, record {id}"));
        lines.push(labelled("module", &text));
    }
    lines.push(RichLine::new());
    let told = sheet
        .figures
        .as_ref()
        .and_then(|figures| figures.enrich_based_on.as_ref())
        .map(|value| Field::asked(kind, value))
        .unwrap_or_default();
    if told.is_empty() && row.inputs.is_empty() {
        let text = "what was asked is not known before the job is read";
        lines.push(RichLine::new().with(Role::Dim, "  ").with(Role::Dim, text));
    }
    if told.is_empty() {
        for (name, value) in &row.inputs {
            lines.push(labelled(name, value));
        }
    }
    for (field, value) in told {
        lines.push(labelled(field.as_str(), &value));
    }
    lines
}

fn found(sheet: &Sheet) -> Vec<RichLine> {
    let mut lines = Vec::new();
    if let Some(failure) = &sheet.failure {
        lines.push(RichLine::new().with(Role::Error, failure));
    }
    let Some(figures) = &sheet.figures else {
        if sheet.failure.is_none() {
            let text = if sheet.is_read {
                "asking the server"
            } else {
                "reading the ledger"
            };
            lines.push(RichLine::new().with(Role::Dim, text));
        }
        return lines;
    };
    let status = JobStatus::from(figures.status.as_str());
    let (glyph, role) = look(&status);
    lines.push(
        RichLine::new()
            .with(role, &format!("{glyph} {}", status.as_str()))
            .with(Role::Text, &format!("  {}", status.plain())),
    );
    let sections = figures
        .enriched_data
        .as_ref()
        .map(sections)
        .unwrap_or_default();
    if sections.is_empty() && matches!(status, JobStatus::Completed | JobStatus::Updated) {
        let text = "The server tells no data with it.";
        lines.push(RichLine::new().with(Role::Dim, text));
    }
    for section in sections {
        lines.push(RichLine::new());
        lines.push(RichLine::new().with(Role::Title, section.title));
        lines.extend(
            section
                .lines
                .iter()
                .map(|(label, text)| labelled(label, text)),
        );
    }
    lines
}
