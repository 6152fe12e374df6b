//! A ledger with attempts missing in it, and one whose file is overwritten by an older copy.

use std::path::{Path, PathBuf};
use std::process::Command;

use rstest::rstest;

use super::fixture::{Place, attempt, scheduled, send, used};
use crate::ledger::file::Files;
use crate::ledger::view::View;
use crate::ledger::{Ledger, LedgerError, Trust};

async fn send_many(ledger: &Ledger, names: std::ops::Range<u32>) {
    for n in names {
        let _ = send(ledger, attempt(ledger, &format!("person{n}"))).await;
    }
}

/// Takes an attempt out of a ledger that nobody has open, as a tool with another mind would.
fn take_out(place: &Place, id: i64) {
    place.behind(
        &["attempts_kept", "bodies_kept"],
        &format!("DELETE FROM bodies WHERE attempt = {id}; DELETE FROM attempts WHERE id = {id}"),
    );
}

fn doubt(trust: &Trust) -> &str {
    match trust {
        Trust::Trusted => "none",
        Trust::Doubtful(why) => why,
    }
}

#[tokio::test]
async fn attempts_missing_in_the_middle_are_a_doubt_until_a_person_accepts_them() {
    const WHY: &str = "1 attempt is missing in it";
    let place = Place::new();
    let ledger = place.open();
    send_many(&ledger, 0..4).await;
    ledger.close().await;
    take_out(&place, 2);

    let looked = Ledger::inspect(place.path(), None).await.unwrap().unwrap();
    let files = Files::found(&place.path(), None).unwrap();
    let viewed = View::of(&files).unwrap().trust(&files).unwrap();
    let (ledger, opened) = place.try_open().unwrap();
    let refused = ledger.dispatch(attempt(&ledger, "lin")).await.unwrap_err();

    for trust in [&looked.trust, &viewed, &opened.trust] {
        assert!(doubt(trust).contains(WHY), "{trust:?}");
    }
    assert!(matches!(refused, LedgerError::NotTrusted { .. }));
    ledger.accept_history("known".to_owned()).await.unwrap();
    send_many(&ledger, 10..12).await;
    ledger.close().await;
    let (ledger, opened) = place.try_open().unwrap();
    assert_eq!(opened.trust, Trust::Trusted, "it was accepted");
    send_many(&ledger, 12..13).await;
    ledger.close().await;
    take_out(&place, 5);
    let (_, opened) = place.try_open().unwrap();
    assert!(
        doubt(&opened.trust).contains("2 attempts are missing in it"),
        "{opened:?}"
    );
}

/// What a process that was there before goes on writing does not take the acceptance back.
#[tokio::test]
async fn an_accepted_gap_stays_accepted_whoever_sends() {
    let place = Place::new();
    let before = place.open();
    send_many(&before, 0..4).await;
    take_out(&place, 2);
    let (ledger, opened) = place.try_open().unwrap();
    assert!(matches!(opened.trust, Trust::Doubtful(_)));
    ledger.accept_history("known".to_owned()).await.unwrap();

    send_many(&before, 4..6).await;
    before.close().await;
    ledger.close().await;

    assert_eq!(place.try_open().unwrap().1.trust, Trust::Trusted);
}

