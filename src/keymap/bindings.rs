//! Chords to commands: the defaults, changed by the configuration.

use std::collections::BTreeMap;

use super::chord::{Chord, ChordError};
use super::command::{Command, Context};

/// Which command each chord means in each context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bindings {
    by_chord: BTreeMap<(Context, Chord), Command>,
    by_command: BTreeMap<Command, Vec<Chord>>,
}

/// Why the `[keys]` of the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No command has the name.
    #[error("{name:?} is not a command{}", nearest.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    UnknownCommand {
        /// The name as written.
        name: String,
        /// The most similar name.
        nearest: Option<&'static str>,
    },
    /// The text is not a chord.
    #[error("keys of {command}: {error}")]
    Chord {
        /// The command whose key it would be.
        command: Command,
        /// What is wrong with it.
        error: ChordError,
    },
    /// Two commands want one chord.
    #[error("{chord} is given to both {first} and {second}; {title}, only one can have it{}", by_default.map(|command| format!(" ({command} has it unless keys.{command} gives it others)")).unwrap_or_default(), title = lower_first(context.title()))]
    Conflict {
        /// The chord.
        chord: Chord,
        /// Where both would mean something.
        context: Context,
        /// One of them.
        first: Command,
        /// The other.
        second: Command,
        /// Which of them the configuration does not name, and has it from the table.
        by_default: Option<Command>,
    },
    /// Without these there is no way out or around.
    #[error("{0} needs at least one key")]
    NeedsKey(Command),
    /// What may spend a unit takes a key that nobody presses by the way.
    #[error(
        "{command} may spend a unit and cannot be on {chord}; take a function key, or one with Ctrl or Alt{}", if *command == Command::Send { "" } else { ", or a character" }
    )]
    Careless {
        /// The command.
        command: Command,
        /// The key.
        chord: Chord,
    },
    /// One key would open a question and answer it.
    #[error("{chord} would open a question ({opens}) and answer it ({answers}); give one of them another key{}", by_default.map(|command| format!(" ({command} has it unless keys.{command} gives it others)")).unwrap_or_default())]
    SelfAnswering {
        /// The key.
        chord: Chord,
        /// What opens the question.
        opens: Command,
        /// What answers it.
        answers: Command,
        /// Which of them the configuration does not name, and has it from the table.
        by_default: Option<Command>,
    },
}

impl KeymapError {
    /// Whether the error is about the keys of this command.
    pub fn is_about(&self, command: &str) -> bool {
        let about: &[&str] = match self {
            Self::UnknownCommand { name, .. } => return shortened(command) == *name,
            Self::Chord { command, .. }
            | Self::NeedsKey(command)
            | Self::Careless { command, .. } => &[command.name()],
            Self::Conflict { first, second, .. } => &[first.name(), second.name()],
            Self::SelfAnswering { opens, answers, .. } => &[opens.name(), answers.name()],
        };
        about.contains(&command)
    }
}

