use rstest::rstest;

use super::*;
use crate::base::DataCenter;
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
use crate::tui::testing::setup::{asked, overview, set_up};

fn question(bench: &Bench) -> &Decide {
    match bench.model.popups.last() {
        Some(Popup::Decide(decide)) => decide,
        other => panic!("{other:?}"),
    }
}

/// Moves to the line that holds a text.
fn select(bench: &mut Bench, text: &str) {
    bench.press("Tab g");
    let lines = &bench.model.setup.lines;
    let place = lines
        .iter()
        .position(|line| line.line.text().contains(text));
    for _ in 0..place.unwrap() {
        bench.press("j");
    }
}

#[test]
fn the_profile_in_use_is_shown_with_what_the_ledger_knows() {
    let mut bench = Bench::at_work(120, 40);

    bench.press("Esc 5");

    assert!(matches!(
        asked(&mut bench).as_slice(),
        [SetupAsk::Load { profile, freshness: Freshness::Ledger, .. }] if profile.as_str() == "us-prod"
    ));
}

#[test]
fn the_server_is_asked_when_somebody_wants_it_and_never_by_itself() {
    let mut bench = set_up(120, 40);

    bench.tell(Msg::LedgerChanged);
    assert_eq!(asked(&mut bench), []);
    bench.press("r");

    assert!(matches!(
        asked(&mut bench).as_slice(),
        [SetupAsk::Load {
            freshness: Freshness::Server,
            ..
        }]
    ));
}

#[test]
fn a_data_centre_without_a_profile_leads_to_its_guide() {
    let mut bench = set_up(120, 40);
    bench.press("G Enter");

    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Guide(guide)) if guide.data_center == DataCenter::Sa
    ));
}

#[test]
fn a_change_of_the_mapping_is_shown_before_it_is_made() {
    let mut bench = set_up(120, 40);
    select(&mut bench, "twitter");

    bench.press("Enter").type_text("Twitter").press("Enter");

    let asks = asked(&mut bench);
    let [
        SetupAsk::Plan {
            profile,
            kind,
            module,
            edit,
        },
    ] = asks.as_slice()
    else {
        panic!("{asks:?}");
    };
    assert_eq!((profile.as_str(), module.as_str()), ("us-prod", "Leads"));
    assert_eq!(*kind, crate::base::EnrichmentKind::People);
    assert!(
        matches!(edit, Edit::Map(all) if all[0].name == "input.twitter" && all[0].field == "Twitter")
    );
}

#[test]
fn an_empty_field_takes_the_mapping_away() {
    let mut bench = set_up(120, 40);
    select(&mut bench, "email");

    bench.press("Enter Ctrl+U Enter");

    assert!(matches!(
        asked(&mut bench).as_slice(),
        [SetupAsk::Plan { edit: Edit::Unmap(inputs), .. }] if inputs == &["input.email".to_owned()]
    ));
}

#[test]
fn an_output_is_mapped_as_an_input_is() {
    let mut bench = set_up(120, 40);
    select(&mut bench, "primary_address_info_city");

    bench.press("Enter");
    let text = bench.text();
    assert!(
        text.contains("Which field of Leads takes primary_address_info_city?"),
        "{text}"
    );
    bench.type_text("City").press("Enter");

    assert!(matches!(
        asked(&mut bench).as_slice(),
        [SetupAsk::Plan { edit: Edit::Map(all), .. }]
            if all[0].name == "output.primary_address_info_city" && all[0].field == "City"
    ));
}

#[test]
fn a_configuration_that_is_on_is_switched_off_after_a_look() {
    let mut bench = set_up(120, 40);
    select(&mut bench, "Leads · personal");

    bench.press("Enter");

    assert!(matches!(
        asked(&mut bench).as_slice(),
        [SetupAsk::Plan {
            edit: Edit::Disable,
            ..
        }]
    ));
}

#[test]
fn a_line_that_is_only_read_says_what_can_be_changed() {
    let mut bench = set_up(120, 40);

    bench.press("Tab Enter");

    assert_eq!(asked(&mut bench), []);
    assert!(bench.toast().contains("can be changed"));
}

#[rstest]
#[case("o", "Sign us-prod out?")]
#[case("x", "Remove profile us-prod?")]
fn what_cannot_be_undone_is_asked_about(#[case] key: &str, #[case] asks: &str) {
    let mut bench = set_up(120, 40);

    bench.press(key);
    assert_eq!(question(&bench).question, asks);
    bench.press("Enter");
    assert_eq!(asked(&mut bench), []);

    bench.press("y");
    assert!(matches!(
        asked(&mut bench).as_slice(),
        [SetupAsk::SignOut(_) | SetupAsk::Remove(_)]
    ));
}

#[test]
fn a_new_grant_code_is_asked_for_with_the_scopes_of_the_profile() {
    let mut bench = set_up(120, 40);
    let scopes = "ZohoCRM.settings.intelligence.ALL,ZohoCRM.modules.READ".to_owned();
    for profile in bench.model.shared.profiles.iter_mut().flatten() {
        profile.scopes.clone_from(&scopes);
    }

    bench.press("i");

    assert!(bench.text().contains("ZohoCRM.modules.READ"));
}

#[test]
fn a_grant_code_is_sent_once_and_forgotten_when_it_failed() {
    let mut bench = set_up(120, 40);
    bench.press("i");
    bench.paste("1000.0123456789abcdef");

    assert!(!bench.text().contains("0123456789"));
    bench.press("Enter Enter");
    let asks = asked(&mut bench);
    assert_eq!(asks.len(), 1);
    assert!(!format!("{asks:?}").contains("0123456789"));
    bench.tell(Msg::Setup(SetupMsg::SignedIn(Err(Failure::new(
        "invalid_code".to_owned(),
        "make a new one".to_owned(),
    )))));

    let Some(Popup::GrantCode(code)) = bench.model.popups.last() else {
        panic!();
    };
    assert_eq!(code.field.length(), 0);
    assert!(bench.text().contains("make a new one"));
}

#[test]
fn after_a_change_the_sheet_and_the_form_are_asked_for_again() {
    let mut bench = set_up(120, 40);

    bench.tell(Msg::Setup(SetupMsg::Done {
        result: Ok(Told {
            level: Level::Info,
            text: "the configuration of Leads is changed".to_owned(),
        }),
        profiles: None,
    }));

    let asks = bench.asks();
    assert!(
        asks.iter()
            .any(|ask| matches!(ask, Ask::LoadConfiguration { .. }))
    );
    assert!(asks.iter().any(|ask| matches!(
        ask,
        Ask::Setup(SetupAsk::Load {
            freshness: Freshness::Server,
            ..
        })
    )));
}

#[test]
fn a_late_sheet_of_another_profile_is_dropped() {
    let mut bench = set_up(120, 40);
    let ticket = bench.model.setup.ticket;
    bench.press("j");

    bench.tell(Msg::Setup(SetupMsg::Sheet {
        ticket,
        result: Ok(Box::new(overview())),
    }));

    assert_eq!(bench.model.setup.overview, None);
}

#[test]
fn a_change_that_changes_nothing_says_so_and_asks_nothing() {
    let mut bench = set_up(120, 40);

    bench.tell(Msg::Setup(SetupMsg::Planned {
        profile: "us-prod".parse().unwrap(),
        result: Err(Failure::new(
            "the configuration of Leads is like that already".to_owned(),
            "",
        )),
    }));

    assert!(bench.model.popups.is_empty());
    assert!(bench.toast().contains("like that already"));
}
