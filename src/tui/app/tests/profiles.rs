//! Switching profiles, and the draft that goes along.

use super::*;
use crate::ledger::LogPage;
use crate::ops::draft::KeptDraft;
use crate::tui::app::op::{DraftOf, Reply};
use crate::tui::data::usage::UsageFigures;
use crate::tui::popups::guide::Guide;

/// The profile on screen.
fn shown(harness: &Harness) -> &str {
    harness.app.shared.active.as_ref().unwrap().as_str()
}

#[test]
fn switching_keeps_the_draft_and_sends_nothing() {
    let mut harness = at_work();
    harness.type_text("!");
    let draft = harness.draft();

    harness.press("F7");

    assert_eq!(shown(&harness), "in-prod");
    assert_eq!(harness.draft(), draft);
    let ops = harness.ops();
    let kept = Op::SaveDraft(DraftOf {
        profile: "us-prod".parse().unwrap(),
        draft,
    });
    assert_eq!(ops.first(), Some(&kept));
    assert!(!ops.iter().any(|op| matches!(op, Op::Submit(_))));
}

fn kept() -> Payload {
    Payload::LoadDraft(Some(KeptDraft {
        profile: "in-prod".parse().unwrap(),
        at: Some("2026-11-24T12:02:11Z".parse().unwrap()),
        draft: ada(),
    }))
}

#[test]
fn a_draft_of_an_earlier_session_is_offered_to_an_empty_form_and_filled_in_by_a_key() {
    let mut harness = Harness::with_profiles(120, 40, profiles());

    harness.reply(kept());
    let empty = harness.draft();
    let told = harness.toast().to_owned();
    harness.press("Alt+r");

    assert!(empty.is_empty(), "{empty:?}");
    assert!(told.contains("in-prod") && told.contains("Alt+r"), "{told}");
    assert_eq!(harness.draft().inputs_json(), ada().inputs_json());
}

#[test]
fn a_draft_that_was_kept_does_not_replace_what_is_typed_meanwhile() {
    let mut harness = at_work();
    harness.type_text("!");
    let typed = harness.draft();

    harness.reply(kept());
    harness.press("Alt+r");

    assert_eq!(harness.draft(), typed);
}

/// Six profiles there and back: what is typed stays, and no other draft comes in.
#[test]
fn what_is_typed_stays_with_the_person_whatever_profile_is_on_screen() {
    let mut harness = at_work();
    harness.type_text("!");
    let typed = harness.draft();

    for key in ["F7", "F6", "F6", "F7", "F6", "F6"] {
        harness.press(key);
        let ops = harness.ops();
        assert!(
            !ops.iter().any(|op| matches!(op, Op::LoadDraft(_))),
            "{key}: {ops:?}"
        );
    }

    assert_eq!(harness.draft(), typed);
}

/// What the ledger has of the person is asked for again: for another profile the answer may be another one.
#[test]
fn a_switch_asks_the_ledger_again_about_what_was_typed() {
    let mut harness = at_work();
    harness.press("F7");
    harness.ops();

    pauses(&mut harness, LOOKED);

    let ops = harness.ops();
    let asked = ops.iter().find_map(|op| match op {
        Op::LookAtDraft(of) => Some(of.profile.as_str()),
        _ => None,
    });
    assert_eq!(asked, Some("in-prod"), "{ops:?}");
}

#[test]
fn a_draft_is_kept_when_the_typing_pauses() {
    let mut harness = at_work();
    harness.type_text("!!");
    assert!(harness.ops().is_empty());

    pauses(&mut harness, KEPT);

    let ops = harness.ops();
    assert!(
        matches!(ops.as_slice(), [Op::LookAtDraft(_), Op::SaveDraft(_)]),
        "{ops:?}"
    );
    pauses(&mut harness, KEPT);
    assert_eq!(harness.ops(), [], "it is kept once");
}

