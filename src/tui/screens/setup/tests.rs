use rstest::rstest;

use super::*;
use crate::ops::configure::Edit;
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::{Failure, Notice};
use crate::tui::app::op::{self, Payload};
use crate::tui::popups::guide::Guide;
use crate::tui::testing::Harness;
use crate::tui::testing::setup::{overview, set_up};

/// What was asked about the set-up since this was called last.
fn asked(harness: &mut Harness) -> Vec<Op> {
    let mut ops = harness.ops();
    ops.retain(|op| {
        matches!(
            op,
            Op::LoadSetup { .. }
                | Op::PlanChange(_)
                | Op::ApplyChange { .. }
                | Op::MakeDefault(_)
                | Op::RemoveProfile(_)
                | Op::SignOut(_)
                | Op::SignInAgain { .. }
        )
    });
    ops
}

fn twitter_is_mapped(harness: &mut Harness) {
    select(harness, "twitter");
    harness.press("Enter").type_text("Twitter").press("Enter");
}

/// Moves to the line that holds a text.
fn select(harness: &mut Harness, text: &str) {
    harness.press("Tab g");
    let lines = &harness.app.screens.setup.sheet.rows;
    let place = lines
        .iter()
        .position(|line| line.line.text().contains(text));
    for _ in 0..place.unwrap() {
        harness.press("j");
    }
}

#[test]
fn the_profile_in_use_is_shown_with_what_the_ledger_knows() {
    let mut harness = Harness::at_work(120, 40);

    harness.press("Esc 5");

    assert!(matches!(
        asked(&mut harness).as_slice(),
        [Op::LoadSetup { profile, from: Freshness::Ledger }] if profile.as_str() == "us-prod"
    ));
}

#[test]
fn the_server_is_asked_when_somebody_wants_it_and_never_by_itself() {
    let mut harness = set_up(120, 40);

    harness.tell(Msg::LedgerChanged);
    assert_eq!(asked(&mut harness), []);
    harness.press("r");

    assert!(matches!(
        asked(&mut harness).as_slice(),
        [Op::LoadSetup {
            from: Freshness::Server,
            ..
        }]
    ));
}

#[test]
fn a_data_centre_without_a_profile_leads_to_its_guide() {
    let mut harness = set_up(120, 40);
    harness.press("G Enter");

    let guide = harness.app.popup::<Guide>().unwrap();
    assert_eq!(guide.data_center, DataCenter::Sa);
}

#[test]
fn a_change_of_the_mapping_is_shown_before_it_is_made() {
    let mut harness = set_up(120, 40);

    twitter_is_mapped(&mut harness);

    let asks = asked(&mut harness);
    let [Op::PlanChange(change)] = asks.as_slice() else {
        panic!("{asks:?}");
    };
    let ChangeOf {
        scope,
        module,
        edit,
    } = &**change;
    assert_eq!(
        (scope.profile.as_str(), module.as_str()),
        ("us-prod", "Leads")
    );
    assert_eq!(scope.kind, crate::base::EnrichmentKind::People);
    assert!(
        matches!(edit, Edit::Map(all) if all[0].name == "input.twitter" && all[0].field == "Twitter")
    );
}

/// The change that was asked about.
fn planned(harness: &mut Harness) -> Edit {
    let asks = asked(harness);
    let [Op::PlanChange(change)] = asks.as_slice() else {
        panic!("{asks:?}");
    };
    change.edit.clone()
}

#[test]
fn an_empty_field_takes_the_mapping_away() {
    let mut harness = set_up(120, 40);
    select(&mut harness, "email");

    harness.press("Enter Ctrl+U Enter");

    assert_eq!(
        planned(&mut harness),
        Edit::Unmap(vec!["input.email".to_owned()])
    );
}

#[test]
fn an_output_is_mapped_as_an_input_is() {
    let mut harness = set_up(120, 40);
    select(&mut harness, "primary_address_info_city");

    harness.press("Enter");
    let text = harness.text();
    assert!(
        text.contains("Which field of Leads takes primary_address_info_city?"),
        "{text}"
    );
    harness.type_text("City").press("Enter");

    assert!(matches!(
        planned(&mut harness),
        Edit::Map(all)
            if all[0].name == "output.primary_address_info_city" && all[0].field == "City"
    ));
}

#[test]
fn a_configuration_that_is_on_is_switched_off_after_a_look() {
    let mut harness = set_up(120, 40);
    select(&mut harness, "Leads · personal");

    harness.press("Enter");

    assert_eq!(planned(&mut harness), Edit::Disable);
}

#[test]
fn a_line_that_is_only_read_says_what_can_be_changed() {
    let mut harness = set_up(120, 40);

    harness.press("Tab Enter");

    assert_eq!(asked(&mut harness), []);
    assert!(harness.toast().contains("can be changed"));
}

