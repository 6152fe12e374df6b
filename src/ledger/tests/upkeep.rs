//! Check, dump, backup, purge, and moving a scope.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::fixture::{
    KIND, Place, attempt, of_row, run_of, scheduled, scope, send, state_of, subject, used,
};
use crate::base::{AttemptId, Clock, DataCenter, Environment, Outcome, RowNumber};
use crate::enrichment::verdict::By;
use crate::ledger::{
    Asked, FeatureCounts, Ledger, LedgerError, ListCompleteness, LogQuery, PurgeWhat, Renamed,
    Resolution, ResolvedBy, RowState, ScopeKey, ServerJob, Settlement, Verdict,
};

#[tokio::test]
async fn a_check_finds_a_counter_that_lies() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 3).await;
    let _lease = ledger.hold_run(run).unwrap();
    let id = send(&ledger, of_row(&ledger, run, 2)).await;
    ledger.settle(id, scheduled("7")).await.unwrap();
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.attempts, report.jobs, report.runs), (1, 1, 1));

    for lie in [
        "UPDATE usage SET scheduled = 5",
        "UPDATE days SET count = 9",
        "UPDATE row_counts SET count = 9 WHERE state = 'pending'",
        "UPDATE run_rows SET state = 'pending'",
        "UPDATE jobs SET attempt = NULL",
    ] {
        let place_sql = place.sql();
        place_sql
            .execute_batch(&format!("SAVEPOINT s; {lie}; RELEASE s"))
            .unwrap();
        let report = ledger.check().await.unwrap();
        assert!(!report.is_sound(), "{lie}");
    }
}

#[tokio::test]
async fn a_dump_is_every_row_as_json_and_always_the_same() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.settle(id, scheduled("7")).await.unwrap();
    let dump = || async {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let count = ledger
            .dump(move |line| {
                sink.lock().unwrap().push(line.to_owned());
                Ok(())
            })
            .await
            .unwrap();
        let lines = lines.lock().unwrap().clone();
        assert_eq!(lines.len() as u64, count);
        lines
    };

    let lines = dump().await;

    assert_eq!(lines, dump().await);
    let values: Vec<serde_json::Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let sent = values.iter().find(|v| v["table"] == "attempts").unwrap();
    assert_eq!(
        (&sent["outcome"], &sent["job_id"]),
        (&"scheduled".into(), &"7".into())
    );
    let failed = ledger
        .dump(|_| Err(std::io::Error::other("pipe")))
        .await
        .unwrap_err();
    assert!(failed.to_string().contains("pipe"));
}

#[tokio::test]
async fn a_backup_is_a_ledger_and_never_overwrites() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let to = elsewhere.path().join("copy.db");

    ledger.backup(to.clone()).await.unwrap();
    let again = ledger.backup(to.clone()).await;

    assert!(matches!(again, Err(LedgerError::File { .. })));
    let mut options = place.options();
    options.path = to;
    let (copy, opened) = crate::ledger::Ledger::open_blocking(options).unwrap();
    assert_eq!(opened.recovered, 1);
    assert_eq!(
        copy.attempt(id).await.unwrap().unwrap().row.outcome,
        Outcome::Unknown
    );
}

