//! Creating and changing enrichment configurations (contract 3).
//!
//! Items are taken one by one: what is wrong with one does not hold up the others.

use serde_json::{Map, Value, json};

use super::configuration::{
    CONFIGURATIONS_MAX, Configuration, ConfigurationType, Mapping, ROOT, bad_resource, success,
};
use super::http::Request;
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
    let given = match items_of(request) {
        Ok(given) => given,
        Err(reply) => return *reply,
    };
    let mut answers = Vec::new();
    let mut made = 0;
    for (index, map) in given.iter().enumerate() {
        match create_one(state, &element_path(ROOT, Some(index)), map) {
            Ok(id) => {
                made += 1;
                answers.push(success("Enrichment created successfully", &id));
            }
            Err(refused) => answers.push(*refused),
        }
    }
    Reply::json(
        status_of(made, answers.len(), 201),
        json!({ ROOT: answers }),
    )
}

fn status_of(made: usize, all: usize, whole: u16) -> u16 {
    match made {
        0 => 400,
        n if n == all => whole,
        _ => 207,
    }
}

fn refusal(code: &str, path: &str, key: &str, message: &str) -> Box<Value> {
    let details = json!({"api_name": key, "json_path": format!("{path}.{key}")});
    Box::new(replies::error(code, details, message))
}

fn create_one(
    state: &mut State,
    path: &str,
    map: &Map<String, Value>,
) -> Result<String, Box<Value>> {
    for key in ["type", "module", "input_data_field_mapping"] {
        if !map.contains_key(key) {
            let code = ErrorCode::MandatoryNotFound;
            return Err(refusal(
                code.as_str(),
                path,
                key,
                "required field not found",
            ));
        }
    }
    let invalid = |key| refusal(ErrorCode::InvalidData.as_str(), path, key, "invalid data");
    let kind = map
        .get("type")
        .and_then(Value::as_str)
        .and_then(ConfigurationType::parse)
        .ok_or_else(|| invalid("type"))?;
    let module = module_of(state, map).ok_or_else(|| invalid("module"))?;
    let mapping =
        mapping_of(state, kind, &module, map).ok_or_else(|| invalid("input_data_field_mapping"))?;
    let twin = |own: &Configuration| own.kind == kind && own.module == module;
    if state.configurations.iter().any(twin) {
        return Err(refusal("DUPLICATE_DATA", path, "module", "duplicate data"));
    }
    if state.configurations.len() >= CONFIGURATIONS_MAX {
        return Err(Box::new(replies::error(
            ErrorCode::LimitExceeded.as_str(),
            json!({
                "limit": CONFIGURATIONS_MAX,
                "limit_due_to": [{"api_name": ROOT, "json_path": path}],
            }),
            "data enrichment configurations limit exceeded",
        )));
    }
    let (id, now) = (state.ids.next(), state.clock.now());
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

fn module_of(state: &State, map: &Map<String, Value>) -> Option<String> {
    let given = map.get("module")?;
    let text = |key: &str| given.get(key).and_then(Value::as_str);
    state
        .catalogue
        .modules
        .iter()
        .filter(|module| module.enrichable)
        .find(|module| {
            text("api_name") == Some(module.api_name) || text("id") == Some(module.id.as_str())
        })
        .map(|module| module.api_name.to_owned())
}

fn mapping_of(
    state: &State,
    kind: ConfigurationType,
    module: &str,
    map: &Map<String, Value>,
) -> Option<Mapping> {
    let module = state.catalogue.find(module)?;
    map.get("input_data_field_mapping")?
        .as_array()?
        .iter()
        .map(|entry| {
            let input = entry.get("enrich_field")?.get("name")?.as_str()?;
            let known = kind.inputs().iter().any(|(own, _)| *own == input);
            let field = match entry.get("crm_field") {
                None | Some(Value::Null) => None,
                Some(field) => Some(field.get("api_name")?.as_str()?.to_owned()),
            };
            let fits = field.as_deref().is_none_or(|name| module.has_field(name));
            (known && fits).then(|| (input.to_owned(), field))
        })
        .collect()
}

/// `PUT`, of one by its path or of several by their ids in the body.
pub(super) fn update(state: &mut State, id: Option<&str>, request: &Request) -> Reply {
    let given = match items_of(request) {
        Ok(given) => given,
        Err(reply) => return *reply,
    };
    if id.is_some_and(|id| !state.configurations.iter().any(|own| own.id == id)) {
        return bad_resource();
    }
    let mut answers = Vec::new();
    let mut made = 0;
    for (index, map) in given.iter().enumerate() {
        let path = element_path(ROOT, Some(index));
        let own = id.or_else(|| map.get("id").and_then(Value::as_str));
        match update_one(state, own, &path, map) {
            Ok(id) => {
                made += 1;
                answers.push(success("enrichment updated successfully", &id));
            }
            Err(refused) => answers.push(*refused),
        }
    }
    Reply::json(
        status_of(made, answers.len(), 200),
        json!({ ROOT: answers }),
    )
}

fn update_one(
    state: &mut State,
    id: Option<&str>,
    path: &str,
    map: &Map<String, Value>,
) -> Result<String, Box<Value>> {
    let invalid = |key| refusal(ErrorCode::InvalidData.as_str(), path, key, "invalid data");
    let Some(id) = id else {
        let code = ErrorCode::MandatoryNotFound;
        return Err(refusal(
            code.as_str(),
            path,
            "id",
            "required field not found",
        ));
    };
    let index = state
        .configurations
        .iter()
        .position(|own| own.id == id)
        .ok_or_else(|| invalid("id"))?;
    let (kind, module) = state
        .configurations
        .get(index)
        .map(|own| (own.kind, own.module.clone()))
        .ok_or_else(|| invalid("id"))?;
    let mapping = match map.get("input_data_field_mapping") {
        None => None,
        Some(_) => Some(
            mapping_of(state, kind, &module, map)
                .ok_or_else(|| invalid("input_data_field_mapping"))?,
        ),
    };
    let enabled = match map.get("status") {
        None => None,
        Some(status) => Some(status.as_bool().ok_or_else(|| invalid("status"))?),
    };
    let now = state.clock.now();
    if let Some(own) = state.configurations.get_mut(index) {
        own.mapping = mapping.unwrap_or_else(|| own.mapping.clone());
        own.enabled = enabled.unwrap_or(own.enabled);
        if let Some(output) = map.get("output_data_field_mapping") {
            own.output = output.clone();
        }
        own.modified = now;
    }
    Ok(id.to_owned())
}
