//! Words that stand in the configuration but belong to other modules, which this one cannot know.
//!
//! The caller lends a [`Vocabulary`], so that a wrong command, chord or theme is reported together
//! with every other problem of the file, at its place.

use super::Binding;

/// The words that the configuration uses but other modules define: commands, chords, themes.
/// Each answer refuses a word or lets it pass.
pub trait Vocabulary {
    /// Whether there is such a command.
    ///
    /// # Errors
    /// What is wrong with the name, and the nearest one.
    fn command(&self, name: &str) -> Result<(), Refusal>;
    /// Whether the text is a chord that may be bound to the command.
    ///
    /// # Errors
    /// What is wrong with the chord.
    fn chord(&self, command: &str, chord: &str) -> Result<(), Refusal>;
    /// Whether there is such a theme.
    ///
    /// # Errors
    /// What is wrong with the name, and the nearest one.
    fn theme(&self, name: &str) -> Result<(), Refusal>;
    /// What is wrong with the lines of `[keys]` as a whole, each by its index: two commands that want
    /// one chord show only there.
    fn keys(&self, _lines: &[Binding]) -> Vec<(usize, Refusal)> {
        Vec::new()
    }
}

/// Why a word is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// A vocabulary that lets every word pass, for commands that draw nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lenient;

impl Vocabulary for Lenient {
    fn command(&self, _name: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn chord(&self, _command: &str, _chord: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn theme(&self, _name: &str) -> Result<(), Refusal> {
        Ok(())
    }
}
