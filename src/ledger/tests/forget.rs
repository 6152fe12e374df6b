//! Forgetting somebody: what goes, what stays, and that nobody is asked about them again.

use std::path::Path;
use std::time::Duration;

use rstest::rstest;

use super::fixture::{
    KIND, Place, attempt, everything, new_run, row, scheduled, scope, send, state_of,
};
use super::gate::{about, draft, look, settled, subject_of};
use crate::base::{ApiVersion, AttemptId, Clock, EnrichmentKind, Outcome, RowNumber};
use crate::enrichment::verdict::{By, Standing};
use crate::enrichment::{Draft, Field};
use crate::ledger::{
    Asked, JobRecord, Ledger, LedgerError, NewAttempt, NewRow, Origin, PurgeWhat, RowQuery,
    RowState, Settlement,
};

const EMAIL: &str = "zebediah@canary.example";
const NAME: &str = "Zebediah Canary";
const PAGE: &str = "https://www.linkedin.com/in/zebediah-canary";

const WHO: [(Field, &str); 2] = [(Field::Name, NAME), (Field::Email, EMAIL)];

fn by_email() -> Draft {
    draft(&[(Field::Email, EMAIL)])
}

pub(super) fn job(id: &str, email: &str) -> JobRecord {
    JobRecord {
        id: id.parse().unwrap(),
        status: "COMPLETED".to_owned(),
        at: "2026-11-24T12:00:01Z".parse().unwrap(),
        enrich_based_on: serde_json::json!({ "email": email }).to_string(),
        enriched_data: Some(serde_json::json!([{ "emails": [{ "email": email }] }]).to_string()),
        api_version: ApiVersion::default(),
    }
}

/// Whether a text is anywhere in the files of a ledger, in any case.
fn is_anywhere(dir: &Path, text: &str) -> bool {
    let text = text.to_lowercase();
    std::fs::read_dir(dir).unwrap().any(|file| {
        let path = file.unwrap().path();
        let bytes = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes)
            .to_lowercase()
            .contains(&text)
    })
}

/// An attempt about the canary, with all texts that an answer may bring.
async fn canary(ledger: &Ledger, outcome: Option<&str>) -> AttemptId {
    let mut new = about(ledger, &WHO);
    new.word = everything();
    new.body = format!("{{\"email\":\"{EMAIL}\"}}");
    let id = send(ledger, new).await;
    let mut answer = match outcome {
        Some(job) => scheduled(job),
        None => Settlement::bare(Outcome::Rejected),
    };
    answer.response_body = Some(format!("{{\"x\":\"{EMAIL}\"}}"));
    answer.message = Some(format!("{EMAIL} is not known"));
    answer.note = Some(NAME.to_owned());
    ledger.settle(id, answer).await.unwrap();
    id
}

#[tokio::test]
async fn a_person_is_removed_everywhere_and_counts_stay() {
    let place = Place::new();
    let ledger = place.open();
    let paid = canary(&ledger, Some("7")).await;
    let refused = canary(&ledger, None).await;
    let bob = settled(&ledger, attempt(&ledger, "bob"), "8").await;
    ledger
        .save_job(scope(), KIND, job("7", EMAIL))
        .await
        .unwrap();
    // Somebody else's job, and a result that names them where only the company was asked for.
    ledger
        .save_job(scope(), KIND, job("99", "ZEBEDIAH@canary.example"))
        .await
        .unwrap();
    let theirs = NewRow {
        inputs: Some(draft(&WHO).inputs_json()),
        cells: Some(serde_json::json!([NAME, EMAIL]).to_string()),
        ..row(1)
    };
    let others = NewRow {
        cells: Some(serde_json::json!(["person2", format!("mailto:{EMAIL}")]).to_string()),
        ..row(2)
    };
    let run = ledger.create_run(new_run(), vec![theirs, others]).await;
    let run = run.unwrap();
    place
        .sql()
        .execute(
            "INSERT INTO drafts VALUES ('us-prod', 'people', ?1, 0)",
            [serde_json::to_string(&by_email()).unwrap()],
        )
        .unwrap();
    let before = ledger.counts(scope(), KIND).await.unwrap();

    let traces = ledger.traces(by_email()).await.unwrap();
    let report = ledger.forget(by_email(), traces.people).await.unwrap();

    assert_eq!(report.traces, traces);
    assert_eq!(report.not_compacted, None);
    assert_eq!((traces.people, traces.named.len()), (1, 1), "{traces:?}");
    assert_eq!(traces.attempts, [paid, refused]);
    assert_eq!((traces.jobs, traces.rows, traces.waiting), (2, 1, 1));
    assert_eq!((traces.cells, traces.drafts), (1, 1));
    for text in ["zebediah", "canary"] {
        assert!(!is_anywhere(place.dir.path(), text), "{text}");
    }
    assert_eq!(ledger.counts(scope(), KIND).await.unwrap(), before);
    assert_eq!(state_of(&ledger, run, 1).await, RowState::Skipped);
    assert_eq!(state_of(&ledger, run, 2).await, RowState::Pending);
    let stays = ledger.attempt(bob).await.unwrap().unwrap();
    assert!(stays.row.inputs.is_some());
    let gone = ledger.attempt(paid).await.unwrap().unwrap();
    assert_eq!(gone.decisions[0].verdict, "forgotten");
    let check = ledger.check().await.unwrap();
    assert!(check.is_sound(), "{check:?}");
}

