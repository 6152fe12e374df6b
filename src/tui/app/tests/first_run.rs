//! The first start and the set-up guide.

use super::*;
use crate::ops::doctor::{Missing, Sending};
use crate::tui::data::profile::SignedIn;
use crate::tui::popups::guide::Guide;

fn filled_guide() -> Harness {
    let mut harness = without_profiles();
    harness.press("Down Enter Down Enter Enter");
    harness.type_text("1000.ABCDEFGH").press("Enter");
    harness.paste("canary-secret-123\n");
    harness.press("Enter");
    harness.paste("1000.canary-code.456\n");
    harness
}

#[test]
fn the_first_start_offers_the_demo() {
    let mut harness = without_profiles();

    harness.press("Enter");

    assert_eq!(harness.ops(), [Op::StartDemo]);
}

#[test]
fn the_guide_asks_for_everything_and_signs_in() {
    let mut harness = filled_guide();
    harness.press("Enter");

    match harness.ops().as_slice() {
        [Op::SetUpProfile(sign_in)] => {
            assert_eq!(sign_in.profile.as_str(), "in-prod");
            assert_eq!(sign_in.data_center, DataCenter::In);
            assert_eq!(sign_in.client_secret.0.expose(), "canary-secret-123");
            assert_eq!(sign_in.code.0.expose(), "1000.canary-code.456");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_secret_of_the_guide_is_drawn_or_printed() {
    let mut harness = filled_guide();
    let drawn = harness.text();
    harness.press("Enter");
    let shared = &harness.app.shared;
    let printed = format!("{shared:?} {:?} {:?}", harness.effects, harness.open);

    for text in [drawn, printed] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn a_failed_sign_in_goes_back_to_the_code_and_forgets_it() {
    let mut harness = filled_guide();
    harness.press("Enter");

    harness.fail("SetUpProfile", Failure::new("invalid_code", ""));

    assert!(harness.app.popup::<Guide>().is_some(), "the guide is gone");
    let text = harness.text();
    assert!(text.contains("✗ invalid_code"), "{text}");
    assert!(text.contains("› Grant code"), "{text}");
    // The secret is as long as before, the code is gone.
    assert_eq!(text.matches('•').count(), 17, "{text}");
}

#[test]
fn a_guide_that_is_closed_keeps_what_was_typed() {
    let mut harness = filled_guide();

    harness.press("Esc");
    assert!(harness.app.popups.is_empty());
    harness.press("F7");

    assert!(harness.app.popup::<Guide>().is_some());
    let text = harness.text();
    assert!(text.contains("1000.ABCDEFGH"), "{text}");
    assert_eq!(text.matches('•').count(), 17 + 20, "{text}");
}

#[test]
fn a_sign_in_that_worked_leads_to_the_console() {
    let mut harness = filled_guide();
    harness.press("Enter");
    let saved = profile("in-prod", DataCenter::In, ProfileState::Ready);

    harness.reply(Payload::SetUpProfile(SignedIn {
        profile: saved.name.clone(),
        organisation: Some("Acme Inc".to_owned()),
        user: None,
        missing: vec![Missing {
            scope: "ZohoCRM.org.READ".to_owned(),
            without: "nobody notices",
            sending: Sending::Works,
        }],
        profiles: Profiles {
            list: vec![saved.clone()],
            start_with: Some(saved.name),
            last_sent: None,
        },
    }));

    let text = harness.text();
    assert!(text.contains("✓ in-prod is saved and works."), "{text}");
    assert!(text.contains("missing scope  ZohoCRM.org.READ"), "{text}");
    harness.press("Enter");
    assert!(harness.app.popups.is_empty());
    assert_eq!(
        harness.app.shared.active.as_ref().unwrap().as_str(),
        "in-prod"
    );
}