impl Bindings {
    /// The default keys with the changes of the configuration: command name to chords. A command
    /// that is named there has exactly the chords given; an empty list takes its keys away.
    ///
    /// # Errors
    /// Every entry that cannot be used.
    pub fn with_changes<'a>(
        changes: impl IntoIterator<Item = (&'a str, &'a [String])>,
    ) -> Result<Self, Vec<KeymapError>> {
        let mut errors = Vec::new();
        let mut chords: BTreeMap<Command, Vec<Chord>> = BTreeMap::new();
        for command in Command::ALL {
            match parse(*command, command.default_chords()) {
                Ok(parsed) => drop(chords.insert(*command, parsed)),
                Err(error) => errors.push(error),
            }
        }
        let mut named = Vec::new();
        for (name, keys) in changes {
            match changed(name, keys) {
                Ok((command, parsed)) => {
                    named.push(command);
                    chords.insert(command, parsed);
                }
                Err(error) => {
                    // What its keys are to be nobody knows, so they are at odds with nothing.
                    if let Ok(command) = find(name) {
                        chords.insert(command, Vec::new());
                    }
                    errors.push(error);
                }
            }
        }
        let by_chord = by_chord(&chords, &named, &mut errors);
        errors.extend(self_answering(&chords, &named));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            by_chord,
            by_command: chords,
        })
    }

    /// The command of a chord in the contexts of the focus, nearest first. Where text is typed,
    /// a chord that types a character is text and no command.
    pub fn lookup(&self, contexts: &[Context], chord: Chord) -> Option<Command> {
        if contexts.contains(&Context::Text) && chord.typed().is_some() {
            return None;
        }
        contexts
            .iter()
            .find_map(|context| self.by_chord.get(&(*context, chord)).copied())
    }

    /// The command's first chord that really means it in these contexts.
    pub fn shown(&self, contexts: &[Context], command: Command) -> Option<Chord> {
        self.chords(command)
            .iter()
            .copied()
            .find(|chord| self.lookup(contexts, *chord) == Some(command))
    }

    /// All chords of a command.
    pub fn chords(&self, command: Command) -> &[Chord] {
        self.by_command.get(&command).map_or(&[], Vec::as_slice)
    }

    /// The commands that a key reaches in these contexts, in the order of the table.
    pub fn reachable(&self, contexts: &[Context]) -> Vec<(Command, Vec<Chord>)> {
        Command::ALL
            .iter()
            .filter_map(|command| {
                let chords: Vec<Chord> = self
                    .chords(*command)
                    .iter()
                    .copied()
                    .filter(|chord| self.lookup(contexts, *chord) == Some(*command))
                    .collect();
                (!chords.is_empty()).then_some((*command, chords))
            })
            .collect()
    }
}

impl Default for Bindings {
    fn default() -> Self {
        // A test holds the table free of conflicts; were it not, no key at all would tell.
        Self::with_changes(std::iter::empty()).unwrap_or_else(|_| Self {
            by_chord: BTreeMap::new(),
            by_command: BTreeMap::new(),
        })
    }
}

/// One line of the configuration.
fn changed(name: &str, keys: &[String]) -> Result<(Command, Vec<Chord>), KeymapError> {
    let command = find(name)?;
    let parsed = parse(command, keys)?;
    if let Some(chord) = careless(command, &parsed) {
        return Err(KeymapError::Careless { command, chord });
    }
    if parsed.is_empty() && matches!(command, Command::Palette | Command::Quit | Command::Back) {
        return Err(KeymapError::NeedsKey(command));
    }
    Ok((command, parsed))
}

/// Which command each chord means where. Two commands on one chord in one place are an error, and so
/// is one for every screen beside one for everywhere: the latter could never be meant.
fn by_chord(
    chords: &BTreeMap<Command, Vec<Chord>>,
    named: &[Command],
    errors: &mut Vec<KeymapError>,
) -> BTreeMap<(Context, Chord), Command> {
    let mut by_chord = BTreeMap::new();
    let mut told = Vec::new();
    let all = chords
        .iter()
        .flat_map(|(command, chords)| chords.iter().map(move |chord| (*command, *chord)));
    for (command, chord) in all {
        for context in command.contexts() {
            let before = by_chord.insert((*context, chord), command);
            let wider = match context {
                Context::Screen => by_chord.get(&(Context::Always, chord)).copied(),
                _ => None,
            };
            let Some(first) = before.or(wider).filter(|first| *first != command) else {
                continue;
            };
            if !told.contains(&(chord, first, command)) {
                told.push((chord, first, command));
                errors.push(KeymapError::Conflict {
                    chord,
                    context: *context,
                    first,
                    second: command,
                    by_default: [first, command]
                        .into_iter()
                        .find(|command| !named.contains(command)),
                });
            }
        }
    }
    by_chord
}

