//! Ledgers of an older format, and of one that changes while they are opened.

use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rstest::rstest;

use super::fixture::{Place, attempt, scheduled, send, used};
use super::process::start;
use crate::base::{DataCenter, EnrichmentKind, Environment, Outcome};
use crate::enrichment::{Draft, Field};
use crate::ledger::migrate::{VERSION, check_format, schema_of};
use crate::ledger::{
    Access, Asked, Ledger, LedgerError, LedgerOptions, LogQuery, Trust, Upgrading,
};

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
    // What version 4 has replaced is made anew as it was.
    let replaced = [
        "attempts_fixed",
        "attempts_one_live",
        "attempts_life",
        "attempts_answer",
        "bodies_fixed",
        "bodies_purge",
    ];
    let sql = place.sql();
    sql.execute_batch(
        "DROP TRIGGER attempts_fixed; DROP INDEX attempts_one_live; DROP TRIGGER attempts_life; DROP TRIGGER attempts_answer;
        DROP TRIGGER attempts_late; ALTER TABLE attempts DROP COLUMN late; DROP TABLE echoes;
        DROP TRIGGER bodies_fixed; DROP TRIGGER bodies_purge;
        ALTER TABLE bodies DROP COLUMN method; ALTER TABLE bodies DROP COLUMN url;
        ALTER TABLE bodies DROP COLUMN request_headers",
    )
    .unwrap();
    let first = rusqlite::Connection::open_in_memory().unwrap();
    first.execute_batch(&schema_of(1)).unwrap();
    for name in replaced {
        let made: String = first
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .unwrap();
        sql.execute_batch(&made).unwrap();
    }
    let sql = "DROP TABLE forgotten_keys; DROP TABLE forgotten;
        DROP TABLE subject_keys; DROP TABLE subjects; DROP TABLE hash_key;
        DROP TABLE times; DROP TABLE server_times; DROP TABLE configured_limits;
        ALTER TABLE limits DROP COLUMN features_server_ms;
        ALTER TABLE run_rows DROP COLUMN verdict;
        ALTER TABLE run_rows DROP COLUMN known_open;
        ALTER TABLE run_rows DROP COLUMN known;
        DROP INDEX decisions_row; PRAGMA user_version = 1";
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
    first.execute_batch(&schema_of(1)).unwrap();
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
    first.execute_batch(&schema_of(1)).unwrap();
    assert_eq!(made_of(&place.sql()), made_of(&first));
    let looked = Ledger::inspect(place.path(), None).await.unwrap().unwrap();
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
    let id = send(&other, attempt(&other, "ada")).await;
    take_back(&place);

    let (reading, opened) = place.try_open().unwrap();

    let Access::ReadOnly(reason) = opened.access else {
        panic!("{opened:?}");
    };
    assert_eq!(
        reason,
        "it has format 1, and gets format 6 only when no other ziadeck has it open"
    );
    let refused = reading.recover().await;
    assert!(matches!(refused, Err(LedgerError::ReadOnly { .. })));
    // The older program goes on working.
    place
        .sql()
        .execute_batch(
            "UPDATE attempts SET outcome = 'unknown', settled_ms = 1 WHERE outcome = 'sending'",
        )
        .unwrap();
    let query = LogQuery {
        rows: 9,
        ..LogQuery::default()
    };
    let seen = reading.page(query).await.unwrap();
    assert_eq!(seen.rows[0].outcome, Outcome::Unknown);
    // It keeps the body of what was sent, and nothing before it.
    let sent = reading.attempt(id).await.unwrap().unwrap().sent;
    assert_eq!((&sent.head, sent.body.is_some()), (&None, true));
    assert_eq!(reading.sent(vec![id]).await.unwrap(), [sent]);
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
        .execute_batch("BEGIN IMMEDIATE; PRAGMA user_version = 7")
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
        matches!(refused, LedgerError::Newer { found: 7, .. }),
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

/// A ledger as version 0.1 made it: one person whose inputs it still has, two whose inputs were
/// purged, one who was refused, and a plan that names two of them.
#[tokio::test]
async fn a_ledger_of_version_0_1_knows_afterwards_all_that_it_knew() {
    let place = Place::new();
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ledger-0.1");
    for name in ["ledger.db", "ledger.db.key", "ledger.db.mark"] {
        let bytes = std::fs::read(format!("{from}/{name}")).unwrap();
        std::fs::write(place.dir.path().join(name), bytes).unwrap();
    }
    assert_eq!(version(&place), 2);

    let (ledger, opened) = place.try_open().unwrap();

    assert_eq!(opened.trust, Trust::Trusted);
    let report = ledger.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    let look = |name: &str, email: &str, company: &str, page: &str| {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Name, name);
        draft.set(Field::Email, email);
        draft.set(Field::Company, company);
        draft.set(Field::Linkedin, page);
        let server = (DataCenter::Us, Environment::Production);
        let asked = Asked {
            subject: ledger.subject(&draft, server).unwrap(),
            module: "Leads".to_owned(),
            record_id: None,
        };
        let scope = "US/production/profile:us".parse().unwrap();
        ledger.seen((scope, EnrichmentKind::People), vec![asked])
    };
    let attempt_of = |seen: Vec<crate::enrichment::verdict::Seen>| {
        let first = seen[0].matches.first()?;
        Some((first.attempt.unwrap().0, first.by.as_str()))
    };
    // Whose inputs are there is known in every spelling.
    let ada = look("Ada Lovelace", "", "Acme", "linkedin.com/in/ada/?trk=x");
    assert_eq!(attempt_of(ada.await.unwrap()), Some((3, "linkedin")));
    // Whose inputs are gone is known as before: by the same inputs.
    let grace = look("Grace  HOPPER", "grace@navy.example", "Navy", "");
    assert_eq!(attempt_of(grace.await.unwrap()), Some((1, "request")));
    let other = look("", "grace@navy.example", "", "");
    assert_eq!(attempt_of(other.await.unwrap()), None);
    let refused = look("", "ab", "", "");
    assert_eq!(attempt_of(refused.await.unwrap()), None);
}

/// Several processes may start on a host that has no ledger yet.
#[test]
fn a_ledger_that_is_made_while_it_is_looked_at_is_none_of_another_program() {
    let place = Place::new();
    let mut conn = place.sql();
    conn.pragma_update(None, "journal_mode", "wal").unwrap();
    let options = place.options();
    let made = Arc::new(Mutex::new(None));
    let (makes, mut questions) = (Arc::clone(&made), 0);
    let on_question = move |context: rusqlite::hooks::AuthContext<'_>| {
        let is_pragma = matches!(context.action, rusqlite::hooks::AuthAction::Pragma { .. });
        questions += usize::from(is_pragma);
        if is_pragma && questions == 2 {
            let options = options.clone();
            let open = std::thread::spawn(move || Ledger::open_blocking(options));
            *makes.lock().unwrap() = Some(open.join().unwrap().is_ok());
        }
        rusqlite::hooks::Authorization::Allow
    };
    conn.authorizer(Some(on_question)).unwrap();

    let before = check_format(&conn, &place.path()).unwrap();
    conn.authorizer(None::<fn(rusqlite::hooks::AuthContext<'_>) -> rusqlite::hooks::Authorization>)
        .unwrap();
    let after = check_format(&conn, &place.path()).unwrap();

    assert_eq!(*made.lock().unwrap(), Some(true));
    assert_eq!((before, after), (0, VERSION));
}
