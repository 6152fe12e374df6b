//! The text of an attempt: what its answer means and what to do, then the parts. Pure.

use jiff::tz::TimeZone;

use super::json;
use crate::base::{ErrorCode, Outcome};
use crate::enrichment::Field;
use crate::enrichment::explain::{explain, explain_outcome};
use crate::enrichment::job::{JobStatus, sections};
use crate::theme::Role;
use crate::tui::app::remote::Remote;
use crate::tui::data::attempt::{self, Attempt};
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
    let row = &attempt.detail.row;
    let role = attempt::role(row);
    let code = row.code.as_deref();
    let explained = match code {
        Some(code) if row.outcome != Outcome::UnknownAccepted => explain(&ErrorCode::from(code)),
        _ => explain_outcome(row.outcome),
    };
    let mut head = RichLine::of(role, code.unwrap_or(row.outcome.as_str()));
    if let Some(message) = row.said() {
        head.push(Role::Text, &format!("  {message}"));
    }
    let mut lines = vec![head, dim(explained.plain)];
    lines.extend(place(attempt));
    lines.push(dim("  do  ").with(Role::Text, explained.next_step));
    let note = row.note.as_deref();
    let note = note.filter(|note| Some(*note) != row.said());
    lines.extend(note.map(|note| dim("  note  ").with(Role::Text, note)));
    lines
}

fn dim(text: &str) -> RichLine {
    RichLine::of(Role::Dim, text)
}

/// The places that the answer's details name: where, and what needs it.
fn place(attempt: &Attempt) -> Option<RichLine> {
    let details: serde_json::Value =
        serde_json::from_str(attempt.detail.details.as_deref()?).ok()?;
    let name = |value: &serde_json::Value| -> Option<String> {
        let text = |key: &str| value.get(key)?.as_str();
        let field = text("json_path").and_then(Field::from_path);
        let api = || {
            ["api_name", "param_name", "param"]
                .into_iter()
                .find_map(text)
        };
        field.map(Field::as_str).or_else(api).map(str::to_owned)
    };
    let expected = details.get("expected_fields").and_then(|v| v.as_array());
    let expected = expected.map(|all| all.iter().filter_map(name).collect::<Vec<_>>());
    let limit = details.get("limit");
    let limit = limit.map(|limit| {
        limit
            .as_str()
            .map_or_else(|| limit.to_string(), str::to_owned)
    });
    let mut line = RichLine::new();
    for (label, text) in [
        ("  at  ", name(&details)),
        ("   needed by  ", details.get("dependee").and_then(name)),
        ("  one of  ", expected.map(|names| names.join(", "))),
        ("  limit  ", limit),
    ] {
        if let Some(text) = text {
            line = line.with(Role::Dim, label).with(Role::Accent, &text);
        }
    }
    (!line.pieces.is_empty()).then_some(line)
}

pub(super) fn request(attempt: &Attempt, zone: &TimeZone) -> Vec<RichLine> {
    let (row, sent) = (&attempt.detail.row, &attempt.request);
    let at = row.at.to_zoned_datetime(zone.clone());
    let about = format!(
        "attempt {} · {} · {} · {} · {}",
        row.id,
        row.profile,
        row.environment,
        row.operator,
        at.strftime("%d %b %Y %H:%M:%S %:z")
    );
    let method = RichLine::of(Role::Accent, &format!("{} ", sent.head.method));
    let mut lines = vec![dim(&about), method.with(Role::Text, &sent.head.url)];
    lines.extend(sent.head_from.why().map(dim));
    match &sent.body {
        Some(body) => lines.extend(json::lines(body)),
        None => lines.push(dim(
            "The body is gone from the ledger: purged or forgotten.",
        )),
    }
    lines
}

pub(super) fn response(attempt: &Attempt) -> Vec<RichLine> {
    let row = &attempt.detail.row;
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
    match attempt.detail.response_body.as_deref() {
        Some("") => lines.push(dim("The answer had no body.")),
        Some(body) => lines.extend(json::lines(body)),
        None => lines.push(dim("No body is on record.")),
    }
    lines
}

pub(super) fn headers(attempt: &Attempt) -> Vec<RichLine> {
    let mut lines = vec![dim("sent, with the token besides")];
    lines.extend(attempt.request.head_from.why().map(dim));
    lines.extend(attempt.request.head.headers.iter().map(header));
    lines.push(RichLine::new());
    lines.push(dim("received"));
    if attempt.detail.response_headers.is_empty() {
        lines.push(dim("No headers are on record."));
    }
    lines.extend(attempt.detail.response_headers.iter().map(header));
    lines
}

fn header((name, value): &(String, String)) -> RichLine {
    RichLine::of(Role::JsonKey, name)
        .with(Role::Dim, ": ")
        .with(Role::Text, value)
}

pub(super) fn job(attempt: &Attempt, job: &Remote<Option<JobFigures>>) -> Vec<RichLine> {
    let Some(id) = &attempt.detail.row.job_id else {
        return vec![dim("This attempt made no job that is known.")];
    };
    let mut lines = vec![dim("job ").with(Role::Text, id.as_str())];
    if let Some(failure) = &job.error {
        lines.push(RichLine::of(Role::Error, &failure.to_string()));
        return lines;
    }
    let Some(Some(job)) = &job.value else {
        lines.push(dim("asking for it"));
        return lines;
    };
    let status = JobStatus::from(job.status.as_str());
    let line = RichLine::of(Role::Accent, status.as_str());
    lines.push(line.with(Role::Text, &format!("  {}", status.plain())));
    let inputs = attempt::inputs(&attempt.detail.row);
    lines.extend(inputs.iter().filter_map(|(name, value)| {
        let label = dim(&format!("  asked {name:<9}"));
        Some(label.with(Role::Text, value.as_str()?))
    }));
    for section in job.enriched_data.iter().flat_map(sections) {
        lines.extend([RichLine::new(), RichLine::of(Role::Title, section.title)]);
        let line = |(label, text): &(String, String)| {
            dim(&format!("  {label:<14}")).with(Role::Text, text)
        };
        lines.extend(section.lines.iter().map(line));
    }
    lines
}
