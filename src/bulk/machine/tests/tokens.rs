//! One refresh for all, each row once more, and then a person.

use super::*;

#[test]
fn one_refresh_serves_all_and_each_row_goes_once_more() {
    let (mut machine, _) = running(SETTINGS, 3);

    assert_eq!(
        machine.on(denied(1, ErrorCode::InvalidToken), at(0)),
        [Step::RefreshToken]
    );
    assert_eq!(
        machine.on(denied(2, ErrorCode::InvalidOauthToken), at(0)),
        []
    );
    assert_eq!(
        machine.on(Event::TokenRefreshed, at(0)),
        [dispatch(1), dispatch(2)]
    );
    let steps = machine.on(denied(2, ErrorCode::AuthenticationFailure), at(0));

    assert_eq!(steps, [Step::Pause(PauseReason::SignIn)]);
}

#[test]
fn a_row_that_is_refused_with_a_token_that_serves_others_needs_a_person() {
    let (mut machine, _) = running(SETTINGS, 3);
    let _ = machine.on(denied(1, ErrorCode::InvalidToken), at(0));
    let _ = machine.on(settled(2, Outcome::Rejected), at(0));
    let _ = machine.on(Event::TokenRefreshed, at(0));
    let _ = machine.on(settled(3, Outcome::Scheduled), at(0));

    let steps = machine.on(denied(1, ErrorCode::InvalidToken), at(0));

    assert_eq!(steps, [Step::Pause(PauseReason::SignIn)]);
}

#[test]
fn a_late_refusal_of_an_old_token_refreshes_nothing() {
    let (mut machine, _) = running(SETTINGS, 4);
    let _ = machine.on(denied(1, ErrorCode::InvalidToken), at(0));
    let steps = machine.on(Event::TokenRefreshed, at(0));
    assert_eq!(steps, [dispatch(1)]);

    let steps = machine.on(denied(2, ErrorCode::InvalidToken), at(0));

    assert_eq!(steps, [dispatch(2)]);
}

#[test]
fn a_new_token_that_nobody_accepts_is_not_refreshed_again() {
    let (mut machine, _) = running(SETTINGS, 4);
    let _ = machine.on(denied(1, ErrorCode::InvalidToken), at(0));
    assert_eq!(machine.on(Event::TokenRefreshed, at(0)), [dispatch(1)]);
    // An answer to the old token says nothing of the new one.
    let steps = machine.on(settled(2, Outcome::Scheduled), at(0));
    assert_eq!(steps, [dispatch(3)]);

    let steps = machine.on(denied(3, ErrorCode::InvalidToken), at(0));

    assert_eq!(steps, [Step::Pause(PauseReason::SignIn)]);
}

#[test]
fn a_new_token_that_has_served_is_refreshed_in_its_turn() {
    let (mut machine, _) = running(SETTINGS, 4);
    let _ = machine.on(denied(1, ErrorCode::InvalidToken), at(0));
    let _ = machine.on(settled(2, Outcome::Unknown), at(0));
    let steps = machine.on(Event::TokenRefreshed, at(0));
    assert_eq!(steps, [dispatch(1), dispatch(3)]);
    let _ = machine.on(settled(1, Outcome::Scheduled), at(0));

    let steps = machine.on(denied(3, ErrorCode::InvalidToken), at(3_600));

    assert_eq!(steps, [Step::RefreshToken]);
}

#[test]
fn a_refused_refresh_pauses_the_run() {
    let (mut machine, _) = running(SETTINGS, 3);
    let _ = machine.on(denied(1, ErrorCode::InvalidToken), at(0));

    let steps = machine.on(Event::TokenFailed, at(0));

    assert_eq!(steps, [Step::Pause(PauseReason::SignIn)]);
    assert_eq!(machine.on(Event::ResumeAsked, at(0)), [dispatch(1)]);
}

#[test]
fn after_a_resume_a_refused_row_gets_a_new_token_again() {
    let (mut machine, _) = running(SETTINGS, 1);
    let _ = machine.on(denied(1, ErrorCode::InvalidToken), at(0));
    let _ = machine.on(Event::TokenRefreshed, at(0));
    let _ = machine.on(denied(1, ErrorCode::InvalidToken), at(0));
    assert_eq!(machine.on(Event::ResumeAsked, at(0)), [dispatch(1)]);

    let steps = machine.on(denied(1, ErrorCode::InvalidToken), at(0));

    assert_eq!(steps, [Step::RefreshToken]);
}
