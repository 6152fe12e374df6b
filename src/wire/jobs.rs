//! Job lists and single jobs (contract 2).

use serde_json::Value;

use crate::base::limits::JOBS_PER_PAGE;
use crate::base::{EnrichmentKind, JobId, Timestamp};
use crate::enrichment::job::JobStatus;

/// One row of a job list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobListItem {
    /// The job's id.
    pub id: JobId,
    /// Its status.
    pub status: JobStatus,
    /// When it was made; `None` where the text cannot be read.
    pub created_time: Option<Timestamp>,
    /// Who made it: id and name.
    pub created_by: Option<(String, String)>,
}

/// One page of a job list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobPage {
    /// The rows that could be read.
    pub items: Vec<JobListItem>,
    /// Rows without a usable id, and those beyond what a page may hold: a page with such rows is never
    /// complete.
    pub unreadable: usize,
    /// `info.more_records`; `None` where the page has no info (G7's sample).
    pub more_records: Option<bool>,
}

/// One job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobDetail {
    /// The job's id.
    pub id: JobId,
    /// Its status.
    pub status: JobStatus,
    /// What was asked, as it came.
    pub enrich_based_on: Value,
    /// What was found; null until done, or where nothing was found (OAS26).
    pub enriched_data: Value,
    /// When it was made; absent in G7's sample.
    pub created_time: Option<Timestamp>,
    /// Who made it: id and name; absent in G7's sample.
    pub created_by: Option<(String, String)>,
}

fn id_of(item: &Value) -> Option<JobId> {
    match item.get("id")? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn status_of(item: &Value) -> JobStatus {
    JobStatus::from(
        item.get("status")
            .and_then(Value::as_str)
            .unwrap_or("UNKNOWN"),
    )
}

fn created_time(item: &Value) -> Option<Timestamp> {
    item.get("created_time")?.as_str()?.parse().ok()
}

fn created_by(item: &Value) -> Option<(String, String)> {
    let by = item.get("created_by")?;
    let id = match by.get("id")? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let name = by.get("name").and_then(Value::as_str).unwrap_or_default();
    Some((id, name.to_owned()))
}

/// Reads one page. `None` if the JSON is no job list.
pub fn read_page(kind: EnrichmentKind, body: &Value) -> Option<JobPage> {
    let rows = body.get(kind.api_name())?.as_array()?;
    let mut page = JobPage {
        more_records: body
            .get("info")
            .and_then(|info| info.get("more_records"))
            .and_then(Value::as_bool),
        ..JobPage::default()
    };
    let rows_max = usize::try_from(JOBS_PER_PAGE).unwrap_or(usize::MAX);
    page.unreadable = rows.len().saturating_sub(rows_max);
    for row in rows.iter().take(rows_max) {
        match id_of(row) {
            Some(id) => page.items.push(JobListItem {
                id,
                status: status_of(row),
                created_time: created_time(row),
                created_by: created_by(row),
            }),
            None => page.unreadable += 1,
        }
    }
    Some(page)
}

/// Reads one job. `None` if the JSON is no job.
pub fn read_detail(kind: EnrichmentKind, body: &Value) -> Option<JobDetail> {
    let row = body.get(kind.api_name())?.as_array()?.first()?;
    Some(JobDetail {
        id: id_of(row)?,
        status: status_of(row),
        enrich_based_on: row.get("enrich_based_on").cloned().unwrap_or(Value::Null),
        enriched_data: row.get("enriched_data").cloned().unwrap_or(Value::Null),
        created_time: created_time(row),
        created_by: created_by(row),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_without_info_is_a_list() {
        let page = read_page(
            EnrichmentKind::People,
            &json!({"__zia_people_enrichment":[
                {"id":"1","status":"COMPLETED","created_time":"2024-07-27T07:12:13Z","created_by":{"id":"9","name":"P"}},
                {"id":"x","status":"COMPLETED"}]}),
        )
        .unwrap();

        assert_eq!(page.items.len(), 1);
        assert_eq!(page.unreadable, 1);
        assert_eq!(page.more_records, None);
    }

    #[test]
    fn of_a_page_without_end_no_more_is_read_than_it_may_hold() {
        let job = |number: u32| json!({"id": number.to_string(), "status": "COMPLETED"});
        let rows: Vec<Value> = (1..=200_000).map(job).collect();

        let page = read_page(
            EnrichmentKind::People,
            &json!({ "__zia_people_enrichment": rows }),
        )
        .unwrap();

        assert_eq!(page.items.len(), 100);
        assert_eq!(page.unreadable, 199_900);
    }

    #[test]
    fn a_time_with_an_offset_or_nonsense_is_no_error() {
        let time =
            |text: &str| created_time(&json!({ "created_time": text })).map(|t| t.to_string());

        assert_eq!(
            time("2024-07-27T07:12:13+05:30").as_deref(),
            Some("2024-07-27T01:42:13Z")
        );
        assert_eq!(time("yesterday"), None);
        assert_eq!(time("9999-12-31T23:59:59+00:00"), None);
        assert_eq!(time("10000-01-01T00:00:00Z"), None);
    }

    #[test]
    fn a_single_job_needs_no_creator() {
        let detail = read_detail(
            EnrichmentKind::People,
            &json!({"__zia_people_enrichment":[{"enriched_data":null,"enrich_based_on":{"email":"a@b.c"},"id":"7","status":"RUNNING"}]}),
        )
        .unwrap();

        assert_eq!(detail.status, JobStatus::Running);
        assert_eq!(detail.created_by, None);
    }
}
