//! From screen to screen.

use super::*;
use crate::keymap::Command;
use crate::tui::app::cx::ScreenId;
use crate::tui::app::state::Turn;
use crate::tui::screens::console::Pane;
use crate::tui::testing::name_of;

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

// ---- what every screen does, whoever adds one

/// A console at a screen that has its answers: each of them is that it did not work.
fn at(screen: ScreenId) -> Harness {
    let mut harness = Harness::at_work(120, 40);
    let key = harness.app.shared.any_key(screen.command());
    harness.press("Esc").press(&key);
    assert_eq!(harness.app.screen, screen);
    for _ in 0..50 {
        let Some((_, op)) = harness.open.first() else {
            break;
        };
        let name = name_of(op);
        harness.fail(&name, Failure::new("it did not work", "try again"));
    }
    assert_eq!(harness.open, []);
    harness.effects.clear();
    harness
}

/// The names of what is asked of a screen beyond what the Console asks then.
fn asked(screen: ScreenId, change: fn(&mut Harness)) -> Vec<String> {
    let of = |screen| {
        let mut harness = at(screen);
        change(&mut harness);
        harness.ops().iter().map(name_of).collect::<Vec<_>>()
    };
    let console = of(ScreenId::Console);
    let mut own = of(screen);
    own.retain(|name| !console.contains(name));
    own
}

#[test]
fn every_screen_follows_the_ledger_and_the_profile() {
    // Setup shows what is in no ledger, and of all profiles.
    let others = [ScreenId::Console, ScreenId::Setup];
    for screen in ScreenId::ALL.iter().filter(|it| !others.contains(it)) {
        let told = asked(*screen, |harness| harness.tell(Msg::LedgerChanged));
        assert!(!told.is_empty(), "{screen:?} is told of the ledger");

        let switched = asked(*screen, |harness| {
            harness.press("F6");
        });
        assert!(!switched.is_empty(), "{screen:?} is told of the profile");
    }
}

#[test]
fn esc_leads_from_every_screen_to_the_console() {
    for screen in ScreenId::ALL {
        let mut harness = at(*screen);

        harness.press("Esc");

        assert_eq!(harness.app.screen, ScreenId::Console, "from {screen:?}");
    }
}

#[test]
fn a_search_is_over_when_its_screen_is_left() {
    for screen in ScreenId::ALL {
        let mut harness = at(*screen);
        harness.press("/");
        for to in [ScreenId::Console, *screen] {
            let mut turn = Turn::new(&mut harness.env);
            harness.app.go(to, &mut turn);
        }

        assert!(harness.app.top_mut().0.text_field().is_none(), "{screen:?}");
    }
}

#[test]
fn the_last_line_of_every_screen_names_what_it_is_for_the_help_and_the_commands() {
    for screen in ScreenId::ALL {
        let ranked = Command::ranked(&at(*screen).app.contexts());

        let everywhere = [Command::Help, Command::Palette, Command::Back];
        let first = ranked.first();
        assert!(
            first.is_some_and(|first| !everywhere.contains(first)),
            "{screen:?}"
        );
        let named = |command| ranked.contains(command);
        assert!(everywhere[..2].iter().all(named), "{screen:?}: {ranked:?}");
    }
}
