//! Planning a run: the file, what its columns lead to, and the report of what it would cost.
//!
//! ```text
//!  filling ─► reading the whole file ─► done: the report, and the way to start it
//!     ▲                └─► failed, with what is wrong and on which line
//!     └── every change of file, module or column reads the head of the file again
//! ```
//! Nothing is sent by any of it.

use super::Failure;
use crate::base::{EnrichmentKind, ProfileName};
use crate::bulk::rows::{MappingRequest, Target};
use crate::enrichment::Field;
use crate::ops::bulk_look::{FileLook, request_of};
use crate::ops::bulk_plan::{Include, Planned};
use crate::tui::ui::field::TextField;

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanRow {
    /// The file's name.
    File,
    /// The module.
    Module,
    /// Units that must stay untouched.
    Reserve,
    /// Whether rows that an earlier row makes needless are sent.
    Duplicates,
    /// Whether rows that were enriched before are sent.
    Already,
    /// A column of the file.
    Column(usize),
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Planning {
    /// Being filled in.
    Filling,
    /// The file is being read into the ledger.
    Reading,
    /// It did not work.
    Failed(Failure),
    /// The run is ready.
    Done(Box<Planned>),
}

/// The form.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanForm {
    /// Whose units it will spend.
    pub profile: ProfileName,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The row with the focus.
    pub row: PlanRow,
    /// The file, as typed.
    pub file: TextField,
    /// The module, as typed.
    pub module: TextField,
    /// The reserve, as typed.
    pub reserve: TextField,
    /// Whether duplicates are sent.
    pub duplicates: Include,
    /// Whether rows that were enriched before are sent.
    pub already: Include,
    /// The head of the file; typing another name invalidates it.
    pub look: Option<FileLook>,
    /// Whether a person has changed where a column leads; from then on only that holds.
    pub is_mapped_by_hand: bool,
    /// What is wrong with the file.
    pub problem: Option<String>,
    /// Names that go on with what was typed.
    pub names: Vec<String>,
    /// The last question; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// How far it is.
    pub planning: Planning,
}

impl PlanForm {
    /// An empty form.
    pub fn new(profile: ProfileName, kind: EnrichmentKind, module: &str) -> Self {
        Self {
            profile,
            kind,
            row: PlanRow::File,
            file: TextField::default(),
            module: TextField::of(module),
            reserve: TextField::default(),
            duplicates: Include::No,
            already: Include::No,
            look: None,
            is_mapped_by_hand: false,
            problem: None,
            names: Vec::new(),
            ticket: 0,
            planning: Planning::Filling,
        }
    }

    /// The rows from top to bottom.
    pub fn rows(&self) -> Vec<PlanRow> {
        let columns = self.look.as_ref().map_or(0, |look| look.columns.len());
        [
            PlanRow::File,
            PlanRow::Module,
            PlanRow::Reserve,
            PlanRow::Duplicates,
            PlanRow::Already,
        ]
        .into_iter()
        .chain((0..columns).map(PlanRow::Column))
        .collect()
    }

    /// Whether it still takes changes.
    pub fn is_open(&self) -> bool {
        matches!(self.planning, Planning::Filling | Planning::Failed(_))
    }

    /// The text field with the focus, if it is one.
    pub fn field(&self) -> Option<&TextField> {
        match self.row {
            _ if !self.is_open() => None,
            PlanRow::File => Some(&self.file),
            PlanRow::Module => Some(&self.module),
            PlanRow::Reserve => Some(&self.reserve),
            PlanRow::Duplicates | PlanRow::Already | PlanRow::Column(_) => None,
        }
    }

    /// The same, to be typed into.
    pub fn field_mut(&mut self) -> Option<&mut TextField> {
        match self.row {
            _ if !self.is_open() => None,
            PlanRow::File => Some(&mut self.file),
            PlanRow::Module => Some(&mut self.module),
            PlanRow::Reserve => Some(&mut self.reserve),
            PlanRow::Duplicates | PlanRow::Already | PlanRow::Column(_) => None,
        }
    }

    /// What is said about the columns.
    pub fn request(&self) -> MappingRequest {
        let base = MappingRequest {
            kind: self.kind,
            module: self.module.value().trim().to_owned(),
            ..MappingRequest::default()
        };
        match &self.look {
            Some(look) if self.is_mapped_by_hand => request_of(base, &look.columns),
            Some(_) | None => base,
        }
    }

    /// The reserve, where one was typed.
    ///
    /// # Errors
    /// A sentence when it is no number.
    pub fn reserve(&self) -> Result<Option<u64>, String> {
        let text = self.reserve.value().trim().replace([',', ' '], "");
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| "the reserve is a number of units".to_owned())
    }

    /// What a column may lead to, in the order in which a key goes through it.
    pub fn targets(&self) -> Vec<Option<Target>> {
        let inputs = Field::of(self.kind)
            .iter()
            .map(|field| Target::Input(*field));
        let others = [Target::RecordId, Target::Module];
        std::iter::once(None)
            .chain(inputs.chain(others).map(Some))
            .collect()
    }

    /// Lets a column lead to the next thing, or the one before.
    pub fn turn(&mut self, column: usize, by: isize) {
        let targets = self.targets();
        let Some(found) = self.look.as_mut().and_then(|l| l.columns.get_mut(column)) else {
            return;
        };
        let place = targets
            .iter()
            .position(|target| *target == found.target)
            .unwrap_or(0);
        let count = targets.len();
        let next = (place + count).saturating_add_signed(by) % count;
        found.target = targets.get(next).copied().flatten();
        self.is_mapped_by_hand = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::bulk_look::Column;

    fn form() -> PlanForm {
        let mut form = PlanForm::new("us-prod".parse().unwrap(), EnrichmentKind::People, "Leads");
        let column = |name: &str, target| Column {
            name: name.to_owned(),
            cells: Vec::new(),
            target,
        };
        form.look = Some(FileLook {
            columns: vec![
                column("Mail", Some(Target::Input(Field::Email))),
                column("First", None),
                column("Last", None),
            ],
            drafts: Vec::new(),
            problem: None,
        });
        form
    }

    #[test]
    fn until_a_person_changes_a_column_names_decide() {
        assert_eq!(form().request().columns, []);
    }

    #[test]
    fn two_columns_that_lead_to_one_input_are_joined() {
        let mut form = form();
        form.turn(1, 1);
        form.turn(2, 1);

        let said = form.request().columns;

        assert_eq!(said.len(), 2);
        assert_eq!(said[1].text, "First + Last");
    }

    #[test]
    fn a_column_goes_round_all_that_it_can_lead_to() {
        let mut form = form();
        let count = form.targets().len();

        for _ in 0..count {
            form.turn(0, 1);
        }
        let after_all = form.look.as_ref().unwrap().columns[0].target;
        form.turn(0, -1);
        form.turn(0, 1);

        assert_eq!(after_all, Some(Target::Input(Field::Email)));
        assert_eq!(form.look.unwrap().columns[0].target, after_all);
    }
}
