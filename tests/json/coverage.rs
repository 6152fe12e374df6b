//! No command without a schema, no schema without a test, no word that the code does not know.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

use std::collections::BTreeSet;

use clap::Command;
use serde_json::Value;
use ziadeck::base::Outcome;
use ziadeck::ledger::{RowState, RunState};

use crate::schema::{directory, schema};

/// Commands whose output is no JSON: a console, a script, a page.
const WITHOUT_JSON: [&str; 3] = ["demo", "completions", "man"];

fn leaves(command: &Command, path: &str, found: &mut Vec<String>) {
    for part in command.get_subcommands() {
        let path = format!("{path} {}", part.get_name());
        if part.has_subcommands() {
            leaves(part, &path, found);
        } else {
            found.push(path);
        }
    }
}

fn names() -> BTreeSet<String> {
    std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| file.strip_suffix(".schema.json").map(str::to_owned))
        .collect()
}

#[test]
fn every_command_has_a_schema_in_the_index() {
    let index = include_str!("../../docs/json/README.md");
    let mut commands = Vec::new();
    leaves(&ziadeck::cli::command(), "ziadeck", &mut commands);

    for command in commands {
        let name = command.trim_start_matches("ziadeck ");
        if !WITHOUT_JSON.contains(&name) {
            assert!(
                index.contains(&format!("`{command}`")),
                "docs/json/README.md has no line for `{command}`"
            );
        }
    }
}

#[test]
fn the_index_names_every_schema_and_every_schema_is_held() {
    let index = include_str!("../../docs/json/README.md");
    let tests = concat!(
        include_str!("commands.rs"),
        include_str!("configuration.rs"),
        include_str!("upkeep.rs")
    );

    for name in names() {
        assert!(index.contains(&format!("({name}.schema.json)")), "{name}");
        assert!(
            tests.contains(&format!("\"{name}\"")),
            "no test holds {name}"
        );
    }
    for file in index
        .split("](")
        .skip(1)
        .filter_map(|s| s.split(')').next())
    {
        assert!(directory().join(file).exists(), "{file}");
    }
}

#[test]
fn every_schema_describes_every_name_and_requires_it() {
    for name in names() {
        let schema = schema(&name);
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{name}"
        );
        described(&schema, &name);
    }
}

fn described(schema: &Value, at: &str) {
    if let Some(properties) = schema["properties"].as_object() {
        let required: Vec<_> = schema["required"].as_array().unwrap().to_vec();
        for (name, rule) in properties {
            let at = format!("{at}.{name}");
            assert!(required.contains(&Value::from(name.as_str())), "{at}");
            assert!(rule["description"].is_string(), "{at} says nothing");
            described(rule, &at);
        }
    }
    if schema["items"].is_object() {
        described(&schema["items"], &format!("{at}[]"));
    }
}

#[test]
fn the_outcomes_of_the_schemas_are_those_of_the_program() {
    let all: Vec<Value> = Outcome::ALL
        .iter()
        .map(|outcome| Value::from(outcome.as_str()))
        .collect();
    let mut or_none = all.clone();
    or_none.extend(["already".into(), Value::Null]);

    assert_eq!(
        schema("log")["properties"]["outcome"]["enum"],
        Value::from(all)
    );
    assert_eq!(
        schema("submit")["properties"]["outcome"]["enum"],
        Value::from(or_none)
    );
}

#[test]
fn the_states_of_the_schemas_are_those_of_the_program() {
    let rows: Vec<Value> = RowState::ALL.iter().map(|s| s.as_str().into()).collect();
    let runs: Vec<Value> = RunState::ALL.iter().map(|s| s.as_str().into()).collect();

    assert_eq!(
        schema("bulk-rows")["properties"]["state"]["enum"],
        Value::from(rows)
    );
    for name in ["bulk-status", "bulk-run"] {
        assert_eq!(
            schema(name)["properties"]["state"]["enum"],
            Value::from(runs.clone())
        );
    }
}
