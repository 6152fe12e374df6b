//! The configuration file: read, refused with a place, changed without a loss.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ziadeck::base::{ApiVersion, DataCenter, Environment, ProfileName, Sanitized};
use ziadeck::config::{
    Binding, Config, ConfigEdit, ConfigError, Lenient, NewProfile, Paths, PathsInput, Refusal,
    Vocabulary,
};
use ziadeck::keymap::{Bindings, Chord, Command, Context, KeymapError};

fn paths() -> Paths {
    let input = PathsInput {
        config_flag: Some(PathBuf::from("/nowhere/config.toml")),
        data_dir_flag: Some(PathBuf::from("/nowhere/data")),
        env: [("HOME".into(), "/home/ada".into())].into(),
    };
    Paths::resolve(&input).unwrap_or_else(|error| panic!("{error}"))
}

/// A configuration: an error names places that exist, and an edit keeps everything else.
pub(crate) fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let paths = paths();
    let config = match Config::parse(&text, &paths, &Lenient) {
        Ok(config) => config,
        Err(error) => {
            check_problems(&text, &error);
            let edit = ConfigEdit::parse(Some(text.into_owned()), &paths);
            assert!(edit.is_err(), "a file with a problem is never changed");
            return;
        }
    };
    let open = || match ConfigEdit::parse(Some(text.clone().into_owned()), &paths) {
        Ok(edit) => edit,
        Err(error) => panic!("what can be read can be changed: {error}"),
    };
    let read = |edit: &ConfigEdit| match Config::parse(&edit.text(), &paths, &Lenient) {
        Ok(config) => config,
        Err(error) => panic!("{error}\n{:?}", edit.text()),
    };
    let same = read(&open());
    assert_eq!(essence(&same), essence(&config));

    let themed = open().set_theme("mono");
    let wanted = Config {
        theme: "mono".to_owned(),
        ..config.clone()
    };
    assert_eq!(essence(&read(&themed)), essence(&wanted));
    assert!(keeps_comments(&text, &themed.text()));

    let new = new_profile();
    if config.profiles.iter().any(|one| one.name == new.name) {
        let again = open().add_profile(&new);
        assert!(matches!(again, Err(ConfigError::ProfileExists { .. })));
        return;
    }
    let added = open().add_profile(&new).and_then(|edit| {
        assert_eq!(read(&edit).profiles.len(), config.profiles.len() + 1);
        edit.set_default_profile(new.name.as_str())
    });
    let added = added.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read(&added).default_profile.as_ref(), Some(&new.name));
    assert!(keeps_comments(&text, &added.text()));
    let removed = added.remove_profile(new.name.as_str());
    let removed = read(&removed.unwrap_or_else(|error| panic!("{error}")));
    let wanted = Config {
        default_profile: None,
        ..config
    };
    assert_eq!(essence(&removed), essence(&wanted));
}

fn new_profile() -> NewProfile {
    let name = "fuzz".parse::<ProfileName>();
    NewProfile {
        name: name.unwrap_or_else(|error| panic!("{error}")),
        data_center: DataCenter::Us,
        environment: Environment::default(),
        api_version: ApiVersion::default(),
        client_id: "1000.FUZZ".to_owned(),
        client_secret: None,
        limit: Some(7),
        default_module: None,
        loopback: None,
    }
}

/// A configuration without the places of its keys, which every edit may move, and with its
/// profiles in the order of their names.
fn essence(config: &Config) -> (Config, Vec<(String, Vec<String>)>) {
    let mut plain = config.clone();
    let mut keys: Vec<_> = std::mem::take(&mut plain.keys)
        .into_iter()
        .map(|binding| {
            let chords = binding.chords.into_iter().map(|chord| chord.text);
            (binding.command, chords.collect())
        })
        .collect();
    keys.sort();
    plain.profiles.sort_by(|a, b| a.name.cmp(&b.name));
    (plain, keys)
}

/// Whether every line of comment is still there. A text over several lines may look like one.
fn keeps_comments(before: &str, after: &str) -> bool {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let mut lost = before
        .lines()
        .filter(is_comment)
        .filter(|line| !after.lines().any(|other| other == *line));
    before.contains("\"\"\"") || before.contains("'''") || lost.next().is_none()
}

