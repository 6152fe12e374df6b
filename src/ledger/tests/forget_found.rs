//! Forgetting somebody: whom it finds, and whom it must not take for them.

use std::time::Duration;

use rstest::rstest;

use super::fixture::{KIND, Place, everything, new_run, row, scope};
use super::gate::{about, draft, look, settled, subject_of};
use crate::base::{AttemptId, Clock};
use crate::enrichment::Field;
use crate::ledger::{Ledger, NewRow, PurgeWhat};

const EMAIL: &str = "zebediah@canary.example";
const NAME: &str = "Zebediah Canary";
const PAGE: &str = "https://www.linkedin.com/in/zebediah-canary";
const SHARED: &str = "info@canary.example";

type Values<'a> = &'a [(Field, &'a str)];

async fn paid(ledger: &Ledger, values: Values<'_>, job: &str) -> AttemptId {
    let mut new = about(ledger, values);
    new.word = everything();
    settled(ledger, new, job).await
}

async fn is_forgotten(ledger: &Ledger, values: Values<'_>) -> bool {
    let seen = look(ledger, subject_of(ledger, values)).await;
    seen.is_forgotten()
}

async fn purge(place: &Place, ledger: &Ledger) {
    place.clock.advance(Duration::from_secs(60));
    let now = place.clock.now();
    ledger.purge(now, PurgeWhat::Everything).await.unwrap();
}

/// Only hashes are left: they know the address in the field of something else, and lead on.
#[rstest]
#[case::another_field(&[(Field::Website, EMAIL), (Field::Name, "Foo"), (Field::Company, "Bar")])]
#[case::the_page_beside_it(&[(Field::Linkedin, PAGE)])]
#[case::the_page_as_a_website(&[(Field::Website, PAGE), (Field::Name, "Foo")])]
#[case::what_the_page_leads_to(&[(Field::Email, "z@other.example")])]
#[case::that_in_another_field(&[(Field::Website, "z@other.example"), (Field::Name, "Foo")])]
#[tokio::test]
async fn whoever_was_purged_is_known_in_every_place(#[case] asked: Values<'_>) {
    let place = Place::new();
    let ledger = place.open();
    paid(
        &ledger,
        &[(Field::Email, EMAIL), (Field::Linkedin, PAGE)],
        "7",
    )
    .await;
    let other = [(Field::Email, "z@other.example"), (Field::Linkedin, PAGE)];
    paid(&ledger, &other, "8").await;
    purge(&place, &ledger).await;

    ledger
        .forget(draft(&[(Field::Email, EMAIL)]), 1)
        .await
        .unwrap();

    assert!(is_forgotten(&ledger, asked).await);
    assert!(!is_forgotten(&ledger, &[(Field::Email, "b@b.example")]).await);
}

/// A mailbox that others have names nobody, unless it is what was given.
#[rstest]
#[case::with_their_inputs(false)]
#[case::by_their_hashes(true)]
#[tokio::test]
async fn a_shared_address_does_not_lead_to_others(#[case] is_purged: bool) {
    let place = Place::new();
    let ledger = place.open();
    let ada = [
        (Field::Name, "Ada Byron"),
        (Field::Email, SHARED),
        (Field::Linkedin, PAGE),
    ];
    let without_name = [(Field::Email, SHARED), (Field::Linkedin, PAGE)];
    let bob = [(Field::Name, "Bob Ross"), (Field::Email, SHARED)];
    let anybody = [(Field::Email, SHARED)];
    let hers = [
        paid(&ledger, &ada, "6").await,
        paid(&ledger, &without_name, "7").await,
    ];
    paid(&ledger, &bob, "8").await;
    paid(&ledger, &anybody, "9").await;
    if is_purged {
        purge(&place, &ledger).await;
    }
    let by_page = draft(&[(Field::Linkedin, PAGE)]);

    let traces = ledger.traces(by_page.clone()).await.unwrap();
    ledger.forget(by_page, traces.people).await.unwrap();

    if !is_purged {
        assert_eq!((traces.people, traces.attempts), (1, hers.to_vec()));
        assert_eq!(traces.shared, [SHARED]);
    }
    assert!(is_forgotten(&ledger, &[(Field::Linkedin, PAGE)]).await);
    assert!(is_forgotten(&ledger, &ada).await);
    assert!(
        is_forgotten(&ledger, &ada[..2]).await,
        "by the name beside it"
    );
    assert!(!is_forgotten(&ledger, &bob).await, "he is somebody else");
    assert!(
        !is_forgotten(&ledger, &anybody).await,
        "anybody's behind it"
    );
}

#[tokio::test]
async fn a_namesake_with_another_address_is_somebody_else() {
    let place = Place::new();
    let ledger = place.open();
    let named = |email| {
        let work = (Field::Company, "Acme");
        [(Field::Name, "John Smith"), work, (Field::Email, email)]
    };
    let (his, other) = (named("john@acme.example"), named("john.2@acme.example"));
    let id = paid(&ledger, &his, "7").await;
    paid(&ledger, &other, "8").await;

    let by = draft(&[(Field::Email, "john@acme.example")]);
    let report = ledger.forget(by, 1).await.unwrap();

    assert_eq!(report.traces.attempts, [id]);
    assert!(is_forgotten(&ledger, &his).await);
    assert!(!is_forgotten(&ledger, &other).await);
}

/// What a request of theirs gave is searched for as well, wherever it stands.
#[tokio::test]
async fn a_page_that_stood_beside_the_address_goes_from_other_texts_too() {
    let place = Place::new();
    let ledger = place.open();
    let them = [
        (Field::Email, EMAIL),
        (Field::Linkedin, PAGE),
        (Field::Name, NAME),
    ];
    paid(&ledger, &them, "7").await;
    let line = format!("{{\"Note\":\"see {PAGE}\",\"Size\":10}}");
    let others = NewRow {
        cells: Some(serde_json::json!(["Bob", PAGE, line]).to_string()),
        ..row(1)
    };
    let said = crate::ledger::NewRun {
        columns: serde_json::json!([NAME, "zebediah@canary.example", "Note"]).to_string(),
        mapping: serde_json::json!({ "name": format!("always \"{NAME}\"") }).to_string(),
        ..new_run()
    };
    let run = ledger.create_run(said, vec![others]).await.unwrap();

    let by = draft(&[(Field::Email, EMAIL)]);
    let report = ledger.forget(by, 1).await.unwrap();

    assert_eq!((report.traces.rows, report.traces.cells), (0, 5));
    let left: (String, String, String) = place
        .sql()
        .query_row(
            "SELECT r.cells, u.columns, u.mapping FROM run_rows r JOIN runs u ON u.id = r.run
             WHERE u.id = ?1",
            [run.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let line = r#"{"Note":"","Size":10}"#;
    assert_eq!(left.0, serde_json::json!(["Bob", "", line]).to_string());
    assert_eq!(left.1, r#"["","","Note"]"#);
    assert_eq!(left.2, r#"{"name":""}"#);
}

/// Whoever follows a job can tell why nothing of it is there.
#[tokio::test]
async fn the_jobs_of_a_person_are_known_as_forgotten_whichever_way_they_came() {
    let place = Place::new();
    let ledger = place.open();
    paid(&ledger, &[(Field::Email, EMAIL)], "7").await;
    paid(&ledger, &[(Field::Email, "bob@canary.example")], "8").await;
    let by = draft(&[(Field::Email, EMAIL)]);
    ledger.forget(by, 1).await.unwrap();
    let told = |id| super::forget::job(id, EMAIL);

    // Made elsewhere, and read for the first time afterwards.
    ledger.save_job(scope(), KIND, told("99")).await.unwrap();

    let all = ["7", "8", "99"].map(|id| id.parse().unwrap());
    let found = ledger.forgotten_jobs((scope(), KIND), all.to_vec()).await;
    let found: Vec<String> = found.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(found, ["7", "99"]);
}

/// What Zia found of a namesake may be the page that stood beside the address: that makes them nobody else.
#[tokio::test]
async fn a_result_of_a_namesake_does_not_lead_to_them() {
    let place = Place::new();
    let ledger = place.open();
    let work = (Field::Company, "Acme");
    let his = [
        (Field::Name, NAME),
        work,
        (Field::Email, EMAIL),
        (Field::Linkedin, PAGE),
    ];
    let other = [
        (Field::Name, NAME),
        work,
        (Field::Email, "other@canary.example"),
    ];
    let id = paid(&ledger, &his, "7").await;
    paid(&ledger, &other, "8").await;
    for (job, email) in [("7", EMAIL), ("8", "other@canary.example")] {
        let mut told = super::forget::job(job, email);
        told.enriched_data = Some(serde_json::json!([{ "linkedin": PAGE }]).to_string());
        ledger.save_job(scope(), KIND, told).await.unwrap();
    }

    let report = ledger
        .forget(draft(&[(Field::Email, EMAIL)]), 1)
        .await
        .unwrap();

    assert_eq!(
        (report.traces.people, report.traces.attempts),
        (1, vec![id])
    );
    assert!(!is_forgotten(&ledger, &other).await);
}
