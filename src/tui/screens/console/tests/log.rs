use std::time::Duration;

use super::*;
use crate::tui::app::op::Reply;

fn page(rows: Vec<AttemptRow>) -> Payload {
    Payload::LoadLog(LogPage {
        rows,
        more: false,
        total: None,
    })
}

#[test]
fn fast_scrolling_asks_for_one_attempt_at_a_time() {
    let mut harness = at_work();
    harness.press("F3 Down Down Down");

    assert_eq!(harness.ops(), [Op::LoadAttempt(AttemptId(1203))]);
    harness.reply(Payload::LoadAttempt(attempt(rows().remove(1))));

    assert_eq!(harness.ops(), [Op::LoadAttempt(AttemptId(1201))]);
}

/// London, as a rule, so that the test needs no zone files.
fn london() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0/2").unwrap()
}

/// F66: the same time of day twice, told apart by its distance from UTC.
#[test]
fn the_detail_of_an_attempt_shows_the_offset_of_its_hour() {
    let mut harness = Harness::at_work(140, 60);
    harness.app.shared.settings.zone = london();
    harness.press("F3");
    for (index, at, shown) in [
        (1, "2026-10-25T00:30:00Z", "25 Oct 2026 01:30:00 +01:00"),
        (2, "2026-10-25T01:30:00Z", "25 Oct 2026 01:30:00 +00:00"),
    ] {
        harness.press("Down");
        let mut row = rows().remove(index);
        row.at = at.parse().unwrap();

        harness.reply(Payload::LoadAttempt(attempt(row)));

        let text = harness.text();
        assert!(text.contains(shown), "{text}");
    }
}

#[test]
fn an_attempt_that_cannot_be_read_is_not_asked_for_without_end() {
    let mut harness = at_work();
    harness.press("F3 Down");
    assert_eq!(harness.ops(), [Op::LoadAttempt(AttemptId(1203))]);

    harness.fail("LoadAttempt", failure("cannot read the ledger"));

    assert_eq!(harness.ops(), []);
    assert!(harness.toast().contains("cannot read the ledger"));
}

#[test]
fn many_changes_of_the_ledger_make_one_question_at_a_time() {
    let mut harness = at_work();
    for _ in 0..50 {
        harness.tell(Msg::LedgerChanged);
    }

    let pages = |ops: Vec<Op>| {
        let pages = ops.iter().filter(|op| matches!(op, Op::LoadLog(_)));
        pages.count()
    };
    assert_eq!(pages(harness.ops()), 1);
    harness.reply(page(rows()));
    assert_eq!(pages(harness.ops()), 1);
}

#[test]
fn a_late_page_of_an_old_search_is_dropped() {
    let mut harness = at_work();
    harness.press("F3 /").type_text("ad");
    let mut open = harness.open.iter();
    let (old, op) = open
        .rfind(|(_, op)| matches!(**op, Op::LoadLog(_)))
        .cloned()
        .unwrap();
    harness.type_text("a");

    harness.tell(Msg::Reply(Box::new(Reply::new(old, op, Ok(page(vec![]))))));

    // What is held stays until the answer to the newest search takes its place.
    assert_eq!(ids(&harness), [1204, 1203, 1202, 1201]);
    harness.reply(page(vec![rows().remove(3)]));
    assert_eq!(ids(&harness), [1201]);
}

fn ids(harness: &Harness) -> Vec<i64> {
    let rows = &harness.app.screens.console.log.list.rows;
    rows.iter().map(|row| row.id.0).collect()
}

#[test]
fn the_filter_is_applied_and_esc_shows_everything_again() {
    let mut harness = at_work();
    harness
        .press("F3 f")
        .down_to("Since")
        .type_text("2h")
        .down_to("Code")
        .type_text("limit_exceeded");
    harness.press("Enter");

    let ops = harness.ops();
    let [Op::LoadLog(query)] = ops.as_slice() else {
        panic!("{ops:?}")
    };
    assert_eq!(query.code.as_deref(), Some("LIMIT_EXCEEDED"));
    assert!(query.since.is_some());
    harness.press("Esc");
    let log = &harness.app.screens.console.log;
    assert!(!log.is_filtered());
    assert_eq!(
        log.filter.profiles.first(),
        harness.app.shared.active.as_ref()
    );
}

#[test]
fn the_job_is_asked_for_when_its_tab_is_opened() {
    let mut harness = at_work();
    harness.press("F3 F3");
    assert!(harness.ops().is_empty());

    harness.press("h");

    assert!(matches!(harness.ops().as_slice(), [Op::LoadJob { .. }]));
}

