//! Full-text search over everything that was ever sent.
//!
//! What a person types is text, never a query language: each word is quoted, all must be there, and
//! the last one may be unfinished.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rusqlite::params;

use crate::base::limits::SEARCH_CHARS_MIN;
use crate::base::{AttemptId, RunId};

use super::cells::Cells;
use super::error::LedgerError;
use super::handle::Ledger;

impl Ledger {
    /// The attempts of a run whose code or job holds this text, in any case.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn run_attempts_with(
        &self,
        run: RunId,
        text: String,
    ) -> Result<BTreeSet<AttemptId>, LedgerError> {
        self.read("search the run", move |conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id FROM attempts INDEXED BY attempts_run WHERE run = ?1
                         AND (instr(lower(code), lower(?2)) > 0 OR instr(lower(job_id), lower(?2)) > 0)",
                )?
                .query_map(params![run.0, text], |row| {
                    Ok(AttemptId(Cells::of(row).take()?))
                })?
                .collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// What is searchable of one attempt.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    /// The flat JSON object; only its values are searched.
    pub(super) inputs: Option<&'a str>,
    pub(super) module: &'a str,
    pub(super) record_id: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) message: Option<&'a str>,
    pub(super) job_id: Option<&'a str>,
}

impl Words<'_> {
    /// The text of the index.
    pub(super) fn text(&self) -> String {
        let mut text = String::from(self.module);
        for word in [self.record_id, self.code, self.message, self.job_id]
            .into_iter()
            .flatten()
        {
            let _ = write!(text, " {word}");
        }
        if let Some(inputs) = self.inputs {
            match serde_json::from_str(inputs) {
                Ok(value) => add_values(&value, &mut text),
                Err(_) => {
                    let _ = write!(text, " {inputs}");
                }
            }
        }
        text
    }
}

fn add_values(value: &serde_json::Value, text: &mut String) {
    use serde_json::Value;
    match value {
        Value::String(word) => {
            let _ = write!(text, " {word}");
        }
        Value::Number(number) => {
            let _ = write!(text, " {number}");
        }
        Value::Array(items) => items.iter().for_each(|item| add_values(item, text)),
        Value::Object(fields) => fields.values().for_each(|item| add_values(item, text)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// How the last word of a search is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastWord {
    /// As it stands.
    Whole,
    /// It may be the beginning of a longer one.
    Unfinished,
}

/// How a search is tried, the cheaper way first. An unfinished end of an address such as
/// `ada@acme.co` begins so many words that looking for all of them takes a tenth of a second in a
/// million attempts; it is tried only if the address as it stands is not found.
pub(super) fn ways(typed: &str) -> &'static [LastWord] {
    let last = typed.split_whitespace().next_back().unwrap_or_default();
    let is_finished = !typed.chars().next_back().is_some_and(char::is_alphanumeric);
    if is_finished {
        &[LastWord::Whole]
    } else if last.chars().all(char::is_alphanumeric) {
        &[LastWord::Unfinished]
    } else {
        &[LastWord::Whole, LastWord::Unfinished]
    }
}

/// The FTS5 query for what a person typed; `None` when there is too little to search for.
pub(super) fn query(typed: &str, last: LastWord) -> Option<String> {
    let letters = typed.chars().filter(|c| c.is_alphanumeric()).count();
    if letters < SEARCH_CHARS_MIN {
        return None;
    }
    let mut query = String::new();
    for word in typed.split_whitespace() {
        // A word without a letter or digit has no token and would match nothing.
        if !word.chars().any(char::is_alphanumeric) {
            continue;
        }
        let quoted: String = word
            .chars()
            .filter(|c| *c != '\0')
            .map(|c| if c == '"' { ' ' } else { c })
            .collect();
        let _ = write!(query, "\"{}\" ", quoted.trim());
    }
    let query = query.trim_end();
    Some(match last {
        LastWord::Unfinished => format!("{query} *"),
        LastWord::Whole => query.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("ada", &["\"ada\" *"])]
    #[case("ada ", &["\"ada\""])]
    #[case("ada@acme.io x", &["\"ada@acme.io\" \"x\" *"])]
    #[case("x ada@acme.io", &["\"x\" \"ada@acme.io\"", "\"x\" \"ada@acme.io\" *"])]
    #[case("a\"b OR", &["\"a b\" \"OR\" *"])]
    #[case("a", &[])]
    #[case("* - (", &[])]
    #[case("", &[])]
    fn what_is_typed_is_quoted(#[case] typed: &str, #[case] expected: &[&str]) {
        let tried: Vec<_> = ways(typed)
            .iter()
            .filter_map(|way| query(typed, *way))
            .collect();

        assert_eq!(tried, expected);
    }

    #[test]
    fn only_the_values_of_the_inputs_are_indexed() {
        let words = Words {
            inputs: Some(r#"{"email":"ada@acme.io","company":{"name":"Acme"}}"#),
            module: "Leads",
            code: Some("LIMIT_EXCEEDED"),
            ..Words::default()
        };

        assert_eq!(words.text(), "Leads LIMIT_EXCEEDED ada@acme.io Acme");
    }

    proptest! {
        #[test]
        fn no_text_is_a_syntax_error(typed in "\\PC{0,20}|[\"*():^+\\-{}a-c\\x00 ]{0,20}") {
            let conn = rusqlite::Connection::open_in_memory().unwrap();
            conn.execute_batch("CREATE VIRTUAL TABLE s USING fts5(text)").unwrap();

            for query in ways(&typed).iter().filter_map(|way| query(&typed, *way)) {
                let found: Result<i64, _> = conn.query_row(
                    "SELECT count(*) FROM s WHERE s MATCH ?1", [&query], |row| row.get(0));
                prop_assert!(found.is_ok(), "{typed:?} became {query:?}: {found:?}");
            }
        }
    }
}
