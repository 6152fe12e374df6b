//! A validator for the part of JSON Schema that `docs/json` uses. A keyword beyond that part is an
//! error, and so is a name that the schema does not describe: nothing is printed undocumented.
#![expect(clippy::panic, reason = "what helps a test may fail as a test does")]

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::support::Ran;

/// The keywords that are understood.
const KEYWORDS: [&str; 9] = [
    "$schema",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
];

/// The directory of the schemas.
pub(crate) fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/json")
}

/// A schema by its name.
pub(crate) fn schema(name: &str) -> Value {
    let path = directory().join(format!("{name}.schema.json"));
    std::fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Holds every line of stdout against a schema, and answers the lines.
#[track_caller]
pub(crate) fn hold(name: &str, ran: &Ran) -> Vec<Value> {
    let rows = ran.rows();
    assert!(!rows.is_empty(), "{name}: nothing was printed: {ran:?}");
    rows.iter().for_each(|row| hold_value(name, row));
    rows
}

/// Holds one value against a schema.
#[track_caller]
pub(crate) fn hold_value(name: &str, value: &Value) {
    let problems = problems(&schema(name), value);
    assert!(problems.is_empty(), "{name}: {problems:#?}\n{value:#}");
}

/// What is wrong with a value.
pub(crate) fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    check(schema, value, "$", &mut problems);
    problems
}

fn check(schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let Some(rules) = schema.as_object() else {
        problems.push(format!("{at}: the schema is not an object"));
        return;
    };
    for keyword in rules.keys() {
        if !KEYWORDS.contains(&keyword.as_str()) {
            problems.push(format!("{at}: the schema uses {keyword}"));
        }
    }
    if let Some(wanted) = rules.get("type")
        && !is_of(wanted, value)
    {
        problems.push(format!("{at}: {value} is not of {wanted}"));
        return;
    }
    if let Some(allowed) = rules.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        problems.push(format!("{at}: {value} is not among {allowed:?}"));
    }
    if let Some(object) = value.as_object() {
        check_object(rules, object, at, problems);
    }
    if let (Some(items), Some(list)) = (rules.get("items"), value.as_array()) {
        for (index, item) in list.iter().enumerate() {
            check(items, item, &format!("{at}[{index}]"), problems);
        }
    }
}

fn check_object(
    rules: &Map<String, Value>,
    object: &Map<String, Value>,
    at: &str,
    problems: &mut Vec<String>,
) {
    let names = rules.get("required").and_then(Value::as_array);
    for name in names.into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            problems.push(format!("{at}: {name} is missing"));
        }
    }
    let known = rules.get("properties").and_then(Value::as_object);
    let others = rules.get("additionalProperties");
    // A place without any rule is what Zoho sends; its names are not ours.
    if known.is_none() && others.is_none() {
        return;
    }
    for (name, value) in object {
        let at = format!("{at}.{name}");
        match (known.and_then(|known| known.get(name)), others) {
            (Some(rule), _) | (None, Some(rule)) => check(rule, value, &at, problems),
            (None, None) => problems.push(format!("{at}: no schema describes it")),
        }
    }
}

fn is_of(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::Array(any) => any.iter().any(|one| is_of(one, value)),
        Value::String(name) => match name.as_str() {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => false,
        },
        _ => false,
    }
}

mod tests {
    use super::problems;
    use rstest::rstest;
    use serde_json::{Value, json};

    #[rstest]
    #[case::right(json!({"a": 1, "b": ["x"]}), 0)]
    #[case::missing(json!({"b": []}), 1)]
    #[case::wrong_type(json!({"a": "1", "b": []}), 1)]
    #[case::wrong_item(json!({"a": 1, "b": [2]}), 1)]
    #[case::not_in_the_list(json!({"a": 3, "b": []}), 1)]
    #[case::undocumented(json!({"a": 1, "b": [], "c": null}), 1)]
    fn the_validator_finds_what_is_wrong(#[case] value: Value, #[case] count: usize) {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": {"type": "integer", "enum": [1, 2]},
                "b": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["a", "b"],
        });

        let found = problems(&schema, &value);

        assert_eq!(found.len(), count, "{found:?}");
    }

    #[test]
    fn a_keyword_that_is_not_understood_is_told() {
        let found = problems(&json!({"pattern": "x"}), &json!("x"));

        assert_eq!(found, ["$: the schema uses pattern"]);
    }
}
