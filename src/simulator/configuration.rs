//! Enrichment configurations: what of a module is mapped to inputs and outputs (contract 3, 9).
//!
//! An input whose `crm_field` is null is not mapped, and a POST that carries it is refused with
//! NOT_ALLOWED. A module without an active configuration cannot be enriched at all.

use serde_json::{Map, Value, json};

use super::catalogue::field_id;
use super::enrich_fields::{Side, enrich_fields};
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
    /// The words for it, as an answer lists them.
    pub(super) const NAMES: [&'static str; 2] = ["organization", "personal"];

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
}

/// Inputs or outputs, each with the field of the module that is mapped to it.
pub(super) type Mapping = Vec<(&'static str, Option<&'static str>)>;

/// One configuration.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    pub(super) id: String,
    pub(super) kind: ConfigurationType,
    pub(super) module: String,
    pub(super) enabled: bool,
    pub(super) inputs: Mapping,
    pub(super) outputs: Mapping,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

impl Configuration {
    pub(super) fn mapping(&self, side: Side) -> &Mapping {
        match side {
            Side::Input => &self.inputs,
            Side::Output => &self.outputs,
        }
    }

    /// The field that is mapped to an input or output.
    fn field(&self, side: Side, name: &str) -> Option<&'static str> {
        let (_, field) = self.mapping(side).iter().find(|(own, _)| *own == name)?;
        *field
    }

    /// Whether an input is mapped to a field.
    pub(super) fn maps(&self, input: &str) -> bool {
        self.field(Side::Input, input).is_some()
    }
}

/// One mapping as it is shown: every name there is, with null where none is mapped.
fn shown(state: &State, configuration: &Configuration, side: Side) -> Value {
    let module = state.catalogue.find(&configuration.module);
    let crm_field = |name: &str| {
        let field = module?.field(configuration.field(side, name)?)?;
        Some(json!({
            "id": field_id(&state.ids, &configuration.module, field.api_name),
            "api_name": field.api_name,
            "name": field.label,
        }))
    };
    enrich_fields(configuration.kind, side)
        .iter()
        .map(|own| {
            json!({
                "enrich_field": {"name": own.name, "display_label": own.label},
                "crm_field": crm_field(own.name),
            })
        })
        .collect()
}

fn item(state: &State, configuration: &Configuration, sides: &[Side]) -> Value {
    let module = state.catalogue.find(&configuration.module);
    let by = state.caller();
    let by = json!({"id": by.id, "name": by.name});
    let mut item = Map::new();
    item.insert("id".into(), configuration.id.clone().into());
    item.insert("type".into(), configuration.kind.as_str().into());
    item.insert(
        "module".into(),
        json!({"id": module.map(|m| m.id.clone()), "api_name": configuration.module}),
    );
    item.insert("status".into(), configuration.enabled.into());
    for side in sides {
        item.insert(side.key().into(), shown(state, configuration, *side));
    }
    item.insert(
        "created_time".into(),
        stamp_with_offset(configuration.created).into(),
    );
    item.insert("created_by".into(), by.clone());
    item.insert(
        "modified_time".into(),
        stamp_with_offset(configuration.modified).into(),
    );
    item.insert("modified_by".into(), by);
    Value::Object(item)
}

/// `GET`, all of them.
pub(super) fn list(state: &State) -> Reply {
    let items: Vec<Value> = state
        .configurations
        .iter()
        .map(|configuration| item(state, configuration, &[Side::Input]))
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
            Reply::json(
                200,
                json!({ ROOT: [item(state, configuration, &Side::ALL)] }),
            )
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
