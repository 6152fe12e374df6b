//! What a run would do, said before anything is sent.
//!
//! ```text
//!   row ──► invalid     it would be refused: by the documents, or very likely
//!       ├─► duplicate   an earlier row of the file asks the same
//!       ├─► already     an attempt of the ledger asked the same (the caller knows)
//!       └─► ready
//! ```
//!
//! Every row gets exactly one class, in this order. In a run nobody watches each row, so what the
//! form only warns of, a text that is not English, counts as invalid here; `submit` or the form
//! can still send it. Pure: the ledger's knowledge comes in as an argument.

mod cost;

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::digest;
pub use cost::{Cost, Units};

use super::rows::InputRow;
use crate::base::limits::PLAN_PROBLEMS_MAX;
use crate::base::{ErrorCode, RowNumber};
use crate::enrichment::{Draft, Known, Place, Severity, Violation, validate};

/// Whether the ledger has seen the inputs of a row before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Never, or what was sent came to nothing.
    New,
    /// They were accepted, or nobody knows yet whether they were.
    Enriched,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowClass {
    /// It can be sent.
    Ready,
    /// It would be refused; at least one violation.
    Invalid(Vec<Violation>),
    /// An earlier row asks the same.
    Duplicate {
        /// The earlier row.
        of: RowNumber,
    },
    /// It was enriched before.
    Already,
}

/// Why a row is not sent, for the first rows that are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The row.
    pub row: RowNumber,
    /// The line of the file on which it begins.
    pub line: u64,
    /// Where in the row.
    pub place: Place,
    /// The code that the server would answer.
    pub code: ErrorCode,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line, code, hint, ..
        } = self;
        write!(f, "line {line}, {}: {code}: {hint}", self.place.as_str())
    }
}

/// The plan of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanReport {
    /// Rows of the file.
    pub rows: u64,
    /// Rows that can be sent.
    pub ready: u64,
    /// Rows that would be refused.
    pub invalid: u64,
    /// Rows that an earlier row makes needless.
    pub duplicates: u64,
    /// Rows enriched before.
    pub already: u64,
    /// Ready rows that the server may refuse all the same: a company without a name.
    pub doubtful: u64,
    /// The first rows that are not sent because of what is in them.
    pub problems: Vec<Problem>,
    /// What it costs.
    pub cost: Cost,
}

/// Classes rows one after the other.
#[derive(Debug)]
pub struct Planner {
    known: Known,
    /// By a hash of the canonical inputs, so that a long file costs 40 bytes a row.
    seen: HashMap<[u8; digest::SHA256_OUTPUT_LEN], RowNumber>,
    ready: u64,
    invalid: u64,
    duplicates: u64,
    already: u64,
    doubtful: u64,
    problems: Vec<Problem>,
}

impl Planner {
    /// A planner with what is known of the organisation.
    pub fn new(known: Known) -> Self {
        Self {
            known,
            seen: HashMap::new(),
            ready: 0,
            invalid: 0,
            duplicates: 0,
            already: 0,
            doubtful: 0,
            problems: Vec::new(),
        }
    }

    /// Says what becomes of a row, and counts it. Rows come in file order, each once.
    pub fn judge(&mut self, row: &InputRow, history: History) -> RowClass {
        let (refused, doubts): (Vec<_>, Vec<_>) = validate(&row.draft, &self.known)
            .into_iter()
            .partition(is_refusal);
        if !refused.is_empty() {
            self.invalid += 1;
            self.note(row, &refused);
            return RowClass::Invalid(refused);
        }
        let first = *self.seen.entry(key_of(&row.draft)).or_insert(row.row);
        if first != row.row {
            self.duplicates += 1;
            return RowClass::Duplicate { of: first };
        }
        if history == History::Enriched {
            self.already += 1;
            return RowClass::Already;
        }
        self.ready += 1;
        self.doubtful += u64::from(!doubts.is_empty());
        RowClass::Ready
    }

    /// The report of all rows judged so far.
    pub fn report(&self, units: Units) -> PlanReport {
        PlanReport {
            rows: self.ready + self.invalid + self.duplicates + self.already,
            ready: self.ready,
            invalid: self.invalid,
            duplicates: self.duplicates,
            already: self.already,
            doubtful: self.doubtful,
            problems: self.problems.clone(),
            cost: Cost::of(self.ready, units),
        }
    }

    fn note(&mut self, row: &InputRow, refused: &[Violation]) {
        let free = PLAN_PROBLEMS_MAX.saturating_sub(self.problems.len());
        let problems = refused.iter().map(|violation| Problem {
            row: row.row,
            line: row.line,
            place: violation.place,
            code: violation.code.clone(),
            hint: violation.hint.clone(),
        });
        self.problems.extend(problems.take(free));
    }
}

fn is_refusal(violation: &Violation) -> bool {
    match violation.severity {
        Severity::Error => true,
        Severity::Warning => violation.code == ErrorCode::InvalidData,
    }
}

fn key_of(draft: &Draft) -> [u8; digest::SHA256_OUTPUT_LEN] {
    let digest = digest::digest(&digest::SHA256, draft.canonical().as_bytes());
    let mut key = [0; digest::SHA256_OUTPUT_LEN];
    for (to, from) in key.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    key
}

#[cfg(test)]
mod tests;
