use super::*;
use crate::theme::Themes;
use crate::tui::msg::ThemeRead;

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
fn the_palette_explains_the_selected_command_and_says_where_its_key_is_meant() {
    let mut bench = at_work();

    bench.press("Ctrl+P").type_text("filter the log");

    let text = bench.text();
    assert!(text.contains("in the live log: f"), "{text}");
    assert!(text.contains("Chooses profile, outcome, code"), "{text}");
    bench.press("Esc F3 Ctrl+P").type_text("filter the log");
    assert!(!bench.text().contains("in the live log: f"));
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
    bench.tell(read("default-light", Ok(None)));
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
    bench.effects.clear();
    bench.tell(read("default-light", Ok(None)));
    bench.tell(read("default-light", Ok(None)));

    let kept = Effect::Ask(Ask::KeepTheme("default-light".to_owned()));
    assert_eq!(bench.effects, [kept]);
}

#[test]
fn a_theme_that_was_only_looked_at_or_cannot_be_read_is_not_kept() {
    let mut bench = at_work();
    bench
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down");
    bench.tell(read("default-light", Ok(None)));
    bench.press("Down Enter");
    bench.effects.clear();

    bench.tell(read("high-contrast", Err("line 3 is broken".to_owned())));
    assert!(bench.text().contains("line 3 is broken"));
    bench.tell(read("high-contrast", Ok(None)));

    assert_eq!(bench.effects, []);
    assert!(!bench.text().contains("line 3 is broken"));
}

#[test]
fn a_theme_with_a_warning_is_the_one_in_use_and_the_one_esc_goes_back_to() {
    let mut bench = at_work();
    bench.model.shared.settings.themes.push("mine".to_owned());
    bench.tell(read("mine", Ok(Some("line 2 means nothing".to_owned()))));

    bench
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Up")
        .press("Esc");

    let last = bench.effects.last().cloned();
    assert_eq!(last, Some(Effect::UseTheme("mine".to_owned())));
}

fn read(name: &str, result: Result<Option<String>, String>) -> Msg {
    let mut names = Themes::default().names();
    names.push("mine".to_owned());
    Msg::Themed(Box::new(ThemeRead {
        name: name.to_owned(),
        names,
        result,
    }))
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

#[test]
fn the_filter_has_a_label_for_the_outcomes_and_a_box_beside_each() {
    let mut bench = at_work();

    bench.press("F3 f");

    let text = bench.text();
    assert!(text.contains("Outcomes   [ ] sending"), "{text}");
    assert!(text.contains("           [ ] not_sent"), "{text}");
}
