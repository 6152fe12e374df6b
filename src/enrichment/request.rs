//! A request: the exact bytes of one POST. It cannot be wrong unless a person forced it.

use serde_json::{Map, Value};

use super::draft::Draft;
use super::field::Field;
use super::identity::cleaned;
use super::validate::{Known, Severity, Violation, validate};
use crate::base::EnrichmentKind;

/// One enrichment, ready to be committed to the ledger and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrichmentRequest {
    draft: Draft,
    module: String,
    record_id: String,
    body: String,
    is_forced: bool,
}

impl EnrichmentRequest {
    /// Checks a draft and makes its request.
    ///
    /// # Errors
    /// Every violation found, warnings included, when at least one of them is an error.
    pub fn checked(draft: &Draft, known: &Known) -> Result<Self, Vec<Violation>> {
        let violations = validate(draft, known);
        if violations.iter().any(|v| v.severity == Severity::Error) {
            return Err(violations);
        }
        Ok(Self::make(draft, false))
    }

    /// Makes a request of a draft that a person insists on: the server decides.
    pub fn forced(draft: &Draft) -> Self {
        Self::make(draft, true)
    }

    fn make(draft: &Draft, is_forced: bool) -> Self {
        Self {
            module: cleaned(&draft.module).into_owned(),
            record_id: draft.record().into_owned(),
            body: body_value(draft, Blanks::Dropped).to_string(),
            draft: draft.clone(),
            is_forced,
        }
    }

    /// People or organisation.
    pub fn kind(&self) -> EnrichmentKind {
        self.draft.kind
    }

    /// The module as it goes into the query; empty only in a forced request.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The record's id as it goes into the query.
    pub fn record_id(&self) -> Option<&str> {
        Some(self.record_id.as_str()).filter(|id| !id.is_empty())
    }

    /// The bytes of the body.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The draft that the request was made of.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Whether local checks were overruled.
    pub fn is_forced(&self) -> bool {
        self.is_forced
    }
}

/// What becomes of inputs that are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// They stand in the JSON as empty texts.
    Kept,
    /// They are left out.
    Dropped,
}

/// The body's JSON, keys in the order of [`Field::ALL`] (S, sample).
pub(super) fn body_value(draft: &Draft, blanks: Blanks) -> Value {
    let mut based_on = Map::new();
    for field in Field::of(draft.kind) {
        let value = cleaned(draft.value(*field));
        if value.is_empty() && blanks == Blanks::Dropped {
            continue;
        }
        match field.keys(draft.kind) {
            [outer, inner] => {
                let entry = based_on
                    .entry((*outer).to_owned())
                    .or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(map) = entry {
                    map.insert((*inner).to_owned(), Value::from(value));
                }
            }
            keys => {
                if let Some(key) = keys.first() {
                    based_on.insert((*key).to_owned(), Value::from(value));
                }
            }
        }
    }
    let mut element = Map::new();
    element.insert("enrich_based_on".to_owned(), Value::Object(based_on));
    let mut body = Map::new();
    body.insert(
        draft.kind.api_name().to_owned(),
        Value::Array(vec![Value::Object(element)]),
    );
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Draft {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Name, " Ada Lovelace ");
        draft.set(Field::Company, "Acme");
        draft.set(Field::Linkedin, "linkedin.com/in/ada");
        draft
    }

    #[test]
    fn the_body_is_the_documented_shape_with_nothing_empty_in_it() {
        let request = EnrichmentRequest::checked(&ada(), &Known::default()).unwrap();

        assert_eq!(
            request.body(),
            r#"{"__zia_people_enrichment":[{"enrich_based_on":{"name":"Ada Lovelace","company":{"name":"Acme"},"social":{"linkedin":"linkedin.com/in/ada"}}}]}"#
        );
    }

    #[test]
    fn an_organisation_has_its_website_at_the_top() {
        let mut draft = Draft::new(EnrichmentKind::Org, "Accounts");
        draft.set(Field::Website, "acme.example");
        let request = EnrichmentRequest::checked(&draft, &Known::default()).unwrap();

        assert_eq!(
            request.body(),
            r#"{"__zia_org_enrichment":[{"enrich_based_on":{"website":"acme.example"}}]}"#
        );
    }

    #[test]
    fn what_cannot_be_seen_is_not_sent_and_the_record_is_read_as_it_is_exported() {
        let mut draft = ada();
        draft.set(Field::Name, "\u{feff}Ada\u{a0}Lovelace\u{200b}");
        draft.module = "Leads\u{a0}".to_owned();
        draft.record_id = " zcrm_5725767000003019012".to_owned();
        let request = EnrichmentRequest::checked(&draft, &Known::default()).unwrap();

        assert!(request.body().contains(r#""name":"Ada Lovelace""#));
        assert_eq!(request.module(), "Leads");
        assert_eq!(request.record_id(), Some("5725767000003019012"));
    }

    #[test]
    fn a_wrong_draft_makes_no_request_unless_forced() {
        let draft = Draft::new(EnrichmentKind::People, "Leads");

        assert!(EnrichmentRequest::checked(&draft, &Known::default()).is_err());
        assert!(EnrichmentRequest::forced(&draft).is_forced());
    }
}
