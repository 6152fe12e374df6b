//! The life of an attempt, pages and usage.

use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::task::{Context, Waker};
use std::time::Duration;

use rstest::rstest;

use super::fixture::{KIND, Place, attempt, scheduled, scope, send, used};
use crate::base::{AttemptId, Clock, DataCenter, Environment, Outcome};
use crate::ledger::{
    FeatureCounts, LearnedLimit, LedgerError, LimitSource, ListCompleteness, LogQuery, NewAttempt,
    PageCursor, Resolution, ResolvedBy, ScopeKey, ServerJob, Settlement, Verdict,
};

#[tokio::test]
async fn a_dispatched_attempt_is_durable_before_its_receipt_exists() {
    let place = Place::new();
    let ledger = place.open();

    let receipt = ledger.dispatch(attempt(&ledger, "ada")).await.unwrap();

    let outcome: String = place
        .sql()
        .query_row(
            "SELECT outcome FROM attempts WHERE id = ?1",
            [receipt.attempt().0],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(outcome, "sending");
    assert_eq!(receipt.into_request().body, "{\"n\":\"ada\"}");
    assert_eq!(used(&ledger).await, 1);
}

#[tokio::test]
async fn an_answer_is_kept_whole() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    place.clock.advance(Duration::from_secs(2));

    let mut answer = scheduled("77");
    answer.response_body = Some("{}".to_owned());
    answer.response_headers = vec![("date".to_owned(), "now".to_owned())];
    answer.details = Some("{\"id\":\"77\"}".to_owned());
    answer.latency = Duration::from_millis(142);
    let row = ledger.settle(id, answer).await.unwrap();

    assert_eq!(row.outcome, Outcome::Scheduled);
    assert_eq!(row.latency, Some(Duration::from_millis(142)));
    assert_eq!(row.settled_at.unwrap().duration_since(row.at).as_secs(), 2);
    let detail = ledger.attempt(id).await.unwrap().unwrap();
    assert_eq!(detail.row, row);
    assert_eq!(detail.sent.body.as_deref(), Some("{\"n\":\"ada\"}"));
    assert_eq!(detail.sent.head, Some(super::fixture::head()));
    assert_eq!(ledger.sent(vec![id]).await.unwrap(), [detail.sent]);
    assert_eq!(
        detail.response_headers,
        [("date".to_owned(), "now".to_owned())]
    );
    assert_eq!(detail.details.as_deref(), Some("{\"id\":\"77\"}"));
    let job = ledger
        .job(scope(), KIND, "77".parse().unwrap())
        .await
        .unwrap();
    assert!(job.unwrap().is_mine());
}

#[tokio::test]
async fn settling_twice_with_the_same_answer_is_no_error() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;

    ledger.settle(id, scheduled("77")).await.unwrap();
    ledger.settle(id, scheduled("77")).await.unwrap();

    let other = ledger.settle(id, Settlement::bare(Outcome::Rejected)).await;
    assert!(
        matches!(other, Err(LedgerError::IllegalStep { .. })),
        "{other:?}"
    );
    assert_eq!(used(&ledger).await, 1);
}

#[tokio::test]
async fn a_job_that_another_attempt_has_is_kept_as_accepted() {
    let place = Place::new();
    let ledger = place.open();
    let first = send(&ledger, attempt(&ledger, "ada")).await;
    let second = send(&ledger, attempt(&ledger, "lin")).await;
    ledger.settle(first, scheduled("77")).await.unwrap();

    let row = ledger.settle(second, scheduled("77")).await.unwrap();

    assert_eq!(row.outcome, Outcome::UnknownAccepted);
    assert!(row.note.unwrap().contains("77"));
    assert_eq!(used(&ledger).await, 2);
}

#[rstest]
#[case(Outcome::Scheduled, Outcome::UnknownAccepted, 1)]
#[case(Outcome::UnknownAccepted, Outcome::UnknownAccepted, 1)]
#[case(Outcome::Unknown, Outcome::Unknown, 1)]
#[case(Outcome::Rejected, Outcome::Rejected, 0)]
#[case(Outcome::Limit, Outcome::Limit, 0)]
#[case(Outcome::Denied, Outcome::Denied, 0)]
#[case(Outcome::Throttled, Outcome::Throttled, 0)]
#[case(Outcome::NotSent, Outcome::NotSent, 0)]
#[tokio::test]
async fn an_answer_without_a_job_charges_by_its_outcome(
    #[case] answer: Outcome,
    #[case] kept: Outcome,
    #[case] charged: u64,
) {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;

    let row = ledger.settle(id, Settlement::bare(answer)).await.unwrap();

    assert_eq!(row.outcome, kept);
    assert_eq!(used(&ledger).await, charged);
}

