//! The text of an attempt: what its answer means and what to do, then the parts. Pure.

use jiff::tz::TimeZone;

use super::json;
use crate::base::{ErrorCode, Outcome};
use crate::enrichment::Field;
use crate::enrichment::explain::{explain, explain_outcome};
use crate::enrichment::job::{JobStatus, sections};
use crate::theme::Role;
use crate::tui::app::remote::Remote;
use crate::tui::data::attempt::Attempt;
use crate::tui::data::job::JobFigures;
use crate::tui::ui::text::RichLine;

/// Continued lines stand below the text they continue.
pub(super) fn indent(line: &RichLine) -> usize {
    let text = line.text();
    match text.len() - text.trim_start().len() {
        0 => 0,
        leading => leading.min(16) + 2,
    }
}

pub(super) fn explanation(attempt: &Attempt) -> Vec<RichLine> {
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

pub(super) fn request(attempt: &Attempt, zone: &TimeZone) -> Vec<RichLine> {
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

pub(super) fn response(attempt: &Attempt) -> Vec<RichLine> {
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

pub(super) fn headers(attempt: &Attempt) -> Vec<RichLine> {
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

pub(super) fn job(attempt: &Attempt, job: &Remote<Option<JobFigures>>) -> Vec<RichLine> {
    let Some(id) = &attempt.row.job_id else {
        return vec![RichLine::new().with(Role::Dim, "This attempt made no job that is known.")];
    };
    let mut lines = vec![
        RichLine::new()
            .with(Role::Dim, "job ")
            .with(Role::Text, id.as_str()),
    ];
    match (&job.value, &job.error) {
        (_, Some(failure)) => {
            lines.push(RichLine::new().with(Role::Error, &failure.to_string()));
        }
        (None | Some(None), None) => {
            lines.push(RichLine::new().with(Role::Dim, "asking for it"));
        }
        (Some(Some(job)), None) => {
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
