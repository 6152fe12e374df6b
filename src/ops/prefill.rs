//! A draft from a record of the CRM: which field of a module feeds which input.

use serde_json::Value;

use super::error::OpsError;
use super::session::ProfileSession;
use crate::base::{EnrichmentKind, RecordId};
use crate::enrichment::{Draft, Field};
use crate::zoho::query::{RecordPlace, RecordQuery};

/// A record that can fill the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub id: String,
    /// Its name or e-mail, to choose by.
    pub label: String,
    /// What the form would hold.
    pub draft: Draft,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundPage {
    /// The records.
    pub records: Vec<Found>,
    /// The next page, if there is one.
    pub next: Option<RecordPlace>,
}

/// The fields that are asked for (contract 3: the parameter is mandatory). A field that a module
/// lacks is left out of the answer.
pub(super) fn fields() -> Vec<&'static str> {
    let mut fields = vec!["id"];
    for kind in EnrichmentKind::ALL {
        let named = Field::of(kind).iter().flat_map(|field| field.at(kind).crm);
        for name in named.flat_map(|names| names.split(' ')) {
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
    }
    fields
}

/// Records of a page that a person looks through.
const RECORDS_PER_PAGE: u16 = 50;

/// One record as a draft.
///
/// # Errors
/// [`OpsError::NotFound`] when the module has no such record.
pub async fn from_record(
    session: &ProfileSession,
    kind: EnrichmentKind,
    module: &str,
    id: &RecordId,
) -> Result<Draft, OpsError> {
    let record = session
        .ask(|token| async move { session.client().record(module, id.as_str(), &token).await })
        .await?;
    match record {
        Some(record) => Ok(draft_of(&record, kind, module)),
        None => Err(OpsError::NotFound(format!(
            "module {module} has no record {id}"
        ))),
    }
}

/// Records of a module, all or those that hold a word.
///
/// # Errors
/// When there is no token or the scope does not allow it.
pub async fn search(
    session: &ProfileSession,
    (kind, module): (EnrichmentKind, &str),
    word: Option<&str>,
    place: RecordPlace,
) -> Result<FoundPage, OpsError> {
    let query = RecordQuery {
        module: module.to_owned(),
        fields: fields().join(","),
        word: word.map(str::to_owned),
        view: None,
        per_page: RECORDS_PER_PAGE,
        page: place.clone(),
    };
    let page = session
        .ask(|token| {
            let query = query.clone();
            async move { session.client().records(&query, &token).await }
        })
        .await?;
    let records = page
        .records
        .iter()
        .filter_map(|record| {
            let draft = draft_of(record, kind, module);
            let label = [Field::Name, Field::Email, Field::Website]
                .map(|field| draft.value(field))
                .into_iter()
                .find(|text| !text.is_empty())?
                .to_owned();
            Some(Found {
                id: draft.record_id.clone(),
                label,
                draft,
            })
        })
        .collect();
    let next = place.after(page.has_more, page.next_page_token);
    Ok(FoundPage { records, next })
}

pub(super) fn draft_of(record: &Value, kind: EnrichmentKind, module: &str) -> Draft {
    let mut draft = Draft::new(kind, module);
    draft.record_id = text(record, "id");
    let joined = |names: &&str| {
        let parts = names.split(' ').map(|name| text(record, name));
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    };
    for field in Field::of(kind) {
        let mut values = field.at(kind).crm.iter().map(joined);
        let value = values.find(|value| !value.is_empty());
        draft.set(*field, &value.unwrap_or_default());
    }
    // A name without a company would be refused, so it is not filled in alone.
    let company = [Field::Company, Field::Website];
    let has_none = company.iter().all(|field| draft.value(*field).is_empty());
    if kind == EnrichmentKind::People && has_none {
        draft.set(Field::Name, "");
    }
    draft
}

/// Whether a record holds nothing in a field.
pub(super) fn is_empty(record: &Value, field: &str) -> bool {
    match record.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => false,
    }
}

/// A field's text; a lookup field such as Account_Name carries its name inside.
pub(super) fn text(record: &Value, key: &str) -> String {
    match record.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Object(map)) => map
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_)) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_contact_brings_its_account_as_company() {
        let draft = draft_of(
            &json!({"id":"7","First_Name":"Ada","Last_Name":"Lovelace","Email":"ada@acme.example",
                    "Account_Name":{"name":"Acme","id":"9"},"Twitter":null}),
            EnrichmentKind::People,
            "Contacts",
        );

        assert_eq!(
            (
                draft.value(Field::Name),
                draft.value(Field::Company),
                draft.record_id.as_str()
            ),
            ("Ada Lovelace", "Acme", "7")
        );
    }

    #[test]
    fn a_name_without_a_company_is_not_filled_in() {
        let draft = draft_of(
            &json!({"id":"7","Full_Name":"Ada Lovelace","Email":"ada@acme.example"}),
            EnrichmentKind::People,
            "Leads",
        );

        assert_eq!(draft.value(Field::Name), "");
    }
}
