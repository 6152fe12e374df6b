//! What a fuzzer calls: bytes in, promises checked.
//!
//! The same functions run in `tests/fuzz.rs` on the seeds and on some input of the right shape, so
//! that they stay true without a nightly compiler. To search further:
//! `cargo +nightly fuzz run config fuzz/corpus/config fuzz/seeds/config`.

mod input;
mod looks;
mod rows;
mod settings;
mod text;
mod wire;

pub(crate) use input::input;
pub(crate) use looks::{scenario, theme};
pub(crate) use rows::{csv, enriched, jsonl};
pub(crate) use settings::{config, keymap};
pub(crate) use text::{retry_after, shown};
pub(crate) use wire::wire;
