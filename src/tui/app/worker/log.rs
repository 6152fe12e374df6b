//! The log: pages of it, and one attempt in full.

use serde_json::Value;

use super::At;
use crate::base::AttemptId;
use crate::ledger::{self, AttemptRow, PageCursor};
use crate::ops::{OpsError, request};
use crate::tui::data::attempt::{Attempt, LogPage, LogQuery, LogRow, Whose};

pub(crate) async fn page(at: At<'_>, query: LogQuery) -> Result<LogPage, OpsError> {
    let filter = query.filter;
    let is_newest = query.before.is_none();
    let above = filter.up_to.map(|id| AttemptId(id.0.saturating_add(1)));
    let before = query.before.or(above);
    let page = at
        .context
        .ledger()
        .page(ledger::LogQuery {
            profiles: filter.profile.into_iter().collect(),
            outcomes: filter.outcomes,
            code: filter.code,
            since: filter.since,
            operator: match filter.whose {
                Whose::All => None,
                Whose::Mine => Some(at.context.operator().to_owned()),
            },
            search: filter.search,
            place: before.map_or(PageCursor::Newest, PageCursor::OlderThan),
            rows: query.rows_max,
            ..ledger::LogQuery::default()
        })
        .await?;
    // A page that is all there is counts itself; to count more would read them all.
    let total = (is_newest && !page.more)
        .then(|| u64::try_from(page.rows.len()).ok())
        .flatten();
    Ok(LogPage {
        rows: page.rows.into_iter().map(log_row).collect(),
        has_more: page.more,
        total,
    })
}

/// One attempt in full.
pub(crate) async fn attempt(at: At<'_>, id: AttemptId) -> Result<Attempt, OpsError> {
    let Some(detail) = at.context.ledger().attempt(id).await? else {
        return Err(OpsError::Refused(format!("the ledger has no attempt {id}")));
    };
    let request = request::of(at.context, &detail.row, detail.sent);
    Ok(Attempt {
        environment: detail.row.environment,
        head: request.head,
        head_from: request.head_from,
        record_id: detail.row.record_id.clone(),
        request_body: request.body,
        response_body: detail.response_body,
        response_headers: detail.response_headers,
        details: detail.details,
        note: detail.row.note.clone(),
        row: log_row(detail.row),
    })
}

/// One line of the log.
pub(super) fn log_row(row: AttemptRow) -> LogRow {
    LogRow {
        id: row.id,
        at: row.at,
        profile: row.profile,
        data_center: row.data_center,
        kind: row.kind,
        module: row.module,
        outcome: row.outcome,
        http_status: row.http_status,
        code: row.code,
        message: row.message.or(row.note),
        job_id: row.job_id,
        latency: row.latency,
        inputs: inputs(row.inputs.as_deref()),
        operator: row.operator,
        is_late: row.is_late,
    }
}

fn inputs(json: Option<&str>) -> Vec<(String, String)> {
    json.and_then(|text| serde_json::from_str::<Value>(text).ok())
        .and_then(|value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())))
        .collect()
}
