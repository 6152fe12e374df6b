use std::sync::Arc;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::base::{AttemptId, EnrichmentKind};
use crate::enrichment::Field;
use crate::ledger::PageCursor;
use crate::tui::app::effect::Effect;
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::Failure;
use crate::tui::app::op::{OpId, Payload};
use crate::tui::app::state::next_wakeup;
use crate::tui::screens::console::Pane;
use crate::tui::testing::Harness;
use crate::tui::testing::jobs::{Asked, figures, id, page, rows};

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn final_rows() -> Vec<JobEntry> {
    let mut rows = rows();
    rows.retain(|row| row.status == "COMPLETED" || row.status == "DATA_NOT_FOUND");
    rows
}

fn at_jobs() -> (Harness, Asked) {
    Harness::at_jobs(120, 40, rows())
}

/// Takes the last question of that name away, so that nothing answers it.
fn held_back(harness: &mut Harness, name: &str) -> (OpId, Arc<Op>) {
    let at = harness
        .open
        .iter()
        .rposition(|(_, op)| crate::tui::testing::name_of(op) == name);
    harness.open.remove(at.unwrap())
}

/// A minute later the server is asked again, for the list and for the selected job.
fn a_minute_later(harness: &mut Harness) {
    harness.env.uptime += secs(60);
    harness.tell(Msg::Tick);
}

// ---- the list

#[test]
fn the_ledgers_jobs_are_there_at_once_and_spend_no_call() {
    let (mut harness, mut asked) = (Harness::at_work(120, 40), Asked::default());

    harness.press("F2");

    let ops = harness.ops();
    assert!(
        matches!(ops.as_slice(), [Op::LoadJobs { query, .. }] if query.before.is_none()),
        "{ops:?}"
    );
    harness.press("4 2");
    harness.answer_jobs(&final_rows(), &mut asked);
    assert_eq!(asked.lists, []);
}

#[test]
fn while_a_job_may_change_the_list_is_read_with_growing_waits() {
    let (mut harness, mut asked) = at_jobs();

    harness.pass(secs(200), &rows(), &mut asked);

    let waits: Vec<u64> = asked
        .lists
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).as_secs())
        .collect();
    assert_eq!(waits, [20, 40, 60, 60]);
}

#[test]
fn when_all_jobs_are_final_nothing_is_asked() {
    let (mut harness, mut asked) = Harness::at_jobs(120, 40, final_rows());
    harness.pass(secs(10), &final_rows(), &mut asked);
    let sheets = asked.sheets.len();

    harness.pass(secs(3_600), &final_rows(), &mut asked);

    assert_eq!((asked.lists.len(), asked.sheets.len()), (0, sheets));
}

#[test]
fn another_screen_asks_nothing_and_sleeps() {
    let (mut harness, mut asked) = at_jobs();
    harness.pass(secs(30), &rows(), &mut asked);
    harness.press("1");
    let (lists, sheets) = (asked.lists.len(), asked.sheets.len());

    let wakes = harness.pass(secs(630), &rows(), &mut asked);

    assert_eq!((asked.lists.len(), asked.sheets.len()), (lists, sheets));
    // The ages of the header are told once a minute, and nothing else.
    assert!(wakes <= 11, "{wakes}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_is_pressed_the_budget_of_calls_holds(
        steps in proptest::collection::vec((0usize..9, 0u64..4), 1..60)
    ) {
        let keys = ["j", "k", "r", "2", "1", "F2", "m", "Enter", "Esc"];
        let (mut harness, mut asked) = at_jobs();
        for (key, pause) in steps {
            harness.press(keys[key]);
            harness.answer_jobs(&rows(), &mut asked);
            let until = harness.env.uptime + secs(pause);
            harness.pass(until, &rows(), &mut asked);
        }

        for pair in asked.lists.windows(2) {
            prop_assert!(pair[1] - pair[0] >= secs(10), "{:?}", asked.lists);
        }
        for pair in asked.sheets.windows(2) {
            prop_assert!(pair[1].0 - pair[0].0 >= secs(2), "{:?}", asked.sheets);
        }
    }
}

