//! The same inputs in two runs: which of them may be sent.

use rstest::rstest;

use super::fixture::{Place, attempt, new_run, of_row, row, scheduled, send, state_of};
use crate::base::{Outcome, RowNumber, RunId};
use crate::ledger::{
    Again, Ledger, LedgerError, NewAttempt, NewRow, Overlap, RowState, RunState, Settlement,
};

/// A run of `n` waiting rows whose inputs the ledger can compare.
async fn run_of(ledger: &Ledger, n: i64) -> RunId {
    run_of_people(ledger, 1..=n).await
}

async fn run_of_people(ledger: &Ledger, people: std::ops::RangeInclusive<i64>) -> RunId {
    let rows = people.map(|n| NewRow {
        fingerprint: Some(of_row(ledger, RunId(0), n).fingerprint),
        ..row(n)
    });
    let rows = rows.collect();
    ledger.create_run(new_run(), rows).await.unwrap()
}

fn refused_by(result: Result<impl std::fmt::Debug, LedgerError>) -> Option<RunId> {
    match result {
        Err(LedgerError::SentElsewhere { by_run, .. }) => by_run,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::no_answer_yet(None, true)]
#[case::scheduled(Some(Outcome::Scheduled), true)]
#[case::unknown(Some(Outcome::Unknown), true)]
#[case::rejected(Some(Outcome::Rejected), false)]
#[case::limit(Some(Outcome::Limit), false)]
#[case::not_sent(Some(Outcome::NotSent), false)]
#[tokio::test]
async fn what_may_have_spent_a_unit_elsewhere_is_not_sent_again(
    #[case] outcome: Option<Outcome>,
    #[case] is_refused: bool,
) {
    let place = Place::new();
    let ledger = place.open();
    let (one, two) = (run_of(&ledger, 2).await, run_of(&ledger, 2).await);
    let _leases = [one, two].map(|run| ledger.hold_run(run).unwrap());

    let id = send(&ledger, of_row(&ledger, one, 1)).await;
    if let Some(outcome) = outcome {
        let answer = match outcome {
            Outcome::Scheduled => scheduled("7"),
            _ => Settlement::bare(outcome),
        };
        ledger.settle(id, answer).await.unwrap();
    }
    let sent = ledger.overlap(two).await.unwrap().sent;
    let again = ledger.dispatch(of_row(&ledger, two, 1)).await;

    assert_eq!(sent, u64::from(is_refused));
    if is_refused {
        assert_eq!(refused_by(again), Some(one));
        assert_eq!(state_of(&ledger, two, 1).await, RowState::Pending);
    } else {
        drop(again.unwrap());
    }
    send(&ledger, of_row(&ledger, two, 2)).await;
}

#[tokio::test]
async fn the_same_run_and_a_plan_that_wants_it_may_ask_again() {
    let place = Place::new();
    let ledger = place.open();
    let (one, two) = (run_of(&ledger, 1).await, run_of(&ledger, 1).await);
    let _leases = [one, two].map(|run| ledger.hold_run(run).unwrap());
    send(&ledger, of_row(&ledger, one, 1)).await;

    let wanted = NewAttempt {
        again: Again::Yes,
        ..of_row(&ledger, two, 1)
    };
    let single = attempt(&ledger, "person1");

    send(&ledger, wanted).await;
    send(&ledger, single).await;
}

#[tokio::test]
async fn a_word_of_a_person_holds_until_somebody_asks_after_it() {
    let place = Place::new();
    let ledger = place.open();
    let (one, two) = (run_of(&ledger, 1).await, run_of(&ledger, 1).await);
    let _leases = [one, two].map(|run| ledger.hold_run(run).unwrap());
    send(&ledger, of_row(&ledger, one, 1)).await;
    let out = "sent by another run".to_owned();
    ledger.leave_out(two, RowNumber(1), out).await.unwrap();
    assert_eq!(state_of(&ledger, two, 1).await, RowState::Skipped);

    let word = "queued again by hand".to_owned();
    ledger.requeue(two, vec![RowNumber(1)], word).await.unwrap();
    assert_eq!(ledger.overlap(two).await.unwrap().sent, 0);
    place.clock.advance(std::time::Duration::from_secs(1));
    send(&ledger, attempt(&ledger, "person1")).await;

    let later = ledger.dispatch(of_row(&ledger, two, 1)).await;
    assert_eq!(refused_by(later), None, "a single request");
}

/// What is not settled may come to nothing: the reason that stays with the row says what to do then.
#[rstest]
#[case::on_its_way(None, true)]
#[case::unknown(Some(Outcome::Unknown), true)]
#[case::scheduled(Some(Outcome::Scheduled), false)]
#[tokio::test]
async fn the_reason_says_how_a_row_waits_again_where_it_may_have_to(
    #[case] outcome: Option<Outcome>,
    #[case] is_open: bool,
) {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 1).await;
    let _lease = ledger.hold_run(run).unwrap();
    let by = send(&ledger, attempt(&ledger, "person1")).await;
    match outcome {
        None => {}
        Some(Outcome::Scheduled) => drop(ledger.settle(by, scheduled("7")).await.unwrap()),
        Some(other) => drop(ledger.settle(by, Settlement::bare(other)).await.unwrap()),
    }

    let refused = ledger.dispatch(of_row(&ledger, run, 1)).await.unwrap_err();

    let why = refused.why_left_out().unwrap();
    assert!(refused.to_string().ends_with(&why), "{refused}");
    assert!(
        why.starts_with("the same was asked by a single request since"),
        "{why}"
    );
    assert!(why.contains(&format!("attempt {by}")), "{why}");
    let how = format!("`ziadeck bulk requeue {run} --row 1` lets this row wait again");
    assert_eq!(why.contains(&how), is_open, "{why}");
}