#[test]
fn a_copy_as_curl_has_no_token() {
    let mut harness = at_work();
    harness.press("F3 y Enter");

    match harness.effects.as_slice() {
        [Effect::Copy { text, what }] => {
            assert!(text.contains("__zia_people_enrichment") && text.contains("$ZIADECK_TOKEN"));
            assert_eq!(*what, "the request as curl");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attempt_that_was_settled_elsewhere_is_shown_as_it_is_now() {
    let mut harness = at_work();
    harness.press("F3 Down Down");
    harness.answer_all(1_012);
    let detail = &harness.app.screens.console.detail;
    let seen = detail.attempt.as_ref().unwrap().detail.row.clone();
    assert_eq!(seen.outcome, Outcome::Unknown);

    harness.tell(Msg::LedgerChanged);
    let mut settled = rows();
    settled[2].outcome = Outcome::Scheduled;
    harness.effects.clear();
    harness.reply(page(settled));

    assert_eq!(harness.ops(), [Op::LoadAttempt(seen.id)]);
}

#[test]
fn a_held_key_asks_for_no_detail_but_that_of_the_row_it_rests_on() {
    let mut harness = at_work();
    // What the form has to ask and to keep is done.
    harness.env.uptime += Duration::from_secs(2);
    harness.tell(Msg::Tick);
    harness.effects.clear();
    harness.press("F3 Down");
    let second = line(&harness, 1).unwrap();
    assert_eq!(harness.ops(), [Op::LoadAttempt(second)]);
    harness.answer_all(1_012);

    for _ in 0..2 {
        harness.env.uptime += Duration::from_millis(33);
        harness.key("Down");
    }
    assert!(harness.ops().is_empty());
    let rests_at = next_wakeup(&harness.app).unwrap();
    assert!(rests_at > harness.env.uptime);

    harness.env.uptime = rests_at;
    harness.tell(Msg::Tick);
    let fourth = line(&harness, 3).unwrap();
    assert_eq!(harness.ops(), [Op::LoadAttempt(fourth)]);
    assert_ne!(next_wakeup(&harness.app), Some(rests_at));
}

#[test]
fn opening_the_detail_does_not_wait_for_the_selection_to_rest() {
    let mut harness = at_work();
    harness.press("F3 Down");
    harness.answer_all(1_012);
    harness.env.uptime += Duration::from_millis(33);
    harness.key("Down");

    harness.key("Enter");

    assert_eq!(shown(&harness), line(&harness, 2));
}

fn line(harness: &Harness, index: usize) -> Option<AttemptId> {
    Some(harness.app.screens.console.log.list.rows[index].id)
}

fn shown(harness: &Harness) -> Option<AttemptId> {
    let detail = &harness.app.screens.console.detail;
    detail.attempt.as_ref().map(|attempt| attempt.detail.row.id)
}

#[test]
fn the_next_step_through_the_log_has_its_detail_at_once() {
    let mut harness = at_work();
    harness.press("F3 Down");
    harness.answer_all(1_012);

    harness.press("Down");
    assert_eq!(shown(&harness), line(&harness, 2));
    harness.answer_all(1_012);
    harness.press("Up");
    assert_eq!(shown(&harness), line(&harness, 1));
}

#[test]
fn what_no_longer_stands_beside_the_selection_is_forgotten() {
    let mut harness = at_work();
    harness.press("F3 Down");
    harness.answer_all(1_012);
    harness.press("Down");
    harness.answer_all(1_012);
    harness.press("Down");
    harness.effects.clear();

    harness.press("Up");

    assert_eq!(shown(&harness), line(&harness, 2));
    let second = line(&harness, 1).unwrap();
    assert_eq!(harness.ops(), [Op::LoadAttempt(second)]);
}

#[test]
fn what_was_read_ahead_is_not_shown_after_a_write_to_the_ledger() {
    let mut harness = at_work();
    harness.press("F3 Down");
    harness.answer_all(1_012);

    harness.tell(Msg::LedgerChanged);
    harness.effects.clear();
    harness.press("Down");

    assert_eq!(shown(&harness), line(&harness, 1));
    let third = line(&harness, 2).unwrap();
    assert_eq!(harness.ops(), [Op::LoadAttempt(third)]);
}

#[test]
fn reading_ahead_ends_where_it_fails() {
    let mut harness = at_work();
    harness.press("F3 Down");
    harness.effects.clear();
    harness.reply(Payload::LoadAttempt(attempt(rows().remove(1))));
    let third = line(&harness, 2).unwrap();
    assert_eq!(harness.ops(), [Op::LoadAttempt(third)]);

    harness.fail("LoadAttempt", failure("the ledger cannot be read"));

    assert!(harness.ops().is_empty());
}

#[test]
fn what_was_read_ahead_draws_no_frame() {
    let mut harness = at_work();
    harness.press("F3 Down");
    harness.reply(Payload::LoadAttempt(attempt(rows().remove(1))));
    let third = rows().remove(2);
    let last = harness.effects.last();
    assert!(
        matches!(last, Some(Effect::AskAfterFrame(_, Op::LoadAttempt(id))) if *id == third.id),
        "{last:?}"
    );
    harness.app.is_dirty = false;

    harness.reply(Payload::LoadAttempt(attempt(third.clone())));

    assert!(!harness.app.is_dirty);
    harness.press("Down");
    assert_eq!(shown(&harness), Some(third.id));
}

// ---- what stands in a row

/// At work with these rows in the log.
fn with_log(rows: Vec<AttemptRow>) -> Harness {
    let mut harness = at_work();
    harness.press("F3");
    harness.tell(Msg::LedgerChanged);
    harness.reply(page(rows));
    harness
}

#[test]
fn a_row_shows_the_job_the_latency_and_the_person() {
    let mut row = rows().remove(0);
    row.inputs = Some(r#"{"name":"Ada","email":"ada@acme.io"}"#.to_owned());

    let text = with_log(vec![row]).text();

    let line = text.lines().find(|line| line.contains("14:02:11")).unwrap();
    for part in ["…3019012", "142 ms", "ada@acme.io"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains("Ada "), "{line}");
}

#[test]
fn another_day_is_named() {
    let mut row = rows().remove(0);
    row.at = "2026-11-23T14:02:11Z".parse().unwrap();

    let text = with_log(vec![row]).text();

    let line = text.lines().find(|line| line.contains("…3019012")).unwrap();
    assert!(line.contains("23 Nov    US"), "{line}");
    assert!(!line.contains("14:02:11"), "{line}");
}

#[test]
fn a_settled_row_replaces_itself() {
    let mut harness = at_work();
    harness.press("F3");
    let mut settled = rows();
    settled[0].outcome = Outcome::Unknown;

    harness.tell(Msg::LedgerChanged);
    harness.reply(page(settled));

    assert_eq!(ids(&harness), [1204, 1203, 1202, 1201]);
    let log = &harness.app.screens.console.log;
    assert_eq!(log.list.rows[0].outcome, Outcome::Unknown);
}

#[test]
fn the_hour_that_happens_twice_keeps_the_order_of_the_numbers() {
    let mut harness = at_work();
    harness.app.shared.settings.zone = london();
    harness.app.shared.now = "2026-10-25T12:00:00Z".parse().unwrap();
    harness.press("F3");
    let at = ["01:45", "01:30", "00:50", "00:40"];
    let rows = rows().into_iter().zip(at);
    let rows = rows.map(|(row, at)| AttemptRow {
        at: format!("2026-10-25T{at}:00Z").parse().unwrap(),
        ..row
    });

    harness.tell(Msg::LedgerChanged);
    harness.reply(page(rows.collect()));

    assert_eq!(ids(&harness), [1204, 1203, 1202, 1201]);
    let text = harness.text();
    let places = ["01:45:00", "01:30:00", "01:50:00", "01:40:00"].map(|time| text.find(time));
    assert!(places.iter().all(Option::is_some), "{text}");
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn what_came_above_is_counted_while_somebody_reads_further_down() {
    let mut harness = Harness::at_work(120, 40);
    harness.press("F3 Down");
    assert!(!harness.text().contains("newer"), "{}", harness.text());
    let mut all = rows();
    for id in [1_205, 1_206] {
        let mut row = rows().remove(0);
        row.id = AttemptId(id);
        all.insert(0, row);
    }

    harness.tell(Msg::LedgerChanged);
    harness.reply(page(all));
    assert!(
        harness.text().contains("2 newer · F follows"),
        "{}",
        harness.text()
    );

    harness.press("F");
    assert!(!harness.text().contains("newer"));
}

#[test]
fn a_log_that_was_hidden_is_as_it_was_when_it_comes_back() {
    let mut harness = Harness::at_work(80, 24);
    let (first, mut many) = (rows().remove(0), Vec::new());
    for below in 0..60 {
        let id = AttemptId(first.id.0 - below);
        many.push(AttemptRow {
            id,
            ..first.clone()
        });
    }
    harness.tell(Msg::LedgerChanged);
    harness.reply(page(many));
    harness.press("Esc Home Down Down Down");
    let before = harness.text();

    harness.press("F3");
    assert_ne!(harness.text(), before);
    harness.press("Esc");

    assert_eq!(harness.app.screens.console.log.list.view.offset, 0);
    assert_eq!(harness.text(), before);
}
