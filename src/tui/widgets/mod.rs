//! Pieces that several views share: the viewport of a list, the gauge, the sparkline, the box.

pub(crate) mod bars;
pub(crate) mod frame;
pub(crate) mod plot;
pub(crate) mod viewport;
