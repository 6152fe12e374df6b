//! The pictures: which screens, in which state, in which theme.
//!
//! Each screen is the console's own `view` of an app that went through the console's own `update`,
//! message by message; only the answers of the world outside are invented. Time stands still.

mod glyph;
mod people;
mod runs;
mod scenes;
mod setup;
mod sheets;
mod show;
mod svg;

pub(crate) use scenes::pictures;

/// Why a picture could not be drawn.
pub(crate) type Trouble = Box<dyn std::error::Error>;

/// A picture of the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Its name in `docs/pictures`.
    pub(crate) file: &'static str,
    /// Its text.
    pub(crate) svg: String,
}
