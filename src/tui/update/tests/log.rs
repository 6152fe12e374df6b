use super::*;

#[test]
fn fast_scrolling_asks_for_one_attempt_at_a_time() {
    let mut bench = at_work();
    bench.press("F3 Down Down Down");

    let asks = bench.asks();
    assert_eq!(asks, [Ask::LoadAttempt(AttemptId(1203))]);
    let row = rows().remove(1);
    bench.tell(Msg::Attempt {
        id: row.id,
        result: Ok(Box::new(attempt(row))),
    });

    assert_eq!(bench.asks(), [Ask::LoadAttempt(AttemptId(1201))]);
}

/// F66: the same time of day twice, told apart by its distance from UTC.
#[test]
fn the_detail_of_an_attempt_shows_the_offset_of_its_hour() {
    let mut bench = at_work();
    let rule = "GMT0BST,M3.5.0/1,M10.5.0/2";
    bench.model.shared.settings.zone = jiff::tz::TimeZone::posix(rule).unwrap();
    for (at, shown) in [
        ("2026-10-25T00:30:00Z", "25 Oct 2026 01:30:00 +01:00"),
        ("2026-10-25T01:30:00Z", "25 Oct 2026 01:30:00 +00:00"),
    ] {
        let id = bench.model.detail.wanted.unwrap();
        let mut row = bench.model.log.lines[0].row.clone();
        (row.id, row.at) = (id, at.parse().unwrap());

        bench.tell(Msg::Attempt {
            id,
            result: Ok(Box::new(crate::tui::testing::attempt(row))),
        });

        let lines: Vec<_> = bench
            .model
            .detail
            .lines
            .iter()
            .map(crate::tui::ui::text::RichLine::text)
            .collect();
        assert!(lines.iter().any(|line| line.contains(shown)), "{lines:?}");
    }
}

#[test]
fn an_attempt_that_cannot_be_read_is_not_asked_for_without_end() {
    let mut bench = at_work();
    bench.press("F3 Down");
    assert_eq!(bench.asks(), [Ask::LoadAttempt(AttemptId(1203))]);

    bench.tell(Msg::Attempt {
        id: AttemptId(1203),
        result: Err(failure("cannot read the ledger")),
    });

    assert_eq!(bench.asks(), []);
    assert!(bench.toast().contains("cannot read the ledger"));
}

#[test]
fn many_changes_of_the_ledger_make_one_question_at_a_time() {
    let mut bench = at_work();
    for _ in 0..50 {
        bench.tell(Msg::LedgerChanged);
    }

    let pages = |asks: Vec<Ask>| {
        asks.iter()
            .filter(|a| matches!(a, Ask::LoadLog { .. }))
            .count()
    };
    assert_eq!(pages(bench.asks()), 1);
    let ticket = bench.model.log.ticket;
    bench.tell(Msg::Log {
        ticket,
        result: Ok(LogPage {
            rows: rows(),
            has_more: false,
            total: None,
        }),
    });
    assert_eq!(pages(bench.asks()), 1);
}

#[test]
fn a_late_page_of_an_old_search_is_dropped() {
    let mut bench = at_work();
    bench.press("F3 /").type_text("ad");
    let old = bench.model.log.ticket;
    bench.type_text("a");

    bench.tell(Msg::Log {
        ticket: old,
        result: Ok(LogPage {
            rows: Vec::new(),
            has_more: false,
            total: Some(0),
        }),
    });

    assert_eq!(bench.model.log.lines.len(), 4);
    assert!(bench.model.log.is_outdated);
}

#[test]
fn the_filter_is_applied_and_esc_shows_everything_again() {
    let mut bench = at_work();
    bench
        .press("F3 f Down Down")
        .type_text("2h")
        .press("Down")
        .type_text("limit_exceeded");
    bench.press("Enter");

    let filter = &bench.model.log.filter;
    assert_eq!(filter.code.as_deref(), Some("LIMIT_EXCEEDED"));
    assert!(filter.since.is_some());
    bench.press("Esc");
    assert!(!bench.model.log.is_filtered());
    assert_eq!(bench.model.log.filter.profile, bench.model.shared.active);
}

#[test]
fn the_job_is_asked_for_when_its_tab_is_opened() {
    let mut bench = at_work();
    bench.press("F3 F3");
    assert!(bench.asks().is_empty());

    bench.press("h");

    assert!(matches!(bench.asks().as_slice(), [Ask::LoadJob { .. }]));
}

