use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::base::RowNumber;
use crate::ledger::Overlap;
use crate::ops::bulk_rows::Rows;
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::Notice;
use crate::tui::app::op::Payload;
use crate::tui::data::run::RunEnded;
use crate::tui::testing::Harness;
use crate::tui::testing::runs::{answer, asked, prospect, run, running, runs};

/// What the question on top asks, and what it says about it.
fn question(harness: &Harness) -> (&str, String) {
    let (question, lines) = harness.app.top().question().unwrap();
    (question, lines.join("\n"))
}

/// Presses p on the selected run and answers what it would do.
fn ahead_of(harness: &mut Harness, spends: u64) {
    harness.press("p");
    let view = harness.app.screens.runs.selected().unwrap().clone();
    assert_eq!(asked(harness), [Op::LookAhead(view.run.id)]);
    harness.reply(Payload::LookAhead(Ahead {
        prospect: prospect(view, spends),
        takes: Some(Duration::from_secs(90)),
    }));
}

/// A console that works on run 3 itself.
fn working(width: u16, height: u16) -> Harness {
    let mut harness = running(width, height);
    harness.press("j j");
    answer(&mut harness, &runs());
    ahead_of(&mut harness, 7);
    harness.press("y");
    assert_eq!(asked(&mut harness), [Op::StartRun(RunId(3))]);
    harness
}

fn own(harness: &Harness) -> Vec<RunId> {
    let own = harness.app.shared.own_runs();
    own.map(|(run, _)| run).collect()
}

#[test]
fn the_screen_reads_the_ledger_and_the_rows_of_the_newest_run() {
    let mut harness = Harness::at_work(120, 40);

    harness.press("Esc 3");
    answer(&mut harness, &runs());

    assert_eq!(harness.app.screens.runs.list.len(), 5);
    assert_eq!(harness.app.screens.runs.rows.run, Some(RunId(5)));
    assert_eq!(harness.app.screens.runs.rows.list.len(), 300);
}

#[test]
fn what_changed_behind_another_screen_is_read_again_when_the_runs_are_shown() {
    let mut harness = running(120, 40);
    harness.press("2");
    harness.tell(Msg::LedgerChanged);
    assert_eq!(asked(&mut harness), []);

    harness.press("3");

    let ops = asked(&mut harness);
    assert!(
        matches!(ops.as_slice(), [Op::LoadRuns { .. }, Op::LoadRows(_)]),
        "{ops:?}"
    );
}

#[test]
fn starting_names_the_units_before_and_after_and_wants_their_number() {
    let mut harness = running(120, 40);

    ahead_of(&mut harness, 40);

    let (_, lines) = question(&harness);
    assert!(
        lines.contains("Spends 40 units: 1,012 → 1,052 of 1,500, which leaves 448."),
        "{lines}"
    );
    assert!(lines.contains("Goes to us-prod · production"), "{lines}");
    harness.press("F5 y Enter");
    assert_eq!(asked(&mut harness), []);
    harness.press("Backspace").type_text("40").press("F5");
    assert_eq!(asked(&mut harness), []);
    harness.press("Enter");
    assert_eq!(asked(&mut harness), [Op::StartRun(RunId(5))]);
    assert_eq!(own(&harness), [RunId(5)]);
}

#[test]
fn a_few_units_need_a_key_and_no_number() {
    let mut harness = running(120, 40);
    harness.press("j j");
    answer(&mut harness, &runs());

    ahead_of(&mut harness, 7);
    harness.press("F5 p Enter");
    assert_eq!(asked(&mut harness), []);
    harness.press("y");

    assert_eq!(asked(&mut harness), [Op::StartRun(RunId(3))]);
}

#[rstest]
#[case("Enter")]
#[case("Esc")]
fn enter_and_esc_never_start_a_run(#[case] key: &str) {
    let mut harness = running(120, 40);
    ahead_of(&mut harness, 7);

    harness.press(key);

    assert_eq!(asked(&mut harness), []);
    assert_eq!(own(&harness), []);
}

#[test]
fn what_no_unit_is_left_for_is_not_even_asked_about() {
    let mut harness = running(120, 40);

    ahead_of(&mut harness, 0);

    assert!(harness.app.popups.is_empty());
    assert!(
        harness.toast().contains("may spend no unit"),
        "{}",
        harness.toast()
    );
}

#[test]
fn a_run_that_another_process_works_on_is_asked_to_pause() {
    let mut harness = running(120, 40);
    harness.press("j");
    answer(&mut harness, &runs());

    harness.press("p");

    assert_eq!(asked(&mut harness), [Op::PauseRun(RunId(4))]);
}

#[test]
fn an_interrupted_run_can_be_resumed() {
    let mut harness = running(120, 40);
    harness.press("j j j");
    answer(&mut harness, &runs());

    ahead_of(&mut harness, 9);

    assert_eq!(question(&harness).0, "Resume run 2?");
}

