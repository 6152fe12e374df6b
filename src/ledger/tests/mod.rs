//! Tests of the whole ledger through its handle.

mod core;
mod damage;
mod fixture;
mod log;
mod model;
mod rules;
mod runs;
mod trust;
mod upkeep;