/// Somebody set the clock between the other attempt and the word of a person, or after it.
#[rstest]
#[case::back_before_the_word("2026-11-20T12:00:00Z", "2026-11-20T12:00:01Z")]
#[case::back_after_the_word("2026-11-24T12:00:01Z", "2026-11-20T12:00:00Z")]
#[tokio::test]
async fn no_clock_changes_what_a_person_knew(#[case] word_at: &str, #[case] asked_at: &str) {
    let place = Place::new();
    let ledger = place.open();
    let (one, two) = (run_of(&ledger, 1).await, run_of(&ledger, 1).await);
    let _leases = [one, two].map(|run| ledger.hold_run(run).unwrap());
    let by = send(&ledger, of_row(&ledger, one, 1)).await;
    let out = "sent by another run".to_owned();
    ledger.leave_out(two, RowNumber(1), out).await.unwrap();

    place.clock.set_wall(word_at.parse().unwrap());
    let word = "queued again by hand".to_owned();
    ledger.requeue(two, vec![RowNumber(1)], word).await.unwrap();
    place.clock.set_wall(asked_at.parse().unwrap());
    assert_eq!(ledger.overlap(two).await.unwrap().sent, 0);

    send(&ledger, attempt(&ledger, "person1")).await;
    assert_eq!(ledger.overlap(two).await.unwrap().sent, 1);
    let later = ledger.dispatch(of_row(&ledger, two, 1)).await;
    assert_eq!(refused_by(later), None, "a single request");
    let other = ledger.attempt(by).await.unwrap().unwrap();
    let [decision] = other.decisions.as_slice() else {
        panic!("{other:?}");
    };
    let note = decision.note.as_deref().unwrap_or_default();
    assert!(note.contains(&format!("row 1 of run {two}")), "{note}");
}

#[tokio::test]
async fn only_runs_that_may_still_send_the_same_are_named() {
    let place = Place::new();
    let ledger = place.open();
    let (done, open) = (run_of(&ledger, 3).await, run_of(&ledger, 2).await);
    let new = run_of(&ledger, 3).await;
    run_of_people(&ledger, 7..=9).await;
    ledger
        .set_run_state(done, RunState::Finished, None)
        .await
        .unwrap();

    let overlap = ledger.overlap(new).await.unwrap();

    assert_eq!(
        overlap,
        Overlap {
            planned: vec![(open, 2)],
            sent: 0
        }
    );
}

#[tokio::test]
async fn only_a_waiting_row_is_left_out() {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 1).await;
    let _lease = ledger.hold_run(run).unwrap();
    send(&ledger, of_row(&ledger, run, 1)).await;

    let why = "sent elsewhere".to_owned();
    ledger.leave_out(run, RowNumber(1), why).await.unwrap();

    assert_eq!(state_of(&ledger, run, 1).await, RowState::Sending);
}
