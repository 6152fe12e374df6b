//! Other hands on the files of a ledger: links, pipes, second names, directories that others may write,
//! and a schema that somebody changed. Nothing is read, emptied or removed elsewhere, and nothing waits.
#![expect(clippy::unwrap_used, reason = "test code may unwrap and panic")]

mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rstest::rstest;
use rustix::fs::{CWD, Mode};
use support::{Bench, Ran};
use ziadeck::enrichment::Draft;
use ziadeck::ops::draft::{self, KeptDraft};

const VICTIM: &str = "what nobody may touch\n";

/// A ledger with one attempt and a run that waits, and a file of the same user elsewhere.
async fn bench() -> (Bench, PathBuf) {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    let file = bench.write("people.csv", "email\nkim@acme.example\n", 0o600);
    let plan = ["bulk", "plan", file.to_str().unwrap()];
    bench.run(&plan).await.expect(0);
    let victim = bench.write("victim.txt", VICTIM, 0o600);
    (bench, victim)
}

fn put(bench: &Bench, name: &str, make: impl Fn(&Path)) -> PathBuf {
    let path = bench.path("data").join(name);
    let _ = std::fs::remove_file(&path);
    make(&path);
    path
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().mode() & 0o7777
}

/// Every door that opens files beside the ledger.
async fn knock(bench: &Bench) -> Vec<Ran> {
    let commands: [&[&str]; 5] = [
        &["usage"],
        &["submit", "--email", "lin@acme.example"],
        &["bulk", "run", "1", "--yes"],
        &["ledger", "check", "--trust", "--yes"],
        &["doctor"],
    ];
    let mut all = Vec::new();
    for command in commands {
        all.push(bench.run(command).await);
    }
    all
}

#[rstest]
#[case::lock_of_a_run("ledger.db.d/run-1.lock")]
#[case::mark("ledger.db.mark")]
#[case::key("ledger.db.key")]
#[case::log("ledger.db-wal")]
#[case::index("ledger.db-shm")]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_another_file_is_not_followed(#[case] name: &str) {
    let (bench, victim) = bench().await;
    let link = put(&bench, name, |path| symlink(&victim, path).unwrap());

    knock(&bench).await;

    assert_eq!(std::fs::read_to_string(&victim).unwrap(), VICTIM);
    assert!(
        link.symlink_metadata()
            .is_ok_and(|found| found.is_symlink())
    );
}

#[rstest]
#[case::lock_of_a_run("ledger.db.d/run-1.lock")]
#[case::mark("ledger.db.mark")]
#[case::key("ledger.db.key")]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_name_of_another_file_is_not_written(#[case] name: &str) {
    let (bench, victim) = bench().await;
    put(&bench, name, |path| {
        std::fs::hard_link(&victim, path).unwrap();
    });

    knock(&bench).await;

    assert_eq!(std::fs::read_to_string(&victim).unwrap(), VICTIM);
}

