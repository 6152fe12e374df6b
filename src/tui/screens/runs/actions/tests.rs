use rstest::rstest;

use super::*;
use crate::base::{AttemptId, RunId};
use crate::ledger::PageCursor;
use crate::ops::bulk_track::Tracked;
use crate::tui::app::notice::Notice;
use crate::tui::app::op::{Payload, Progress};
use crate::tui::screens::console::Pane;
use crate::tui::testing::Harness;
use crate::tui::testing::runs::{answer, asked, running, runs};

fn selected(harness: &mut Harness, keys: &str) -> RunId {
    harness.press(keys);
    answer(harness, &runs());
    harness.app.screens.runs.selected().unwrap().run.id
}

#[test]
fn enter_on_a_row_opens_the_detail_of_its_attempt() {
    let mut harness = running(120, 40);
    let held = harness.app.screens.console.log.list.rows[2].id;
    harness.press("Enter");
    harness.app.screens.runs.rows.list.rows[0].row.attempt = Some(held);

    harness.press("Enter");

    harness.answer_all(1_012);
    let console = &harness.app.screens.console;
    assert_eq!(
        (harness.app.screen, console.pane),
        (ScreenId::Console, Pane::Detail)
    );
    assert_eq!(console.log.list.selected().unwrap().id, held);
    let shown = console.detail.attempt.as_ref();
    assert_eq!(shown.unwrap().detail.row.id, held);
}

#[test]
fn an_attempt_that_is_not_loaded_comes_to_stand_at_the_top() {
    let mut harness = running(120, 40);
    harness.press("Enter");
    harness.app.screens.runs.rows.list.rows[0].row.attempt = Some(AttemptId(7));

    harness.press("a");

    let loads = harness.ops();
    let query = loads.iter().find_map(|ask| match ask {
        Op::LoadLog(query) => Some(query),
        _ => None,
    });
    let place = PageCursor::OlderThan(AttemptId(8));
    assert_eq!(query.unwrap().place, place);
    assert!(
        harness.text().contains("up to attempt 7"),
        "{}",
        harness.text()
    );
}

#[test]
fn a_row_that_was_never_sent_says_so() {
    let mut harness = running(120, 40);

    harness.press("Enter Enter");

    assert_eq!(harness.app.screen, ScreenId::Runs);
    assert!(
        harness.toast().contains("was never sent"),
        "{}",
        harness.toast()
    );
}

#[test]
fn one_key_asks_for_the_jobs_of_a_run_once_and_shows_how_far_they_are() {
    let mut harness = running(120, 40);
    let run = selected(&mut harness, "j j");

    harness.press("t");
    let first = asked(&mut harness);
    harness.press("t");
    let second = asked(&mut harness);
    let tracked = Tracked {
        jobs: 90,
        done: 12,
        ..Tracked::default()
    };
    harness.progress("TrackRun", Progress::Tracked(tracked));
    let shown = harness.text();
    let told = Notice::info("all 90 jobs of run 3 have ended");
    harness.reply(Payload::TrackRun(told));

    assert_eq!((first, second), (vec![Op::TrackRun(run)], vec![]));
    assert!(shown.contains("12 of 90 jobs have ended"), "{shown}");
    assert!(
        harness.toast().contains("all 90 jobs"),
        "{}",
        harness.toast()
    );
    assert_eq!(harness.app.shared.tracked_runs().count(), 0);
}

#[test]
fn a_plan_is_discarded_after_a_question() {
    let mut harness = running(120, 40);

    harness.press("D");
    let (_, lines) = harness.app.top().question().unwrap();
    let words = lines.join("\n");
    harness.press("Enter");
    let unsure = asked(&mut harness);
    harness.press("D y");

    assert!(
        words.contains("people-5.csv leaves the ledger with its 42 rows"),
        "{words}"
    );
    assert_eq!(unsure, []);
    assert_eq!(asked(&mut harness), [Op::DiscardRun(RunId(5))]);
}

#[rstest]
#[case::running("j")]
#[case::paused_with_jobs("j j")]
#[case::finished("G")]
fn a_run_that_sent_anything_is_not_even_asked_about(#[case] keys: &str) {
    let mut harness = running(120, 40);
    selected(&mut harness, keys);

    harness.press("D");

    assert!(harness.app.popups.is_empty());
    assert!(harness.toast().contains("is kept"), "{}", harness.toast());
}
