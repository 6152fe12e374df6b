//! Records of the CRM that can fill the form: what is looked for, what was found, and what the
//! selected one would change.
//!
//! ```text
//!  text ─► searched ─► list (page by page) ─► selected ─► changes ─► the form
//! ```
//! Nothing is asked while the text is typed: a search costs the organisation API credits.

use super::Failure;
use super::log::short_id;
use crate::base::{EnrichmentKind, ModuleName, ProfileName};
use crate::enrichment::{Draft, Field};
use crate::ops::prefill::{Found, FoundPage, overwritten};
use crate::theme::Role;
use crate::tui::effects::Wanted;
use crate::tui::ui::field::TextField;
use crate::tui::ui::text::{RichLine, fitted, padded};
use crate::tui::ui::viewport::Viewport;
use crate::zoho::query::RecordPlace;

/// Most rows that one search shows; whoever wants more gives another word.
pub const RECORDS_MAX: usize = 2_000;

/// The records and how they are looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Records {
    /// Whose organisation.
    pub profile: ProfileName,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module.
    pub module: ModuleName,
    /// A record's id or words, as typed.
    pub query: TextField,
    /// The text that `list` answers or will answer.
    pub searched: String,
    /// What was found so far.
    pub list: Vec<Found>,
    /// The next page, if there is one.
    pub next: Option<RecordPlace>,
    /// Which rows are seen.
    pub view: Viewport,
    /// The last question; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// Whether it is not answered yet.
    pub is_asked: bool,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// What becomes of an input; what matters most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// Something else stood there.
    Overwritten,
    /// It was empty.
    Filled,
    /// It stands there already.
    Same,
}

/// One input that a record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The input's label.
    pub label: &'static str,
    /// What stands in the form.
    pub old: String,
    /// What the record holds.
    pub new: String,
    /// What becomes of it.
    pub becomes: Becomes,
}

impl Records {
    /// Nothing found yet.
    pub fn new(profile: ProfileName, kind: EnrichmentKind, module: ModuleName) -> Self {
        Self {
            profile,
            kind,
            module,
            query: TextField::default(),
            searched: String::new(),
            list: Vec::new(),
            next: None,
            view: Viewport::default(),
            ticket: 0,
            is_asked: false,
            failure: None,
        }
    }

    /// Whether the list answers what is typed.
    pub fn is_current(&self) -> bool {
        self.query.value().trim() == self.searched
    }

    /// The selected record.
    pub fn selected(&self) -> Option<&Found> {
        self.list.get(self.view.selected)
    }

    /// The first page for what is typed: digits are a record's id, everything else is words.
    pub fn wanted(&self) -> Wanted {
        let text = self.query.value().trim();
        match text.parse() {
            Ok(id) => Wanted::Record(id),
            Err(_) => Wanted::Page {
                word: (!text.is_empty()).then(|| text.to_owned()),
                place: RecordPlace::Page(1),
            },
        }
    }

    /// The page behind those that are here.
    pub fn wanted_next(&self) -> Option<Wanted> {
        let place = self.next.clone()?;
        (self.list.len() < RECORDS_MAX).then(|| Wanted::Page {
            word: (!self.searched.is_empty()).then(|| self.searched.clone()),
            place,
        })
    }

    /// Takes a page in.
    pub fn take(&mut self, page: FoundPage) {
        self.list.extend(page.records);
        self.list.truncate(RECORDS_MAX);
        self.next = page.next;
    }

    /// What stands where no row does.
    pub fn blank(&self) -> Option<(Role, String)> {
        if let Some(failure) = &self.failure {
            return Some((Role::Error, failure.to_string()));
        }
        if !self.list.is_empty() {
            return None;
        }
        let module = &self.module;
        let text = match (self.is_asked, self.searched.as_str(), &self.next) {
            (true, "", _) => format!("asking for the records of {module}"),
            (true, text, _) => format!("looking for {text} in {module}"),
            (false, _, Some(_)) => {
                "no record of this page has a name, an email or a website; Page Down reads on"
                    .to_owned()
            }
            (false, "", None) => format!("{module} has no records that can fill the form"),
            (false, text, None) if matches!(self.wanted(), Wanted::Record(_)) => {
                format!("{module} has no record {text}")
            }
            (false, text, None) => format!("{module} has no record that holds {text}"),
        };
        Some((Role::Dim, text))
    }

