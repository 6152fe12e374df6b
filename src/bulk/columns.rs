//! The columns that an export adds, in one table: the export writes them, a plan knows them again.
//!
//! ```text
//!   user's columns │ outcome … reason │ first_name … skills │ ziadeck_check
//! ```
//!
//! A name that the user's own column has gets `ziadeck_` before it. The last column marks the
//! file: its header names those of ours that could be mistaken for the user's, so that they are
//! told apart in any order and whichever of them were deleted. Without the mark (version 0.1, or
//! it was deleted) a file is an export only if it has most of the others exactly as they were
//! written, because other programs have an `outcome` too.

use serde_json::{Map, Value};

use crate::enrichment::{Draft, Field};

/// The columns about the attempt.
pub(super) const RESULT_COLUMNS: [&str; 6] = [OUTCOME, CODE, JOB_ID, ATTEMPT, JOB_STATUS, "reason"];

pub(super) const OUTCOME: &str = "outcome";
pub(super) const CODE: &str = "code";
pub(super) const JOB_ID: &str = "job_id";
pub(super) const ATTEMPT: &str = "attempt";
pub(super) const JOB_STATUS: &str = "job_status";

/// The columns of what was found, in order, each with the label that the CRM's records carry.
pub(super) const FOUND: [(&str, &str); 14] = [
    ("first_name", "First Name"),
    ("last_name", "Last Name"),
    ("designation", "Title"),
    ("company", "Company"),
    ("primary_email", "Email"),
    ("phone", "Phone"),
    ("website", "Website"),
    ("linkedin", "LinkedIn"),
    ("twitter", "Twitter"),
    ("facebook", "Facebook"),
    ("city", "City"),
    ("country", "Country"),
    ("industries", "Industry"),
    ("skills", "Skills"),
];

/// The first column of a file for the CRM: what an import finds the record by.
pub(super) const RECORD: &str = "Record Id";

/// What a request names beside its inputs, and the letters of these in a check.
pub(super) const MODULE: &str = "module";
pub(super) const RECORD_ID: &str = "record_id";
const PLACES: [char; 2] = ['m', 'r'];

/// The key of the check in a line of JSON.
pub(super) const CHECK_KEY: &str = "check";
const CHECK: &str = "ziadeck_check";
const PREFIX: &str = "ziadeck_";
/// The four that every version writes.
const FIRST: [&str; 4] = [OUTCOME, CODE, JOB_ID, ATTEMPT];
/// Columns of what was found that are enough where one of the four was deleted.
const FOUND_LEAST: usize = 7;

fn all() -> impl Iterator<Item = &'static str> {
    let found = FOUND.into_iter().map(|(name, _)| name);
    RESULT_COLUMNS.into_iter().chain(found)
}

/// The header of a file for the CRM.
pub(super) fn write_back() -> impl Iterator<Item = &'static str> {
    let labels = FOUND.into_iter().map(|(_, label)| label);
    [RECORD].into_iter().chain(labels)
}

/// The names of our columns beside those of the user, the mark last.
pub(super) fn beside(headers: &[String]) -> Vec<String> {
    let mut mark = CHECK.to_owned();
    let mut names = Vec::with_capacity(RESULT_COLUMNS.len() + FOUND.len() + 1);
    for column in all() {
        let name = free_name(column, headers);
        if headers.iter().any(|header| stem(header) == folded(column)) {
            mark.push(' ');
            mark.push_str(&name);
        }
        names.push(name);
    }
    names.push(mark);
    names
}

fn free_name(column: &str, headers: &[String]) -> String {
    // In any case, as an import compares them: an export must read back.
    let is_taken = |name: &str| headers.iter().any(|header| lower(header) == name);
    let mut name = column.to_owned();
    while is_taken(&name) {
        name.insert_str(0, PREFIX);
    }
    name
}

/// A name without case, spaces and punctuation: `E-mail` and `email` are one.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn lower(name: &str) -> String {
    name.trim().to_lowercase()
}

/// What is left of a name without our prefix, however it is spelled.
fn stem(name: &str) -> String {
    let folded = folded(name);
    let prefix = PREFIX.trim_end_matches('_');
    folded.trim_start_matches(prefix).to_owned()
}

