use rstest::rstest;

use super::*;
use crate::base::{AttemptId, RunId};
use crate::ops::bulk_track::Tracked;
use crate::tui::model::{Pane, Place};
use crate::tui::msg::{Msg, RunsMsg, Told};
use crate::tui::testing::Bench;
use crate::tui::testing::runs::{answer, asked, running, runs};

fn selected(bench: &mut Bench, keys: &str) -> RunId {
    bench.press(keys);
    answer(bench, &runs());
    bench.model.runs.selected().unwrap().run.id
}

#[test]
fn enter_on_a_row_opens_the_detail_of_its_attempt() {
    let mut bench = running(120, 40);
    let held = bench.model.log.lines[2].row.id;
    bench.press("Enter");
    bench.model.runs.rows.lines[0].found.row.attempt = Some(held);

    bench.press("Enter");

    assert_eq!(
        (bench.model.place, bench.model.pane),
        (Place::Console, Pane::Detail)
    );
    assert_eq!(bench.model.log.selected().unwrap().row.id, held);
    assert_eq!(bench.model.detail.wanted, Some(held));
}

#[test]
fn an_attempt_that_is_not_loaded_comes_to_stand_at_the_top() {
    let mut bench = running(120, 40);
    bench.press("Enter");
    bench.model.runs.rows.lines[0].found.row.attempt = Some(AttemptId(7));

    bench.press("a");

    let loads = bench.asks();
    let query = loads.iter().find_map(|ask| match ask {
        Ask::LoadLog { query, .. } => Some(query),
        _ => None,
    });
    assert_eq!(query.unwrap().filter.up_to, Some(AttemptId(7)));
    assert!(bench.text().contains("up to attempt 7"), "{}", bench.text());
}

#[test]
fn a_row_that_was_never_sent_says_so() {
    let mut bench = running(120, 40);

    bench.press("Enter Enter");

    assert_eq!(bench.model.place, Place::Runs);
    assert!(
        bench.toast().contains("was never sent"),
        "{}",
        bench.toast()
    );
}

#[test]
fn one_key_asks_for_the_jobs_of_a_run_once_and_shows_how_far_they_are() {
    let mut bench = running(120, 40);
    let run = selected(&mut bench, "j j");

    bench.press("t");
    let first = asked(&mut bench);
    bench.press("t");
    let second = asked(&mut bench);
    bench.tell(Msg::Runs(RunsMsg::Tracking {
        run,
        tracked: Tracked {
            jobs: 90,
            done: 12,
            ..Tracked::default()
        },
    }));
    let shown = bench.text();
    bench.tell(Msg::Runs(RunsMsg::Tracked {
        run,
        result: Ok(Told {
            level: Level::Info,
            text: "all 90 jobs of run 3 have ended".to_owned(),
        }),
    }));

    assert_eq!((first, second), (vec![RunsAsk::Track(run)], vec![]));
    assert!(shown.contains("12 of 90 jobs have ended"), "{shown}");
    assert!(bench.toast().contains("all 90 jobs"), "{}", bench.toast());
    assert!(bench.model.runs.tracked.is_empty());
}

#[test]
fn a_plan_is_discarded_after_a_question() {
    let mut bench = running(120, 40);

    bench.press("D");
    let Some(Popup::Decide(decide)) = bench.model.popups.last() else {
        panic!("no question");
    };
    let words = decide.lines.join("\n");
    bench.press("Enter");
    let unsure = asked(&mut bench);
    bench.press("D y");

    assert!(
        words.contains("people-5.csv leaves the ledger with its 42 rows"),
        "{words}"
    );
    assert_eq!(unsure, []);
    assert_eq!(asked(&mut bench), [RunsAsk::Discard(RunId(5))]);
}

#[rstest]
#[case::running("j")]
#[case::paused_with_jobs("j j")]
#[case::finished("G")]
fn a_run_that_sent_anything_is_not_even_asked_about(#[case] keys: &str) {
    let mut bench = running(120, 40);
    selected(&mut bench, keys);

    bench.press("D");

    assert!(bench.model.popups.is_empty());
    assert!(bench.toast().contains("is kept"), "{}", bench.toast());
}