#[tokio::test]
async fn a_receipt_that_nobody_uses_records_that_nothing_was_sent() {
    let place = Place::new();
    let ledger = place.open();
    let receipt = ledger.dispatch(attempt(&ledger, "ada")).await.unwrap();
    let id = receipt.attempt();

    drop(receipt);

    // A write behind it in the queue is answered after it.
    ledger.recover().await.unwrap();
    let row = ledger.attempt(id).await.unwrap().unwrap().row;
    assert_eq!(row.outcome, Outcome::NotSent);
    assert_eq!(used(&ledger).await, 0);
}

#[tokio::test]
async fn a_dispatch_whose_caller_went_away_is_not_sent() {
    let place = Place::new();
    let ledger = place.open();

    {
        let mut dispatch = Box::pin(ledger.dispatch(attempt(&ledger, "ada")));
        // Polled once, so that it is in the queue, then dropped.
        let mut context = Context::from_waker(Waker::noop());
        let _ = dispatch.as_mut().poll(&mut context);
    }

    ledger.recover().await.unwrap();
    ledger.recover().await.unwrap();
    let page = ledger
        .page(LogQuery {
            rows: 10,
            ..LogQuery::default()
        })
        .await
        .unwrap();
    assert!(
        page.rows.iter().all(|row| row.outcome == Outcome::NotSent),
        "{page:?}"
    );
    assert_eq!(page.rows.len(), 1);
}

#[tokio::test]
async fn only_jobs_of_the_same_server_tell_the_time_of_an_attempt() {
    let place = Place::new();
    let ledger = place.open();
    let rehearsal = ScopeKey::of_org(DataCenter::Us, Environment::Sandbox, "9");
    let at = |text: &str| Some(text.parse().unwrap());
    let mut ids = Vec::new();
    for (job, scope, created) in [
        ("1", scope(), at("2026-11-24T12:00:00Z")),
        ("2", rehearsal.clone(), at("2020-01-01T00:00:00Z")),
    ] {
        let new = NewAttempt {
            scope: scope.clone(),
            ..attempt(&ledger, job)
        };
        let id = send(&ledger, new).await;
        ledger.settle(id, scheduled(job)).await.unwrap();
        let listed = ServerJob {
            id: job.parse().unwrap(),
            status: "RUNNING".to_owned(),
            created,
            created_by_id: None,
            created_by_name: None,
        };
        let whole = ListCompleteness::Complete;
        ledger
            .merge_jobs(scope, KIND, vec![listed], whole)
            .await
            .unwrap();
        ids.push(id);
    }
    let lost = send(&ledger, attempt(&ledger, "lost")).await;

    let around = ledger.around(lost).await.unwrap();
    let first = ledger.around(ids[0]).await.unwrap();

    assert_eq!(around.after, at("2026-11-24T12:00:00Z"));
    assert_eq!(around.before, None);
    assert_eq!((first.after, first.before), (None, None));
}

#[tokio::test]
async fn reconcile_settles_an_unknown_and_only_an_unknown() {
    let place = Place::new();
    let ledger = place.open();
    let (lost, found, accepted) = (
        send(&ledger, attempt(&ledger, "a11")).await,
        send(&ledger, attempt(&ledger, "b22")).await,
        send(&ledger, attempt(&ledger, "c33")).await,
    );
    for id in [lost, found] {
        ledger
            .settle(id, Settlement::bare(Outcome::Unknown))
            .await
            .unwrap();
    }
    ledger
        .settle(accepted, Settlement::bare(Outcome::UnknownAccepted))
        .await
        .unwrap();
    let resolve = |id, verdict| {
        let resolution = Resolution {
            verdict,
            by: ResolvedBy::Reconcile,
            note: Some("compared".to_owned()),
        };
        ledger.resolve(id, resolution)
    };
    assert_eq!(ledger.unknowns(scope(), KIND).await.unwrap().len(), 3);

    resolve(lost, Verdict::Absent).await.unwrap();
    let job_id = "5".parse().unwrap();
    resolve(found, Verdict::Scheduled { job_id }).await.unwrap();
    let never = resolve(accepted, Verdict::Absent).await;
    let job_id = "5".parse().unwrap();
    let taken = resolve(accepted, Verdict::Scheduled { job_id }).await;

    assert!(matches!(never, Err(LedgerError::IllegalStep { .. })));
    assert!(matches!(taken, Err(LedgerError::JobTaken { owner, .. }) if owner == found));
    assert_eq!(used(&ledger).await, 2);
    let detail = ledger.attempt(lost).await.unwrap().unwrap();
    assert_eq!(detail.decisions.len(), 1);
    assert_eq!(detail.decisions[0].verdict, "absent");
    let notes = [&detail.row.note, &detail.decisions[0].note];
    assert_eq!(notes.map(Option::as_deref), [Some("compared"); 2]);
}

