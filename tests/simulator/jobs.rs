//! Contract 2: jobs get on, are listed in pages, and are read one by one.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::{EnrichmentKind, ManualClock, Timestamp};
use ziadeck::simulator::{Rules, Simulator, SimulatorOptions};

use crate::client::{ORG, PEOPLE, call, enrich, get, quiet, start};

async fn with_clock(options: SimulatorOptions) -> (Simulator, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new("2026-07-27T07:12:13Z".parse().unwrap()));
    let simulator = start(SimulatorOptions {
        clock: clock.clone(),
        job_seconds: Duration::from_secs(9),
        ..options
    })
    .await;
    (simulator, clock)
}

async fn status(simulator: &Simulator, id: &str) -> String {
    let answer = get(simulator, &format!("{PEOPLE}/{id}")).await;
    answer.item()["status"].as_str().unwrap().to_owned()
}

#[rstest]
#[case("ada@acme.example", "COMPLETED")]
#[case("notfound@acme.example", "DATA_NOT_FOUND")]
#[case("fail@acme.example", "FAILED")]
#[tokio::test]
async fn a_job_runs_to_its_end(#[case] email: &str, #[case] end: &str) {
    let (simulator, clock) = with_clock(SimulatorOptions::default()).await;
    let inputs = json!({"email": email});
    let id = enrich(&simulator, inputs.clone()).await.job_id();

    let mut seen = vec![status(&simulator, &id).await];
    for _ in 0..3 {
        clock.advance(Duration::from_secs(3));
        seen.push(status(&simulator, &id).await);
    }

    assert_eq!(seen, ["SCHEDULED", "RUNNING", "RUNNING", end]);
    let job = get(&simulator, &format!("{PEOPLE}/{id}")).await.item();
    assert_eq!(job["enrich_based_on"], inputs);
    assert_eq!(job["enriched_data"].is_null(), end != "COMPLETED");
    let keys: Vec<&String> = job.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["enriched_data", "enrich_based_on", "id", "status"]);
}

#[tokio::test]
async fn a_row_of_the_list_has_the_documented_keys() {
    let (simulator, _) = with_clock(SimulatorOptions::default()).await;
    let id = enrich(&simulator, json!({"email": "ada@acme.example"}))
        .await
        .job_id();

    let answer = get(&simulator, PEOPLE).await;

    let created_by = answer.item()["created_by"].clone();
    assert_eq!(
        answer.json(),
        json!({
            "__zia_people_enrichment": [{
                "id": id,
                "status": "SCHEDULED",
                "created_time": "2026-07-27T07:12:13Z",
                "created_by": created_by,
            }],
            "info": {"per_page": 100, "count": 1, "page": 1, "more_records": false},
        })
    );
    assert_eq!(created_by["name"], "Robin Castellan");
}

#[tokio::test]
async fn every_job_is_on_exactly_one_page() {
    let (simulator, _) = with_clock(SimulatorOptions {
        used: 250,
        ..SimulatorOptions::default()
    })
    .await;

    let mut ids = Vec::new();
    for page in 1..=3 {
        let path = format!("{PEOPLE}?page={page}&sort_by=created_time&sort_order=asc");
        let body = get(&simulator, &path).await.json();
        assert_eq!(body["info"]["more_records"], page < 3);
        let rows = body["__zia_people_enrichment"].as_array().unwrap().clone();
        assert_eq!(body["info"]["count"], rows.len());
        ids.extend(
            rows.iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
    }
    let beyond = get(&simulator, &format!("{PEOPLE}?page=4")).await;

    assert_eq!(ids.len(), 250);
    assert!(
        ids.windows(2).all(|pair| pair[0] < pair[1]),
        "in order of time"
    );
    assert_eq!(beyond.status, 204);
    assert!(beyond.body.is_empty());
}

#[tokio::test]
async fn foreign_jobs_have_several_creators_over_the_last_30_days() {
    let (simulator, _) = with_clock(SimulatorOptions {
        used: 300,
        ..SimulatorOptions::default()
    })
    .await;
    let now: Timestamp = "2026-07-27T07:12:13Z".parse().unwrap();

    let jobs = simulator.control().jobs();

    let mut names: Vec<&str> = jobs.iter().map(|job| job.created_by.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() >= 4, "{names:?}");
    let age = |time: Timestamp| now.duration_since(time).as_hours();
    assert!(
        jobs.iter()
            .all(|job| (0..=30 * 24).contains(&age(job.created)))
    );
    assert!(jobs.iter().any(|job| age(job.created) > 28 * 24));
    assert!(jobs.iter().any(|job| age(job.created) < 48));
    assert!(jobs.iter().all(|job| job.is_foreign));
}

#[tokio::test]
async fn a_list_can_be_filtered_by_status() {
    let (simulator, clock) = with_clock(SimulatorOptions::default()).await;
    let old = enrich(&simulator, json!({"email": "fail@acme.example"}))
        .await
        .job_id();
    clock.advance(Duration::from_secs(10));
    let new = enrich(&simulator, json!({"email": "ada@acme.example"}))
        .await
        .job_id();
    let ids = |status: &'static str| {
        let simulator = &simulator;
        async move {
            let answer = get(simulator, &format!("{PEOPLE}?status={status}")).await;
            let body = if answer.status == 204 {
                json!({})
            } else {
                answer.json()
            };
            let rows = body["__zia_people_enrichment"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            rows.iter()
                .map(|row| row["id"].clone())
                .collect::<Vec<Value>>()
        }
    };

    assert_eq!(ids("FAILED").await, [json!(old)]);
    assert_eq!(ids("SCHEDULED").await, [json!(new)]);
    assert!(ids("COMPLETED").await.is_empty());
}

#[rstest]
#[case("status=DONE", "status", json!(["COMPLETED", "SCHEDULED", "FAILED", "DATA_NOT_FOUND"]))]
#[case("sort_by=id", "sort_by", json!(["created_time"]))]
#[case("sort_order=up", "sort_order", json!(["asc", "desc"]))]
#[tokio::test]
async fn an_unsupported_list_parameter_names_what_is_supported(
    #[case] query: &str,
    #[case] param: &str,
    #[case] supported: Value,
) {
    let answer = get(&quiet().await, &format!("{PEOPLE}?{query}")).await;

    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({
            "code": "INVALID_DATA",
            "details": {"param": param, "supported_values": supported},
            "message": format!("{param} value invalid"),
            "status": "error",
        })
    );
}