/// Which columns of a table an export added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Added {
    columns: Vec<(&'static str, usize)>,
    check: Option<usize>,
}

impl Added {
    /// Looks for them among the columns of a file; `None` where it is no export.
    pub(super) fn find(headers: &[String]) -> Option<Self> {
        let is_mark = |header: &String| lower(header).split(' ').next() == Some(CHECK);
        if let Some(check) = headers.iter().position(is_mark) {
            let listed = headers.get(check).map(|mark| lower(mark));
            let listed: Vec<&str> = listed.iter().flat_map(|mark| mark.split(' ')).collect();
            return Some(Self::marked(headers, check, &listed));
        }
        Self::unmarked(headers).or_else(|| Self::for_the_crm(headers))
    }

    fn marked(headers: &[String], check: usize, listed: &[&str]) -> Self {
        let named = |name: &str| headers.iter().position(|header| lower(header) == name);
        let find = |column: &'static str| {
            let plain = folded(column);
            match listed.iter().find(|name| stem(name) == plain) {
                Some(name) => named(name),
                None => named(column)
                    .or_else(|| headers.iter().position(|header| stem(header) == plain)),
            }
        };
        Self {
            columns: all().filter_map(|name| Some((name, find(name)?))).collect(),
            check: Some(check),
        }
    }

    fn unmarked(headers: &[String]) -> Option<Self> {
        // Of several the one with most prefixes: that was added beside the user's.
        let find = |column: &str| {
            let is_it = |name: &str| name.trim_start_matches(PREFIX) == column;
            let named = headers.iter().map(|header| header.trim()).enumerate();
            let ours = named.filter(|(_, name)| is_it(name));
            ours.max_by_key(|(_, name)| name.len()).map(|(at, _)| at)
        };
        let columns: Vec<(&str, usize)> =
            all().filter_map(|name| Some((name, find(name)?))).collect();
        let of = |name: &str| columns.iter().any(|(column, _)| *column == name);
        let first = FIRST.into_iter().filter(|name| of(name)).count();
        let found = FOUND.into_iter().filter(|(name, _)| of(name)).count();
        let is_export = first == FIRST.len() || (first + 1 == FIRST.len() && found >= FOUND_LEAST);
        is_export.then_some(Self {
            columns,
            check: None,
        })
    }

    /// A file for the CRM has what was found and nothing of the user's but the record.
    fn for_the_crm(headers: &[String]) -> Option<Self> {
        let find = |label: &str| {
            let mut names = headers.iter();
            names.position(|header| lower(header) == label.to_lowercase())
        };
        if headers.len() != FOUND.len() + 1 {
            return None;
        }
        find(RECORD)?;
        let columns = FOUND
            .into_iter()
            .map(|(name, label)| Some((name, find(label)?)));
        Some(Self {
            columns: columns.collect::<Option<_>>()?,
            check: None,
        })
    }

    /// Whether a column is one of them.
    pub(super) fn has(&self, column: usize) -> bool {
        self.check == Some(column) || self.columns.iter().any(|(_, at)| *at == column)
    }

    /// What the export says of a row.
    pub(super) fn told(&self, cells: &[String]) -> Told {
        let at = |at: usize| cells.get(at).map_or("", |cell| cell.trim()).to_owned();
        let of = |name: &str| {
            let mut columns = self.columns.iter();
            let found = columns.find(|(column, _)| *column == name);
            found.map(|(_, column)| at(*column)).unwrap_or_default()
        };
        let told = Told {
            outcome: of(OUTCOME).to_lowercase(),
            code: of(CODE),
            job_id: of(JOB_ID),
            attempt: of(ATTEMPT),
            job_status: of(JOB_STATUS),
            check: self.check.map(at).unwrap_or_default(),
        };
        let has_outcome = self.columns.iter().any(|(name, _)| *name == OUTCOME);
        if has_outcome { told } else { told.inferred() }
    }
}

/// What an export says of a row; empty where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Its state, in the words of the run that was exported.
    pub outcome: String,
    /// The server's code, or the word before its reason.
    pub code: String,
    /// Its job. A spreadsheet may have rounded it.
    pub job_id: String,
    /// Its last attempt, by the number of the ledger that was exported.
    pub attempt: String,
    /// The status of its job.
    pub job_status: String,
    /// What its inputs were.
    pub(super) check: String,
}

