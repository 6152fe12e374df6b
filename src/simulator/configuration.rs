//! Enrichment configurations: which inputs of a module are mapped (contract 3).
//!
//! An input whose `crm_field` is null is not mapped, and a POST that carries it is refused with
//! NOT_ALLOWED. A module without an active configuration cannot be enriched at all.

use serde_json::{Map, Value, json};

use super::catalogue::field_id;
use super::ids::Ids;
use super::jobs::stamp_with_offset;
use super::replies::{Reply, flat};
use super::state::State;
use crate::base::{EnrichmentKind, ErrorCode, Timestamp};

pub(super) const ROOT: &str = "data_enrichment";
pub(super) const CONFIGURATIONS_MAX: usize = 50;

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

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Personal, Self::Organization]
            .into_iter()
            .find(|own| own.as_str() == text)
    }

    /// The inputs, with their labels (OAS26's example).
    pub(super) fn inputs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Personal => &[
                ("email", "Email"),
                ("org_website", "Website"),
                ("org_name", "Organization Name"),
                ("facebook", "facebook"),
                ("twitter", "X"),
                ("linkedin", "LinkedIn"),
            ],
            Self::Organization => &[
                ("org_name", "Organization Name"),
                ("email", "Email"),
                ("org_website", "Website"),
            ],
        }
    }
}

/// Each input with the field of the module that it is taken from.
pub(super) type Mapping = Vec<(String, Option<String>)>;

/// One configuration.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    pub(super) id: String,
    pub(super) kind: ConfigurationType,
    pub(super) module: String,
    pub(super) enabled: bool,
    pub(super) mapping: Mapping,
    pub(super) output: Value,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
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
    type Plan = [(&'static str, Option<&'static str>)];
    let make = |number: u64, kind, module: &str, mapping: &Plan| Configuration {
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
        ("org_name", Some("Account_Name")),
        ("email", None),
        ("org_website", Some("Website")),
    ];
    let lead_companies = [
        ("org_name", Some("Company")),
        ("email", Some("Email")),
        ("org_website", Some("Website")),
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
                    "id": field_id(&state.ids, &configuration.module, field),
                    "api_name": field,
                    "name": label(field),
                })),
            })
        })
        .collect();
    let by = state.caller();
    let by = json!({"id": by.id, "name": by.name});
    let mut shown = Map::new();
    shown.insert("id".into(), configuration.id.clone().into());
    shown.insert("type".into(), configuration.kind.as_str().into());
    shown.insert(
        "module".into(),
        json!({"id": module.map(|m| m.id.clone()), "api_name": configuration.module}),
    );
    shown.insert("status".into(), configuration.enabled.into());
    shown.insert("input_data_field_mapping".into(), mapping.into());
    if with_output {
        shown.insert(
            "output_data_field_mapping".into(),
            configuration.output.clone(),
        );
    }
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
    let item = success("enrichment deleted Successfully", json!({ "id": id }));
    Reply::json(200, json!({ ROOT: [item] }))
}

/// An id in the path that no configuration has.
pub(super) fn bad_resource() -> Reply {
    flat(
        400,
        ErrorCode::InvalidData,
        json!({"resource_path_index": 3}),
        "the enrichment id given seems to be invalid.",
    )
}

/// The item of an answer about one configuration that was made, changed or deleted.
pub(super) fn success(message: &str, details: Value) -> Value {
    json!({"code": "SUCCESS", "details": details, "message": message, "status": "success"})
}
