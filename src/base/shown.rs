//! The one sanitiser: text from outside becomes [`Shown`] before it reaches a screen or a stream.

use std::fmt;

/// Text that is safe to print.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown(String);

impl Shown {
    /// Makes a text safe.
    pub fn new(raw: &str) -> Self {
        Self(
            raw.chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                .collect(),
        )
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
