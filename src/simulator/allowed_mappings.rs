//! Which fields of a module may be mapped to what enrichment reads and finds (contract 9).

use serde_json::{Map, Value, json};

use super::catalogue::{Module, field_id};
use super::configuration::ConfigurationType;
use super::enrich_fields::{EnrichField, Side, enrich_fields};
use super::http::Request;
use super::ids::Ids;
use super::replies::{self, Reply, flat};
use super::state::State;
use crate::base::ErrorCode;

/// `GET …/allowed_field_mappings`.
pub(super) fn get(state: &State, request: &Request) -> Reply {
    let given = |name: &str| request.param(name).filter(|text| !text.is_empty());
    let Some(module) = given("module") else {
        return replies::param_missing("module");
    };
    let Some(wanted) = given("type") else {
        return replies::param_missing("type");
    };
    let Some(kind) = ConfigurationType::parse(wanted) else {
        return replies::param_unsupported("type", &ConfigurationType::NAMES);
    };
    let Some(module) = state.catalogue.find(module).filter(|own| own.enrichable) else {
        return flat(
            400,
            ErrorCode::InvalidData,
            json!({"param_name": "module"}),
            "The given module is not supported for Data Enrichment",
        );
    };
    let sides: Map<String, Value> = Side::ALL
        .into_iter()
        .map(|side| {
            let rows = enrich_fields(kind, side)
                .iter()
                .map(|own| row(&state.ids, module, own));
            (side.key().to_owned(), rows.collect())
        })
        .collect();
    Reply::json(200, json!({ "allowed_field_mappings": sides }))
}

/// One input or output with the fields that suit it; none may.
fn row(ids: &Ids, module: &Module, own: &EnrichField) -> Value {
    let crm_fields: Vec<Value> = module
        .fields
        .iter()
        .filter(|field| own.suits(field.kind))
        .map(|field| {
            json!({
                "id": field_id(ids, module.api_name, field.api_name),
                "api_name": field.api_name,
            })
        })
        .collect();
    json!({
        "enrich_field": {"name": own.name, "display_label": own.label},
        "crm_fields": crm_fields,
    })
}
