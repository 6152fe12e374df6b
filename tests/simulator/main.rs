//! The simulator as the contract has it, driven by bytes over TCP.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test may fail as a test does"
)]

mod client;
mod configuration;
mod configuration_refused;
mod faults;
mod jobs;
mod lies;
mod oauth;
mod post;
mod sdk;
mod settings;
