//! A person in texts that are no inputs: results of a job, cells of a file that lead nowhere.

use serde_json::Value;

use super::draft::Draft;
use super::field::Field;
use super::identity::canonical;
use crate::base::EnrichmentKind;

/// The addresses and pages of a person, as they are compared.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    wanted: Vec<(Field, String)>,
}

impl Texts {
    /// What a draft gives that names somebody by itself: a name does not.
    pub fn of(draft: &Draft) -> Self {
        let given = draft.given().filter(|(field, _)| is_own(*field));
        let wanted = given.map(|(field, value)| (field, canonical(draft.kind, field, &value)));
        Self {
            wanted: wanted.collect(),
        }
    }

    /// Whether one of them is a text somewhere in a value.
    pub fn are_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is(text),
            Value::Array(values) => values.iter().any(|value| self.are_in(value)),
            Value::Object(map) => map.values().any(|value| self.are_in(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// The cells of a row, a JSON array, without those that hold one of them, and how many these were;
    /// `None` where none does. A cell that is itself a line of JSON counts as a whole.
    pub fn without(&self, cells: &str) -> Option<(String, u64)> {
        if self.wanted.is_empty() {
            return None;
        }
        let mut cells: Vec<String> = serde_json::from_str(cells).ok()?;
        let mut gone = 0;
        for cell in &mut cells {
            let is_line = cell.trim_start().starts_with('{');
            let line = is_line.then(|| serde_json::from_str(cell).ok()).flatten();
            if self.is(cell) || line.is_some_and(|line: Value| self.are_in(&line)) {
                cell.clear();
                gone += 1;
            }
        }
        (gone > 0).then(|| (Value::from(cells).to_string(), gone))
    }

    fn is(&self, text: &str) -> bool {
        self.wanted.iter().any(|(field, wanted)| {
            may_be(*field, text) && canonical(EnrichmentKind::People, *field, text) == *wanted
        })
    }
}

fn is_own(field: Field) -> bool {
    match field {
        Field::Email | Field::Linkedin | Field::Twitter | Field::Facebook => true,
        Field::Name | Field::Company | Field::Website => false,
    }
}

/// Whether a text can be such a value at all: most are not, and need not be taken apart.
fn may_be(field: Field, text: &str) -> bool {
    match field {
        Field::Email => text.contains(['@', '\u{ff20}', '%']),
        Field::Linkedin | Field::Twitter | Field::Facebook => text.contains(['.', '/', '@']),
        Field::Name | Field::Company | Field::Website => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn texts() -> Texts {
        let mut draft = Draft::new(EnrichmentKind::People, "");
        draft.email = "Ada@Acme.example".to_owned();
        draft.linkedin = "https://www.linkedin.com/in/ada".to_owned();
        draft.name = "Ada".to_owned();
        Texts::of(&draft)
    }

    #[rstest]
    #[case::deep(json!({"emails": [{"email": "ADA@acme.example"}]}), true)]
    #[case::a_page_in_another_spelling(json!({"social": "linkedin.com/in/ada/?trk=x"}), true)]
    #[case::somebody_else(json!({"email": "bob@acme.example"}), false)]
    #[case::a_name_names_nobody(json!({"name": "Ada"}), false)]
    #[case::a_longer_address(json!({"email": "nada@acme.example"}), false)]
    #[case::in_a_sentence(json!({"text": "write to ada@acme.example"}), false)]
    fn a_value_names_the_person_or_not(#[case] value: Value, #[case] does: bool) {
        assert_eq!(texts().are_in(&value), does);
    }

    #[rstest]
    #[case::a_cell(r#"["Bob","mailto:ada@acme.example","x"]"#, Some((r#"["Bob","","x"]"#, 1)))]
    #[case::a_line(r#"["{\"email\":\"ada@acme.example\"}"]"#, Some((r#"[""]"#, 1)))]
    #[case::nobody(r#"["Bob","bob@acme.example"]"#, None)]
    #[case::no_cells("{", None)]
    fn cells_that_name_the_person_are_emptied(
        #[case] cells: &str,
        #[case] left: Option<(&str, u64)>,
    ) {
        let left = left.map(|(left, gone)| (left.to_owned(), gone));
        assert_eq!(texts().without(cells), left);
    }
}
