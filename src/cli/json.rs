//! The JSON of every result, in one place, so that names never drift (product page, section 5).

use serde_json::{Value, json};

use crate::base::{Outcome, Timestamp};
use crate::enrichment::usage::Usage;
use crate::enrichment::verdict::Match;
use crate::enrichment::{Draft, Violation, explain};
use crate::ledger::{AttemptDetail, AttemptRow, StoredJob};
use crate::ops::gate::Doubtful;
use crate::ops::request::{HeadFrom, ShownRequest};
use crate::ops::submit::SubmitReport;
use crate::ops::usage::UsageReport;
use crate::wire::{FieldError, JobDetail};

pub(super) fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::from(at.to_string()))
}

fn parsed(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null)
}

/// The `usage` object inside `submit`.
pub(super) fn usage_brief(usage: &Usage) -> Value {
    json!({
        "used": usage.used,
        "limit": usage.limit,
        "unknown": usage.unknown,
        "source": usage.source.as_str(),
        "at": time(usage.at),
    })
}

/// One line of `usage`.
pub(super) fn usage(profile: &str, kind: &str, report: &UsageReport) -> Value {
    let usage = &report.usage;
    let by = |list: &[(String, u64)]| -> Value {
        list.iter()
            .map(|(name, units)| json!({"name": name, "units": units}))
            .collect()
    };
    json!({
        "profile": profile,
        "kind": kind,
        "used": usage.used,
        "limit": usage.limit,
        "limit_source": usage.limit_source.as_str(),
        "limit_by": usage.limit_by,
        "left": usage.known_left(),
        "mine": usage.mine,
        "others": usage.others,
        "unknown": usage.unknown,
        "sending": usage.sending,
        "source": usage.source.as_str(),
        "at": time(usage.at),
        "mine_by": by(&report.mine_by),
        "others_by": by(&report.others_by),
        "missing": report.missing,
    })
}

/// One line of `log`.
pub(super) fn log_row(row: &AttemptRow, request: &ShownRequest) -> Value {
    json!({
        "attempt": row.id,
        "at": row.at.to_string(),
        "profile": row.profile,
        "data_center": row.data_center,
        "environment": row.environment,
        "organisation": row.scope.organisation(),
        "kind": row.kind,
        "module": row.module,
        "record_id": row.record_id,
        "operator": row.operator,
        "outcome": row.outcome,
        "http_status": row.http_status,
        "code": row.code,
        "message": row.message,
        "job_id": row.job_id,
        "charged": row.outcome.is_charged(),
        "latency_ms": row.latency.map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)),
        "note": row.note,
        "inputs": parsed(row.inputs.as_deref()),
        "request": {
            "method": request.head.method,
            "url": request.head.url,
            "headers": request.head.headers,
            "body": request.body,
            "recorded": request.head_from == HeadFrom::Record,
        },
    })
}

/// `log ATTEMPT`: the line of `log`, and what came back.
pub(super) fn log_attempt(detail: &AttemptDetail, request: &ShownRequest) -> Value {
    let mut value = log_row(&detail.row, request);
    if let Some(map) = value.as_object_mut() {
        let response = json!({
            "headers": detail.response_headers,
            "body": detail.response_body,
        });
        map.insert("response".to_owned(), response);
    }
    value
}

/// One field that the server named.
fn server_field(field: &FieldError, code: Option<&str>) -> Value {
    let name = field
        .place
        .map_or_else(|| field.name.clone(), |place| place.as_str().to_owned());
    let hint = match (&field.note, code) {
        (Some(note), _) => Some(note.clone()),
        (None, Some(code)) => Some(explain(&code.into()).next_step.to_owned()),
        (None, None) => None,
    };
    json!({"field": name, "code": code, "hint": hint})
}

/// One field that the local checks named.
pub(super) fn violation(violation: &Violation) -> Value {
    json!({
        "field": violation.place.as_str(),
        "code": violation.code.as_str(),
        "hint": violation.hint,
    })
}