#[test]
fn a_finished_run_says_that_nothing_waits() {
    let mut harness = running(120, 40);
    harness.press("G");
    answer(&mut harness, &runs());

    harness.press("p");

    assert_eq!(asked(&mut harness), []);
    assert!(harness.toast().contains("no row of run 1 waits"));
}

#[test]
fn a_prospect_that_comes_late_opens_no_question_over_another_run() {
    let mut harness = running(120, 40);
    harness.press("p j");
    asked(&mut harness);
    let view = runs().remove(0);

    harness.reply(Payload::LookAhead(Ahead {
        prospect: prospect(view, 7),
        takes: None,
    }));

    assert!(harness.app.popups.is_empty());
}

#[test]
fn a_run_started_elsewhere_is_seen_live_with_its_pace() {
    let mut harness = running(120, 40);
    let mut later = runs();
    later[1] = run(
        4,
        RunState::Running,
        &[(RowState::Pending, 400), (RowState::Scheduled, 600)],
    );

    harness.env.uptime += Duration::from_secs(60);
    harness.tell(Msg::LedgerChanged);
    answer(&mut harness, &later);

    harness.press("j");
    assert!(harness.text().contains("105/min"), "{}", harness.text());
    harness.press("j");
    assert!(!harness.text().contains("/min"), "{}", harness.text());
}

#[test]
fn changes_while_a_question_is_open_are_asked_for_once_more() {
    let mut harness = running(120, 40);

    harness.tell(Msg::LedgerChanged);
    harness.tell(Msg::LedgerChanged);
    harness.tell(Msg::LedgerChanged);

    let lists = |asks: &[Op]| {
        let lists = asks.iter().filter(|ask| matches!(ask, Op::LoadRuns { .. }));
        lists.count()
    };
    let first = asked(&mut harness);
    assert_eq!(lists(&first), 1);
    harness.reply(Payload::LoadRuns(runs()));
    assert_eq!(lists(&asked(&mut harness)), 1);
}

#[test]
fn a_key_sorts_the_runs_and_the_selected_one_stays_selected() {
    let mut harness = crate::tui::testing::runs::running(120, 40);
    let selected = harness.app.screens.runs.list.selected_key();

    harness.press("S S S S S");

    let text = harness.text();
    assert!(text.contains("state▲"), "{text}");
    // Finished, interrupted, paused, ready, running.
    let places = [1, 2, 3, 5, 4].map(|run| text.find(&format!("{run} people-")).unwrap());
    assert!(places.is_sorted(), "{text}");
    assert_eq!(harness.app.screens.runs.list.selected_key(), selected);
    assert!(text.contains("▌  5 people-5.csv"), "{text}");
}

#[test]
fn another_screen_asks_for_no_run() {
    let mut harness = running(120, 40);
    harness.press("1");
    harness.effects.clear();

    harness.tell(Msg::LedgerChanged);

    assert_eq!(asked(&mut harness), []);
}

#[test]
fn the_rows_can_be_narrowed_to_a_state_and_by_a_search() {
    let mut harness = running(120, 40);

    harness.press("f").type_text("absent").press("Enter");
    let asks = asked(&mut harness);
    assert!(matches!(
        asks.as_slice(),
        [Op::LoadRows(query)] if query.state == Some(RowState::Absent)
    ));
    harness.press("/").type_text("ada");
    let asks = asked(&mut harness);
    assert!(matches!(
        asks.last(),
        Some(Op::LoadRows(query)) if query.search == "ada"
            && query.state == Some(RowState::Absent)
    ));
    harness.press("Enter Esc");
    let asks = asked(&mut harness);
    assert!(matches!(
        asks.last(),
        Some(Op::LoadRows(query)) if query.search.is_empty() && query.state.is_none()
    ));
}

/// The numbers of the first row that is held and of the selected one.
fn first_and_selected(harness: &Harness) -> (i64, i64) {
    let list = &harness.app.screens.runs.rows.list;
    (list.rows[0].key(), list.selected_key().unwrap())
}

#[test]
fn the_window_moves_with_the_selection_through_a_long_run() {
    let mut harness = running(120, 40);
    harness.press("Enter");

    for _ in 0..20 {
        harness.press("PageDown");
        answer(&mut harness, &runs());
    }
    let (first, far) = first_and_selected(&harness);
    assert!(far > 400, "{far}");
    assert!(first > 1, "{first}");
    for _ in 0..20 {
        harness.press("PageUp");
        answer(&mut harness, &runs());
    }

    assert_eq!(first_and_selected(&harness), (1, 1));
}

#[test]
fn absent_rows_wait_again_only_after_a_question_with_its_cost() {
    let mut harness = running(120, 40);
    harness.press("j j");
    answer(&mut harness, &runs());

    harness.press("w");

    let (_, lines) = question(&harness);
    assert!(lines.contains("All 3 absent rows"), "{lines}");
    assert!(lines.contains("3 units: 1,012 → 1,015"), "{lines}");
    harness.press("y");
    assert_eq!(
        asked(&mut harness),
        [Op::RequeueRows {
            run: RunId(3),
            rows: Rows::In(RowState::Absent)
        }]
    );
}

