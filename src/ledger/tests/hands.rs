//! What somebody who may write the file has put into it.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use rstest::rstest;
use rusqlite::Connection;

use super::fixture::{Place, attempt, send, used};
use crate::ledger::{Access, Ledger, LedgerError, Trust};

/// A name in a row is no path.
#[tokio::test]
async fn the_name_of_a_process_leads_nowhere() {
    let place = Place::new();
    let ledger = place.open();
    send(&ledger, attempt(&ledger, "ada")).await;
    ledger.close().await;
    let victim = place.dir.path().join("victim.lock");
    std::fs::write(&victim, "kept").unwrap();
    let elsewhere = "UPDATE attempts SET process = '/../../victim'";
    place.behind(&["attempts_fixed"], elsewhere);

    let ledger = place.open();

    assert_eq!(used(&ledger).await, 1);
    assert_eq!(std::fs::read_to_string(victim).unwrap(), "kept");
}

#[rstest]
#[case::missing("DROP TRIGGER attempts_kept", "trigger attempts_kept is missing")]
#[case::foreign(
    "CREATE TRIGGER quiet AFTER INSERT ON attempts BEGIN UPDATE usage SET sending = 0; END",
    "trigger quiet does not belong to it"
)]
#[case::changed(
    "DROP TRIGGER attempts_kept;
     CREATE TRIGGER attempts_kept BEFORE DELETE ON attempts BEGIN SELECT 1; END",
    "trigger attempts_kept was changed"
)]
#[case::under_a_name_of_sqlites_own(
    "PRAGMA writable_schema = ON;
     INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_quiet', 'attempts', 0,
         'CREATE TRIGGER sqlite_quiet AFTER INSERT ON attempts BEGIN UPDATE usage SET sending = 0; END')",
    "trigger sqlite_quiet does not belong to it"
)]
#[case::on_the_index_of_words(
    "CREATE TRIGGER search_quiet AFTER INSERT ON attempts BEGIN DELETE FROM usage; END",
    "trigger search_quiet does not belong to it"
)]
#[case::a_table_of_the_index_of_words(
    "PRAGMA writable_schema = ON;
     UPDATE sqlite_schema SET sql = replace(sql, 'block BLOB', 'block BLOB CHECK (1)')
         WHERE name = 'search_data'",
    "table search_data was changed"
)]
#[case::index("DROP INDEX attempts_one_live", "index attempts_one_live is missing")]
#[case::view("CREATE VIEW other AS SELECT 1", "view other does not belong to it")]
#[tokio::test]
async fn a_schema_that_somebody_changed_is_only_read(#[case] change: &str, #[case] why: &str) {
    let place = Place::new();
    let ledger = place.open();
    send(&ledger, attempt(&ledger, "ada")).await;
    ledger.close().await;
    place.sql().execute_batch(change).unwrap();

    let (ledger, opened) = place.try_open().unwrap();

    let Access::ReadOnly(reason) = opened.access else {
        panic!("{opened:?}");
    };
    assert!(reason.contains(why), "{reason}");
    let refused = ledger.dispatch(attempt(&ledger, "lin")).await;
    assert!(matches!(refused, Err(LedgerError::ReadOnly { .. })));
    assert_eq!(used(&ledger).await, 1);
}

/// Somebody who may write the file does it while it is in use.
#[tokio::test]
async fn a_trigger_that_comes_while_the_ledger_is_open_sends_nothing_more() {
    let place = Place::new();
    let ledger = place.open();
    send(&ledger, attempt(&ledger, "ada")).await;
    let trigger =
        "CREATE TRIGGER quiet AFTER INSERT ON attempts BEGIN UPDATE usage SET sending = 0; END";
    place.sql().execute_batch(trigger).unwrap();

    let refused = ledger.dispatch(attempt(&ledger, "lin")).await;

    let why = refused.unwrap_err().to_string();
    assert!(why.contains("trigger quiet does not belong to it"), "{why}");
    assert_eq!(used(&ledger).await, 1);
    place.sql().execute_batch("DROP TRIGGER quiet").unwrap();
    send(&ledger, attempt(&ledger, "lin")).await;
    assert_eq!(used(&ledger).await, 2);
}

