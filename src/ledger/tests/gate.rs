//! Who was paid for before: what is found, what a word lets pass, and what happens to the key.

use std::time::Duration;

use rstest::rstest;

use super::fixture::{KIND, Place, attempt, scheduled, scope, send};
use crate::base::{AttemptId, DataCenter, Environment, Outcome};
use crate::enrichment::verdict::{By, Difference, Match, OpenRule, Seen, Word};
use crate::enrichment::{Draft, Field};
use crate::ledger::{
    Asked, JobRecord, Ledger, LedgerError, NewAttempt, ScopeKey, Settlement, Subject, Trust,
};

pub(super) fn draft(values: &[(Field, &str)]) -> Draft {
    let mut draft = Draft::new(KIND, "Leads");
    for (field, value) in values {
        draft.set(*field, value);
    }
    draft
}

pub(super) fn subject_of(ledger: &Ledger, values: &[(Field, &str)]) -> Subject {
    let server = (DataCenter::Us, Environment::Production);
    ledger.subject(&draft(values), server).unwrap()
}

fn asked(subject: Subject) -> Asked {
    Asked {
        subject,
        module: "Leads".to_owned(),
        record_id: None,
    }
}

pub(super) async fn look(ledger: &Ledger, subject: Subject) -> Seen {
    let seen = ledger.seen((scope(), KIND), vec![asked(subject)]).await;
    seen.unwrap().remove(0)
}

/// An attempt about somebody, of which nobody has said anything.
pub(super) fn about(ledger: &Ledger, values: &[(Field, &str)]) -> NewAttempt {
    NewAttempt {
        inputs: draft(values).inputs_json(),
        subject: subject_of(ledger, values),
        word: Word::default(),
        ..attempt(ledger, "x")
    }
}

pub(super) async fn settled(ledger: &Ledger, new: NewAttempt, job: &str) -> AttemptId {
    let id = send(ledger, new).await;
    ledger.settle(id, scheduled(job)).await.unwrap();
    id
}

fn refused(result: Result<impl std::fmt::Debug, LedgerError>) -> Match {
    match result {
        Err(LedgerError::Already(found)) => *found,
        other => panic!("{other:?}"),
    }
}

const ADA: [(Field, &str); 3] = [
    (Field::Name, "Ada Lovelace"),
    (Field::Email, "ada@acme.io"),
    (Field::Company, "Acme"),
];

#[tokio::test]
async fn the_same_person_is_refused_and_named() {
    let place = Place::new();
    let ledger = place.open();
    let first = settled(&ledger, about(&ledger, &ADA), "7").await;

    let same = refused(ledger.dispatch(about(&ledger, &ADA)).await);
    let less = [(Field::Email, "ADA@acme.io")];
    let by_mail = refused(ledger.dispatch(about(&ledger, &less)).await);

    assert_eq!((same.attempt, same.by), (Some(first), By::Request));
    assert_eq!(same.differs, []);
    assert_eq!(by_mail.attempt, Some(first));
    assert!(matches!(by_mail.by, By::Key(key) if key.as_str() == "email"));
    assert_eq!(ledger.counts(scope(), KIND).await.unwrap().used(), 1);
}

#[tokio::test]
async fn what_is_different_is_said_and_another_record_is_held() {
    let place = Place::new();
    let ledger = place.open();
    settled(&ledger, about(&ledger, &ADA), "7").await;
    let mut more = ADA.to_vec();
    more.push((Field::Twitter, "@adalovelace"));
    let as_contact = NewAttempt {
        module: "Contacts".to_owned(),
        record_id: Some("99".to_owned()),
        ..about(&ledger, &ADA)
    };

    let contact = refused(ledger.dispatch(as_contact).await);
    let more = refused(ledger.dispatch(about(&ledger, &more)).await);

    assert_eq!(contact.differs, [Difference::OtherRecord]);
    assert_eq!(more.differs, [Difference::MoreInputs]);
}

