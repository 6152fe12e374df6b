//! A ledger that cannot be written is read all the same, and every write is refused.
//!
//! SQLite cannot open a ledger for writing where a directory stands in the place of its shared
//! memory: that holds for root as well, and needs no disk of its own. A disk that is really full is
//! in `tests/faults`.

use std::os::unix::fs::PermissionsExt;

use super::fixture::{KIND, Place, attempt, scheduled, scope, send, used};
use crate::base::{AttemptId, RunId, Timestamp};
use crate::ledger::{Access, Ledger, LedgerError, LogQuery, Opened, PurgeWhat, Settlement, Trust};

/// From now on SQLite cannot open the ledger as a database with a log.
fn bar(place: &Place) {
    std::fs::create_dir(place.dir.path().join("ledger.db-shm")).unwrap();
}

async fn names(ledger: &Ledger) -> Vec<AttemptId> {
    let page = ledger.page(LogQuery::default()).await.unwrap();
    page.rows.iter().map(|row| row.id).collect()
}

fn is_read_only(opened: &Opened) -> bool {
    matches!(opened.access, Access::ReadOnly(_))
}

/// A ledger with one attempt, closed in order.
async fn closed() -> (Place, AttemptId) {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    ledger.settle(id, scheduled("7")).await.unwrap();
    ledger.close().await;
    (place, id)
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_is_read_and_left_alone() {
    let (place, id) = closed().await;
    bar(&place);
    let before = std::fs::read(place.path()).unwrap();

    let (ledger, opened) = place.try_open().unwrap();

    assert!(is_read_only(&opened), "{opened:?}");
    assert_eq!(opened.trust, Trust::Trusted);
    assert_eq!(names(&ledger).await, [id]);
    assert_eq!(used(&ledger).await, 1);
    assert!(ledger.check().await.unwrap().is_sound());
    let copied = place.dir.path().join("copy.db");
    ledger.backup(copied.clone()).await.unwrap();
    ledger.close().await;
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
    let copy = rusqlite::Connection::open(copied).unwrap();
    let attempts: i64 = copy
        .query_row("SELECT count(*) FROM attempts", (), |row| row.get(0))
        .unwrap();
    assert_eq!(attempts, 1);
}

/// After a crash the newest attempts are in the log alone.
#[tokio::test]
async fn what_is_only_in_the_log_is_read_too_and_no_copy_stays_behind() {
    let place = Place::new();
    let ledger = place.open();
    let id = send(&ledger, attempt(&ledger, "ada")).await;
    let dead = Place::new();
    for end in ["", "-wal", ".mark", ".key"] {
        let name = format!("ledger.db{end}");
        let to = dead.dir.path().join(&name);
        std::fs::copy(place.dir.path().join(&name), to).unwrap();
    }
    bar(&dead);

    let (view, opened) = dead.try_open().unwrap();

    assert!(is_read_only(&opened), "{opened:?}");
    assert_eq!(names(&view).await, [id]);
    let rooms = std::fs::read_dir("/dev/shm").into_iter().flatten();
    let own = |entry: &std::fs::DirEntry| {
        entry.file_name().to_string_lossy().starts_with("ziadeck-")
            && entry.path().join("ledger.db").exists()
    };
    let left: Vec<_> = rooms.flatten().filter(own).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_read_only_ledger_refuses_every_write_with_9() {
    let (place, id) = closed().await;
    bar(&place);
    let ledger = place.open();

    let now = Timestamp::UNIX_EPOCH;
    let refused: Vec<LedgerError> = vec![
        ledger.writable().unwrap_err(),
        ledger.dispatch(attempt(&ledger, "lin")).await.unwrap_err(),
        ledger.settle(id, scheduled("7")).await.unwrap_err(),
        ledger
            .settle_soon(id, Settlement::bare(crate::base::Outcome::Unknown))
            .await
            .err()
            .unwrap(),
        ledger.recover().await.unwrap_err(),
        ledger.hold_run(RunId(1)).unwrap_err(),
        ledger.purge(now, PurgeWhat::Bodies).await.unwrap_err(),
        ledger.accept_history("so".to_owned()).await.unwrap_err(),
        ledger
            .create_run(super::fixture::new_run(), Vec::new())
            .await
            .unwrap_err(),
    ];

    for error in refused {
        assert!(matches!(error, LedgerError::ReadOnly { .. }), "{error}");
        assert_eq!(error.exit_code(), 9);
        assert!(error.to_string().contains("nothing was sent"), "{error}");
    }
    assert_eq!(ledger.counts(scope(), KIND).await.unwrap().used(), 1);
}

/// Another process works on the ledger; this one may not write and sees what that one does.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_view_beside_a_living_writer_follows_it() {
    let place = Place::new();
    let writer = place.open();
    let mark = place.dir.path().join("ledger.db.mark");
    // The mark is what this process may not write, as if it were another user's; the kernel keeps
    // this name from root as well.
    let kept = place.dir.path().join("kept");
    std::fs::rename(&mark, &kept).unwrap();
    std::os::unix::fs::symlink("/proc/sys/kernel/osrelease", &mark).unwrap();
    let (view, opened) = place.try_open().unwrap();
    std::fs::remove_file(&mark).unwrap();
    std::fs::rename(&kept, &mark).unwrap();
    let mut changes = view.watch().unwrap();

    let id = send(&writer, attempt(&writer, "ada")).await;

    changes.changed().await.unwrap();
    assert!(is_read_only(&opened), "{opened:?}");
    assert_eq!(names(&view).await, [id]);
}

#[tokio::test]
async fn a_copy_keeps_the_doubt_about_its_ledger() {
    let (place, _) = closed().await;
    bar(&place);
    let mark = place.dir.path().join("ledger.db.mark");
    std::fs::write(&mark, "what").unwrap();
    std::fs::set_permissions(&mark, PermissionsExt::from_mode(0o600)).unwrap();

    let (_, opened) = place.try_open().unwrap();

    assert!(matches!(opened.trust, Trust::Doubtful(_)), "{opened:?}");
}

#[tokio::test]
async fn without_a_ledger_there_is_nothing_to_read_and_the_error_stays() {
    let place = Place::new();
    bar(&place);

    let error = place.try_open().unwrap_err();

    assert!(matches!(error, LedgerError::CannotOpen { .. }), "{error}");
}