#[tokio::test]
async fn a_text_that_no_answer_can_have_is_not_read_into_memory() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    place.behind(
        &["attempts_answer"],
        "UPDATE attempts SET message = CAST(zeroblob(20000000) AS TEXT)",
    );

    let read = ledger.attempt(id).await;

    assert!(read.is_err(), "{:?}", read.map(|_| ()));
    assert_eq!(used(&ledger).await, 1);
}

/// Every file of a directory with its bytes and its mode.
fn all_of(directory: &Path) -> BTreeMap<String, (Vec<u8>, u32)> {
    let inside = std::fs::read_dir(directory).unwrap();
    inside
        .map(|entry| {
            let entry = entry.unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, (bytes, entry.metadata().unwrap().mode()))
        })
        .collect()
}

/// What another program left when it was killed: a log, a journal that is to be undone, or a database
/// that is in its log as a whole.
#[rstest]
#[case::log(
    "PRAGMA journal_mode = WAL; CREATE TABLE t (a); PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t VALUES (1)",
    "-wal"
)]
#[case::only_a_log("PRAGMA journal_mode = WAL; CREATE TABLE t (a)", "-wal")]
#[case::log_with_a_mark(
    "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t (a)",
    "-wal"
)]
#[case::journal(
    "CREATE TABLE t (a);
     INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
         SELECT printf('%.500c', 'x') FROM n;
     PRAGMA cache_size = 2; BEGIN; UPDATE t SET a = 'y' || a",
    "-journal"
)]
#[tokio::test]
async fn nothing_of_a_database_of_another_program_is_changed(
    #[case] work: &str,
    #[case] beside: &str,
) {
    let place = Place::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let other = elsewhere.path().join("other.db");
    let conn = Connection::open(&other).unwrap();
    conn.execute_batch(work).unwrap();
    for end in ["", beside] {
        let from = elsewhere.path().join(format!("other.db{end}"));
        let to = place.dir.path().join(format!("ledger.db{end}"));
        std::fs::copy(from, &to).unwrap();
        std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    drop(conn);
    let before = all_of(place.dir.path());
    assert_eq!(before.len(), 2);

    let refused = place.try_open().unwrap_err();
    let looked = Ledger::inspect(place.path(), None).await.unwrap_err();

    for error in [refused, looked] {
        assert!(matches!(error, LedgerError::NotALedger { .. }), "{error}");
    }
    assert!(before == all_of(place.dir.path()), "not a byte, not a mode");
}

/// Killed while it was made, or soon after: all of it is in the log.
#[tokio::test]
async fn a_ledger_that_is_in_its_log_as_a_whole_is_ours() {
    let made = Place::new();
    let ledger = made.open();
    let place = Place::new();
    for end in ["", "-wal", ".key"] {
        let of = |place: &Place| place.dir.path().join(format!("ledger.db{end}"));
        std::fs::copy(of(&made), of(&place)).unwrap();
    }
    let uuid = "SELECT uuid FROM ledger";
    let uuid_of =
        |place: &Place| -> String { place.sql().query_row(uuid, (), |row| row.get(0)).unwrap() };
    ledger.close().await;

    let (_ledger, opened) = place.try_open().unwrap();

    assert_eq!((opened.created, opened.trust), (false, Trust::Trusted));
    assert_eq!(uuid_of(&place), uuid_of(&made));
}

/// Whoever may write the directory moves a link of ours as they like.
#[test]
fn a_link_in_a_directory_that_others_may_write_is_not_followed() {
    let place = Place::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let victim = elsewhere.path().join("notes.txt");
    std::fs::write(&victim, "").unwrap();
    std::fs::set_permissions(place.dir.path(), std::fs::Permissions::from_mode(0o2770)).unwrap();
    symlink(&victim, place.path()).unwrap();
    let before = all_of(elsewhere.path());

    let refused = place.try_open().unwrap_err().to_string();

    assert!(refused.contains("others may write"), "{refused}");
    assert!(before == all_of(elsewhere.path()));
}

#[test]
fn a_link_that_leads_in_circles_is_told() {
    let place = Place::new();
    symlink(place.path(), place.path()).unwrap();

    let refused = place.try_open().unwrap_err().to_string();

    assert!(refused.contains("in circles"), "{refused}");
}
