//! The enrichment endpoints: create, list, get, for people and for organisations (contract 1, 2).
//!
//! A POST is judged in the order: module, record id, JSON, root key, number of elements, each an
//! object, configuration, each element's inputs, limit. Nothing is made unless all of it holds.

use serde_json::{Value, json};

use super::check::{self, Refusal};
use super::configuration::ConfigurationType;
use super::http::Request;
use super::jobs::Job;
use super::replies::{self, Reply, element_path, flat, rooted};
use super::state::{NewJob, State};
use crate::base::{EnrichmentKind, ErrorCode};

/// `POST`.
pub(super) fn create(state: &mut State, kind: EnrichmentKind, request: &Request) -> Reply {
    let (module, record_id) = match parameters(state, kind, request) {
        Ok(parameters) => parameters,
        Err(reply) => return *reply,
    };
    let elements = match elements(state, kind, &request.body) {
        Ok(elements) => elements,
        Err(reply) => return *reply,
    };
    let wanted = ConfigurationType::of(kind);
    let configuration = state
        .configurations
        .iter()
        .find(|c| c.kind == wanted && c.module == module && c.enabled)
        .cloned();
    let Some(configuration) = configuration else {
        return flat(
            400,
            ErrorCode::NotAllowed,
            json!({"param_name": "module"}),
            "the module has no active enrichment configuration",
        );
    };

    let mut items = Vec::new();
    let mut job = None;
    let mut accepted = 0;
    for (index, element) in elements.iter().enumerate() {
        let path = element_path(kind.api_name(), Some(index));
        let checked = element
            .as_object()
            .ok_or_else(|| Refusal::new(ErrorCode::InvalidData, json!({}), "invalid data"))
            .and_then(|map| check::element(kind, &path, map, &state.rules, &configuration))
            .and_then(|()| within_limit(state, kind, &path));
        match checked {
            Err(refusal) => items.push(refusal.to_item()),
            Ok(()) => {
                let id = state.schedule(NewJob {
                    kind,
                    module: module.clone(),
                    record_id: record_id.clone(),
                    inputs: element.get("enrich_based_on").cloned().unwrap_or_default(),
                });
                items.push(scheduled(kind, &id));
                accepted += 1;
                job.get_or_insert(id);
            }
        }
    }
    let status = match accepted {
        0 => 400,
        n if n == items.len() => 202,
        _ => 207,
    };
    Reply {
        job,
        ..Reply::json(status, rooted(kind, items))
    }
}

fn scheduled(kind: EnrichmentKind, id: &str) -> Value {
    let subject = match kind {
        EnrichmentKind::People => "People",
        EnrichmentKind::Org => "Org",
    };
    json!({
        "code": ErrorCode::Scheduled.as_str(),
        "details": {"id": id},
        "message": format!("{subject} Enrichment scheduled successfully"),
        "status": "success",
    })
}

/// The module and the record id, or why they will not do.
fn parameters(
    state: &State,
    kind: EnrichmentKind,
    request: &Request,
) -> Result<(String, Option<String>), Box<Reply>> {
    let Some(module) = request.param("module").filter(|module| !module.is_empty()) else {
        return Err(Box::new(replies::param_missing("module")));
    };
    if !state.catalogue.is_enrichable(module) {
        let subject = match kind {
            EnrichmentKind::People => "People",
            EnrichmentKind::Org => "Org",
        };
        return Err(Box::new(flat(
            400,
            ErrorCode::InvalidData,
            json!({"param_name": "module"}),
            &format!("The given module is not supported for {subject} Enrichment"),
        )));
    }
    let record_id = request.param("record_id");
    let well_formed =
        |id: &str| (1..=19).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    let exists = |id: &str| state.rules.any_record || state.catalogue.has_record(id);
    if record_id.is_some_and(|id| !well_formed(id) || !exists(id)) {
        return Err(Box::new(replies::param_invalid("record_id")));
    }
    Ok((module.to_owned(), record_id.map(str::to_owned)))
}

/// The array of the body, or why it will not do.
fn elements(state: &State, kind: EnrichmentKind, body: &[u8]) -> Result<Vec<Value>, Box<Reply>> {
    let invalid =
        |details: Value| Box::new(flat(400, ErrorCode::InvalidData, details, "invalid data"));
    let name = kind.api_name();
    let path = element_path(name, None);
    let Ok(Value::Object(mut root)) = serde_json::from_slice(body) else {
        return Err(invalid(json!({"expected_data_type": "jsonobject"})));
    };
    let elements = match root.remove(name) {
        Some(Value::Array(elements)) if !elements.is_empty() => elements,
        Some(Value::Array(_)) | None => {
            return Err(Box::new(flat(
                400,
                ErrorCode::MandatoryNotFound,
                json!({"api_name": name, "json_path": path}),
                "required field not found",
            )));
        }
        Some(_) => {
            return Err(invalid(
                json!({"expected_data_type": "jsonarray", "api_name": name, "json_path": path}),
            ));
        }
    };
    let elements_max = state.rules.elements_max;
    if elements.len() > elements_max {
        return Err(invalid(
            json!({"maximum_length": elements_max, "api_name": name, "json_path": path}),
        ));
    }
    if let Some(index) = elements.iter().position(|element| !element.is_object()) {
        return Err(invalid(json!({
            "index": index,
            "expected_data_type": "jsonobject",
            "json_path": element_path(name, Some(index)),
        })));
    }
    Ok(elements)
}