#[test]
fn a_copy_as_curl_has_no_token() {
    let mut bench = at_work();
    bench.press("F3 y Enter");

    match bench.effects.as_slice() {
        [Effect::Copy { text, what }] => {
            assert!(text.contains("__zia_people_enrichment") && text.contains("$ZIADECK_TOKEN"));
            assert_eq!(what, "the request as curl");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attempt_that_was_settled_elsewhere_is_shown_as_it_is_now() {
    let mut bench = at_work();
    bench.press("F3 Down Down");
    bench.answer_all(1_012);
    let shown = bench.model.detail.attempt.as_ref().unwrap().row.clone();
    assert_eq!(shown.outcome, Outcome::Unknown);

    bench.tell(Msg::LedgerChanged);
    let mut settled = rows();
    settled[2].outcome = Outcome::Scheduled;
    let ticket = bench.model.log.ticket;
    bench.effects.clear();
    bench.tell(Msg::Log {
        ticket,
        result: Ok(LogPage {
            rows: settled,
            has_more: false,
            total: None,
        }),
    });

    assert_eq!(bench.asks(), [Ask::LoadAttempt(shown.id)]);
}

#[test]
fn a_held_key_asks_for_no_detail_but_that_of_the_row_it_rests_on() {
    let mut bench = at_work();
    bench.press("F3 Down");
    let second = bench.model.log.lines[1].row.id;
    assert!(matches!(bench.asks().as_slice(), [Ask::LoadAttempt(id)] if *id == second));
    let row = rows().remove(1);
    bench.tell(Msg::Attempt {
        id: second,
        result: Ok(Box::new(attempt(row))),
    });
    bench.answer_all(1_012);

    for _ in 0..2 {
        bench.env.uptime += Duration::from_millis(33);
        bench.key("Down");
    }
    assert!(bench.asks().is_empty());
    bench.model.compose.look_at = None;
    let rests_at = next_wakeup(&bench.model).unwrap();
    assert!(rests_at > bench.env.uptime);

    bench.env.uptime = rests_at;
    bench.tell(Msg::Tick);
    let fourth = bench.model.log.lines[3].row.id;
    assert!(matches!(bench.asks().as_slice(), [Ask::LoadAttempt(id)] if *id == fourth));
    assert_ne!(next_wakeup(&bench.model), Some(rests_at));
}

#[test]
fn opening_the_detail_does_not_wait_for_the_selection_to_rest() {
    let mut bench = at_work();
    bench.press("F3 Down");
    bench.answer_all(1_012);
    bench.env.uptime += Duration::from_millis(33);
    bench.key("Down");

    bench.key("Enter");

    assert_eq!(shown(&bench), line(&bench, 2));
}

fn line(bench: &Bench, index: usize) -> Option<AttemptId> {
    Some(bench.model.log.lines[index].row.id)
}

fn shown(bench: &Bench) -> Option<AttemptId> {
    bench.model.detail.attempt.as_ref().map(|a| a.row.id)
}

#[test]
fn the_next_step_through_the_log_has_its_detail_at_once() {
    let mut bench = at_work();
    bench.press("F3 Down");
    bench.answer_all(1_012);

    bench.press("Down");
    assert_eq!(shown(&bench), line(&bench, 2));
    bench.answer_all(1_012);
    bench.press("Up");
    assert_eq!(shown(&bench), line(&bench, 1));

    assert!(bench.model.detail.near.len() <= 2);
}

#[test]
fn what_was_read_ahead_is_not_shown_after_a_write_to_the_ledger() {
    let mut bench = at_work();
    bench.press("F3 Down");
    bench.answer_all(1_012);

    bench.tell(Msg::LedgerChanged);
    bench.effects.clear();
    bench.press("Down");

    assert_eq!(shown(&bench), line(&bench, 1));
    let third = bench.model.log.lines[2].row.id;
    assert_eq!(bench.asks(), [Ask::LoadAttempt(third)]);
}

#[test]
fn reading_ahead_ends_where_it_fails() {
    let mut bench = at_work();
    bench.press("F3 Down");
    let second = bench.model.log.lines[1].row.clone();
    bench.effects.clear();
    bench.tell(Msg::Attempt {
        id: second.id,
        result: Ok(Box::new(attempt(second))),
    });
    let third = bench.model.log.lines[2].row.id;
    assert_eq!(bench.asks(), [Ask::LoadAttempt(third)]);

    bench.tell(Msg::Attempt {
        id: third,
        result: Err(Failure::new("the ledger cannot be read".to_owned(), "")),
    });

    assert!(bench.asks().is_empty());
}

#[test]
fn what_was_read_ahead_draws_no_frame() {
    let mut bench = at_work();
    bench.press("F3 Down");
    let second = bench.model.log.lines[1].row.clone();
    bench.tell(Msg::Attempt {
        id: second.id,
        result: Ok(Box::new(attempt(second))),
    });
    let third = bench.model.log.lines[2].row.clone();
    let ahead = Effect::AskLater(Ask::LoadAttempt(third.id));
    assert_eq!(bench.effects.last(), Some(&ahead));
    bench.model.is_dirty = false;

    let id = third.id;
    bench.tell(Msg::Attempt {
        id,
        result: Ok(Box::new(attempt(third))),
    });

    assert!(!bench.model.is_dirty);
    assert!(bench.model.detail.near.iter().any(|held| held.row.id == id));
}
