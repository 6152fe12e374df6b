//! The detail of the selected attempt: what to ask for, and its text.

use std::time::Duration;

use super::command::focus;
use super::json;
use crate::base::{AttemptId, ErrorCode, Outcome};
use crate::enrichment::Field;
use crate::enrichment::explain::{explain, explain_outcome};
use crate::enrichment::job::{JobStatus, sections};
use crate::keymap::Command;
use crate::theme::Role;
use crate::tui::data::attempt::Attempt;
use crate::tui::effects::{Ask, Effect};
use crate::tui::layout;
use crate::tui::model::detail::{Detail, Tab};
use crate::tui::model::{Env, Model, Pane};
use crate::tui::ui::text::RichLine;

pub(super) fn on(model: &mut Model, command: Command, _env: &mut Env) -> Option<Vec<Effect>> {
    let rows = layout::detail_rows(model).max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    let count = model.detail.lines.len();
    let all = isize::try_from(count).unwrap_or(isize::MAX);
    let view = &mut model.detail.view;
    match command {
        Command::Down => view.scroll_by(1, count, rows),
        Command::Up => view.scroll_by(-1, count, rows),
        Command::PageDown => view.scroll_by(page, count, rows),
        Command::PageUp => view.scroll_by(-page, count, rows),
        Command::Top => view.scroll_by(-all, count, rows),
        Command::Bottom => view.scroll_by(all, count, rows),
        Command::Back => return Some(focus(model, Pane::Log)),
        _ => return None,
    }
    Some(Vec::new())
}

/// How long the selection rests before its detail is asked for, once keys follow each other faster.
const REST: Duration = Duration::from_millis(100);

/// Opens a tab; the job is asked for when it is first looked at.
pub(super) fn turn(model: &mut Model, tab: Tab) -> Vec<Effect> {
    model.detail.tab = tab;
    model.detail.view = Default::default();
    lay_out(model);
    ask_job(model)
}

/// The selection moved: the detail of the selected attempt is wanted.
pub(super) fn follow_selection(model: &mut Model) -> Vec<Effect> {
    let selected = model.log.selected().map(|line| &line.row);
    let id = selected.map(|row| row.id);
    if model.detail.wanted == id {
        // Reconcile or another process settled it, or its person was forgotten: what the detail tells of
        // it is no longer so.
        let shown = model.detail.attempt.as_ref().map(|attempt| &attempt.row);
        let is_stale = selected.zip(shown).is_some_and(|(now, then)| {
            now.id == then.id && (now.outcome != then.outcome || now.inputs != then.inputs)
        });
        return if is_stale {
            ask_again(model)
        } else {
            Vec::new()
        };
    }
    model.detail.want(id);
    if id.is_none() {
        lay_out(model);
    }
    ask(model)
}

/// A key moved the selection. A single one has its detail at once; the detail of a row that a held
/// key only passes is not asked for.
pub(super) fn follow_key(model: &mut Model, env: &Env) -> Vec<Effect> {
    model.detail.is_walking = true;
    let before = model.detail.moved_at.replace(env.uptime);
    let is_held = before.is_some_and(|at| env.uptime < at + REST);
    let id = model.log.selected().map(|line| line.row.id);
    if !is_held || id.is_none() || id == model.detail.wanted {
        return follow_selection(model);
    }
    model.detail.want(id);
    model.detail.rests_at = Some(env.uptime + REST);
    Vec::new()
}

/// Asks for the attempt if the selection has rested on it for long enough.
pub(super) fn due(model: &mut Model, env: &Env) -> Vec<Effect> {
    match model.detail.rests_at {
        Some(at) if at <= env.uptime => ask(model),
        _ => Vec::new(),
    }
}

/// An attempt came that is not wanted any more; the next one is asked for, unless the selection
/// still moves.
pub(super) fn ask_next(model: &mut Model) -> Vec<Effect> {
    match model.detail.rests_at {
        Some(_) => Vec::new(),
        None => ask(model),
    }
}

