//! What a send key asks, sends and says.

use super::*;
use crate::base::EnrichmentKind;
use crate::config::ConfirmRule;
use crate::enrichment::FieldRef;
use crate::tui::screens::console::Pane;

#[test]
fn f5_sends_what_the_form_holds() {
    let mut harness = with_usage(1_012);

    harness.press("F5");

    let submit = only_submit(&mut harness);
    assert_eq!(submit.draft.value(Field::Name), "Ada Lovelace King");
    assert_eq!(
        (submit.profile.as_str(), submit.checks, submit.limit),
        ("us-prod", Forced::No, BudgetRule::Hold)
    );
    assert_eq!(harness.app.shared.in_flight().count(), 1);
}

#[rstest]
#[case("Enter")]
#[case("Esc")]
#[case("Tab")]
#[case("Space")]
#[case("Down")]
fn no_ordinary_key_ever_sends(#[case] key: &str) {
    let mut harness = at_work();

    for _ in 0..30 {
        harness.press(key);
    }

    assert_eq!(harness.submits(), 0);
    assert_eq!(harness.draft().value(Field::Email), "ada@acme.io");
}

#[test]
fn a_paste_with_newlines_fills_one_field_and_sends_nothing() {
    let mut harness = at_work();
    harness.press("Down Ctrl+U");

    harness.paste("grace@navy.mil\r\n\r\n");

    assert_eq!(harness.draft().value(Field::Email), "grace@navy.mil");
    assert_eq!(harness.submits(), 0);
}

#[test]
fn the_same_request_is_not_sent_twice_while_it_is_on_its_way() {
    let mut harness = with_usage(1_012);
    harness.press("F5 F5 Ctrl+S");

    assert_eq!(harness.submits(), 1);
    assert!(
        harness.toast().contains("on its way already"),
        "{}",
        harness.toast()
    );
}

#[test]
fn a_send_in_flight_blocks_no_key() {
    let mut harness = with_usage(1_012);
    harness.press("F5");

    harness.press("Tab").type_text("x");

    assert!(harness.draft().value(Field::Email).ends_with('x'));
}

#[test]
fn near_the_limit_the_numbers_are_shown_before_anything_is_sent() {
    let mut harness = with_usage(1_495);

    harness.press("F5");

    assert_eq!(harness.submits(), 0);
    assert!(
        harness.text().contains("1,495 → 1,496 of 1,500"),
        "{}",
        harness.text()
    );
    harness.press("Enter F5 Ctrl+S");
    assert_eq!(harness.submits(), 0);
    harness.press("y");
    assert_eq!(harness.submits(), 1);
}

#[test]
fn at_the_limit_a_word_must_be_typed() {
    let mut harness = with_usage(1_500);
    harness.press("F5 F5 Enter y Backspace");
    assert_eq!(harness.submits(), 0);

    harness.type_text("override").press("F5 Ctrl+S");
    assert_eq!(harness.submits(), 0);
    harness.press("Enter");

    assert_eq!(only_submit(&mut harness).limit, BudgetRule::Override);
}

#[test]
fn esc_at_the_question_sends_nothing() {
    let mut harness = with_usage(1_495);

    harness.press("F5 Esc");

    assert_eq!(harness.submits(), 0);
    assert!(harness.app.popups.is_empty());
}

#[test]
fn what_would_be_rejected_is_marked_and_can_be_forced() {
    let mut harness = with_usage(1_012);
    harness.press("Down Down Ctrl+U Down Ctrl+U");
    assert!(harness.text().contains("DEPENDENT_FIELD_MISSING"));

    harness.press("F5");

    assert_eq!(harness.submits(), 0);
    harness.press("F5 y");
    assert_eq!(only_submit(&mut harness).checks, Forced::Yes);
}

/// What the ledger has of the form: attempt 12, which spent a unit.
fn seen() -> Seen {
    Seen {
        matches: vec![Match {
            standing: Standing::Already,
            position: Position(7),
            attempt: Some(AttemptId(12)),
            run: None,
            job_id: None,
            outcome: Some(Outcome::Scheduled),
            status: Some("COMPLETED".to_owned()),
            at: "2026-11-24T11:02:11Z".parse().unwrap(),
            age_proven: None,
            by: By::Request,
            differs: Vec::new(),
        }],
        shared: Vec::new(),
        position: Position(9),
    }
}

#[test]
fn what_was_sent_before_is_said_before_f5_and_asked_about_after_it() {
    let mut harness = with_usage(1_012);
    harness.type_text("!");
    pauses(&mut harness, LOOKED);
    harness.reply(Payload::LookAtDraft(seen()));
    assert!(
        harness.text().contains("already sent as attempt 12:"),
        "{}",
        harness.text()
    );

    harness.press("F5");

    assert_eq!(harness.submits(), 0);
    let text = harness.text();
    assert!(text.contains("Ask for the same person again?"), "{text}");
    assert!(
        text.contains("Already attempt 12 (the same request)"),
        "{text}"
    );
}

