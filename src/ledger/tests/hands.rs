//! What somebody who may write the file has put into it.

use rstest::rstest;

use super::fixture::{Place, attempt, send, used};
use crate::ledger::{Access, LedgerError};

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