fn within_limit(state: &State, kind: EnrichmentKind, path: &str) -> Result<(), Refusal> {
    if state.used(kind) < state.limit {
        Ok(())
    } else {
        Err(limit_exceeded(state, path))
    }
}

/// The refusal when every unit is used; a fault gives it at any time.
pub(super) fn limit_exceeded(state: &State, path: &str) -> Refusal {
    let limit = if state.rules.limit_as_text {
        Value::from(state.limit.to_string())
    } else {
        Value::from(state.limit)
    };
    Refusal::new(
        ErrorCode::LimitExceeded,
        json!({
            "limit": limit,
            "limit_due_to": [{
                "api_name": "enrich_based_on",
                "json_path": format!("{path}.enrich_based_on"),
            }],
        }),
        "enrichment data limit exceeded",
    )
}

/// The words that `status` takes: four for people (G7), six for organisations (OAS26).
fn statuses(kind: EnrichmentKind) -> &'static [&'static str] {
    match kind {
        EnrichmentKind::People => &["COMPLETED", "SCHEDULED", "FAILED", "DATA_NOT_FOUND"],
        EnrichmentKind::Org => &[
            "COMPLETED",
            "SCHEDULED",
            "FAILED",
            "RUNNING",
            "DATA_NOT_FOUND",
            "UPDATED",
        ],
    }
}

/// `GET` without an id.
pub(super) fn list(state: &State, kind: EnrichmentKind, request: &Request) -> Reply {
    let status = request.param("status");
    if status.is_some_and(|word| !statuses(kind).contains(&word)) {
        return replies::param_unsupported("status", statuses(kind));
    }
    if request
        .param("sort_by")
        .is_some_and(|word| word != "created_time")
    {
        return replies::param_unsupported("sort_by", &["created_time"]);
    }
    let ascending = match request.param("sort_order") {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return replies::param_unsupported("sort_order", &["asc", "desc"]),
    };
    // People: default and maximum 100 (G7). The organisation sample shows 200 (OG7).
    let per_page_max = match kind {
        EnrichmentKind::People => 100,
        EnrichmentKind::Org => 200,
    };
    let (page, per_page) = match paging(request, per_page_max) {
        Ok(paging) => paging,
        Err(name) => return replies::param_invalid(name),
    };

    let at = state.moment();
    let mut jobs: Vec<&Job> = state
        .jobs
        .iter()
        .filter(|job| job.kind == kind && job.is_visible(at))
        .filter(|job| status.is_none_or(|word| job.status(at) == word))
        .collect();
    jobs.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    let view = state.list_view;
    let mut jobs = view.listed(jobs, at);
    if !ascending {
        jobs.reverse();
    }
    let skipped = (page - 1).saturating_mul(per_page);
    let more_records = !view.ends && jobs.len() > skipped.saturating_add(per_page);
    let rows: Vec<Value> = jobs
        .iter()
        .skip(skipped)
        .take(view.rows_max.unwrap_or(per_page).min(per_page))
        .map(|job| job.row(at))
        .collect();
    if rows.is_empty() && !more_records {
        return Reply::no_content();
    }
    let count = rows.len();
    let mut body = rooted(kind, rows);
    if state.rules.list_info {
        body["info"] = json!({
            "per_page": per_page,
            "count": count,
            "page": page,
            "more_records": more_records,
        });
    }
    Reply::json(200, body)
}

/// `page` and `per_page`, or the name of the one that cannot be read.
pub(super) fn paging(
    request: &Request,
    per_page_max: usize,
) -> Result<(usize, usize), &'static str> {
    let number = |name: &'static str, default: usize, most: usize| match request.param(name) {
        None => Ok(default),
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|n| (1..=most).contains(n))
            .ok_or(name),
    };
    let page = number("page", 1, usize::MAX)?;
    let per_page = number("per_page", per_page_max, per_page_max)?;
    Ok((page, per_page))
}

/// `GET` with an id. No such job is an empty 204, whatever the id looks like (OAS26).
pub(super) fn get(state: &State, kind: EnrichmentKind, id: &str) -> Reply {
    let at = state.moment();
    state
        .jobs
        .iter()
        .find(|job| job.kind == kind && job.id == id && job.is_visible(at))
        .map_or_else(Reply::no_content, |job| {
            Reply::json(200, rooted(kind, vec![job.whole(at)]))
        })
}
