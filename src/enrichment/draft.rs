//! A draft: what a person, a file or a script asks for, right or wrong.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::field::Field;
use super::identity::cleaned;
use super::record::record_id;
use crate::base::EnrichmentKind;
use crate::base::limits::INPUT_CHARS_MAX;

/// What is being composed. Every value may be wrong; nothing is lost by keeping it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// The module's API name as typed.
    pub module: String,
    /// The record's id as typed; empty where the enrichment belongs to no record.
    pub record_id: String,
    /// The person's or organisation's name.
    pub name: String,
    /// An e-mail address.
    pub email: String,
    /// The company's name.
    pub company: String,
    /// The company's website.
    pub website: String,
    /// The LinkedIn page.
    pub linkedin: String,
    /// The Twitter page.
    pub twitter: String,
    /// The Facebook page.
    pub facebook: String,
}

impl Draft {
    /// An empty draft for a module.
    pub fn new(kind: EnrichmentKind, module: &str) -> Self {
        Self {
            kind,
            module: module.to_owned(),
            ..Self::default()
        }
    }

    /// The value of an input, as typed.
    pub fn value(&self, field: Field) -> &str {
        match field {
            Field::Name => &self.name,
            Field::Email => &self.email,
            Field::Company => &self.company,
            Field::Website => &self.website,
            Field::Linkedin => &self.linkedin,
            Field::Twitter => &self.twitter,
            Field::Facebook => &self.facebook,
        }
    }

    /// Sets the value of an input.
    pub fn set(&mut self, field: Field, value: &str) {
        let place = match field {
            Field::Name => &mut self.name,
            Field::Email => &mut self.email,
            Field::Company => &mut self.company,
            Field::Website => &mut self.website,
            Field::Linkedin => &mut self.linkedin,
            Field::Twitter => &mut self.twitter,
            Field::Facebook => &mut self.facebook,
        };
        value.clone_into(place);
    }

    /// The inputs that hold something, as they are sent, in the order of the body.
    pub fn given(&self) -> impl Iterator<Item = (Field, Cow<'_, str>)> {
        Field::of(self.kind)
            .iter()
            .map(|field| (*field, cleaned(self.value(*field))))
            .filter(|(_, value)| !value.is_empty())
    }

    /// The record's id as it is sent, however it was written; empty where there is none. What a
    /// spreadsheet spoiled is still no id.
    pub fn record(&self) -> Cow<'_, str> {
        record_id(&self.record_id)
    }

    /// Whether no input holds anything.
    pub fn is_empty(&self) -> bool {
        self.given().next().is_none()
    }

    /// The inputs as one flat JSON object, `{"name":"…"}`: the form of the ledger and of `log`.
    pub fn inputs_json(&self) -> String {
        let map: Map<String, Value> = self
            .given()
            .map(|(field, value)| (field.as_str().to_owned(), Value::from(value)))
            .collect();
        Value::Object(map).to_string()
    }

    /// What makes two requests the same for a ledger of version 0.1, which knows them by a hash of
    /// this: kind, module and the inputs, in lower case and with folded white space. It may never
    /// change; who is asked about is the [`Identity`](super::identity::Identity).
    pub fn canonical(&self) -> String {
        let mut text = format!("{}\n{}", self.kind, cleaned(&self.module));
        for (field, value) in self.given() {
            let folded: Vec<_> = value.split_whitespace().collect();
            text.push('\n');
            text.push_str(field.as_str());
            text.push('=');
            text.push_str(&folded.join(" ").to_lowercase());
        }
        text
    }

    /// The request's JSON as it would be sent, laid out for an editor. Inputs that are not
    /// given stand there empty, so that they can be filled in.
    pub fn to_editor_json(&self) -> String {
        let body = super::request::body_value(self, super::request::Blanks::Kept);
        serde_json::to_string_pretty(&body).unwrap_or_default()
    }

    /// Reads a draft back from JSON: the API's own body, one element of it, `enrich_based_on`
    /// alone, or the flat form of [`Draft::inputs_json`], which may hold `kind`, `module` and
    /// `record_id` beside the inputs; else they come from `self`.
    ///
    /// # Errors
    /// A sentence that names what was not understood; `self` stays as it was.
    pub fn with_json(&self, text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            format!(
                "line {}, column {}: this is not JSON: {error}",
                error.line(),
                error.column()
            )
        })?;
        let inner = unwrap_body(&value)?;
        let Value::Object(map) = inner else {
            return Err("an object with the inputs is expected".to_owned());
        };
        let mut draft = Self {
            kind: kind_of(&value)
                .or_else(|| kind_word(&value))
                .unwrap_or(self.kind),
            module: self.module.clone(),
            record_id: self.record_id.clone(),
            ..Self::default()
        };
        for (key, value) in map {
            draft.take(key, value)?;
        }
        Ok(draft)
    }

    fn take(&mut self, key: &str, value: &Value) -> Result<(), String> {
        match (key, value) {
            ("company" | "social", Value::Object(map)) if self.kind == EnrichmentKind::People => {
                for (inner, value) in map {
                    let field = match (key, inner.as_str()) {
                        ("company", "name") => Field::Company,
                        ("company", "website") => Field::Website,
                        ("social", "linkedin") => Field::Linkedin,
                        ("social", "twitter") => Field::Twitter,
                        ("social", "facebook") => Field::Facebook,
                        _ => return Err(unknown_key(&format!("{key}.{inner}"))),
                    };
                    self.put(field, &format!("{key}.{inner}"), value)?;
                }
                Ok(())
            }
            // Taken by the caller, before the inputs are read.
            ("kind", Value::String(text)) => text.parse::<EnrichmentKind>().map(drop),
            ("module", Value::String(text)) => {
                self.module.clone_from(text);
                Ok(())
            }
            ("record_id", Value::String(text)) => {
                self.record_id.clone_from(text);
                Ok(())
            }
            ("record_id", Value::Number(number)) => {
                self.record_id = number.to_string();
                Ok(())
            }
            ("record_id", Value::Null) => Ok(()),
            _ => {
                let field: Field = key.parse().map_err(|_| unknown_key(key))?;
                if !Field::of(self.kind).contains(&field) {
                    return Err(format!(
                        "{key} is not an input of {} enrichment",
                        self.kind.as_str()
                    ));
                }
                self.put(field, key, value)
            }
        }
    }

    fn put(&mut self, field: Field, key: &str, value: &Value) -> Result<(), String> {
        match value {
            Value::Null => Ok(()),
            Value::String(text) if text.chars().count() > INPUT_CHARS_MAX => {
                Err(format!("{key} has more than {INPUT_CHARS_MAX} characters"))
            }
            Value::String(text) => {
                self.set(field, text);
                Ok(())
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(format!("{key} must be a text in quotation marks"))
            }
        }
    }
}

