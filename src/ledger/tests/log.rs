//! Filters and search of the live log.

use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;

use super::fixture::{Place, attempt, scheduled, send};
use crate::base::{AttemptId, EnrichmentKind, Outcome, ProfileName, Timestamp};
use crate::ledger::{Ledger, LogQuery, NewAttempt, PageCursor, Settlement};

/// Twelve attempts: three profiles, two kinds, four outcomes, an hour apart.
async fn filled(place: &Place) -> Ledger {
    let ledger = place.open();
    for n in 1..=12_i64 {
        let mut new = attempt(&ledger, &format!("person{n}"));
        let profile = ["us-prod", "us-sandbox", "in-prod"][usize::try_from(n % 3).unwrap()];
        new.profile = profile.parse().unwrap();
        if n % 2 == 0 {
            new.kind = EnrichmentKind::Org;
        }
        let id = send(&ledger, new).await;
        let answer = match n % 4 {
            0 => scheduled(&format!("{}", 7_000 + n)),
            1 => Settlement {
                code: Some("INVALID_DATA".to_owned()),
                message: Some("the name is too short".to_owned()),
                ..Settlement::bare(Outcome::Rejected)
            },
            2 => Settlement::bare(Outcome::Unknown),
            _ => Settlement::bare(Outcome::NotSent),
        };
        ledger.settle(id, answer).await.unwrap();
        place.clock.advance(Duration::from_secs(3_600));
    }
    ledger
}

fn ids(query: LogQuery) -> Vec<i64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let place = Place::new();
        let ledger = filled(&place).await;
        let page = ledger.page(LogQuery { rows: 50, ..query }).await.unwrap();
        page.rows.iter().map(|row| row.id.0).collect()
    })
}

fn profiles(names: &[&str]) -> Vec<ProfileName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn hour(n: i64) -> Timestamp {
    let start: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    Timestamp::from_second(start.as_second() + n * 3_600).unwrap()
}

#[rstest]
#[case::all(LogQuery::default(), &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])]
#[case::profile(LogQuery { profiles: profiles(&["in-prod"]), ..LogQuery::default() }, &[11, 8, 5, 2])]
#[case::profiles(
    LogQuery { profiles: profiles(&["in-prod", "us-prod", "in-prod"]), ..LogQuery::default() },
    &[12, 11, 9, 8, 6, 5, 3, 2])]
#[case::outcome(LogQuery { outcomes: vec![Outcome::Unknown], ..LogQuery::default() }, &[10, 6, 2])]
#[case::both(
    LogQuery {
        profiles: profiles(&["us-prod", "in-prod"]),
        outcomes: vec![Outcome::Unknown, Outcome::Scheduled],
        ..LogQuery::default()
    },
    &[12, 8, 6, 2])]
#[case::code(LogQuery { code: Some("INVALID_DATA".to_owned()), ..LogQuery::default() }, &[9, 5, 1])]
#[case::code_and_profile(
    LogQuery {
        code: Some("INVALID_DATA".to_owned()),
        profiles: profiles(&["us-prod"]),
        ..LogQuery::default()
    },
    &[9])]
#[case::kind(LogQuery { kind: Some(EnrichmentKind::Org), ..LogQuery::default() }, &[12, 10, 8, 6, 4, 2])]
#[case::since(LogQuery { since: Some(hour(9)), ..LogQuery::default() }, &[12, 11, 10])]
#[case::until(LogQuery { until: Some(hour(2)), ..LogQuery::default() }, &[2, 1])]
#[case::between(LogQuery { since: Some(hour(3)), until: Some(hour(5)), ..LogQuery::default() }, &[5, 4])]
#[case::future(LogQuery { since: Some(hour(1_000)), ..LogQuery::default() }, &[])]
#[case::past(LogQuery { until: Some(hour(-1_000)), ..LogQuery::default() }, &[])]
#[case::operator(LogQuery { operator: Some("eve".to_owned()), ..LogQuery::default() }, &[])]
#[case::word(LogQuery { search: Some("too short".to_owned()), ..LogQuery::default() }, &[9, 5, 1])]
#[case::email(LogQuery { search: Some("person4@acme.io".to_owned()), ..LogQuery::default() }, &[4])]
#[case::job(LogQuery { search: Some("7008".to_owned()), ..LogQuery::default() }, &[8])]
#[case::prefix(LogQuery { search: Some("person1".to_owned()), ..LogQuery::default() }, &[12, 11, 10, 1])]
#[case::word_and_outcome(
    LogQuery {
        search: Some("leads".to_owned()),
        outcomes: vec![Outcome::Scheduled],
        place: PageCursor::OlderThan(AttemptId(12)),
        ..LogQuery::default()
    },
    &[8, 4])]
#[case::no_word(LogQuery { search: Some(" * ".to_owned()), ..LogQuery::default() },
    &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])]
fn a_filter_shows_what_it_says(#[case] query: LogQuery, #[case] expected: &[i64]) {
    assert_eq!(ids(query), expected);
}