#[tokio::test]
async fn further_jobs_of_an_answer_count_also_where_its_first_is_taken() {
    let place = Place::new();
    let ledger = place.open();
    let one = send(&ledger, attempt(&ledger, "ada")).await;
    let two = send(&ledger, attempt(&ledger, "lin")).await;
    ledger.settle(one, scheduled("7")).await.unwrap();

    let answer = Settlement {
        other_jobs: vec!["7".parse().unwrap(), "8".parse().unwrap()],
        ..scheduled("7")
    };
    let row = ledger.settle(two, answer).await.unwrap();

    assert_eq!(row.outcome, Outcome::UnknownAccepted);
    assert_eq!(
        used(&ledger).await,
        3,
        "two attempts and the job beside them"
    );
}

#[tokio::test]
async fn the_servers_jobs_and_ours_are_a_union() {
    let place = Place::new();
    let ledger = place.open();
    let job = |id: &str, who: &str| ServerJob {
        id: id.parse().unwrap(),
        status: "COMPLETED".to_owned(),
        created: Some("2026-11-20T07:00:00Z".parse().unwrap()),
        created_by_id: None,
        created_by_name: Some(who.to_owned()),
    };
    let list = vec![job("1", "Grace"), job("2", "Lin"), job("77", "Ada")];
    let merged = ledger
        .merge_jobs(scope(), KIND, list, ListCompleteness::Complete)
        .await
        .unwrap();
    assert_eq!((merged.new, merged.known), (3, 0));
    assert_eq!(used(&ledger).await, 3);

    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.settle(id, scheduled("77")).await.unwrap();

    let counts = ledger.counts(scope(), KIND).await.unwrap();
    assert_eq!((counts.scheduled, counts.foreign, counts.open), (1, 2, 0));
    assert_eq!(counts.mine_by_operator, [("ada".to_owned(), 1)]);
    assert_eq!(
        counts.foreign_by,
        [("Grace".to_owned(), 1), ("Lin".to_owned(), 1)]
    );
    assert!(counts.listed_at.is_some());
    let days = ledger.days(scope(), KIND, 0).await.unwrap();
    assert_eq!(days.len(), 2);
    assert_eq!((days[0].mine, days[0].others), (0, 2));
    assert_eq!((days[1].mine, days[1].others), (1, 0));
}

#[tokio::test]
async fn a_limit_in_an_answer_is_learned() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;

    let mut answer = Settlement::bare(Outcome::Limit);
    answer.learned_limit = Some(500);
    ledger.settle(id, answer).await.unwrap();

    let learned = ledger
        .counts(scope(), KIND)
        .await
        .unwrap()
        .learned_limit
        .unwrap();
    assert_eq!((learned.limit, learned.source), (500, LimitSource::Details));
    let later = LearnedLimit {
        limit: 800,
        source: LimitSource::Features,
        ..learned
    };
    ledger.learn_limit(scope(), KIND, later).await.unwrap();
    let learned = ledger.counts(scope(), KIND).await.unwrap().learned_limit;
    assert_eq!(learned, Some(later));
}

/// A limit of 0 would stop all work, and one of a billion would stop none.
#[rstest]
#[case::nothing(0, false)]
#[case::least(1, true)]
#[case::most(1_000_000, true)]
#[case::no_limit_at_all(1_000_001, false)]
#[tokio::test]
async fn a_taught_limit_that_cannot_be_one_is_noted_and_not_believed(
    #[case] limit: u64,
    #[case] is_believed: bool,
) {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    let mut answer = Settlement::bare(Outcome::Limit);
    answer.learned_limit = Some(limit);
    let row = ledger.settle(id, answer).await.unwrap();
    let features = FeatureCounts {
        used: Some(7),
        available: None,
        limit: Some(limit),
        at: place.clock.now(),
        told: None,
    };
    ledger.save_features(scope(), KIND, features).await.unwrap();

    let counts = ledger.counts(scope(), KIND).await.unwrap();

    let believed = is_believed.then_some(limit);
    assert_eq!(counts.learned_limit.map(|learned| learned.limit), believed);
    assert_eq!(counts.features.unwrap().limit, believed);
    assert_eq!(counts.features.unwrap().used, Some(7));
    let is_noted = row
        .note
        .is_some_and(|note| note.contains("is not believed"));
    assert_eq!(is_noted, !is_believed);
}