#[tokio::test]
async fn two_people_behind_one_mailbox_are_two() {
    let place = Place::new();
    let ledger = place.open();
    settled(&ledger, about(&ledger, &ADA), "7").await;
    let grace = [
        (Field::Name, "Grace Hopper"),
        (Field::Email, "ada@acme.io"),
        (Field::Company, "Navy"),
    ];

    let seen = look(&ledger, subject_of(&ledger, &grace)).await;
    send(&ledger, about(&ledger, &grace)).await;

    assert_eq!(seen.matches, []);
    let [shared] = seen.shared.as_slice() else {
        panic!("{seen:?}");
    };
    assert_eq!(shared.key.as_str(), "email");
    assert_eq!(shared.because, "with another name");
}

#[rstest]
#[case::rejected(Outcome::Rejected)]
#[case::limit(Outcome::Limit)]
#[case::denied(Outcome::Denied)]
#[case::throttled(Outcome::Throttled)]
#[case::not_sent(Outcome::NotSent)]
#[tokio::test]
async fn what_spent_nothing_stands_in_nobodys_way(#[case] outcome: Outcome) {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, about(&ledger, &ADA)).await;
    ledger.settle(id, Settlement::bare(outcome)).await.unwrap();

    send(&ledger, about(&ledger, &ADA)).await;

    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[rstest]
#[case::settled(Outcome::Scheduled, OpenRule::None, true)]
#[case::unknown_needs_its_number(Outcome::Unknown, OpenRule::None, false)]
#[case::unknown_by_its_number(Outcome::Unknown, OpenRule::These(vec![AttemptId(1)]), true)]
#[tokio::test]
async fn a_word_lets_pass_what_it_names(
    #[case] outcome: Outcome,
    #[case] open: OpenRule,
    #[case] passes: bool,
) {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, about(&ledger, &ADA)).await;
    let answer = match outcome {
        Outcome::Scheduled => scheduled("7"),
        outcome => Settlement::bare(outcome),
    };
    ledger.settle(id, answer).await.unwrap();
    let seen = look(&ledger, subject_of(&ledger, &ADA)).await;
    let again = || NewAttempt {
        word: Word {
            known: Some(seen.position),
            open: open.clone(),
            ..Word::default()
        },
        ..about(&ledger, &ADA)
    };

    let first = ledger.dispatch(again()).await;
    let is_sent = first.is_ok();
    drop(first.map(|receipt| receipt.into_request().attempt));

    assert_eq!(is_sent, passes);
    if passes {
        // The word was given before this attempt: it says nothing about it.
        let newer = refused(ledger.dispatch(again()).await);
        assert_eq!(newer.attempt, Some(AttemptId(2)));
    }
}

#[tokio::test]
async fn an_age_lets_pass_only_what_is_provably_so_old() {
    let place = Place::new();
    let ledger = place.open();
    settled(&ledger, about(&ledger, &ADA), "7").await;
    let old = |ledger: &Ledger| NewAttempt {
        word: Word {
            older_than: Some(Duration::from_secs(3_600)),
            ..Word::default()
        },
        ..about(ledger, &ADA)
    };
    // Somebody sets the clock: that proves nothing.
    place
        .clock
        .set_wall("2027-12-01T00:00:00Z".parse().unwrap());
    refused(ledger.dispatch(old(&ledger)).await);

    place.clock.advance(Duration::from_secs(3_601));
    send(&ledger, old(&ledger)).await;
}

#[tokio::test]
async fn another_boot_proves_nothing_and_the_servers_own_time_does() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, about(&ledger, &ADA)).await;
    let mut answer = scheduled("7");
    let date = (
        "date".to_owned(),
        "Tue, 24 Nov 2026 12:00:00 GMT".to_owned(),
    );
    answer.response_headers = vec![date];
    ledger.settle(id, answer).await.unwrap();
    place.clock.advance(Duration::from_secs(1_000_000));
    place.clock.reboot();
    let age = |seen: &Seen| seen.matches[0].age_proven;

    let before = look(&ledger, subject_of(&ledger, &ADA)).await;
    let told = "2026-11-25T12:00:00Z".parse().unwrap();
    ledger.note_server_time(scope(), told).await.unwrap();
    let after = look(&ledger, subject_of(&ledger, &ADA)).await;

    assert_eq!(age(&before), Some(Duration::ZERO));
    assert_eq!(age(&after), Some(Duration::from_secs(86_400)));
}

