use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::base::EnrichmentKind;
use crate::enrichment::Field;
use crate::tui::effects::Freshness;
use crate::tui::model::jobs::{By, JobRow};
use crate::tui::model::{Failure, Pane};
use crate::tui::msg::Msg;
use crate::tui::testing::Bench;
use crate::tui::testing::jobs::{Asked, figures, id, page, rows};
use crate::tui::update::next_wakeup;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn final_rows() -> Vec<JobRow> {
    let mut rows = rows();
    rows.retain(|row| row.status == "COMPLETED" || row.status == "DATA_NOT_FOUND");
    rows
}

fn at_jobs() -> (Bench, Asked) {
    Bench::at_jobs(120, 40, rows())
}

// ---- the list

#[test]
fn the_ledgers_jobs_are_there_at_once_and_spend_no_call() {
    let (mut bench, mut asked) = (Bench::at_work(120, 40), Asked::default());

    bench.press("F2");

    let asks = bench.asks();
    assert!(
        matches!(asks.as_slice(), [Ask::LoadJobs { query, .. }] if query.before.is_none()),
        "{asks:?}"
    );
    bench.press("4 2");
    bench.answer_jobs(&final_rows(), &mut asked);
    assert_eq!(asked.lists, []);
}

#[test]
fn while_a_job_may_change_the_list_is_read_with_growing_waits() {
    let (mut bench, mut asked) = at_jobs();

    bench.pass(secs(200), &rows(), &mut asked);

    let waits: Vec<u64> = asked
        .lists
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).as_secs())
        .collect();
    assert_eq!(waits, [20, 40, 60, 60]);
}

#[test]
fn when_all_jobs_are_final_nothing_is_asked() {
    let (mut bench, mut asked) = Bench::at_jobs(120, 40, final_rows());
    bench.pass(secs(10), &final_rows(), &mut asked);
    let sheets = asked.sheets.len();

    bench.pass(secs(3_600), &final_rows(), &mut asked);

    assert_eq!((asked.lists.len(), asked.sheets.len()), (0, sheets));
}

