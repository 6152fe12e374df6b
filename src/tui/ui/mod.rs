//! The pieces that screens and popups are made of. None of them knows a screen.

pub(crate) mod bars;
pub mod field;
pub(crate) mod frame;
pub(crate) mod plot;
pub mod text;
pub mod viewport;
