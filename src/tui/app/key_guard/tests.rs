use proptest::prelude::*;

use super::*;
use crate::base::EnrichmentKind;
use crate::keymap::Key;

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn chord(text: &str) -> Chord {
    text.parse().unwrap()
}

fn held(guard: &KeyGuard, key: &str, command: Command) -> Held {
    Held {
        chord: chord(key),
        command,
        seen: Seen {
            contexts: Vec::new(),
            profile: None,
            draft: Draft::new(EnrichmentKind::People, "Leads"),
            question: guard.question(),
        },
    }
}

/// F5 as the console takes it: held if nothing speaks against it.
fn f5(guard: &mut KeyGuard, at: u64) -> Noticed {
    let noticed = guard.key(chord("F5"), ms(at));
    if noticed.objection.is_none() {
        guard.hold(held(guard, "F5", Command::Send), ms(at));
    }
    noticed
}

fn asking() -> KeyGuard {
    let mut guard = KeyGuard::default();
    guard.follow(Some(face("Send?")));
    guard
}

fn face(question: &str) -> Face {
    Face {
        depth: 0,
        question: question.to_owned(),
        lines: vec!["Spends 1 unit".to_owned()],
    }
}

#[test]
fn a_key_that_stays_alone_is_taken_after_its_time_and_not_before() {
    let mut guard = KeyGuard::default();
    f5(&mut guard, 1_000);

    assert_eq!(guard.due(), Some(ms(1_030)));
    assert_eq!(guard.tick(ms(1_029)), None);
    assert!(guard.tick(ms(1_030)).is_some());
    assert_eq!((guard.due(), guard.tick(ms(2_000))), (None, None));
}

#[test]
fn a_key_with_another_one_just_after_it_is_dropped_however_late_that_is_noticed() {
    let mut guard = KeyGuard::default();
    f5(&mut guard, 1_000);

    let noticed = guard.key(chord("x"), ms(1_090));

    assert_eq!(
        noticed.dropped.map(|held| held.command),
        Some(Command::Send)
    );
    assert_eq!(guard.tick(ms(9_000)), None);
}

#[test]
fn a_key_with_another_one_just_before_it_is_not_held() {
    let mut guard = KeyGuard::default();
    guard.key(chord("x"), ms(1_000));

    let noticed = f5(&mut guard, 1_029);
    assert_eq!(noticed.objection, Some(Objection::Together));

    guard.key(chord("x"), ms(2_000));
    assert_eq!(f5(&mut guard, 2_030).objection, None);
}

#[test]
fn a_key_that_is_held_down_counts_once() {
    let mut guard = KeyGuard::default();
    assert_eq!(f5(&mut guard, 1_000).objection, None);
    guard.tick(ms(1_030));

    for at in (1_040..4_000).step_by(40) {
        assert_eq!(f5(&mut guard, at).objection, Some(Objection::Repeats));
    }
    assert_eq!(f5(&mut guard, 4_300).objection, None);
}

#[test]
fn nothing_guarded_is_taken_right_after_a_paste() {
    let mut guard = KeyGuard::default();
    f5(&mut guard, 1_000);
    assert!(guard.paste(ms(1_010)).is_some());

    assert_eq!(f5(&mut guard, 1_159).objection, Some(Objection::AfterPaste));
    assert_eq!(f5(&mut guard, 1_500).objection, None);
}

#[test]
fn a_question_takes_answers_when_its_frame_was_out_for_a_while() {
    let mut guard = asking();
    assert_eq!(guard.due(), None);
    let question = guard.unwritten().unwrap();

    guard.written(question, ms(1_000));
    guard.tick(ms(1_299));
    assert!(!guard.key(chord("y"), ms(1_299)).may_answer);

    // The key that came too early asks for quiet too.
    assert_eq!(guard.due(), Some(ms(1_599)));
    guard.tick(ms(1_599));
    assert!(guard.key(chord("y"), ms(1_700)).may_answer);
    assert!(!guard.key(chord("y"), ms(1_800)).may_answer);
}