/// Asks for the attempt that is wanted, unless it was read ahead; one question at a time, so that
/// fast scrolling asks for the rows where it pauses and not for every one.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    model.detail.rests_at = None;
    let Some(wanted) = model.detail.wanted else {
        return Vec::new();
    };
    let shown = model.detail.attempt.as_ref().map(|a| a.row.id);
    if shown == Some(wanted) {
        return read_ahead(model);
    }
    if let Some(attempt) = take_near(model, wanted) {
        return show(model, Box::new(attempt));
    }
    if model.detail.asked.is_some() {
        return Vec::new();
    }
    model.detail.asked = Some(wanted);
    vec![Effect::Ask(Ask::LoadAttempt(wanted))]
}

/// Shows the attempt that is wanted and keeps the one that was shown, which the next step may want.
pub(super) fn show(model: &mut Model, attempt: Box<Attempt>) -> Vec<Effect> {
    if let Some(before) = model.detail.attempt.replace(attempt) {
        keep_near(model, *before);
    }
    lay_out(model);
    let mut effects = ask_job(model);
    effects.extend(read_ahead(model));
    effects
}

/// Keeps an attempt that stands beside the selected one, and forgets those that do not.
pub(super) fn keep_near(model: &mut Model, attempt: Attempt) {
    let beside = beside(model);
    let near = &mut model.detail.near;
    near.retain(|held| held.row.id != attempt.row.id);
    near.push(attempt);
    near.retain(|held| beside.contains(&Some(held.row.id)));
}

/// What was read ahead may be old: another process or reconcile wrote to the ledger.
pub(super) fn forget_near(model: &mut Model) {
    model.detail.near.clear();
    model.detail.is_walking = false;
}

/// An attempt that was read ahead, if it is still what the log says.
fn take_near(model: &mut Model, wanted: AttemptId) -> Option<Attempt> {
    let now = &model.log.selected()?.row;
    let held = |held: &Attempt| {
        held.row.id == wanted && now.id == wanted && held.row.outcome == now.outcome
    };
    let index = model.detail.near.iter().position(held)?;
    Some(model.detail.near.swap_remove(index))
}

/// Whether the attempt is one that was read ahead, and changes nothing that is seen.
pub(super) fn is_ahead(model: &Model, id: AttemptId) -> bool {
    let shown = model.detail.attempt.as_ref().map(|a| a.row.id);
    shown.is_some()
        && shown == model.detail.wanted
        && shown != Some(id)
        && model.compose.rejected.is_none()
}

/// Asks for the attempts beside the selected one, one after the other.
fn read_ahead(model: &mut Model) -> Vec<Effect> {
    if !model.detail.is_walking || model.detail.asked.is_some() {
        return Vec::new();
    }
    let near = &model.detail.near;
    let is_missing = |id: &AttemptId| near.iter().all(|held| held.row.id != *id);
    let Some(next) = beside(model).into_iter().flatten().find(is_missing) else {
        return Vec::new();
    };
    model.detail.asked = Some(next);
    vec![Effect::AskLater(Ask::LoadAttempt(next))]
}

/// The attempts below and above the selected one.
fn beside(model: &Model) -> [Option<AttemptId>; 2] {
    let selected = model.log.view.selected;
    let at = |index: Option<usize>| Some(model.log.lines.get(index?)?.row.id);
    [at(selected.checked_add(1)), at(selected.checked_sub(1))]
}

/// Asks for the attempt on screen again, because it changed.
pub(super) fn ask_again(model: &mut Model) -> Vec<Effect> {
    match (model.detail.wanted, model.detail.asked) {
        (Some(wanted), None) => {
            model.detail.asked = Some(wanted);
            vec![Effect::Ask(Ask::LoadAttempt(wanted))]
        }
        _ => Vec::new(),
    }
}

/// Asks for the job of the attempt if its tab is open.
pub(super) fn ask_job(model: &mut Model) -> Vec<Effect> {
    if model.detail.tab != Tab::Job || model.detail.job_id.is_some() {
        return Vec::new();
    }
    refresh_job(model)
}