#[test]
fn refreshing_twice_says_when_the_server_is_asked_again() {
    let (mut harness, mut asked) = at_jobs();
    harness.press("r");
    harness.answer_jobs(&rows(), &mut asked);

    harness.press("r");

    assert_eq!(
        harness.toast(),
        "the server was asked just now; asking again in 10 s"
    );
    harness.pass(secs(12), &rows(), &mut asked);
    assert_eq!(asked.lists.len(), 2);
}

#[test]
fn a_refresh_reads_the_list_to_its_end() {
    let (mut harness, _) = Harness::at_jobs(120, 40, final_rows());
    harness.env.uptime = secs(60);

    harness.press("r");

    let ops = harness.ops();
    let is_whole = |op: &Op| match op {
        Op::LookForJobs { look, .. } => *look == Look::All,
        _ => false,
    };
    assert!(ops.iter().any(is_whole), "{ops:?}");
}

#[test]
fn an_answer_for_another_profile_is_late_and_dropped() {
    let (mut harness, mut asked) = at_jobs();
    a_minute_later(&mut harness);
    let (late, op) = held_back(&mut harness, "LookForJobs");
    harness.reply(Payload::LoadJob(None));
    harness.press("F7");
    harness.answer_jobs(&[], &mut asked);

    let result = Err(Failure::new("late", ""));
    harness.tell(Msg::Reply(Box::new(Reply::new(late, op, result))));

    let text = harness.text();
    assert!(!text.contains("late"), "{text}");
    assert_eq!(harness.app.screens.jobs.failure, None);
    assert_eq!(harness.app.screens.jobs.list.rows, []);
}

#[test]
fn another_profile_and_another_kind_show_their_own_jobs() {
    let (mut harness, _) = at_jobs();

    harness.press("p");

    let is_org = |op: &Op| match op {
        Op::LoadJobs { query, .. } => query.kind == EnrichmentKind::Org,
        _ => false,
    };
    assert!(harness.ops().iter().any(is_org));
    assert_eq!(harness.app.screens.jobs.list.rows, []);
}

#[test]
fn a_page_of_an_old_filter_is_dropped() {
    let (mut harness, _) = at_jobs();
    harness.press("m");
    let (first, op) = held_back(&mut harness, "LoadJobs");
    harness.press("m");

    let result = Ok(Payload::LoadJobs(page(rows())));
    harness.tell(Msg::Reply(Box::new(Reply::new(first, op, result))));

    assert_eq!(harness.app.screens.jobs.list.rows, []);
}

#[rstest]
#[case("m", JobsFilter { whose: JobsOf::Mine, ..JobsFilter::default() })]
#[case("m m", JobsFilter { whose: JobsOf::Others, ..JobsFilter::default() })]
#[case("f Down Enter", JobsFilter { status: Some("RUNNING".to_owned()), ..JobsFilter::default() })]
#[case("/ 3 0 1 9", JobsFilter { id_part: Some("3019".to_owned()), ..JobsFilter::default() })]
fn a_filter_is_asked_of_the_ledger_and_esc_shows_all_again(
    #[case] keys: &str,
    #[case] expected: JobsFilter,
) {
    let (mut harness, _) = at_jobs();

    harness.press(keys);

    let last = harness.ops().into_iter().rev().find_map(|op| match op {
        Op::LoadJobs { query, .. } => Some(query.filter),
        _ => None,
    });
    assert_eq!(last, Some(expected));
    if harness.app.screens.jobs.search.is_open() {
        harness.press("Enter");
    }
    harness.press("Esc");
    assert!(!harness.app.screens.jobs.is_filtered());
    assert_eq!(harness.app.screen, ScreenId::Jobs);
}