#[rstest]
#[case::another_spelling(&[(Field::Email, "mailto:Zebediah@CANARY.example")])]
#[case::with_another_name(&[(Field::Name, "Z."), (Field::Email, EMAIL)])]
#[case::in_the_field_of_the_website(&[(Field::Website, EMAIL), (Field::Name, "Foo Bar"), (Field::Company, "Fooco")])]
#[case::in_the_field_of_a_page(&[(Field::Twitter, "mailto:zebediah@canary.example")])]
#[case::in_a_name(&[(Field::Name, "Z (zebediah@canary.example)"), (Field::Company, "Fooco")])]
#[case::beside_another_address(&[(Field::Email, "a@b.example; zebediah@canary.example")])]
#[case::a_page_as_the_website(&[(Field::Website, PAGE), (Field::Name, "Foo Bar")])]
#[case::by_the_page_beside_it(&[(Field::Linkedin, "linkedin.com/in/zebediah-canary/")])]
#[tokio::test]
async fn whoever_was_forgotten_is_not_asked_about_whatever_the_word(
    #[case] values: &[(Field, &str)],
) {
    let place = Place::new();
    let ledger = place.open();
    let mut new = about(&ledger, &[WHO[0], WHO[1], (Field::Linkedin, PAGE)]);
    new.word = everything();
    let id = send(&ledger, new).await;
    ledger
        .settle(id, Settlement::bare(Outcome::Rejected))
        .await
        .unwrap();
    assert_eq!(look(&ledger, subject_of(&ledger, values)).await.matches, []);

    ledger.forget(by_email(), 1).await.unwrap();

    let seen = look(&ledger, subject_of(&ledger, values)).await;
    assert!(seen.is_forgotten(), "{seen:?}");
    place.clock.advance(Duration::from_secs(86_400 * 4_000));
    let mut again = about(&ledger, values);
    again.word = everything();
    again.word.older_than = Some(Duration::from_secs(1));
    match ledger.dispatch(again).await {
        Err(LedgerError::Already(found)) => assert_eq!(found.standing, Standing::Forgotten),
        other => panic!("{other:?}"),
    }
    assert_eq!(ledger.times_forgotten(by_email()).await.unwrap(), 1);
    assert_eq!(ledger.remember(by_email()).await.unwrap(), 1);
    assert!(ledger.dispatch(about(&ledger, values)).await.is_ok());
}

#[tokio::test]
async fn an_organisation_with_the_address_and_another_data_centre_are_refused_too() {
    let place = Place::new();
    let ledger = place.open();

    // Nothing is there yet; nobody is to ask all the same.
    ledger.forget(by_email(), 0).await.unwrap();

    let mut org = Draft::new(EnrichmentKind::Org, "Accounts");
    org.set(Field::Email, EMAIL);
    let india = crate::base::DataCenter::In;
    let place_of = |kind| {
        let environment = crate::base::Environment::Production;
        let scope = crate::ledger::ScopeKey::of_org(india, environment, "1");
        ((scope, kind), (india, environment))
    };
    for draft in [org, by_email()] {
        let (place, server) = place_of(draft.kind);
        let asked = Asked {
            subject: ledger.subject(&draft, server).unwrap(),
            module: draft.module.clone(),
            record_id: None,
        };
        let seen = ledger.seen(place, vec![asked]).await.unwrap();
        assert!(seen[0].is_forgotten(), "{draft:?}: {seen:?}");
    }
    let bob = look(
        &ledger,
        subject_of(&ledger, &[(Field::Email, "b@b.example")]),
    )
    .await;
    assert_eq!(bob.matches, []);
}

