//! A ledger that comes from elsewhere, or without its key.

use std::fs;
use std::path::Path;

use crate::rig::{Ran, Rig, finish};
use crate::submit::rig;

async fn ada(rig: &Rig) -> Ran {
    rig.run(&["submit", "--email", "ada@acme.example", "--json"])
        .await
}

/// Puts a backup in the place of the ledger, as on another host.
fn restore(rig: &Rig, backup: &Path, with_key: bool) {
    let data = rig.data_dir();
    for name in [
        "ledger.db",
        "ledger.db-wal",
        "ledger.db-shm",
        "ledger.db.key",
        "ledger.db.mark",
    ] {
        let _ = fs::remove_file(data.join(name));
    }
    fs::copy(backup, data.join("ledger.db")).unwrap();
    if with_key {
        let key = backup.with_file_name("backup.db.key");
        fs::copy(key, data.join("ledger.db.key")).unwrap();
    }
}

async fn backed_up() -> (Rig, std::path::PathBuf) {
    let rig = rig().await;
    ada(&rig).await.expect(0);
    let backup = rig.path("backup.db");
    let made = rig
        .run(&["ledger", "backup", backup.to_str().unwrap(), "--json"])
        .await
        .expect(0)
        .last();
    assert_eq!(made["key"], rig.path("backup.db.key").to_str().unwrap());
    (rig, backup)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_its_key_is_told_and_knows_everybody() {
    let (rig, backup) = backed_up().await;
    restore(&rig, &backup, true);

    ada(&rig).await.expect(9);
    let other = rig.run(&["submit", "--email", "grace@navy.example"]).await;

    assert!(
        other.stderr.contains("restored or copied"),
        "{}",
        other.stderr
    );
    other.expect(9);
    rig.run(&["ledger", "check", "--trust", "--yes"])
        .await
        .expect(0);
    assert_eq!(ada(&rig).await.expect(0).last()["outcome"], "already");
    rig.run(&["submit", "--email", "grace@navy.example"])
        .await
        .expect(0);
    assert_eq!(rig.control.posts(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_its_key_pays_for_nobody_until_a_person_has_a_new_one_made() {
    let (rig, backup) = backed_up().await;
    restore(&rig, &backup, false);

    let refused = ada(&rig).await;
    let plan = rig.file("people.csv", "Email\nada@acme.example\n");
    let planned = rig.run(&["bulk", "plan", plan.to_str().unwrap()]).await;

    assert!(
        refused.stderr.contains("ledger.db.key is missing"),
        "{}",
        refused.stderr
    );
    refused.expect(9);
    planned.expect(9);
    rig.run(&["ledger", "check", "--trust", "--yes"])
        .await
        .expect(9);
    rig.run(&["ledger", "check", "--trust", "--new-key", "--yes"])
        .await
        .expect(0);
    assert_eq!(ada(&rig).await.expect(0).last()["outcome"], "already");
    assert_eq!(rig.control.posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_deleted_is_told_and_good_again_when_it_is_back() {
    let rig = rig().await;
    ada(&rig).await.expect(0);
    let (key, aside) = (rig.data_dir().join("ledger.db.key"), rig.path("aside"));
    fs::rename(&key, &aside).unwrap();

    ada(&rig).await.expect(9);
    rig.run(&["ledger", "check"]).await.expect(9);
    assert!(!key.exists(), "none is made by itself");
    fs::rename(&aside, &key).unwrap();

    assert_eq!(ada(&rig).await.expect(0).last()["outcome"], "already");
    assert_eq!(rig.control.posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_behind_a_link_is_the_same_ledger() {
    let rig = rig().await;
    ada(&rig).await.expect(0);
    let (data, elsewhere) = (rig.data_dir(), rig.path("elsewhere"));
    fs::create_dir(&elsewhere).unwrap();
    for name in [
        "ledger.db",
        "ledger.db.key",
        "ledger.db.mark",
        "ledger.db.d",
    ] {
        fs::rename(data.join(name), elsewhere.join(name)).unwrap();
    }
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("ledger.db"), data.join("ledger.db")).unwrap();

    assert_eq!(ada(&rig).await.expect(0).last()["outcome"], "already");
    assert!(!data.join("ledger.db.key").exists());
    assert_eq!(rig.control.posts(), 1);
}

/// The places of an account without `--data-dir`: ledger and tokens lie apart.
#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_restored_whole_sends_nothing_until_a_person_accepts_it() {
    let rig = rig().await;
    let (share, state) = (rig.path("share/ziadeck"), rig.path("state/ziadeck"));
    copy_all(
        &rig.data_dir().join("credentials"),
        &state.join("credentials"),
    );
    let run = async |args: &[&str]| {
        let mut command = rig.command(args);
        command
            .env_remove("ZIADECK_DATA_DIR")
            .env("XDG_DATA_HOME", rig.path("share"))
            .env("XDG_STATE_HOME", rig.path("state"));
        finish(command.spawn().unwrap()).await
    };
    run(&["submit", "--email", "ada@acme.example"])
        .await
        .expect(0);
    let backup = rig.path("backup");
    copy_all(&share, &backup);
    run(&["submit", "--email", "grace@navy.example"])
        .await
        .expect(0);
    fs::remove_dir_all(&share).unwrap();
    copy_all(&backup, &share);

    let refused = run(&["submit", "--email", "grace@navy.example"]).await;
    let looked = run(&["doctor", "--offline"]).await;

    for told in [&refused.stderr, &looked.stdout] {
        assert!(told.contains("restored from an older copy"), "{told}");
    }
    refused.expect(9);
    assert_eq!(rig.control.posts(), 2);
    run(&["ledger", "check", "--trust", "--yes"])
        .await
        .expect(0);
    run(&["submit", "--email", "lin@acme.example"])
        .await
        .expect(0);
    assert_eq!(rig.control.posts(), 3);
}

/// Copies a directory with the modes of what is in it.
fn copy_all(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut made = fs::DirBuilder::new();
    made.recursive(true).mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy_all(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