#[test]
fn one_row_is_left_out_after_a_question() {
    let mut harness = running(120, 40);
    // The ninth row is the first that waits.
    harness.press("Enter j j j j j j j j x");

    harness.press("y");

    assert_eq!(
        asked(&mut harness),
        [Op::SkipRows {
            run: RunId(5),
            rows: Rows::These(vec![RowNumber(9)])
        }]
    );
}

#[test]
fn a_row_that_is_with_the_server_can_be_neither_queued_nor_left_out() {
    let mut harness = running(120, 40);
    // The fourth row is scheduled.
    harness.press("Enter j j j x w");

    assert!(harness.app.popups.is_empty());
    assert!(harness.toast().contains("scheduled"));
}

#[test]
fn an_export_goes_to_a_file_that_is_named_first() {
    let mut harness = running(120, 40);

    harness
        .press("e Ctrl+U")
        .type_text("out.jsonl")
        .press("Enter");

    assert_eq!(
        asked(&mut harness),
        [Op::ExportRun {
            run: RunId(5),
            path: "out.jsonl".to_owned()
        }]
    );
}

#[test]
fn the_end_of_a_run_here_is_told_on_any_screen() {
    let mut harness = working(120, 40);
    harness.press("1");

    harness.reply(Payload::StartRun(RunEnded {
        is_over: false,
        told: Notice::warning("run 3 pauses: the limit is reached"),
    }));

    assert_eq!(own(&harness), []);
    assert!(harness.toast().contains("run 3 pauses"));
}

#[test]
fn another_profile_shows_its_own_runs_and_keeps_what_goes_on_here() {
    let mut harness = working(120, 40);

    harness.press("F7");

    assert_eq!(harness.app.screens.runs.list.len(), 0);
    assert_eq!(own(&harness), [RunId(3)]);
    assert!(matches!(
        asked(&mut harness).as_slice(),
        [Op::LoadRuns { profile, .. }] if profile.as_str() == "in-prod"
    ));
}

/// When the screen looks after the other processes again.
fn looks_at(harness: &Harness) -> Option<Duration> {
    harness.app.screens.runs.due(&harness.app.shared)
}

#[test]
fn a_process_that_dies_is_noticed_while_the_screen_is_shown_and_only_then() {
    let mut harness = running(120, 40);
    harness.env.uptime = looks_at(&harness).unwrap();

    harness.tell(Msg::Tick);
    let mut dead = runs();
    dead[1].holder = None;
    assert!(matches!(
        asked(&mut harness).as_slice(),
        [Op::LoadRuns { .. }]
    ));
    harness.reply(Payload::LoadRuns(dead));

    assert!(!harness.text().contains(" running "));
    assert_eq!(looks_at(&harness), None);
}

#[test]
fn a_run_that_goes_on_here_needs_no_look() {
    let mut harness = working(120, 40);
    let mut list = runs();
    list[1] = run(4, RunState::Finished, &[(RowState::Scheduled, 1_000)]);
    list[2] = run(3, RunState::Running, &[(RowState::Pending, 7)]);

    harness.tell(Msg::LedgerChanged);
    answer(&mut harness, &list);

    assert_eq!(looks_at(&harness), None);
}

#[test]
fn the_question_names_the_run_that_has_the_same_rows_and_what_was_sent_since() {
    let mut harness = running(120, 40);
    harness.press("p");
    asked(&mut harness);
    let view = harness.app.screens.runs.selected().unwrap().clone();
    let mut prospect = prospect(view, 10);
    prospect.overlap = Overlap {
        planned: vec![(RunId(3), 12)],
        sent: 30,
    };

    harness.reply(Payload::LookAhead(Ahead {
        prospect,
        takes: None,
    }));

    let (_, lines) = question(&harness);
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
    let mut harness = working(width, height);
    let lost: Vec<String> = (1..=9)
        .map(|n| format!("write this down: attempt {n} is scheduled, job 572576700000301900{n}"))
        .collect();
    let text = format!(
        "run 3 pauses: the ledger cannot be written ({})",
        lost.join("; ")
    );

    harness.reply(Payload::StartRun(RunEnded {
        is_over: false,
        told: Notice::warning(text),
    }));
    // Whoever is typing does not close it.
    harness.press("q Enter");
    let mut seen = harness.text();
    for _ in 0..6 {
        harness.press("PageDown");
        seen.push_str(&harness.text());
    }

    for n in 1..=9 {
        assert!(
            seen.contains(&format!("572576700000301900{n}")),
            "{n}: {seen}"
        );
    }
    harness.press("Esc");
    assert!(harness.app.popups.is_empty());
}
