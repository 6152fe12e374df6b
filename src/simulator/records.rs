//! Modules and records: what a console offers and prefills from (contract 3).

use serde_json::{Map, Value, json};

use super::catalogue::{Module, field_id};
use super::enrichment::paging;
use super::fields::{EVERYWHERE, Field, Kind};
use super::http::Request;
use super::jobs::stamp_with_offset;
use super::replies::{self, Reply, flat};
use super::state::State;
use crate::base::ErrorCode;

const FIELDS_MAX: usize = 50;
const PER_PAGE_MAX: usize = 200;
/// Records that `page` reaches; beyond them only `page_token` does.
const PAGED_MAX: usize = 2_000;

/// The one custom view that every module has: records without an e-mail address.
const VIEW_WITHOUT_EMAIL: u64 = 87_501;

/// `GET /settings/modules`.
pub(super) fn modules(state: &State, request: &Request) -> Reply {
    let feature = request.param("feature_name");
    let status = request.param("status");
    let wanted = |module: &&Module| {
        let by_feature = match feature {
            None => true,
            Some("people_enrichment" | "data_enrichment" | "org_enrichment") => module.enrichable,
            Some(_) => false,
        };
        by_feature && status.is_none_or(|word| word == "visible")
    };
    let rows: Vec<Value> = (1_u32..)
        .zip(state.catalogue.modules.iter().filter(wanted))
        .map(|(number, module)| {
            json!({
                "has_more_profiles": false,
                "global_search_supported": true,
                "deletable": module.custom,
                "creatable": true,
                "modified_time": null,
                "plural_label": module.plural,
                "singular_label": module.singular,
                "api_supported": true,
                "quick_create": true,
                "generated_type": if module.custom { "custom" } else { "default" },
                "feeds_required": false,
                "visibility": 1,
                "id": module.id,
                "status": "visible",
                "viewable": true,
                "editable": true,
                "sequence_number": number,
                "api_name": module.api_name,
                "module_name": module.plural,
                "web_link": null,
            })
        })
        .collect();
    if rows.is_empty() {
        return Reply::no_content();
    }
    Reply::json(200, json!({ "modules": rows }))
}

/// `GET /settings/fields`: the official SDK asks for it before it reads a record (K).
pub(super) fn fields_of(state: &State, request: &Request) -> Reply {
    let Some(name) = request.param("module") else {
        return replies::param_missing("module");
    };
    let module = match module(state, name) {
        Ok(module) => module,
        Err(reply) => return *reply,
    };
    let rows: Vec<Value> = module
        .all_fields()
        .map(|field| field_row(state, module, field))
        .collect();
    Reply::json(200, json!({ "fields": rows }))
}

fn field_row(state: &State, module: &Module, field: &Field) -> Value {
    // The one look-up there is: from a contact to its account.
    let lookup = match (field.kind, state.catalogue.find("Accounts")) {
        (Kind::Lookup, Some(accounts)) => {
            json!({"module": {"api_name": accounts.api_name, "id": accounts.id}})
        }
        _ => json!({}),
    };
    json!({
        "system_mandatory": false,
        "json_type": field.kind.json_type(),
        "lookup": lookup,
        "field_label": field.label,
        "id": field_id(&state.ids, module.api_name, field.api_name),
        "custom_field": false,
        "visible": true,
        "read_only": EVERYWHERE.contains(field),
        "display_label": field.label,
        "api_name": field.api_name,
        "data_type": field.kind.data_type(),
        "length": 255,
    })
}

fn module<'a>(state: &'a State, name: &str) -> Result<&'a Module, Box<Reply>> {
    state.catalogue.find(name).ok_or_else(|| {
        Box::new(flat(
            400,
            ErrorCode::InvalidModule,
            json!({}),
            "the module name given seems to be invalid",
        ))
    })
}