#[test]
fn a_question_that_changes_has_to_be_read_anew() {
    let mut guard = asking();
    let first = guard.unwritten().unwrap();
    guard.written(first, ms(0));
    guard.tick(ms(300));

    guard.follow(Some(face("Send?")));
    assert_eq!(guard.unwritten(), None);
    guard.follow(Some(face("Send something else?")));
    guard.written(first, ms(400));

    assert!(guard.unwritten().is_some());
    guard.tick(ms(5_000));
    assert!(!guard.key(chord("y"), ms(5_000)).may_answer);
}

#[test]
fn a_screen_of_another_size_has_to_be_written_again() {
    let mut guard = asking();
    guard.written(guard.unwritten().unwrap(), ms(0));
    guard.tick(ms(300));

    guard.redrawn();

    assert!(guard.unwritten().is_some());
    assert!(!guard.key(chord("y"), ms(900)).may_answer);
}

#[test]
fn the_key_of_an_answer_means_nothing_until_it_is_let_go() {
    let mut guard = KeyGuard::default();
    guard.key(chord("y"), ms(1_000));
    guard.answered(chord("y"), ms(1_030));

    for at in (1_060..3_000).step_by(30) {
        assert!(guard.key(chord("y"), ms(at)).is_echo);
    }
    assert!(!guard.key(chord("y"), ms(3_400)).is_echo);
}

#[test]
fn the_same_quiet_follows_an_answer() {
    let mut guard = KeyGuard::default();
    guard.answered(chord("y"), ms(1_000));

    assert_eq!(
        f5(&mut guard, 1_299).objection,
        Some(Objection::AfterAnswer)
    );
}

/// What can happen, each so many milliseconds after the one before.
#[derive(Debug, Clone)]
enum Step {
    Key(bool),
    Paste,
    Tick,
    Ask,
    Written,
}

fn step() -> impl Strategy<Value = (u64, Step)> {
    let step = prop_oneof![
        4 => any::<bool>().prop_map(Step::Key),
        1 => Just(Step::Paste),
        4 => Just(Step::Tick),
        1 => Just(Step::Ask),
        2 => Just(Step::Written),
    ];
    (0_u64..400, step)
}

proptest! {
    /// Whatever comes, a guarded key is taken only where no other key and no paste came beside it,
    /// and an answer only after its question could be read.
    #[test]
    fn nothing_is_taken_that_was_not_alone(steps in prop::collection::vec(step(), 1..60)) {
        let mut guard = KeyGuard::default();
        let (mut now, mut keys, mut pastes) = (1_000_u64, Vec::new(), Vec::new());
        let (mut written, mut waiting) = (None, None);
        for (turn, (later, step)) in steps.into_iter().enumerate() {
            now += later;
            match step {
                Step::Key(is_guarded) => {
                    let key = if is_guarded { Key::F(5) } else { Key::Char('y') };
                    let noticed = guard.key(Chord::plain(key), ms(now));
                    if noticed.may_answer {
                        let quiet = keys.iter().chain(&pastes).chain(&written).max();
                        prop_assert!(written.is_some() && quiet.is_some_and(|at| at + 300 <= now));
                    }
                    keys.push(now);
                    waiting = None;
                    if is_guarded && noticed.objection.is_none() {
                        guard.hold(held(&guard, "F5", Command::Send), ms(now));
                        waiting = Some(now);
                    }
                }
                Step::Paste => {
                    guard.paste(ms(now));
                    pastes.push(now);
                    waiting = None;
                }
                Step::Tick => {
                    if guard.tick(ms(now)).is_some() {
                        let at = waiting.take().unwrap();
                        prop_assert!(at + 30 <= now);
                        let others = keys.iter().filter(|key| **key != at);
                        prop_assert!(others.clone().all(|key| key.abs_diff(at) >= 30));
                        prop_assert!(pastes.iter().all(|paste| paste + 150 <= at));
                    }
                }
                Step::Ask => {
                    guard.follow(Some(face(&turn.to_string())));
                    written = None;
                }
                Step::Written => {
                    if let Some(question) = guard.unwritten() {
                        guard.written(question, ms(now));
                        written = Some(now);
                    }
                }
            }
        }
    }
}
