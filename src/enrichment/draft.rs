//! A draft: what a person, a file or a script asks for, right or wrong.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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
    #[serde(flatten)]
    inputs: Inputs,
}

/// The values of the inputs, in the order of [`Field::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Inputs([String; Field::ALL.len()]);

impl Serialize for Inputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Field::ALL.map(Field::as_str).iter().zip(&self.0))
    }
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut told: Map<String, Value> = Map::deserialize(deserializer)?;
        let mut inputs = Self::default();
        for (field, place) in Field::ALL.iter().zip(&mut inputs.0) {
            match told.remove(field.as_str()) {
                None => {}
                Some(Value::String(text)) => *place = text,
                Some(_) => return Err(D::Error::custom(format!("{field} must be a text"))),
            }
        }
        Ok(inputs)
    }
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
        self.inputs.0.get(field as usize).map_or("", String::as_str)
    }

    /// Sets the value of an input.
    pub fn set(&mut self, field: Field, value: &str) {
        if let Some(place) = self.inputs.0.get_mut(field as usize) {
            value.clone_into(place);
        }
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
        let kind = self.kind;
        let below = |field: &Field| match field.keys(kind) {
            [outer, inner] if *outer == key => Some(*inner),
            _ => None,
        };
        let fields = Field::of(kind);
        match (key, value) {
            (_, Value::Object(map)) if fields.iter().any(|field| below(field).is_some()) => {
                for (inner, value) in map {
                    let name = format!("{key}.{inner}");
                    let found = fields.iter().find(|field| below(field) == Some(inner));
                    let field = found.ok_or_else(|| unknown_key(&name))?;
                    self.put(*field, &name, value)?;
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
                if !fields.contains(&field) {
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
    let tree = Field::tree(EnrichmentKind::People);
    format!("{key} is not an input; the inputs are {tree}")
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
        (any::<bool>(), prop::collection::vec(text, Field::ALL.len())).prop_map(|(org, values)| {
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
    fn a_draft_is_kept_as_one_flat_object() {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Email, " ada@acme.example");
        let text = r#"{"kind":"people","module":"Leads","record_id":""#.to_owned();
        let text = Field::ALL.iter().fold(text, |text, field| {
            format!(r#"{text}","{field}":"{}"#, draft.value(*field))
        }) + "\"}";

        assert_eq!(serde_json::to_string(&draft).unwrap(), text);
        let newer = text.replace('{', r#"{"later":{"is":[1]},"n":1.5,"#);
        assert_eq!(serde_json::from_str::<Draft>(&newer).unwrap(), draft);
        assert!(serde_json::from_str::<Draft>(r#"{"email":1}"#).is_err());
    }

    #[test]
    fn a_broken_document_leaves_the_draft_alone_and_says_where() {
        let error = Draft::default().with_json("{\n  \"name\": }").unwrap_err();

        assert!(error.starts_with("line 2, column"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = Draft::default().with_json(r#"{"fax":"1"}"#).unwrap_err();

        assert!(error.starts_with("fax is not an input"), "{error}");
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
