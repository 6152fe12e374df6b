//! Enrichment configurations: which inputs of a module are mapped (contract 3).
//!
//! An input whose `crm_field` is null is not mapped, and a POST that carries it is refused with
//! NOT_ALLOWED. A module without an active configuration cannot be enriched at all.

use serde_json::{Map, Value, json};

use super::catalogue::field_id;
use super::http::Request;
use super::ids::Ids;
use super::jobs::stamp_with_offset;
use super::replies::{self, Reply, element_path, flat};
use super::state::State;
use crate::base::{EnrichmentKind, ErrorCode, Timestamp};

const ROOT: &str = "data_enrichment";
const CONFIGURATIONS_MAX: usize = 50;

/// What a configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConfigurationType {
    Personal,
    Organization,
}

impl ConfigurationType {
    pub(super) fn of(kind: EnrichmentKind) -> Self {
        match kind {
            EnrichmentKind::People => Self::Personal,
            EnrichmentKind::Org => Self::Organization,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Organization => "organization",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Personal, Self::Organization]
            .into_iter()
            .find(|own| own.as_str() == text)
    }

    /// The inputs, with their labels.
    fn inputs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Personal => &[
                ("email", "Email"),
                ("org_website", "Company Website"),
                ("org_name", "Company Name"),
                ("facebook", "Facebook"),
                ("twitter", "Twitter"),
                ("linkedin", "LinkedIn"),
            ],
            Self::Organization => &[
                ("name", "Company Name"),
                ("email", "Email"),
                ("website", "Company Website"),
            ],
        }
    }
}

/// One configuration.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    pub(super) id: String,
    pub(super) kind: ConfigurationType,
    pub(super) module: String,
    pub(super) enabled: bool,
    /// Each input with the field of the module that it is taken from.
    mapping: Vec<(String, Option<String>)>,
    output: Value,
    created: Timestamp,
    modified: Timestamp,
}

impl Configuration {
    /// Whether an input is mapped to a field.
    pub(super) fn maps(&self, input: &str) -> bool {
        self.mapping
            .iter()
            .any(|(own, field)| own == input && field.is_some())
    }
}

/// The configurations that are there from the start.
pub(super) fn seed(ids: &Ids, now: Timestamp) -> Vec<Configuration> {
    use ConfigurationType::{Organization, Personal};
    type Mapping = [(&'static str, Option<&'static str>)];
    let make = |number: u64, kind, module: &str, mapping: &Mapping| Configuration {
        id: ids.fixed(480_000 + number * 3),
        kind,
        module: module.to_owned(),
        enabled: true,
        mapping: mapping
            .iter()
            .map(|(input, field)| ((*input).to_owned(), field.map(str::to_owned)))
            .collect(),
        output: json!([]),
        created: now,
        modified: now,
    };
    let leads = [
        ("email", Some("Email")),
        ("org_website", Some("Website")),
        ("org_name", Some("Company")),
        ("facebook", Some("Facebook")),
        ("twitter", Some("Twitter")),
        ("linkedin", Some("LinkedIn")),
    ];
    let contacts = [
        ("email", Some("Email")),
        ("org_website", Some("Website")),
        ("org_name", Some("Account_Name")),
        ("facebook", None),
        ("twitter", Some("Twitter")),
        ("linkedin", Some("LinkedIn")),
    ];
    let vendors = [
        ("email", Some("Email")),
        ("org_website", Some("Website")),
        ("org_name", Some("Vendor_Name")),
        ("facebook", None),
        ("twitter", None),
        ("linkedin", None),
    ];
    let accounts = [
        ("name", Some("Account_Name")),
        ("email", None),
        ("website", Some("Website")),
    ];
    let lead_companies = [
        ("name", Some("Company")),
        ("email", Some("Email")),
        ("website", Some("Website")),
    ];
    vec![
        make(1, Personal, "Leads", &leads),
        make(2, Personal, "Contacts", &contacts),
        Configuration {
            enabled: false,
            ..make(3, Personal, "Vendors", &vendors)
        },
        make(4, Organization, "Accounts", &accounts),
        make(5, Organization, "Leads", &lead_companies),
    ]
}

fn item(state: &State, configuration: &Configuration, with_output: bool) -> Value {
    let module = state.catalogue.find(&configuration.module);
    let label = |field: &str| {
        module
            .and_then(|m| m.fields.iter().find(|(own, _)| *own == field))
            .map_or(Value::Null, |(_, label)| (*label).into())
    };
    let mapping: Vec<Value> = configuration
        .kind
        .inputs()
        .iter()
        .map(|(input, display_label)| {
            let field = configuration
                .mapping
                .iter()
                .find(|(own, _)| own == input)
                .and_then(|(_, field)| field.as_deref());
            json!({
                "enrich_field": {"name": input, "display_label": display_label},
                "crm_field": field.map(|field| json!({
                    "name": label(field),
                    "id": field_id(&state.ids, &configuration.module, field),
                    "api_name": field,
                })),
            })
        })
        .collect();
    let by = state.caller();
    let by = json!({"name": by.name, "id": by.id});
    let mut shown = Map::new();
    if with_output {
        shown.insert(
            "output_data_field_mapping".into(),
            configuration.output.clone(),
        );
    }
    shown.insert("input_data_field_mapping".into(), mapping.into());
    shown.insert(
        "module".into(),
        json!({"id": module.map(|m| m.id.clone()), "api_name": configuration.module}),
    );
    shown.insert("type".into(), configuration.kind.as_str().into());
    shown.insert("id".into(), configuration.id.clone().into());
    shown.insert("status".into(), configuration.enabled.into());
    shown.insert(
        "created_time".into(),
        stamp_with_offset(configuration.created).into(),
    );
    shown.insert("created_by".into(), by.clone());
    shown.insert(
        "modified_time".into(),
        stamp_with_offset(configuration.modified).into(),
    );
    shown.insert("modified_by".into(), by);
    Value::Object(shown)
}

/// `GET`, all of them.
pub(super) fn list(state: &State) -> Reply {
    let items: Vec<Value> = state
        .configurations
        .iter()
        .map(|configuration| item(state, configuration, false))
        .collect();
    if items.is_empty() {
        return Reply::no_content();
    }
    Reply::json(200, json!({ ROOT: items }))
}

/// `GET`, one.
pub(super) fn get(state: &State, id: &str) -> Reply {
    state
        .configurations
        .iter()
        .find(|configuration| configuration.id == id)
        .map_or_else(Reply::no_content, |configuration| {
            Reply::json(200, json!({ ROOT: [item(state, configuration, true)] }))
        })
}

/// `DELETE`, one.
pub(super) fn delete(state: &mut State, id: &str) -> Reply {
    let before = state.configurations.len();
    state.configurations.retain(|own| own.id != id);
    if state.configurations.len() == before {
        return bad_resource();
    }
    done(200, "enrichment deleted Successfully", id)
}

fn bad_resource() -> Reply {
    flat(
        400,
        ErrorCode::InvalidData,
        json!({"resource_path_index": 3}),
        "the id given seems to be invalid",
    )
}

fn done(status: u16, message: &str, id: &str) -> Reply {
    Reply::json(status, json!({ ROOT: [success(message, id)] }))
}

fn success(message: &str, id: &str) -> Value {
    json!({"code": "SUCCESS", "details": {"id": id}, "message": message, "status": "success"})
}

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

/// `POST`. Items are taken one by one; what is wrong with one does not hold up the others.
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

type Mapping = Vec<(String, Option<String>)>;

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