    /// What Enter does now.
    pub fn hint(&self) -> &'static str {
        match (self.is_asked, self.is_current(), self.selected()) {
            (_, false, _) => "Enter searches · Esc leaves the form as it is",
            (true, true, None) => "asking the server · Esc leaves the form as it is",
            (_, true, Some(_)) => "Enter fills the form · Esc leaves it as it is",
            (false, true, None) => "type an id or words, Enter searches · Esc leaves",
        }
    }

    /// One row of the list.
    pub fn line(found: &Found, width: usize) -> RichLine {
        let id = short_id(&found.id);
        let room = width.saturating_sub(id.chars().count() + 4);
        let label = room * 45 / 100;
        let draft = &found.draft;
        let beside: Vec<&str> = [Field::Email, Field::Company, Field::Website]
            .map(|field| draft.value(field))
            .into_iter()
            .filter(|text| !text.is_empty() && *text != found.label)
            .collect();
        RichLine::new()
            .with(Role::Text, &padded(&found.label, label))
            .with(Role::Text, "  ")
            .with(
                Role::Dim,
                &padded(&beside.join(" · "), room.saturating_sub(label)),
            )
            .with(Role::Text, "  ")
            .with(Role::Dim, &id)
    }

    /// What the selected record would do to a form.
    pub fn changes(&self, form: &Draft) -> Vec<Change> {
        let Some(found) = self.selected() else {
            return Vec::new();
        };
        let lost = overwritten(form, &found.draft);
        let id = Change {
            label: "Record id",
            old: form.record_id.clone(),
            new: found.id.clone(),
            becomes: match form.record_id.as_str() {
                "" => Becomes::Filled,
                old if old == found.id => Becomes::Same,
                _ => Becomes::Overwritten,
            },
        };
        let inputs = found.draft.given().map(|(field, new)| {
            let old = form.value(field).trim().to_owned();
            let is_lost = lost.iter().any(|(input, _, _)| *input == field);
            let becomes = match (old.is_empty(), is_lost) {
                (true, _) => Becomes::Filled,
                (false, true) => Becomes::Overwritten,
                (false, false) => Becomes::Same,
            };
            Change {
                label: field.label(),
                old,
                new: new.into_owned(),
                becomes,
            }
        });
        std::iter::once(id).chain(inputs).collect()
    }

    /// The same in lines: first what would be lost, so that it is in sight on a low screen.
    pub fn sheet(&self, form: &Draft, width: usize) -> Vec<RichLine> {
        let mut changes = self.changes(form);
        changes.sort_by_key(|change| change.becomes);
        let mut lines: Vec<RichLine> = changes.iter().map(|c| c.line(width)).collect();
        if let Some(found) = self.selected() {
            let stays: Vec<&str> = form
                .given()
                .filter(|(field, _)| found.draft.value(*field).is_empty())
                .map(|(field, _)| field.label())
                .collect();
            if !stays.is_empty() {
                let text = format!("as they are: {}", stays.join(", "));
                lines.push(RichLine::new().with(Role::Dim, &fitted(&text, width)));
            }
        }
        lines
    }
}

impl Change {
    fn line(&self, width: usize) -> RichLine {
        let (role, word) = match self.becomes {
            Becomes::Filled => (Role::Ok, "fills"),
            Becomes::Overwritten => (Role::Warning, "overwrites"),
            Becomes::Same => (Role::Dim, "same"),
        };
        let room = width.saturating_sub(WORD + LABEL);
        let text = match self.becomes {
            Becomes::Filled | Becomes::Same => fitted(&self.new, room),
            Becomes::Overwritten => {
                let half = room.saturating_sub(3) / 2;
                format!("{} → {}", fitted(&self.old, half), fitted(&self.new, half))
            }
        };
        let value = match self.becomes {
            Becomes::Same => Role::Dim,
            Becomes::Filled | Becomes::Overwritten => Role::Text,
        };
        RichLine::new()
            .with(role, &format!("{word:<WORD$}"))
            .with(Role::Label, &format!("{:<LABEL$}", self.label))
            .with(value, &text)
    }
}

/// Columns of what becomes of an input.
const WORD: usize = 12;
/// Columns of its name.
const LABEL: usize = 11;
