//! Two readings of the contract, held against each other: what the client warns of against a server
//! that reads the vague sentences mildly (`differential.rs` has the strict one), with what the
//! client learned by asking; and the documented errors against what the client reads in them.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

mod support;

use std::cell::RefCell;
use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use ziadeck::base::{EnrichmentKind, ErrorCode};
use ziadeck::enrichment::{
    Draft, EnrichmentRequest, Field, FieldRef, Known, Severity, Violation, validate,
};
use ziadeck::ops::setup;
use ziadeck::simulator::{Judge, Rules};
use ziadeck::wire::read_entry;
use ziadeck::zoho::classify::TokenVerdict;
use ziadeck::zoho::submit::Body;
use ziadeck::zoho::{Observation, Reply, classify};

/// Offered with a configuration, with gaps in it, switched off, without one, not offered.
const MODULES: [&str; 5] = ["Leads", "Contacts", "Vendors", "Accounts", "Deals"];

/// What the client knows of each module after it asked a simulator.
fn known(kind: EnrichmentKind, module: &str) -> Known {
    static ASKED: OnceLock<Vec<(EnrichmentKind, &str, Known)>> = OnceLock::new();
    let all = ASKED.get_or_init(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let bench = support::Bench::quiet().await;
            let context = bench.context().await;
            let session = context.session(None).unwrap();
            let mut all = Vec::new();
            for kind in EnrichmentKind::ALL {
                for module in MODULES {
                    all.push((kind, module, setup::known(&session, kind, module).await));
                }
            }
            all
        })
    });
    all.iter()
        .find(|(of, name, _)| *of == kind && *name == module)
        .map(|(_, _, known)| known.clone())
        .unwrap_or_else(|| Known {
            modules: all.first().and_then(|(_, _, known)| known.modules.clone()),
            configuration: None,
        })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        6 => "[a-z@./]{3,12}",
        2 => "[a-z]{1,2}",
        1 => "[ ]{1,4}",
        1 => " [a-z]{1,3} ",
        1 => Just("zoë@acme.example".to_owned()),
        1 => Just("é".to_owned()),
        1 => "[a-z]{149,152}",
    ]
}

fn module() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => Just("Leads".to_owned()),
        3 => Just("Contacts".to_owned()),
        1 => proptest::sample::select(&MODULES[..]).prop_map(str::to_owned),
        1 => proptest::sample::select(&["", "Nothing", "Le ads", "9"][..]).prop_map(str::to_owned),
    ]
}

fn record_id() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        2 => "[0-9]{1,19}",
        1 => Just("12345678901234567890".to_owned()),
        1 => Just("x1".to_owned()),
    ]
}

prop_compose! {
    fn draft()(
        is_org in proptest::bool::weighted(0.3),
        module in module(),
        record_id in record_id(),
        values in proptest::collection::vec(value(), Field::ALL.len()),
    ) -> Draft {
        let kind = if is_org { EnrichmentKind::Org } else { EnrichmentKind::People };
        let mut draft = Draft::new(kind, &module);
        draft.record_id = record_id;
        for (field, value) in Field::of(kind).iter().zip(&values) {
            draft.set(*field, value);
        }
        draft
    }
}

/// A refusal: its code, what it points at, its details.
type Said = (ErrorCode, Option<FieldRef>, Value);

thread_local! {
    static MILD: RefCell<Judge> = RefCell::new(Judge::new(Rules {
        english_only: false,
        company_needs_name: false,
        // Which records there are is not the client's to know.
        any_record: true,
        ..Rules::default()
    }));
}

/// What the simulator answers: nothing when it accepts, else the code and what it points at.
fn judged(judge: &RefCell<Judge>, draft: &Draft) -> Option<Said> {
    let request = EnrichmentRequest::forced(draft);
    let mut query = Vec::new();
    if !request.module().is_empty() {
        query.push(("module", request.module()));
    }
    if let Some(id) = request.record_id() {
        query.push(("record_id", id));
    }
    let (status, body) = judge
        .borrow_mut()
        .judge(draft.kind, &query, request.body().as_bytes());
    if status == 202 {
        return None;
    }
    let entry = read_entry(&body).unwrap();
    let place = entry.fields().first().and_then(|field| field.place);
    Some((entry.code.clone().unwrap(), place, entry.details))
}

/// Whether a violation is what the server says, code and path.
fn is_it(kind: EnrichmentKind, violation: &Violation, said: &Said) -> bool {
    let (code, place, details) = said;
    if violation.code != *code {
        return false;
    }
    let path = details.get("json_path").and_then(Value::as_str);
    match violation.place {
        // The server names every input that would do.
        FieldRef::Inputs => *code == ErrorCode::ExpectedFieldMissing,
        FieldRef::Module | FieldRef::RecordId => *place == Some(violation.place),
        FieldRef::Input(field) => path.is_some_and(|path| {
            // A missing partner is named as a whole: `company`, not `company.name`.
            let keys = field.keys(kind).join(".");
            let own = format!("$.{}[0].enrich_based_on.{keys}", kind.api_name());
            own == path
                || (*code == ErrorCode::DependentFieldMissing
                    && own.starts_with(&format!("{path}.")))
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_server_that_reads_mildly_refuses_errors_and_accepts_warnings(draft in draft()) {
        let found = validate(&draft, &known(draft.kind, draft.module.trim()));
        let first = found.iter().find(|one| one.severity == Severity::Error);

        match (MILD.with(|judge| judged(judge, &draft)), first) {
            (None, None) => {}
            (Some(said), Some(first)) => {
                prop_assert!(is_it(draft.kind, first, &said), "{said:?} but {found:?}");
            }
            (said, _) => prop_assert!(false, "{said:?} but {found:?}"),
        }
    }
}

#[test]
fn every_documented_error_is_read_in_both_envelopes() {
    let text = include_str!("fixtures/contract/errors.json");
    let all: Vec<Value> = serde_json::from_str(text).unwrap();
    for case in all {
        let entry = json!({
            "code": case["code"], "details": case["details"],
            "message": case["message"], "status": "error",
        });
        for body in [entry.clone(), json!({"__zia_people_enrichment": [entry]})] {
            let verdict = classify(&Observation {
                seen: Ok(Reply {
                    status: u16::try_from(case["http"].as_u64().unwrap()).unwrap(),
                    headers: Vec::new(),
                    body: Body::Whole(body.to_string().into_bytes()),
                }),
                latency: Duration::ZERO,
            });

            let settled = &verdict.settlement;
            assert_eq!(settled.outcome.as_str(), case["outcome"], "{case}");
            assert_eq!(settled.code.as_deref(), case["code"].as_str(), "{case}");
            assert_eq!(settled.message.as_deref(), case["message"].as_str());
            assert_eq!(settled.learned_limit, case["limit"].as_u64(), "{case}");
            let kept: Value = serde_json::from_str(settled.details.as_deref().unwrap()).unwrap();
            assert_eq!(kept, case["details"], "{case}");
            let is_refused = case["token"] == "refused";
            assert_eq!(verdict.token == TokenVerdict::Refused, is_refused, "{case}");
            assert_eq!(verdict.retry_after.as_deref(), case["retry_after"].as_str());
            let fields: Vec<Value> = verdict
                .fields
                .iter()
                .filter_map(|field| field.place)
                .map(|place| place.as_str().into())
                .collect();
            assert_eq!(Value::from(fields), case["fields"], "{case}");
        }
    }
}