/// Keys that would open a question and answer it: held down, such a key is an answer that nobody
/// gave. What is answered by Enter demands a text first, so Enter may still open what spends nothing.
fn self_answering(chords: &BTreeMap<Command, Vec<Chord>>, named: &[Command]) -> Vec<KeymapError> {
    let of = |command: Command| chords.get(&command).map_or(&[][..], Vec::as_slice);
    let mut errors = Vec::new();
    for answers in [Command::SendAnyway, Command::Accept] {
        let opens = |command: &Command| match answers {
            Command::SendAnyway => command.may_ask() && *command != answers,
            _ => command.is_guarded() && *command != Command::SendAnyway,
        };
        for opens in Command::ALL.iter().copied().filter(opens) {
            let chord = of(answers).iter().find(|chord| of(opens).contains(chord));
            errors.extend(chord.map(|chord| {
                KeymapError::SelfAnswering {
                    chord: *chord,
                    opens,
                    answers,
                    by_default: [opens, answers]
                        .into_iter()
                        .find(|command| !named.contains(command)),
                }
            }));
        }
    }
    errors
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_lowercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// The first chord that is too easily pressed for what the command may do.
fn careless(command: Command, chords: &[Chord]) -> Option<Chord> {
    let mut chords = chords.iter().copied();
    chords.find(|chord| !command.fits(*chord))
}

fn find(name: &str) -> Result<Command, KeymapError> {
    Command::ALL
        .iter()
        .copied()
        .find(|command| command.name() == name)
        .ok_or_else(|| KeymapError::UnknownCommand {
            name: shortened(name),
            nearest: nearest(name),
        })
}

/// As much of a name as an error repeats.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

fn nearest(name: &str) -> Option<&'static str> {
    let names = Command::ALL.iter().map(|command| command.name());
    crate::base::nearest(name, 0.8, names.map(|name| (name, name)))
}

