//! Creating and changing enrichment configurations (contract 3).
//!
//! Items are taken one by one: what is wrong with one does not hold up the others.

use serde_json::{Map, Value, json};

use super::configuration::{
    CONFIGURATIONS_MAX, Configuration, ConfigurationType, Mapping, ROOT, bad_resource, success,
};
use super::http::Request;
use super::jobs::stamp_with_offset;
use super::replies::{self, Reply, element_path, flat};
use super::state::State;
use crate::base::ErrorCode;

fn items_of(request: &Request) -> Result<Vec<Map<String, Value>>, Box<Reply>> {
    let invalid =
        |details: Value| Box::new(flat(400, ErrorCode::InvalidData, details, "invalid data"));
    let path = element_path(ROOT, None);
    let Ok(Value::Object(mut root)) = serde_json::from_slice(&request.body) else {
        return Err(invalid(json!({"expected_data_type": "jsonobject"})));
    };
    let Some(items) = root.remove(ROOT) else {
        return Err(Box::new(flat(
            400,
            ErrorCode::MandatoryNotFound,
            json!({"api_name": ROOT, "json_path": path}),
            "required field not found",
        )));
    };
    match items {
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => Ok(items
            .into_iter()
            .filter_map(|item| match item {
                Value::Object(map) => Some(map),
                _ => None,
            })
            .collect()),
        _ => Err(invalid(
            json!({"expected_data_type": "jsonarray", "api_name": ROOT, "json_path": path}),
        )),
    }
}

/// `POST`.
pub(super) fn create(state: &mut State, request: &Request) -> Reply {
    each(state, request, 201, |state, path, map| {
        let id = create_one(state, path, map)?;
        let (by, now) = (state.caller(), state.now());
        let details = json!({
            "created_time": stamp_with_offset(now),
            "id": id,
            "created_by": {"id": by.id, "name": by.name},
        });
        Ok(success("Enrichment created successfully", details))
    })
}

/// `PUT`, of one by its path or of several by their ids in the body.
pub(super) fn update(state: &mut State, id: Option<&str>, request: &Request) -> Reply {
    if id.is_some_and(|id| !state.configurations.iter().any(|own| own.id == id)) {
        return bad_resource();
    }
    each(state, request, 200, |state, path, map| {
        let own = id.or_else(|| map.get("id").and_then(Value::as_str));
        let id = update_one(state, own, path, map)?;
        let (by, now) = (state.caller(), state.now());
        let details = json!({
            "id": id,
            "modified_time": stamp_with_offset(now),
            "modified_by": {"id": by.id, "name": by.name},
        });
        Ok(success("enrichment updated successfully", details))
    })
}

/// Why one item is refused: the item of the answer.
type Refused = Box<Value>;

fn each(
    state: &mut State,
    request: &Request,
    whole: u16,
    take: impl Fn(&mut State, &str, &Map<String, Value>) -> Result<Value, Refused>,
) -> Reply {
    let given = match items_of(request) {
        Ok(given) => given,
        Err(reply) => return *reply,
    };
    let mut answers = Vec::new();
    let mut taken = 0;
    for (index, map) in given.iter().enumerate() {
        match take(state, &element_path(ROOT, Some(index)), map) {
            Ok(answer) => {
                taken += 1;
                answers.push(answer);
            }
            Err(refused) => answers.push(*refused),
        }
    }
    let status = match taken {
        0 => 400,
        n if n == answers.len() => whole,
        _ => 207,
    };
    Reply::json(status, json!({ ROOT: answers }))
}

fn missing(path: &str, key: &str) -> Refused {
    let details = json!({"api_name": key, "json_path": format!("{path}.{key}")});
    let code = ErrorCode::MandatoryNotFound;
    Box::new(replies::error(
        code.as_str(),
        details,
        "required field not found",
    ))
}

fn invalid(path: &str, key: &str) -> Refused {
    let details = json!({"api_name": key, "json_path": format!("{path}.{key}")});
    Box::new(replies::error(
        ErrorCode::InvalidData.as_str(),
        details,
        "Invalid data",
    ))
}

fn create_one(state: &mut State, path: &str, map: &Map<String, Value>) -> Result<String, Refused> {
    for key in ["type", "module", "input_data_field_mapping"] {
        if !map.contains_key(key) {
            return Err(missing(path, key));
        }
    }
    let kind = map
        .get("type")
        .and_then(Value::as_str)
        .and_then(ConfigurationType::parse)
        .ok_or_else(|| unknown_type(path))?;
    let module = module_of(state, path, map)?;
    let mapping = mapping_of(state, kind, &module, (path, map))?;
    let twin = |own: &Configuration| own.kind == kind && own.module == module;
    if state.configurations.iter().any(twin) {
        let details = json!({"api_name": "module", "json_path": format!("{path}.module")});
        return Err(Box::new(replies::error(
            "DUPLICATE_DATA",
            details,
            "duplicate data",
        )));
    }
    if state.configurations.len() >= CONFIGURATIONS_MAX {
        return Err(Box::new(replies::error(
            ErrorCode::LimitExceeded.as_str(),
            json!({
                "limit": CONFIGURATIONS_MAX,
                "limit_due_to": [{"api_name": ROOT, "json_path": element_path(ROOT, None)}],
            }),
            "data enrichment configurations limit exceeded",
        )));
    }
    let (id, now) = (state.ids.next(), state.now());
    state.configurations.push(Configuration {
        id: id.clone(),
        kind,
        module,
        enabled: map.get("status").and_then(Value::as_bool).unwrap_or(true),
        mapping,
        output: map
            .get("output_data_field_mapping")
            .cloned()
            .unwrap_or(json!([])),
        created: now,
        modified: now,
    });
    Ok(id)
}