#[test]
fn near_the_end_older_rows_are_asked_for_by_key_and_come_once() {
    let (mut harness, _) = Harness::at_jobs(120, 40, rows());
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadJobs(Board {
        has_more: true,
        ..page(rows())
    }));
    harness.effects.clear();
    harness.press("G");
    let before = harness.ops().into_iter().find_map(|op| match op {
        Op::LoadJobs { query, .. } => query.before,
        _ => None,
    });
    assert_eq!(before.unwrap().1, id("5725767000003017001"));

    let mut older = rows().pop().unwrap();
    older.id = id("5725767000003016000");
    harness.reply(Payload::LoadJobs(page(vec![rows().pop().unwrap(), older])));

    assert_eq!(harness.app.screens.jobs.list.rows.len(), 5);
    assert!(!harness.app.screens.jobs.list.has_more);
}

#[test]
fn a_new_job_on_top_moves_no_selection() {
    let (mut harness, mut asked) = at_jobs();
    harness.press("j");
    harness.answer_jobs(&rows(), &mut asked);
    let mut more = rows();
    more.insert(0, {
        let mut row = rows().remove(0);
        row.id = id("5725767000003020000");
        row.at = "2026-11-24T14:02:12Z".parse().unwrap();
        row
    });

    harness.tell(Msg::LedgerChanged);
    harness.answer_jobs(&more, &mut asked);

    let selected = harness.app.screens.jobs.list.selected().unwrap();
    assert_eq!(selected.id, id("5725767000003018995"));
    assert_eq!(harness.app.screens.jobs.list.rows.len(), 5);
    let text = harness.text();
    assert!(text.contains("1 newer · Home shows them"), "{text}");

    harness.press("Home");
    assert!(!harness.text().contains("newer"));
}

// ---- one job

#[test]
fn a_job_that_was_never_read_is_asked_of_the_server_and_a_final_one_once_only() {
    let (mut harness, mut asked) = at_jobs();
    harness.press("j");
    harness.answer_jobs(&rows(), &mut asked);

    harness.pass(secs(120), &rows(), &mut asked);

    let job = id("5725767000003018995");
    let times = asked.sheets.iter().filter(|(_, asked)| *asked == job);
    assert_eq!(times.count(), 1);
    assert!(harness.text().contains("Head of Procurement"));
}

#[test]
fn a_status_that_nobody_documented_is_shown_as_it_comes_and_watched() {
    let (mut harness, mut asked) = at_jobs();
    harness.press("G");
    harness.answer_jobs(&rows(), &mut asked);
    harness.pass(secs(5), &rows(), &mut asked);

    let text = harness.text();

    assert!(text.contains("? ON_HOLD"), "{text}");
    assert!(
        text.contains("Zoho does not document this status."),
        "{text}"
    );
    assert!(next_wakeup(&harness.app).is_some());
}

#[test]
fn a_job_the_server_does_not_know_says_so_and_is_not_asked_again() {
    let (mut harness, mut asked) = at_jobs();
    a_minute_later(&mut harness);
    let plain = "the server knows no such job (HTTP 204)";
    let failure = Failure::new(plain, "check the id and the profile");
    harness.fail("LoadJob", failure);

    let text = harness.text();
    assert!(text.contains("HTTP 204"), "{text}");
    assert!(text.contains("check the id"), "{text}");
    let sheets = asked.sheets.len();
    // Another page of the list would be a reason to ask.
    held_back(&mut harness, "LookForJobs");
    harness.pass(secs(3_600), &rows(), &mut asked);
    assert_eq!(asked.sheets.len(), sheets);
}

