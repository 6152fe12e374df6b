//! The same inputs in two runs: which of them may be sent.

use rstest::rstest;

use super::fixture::{Place, attempt, new_run, row, scheduled, send, state_of, subject};
use crate::base::{Outcome, RowNumber, RunId};
use crate::enrichment::verdict::{Position, SameRun, Word};
use crate::ledger::{
    Ledger, LedgerError, NewAttempt, NewRow, Overlap, RowState, RowWord, RunState, Settlement,
};

/// The attempt of a row of which nobody has said anything.
fn of_row(ledger: &Ledger, run: RunId, n: i64) -> NewAttempt {
    NewAttempt {
        word: Word::default(),
        ..super::fixture::of_row(ledger, run, n)
    }
}

async fn overlap(ledger: &Ledger, run: RunId) -> Overlap {
    ledger.overlap(run, Word::default()).await.unwrap()
}

/// A run of `n` waiting rows whose inputs the ledger can compare.
async fn run_of(ledger: &Ledger, n: i64) -> RunId {
    run_of_people(ledger, 1..=n).await
}

async fn run_of_people(ledger: &Ledger, people: std::ops::RangeInclusive<i64>) -> RunId {
    let rows = people.map(|n| NewRow {
        fingerprint: Some(subject(ledger, &format!("person{n}")).fingerprint),
        word: RowWord::default(),
        ..row(n)
    });
    let rows = rows.collect();
    ledger.create_run(new_run(), rows).await.unwrap()
}

async fn leave_out(ledger: &Ledger, run: RunId, why: String) {
    let row = (run, RowNumber(1));
    let told = (why, None);
    let standing = crate::enrichment::verdict::Standing::Already;
    ledger.leave_out(row, standing, told).await.unwrap();
}

fn refused_by(result: Result<impl std::fmt::Debug, LedgerError>) -> Option<RunId> {
    match result {
        Err(LedgerError::Already(found)) => found.run,
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
    let sent = overlap(&ledger, two).await.sent;
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

/// A file in which somebody stands twice; the plan says whether that is meant.
#[rstest]
#[case::not_meant(SameRun::Counts, true)]
#[case::meant(SameRun::Ignored, false)]
#[tokio::test]
async fn a_person_who_stands_twice_in_a_file_is_asked_for_once_unless_that_is_meant(
    #[case] same_run: SameRun,
    #[case] is_refused: bool,
) {
    let place = Place::new();
    let ledger = place.open();
    let run = run_of(&ledger, 2).await;
    let _lease = ledger.hold_run(run).unwrap();
    send(&ledger, of_row(&ledger, run, 1)).await;

    let second = ledger
        .dispatch(NewAttempt {
            subject: subject(&ledger, "person1"),
            word: Word {
                same_run,
                ..Word::default()
            },
            ..of_row(&ledger, run, 2)
        })
        .await;

    assert_eq!(second.is_err(), is_refused);
}

/// Two plans of one file, each with the word that what was sent before is sent again.
#[tokio::test]
async fn a_word_for_two_plans_of_one_file_spends_once() {
    let place = Place::new();
    let ledger = place.open();
    let first = send(&ledger, attempt(&ledger, "person1")).await;
    ledger.settle(first, scheduled("7")).await.unwrap();
    let planned = |ledger: &Ledger| {
        let mut planned = row(1);
        planned.fingerprint = Some(subject(ledger, "person1").fingerprint);
        planned.word = RowWord {
            known: Some(Position(1)),
            open: false,
        };
        planned
    };
    let mut runs = Vec::new();
    for _ in 0..2 {
        let rows = vec![planned(&ledger)];
        runs.push(ledger.create_run(new_run(), rows).await.unwrap());
    }
    let _leases: Vec<_> = runs
        .iter()
        .map(|run| ledger.hold_run(*run).unwrap())
        .collect();

    let one = ledger.dispatch(of_row(&ledger, runs[0], 1)).await;
    let two = ledger.dispatch(of_row(&ledger, runs[1], 1)).await;

    drop(one.unwrap().into_request());
    assert_eq!(refused_by(two), Some(runs[0]));
}

#[tokio::test]
async fn a_word_of_a_person_holds_until_somebody_asks_after_it() {
    let place = Place::new();
    let ledger = place.open();
    let (one, two) = (run_of(&ledger, 1).await, run_of(&ledger, 1).await);
    let _leases = [one, two].map(|run| ledger.hold_run(run).unwrap());
    let by = send(&ledger, of_row(&ledger, one, 1)).await;
    ledger.settle(by, scheduled("7")).await.unwrap();
    let out = "sent by another run".to_owned();
    leave_out(&ledger, two, out).await;
    assert_eq!(state_of(&ledger, two, 1).await, RowState::Skipped);

    let word = "queued again by hand".to_owned();
    ledger.requeue(two, vec![RowNumber(1)], word).await.unwrap();
    assert_eq!(overlap(&ledger, two).await.sent, 0);
    place.clock.advance(std::time::Duration::from_secs(1));
    send(&ledger, attempt(&ledger, "person1")).await;

    let later = ledger.dispatch(of_row(&ledger, two, 1)).await;
    assert_eq!(refused_by(later), None, "a single request");
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
    ledger.settle(by, scheduled("7")).await.unwrap();
    let out = "sent by another run".to_owned();
    leave_out(&ledger, two, out).await;

    place.clock.set_wall(word_at.parse().unwrap());
    let word = "queued again by hand".to_owned();
    ledger.requeue(two, vec![RowNumber(1)], word).await.unwrap();
    place.clock.set_wall(asked_at.parse().unwrap());
    assert_eq!(overlap(&ledger, two).await.sent, 0);

    send(&ledger, attempt(&ledger, "person1")).await;
    assert_eq!(overlap(&ledger, two).await.sent, 1);
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

    let overlap = overlap(&ledger, new).await;

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
    leave_out(&ledger, run, why).await;

    assert_eq!(state_of(&ledger, run, 1).await, RowState::Sending);
}
