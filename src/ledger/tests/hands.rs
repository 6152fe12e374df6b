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
