//! `enrich_based_on` of one job, told a little differently than it was given.
//!
//! No source says that the echo is exact: a server may normalise, complete, shorten or hide what it
//! was given, and a client that compares has to bear each of it.

use serde_json::{Map, Value};

use super::inputs::keys;
use super::jobs::foreign_inputs;
use super::state::State;
use crate::base::{EnrichmentKind, word_enum};

word_enum! {
    /// One way in which an echo differs from what was given. Several can be told at once.
    Echo, "a way to tell inputs differently",
    /// Every text in capitals; in small letters what was in capitals.
    Case = "case",
    /// Blanks before and behind every text, and each blank inside it twice.
    Blanks = "blanks",
    /// What was not given stands there as null.
    Nulls = "nulls",
    /// The last input is null.
    Nulled = "nulled",
    /// The last input is an empty text.
    Emptied = "emptied",
    /// The last input is missing.
    Missing = "missing",
    /// Only the first input is there.
    FirstOnly = "first_only",
    /// There are no inputs at all.
    Gone = "gone",
    /// Keys that nobody gave.
    Extra = "extra",
    /// Every text is cut in half.
    Cut = "cut",
    /// Every text is hidden: `a***@acme.example`, `A***`.
    Masked = "masked",
    /// Addresses of pages with scheme, `www.`, a slash and a query.
    Urls = "urls",
    /// The exact echo of another job.
    OfAnother = "of_another",
}

/// What the job of this id says that it was made from, with these changes.
pub(super) fn told(state: &State, kind: EnrichmentKind, id: &str, changes: &[Echo]) -> Value {
    let own = state.jobs.iter().find(|job| job.id == id);
    let mut inputs = own.map(|job| job.inputs.clone()).unwrap_or_default();
    for change in changes {
        match change {
            Echo::Case => each_text(&mut inputs, &|_, text| other_case(text)),
            Echo::Blanks => each_text(&mut inputs, &|_, text| {
                format!("  {}\u{a0} ", text.replace(' ', "  "))
            }),
            Echo::Nulls => nulls(&mut inputs, &keys(kind)),
            Echo::Nulled => last(&mut inputs, &|map, key| {
                map.insert(key.to_owned(), Value::Null);
            }),
            Echo::Emptied => last(&mut inputs, &|map, key| {
                map.insert(key.to_owned(), "".into());
            }),
            Echo::Missing => last(&mut inputs, &|map, key| {
                map.shift_remove(key);
            }),
            Echo::FirstOnly => first_only(&mut inputs),
            Echo::Gone => inputs = Value::Object(Map::new()),
            Echo::Extra => {
                if let Some(map) = inputs.as_object_mut() {
                    map.insert("middle_name".into(), Value::Null);
                    map.insert("source".into(), "API".into());
                }
            }
            Echo::Cut => each_text(&mut inputs, &|_, text| {
                let half = text.chars().count().div_ceil(2);
                text.chars().take(half).collect()
            }),
            Echo::Masked => each_text(&mut inputs, &|_, text| masked(text)),
            Echo::Urls => each_text(&mut inputs, &page),
            Echo::OfAnother => inputs = another(state, kind, id),
        }
    }
    inputs
}

/// The inputs of the newest other job, or of somebody invented where there is none.
fn another(state: &State, kind: EnrichmentKind, id: &str) -> Value {
    let mut others = state.jobs.iter().rev();
    others
        .find(|job| job.kind == kind && job.id != id)
        .map_or_else(|| foreign_inputs(kind, 0), |job| job.inputs.clone())
}

fn each_text(inputs: &mut Value, change: &dyn Fn(&str, &str) -> String) {
    let Some(map) = inputs.as_object_mut() else {
        return;
    };
    for (key, value) in map.iter_mut() {
        match value {
            Value::String(text) => *text = change(key, text),
            other => each_text(other, change),
        }
    }
}

fn other_case(text: &str) -> String {
    let capitals = text.to_uppercase();
    if capitals == text {
        text.to_lowercase()
    } else {
        capitals
    }
}

fn masked(text: &str) -> String {
    let first: String = text.chars().take(1).collect();
    match text.split_once('@') {
        Some((_, domain)) => format!("{first}***@{domain}"),
        None => format!("{first}***"),
    }
}

