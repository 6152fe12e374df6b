//! The configuration as a whole: text in, [`Config`] or every problem out.

use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use toml::de::DeTable;

use super::check::{Checker, Section, TextsShape};
use super::paths::Paths;
use super::problem::{ConfigError, Place, Problem, nearest};
use super::profile::{self, Around, Profile};
use super::vocabulary::Vocabulary;
use crate::base::guarded::{Distrust, open_word};
use crate::base::limits::SETTLE_DEFAULT;
use crate::base::{ProfileName, SecretSource, redact};

/// The keys at the top of the file.
pub const KEYS: [&str; 10] = [
    "default_profile",
    "theme",
    "selection",
    "settle_seconds",
    "retention_days",
    "mouse",
    "kitty_keyboard",
    "plain",
    "keys",
    "profiles",
];

/// A configuration file larger than this is not one.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Most keys of one command; nobody remembers more.
const CHORDS_MAX: usize = 16;

/// The theme unless one is named.
const THEME_DEFAULT: &str = "default-dark";

/// One line of `[keys]`, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The command.
    pub command: String,
    /// Where the command is named.
    pub place: Place,
    /// The chords that replace the command's own; none takes them all away.
    pub chords: Vec<Chord>,
}

impl Binding {
    /// The command's name and its chords.
    pub fn texts(&self) -> (&str, Vec<String>) {
        let chords = self.chords.iter().map(|chord| chord.text.clone());
        (&self.command, chords.collect())
    }
}

/// One chord, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chord {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What marks a selected row of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Selection {
    /// A sign at its beginning, and a ground of its own over the whole row.
    #[default]
    Row,
    /// The sign alone: a step writes a few characters instead of two rows.
    Mark,
}

impl Selection {
    /// The words of the file.
    const NAMES: [&'static str; 2] = ["row", "mark"];
}

impl FromStr for Selection {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "row" => Ok(Self::Row),
            "mark" => Ok(Self::Mark),
            other => Err(format!("{other:?} is not row or mark")),
        }
    }
}

/// A configuration without a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file it was read from, or would be.
    pub path: PathBuf,
    /// The profile when none is named.
    pub default_profile: Option<ProfileName>,
    /// The theme's name.
    pub theme: String,
    /// What marks a selected row.
    pub selection: Selection,
    /// How long reconcile waits for a job to appear.
    pub settle: Duration,
    /// Days after which bodies of settled attempts may be purged; absent keeps them.
    pub retention_days: Option<u32>,
    /// Whether the console takes the mouse.
    pub mouse: bool,
    /// Whether the console asks the terminal for the kitty keyboard protocol.
    pub kitty_keyboard: bool,
    /// Whether the linear mode without boxes opens instead of the console.
    pub plain: bool,
    /// The lines of `[keys]`, in the order of the file.
    pub keys: Vec<Binding>,
    /// The profiles, in the order of the file.
    pub profiles: Vec<Profile>,
    /// Why what was read is not taken for an order, if it is not: others may have had a hand on it.
    pub distrust: Option<Distrust>,
}

impl Config {
    /// The names of the environment variables that hold a client secret.
    pub fn secret_variables(&self) -> Vec<String> {
        let sources = self.profiles.iter().map(|one| &one.client_secret);
        sources
            .filter_map(|source| match source {
                Some(SecretSource::Env(name)) => Some(name.clone()),
                Some(SecretSource::File(_) | SecretSource::Command(_)) | None => None,
            })
            .collect()
    }