/// The wanted fields of a record, `id` always with them.
fn shown(state: &State, record: &Map<String, Value>, fields: &[String]) -> Value {
    let mut whole = record.clone();
    let id = record.get("id").and_then(Value::as_str).unwrap_or_default();
    let at = state.moment();
    let enriched = state
        .jobs
        .iter()
        .rev()
        .find(|job| job.record_id.as_deref() == Some(id) && job.status(at) == "COMPLETED");
    if let Some(job) = enriched {
        whole.insert("Enrich_Status__s".into(), "Available".into());
        whole.insert(
            "Last_Enriched_Time__s".into(),
            stamp_with_offset(job.created).into(),
        );
    }
    whole.retain(|key, _| key == "id" || fields.is_empty() || fields.iter().any(|f| f == key));
    Value::Object(whole)
}

/// The parameter `fields`, checked against the module.
fn fields(module: &Module, request: &Request) -> Result<Vec<String>, Box<Reply>> {
    let names: Vec<String> = request
        .param("fields")
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if names.len() > FIELDS_MAX {
        return Err(Box::new(flat(
            400,
            ErrorCode::LimitExceeded,
            json!({"limit": FIELDS_MAX, "param_name": "fields"}),
            "Only 50 fields can be requested at a time",
        )));
    }
    // A field that the module does not have is left out, as the live service does.
    Ok(names
        .into_iter()
        .filter(|name| module.has_field(name))
        .collect())
}

/// `GET /{Module}`.
pub(super) fn list(state: &State, name: &str, request: &Request) -> Reply {
    let list = || -> Result<Reply, Box<Reply>> {
        let module = module(state, name)?;
        if request.param("fields").is_none_or(str::is_empty) {
            return Err(Box::new(replies::param_missing("fields")));
        }
        let fields = fields(module, request)?;
        let mut newest_first: Vec<&Map<String, Value>> = module.records.iter().rev().collect();
        if let Some(view) = request.param("cvid") {
            if view != state.ids.fixed(VIEW_WITHOUT_EMAIL) {
                return Err(Box::new(replies::param_invalid("cvid")));
            }
            let is_empty =
                |record: &&Map<String, Value>| record.get("Email").is_none_or(Value::is_null);
            newest_first.retain(is_empty);
        }
        page(state, request, &newest_first, &fields)
    };
    list().unwrap_or_else(|reply| *reply)
}

/// One page of records. The page token is where the page begins; only this simulator reads it.
fn page(
    state: &State,
    request: &Request,
    records: &[&Map<String, Value>],
    fields: &[String],
) -> Result<Reply, Box<Reply>> {
    let (page, per_page) =
        paging(request, PER_PAGE_MAX).map_err(|name| Box::new(replies::param_invalid(name)))?;
    let start = match request.param("page_token") {
        Some(token) => {
            token_start(token).ok_or_else(|| Box::new(replies::param_invalid("page_token")))?
        }
        None => (page - 1).saturating_mul(per_page),
    };
    if request.param("page_token").is_none() && start >= PAGED_MAX {
        return Err(Box::new(replies::param_invalid("page")));
    }
    let rows: Vec<Value> = records
        .iter()
        .skip(start)
        .take(per_page)
        .map(|record| shown(state, record, fields))
        .collect();
    if rows.is_empty() {
        return Ok(Reply::no_content());
    }
    let next = start + rows.len();
    let more = records.len() > next;
    let token = |at: usize| format!("c0ffee{at:012x}");
    let info = json!({
        "per_page": per_page,
        "next_page_token": more.then(|| token(next)),
        "count": rows.len(),
        "sort_by": "id",
        "page": start / per_page + 1,
        "previous_page_token": (start > 0).then(|| token(start.saturating_sub(per_page))),
        "page_token_expiry": more.then(|| {
            let day = std::time::Duration::from_secs(86_400);
            let now = state.now();
            stamp_with_offset(now.checked_add(day).unwrap_or(now))
        }),
        "sort_order": "desc",
        "more_records": more,
    });
    Ok(Reply::json(200, json!({"data": rows, "info": info})))
}

fn token_start(token: &str) -> Option<usize> {
    usize::from_str_radix(token.strip_prefix("c0ffee")?, 16).ok()
}

/// `GET /{Module}/{id}`.
pub(super) fn get(state: &State, name: &str, id: &str, request: &Request) -> Reply {
    let get = || -> Result<Reply, Box<Reply>> {
        let module = module(state, name)?;
        let fields = fields(module, request)?;
        let own =
            |record: &&Map<String, Value>| record.get("id").and_then(Value::as_str) == Some(id);
        Ok(module
            .records
            .iter()
            .find(own)
            .map_or_else(Reply::no_content, |record| {
                Reply::json(200, json!({"data": [shown(state, record, &fields)]}))
            }))
    };
    get().unwrap_or_else(|reply| *reply)
}

