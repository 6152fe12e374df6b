//! The built program against the simulator: what a script sees.

mod commands;
mod configs;
mod honoured;
mod plain;
mod streams;
mod submit;
#[path = "../support/mod.rs"]
mod support;
mod upkeep;