#[tokio::test]
async fn a_record_is_forgotten_by_its_id() {
    let place = Place::new();
    let ledger = place.open();
    let record = "554023000000527002";
    let new = NewAttempt {
        record_id: Some(record.to_owned()),
        ..about(&ledger, &WHO)
    };
    let id = settled(&ledger, new, "7").await;
    let mut by_record = draft(&[]);
    by_record.record_id = record.to_owned();

    let report = ledger.forget(by_record.clone(), 1).await.unwrap();

    assert_eq!(report.traces.attempts, [id]);
    // By the record, and by what its request gave.
    let mut other = draft(&[(Field::Email, "new@canary.example")]);
    other.record_id = record.to_owned();
    let server = (
        crate::base::DataCenter::Us,
        crate::base::Environment::Production,
    );
    let seen = look(&ledger, ledger.subject(&other, server).unwrap()).await;
    assert_eq!(seen.matches[0].by, By::Record);
    assert!(
        look(&ledger, subject_of(&ledger, &WHO))
            .await
            .is_forgotten()
    );
}

#[tokio::test]
async fn people_who_share_an_address_are_counted_and_a_stranger_behind_it_stays() {
    let place = Place::new();
    let ledger = place.open();
    let shared = "info@canary.example";
    let mut ids = Vec::new();
    for (n, name) in ["Ada Byron", "Bob Ross", "Ada Byron"]
        .into_iter()
        .enumerate()
    {
        let mut new = about(&ledger, &[(Field::Name, name), (Field::Email, shared)]);
        if n == 0 {
            new = about(
                &ledger,
                &[
                    (Field::Name, name),
                    (Field::Email, shared),
                    (Field::Linkedin, PAGE),
                ],
            );
        }
        new.word = everything();
        ids.push(settled(&ledger, new, &format!("{}", n + 70)).await);
    }

    let page = draft(&[(Field::Linkedin, PAGE)]);
    let by_page = ledger.traces(page).await.unwrap();
    let by_address = draft(&[(Field::Email, shared)]);
    let wrong = ledger.forget(by_address.clone(), 1).await;

    // By her page it is she, also where the page was not given; not he.
    assert_eq!(
        (by_page.people, by_page.attempts.as_slice()),
        (1, &[ids[0], ids[2]][..])
    );
    assert!(
        wrong
            .unwrap_err()
            .to_string()
            .contains("2 people now and not 1")
    );
    let stays = ledger.attempt(ids[0]).await.unwrap().unwrap();
    assert!(stays.row.inputs.is_some(), "nothing was removed");
    let report = ledger.forget(by_address, 2).await.unwrap();
    assert_eq!(report.traces.attempts, ids);
}

#[tokio::test]
async fn an_attempt_without_an_answer_keeps_what_reconcile_needs_until_it_is_settled() {
    let place = Place::new();
    let ledger = place.open();
    let open = send(&ledger, about(&ledger, &WHO)).await;
    ledger
        .settle(open, Settlement::bare(Outcome::Unknown))
        .await
        .unwrap();

    let first = ledger.forget(by_email(), 1).await.unwrap();

    assert_eq!(
        (first.traces.open, first.traces.attempts),
        (vec![open], vec![])
    );
    let kept = ledger.attempt(open).await.unwrap().unwrap();
    assert!(kept.sent.body.is_some() && kept.row.inputs.is_some());
    assert!(
        look(&ledger, subject_of(&ledger, &WHO))
            .await
            .is_forgotten()
    );
    ledger
        .resolve(
            open,
            crate::ledger::Resolution {
                verdict: crate::ledger::Verdict::Scheduled {
                    job_id: "7".parse().unwrap(),
                },
                by: crate::ledger::ResolvedBy::Reconcile,
                note: None,
            },
        )
        .await
        .unwrap();
    let second = ledger.forget(by_email(), 1).await.unwrap();
    assert_eq!(second.traces.attempts, [open]);
    assert!(!is_anywhere(place.dir.path(), "zebediah"));
}

#[tokio::test]
async fn somebody_whose_inputs_were_purged_is_found_by_their_hashes() {
    let place = Place::new();
    let ledger = place.open();
    settled(
        &ledger,
        about(&ledger, &[WHO[1], (Field::Linkedin, PAGE)]),
        "7",
    )
    .await;
    place.clock.advance(Duration::from_secs(60));
    let now = place.clock.now();
    ledger.purge(now, PurgeWhat::Everything).await.unwrap();

    let report = ledger.forget(by_email(), 0).await.unwrap();

    assert_eq!(report.traces.attempts, [], "it was emptied before");
    // The page that stood beside the address is known by nothing but its hash.
    let page = look(&ledger, subject_of(&ledger, &[(Field::Linkedin, PAGE)])).await;
    assert!(page.is_forgotten(), "{page:?}");
}

