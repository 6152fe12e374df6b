//! The client's own checks against the simulator's independent reading of the same contract.
//!
//! Both were written from the contract alone. Where the client says that a draft is good, the
//! simulator takes it; where it does not, the simulator answers the same code at the same place.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

use std::sync::{LazyLock, Mutex};

use proptest::prelude::*;
use serde_json::Value;
use ziadeck::base::EnrichmentKind;
use ziadeck::enrichment::validate::Configuration;
use ziadeck::enrichment::{Draft, EnrichmentRequest, Field, FieldRef, Known, validate};
use ziadeck::simulator::{Judge, Rules};

/// One judge for all cases: it forgets each case, and is slow to make.
static JUDGE: LazyLock<Mutex<Judge>> = LazyLock::new(|| Mutex::new(Judge::new(Rules::default())));

/// What the client would know of the simulator's organisation for a module.
fn known(kind: EnrichmentKind, module: &str) -> Known {
    let active = |unmapped: &[&str]| Configuration::Active {
        fills: Vec::new(),
        unmapped: unmapped.iter().map(|name| (*name).to_owned()).collect(),
    };
    let configuration = match (kind, module) {
        (_, "Leads") => active(&[]),
        (EnrichmentKind::People, "Contacts") => active(&["facebook"]),
        (EnrichmentKind::People, "Vendors") => Configuration::Disabled,
        (EnrichmentKind::Org, "Accounts") => active(&["email"]),
        _ => Configuration::Missing,
    };
    let modules = ["Leads", "Contacts", "Accounts", "Vendors", "Event_Guests"];
    Known {
        modules: Some(modules.map(str::to_owned).to_vec()),
        configuration: Some(configuration),
    }
}

/// Values that stand close to a rule, on both sides of it. Neither control characters nor texts of
/// more than a thousand letters are among them: the contract says nothing of these, and the client
/// refuses them on its own account.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        4 => "[a-z]{3,12}",
        1 => "[a-z]{1,2}",
        1 => "[éß東ж]{1,4}",
        1 => Just("x".repeat(150)),
        1 => Just("x".repeat(151)),
        1 => Just("x".repeat(256)),
        1 => " {1,4}",
        1 => "[ \u{a0}\u{200b}\u{feff}]{1,3}",
        1 => "[a-z]{2,6}\u{a0}[a-z]{2,6}\u{200b}?",
        1 => " ?[a-z]{2,3} ?",
        1 => "[!-~]{3,20}",
    ]
}

fn draft() -> impl Strategy<Value = Draft> {
    let kind = prop_oneof![Just(EnrichmentKind::People), Just(EnrichmentKind::Org)];
    let module = prop_oneof![
        6 => Just("Leads"),
        3 => Just("Contacts"),
        1 => Just("Accounts"),
        1 => Just("Vendors"),
        1 => Just("Event_Guests"),
        1 => Just("Deals"),
        1 => Just(""),
    ];
    let record_id = prop_oneof![
        6 => Just(""),
        1 => Just("5725767000001010663"),
        1 => Just("zcrm_5725767000001010663"),
        1 => Just("12345678901234567890"),
        1 => Just("12a"),
    ];
    let values = proptest::collection::vec(value(), Field::ALL.len());
    (kind, module, record_id, values).prop_map(|(kind, module, record_id, values)| {
        let mut draft = Draft::new(kind, module);
        record_id.clone_into(&mut draft.record_id);
        for (field, value) in Field::ALL.into_iter().zip(values) {
            draft.set(field, &value);
        }
        draft
    })
}

/// Status, code and place of an answer.
fn judged(request: &EnrichmentRequest) -> (u16, String, String) {
    let mut query = Vec::new();
    if !request.module().is_empty() {
        query.push(("module", request.module()));
    }
    if let Some(id) = request.record_id() {
        query.push(("record_id", id));
    }
    let body = request.body().as_bytes();
    let (status, answer) = JUDGE.lock().unwrap().judge(request.kind(), &query, body);
    let item = answer
        .get(request.kind().api_name())
        .map_or(&answer, |items| &items[0]);
    let details = &item["details"];
    let place = ["json_path", "param_name"]
        .iter()
        .find_map(|key| details.get(key))
        .or_else(|| details.pointer("/expected_fields/0/json_path"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let code = item["code"].as_str().unwrap();
    (status, code.to_owned(), place.to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn client_and_simulator_read_the_contract_alike(draft in draft()) {
        let found = validate(&draft, &known(draft.kind, &draft.module));

        let (status, code, place) = judged(&EnrichmentRequest::forced(&draft));

        let Some(first) = found.first() else {
            prop_assert_eq!((status, code.as_str()), (202, "SCHEDULED"));
            return Ok(());
        };
        prop_assert_eq!(status, 400);
        prop_assert_eq!(&code, first.code.as_str(), "at {}", place);
        match first.place {
            FieldRef::Module => prop_assert_eq!(place, "module"),
            FieldRef::RecordId => prop_assert_eq!(place, "record_id"),
            FieldRef::Input(field) => {
                prop_assert_eq!(Field::from_path(&place), Some(field), "{}", place);
            }
            FieldRef::Inputs => prop_assert!(place.contains("enrich_based_on"), "{}", place),
        }
    }
}
