//! The words that a configuration may use and other modules define: commands, chords, themes.

use crate::config::{Paths, Refusal, Vocabulary};
use crate::keymap::{Chord, Command};
use crate::theme::Themes;

/// The words of this program and of the user's own themes.
pub(super) struct Words {
    themes: Vec<String>,
}

impl Words {
    /// Reads which themes there are.
    pub(super) fn new(paths: &Paths) -> Self {
        Self {
            themes: themes(paths).names(),
        }
    }
}

/// The built-in themes and those of the user.
pub(super) fn themes(paths: &Paths) -> Themes {
    Themes {
        directory: Some(paths.themes_dir.clone()),
        ..Themes::default()
    }
}

fn nearest<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> Option<String> {
    among
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| format!("did you mean {candidate}?"))
}

impl Vocabulary for Words {
    fn command(&self, name: &str) -> Result<(), Refusal> {
        if Command::ALL.iter().any(|command| command.name() == name) {
            return Ok(());
        }
        Err(Refusal {
            message: format!("there is no command {name:?}"),
            hint: nearest(name, Command::ALL.iter().map(|command| command.name())),
        })
    }

    fn chord(&self, _command: &str, chord: &str) -> Result<(), Refusal> {
        chord.parse::<Chord>().map(|_| ()).map_err(|error| Refusal {
            message: error.to_string(),
            hint: None,
        })
    }

    fn theme(&self, name: &str) -> Result<(), Refusal> {
        if self.themes.iter().any(|theme| theme == name) {
            return Ok(());
        }
        Err(Refusal {
            message: format!("there is no theme {name:?}"),
            hint: nearest(name, self.themes.iter().map(String::as_str))
                .or_else(|| Some(format!("the themes are {}", self.themes.join(", ")))),
        })
    }
}