/// The index is written before the request goes out, and again with its answer.
#[rstest]
#[case::input("grace@acme.io")]
#[case::module("Contacts")]
#[case::record("5725767000000411001")]
#[tokio::test]
async fn an_attempt_is_found_by_what_was_sent_on_its_way_and_afterwards(#[case] word: &str) {
    let place = Place::new();
    let ledger = place.open();
    send(&ledger, attempt(&ledger, "ada")).await;
    let new = NewAttempt {
        module: "Contacts".to_owned(),
        record_id: Some("5725767000000411001".to_owned()),
        ..attempt(&ledger, "grace")
    };
    let id = send(&ledger, new).await;
    let found = async || {
        let query = LogQuery {
            search: Some(word.to_owned()),
            rows: 9,
            ..LogQuery::default()
        };
        let page = ledger.page(query).await.unwrap();
        page.rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(found().await, [id], "on its way");

    let unknown = Settlement::bare(Outcome::Unknown);
    ledger.settle(id, unknown).await.unwrap();

    assert_eq!(found().await, [id], "unknown");
}

#[tokio::test]
async fn a_clock_that_jumped_hides_nothing() {
    let place = Place::new();
    let ledger = place.open();
    let _ = send(&ledger, attempt(&ledger, "before")).await;
    place.clock.set_wall(hour(-24 * 30));
    let jumped = send(&ledger, attempt(&ledger, "jumped")).await;
    place.clock.set_wall(hour(1));
    let _ = send(&ledger, attempt(&ledger, "after")).await;

    let query = LogQuery {
        until: Some(hour(-24)),
        rows: 9,
        ..LogQuery::default()
    };
    let page = ledger.page(query).await.unwrap();

    assert_eq!(
        page.rows.iter().map(|row| row.id).collect::<Vec<_>>(),
        [jumped]
    );
}

/// F66: the 25th of October 2026 has 25 hours in London and 24 in the ledger.
#[tokio::test]
async fn the_hour_that_happens_twice_is_counted_once_for_each_attempt() {
    let place = Place::new();
    let ledger = place.open();
    let at = |time: &str| {
        format!("2026-10-25T{time}:00Z")
            .parse::<Timestamp>()
            .unwrap()
    };
    let mut sent = Vec::new();
    for time in ["00:30", "00:59", "01:00", "01:30"] {
        place.clock.set_wall(at(time));
        sent.push(send(&ledger, attempt(&ledger, time)).await);
    }

    let since = LogQuery {
        since: Some(at("01:00")),
        rows: 9,
        ..LogQuery::default()
    };
    let all = LogQuery {
        rows: 9,
        ..LogQuery::default()
    };
    let ids = async |query| -> Vec<AttemptId> {
        let page = ledger.page(query).await.unwrap();
        page.rows.iter().map(|row| row.id).collect()
    };
    let (since, all) = (ids(since).await, ids(all).await);
    let day = at("00:00").as_second() / 86_400;
    let scope = super::fixture::scope();
    let days = ledger
        .days(scope, EnrichmentKind::People, day)
        .await
        .unwrap();

    sent.reverse();
    assert_eq!(all, sent);
    assert_eq!(since, sent[..2]);
    assert_eq!((days.len(), days[0].day, days[0].mine), (1, day, 4));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn hostile_searches_are_only_text(typed in "[\"'*():^+\\-{}a-z \\x00é%_]{0,24}") {
        let _ = ids(LogQuery { search: Some(typed), ..LogQuery::default() });
    }
}

/// Whatever else is asked for, a search starts from its index, and without one the newest rows are
/// walked: nothing is sorted, and no index is asked about every attempt of a large ledger.
#[tokio::test]
async fn every_way_to_narrow_the_log_walks_one_index_from_its_newest_row() {
    let place = Place::new();
    let ledger = filled(&place).await;
    let conn = place.sql();
    for mask in 0..64_u32 {
        let has = |bit: u32| mask & (1 << bit) != 0;
        let query = LogQuery {
            search: has(0).then(|| "person".to_owned()),
            profiles: if has(1) {
                vec!["us-prod".parse().unwrap()]
            } else {
                Vec::new()
            },
            outcomes: if has(2) {
                vec![Outcome::Unknown, Outcome::Rejected]
            } else {
                Vec::new()
            },
            code: has(3).then(|| "INVALID_DATA".to_owned()),
            kind: has(4).then_some(EnrichmentKind::Org),
            operator: has(5).then(|| "ada".to_owned()),
            ..LogQuery::default()
        };

        let plan = crate::ledger::page::plan(&conn, &query);

        let first = if has(0) { "SCAN search" } else { "S" };
        assert!(plan[0].starts_with(first), "{query:?} {plan:?}");
        assert!(
            !plan.iter().any(|step| step.contains("TEMP B-TREE")),
            "{query:?} {plan:?}"
        );
    }
    drop(ledger);
}
