//! Bulk runs: rows move with their attempts, one process at a time.

use rstest::rstest;

use super::fixture::{Place, new_run, of_row, row, run_of, scheduled, send, state_of};
use crate::base::{Outcome, RowNumber, RunId};
use crate::ledger::{
    LedgerError, Resolution, ResolvedBy, RowNext, RowQuery, RowStart, RowState, RunCommand,
    RunQuery, RunState, Settlement, Verdict,
};

#[rstest]
#[case(Outcome::Scheduled, RowNext::Pending, RowState::Scheduled)]
#[case(Outcome::Rejected, RowNext::Pending, RowState::Rejected)]
#[case(Outcome::Unknown, RowNext::Pending, RowState::Unknown)]
#[case(Outcome::UnknownAccepted, RowNext::Pending, RowState::Unknown)]
#[case(Outcome::Limit, RowNext::Pending, RowState::Pending)]
#[case(Outcome::Denied, RowNext::Pending, RowState::Pending)]
#[case(Outcome::Throttled, RowNext::Pending, RowState::Pending)]
#[case(Outcome::NotSent, RowNext::Pending, RowState::Pending)]
#[case(Outcome::NotSent, RowNext::NotSent, RowState::NotSent)]
#[tokio::test]
async fn a_row_moves_with_its_attempt(
    #[case] outcome: Outcome,
    #[case] row_next: RowNext,
    #[case] expected: RowState,
) {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 2).await;
    let _lease = ledger.hold_run(run).unwrap();

    let id = send(&ledger, of_row(&ledger, run, 1)).await;
    assert_eq!(state_of(&ledger, run, 1).await, RowState::Sending);
    let mut answer = match outcome {
        Outcome::Scheduled => scheduled("7"),
        _ => Settlement::bare(outcome),
    };
    answer.row_next = row_next;
    ledger.settle(id, answer).await.unwrap();

    assert_eq!(state_of(&ledger, run, 1).await, expected);
    assert_eq!(state_of(&ledger, run, 2).await, RowState::Pending);
    assert_eq!(
        ledger.row_counts(run).await.unwrap().values().sum::<u64>(),
        2
    );
}

#[tokio::test]
async fn a_row_is_never_sent_twice() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 1).await;
    let _lease = ledger.hold_run(run).unwrap();

    let sends = (0..20).map(|_| ledger.dispatch(of_row(&ledger, run, 1)));
    let results = futures_util::future::join_all(sends).await;

    let receipts: Vec<_> = results.iter().filter(|r| r.is_ok()).collect();
    assert_eq!(receipts.len(), 1);
}

#[tokio::test]
async fn the_schema_alone_refuses_a_second_live_attempt() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 1).await;
    let _lease = ledger.hold_run(run).unwrap();
    let id = send(&ledger, of_row(&ledger, run, 1)).await;
    ledger
        .settle(id, Settlement::bare(Outcome::Unknown))
        .await
        .unwrap();
    // A row that was put back behind the ledger's back.
    place
        .sql()
        .execute("UPDATE run_rows SET state = 'pending'", ())
        .unwrap();

    let again = ledger.dispatch(of_row(&ledger, run, 1)).await;

    assert!(
        matches!(again, Err(LedgerError::Sqlite { .. })),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_row_needs_the_lease_and_a_run_that_goes() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 1).await;
    let unheld = ledger.dispatch(of_row(&ledger, run, 1)).await;
    assert_eq!(unheld.unwrap_err(), LedgerError::RunNotHeld { run });
    let _lease = ledger.hold_run(run).unwrap();

    ledger
        .set_run_state(run, RunState::Paused, Some("lunch".to_owned()))
        .await
        .unwrap();
    let paused = ledger.dispatch(of_row(&ledger, run, 1)).await.unwrap_err();

    assert!(matches!(
        paused,
        LedgerError::RunState {
            state: RunState::Paused,
            ..
        }
    ));
    let found = ledger.run(run).await.unwrap().unwrap();
    assert_eq!(found.reason.as_deref(), Some("lunch"));
    ledger
        .set_run_state(run, RunState::Running, None)
        .await
        .unwrap();
    assert!(ledger.dispatch(of_row(&ledger, run, 1)).await.is_ok());
}

#[tokio::test]
async fn a_run_is_held_once_and_the_refusal_says_by_whom() {
    let place = Place::new();
    let (ledger, other) = (place.open(), place.open());
    let run = run_of(&ledger, 1).await;

    let lease = ledger.hold_run(run).unwrap();
    let refused = other.hold_run(run).unwrap_err();
    drop(lease);

    assert_eq!(refused.exit_code(), 10);
    assert_eq!(
        refused.to_string(),
        format!(
            "run 1 is in progress by process {} since 2026-11-24T12:00:00Z",
            std::process::id()
        )
    );
    assert!(other.hold_run(run).is_ok());
}

