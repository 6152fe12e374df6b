//! The words that a configuration may use and other modules define: commands, chords, themes.

use crate::config::{Binding, Paths, Refusal, Vocabulary};
use crate::keymap::{Bindings, Chord, Command};
use crate::theme::{ColorDepth, Themes};

/// The words of this program and of the user's own themes.
pub(super) struct Words {
    found: Themes,
    themes: Vec<String>,
    how: How,
}

/// How much is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// Each word: what concerns the console alone stops no other command.
    Words,
    /// Also whether the keys go together, and what the theme's file says.
    Whole,
}

impl Words {
    /// Reads which themes there are.
    pub(super) fn new(paths: &Paths) -> Self {
        let found = themes(paths);
        Self {
            themes: found.names(),
            found,
            how: How::Words,
        }
    }

    /// The same, and the keys are judged as a whole and the theme is read.
    pub(super) fn strict(paths: &Paths) -> Self {
        Self {
            how: How::Whole,
            ..Self::new(paths)
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
    crate::base::nearest(word, 0.7, among.map(|candidate| (candidate, candidate)))
        .map(|candidate| format!("did you mean {candidate}?"))
}

/// What is wrong with lines of `[keys]`, and at which line. Of two that are at odds the later one is
/// pointed at; the message names both.
pub(super) fn problems(lines: &[(&str, Vec<String>)]) -> Vec<(usize, String)> {
    let changes = lines
        .iter()
        .map(|(name, chords)| (*name, chords.as_slice()));
    let errors = Bindings::with_changes(changes).err().unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            let at = lines.iter().rposition(|(name, _)| error.is_about(name));
            (at.unwrap_or_default(), error.to_string())
        })
        .collect()
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

    fn keys(&self, lines: &[Binding]) -> Vec<(usize, Refusal)> {
        if self.how == How::Words {
            return Vec::new();
        }
        // What is wrong with single words is told already, at the word itself.
        let is_sound = |line: &Binding| {
            let mut chords = line.chords.iter();
            self.command(&line.command).is_ok()
                && chords.all(|chord| self.chord(&line.command, &chord.text).is_ok())
        };
        let (places, sound): (Vec<_>, Vec<_>) = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| is_sound(line))
            .map(|(index, line)| (index, line.texts()))
            .unzip();
        let errors = problems(&sound);
        errors
            .into_iter()
            .filter_map(|(at, message)| {
                let index = *places.get(at)?;
                Some((
                    index,
                    Refusal {
                        message,
                        hint: None,
                    },
                ))
            })
            .collect()
    }

    fn theme(&self, name: &str) -> Result<(), Refusal> {
        if self.themes.iter().any(|theme| theme == name) {
            if self.how == How::Words {
                return Ok(());
            }
            let read = self.found.load(name, ColorDepth::TrueColor);
            return read.map(drop).map_err(|error| Refusal {
                message: error.to_string(),
                hint: None,
            });
        }
        Err(Refusal {
            message: format!("there is no theme {name:?}"),
            hint: nearest(name, self.themes.iter().map(String::as_str))
                .or_else(|| Some(format!("the themes are {}", self.themes.join(", ")))),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, ConfigError, PathsInput};

    fn read(text: &str, words: fn(&Paths) -> Words) -> Result<Config, ConfigError> {
        read_in(tempfile::tempdir().unwrap().path(), text, words)
    }

    fn read_in(
        directory: &Path,
        text: &str,
        words: fn(&Paths) -> Words,
    ) -> Result<Config, ConfigError> {
        let paths = Paths::resolve(&PathsInput {
            config_flag: Some(directory.join("config.toml")),
            data_dir_flag: Some(directory.to_owned()),
            env: [("HOME".into(), directory.into())].into(),
        })
        .unwrap();
        Config::parse(text, &paths, &words(&paths))
    }

    #[test]
    fn a_theme_whose_file_is_broken_is_told_with_its_line() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("themes")).unwrap();
        std::fs::write(directory.path().join("themes/mine.toml"), "\na = = 1\n").unwrap();

        let text = "theme = \"mine\"\n";
        let error = read_in(directory.path(), text, Words::strict).unwrap_err();

        assert!(error.to_string().contains("theme mine, line 2"), "{error}");
    }

    const KEYS: &str = "[keys]\nhlep = [\"F9\"]\nsend = [\"a\"]\nfilter = [\"y\"]\n\
                        find_job = [\"y\"]\npalette = []\nsearch = [\"F99\"]\n";

    #[test]
    fn whatever_is_wrong_with_the_keys_is_told_at_once_each_at_its_line() {
        let error = read(KEYS, Words::strict).unwrap_err();

        let lines: Vec<_> = error.problems().iter().map(|it| it.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7], "{error}");
    }

    #[test]
    fn keys_that_do_not_go_together_stop_no_command_without_a_console() {
        let conflict = "[keys]\nfilter = [\"y\"]\n";

        assert!(read(conflict, Words::new).is_ok());
        assert!(read(conflict, Words::strict).is_err());
    }

    #[test]
    fn an_answer_on_the_key_that_asks_is_told_at_its_line() {
        let keys = "[keys]\nhelp = [\"F1\"]\nsend_anyway = [\"F5\", \"Ctrl+S\"]\n";

        let error = read(keys, Words::strict).unwrap_err();

        let problem = error.problems().first().unwrap();
        assert_eq!(problem.line, 3, "{error}");
        assert!(
            error
                .to_string()
                .contains("F5 would open a question (send) and answer it (send_anyway)"),
            "{error}"
        );
    }
}
