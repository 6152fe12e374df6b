//! Everything that makes the ledger refuse to be used for sending.

use super::fixture::{Place, attempt, scheduled, send, used};
use crate::base::Outcome;
use crate::ledger::{LedgerError, Trust};

#[tokio::test]
async fn the_last_unit_is_spent_once_by_two_processes() {
    let place = Place::new();
    let (one, other) = (place.open(), place.open());
    for round in 0..20 {
        let bid = |ledger: &crate::ledger::Ledger| {
            let mut new = attempt(ledger, "ada");
            new.budget.limit = round + 1;
            new
        };

        let (a, b) = tokio::join!(one.dispatch(bid(&one)), other.dispatch(bid(&other)));

        let won: Vec<_> = [a, b].into_iter().filter_map(Result::ok).collect();
        assert_eq!(won.len(), 1, "round {round}");
        for receipt in won {
            let _ = receipt.into_request();
        }
    }
    assert_eq!(used(&one).await, 20);
}

#[tokio::test]
async fn a_reserve_stays_untouched_unless_it_is_overruled() {
    let place = Place::new();
    let ledger = place.open();
    let mut new = attempt(&ledger, "ada");
    new.budget.limit = 10;
    new.budget.reserve = 10;

    let refused = ledger.dispatch(new.clone()).await.unwrap_err();
    new.budget.rule = crate::ledger::BudgetRule::Override;
    let forced = ledger.dispatch(new).await;

    assert_eq!(refused.exit_code(), 6);
    assert_eq!(
        refused.to_string(),
        "0 of 10 units are used, and 10 are to stay untouched; nothing was sent"
    );
    assert!(forced.is_ok());
}

#[tokio::test]
async fn what_a_dead_process_was_sending_becomes_unknown() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    let witness = place.open();
    assert_eq!(witness.recover().await.unwrap(), 0, "the other is alive");

    ledger.close().await;

    assert_eq!(witness.recover().await.unwrap(), 1);
    let row = witness.attempt(id).await.unwrap().unwrap().row;
    assert_eq!(row.outcome, Outcome::Unknown);
    assert_eq!(
        row.note.as_deref(),
        Some("the program ended before the answer came")
    );
    assert_eq!(used(&witness).await, 1);
}

#[tokio::test]
async fn opening_recovers_and_says_how_many() {
    let place = Place::new();
    let ledger = place.open();
    for _ in 0..3 {
        let _ = send(&ledger, attempt(&ledger, "ada")).await;
    }
    ledger.close().await;

    let (again, opened) = place.try_open().unwrap();

    assert_eq!((opened.recovered, opened.created), (3, false));
    assert_eq!(opened.trust, Trust::Trusted);
    drop(again);
}

#[tokio::test]
async fn a_replaced_ledger_is_noticed_before_anything_is_sent() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;

    std::fs::rename(place.path(), place.dir.path().join("elsewhere")).unwrap();
    let gone = ledger.dispatch(attempt(&ledger, "lin")).await.unwrap_err();
    std::fs::write(place.path(), b"").unwrap();
    let other = ledger.dispatch(attempt(&ledger, "lin")).await.unwrap_err();
    let answer = ledger.settle(id, scheduled("7")).await.unwrap_err();

    for error in [gone, other, answer] {
        assert_eq!(error, LedgerError::Replaced { path: place.path() });
        assert_eq!(error.exit_code(), 9);
    }
}

#[tokio::test]
async fn an_older_copy_is_not_trusted_until_somebody_accepts_it() {
    let place = Place::new();
    let ledger = place.open();
    let _ = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.close().await;
    let copy = std::fs::read(place.path()).unwrap();
    let ledger = place.open();
    let _ = send(&ledger, attempt(&ledger, "lin")).await;
    ledger.close().await;
    std::fs::write(place.path(), copy).unwrap();

    let (ledger, opened) = place.try_open().unwrap();
    let (other, watcher) = (place.open(), place.open());
    assert!(matches!(watcher.look_at_trust().await, Trust::Doubtful(_)));
    let refused = ledger.dispatch(attempt(&ledger, "kim")).await.unwrap_err();
    assert!(matches!(opened.trust, Trust::Doubtful(_)));
    assert!(
        matches!(refused, LedgerError::NotTrusted { .. }),
        "{refused}"
    );
    assert_eq!(used(&ledger).await, 1, "reading works");
    ledger
        .accept_history("reconciled".to_owned())
        .await
        .unwrap();

    assert_eq!(ledger.trust(), Trust::Trusted);
    assert!(ledger.dispatch(attempt(&ledger, "kim")).await.is_ok());
    assert!(
        other.dispatch(attempt(&other, "kim")).await.is_ok(),
        "the other process sees it"
    );
    assert_eq!(watcher.look_at_trust().await, Trust::Trusted);
}

