//! Records as the CRM tells of them.

use crate::base::EnrichmentKind;
use crate::enrichment::{Draft, Field};
use crate::ops::prefill::{Found, FoundPage};
use crate::tui::app::op::Payload;
use crate::tui::testing::Harness;
use crate::zoho::query::RecordPlace;

pub(crate) fn record(id: &str, inputs: &[(Field, &str)]) -> Found {
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    id.clone_into(&mut draft.record_id);
    for (field, value) in inputs {
        draft.set(*field, value);
    }
    Found {
        id: id.to_owned(),
        label: inputs[0].1.to_owned(),
        draft,
    }
}

pub(crate) fn page() -> FoundPage {
    FoundPage {
        records: vec![
            record(
                "5725767000001010663",
                &[
                    (Field::Name, "Ada Lovelace"),
                    (Field::Company, "Analytical Engines"),
                    (Field::Email, "ada@acme.io"),
                    (Field::Twitter, "twitter.com/ada"),
                ],
            ),
            record(
                "5725767000001010664",
                &[(Field::Email, "grace@navy.mil"), (Field::Company, "Navy")],
            ),
            record("5725767000001010665", &[(Field::Name, "Lin 林")]),
        ],
        next: Some(RecordPlace::Page(2)),
    }
}

/// The popup with a page of records, over the form of the product's drawing.
pub(crate) fn finding(width: u16, height: u16) -> Harness {
    let mut harness = Harness::at_work(width, height);
    harness.press("Ctrl+F");
    harness.reply(Payload::LoadRecords(page()));
    harness.effects.clear();
    harness
}
