use super::*;
use crate::base::{ErrorCode, Subject};
use rstest::rstest;

mod tokens;
mod unknowns;

const SETTINGS: RunSettings = RunSettings {
    concurrency: 2,
    rows_max: None,
    units_max: None,
};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn settled(row: i64, outcome: Outcome) -> Event {
    Event::AttemptSettled {
        row: RowNumber(row),
        settled: Settled::bare(outcome),
    }
}

fn denied(row: i64, code: ErrorCode) -> Event {
    Event::AttemptSettled {
        row: RowNumber(row),
        settled: Settled {
            http_status: Some(if code.subject() == Subject::Token {
                401
            } else {
                403
            }),
            code: Some(code),
            ..Settled::bare(Outcome::Denied)
        },
    }
}

fn dispatch(row: i64) -> Step {
    Step::Dispatch(RowNumber(row))
}

/// A machine that runs `rows` rows, and the steps that came with them.
fn running(settings: RunSettings, rows: i64) -> (Machine, Vec<Step>) {
    let mut machine = Machine::new(settings);
    let steps = machine.on(Event::Started, at(0));
    assert_eq!(
        steps,
        [Step::Load {
            after: None,
            count: RUN_ROWS_AHEAD
        }]
    );
    let loaded = Event::RowsLoaded {
        rows: (1..=rows).map(RowNumber).collect(),
        rest: Rest::End,
    };
    let steps = machine.on(loaded, at(0));
    (machine, steps)
}

/// Settles rows one after the other with one outcome and answers the last steps.
fn settle_all(machine: &mut Machine, rows: std::ops::RangeInclusive<i64>, o: Outcome) -> Vec<Step> {
    rows.map(|row| machine.on(settled(row, o), at(0)))
        .last()
        .unwrap_or_default()
}

#[test]
fn a_run_sends_its_rows_and_ends() {
    let (mut machine, steps) = running(SETTINGS, 3);
    assert_eq!(steps, [dispatch(1), dispatch(2)]);

    assert_eq!(
        machine.on(settled(2, Outcome::Scheduled), at(1)),
        [dispatch(3)]
    );
    assert_eq!(machine.on(settled(1, Outcome::Rejected), at(1)), []);
    assert_eq!(
        machine.on(settled(3, Outcome::Scheduled), at(2)),
        [Step::Finish(Ending::Done)]
    );

    assert_eq!(
        (machine.tally().scheduled, machine.tally().rejected),
        (2, 1)
    );
    assert_eq!(machine.on(Event::ResumeAsked, at(3)), []);
}

#[test]
fn a_run_without_rows_ends_at_once() {
    assert_eq!(running(SETTINGS, 0).1, [Step::Finish(Ending::Done)]);
}

#[test]
fn rows_are_loaded_in_pieces_behind_the_last_one() {
    let mut machine = Machine::new(SETTINGS);
    let _ = machine.on(Event::Started, at(0));
    let rows = (1..=2).map(RowNumber).collect();
    let steps = machine.on(
        Event::RowsLoaded {
            rows,
            rest: Rest::More,
        },
        at(0),
    );

    let load = Step::Load {
        after: Some(RowNumber(2)),
        count: RUN_ROWS_AHEAD,
    };
    assert_eq!(steps, [dispatch(1), dispatch(2), load]);

    let rows = vec![RowNumber(1), RowNumber(2), RowNumber(3)];
    assert_eq!(
        machine.on(
            Event::RowsLoaded {
                rows,
                rest: Rest::End
            },
            at(0)
        ),
        []
    );
    assert_eq!(
        machine.on(settled(1, Outcome::Scheduled), at(0)),
        [dispatch(3)]
    );
}

#[test]
fn rows_are_loaded_again_when_fewer_than_half_of_a_piece_is_ahead() {
    let piece = i64::try_from(RUN_ROWS_AHEAD).unwrap();
    let mut machine = Machine::new(SETTINGS);
    let _ = machine.on(Event::Started, at(0));
    let loaded = Event::RowsLoaded {
        rows: (1..=piece).map(RowNumber).collect(),
        rest: Rest::More,
    };
    assert_eq!(machine.on(loaded, at(0)), [dispatch(1), dispatch(2)]);

    let is_load = |step: &Step| matches!(step, Step::Load { .. });
    let loading = (1..=piece).find(|row| {
        let steps = machine.on(settled(*row, Outcome::Scheduled), at(0));
        steps.iter().any(is_load)
    });

    // Two were in flight from the start: behind row 31 they are rows 32 and 33, and 31 are ahead.
    assert_eq!(loading, Some(piece / 2 - 1));
}

