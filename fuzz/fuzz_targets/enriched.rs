#![no_main]

#[path = "../entries/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each target uses one entry")]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::enriched(bytes));
