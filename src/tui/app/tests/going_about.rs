//! From screen to screen.

use super::*;
use crate::tui::app::cx::ScreenId;
use crate::tui::screens::console::Pane;

fn small() -> Harness {
    Harness::at_work(80, 24)
}

#[test]
fn a_digit_goes_to_a_screen_outside_text_fields_only() {
    let mut harness = small();

    harness.press("4");
    assert_eq!(harness.app.screen, ScreenId::Console);

    harness.press("Esc 4");
    assert_eq!(harness.app.screen, ScreenId::Usage);
}

#[test]
fn f2_goes_round_from_anywhere_and_comes_back() {
    let mut harness = small();
    let mut seen = Vec::new();

    for _ in ScreenId::ALL {
        harness.press("F2");
        seen.push(harness.app.screen);
    }

    assert_eq!(seen.last(), Some(&ScreenId::Console));
    assert!(ScreenId::ALL.iter().all(|screen| seen.contains(screen)));
}

#[test]
fn sending_from_another_screen_shows_the_form_and_sends_nothing() {
    let mut harness = small();
    harness.press("F2").effects.clear();

    harness.press("F5");

    let app = &harness.app;
    let pane = app.screens.console.pane;
    assert_eq!((app.screen, pane), (ScreenId::Console, Pane::Compose));
    assert!(app.popups.is_empty());
    assert_eq!(harness.submits(), 0);
}

#[test]
fn a_command_of_the_console_brings_it_back() {
    let mut harness = small();
    harness.press("F2 Ctrl+P");

    harness.type_text("filter the log").press("Enter");

    assert_eq!(harness.app.screen, ScreenId::Console);
    assert_eq!(harness.app.popups.len(), 1);
}

#[test]
fn the_first_start_has_one_screen_only() {
    let mut harness = without_profiles();

    harness.press("F2 4");

    assert_eq!(harness.app.screen, ScreenId::Console);
}
