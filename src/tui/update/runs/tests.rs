use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::base::RowNumber;
use crate::ledger::Overlap;
use crate::ops::bulk_rows::Rows;
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
use crate::tui::testing::runs::{answer, asked, prospect, run, running, runs};

fn question(bench: &Bench) -> &Decide {
    match bench.model.popups.last() {
        Some(Popup::Decide(decide)) => decide,
        other => panic!("{other:?}"),
    }
}

/// Presses p on the selected run and answers what it would do.
fn ahead_of(bench: &mut Bench, spends: u64) {
    bench.press("p");
    let view = bench.model.runs.selected().unwrap().clone();
    assert_eq!(asked(bench), [RunsAsk::LookAhead(view.run.id)]);
    bench.tell(Msg::Runs(RunsMsg::Ahead {
        run: view.run.id,
        result: Ok(Box::new(Ahead {
            prospect: prospect(view, spends),
            takes: Some(Duration::from_secs(90)),
        })),
    }));
}

#[test]
fn the_screen_reads_the_ledger_and_the_rows_of_the_newest_run() {
    let mut bench = Bench::at_work(120, 40);

    bench.press("Esc 3");
    answer(&mut bench, &runs());

    assert_eq!(bench.model.runs.count(), 5);
    assert_eq!(bench.model.runs.rows.run, Some(RunId(5)));
    assert_eq!(bench.model.runs.rows.lines.len(), 300);
}

#[test]
fn starting_names_the_units_before_and_after_and_wants_their_number() {
    let mut bench = running(120, 40);

    ahead_of(&mut bench, 40);

    let lines = question(&bench).lines.join("\n");
    assert!(
        lines.contains("Spends 40 units: 1,012 → 1,052 of 1,500, which leaves 448."),
        "{lines}"
    );
    assert!(lines.contains("Goes to us-prod · production"), "{lines}");
    bench.press("F5 y Enter");
    assert_eq!(asked(&mut bench), []);
    bench.press("Backspace").type_text("40").press("F5");
    assert_eq!(asked(&mut bench), []);
    bench.press("Enter");
    assert_eq!(asked(&mut bench), [RunsAsk::Start(RunId(5))]);
    assert!(bench.model.runs.own.contains_key(&RunId(5)));
}

#[test]
fn a_few_units_need_a_key_and_no_number() {
    let mut bench = running(120, 40);
    bench.press("j j");
    answer(&mut bench, &runs());

    ahead_of(&mut bench, 7);
    bench.press("F5 p Enter");
    assert_eq!(asked(&mut bench), []);
    bench.press("y");

    assert_eq!(asked(&mut bench), [RunsAsk::Start(RunId(3))]);
}

#[rstest]
#[case("Enter")]
#[case("Esc")]
fn enter_and_esc_never_start_a_run(#[case] key: &str) {
    let mut bench = running(120, 40);
    ahead_of(&mut bench, 7);

    bench.press(key);

    assert_eq!(asked(&mut bench), []);
    assert!(bench.model.runs.own.is_empty());
}

#[test]
fn what_no_unit_is_left_for_is_not_even_asked_about() {
    let mut bench = running(120, 40);

    ahead_of(&mut bench, 0);

    assert!(bench.model.popups.is_empty());
    assert!(
        bench.toast().contains("may spend no unit"),
        "{}",
        bench.toast()
    );
}

#[test]
fn a_run_that_another_process_works_on_is_asked_to_pause() {
    let mut bench = running(120, 40);
    bench.press("j");
    answer(&mut bench, &runs());

    bench.press("p");

    assert_eq!(asked(&mut bench), [RunsAsk::Pause(RunId(4))]);
}

#[test]
fn an_interrupted_run_can_be_resumed() {
    let mut bench = running(120, 40);
    bench.press("j j j");
    answer(&mut bench, &runs());

    ahead_of(&mut bench, 9);

    assert_eq!(question(&bench).question, "Resume run 2?");
}

#[test]
fn a_finished_run_says_that_nothing_waits() {
    let mut bench = running(120, 40);
    bench.press("G");
    answer(&mut bench, &runs());

    bench.press("p");

    assert_eq!(asked(&mut bench), []);
    assert!(bench.toast().contains("no row of run 1 waits"));
}

#[test]
fn a_prospect_that_comes_late_opens_no_question_over_another_run() {
    let mut bench = running(120, 40);
    bench.press("p j");
    asked(&mut bench);
    let view = runs().remove(0);

    bench.tell(Msg::Runs(RunsMsg::Ahead {
        run: RunId(5),
        result: Ok(Box::new(Ahead {
            prospect: prospect(view, 7),
            takes: None,
        })),
    }));

    assert!(bench.model.popups.is_empty());
}

