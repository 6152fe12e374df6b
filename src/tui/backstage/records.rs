//! Records of the CRM that can fill the form.

use super::convert::failure;
use crate::base::{EnrichmentKind, ModuleName, ProfileName};
use crate::enrichment::{Draft, Field};
use crate::ops::prefill::{Found, FoundPage, from_record, search};
use crate::ops::{Deck, OpsError};
use crate::tui::effects::Wanted;
use crate::tui::model::Failure;

pub(super) async fn load(
    deck: &Deck,
    profile: &ProfileName,
    (kind, module): (EnrichmentKind, &ModuleName),
    wanted: Wanted,
) -> Result<FoundPage, Failure> {
    let found = async {
        let desk = deck.desk(Some(profile))?;
        match wanted {
            Wanted::Record(id) => from_record(&desk, kind, module.as_str(), &id)
                .await
                .map(one),
            Wanted::Page { word, place } => {
                search(&desk, (kind, module.as_str()), word.as_deref(), place).await
            }
        }
    };
    match found.await {
        Ok(page) => Ok(page),
        // An answer like any other: there is none.
        Err(OpsError::NotFound(_)) => Ok(FoundPage::default()),
        Err(error) => Err(failure(&error)),
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