#[test]
fn another_screen_asks_nothing_and_sleeps() {
    let (mut bench, mut asked) = at_jobs();
    bench.pass(secs(30), &rows(), &mut asked);
    bench.press("1");
    let (lists, sheets) = (asked.lists.len(), asked.sheets.len());

    let wakes = bench.pass(secs(630), &rows(), &mut asked);

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
        let (mut bench, mut asked) = at_jobs();
        for (key, pause) in steps {
            bench.press(keys[key]);
            bench.answer_jobs(&rows(), &mut asked);
            let until = bench.env.uptime + secs(pause);
            bench.pass(until, &rows(), &mut asked);
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
    let (mut bench, mut asked) = at_jobs();
    bench.press("r");
    bench.answer_jobs(&rows(), &mut asked);

    bench.press("r");

    assert_eq!(
        bench.toast(),
        "the server was asked just now; asking again in 10 s"
    );
    bench.pass(secs(12), &rows(), &mut asked);
    assert_eq!(asked.lists.len(), 2);
}

#[test]
fn a_refresh_reads_the_list_to_its_end() {
    let (mut bench, _) = Bench::at_jobs(120, 40, final_rows());
    bench.env.uptime = secs(60);

    bench.press("r");

    let asks = bench.asks();
    assert!(asks.iter().any(|ask| matches!(
        ask,
        Ask::LookForJobs {
            look: Look::All,
            ..
        }
    )));
}

#[test]
fn an_answer_for_another_profile_is_late_and_dropped() {
    let (mut bench, mut asked) = at_jobs();
    bench.press("F7");
    bench.answer_jobs(&[], &mut asked);

    bench.tell(Msg::JobsLooked {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Err(Failure::new("late".to_owned(), "")),
    });

    assert_eq!(bench.model.jobs.failure, None);
    assert_eq!(bench.model.jobs.lines, []);
}

#[test]
fn another_profile_and_another_kind_show_their_own_jobs() {
    let (mut bench, _) = at_jobs();

    bench.press("p");

    let asks = bench.asks();
    assert!(asks.iter().any(|ask| matches!(
        ask,
        Ask::LoadJobs {
            kind: EnrichmentKind::Org,
            ..
        }
    )));
    assert_eq!(bench.model.jobs.lines, []);
}

#[test]
fn a_page_of_an_old_filter_is_dropped() {
    let (mut bench, _) = at_jobs();
    bench.press("m");
    let first = bench.model.jobs.ticket;
    bench.press("m");

    bench.tell(Msg::Jobs {
        ticket: first,
        result: Ok(page(rows())),
    });

    assert_eq!(bench.model.jobs.lines, []);
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
    let (mut bench, _) = at_jobs();

    bench.press(keys);

    let last = bench.asks().into_iter().rev().find_map(|ask| match ask {
        Ask::LoadJobs { query, .. } => Some(query.filter),
        _ => None,
    });
    assert_eq!(last, Some(expected));
    if bench.model.jobs.search.is_some() {
        bench.press("Enter");
    }
    bench.press("Esc");
    assert!(!bench.model.jobs.is_filtered());
    assert_eq!(bench.model.place, Place::Jobs);
}

#[test]
fn near_the_end_older_rows_are_asked_for_by_key_and_come_once() {
    let (mut bench, _) = Bench::at_jobs(120, 40, rows());
    bench.model.jobs.has_more = true;
    bench.press("G");
    let asks = bench.asks();
    let (ticket, before) = asks
        .iter()
        .find_map(|ask| match ask {
            Ask::LoadJobs { ticket, query, .. } => Some((*ticket, query.before.clone())),
            _ => None,
        })
        .unwrap();
    assert_eq!(before.unwrap().1, id("5725767000003017001"));

    let mut older = rows().pop().unwrap();
    older.id = id("5725767000003016000");
    bench.tell(Msg::Jobs {
        ticket,
        result: Ok(page(vec![rows().pop().unwrap(), older])),
    });

    assert_eq!(bench.model.jobs.lines.len(), 5);
    assert!(!bench.model.jobs.has_more);
}

#[test]
fn a_new_job_on_top_moves_no_selection() {
    let (mut bench, mut asked) = at_jobs();
    bench.press("j");
    bench.answer_jobs(&rows(), &mut asked);
    let mut more = rows();
    more.insert(0, {
        let mut row = rows().remove(0);
        row.id = id("5725767000003020000");
        row.at = "2026-11-24T14:02:12Z".parse().unwrap();
        row
    });

    bench.tell(Msg::LedgerChanged);
    bench.answer_jobs(&more, &mut asked);

    let selected = bench.model.jobs.selected().unwrap();
    assert_eq!(selected.row.id, id("5725767000003018995"));
    assert_eq!(bench.model.jobs.lines.len(), 5);
}

// ---- one job

#[test]
fn a_job_that_was_never_read_is_asked_of_the_server_and_a_final_one_once_only() {
    let (mut bench, mut asked) = at_jobs();
    bench.press("j");
    bench.answer_jobs(&rows(), &mut asked);

    bench.pass(secs(120), &rows(), &mut asked);

    let job = id("5725767000003018995");
    let times = asked.sheets.iter().filter(|(_, asked)| *asked == job);
    assert_eq!(times.count(), 1);
    assert!(bench.text().contains("Head of Procurement"));
}

#[test]
fn a_status_that_nobody_documented_is_shown_as_it_comes_and_watched() {
    let (mut bench, mut asked) = at_jobs();
    bench.press("G");
    bench.answer_jobs(&rows(), &mut asked);
    bench.pass(secs(5), &rows(), &mut asked);

    let text = bench.text();

    assert!(text.contains("? ON_HOLD"), "{text}");
    assert!(
        text.contains("Zoho does not document this status."),
        "{text}"
    );
    assert!(next_wakeup(&bench.model).is_some());
}

#[test]
fn a_job_the_server_does_not_know_says_so_and_is_not_asked_again() {
    let (mut bench, _) = at_jobs();
    let job = id("5725767000003019012");
    bench.tell(Msg::JobSheet {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        job,
        freshness: Freshness::Server,
        result: Err(Failure::new(
            "the server knows no such job (HTTP 204)".to_owned(),
            "check the id and the profile".to_owned(),
        )),
    });

    let text = bench.text();
    assert!(text.contains("HTTP 204"), "{text}");
    assert!(text.contains("check the id"), "{text}");
}

#[test]
fn on_a_small_screen_a_job_is_read_only_once_it_is_opened() {
    let (mut bench, mut asked) = Bench::at_jobs(80, 24, rows());
    bench.press("j j");
    bench.answer_jobs(&rows(), &mut asked);
    bench.pass(secs(9), &rows(), &mut asked);
    assert_eq!(asked.sheets, []);

    bench.press("Enter");
    bench.answer_jobs(&rows(), &mut asked);

    assert_eq!(asked.sheets.len(), 1);
    bench.press("Esc");
    assert_eq!(bench.model.jobs.focus, JobsFocus::List);
}

#[test]
fn the_data_scrolls_and_esc_gives_the_list_its_keys_back() {
    let (mut bench, mut asked) = Bench::at_jobs(60, 15, rows());
    bench.press("j Enter");
    bench.answer_jobs(&rows(), &mut asked);

    bench.press("G");

    assert!(bench.model.jobs.sheet.view.offset > 0);
    assert_eq!(bench.model.jobs.view.selected, 1);
}

// ---- what can be done with it

fn with_data() -> Bench {
    let (mut bench, mut asked) = at_jobs();
    bench.press("j");
    bench.answer_jobs(&rows(), &mut asked);
    bench.pass(secs(5), &rows(), &mut asked);
    bench.effects.clear();
    bench
}

#[rstest]
#[case("y Enter", "\"designation\": \"Head of Procurement\"")]
#[case("y Down Enter", "\"status\": \"COMPLETED\"")]
#[case("y Down Down Enter", "5725767000003018995")]
fn a_copy_holds_what_was_chosen(#[case] keys: &str, #[case] expected: &str) {
    let mut bench = with_data();

    bench.press(keys);

    let copied = bench.effects.iter().find_map(|effect| match effect {
        Effect::Copy { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(copied.unwrap().contains(expected));
}

#[test]
fn a_job_without_data_copies_nothing_and_says_so() {
    let (mut bench, _) = at_jobs();

    bench.press("y Enter");

    assert!(bench.toast().contains("nothing was copied"));
    assert!(
        !bench
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Copy { .. }))
    );
}

#[test]
fn an_export_is_the_job_as_the_command_line_shows_it() {
    let mut bench = with_data();

    bench.press("e");

    let asks = bench.asks();
    let [Ask::ExportJob { job, text }] = asks.as_slice() else {
        panic!("{asks:?}")
    };
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(*job, id("5725767000003018995"));
    assert_eq!(value["mine"], true);
    assert_eq!(value["enrich_based_on"]["email"], "lin@initech.com");
    assert_eq!(value["enriched_data"]["company_info"]["name"], "Initech");
}

#[test]
fn composing_again_fills_the_form_and_sends_nothing() {
    let mut bench = with_data();

    bench.press("c");

    assert_eq!(bench.model.place, Place::Console);
    assert_eq!(bench.model.pane, Pane::Compose);
    let draft = bench.model.compose.draft();
    assert_eq!(
        (draft.value(Field::Email), draft.value(Field::Name)),
        ("lin@initech.com", "")
    );
    assert_eq!(bench.submits(), 0);
}

#[test]
fn a_job_of_others_is_composed_from_what_the_server_tells() {
    let (mut bench, mut asked) = at_jobs();
    bench.press("j j");
    bench.answer_jobs(&rows(), &mut asked);
    bench.pass(secs(5), &rows(), &mut asked);

    bench.press("c");

    assert_eq!(
        bench.model.compose.draft().value(Field::Email),
        "lin@initech.com"
    );
}

#[test]
fn a_job_leads_to_its_attempt_and_the_attempt_to_its_job() {
    let mut bench = with_data();

    bench.press("a");
    assert_eq!(bench.model.place, Place::Console);
    assert_eq!(
        bench.model.log.selected().unwrap().row.id,
        crate::base::AttemptId(1201)
    );

    bench.press("o");
    assert_eq!(bench.model.place, Place::Jobs);
    let job = bench.model.jobs.selected().unwrap();
    assert_eq!(job.row.id, id("5725767000003018995"));
}

#[test]
fn an_attempt_beyond_the_loaded_rows_comes_to_stand_at_the_top() {
    let mut bench = with_data();
    bench.model.log.lines.clear();

    bench.press("a");

    let up_to = bench.model.log.filter.up_to;
    assert_eq!(up_to, Some(crate::base::AttemptId(1201)));
}

#[test]
fn a_job_of_others_has_no_attempt_and_says_so() {
    let (mut bench, _) = at_jobs();
    bench.press("j j a");

    assert_eq!(bench.toast(), "no attempt of this ledger made the job");
    assert_eq!(bench.model.place, Place::Jobs);
}

#[test]
fn a_full_backstage_is_asked_again_later() {
    let (mut bench, mut asked) = Bench::at_jobs(120, 40, rows());
    bench.env.uptime = secs(60);
    bench.tell(Msg::Tick);
    for effect in std::mem::take(&mut bench.effects) {
        if let Effect::Ask(ask) = effect {
            bench.tell(Msg::Refused(Box::new(ask)));
        }
    }

    bench.pass(secs(120), &rows(), &mut asked);

    assert!(!asked.lists.is_empty());
}

#[test]
fn what_the_server_says_is_made_safe_before_it_is_shown() {
    let (mut bench, _) = at_jobs();
    let mut hostile = figures("COMPLETED");
    hostile.status = "COM\u{1b}[31mPLETED".to_owned();
    bench.tell(Msg::JobSheet {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        job: id("5725767000003019012"),
        freshness: Freshness::Server,
        result: Ok(Some(Box::new(hostile))),
    });
    let mut row = rows().remove(0);
    row.status = "\u{1b}]0;x\u{7}".to_owned();
    row.by = By::Other(Some("\u{202e}evil".to_owned()));
    let ticket = bench.model.jobs.ticket;
    bench.model.jobs.is_asked = true;
    bench.tell(Msg::Jobs {
        ticket,
        result: Ok(page(vec![row])),
    });

    let text = bench.text();

    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}