/// The result of `submit` when there was an attempt.
pub(super) fn submitted(report: &SubmitReport, doubts: &[Doubtful]) -> Value {
    let row = &report.row;
    json!({
        "attempt": row.id,
        "profile": row.profile,
        "outcome": row.outcome,
        "http_status": row.http_status,
        "code": row.code,
        "message": row.message.as_ref().or(row.note.as_ref()),
        "job_id": row.job_id,
        "fields": report.fields.iter().map(|f| server_field(f, row.code.as_deref())).collect::<Vec<_>>(),
        "details": parsed(report.details.as_deref()),
        "charged": row.outcome.is_charged(),
        "sent": row.outcome != Outcome::NotSent,
        "match": null,
        "differs": [],
        "earlier": null,
        "job_status": null,
        "age_seconds": null,
        "doubts": Doubtful::json(doubts),
        "usage": report.usage.as_ref().ok().map(usage_brief),
    })
}

/// The result of `submit` when nothing was sent.
pub(super) fn not_submitted(refusal: &Refusal<'_>) -> Value {
    let found = refusal.already.map(|(found, _)| found);
    let differs = found.map_or_else(Vec::new, |found| found.differs.clone());
    json!({
        "attempt": found.and_then(|found| found.attempt),
        "profile": refusal.profile,
        "outcome": refusal.outcome,
        "http_status": null,
        "code": refusal.code,
        "message": refusal.message,
        "job_id": found.and_then(|found| found.job_id.clone()),
        "fields": refusal.violations.iter().map(violation).collect::<Vec<_>>(),
        "details": null,
        "charged": false,
        "sent": false,
        "match": found.map(|found| found.by.as_str()),
        "differs": differs.iter().map(|differs| differs.as_str()).collect::<Vec<_>>(),
        "earlier": found.and_then(|found| found.outcome),
        "job_status": found.and_then(|found| found.status.clone()),
        "age_seconds": refusal.already.map(|(_, age)| age),
        "doubts": Doubtful::json(refusal.doubts),
        "usage": refusal.usage.map_or(Value::Null, usage_brief),
    })
}

/// Why nothing was sent.
pub(super) struct Refusal<'a> {
    pub(super) profile: &'a str,
    pub(super) outcome: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) message: &'a str,
    pub(super) violations: &'a [Violation],
    pub(super) doubts: &'a [Doubtful],
    /// The earlier request, and its age in seconds by the wall clock.
    pub(super) already: Option<(&'a Match, i64)>,
    pub(super) usage: Option<&'a Usage>,
}

/// One line of `jobs list`.
pub(super) fn job_row(job: &StoredJob) -> Value {
    json!({
        "id": job.id,
        "status": job.status,
        "created_time": time(job.created),
        "created_by": job.created_by_name,
        "mine": job.attempt.is_some(),
    })
}

/// The result of `jobs show`.
pub(super) fn job(detail: &JobDetail, stored: Option<&StoredJob>) -> Value {
    json!({
        "id": detail.id,
        "status": detail.status.as_str(),
        "created_time": time(detail.created_time.or(stored.and_then(|job| job.created))),
        "created_by": detail.created_by.as_ref().map(|(_, name)| name.clone())
            .or_else(|| stored.and_then(|job| job.created_by_name.clone())),
        "mine": stored.is_some_and(|job| job.attempt.is_some()),
        "enrich_based_on": detail.enrich_based_on,
        "enriched_data": detail.enriched_data,
    })
}

/// A draft as `submit --file` takes it: flat, with the kind, the module and the record.
pub(super) fn draft(draft: &Draft) -> Value {
    let mut map = serde_json::Map::new();
    map.insert("kind".to_owned(), draft.kind.as_str().into());
    map.insert("module".to_owned(), draft.module.as_str().into());
    let record = Some(draft.record()).filter(|id| !id.is_empty());
    map.insert("record_id".to_owned(), record.into());
    for (field, text) in draft.given() {
        map.insert(field.as_str().to_owned(), text.into());
    }
    Value::Object(map)
}
