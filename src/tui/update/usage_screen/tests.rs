use rstest::rstest;

use super::*;
use crate::base::{EnrichmentKind, Outcome};
use crate::enrichment::usage::LimitSource;
use crate::tui::model::usage_screen::{Day, Span};
use crate::tui::msg::Msg;
use crate::tui::testing::usage::{at_usage, sheet};
use crate::tui::testing::{Bench, usage};

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn tell_number(bench: &mut Bench, figures: UsageFigures) {
    bench.tell(Msg::Usage {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(figures)),
    });
}

fn server_asks(bench: &mut Bench) -> usize {
    let is_server = |ask: &Ask| {
        matches!(
            ask,
            Ask::LoadUsage {
                freshness: Freshness::Server,
                ..
            }
        )
    };
    bench.asks().iter().filter(|ask| is_server(ask)).count()
}

/// Lets time pass; the server answers with the same number each time. Counts its calls.
fn pass(bench: &mut Bench, until: Duration) -> usize {
    let mut calls = 0;
    while let Some(at) = crate::tui::update::next_wakeup(&bench.model).filter(|at| *at <= until) {
        bench.env.uptime = bench.env.uptime.max(at);
        bench.tell(Msg::Tick);
        if server_asks(bench) > 0 {
            calls += 1;
            let mut figures = usage(1_012);
            let seconds = i64::try_from(bench.env.uptime.as_secs()).unwrap();
            figures.usage.at = jiff::Timestamp::from_second(1_795_000_000 + seconds).ok();
            tell_number(bench, figures);
        }
    }
    bench.env.uptime = until;
    calls
}

#[test]
fn the_ledgers_figures_are_there_at_once() {
    let mut bench = Bench::at_work(120, 40);

    bench.press("Esc 4");

    assert!(matches!(
        bench.asks().last(),
        Some(Ask::LoadUsageSheet { .. })
    ));
}

#[test]
fn while_it_is_shown_the_server_is_asked_with_growing_waits() {
    let mut bench = at_usage(120, 40, sheet(1_012));

    // 1 at once, then after 2, 4, 8 and each 10 minutes.
    assert_eq!(pass(&mut bench, secs(3_600)), 8);

    bench.press("1");
    assert_eq!(pass(&mut bench, secs(7_200)), 0);
}

#[test]
fn a_question_that_failed_is_asked_again_later_and_said_to_be_over() {
    let mut bench = at_usage(120, 40, sheet(1_012));
    bench.tell(Msg::Tick);
    assert!(bench.model.shared.is_usage_asked);
    let mut figures = usage(1_012);
    figures.note = Some("the server cannot be reached".to_owned());

    tell_number(&mut bench, figures);

    assert!(!bench.model.shared.is_usage_asked);
    assert!(!bench.model.usage_screen.poll.is_asked());
    assert!(next_wakeup(&bench.model).is_some());
}

#[test]
fn a_commit_to_the_ledger_is_read_once_however_often_it_is_told() {
    let mut bench = at_usage(120, 40, sheet(1_012));

    for _ in 0..3 {
        bench.tell(Msg::LedgerChanged);
    }

    let asks = bench.asks();
    let reads = |asks: &[Ask]| {
        let is_read = |ask: &&Ask| matches!(ask, Ask::LoadUsageSheet { .. });
        asks.iter().filter(is_read).count()
    };
    assert_eq!(reads(&asks), 1);
    bench.tell(Msg::UsageSheet {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(sheet(1_013))),
    });
    assert_eq!(reads(&bench.asks()), 1);
    assert!(bench.text().contains("1,013 of 1,500 used"));
}

#[test]
fn the_other_kind_is_counted_apart() {
    let mut bench = at_usage(120, 40, sheet(1_012));

    bench.press("p");

    assert!(bench.model.usage_screen.sheet.is_none());
    assert!(bench.asks().iter().any(|ask| matches!(
        ask,
        Ask::LoadUsageSheet {
            kind: EnrichmentKind::Org,
            ..
        }
    )));
    assert!(!bench.text().contains("1,012 of 1,500"));
}

#[test]
fn an_answer_for_another_kind_is_dropped() {
    let mut bench = at_usage(120, 40, sheet(1_012));

    bench.tell(Msg::UsageSheet {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::Org,
        result: Ok(Box::new(sheet(3))),
    });

    assert!(bench.text().contains("1,012 of 1,500 used"));
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
    let mut bench = at_usage(120, 40, sheet(1_012));
    assert!(bench.text().contains("26 Oct"));

    bench.press("d");

    assert_eq!(bench.model.usage_screen.span, Span::Quarter);
    let text = bench.text();
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
    let mut bench = at_usage(80, 24, sheet(1_012));
    assert!(!bench.text().contains("Who spent what"));

    bench.press("G");

    assert!(bench.text().contains("Who spent what"));
    bench.press("g");
    assert!(bench.text().contains("1,012 of 1,500 used"));
}

#[test]
fn ages_grow_while_nothing_else_happens() {
    let mut bench = at_usage(120, 40, sheet(1_012));
    assert!(bench.text().contains("3 min ago"));

    bench.env.now = "2026-11-24T14:09:12Z".parse().unwrap();
    bench.env.uptime = secs(421);
    bench.tell(Msg::Tick);

    assert!(bench.text().contains("10 min ago"));
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
