//! The JSON of every command, held against the schemas of `docs/json`.

mod commands;
mod configuration;
mod coverage;
mod schema;
#[path = "../support/mod.rs"]
mod support;
mod upkeep;