fn parse<S: AsRef<str>>(command: Command, keys: &[S]) -> Result<Vec<Chord>, KeymapError> {
    keys.iter()
        .map(|key| {
            key.as_ref()
                .parse()
                .map_err(|error| KeymapError::Chord { command, error })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[Context] = &[
        Context::Form,
        Context::Text,
        Context::Screen,
        Context::Always,
    ];
    const LOG: &[Context] = &[
        Context::Log,
        Context::List,
        Context::Screen,
        Context::Always,
    ];

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    fn changed(name: &str, keys: &[&str]) -> Result<Bindings, KeymapError> {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        Bindings::with_changes([(name, keys.as_slice())]).map_err(|mut errors| errors.remove(0))
    }

    #[test]
    fn the_table_has_no_conflict() {
        let bindings = Bindings::with_changes(std::iter::empty()).unwrap();

        assert_eq!(bindings, Bindings::default());
        assert_eq!(bindings.lookup(FORM, chord("F5")), Some(Command::Send));
    }

    #[test]
    fn a_letter_is_text_in_a_field_and_a_command_in_a_list() {
        let bindings = Bindings::default();

        assert_eq!(bindings.lookup(FORM, chord("q")), None);
        assert_eq!(bindings.lookup(LOG, chord("q")), Some(Command::Quit));
    }

    #[test]
    fn the_nearest_context_wins() {
        let bindings = Bindings::default();

        assert_eq!(
            bindings.lookup(LOG, chord("Enter")),
            Some(Command::OpenAttempt)
        );
        assert_eq!(
            bindings.lookup(FORM, chord("Enter")),
            Some(Command::NextField)
        );
    }

    #[test]
    fn a_changed_key_replaces_the_default() {
        let bindings = changed("send", &["F11"]).unwrap();

        assert_eq!(bindings.lookup(FORM, chord("F11")), Some(Command::Send));
        assert_eq!(bindings.lookup(FORM, chord("F5")), None);
        assert_eq!(bindings.shown(FORM, Command::Send), Some(chord("F11")));
    }

    #[test]
    fn a_conflict_names_both_commands() {
        let error = changed("send", &["Ctrl+O"]).unwrap_err().to_string();

        assert!(
            error.contains("send") && error.contains("choose_profile"),
            "{error}"
        );
    }

    #[test]
    fn every_conflict_is_told_once_and_says_which_side_is_the_default() {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let (search, find, send) = (keys(&["y"]), keys(&["y"]), keys(&["x"]));

        let errors = Bindings::with_changes([
            ("search", search.as_slice()),
            ("find_job", find.as_slice()),
            ("send", send.as_slice()),
        ])
        .unwrap_err();

        let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 3, "{texts:#?}");
        assert!(
            texts[1].contains("copy has it unless keys.copy"),
            "{texts:#?}"
        );
    }

    #[rstest::rstest]
    #[case("help", "F5")]
    #[case("send", "F1")]
    #[case("show_jobs", "q")]
    fn a_key_for_everywhere_is_not_hidden_by_one_for_every_screen(
        #[case] command: &str,
        #[case] key: &str,
    ) {
        let error = changed(command, &[key]).unwrap_err();

        assert!(matches!(error, KeymapError::Conflict { .. }), "{error}");
    }

    #[rstest::rstest]
    #[case("send", "Enter")]
    #[case("send", "x")]
    #[case("send", "Space")]
    #[case("send_anyway", "Esc")]
    #[case("send_anyway", "Down")]
    #[case("send_anyway", "Enter")]
    #[case("send_anyway", "Space")]
    fn what_spends_is_on_no_key_that_is_pressed_by_the_way(
        #[case] command: &str,
        #[case] key: &str,
    ) {
        let error = changed(command, &[key]).unwrap_err();

        assert!(matches!(error, KeymapError::Careless { .. }), "{error}");
        assert!(error.is_about(command));
        assert!(changed(command, &["Alt+x"]).is_ok());
    }

    #[rstest::rstest]
    #[case::the_answer_on_the_key_that_sends("send_anyway", "F5")]
    #[case::and_on_the_other_one("send_anyway", "Ctrl+S")]
    #[case::the_answer_on_the_key_that_leaves("send_anyway", "Ctrl+Q")]
    #[case::the_answer_on_the_key_that_starts_a_run("send_anyway", "p")]
    #[case::a_run_started_by_the_answer("start_or_pause", "y")]
    #[case::a_typed_answer_on_the_key_that_sends("accept", "F5")]
    fn no_key_opens_a_question_and_answers_it(#[case] command: &str, #[case] key: &str) {
        let error = changed(command, &[key]).unwrap_err();

        assert!(
            matches!(error, KeymapError::SelfAnswering { .. }),
            "{error}"
        );
        assert!(error.is_about(command));
        assert!(
            error.to_string().contains("would open a question"),
            "{error}"
        );
    }

    #[test]
    fn an_answer_may_be_another_character_and_still_has_its_old_name() {
        let bindings = changed("send_anyway", &["Y"]).unwrap();

        let question = [Context::Question, Context::Popup, Context::Always];
        assert_eq!(bindings.lookup(&question, chord("y")), None);
        assert_eq!(
            bindings.lookup(&question, chord("Y")),
            Some(Command::SendAnyway)
        );
    }

    #[test]
    fn a_wrong_name_gets_the_nearest_one() {
        let error = changed("chose_profile", &["F12"]).unwrap_err();

        assert_eq!(
            error.to_string(),
            "\"chose_profile\" is not a command; did you mean \"choose_profile\"?"
        );
    }

    #[test]
    fn the_way_out_cannot_be_taken_away() {
        assert_eq!(
            changed("quit", &[]),
            Err(KeymapError::NeedsKey(Command::Quit))
        );
    }

    #[test]
    fn a_key_that_means_something_else_here_is_not_shown() {
        let bindings = Bindings::default();

        assert_eq!(bindings.shown(FORM, Command::Quit), Some(chord("Ctrl+Q")));
        assert_eq!(bindings.shown(FORM, Command::Filter), None);
    }
}
