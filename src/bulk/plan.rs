//! What a run would do, said before anything is sent.
//!
//! ```text
//!   row ──► invalid     it would be refused: by the documents, or very likely
//!       ├─► duplicate   an earlier row of the file asks about the same person
//!       ├─► already     an attempt of the ledger asked the same (the caller knows)
//!       ├─► doubtful    a value in it cannot be meant
//!       └─► ready
//! ```
//!
//! Every row gets exactly one class, in this order. In a run nobody watches each row, so what the
//! form only warns of, a text that is not English, counts as invalid here; `submit` or the form
//! can still send it. Pure: the ledger's knowledge comes in as an argument.

mod cost;
mod index;
mod kinds;

use std::fmt;

pub use cost::{Cost, Units};
use index::Index;
pub use kinds::ProblemKind;

use super::rows::InputRow;
use crate::base::limits::PLAN_PROBLEMS_MAX;
use crate::base::{ErrorCode, RowNumber};
use crate::enrichment::identity::{KeyKind, Keys};
use crate::enrichment::verdict::By;
use crate::enrichment::{Doubt, DoubtWord, FieldRef, Known, Severity, Violation, validate};

/// Whether the ledger has seen the inputs of a row before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Never, or what was sent came to nothing.
    New,
    /// They were accepted, or nobody knows yet whether they were.
    Enriched,
    /// Nobody is to ask about them.
    Forgotten,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowClass {
    /// It can be sent.
    Ready,
    /// It would be refused; at least one violation.
    Invalid(Vec<Violation>),
    /// An earlier row asks about the same person, perhaps for another record.
    Duplicate {
        /// The first such row.
        of: RowNumber,
        /// How it is known.
        by: By,
    },
    /// A value cannot be meant; at least one doubt.
    Doubtful(Vec<Doubt>),
    /// It was enriched before.
    Already,
}

/// What becomes of doubtful rows; the planner must know which rows later ones would repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Doubted {
    /// They are left out, so that a later row may ask about the same person.
    #[default]
    LeftOut,
    /// They are sent.
    Sent,
}

/// Why a row is listed: a code of the server, or what is doubtful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemCode {
    /// It would be refused with this code.
    Refused(ErrorCode),
    /// A value cannot be meant.
    Doubtful(DoubtWord),
}

impl ProblemCode {
    /// The word on screen and in JSON.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Refused(code) => code.as_str(),
            Self::Doubtful(word) => word.as_str(),
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A row that is sent although it has a key in common with an earlier one: a mailbox of several
/// people, or one page and two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    /// The row.
    pub row: RowNumber,
    /// Its line in the file.
    pub line: u64,
    /// The first row with the key.
    pub with: RowNumber,
    /// The strongest key that both have.
    pub key: KeyKind,
}

/// A row that is left out because an earlier one asks about the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// The row.
    pub row: RowNumber,
    /// Its line in the file.
    pub line: u64,
    /// The first such row.
    pub of: RowNumber,
    /// The line of that one.
    pub of_line: u64,
    /// How it is known.
    pub by: By,
}

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line, of_line, by, ..
        } = self;
        match by {
            By::Request => write!(f, "line {line}: asks the same as line {of_line}"),
            By::Key(_) | By::Record => {
                write!(
                    f,
                    "line {line}: asks about the same as line {of_line}, by {by}"
                )
            }
        }
    }
}

/// Why a row is not sent, for the first rows that are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The row.
    pub row: RowNumber,
    /// The line of the file on which it begins.
    pub line: u64,
    /// Where in the row.
    pub place: FieldRef,
    /// The code that the server would answer, or the doubt.
    pub code: ProblemCode,
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
    /// The first of these.
    pub repeats: Vec<Repeat>,
    /// Rows enriched before.
    pub already: u64,
    /// Rows with a value that cannot be meant.
    pub doubtful: u64,
    /// Ready rows that the server may refuse all the same: a company without a name.
    pub risky: u64,
    /// Ready rows that have a key in common with an earlier row, and yet are somebody else.
    pub shared: u64,
    /// The first of these.
    pub sharing: Vec<Shared>,
    /// Cells that held nothing but a word for nothing, and were read as empty.
    pub placeholders: u64,
    /// The first rows that are not sent because of what is in them.
    pub problems: Vec<Problem>,
    /// All of them by what is wrong, the most frequent first.
    pub kinds: Vec<ProblemKind>,
    /// What it costs.
    pub cost: Cost,
}

/// Classes rows one after the other.
#[derive(Debug)]
pub struct Planner {
    known: Known,
    doubted: Doubted,
    seen: Index,
    /// Doubtful rows that are left out: only another doubtful row repeats them.
    seen_doubtful: Index,
    /// The line of each row.
    lines: Vec<u64>,
    /// All that is counted and listed; its rows and cost are worked out at the end.
    report: PlanReport,
}

