use super::*;

#[test]
fn an_idle_console_without_ages_never_wakes() {
    let mut bench = without_profiles();
    bench.effects.clear();

    assert_eq!(next_wakeup(&bench.model), None);
}

#[test]
fn ages_are_told_once_a_minute() {
    let mut bench = at_work();
    bench.model.compose.look_at = None;

    assert_eq!(
        next_wakeup(&bench.model),
        Some(bench.model.shared.told_at + Duration::from_secs(60))
    );
}

#[test]
fn a_sentence_goes_by_itself() {
    let mut bench = without_profiles();
    bench.tell(Msg::Notice {
        level: Level::Info,
        text: "hello".to_owned(),
    });
    bench.env.uptime = next_wakeup(&bench.model).unwrap();

    bench.tell(Msg::Tick);

    assert!(bench.toast().is_empty());
}

proptest::proptest! {
    #[test]
    fn no_keys_in_any_order_send_without_a_send_key_or_panic(
        keys in proptest::collection::vec(0usize..KEYS.len(), 0..60), small: bool
    ) {
        let (width, height) = if small { (80, 24) } else { (120, 40) };
        let mut bench = Bench::at_work(width, height);
        for key in keys {
            bench.press(KEYS[key]);
            bench.answer_all_but_submits();
        }

        proptest::prop_assert_eq!(bench.submits(), 0);
        bench.text();
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
