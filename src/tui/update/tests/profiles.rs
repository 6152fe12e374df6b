use super::*;

#[test]
fn switching_keeps_the_draft_and_sends_nothing() {
    let mut bench = at_work();
    bench.type_text("!");
    let draft = bench.model.compose.draft();

    bench.press("F7");

    assert_eq!(
        bench.model.shared.active.as_ref().unwrap().as_str(),
        "in-prod"
    );
    assert_eq!(bench.model.compose.draft(), draft);
    let asks = bench.asks();
    let kept = Ask::SaveDraft {
        profile: "us-prod".parse().unwrap(),
        draft,
    };
    assert_eq!(asks.first(), Some(&kept));
    assert!(!asks.iter().any(|ask| matches!(ask, Ask::Submit(_))));
}

fn kept() -> Msg {
    Msg::Draft(Some(Box::new(crate::ops::draft::KeptDraft {
        profile: "in-prod".parse().unwrap(),
        at: Some("2026-11-24T12:02:11Z".parse().unwrap()),
        draft: ada(),
    })))
}

#[test]
fn a_draft_of_an_earlier_session_is_offered_to_an_empty_form_and_filled_in_by_a_key() {
    let mut bench = Bench::empty(120, 40);
    bench.tell(Msg::Profiles(Ok(profiles())));

    bench.tell(kept());
    let empty = bench.model.compose.draft();
    let told = bench.toast().to_owned();
    bench.press("Alt+r");

    assert!(empty.is_empty(), "{empty:?}");
    assert!(told.contains("in-prod") && told.contains("Alt+r"), "{told}");
    assert_eq!(
        bench.model.compose.draft().inputs_json(),
        ada().inputs_json()
    );
}

#[test]
fn a_draft_that_was_kept_does_not_replace_what_is_typed_meanwhile() {
    let mut bench = at_work();
    bench.type_text("!");
    let typed = bench.model.compose.draft();

    bench.tell(kept());
    bench.press("Alt+r");

    assert_eq!(bench.model.compose.draft(), typed);
}

/// Six profiles there and back: what is typed stays, and no other draft comes in.
#[test]
fn what_is_typed_stays_with_the_person_whatever_profile_is_on_screen() {
    let mut bench = at_work();
    bench.type_text("!");
    let typed = bench.model.compose.draft();

    for key in ["F7", "F6", "F6", "F7", "F6", "F6"] {
        bench.press(key);
        let asks = bench.asks();
        assert!(
            !asks.iter().any(|ask| matches!(ask, Ask::LoadDraft { .. })),
            "{key}: {asks:?}"
        );
    }

    assert_eq!(bench.model.compose.draft(), typed);
}

/// What the ledger has of the person is asked for again: for another profile the answer may be another one.
#[test]
fn a_switch_asks_the_ledger_again_about_what_was_typed() {
    let mut bench = at_work();
    bench.press("F7");
    bench.asks();
    bench.env.uptime = bench.model.compose.look_at.unwrap();

    bench.tell(Msg::Tick);

    let asks = bench.asks();
    let asked = asks.iter().find_map(|ask| match ask {
        Ask::Look { profile, .. } => Some(profile.as_str()),
        _ => None,
    });
    assert_eq!(asked, Some("in-prod"), "{asks:?}");
}

#[test]
fn a_draft_is_kept_when_the_typing_pauses() {
    let mut bench = at_work();
    bench.type_text("!!");
    assert!(bench.asks().is_empty());
    bench.env.uptime = bench.model.compose.save_at.unwrap();

    bench.tell(Msg::Tick);

    let asks = bench.asks();
    assert!(
        matches!(asks.as_slice(), [Ask::Look { .. }, Ask::SaveDraft { .. }]),
        "{asks:?}"
    );
    assert_eq!(bench.model.compose.save_at, None);
}

#[test]
fn one_key_goes_to_each_data_centre_and_round_its_profiles() {
    let mut bench = at_work();

    bench.press("F6");
    assert_eq!(
        bench.model.shared.active.as_ref().unwrap().as_str(),
        "us-sandbox"
    );
    bench.press("F7");
    assert_eq!(
        bench.model.shared.active.as_ref().unwrap().as_str(),
        "in-prod"
    );
    bench.press("F9");
    assert!(
        matches!(bench.model.popups.last(), Some(Popup::Guide(g)) if g.data_center == DataCenter::Ca)
    );
}

#[test]
fn an_answer_for_another_profile_changes_nothing() {
    let mut bench = at_work();
    let before = bench.model.shared.usage.clone();

    bench.tell(Msg::Usage {
        profile: "in-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(usage(3))),
    });

    assert_eq!(bench.model.shared.usage, before);
}

#[test]
fn a_stale_usage_is_asked_of_the_server_once() {
    let mut bench = Bench::empty(120, 40);
    bench.tell(Msg::Profiles(Ok(profiles())));
    bench.effects.clear();
    let mut figures = usage(5);
    figures.usage.at = None;
    let answer = |figures| Msg::Usage {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(figures)),
    };

    bench.tell(answer(figures.clone()));
    bench.tell(answer(figures));

    let asks = bench.asks();
    assert!(
        matches!(
            asks.as_slice(),
            [Ask::LoadUsage {
                freshness: Freshness::Server,
                ..
            }]
        ),
        "{asks:?}"
    );
}