fn page(key: &str, text: &str) -> String {
    if !matches!(key, "website" | "linkedin" | "twitter" | "facebook") {
        return text.to_owned();
    }
    let bare = text
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_start_matches("www.")
        .trim_end_matches('/');
    format!("https://www.{bare}/?trk=public_profile")
}

fn nulls(inputs: &mut Value, keys: &[(&str, Vec<&str>)]) {
    let Some(map) = inputs.as_object_mut() else {
        return;
    };
    for (key, inner) in keys {
        let value = map.entry(*key).or_insert(Value::Null);
        if let Some(nested) = value.as_object_mut() {
            for key in inner {
                nested.entry(*key).or_insert(Value::Null);
            }
        }
    }
}

/// Changes the last input, in the order in which they were given.
fn last(inputs: &mut Value, change: &dyn Fn(&mut Map<String, Value>, &str)) {
    let Some(map) = inputs.as_object_mut() else {
        return;
    };
    let Some(key) = map.keys().next_back().cloned() else {
        return;
    };
    match map.get_mut(&key) {
        Some(nested) if nested.as_object().is_some_and(|inner| !inner.is_empty()) => {
            last(nested, change);
            if nested.as_object().is_some_and(Map::is_empty) {
                map.shift_remove(&key);
            }
        }
        _ => change(map, &key),
    }
}

fn first_only(inputs: &mut Value) {
    if let Some(map) = inputs.as_object_mut() {
        let first = map.keys().next().cloned();
        map.retain(|key, _| Some(key) == first.as_ref());
        map.values_mut().for_each(first_only);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::simulator::options::SimulatorOptions;
    use crate::simulator::state::NewJob;

    #[rstest]
    #[case(&[], json!({"name": "Ada B", "email": "ada@acme.example", "company": {"website": "acme.example/"}}))]
    #[case(&[Echo::Case], json!({"name": "ADA B", "email": "ADA@ACME.EXAMPLE", "company": {"website": "ACME.EXAMPLE/"}}))]
    #[case(&[Echo::Blanks, Echo::FirstOnly], json!({"name": "  Ada  B\u{a0} "}))]
    #[case(&[Echo::Nulls], json!({"name": "Ada B", "email": "ada@acme.example",
        "company": {"website": "acme.example/", "name": null}, "social": null}))]
    #[case(&[Echo::Nulled], json!({"name": "Ada B", "email": "ada@acme.example", "company": {"website": null}}))]
    #[case(&[Echo::Emptied], json!({"name": "Ada B", "email": "ada@acme.example", "company": {"website": ""}}))]
    #[case(&[Echo::Missing], json!({"name": "Ada B", "email": "ada@acme.example"}))]
    #[case(&[Echo::Missing, Echo::Missing], json!({"name": "Ada B"}))]
    #[case(&[Echo::Gone], json!({}))]
    #[case(&[Echo::FirstOnly, Echo::Extra], json!({"name": "Ada B", "middle_name": null, "source": "API"}))]
    #[case(&[Echo::Cut], json!({"name": "Ada", "email": "ada@acme", "company": {"website": "acme.ex"}}))]
    #[case(&[Echo::Masked], json!({"name": "A***", "email": "a***@acme.example", "company": {"website": "a***"}}))]
    #[case(&[Echo::Urls], json!({"name": "Ada B", "email": "ada@acme.example",
        "company": {"website": "https://www.acme.example/?trk=public_profile"}}))]
    #[case(&[Echo::OfAnother], json!({"email": "bob@acme.example"}))]
    fn an_echo_is_changed_as_asked(#[case] changes: &[Echo], #[case] expected: Value) {
        let mut state = State::new(SimulatorOptions::default(), String::new());
        let kind = EnrichmentKind::People;
        let mut make = |inputs: Value| {
            state.schedule(NewJob {
                kind,
                module: "Leads".into(),
                record_id: None,
                inputs,
            })
        };
        let own = make(json!({"name": "Ada B", "email": "ada@acme.example",
            "company": {"website": "acme.example/"}}));
        make(json!({"email": "bob@acme.example"}));

        assert_eq!(told(&state, kind, &own, changes), expected);
    }
}
