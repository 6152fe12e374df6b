//! Problems by kind: what is wrong with a thousand rows is said once.

use std::fmt;

use super::{Problem, ProblemCode};
use crate::base::{EnrichmentKind, ErrorCode, counted};
use crate::bulk::rows::InputRow;
use crate::enrichment::doubt::{DoubtWord, doubts};
use crate::enrichment::validate::only_english;
use crate::enrichment::{Draft, Field, FieldRef, Nature, Severity, Violation};

/// Lines that are named of each kind.
const LINES: usize = 5;
/// Most kinds that are told apart.
const KINDS_MAX: usize = 64;
/// Most letters that are kept of rows that are not English: more than are named.
const LETTERS_MAX: usize = 32;

/// What is wrong with some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemKind {
    /// Where in the row.
    pub place: FieldRef,
    /// The code that the server would answer, or the doubt.
    pub code: ProblemCode,
    /// What to do, as the first of the rows says it.
    pub hint: String,
    /// The letters that are not English, if that is what is wrong.
    letters: String,
    /// How many rows.
    pub rows: u64,
    /// The lines of the first of them.
    pub lines: Vec<u64>,
}

impl ProblemKind {
    /// What to do, for all of them.
    pub fn hint(&self) -> String {
        match self.letters.is_empty() {
            true => self.hint.clone(),
            false => only_english(&self.letters),
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.lines.iter().map(ToString::to_string).collect();
        let is_cut = self.rows > u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let more = if is_cut { " \u{2026}" } else { "" };
        let word = if self.rows == 1 { "line" } else { "lines" };
        let rows = counted(self.rows, "row");
        let (place, code, hint) = (self.place.as_str(), &self.code, self.hint());
        let lines = lines.join(", ");
        write!(f, "{rows}: {place}: {code}: {hint} ({word} {lines}{more})")
    }
}

/// Counts a problem among those of its kind.
pub(super) fn count(kinds: &mut Vec<ProblemKind>, problem: &Problem, draft: &Draft) {
    let letters = match (&problem.code, problem.place) {
        (ProblemCode::Refused(ErrorCode::InvalidData), FieldRef::Input(field))
            if problem.hint.starts_with(NOT_ENGLISH) =>
        {
            draft
                .value(field)
                .chars()
                .filter(|c| !c.is_ascii())
                .collect()
        }
        _ => String::new(),
    };
    let is_same = |kind: &ProblemKind| {
        kind.place == problem.place
            && kind.code == problem.code
            && stem(&kind.hint) == stem(&problem.hint)
    };
    let at = kinds.iter().position(is_same).unwrap_or(kinds.len());
    // There are few places, codes and sentences.
    if at == kinds.len() && at < KINDS_MAX {
        kinds.push(ProblemKind {
            place: problem.place,
            code: problem.code.clone(),
            hint: problem.hint.clone(),
            letters: String::new(),
            rows: 0,
            lines: Vec::new(),
        });
    }
    let Some(kind) = kinds.get_mut(at) else {
        return;
    };
    kind.rows += 1;
    if kind.lines.len() < LINES {
        kind.lines.push(problem.line);
    }
    for letter in letters.chars() {
        if !kind.letters.contains(letter) && kind.letters.chars().count() < LETTERS_MAX {
            kind.letters.push(letter);
        }
    }
}

/// How the sentence about letters begins.
const NOT_ENGLISH: &str = "only English";

/// What two hints have in common that differ in a number or a letter.
fn stem(hint: &str) -> &str {
    hint.split([':', ';']).next().unwrap_or(hint)
}

/// What speaks for a row whose cells stand one column too far to the left, or for a line that is none: it
/// has fewer cells than the header, and holds what belongs elsewhere, or is one text alone.
pub(super) fn shifted(row: &InputRow) -> Vec<Violation> {
    let (Some(cells), EnrichmentKind::People) = (row.short, row.draft.kind) else {
        return Vec::new();
    };
    let draft = &row.draft;
    if cells == 1 && !names_somebody(draft) {
        return vec![Violation {
            place: FieldRef::Inputs,
            code: ErrorCode::InvalidData,
            severity: Severity::Error,
            hint: "the line has one cell alone: is it a note, and no row?".to_owned(),
        }];
    }
    let is_elsewhere = |field: Field| match field.input().nature {
        Nature::Words => ["@", "://"]
            .iter()
            .any(|sign| draft.value(field).contains(sign)),
        Nature::Mail | Nature::Site | Nature::Page => doubts(draft)
            .iter()
            .any(|doubt| doubt.place == FieldRef::Input(field) && belongs_elsewhere(doubt.word)),
    };
    let fields = Field::of(draft.kind).iter().copied();
    fields
        .filter(|field| is_elsewhere(*field))
        .map(|field| Violation {
            place: FieldRef::Input(field),
            code: ErrorCode::InvalidData,
            severity: Severity::Error,
            hint: sentence_of_shift(field),
        })
        .collect()
}

/// Whether a draft gives an address or a page that can be meant.
fn names_somebody(draft: &Draft) -> bool {
    let mut given = draft.given().filter(|(field, _)| field.names_somebody());
    given.any(|(field, _)| {
        !doubts(draft)
            .iter()
            .any(|doubt| doubt.place == FieldRef::Input(field))
    })
}

fn sentence_of_shift(field: Field) -> String {
    format!(
        "the row has fewer cells than the header, and what stands under {} belongs elsewhere: is a cell missing before it?",
        field.as_str()
    )
}

fn belongs_elsewhere(word: DoubtWord) -> bool {
    matches!(
        word,
        DoubtWord::NotAnEmail
            | DoubtWord::WebAddressAsEmail
            | DoubtWord::TelephoneAsEmail
            | DoubtWord::EmailAsWebsite
            | DoubtWord::OtherHost
    )
}