fn check_problems(text: &str, error: &ConfigError) {
    let ConfigError::Malformed { problems, .. } = error else {
        panic!("a text has problems and nothing else: {error}");
    };
    assert!(!problems.is_empty() && problems.len() <= 100);
    for problem in problems {
        let line = text.split('\n').nth(problem.line.wrapping_sub(1));
        let line = line.unwrap_or_else(|| panic!("line {} of {text:?}", problem.line));
        assert!((1..=line.chars().count() + 1).contains(&problem.column));
    }
    assert!(problems.is_sorted_by_key(|problem| (problem.line, problem.column)));
    for line in error.to_string().lines() {
        assert_eq!(Sanitized::new(line).as_str(), line);
    }
}

/// The words of the keymap, as the program lends them to the configuration.
struct Keys;

impl Vocabulary for Keys {
    fn command(&self, name: &str) -> Result<(), Refusal> {
        let is_one = Command::ALL.iter().any(|command| command.name() == name);
        is_one.then_some(()).ok_or_else(|| Refusal {
            message: format!("{name:?} is no command"),
            hint: None,
        })
    }

    fn chord(&self, _command: &str, chord: &str) -> Result<(), Refusal> {
        let parsed = chord.parse::<Chord>().map_err(|error| Refusal {
            message: error.to_string(),
            hint: None,
        })?;
        let text = parsed.to_string();
        assert_eq!(
            Sanitized::new(&text).as_str(),
            text,
            "a key is shown as it is"
        );
        assert_eq!(text.parse(), Ok(parsed), "a key has one spelling");
        Ok(())
    }

    fn theme(&self, _name: &str) -> Result<(), Refusal> {
        Ok(())
    }
}

/// The keys of a configuration: a conflict is one in either order, what is accepted reaches its
/// command, and nothing that spends is on a key that is pressed by the way.
pub(crate) fn keymap(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let config = match Config::parse(&text, &paths(), &Keys) {
        Ok(config) => config,
        Err(error) => return check_problems(&text, &error),
    };
    let changes: Vec<(&str, Vec<String>)> = config.keys.iter().map(Binding::texts).collect();
    let bind = |changes: &mut dyn Iterator<Item = &(&'static str, Vec<String>)>| {
        Bindings::with_changes(changes.map(|(name, chords)| (*name, chords.as_slice())))
    };
    let known: Vec<(&'static str, Vec<String>)> = changes
        .iter()
        .filter_map(|(name, chords)| {
            let command = Command::ALL
                .iter()
                .find(|command| command.name() == *name)?;
            Some((command.name(), chords.clone()))
        })
        .collect();
    assert_eq!(known.len(), changes.len());
    let forwards = bind(&mut known.iter());
    let backwards = bind(&mut known.iter().rev());
    // The same is wrong whatever the order of the lines.
    let told = |bound: &Result<Bindings, Vec<KeymapError>>| {
        let errors = bound.as_ref().err().into_iter().flatten();
        errors.map(ToString::to_string).collect::<BTreeSet<_>>()
    };
    assert_eq!(told(&forwards), told(&backwards));
    match forwards {
        Ok(bindings) => check_bindings(&bindings, &known),
        Err(errors) => {
            for error in errors {
                assert!(
                    known.iter().any(|(name, _)| error.is_about(name)),
                    "an error is about a line of the file: {error}"
                );
            }
        }
    }
}

fn check_bindings(bindings: &Bindings, changes: &[(&'static str, Vec<String>)]) {
    for (name, chords) in changes {
        let command = Command::ALL.iter().find(|command| command.name() == *name);
        let command = *command.unwrap_or_else(|| panic!("{name}"));
        assert_eq!(bindings.chords(command).len(), chords.len());
    }
    for command in Command::ALL {
        for chord in bindings.chords(*command) {
            assert!(command.fits(*chord), "{command} {chord}");
            for context in command.contexts() {
                if *context != Context::Text || chord.typed().is_none() {
                    assert_eq!(bindings.lookup(&[*context], *chord), Some(*command));
                }
            }
        }
    }
    for command in [Command::Palette, Command::Quit, Command::Back] {
        assert!(!bindings.chords(command).is_empty(), "{command}");
    }
}