fn unknown_key(key: &str) -> String {
    format!(
        "{key} is not an input; the inputs are name, email, company {{name, website}} and social \
         {{linkedin, twitter, facebook}}"
    )
}

fn kind_of(value: &Value) -> Option<EnrichmentKind> {
    EnrichmentKind::ALL
        .into_iter()
        .find(|kind| value.get(kind.api_name()).is_some())
}

/// The kind that the flat form names.
fn kind_word(value: &Value) -> Option<EnrichmentKind> {
    value.get("kind")?.as_str()?.parse().ok()
}

fn unwrap_body(value: &Value) -> Result<&Value, String> {
    let element = match kind_of(value) {
        Some(kind) => match value.get(kind.api_name()) {
            Some(Value::Array(items)) => match items.as_slice() {
                [one] => one,
                _ => {
                    return Err(format!(
                        "{} must hold exactly one element: each POST enriches one",
                        kind.api_name()
                    ));
                }
            },
            _ => return Err(format!("{} must be an array", kind.api_name())),
        },
        None => value,
    };
    Ok(element.get("enrich_based_on").unwrap_or(element))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_draft() -> impl Strategy<Value = Draft> {
        let text = "[ -~]{0,12}";
        (any::<bool>(), prop::array::uniform7(text)).prop_map(|(org, values)| {
            let kind = if org {
                EnrichmentKind::Org
            } else {
                EnrichmentKind::People
            };
            let mut draft = Draft::new(kind, "Leads");
            for (field, value) in Field::of(kind).iter().zip(values) {
                draft.set(*field, value.trim());
            }
            draft
        })
    }

    proptest! {
        #[test]
        fn a_draft_survives_the_editor(draft in any_draft()) {
            let back = Draft::new(EnrichmentKind::People, "Leads").with_json(&draft.to_editor_json());

            prop_assert_eq!(back, Ok(draft));
        }

        #[test]
        fn a_draft_survives_the_flat_form(draft in any_draft()) {
            let back = Draft::new(draft.kind, "Leads").with_json(&draft.inputs_json());

            prop_assert_eq!(back, Ok(draft));
        }
    }

    #[test]
    fn a_broken_document_leaves_the_draft_alone_and_says_where() {
        let error = Draft::default().with_json("{\n  \"name\": }").unwrap_err();

        assert!(error.starts_with("line 2, column"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = Draft::default().with_json(r#"{"phone":"1"}"#).unwrap_err();

        assert!(error.starts_with("phone is not an input"), "{error}");
    }

    #[test]
    fn spelling_of_white_space_and_case_does_not_make_another_person() {
        let mut one = Draft::new(EnrichmentKind::People, "Leads");
        one.set(Field::Name, "Ada  Lovelace ");
        let mut two = one.clone();
        two.set(Field::Name, "ada lovelace");

        assert_eq!(one.canonical(), two.canonical());
    }

    #[test]
    fn the_text_that_old_ledgers_hashed_stays_as_it_was() {
        let mut draft = Draft::new(EnrichmentKind::People, " Leads ");
        draft.record_id = "42".to_owned();
        draft.set(Field::Email, " ADA@acme.example\t");
        draft.set(Field::Name, "Zo\u{cb}  M\tLovelace");
        draft.set(Field::Website, "https://www.acme.example/");

        assert_eq!(
            draft.canonical(),
            "people\nLeads\nname=zo\u{eb} m lovelace\nemail=ada@acme.example\n\
             website=https://www.acme.example/"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_not_given() {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Name, "Ada\u{a0}Lovelace\u{200b}");
        draft.set(Field::Company, "\u{feff}\u{a0}");

        assert_eq!(draft.inputs_json(), r#"{"name":"Ada Lovelace"}"#);
        assert!(draft.canonical().ends_with("\nname=ada lovelace"));
    }
}
