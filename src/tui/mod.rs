//! Floor 5: the console.
//!
//! ```text
//!  terminal ─► input ─┐                       ┌─► view ─► terminal
//!  signals ───────────┼─► inbox ─► update ────┤
//!  worker (ops) ──────┘   (bounded)   App     └─► effects ─► worker, terminal
//! ```
//! `update(&mut App, Msg, &mut Env) -> Vec<Effect>` is pure: no IO, no clock, no await. `view` borrows
//! the app and writes cells. Everything that does something is an [`Effect`](app::effect::Effect), and
//! everything that comes back is a [`Msg`]. The loop in `runtime` draws only when something changed and
//! sleeps when nothing does.
//!
//! A screen is a folder in `screens/` and a line in [`app::cx::ScreenId`]; what lies over screens is a
//! file in `popups/`; what both are made of is in `ui/`.

#![allow(missing_docs)]

pub mod app;
pub mod data;
pub mod demo;
pub mod input;
pub mod layout;
pub mod popups;
pub mod runtime;
pub mod screens;
pub mod terminal;
#[cfg(test)]
pub(crate) mod testing;
pub mod ui;

pub use app::msg::Msg;
pub use app::shared::Settings;
pub use app::state::App;
pub use runtime::{Console, Exit, Signal};
