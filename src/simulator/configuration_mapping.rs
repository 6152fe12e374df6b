//! Reading one mapping of an enrichment configuration that is written (OAS26).
//!
//! Both are read the same way. The first thing wrong is the answer.

use serde_json::{Map, Value};

use super::catalogue::{Module, field_id};
use super::configuration::{ConfigurationType, Mapping};
use super::enrich_fields::{EnrichField, Side, enrich_fields};
use super::fields::Field;
use super::ids::Ids;
use super::refused::{
    Refused, ambiguous, expected, invalid, invalid_mapping, limit, missing, wrong_type,
};

const MAPPINGS_MAX: usize = 50;

/// Whose mapping is read.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) ids: &'a Ids,
    pub(super) kind: ConfigurationType,
    pub(super) module: &'a Module,
}

impl Owner<'_> {
    /// The mapping of one side in an item; it must be there.
    pub(super) fn mapping(
        self,
        side: Side,
        (path, map): (&str, &Map<String, Value>),
    ) -> Result<Mapping, Refused> {
        let key = side.key();
        let at = format!("{path}.{key}");
        let given = map.get(key).ok_or_else(|| missing(path, key))?;
        let entries = given.as_array().ok_or_else(|| wrong_array(path))?;
        if entries.len() > MAPPINGS_MAX {
            let message = "data enrichment field mappings limit exceeded";
            return Err(limit(MAPPINGS_MAX, (key, &at), message));
        }
        let mut mapping = Mapping::new();
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("{at}[{index}]");
            let entry = entry
                .as_object()
                .ok_or_else(|| wrong_type("jsonobject", key, &at))?;
            let own = self.enrich_field(side, (&at, entry))?;
            let field = entry
                .get("crm_field")
                .ok_or_else(|| missing(&at, "crm_field"))?;
            let field = self.crm_field(own, &at, field)?;
            // Of two entries for the same name the later one holds.
            mapping.retain(|(name, _)| *name != own.name);
            mapping.push((own.name, field.map(|field| field.api_name)));
        }
        Ok(mapping)
    }

    fn enrich_field(
        self,
        side: Side,
        (at, entry): (&str, &Map<String, Value>),
    ) -> Result<&'static EnrichField, Refused> {
        let given = entry
            .get("enrich_field")
            .ok_or_else(|| missing(at, "enrich_field"))?;
        let at = format!("{at}.enrich_field");
        let given = given
            .as_object()
            .ok_or_else(|| wrong_type("jsonobject", "enrich_field", &at))?;
        let name = given.get("name").ok_or_else(|| missing(&at, "name"))?;
        enrich_fields(self.kind, side)
            .iter()
            .find(|own| name.as_str() == Some(own.name))
            .ok_or_else(|| invalid(&at, "name"))
    }

    /// The field of the module: both its id and its API name, or null for none.
    fn crm_field(
        self,
        own: &EnrichField,
        at: &str,
        given: &Value,
    ) -> Result<Option<&'static Field>, Refused> {
        const KEY: &str = "crm_field";
        if given.is_null() {
            return Ok(None);
        }
        let below = format!("{at}.{KEY}");
        if !given.is_object() {
            return Err(wrong_type("jsonobject", KEY, &below));
        }
        let part = |key: &str| given.get(key).and_then(Value::as_str);
        let (Some(id), Some(api_name)) = (part("id"), part("api_name")) else {
            let absent: Vec<&str> = ["id", "api_name"]
                .into_iter()
                .filter(|key| part(key).is_none())
                .collect();
            return Err(expected(&below, &absent, "Crm field cannot be empty"));
        };
        let module = self.module;
        let by_id = module
            .all_fields()
            .find(|field| field_id(self.ids, module.api_name, field.api_name) == id);
        match (module.field(api_name), by_id) {
            (Some(named), Some(other)) if named != other => Err(ambiguous(&below)),
            (Some(field), Some(_)) if own.suits(field.kind) => Ok(Some(field)),
            _ => Err(invalid_mapping(at, KEY)),
        }
    }
}

/// OAS26 names both mappings, whichever it was.
fn wrong_array(path: &str) -> Refused {
    let [input, output] = Side::ALL.map(Side::key);
    let both = format!("{output} || {input}");
    wrong_type("jsonarray", &both, &format!("{path}.({both})"))
}
