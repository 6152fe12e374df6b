//! Bulk runs from outside: the built binary against the simulator.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code may unwrap"
)]

mod after;
mod answers;
mod crm;
mod export;
mod limits;
mod page;
mod plan;
mod processes;
#[path = "../support/rig.rs"]
mod rig;
mod run;
mod runs;
mod sheet;
mod terminal;
mod trouble;
mod twice;