    /// The configuration of someone who has none.
    pub fn empty(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            default_profile: None,
            theme: THEME_DEFAULT.to_owned(),
            selection: Selection::default(),
            settle: SETTLE_DEFAULT,
            retention_days: None,
            mouse: false,
            kitty_keyboard: false,
            plain: false,
            keys: Vec::new(),
            profiles: Vec::new(),
            distrust: None,
        }
    }

    /// Reads the file; one that does not exist is an empty one.
    ///
    /// # Errors
    /// When the file cannot be read, or anything in it is wrong.
    pub fn load(paths: &Paths, vocabulary: &dyn Vocabulary) -> Result<Self, ConfigError> {
        let Some(read) = read_text(&paths.config_file)? else {
            return Ok(Self::empty(&paths.config_file));
        };
        Ok(Self {
            distrust: read.distrust,
            ..Self::parse(&read.text, paths, vocabulary)?
        })
    }

    /// Reads a text as if it stood in the configuration file, where nobody else has a hand on it.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] with every problem.
    pub fn parse(
        text: &str,
        paths: &Paths,
        vocabulary: &dyn Vocabulary,
    ) -> Result<Self, ConfigError> {
        let path = &paths.config_file;
        let mut checker = Checker::new(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        let is_toml = errors.iter().all(is_duplicate);
        if !is_toml {
            checker.hide_values();
        }
        let mut line_before = 0;
        let mut told_until = 0;
        for error in &errors {
            if checker.is_full() {
                continue;
            }
            let span = error.span().unwrap_or(0..0);
            let line = checker.line(&span);
            // One slip of syntax makes several errors on its line, and a doubled section doubles
            // each of its keys; the first error says it best.
            if line == line_before || (is_duplicate(error) && span.start < told_until) {
                continue;
            }
            line_before = line;
            if is_duplicate(error) {
                told_until = refuse_duplicate(&mut checker, text, span);
            } else {
                checker.refuse(span, "", error.message(), None);
            }
        }
        let mut config = Self::empty(path);
        // What was recovered from broken syntax is a guess; only a doubled key leaves it sound.
        if is_toml {
            let root = Section {
                table: document.get_ref(),
                path: String::new(),
                span: 0..0,
            };
            let around = Around {
                config_dir: path.parent().unwrap_or(Path::new("/")),
                home: paths.home.as_deref(),
            };
            read_root(&mut config, &mut checker, &root, (vocabulary, around));
        }
        let problems = checker.into_problems();
        if problems.is_empty() {
            return Ok(config);
        }
        Err(malformed(path, text, problems))
    }

    /// The profile to use: the one named, else the default, else the only one.
    ///
    /// # Errors
    /// When there is no such profile, none at all, or several and none is chosen.
    pub fn profile(&self, name: Option<&str>) -> Result<&Profile, ConfigError> {
        let wanted = name.or(self.default_profile.as_ref().map(ProfileName::as_str));
        let names = || self.profiles.iter().map(|profile| profile.name.as_str());
        if self.profiles.is_empty() && name.is_none() {
            let path = self.path.clone();
            return Err(ConfigError::NoProfiles { path });
        }
        let Some(wanted) = wanted else {
            return match self.profiles.as_slice() {
                [only] => Ok(only),
                _ => Err(ConfigError::NoDefault {
                    names: names().map(str::to_owned).collect(),
                }),
            };
        };
        let mut profiles = self.profiles.iter();
        profiles
            .find(|profile| profile.name.as_str() == wanted)
            .ok_or_else(|| ConfigError::NoProfile {
                name: wanted.to_owned(),
                nearest: nearest(wanted, names()).map(str::to_owned),
            })
    }

    /// An error about places of this file that another module found, such as two commands that
    /// are bound to one chord.
    pub fn malformed(&self, problems: Vec<Problem>) -> ConfigError {
        ConfigError::Malformed {
            path: self.path.clone(),
            problems,
        }
    }
}

/// What was read.
pub(super) struct Read {
    pub(super) text: String,
    /// Why it is no order, judged by the file that it was read from.
    pub(super) distrust: Option<Distrust>,
}

/// The text of a file, or `None` when there is no such file.
pub(super) fn read_text(path: &Path) -> Result<Option<Read>, ConfigError> {
    let unreadable = |source: io::Error| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let Some(word) = open_word(path).map_err(|error| unreadable(error.into()))? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    word.file
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_BYTES_MAX) {
        return Err(unreadable(io::Error::other("it is larger than 1 MiB")));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(Read {
            text,
            distrust: word.distrust,
        })),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let text = String::from_utf8_lossy(&bytes);
            let mut checker = Checker::new(&text);
            checker.hide_values();
            let message = "the file is not UTF-8 from here on";
            checker.refuse(valid..valid + 1, "", message, None);
            Err(malformed(path, &text, checker.into_problems()))
        }
    }
}

/// What is wrong with a file; of one that may be a secret nothing but that.
fn malformed(path: &Path, text: &str, problems: Vec<Problem>) -> ConfigError {
    let problems = match redact::is_secret_file(text) {
        true => vec![Problem::of_a_secret()],
        false => problems,
    };
    ConfigError::Malformed {
        path: path.to_owned(),
        problems,
    }
}

fn is_duplicate(error: &toml::de::Error) -> bool {
    error.message().starts_with("duplicate key")
}

/// Says what is defined twice, and answers up to where that has been told.
fn refuse_duplicate(checker: &mut Checker<'_>, text: &str, span: Range<usize>) -> usize {
    let name = text.get(span.clone()).unwrap_or_default();
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.start..).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    let end = after.find("\n[").map_or(text.len(), |at| span.start + at);
    let (what, key_path) = if line.starts_with("[profiles.") {
        ("the profile", format!("profiles.{name}"))
    } else {
        ("the key", name.to_owned())
    };
    let is_section = line.starts_with('[');
    let message = format!("{what} {name:?} is defined twice");
    let hint = "keep one of them, or give the second another name".to_owned();
    checker.refuse(span, &key_path, message, Some(hint));
    if is_section { end } else { 0 }
}