#[test]
fn a_run_started_elsewhere_is_seen_live_with_its_pace() {
    let mut bench = running(120, 40);
    let mut later = runs();
    later[1] = run(
        4,
        RunState::Running,
        &[(RowState::Pending, 400), (RowState::Scheduled, 600)],
    );

    bench.env.uptime += Duration::from_secs(60);
    bench.tell(Msg::LedgerChanged);
    answer(&mut bench, &later);

    let progress = bench.model.runs.progress[&RunId(4)];
    assert_eq!(progress.rows_per_minute(), Some(105));
    assert!(!bench.model.runs.progress.contains_key(&RunId(3)));
}

#[test]
fn changes_while_a_question_is_open_are_asked_for_once_more() {
    let mut bench = running(120, 40);

    bench.tell(Msg::LedgerChanged);
    bench.tell(Msg::LedgerChanged);
    bench.tell(Msg::LedgerChanged);

    let lists = |asks: &[RunsAsk]| {
        asks.iter()
            .filter(|ask| matches!(ask, RunsAsk::Load { .. }))
            .count()
    };
    let first = asked(&mut bench);
    assert_eq!(lists(&first), 1);
    let ticket = bench.model.runs.ticket;
    bench.tell(Msg::Runs(RunsMsg::List {
        ticket,
        result: Ok(runs()),
    }));
    assert_eq!(lists(&asked(&mut bench)), 1);
}

#[test]
fn another_screen_asks_for_no_run() {
    let mut bench = running(120, 40);
    bench.press("1");
    bench.effects.clear();

    bench.tell(Msg::LedgerChanged);

    assert_eq!(asked(&mut bench), []);
}

#[test]
fn the_rows_can_be_narrowed_to_a_state_and_by_a_search() {
    let mut bench = running(120, 40);

    bench.press("f").type_text("absent").press("Enter");
    let asks = asked(&mut bench);
    assert!(matches!(
        asks.as_slice(),
        [RunsAsk::Rows { query, .. }] if query.state == Some(RowState::Absent)
    ));
    bench.press("/").type_text("ada");
    let asks = asked(&mut bench);
    assert!(matches!(
        asks.last(),
        Some(RunsAsk::Rows { query, .. }) if query.search == "ada"
            && query.state == Some(RowState::Absent)
    ));
    bench.press("Enter Esc");
    let asks = asked(&mut bench);
    assert!(matches!(
        asks.last(),
        Some(RunsAsk::Rows { query, .. }) if query.search.is_empty() && query.state.is_none()
    ));
}

#[test]
fn the_window_moves_with_the_selection_through_a_long_run() {
    let mut bench = running(120, 40);
    bench.press("Enter");

    for _ in 0..20 {
        bench.press("PageDown");
        answer(&mut bench, &runs());
    }
    let far = bench.model.runs.selected_row().unwrap().number();
    assert!(far > 400, "{far}");
    assert!(bench.model.runs.rows.after > 0);
    for _ in 0..20 {
        bench.press("PageUp");
        answer(&mut bench, &runs());
    }

    assert_eq!(bench.model.runs.selected_row().unwrap().number(), 1);
    assert_eq!(bench.model.runs.rows.after, 0);
}

#[test]
fn absent_rows_wait_again_only_after_a_question_with_its_cost() {
    let mut bench = running(120, 40);
    bench.press("j j");
    answer(&mut bench, &runs());

    bench.press("w");

    let lines = question(&bench).lines.join("\n");
    assert!(lines.contains("All 3 absent rows"), "{lines}");
    assert!(lines.contains("3 units: 1,012 → 1,015"), "{lines}");
    bench.press("y");
    assert_eq!(
        asked(&mut bench),
        [RunsAsk::Requeue(RunId(3), Rows::In(RowState::Absent))]
    );
}

#[test]
fn one_row_is_left_out_after_a_question() {
    let mut bench = running(120, 40);
    // The ninth row is the first that waits.
    bench.press("Enter j j j j j j j j x");

    bench.press("y");

    assert_eq!(
        asked(&mut bench),
        [RunsAsk::Skip(RunId(5), Rows::These(vec![RowNumber(9)]))]
    );
}

#[test]
fn a_row_that_is_with_the_server_can_be_neither_queued_nor_left_out() {
    let mut bench = running(120, 40);
    // The fourth row is scheduled.
    bench.press("Enter j j j x w");

    assert!(bench.model.popups.is_empty());
    assert!(bench.toast().contains("scheduled"));
}