#[test]
fn a_ledger_that_promises_more_and_gives_nothing_new_is_not_asked_for_ever() {
    let loaded = || Event::RowsLoaded {
        rows: vec![RowNumber(1)],
        rest: Rest::More,
    };
    let mut machine = Machine::new(SETTINGS);
    let _ = machine.on(Event::Started, at(0));
    let _ = machine.on(loaded(), at(0));

    assert_eq!(machine.on(loaded(), at(0)), []);

    let steps = machine.on(settled(1, Outcome::Scheduled), at(0));
    assert_eq!(steps, [Step::Finish(Ending::Done)]);
}

#[test]
fn a_paused_run_sends_nothing_until_it_is_resumed() {
    let (mut machine, _) = running(SETTINGS, 4);

    assert_eq!(
        machine.on(Event::PauseAsked, at(0)),
        [Step::Pause(PauseReason::Operator)]
    );
    assert_eq!(machine.on(Event::PauseAsked, at(0)), []);
    assert_eq!(settle_all(&mut machine, 1..=2, Outcome::Scheduled), []);
    assert_eq!(machine.on(Event::Tick, at(9)), []);
    assert_eq!(machine.on(Event::Started, at(9)), []);

    assert_eq!(
        machine.on(Event::ResumeAsked, at(9)),
        [dispatch(3), dispatch(4)]
    );
}

#[test]
fn a_stopped_run_lets_what_is_in_flight_finish() {
    let (mut machine, _) = running(SETTINGS, 4);

    assert_eq!(machine.on(Event::StopAsked, at(0)), []);
    assert_eq!(machine.on(settled(1, Outcome::NotSent), at(0)), []);
    assert_eq!(machine.on(Event::ResumeAsked, at(0)), []);
    assert_eq!(
        machine.on(settled(2, Outcome::Scheduled), at(0)),
        [Step::Finish(Ending::Stopped)]
    );
}

#[test]
fn the_limit_stops_dispatch_at_once_and_keeps_the_row() {
    let (mut machine, _) = running(SETTINGS, 4);

    let steps = machine.on(settled(1, Outcome::Limit), at(0));
    assert_eq!(steps, [Step::Pause(PauseReason::Limit)]);
    assert_eq!(machine.on(settled(2, Outcome::Limit), at(0)), []);

    assert_eq!(
        machine.on(Event::ResumeAsked, at(1)),
        [dispatch(1), dispatch(2)]
    );
}

#[test]
fn the_limit_is_said_even_where_the_operator_has_paused() {
    let (mut machine, _) = running(SETTINGS, 4);
    let _ = machine.on(Event::PauseAsked, at(0));

    let steps = machine.on(settled(1, Outcome::Limit), at(0));

    assert_eq!(steps, [Step::Pause(PauseReason::Limit)]);
    assert_eq!(machine.paused(), Some(&PauseReason::Limit));
}

#[rstest]
#[case(Refusal::Limit, PauseReason::Limit)]
#[case(Refusal::Reserve, PauseReason::Reserve)]
#[case(Refusal::NoToken, PauseReason::SignIn)]
#[case(Refusal::Ledger, PauseReason::Ledger)]
fn a_row_that_the_ledger_holds_back_pauses_the_run(
    #[case] refusal: Refusal,
    #[case] reason: PauseReason,
) {
    let (mut machine, _) = running(SETTINGS, 2);
    let row = RowNumber(1);

    let steps = machine.on(Event::DispatchRefused { row, refusal }, at(0));

    assert_eq!(steps, [Step::Pause(reason)]);
    assert_eq!(machine.on(Event::ResumeAsked, at(0)), [dispatch(1)]);
}

#[test]
fn a_row_that_is_not_pending_any_more_is_left_alone() {
    let (mut machine, _) = running(SETTINGS, 3);
    let (row, refusal) = (RowNumber(1), Refusal::NotPending);

    let steps = machine.on(Event::DispatchRefused { row, refusal }, at(0));

    assert_eq!(steps, [dispatch(3)]);
}

