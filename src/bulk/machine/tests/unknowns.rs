//! Unknown outcomes: how many in a row, how many alike, how many of a hundred.

use super::*;
use crate::bulk::pause::{UnknownCause, UnknownStreak};

/// An unknown outcome whose answer had this status.
fn unknown(row: i64, http_status: u16) -> Event {
    Event::AttemptSettled {
        row: RowNumber(row),
        settled: Settled {
            http_status: Some(http_status),
            ..Settled::bare(Outcome::Unknown)
        },
    }
}

/// An unknown outcome without an answer.
fn silent(row: i64, why: &str) -> Event {
    Event::AttemptSettled {
        row: RowNumber(row),
        settled: Settled {
            silence: Some(why.to_owned()),
            ..Settled::bare(Outcome::Unknown)
        },
    }
}

#[test]
fn five_unknown_outcomes_in_a_row_pause_the_run_whatever_each_was() {
    let (mut machine, _) = running(SETTINGS, 20);
    let statuses = [502, 503, 502, 403];
    for (row, status) in (1..).zip(statuses) {
        let _ = machine.on(unknown(row, status), at(0));
    }
    settle_all(&mut machine, 5..=5, Outcome::Scheduled);
    for (row, status) in (6..).zip(statuses) {
        let _ = machine.on(unknown(row, status), at(0));
    }
    assert_eq!(machine.paused(), None);

    let steps = machine.on(silent(10, "reset"), at(0));

    let streak = UnknownStreak {
        count: 5,
        cause: None,
    };
    assert_eq!(steps, [Step::Pause(PauseReason::UnknownStreak(streak))]);
    assert_eq!(machine.tally().unknown, 9);
}

#[rstest]
#[case(unknown(7, 403), UnknownCause::Status(403))]
#[case(silent(7, "reset"), UnknownCause::Silence("reset".into()))]
#[case(settled(7, Outcome::UnknownAccepted), UnknownCause::Unnamed)]
fn three_unknown_outcomes_alike_in_a_row_pause_the_run(
    #[case] last: Event,
    #[case] cause: UnknownCause,
) {
    let alike = |row: i64| match last.clone() {
        Event::AttemptSettled { settled, .. } => Event::AttemptSettled {
            row: RowNumber(row),
            settled,
        },
        other => other,
    };
    let (mut machine, _) = running(SETTINGS, 20);
    // Two alike, then a row that went well; two alike, then another cause.
    let _ = machine.on(alike(1), at(0));
    let _ = machine.on(alike(2), at(0));
    let _ = machine.on(settled(3, Outcome::Rejected), at(0));
    let _ = machine.on(alike(4), at(0));
    let _ = machine.on(unknown(5, 599), at(0));
    let _ = machine.on(alike(6), at(0));
    let _ = machine.on(alike(7), at(0));
    // It would be the fifth of any as well, and says what is known of all of them.
    let steps = machine.on(alike(8), at(0));

    let streak = UnknownStreak {
        count: 3,
        cause: Some(cause),
    };
    assert_eq!(steps, [Step::Pause(PauseReason::UnknownStreak(streak))]);
}

#[test]
fn a_reset_and_a_time_out_are_not_alike() {
    let (mut machine, _) = running(SETTINGS, 20);
    for (row, why) in (1..).zip(["reset", "timed out", "reset", "timed out"]) {
        let _ = machine.on(silent(row, why), at(0));
    }

    assert_eq!(machine.paused(), None);
}

#[test]
fn more_than_two_unknown_in_a_hundred_pause_the_run() {
    let settings = RunSettings {
        concurrency: 1,
        ..SETTINGS
    };
    let (mut machine, _) = running(settings, 500);
    settle_all(&mut machine, 1..=1, Outcome::Unknown);
    settle_all(&mut machine, 2..=50, Outcome::Scheduled);
    settle_all(&mut machine, 51..=51, Outcome::Unknown);
    settle_all(&mut machine, 52..=110, Outcome::Scheduled);
    assert_eq!(machine.paused(), None);

    let steps = machine.on(settled(111, Outcome::Unknown), at(0));

    let share = PauseReason::UnknownShare {
        unknown: 3,
        settled: 111,
    };
    assert_eq!(steps, [Step::Pause(share)]);
    assert_eq!(machine.on(Event::ResumeAsked, at(0)), [dispatch(112)]);
    assert_eq!(
        machine.on(settled(112, Outcome::Unknown), at(0)),
        [dispatch(113)]
    );
}

#[test]
fn after_a_resume_old_unknown_outcomes_count_no_more() {
    let (mut machine, _) = running(SETTINGS, 20);
    settle_all(&mut machine, 1..=3, Outcome::Unknown);
    assert!(machine.paused().is_some());
    let _ = machine.on(Event::ResumeAsked, at(0));

    settle_all(&mut machine, 4..=5, Outcome::Unknown);

    assert_eq!(machine.paused(), None);
}