#[rstest]
#[case("o", "Sign us-prod out?")]
#[case("x", "Remove profile us-prod?")]
fn what_cannot_be_undone_is_asked_about(#[case] key: &str, #[case] asks: &str) {
    let mut harness = set_up(120, 40);

    harness.press(key);
    assert_eq!(harness.app.top().question().unwrap().0, asks);
    harness.press("Enter");
    assert_eq!(asked(&mut harness), []);

    harness.press("y");
    assert!(matches!(
        asked(&mut harness).as_slice(),
        [Op::SignOut(_) | Op::RemoveProfile(_)]
    ));
}

#[test]
fn a_new_grant_code_is_asked_for_with_the_scopes_of_the_profile() {
    let mut harness = set_up(120, 40);
    let scopes = "ZohoCRM.settings.intelligence.ALL,ZohoCRM.modules.READ".to_owned();
    for profile in harness.app.shared.profiles.iter_mut().flatten() {
        profile.scopes.clone_from(&scopes);
    }

    harness.press("i");

    assert!(harness.text().contains("ZohoCRM.modules.READ"));
}

#[test]
fn a_grant_code_is_sent_once_and_forgotten_when_it_failed() {
    let mut harness = set_up(120, 40);
    harness.press("i");
    harness.paste("1000.0123456789abcdef");

    assert!(!harness.text().contains("0123456789"));
    harness.press("Enter Enter");
    let asks = asked(&mut harness);
    assert_eq!(asks.len(), 1);
    assert!(!format!("{asks:?}").contains("0123456789"));
    let failure = Failure::new("invalid_code", "make a new one");
    harness.fail("SignInAgain", failure);

    assert!(harness.text().contains("make a new one"));
    // Nothing is left that could be sent again.
    harness.press("Enter");
    assert_eq!(asked(&mut harness), []);
    assert!(harness.toast().contains("paste the grant code first"));
}

#[test]
fn after_a_change_the_sheet_and_the_form_are_asked_for_again() {
    let mut harness = set_up(120, 40);

    harness.press("d");
    harness.reply(Payload::MakeDefault(op::Changed {
        told: Notice::info("us-prod is used when none is named"),
        profiles: None,
    }));

    let asks = harness.ops();
    assert!(
        asks.iter()
            .any(|ask| matches!(ask, Op::LoadConfiguration { .. }))
    );
    assert!(asks.iter().any(|ask| matches!(
        ask,
        Op::LoadSetup {
            from: Freshness::Server,
            ..
        }
    )));
}

#[test]
fn a_late_sheet_of_another_profile_is_dropped() {
    let mut harness = set_up(120, 40);
    harness.press("r j");

    harness.reply_late(Payload::LoadSetup(overview()));

    assert_eq!(harness.app.screens.setup.overview.value, None);
}

#[test]
fn a_change_that_changes_nothing_says_so_and_asks_nothing() {
    let mut harness = set_up(120, 40);
    twitter_is_mapped(&mut harness);

    let failure = Failure::new("the configuration of Leads is like that already", "");
    harness.fail("PlanChange", failure);

    assert!(harness.app.popups.is_empty());
    assert!(harness.toast().contains("like that already"));
}

#[rstest]
#[case(120, 40, "")]
#[case(80, 24, "")]
#[case(80, 24, "Tab")]
#[case(60, 15, "")]
fn the_set_up(#[case] width: u16, #[case] height: u16, #[case] keys: &str) {
    let mut harness = set_up(width, height);
    harness.press(keys);

    let name = format!("setup_{width}x{height}{keys}");
    harness.is_as_before(&name);
}

#[rstest]
#[case(60, 15)]
#[case(80, 24)]
#[case(120, 40)]
#[case(300, 80)]
fn the_environment_of_a_profile_is_told_whole(#[case] width: u16, #[case] height: u16) {
    let harness = set_up(width, height);

    let text = harness.text();
    let used = text.lines().find(|line| line.contains("in use")).unwrap();
    assert!(used.contains("production"), "{text}");
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(1, 1), (60, 15), (61, 16), (99, 60), (100, 23), (300, 100)] {
        for keys in ["", "Tab G", "i", "o"] {
            let mut harness = set_up(width, height);
            harness.press(keys);

            harness.text();
        }
    }
}

#[test]
fn hostile_text_of_the_server_never_reaches_a_cell() {
    let mut harness = set_up(120, 40);
    let mut overview = overview();
    overview.reached.org_name = Some("\u{1b}[2J\u{202e}evil".to_owned());
    harness.press("r");
    harness.reply(Payload::LoadSetup(overview));

    let text = harness.text();

    assert!(
        text.lines()
            .flat_map(str::chars)
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
    assert!(text.contains("evil"));
}