fn unknown_type(path: &str) -> Refused {
    Box::new(replies::error(
        ErrorCode::InvalidData.as_str(),
        json!({
            "api_name": "type",
            "json_path": format!("{path}.type"),
            "supported_values": ["organization", "personal"],
        }),
        "the given type seems to be invalid",
    ))
}

/// The module by its API name, its id, or both if they agree.
fn module_of(state: &State, path: &str, map: &Map<String, Value>) -> Result<String, Refused> {
    let part = |key: &str| map.get("module")?.get(key)?.as_str();
    let (api_name, id) = (part("api_name"), part("id"));
    let enrichable = || state.catalogue.modules.iter().filter(|m| m.enrichable);
    let by_name = enrichable().find(|m| Some(m.api_name) == api_name);
    let by_id = enrichable().find(|m| Some(m.id.as_str()) == id);
    match (by_name, by_id) {
        (Some(named), Some(other)) if named.api_name != other.api_name => {
            let at =
                |key: &str| json!({"api_name": key, "json_path": format!("{path}.module.{key}")});
            Err(Box::new(replies::error(
                "AMBIGUITY_DURING_PROCESSING",
                json!({"ambiguity_due_to": [at("api_name"), at("id")]}),
                "Ambiguity while processing",
            )))
        }
        (Some(found), _) | (None, Some(found)) => Ok(found.api_name.to_owned()),
        (None, None) => Err(invalid(path, "module")),
    }
}

fn mapping_of(
    state: &State,
    kind: ConfigurationType,
    module: &str,
    (path, map): (&str, &Map<String, Value>),
) -> Result<Mapping, Refused> {
    const KEY: &str = "input_data_field_mapping";
    let entries = map
        .get(KEY)
        .and_then(Value::as_array)
        .ok_or_else(|| wrong_array(path))?;
    let mut mapping = Mapping::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = format!("{path}.{KEY}[{index}]");
        let input = entry
            .pointer("/enrich_field/name")
            .and_then(Value::as_str)
            .filter(|input| kind.inputs().iter().any(|(own, _)| own == input))
            .ok_or_else(|| invalid(&at, "enrich_field"))?;
        let field = match entry.get("crm_field") {
            None | Some(Value::Null) => None,
            Some(field) => Some(crm_field(state, module, &at, field)?),
        };
        mapping.push((input.to_owned(), field));
    }
    Ok(mapping)
}

/// The field of the module; OAS26 asks for its id and its API name.
fn crm_field(state: &State, module: &str, at: &str, field: &Value) -> Result<String, Refused> {
    let absent: Vec<Value> = ["id", "api_name"]
        .into_iter()
        .filter(|key| field.get(key).and_then(Value::as_str).is_none())
        .map(|key| json!({"api_name": key, "json_path": format!("{at}.crm_field.{key}")}))
        .collect();
    if !absent.is_empty() {
        return Err(Box::new(replies::error(
            ErrorCode::ExpectedFieldMissing.as_str(),
            json!({ "expected_fields": absent }),
            "Crm field cannot be empty",
        )));
    }
    field
        .get("api_name")
        .and_then(Value::as_str)
        .filter(|name| {
            state
                .catalogue
                .find(module)
                .is_some_and(|m| m.has_field(name))
        })
        .map(str::to_owned)
        .ok_or_else(|| invalid(at, "crm_field"))
}

fn wrong_array(path: &str) -> Refused {
    let both = "output_data_field_mapping || input_data_field_mapping";
    Box::new(replies::error(
        ErrorCode::InvalidData.as_str(),
        json!({
            "expected_data_type": "jsonarray",
            "api_name": both,
            "json_path": format!("{path}.({both})"),
        }),
        "Invalid data",
    ))
}

fn update_one(
    state: &mut State,
    id: Option<&str>,
    path: &str,
    map: &Map<String, Value>,
) -> Result<String, Refused> {
    let id = id.ok_or_else(|| missing(path, "id"))?;
    let own = state
        .configurations
        .iter()
        .find(|own| own.id == id)
        .ok_or_else(|| invalid(path, "id"))?;
    let mapping = match map.get("input_data_field_mapping") {
        None => own.mapping.clone(),
        Some(_) => mapping_of(state, own.kind, &own.module, (path, map))?,
    };
    let enabled = match map.get("status") {
        None => own.enabled,
        Some(status) => status.as_bool().ok_or_else(|| invalid(path, "status"))?,
    };
    let now = state.now();
    if let Some(own) = state.configurations.iter_mut().find(|own| own.id == id) {
        own.mapping = mapping;
        own.enabled = enabled;
        if let Some(output) = map.get("output_data_field_mapping") {
            own.output = output.clone();
        }
        own.modified = now;
    }
    Ok(id.to_owned())
}