/// Asks for the job again if its tab is open.
pub(super) fn refresh_job(model: &mut Model) -> Vec<Effect> {
    if model.detail.tab != Tab::Job {
        return Vec::new();
    }
    let Some(row) = model.detail.attempt.as_ref().map(|attempt| &attempt.row) else {
        return Vec::new();
    };
    let Some(job) = row.job_id.clone() else {
        return Vec::new();
    };
    let effect = Effect::Ask(Ask::LoadJob {
        profile: row.profile.clone(),
        kind: row.kind,
        job: job.clone(),
    });
    model.detail.job_id = Some(job);
    vec![effect]
}

/// Lays the text out for the pane's width.
pub(super) fn lay_out(model: &mut Model) {
    let width = layout::detail_columns(model);
    let zone = model.shared.settings.zone.clone();
    let detail = &model.detail;
    let lines = match &detail.attempt {
        None => Vec::new(),
        Some(attempt) => {
            let mut lines = explanation(attempt);
            lines.push(RichLine::new());
            lines.extend(match detail.tab {
                Tab::Request => request(attempt, &zone),
                Tab::Response => response(attempt),
                Tab::Headers => headers(attempt),
                Tab::Job => job(detail, attempt),
            });
            lines
        }
    };
    model.detail.lines = lines
        .iter()
        .flat_map(|line| line.wrapped(width, indent(line)))
        .collect();
    let (count, rows) = (model.detail.lines.len(), layout::detail_rows(model));
    model.detail.view.scroll_by(0, count, rows);
}

/// Continued lines stand below the text they continue.
fn indent(line: &RichLine) -> usize {
    let text = line.text();
    match text.len() - text.trim_start().len() {
        0 => 0,
        leading => leading.min(16) + 2,
    }
}

fn explanation(attempt: &Attempt) -> Vec<RichLine> {
    let row = &attempt.row;
    let role = row.role();
    let code = row.code.as_deref();
    let explained = match code {
        Some(code) if row.outcome != Outcome::UnknownAccepted => explain(&ErrorCode::from(code)),
        _ => explain_outcome(row.outcome),
    };
    let mut head = RichLine::new().with(role, code.unwrap_or(row.outcome.as_str()));
    if let Some(message) = &row.message {
        head.push(Role::Text, "  ");
        head.push(Role::Text, message);
    }
    let mut lines = vec![head, RichLine::new().with(Role::Dim, explained.plain)];
    if let Some(place) = place(attempt) {
        lines.push(place);
    }
    lines.push(
        RichLine::new()
            .with(Role::Dim, "  do  ")
            .with(Role::Text, explained.next_step),
    );
    let note = attempt.note.as_ref();
    if let Some(note) = note.filter(|note| Some(*note) != row.message.as_ref()) {
        lines.push(
            RichLine::new()
                .with(Role::Dim, "  note  ")
                .with(Role::Text, note),
        );
    }
    lines
}

/// The places that the answer's details name: where, and what needs it.
fn place(attempt: &Attempt) -> Option<RichLine> {
    let details: serde_json::Value = serde_json::from_str(attempt.details.as_deref()?).ok()?;
    let name = |value: &serde_json::Value| -> Option<String> {
        let path = value.get("json_path").and_then(|path| path.as_str());
        let field = path
            .and_then(Field::from_path)
            .map(|field| field.as_str().to_owned());
        let api = ["api_name", "param_name", "param"]
            .into_iter()
            .find_map(|key| value.get(key)?.as_str().map(str::to_owned));
        field.or(api)
    };
    let mut line = RichLine::new();
    if let Some(at) = name(&details) {
        line = line.with(Role::Dim, "  at  ").with(Role::Accent, &at);
    }
    if let Some(needed) = details.get("dependee").and_then(name) {
        line = line
            .with(Role::Dim, "   needed by  ")
            .with(Role::Accent, &needed);
    }
    if let Some(expected) = details.get("expected_fields").and_then(|v| v.as_array()) {
        let names: Vec<String> = expected.iter().filter_map(name).collect();
        line = line
            .with(Role::Dim, "  one of  ")
            .with(Role::Accent, &names.join(", "));
    }
    if let Some(limit) = details.get("limit") {
        let limit = limit
            .as_str()
            .map_or_else(|| limit.to_string(), str::to_owned);
        line = line.with(Role::Dim, "  limit  ").with(Role::Accent, &limit);
    }
    (!line.pieces.is_empty()).then_some(line)
}

