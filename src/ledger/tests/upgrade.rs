//! Ledgers of an older format, and of one that changes while they are opened.

use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rstest::rstest;

use super::fixture::{Place, attempt, scheduled, send, used};
use super::process::start;
use crate::base::Outcome;
use crate::ledger::migrate::{VERSION, schema};
use crate::ledger::{Access, Ledger, LedgerError, LedgerOptions, LogQuery, Upgrading};

/// Enough decisions for a hundred looks at the work.
const DECISIONS: i64 = 10_000;

/// A ledger as the version before left it: one job, and many decisions about rows.
async fn old_ledger(place: &Place) {
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.settle(id, scheduled("7")).await.unwrap();
    ledger.close().await;
    take_back(place);
    place
        .sql()
        .execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
             INSERT INTO decisions (at_ms, operator, made_by, verdict, run, row)
             SELECT 0, 'ada', 'operator', 'queued again', 1, n FROM n",
            [DECISIONS],
        )
        .unwrap();
}

fn take_back(place: &Place) {
    let sql = "DROP INDEX decisions_row; PRAGMA user_version = 1";
    place.sql().execute_batch(sql).unwrap();
}

fn version(place: &Place) -> i64 {
    let sql = place.sql();
    sql.query_row("PRAGMA user_version", (), |row| row.get(0))
        .unwrap()
}

/// All that a ledger's schema is made of.
fn made_of(sql: &rusqlite::Connection) -> Vec<String> {
    sql.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
        .unwrap()
        .query_map((), |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[tokio::test]
async fn an_older_ledger_becomes_what_a_new_one_is_and_tells_how_far_it_is() {
    let (place, new) = (Place::new(), Place::new());
    old_ledger(&place).await;
    let first = rusqlite::Connection::open_in_memory().unwrap();
    first.execute_batch(&schema(1)).unwrap();
    assert_eq!(made_of(&place.sql()), made_of(&first), "of version 1");
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = told.clone();
    let mut options = place.options();
    options.on_upgrade = Some(Arc::new(move |upgrading: Upgrading| {
        assert_eq!((upgrading.from, upgrading.to), (1, VERSION));
        sink.lock().unwrap().push(upgrading.percent);
    }));

    let (ledger, opened) = Ledger::open_blocking(options.clone()).unwrap();

    assert_eq!(opened.access, Access::Full);
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.format, report.attempts), (VERSION, 1));
    assert_eq!(used(&ledger).await, 1);
    ledger.close().await;
    new.open().close().await;
    assert_eq!(made_of(&place.sql()), made_of(&new.sql()));
    let percents = std::mem::take(&mut *told.lock().unwrap());
    assert!(
        percents.is_sorted_by(|one, next| one < next),
        "{percents:?}"
    );
    assert_eq!((percents[0], percents.last()), (0, Some(&100)));
    assert!(percents.len() > 50, "{percents:?}");
    Ledger::open_blocking(options).unwrap().0.close().await;
    assert!(told.lock().unwrap().is_empty(), "it is upgraded once");
}

#[rstest]
#[case::at_its_start(0)]
#[case::in_the_middle(50)]
#[case::before_its_commit(99)]
#[tokio::test]
async fn an_upgrade_that_is_killed_leaves_the_version_before(#[case] percent: u64) {
    let place = Place::new();
    old_ledger(&place).await;

    let ended = start("upgrade", &place.path(), percent).wait().unwrap();

    assert_eq!(ended.signal(), Some(9));
    assert_eq!(version(&place), 1);
    let first = rusqlite::Connection::open_in_memory().unwrap();
    first.execute_batch(&schema(1)).unwrap();
    assert_eq!(made_of(&place.sql()), made_of(&first));
    let looked = Ledger::inspect(place.path()).await.unwrap().unwrap();
    assert!(looked.report.is_sound(), "{looked:?}");
    assert!(!looked.report.is_current());
    let (ledger, opened) = place.try_open().unwrap();
    assert_eq!(opened.access, Access::Full);
    assert_eq!(used(&ledger).await, 1);
    assert_eq!(version(&place), VERSION);
}

#[tokio::test]
async fn a_ledger_that_another_has_open_is_read_and_upgraded_afterwards() {
    let place = Place::new();
    let other = place.open();
    take_back(&place);
    let on_its_way = send(&other, attempt(&other, "ada")).await;

    let (reading, opened) = place.try_open().unwrap();

    let Access::ReadOnly(reason) = opened.access else {
        panic!("{opened:?}");
    };
    assert_eq!(
        reason,
        "it has format 1, and gets format 2 only when no other ziadeck has it open"
    );
    let refused = reading.dispatch(attempt(&reading, "lin")).await;
    assert!(matches!(refused, Err(LedgerError::ReadOnly { .. })));
    other.settle(on_its_way, scheduled("7")).await.unwrap();
    let query = LogQuery {
        rows: 9,
        ..LogQuery::default()
    };
    let seen = reading.page(query).await.unwrap();
    assert_eq!(seen.rows[0].outcome, Outcome::Scheduled);
    assert_eq!(version(&place), 1);

    other.close().await;
    let (_ledger, opened) = place.try_open().unwrap();

    assert_eq!(opened.access, Access::Full);
    assert_eq!(version(&place), VERSION);
}

/// The one that upgrades cannot see a process that has not said yet that it lives; that process sees
/// what became of the ledger before it writes anything.
#[tokio::test]
async fn whoever_comes_while_a_newer_program_upgrades_goes_away() {
    let place = Place::new();
    place.open().close().await;
    let newer = place.sql();
    newer
        .execute_batch("BEGIN IMMEDIATE; PRAGMA user_version = 3")
        .unwrap();
    let options: LedgerOptions = place.options();
    let comes = std::thread::spawn(move || Ledger::open_blocking(options).map(drop));
    let locks = place.dir.path().join("ledger.db.d");
    let lives = || std::fs::read_dir(&locks).unwrap().count() == 1;
    tokio::time::timeout(Duration::from_secs(4), async {
        while !lives() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it has looked at the format");

    newer.execute_batch("COMMIT").unwrap();

    let refused = comes.join().unwrap().unwrap_err();
    assert!(
        matches!(refused, LedgerError::Newer { found: 3, .. }),
        "{refused}"
    );
}

/// All of them find no format, or the older one; one does the work, and the others find it done.
#[rstest]
#[case::new(None)]
#[case::older(Some(1))]
#[tokio::test]
async fn whoever_waits_for_the_one_that_does_the_work_finds_it_done(#[case] format: Option<i64>) {
    let place = Place::new();
    if format.is_some() {
        old_ledger(&place).await;
    }

    let comers: Vec<_> = (0..6)
        .map(|_| {
            let options = place.options();
            std::thread::spawn(move || Ledger::open_blocking(options).map(|(_, opened)| opened))
        })
        .collect();

    for comer in comers {
        let opened = comer.join().unwrap().unwrap();
        assert_eq!(opened.access, Access::Full);
    }
    assert_eq!(version(&place), VERSION);
}
