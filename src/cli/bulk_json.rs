//! The JSON of `bulk`: names fixed by the product page, section 5.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::{Outcome, RowNumber};
use crate::bulk::rows::Unused;
use crate::ledger::{RowResult, RowState};
use crate::ops::bulk_plan::Planned;
use crate::ops::bulk_run::RunEnding;
use crate::ops::bulk_view::{Holder, RunProgress, RunView};

/// The result of `bulk plan`.
pub(super) fn planned(plan: &Planned) -> Value {
    let report = &plan.report;
    let cost = report.cost;
    let problems: Vec<Value> = report
        .problems
        .iter()
        .map(|problem| {
            json!({
                "row": problem.row, "line": problem.line, "field": problem.place.as_str(),
                "code": problem.code.as_str(), "hint": problem.hint,
            })
        })
        .collect();
    let before: Vec<Value> = plan
        .before
        .iter()
        .map(|before| {
            let mut told = before.found.json();
            if let Value::Object(map) = &mut told {
                map.insert("row".to_owned(), json!(before.row));
                map.insert("line".to_owned(), Value::from(before.line));
            }
            told
        })
        .collect();
    let by: Map<String, Value> = plan
        .already_by
        .iter()
        .map(|(kind, rows)| ((*kind).to_owned(), Value::from(*rows)))
        .collect();
    let shared: Vec<Value> = report
        .sharing
        .iter()
        .map(|row| {
            json!({
                "row": row.row, "line": row.line, "with_row": row.with, "key": row.key.as_str(),
            })
        })
        .collect();
    let repeats: Vec<Value> = report
        .repeats
        .iter()
        .map(|repeat| {
            json!({
                "row": repeat.row, "line": repeat.line, "of_row": repeat.of,
                "of_line": repeat.of_line, "match": repeat.by.as_str(),
            })
        })
        .collect();
    let crm = plan.crm.as_ref().map(|read| {
        json!({
            "criteria": read.criteria, "records": read.read, "wanted": read.kept,
            "credits": read.pages,
        })
    });
    let mapped: Map<String, Value> = plan
        .mapped
        .iter()
        .map(|(target, from)| (target.as_str().to_owned(), Value::from(from.as_str())))
        .collect();
    let columns_of = |is_added: bool| -> Vec<&str> {
        let is_it = |why: Unused| (why == Unused::Added) == is_added;
        let columns = plan.unmapped.iter().filter(|column| is_it(column.why));
        columns.map(|column| column.column.as_str()).collect()
    };
    let kinds: Vec<Value> = report
        .kinds
        .iter()
        .map(|kind| {
            json!({
                "rows": kind.rows, "field": kind.place.as_str(), "code": kind.code.as_str(),
                "hint": kind.hint(), "lines": kind.lines,
            })
        })
        .collect();
    let also: Vec<Value> = plan
        .also_planned
        .iter()
        .map(|(run, rows)| json!({"run": run, "rows": rows}))
        .collect();
    json!({
        "run": plan.run,
        "rows": report.rows,
        "ready": report.ready,
        "invalid": report.invalid,
        "duplicates": report.duplicates,
        "already": report.already,
        "units_left": cost.known_left(),
        "doubtful": report.doubtful,
        "risky": report.risky,
        "shared": report.shared,
        "shared_before": plan.shared_before,
        "shared_rows": shared,
        "duplicate_rows": repeats,
        "placeholders": report.placeholders,
        "to_send": plan.to_send,
        "units_needed": cost.needed,
        "units_left_after": cost.known_left_after(),
        "units_source": plan.usage.source.as_str(),
        "units_at": super::json::time(plan.usage.at),
        "missing": cost.missing(),
        "reserve": cost.reserve,
        "file": plan.file_name,
        "sha256": plan.file.sha256,
        "encoding": plan.encoding.to_string(),
        "mapped": mapped,
        "unmapped": columns_of(false),
        "export_columns": columns_of(true),
        "problems": problems,
        "problem_kinds": kinds,
        "reading": plan.file.reading.json(),
        "already_by": by,
        "already_rows": before,
        "same_file_as_run": plan.same_file,
        "also_planned": also,
        "takes_seconds": plan.takes.map(|takes| takes.as_secs()),
        "fills": plan.fills,
        "crm": crm,
    })
}

