//! When the console wakes by itself.

use super::*;

#[test]
fn an_idle_console_without_ages_never_wakes() {
    let mut harness = without_profiles();
    harness.effects.clear();

    assert_eq!(next_wakeup(&harness.app), None);
}

#[test]
fn ages_are_told_once_a_minute() {
    let mut harness = at_work();
    pauses(&mut harness, KEPT);

    assert_eq!(
        next_wakeup(&harness.app),
        Some(harness.app.shared.told_at + Duration::from_secs(60))
    );
}

#[test]
fn a_sentence_goes_by_itself() {
    let mut harness = without_profiles();
    harness.tell(Msg::Notice(Notice::info("hello")));
    harness.env.uptime = next_wakeup(&harness.app).unwrap();

    harness.tell(Msg::Tick);

    assert!(harness.toast().is_empty());
}

proptest::proptest! {
    #[test]
    fn no_keys_in_any_order_send_without_a_send_key_or_panic(
        keys in proptest::collection::vec(0usize..KEYS.len(), 0..60), small: bool
    ) {
        let (width, height) = if small { (80, 24) } else { (120, 40) };
        let mut harness = Harness::at_work(width, height);
        for key in keys {
            harness.press(KEYS[key]);
            harness.answer_all_but_submits();
        }

        proptest::prop_assert_eq!(harness.submits(), 0);
        harness.text();
    }
}

const KEYS: [&str; 30] = [
    "Enter",
    "Esc",
    "Tab",
    "Shift+Tab",
    "Up",
    "Down",
    "Left",
    "Right",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "F1",
    "F2",
    "F3",
    "F6",
    "F7",
    "F8",
    "Ctrl+P",
    "Ctrl+O",
    "Space",
    "/",
    "f",
    "y",
    "c",
    "i",
    "j",
    "G",
    "Backspace",
    "Ctrl+U",
];