#[tokio::test]
async fn keyset_pages_show_every_attempt_once() {
    let place = Place::new();
    let ledger = place.open();
    for n in 0..25 {
        let _ = send(&ledger, attempt(&ledger, &format!("person{n}"))).await;
    }

    let mut seen = Vec::new();
    let mut at = PageCursor::Newest;
    loop {
        let page = ledger
            .page(LogQuery {
                place: at,
                rows: 7,
                ..LogQuery::default()
            })
            .await
            .unwrap();
        seen.extend(page.rows.iter().map(|row| row.id.0));
        at = PageCursor::OlderThan(page.rows.last().unwrap().id);
        if !page.more {
            break;
        }
    }

    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
    let newer = LogQuery {
        place: PageCursor::NewerThan(AttemptId(20)),
        rows: 3,
        ..LogQuery::default()
    };
    let newer = ledger.page(newer).await.unwrap();
    assert_eq!(
        newer.rows.iter().map(|row| row.id.0).collect::<Vec<_>>(),
        [23, 22, 21]
    );
    assert!(newer.more);
}

#[tokio::test]
async fn concurrent_dispatches_share_commits_and_lose_nothing() {
    let place = Place::new();
    let commits = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut options = place.options();
    let seen = std::sync::Arc::clone(&commits);
    options.on_step = Some(std::sync::Arc::new(move |_| {
        seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }));
    let (ledger, _) = crate::ledger::Ledger::open_blocking(options).unwrap();

    let sends = (0..100).map(|n| send(&ledger, attempt(&ledger, &format!("person{n}"))));
    let ids = futures_util::future::join_all(sends).await;

    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), 100);
    assert_eq!(used(&ledger).await, 100);
    // Two steps a commit.
    assert!(commits.load(std::sync::atomic::Ordering::SeqCst) < 100);
}

#[tokio::test]
async fn what_fails_in_a_group_fails_alone() {
    let place = Place::new();
    let ledger = place.open();
    let mut poor = attempt(&ledger, "poor");
    poor.budget.limit = 0;

    let (good, bad, other) = tokio::join!(
        ledger.dispatch(attempt(&ledger, "ada")),
        ledger.dispatch(poor),
        ledger.dispatch(attempt(&ledger, "lin")),
    );

    assert!(matches!(bad, Err(LedgerError::LimitReached { .. })));
    let ids = [
        good.unwrap().into_request().attempt,
        other.unwrap().into_request().attempt,
    ];
    assert_eq!(ids, [AttemptId(1), AttemptId(2)]);
}

#[tokio::test]
async fn everything_beside_the_ledger_is_private() {
    let place = Place::new();
    let path = place.dir.path().join("new").join("ledger.db");
    let mut options = place.options();
    options.path = path.clone();

    let (ledger, opened) = crate::ledger::Ledger::open_blocking(options).unwrap();
    let _ = send(&ledger, attempt(&ledger, "ada")).await;

    assert!(opened.created);
    let mode = |p: &std::path::Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let mut seen = 0;
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap().path();
        let expected = if entry.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&entry), expected, "{}", entry.display());
        seen += 1;
    }
    assert!(seen >= 6, "ledger, wal, shm, mark, key, locks");
}

#[tokio::test]
async fn closing_finishes_what_waits() {
    let place = Place::new();
    let ledger = place.open();
    let other = ledger.clone();
    let id = send(&ledger, attempt(&ledger, "ada")).await;

    let (settled, ()) = tokio::join!(ledger.settle(id, scheduled("9")), other.close());

    assert_eq!(settled.unwrap().outcome, Outcome::Scheduled);
    assert_eq!(
        ledger.dispatch(attempt(&ledger, "lin")).await.unwrap_err(),
        LedgerError::Closed
    );
    assert!(!place.dir.path().join("ledger.db-wal").exists());
}

#[tokio::test]
async fn a_watch_sees_our_commits_and_another_process_commits() {
    let place = Place::new();
    let (ledger, other) = (place.open(), place.open());
    let mut watch = ledger.watch().unwrap();
    let deadline = Duration::from_secs(20);

    let _ = send(&ledger, attempt(&ledger, "ada")).await;
    tokio::time::timeout(deadline, watch.changed())
        .await
        .expect("our own commit")
        .unwrap();
    drop(watch);
    let mut watch = ledger.watch().unwrap();
    let _ = send(&other, attempt(&other, "lin")).await;

    tokio::time::timeout(deadline, watch.changed())
        .await
        .expect("the other's commit")
        .unwrap();
}