/// One line of `bulk status`.
pub(super) fn status(view: &RunView, left_out: &BTreeMap<String, u64>) -> Value {
    let mut map = status_map(view);
    map.insert("left_out".to_owned(), json!(left_out));
    Value::Object(map)
}

fn status_map(view: &RunView) -> Map<String, Value> {
    let run = &view.run;
    let (reason, detail) = view.reason();
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("run", json!(run.id));
    put("state", Value::from(run.state.as_str()));
    put("reason", json!(reason));
    for state in RowState::ALL {
        put(state.as_str(), Value::from(view.count(state)));
    }
    put("rows", Value::from(view.rows()));
    put("detail", json!(detail));
    put("profile", json!(run.profile));
    put("kind", json!(run.kind));
    put("module", Value::from(run.module.as_str()));
    put("file", Value::from(run.file_name.as_str()));
    put("sha256", Value::from(run.sha256.as_str()));
    put("operator", Value::from(run.operator.as_str()));
    put("created", Value::from(run.created_at.to_string()));
    put("state_since", Value::from(run.state_at.to_string()));
    put("held_by", view.holder.as_ref().map_or(Value::Null, holder));
    map
}

fn holder(holder: &Holder) -> Value {
    json!({"pid": holder.pid, "since": holder.since.map(|since| since.to_string())})
}

/// One line while a run goes on.
pub(super) fn progress(progress: &RunProgress) -> Value {
    let mut map = status_map(&progress.view);
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("event", Value::from("progress"));
    put("in_flight", Value::from(progress.in_flight));
    put("concurrency", Value::from(progress.concurrency));
    put("used", Value::from(progress.usage.used));
    put("limit", Value::from(progress.usage.limit));
    put("units_left", Value::from(progress.usage.known_left()));
    put(
        "rows_per_minute",
        json!(progress.progress.rows_per_minute()),
    );
    let seconds = progress.progress.time_left().map(|left| left.as_secs());
    put("seconds_left", json!(seconds));
    put("left_in_flight", Value::Null);
    Value::Object(map)
}

/// The last line of a run.
pub(super) fn ended(why: &RunEnding, last: &RunProgress) -> Value {
    let mut value = progress(last);
    if let Value::Object(map) = &mut value {
        map.insert("event".to_owned(), Value::from("ended"));
        let left = match why {
            RunEnding::Stopped { left_in_flight } => *left_in_flight,
            RunEnding::Finished | RunEnding::Paused(_) => 0,
        };
        map.insert("left_in_flight".to_owned(), Value::from(left));
    }
    value
}

/// One row of `bulk rows`.
pub(super) fn row(found: &RowResult) -> Value {
    let RowResult {
        row,
        attempt,
        earlier_job,
        job_status,
        enriched_data,
    } = found;
    let parsed = |text: Option<&String>| -> Value {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or(Value::Null)
    };
    let RowNumber(number) = row.row;
    let verdict = parsed(row.verdict.as_ref());
    json!({
        "row": number,
        "line": row.line,
        "state": row.state.as_str(),
        "reason": row.reason,
        "code": attempt.as_ref().and_then(|attempt| attempt.code.clone()),
        "attempt": row.attempt,
        "job_id": attempt.as_ref().and_then(|attempt| attempt.job_id.as_ref()).or(earlier_job.as_ref()),
        "job_status": job_status,
        "record_id": row.record_id,
        "sent": attempt.as_ref().is_some_and(|attempt| attempt.outcome != Outcome::NotSent),
        "charged": attempt.as_ref().is_some_and(|attempt| attempt.outcome.is_charged()),
        "already": verdict.get("already").cloned().unwrap_or(Value::Null),
        "doubts": verdict.get("doubts").cloned().unwrap_or_else(|| json!([])),
        "inputs": parsed(row.inputs.as_ref()),
        "enriched_data": parsed(enriched_data.as_ref()),
    })
}