#[test]
fn a_429_waits_and_sends_the_same_row_again() {
    let (mut machine, _) = running(SETTINGS, 1);
    let throttled = Event::AttemptSettled {
        row: RowNumber(1),
        settled: Settled {
            code: Some(ErrorCode::TooManyRequests),
            retry_after: Some(at(30)),
            ..Settled::bare(Outcome::Throttled)
        },
    };
    assert_eq!(machine.concurrency(), SETTINGS.concurrency);

    assert_eq!(
        machine.on(throttled, at(100)),
        [Step::Wait { until: at(130) }]
    );
    assert_eq!(machine.on(Event::Tick, at(129)), []);
    assert_eq!(machine.concurrency(), 1);
    assert_eq!(machine.on(Event::Tick, at(130)), [dispatch(1)]);
}

#[test]
fn a_server_that_only_throttles_pauses_the_run() {
    let (mut machine, _) = running(SETTINGS, 1);
    let mut now = at(0);
    for _ in 1..THROTTLED_STREAK_MAX {
        let steps = machine.on(settled(1, Outcome::Throttled), now);
        let [Step::Wait { until }] = steps.as_slice() else {
            panic!("{steps:?}")
        };
        now = *until;
        assert_eq!(machine.on(Event::Tick, now), [dispatch(1)]);
    }

    let steps = machine.on(settled(1, Outcome::Throttled), now);

    assert_eq!(steps, [Step::Pause(PauseReason::Throttled)]);
    assert!(now > at(1_800));
}

#[test]
fn three_failures_to_connect_in_a_row_pause_the_run() {
    let (mut machine, _) = running(SETTINGS, 5);

    assert_eq!(
        machine.on(settled(1, Outcome::NotSent), at(0)),
        [Step::Wait { until: at(1) }]
    );
    assert_eq!(
        machine.on(settled(2, Outcome::NotSent), at(0)),
        [Step::Wait { until: at(2) }]
    );
    assert_eq!(machine.on(Event::Tick, at(2)), [dispatch(1), dispatch(2)]);
    let steps = machine.on(settled(1, Outcome::NotSent), at(2));

    assert_eq!(steps, [Step::Pause(PauseReason::Offline)]);
    assert_eq!(machine.on(settled(2, Outcome::Scheduled), at(2)), []);
}

#[test]
fn an_unknown_outcome_was_a_connection() {
    let (mut machine, _) = running(SETTINGS, 5);
    let _ = machine.on(settled(1, Outcome::NotSent), at(0));
    let _ = machine.on(settled(2, Outcome::Unknown), at(0));
    assert_eq!(machine.on(Event::Tick, at(9)), [dispatch(1), dispatch(3)]);
    let _ = machine.on(settled(1, Outcome::NotSent), at(9));

    let _ = machine.on(settled(3, Outcome::NotSent), at(9));

    assert_eq!(machine.paused(), None);
}

#[test]
fn one_row_that_never_connects_is_tried_three_times() {
    let (mut machine, _) = running(SETTINGS, 9);
    let mut now = at(0);
    for other in 2..=3 {
        let _ = machine.on(settled(1, Outcome::NotSent), now);
        let _ = machine.on(settled(other, Outcome::Scheduled), now);
        now += at(10);
        assert!(machine.on(Event::Tick, now).contains(&dispatch(1)));
    }

    let steps = machine.on(settled(1, Outcome::NotSent), now);

    assert_eq!(steps, [Step::Pause(PauseReason::Offline)]);
}

#[test]
fn an_unknown_row_is_never_sent_again_by_itself() {
    let (mut machine, _) = running(SETTINGS, 2);
    let _ = machine.on(settled(1, Outcome::Unknown), at(0));
    let steps = machine.on(settled(2, Outcome::Scheduled), at(0));

    assert_eq!(steps, [Step::Finish(Ending::Done)]);
}

#[test]
fn a_caller_without_permission_pauses_the_run_without_a_refresh() {
    let (mut machine, _) = running(SETTINGS, 3);

    let steps = machine.on(denied(1, ErrorCode::NoPermission), at(0));

    assert_eq!(
        steps,
        [Step::Pause(PauseReason::Denied(ErrorCode::NoPermission))]
    );
}

