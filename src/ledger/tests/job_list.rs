//! The list of jobs for reading.

use rstest::rstest;

use super::fixture::{KIND, Place, attempt, scheduled, scope, send};
use crate::base::{EnrichmentKind, JobId, Timestamp};
use crate::ledger::{JobListQuery, JobRecord, JobsOf, Ledger, ListCompleteness, ServerJob};

fn query() -> JobListQuery {
    JobListQuery {
        scope: scope(),
        kind: KIND,
        status: None,
        whose: JobsOf::All,
        id_part: None,
        before: None,
        limit: 100,
    }
}

/// Three jobs of others and one of ours, the newest last in the list and first on screen.
async fn four_jobs(place: &Place) -> Ledger {
    let ledger = place.open();
    let job = |id: &str, status: &str, hour: u8| ServerJob {
        id: id.parse().unwrap(),
        status: status.to_owned(),
        created: Some(format!("2026-11-20T{hour:02}:00:00Z").parse().unwrap()),
        created_by_id: None,
        created_by_name: Some("Grace".to_owned()),
    };
    let list = vec![
        job("101", "COMPLETED", 7),
        job("202", "RUNNING", 8),
        job("303", "COMPLETED", 9),
    ];
    ledger
        .merge_jobs(scope(), KIND, list, ListCompleteness::Complete)
        .await
        .unwrap();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.settle(id, scheduled("404")).await.unwrap();
    ledger
}

async fn ids(ledger: &Ledger, query: JobListQuery) -> Vec<String> {
    let rows = ledger.job_list(query).await.unwrap();
    rows.iter().map(|row| row.id.to_string()).collect()
}

#[rstest]
#[case(JobListQuery { whose: JobsOf::Mine, ..query() }, &["404"])]
#[case(JobListQuery { whose: JobsOf::Others, ..query() }, &["303", "202", "101"])]
#[case(JobListQuery { status: Some("COMPLETED".to_owned()), ..query() }, &["303", "101"])]
#[case(JobListQuery { id_part: Some("02".to_owned()), ..query() }, &["202"])]
#[case(JobListQuery { id_part: Some("%".to_owned()), ..query() }, &[])]
#[case(JobListQuery { kind: EnrichmentKind::Org, ..query() }, &[])]
#[case(JobListQuery { limit: 2, ..query() }, &["404", "303"])]
#[tokio::test]
async fn a_filter_lets_through_what_it_says(
    #[case] query: JobListQuery,
    #[case] expected: &[&str],
) {
    let place = Place::new();
    let ledger = four_jobs(&place).await;

    assert_eq!(ids(&ledger, query).await, expected);
}

#[tokio::test]
async fn pages_by_key_show_every_job_once() {
    let place = Place::new();
    let ledger = four_jobs(&place).await;
    let mut before: Option<(Timestamp, JobId)> = None;
    let mut seen = Vec::new();

    loop {
        let next = JobListQuery {
            before: before.clone(),
            limit: 3,
            ..query()
        };
        let rows = ledger.job_list(next).await.unwrap();
        let Some(last) = rows.last() else { break };
        before = Some((last.at, last.id.clone()));
        seen.extend(rows.iter().map(|row| row.id.to_string()));
    }

    assert_eq!(seen, ["404", "303", "202", "101"]);
}

#[tokio::test]
async fn a_job_of_ours_tells_what_was_asked_and_by_whom() {
    let place = Place::new();
    let ledger = four_jobs(&place).await;
    let found = JobRecord {
        id: "303".parse().unwrap(),
        status: "COMPLETED".to_owned(),
        enrich_based_on: r#"{"email":"lin@acme.io"}"#.to_owned(),
        enriched_data: None,
        at: Timestamp::UNIX_EPOCH,
        api_version: crate::base::ApiVersion::default(),
    };
    ledger.save_job(scope(), KIND, found).await.unwrap();

    let rows = ledger.job_list(query()).await.unwrap();

    let [ours, theirs, ..] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert_eq!(ours.operator.as_deref(), Some("ada"));
    assert_eq!(ours.module.as_deref(), Some("Leads"));
    assert!(ours.inputs.as_deref().unwrap().contains("ada@acme.io"));
    assert_eq!((theirs.attempt, &theirs.inputs), (None, &None));
    assert!(theirs.enrich_based_on.as_deref().unwrap().contains("lin@"));
}

#[tokio::test]
async fn statuses_are_counted() {
    let place = Place::new();
    let ledger = four_jobs(&place).await;

    let counted = ledger.job_statuses(scope(), KIND).await.unwrap();

    let expected = [("COMPLETED", 2), ("RUNNING", 1), ("SCHEDULED", 1)];
    assert_eq!(counted, expected.map(|(word, n)| (word.to_owned(), n)));
}
