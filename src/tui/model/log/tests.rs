use super::*;
use crate::base::{DataCenter, EnrichmentKind};
use proptest::prelude::*;

fn row(id: i64) -> LogRow {
    LogRow {
        id: AttemptId(id),
        at: "2026-11-24T14:02:11Z".parse().unwrap(),
        profile: "us-prod".parse().unwrap(),
        data_center: DataCenter::Us,
        kind: EnrichmentKind::People,
        module: "Leads".to_owned(),
        outcome: Outcome::Scheduled,
        http_status: Some(202),
        code: Some("SCHEDULED".to_owned()),
        message: None,
        job_id: Some("5725767000003019012".parse().unwrap()),
        latency: Some(std::time::Duration::from_millis(142)),
        inputs: vec![
            ("name".to_owned(), "Ada".to_owned()),
            ("email".to_owned(), "ada@acme.io".to_owned()),
        ],
        operator: "ada".to_owned(),
        is_late: false,
    }
}

fn page(ids: impl IntoIterator<Item = i64>, has_more: bool) -> LogPage {
    LogPage {
        rows: ids.into_iter().map(row).collect(),
        has_more,
        total: None,
    }
}

fn now() -> Timestamp {
    "2026-11-24T15:00:00Z".parse().unwrap()
}

fn ids(log: &Log) -> Vec<i64> {
    log.lines.iter().map(|line| line.row.id.0).collect()
}

#[test]
fn a_row_shows_the_job_the_latency_and_the_person() {
    let line = LogLine::of(row(1), now(), &TimeZone::UTC);

    assert_eq!(
        (
            line.time.as_str(),
            line.what.as_str(),
            line.latency.as_str(),
            line.who.as_str()
        ),
        ("14:02:11", "…3019012", "142 ms", "ada@acme.io")
    );
}

#[test]
fn another_day_is_named() {
    let tomorrow = "2026-11-25T15:00:00Z".parse().unwrap();

    assert_eq!(
        LogLine::of(row(1), tomorrow, &TimeZone::UTC).time,
        "24 Nov  "
    );
}

#[test]
fn a_newest_page_joins_what_is_held() {
    let mut log = Log::default();
    log.take_newest(page([5, 4, 3], true), now(), &TimeZone::UTC, 10);
    log.take_older(page([2, 1], false), now(), &TimeZone::UTC);

    log.take_newest(page([7, 6, 5], true), now(), &TimeZone::UTC, 10);

    assert_eq!(ids(&log), [7, 6, 5, 4, 3, 2, 1]);
    assert!(!log.has_more);
}

#[test]
fn a_gap_is_never_papered_over() {
    let mut log = Log::default();
    log.take_newest(page([3, 2, 1], false), now(), &TimeZone::UTC, 10);

    log.take_newest(page([99, 98], true), now(), &TimeZone::UTC, 10);

    assert_eq!(ids(&log), [99, 98]);
    assert!(log.has_more);
}

#[test]
fn the_log_follows_at_the_top_and_stays_put_elsewhere() {
    let mut log = Log::default();
    log.take_newest(page((1..=30).rev(), false), now(), &TimeZone::UTC, 10);
    log.put(row(31), now(), &TimeZone::UTC);
    assert_eq!(log.selected().unwrap().row.id, AttemptId(31));

    log.view.select(12, log.lines.len(), 10);
    let (before, offset) = (log.selected().unwrap().row.id, log.view.offset);
    log.put(row(32), now(), &TimeZone::UTC);

    assert_eq!(log.selected().unwrap().row.id, before);
    assert_eq!(log.view.offset, offset + 1);
}

#[test]
fn a_settled_row_replaces_itself() {
    let mut log = Log::default();
    log.put(row(1), now(), &TimeZone::UTC);
    let mut settled = row(1);
    settled.outcome = Outcome::Unknown;

    assert!(log.put(settled, now(), &TimeZone::UTC));

    assert_eq!(ids(&log), [1]);
    assert_eq!(log.lines[0].row.outcome, Outcome::Unknown);
}

proptest! {
    #[test]
    fn pages_never_make_a_gap_a_duplicate_or_lose_the_selection(
        sizes in proptest::collection::vec((0i64..8, 1usize..6), 1..20), at in 0usize..20
    ) {
        let mut log = Log::default();
        let mut newest = 0i64;
        for (grown, page_rows) in sizes {
            newest += grown;
            let low = (newest - i64::try_from(page_rows).unwrap()).max(0);
            let selected = log.selected().map(|line| line.row.id);
            let followed = log.follows();
            log.take_newest(
                page((low + 1..=newest).rev(), low > 0), now(), &TimeZone::UTC, 4,
            );
            let held = ids(&log);
            prop_assert!(held.windows(2).all(|pair| pair[0] == pair[1] + 1), "{held:?}");
            if !followed && held.contains(&selected.unwrap().0) {
                prop_assert_eq!(log.selected().map(|line| line.row.id), selected);
            }
            log.view.select(at, log.lines.len(), 4);
        }
    }
}

/// F66: London, as a rule, so that the test needs no zone files.
fn london() -> TimeZone {
    TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0/2").unwrap()
}

#[rstest::rstest]
#[case::before_the_hour_is_left_out("2026-03-29T00:59:59Z", "2026-03-29T12:00:00Z", "00:59:59")]
#[case::after_it("2026-03-29T01:00:00Z", "2026-03-29T12:00:00Z", "02:00:00")]
#[case::the_hour_for_the_first_time("2026-10-25T00:30:00Z", "2026-10-25T12:00:00Z", "01:30:00")]
#[case::the_hour_for_the_second_time("2026-10-25T01:30:00Z", "2026-10-25T12:00:00Z", "01:30:00")]
#[case::a_day_of_25_hours_begins("2026-10-24T23:00:00Z", "2026-10-25T23:59:59Z", "00:00:00")]
#[case::a_second_before_it("2026-10-24T22:59:59Z", "2026-10-25T23:59:59Z", "24 Oct  ")]
fn the_time_of_day_is_right_around_both_changes_of_the_hour(
    #[case] at: &str,
    #[case] now: &str,
    #[case] shown: &str,
) {
    let (at, now) = (at.parse().unwrap(), now.parse().unwrap());

    assert_eq!(clock(at, now, &london()), shown);
}

#[test]
fn the_hour_that_happens_twice_keeps_the_order_of_the_numbers() {
    let mut log = Log::default();
    let now = "2026-10-25T12:00:00Z".parse().unwrap();
    let at = ["00:40", "00:50", "01:30", "01:45"];

    for (id, at) in (1..).zip(at) {
        let at = format!("2026-10-25T{at}:00Z").parse().unwrap();
        log.put(LogRow { at, ..row(id) }, now, &london());
    }

    let lines: Vec<_> = log
        .lines
        .iter()
        .map(|line| (line.row.id.0, line.time.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (4, "01:45:00"),
            (3, "01:30:00"),
            (2, "01:50:00"),
            (1, "01:40:00")
        ]
    );
}