/// Copies over what is there, as `cp` does: the file keeps its inode, and whoever has it open sees
/// the new bytes. A process of its own, because closing a file drops the locks of its process.
fn cp(from: &Path, to: &Path) {
    let_the_clock_of_files_move_on(to);
    let done = Command::new("cp").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

/// Two writes of the same few milliseconds leave one time. The ledger looks again once that is over;
/// what is tested here is that it looks at once.
fn let_the_clock_of_files_move_on(file: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    let time = |path: &Path| {
        let meta = path.metadata().unwrap();
        (meta.ctime(), meta.ctime_nsec())
    };
    if let Ok(probe) = tempfile::NamedTempFile::new_in(file.parent().unwrap())
        && file.exists()
    {
        while time(probe.path()) <= time(file) {
            std::fs::write(probe.path(), "x").unwrap();
        }
    }
}

fn log_of(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn checkpoint(place: &Place, how: &str) {
    let sql = place.sql();
    sql.query_row(&format!("PRAGMA wal_checkpoint({how})"), (), |_| Ok(()))
        .unwrap();
}

/// What the log holds when the older copy is put over the ledger.
#[derive(Debug, Clone, Copy)]
enum Log {
    Empty,
    /// All of it is in the ledger already.
    Done,
    /// Some attempts are nowhere else.
    Needed(u32),
    /// It is overwritten with the copy's own.
    Copied,
}

/// A ledger of 40 attempts and more that is open, and over whose file a copy was put that is older
/// by so many of them.
async fn overwritten(older_by: u32, log: Log) -> (Place, Ledger) {
    overwritten_after(40, older_by, log).await
}

async fn overwritten_after(first: u32, older_by: u32, log: Log) -> (Place, Ledger) {
    let place = Place::new();
    // With one key the hashes, and so the pages on which they lie, are the same in every run.
    let key = place.dir.path().join("ledger.db.key");
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let ledger = place.open();
    let old = place.dir.path().join("old.db");
    send_many(&ledger, 0..first).await;
    if !matches!(log, Log::Copied) {
        checkpoint(&place, "TRUNCATE");
    }
    cp(&place.path(), &old);
    if matches!(log, Log::Copied) {
        cp(&log_of(&place.path()), &log_of(&old));
    }
    send_many(&ledger, first..first + older_by).await;
    match log {
        Log::Empty => checkpoint(&place, "TRUNCATE"),
        Log::Done | Log::Copied => checkpoint(&place, "PASSIVE"),
        Log::Needed(more) => {
            checkpoint(&place, "TRUNCATE");
            send_many(&ledger, 1_000..1_000 + more).await;
        }
    }
    // The ledger has looked at its file since: what changes it now is the copy alone.
    if matches!(log, Log::Done | Log::Needed(_)) {
        ledger.recover().await.unwrap();
        ledger.recover().await.unwrap();
    }
    cp(&old, &place.path());
    if matches!(log, Log::Copied) {
        cp(&log_of(&old), &log_of(&place.path()));
    }
    (place, ledger)
}

#[rstest]
#[case::with_an_empty_log(80, Log::Empty)]
#[case::older_by_one_attempt(1, Log::Empty)]
#[case::with_a_log_that_is_done(80, Log::Done)]
#[case::with_attempts_in_the_log(80, Log::Needed(3))]
#[case::together_with_its_log(80, Log::Copied)]
#[tokio::test]
async fn an_older_copy_over_the_open_file_is_noticed_before_anything_is_sent(
    #[case] older_by: u32,
    #[case] log: Log,
) {
    let (place, ledger) = overwritten(older_by, log).await;

    let refused = ledger.dispatch(attempt(&ledger, "kim")).await;
    let again = ledger.dispatch(attempt(&ledger, "lin")).await;
    let answer = ledger
        .settle(crate::base::AttemptId(3), scheduled("7"))
        .await;

    for error in [refused.map(drop), again.map(drop), answer.map(drop)] {
        assert_eq!(error, Err(LedgerError::Replaced { path: place.path() }));
    }
    ledger.close().await;
    match place.try_open() {
        Err(error) => assert!(matches!(error, LedgerError::Damaged { .. }), "{error}"),
        Ok((ledger, opened)) => {
            assert!(matches!(opened.trust, Trust::Doubtful(_)), "{opened:?}");
            assert!(ledger.dispatch(attempt(&ledger, "kim")).await.is_err());
        }
    }
}

#[tokio::test]
async fn a_copy_that_lacks_nothing_does_no_harm() {
    let (place, ledger) = overwritten(0, Log::Needed(3)).await;

    send_many(&ledger, 200..203).await;

    assert_eq!(used(&ledger).await, 46);
    assert!(ledger.check().await.unwrap().is_sound());
    ledger.close().await;
    assert_eq!(place.try_open().unwrap().1.trust, Trust::Trusted);
}

/// What is in the log alone belongs to a newer ledger than the file under it.
#[rstest]
#[case::lacking_attempts(40, 80, 3)]
#[case::lacking_what_stands_beside_them(300, 1, 1)]
#[tokio::test]
async fn an_older_copy_put_under_a_log_that_was_left_behind_is_a_doubt(
    #[case] first: u32,
    #[case] older_by: u32,
    #[case] in_log: u32,
) {
    let (place, ledger) = overwritten_after(first, older_by, Log::Needed(in_log)).await;
    let elsewhere = Place::new();
    for end in ["", "-wal", ".key", ".mark"] {
        let name = format!("ledger.db{end}");
        cp(
            &place.dir.path().join(&name),
            &elsewhere.dir.path().join(&name),
        );
    }
    drop(ledger);

    match elsewhere.try_open() {
        Err(error) => assert!(matches!(error, LedgerError::Damaged { .. }), "{error}"),
        // How much of an attempt its pages share with older ones depends on their layout.
        Ok((ledger, opened)) if opened.trust == Trust::Trusted => {
            let report = ledger.check().await.unwrap();
            assert!(in_log == 1 && report.is_sound(), "{report:?}");
        }
        Ok((ledger, opened)) => {
            assert!(matches!(opened.trust, Trust::Doubtful(_)), "{opened:?}");
            ledger.accept_history("known".to_owned()).await.unwrap();
            ledger.close().await;
            let (_, opened) = elsewhere.try_open().unwrap();
            assert_eq!(opened.trust, Trust::Trusted, "it was accepted");
        }
    }
}

/// The log has the attempt that the copy lacks, and not all that was committed with it.
#[tokio::test]
async fn an_older_copy_that_takes_back_only_part_of_an_attempt_is_noticed_or_lacks_nothing() {
    let mut noticed = 0;
    for first in [10, 30, 60, 100, 150, 300] {
        let (place, ledger) = overwritten_after(first, 1, Log::Needed(1)).await;

        match ledger.dispatch(attempt(&ledger, "kim")).await {
            Err(error) => {
                assert_eq!(error, LedgerError::Replaced { path: place.path() });
                noticed += 1;
            }
            Ok(_) => {
                let report = ledger.check().await.unwrap();
                assert!(report.is_sound(), "{first}: {report:?}");
            }
        }
    }
    assert!(noticed > 0);
}

/// A purge would write the whole file anew, from what the copy and the cache make together.
#[tokio::test]
async fn an_overwritten_ledger_is_neither_purged_nor_accepted_by_who_has_it_open() {
    let (place, ledger) = overwritten(80, Log::Needed(3)).await;
    let everything = crate::ledger::PurgeWhat::Everything;
    let before = "2030-01-01T00:00:00Z".parse().unwrap();

    let purged = ledger.purge(before, everything).await.unwrap_err();
    let accepted = ledger.accept_history("known".to_owned()).await.unwrap_err();

    for error in [purged, accepted] {
        assert_eq!(error, LedgerError::Replaced { path: place.path() });
    }
}
