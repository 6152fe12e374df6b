//! ziadeck: a terminal operations console for Zoho CRM's Zia People Enrichment API.
pub mod auth;
pub mod base;
pub mod bulk;
pub mod cli;
pub mod config;
pub mod enrichment;
pub mod keymap;
pub mod ledger;
pub mod ops;
pub mod simulator;
pub mod theme;
pub mod tui;
pub mod wire;
pub mod zoho;