#[test]
fn on_a_small_screen_a_job_is_read_only_once_it_is_opened() {
    let (mut harness, mut asked) = Harness::at_jobs(80, 24, rows());
    harness.press("j j");
    harness.answer_jobs(&rows(), &mut asked);
    harness.pass(secs(9), &rows(), &mut asked);
    assert_eq!(asked.sheets, []);

    harness.press("Enter");
    harness.answer_jobs(&rows(), &mut asked);

    assert_eq!(asked.sheets.len(), 1);
    harness.press("Esc");
    let text = harness.text();
    assert!(
        text.contains("[1 Jobs]") || text.contains("…3018002"),
        "{text}"
    );
}

#[test]
fn the_data_scrolls_and_esc_gives_the_list_its_keys_back() {
    let (mut harness, mut asked) = Harness::at_jobs(60, 15, rows());
    harness.press("j Enter");
    harness.answer_jobs(&rows(), &mut asked);

    harness.press("G");

    let jobs = &harness.app.screens.jobs;
    let seen = jobs.found.seen().text();
    assert!(!seen.is_empty() && !seen.starts_with(" 1–"), "{seen}");
    assert_eq!(jobs.list.view.selected, 1);
    harness.press("Esc k");
    assert_eq!(harness.app.screens.jobs.list.view.selected, 0);
}

// ---- what can be done with it

fn with_data() -> Harness {
    let (mut harness, mut asked) = at_jobs();
    harness.press("j");
    harness.answer_jobs(&rows(), &mut asked);
    harness.pass(secs(5), &rows(), &mut asked);
    harness.effects.clear();
    harness
}