/// Ages on screen move on once a minute, but what was just found may be younger than that.
#[test]
fn what_was_sent_a_moment_ago_is_told_with_its_age() {
    let mut harness = with_usage(1_012);
    harness.env.now = "2026-11-24T14:02:50Z".parse().unwrap();
    let mut seen = seen();
    seen.matches[0].at = "2026-11-24T14:02:45Z".parse().unwrap();

    pauses(&mut harness, LOOKED);
    harness.reply(Payload::LookAtDraft(seen));

    let text = harness.text();
    assert!(text.contains("5 s ago"), "{text}");
}

/// The ledger decides: what the console has not heard of comes back as the question.
#[test]
fn what_only_the_ledger_knows_is_asked_about_and_the_answer_overrules_that_alone() {
    let mut harness = with_usage(1_012);
    harness.press("F5");
    let first = only_submit(&mut harness);
    assert_eq!(first.word, Word::default());

    harness.reply(Payload::Submit(Submitted::Already(seen())));

    assert_eq!(harness.app.shared.in_flight().count(), 0);
    let text = harness.text();
    assert!(text.contains("Ask for the same person again?"), "{text}");
    harness.ops();
    harness.press("y");
    let word = only_submit(&mut harness).word;
    assert_eq!(word.known, Some(Position(9)));
    assert_eq!(word.open, OpenRule::These(vec![AttemptId(12)]));
}

#[test]
fn a_broken_ledger_stops_every_send() {
    let mut harness = with_usage(1_012);
    harness.tell(Msg::Ledger(Some("disk full".to_owned())));

    harness.press("F5");

    // Whether that is still so is looked at again, and nothing else is done.
    assert_eq!(harness.ops(), [Op::LoadProfiles]);
    assert!(harness.text().contains("ledger: disk full"));

    harness.tell(Msg::Ledger(None));

    assert!(
        harness.toast().contains("used for sending again"),
        "{}",
        harness.toast()
    );
    harness.press("F5");
    assert_eq!(harness.submits(), 1);
}

#[test]
fn a_fault_behind_a_send_is_told_at_once() {
    let mut harness = with_usage(1_012);
    harness.press("F5");

    harness.fail("Submit", Failure::fault());

    assert_eq!(harness.app.shared.in_flight().count(), 0);
    assert!(
        harness.toast().contains("the log says what became of it"),
        "{}",
        harness.toast()
    );
}

#[test]
fn a_fault_behind_a_question_leaves_nothing_that_looks_under_way() {
    let mut harness = with_usage(1_012);
    harness.press("Esc 4");
    harness.ops();

    harness.fail("LoadUsageSheet", Failure::fault());

    assert!(harness.toast().contains("a fault of ziadeck's own"));
    harness.tell(Msg::LedgerChanged);
    let ops = harness.ops();
    let is_asked = |op: &Op| matches!(op, Op::LoadUsageSheet(_));
    assert!(ops.iter().any(is_asked), "{ops:?}");
}

#[test]
fn a_fault_behind_what_nobody_waits_for_is_told_too() {
    let mut harness = with_usage(1_012);
    pauses(&mut harness, LOOKED);

    harness.fail("LookAtDraft", Failure::fault());

    assert!(harness.toast().contains("a fault of ziadeck's own"));
}

#[test]
fn a_full_worker_says_that_nothing_was_sent() {
    let mut harness = with_usage(1_012);
    harness.press("F5");
    let submit = only_submit(&mut harness);

    harness.fail("Submit", Op::Submit(Box::new(submit)).full());

    assert_eq!(harness.app.shared.in_flight().count(), 0);
    assert!(harness.toast().contains("nothing was sent"));
}

#[test]
fn the_field_that_the_server_refused_is_marked_until_it_changes() {
    let mut harness = with_usage(1_012);
    harness.press("F5");
    let rejected = rows().remove(1);
    harness.reply(Payload::Submit(Submitted::Settled(Box::new(
        rejected.clone(),
    ))));
    harness.reply(Payload::LoadAttempt(attempt(rejected)));
    let company = FieldRef::Input(Field::Company);
    let code = |harness: &Harness| {
        let compose = &harness.app.screens.console.compose;
        let refused = compose.refused.as_ref().filter(|one| one.place == company);
        refused.map(|violation| violation.code.to_string())
    };

    assert_eq!(code(&harness).as_deref(), Some("DEPENDENT_FIELD_MISSING"));

    harness.type_text("x");
    assert_eq!(code(&harness), None);
}

#[rstest]
#[case(Outcome::Scheduled, "1 unit spent")]
#[case(Outcome::Rejected, "nothing spent")]
#[case(Outcome::Unknown, "counts as spent")]
fn every_end_says_what_was_spent(#[case] outcome: Outcome, #[case] words: &str) {
    let mut harness = with_usage(1_012);
    harness.press("F5");
    let mut row = rows().remove(0);
    row.outcome = outcome;

    harness.reply(Payload::Submit(Submitted::Settled(Box::new(row))));

    assert!(harness.toast().contains(words), "{}", harness.toast());
    assert_eq!(harness.app.shared.in_flight().count(), 0);
}

