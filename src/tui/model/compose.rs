//! The request form.

use std::time::Duration;

use crate::base::{AttemptId, EnrichmentKind, ProfileName, RecordId};
use crate::enrichment::doubt::{Doubt, doubts};
use crate::enrichment::verdict::Seen;
use crate::enrichment::{Draft, Field, Known, Place, Severity, Violation, validate};
use crate::tui::ui::field::TextField;

/// What is being composed.
#[derive(Debug, Clone, PartialEq)]
pub struct Compose {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module, as typed.
    pub module: TextField,
    /// The record id, as typed.
    pub record_id: TextField,
    inputs: Vec<(Field, TextField)>,
    /// The field with the focus; never [`Place::Inputs`].
    pub focus: Place,
    /// What the server said about modules and mapping. Invalidated by another profile, kind or,
    /// for the configuration, module.
    pub known: Known,
    /// The module and the record that `known.configuration` and `held` speak of or were asked for.
    pub configuration_of: (String, Option<RecordId>),
    /// Of the fields that would be filled those in which the record holds something.
    pub held: Option<Vec<String>>,
    /// What is wrong with the form. Invalidated by every edit and by `known`.
    pub violations: Vec<Violation>,
    /// What the server refused last, until the form changes.
    pub refused: Option<Violation>,
    /// The attempt that was rejected last and what it asked for, until its details are read.
    pub rejected: Option<(AttemptId, Draft)>,
    /// What cannot be meant in it. Invalidated by every edit.
    pub doubts: Vec<Doubt>,
    /// What the ledger has of a draft that the form held for a profile.
    pub seen: Option<(ProfileName, Draft, Seen)>,
    /// When the ledger is to be asked, after the typing pauses.
    pub look_at: Option<Duration>,
    /// When the draft is to be kept, after the typing pauses.
    pub save_at: Option<Duration>,
    /// What `Clear the form` or `Compose again` replaced.
    pub replaced: Option<Draft>,
}

impl Default for Compose {
    fn default() -> Self {
        let mut compose = Self {
            kind: EnrichmentKind::People,
            module: TextField::default(),
            record_id: TextField::default(),
            inputs: Field::ALL
                .into_iter()
                .map(|field| (field, TextField::default()))
                .collect(),
            focus: Place::Input(Field::Name),
            known: Known::default(),
            configuration_of: Default::default(),
            held: None,
            violations: Vec::new(),
            refused: None,
            rejected: None,
            doubts: Vec::new(),
            seen: None,
            look_at: None,
            save_at: None,
            replaced: None,
        };
        compose.check();
        compose
    }
}

impl Compose {
    /// The places of the form from top to bottom.
    pub fn places(&self) -> Vec<Place> {
        let inputs = Field::of(self.kind).iter().copied().map(Place::Input);
        [Place::Module, Place::RecordId]
            .into_iter()
            .chain(inputs)
            .collect()
    }

    /// Whether the module field has the focus.
    pub fn is_at_module(&self) -> bool {
        self.focus == Place::Module
    }

    /// Whether a field has the focus that says where it goes.
    pub fn is_at_place(&self) -> bool {
        matches!(self.focus, Place::Module | Place::RecordId)
    }

    /// The field at a place.
    pub fn field(&self, place: Place) -> Option<&TextField> {
        match place {
            Place::Module => Some(&self.module),
            Place::RecordId => Some(&self.record_id),
            Place::Input(wanted) => self
                .inputs
                .iter()
                .find(|(field, _)| *field == wanted)
                .map(|(_, text)| text),
            Place::Inputs => None,
        }
    }

    /// The field with the focus.
    pub fn focused_mut(&mut self) -> &mut TextField {
        match self.focus {
            Place::RecordId => &mut self.record_id,
            Place::Input(wanted) => match self.inputs.iter_mut().find(|(f, _)| *f == wanted) {
                Some((_, text)) => text,
                None => &mut self.module,
            },
            Place::Module | Place::Inputs => &mut self.module,
        }
    }