#[rstest]
#[case("y Enter", "\"designation\": \"Head of Procurement\"")]
#[case("y Down Enter", "\"status\": \"COMPLETED\"")]
#[case("y Down Down Enter", "5725767000003018995")]
fn a_copy_holds_what_was_chosen(#[case] keys: &str, #[case] expected: &str) {
    let mut harness = with_data();

    harness.press(keys);

    let copied = harness.effects.iter().find_map(|effect| match effect {
        Effect::Copy { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(copied.unwrap().contains(expected));
}

#[test]
fn a_job_without_data_copies_nothing_and_says_so() {
    let (mut harness, _) = at_jobs();

    harness.press("y Enter");

    assert!(harness.toast().contains("nothing was copied"));
    assert!(
        !harness
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Copy { .. }))
    );
}

#[test]
fn an_export_is_the_job_as_the_command_line_shows_it() {
    let mut harness = with_data();

    harness.press("e");

    let ops = harness.ops();
    let [Op::ExportJob { job, text }] = ops.as_slice() else {
        panic!("{ops:?}")
    };
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(*job, id("5725767000003018995"));
    assert_eq!(value["mine"], true);
    assert_eq!(value["enrich_based_on"]["email"], "lin@initech.com");
    assert_eq!(value["enriched_data"]["company_info"]["name"], "Initech");
}

#[test]
fn composing_again_fills_the_form_and_sends_nothing() {
    let mut harness = with_data();

    harness.press("c");

    assert_eq!(harness.app.screen, ScreenId::Console);
    assert_eq!(harness.app.screens.console.pane, Pane::Compose);
    let draft = harness.draft();
    assert_eq!(
        (draft.value(Field::Email), draft.value(Field::Name)),
        ("lin@initech.com", "")
    );
    assert_eq!(harness.submits(), 0);
}

#[test]
fn a_job_of_others_is_composed_from_what_the_server_tells() {
    let (mut harness, mut asked) = at_jobs();
    harness.press("j j");
    harness.answer_jobs(&rows(), &mut asked);
    harness.pass(secs(5), &rows(), &mut asked);

    harness.press("c");

    assert_eq!(harness.draft().value(Field::Email), "lin@initech.com");
}

#[test]
fn a_job_leads_to_its_attempt_and_the_attempt_to_its_job() {
    let mut harness = with_data();

    harness.press("a");
    assert_eq!(harness.app.screen, ScreenId::Console);
    // The attempt that was shown before has a job too, which nobody wants to see.
    assert_eq!(harness.ops(), [Op::LoadAttempt(AttemptId(1201))]);
    let row = crate::tui::testing::rows().remove(3);
    harness.reply(Payload::LoadAttempt(crate::tui::testing::attempt(row)));
    let asked = harness.ops().into_iter().find_map(|op| match op {
        Op::LoadJob { job, .. } => Some(job),
        _ => None,
    });
    assert_eq!(asked, Some(id("5725767000003018995")));
    assert_eq!(
        harness.app.screens.console.log.list.selected().unwrap().id,
        AttemptId(1201)
    );

    harness.press("o");
    assert_eq!(harness.app.screen, ScreenId::Jobs);
    let job = harness.app.screens.jobs.list.selected().unwrap();
    assert_eq!(job.id, id("5725767000003018995"));
}

#[test]
fn an_attempt_beyond_the_loaded_rows_comes_to_stand_at_the_top() {
    let mut harness = with_data();
    harness.app.screens.console.log.list.rows.clear();

    harness.press("a");

    let place = harness.app.screens.console.log.filter.place;
    assert_eq!(place, PageCursor::OlderThan(AttemptId(1202)));
}

#[test]
fn a_job_of_others_has_no_attempt_and_says_so() {
    let (mut harness, _) = at_jobs();
    harness.press("j j a");

    assert_eq!(harness.toast(), "no attempt of this ledger made the job");
    assert_eq!(harness.app.screen, ScreenId::Jobs);
}

#[test]
fn a_full_worker_is_asked_again_later() {
    let (mut harness, mut asked) = at_jobs();
    a_minute_later(&mut harness);
    for effect in std::mem::take(&mut harness.effects) {
        if let Effect::Ask(id, op) = effect {
            harness.open.retain(|(open, _)| *open != id);
            let full = Err(op.full());
            harness.tell(Msg::Reply(Box::new(Reply::new(id, Arc::new(op), full))));
        }
    }
    let (lists, sheets) = (asked.lists.len(), asked.sheets.len());

    harness.pass(secs(300), &rows(), &mut asked);

    assert!(asked.lists.len() > lists && asked.sheets.len() > sheets);
}

#[test]
fn what_the_server_says_is_made_safe_before_it_is_shown() {
    let (mut harness, _) = at_jobs();
    a_minute_later(&mut harness);
    let mut hostile = figures("COMPLETED");
    hostile.status = "COM\u{1b}[31mPLETED".to_owned();
    harness.reply(Payload::LoadJob(Some(hostile)));
    let mut row = rows().remove(0);
    row.status = "\u{1b}]0;x\u{7}".to_owned();
    row.attempt = None;
    row.created_by_name = Some("\u{202e}evil".to_owned());
    harness.tell(Msg::LedgerChanged);
    harness.reply(Payload::LoadJobs(page(vec![row])));

    let text = harness.text();

    assert!(text.contains("evil"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

// ---- the screen

fn seen(width: u16, height: u16, keys: &str) -> Harness {
    let (mut harness, mut asked) = Harness::at_jobs(width, height, rows());
    harness.press(keys);
    harness.answer_jobs(&rows(), &mut asked);
    harness.pass(secs(5), &rows(), &mut asked);
    harness
}

#[rstest]
#[case("jobs_120x40", 120, 40, "j")]
#[case("jobs_80x24", 80, 24, "j")]
#[case("jobs_data_80x24", 80, 24, "j Enter")]
#[case("jobs_60x15", 60, 15, "j")]
fn the_screen(#[case] name: &str, #[case] width: u16, #[case] height: u16, #[case] keys: &str) {
    let harness = seen(width, height, keys);

    harness.is_as_before(name);
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(1, 1), (60, 15), (99, 60), (100, 23), (500, 200)] {
        for keys in ["j", "Enter", "f", "/", "y", "?"] {
            seen(width, height, keys).text();
        }
    }
}
