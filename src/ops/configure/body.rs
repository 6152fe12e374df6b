//! A configuration as the API takes it (contract 9): whole, with ids beside names.

use serde_json::{Map, Value, json};

use super::There;
use super::shape::{Pairs, Shape};
use crate::base::ModuleName;
use crate::wire::settings::EnrichmentConfiguration;
use crate::zoho::configure::ConfigurationChange;

pub(super) const INPUTS: &str = "input_data_field_mapping";
pub(super) const OUTPUTS: &str = "output_data_field_mapping";

/// A new one: it has no status, and is on.
pub(super) fn create(
    there: &There,
    (kind, module): (&str, &ModuleName),
    wanted: &Shape,
) -> ConfigurationChange {
    let mut named = Map::new();
    if let Some(id) = &there.module_id {
        named.insert("id".to_owned(), json!(id));
    }
    named.insert("api_name".to_owned(), json!(module));
    ConfigurationChange::Create(json!({
        "type": kind,
        "module": named,
        INPUTS: mapping(there, &wanted.inputs),
        OUTPUTS: mapping(there, &wanted.outputs),
    }))
}

/// One that is there, with both mappings.
pub(super) fn update(
    there: &There,
    own: &EnrichmentConfiguration,
    wanted: &Shape,
) -> ConfigurationChange {
    let mut item = json!({
        "id": own.id,
        INPUTS: mapping(there, &wanted.inputs),
        OUTPUTS: mapping(there, &wanted.outputs),
    });
    if let (Value::Object(item), true) = (&mut item, own.is_active != wanted.is_active) {
        item.insert("status".to_owned(), json!(wanted.is_active));
    }
    ConfigurationChange::Update(own.id.clone(), item)
}

fn mapping(there: &There, pairs: &Pairs) -> Value {
    pairs
        .iter()
        .map(|(name, field)| {
            let field = field.as_ref().map(|field| match there.id_of(field) {
                Some(id) => json!({"id": id, "api_name": field}),
                None => json!({"api_name": field}),
            });
            json!({"enrich_field": {"name": name}, "crm_field": field})
        })
        .collect()
}

/// A field of a change whose id is not known.
pub(super) fn field_without_id(change: &ConfigurationChange) -> Option<&str> {
    let (ConfigurationChange::Create(item) | ConfigurationChange::Update(_, item)) = change else {
        return None;
    };
    let lists = [INPUTS, OUTPUTS].map(|key| item.get(key)?.as_array());
    let mut fields = lists
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.get("crm_field"));
    let field = fields.find(|field| field.is_object() && field.get("id").is_none())?;
    field.get("api_name")?.as_str()
}
