//! Full-text search over everything that was ever sent.
//!
//! What a person types is text, never a query language: each word is quoted, all must be there, and
//! the last one may be unfinished.

use std::fmt::Write as _;

use crate::base::limits::SEARCH_CHARS_MIN;

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

/// The FTS5 query for what a person typed; `None` when there is too little to search for.
pub(super) fn query(typed: &str) -> Option<String> {
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
    let unfinished = typed.chars().next_back().is_some_and(char::is_alphanumeric);
    let query = query.trim_end();
    Some(if unfinished {
        format!("{query} *")
    } else {
        query.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("ada", Some("\"ada\" *"))]
    #[case("ada ", Some("\"ada\""))]
    #[case("ada@acme.io x", Some("\"ada@acme.io\" \"x\" *"))]
    #[case("a\"b OR", Some("\"a b\" \"OR\" *"))]
    #[case("a", None)]
    #[case("* - (", None)]
    #[case("", None)]
    fn what_is_typed_is_quoted(#[case] typed: &str, #[case] expected: Option<&str>) {
        assert_eq!(query(typed).as_deref(), expected);
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

            if let Some(query) = query(&typed) {
                let found: Result<i64, _> = conn.query_row(
                    "SELECT count(*) FROM s WHERE s MATCH ?1", [&query], |row| row.get(0));
                prop_assert!(found.is_ok(), "{typed:?} became {query:?}: {found:?}");
            }
        }
    }
}
