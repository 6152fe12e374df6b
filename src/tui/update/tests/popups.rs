use super::*;

#[test]
fn q_closes_a_popup_and_quits_elsewhere() {
    let mut bench = at_work();
    bench.press("F3 ? q");
    assert!(bench.model.popups.is_empty());
    assert_eq!(bench.effects, []);

    bench.press("q");

    assert_eq!(bench.effects, [Effect::Quit]);
}

#[test]
fn the_palette_runs_what_it_finds() {
    let mut bench = at_work();

    bench
        .press("Ctrl+P")
        .type_text("refresh usage")
        .press("Enter");

    assert!(matches!(
        bench.asks().as_slice(),
        [Ask::LoadUsage {
            freshness: Freshness::Server,
            ..
        }]
    ));
}

#[test]
fn a_theme_is_shown_as_the_selection_moves_and_esc_goes_back() {
    let mut bench = at_work();
    bench
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down");
    assert_eq!(
        bench.effects,
        [Effect::UseTheme("default-light".to_owned())]
    );
    bench.tell(Msg::Themed(Ok("default-light".to_owned())));
    bench.effects.clear();

    bench.press("Esc");

    assert_eq!(bench.effects, [Effect::UseTheme("default-dark".to_owned())]);
}

#[test]
fn a_theme_that_is_chosen_stays() {
    let mut bench = at_work();
    bench
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down Enter");

    let last = bench.effects.last().cloned();
    assert_eq!(last, Some(Effect::UseTheme("default-light".to_owned())));
}

#[test]
fn the_help_names_the_keys_of_the_focus_first() {
    let mut bench = at_work();
    bench.press("F3 ?");

    let text = bench.text();
    assert!(text.contains("In the live log"), "{text}");
    assert!(text.find("In the live log") < text.find("On every screen"));
}

#[test]
fn a_key_that_means_nothing_draws_nothing() {
    let mut bench = at_work();
    bench.press("F3");
    bench.model.is_dirty = false;

    bench.press("x");

    assert!(!bench.model.is_dirty);
}
