//! Creating and changing enrichment configurations (contract 3, 9).
//!
//! Items are taken one by one: what is wrong with one does not hold up the others. OAS26's reading
//! decides, the strictest there is: no key but those that it names, and both mappings whole.

use serde_json::{Map, Value, json};

use super::catalogue::Module;
use super::configuration::{
    CONFIGURATIONS_MAX, Configuration, ConfigurationType, ROOT, bad_resource, success,
};
use super::configuration_mapping::Owner;
use super::enrich_fields::Side;
use super::http::Request;
use super::jobs::stamp_with_offset;
use super::refused::{
    Refused, ambiguous, duplicate, invalid, limit, missing, unsupported, wrong_type,
};
use super::replies::{Reply, element_path, flat};
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
    if given.len() > CONFIGURATIONS_MAX {
        return Reply::json(400, json!({ ROOT: [too_many()] }));
    }
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

/// Keys of an item that is created (OAS26). A new configuration is on: `status` is none of them.
const CREATE_KEYS: [&str; 4] = [
    "type",
    "module",
    "input_data_field_mapping",
    "output_data_field_mapping",
];
/// Keys of an item that is changed (OAS26); `id` where the path does not have it (CU7).
const UPDATE_KEYS: [&str; 4] = [
    "id",
    "status",
    "input_data_field_mapping",
    "output_data_field_mapping",
];

fn no_other(path: &str, keys: &[&str], map: &Map<String, Value>) -> Result<(), Refused> {
    let other = map.keys().find(|key| !keys.contains(&key.as_str()));
    other.map_or(Ok(()), |key| Err(invalid(path, key)))
}

fn all_there(path: &str, keys: &[&str], map: &Map<String, Value>) -> Result<(), Refused> {
    let absent = keys.iter().find(|key| !map.contains_key(**key));
    absent.map_or(Ok(()), |key| Err(missing(path, key)))
}

fn create_one(state: &mut State, path: &str, map: &Map<String, Value>) -> Result<String, Refused> {
    all_there(path, &CREATE_KEYS, map)?;
    no_other(path, &CREATE_KEYS, map)?;
    let kind = map
        .get("type")
        .and_then(Value::as_str)
        .and_then(ConfigurationType::parse)
        .ok_or_else(|| unsupported(path, "type", &ConfigurationType::NAMES))?;
    let module = module_of(state, path, map)?;
    let owner = Owner {
        ids: &state.ids,
        kind,
        module,
    };
    let inputs = owner.mapping(Side::Input, (path, map))?;
    let outputs = owner.mapping(Side::Output, (path, map))?;
    let module = module.api_name.to_owned();
    let twin = |own: &Configuration| own.kind == kind && own.module == module;
    if state.configurations.iter().any(twin) {
        return Err(duplicate(path, "module"));
    }
    if state.configurations.len() >= CONFIGURATIONS_MAX {
        return Err(too_many());
    }
    let (id, now) = (state.ids.next(), state.now());
    state.configurations.push(Configuration {
        id: id.clone(),
        kind,
        module,
        enabled: true,
        inputs,
        outputs,
        created: now,
        modified: now,
    });
    Ok(id)
}

fn too_many() -> Refused {
    let path = element_path(ROOT, None);
    let message = "data enrichment configurations limit exceeded";
    limit(CONFIGURATIONS_MAX, (ROOT, &path), message)
}

/// The module by its id and its API name, which must agree.
fn module_of<'a>(
    state: &'a State,
    path: &str,
    map: &Map<String, Value>,
) -> Result<&'a Module, Refused> {
    const KEY: &str = "module";
    let below = format!("{path}.{KEY}");
    let given = map
        .get(KEY)
        .and_then(Value::as_object)
        .ok_or_else(|| wrong_type("jsonobject", KEY, &below))?;
    all_there(&below, &["id", "api_name"], given)?;
    let by = |key: &str, of: fn(&Module) -> &str| {
        let wanted = given.get(key).and_then(Value::as_str);
        let mut all = state.catalogue.modules.iter();
        all.find(|module| Some(of(module)) == wanted)
    };
    let by_name = by("api_name", |module| module.api_name);
    let by_id = by("id", |module| &module.id);
    match (by_name, by_id) {
        (Some(named), Some(other)) if named.api_name != other.api_name => Err(ambiguous(&below)),
        (Some(found), Some(_)) if found.enrichable => Ok(found),
        _ => Err(invalid(path, KEY)),
    }
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
    all_there(path, &Side::ALL.map(Side::key), map)?;
    no_other(path, &UPDATE_KEYS, map)?;
    let owner = Owner {
        ids: &state.ids,
        kind: own.kind,
        module: state
            .catalogue
            .find(&own.module)
            .ok_or_else(|| invalid(path, "id"))?,
    };
    let inputs = owner.mapping(Side::Input, (path, map))?;
    let outputs = owner.mapping(Side::Output, (path, map))?;
    let enabled = match map.get("status") {
        None => own.enabled,
        Some(status) => status
            .as_bool()
            .ok_or_else(|| wrong_type("boolean", "status", &format!("{path}.status")))?,
    };
    let now = state.now();
    if let Some(own) = state.configurations.iter_mut().find(|own| own.id == id) {
        own.inputs = inputs;
        own.outputs = outputs;
        own.enabled = enabled;
        own.modified = now;
    }
    Ok(id.to_owned())
}