#[tokio::test]
async fn a_purge_removes_people_and_keeps_counts_and_fingerprints() {
    const CANARY: &str = "zebediahcanary";
    let place = Place::new();
    let ledger = place.open();
    for (n, outcome) in [(1, None), (2, Some(Outcome::Rejected))] {
        let id = send(&ledger, attempt(&ledger, CANARY)).await;
        let mut answer = outcome.map_or_else(|| scheduled("7"), Settlement::bare);
        answer.response_body = Some(format!("{{\"{CANARY}\":{n}}}"));
        answer.details = Some(format!("\"{CANARY}\""));
        answer.message = Some(format!("{CANARY} is not known"));
        answer.note = Some(CANARY.to_owned());
        answer.response_headers = vec![("x".to_owned(), CANARY.to_owned())];
        ledger.settle(id, answer).await.unwrap();
    }
    // Version 0.1 kept drafts here.
    place
        .sql()
        .execute(
            "INSERT INTO drafts VALUES ('us-prod', 'people', ?1, 0)",
            [CANARY],
        )
        .unwrap();
    let before = ledger.counts(scope(), KIND).await.unwrap();
    place.clock.advance(Duration::from_secs(60));
    let young = send(&ledger, attempt(&ledger, "young")).await;
    ledger
        .settle(young, Settlement::bare(Outcome::Unknown))
        .await
        .unwrap();
    let open = send(&ledger, attempt(&ledger, "open")).await;
    ledger
        .settle(open, Settlement::bare(Outcome::Unknown))
        .await
        .unwrap();
    place.clock.advance(Duration::from_secs(60));

    let now = crate::base::Clock::now(&*place.clock);
    let report = ledger.purge(now, PurgeWhat::Everything).await.unwrap();

    assert_eq!((report.attempts, report.kept), (2, 2));
    assert_eq!(report.not_compacted, None);
    for file in std::fs::read_dir(place.dir.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(CANARY.len()).any(|w| w == CANARY.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    let after = ledger.counts(scope(), KIND).await.unwrap();
    assert_eq!(after.scheduled, before.scheduled);
    let asked = Asked {
        subject: subject(&ledger, CANARY),
        module: "Leads".to_owned(),
        record_id: None,
    };
    let seen = ledger.seen((scope(), KIND), vec![asked]).await.unwrap();
    assert_eq!(seen[0].matches.len(), 1, "{seen:?}");
    assert_eq!(seen[0].matches[0].by, By::Request);
    let unknown = ledger.attempt(open).await.unwrap().unwrap();
    assert!(unknown.sent.body.is_some(), "reconcile needs it");
    let query = LogQuery {
        search: Some(CANARY.to_owned()),
        rows: 9,
        ..LogQuery::default()
    };
    assert!(ledger.page(query).await.unwrap().rows.is_empty());
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[tokio::test]
async fn a_purge_that_failed_leaves_the_writer_as_it_was() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.settle(id, scheduled("7")).await.unwrap();
    place
        .sql()
        .execute_batch(
            "CREATE TRIGGER broken BEFORE UPDATE ON bodies BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let state = || {
        ledger.alone(|writer| {
            let of = |name: &str| {
                let get = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
                writer.conn.pragma_query_value(None, name, get).unwrap()
            };
            Ok((of("temp_store"), of("secure_delete")))
        })
    };
    let before = state().await.unwrap();

    let later = place.clock.now() + Duration::from_secs(1);
    let failed = ledger.purge(later, PurgeWhat::Bodies).await;

    assert!(failed.is_err());
    assert_eq!(state().await.unwrap(), before);
}

#[tokio::test]
async fn a_row_whose_inputs_were_purged_is_not_queued_again() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 2).await;
    let note = || "by hand".to_owned();
    ledger.skip(run, RowNumber(1), note()).await.unwrap();
    place.clock.advance(Duration::from_secs(60));
    ledger
        .purge(place.clock.now(), PurgeWhat::Everything)
        .await
        .unwrap();

    let refused = ledger.requeue(run, vec![RowNumber(1)], note()).await;

    // It could never be sent, and the rows behind it would wait for it.
    assert!(
        refused.is_err_and(|error| error.to_string().contains("purged")),
        "a row without inputs waits to be sent"
    );
    assert_eq!(state_of(&ledger, run, 1).await, RowState::Skipped);
}

fn profile_scope() -> ScopeKey {
    ScopeKey::of_profile(
        DataCenter::Us,
        Environment::Production,
        &"us-prod".parse().unwrap(),
    )
}