/// Why nothing is left to do for a row, by what its export says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A unit was spent for it.
    Spent,
    /// A unit may have been spent for it.
    Open,
    /// It was refused as it is, or a person or an earlier request made it needless.
    NotSent,
}

impl Told {
    /// The same for a file of which somebody deleted the column of the outcome: what is left tells it,
    /// and what may have cost a unit is not sent.
    pub(super) fn inferred(self) -> Self {
        let is_scheduled = self.code.eq_ignore_ascii_case("SCHEDULED") || !self.job_id.is_empty();
        let outcome = match (is_scheduled, self.attempt.is_empty(), self.code.as_str()) {
            (true, _, "already") | (false, true, "already") => "skipped",
            (true, ..) => "scheduled",
            (false, true, _) => "",
            (false, false, "") => "unknown",
            (false, false, _) => "rejected",
        };
        Self {
            outcome: outcome.to_owned(),
            ..self
        }
    }

    /// Whether the row is settled. What was changed in it makes it another row, of which the export
    /// says nothing: any change where it was refused, and another input where a unit was spent.
    /// Where changes cannot be seen, what was refused may have been mended, and what cost a unit
    /// stays settled.
    pub fn standing(&self, draft: &Draft) -> Option<Standing> {
        let is_checked = !self.check.is_empty();
        let now = check_of(&asked(draft));
        let is_as_it_was = !is_checked || self.check == now;
        let known: Vec<&str> = self.check.split_whitespace().collect();
        let mut inputs = now
            .split_whitespace()
            .filter(|part| !part.starts_with(PLACES));
        let asks_for_more = is_checked && !inputs.all(|part| known.contains(&part));
        match (self.outcome.as_str(), self.code.as_str()) {
            ("scheduled", _) if !asks_for_more => Some(Standing::Spent),
            ("unknown" | "sending", _) if !asks_for_more => Some(Standing::Open),
            ("skipped", "already") if !asks_for_more => Some(Standing::NotSent),
            ("rejected", _) if is_checked && is_as_it_was => Some(Standing::NotSent),
            // Judged anew.
            ("skipped", "already" | "forgotten" | "duplicate" | "doubtful") => None,
            ("skipped", _) if is_as_it_was => Some(Standing::NotSent),
            _ => None,
        }
    }

    /// What it says, in a sentence: `scheduled, COMPLETED, job 42`.
    pub fn sentence(&self) -> String {
        let code = Some(&self.code).filter(|code| !code.eq_ignore_ascii_case(&self.outcome));
        let job = Some(&self.job_id).filter(|job| !job.is_empty());
        let job = job.map(|job| format!("job {job}"));
        let parts = [
            Some(&self.outcome),
            code,
            Some(&self.job_status),
            job.as_ref(),
        ];
        let parts = parts.into_iter().flatten().map(String::as_str);
        parts
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// What a draft asks for, as one flat object: its inputs, the module and the record.
fn asked(draft: &Draft) -> Map<String, Value> {
    let mut asked: Map<String, Value> =
        serde_json::from_str(&draft.inputs_json()).unwrap_or_default();
    asked.insert(MODULE.to_owned(), Value::from(draft.module.trim()));
    asked.insert(RECORD_ID.to_owned(), Value::from(draft.record()));
    asked
}

/// A few digits for each input, the module and the record: `n1f0a22 e93c2b7`. They show whether it
/// is still what it was, no more; they begin with a letter so that no spreadsheet takes them for a
/// number.
pub(super) fn check_of(asked: &Map<String, Value>) -> String {
    let fields = Field::ALL.into_iter().map(Field::as_str);
    let parts = fields.chain([MODULE, RECORD_ID]).filter_map(|name| {
        let value = asked
            .get(name)?
            .as_str()
            .filter(|value| !value.is_empty())?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, value.as_bytes());
        let letter = name.chars().next()?;
        match digest.as_ref() {
            [a, b, c, ..] => Some(format!("{letter}{a:02x}{b:02x}{c:02x}")),
            _ => None,
        }
    });
    parts.collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests;
