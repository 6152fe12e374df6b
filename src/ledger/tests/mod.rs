//! Tests of the whole ledger through its handle.

mod core;
mod fixture;
mod rules;
mod trust;