#[test]
fn an_export_goes_to_a_file_that_is_named_first() {
    let mut bench = running(120, 40);

    bench
        .press("e Ctrl+U")
        .type_text("out.jsonl")
        .press("Enter");

    assert_eq!(
        asked(&mut bench),
        [RunsAsk::Export {
            run: RunId(5),
            path: "out.jsonl".to_owned()
        }]
    );
}

#[test]
fn the_end_of_a_run_here_is_told_on_any_screen() {
    let mut bench = running(120, 40);
    bench.model.runs.own.insert(RunId(4), None);
    bench.press("1");

    bench.tell(Msg::Runs(RunsMsg::Ended {
        run: RunId(4),
        is_over: false,
        result: Ok(Told {
            level: Level::Warning,
            text: "run 4 pauses: the limit is reached".to_owned(),
        }),
    }));

    assert!(bench.model.runs.own.is_empty());
    assert!(bench.toast().contains("run 4 pauses"));
}

#[test]
fn another_profile_shows_its_own_runs_and_keeps_what_goes_on_here() {
    let mut bench = running(120, 40);
    bench.model.runs.own.insert(RunId(4), None);

    bench.press("F7");

    assert_eq!(bench.model.runs.count(), 0);
    assert!(bench.model.runs.own.contains_key(&RunId(4)));
    assert!(matches!(
        asked(&mut bench).as_slice(),
        [RunsAsk::Load { profile, .. }] if profile.as_str() == "in-prod"
    ));
}

#[test]
fn a_process_that_dies_is_noticed_while_the_screen_is_shown_and_only_then() {
    let mut bench = running(120, 40);
    bench.env.uptime = place::next_wakeup(&bench.model).unwrap();

    bench.tell(Msg::Tick);
    let mut dead = runs();
    dead[1].holder = None;
    assert!(matches!(
        asked(&mut bench).as_slice(),
        [RunsAsk::Load { .. }]
    ));
    let ticket = bench.model.runs.ticket;
    let result = Ok(dead);
    bench.tell(Msg::Runs(RunsMsg::List { ticket, result }));

    assert!(!bench.text().contains(" running "));
    assert_eq!(place::next_wakeup(&bench.model), None);
}

#[test]
fn a_run_that_goes_on_here_needs_no_look() {
    let mut bench = running(120, 40);
    bench.model.runs.own.insert(RunId(4), None);

    bench.tell(Msg::LedgerChanged);
    answer(&mut bench, &runs());

    assert_eq!(place::next_wakeup(&bench.model), None);
}

#[test]
fn the_question_names_the_run_that_has_the_same_rows_and_what_was_sent_since() {
    let mut bench = running(120, 40);
    bench.press("p");
    asked(&mut bench);
    let view = bench.model.runs.selected().unwrap().clone();
    let mut prospect = prospect(view, 10);
    prospect.overlap = Overlap {
        planned: vec![(RunId(3), 12)],
        sent: 30,
    };

    bench.tell(Msg::Runs(RunsMsg::Ahead {
        run: RunId(5),
        result: Ok(Box::new(Ahead {
            prospect,
            takes: None,
        })),
    }));

    let lines = question(&bench).lines.join("\n");
    assert!(lines.contains("12 rows wait in run 3 too"), "{lines}");
    assert!(
        lines.contains("30 rows were sent elsewhere since"),
        "{lines}"
    );
    assert!(!lines.contains("have no unit"), "{lines}");
}

/// Several answers that no ledger has are in these words alone: a notice would cut them.
#[rstest]
#[case::comfortable(120, 40)]
#[case::small(60, 15)]
fn the_words_of_lost_answers_can_be_read_to_their_end(#[case] width: u16, #[case] height: u16) {
    let mut bench = running(width, height);
    let lost: Vec<String> = (1..=9)
        .map(|n| format!("write this down: attempt {n} is scheduled, job 572576700000301900{n}"))
        .collect();
    let text = format!(
        "run 4 pauses: the ledger cannot be written ({})",
        lost.join("; ")
    );

    bench.tell(Msg::Runs(RunsMsg::Ended {
        run: RunId(4),
        is_over: false,
        result: Ok(Told {
            level: Level::Warning,
            text,
        }),
    }));
    // Whoever is typing does not close it.
    bench.press("q Enter");
    let mut seen = bench.text();
    for _ in 0..6 {
        bench.press("PageDown");
        seen.push_str(&bench.text());
    }

    for n in 1..=9 {
        assert!(
            seen.contains(&format!("572576700000301900{n}")),
            "{n}: {seen}"
        );
    }
    bench.press("Esc");
    assert!(bench.model.popups.is_empty());
}