/// A profile that ops, by this rule.
fn guarded(rule: ConfirmRule) -> Harness {
    let mut harness = with_usage(1_012);
    for profile in harness.app.shared.profiles.as_mut().unwrap() {
        profile.confirm = rule;
    }
    harness
}

#[test]
fn another_profile_than_the_last_is_asked_about_by_name_and_once() {
    let mut harness = guarded(ConfirmRule::First);
    harness.app.shared.last_sent = Some("in-prod".parse().unwrap());

    harness.press("F5");
    let text = harness.text();
    let before = harness.submits();
    harness.press("y");
    let sent = only_submit(&mut harness);
    harness.fail("Submit", Op::Submit(Box::new(sent)).full());
    harness.ops();
    harness.press("F5");

    assert!(text.contains("Send with this profile?"), "{text}");
    assert!(text.contains("You sent with in-prod last."), "{text}");
    assert!(
        text.contains("Goes to us-prod · production · Acme Inc"),
        "{text}"
    );
    assert_eq!(before, 0);
    assert_eq!(harness.submits(), 1, "the second time nothing is asked");
}

#[test]
fn a_rule_asks_each_time_or_never() {
    for (rule, asked) in [(ConfirmRule::Always, true), (ConfirmRule::Never, false)] {
        let mut harness = guarded(rule);
        harness.app.shared.last_sent = Some(match asked {
            true => "us-prod".parse().unwrap(),
            false => "in-prod".parse().unwrap(),
        });

        harness.press("F5");

        assert_eq!(harness.submits(), usize::from(!asked), "{rule}");
    }
}

#[test]
fn one_profile_alone_is_not_asked_about_at_first() {
    let mut harness = guarded(ConfirmRule::First);
    harness.app.shared.profiles.as_mut().unwrap().truncate(1);

    harness.press("F5");

    assert_eq!(harness.submits(), 1);
}

#[test]
fn a_profile_that_only_reads_sends_nothing_and_says_so() {
    let mut harness = with_usage(1_012);
    assert!(
        harness.text().contains("ready · spends 1"),
        "{}",
        harness.text()
    );
    for profile in harness.app.shared.profiles.as_mut().unwrap() {
        profile.is_read_only = true;
    }
    let text = harness.text();
    assert!(text.contains("read-only: nothing is sent"), "{text}");
    assert!(!text.contains("spends 1"), "{text}");

    harness.press("F5");

    assert_eq!(harness.submits(), 0);
    assert!(
        harness.toast().contains("us-prod is read-only"),
        "{}",
        harness.toast()
    );
}

#[rstest]
#[case::behind_the_log("Esc")]
#[case::behind_a_detail("Esc Enter")]
fn where_the_form_has_no_room_the_key_shows_it_and_sends_nothing(#[case] keys: &str) {
    let mut harness = Harness::at_work(80, 24);
    harness.press(keys);

    harness.press("F5");

    assert_eq!(harness.submits(), 0);
    let toast = harness.toast();
    assert!(toast.contains("nothing was sent yet"), "{toast}");
    assert_eq!(harness.app.screens.console.pane, Pane::Compose);
    harness.press("F5");
    assert_eq!(harness.submits(), 1);
}

#[test]
fn a_window_that_shows_no_form_sends_nothing() {
    let mut harness = at_work();
    harness.tell(Msg::Resize {
        width: 20,
        height: 5,
    });

    harness.press("F5");

    assert_eq!(harness.submits(), 0);
    harness.tell(Msg::Resize {
        width: 120,
        height: 40,
    });
    let text = harness.text();
    assert!(text.contains("nothing was sent"), "{text}");
}

#[test]
fn another_kind_asks_for_its_own_configuration_and_says_nothing_of_the_other() {
    let mut harness = at_work();
    let asked = |harness: &Harness| {
        let open = harness.open.iter();
        let mut of = open.filter_map(|(_, op)| match &**op {
            Op::LoadConfiguration { scope, .. } => Some(scope.kind),
            _ => None,
        });
        of.next_back()
    };
    assert_eq!(asked(&harness), Some(EnrichmentKind::People));

    harness.press("Esc p");

    assert_eq!(asked(&harness), Some(EnrichmentKind::Org));
}

#[test]
fn the_units_before_and_after_are_told_whole_in_a_narrow_form() {
    let mut harness = with_usage(1_007);
    pauses(&mut harness, LOOKED);
    harness.reply(Payload::LookAtDraft(seen()));

    let text = harness.text();
    assert!(text.contains("! asks first"), "{text}");
    assert!(text.contains("spends 1: 1,007 → 1,008"), "{text}");
}
