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

fn in_state(state: State) -> Bench {
    let mut bench = with_usage(match state {
        State::Ready | State::Refused => 1_012,
        State::NearTheLimit => 1_495,
        State::AtTheLimit => 1_500,
    });
    match state {
        State::Refused => {
            bench.press("Down Down Ctrl+U Down Ctrl+U");
        }
        State::Ready | State::NearTheLimit | State::AtTheLimit => {}
    }
    bench
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
    let mut bench = in_state(state);

    for _ in 0..90 {
        bench.rest(MS * apart);
        bench.key(key);
    }
    bench.rest(MS * 400);

    assert!(bench.submits() <= most);
}

#[rstest]
#[case::the_same(&["F5", "F5"])]
#[case::typed_behind_it(&["F5", "x"])]
#[case::typed_before_it(&["x", "Ctrl+S"])]
#[case::an_answer_behind_it(&["F5", "y"])]
fn keys_that_come_at_once_send_nothing_and_say_so(#[case] keys: &[&str]) {
    let mut bench = with_usage(1_012);
    bench.rest(MS * 400);

    for key in keys {
        bench.key(key);
    }
    bench.rest(MS * 400);

    assert_eq!(bench.submits(), 0);
    assert!(
        bench
            .toast()
            .contains("came with another key; nothing was sent"),
        "{}",
        bench.toast()
    );
}

#[test]
fn a_key_beside_a_paste_sends_nothing_and_says_so() {
    let mut bench = with_usage(1_012);

    bench.paste("x");
    bench.rest(MS * 149);
    bench.key("Ctrl+S");
    let before = bench.toast().to_owned();
    bench.rest(MS * 400);
    bench.key("F5");
    bench.rest(MS * 10);
    bench.paste("y");
    bench.rest(MS * 400);

    assert_eq!(bench.submits(), 0);
    for toast in [&before, bench.toast()] {
        assert!(
            toast.contains("came with a paste; nothing was sent"),
            "{toast}"
        );
    }
    bench.press("F5");
    assert_eq!(bench.submits(), 1);
}

#[test]
fn an_answer_before_the_question_could_be_read_is_dropped_and_said() {
    let mut bench = with_usage(1_495);
    bench.press("F5");
    let question = unwritten_question(&bench.model).unwrap();
    let at = bench.env.uptime;
    bench.tell(Msg::QuestionOut { question, at });

    for wait in [0, 200, 299] {
        bench.rest(MS * wait);
        bench.key("y");
        assert_eq!(bench.toast(), "too fast: press y again");
    }
    bench.rest(MS * 300);
    assert_eq!(bench.submits(), 0);
    bench.key("y");
    bench.rest(MS * 30);

    assert_eq!(bench.submits(), 1);
}

#[test]
fn an_answer_whose_question_was_never_drawn_is_dropped() {
    let mut bench = with_usage(1_495);
    bench.press("F5");

    for _ in 0..20 {
        bench.env.uptime += MS * 400;
        bench.tell(Msg::Tick);
        bench.key("y");
    }

    assert_eq!(bench.submits(), 0);
}

#[test]
fn a_word_typed_before_its_question_was_drawn_is_not_taken() {
    let mut bench = with_usage(1_500);
    bench.press("F5");

    for c in "override".chars() {
        bench.key(&c.to_string());
    }
    assert!(
        bench.toast().contains("read the question"),
        "{}",
        bench.toast()
    );
    bench.press("Enter");

    assert_eq!(bench.submits(), 0);
    bench.type_text("override").key("Enter");
    assert_eq!(bench.toast(), "too fast: press Enter again");
    bench.press("Enter");
    assert_eq!(bench.submits(), 1);
}

#[test]
fn the_key_of_an_answer_types_nothing_while_it_is_held_down() {
    let mut bench = with_usage(1_495);
    let draft = bench.model.compose.draft();
    bench.press("F5 y");
    assert_eq!(bench.submits(), 1);

    for _ in 0..50 {
        bench.rest(MS * 33);
        bench.key("y");
    }
    bench.key("F5");
    bench.rest(MS * 400);

    assert_eq!(bench.submits(), 0);
    assert_eq!(bench.model.compose.draft(), draft);
}

#[test]
fn a_form_that_changes_under_a_key_is_not_sent() {
    let mut bench = with_usage(1_012);
    bench.rest(MS * 400);
    bench.key("F5");

    bench.tell(Msg::Edited(Ok(
        "{\"email\": \"lin@initech.com\"}".to_owned()
    )));
    bench.rest(MS * 30);

    assert_eq!(bench.submits(), 0);
    assert!(
        bench.toast().contains("the screen changed"),
        "{}",
        bench.toast()
    );
}

#[test]
fn a_command_of_the_palette_is_as_guarded_as_its_key() {
    let mut bench = with_usage(1_012);
    bench.press("Ctrl+P").type_text("send the request");

    bench.key("Enter");
    bench.rest(MS * 400);
    assert_eq!(bench.submits(), 0);
    assert!(bench.toast().contains("too fast"), "{}", bench.toast());

    bench.press("Enter");
    assert_eq!(bench.submits(), 1);
}

#[test]
fn the_key_that_opened_a_question_is_told_what_answers_it() {
    let mut bench = with_usage(1_495);

    bench.press("F5 F5");

    assert_eq!(bench.toast(), "F5 answers no question; y answers this one");
}

#[test]
fn typing_and_moving_wait_for_nothing() {
    let mut bench = with_usage(1_012);
    bench.rest(MS * 400);

    for key in ["a", "b", "Left", "c", "Down", "d"] {
        bench.key(key);
    }

    let draft = bench.model.compose.draft();
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
    let mut bench = with_usage(1_012);
    bench.press("F5");
    let submit = only_submit(&mut bench);

    bench.press("Ctrl+Q Ctrl+Q Enter");
    assert_eq!(bench.effects, []);
    let text = bench.text();
    assert!(text.contains("One request has no answer yet."), "{text}");
    bench.press("y");
    assert_eq!(bench.effects, [Effect::Quit]);

    bench.effects.clear();
    let row = Box::new(rows().remove(0));
    let result = Ok(row);
    let ticket = submit.ticket;
    bench.press("Ctrl+Q");
    bench.tell(Msg::Submitted { ticket, result });
    let text = bench.text();
    assert!(text.contains("Everything has its answer by now."), "{text}");
    bench.press("Esc").effects.clear();
    bench.press("Ctrl+Q");
    assert_eq!(bench.effects, [Effect::Quit]);
}