/// A listing has read what somebody else asked for.
#[tokio::test]
async fn a_job_of_somebody_else_counts_once_it_was_read() {
    let place = Place::new();
    let ledger = place.open();
    let job = JobRecord {
        id: "42".parse().unwrap(),
        status: "COMPLETED".to_owned(),
        enrich_based_on:
            r#"{"email":"ada@acme.io","name":"Ada Lovelace","company":{"name":"Acme"}}"#.to_owned(),
        enriched_data: None,
        at: crate::base::Clock::now(&*place.clock),
        api_version: crate::base::ApiVersion::default(),
    };
    ledger.save_job(scope(), KIND, job).await.unwrap();

    let found = refused(ledger.dispatch(about(&ledger, &ADA)).await);

    assert_eq!(found.attempt, None);
    assert_eq!(found.job_id, Some("42".parse().unwrap()));
    assert_eq!(found.status.as_deref(), Some("COMPLETED"));
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// Where the organisation of either is not known, the same server is near enough.
#[rstest]
#[case::both_known("US/production/org:1", "US/production/org:2", false)]
#[case::the_earlier_unknown("US/production/profile:a", "US/production/org:2", true)]
#[case::the_later_unknown("US/production/org:1", "US/production/profile:b", true)]
#[case::both_unknown("US/production/profile:a", "US/production/profile:b", true)]
#[tokio::test]
async fn an_organisation_that_is_not_known_may_be_the_same(
    #[case] first: &str,
    #[case] second: &str,
    #[case] is_held: bool,
) {
    let place = Place::new();
    let ledger = place.open();
    let of = |scope: &str| NewAttempt {
        scope: scope.parse().unwrap(),
        ..about(&ledger, &ADA)
    };
    send(&ledger, of(first)).await;

    let again = ledger.dispatch(of(second)).await;

    assert_eq!(again.is_err(), is_held);
}

#[tokio::test]
async fn what_was_sent_before_the_organisation_was_known_is_known_after_it() {
    let place = Place::new();
    let ledger = place.open();
    let by_itself: ScopeKey = "US/production/profile:us-prod".parse().unwrap();
    let first = NewAttempt {
        scope: by_itself.clone(),
        ..about(&ledger, &ADA)
    };
    let first = settled(&ledger, first, "7").await;
    settled(&ledger, attempt(&ledger, "grace"), "8").await;
    ledger.rename_scope(by_itself, scope()).await.unwrap();

    let found = refused(ledger.dispatch(about(&ledger, &ADA)).await);

    assert_eq!(found.attempt, Some(first));
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// A mailbox that very many share is found by its name, not by looking at all of them.
#[tokio::test]
async fn the_index_of_the_keys_leads_to_each_match() {
    let place = Place::new();
    place.open().close().await;
    let conn = place.sql();
    let mut plan = conn
        .prepare(
            "EXPLAIN QUERY PLAN SELECT s.id FROM subject_keys k CROSS JOIN subjects s
                 ON s.id = k.subject LEFT JOIN attempts a ON a.id = s.attempt
             WHERE k.hash = ?1 AND k.stronger & ?2 = 0 ORDER BY k.subject DESC LIMIT ?3",
        )
        .unwrap();
    let nulls = vec![rusqlite::types::Null; 3];
    let steps: Vec<String> = plan
        .query_map(rusqlite::params_from_iter(nulls), |row| row.get("detail"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();

    assert!(
        !steps
            .iter()
            .any(|step| step.contains("SCAN") || step.contains("TEMP")),
        "{steps:?}"
    );
}

#[rstest]
#[case::missing(None)]
#[case::of_another_ledger(Some([7_u8; 32]))]
#[tokio::test]
async fn without_its_own_key_a_ledger_sends_nothing_and_makes_none(
    #[case] other: Option<[u8; 32]>,
) {
    let place = Place::new();
    let ledger = place.open();
    settled(&ledger, about(&ledger, &ADA), "7").await;
    ledger.close().await;
    let file = place.dir.path().join("ledger.db.key");
    let kept = std::fs::read(&file).unwrap();
    match other {
        Some(bytes) => std::fs::write(&file, bytes).unwrap(),
        None => std::fs::remove_file(&file).unwrap(),
    }

    let (ledger, opened) = place.try_open().unwrap();

    let Trust::Doubtful(why) = opened.trust else {
        panic!("{opened:?}");
    };
    assert!(why.contains("ledger.db.key"), "{why}");
    assert!(why.contains("--new-key"), "{why}");
    let server = (DataCenter::Us, Environment::Production);
    let refused = ledger.subject(&draft(&ADA), server);
    assert!(matches!(refused, Err(LedgerError::NoKey { .. })));
    assert_eq!(file.exists(), other.is_some(), "none is made");
    ledger.close().await;

    std::fs::write(&file, kept).unwrap();
    let (ledger, opened) = place.try_open().unwrap();
    assert_eq!(opened.trust, Trust::Trusted);
    assert_eq!(
        look(&ledger, subject_of(&ledger, &ADA)).await.matches.len(),
        1
    );
}

#[tokio::test]
async fn a_new_key_knows_again_what_still_has_its_inputs() {
    let place = Place::new();
    let ledger = place.open();
    settled(&ledger, about(&ledger, &ADA), "7").await;
    let gone = settled(&ledger, attempt(&ledger, "grace"), "8").await;
    place
        .sql()
        .execute_batch(&format!(
            "UPDATE control SET allow = 'purge';
             UPDATE attempts SET inputs = NULL, purged_ms = 1 WHERE id = {gone};
             UPDATE control SET allow = NULL"
        ))
        .unwrap();
    ledger.close().await;
    std::fs::remove_file(place.dir.path().join("ledger.db.key")).unwrap();
    let ledger = place.open();

    let done = ledger.renew_key().await.unwrap();

    assert_eq!((done.hashed, done.not_comparable), (1, 1));
    refused(ledger.dispatch(about(&ledger, &ADA)).await);
    assert_eq!(ledger.trust(), Trust::Trusted);
    // Nobody can say any more whether she was paid for: that is what the count tells.
    let grace = NewAttempt {
        word: Word::default(),
        ..attempt(&ledger, "grace")
    };
    send(&ledger, grace).await;
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// Another process has made a new key: this one's hashes would find nobody.
#[tokio::test]
async fn hashes_of_an_older_key_are_refused() {
    let place = Place::new();
    let (one, two) = (place.open(), place.open());
    settled(&one, about(&one, &ADA), "7").await;
    two.renew_key().await.unwrap();

    let refused = one.dispatch(about(&one, &ADA)).await;

    assert!(
        matches!(refused, Err(LedgerError::Refused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_backup_brings_its_key_and_a_link_finds_it() {
    let place = Place::new();
    let ledger = place.open();
    settled(&ledger, about(&ledger, &ADA), "7").await;
    let copy = place.dir.path().join("copy.db");

    let key = ledger.backup(copy.clone()).await.unwrap();

    assert_eq!(key, place.dir.path().join("copy.db.key"));
    let same = std::fs::read(place.dir.path().join("ledger.db.key")).unwrap();
    assert_eq!(std::fs::read(&key).unwrap(), same);
    ledger.close().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("ledger.db");
    std::os::unix::fs::symlink(place.path(), &link).unwrap();
    let mut options = place.options();
    options.path = link;
    let (ledger, opened) = Ledger::open_blocking(options).unwrap();
    assert_eq!(opened.trust, Trust::Trusted);
    refused(ledger.dispatch(about(&ledger, &ADA)).await);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

/// Six processes ask for one person at once; here, six tasks of two ledgers on one file.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_is_sent() {
    let place = Place::new();
    let ledgers = [place.open(), place.open()];
    let mut tasks = Vec::new();
    for n in 0..6 {
        let ledger = ledgers[n % 2].clone();
        let new = about(&ledger, &ADA);
        tasks.push(tokio::spawn(async move {
            ledger
                .dispatch(new)
                .await
                .map(|receipt| receipt.into_request().attempt)
        }));
    }
    let mut sent = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => sent += 1,
            Err(error) => assert!(matches!(error, LedgerError::Already(_)), "{error}"),
        }
    }

    assert_eq!(sent, 1);
}