fn request(attempt: &Attempt, zone: &jiff::tz::TimeZone) -> Vec<RichLine> {
    let row = &attempt.row;
    let at = row.at.to_zoned_datetime(zone.clone());
    let about = format!(
        "attempt {} · {} · {} · {} · {}",
        row.id,
        row.profile,
        attempt.environment,
        row.operator,
        at.strftime("%d %b %Y %H:%M:%S %:z")
    );
    let mut lines = vec![
        RichLine::new().with(Role::Dim, &about),
        RichLine::new()
            .with(Role::Accent, &format!("{} ", attempt.head.method))
            .with(Role::Text, &attempt.head.url),
    ];
    if let Some(why) = attempt.head_from.why() {
        lines.push(RichLine::new().with(Role::Dim, why));
    }
    match &attempt.request_body {
        Some(body) => lines.extend(json::lines(body)),
        None => lines.push(RichLine::new().with(
            Role::Dim,
            "The body is gone from the ledger: purged or forgotten.",
        )),
    }
    lines
}

fn response(attempt: &Attempt) -> Vec<RichLine> {
    let row = &attempt.row;
    let mut head = RichLine::new();
    match row.http_status {
        Some(status) => head.push(Role::Accent, &format!("HTTP {status}")),
        None if row.outcome == Outcome::Sending => head.push(Role::Sending, "on its way"),
        None => head.push(Role::Dim, "no status was read"),
    }
    if let Some(latency) = row.latency {
        head.push(Role::Dim, &format!(" · after {} ms", latency.as_millis()));
    }
    let mut lines = vec![head];
    match attempt.response_body.as_deref() {
        Some("") => lines.push(RichLine::new().with(Role::Dim, "The answer had no body.")),
        Some(body) => lines.extend(json::lines(body)),
        None => lines.push(RichLine::new().with(Role::Dim, "No body is on record.")),
    }
    lines
}

fn headers(attempt: &Attempt) -> Vec<RichLine> {
    let dim = |text: &str| RichLine::new().with(Role::Dim, text);
    let mut lines = vec![dim("sent, with the token besides")];
    if let Some(why) = attempt.head_from.why() {
        lines.push(dim(why));
    }
    lines.extend(attempt.head.headers.iter().map(header));
    lines.push(RichLine::new());
    lines.push(dim("received"));
    if attempt.response_headers.is_empty() {
        lines.push(dim("No headers are on record."));
    }
    lines.extend(attempt.response_headers.iter().map(header));
    lines
}

fn header((name, value): &(String, String)) -> RichLine {
    RichLine::new()
        .with(Role::JsonKey, name)
        .with(Role::Dim, ": ")
        .with(Role::Text, value)
}

fn job(detail: &Detail, attempt: &Attempt) -> Vec<RichLine> {
    let Some(id) = &attempt.row.job_id else {
        return vec![RichLine::new().with(Role::Dim, "This attempt made no job that is known.")];
    };
    let mut lines = vec![
        RichLine::new()
            .with(Role::Dim, "job ")
            .with(Role::Text, id.as_str()),
    ];
    match &detail.job {
        None => lines.push(RichLine::new().with(Role::Dim, "asking for it")),
        Some(Err(reason)) => lines.push(RichLine::new().with(Role::Error, reason)),
        Some(Ok(job)) => {
            let status = JobStatus::from(job.status.as_str());
            lines.push(
                RichLine::new()
                    .with(Role::Accent, status.as_str())
                    .with(Role::Dim, "  ")
                    .with(Role::Text, status.plain()),
            );
            for (name, value) in &attempt.row.inputs {
                lines.push(
                    RichLine::new()
                        .with(Role::Dim, &format!("  asked {name:<9}"))
                        .with(Role::Text, value),
                );
            }
            for section in job.enriched_data.iter().flat_map(sections) {
                lines.push(RichLine::new());
                lines.push(RichLine::new().with(Role::Title, section.title));
                for (label, text) in section.lines {
                    lines.push(
                        RichLine::new()
                            .with(Role::Dim, &format!("  {label:<14}"))
                            .with(Role::Text, &text),
                    );
                }
            }
        }
    }
    lines
}
