//! Popups, the palette and the themes.

use super::*;
use crate::theme::Themes;
use crate::tui::app::msg::ThemeRead;

#[test]
fn q_closes_a_popup_and_quits_elsewhere() {
    let mut harness = at_work();
    harness.press("F3 ? q");
    assert!(harness.app.popups.is_empty());
    assert_eq!(harness.effects, []);

    harness.press("q");

    assert_eq!(harness.effects, [Effect::Quit]);
}

#[test]
fn the_palette_runs_what_it_finds() {
    let mut harness = at_work();

    harness
        .press("Ctrl+P")
        .type_text("refresh usage")
        .press("Enter");

    assert!(matches!(
        harness.ops().as_slice(),
        [Op::LoadUsage {
            from: Freshness::Server,
            ..
        }]
    ));
}

#[test]
fn the_palette_explains_the_selected_command_and_says_where_its_key_is_meant() {
    let mut harness = at_work();

    harness.press("Ctrl+P").type_text("filter the log");

    let text = harness.text();
    assert!(text.contains("in the live log: f"), "{text}");
    assert!(text.contains("Chooses profile, outcome, code"), "{text}");
    harness.press("Esc F3 Ctrl+P").type_text("filter the log");
    assert!(!harness.text().contains("in the live log: f"));
}

#[test]
fn a_theme_is_shown_as_the_selection_moves_and_esc_goes_back() {
    let mut harness = at_work();
    harness
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down");
    assert_eq!(
        harness.effects,
        [Effect::UseTheme("default-light".to_owned())]
    );
    harness.tell(read("default-light", Ok(None)));
    harness.effects.clear();

    harness.press("Esc");

    assert_eq!(
        harness.effects,
        [Effect::UseTheme("default-dark".to_owned())]
    );
}

#[test]
fn a_theme_that_is_chosen_stays() {
    let mut harness = at_work();
    harness
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down Enter");

    let last = harness.effects.last().cloned();
    assert_eq!(last, Some(Effect::UseTheme("default-light".to_owned())));
    harness.effects.clear();
    harness.tell(read("default-light", Ok(None)));
    harness.tell(read("default-light", Ok(None)));

    assert_eq!(harness.ops(), [Op::KeepTheme("default-light".to_owned())]);
}

#[test]
fn a_theme_that_was_only_looked_at_or_cannot_be_read_is_not_kept() {
    let mut harness = at_work();
    harness
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Down");
    harness.tell(read("default-light", Ok(None)));
    harness.press("Down Enter");
    harness.effects.clear();

    harness.tell(read("high-contrast", Err("line 3 is broken".to_owned())));
    assert!(harness.text().contains("line 3 is broken"));
    harness.tell(read("high-contrast", Ok(None)));

    assert_eq!(harness.effects, []);
    assert!(!harness.text().contains("line 3 is broken"));
}

#[test]
fn a_theme_with_a_warning_is_the_one_in_use_and_the_one_esc_goes_back_to() {
    let mut harness = at_work();
    harness.app.shared.settings.themes.push("mine".to_owned());
    harness.tell(read("mine", Ok(Some("line 2 means nothing".to_owned()))));

    harness
        .press("Ctrl+P")
        .type_text("switch theme")
        .press("Enter Up")
        .press("Esc");

    let last = harness.effects.last().cloned();
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
    let mut harness = at_work();
    harness.press("F3 ?");

    let text = harness.text();
    assert!(text.contains("In the live log"), "{text}");
    assert!(text.find("In the live log") < text.find("On every screen"));
}

#[test]
fn a_key_that_means_nothing_draws_nothing() {
    let mut harness = at_work();
    harness.press("F3");
    harness.app.is_dirty = false;

    harness.press("x");

    assert!(!harness.app.is_dirty);
}

#[test]
fn the_filter_has_a_label_for_the_outcomes_and_a_box_beside_each() {
    let mut harness = at_work();

    harness.press("F3 f");

    let text = harness.text();
    assert!(text.contains("Outcomes   [ ] sending"), "{text}");
    assert!(text.contains("           [ ] not_sent"), "{text}");
}

#[test]
fn the_palette_does_not_open_over_itself() {
    let mut harness = at_work();

    harness.press("Ctrl+P Ctrl+P");

    assert_eq!(harness.app.popups.len(), 1);
}
