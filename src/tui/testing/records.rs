//! Records as the CRM tells of them.

use crate::base::EnrichmentKind;
use crate::enrichment::{Draft, Field};
use crate::ops::prefill::{Found, FoundPage};
use crate::tui::effects::{Ask, Effect};
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
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

/// The ticket of the last question for records.
pub(crate) fn ticket(bench: &Bench) -> u64 {
    let mut asks = bench.effects.iter().rev();
    asks.find_map(|effect| match effect {
        Effect::Ask(Ask::LoadRecords { ticket, .. }) => Some(*ticket),
        _ => None,
    })
    .unwrap()
}

/// The popup with a page of records, over the form of the product's drawing.
pub(crate) fn finding(width: u16, height: u16) -> Bench {
    let mut bench = Bench::at_work(width, height);
    bench.press("Ctrl+F");
    let ticket = ticket(&bench);
    bench.tell(Msg::Records {
        ticket,
        result: Ok(page()),
    });
    bench.effects.clear();
    bench
}