#[tokio::test]
async fn what_was_forgotten_does_not_come_back_with_the_next_reading_of_a_job() {
    let place = Place::new();
    let ledger = place.open();
    settled(&ledger, about(&ledger, &WHO), "7").await;
    ledger.forget(by_email(), 1).await.unwrap();

    for id in ["7", "99"] {
        let read = ledger.save_job(scope(), KIND, job(id, EMAIL)).await;
        read.unwrap();
        let job = ledger.job(scope(), KIND, id.parse().unwrap()).await;
        let job = job.unwrap().unwrap();
        assert_eq!((job.enrich_based_on, job.enriched_data), (None, None));
        assert_eq!(job.status, "COMPLETED");
    }
    ledger
        .save_job(scope(), KIND, job("100", "bob@canary.example"))
        .await
        .unwrap();
    assert!(is_anywhere(place.dir.path(), "bob@canary.example"));
    assert!(!is_anywhere(place.dir.path(), "zebediah"));
}

#[tokio::test]
async fn a_row_that_a_process_has_in_its_hands_is_refused_and_stays_empty() {
    let place = Place::new();
    let ledger = place.open();
    let theirs = NewRow {
        inputs: Some(draft(&WHO).inputs_json()),
        ..row(1)
    };
    let run = ledger.create_run(new_run(), vec![theirs]).await.unwrap();
    ledger.forget(by_email(), 1).await.unwrap();

    let sent = ledger
        .dispatch(NewAttempt {
            origin: Origin::Row(run, RowNumber(1)),
            word: everything(),
            ..about(&ledger, &WHO)
        })
        .await;

    assert!(sent.is_err(), "{sent:?}");
    let query = RowQuery {
        run,
        states: Vec::new(),
        after: None,
        limit: 1,
    };
    let row = ledger.rows(query).await.unwrap().remove(0);
    assert_eq!(
        (row.state, row.inputs, row.cells),
        (RowState::Skipped, None, None)
    );
    let again = ledger
        .requeue(run, vec![RowNumber(1)], "x".to_owned())
        .await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test]
async fn a_new_key_knows_nobody_who_was_forgotten() {
    let place = Place::new();
    let ledger = place.open();
    ledger.forget(by_email(), 0).await.unwrap();
    drop(ledger);
    std::fs::remove_file(place.dir.path().join("ledger.db.key")).unwrap();
    let ledger = place.open();

    assert_eq!(ledger.forgettings().await.unwrap(), 1);
    ledger.renew_key().await.unwrap();

    assert_eq!(ledger.forgettings().await.unwrap(), 0);
    let seen = look(&ledger, subject_of(&ledger, &WHO)).await;
    assert_eq!(seen.matches, []);
}

/// An address that was given in the wrong field, or that stands in a note, is theirs as well.
#[tokio::test]
async fn what_names_them_in_another_place_goes_too_and_tells_nothing_more() {
    let place = Place::new();
    let ledger = place.open();
    let misplaced = [
        (Field::Website, EMAIL),
        (Field::Name, "Foo Bar"),
        (Field::Company, "Fooco"),
    ];
    let id = settled(&ledger, about(&ledger, &misplaced), "7").await;
    let note = NewRow {
        cells: Some(serde_json::json!(["x", format!("ask Z <{EMAIL}> soon")]).to_string()),
        ..row(1)
    };
    ledger.create_run(new_run(), vec![note]).await.unwrap();

    let report = ledger.forget(by_email(), 0).await.unwrap();

    assert_eq!(report.traces.attempts, [id]);
    assert_eq!(report.traces.cells, 1);
    assert!(!is_anywhere(place.dir.path(), "zebediah"));
    let foo = [(Field::Name, "Foo Bar"), (Field::Company, "Fooco")];
    let seen = look(&ledger, subject_of(&ledger, &foo)).await;
    assert!(!seen.is_forgotten(), "{seen:?}");
}

#[tokio::test]
async fn whoever_is_gone_is_forgotten_again_without_a_trace() {
    let place = Place::new();
    let ledger = place.open();
    canary(&ledger, Some("7")).await;
    ledger
        .save_job(scope(), KIND, job("7", EMAIL))
        .await
        .unwrap();
    let first = ledger.forget(by_email(), 1).await.unwrap();

    // Told by somebody who looked before it was done.
    let second = ledger.forget(by_email(), 1).await.unwrap();

    assert_eq!((first.traces.people, first.traces.jobs), (1, 1));
    assert_eq!(second.traces, crate::ledger::Traces::default());
    assert!(
        look(&ledger, subject_of(&ledger, &WHO))
            .await
            .is_forgotten()
    );
}