    /// Moves the focus by `step` places, round the ends.
    pub fn move_focus(&mut self, step: isize) {
        let places = self.places();
        let here = places.iter().position(|place| *place == self.focus);
        let count = isize::try_from(places.len()).unwrap_or(1);
        let here = here
            .and_then(|index| isize::try_from(index).ok())
            .unwrap_or(0);
        let there = usize::try_from((here + step).rem_euclid(count)).unwrap_or(0);
        if let Some(place) = places.get(there) {
            self.focus = *place;
        }
    }

    /// Whether the focus stands on the last field.
    pub fn is_at_end(&self) -> bool {
        self.places().last() == Some(&self.focus)
    }

    /// What the form holds.
    pub fn draft(&self) -> Draft {
        let mut draft = Draft::new(self.kind, self.module.value().trim());
        self.record_id
            .value()
            .trim()
            .clone_into(&mut draft.record_id);
        for (field, text) in &self.inputs {
            draft.set(*field, text.value());
        }
        draft
    }

    /// Fills the form; what it held can be restored if it was more than nothing.
    pub fn fill(&mut self, draft: &Draft) {
        let before = self.draft();
        if !before.is_empty() && before != *draft {
            self.replaced = Some(before);
        }
        self.kind = draft.kind;
        self.module.set(&draft.module);
        self.record_id.set(&draft.record_id);
        for (field, text) in &mut self.inputs {
            text.set(draft.value(*field));
        }
        if !self.places().contains(&self.focus) {
            self.focus = Place::Input(Field::Name);
        }
        self.refused = None;
        self.check();
    }

    /// Looks for violations again.
    pub fn check(&mut self) {
        let draft = self.draft();
        self.violations = validate(&draft, &self.known);
        self.doubts = doubts(&draft);
    }

    /// What the ledger has of what the form holds now, as far as it was asked.
    pub fn seen_by(&self, profile: Option<&ProfileName>) -> Option<&Seen> {
        let (of, draft, seen) = self.seen.as_ref()?;
        (Some(of) == profile && *draft == self.draft()).then_some(seen)
    }

    /// What cannot be meant at a place.
    pub fn doubt_at(&self, place: Place) -> Option<&Doubt> {
        self.doubts.iter().find(|doubt| doubt.place == place)
    }

    /// The most serious violation at a place: the server's last word before the local checks.
    pub fn violation_at(&self, place: Place) -> Option<&Violation> {
        self.refused
            .iter()
            .chain(
                self.violations
                    .iter()
                    .filter(|v| v.severity == Severity::Error),
            )
            .chain(&self.violations)
            .find(|violation| violation.place == place)
    }

    /// The first violation that the server would answer with an error.
    pub fn first_error(&self) -> Option<&Violation> {
        self.violations
            .iter()
            .find(|violation| violation.severity == Severity::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_survives_the_form() {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Name, "Ada Lovelace");
        draft.set(Field::Company, "Acme");
        let mut compose = Compose::default();

        compose.fill(&draft);

        assert_eq!(compose.draft(), draft);
        assert_eq!(compose.first_error(), None);
    }

    #[test]
    fn what_was_replaced_is_kept() {
        let mut compose = Compose::default();
        let mut first = Draft::new(EnrichmentKind::People, "Leads");
        first.set(Field::Email, "ada@acme.io");
        compose.fill(&first);

        compose.fill(&Draft::new(EnrichmentKind::People, "Leads"));

        assert_eq!(compose.replaced, Some(first));
    }

    #[test]
    fn the_focus_goes_round() {
        let mut compose = Compose::default();
        let count = compose.places().len();

        for _ in 0..count {
            compose.move_focus(1);
        }
        assert_eq!(compose.focus, Place::Input(Field::Name));
        compose.move_focus(-3);
        assert_eq!(compose.focus, Place::Input(Field::Facebook));
        assert!(compose.is_at_end());
    }
}