#[tokio::test]
async fn a_deleted_ledger_is_not_simply_made_again() {
    let place = Place::new();
    let ledger = place.open();
    let _ = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.close().await;
    std::fs::remove_file(place.path()).unwrap();

    let (ledger, opened) = place.try_open().unwrap();

    assert!(opened.created);
    assert!(matches!(opened.trust, Trust::Doubtful(_)));
    assert!(ledger.dispatch(attempt(&ledger, "lin")).await.is_err());
}

/// A copy that was brought here, or a mark that somebody removed: nobody knows what was spent since.
#[tokio::test]
async fn attempts_without_a_mark_are_not_trusted_until_a_person_says_so() {
    let place = Place::new();
    let ledger = place.open();
    let _ = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.close().await;
    std::fs::remove_file(place.dir.path().join("ledger.db.mark")).unwrap();

    let (ledger, opened) = place.try_open().unwrap();

    assert!(matches!(opened.trust, Trust::Doubtful(_)), "{opened:?}");
    let refused = ledger.dispatch(attempt(&ledger, "grace")).await;
    assert!(matches!(refused, Err(LedgerError::NotTrusted { .. })));
    ledger.accept_history("checked".to_owned()).await.unwrap();
    send(&ledger, attempt(&ledger, "grace")).await;
    ledger.close().await;
    assert_eq!(place.try_open().unwrap().1.trust, Trust::Trusted);
}

#[tokio::test]
async fn a_newer_ledger_is_refused_and_left_alone() {
    let place = Place::new();
    place.open().close().await;
    place
        .sql()
        .execute_batch("PRAGMA user_version = 7")
        .unwrap();

    let error = place.try_open().unwrap_err();

    assert!(
        error
            .to_string()
            .contains("has format 7, and this ziadeck knows formats up to 6")
    );
    assert_eq!(error.exit_code(), 9);
    let version: i64 = place
        .sql()
        .query_row("PRAGMA user_version", (), |row| row.get(0))
        .unwrap();
    assert_eq!(version, 7);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = Place::new();
    place.sql().execute_batch("CREATE TABLE other (x)").unwrap();
    let before = std::fs::read(place.path()).unwrap();

    let error = place.try_open().unwrap_err();

    assert!(matches!(error, LedgerError::NotALedger { .. }), "{error}");
    assert!(
        before == std::fs::read(place.path()).unwrap(),
        "not a byte of it changes"
    );
}

#[test]
fn a_text_file_is_refused_and_left_alone() {
    let place = Place::new();
    std::fs::write(
        place.path(),
        "not a database, and long enough to have a header".repeat(20),
    )
    .unwrap();
    let before = std::fs::read(place.path()).unwrap();

    let error = place.try_open().unwrap_err();

    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
}

#[tokio::test]
async fn an_older_copy_restored_into_the_open_file_stops_everything() {
    let place = Place::new();
    let ledger = place.open();
    let _ = send(&ledger, attempt(&ledger, "ada")).await;
    let old = place.dir.path().join("old.db");
    ledger.backup(old.clone()).await.unwrap();
    let later = send(&ledger, attempt(&ledger, "lin")).await;

    let mut live = place.sql();
    live.restore("main", old, None::<fn(rusqlite::backup::Progress)>)
        .unwrap();
    drop(live);

    let refused = ledger.dispatch(attempt(&ledger, "kim")).await.unwrap_err();
    assert_eq!(refused, LedgerError::Replaced { path: place.path() });
    assert!(ledger.settle(later, scheduled("7")).await.is_err());
}

#[tokio::test]
async fn a_ledger_removed_while_in_use_does_not_come_back_from_its_log() {
    let place = Place::new();
    let ledger = place.open();
    let _ = send(&ledger, attempt(&ledger, "ada")).await;
    std::fs::remove_file(place.path()).unwrap();
    assert!(place.dir.path().join("ledger.db-wal").exists());

    let (fresh, opened) = place.try_open().unwrap();

    assert!(opened.created);
    assert!(matches!(opened.trust, Trust::Doubtful(_)));
    assert_eq!(used(&fresh).await, 0);
    assert!(ledger.dispatch(attempt(&ledger, "lin")).await.is_err());
    assert!(fresh.dispatch(attempt(&fresh, "lin")).await.is_err());
    assert!(fresh.check().await.unwrap().is_sound());
}