fn read_root(
    config: &mut Config,
    checker: &mut Checker<'_>,
    root: &Section<'_, '_>,
    (vocabulary, around): (&dyn Vocabulary, Around<'_>),
) {
    let elsewhere = "this key belongs in a [profiles.NAME] section";
    checker.unknown_keys(root, &KEYS, (&profile::KEYS, elsewhere));
    if let Some(theme) = checker.text(root, "theme") {
        match vocabulary.theme(theme.value) {
            Ok(()) => config.theme = theme.value.to_owned(),
            Err(refusal) => checker.refuse(theme.span, "theme", refusal.message, refusal.hint),
        }
    }
    let selection = checker.parsed::<Selection>(root, "selection", &Selection::NAMES);
    config.selection = selection.map(|found| found.value).unwrap_or_default();
    if let Some(settle) = checker.number(root, "settle_seconds", 0..=86_400_u64) {
        config.settle = Duration::from_secs(settle.value);
    }
    let retention = checker.number(root, "retention_days", 1..=36_500_u32);
    config.retention_days = retention.map(|found| found.value);
    config.mouse = checker.boolean(root, "mouse").unwrap_or_default();
    config.kitty_keyboard = checker.boolean(root, "kitty_keyboard").unwrap_or_default();
    config.plain = checker.boolean(root, "plain").unwrap_or_default();
    config.keys = read_keys(checker, root, vocabulary);
    let named = read_profiles(config, checker, root, around);
    let Some(default) = checker.parsed::<ProfileName>(root, "default_profile", &[]) else {
        return;
    };
    if !named.iter().any(|name| name == default.value.as_str()) {
        let message = format!("there is no profile {:?}", default.value.as_str());
        let near = nearest(default.value.as_str(), named.iter().map(String::as_str));
        let hint = near.map(|name| format!("did you mean {name:?}?"));
        checker.refuse(default.span.clone(), "default_profile", message, hint);
    }
    config.default_profile = Some(default.value);
}

fn read_keys(
    checker: &mut Checker<'_>,
    root: &Section<'_, '_>,
    vocabulary: &dyn Vocabulary,
) -> Vec<Binding> {
    let Some(section) = checker.table(root, "keys") else {
        return Vec::new();
    };
    let mut keys: Vec<_> = section.table.keys().collect();
    keys.sort_by_key(|key| key.span().start);
    let mut bindings = Vec::new();
    for key in keys {
        if checker.is_full() {
            break;
        }
        let command: &str = key.get_ref();
        if let Err(refusal) = vocabulary.command(command) {
            let path = section.path_of(command);
            checker.refuse(key.span(), &path, refusal.message, refusal.hint);
        }
        let Some(found) = checker.texts(&section, command, TextsShape::OneOrArray) else {
            continue;
        };
        if found.value.len() > CHORDS_MAX {
            let message = format!("{command} has more than {CHORDS_MAX} keys");
            checker.refuse(found.span, &section.path_of(command), message, None);
            continue;
        }
        let mut chords = Vec::new();
        for chord in found.value {
            if let Err(refusal) = vocabulary.chord(command, chord.value) {
                let path = section.path_of(command);
                checker.refuse(chord.span.clone(), &path, refusal.message, refusal.hint);
            }
            chords.push(Chord {
                text: chord.value.to_owned(),
                place: checker.place(chord.span),
            });
        }
        bindings.push(Binding {
            command: command.to_owned(),
            place: checker.place(key.span()),
            chords,
        });
    }
    for (index, refusal) in vocabulary.keys(&bindings) {
        if let Some(line) = bindings.get(index) {
            let path = section.path_of(&line.command);
            checker.refuse_at(&line.place, &path, refusal);
        }
    }
    bindings
}

/// Reads all profiles; the answer is every name, also of profiles with problems of their own.
fn read_profiles(
    config: &mut Config,
    checker: &mut Checker<'_>,
    root: &Section<'_, '_>,
    around: Around<'_>,
) -> Vec<String> {
    let Some(section) = checker.table(root, "profiles") else {
        return Vec::new();
    };
    let mut keys: Vec<_> = section.table.keys().collect();
    keys.sort_by_key(|key| key.span().start);
    let mut names = Vec::new();
    for key in keys {
        let name: &str = key.get_ref();
        names.push(name.to_owned());
        let parsed = match name.parse::<ProfileName>() {
            Ok(parsed) => parsed,
            Err(error) => {
                checker.refuse(key.span(), &section.path_of(name), error.to_string(), None);
                continue;
            }
        };
        let Some(table) = checker.table(&section, name) else {
            continue;
        };
        if let Some(profile) = profile::read(checker, &table, parsed, around) {
            config.profiles.push(profile);
        }
    }
    names
}