#[test]
fn one_key_goes_to_each_data_centre_and_round_its_profiles() {
    let mut harness = at_work();

    harness.press("F6");
    assert_eq!(shown(&harness), "us-sandbox");
    harness.press("F7");
    assert_eq!(shown(&harness), "in-prod");
    harness.press("F9");
    let guide = harness.app.popup::<Guide>();
    assert_eq!(guide.map(|guide| guide.data_center), Some(DataCenter::Ca));
}

#[test]
fn an_answer_for_another_profile_changes_nothing() {
    let mut harness = at_work();
    let before = harness.app.shared.usage().cloned();
    harness.press("F7 F6 Enter");
    assert_eq!(shown(&harness), "us-prod");

    harness.answer_with(|op| match op {
        Op::LoadUsage { scope, .. } if scope.profile.as_str() == "in-prod" => {
            Some(Payload::LoadUsage(usage(3)))
        }
        _ => None,
    });

    assert!(before.is_some());
    assert_eq!(harness.app.shared.usage().cloned(), before);
    assert!(harness.text().contains("1,012"), "{}", harness.text());
}

/// A late answer of a profile that is on screen once more is nobody's.
#[test]
fn an_answer_that_came_after_the_profile_was_left_is_dropped() {
    let mut harness = at_work();
    harness.press("F7");
    let at = harness
        .open
        .iter()
        .rposition(|(_, op)| crate::tui::testing::name_of(op) == "LoadLog");
    let (id, op) = harness.open.remove(at.unwrap());
    harness.press("F6 Enter");
    let before = harness.text();

    let page = LogPage {
        rows: rows().split_off(2),
        more: false,
        total: Some(2),
    };
    let reply = Reply::new(id, op, Ok(Payload::LoadLog(page)));
    harness.tell(Msg::Reply(Box::new(reply)));

    assert_eq!(harness.text(), before);
}

#[test]
fn a_stale_usage_is_asked_of_the_server_once() {
    let mut harness = Harness::with_profiles(120, 40, profiles());
    harness.effects.clear();
    let mut figures = usage(5);
    figures.usage.at = None;

    answer_from_ledger(&mut harness, &figures);
    harness.tell(Msg::LedgerChanged);
    answer_from_ledger(&mut harness, &figures);

    assert_eq!(asked_of_server(&mut harness), ["us-prod"]);
}

#[test]
fn a_usage_that_is_stale_by_now_is_asked_for_when_its_profile_is_shown_again() {
    let mut harness = at_work();
    harness.press("F7");
    let minutes = jiff::SignedDuration::from_mins(20);
    harness.env.now = harness.env.now.checked_add(minutes).unwrap();
    harness.effects.clear();

    harness.press("F6 Enter");
    answer_from_ledger(&mut harness, &usage(1_012));

    assert_eq!(asked_of_server(&mut harness), ["us-prod"]);
}

fn answer_from_ledger(harness: &mut Harness, figures: &UsageFigures) {
    let shown = shown(harness).to_owned();
    harness.answer_with(|op| match op {
        Op::LoadUsage { scope, from }
            if *from == Freshness::Ledger && scope.profile.as_str() == shown =>
        {
            Some(Payload::LoadUsage(figures.clone()))
        }
        _ => None,
    });
}

/// The profiles whose usage the server is asked for.
fn asked_of_server(harness: &mut Harness) -> Vec<String> {
    let ops = harness.ops().into_iter();
    ops.filter_map(|op| match op {
        Op::LoadUsage {
            scope,
            from: Freshness::Server,
        } => Some(scope.profile.to_string()),
        _ => None,
    })
    .collect()
}

#[test]
fn a_sign_in_elsewhere_is_noticed_where_a_request_was_not_sent() {
    let mut harness = at_work();
    let mut unknown = profiles();
    unknown.list[0].state = ProfileState::NotSetUp;
    harness.app.shared.ledger_trouble = Some("restored".to_owned());
    harness.press("F5");
    harness.reply(Payload::LoadProfiles(unknown));
    harness.app.shared.ledger_trouble = None;

    harness.press("F5");
    assert_eq!(harness.submits(), 0);
    harness.reply(Payload::LoadProfiles(profiles()));
    harness.press("Esc F5");

    assert_eq!(harness.submits(), 1);
}
