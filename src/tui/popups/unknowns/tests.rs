use rstest::rstest;

use super::*;
use crate::tui::app::msg::Msg;
use crate::tui::data::unknown::Reconciled;
use crate::tui::screens::console::Pane;
use crate::tui::testing::Harness;
use crate::tui::testing::unknowns::{settling, unknowns};

fn shown(harness: &Harness) -> &Unknowns {
    harness.app.popup().unwrap()
}

/// What the question on top says.
fn question(harness: &Harness) -> &[String] {
    let (_, lines) = harness.app.top().question().unwrap();
    lines
}

#[test]
fn opening_reads_the_ledger_and_then_looks_at_the_server() {
    let mut harness = Harness::at_work(120, 40);

    harness.press("Esc u");

    let freshness: Vec<Freshness> = harness
        .ops()
        .into_iter()
        .filter_map(|ask| match ask {
            Op::LoadUnknowns { from, .. } => Some(from),
            _ => None,
        })
        .collect();
    assert_eq!(freshness, [Freshness::Ledger, Freshness::Server]);
}

#[test]
fn a_key_without_a_letter_opens_them_from_the_form() {
    let mut harness = Harness::at_work(120, 40);

    harness.press("Alt+u");

    assert!(harness.app.top().is::<Unknowns>());
}

#[test]
fn adopting_asks_first_and_names_the_numbers() {
    let mut harness = settling(120, 40);

    harness.press("a");

    assert!(
        question(&harness)
            .iter()
            .any(|line| line.contains("1,012 → 1,011"))
    );
    assert!(harness.ops().is_empty());
    harness.press("y");
    assert_eq!(
        harness.ops(),
        [Op::Decide {
            profile: "us-prod".parse().unwrap(),
            attempt: AttemptId(1_190),
            decision: Decision::Adopt("5725767000003019012".parse().unwrap()),
        }]
    );
    assert!(harness.app.top().is::<Unknowns>());
}

#[test]
fn the_job_that_is_selected_is_the_one_that_is_adopted() {
    let mut harness = settling(120, 40);

    harness.press("Tab a");

    let lines = question(&harness);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("not those that were sent")),
        "{lines:?}"
    );
    harness.press("y");
    assert!(matches!(
        harness.ops().as_slice(),
        [Op::Decide { decision: Decision::Adopt(job), .. }] if job.as_str().ends_with("8995")
    ));
}

#[test]
fn neither_enter_nor_esc_decides() {
    for key in ["Enter", "Esc"] {
        let mut harness = settling(120, 40);

        harness.press("x").press(key);

        assert!(harness.ops().is_empty(), "{key}");
    }
}

#[test]
fn releasing_too_early_or_beside_a_likely_job_says_so() {
    let mut harness = settling(120, 40);

    harness.press("x");
    assert!(
        question(&harness)
            .iter()
            .any(|line| line.contains("on the server"))
    );

    harness.press("Esc G x");
    assert!(
        question(&harness)
            .iter()
            .any(|line| line.contains("not over"))
    );
    harness.press("y");
    assert!(matches!(
        harness.ops().as_slice(),
        [Op::Decide {
            decision: Decision::Release,
            ..
        }]
    ));
}

#[test]
fn what_the_server_accepted_is_never_released() {
    let mut harness = settling(120, 40);

    harness.press("j x");

    assert!(harness.app.top().is::<Unknowns>());
    assert!(harness.toast().contains("cannot be released"));
    assert!(harness.ops().is_empty());
}

#[test]
fn reconcile_is_asked_once_and_its_reasons_stand_beside_the_attempts() {
    let mut harness = settling(120, 40);

    harness.press("r r");
    assert_eq!(
        harness
            .ops()
            .iter()
            .filter(|ask| matches!(ask, Op::Reconcile(_)))
            .count(),
        1
    );
    harness.reply(Payload::Reconcile(Reconciled {
        told: Notice::warning("reconciled: 3 still unknown"),
        open: vec![Finding {
            attempt: AttemptId(1_190),
            why: "2 jobs have the same inputs; one look cannot tell which is ours".to_owned(),
        }],
    }));

    assert!(
        harness
            .text()
            .contains("one look cannot tell which is ours")
    );
    assert!(harness.toast().contains("3 still unknown"));
}

#[test]
fn composing_again_fills_the_form_and_leaves_the_attempt_unknown() {
    let mut harness = settling(120, 40);

    harness.press("c");

    assert_eq!(harness.draft().value(Field::Email), "grace@navy.mil");
    assert_eq!(
        (harness.app.screen, harness.app.screens.console.pane),
        (ScreenId::Console, Pane::Compose)
    );
    let asks = harness.ops();
    assert!(
        !asks
            .iter()
            .any(|ask| matches!(ask, Op::Submit(_) | Op::Decide { .. }))
    );
}

#[test]
fn another_list_keeps_the_selection_with_its_attempt_and_its_job() {
    let mut harness = settling(120, 40);
    harness.press("Tab");
    let mut list = unknowns();
    list.insert(0, list[2].clone());
    list[0].attempt.id = AttemptId(1_100);
    list[1].candidates.reverse();

    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadUnknowns(list));

    let shown = shown(&harness);
    assert_eq!(shown.list.selected().unwrap().attempt.id, AttemptId(1_190));
    assert!(
        shown
            .selected_suspect()
            .unwrap()
            .id
            .as_str()
            .ends_with("8995")
    );
}

#[test]
fn a_late_answer_of_another_profile_is_dropped() {
    let mut harness = settling(120, 40);
    harness.press("Esc F7 u");
    harness.reply(Payload::LoadUnknowns(unknowns()));

    harness.reply_late(Payload::LoadUnknowns(Vec::new()));

    assert_eq!(shown(&harness).scope.profile.as_str(), "in-prod");
    assert_eq!(shown(&harness).list.len(), 3);
}

#[test]
fn the_ledgers_list_does_not_replace_the_newer_one_of_the_server() {
    let mut harness = settling(120, 40);

    harness.reply_late(Payload::LoadUnknowns(Vec::new()));

    assert_eq!(shown(&harness).list.len(), 3);
}

#[test]
fn a_commit_to_the_ledger_brings_the_list_up_to_date() {
    let mut harness = settling(120, 40);

    harness.tell(Msg::LedgerChanged);

    assert!(harness.ops().iter().any(|ask| matches!(
        ask,
        Op::LoadUnknowns {
            from: Freshness::Ledger,
            ..
        }
    )));
}

#[rstest]
#[case(120, 40, "")]
#[case(80, 24, "")]
#[case(60, 15, "Tab")]
#[case(80, 24, "a")]
fn the_unknowns(#[case] width: u16, #[case] height: u16, #[case] keys: &str) {
    let mut harness = settling(width, height);
    harness.press(keys);

    let name = format!("unknowns_{width}x{height}{keys}");
    harness.is_as_before(&name);
}

#[test]
fn hostile_text_of_the_server_never_reaches_a_cell() {
    let mut harness = settling(120, 40);
    let mut list = unknowns();
    list[0].candidates[0].created_by = Some("\u{1b}[2J\u{202e}evil".to_owned());
    list[0].attempt.note = Some("\u{1b}]52;c;AAAA\u{7}".to_owned());
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadUnknowns(list));

    let text = harness.text();

    assert!(
        text.lines()
            .flat_map(str::chars)
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
    assert!(text.contains("evil"));
}

#[test]
fn nothing_unknown_is_said_in_words() {
    let mut harness = settling(80, 24);
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadUnknowns(Vec::new()));

    assert!(harness.text().contains("every unit is accounted for"));
}