/// The helper that runs the program gives up after its deadline: whoever waits for a pipe fails here.
#[rstest]
#[case::lock_of_a_run("ledger.db.d/run-1.lock")]
#[case::lock_of_a_process("ledger.db.d/process-0123456789abcdef0123456789abcdef.lock")]
#[case::mark("ledger.db.mark")]
#[case::key("ledger.db.key")]
#[case::ledger("ledger.db")]
#[case::log("ledger.db-wal")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_waits_for_a_pipe(#[case] name: &str) {
    let (bench, _) = bench().await;
    put(&bench, name, |path| {
        rustix::fs::mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
    });

    let ran = knock(&bench).await;

    if name == "ledger.db" {
        assert!(ran[1].stderr.contains("not a regular file"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_gigabytes_is_not_read() {
    let (bench, _) = bench().await;
    put(&bench, "ledger.db.key", |path| {
        std::fs::File::create(path)
            .unwrap()
            .set_len(3 << 30)
            .unwrap();
    });

    let refused = bench.submit("lin").await.expect(9);

    assert!(refused.stderr.contains("more than 32 bytes"), "{refused:?}");
}

#[rstest]
#[case::everybody(0o777)]
#[case::everybody_with_a_sticky_bit(0o1777)]
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_others_may_write_is_only_read(#[case] loose: u32) {
    let (bench, _) = bench().await;
    let data = bench.path("data");
    std::fs::set_permissions(&data, PermissionsExt::from_mode(loose)).unwrap();
    let posts = bench.control().posts();

    let usage = bench.run(&["usage", "--json"]).await.expect(0);
    let refused = bench.submit("lin").await.expect(9);
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).unwrap();
    bench.submit("lin").await.expect(0);

    assert_eq!(usage.row()["used"], 1);
    let mend = format!("chmod 700 {}", data.display());
    assert!(refused.stderr.contains(&mend), "{refused:?}");
    assert_eq!(bench.control().posts(), posts + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_others_could_read_is_mended_and_told() {
    let (bench, _) = bench().await;
    let ledger = bench.path("data/ledger.db");
    std::fs::set_permissions(&ledger, PermissionsExt::from_mode(0o644)).unwrap();

    let told = bench.run(&["usage"]).await.expect(0);
    let again = bench.run(&["usage"]).await.expect(0);

    assert!(
        told.stderr.contains("was 0644, so others could use it"),
        "{told:?}"
    );
    assert_eq!((mode(&ledger), again.stderr.as_str()), (0o600, ""));
}

/// A real second user: only where the tests run as root.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_another_user_has_made_is_not_followed() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: a second user needs root");
        return;
    }
    let (bench, _) = bench().await;
    let ledger = bench.path("data/ledger.db");
    let elsewhere = bench.path("elsewhere.db");
    std::fs::rename(&ledger, &elsewhere).unwrap();
    symlink(&elsewhere, &ledger).unwrap();
    std::os::unix::fs::lchown(&ledger, Some(65_534), Some(65_534)).unwrap();

    let refused = bench.submit("lin").await;

    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(
        refused.stderr.contains("another user has made"),
        "{refused:?}"
    );
    assert_eq!(bench.control().posts(), 1);
}

/// The same for a file that another user has put beside the ledger.
#[rstest]
#[case("ledger.db.mark")]
#[case("ledger.db.d/run-1.lock")]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_user_has_made_is_not_used(#[case] name: &str) {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: a second user needs root");
        return;
    }
    let (bench, _) = bench().await;
    let planted = put(&bench, name, |path| {
        std::fs::write(path, VICTIM).unwrap();
        std::os::unix::fs::chown(path, Some(65_534), Some(65_534)).unwrap();
    });

    let ran = knock(&bench).await;

    assert!(
        ran.iter()
            .any(|ran| ran.stderr.contains("it belongs to user")),
        "{ran:?}"
    );
    assert_eq!(std::fs::read_to_string(planted).unwrap(), VICTIM);
}

/// Whoever may write the configuration could name a program that runs as somebody else.
#[rstest]
#[case::file("config.toml", 0o666)]
#[case::group("config.toml", 0o620)]
#[case::directory("", 0o777)]
#[case::directory_of_a_group("", 0o2770)]
#[tokio::test(flavor = "multi_thread")]
async fn no_program_of_a_configuration_that_others_may_write_is_run(
    #[case] loose: &str,
    #[case] mode: u32,
) {
    let bench = Bench::quiet().await;
    let marker = bench.path("data/run");
    let secret = format!("client_secret_file = {:?}", bench.path("secret"));
    let program = format!("client_secret_command = [\"touch\", {marker:?}]");
    let profile = bench.profile("us", "").replace(&secret, &program);
    bench.write("config.toml", &profile, 0o600);
    bench.sign_in_without_access("us");
    bench.run(&["usage"]).await.expect(0);
    let path = bench.path(loose);
    // A group that has other members than its owner.
    let _ = std::os::unix::fs::chown(&path, None, Some(65_534));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();

    let refused = bench.submit("ada").await;
    let added = [
        "profile",
        "add",
        "other",
        "--data-center",
        "US",
        "--client-id",
        "1000.X",
    ];
    let added = bench.run(&added).await;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();

    refused.expect(4);
    assert!(added.stderr.contains("chmod"), "{added:?}");
    assert!(!marker.exists());
    assert_eq!(bench.control().posts(), 0);
}