#[tokio::test]
async fn a_half_read_file_is_never_a_run() {
    let place = Place::new();
    let ledger = place.open();
    let mut import = ledger.begin_run(new_run()).await.unwrap();
    import.push(vec![row(1), row(2)]).await.unwrap();
    let run = ledger
        .runs(RunQuery {
            limit: 5,
            ..RunQuery::default()
        })
        .await
        .unwrap()[0]
        .clone();
    assert_eq!(run.state, RunState::Importing);
    let _lease = ledger.hold_run(run.id).unwrap();
    let refused = ledger
        .dispatch(of_row(&ledger, run.id, 1))
        .await
        .unwrap_err();
    assert!(matches!(refused, LedgerError::RunState { .. }));
    let forced = ledger.set_run_state(run.id, RunState::Running, None).await;
    assert!(matches!(forced, Err(LedgerError::RunState { .. })));

    drop(import);

    ledger.recover().await.unwrap();
    assert_eq!(ledger.run(run.id).await.unwrap(), None);
    assert!(ledger.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_file_with_too_many_rows_is_refused_and_nothing_of_it_stays() {
    let place = Place::new();
    let ledger = place.open();
    let rows = vec![row(1); crate::base::limits::RUN_ROWS_MAX + 1];

    let refused = ledger.create_run(new_run(), rows).await.unwrap_err();

    assert_eq!(
        refused.to_string(),
        "a run has at most 100000 rows; split the file"
    );
    ledger.recover().await.unwrap();
    assert_eq!(
        ledger
            .runs(RunQuery {
                limit: 5,
                ..RunQuery::default()
            })
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn a_long_file_is_taken_in_whole() {
    let place = Place::new();
    let ledger = place.open();

    let run = run_of(&ledger, 1_203).await;

    assert_eq!(
        ledger.row_counts(run).await.unwrap()[&RowState::Pending],
        1_203
    );
    assert_eq!(
        ledger.run(run).await.unwrap().unwrap().state,
        RunState::Ready
    );
}

#[tokio::test]
async fn what_a_dead_process_was_reading_is_removed() {
    let place = Place::new();
    let ledger = place.open();
    let witness = place.open();
    let mut import = ledger.begin_run(new_run()).await.unwrap();
    import.push(vec![row(1)]).await.unwrap();
    witness.recover().await.unwrap();
    assert!(
        witness.run(RunId(1)).await.unwrap().is_some(),
        "it is alive"
    );

    ledger.close().await;
    drop(import);

    witness.recover().await.unwrap();
    assert_eq!(witness.run(RunId(1)).await.unwrap(), None);
}

#[tokio::test]
async fn only_an_operator_queues_an_absent_row_again() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 2).await;
    let _lease = ledger.hold_run(run).unwrap();
    let id = send(&ledger, of_row(&ledger, run, 1)).await;
    ledger
        .settle(id, Settlement::bare(Outcome::Unknown))
        .await
        .unwrap();
    let early = ledger
        .requeue(run, vec![RowNumber(1)], "please".to_owned())
        .await;
    assert!(matches!(
        early,
        Err(LedgerError::RowState {
            state: RowState::Unknown,
            ..
        })
    ));
    let resolution = Resolution {
        verdict: Verdict::Absent,
        by: ResolvedBy::Reconcile,
        note: None,
    };
    ledger.resolve(id, resolution).await.unwrap();
    assert_eq!(state_of(&ledger, run, 1).await, RowState::Absent);
    ledger
        .set_run_state(run, RunState::Finished, None)
        .await
        .unwrap();

    ledger
        .requeue(run, vec![RowNumber(1)], "not there".to_owned())
        .await
        .unwrap();

    let paused = ledger.run(run).await.unwrap().unwrap().state;
    assert_eq!(paused, RunState::Paused);
    ledger
        .set_run_state(run, RunState::Running, None)
        .await
        .unwrap();
    let again = send(&ledger, of_row(&ledger, run, 1)).await;
    ledger.settle(again, scheduled("7")).await.unwrap();
    let kept: i64 = place
        .sql()
        .query_row(
            "SELECT count(*) FROM decisions WHERE verdict = 'queued again'",
            (),
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(kept, 1);
    assert!(ledger.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn rows_come_in_file_order_by_state_and_page() {
    let place = Place::new();
    let ledger = place.open();
    let rows = (1..=9).map(|n| {
        let mut new = row(n);
        match n % 3 {
            0 => new.start = RowStart::Invalid("name: too short".to_owned()),
            1 => new.start = RowStart::Skipped("duplicate of row 2".to_owned()),
            _ => {}
        }
        new
    });
    let run = ledger.create_run(new_run(), rows.collect()).await.unwrap();
    let page = |states: Vec<RowState>, after: Option<i64>| {
        let query = RowQuery {
            run,
            states,
            after: after.map(RowNumber),
            limit: 4,
        };
        let ledger = ledger.clone();
        async move {
            let rows = ledger.rows(query).await.unwrap();
            rows.iter().map(|row| row.row.0).collect::<Vec<_>>()
        }
    };

    assert_eq!(page(vec![], Some(5)).await, [6, 7, 8, 9]);
    assert_eq!(
        page(vec![RowState::Invalid, RowState::Skipped], None).await,
        [1, 3, 4, 6]
    );
    assert_eq!(
        page(vec![RowState::Invalid, RowState::Skipped], Some(6)).await,
        [7, 9]
    );
    let next = ledger.next_pending(run, 2).await.unwrap();
    assert_eq!(next.iter().map(|row| row.row.0).collect::<Vec<_>>(), [2, 5]);
    let counts = ledger.row_counts(run).await.unwrap();
    assert_eq!(counts[&RowState::Pending], 3);
    ledger
        .skip(run, RowNumber(2), "not him".to_owned())
        .await
        .unwrap();
    assert_eq!(ledger.row_counts(run).await.unwrap()[&RowState::Skipped], 4);
}

#[tokio::test]
async fn a_command_reaches_another_process_once() {
    let place = Place::new();
    let (console, worker) = (place.open(), place.open());
    let run = run_of(&console, 1).await;

    console.command_run(run, RunCommand::Pause).await.unwrap();
    console.command_run(run, RunCommand::Stop).await.unwrap();

    let taken = worker.take_commands(run).await.unwrap();
    assert_eq!(taken, [RunCommand::Pause, RunCommand::Stop]);
    assert_eq!(worker.take_commands(run).await.unwrap(), []);
    let none = console.command_run(RunId(9), RunCommand::Pause).await;
    assert_eq!(none, Err(LedgerError::NoSuchRun(RunId(9))));
}

#[tokio::test]
async fn an_export_has_each_row_with_what_came_of_it() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 2).await;
    let _lease = ledger.hold_run(run).unwrap();
    let id = send(&ledger, of_row(&ledger, run, 1)).await;
    ledger.settle(id, scheduled("7")).await.unwrap();
    let job = crate::ledger::JobRecord {
        id: "7".parse().unwrap(),
        status: "COMPLETED".to_owned(),
        enrich_based_on: "{}".to_owned(),
        enriched_data: Some("{\"x\":1}".to_owned()),
        at: "2026-11-24T12:00:00Z".parse().unwrap(),
        api_version: crate::base::ApiVersion::default(),
    };
    ledger
        .save_job(super::fixture::scope(), super::fixture::KIND, job)
        .await
        .unwrap();

    let query = RowQuery {
        run,
        states: vec![],
        after: None,
        limit: 10,
    };
    let results = ledger.row_results(query).await.unwrap();

    assert_eq!(results.len(), 2);
    assert_eq!(results[0].attempt.as_ref().unwrap().id, id);
    assert_eq!(results[0].job_status.as_deref(), Some("COMPLETED"));
    assert_eq!(results[0].enriched_data.as_deref(), Some("{\"x\":1}"));
    assert_eq!(results[1].attempt, None);
}

#[tokio::test]
async fn attempts_of_a_run_are_found_by_their_code_and_their_job() {
    let place = Place::new();
    let ledger = place.open();
    let (run, other) = (run_of(&ledger, 2).await, run_of(&ledger, 1).await);
    let _leases = [run, other].map(|run| ledger.hold_run(run).unwrap());
    let mut ids = Vec::new();
    for (run, row, job) in [
        (run, 1, "5725001"),
        (run, 2, "5725002"),
        (other, 1, "5725003"),
    ] {
        let id = send(&ledger, of_row(&ledger, run, row)).await;
        ledger.settle(id, scheduled(job)).await.unwrap();
        ids.push(id);
    }

    let by_job = ledger.run_attempts_with(run, "5001".to_owned()).await;
    let by_code = ledger.run_attempts_with(run, "sched".to_owned()).await;

    assert_eq!(by_job.unwrap(), [ids[0]].into());
    assert_eq!(by_code.unwrap(), [ids[0], ids[1]].into());
}
