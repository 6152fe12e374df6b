//! Several administrators of one host on one ledger, as `docs/sharing.md` sets it up.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use futures_util::future::join_all;
use rstest::rstest;
use support::{Bench, Ran, finish};
use tokio::process::Command;

/// The program as another administrator runs it: a home of their own, the shared data directory,
/// and whatever umask their shell has.
async fn run_as(bench: &Bench, (who, umask): (&str, &str), arguments: &[&str]) -> Ran {
    let home = bench.path(who);
    let credentials = home.join(".local/state/ziadeck/credentials");
    std::fs::create_dir_all(&credentials).unwrap();
    std::fs::set_permissions(&credentials, PermissionsExt::from_mode(0o700)).unwrap();
    let own = credentials.join("us.toml");
    std::fs::copy(bench.path("data/credentials/us.toml"), &own).unwrap();
    std::fs::set_permissions(&own, PermissionsExt::from_mode(0o600)).unwrap();
    let child = Command::new("sh")
        .arg("-c")
        .arg(format!("umask {umask}; exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_ziadeck"))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", &home)
        .env("USER", who)
        .env("XDG_DATA_HOME", bench.path("srv"))
        .env("ZIADECK_CONFIG", bench.path("config.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    finish(child).await
}

/// The group's directory, as an administrator makes it.
fn share(bench: &Bench) -> std::path::PathBuf {
    let shared = bench.path("srv/ziadeck");
    std::fs::create_dir_all(&shared).unwrap();
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o2770)).unwrap();
    shared
}

/// Everything below a directory that others could read, or the group could not write.
fn wrong_modes(directory: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let meta = path.metadata().unwrap();
        let wanted = if meta.is_dir() { 0o2770 } else { 0o660 };
        // Files of locks and markers are made for the group, too; nothing is for others.
        if meta.mode() & 0o7777 != wanted {
            wrong.push(format!("{} {:04o}", path.display(), meta.mode() & 0o7777));
        }
        if meta.is_dir() {
            wrong.extend(wrong_modes(&path));
        }
    }
    wrong
}

#[rstest]
#[case::strict_then_open("077", "000")]
#[case::open_then_strict("000", "077")]
#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_share_one_ledger_whatever_their_umask(
    #[case] first: &str,
    #[case] second: &str,
) {
    let bench = Bench::quiet().await;
    let shared = share(&bench);

    run_as(
        &bench,
        ("ada", first),
        &["submit", "--email", "ada@acme.example"],
    )
    .await
    .expect(0);
    run_as(
        &bench,
        ("bob", second),
        &["submit", "--email", "bob@acme.example"],
    )
    .await
    .expect(0);
    let log = run_as(&bench, ("ada", first), &["log", "--json"])
        .await
        .rows();

    assert_eq!(wrong_modes(&shared), Vec::<String>::new());
    let who = |row: usize| log[row]["operator"].as_str().unwrap();
    assert!(who(0).ends_with(" (as bob)"), "{log:?}");
    assert!(who(1).ends_with(" (as ada)"), "{log:?}");
    assert!(shared.join("ledger.db").exists());
    assert!(
        !shared.join("credentials").exists(),
        "tokens are never shared"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_at_once_cannot_spend_the_last_unit_twice() {
    let bench = Bench::quiet().await;
    share(&bench);
    let profile = bench.profile("us", "limit = 3");
    bench.write("config.toml", &profile, 0o600);

    let senders = ["ada", "bob", "cleo", "dan", "eve"];
    let ran = join_all(senders.map(|who| {
        let bench = &bench;
        async move {
            let email = format!("{who}@acme.example");
            run_as(bench, (who, "022"), &["submit", "--email", &email]).await
        }
    }))
    .await;

    let mut codes: Vec<_> = ran.iter().map(|one| one.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, 0, 6, 6], "{ran:?}");
    assert_eq!(bench.control().posts(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_not_shared_stays_private() {
    let bench = Bench::quiet().await;

    run_as(
        &bench,
        ("ada", "000"),
        &["submit", "--email", "ada@acme.example"],
    )
    .await
    .expect(0);

    let mode = |path: &str| bench.path(path).metadata().unwrap().mode() & 0o777;
    assert_eq!(mode("srv/ziadeck"), 0o700);
    assert_eq!(mode("srv/ziadeck/ledger.db"), 0o600);
}