/// Whoever may write the configuration could name any variable as the secret, and where it is sent.
#[rstest]
#[case::login(&["auth", "login", "--code-stdin"])]
#[case::refresh(&["auth", "refresh"])]
#[case::with_a_good_token(&["modules"])]
#[case::submit(&["submit", "--email", "ada@acme.example"])]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_leaves_by_a_configuration_that_others_may_write(
    #[case] command: &[&str],
    #[values("client_secret_env = \"HOME\"", "")] source: &str,
) {
    let bench = Bench::quiet().await;
    let secret = format!("client_secret_file = {:?}", bench.path("secret"));
    let profile = bench.profile("us", "").replace(&secret, source);
    bench.write("config.toml", &profile, 0o666);
    let code = bench.control().issue_grant_code();

    let refused = bench.run_with(command, &format!("{code}\n")).await;
    let checked = bench.run(&["config", "check"]).await.expect(0);

    assert_eq!(refused.code, 4, "{refused:?}");
    let mend = format!("chmod go-w {}", bench.path("config.toml").display());
    assert!(refused.stderr.contains(&mend), "{refused:?}");
    assert!(checked.stderr.contains(&mend), "{checked:?}");
    assert_eq!(bench.control().requests().len(), 0, "{refused:?}");
    assert_eq!(bench.control().token_calls(), 0);
}

/// What a user leaves behind for the next session is theirs, whatever lies there in its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_goes_through_no_link_and_waits_for_no_pipe() {
    let (bench, victim) = bench().await;
    let context = bench.context().await;
    let mine = KeptDraft {
        profile: "us".parse().unwrap(),
        at: None,
        draft: Draft::default()
            .with_json(r#"{"email":"ada@acme.example"}"#)
            .unwrap(),
    };
    let guessed = format!("draft.json.{}", std::process::id());
    put(&bench, &guessed, |path| symlink(&victim, path).unwrap());
    let pipe = |path: &Path| rustix::fs::mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
    let link = |path: &Path| symlink(&victim, path).unwrap();
    let things: [&dyn Fn(&Path); 2] = [&pipe, &link];

    for thing in things {
        put(&bench, "draft.json", thing);
        assert_eq!(draft::kept(&context), None);
        draft::keep(&context, &mine).unwrap();
        assert_eq!(draft::kept(&context), Some(mine.clone()));
    }
    context.close().await;

    assert_eq!(std::fs::read_to_string(victim).unwrap(), VICTIM);
    assert_eq!(mode(&bench.path("data/draft.json")), 0o600);
}

/// What reads the ledger reads it although another process keeps it locked for writing.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_another_process_keeps_locked_is_read() {
    let (bench, _) = bench().await;
    let lock = rusqlite::Connection::open(bench.path("data/ledger.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();

    let commands: [&[&str]; 3] = [&["log"], &["usage"], &["bulk", "status"]];
    let mut all = Vec::new();
    for command in commands {
        all.push(bench.run(command).await.expect(0));
    }
    let refused = bench.submit("lin").await.expect(9);
    lock.execute_batch("COMMIT").unwrap();
    bench.submit("lin").await.expect(0);

    for read in all {
        assert!(!read.stdout.is_empty());
        assert!(
            read.stderr.contains("another process keeps it locked"),
            "{read:?}"
        );
    }
    assert!(refused.stderr.contains("nothing was sent"), "{refused:?}");
    assert_eq!(bench.control().posts(), 2);
}

/// A first start as root leaves directories in a home that its owner cannot enter.
#[tokio::test(flavor = "multi_thread")]
async fn what_root_has_made_in_a_home_is_named_with_its_mend() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: a second user needs root");
        return;
    }
    let (bench, _) = bench().await;
    let home = bench.path("");
    std::fs::set_permissions(&home, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::set_permissions(bench.path("config.toml"), PermissionsExt::from_mode(0o644)).unwrap();
    let mut all = Vec::new();
    for command in [&["usage"][..], &["doctor"][..]] {
        let mut command = bench.command(command);
        command.uid(65_534).gid(65_534);
        all.push(support::finish(command.spawn().unwrap()).await);
    }

    for ran in all {
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(told.contains("chown -R"), "{ran:?}");
        assert!(!told.contains("ledger.db will be made"), "{ran:?}");
    }
}

/// The same where nothing could be made yet.
#[tokio::test(flavor = "multi_thread")]
async fn what_root_has_made_in_a_home_without_a_ledger_is_named_with_its_mend() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: a second user needs root");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(home.path(), Some(65_534), Some(65_534)).unwrap();
    let local = home.path().join(".local");
    std::fs::create_dir(&local).unwrap();
    std::fs::set_permissions(&local, PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = support::program(home.path());
    command.arg("usage").uid(65_534).gid(65_534);

    let refused = support::finish(command.spawn().unwrap()).await;

    assert_eq!(refused.code, 2, "{refused:?}");
    let mend = format!(
        "belongs to user root; if it is yours: sudo chown -R \"$(id -un)\" {}",
        local.display()
    );
    assert!(refused.stderr.contains(&mend), "{refused:?}");
}
