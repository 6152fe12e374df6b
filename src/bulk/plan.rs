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

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::digest;

use super::rows::InputRow;
use crate::base::limits::{INPUT_CHARS_MAX, PLAN_PROBLEMS_MAX};
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

/// The organisation's units at the time of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// Spent, or perhaps spent.
    pub used: u64,
    /// The limit in force.
    pub limit: u64,
    /// Units that must stay untouched.
    pub reserve: u64,
}

/// What a plan costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Units that the ready rows need.
    pub needed: u64,
    /// Units left before the run.
    pub left: u64,
    /// Of those, units that must stay untouched.
    pub reserve: u64,
}

impl Cost {
    /// What so many ready rows cost.
    pub fn of(ready: u64, units: Units) -> Self {
        let left = units.limit.saturating_sub(units.used);
        Self {
            needed: ready,
            left,
            reserve: units.reserve.min(left),
        }
    }

    /// Units that the run may spend.
    pub fn available(self) -> u64 {
        self.left.saturating_sub(self.reserve)
    }

    /// Rows that can be sent.
    pub fn sendable(self) -> u64 {
        self.needed.min(self.available())
    }

    /// Units left after the run.
    pub fn left_after(self) -> u64 {
        self.left.saturating_sub(self.sendable())
    }

    /// Rows for which there is no unit.
    pub fn missing(self) -> u64 {
        self.needed.saturating_sub(self.available())
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (needed, left) = (self.needed, self.left);
        match self.missing() {
            0 => write!(
                f,
                "uses {needed} of {left} left, leaves {}",
                self.left_after()
            )?,
            missing => write!(
                f,
                "needs {needed}, {left} left: sends {}, {missing} must wait",
                self.sendable()
            )?,
        }
        match self.reserve {
            0 => Ok(()),
            reserve => write!(f, " (reserve of {reserve} kept)"),
        }
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
        let (refused, doubts): (Vec<_>, Vec<_>) = violations(&row.draft, &self.known)
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

/// What the documents say, and two things only a file brings: endless texts and control characters.
fn violations(draft: &Draft, known: &Known) -> Vec<Violation> {
    let mut found = validate(draft, known);
    for (field, value) in draft.given() {
        let hint = if value.chars().count() > INPUT_CHARS_MAX {
            format!("at most {INPUT_CHARS_MAX} characters make sense here")
        } else if value.chars().any(char::is_control) {
            "there is a control character or a line break in it".to_owned()
        } else {
            continue;
        };
        found.push(Violation {
            place: Place::Input(field),
            code: ErrorCode::InvalidData,
            severity: Severity::Error,
            hint,
        });
    }
    found
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
mod tests {
    use super::*;
    use crate::base::EnrichmentKind;
    use crate::enrichment::Field;
    use proptest::prelude::*;
    use rstest::rstest;

    fn row(number: i64, values: &[(Field, &str)]) -> InputRow {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        for (field, value) in values {
            draft.set(*field, value);
        }
        InputRow {
            row: RowNumber(number),
            line: u64::try_from(number).unwrap() + 1,
            original: Vec::new(),
            draft,
        }
    }

    fn mail(number: i64, text: &str) -> InputRow {
        row(number, &[(Field::Email, text)])
    }

    const UNITS: Units = Units {
        used: 1_012,
        limit: 1_500,
        reserve: 0,
    };

    #[test]
    fn every_row_has_one_class() {
        let mut planner = Planner::new(Known::default());

        let classes = [
            planner.judge(&mail(1, "ada@acme.example"), History::New),
            planner.judge(&mail(2, " ADA@acme.example"), History::New),
            planner.judge(&mail(3, "lin@acme.example"), History::Enriched),
            planner.judge(&row(4, &[(Field::Company, "Acme")]), History::New),
        ];

        assert_eq!(
            classes,
            [
                RowClass::Ready,
                RowClass::Duplicate { of: RowNumber(1) },
                RowClass::Already,
                RowClass::Ready,
            ]
        );
        let report = planner.report(UNITS);
        assert_eq!((report.rows, report.ready, report.doubtful), (4, 2, 1));
        assert_eq!(
            (report.duplicates, report.already, report.invalid),
            (1, 1, 0)
        );
    }

    #[rstest]
    #[case::short(&[(Field::Email, "ab")], "line 8, email: INVALID_DATA: at least 3 characters are needed; this has 2")]
    #[case::no_company(&[(Field::Name, "Ada")], "line 8, company: DEPENDENT_FIELD_MISSING: a name needs a company: give a company name or website, or leave the name out")]
    #[case::not_english(&[(Field::Email, "zoë@acme.example")], "line 8, email: INVALID_DATA: only English is accepted: letters with accents or other scripts may be refused")]
    #[case::control(&[(Field::Email, "a\u{1b}[2Jb")], "line 8, email: INVALID_DATA: there is a control character or a line break in it")]
    #[case::nothing(&[], "line 8, enrich_based_on: EXPECTED_FIELD_MISSING: give at least one input: a name with a company, an email, a company or a social page")]
    fn a_row_that_would_be_refused_says_where_and_why(
        #[case] values: &[(Field, &str)],
        #[case] problem: &str,
    ) {
        let mut planner = Planner::new(Known::default());

        let class = planner.judge(&row(7, values), History::New);

        assert!(matches!(class, RowClass::Invalid(_)));
        assert_eq!(planner.report(UNITS).problems[0].to_string(), problem);
    }

    #[test]
    fn a_text_without_end_is_refused_here_and_not_by_the_server() {
        let mut planner = Planner::new(Known::default());
        let endless = "a".repeat(INPUT_CHARS_MAX + 1);

        let class = planner.judge(&mail(1, &endless), History::New);

        assert!(matches!(class, RowClass::Invalid(_)));
    }

    #[test]
    fn the_first_twenty_problems_are_listed_and_all_are_counted() {
        let mut planner = Planner::new(Known::default());
        for number in 1..=30 {
            planner.judge(&mail(number, "x"), History::New);
        }

        let report = planner.report(UNITS);

        assert_eq!((report.invalid, report.problems.len()), (30, 20));
        assert_eq!(report.problems[0].row, RowNumber(1));
    }

    #[test]
    fn an_invalid_row_makes_no_later_row_a_duplicate() {
        let mut planner = Planner::new(Known::default());
        planner.judge(&row(1, &[(Field::Name, "Ada")]), History::New);

        let class = planner.judge(&row(2, &[(Field::Name, "Ada")]), History::New);

        assert!(matches!(class, RowClass::Invalid(_)));
    }

    #[rstest]
    #[case(340, 0, "uses 340 of 488 left, leaves 148")]
    #[case(340, 100, "uses 340 of 488 left, leaves 148 (reserve of 100 kept)")]
    #[case(488, 0, "uses 488 of 488 left, leaves 0")]
    #[case(
        600,
        100,
        "needs 600, 488 left: sends 388, 212 must wait (reserve of 100 kept)"
    )]
    #[case(
        1,
        9_000,
        "needs 1, 488 left: sends 0, 1 must wait (reserve of 488 kept)"
    )]
    fn the_cost_is_said_in_one_line(#[case] ready: u64, #[case] reserve: u64, #[case] line: &str) {
        let units = Units { reserve, ..UNITS };

        assert_eq!(Cost::of(ready, units).to_string(), line);
    }

    proptest! {
        #[test]
        fn the_arithmetic_of_cost_holds(
            ready in any::<u64>(), used in any::<u64>(), limit in any::<u64>(), reserve in any::<u64>(),
        ) {
            let cost = Cost::of(ready, Units { used, limit, reserve });

            prop_assert_eq!(cost.sendable() + cost.missing(), ready);
            prop_assert_eq!(cost.left_after() + cost.sendable(), cost.left);
            prop_assert!(cost.left_after() >= cost.reserve);
            prop_assert!(used >= limit || used + cost.sendable() <= limit);
        }

        #[test]
        fn the_classes_add_up_to_the_rows(mails in prop::collection::vec("[ab]{1,4}", 0..40)) {
            let mut planner = Planner::new(Known::default());
            let mut ready = std::collections::BTreeSet::new();
            for (index, text) in mails.iter().enumerate() {
                let class = planner.judge(&mail(i64::try_from(index).unwrap() + 1, text), History::New);
                prop_assert_eq!(class == RowClass::Ready, text.len() >= 3 && ready.insert(text.clone()));
            }

            let report = planner.report(UNITS);

            prop_assert_eq!(report.rows, mails.len() as u64);
            prop_assert_eq!(report.ready, ready.len() as u64);
        }
    }
}
