//! Keys that were not meant: too close together, beside a paste, before a question could be read.

use super::*;

const MS: Duration = Duration::from_millis(1);

/// Where the first key opens a question.
#[derive(Debug, Clone, Copy)]
enum State {
    Ready,
    NearTheLimit,
    AtTheLimit,
    Refused,
}

fn in_state(state: State) -> Harness {
    let mut harness = with_usage(match state {
        State::Ready | State::Refused => 1_012,
        State::NearTheLimit => 1_495,
        State::AtTheLimit => 1_500,
    });
    match state {
        State::Refused => {
            harness.press("Down Down Ctrl+U Down Ctrl+U");
        }
        State::Ready | State::NearTheLimit | State::AtTheLimit => {}
    }
    harness
}

#[rstest]
fn a_key_that_is_held_down_sends_once_at_most_and_answers_nothing(
    #[values(
        (State::Ready, 1),
        (State::NearTheLimit, 0),
        (State::AtTheLimit, 0),
        (State::Refused, 0)
    )]
    (state, most): (State, usize),
    #[values("F5", "Ctrl+S")] key: &str,
    #[values(10, 29, 30, 31, 33, 40, 250)] apart: u32,
) {
    let mut harness = in_state(state);

    for _ in 0..90 {
        harness.rest(MS * apart);
        harness.key(key);
    }
    harness.rest(MS * 400);

    assert!(harness.submits() <= most);
}

#[rstest]
#[case::the_same(&["F5", "F5"])]
#[case::typed_behind_it(&["F5", "x"])]
#[case::typed_before_it(&["x", "Ctrl+S"])]
#[case::an_answer_behind_it(&["F5", "y"])]
fn keys_that_come_at_once_send_nothing_and_say_so(#[case] keys: &[&str]) {
    let mut harness = with_usage(1_012);
    harness.rest(MS * 400);

    for key in keys {
        harness.key(key);
    }
    harness.rest(MS * 400);

    assert_eq!(harness.submits(), 0);
    assert!(
        harness
            .toast()
            .contains("came with another key; nothing was sent"),
        "{}",
        harness.toast()
    );
}

#[test]
fn a_key_beside_a_paste_sends_nothing_and_says_so() {
    let mut harness = with_usage(1_012);

    harness.paste("x");
    harness.rest(MS * 149);
    harness.key("Ctrl+S");
    let before = harness.toast().to_owned();
    harness.rest(MS * 400);
    harness.key("F5");
    harness.rest(MS * 10);
    harness.paste("y");
    harness.rest(MS * 400);

    assert_eq!(harness.submits(), 0);
    for toast in [&before, harness.toast()] {
        assert!(
            toast.contains("came with a paste; nothing was sent"),
            "{toast}"
        );
    }
    harness.press("F5");
    assert_eq!(harness.submits(), 1);
}

#[test]
fn an_answer_before_the_question_could_be_read_is_dropped_and_said() {
    let mut harness = with_usage(1_495);
    harness.press("F5");
    let question = harness.app.unwritten_question().unwrap();
    let at = harness.env.uptime;
    harness.tell(Msg::QuestionOut { question, at });

    for wait in [0, 200, 299] {
        harness.rest(MS * wait);
        harness.key("y");
        assert_eq!(harness.toast(), "too fast: press y again");
    }
    harness.rest(MS * 300);
    assert_eq!(harness.submits(), 0);
    harness.key("y");
    harness.rest(MS * 30);

    assert_eq!(harness.submits(), 1);
}

#[test]
fn an_answer_whose_question_was_never_drawn_is_dropped() {
    let mut harness = with_usage(1_495);
    harness.press("F5");

    for _ in 0..20 {
        harness.env.uptime += MS * 400;
        harness.tell(Msg::Tick);
        harness.key("y");
    }

    assert_eq!(harness.submits(), 0);
}

#[test]
fn a_word_typed_before_its_question_was_drawn_is_not_taken() {
    let mut harness = with_usage(1_500);
    harness.press("F5");

    for c in "override".chars() {
        harness.key(&c.to_string());
    }
    assert!(
        harness.toast().contains("read the question"),
        "{}",
        harness.toast()
    );
    harness.press("Enter");

    assert_eq!(harness.submits(), 0);
    harness.type_text("override").key("Enter");
    assert_eq!(harness.toast(), "too fast: press Enter again");
    harness.press("Enter");
    assert_eq!(harness.submits(), 1);
}

#[test]
fn the_key_of_an_answer_types_nothing_while_it_is_held_down() {
    let mut harness = with_usage(1_495);
    let draft = harness.draft();
    harness.press("F5 y");
    assert_eq!(harness.submits(), 1);

    for _ in 0..50 {
        harness.rest(MS * 33);
        harness.key("y");
    }
    harness.key("F5");
    harness.rest(MS * 400);

    assert_eq!(harness.submits(), 0);
    assert_eq!(harness.draft(), draft);
}

#[test]
fn a_form_that_changes_under_a_key_is_not_sent() {
    let mut harness = with_usage(1_012);
    harness.rest(MS * 400);
    harness.key("F5");

    harness.tell(Msg::Edited(Ok(
        "{\"email\": \"lin@initech.com\"}".to_owned()
    )));
    harness.rest(MS * 30);

    assert_eq!(harness.submits(), 0);
    assert!(
        harness.toast().contains("the screen changed"),
        "{}",
        harness.toast()
    );
}

#[test]
fn a_command_of_the_palette_is_as_guarded_as_its_key() {
    let mut harness = with_usage(1_012);
    harness.press("Ctrl+P").type_text("send the request");

    harness.key("Enter");
    harness.rest(MS * 400);
    assert_eq!(harness.submits(), 0);
    assert!(harness.toast().contains("too fast"), "{}", harness.toast());

    harness.press("Enter");
    assert_eq!(harness.submits(), 1);
}

#[test]
fn the_key_that_opened_a_question_is_told_what_answers_it() {
    let mut harness = with_usage(1_495);

    harness.press("F5 F5");

    assert_eq!(
        harness.toast(),
        "F5 answers no question; y answers this one"
    );
}

#[test]
fn typing_and_moving_wait_for_nothing() {
    let mut harness = with_usage(1_012);
    harness.rest(MS * 400);

    for key in ["a", "b", "Left", "c", "Down", "d"] {
        harness.key(key);
    }

    let draft = harness.draft();
    assert!(
        draft.value(Field::Name).ends_with("acb"),
        "{}",
        draft.value(Field::Name)
    );
    assert!(
        draft.value(Field::Email).ends_with('d'),
        "{}",
        draft.value(Field::Email)
    );
}

#[test]
fn leaving_asks_while_an_answer_is_outstanding() {
    let mut harness = with_usage(1_012);
    harness.press("F5");
    assert_eq!(harness.submits(), 1);

    harness.press("Ctrl+Q Ctrl+Q Enter");
    assert_eq!(harness.effects, []);
    let text = harness.text();
    assert!(text.contains("One request has no answer yet."), "{text}");
    harness.press("y");
    assert_eq!(harness.effects, [Effect::Quit]);

    harness.effects.clear();
    harness.press("Ctrl+Q");
    let row = rows().remove(0);
    harness.reply(Payload::Submit(Submitted::Settled(Box::new(row))));
    let text = harness.text();
    assert!(text.contains("Everything has its answer by now."), "{text}");
    harness.press("Esc").effects.clear();
    harness.press("Ctrl+Q");
    assert_eq!(harness.effects, [Effect::Quit]);
}
