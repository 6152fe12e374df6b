use std::sync::Arc;

use rstest::rstest;

use super::*;
use crate::base::{EnrichmentKind, Outcome};
use crate::enrichment::usage::LimitSource;
use crate::tui::app::msg::Msg;
use crate::tui::app::op::{OpId, Payload};
use crate::tui::app::state::next_wakeup;
use crate::tui::data::usage::Day;
use crate::tui::testing::usage::{at_usage, sheet};
use crate::tui::testing::{Harness, usage};

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn is_server(op: &Op) -> bool {
    matches!(
        op,
        Op::LoadUsage {
            from: Freshness::Server,
            ..
        }
    )
}

fn server_asks(harness: &mut Harness) -> usize {
    harness.ops().iter().filter(|op| is_server(op)).count()
}

/// Lets time pass; the server answers with the same number each time. Counts its calls.
fn pass(harness: &mut Harness, until: Duration) -> usize {
    let mut calls = 0;
    while let Some(at) = next_wakeup(&harness.app).filter(|at| *at <= until) {
        harness.env.uptime = harness.env.uptime.max(at);
        harness.tell(Msg::Tick);
        if server_asks(harness) > 0 {
            calls += 1;
            let mut figures = usage(1_012);
            let seconds = i64::try_from(harness.env.uptime.as_secs()).unwrap();
            figures.usage.at = jiff::Timestamp::from_second(1_795_000_000 + seconds).ok();
            harness.reply(Payload::LoadUsage(figures));
        }
    }
    harness.env.uptime = until;
    calls
}

#[test]
fn the_ledgers_figures_are_there_at_once() {
    let mut harness = Harness::at_work(120, 40);

    harness.press("Esc 4");

    assert!(matches!(harness.ops().last(), Some(Op::LoadUsageSheet(_))));
}

#[test]
fn while_it_is_shown_the_server_is_asked_with_growing_waits() {
    let mut harness = at_usage(120, 40, sheet(1_012));

    // 1 at once, then after 2, 4, 8 and each 10 minutes.
    assert_eq!(pass(&mut harness, secs(3_600)), 8);

    harness.press("1");
    assert_eq!(pass(&mut harness, secs(7_200)), 0);
}

#[test]
fn a_question_that_failed_is_asked_again_later_and_said_to_be_over() {
    let mut harness = at_usage(120, 40, sheet(1_012));
    harness.tell(Msg::Tick);
    assert!(harness.app.shared.is_usage_asked());
    let mut figures = usage(1_012);
    figures.note = Some("the server cannot be reached".to_owned());

    harness.reply(Payload::LoadUsage(figures));

    assert!(!harness.app.shared.is_usage_asked());
    assert!(!harness.app.screens.usage.poll.is_asked());
    assert!(next_wakeup(&harness.app).is_some());
}

#[test]
fn an_answer_that_comes_while_another_screen_is_shown_ends_the_question() {
    let mut harness = at_usage(120, 40, sheet(1_012));
    harness.tell(Msg::Tick);
    harness.press("1");
    harness.reply(Payload::LoadUsage(usage(1_012)));
    assert_eq!(server_asks(&mut harness), 1);

    harness.press("4");

    let until = harness.env.uptime + secs(61);
    assert_eq!(pass(&mut harness, until), 1);
}

#[test]
fn a_commit_to_the_ledger_is_read_once_however_often_it_is_told() {
    let mut harness = at_usage(120, 40, sheet(1_012));

    for _ in 0..3 {
        harness.tell(Msg::LedgerChanged);
    }

    let ops = harness.ops();
    let reads = |ops: &[Op]| {
        let is_read = |op: &&Op| matches!(op, Op::LoadUsageSheet(_));
        ops.iter().filter(is_read).count()
    };
    assert_eq!(reads(&ops), 1);
    harness.reply(Payload::LoadUsageSheet(sheet(1_013)));
    assert_eq!(reads(&harness.ops()), 1);
    assert!(harness.text().contains("1,013 of 1,500 used"));
}

#[test]
fn the_other_kind_is_counted_apart() {
    let mut harness = at_usage(120, 40, sheet(1_012));

    harness.press("p");

    let is_org = |op: &Op| match op {
        Op::LoadUsageSheet(scope) => scope.kind == EnrichmentKind::Org,
        _ => false,
    };
    assert!(harness.ops().iter().any(is_org));
    let text = harness.text();
    assert!(text.contains("not known yet"), "{text}");
    assert!(!text.contains("1,012 of 1,500"), "{text}");
}

#[test]
fn an_answer_for_another_kind_is_dropped() {
    let mut harness = at_usage(120, 40, sheet(1_012));
    harness.press("p");
    let is_open = |(_, op): &&(OpId, Arc<Op>)| matches!(**op, Op::LoadUsageSheet(_));
    let (id, op) = harness.open.iter().rfind(is_open).cloned().unwrap();
    harness.press("p");
    harness.reply(Payload::LoadUsageSheet(sheet(1_012)));

    let late = Ok(Payload::LoadUsageSheet(sheet(3)));
    harness.tell(Msg::Reply(Box::new(Reply::new(id, op, late))));

    assert!(harness.text().contains("1,012 of 1,500 used"));
}