/// `GET /{Module}/search` by `criteria`, `email` or `word`.
pub(super) fn search(state: &State, name: &str, request: &Request) -> Reply {
    let search = || -> Result<Reply, Box<Reply>> {
        let module = module(state, name)?;
        let fields = fields(module, request)?;
        let wanted = wanted(module, request)?;
        let found: Vec<&Map<String, Value>> = module
            .records
            .iter()
            .rev()
            .filter(|record| wanted.is_met(record))
            .collect();
        page(state, request, &found, &fields)
    };
    search().unwrap_or_else(|reply| *reply)
}

/// What a record must be to be found.
enum Wanted {
    /// Any text of it contains this, in lower case.
    Word(String),
    /// Groups joined by `or` of conditions joined by `and`.
    Criteria(Vec<Vec<Condition>>),
}

struct Condition {
    field: String,
    starts_with: bool,
    value: String,
}

fn wanted(module: &Module, request: &Request) -> Result<Wanted, Box<Reply>> {
    if let Some(criteria) = request.param("criteria") {
        return criteria_of(module, criteria)
            .map(Wanted::Criteria)
            .ok_or_else(|| {
                Box::new(flat(
                    400,
                    ErrorCode::from("INVALID_QUERY"),
                    json!({"param_name": "criteria"}),
                    "Invalid query formed",
                ))
            });
    }
    if let Some(email) = request.param("email") {
        return Ok(Wanted::Criteria(vec![vec![Condition {
            field: "Email".into(),
            starts_with: false,
            value: email.to_lowercase(),
        }]]));
    }
    match request.param("word") {
        Some(word) if word.chars().count() >= 2 => Ok(Wanted::Word(word.to_lowercase())),
        Some(_) => Err(Box::new(replies::param_invalid("word"))),
        None => Err(Box::new(replies::param_missing("criteria"))),
    }
}

/// `((A:equals:x)and(B:starts_with:y))or(…)`, without nesting deeper than that.
fn criteria_of(module: &Module, text: &str) -> Option<Vec<Vec<Condition>>> {
    let mut groups = vec![Vec::new()];
    let mut rest = text.trim();
    while !rest.is_empty() {
        rest = rest.trim_start_matches(['(', ' ']);
        let (inside, after) = rest.split_once(')')?;
        let mut parts = inside.splitn(3, ':');
        let (field, operator, value) = (parts.next()?, parts.next()?, parts.next()?);
        let starts_with = match operator {
            "equals" => false,
            "starts_with" => true,
            _ => return None,
        };
        if !module.has_field(field) {
            return None;
        }
        groups.last_mut()?.push(Condition {
            field: field.to_owned(),
            starts_with,
            value: value.to_lowercase(),
        });
        rest = after.trim_start_matches([')', ' ']);
        if let Some(after) = rest.strip_prefix("or") {
            groups.push(Vec::new());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("and") {
            rest = after;
        } else if !rest.is_empty() {
            return None;
        }
    }
    groups
        .iter()
        .all(|group| !group.is_empty())
        .then_some(groups)
}

/// The text of a field, or the name of what a lookup field points at.
fn text_of(value: &Value) -> Option<String> {
    value
        .as_str()
        .or_else(|| value.get("name").and_then(Value::as_str))
        .map(str::to_lowercase)
}

impl Wanted {
    fn is_met(&self, record: &Map<String, Value>) -> bool {
        match self {
            Self::Word(word) => record
                .values()
                .filter_map(text_of)
                .any(|text| text.contains(word)),
            Self::Criteria(groups) => groups
                .iter()
                .any(|group| group.iter().all(|condition| condition.is_met(record))),
        }
    }
}

impl Condition {
    fn is_met(&self, record: &Map<String, Value>) -> bool {
        record
            .get(&self.field)
            .and_then(text_of)
            .is_some_and(|text| {
                if self.starts_with {
                    text.starts_with(&self.value)
                } else {
                    text == self.value
                }
            })
    }
}
