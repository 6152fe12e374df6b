//! Floor 5: the console.
//!
//! ```text
//!  terminal ─► input ─┐                      ┌─► view ─► terminal
//!  signals ───────────┼─► inbox ─► update ───┤
//!  Backstage (ops) ───┘   (bounded)  Model   └─► effects ─► Backstage, terminal
//! ```
//! `update(&mut Model, Msg, &mut Env) -> Vec<Effect>` is pure: no IO, no clock, no await. `view`
//! borrows the model and writes cells. `layout` is pure and shared by both. Everything that does
//! something is an [`Effect`], and everything that comes back is a [`Msg`]. The loop in `runtime`
//! draws only when something changed and sleeps when nothing does.
//!
//! A screen is a file in each of `model/`, `update/` and `view/`, and a name in [`model::Place`].

#![allow(missing_docs)]

pub mod app;
pub mod backstage;
pub mod data;
pub mod demo;
pub mod effects;
pub mod input;
pub mod layout;
pub mod model;
pub mod msg;
pub mod runtime;
pub mod terminal;
#[cfg(test)]
pub(crate) mod testing;
pub mod ui;
pub mod update;
pub mod view;

pub use effects::{Ask, Backstage, Effect, Full};
pub use model::{Model, Settings};
pub use msg::Msg;
pub use runtime::{Console, Exit, Signal};
