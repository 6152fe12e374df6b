//! Whether one `enrich_based_on` would be taken: the rules in prose (S) and in OAS25, read a
//! second time and in this order:
//!
//! 1. absent, not an object, empty
//! 2. each key in document order, depth first: unknown, wrong type, short, long, not English
//! 3. keys that need each other
//! 4. inputs that the module's configuration leaves unmapped
//!
//! The first thing wrong is the answer.

use serde_json::{Map, Value, json};

use super::configuration::Configuration;
use super::inputs::{inputs, keys};
use super::options::Rules;
use super::replies;
use crate::base::{EnrichmentKind, ErrorCode};

/// "each key must have at least 3 characters" (S).
const CHARS_MIN: usize = 3;

/// Why an element is refused: the item of the wrapped envelope.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    code: ErrorCode,
    details: Value,
    message: String,
}

impl Refusal {
    pub(super) fn new(code: ErrorCode, details: Value, message: &str) -> Self {
        Self {
            code,
            details,
            message: message.to_owned(),
        }
    }

    fn invalid(place: &Place, more: Value) -> Self {
        let mut details = more.as_object().cloned().unwrap_or_default();
        details.extend(place.named());
        Self::new(
            ErrorCode::InvalidData,
            Value::Object(details),
            "invalid data",
        )
    }

    pub(super) fn to_item(&self) -> Value {
        replies::error(self.code.as_str(), self.details.clone(), &self.message)
    }
}

/// A key and where it stands.
#[derive(Debug, Clone)]
struct Place {
    api_name: String,
    json_path: String,
}

impl Place {
    fn under(parent: &str, key: &str) -> Self {
        Self {
            api_name: key.to_owned(),
            json_path: format!("{parent}.{key}"),
        }
    }

    fn named(&self) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("api_name".into(), self.api_name.clone().into());
        map.insert("json_path".into(), self.json_path.clone().into());
        map
    }

    fn value(&self) -> Value {
        Value::Object(self.named())
    }
}

/// Checks one element of the array.
pub(super) fn element(
    kind: EnrichmentKind,
    path: &str,
    element: &Map<String, Value>,
    rules: &Rules,
    configuration: &Configuration,
) -> Result<(), Refusal> {
    let place = Place::under(path, "enrich_based_on");
    let Some(given) = element.get("enrich_based_on") else {
        return Err(Refusal::new(
            ErrorCode::MandatoryNotFound,
            place.value(),
            "required field not found",
        ));
    };
    let Some(inputs) = given.as_object() else {
        return Err(Refusal::invalid(
            &place,
            json!({"expected_data_type": "jsonobject"}),
        ));
    };
    if inputs.is_empty() {
        let keys: Vec<&str> = keys(kind).into_iter().map(|(key, _)| key).collect();
        return Err(expected(&place.json_path, &keys));
    }
    for key in element.keys() {
        if key != "enrich_based_on" {
            return Err(Refusal::invalid(&Place::under(path, key), json!({})));
        }
        for (key, value) in inputs {
            input(kind, &place.json_path, (key.as_str(), value), rules)?;
        }
    }
    partners(kind, &place.json_path, inputs, rules)?;
    mapped(kind, &place.json_path, inputs, configuration)
}

fn expected(path: &str, keys: &[&str]) -> Refusal {
    let fields: Vec<Value> = keys
        .iter()
        .map(|key| Place::under(path, key).value())
        .collect();
    Refusal::new(
        ErrorCode::ExpectedFieldMissing,
        json!({"expected_fields": fields}),
        "Specify atleast one field",
    )
}

fn input(
    kind: EnrichmentKind,
    path: &str,
    (key, value): (&str, &Value),
    rules: &Rules,
) -> Result<(), Refusal> {
    let place = Place::under(path, key);
    let own = |wanted: &[&str]| inputs(kind).iter().find(|(keys, ..)| *keys == wanted);
    if let Some((_, chars_max, _)) = own(&[key]) {
        return text(&place, value, *chars_max, rules);
    }
    let keys = keys(kind);
    let Some((_, known)) = keys.iter().find(|(known, _)| *known == key) else {
        return Err(Refusal::invalid(&place, json!({})));
    };
    let Some(nested) = value.as_object() else {
        return Err(Refusal::invalid(
            &place,
            json!({"expected_data_type": "jsonobject"}),
        ));
    };
    if nested.is_empty() {
        return Err(expected(&place.json_path, known));
    }
    for (inner, value) in nested {
        let leaf = Place::under(&place.json_path, inner);
        let Some((_, chars_max, _)) = own(&[key, inner]) else {
            return Err(Refusal::invalid(&leaf, json!({})));
        };
        text(&leaf, value, *chars_max, rules)?;
    }
    Ok(())
}

fn text(place: &Place, value: &Value, chars_max: usize, rules: &Rules) -> Result<(), Refusal> {
    let Some(text) = value.as_str() else {
        return Err(Refusal::invalid(
            place,
            json!({"expected_data_type": "text"}),
        ));
    };
    let chars = text.chars().count();
    if chars < CHARS_MIN {
        return Err(Refusal::invalid(place, json!({})));
    }
    if chars > chars_max {
        return Err(Refusal::invalid(
            place,
            json!({"maximum_length": chars_max}),
        ));
    }
    if rules.english_only && !text.is_ascii() {
        return Err(Refusal::invalid(place, json!({})));
    }
    Ok(())
}

/// `name` and `company` need each other.
fn partners(
    kind: EnrichmentKind,
    path: &str,
    inputs: &Map<String, Value>,
    rules: &Rules,
) -> Result<(), Refusal> {
    if kind != EnrichmentKind::People {
        return Ok(());
    }
    let missing = |absent: &str, present: &str| {
        let mut details = Place::under(path, absent).named();
        details.insert("dependee".into(), Place::under(path, present).value());
        Err(Refusal::new(
            ErrorCode::DependentFieldMissing,
            Value::Object(details),
            &format!("{absent} cannot be empty"),
        ))
    };
    match (inputs.contains_key("name"), inputs.contains_key("company")) {
        (true, false) if rules.name_needs_company => missing("company", "name"),
        (false, true) if rules.company_needs_name => missing("name", "company"),
        _ => Ok(()),
    }
}

fn mapped(
    kind: EnrichmentKind,
    path: &str,
    inputs: &Map<String, Value>,
    configuration: &Configuration,
) -> Result<(), Refusal> {
    for (keys, _, mapping) in super::inputs::inputs(kind) {
        let found = keys.split_first().and_then(|(root, inner)| {
            let value = inputs.get(*root)?;
            inner.iter().try_fold(value, |value, key| value.get(key))
        });
        let is_unmapped = mapping.is_some_and(|name| !configuration.maps(name));
        if found.is_some() && is_unmapped {
            let place = Place {
                api_name: keys.last().copied().unwrap_or_default().to_owned(),
                json_path: format!("{path}.{}", keys.join(".")),
            };
            return Err(Refusal::new(
                ErrorCode::NotAllowed,
                place.value(),
                "the field is not mapped in the enrichment configuration",
            ));
        }
    }
    Ok(())
}