/// What is the same for every row is not asked twice, and a token is renewed on a 401 only.
#[rstest]
#[case(400, ErrorCode::FeatureNotEnabled)]
#[case(400, ErrorCode::InvalidToken)]
#[case(401, ErrorCode::OauthScopeMismatch)]
#[case(404, ErrorCode::InvalidUrlPattern)]
#[case(413, ErrorCode::Unrecognised("TOO_LARGE".into()))]
fn the_first_answer_about_the_caller_pauses_the_run_and_its_row_waits(
    #[case] http_status: u16,
    #[case] code: ErrorCode,
) {
    let (mut machine, _) = running(SETTINGS, 3);
    let settled = Settled {
        http_status: Some(http_status),
        code: Some(code.clone()),
        ..Settled::bare(Outcome::Denied)
    };
    let row = RowNumber(1);

    let steps = machine.on(Event::AttemptSettled { row, settled }, at(0));

    assert_eq!(steps, [Step::Pause(PauseReason::Denied(code))]);
    assert_eq!(machine.on(Event::ResumeAsked, at(0)), [dispatch(1)]);
}

#[test]
fn as_many_rows_as_asked_for_are_sent_and_no_more() {
    let settings = RunSettings {
        rows_max: Some(3),
        ..SETTINGS
    };
    let (mut machine, _) = running(settings, 9);
    assert_eq!(
        machine.on(settled(1, Outcome::Throttled), at(0)),
        [Step::Wait { until: at(5) }]
    );
    let _ = machine.on(settled(2, Outcome::Rejected), at(0));
    assert_eq!(machine.on(Event::Tick, at(5)), [dispatch(1)]);
    let _ = machine.on(settled(1, Outcome::Scheduled), at(5));

    let steps = machine.on(settled(3, Outcome::Unknown), at(5));

    assert_eq!(steps, [Step::Pause(PauseReason::Max)]);
    assert_eq!(machine.tally().settled(), 3);

    // Whoever resumes asks for as many again.
    let steps = machine.on(Event::ResumeAsked, at(5));
    assert_eq!(steps, [dispatch(4), dispatch(5)]);
    let _ = machine.on(settled(4, Outcome::Unknown), at(5));
    assert_eq!(machine.on(settled(5, Outcome::Rejected), at(5)), []);
    let steps = machine.on(settled(6, Outcome::Scheduled), at(5));
    assert_eq!(steps, [Step::Pause(PauseReason::Max)]);
}

#[test]
fn the_reserve_stays_untouched() {
    let settings = RunSettings {
        units_max: Some(2),
        ..SETTINGS
    };
    let (mut machine, _) = running(settings, 9);
    assert_eq!(
        machine.on(settled(1, Outcome::Rejected), at(0)),
        [dispatch(3)]
    );
    assert_eq!(machine.on(settled(2, Outcome::Unknown), at(0)), []);

    let steps = machine.on(settled(3, Outcome::Scheduled), at(0));

    assert_eq!(steps, [Step::Pause(PauseReason::Reserve)]);
    assert_eq!(machine.on(Event::UnitsLeft(1), at(0)), []);
    assert_eq!(machine.on(Event::ResumeAsked, at(0)), [dispatch(4)]);
}

#[test]
fn a_ledger_that_fails_pauses_the_run() {
    let (mut machine, _) = running(SETTINGS, 3);

    assert_eq!(
        machine.on(Event::LedgerFailed, at(0)),
        [Step::Pause(PauseReason::Ledger)]
    );
}

#[test]
fn after_a_resume_old_failures_to_connect_count_no_more() {
    let (mut machine, _) = running(SETTINGS, 1);
    let mut now = at(0);
    for _ in 0..2 {
        for _ in 0..NOT_SENT_MAX {
            assert_eq!(machine.paused(), None);
            let _ = machine.on(settled(1, Outcome::NotSent), now);
            now += at(10);
            let _ = machine.on(Event::Tick, now);
        }
        assert_eq!(machine.paused(), Some(&PauseReason::Offline));

        assert_eq!(machine.on(Event::ResumeAsked, now), [dispatch(1)]);
    }
}

#[test]
fn a_wait_that_the_server_asked_for_outlives_a_pause() {
    let (mut machine, _) = running(SETTINGS, 1);
    let wait = [Step::Wait { until: at(5) }];
    assert_eq!(machine.on(settled(1, Outcome::Throttled), at(0)), wait);
    let _ = machine.on(Event::PauseAsked, at(1));

    assert_eq!(machine.on(Event::ResumeAsked, at(2)), wait);
    assert_eq!(machine.on(Event::Tick, at(5)), [dispatch(1)]);
}