#[tokio::test]
async fn a_list_of_organisation_jobs_takes_two_more_statuses() {
    let simulator = quiet().await;

    for status in ["RUNNING", "UPDATED"] {
        let org = get(&simulator, &format!("{ORG}?status={status}")).await;
        let people = get(&simulator, &format!("{PEOPLE}?status={status}")).await;
        assert_eq!((org.status, people.status), (204, 400));
    }
}

#[tokio::test]
async fn a_feature_that_is_off_is_told_wrapped_for_one_job_only() {
    let simulator = quiet().await;
    simulator.control().set_rules(Rules {
        feature_enabled: false,
        ..Rules::default()
    });

    let one = get(&simulator, &format!("{PEOPLE}/12")).await;
    let list = get(&simulator, PEOPLE).await;

    assert_eq!(one.item()["code"], "FEATURE_NOT_ENABLED");
    assert_eq!(list.json()["code"], "FEATURE_NOT_ENABLED");
}

#[rstest]
#[case("page=0")]
#[case("page=x")]
#[case("per_page=101")]
#[case("per_page=-1")]
#[tokio::test]
async fn a_page_that_cannot_be_is_refused(#[case] query: &str) {
    let answer = get(&quiet().await, &format!("{PEOPLE}?{query}")).await;

    assert_eq!(answer.json()["code"], "INVALID_DATA");
}

#[rstest]
#[case("")]
#[case("/5725767000009999999")]
#[case("/not-an-id")]
#[tokio::test]
async fn nothing_there_is_an_empty_204(#[case] path: &str) {
    let answer = get(&quiet().await, &format!("{PEOPLE}{path}")).await;

    assert_eq!(answer.status, 204);
    assert!(answer.body.is_empty());
    assert!(!answer.headers.contains_key("Content-Length"));
}

#[tokio::test]
async fn a_list_can_come_without_info() {
    let simulator = start(SimulatorOptions {
        used: 3,
        rules: Rules {
            list_info: false,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;

    assert!(get(&simulator, PEOPLE).await.json().get("info").is_none());
}

#[tokio::test]
async fn the_two_kinds_do_not_see_each_others_jobs() {
    let simulator = quiet().await;
    let id = simulator
        .control()
        .add_foreign_job(EnrichmentKind::Org, None);

    assert_eq!(get(&simulator, &format!("{PEOPLE}/{id}")).await.status, 204);
    let job = get(&simulator, &format!("{ORG}/{id}")).await.item();
    assert_eq!(job["id"], id);
}

#[tokio::test]
async fn set_used_adds_and_removes_jobs_of_others_only() {
    let simulator = quiet().await;
    let own = enrich(&simulator, json!({"email": "ada@acme.example"}))
        .await
        .job_id();
    let control = simulator.control();

    control.set_used(20);
    assert_eq!(control.used(EnrichmentKind::People), 20);
    control.set_used(0);

    assert_eq!(control.used(EnrichmentKind::People), 1);
    assert_eq!(control.jobs()[0].id, own);
}

#[tokio::test]
async fn a_completed_job_of_a_record_marks_the_record() {
    let (simulator, clock) = with_clock(SimulatorOptions::default()).await;
    let leads = get(&simulator, "/crm/v7/Leads?fields=id,Enrich_Status__s")
        .await
        .json();
    let record = leads["data"][0]["id"].as_str().unwrap().to_owned();
    let body = json!({"__zia_people_enrichment": [
        {"enrich_based_on": {"email": "ada@acme.example"}},
    ]});
    let path = format!("{PEOPLE}?module=Leads&record_id={record}");
    assert_eq!(
        call(&simulator, "POST", &path, &body.to_string())
            .await
            .status,
        202
    );

    clock.advance(Duration::from_secs(9));

    assert!(leads["data"][0]["Enrich_Status__s"].is_null());
    let after = get(&simulator, &format!("/crm/v7/Leads/{record}"))
        .await
        .json();
    assert_eq!(after["data"][0]["Enrich_Status__s"], "Available");
    assert!(after["data"][0]["Last_Enriched_Time__s"].is_string());
}
