//! The one gate in front of a unit, through the built program: nobody is paid for twice, by whatever
//! door, without a person's word.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code may unwrap and panic"
)]

#[expect(dead_code, reason = "the tests of runs use the rest")]
#[path = "../support/rig.rs"]
mod rig;

mod bulk;
mod doubt;
mod examples;
mod forget;
mod restore;
mod submit;
mod upgrade;
