//! The pieces that screens and popups are made of. None of them knows a screen.

pub(crate) mod bars;
pub mod columns;
pub mod field;
pub mod form;
pub mod hits;
pub mod list;
pub mod pager;
pub mod painter;
pub(crate) mod plot;
pub mod search;
pub mod text;
pub mod viewport;
