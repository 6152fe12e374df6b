//! The official Python SDK (zohocrmsdk8_0 7.0.0), byte for byte.
//!
//! The fixtures are what it sent to a running simulator, taken by a TCP tap; tokens, host and
//! kernel release are replaced. It read every answer to them without an exception of its own, but
//! for the two whose details it cannot parse at all (contract 8.3): EXPECTED_FIELD_MISSING and
//! DEPENDENT_FIELD_MISSING.

use std::path::Path;

use rstest::rstest;
use serde_json::Value;
use ziadeck::simulator::{Rules, SimulatorOptions};

use crate::client::{replay, start};

fn fixture(name: &str) -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/sdk/{name}.http"));
    std::fs::read(path).unwrap()
}

#[rstest]
#[case("token-exchange", 200, "/token_type", "Bearer")]
#[case("token-refresh", 200, "/token_type", "Bearer")]
#[case("token-expired-code", 200, "/error", "invalid_code")]
#[case("users", 200, "/users/0/status", "active")]
#[case("org", 200, "/org/0/type", "production")]
#[case("people-post", 202, "/__zia_people_enrichment/0/code", "SCHEDULED")]
#[case(
    "people-post-with-record",
    202,
    "/__zia_people_enrichment/0/code",
    "SCHEDULED"
)]
#[case("people-post-without-module", 400, "/code", "REQUIRED_PARAM_MISSING")]
#[case("people-post-without-configuration", 400, "/code", "NOT_ALLOWED")]
#[case(
    "people-post-short",
    400,
    "/__zia_people_enrichment/0/code",
    "INVALID_DATA"
)]
#[case(
    "people-post-empty",
    400,
    "/__zia_people_enrichment/0/code",
    "EXPECTED_FIELD_MISSING"
)]
#[case(
    "people-post-name-alone",
    400,
    "/__zia_people_enrichment/0/code",
    "DEPENDENT_FIELD_MISSING"
)]
#[case("people-list", 200, "/__zia_people_enrichment/0/status", "COMPLETED")]
#[case(
    "people-job",
    200,
    "/__zia_people_enrichment/0/id",
    "5725767000003019012"
)]
#[case("org-post", 202, "/__zia_org_enrichment/0/code", "SCHEDULED")]
#[case("features", 200, "/__features/0/api_name", "data_enrichment")]
#[case("configuration", 200, "/data_enrichment/0/type", "personal")]
#[case("fields", 200, "/fields/0/data_type", "text")]
#[case("records", 200, "/info/sort_by", "id")]
#[case("search", 200, "/data/0/First_Name", "Priya")]
#[tokio::test]
async fn the_sdk_is_answered(
    #[case] name: &str,
    #[case] status: u16,
    #[case] pointer: &str,
    #[case] expected: &str,
) {
    let simulator = start(SimulatorOptions {
        used: 30,
        // The record that the SDK was given was one of the simulator that it ran against.
        rules: Rules {
            any_record: true,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;

    let answer = replay(&simulator, &fixture(name)).await;

    assert_eq!(answer.status, status);
    let body = answer.json();
    assert_eq!(
        body.pointer(pointer).and_then(Value::as_str),
        Some(expected),
        "{body}"
    );
}

#[tokio::test]
async fn the_sdk_is_answered_204_where_nothing_is() {
    let simulator = start(SimulatorOptions::default()).await;

    let answer = replay(&simulator, &fixture("people-list-by-status")).await;

    assert_eq!(answer.status, 204);
}
