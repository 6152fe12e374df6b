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
async fn run_as(bench: &Bench, whose: (&str, &str), arguments: &[&str]) -> Ran {
    finish(command_as(bench, whose, arguments).spawn().unwrap()).await
}

fn command_as(bench: &Bench, (who, umask): (&str, &str), arguments: &[&str]) -> Command {
    let home = bench.path(who);
    let credentials = home.join(".local/state/ziadeck/credentials");
    std::fs::create_dir_all(&credentials).unwrap();
    std::fs::set_permissions(&credentials, PermissionsExt::from_mode(0o700)).unwrap();
    let own = credentials.join("us.toml");
    std::fs::copy(bench.path("data/credentials/us.toml"), &own).unwrap();
    std::fs::set_permissions(&own, PermissionsExt::from_mode(0o600)).unwrap();
    let mut command = Command::new("sh");
    command
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
        .kill_on_drop(true);
    command
}

/// Gives everything below a directory to a user, but what is shared.
fn give(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() && !path.ends_with("srv") {
        for entry in std::fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), user);
        }
    }
}

/// The user who is the victim here, and the group in which others are too.
const ADA: u32 = 65_534;
const GROUP: u32 = 1;

/// A submit by a real second user, who is in the group.
async fn submit_as_ada(bench: &Bench) -> Ran {
    let submit = ["submit", "--email", "ada@acme.example"];
    let mut command = command_as(bench, ("ada", "022"), &submit);
    give(&bench.path(""), ADA);
    std::os::unix::fs::chown(bench.path("srv"), Some(0), Some(GROUP)).unwrap();
    command.uid(ADA).gid(GROUP);
    finish(command.spawn().unwrap()).await
}

fn make(path: &Path, mode: u32, (user, group): (u32, u32)) {
    std::fs::create_dir_all(path).unwrap();
    std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// Another member of the group moves the data directory away and puts a shared one of their own there.
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_a_group_may_replace_is_only_read() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: a second user needs root");
        return;
    }
    let bench = Bench::quiet().await;
    let (above, data) = (bench.path("srv"), bench.path("srv/ziadeck"));
    make(&above, 0o755, (0, GROUP));
    make(&data, 0o700, (ADA, ADA));
    submit_as_ada(&bench).await.expect(0);
    std::fs::set_permissions(&above, PermissionsExt::from_mode(0o2775)).unwrap();

    let loose = submit_as_ada(&bench).await.expect(9);
    std::fs::rename(&data, above.join("away")).unwrap();
    make(&data, 0o2770, (GROUP, GROUP));
    let replaced = submit_as_ada(&bench).await.expect(9);

    let mend = format!("chmod go-w {}", above.display());
    for refused in [loose, replaced] {
        assert!(refused.stderr.contains(&mend), "{refused:?}");
    }
    assert_eq!(bench.control().posts(), 1);
}

/// Whoever is in the group may have made the shared directory; whoever is not may not.
#[tokio::test(flavor = "multi_thread")]
async fn a_shared_directory_belongs_to_somebody_of_its_group() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: a second user needs root");
        return;
    }
    let bench = Bench::quiet().await;
    let shared = bench.path("srv/ziadeck");
    make(&bench.path("srv"), 0o755, (0, GROUP));
    make(&shared, 0o2770, (12_345, GROUP));
    let refused = submit_as_ada(&bench).await.expect(9);
    make(&shared, 0o2770, (GROUP, GROUP));

    submit_as_ada(&bench).await.expect(0);

    assert!(
        refused.stderr.contains("belongs to user 12345"),
        "{refused:?}"
    );
    assert_eq!(bench.control().posts(), 1);
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