impl Planner {
    /// A planner with what is known of the organisation. Doubtful rows are left out.
    pub fn new(known: Known) -> Self {
        let nothing = Units {
            used: 0,
            limit: 0,
            reserve: 0,
            is_asked: false,
        };
        Self {
            known,
            doubted: Doubted::LeftOut,
            seen: Index::default(),
            seen_doubtful: Index::default(),
            lines: Vec::new(),
            report: PlanReport {
                rows: 0,
                ready: 0,
                invalid: 0,
                duplicates: 0,
                repeats: Vec::new(),
                already: 0,
                doubtful: 0,
                risky: 0,
                shared: 0,
                sharing: Vec::new(),
                placeholders: 0,
                problems: Vec::new(),
                kinds: Vec::new(),
                cost: Cost::of(0, nothing),
            },
        }
    }

    /// The same with what becomes of doubtful rows.
    #[must_use]
    pub fn with_doubtful(mut self, doubted: Doubted) -> Self {
        self.doubted = doubted;
        self
    }

    /// Says what becomes of a row, and counts it. Rows come in file order, each once.
    pub fn judge(&mut self, row: &InputRow, history: History) -> RowClass {
        self.judge_by(&index::keys_of(&row.draft), row, history)
    }

    /// The same for a row that was hashed already. All rows must be hashed alike.
    pub fn judge_by(&mut self, keys: &Keys, row: &InputRow, history: History) -> RowClass {
        self.report.rows += 1;
        self.lines.push(row.line);
        self.report.placeholders += row.placeholders;
        if history == History::Forgotten {
            self.report.already += 1;
            return RowClass::Already;
        }
        let shifted = kinds::shifted(row);
        let violations = match shifted.is_empty() {
            true => validate(&row.draft, &self.known),
            false => shifted,
        };
        let (refused, risks): (Vec<_>, Vec<_>) = violations.into_iter().partition(is_refusal);
        if !refused.is_empty() {
            self.report.invalid += 1;
            let problems = refused.iter().map(|violation| Problem {
                row: row.row,
                line: row.line,
                place: violation.place,
                code: ProblemCode::Refused(violation.code.clone()),
                hint: violation.hint.clone(),
            });
            self.tell(problems.collect(), row);
            return RowClass::Invalid(refused);
        }
        if let Some((of, by)) = self.seen.repeated(keys) {
            return self.repeat(row, (of, by));
        }
        if history == History::Enriched {
            self.seen.note(keys, row.row);
            self.report.already += 1;
            return RowClass::Already;
        }
        let doubts = row.doubts();
        if !doubts.is_empty() {
            return self.doubt(row, keys, doubts);
        }
        if let Some((with, key)) = self.seen.sharing(keys) {
            self.report.shared += 1;
            let shared = Shared {
                row: row.row,
                line: row.line,
                with,
                key,
            };
            list(&mut self.report.sharing, [shared].into_iter());
        }
        self.seen.note(keys, row.row);
        self.report.ready += 1;
        self.report.risky += u64::from(!risks.is_empty());
        RowClass::Ready
    }

    /// The report of all rows judged so far.
    pub fn report(&self, units: Units) -> PlanReport {
        let mut report = self.report.clone();
        // The sort is stable: of equal ones that of the first line comes first.
        report
            .kinds
            .sort_by_key(|kind| std::cmp::Reverse(kind.rows));
        report.cost = Cost::of(report.ready, units);
        report
    }

    fn doubt(&mut self, row: &InputRow, keys: &Keys, doubts: Vec<Doubt>) -> RowClass {
        let index = match self.doubted {
            Doubted::LeftOut => &mut self.seen_doubtful,
            Doubted::Sent => &mut self.seen,
        };
        if let Some((of, by)) = index.repeated(keys) {
            return self.repeat(row, (of, by));
        }
        index.note(keys, row.row);
        self.report.doubtful += 1;
        let problems = doubts.iter().map(|doubt| Problem {
            row: row.row,
            line: row.line,
            place: doubt.place,
            code: ProblemCode::Doubtful(doubt.word),
            hint: doubt.hint.clone(),
        });
        self.tell(problems.collect(), row);
        RowClass::Doubtful(doubts)
    }

    fn repeat(&mut self, row: &InputRow, (of, by): (RowNumber, By)) -> RowClass {
        self.report.duplicates += 1;
        let at = usize::try_from(of.0 - 1).unwrap_or(usize::MAX);
        let repeat = Repeat {
            row: row.row,
            line: row.line,
            of,
            of_line: self.lines.get(at).copied().unwrap_or_default(),
            by,
        };
        list(&mut self.report.repeats, std::iter::once(repeat));
        RowClass::Duplicate { of, by }
    }

    fn tell(&mut self, problems: Vec<Problem>, row: &InputRow) {
        for problem in &problems {
            kinds::count(&mut self.report.kinds, problem, &row.draft);
        }
        list(&mut self.report.problems, problems.into_iter());
    }
}

/// Lists what is new, as long as there is room.
fn list<T>(list: &mut Vec<T>, new: impl Iterator<Item = T>) {
    let free = PLAN_PROBLEMS_MAX.saturating_sub(list.len());
    list.extend(new.take(free));
}

fn is_refusal(violation: &Violation) -> bool {
    match violation.severity {
        Severity::Error => true,
        Severity::Warning => violation.code == ErrorCode::InvalidData,
    }
}

#[cfg(test)]
mod tests;