#[tokio::test]
async fn a_scope_takes_the_name_of_its_organisation() {
    let place = Place::new();
    let ledger = place.open();
    let mut new = attempt(&ledger, "ada");
    new.scope = profile_scope();
    let _ = send(&ledger, new).await;

    let nothing = ledger.rename_scope(scope(), profile_scope()).await.unwrap();
    let renamed = ledger.rename_scope(profile_scope(), scope()).await.unwrap();

    assert_eq!((nothing, renamed), (Renamed::Nothing, Renamed::Renamed));
    assert_eq!(used(&ledger).await, 1);
    assert!(ledger.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn two_scopes_of_one_organisation_become_one() {
    let place = Place::new();
    let ledger = place.open();
    let old_scope = |name: &str| {
        let mut new = attempt(&ledger, name);
        new.scope = profile_scope();
        new
    };
    let ours = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.settle(ours, scheduled("7")).await.unwrap();
    // A wrong guess from before the organisation was known, a job that the other side lists as
    // foreign, and an open attempt.
    let guess = send(&ledger, old_scope("ada")).await;
    lose(&ledger, guess).await;
    adopt(&ledger, guess, "7").await;
    let listed = send(&ledger, old_scope("lin")).await;
    ledger.settle(listed, scheduled("8")).await.unwrap();
    let _ = send(&ledger, old_scope("kim")).await;
    let list = ["7", "8", "9"].map(|id| ServerJob {
        id: id.parse().unwrap(),
        status: "COMPLETED".to_owned(),
        created: None,
        created_by_id: None,
        created_by_name: None,
    });
    ledger
        .merge_jobs(scope(), KIND, list.to_vec(), ListCompleteness::Complete)
        .await
        .unwrap();
    assert_eq!(used(&ledger).await, 3);

    let merged = ledger.rename_scope(profile_scope(), scope()).await.unwrap();

    assert_eq!(merged, Renamed::Merged { attempts: 3 });
    let counts = ledger.counts(scope(), KIND).await.unwrap();
    assert_eq!(
        (
            counts.scheduled,
            counts.foreign,
            counts.sending,
            counts.unknown
        ),
        (2, 1, 1, 1)
    );
    let guess = ledger.attempt(guess).await.unwrap().unwrap().row;
    assert_eq!((guess.outcome, guess.job_id), (Outcome::Unknown, None));
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// No answer came.
async fn lose(ledger: &Ledger, id: AttemptId) {
    let unknown = Settlement::bare(Outcome::Unknown);
    ledger.settle(id, unknown).await.unwrap();
}

/// Reconcile found a job for it.
async fn adopt(ledger: &Ledger, id: AttemptId, job: &str) {
    let verdict = Verdict::Scheduled {
        job_id: job.parse().unwrap(),
    };
    let resolution = Resolution {
        verdict,
        by: ResolvedBy::Reconcile,
        note: None,
    };
    ledger.resolve(id, resolution).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_was_seen_stays_accepted_when_two_scopes_become_one() {
    let place = Place::new();
    let ledger = place.open();
    let mut new = attempt(&ledger, "ada");
    new.scope = profile_scope();
    let answered = send(&ledger, new).await;
    ledger.settle(answered, scheduled("7")).await.unwrap();
    let guess = send(&ledger, attempt(&ledger, "ada")).await;
    lose(&ledger, guess).await;
    adopt(&ledger, guess, "7").await;

    ledger.rename_scope(profile_scope(), scope()).await.unwrap();

    // Otherwise reconcile could call it absent, and a unit that is spent would be released.
    let answered = ledger.attempt(answered).await.unwrap().unwrap().row;
    assert_eq!(answered.outcome, Outcome::UnknownAccepted);
    assert_eq!(used(&ledger).await, 2);
    assert!(ledger.check().await.unwrap().is_sound());
}

fn features(place: &Place, used: u64) -> FeatureCounts {
    FeatureCounts {
        used: Some(used),
        available: None,
        limit: None,
        at: place.clock.now(),
        told: None,
    }
}

#[tokio::test]
async fn what_the_features_call_said_is_not_lost_when_two_scopes_become_one() {
    let place = Place::new();
    let ledger = place.open();
    let counted = features(&place, 1_400);
    ledger
        .save_features(profile_scope(), KIND, counted)
        .await
        .unwrap();
    ledger
        .merge_jobs(scope(), KIND, Vec::new(), ListCompleteness::Complete)
        .await
        .unwrap();

    ledger.rename_scope(profile_scope(), scope()).await.unwrap();

    let counts = ledger.counts(scope(), KIND).await.unwrap();
    assert_eq!(counts.features, Some(counted));
}

/// How the server tells what a job was made of is known of the organisation, by whichever name.
#[tokio::test]
async fn what_was_read_back_is_not_lost_when_two_scopes_become_one() {
    let place = Place::new();
    let ledger = place.open();
    let of = |scope: ScopeKey, name: &str, job: &str| {
        let mut new = attempt(&ledger, name);
        new.scope = scope;
        (
            new,
            scheduled(job),
            job.parse::<crate::base::JobId>().unwrap(),
        )
    };
    for (scope, name, job) in [(scope(), "lin", "8"), (profile_scope(), "ada", "7")] {
        let (new, answer, id) = of(scope.clone(), name, job);
        let inputs = new.inputs.clone();
        let attempt = send(&ledger, new).await;
        ledger.settle(attempt, answer).await.unwrap();
        place.clock.advance(Duration::from_secs(1));
        let read = crate::ledger::JobRecord {
            id,
            status: "COMPLETED".to_owned(),
            enrich_based_on: inputs,
            enriched_data: None,
            at: place.clock.now(),
            api_version: crate::base::ApiVersion::default(),
        };
        ledger.save_job(scope.clone(), KIND, read).await.unwrap();
        ledger
            .note_server_time(scope, place.clock.now())
            .await
            .unwrap();
    }

    let renamed = ledger.rename_scope(profile_scope(), scope()).await.unwrap();

    assert_eq!(renamed, Renamed::Merged { attempts: 1 });
    let version = crate::base::ApiVersion::default();
    let read = ledger.echo_read(scope(), KIND, version).await.unwrap();
    let read = read.unwrap();
    assert_eq!((read.job.as_str(), read.matched), ("7", true));
    assert!(ledger.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_job_that_reconcile_finds_counts_on_top_of_the_features_call() {
    let place = Place::new();
    let ledger = place.open();
    ledger
        .save_features(scope(), KIND, features(&place, 1_000))
        .await
        .unwrap();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    lose(&ledger, id).await;

    adopt(&ledger, id, "7").await;

    let counts = ledger.counts(scope(), KIND).await.unwrap();
    assert_eq!(
        (counts.open, counts.features.unwrap().used),
        (0, Some(1_001))
    );
}

#[tokio::test]
async fn a_further_job_counts_once_on_top_of_the_features_call() {
    let place = Place::new();
    let ledger = place.open();
    ledger
        .save_features(scope(), KIND, features(&place, 1_000))
        .await
        .unwrap();
    for job in ["6", "7", "8"] {
        let id = send(&ledger, attempt(&ledger, "ada")).await;
        let answer = Settlement {
            other_jobs: vec!["9".parse().unwrap()],
            ..scheduled(job)
        };
        ledger.settle(id, answer).await.unwrap();
    }

    let counts = ledger.counts(scope(), KIND).await.unwrap();

    assert_eq!(counts.features.unwrap().used, Some(1_004));
}

#[tokio::test]
async fn what_may_have_to_be_undone_stays_in_memory_also_after_a_purge() {
    let place = Place::new();
    let ledger = place.open();
    let in_memory = 2;
    assert_eq!(setting(&ledger, "PRAGMA temp_store").await, in_memory);

    ledger
        .purge(place.clock.now(), PurgeWhat::Everything)
        .await
        .unwrap();

    assert_eq!(setting(&ledger, "PRAGMA temp_store").await, in_memory);
}

/// A setting of the writer's connection.
async fn setting(ledger: &Ledger, pragma: &'static str) -> i64 {
    let ask = move |writer: &mut crate::ledger::writer::Writer| {
        Ok(writer.conn.query_row(pragma, (), |row| row.get(0)))
    };
    ledger.alone(ask).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_check_at_the_start_leaves_the_cache_as_it_was() {
    let place = Place::new();
    let new = place.open();
    let size = setting(&new, "PRAGMA cache_size").await;
    new.close().await;

    let checked = place.open();

    assert_eq!(setting(&checked, "PRAGMA cache_size").await, size);
}
