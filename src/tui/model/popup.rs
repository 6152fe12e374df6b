//! What can lie over a screen.

use super::decide::Decide;
use super::guide::{Guide, Step};
use super::picker::Picker;
use super::plan::PlanForm;
use super::records::Records;
use super::setup::GrantCode;
use super::unknowns::Unknowns;
use crate::base::{EnrichmentKind, ModuleName, Outcome, ProfileName, RunId};
use crate::keymap::{Command, Context};
use crate::tui::data::attempt::{LogFilter, Whose};
use crate::tui::effects::Submit;
use crate::tui::ui::field::TextField;
use crate::tui::ui::text::RichLine;
use crate::tui::ui::viewport::Viewport;

/// A popup.
#[derive(Debug, Clone, PartialEq)]
pub enum Popup {
    /// The keys of the contexts that were active.
    Help(Help),
    /// A list to choose from.
    Pick(Picker),
    /// What the log shows.
    Filter(FilterForm),
    /// A question before something is sent.
    Confirm(Confirm),
    /// A question before a person's decision.
    Decide(Decide),
    /// A line that is asked for.
    Prompt(Prompt),
    /// Planning a run.
    Plan(Box<PlanForm>),
    /// A grant code that is asked for.
    GrantCode(Box<GrantCode>),
    /// The unknowns.
    Unknowns(Box<Unknowns>),
    /// Records that can fill the form.
    Records(Box<Records>),
    /// The set-up guide.
    Guide(Box<Guide>),
}

impl Popup {
    /// The contexts while it is on top, nearest first.
    pub fn contexts(&self) -> Vec<Context> {
        let types_text = match self {
            Self::Help(_) => false,
            Self::Pick(_) | Self::Records(_) => true,
            Self::Filter(form) => form.field().is_some(),
            Self::Confirm(confirm) => confirm.typed.is_some(),
            Self::Decide(decide) => decide.typed.is_some(),
            Self::Prompt(_) => true,
            Self::GrantCode(code) => !code.is_working,
            Self::Plan(form) => form.field().is_some(),
            Self::Unknowns(_) => {
                return vec![
                    Context::Unknowns,
                    Context::Popup,
                    Context::List,
                    Context::Always,
                ];
            }
            Self::Guide(guide) => guide.types_text(),
        };
        let asks_code = match self {
            Self::GrantCode(code) => !code.is_working,
            Self::Guide(guide) => guide.types_text() && guide.step == Step::Code,
            _ => false,
        };
        // What demands a text is answered by that, not by a key.
        let first = match self {
            Self::Confirm(_) | Self::Decide(_) if !types_text => Some(Context::Question),
            Self::Plan(form) if form.is_open() => Some(Context::Plan),
            _ if asks_code => Some(Context::GrantCode),
            _ => None,
        };
        let mut contexts: Vec<Context> = first.into_iter().collect();
        contexts.push(Context::Popup);
        if types_text {
            contexts.push(Context::Text);
        }
        contexts.extend([Context::List, Context::Always]);
        contexts
    }
}

/// A line that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked.
    pub title: String,
    /// What is good to know.
    pub hint: &'static str,
    /// What is typed.
    pub field: TextField,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a typed line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The file that the rows of a run are written to.
    Export(RunId),
    /// The CRM field that feeds an input, or takes an output.
    MapInput(Box<InputOf>),
}

/// An input or an output of an enrichment configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputOf {
    /// Whose organisation.
    pub profile: ProfileName,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// Which module.
    pub module: ModuleName,
    /// The configuration's word for it, with its side.
    pub name: String,
}

/// A row of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRow {
    /// Where the keys below mean something.
    Heading(&'static str),
    /// Keys, and what they do; one of the two is empty where the other needs more rows.
    Keys(String, RichLine),
    /// A line of a text.
    Line(String),
    /// Nothing.
    Blank,
}

/// A text that is scrolled: the help, or what a person must read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// What must be read, as it was told; `None` for the help. `rows` are laid out from it anew when
    /// the width changes.
    pub told: Option<String>,
    /// From top to bottom.
    pub rows: Vec<HelpRow>,
    /// Which rows are seen.
    pub view: Viewport,
}

/// A question before a request goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    /// What is asked.
    pub question: String,
    /// Why, and the numbers before and after.
    pub lines: Vec<String>,
    /// What must be typed first, where that is demanded.
    pub typed: Option<TextField>,
    /// What goes out then.
    pub submit: Submit,
}

/// The word that overrides the limit.
pub const OVERRIDE_WORD: &str = "override";

impl Confirm {
    /// Whether the command answers it with yes: its own key, or Enter where what is demanded was
    /// typed.
    pub fn is_answered_by(&self, command: Command) -> bool {
        match &self.typed {
            Some(typed) => command == Command::Accept && typed.value().trim() == OVERRIDE_WORD,
            None => command == Command::SendAnyway,
        }
    }
}

/// A row of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterRow {
    /// One profile or all of them.
    Profile,
    /// One outcome.
    Outcome(Outcome),
    /// The code.
    Code,
    /// Since when.
    Since,
    /// Whose.
    Whose,
}

/// The filter while it is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterForm {
    /// The row with the focus.
    pub selected: usize,
    /// This profile, or all.
    pub profile: Option<ProfileName>,
    /// The profile on screen.
    pub active: Option<ProfileName>,
    /// The chosen outcomes; all when empty.
    pub outcomes: Vec<Outcome>,
    /// The code, as typed.
    pub code: TextField,
    /// Since when, as typed: `2h`, `3d`, `2026-11-01`.
    pub since: TextField,
    /// Whose.
    pub whose: Whose,
    /// What is wrong with what was typed.
    pub problem: Option<String>,
}

impl FilterForm {
    /// A form that shows a filter.
    pub fn of(filter: &LogFilter, active: Option<ProfileName>) -> Self {
        Self {
            selected: 0,
            profile: filter.profile.clone(),
            active,
            outcomes: filter.outcomes.clone(),
            code: TextField::of(filter.code.as_deref().unwrap_or("")),
            since: TextField::of(
                &filter
                    .since
                    .map(|since| since.to_string())
                    .unwrap_or_default(),
            ),
            whose: filter.whose,
            problem: None,
        }
    }

    /// The rows from top to bottom.
    pub fn rows() -> Vec<FilterRow> {
        [
            FilterRow::Profile,
            FilterRow::Whose,
            FilterRow::Since,
            FilterRow::Code,
        ]
        .into_iter()
        .chain(Outcome::ALL.into_iter().map(FilterRow::Outcome))
        .collect()
    }

    /// The row with the focus.
    pub fn row(&self) -> FilterRow {
        Self::rows()
            .get(self.selected)
            .copied()
            .unwrap_or(FilterRow::Profile)
    }

    /// The text field with the focus, if it is one.
    pub fn field(&self) -> Option<&TextField> {
        match self.row() {
            FilterRow::Code => Some(&self.code),
            FilterRow::Since => Some(&self.since),
            FilterRow::Profile | FilterRow::Outcome(_) | FilterRow::Whose => None,
        }
    }

    /// The same, to be typed into.
    pub fn field_mut(&mut self) -> Option<&mut TextField> {
        match self.row() {
            FilterRow::Code => Some(&mut self.code),
            FilterRow::Since => Some(&mut self.since),
            FilterRow::Profile | FilterRow::Outcome(_) | FilterRow::Whose => None,
        }
    }
}