#[rstest]
#[case(1_100, "1,100 of 1,500 used · 73 %", "")]
#[case(1_200, "1,200 of 1,500 used · 80 %", "! past 80 %")]
#[case(
    1_425,
    "1,425 of 1,500 used · 95 %",
    "!! past 95 %: sending asks first"
)]
#[case(
    1_500,
    "1,500 of 1,500 used · 100 %",
    "FULL: sending needs a typed override"
)]
fn the_level_is_said_in_words(#[case] used: u64, #[case] numbers: &str, #[case] warning: &str) {
    let text = at_usage(120, 40, sheet(used)).text();

    assert!(text.contains(numbers), "{text}");
    assert!(text.contains(warning), "{text}");
    assert_eq!(text.contains("past"), warning.contains("past"), "{text}");
}

#[test]
fn a_learned_limit_says_where_it_comes_from_and_what_was_configured() {
    let mut learned = sheet(1_012);
    learned.usage.limit = 15_000;
    let at = "2026-11-24T13:02:00Z".parse().unwrap();
    learned.learned = Some((15_000, LimitSource::Details, at));

    let text = at_usage(120, 40, learned).text();

    let expected = "limit 15,000 learned from LIMIT_EXCEEDED, 1 h ago · configured 1,500";
    assert!(text.contains(expected), "{text}");
    let text = at_usage(120, 40, sheet(1_012)).text();
    assert!(text.contains("limit 1,500 as configured"), "{text}");
}

#[test]
fn the_day_it_runs_out_is_told_only_when_the_pace_means_something() {
    let text = at_usage(120, 40, sheet(1_012)).text();
    assert!(
        text.contains("it runs out about 12 Dec 2026, in 18 days"),
        "{text}"
    );

    let mut young = sheet(1_012);
    young.pace = None;
    let text = at_usage(120, 40, young).text();
    assert!(text.contains("no pace yet"), "{text}");
    assert!(!text.contains("runs out"), "{text}");

    let text = at_usage(120, 40, sheet(1_500)).text();
    assert!(!text.contains("runs out"), "{text}");
}

#[test]
fn everybody_who_spent_is_named_and_the_rest_is_not_hidden() {
    let text = at_usage(120, 40, sheet(1_012)).text();

    for part in [
        "ada, here",
        "Grace Hopper",
        "without a name",
        "not attributed",
        "unknown                    2",
        "reconcile settles what is unknown",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn ninety_days_reach_further_back() {
    let mut harness = at_usage(120, 40, sheet(1_012));
    assert!(harness.text().contains("26 Oct"));

    harness.press("d");

    let text = harness.text();
    assert!(
        text.contains("90 days") && text.contains("27 Aug"),
        "{text}"
    );
}

#[test]
fn a_ledger_without_history_says_so() {
    let mut empty = sheet(0);
    empty.days = vec![Day::default(); 90];
    empty.mine_by.clear();
    empty.others_by.clear();
    empty.pace = None;
    empty.usage.used = 0;
    empty.usage.unknown = 0;

    let text = at_usage(120, 40, empty).text();

    assert!(
        text.contains("nothing was spent in these 30 days"),
        "{text}"
    );
    assert!(text.contains("nobody has spent anything yet"), "{text}");
}

#[test]
fn on_a_small_screen_everything_can_be_scrolled_to() {
    let mut harness = at_usage(80, 24, sheet(1_012));
    assert!(!harness.text().contains("Who spent what"));

    harness.press("G");

    assert!(harness.text().contains("Who spent what"));
    harness.press("g");
    assert!(harness.text().contains("1,012 of 1,500 used"));
}

#[test]
fn ages_grow_while_nothing_else_happens() {
    let mut harness = at_usage(120, 40, sheet(1_012));
    assert!(harness.text().contains("3 min ago"));

    harness.env.now = "2026-11-24T14:09:12Z".parse().unwrap();
    harness.env.uptime = secs(421);
    harness.tell(Msg::Tick);

    assert!(harness.text().contains("10 min ago"));
}

#[test]
fn the_shares_of_the_outcomes_come_with_their_words() {
    let mut one = sheet(1_012);
    one.days = vec![Day::default(); 90];
    one.days[89].outcomes.insert(Outcome::Scheduled, 3);
    one.days[89].outcomes.insert(Outcome::Rejected, 1);

    let text = at_usage(120, 40, one).text();

    let line = |word: &str, share: &str| {
        text.lines()
            .any(|line| line.contains(word) && line.contains(share))
    };
    assert!(
        line("scheduled", "75 %") && line("rejected", "25 %"),
        "{text}"
    );
}

// ---- the screen

#[rstest]
#[case("usage_120x40", 120, 40, 1_012)]
#[case("usage_80x24", 80, 24, 1_430)]
#[case("usage_60x15", 60, 15, 1_012)]
fn the_screen(#[case] name: &str, #[case] width: u16, #[case] height: u16, #[case] used: u64) {
    let harness = at_usage(width, height, sheet(used));

    harness.is_as_before(name);
}

#[test]
fn every_size_can_be_drawn() {
    for (width, height) in [(1, 1), (60, 15), (99, 60), (100, 23), (500, 200)] {
        for keys in ["d", "G", "?"] {
            let mut harness = at_usage(width, height, sheet(1_012));
            harness.press(keys);
            harness.text();
        }
    }
}
