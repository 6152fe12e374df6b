//! A list to choose from, narrowed by typing: palette, profiles, modules, themes, copies.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::base::{AttemptId, DataCenter, JobId, ProfileName};
use crate::bulk::rows::Target;
use crate::keymap::Command;
use crate::ledger::RowState;
use crate::tui::ui::field::TextField;
use crate::tui::ui::viewport::Viewport;

/// What choosing a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Run a command.
    Command(Command),
    /// Switch to a profile.
    Profile(ProfileName),
    /// Open the set-up guide for a data centre.
    SetUp(DataCenter),
    /// Put a module into the form.
    Module(String),
    /// Use a theme.
    Theme(String),
    /// Copy something of an attempt.
    Copy(AttemptId, CopyWhat),
    /// Copy something of a job.
    CopyJob(JobId, JobCopy),
    /// Show jobs of one status, or of all.
    JobStatus(Option<String>),
    /// Show rows of one state, or of all.
    RowState(Option<RowState>),
    /// Let a column of the file lead there.
    Target(usize, Option<Target>),
}

/// What of a job is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobCopy {
    /// The enriched data.
    Data,
    /// Status, what was asked and what was found.
    All,
    /// The id.
    Id,
}

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyWhat {
    /// The request as a curl command without its token.
    Curl,
    /// Request and answer as one JSON object.
    Json,
    /// The job's id, or the attempt's where there is no job.
    Id,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is matched and shown.
    pub text: String,
    /// What stands beside it.
    pub hint: String,
    /// What it means.
    pub choice: Choice,
}

/// The list and what has been typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Picker {
    /// The title: a verb.
    pub title: &'static str,
    /// What narrows the list.
    pub query: TextField,
    /// Every row.
    pub items: Vec<Item>,
    /// The rows that match, best first. Invalidated by `query` and `items`.
    pub matches: Vec<usize>,
    /// Which of them are seen.
    pub view: Viewport,
    /// Whether the rows are still being asked for.
    pub is_asked: bool,
    /// Whether nothing matched and the rows are what was perhaps meant. Invalidated by `query`.
    pub is_guess: bool,
}

/// Most rows that are proposed where nothing matches.
const GUESSES_MAX: usize = 3;
/// How like a word must be to what was typed.
const LIKE: f64 = 0.8;

impl Picker {
    /// A list of these rows.
    pub fn new(title: &'static str, items: Vec<Item>) -> Self {
        let mut picker = Self {
            title,
            query: TextField::default(),
            items,
            matches: Vec::new(),
            view: Viewport::default(),
            is_asked: false,
            is_guess: false,
        };
        picker.narrow();
        picker
    }

    /// Selects the row that means `choice`.
    pub fn select(&mut self, choice: &Choice, height: usize) {
        let place = self
            .matches
            .iter()
            .position(|index| self.items.get(*index).map(|item| &item.choice) == Some(choice));
        if let Some(place) = place {
            self.view.select(place, self.matches.len(), height);
        }
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Item> {
        self.matches
            .get(self.view.selected)
            .and_then(|index| self.items.get(*index))
    }

    /// Whether its rows are commands, which are explained below the list.
    pub fn explains(&self) -> bool {
        matches!(
            self.items.first().map(|item| &item.choice),
            Some(Choice::Command(_))
        )
    }

    /// The sentence on the selected row.
    pub fn about(&self) -> Option<&'static str> {
        match self.selected()?.choice {
            Choice::Command(command) => Some(command.help()),
            _ => None,
        }
    }

    /// Matches the rows against what has been typed.
    pub fn narrow(&mut self) {
        self.filter();
        self.is_guess = self.matches.is_empty() && self.explains();
        if self.is_guess {
            self.guess();
        }
    }

    /// The rows that hold a word like what was typed.
    fn guess(&mut self) {
        let query = self.query.value().trim().to_lowercase();
        let likeness = |item: &Item| {
            let text = item.text.to_lowercase();
            let words = text.split_whitespace().chain([text.as_str()]);
            words
                .map(|word| strsim::jaro_winkler(word, &query))
                .fold(0.0, f64::max)
        };
        let mut scored: Vec<(f64, usize)> = self
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| (likeness(item), index))
            .filter(|(likeness, _)| *likeness > LIKE)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let nearest = scored.into_iter().take(GUESSES_MAX);
        self.matches = nearest.map(|(_, index)| index).collect();
    }

    fn filter(&mut self) {
        let query = self.query.value().trim();
        self.view = Viewport::default();
        if query.is_empty() {
            self.matches = (0..self.items.len()).collect();
            return;
        }
        let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                // Of a command the key alone: where it is meant is no name of it.
                let hint = match item.choice {
                    Choice::Command(_) => item.hint.rsplit(": ").next().unwrap_or_default(),
                    _ => &item.hint,
                };
                let text = format!("{} {hint}", item.text);
                let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                Some((score, index))
            })
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        self.matches = scored.into_iter().map(|(_, index)| index).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picker() -> Picker {
        let items = [Command::Send, Command::ChooseProfile, Command::Quit]
            .into_iter()
            .map(|command| Item {
                text: command.title().to_owned(),
                hint: String::new(),
                choice: Choice::Command(command),
            })
            .collect();
        Picker::new("Find a command", items)
    }

    #[test]
    fn a_few_letters_find_the_row() {
        let mut picker = picker();
        picker.query.set("swpro");

        picker.narrow();

        assert_eq!(
            picker.selected().map(|item| &item.choice),
            Some(&Choice::Command(Command::ChooseProfile))
        );
        assert_eq!(picker.matches.len(), 1);
    }

    #[test]
    fn a_slip_of_the_finger_is_taken_for_what_is_like_it() {
        let mut picker = picker();
        picker.query.set("swich");
        picker.narrow();
        assert!(!picker.is_guess, "its letters are all there");
        picker.query.set("profiel");

        picker.narrow();

        assert!(picker.is_guess);
        assert_eq!(picker.about(), Some(Command::ChooseProfile.help()));
        picker.query.set("xyzzy");
        picker.narrow();
        assert_eq!(picker.matches, [] as [usize; 0]);
    }

    #[test]
    fn nothing_typed_shows_everything() {
        assert_eq!(picker().matches, [0, 1, 2]);
    }
}
