use super::*;

fn filled_guide() -> Bench {
    let mut bench = without_profiles();
    bench.press("Down Enter Down Enter Enter");
    bench.type_text("1000.ABCDEFGH").press("Enter");
    bench.paste("canary-secret-123\n");
    bench.press("Enter");
    bench.paste("1000.canary-code.456\n");
    bench
}

#[test]
fn the_first_start_offers_the_demo() {
    let mut bench = without_profiles();

    bench.press("Enter");

    assert_eq!(bench.asks(), [Ask::StartDemo]);
}

#[test]
fn the_guide_asks_for_everything_and_signs_in() {
    let mut bench = filled_guide();
    bench.press("Enter");

    match bench.asks().as_slice() {
        [Ask::SignIn(sign_in)] => {
            assert_eq!(sign_in.profile.as_str(), "in-prod");
            assert_eq!(sign_in.data_center, DataCenter::In);
            assert_eq!(sign_in.client_secret.expose(), "canary-secret-123");
            assert_eq!(sign_in.code.expose(), "1000.canary-code.456");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_secret_of_the_guide_is_drawn_or_printed() {
    let mut bench = filled_guide();
    let drawn = bench.text();
    bench.press("Enter");
    let printed = format!("{:?} {:?}", bench.model, bench.effects);

    for text in [drawn, printed] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn a_failed_sign_in_goes_back_to_the_code_and_forgets_it() {
    let mut bench = filled_guide();
    bench.press("Enter");

    bench.tell(Msg::SignedIn(Err(failure("invalid_code"))));

    let Some(Popup::Guide(guide)) = bench.model.popups.last() else {
        panic!("the guide is gone");
    };
    assert_eq!((guide.step, guide.code.length()), (Step::Code, 0));
    assert_eq!(guide.client_secret.length(), 17);
    assert!(bench.text().contains("invalid_code"));
}

#[test]
fn a_guide_that_is_closed_keeps_what_was_typed() {
    let mut bench = filled_guide();

    bench.press("Esc Down");
    bench.model.welcome = 1;
    bench.press("F7");

    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Guide(guide)) if guide.client_secret.length() == 17
    ));
}

#[test]
fn a_sign_in_that_worked_leads_to_the_console() {
    let mut bench = filled_guide();
    bench.press("Enter");
    let saved = profile("in-prod", DataCenter::In, ProfileState::Ready);

    bench.tell(Msg::SignedIn(Ok(Box::new(SignedIn {
        profile: saved.name.clone(),
        organisation: Some("Acme Inc".to_owned()),
        user: None,
        missing: vec![crate::ops::doctor::Missing {
            scope: "ZohoCRM.org.READ".to_owned(),
            without: "nobody notices",
            sending: crate::ops::doctor::Sending::Works,
        }],
        profiles: crate::tui::data::profile::Profiles {
            list: vec![saved.clone()],
            start_with: Some(saved.name),
            last_sent: None,
        },
    }))));

    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Guide(guide)) if matches!(guide.progress, Progress::Done(_))
    ));
    let text = bench.text();
    assert!(text.contains("missing scope  ZohoCRM.org.READ"), "{text}");
    bench.press("Enter");
    assert!(bench.model.popups.is_empty());
    assert_eq!(
        bench.model.shared.active.as_ref().unwrap().as_str(),
        "in-prod"
    );
}
