//! Disks that are full, disks that fail, directories that are shared.

use std::os::unix::fs::PermissionsExt;

use super::fixture::{Place, attempt, scheduled, send, used};
use crate::base::Outcome;
use crate::base::limits::LEDGER_BUSY;
use crate::ledger::{Ledger, LedgerError, NewAttempt};

/// Lets the ledger's file grow no further, as a full disk would.
async fn fill_the_disk(ledger: &Ledger) {
    set_most_pages(ledger, 1).await;
}

async fn set_most_pages(ledger: &Ledger, pages: i64) {
    ledger
        .alone(move |writer| {
            writer
                .conn
                .query_row(&format!("PRAGMA max_page_count = {pages}"), (), |_| Ok(()))
                .unwrap();
            Ok(())
        })
        .await
        .unwrap();
}

fn large(ledger: &Ledger) -> NewAttempt {
    NewAttempt {
        body: "x".repeat(200_000),
        ..attempt(ledger, "large")
    }
}

#[tokio::test]
async fn a_full_disk_sends_nothing_and_reads_go_on() {
    let place = Place::new();
    let ledger = place.open();
    let before = send(&ledger, attempt(&ledger, "ada")).await;
    fill_the_disk(&ledger).await;

    let refused = ledger.dispatch(large(&ledger)).await.unwrap_err();

    assert!(matches!(refused, LedgerError::Full { .. }), "{refused}");
    assert_eq!(refused.exit_code(), 9);
    assert_eq!(used(&ledger).await, 1);
    assert!(ledger.attempt(before).await.unwrap().is_some());
    assert!(ledger.check().await.unwrap().is_sound());
    set_most_pages(&ledger, 1_000_000).await;
    assert!(
        ledger.dispatch(large(&ledger)).await.is_ok(),
        "room again, sending again"
    );
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_an_error_and_can_be_given_again() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    fill_the_disk(&ledger).await;
    let mut answer = scheduled("7");
    answer.response_body = Some("x".repeat(200_000));

    let failed = ledger.settle(id, answer.clone()).await.unwrap_err();

    assert!(matches!(failed, LedgerError::Full { .. }), "{failed}");
    let row = ledger.attempt(id).await.unwrap().unwrap().row;
    assert_eq!(row.outcome, Outcome::Sending);
    set_most_pages(&ledger, 1_000_000).await;
    let row = ledger.settle(id, answer).await.unwrap();
    assert_eq!(row.outcome, Outcome::Scheduled);
}

#[tokio::test]
async fn after_a_failed_fsync_answers_are_recorded_and_nothing_is_sent() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger
        .alone(|writer| {
            writer.broken = Some("a commit failed (disk I/O error)".to_owned());
            Ok(())
        })
        .await
        .unwrap();

    let refused = ledger.dispatch(attempt(&ledger, "lin")).await.unwrap_err();

    assert!(matches!(refused, LedgerError::Unusable { .. }), "{refused}");
    assert!(ledger.settle(id, scheduled("7")).await.is_ok());
}

#[tokio::test]
async fn a_writer_that_another_process_blocks_gives_up_within_its_bound() {
    let place = Place::new();
    let ledger = place.open();
    let blocker = place.sql();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();

    let refused = ledger.dispatch(attempt(&ledger, "ada")).await.unwrap_err();

    assert!(matches!(refused, LedgerError::Busy { .. }), "{refused}");
    blocker.execute_batch("ROLLBACK").unwrap();
    assert!(ledger.dispatch(attempt(&ledger, "ada")).await.is_ok());
}

/// A draft, say, that waits for another process keeps nothing that waits behind it for longer.
#[tokio::test]
async fn what_is_no_answer_waits_once_for_another_process() {
    let place = Place::new();
    let ledger = place.open();
    let blocker = place.sql();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();

    let refused = tokio::time::timeout(2 * LEDGER_BUSY, ledger.recover()).await;

    let refused = refused.expect("within its bound").unwrap_err();
    assert!(matches!(refused, LedgerError::Busy { .. }), "{refused}");
    blocker.execute_batch("ROLLBACK").unwrap();
}

#[tokio::test]
async fn a_shared_directory_makes_a_shared_ledger() {
    let place = Place::new();
    let shared = place.dir.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o2770)).unwrap();
    let mut options = place.options();
    options.path = shared.join("ledger.db");

    let (ledger, _) = Ledger::open_blocking(options).unwrap();
    let _ = send(&ledger, attempt(&ledger, "ada")).await;

    let mut seen = 0;
    let inside = std::fs::read_dir(&shared).unwrap();
    let locks = std::fs::read_dir(shared.join("ledger.db.d")).unwrap();
    for entry in inside.chain(locks) {
        let meta = entry.unwrap().metadata().unwrap();
        let expected = if meta.is_dir() { 0o2770 } else { 0o660 };
        assert_eq!(meta.permissions().mode() & 0o7777, expected);
        seen += 1;
    }
    assert_eq!(seen, 7, "ledger, -wal, -shm, .mark, .key, .d and a lock");
}

#[tokio::test]
async fn a_key_of_the_wrong_length_is_refused() {
    let place = Place::new();
    std::fs::write(place.dir.path().join("ledger.db.key"), b"short").unwrap();

    let error = place.try_open().unwrap_err();

    assert!(
        error.to_string().contains("5 bytes instead of 32"),
        "{error}"
    );
}
