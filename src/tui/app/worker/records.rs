//! Records of the CRM that can fill the form.

use super::At;
use crate::base::{ModuleName, Scope};
use crate::enrichment::{Draft, Field};
use crate::ops::OpsError;
use crate::ops::prefill::{Found, FoundPage, from_record, search};
use crate::tui::app::op::Wanted;

pub(crate) async fn load(
    at: At<'_>,
    scope: Scope,
    module: ModuleName,
    wanted: Wanted,
) -> Result<FoundPage, OpsError> {
    let session = at.session(&scope.profile)?;
    let found = match wanted {
        Wanted::Record(id) => from_record(&session, scope.kind, module.as_str(), &id)
            .await
            .map(one),
        Wanted::Page { word, place } => {
            search(
                &session,
                (scope.kind, module.as_str()),
                word.as_deref(),
                place,
            )
            .await
        }
    };
    match found {
        // An answer like any other: there is none.
        Err(OpsError::NotFound(_)) => Ok(FoundPage::default()),
        found => found,
    }
}

fn one(draft: Draft) -> FoundPage {
    let label = [Field::Name, Field::Email, Field::Company, Field::Website]
        .map(|field| draft.value(field))
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or("a record without a name")
        .to_owned();
    let found = Found {
        id: draft.record_id.clone(),
        label,
        draft,
    };
    FoundPage {
        records: vec![found],
        next: None,
    }
}
