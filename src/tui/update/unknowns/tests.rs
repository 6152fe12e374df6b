use super::*;
use crate::enrichment::Field;
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
use crate::tui::testing::unknowns::{answer, settling, unknowns};

fn shown(bench: &Bench) -> &Unknowns {
    match bench.model.popups.first() {
        Some(Popup::Unknowns(unknowns)) => unknowns,
        other => panic!("{other:?}"),
    }
}

fn question(bench: &Bench) -> &Decide {
    match bench.model.popups.last() {
        Some(Popup::Decide(decide)) => decide,
        other => panic!("{other:?}"),
    }
}

#[test]
fn opening_reads_the_ledger_and_then_looks_at_the_server() {
    let mut bench = Bench::at_work(120, 40);

    bench.press("Esc u");

    let freshness: Vec<Freshness> = bench
        .asks()
        .into_iter()
        .filter_map(|ask| match ask {
            Ask::LoadUnknowns { freshness, .. } => Some(freshness),
            _ => None,
        })
        .collect();
    assert_eq!(freshness, [Freshness::Ledger, Freshness::Server]);
}

#[test]
fn a_key_without_a_letter_opens_them_from_the_form() {
    let mut bench = Bench::at_work(120, 40);

    bench.press("Alt+u");

    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Unknowns(_))
    ));
}

#[test]
fn adopting_asks_first_and_names_the_numbers() {
    let mut bench = settling(120, 40);

    bench.press("a");

    let question = question(&bench);
    assert!(
        question
            .lines
            .iter()
            .any(|line| line.contains("1,012 → 1,011"))
    );
    assert!(bench.asks().is_empty());
    bench.press("y");
    assert_eq!(
        bench.asks(),
        [Ask::Decide {
            profile: "us-prod".parse().unwrap(),
            attempt: crate::base::AttemptId(1_190),
            decision: Decision::Adopt("5725767000003019012".parse().unwrap()),
        }]
    );
    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Unknowns(_))
    ));
}

#[test]
fn the_job_that_is_selected_is_the_one_that_is_adopted() {
    let mut bench = settling(120, 40);

    bench.press("Tab a");

    let lines = &question(&bench).lines;
    assert!(
        lines
            .iter()
            .any(|line| line.contains("not those that were sent")),
        "{lines:?}"
    );
    bench.press("y");
    assert!(matches!(
        bench.asks().as_slice(),
        [Ask::Decide { decision: Decision::Adopt(job), .. }] if job.as_str().ends_with("8995")
    ));
}

#[test]
fn neither_enter_nor_esc_decides() {
    for key in ["Enter", "Esc"] {
        let mut bench = settling(120, 40);

        bench.press("x").press(key);

        assert!(bench.asks().is_empty(), "{key}");
    }
}

#[test]
fn releasing_too_early_or_beside_a_likely_job_says_so() {
    let mut bench = settling(120, 40);

    bench.press("x");
    assert!(
        question(&bench)
            .lines
            .iter()
            .any(|line| line.contains("on the server"))
    );

    bench.press("Esc G x");
    assert!(
        question(&bench)
            .lines
            .iter()
            .any(|line| line.contains("not over"))
    );
    bench.press("y");
    assert!(matches!(
        bench.asks().as_slice(),
        [Ask::Decide {
            decision: Decision::Release,
            ..
        }]
    ));
}

#[test]
fn what_the_server_accepted_is_never_released() {
    let mut bench = settling(120, 40);

    bench.press("j x");

    assert!(matches!(
        bench.model.popups.last(),
        Some(Popup::Unknowns(_))
    ));
    assert!(bench.toast().contains("cannot be released"));
    assert!(bench.asks().is_empty());
}

#[test]
fn reconcile_is_asked_once_and_its_reasons_stand_beside_the_attempts() {
    let mut bench = settling(120, 40);

    bench.press("r r");
    assert_eq!(
        bench
            .asks()
            .iter()
            .filter(|ask| matches!(ask, Ask::Reconcile { .. }))
            .count(),
        1
    );
    bench.tell(Msg::Reconciled(Ok(Reconciled {
        level: Level::Warning,
        text: "reconciled: 3 still unknown".to_owned(),
        open: vec![crate::tui::model::unknowns::Finding {
            attempt: crate::base::AttemptId(1_190),
            why: "2 jobs have the same inputs; one look cannot tell which is ours".to_owned(),
        }],
    })));

    assert!(bench.text().contains("one look cannot tell which is ours"));
    assert!(bench.toast().contains("3 still unknown"));
}

#[test]
fn composing_again_fills_the_form_and_leaves_the_attempt_unknown() {
    let mut bench = settling(120, 40);

    bench.press("c");

    assert_eq!(
        bench.model.compose.draft().value(Field::Email),
        "grace@navy.mil"
    );
    assert_eq!(
        (bench.model.place, bench.model.pane),
        (Place::Console, Pane::Compose)
    );
    let asks = bench.asks();
    assert!(
        !asks
            .iter()
            .any(|ask| matches!(ask, Ask::Submit(_) | Ask::Decide { .. }))
    );
}

#[test]
fn another_list_keeps_the_selection_with_its_attempt_and_its_job() {
    let mut bench = settling(120, 40);
    bench.press("Tab");
    let mut list = unknowns();
    list.insert(0, list[2].clone());
    list[0].attempt.id = crate::base::AttemptId(1_100);
    list[1].suspects.reverse();

    let msg = answer(&bench, list);
    bench.tell(msg);

    let shown = shown(&bench);
    assert_eq!(
        shown.selected().unwrap().attempt.id,
        crate::base::AttemptId(1_190)
    );
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
    let mut bench = settling(120, 40);
    let Msg::Unknowns { ticket, kind, .. } = answer(&bench, Vec::new()) else {
        panic!();
    };

    bench.tell(Msg::Unknowns {
        ticket,
        profile: "in-prod".parse().unwrap(),
        kind,
        result: Ok(Vec::new()),
    });

    assert_eq!(shown(&bench).count(), 3);
}

#[test]
fn a_commit_to_the_ledger_brings_the_list_up_to_date() {
    let mut bench = settling(120, 40);

    bench.tell(Msg::LedgerChanged);

    assert!(bench.asks().iter().any(|ask| matches!(
        ask,
        Ask::LoadUnknowns {
            freshness: Freshness::Ledger,
            ..
        }
    )));
}
