//! The ledger's file, through the program: F46, F48, F51 to F54. What a disk does that fills up or
//! fails later is held beside the ledger itself.

use std::fs;
use std::time::Duration;

use rstest::rstest;
use ziadeck::ops::OpsError;

use crate::support::{Bench, Ran, finish};
use crate::{can, send, session, try_send, wrapped};

/// Every way of getting at a unit or a number.
const COMMANDS: [&[&str]; 4] = [
    &["submit", "--email", "lin@acme.example"],
    &["usage"],
    &["log"],
    &["bulk", "status"],
];

/// A bench whose ledger has one attempt in it.
async fn lived_in() -> Bench {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    assert_eq!(bench.control().posts(), 1);
    bench
}

#[rstest]
#[case::text(b"this is no database".to_vec())]
#[case::zeroes(vec![0; 8192])]
#[case::a_header_and_then_noise([b"SQLite format 3\0".as_slice(), &[0xa5; 8176]].concat())]
#[tokio::test(flavor = "multi_thread")]
async fn f53_a_broken_ledger_ends_with_9_sends_nothing_and_is_left_alone(#[case] bytes: Vec<u8>) {
    let bench = lived_in().await;
    let path = bench.path("data/ledger.db");
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        // They are there only after a crash.
        let _ = fs::remove_file(bench.path(&format!("data/{name}")));
    }
    fs::write(&path, &bytes).unwrap();

    for command in COMMANDS {
        let ran = bench.run(command).await.expect(9);

        assert!(ran.stderr.contains("ledger.db"), "{ran:?}");
        assert!(!ran.stderr.contains("fault of its own"), "{ran:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(bench.control().posts(), 1);
}

/// Pages of the ledger are overwritten one after the other: an error or a right answer, never a
/// panic.
#[tokio::test(flavor = "multi_thread")]
async fn f53_damage_in_any_page_is_an_error_or_harmless() {
    let bench = lived_in().await;
    let path = bench.path("data/ledger.db");
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 4096;

    for page in (0..pages).step_by(pages / 12 + 1) {
        let mut broken = whole.clone();
        broken[page * 4096..][..4096].fill(0xa5);
        fs::write(&path, &broken).unwrap();

        let ran = bench.run(&["log", "--json"]).await;

        assert!([0, 9].contains(&ran.code), "page {page}: {ran:?}");
        assert!(
            !ran.stderr.contains("fault of its own"),
            "page {page}: {ran:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f54_a_newer_ledger_is_refused_with_both_versions() {
    let bench = lived_in().await;
    let sql = rusqlite::Connection::open(bench.path("data/ledger.db")).unwrap();
    let known: i64 = sql
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    sql.pragma_update(None, "user_version", known + 1).unwrap();
    drop(sql);

    let ran = bench.submit("lin").await.expect(9);

    for version in [known, known + 1] {
        assert!(ran.stderr.contains(&version.to_string()), "{ran:?}");
    }
    assert_eq!(bench.control().posts(), 1);
}

#[rstest]
#[case::deleted(false)]
#[case::replaced(true)]
#[tokio::test(flavor = "multi_thread")]
async fn f51_a_ledger_that_goes_away_while_it_is_open_sends_nothing_more(#[case] replaced: bool) {
    let bench = Bench::quiet().await;
    let session = session(&bench).await;
    send(&session, "ada").await;
    let path = bench.path("data/ledger.db");

    fs::rename(&path, bench.path("moved.db")).unwrap();
    if replaced {
        fs::copy(bench.path("moved.db"), &path).unwrap();
    }
    let error = try_send(&session, "lin").await.unwrap_err();

    assert!(matches!(error, OpsError::Ledger(_)), "{error}");
    assert_eq!(error.exit_code(), 9);
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_ledger_older_than_the_mark_is_not_sent_from() {
    let bench = lived_in().await;
    let path = bench.path("data/ledger.db");
    let older = fs::read(&path).unwrap();
    bench.submit("grace").await.expect(0);
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(bench.path(&format!("data/{name}")));
    }
    fs::write(&path, &older).unwrap();

    let ran = bench.submit("lin").await.expect(9);

    assert!(ran.stderr.contains("ledger check --trust"), "{ran:?}");
    assert_eq!(bench.control().posts(), 2, "ada and grace");
    bench.run(&["log"]).await.expect(0);
}

/// F48: nothing can be made there, whoever asks; a process of root is no exception below /proc.
#[tokio::test(flavor = "multi_thread")]
async fn f48_a_directory_that_cannot_be_written_is_named() {
    let bench = Bench::quiet().await;

    let mut command = crate::support::program(&bench.path(""));
    command.arg("--config").arg(bench.path("config.toml"));
    command.args([
        "--data-dir",
        "/proc/no-such",
        "submit",
        "--email",
        "ada@acme.example",
    ]);
    let ran = crate::support::finish(command.spawn().unwrap()).await;

    assert!([2, 9].contains(&ran.code), "{ran:?}");
    assert!(ran.stderr.contains("/proc/no-such"), "{ran:?}");
    assert_eq!(bench.control().connections(), 0);
}

/// A mount of our own, seen by nobody else.
const OWN_MOUNTS: [&str; 2] = ["unshare", "-rm"];

/// Runs the program with its data directory on a small disk of its own that was made unfit for
/// writing.
async fn on_small_disk(bench: &Bench, spoil: &str, arguments: &[&str]) -> Ran {
    let script = format!(
        "set -e; data=$0; cp -a $data $data.side; mount -t tmpfs -o size=2m none $data; \
         cp -a $data.side/. $data; rm -r $data.side; {spoil}; exec \"$@\""
    );
    let data = bench.path("data");
    let wrapper = [
        &OWN_MOUNTS[..],
        &["sh", "-c", &script, data.to_str().unwrap()],
    ]
    .concat();
    finish(wrapped(bench, &wrapper, arguments).spawn().unwrap()).await
}

/// Whether mounts of our own work here.
const TRY: &str = "mount -t tmpfs none /mnt; exec $0";

/// Every byte is taken: the last ones by blocks of one.
const FILL: &str = "for size in 4096 1; do \
    dd if=/dev/zero of=$data/filler$size bs=$size 2>$data.dd || true; done";

#[rstest]
#[case::full(FILL, "its disk is full")]
#[case::read_only("mount -o remount,ro $data", "its disk is mounted read-only")]
#[tokio::test(flavor = "multi_thread")]
async fn f46_a_ledger_on_a_disk_that_takes_nothing_is_read_and_not_sent_from(
    #[case] spoil: &str,
    #[case] reason: &str,
) {
    if !can(&[&OWN_MOUNTS[..], &["sh", "-ec", TRY]].concat()).await {
        return;
    }
    let bench = lived_in().await;
    let run = async |arguments: &[&str]| on_small_disk(&bench, spoil, arguments).await;

    for command in [
        &["log", "--json"][..],
        &["usage", "--json"],
        &["bulk", "status"],
        &["ledger", "check", "--json"],
        &["ledger", "dump"],
    ] {
        let ran = run(command).await.expect(0);

        let told = format!("note: the ledger can only be read: {reason}; nothing can be sent");
        assert!(ran.stderr.contains(&told), "{command:?}: {ran:?}");
    }
    let log = run(&["log", "--json"]).await.row();
    let usage = run(&["usage", "--json"]).await.row();
    let refused = run(&["submit", "--email", "lin@acme.example"])
        .await
        .expect(9);
    let doctor = run(&["doctor", "--offline", "--json"]).await.expect(9);

    assert_eq!(log["outcome"], "scheduled");
    assert_eq!(usage["used"], 1);
    assert!(refused.stderr.contains("nothing was sent"), "{refused:?}");
    assert!(doctor.stdout.contains(reason), "{doctor:?}");
    assert_eq!(bench.control().posts(), 1);
}

/// There is room for an attempt and none for an upgrade: the ledger stays as it was, and is read.
#[tokio::test(flavor = "multi_thread")]
async fn f44_an_older_ledger_without_room_for_its_upgrade_is_left_as_it_is() {
    const LITTLE: &str = "truncate -s -500k $data/filler4096";
    if !can(&[&OWN_MOUNTS[..], &["sh", "-ec", TRY]].concat()).await {
        return;
    }
    let bench = lived_in().await;
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ledger-0.1");
    for file in ["ledger.db", "ledger.db.key", "ledger.db.mark"] {
        std::fs::copy(format!("{old}/{file}"), bench.path("data").join(file)).unwrap();
    }
    let little = format!("{FILL}; {LITTLE}");
    let run = async |arguments: &[&str]| on_small_disk(&bench, &little, arguments).await;

    let check = run(&["ledger", "check", "--json"]).await.expect(0);
    let refused = run(&["submit", "--email", "lin@acme.example"])
        .await
        .expect(9);

    assert_eq!(check.row()["format"], 2);
    assert!(
        check
            .stderr
            .contains("its upgrade from format 2 to 6 needs 1053 kB, and its disk has "),
        "{check:?}"
    );
    assert!(refused.stderr.contains("nothing was sent"), "{refused:?}");
    let with_room = bench.run(&["ledger", "check", "--json"]).await.expect(0);
    assert_eq!(with_room.row()["format"], 6);
    assert_eq!(bench.control().posts(), 1);
}

/// The unit is spent and the answer is recorded; what cannot be read afterwards changes neither.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_recorded_gives_the_exit_code_even_if_the_usage_cannot_be_read() {
    let bench = lived_in().await;
    bench.control().set_latency(Duration::from_secs(1));
    let child = bench
        .command(&["submit", "--email", "lin@acme.example", "--json"])
        .spawn()
        .unwrap();
    bench
        .control()
        .wait_until(|control| control.posts() == 2)
        .await;

    // The counters of others are gone from where they are looked for; an answer needs none of them.
    let sql = rusqlite::Connection::open(bench.path("data/ledger.db")).unwrap();
    sql.execute_batch("ALTER TABLE foreign_days RENAME TO elsewhere")
        .unwrap();
    let ran = finish(child).await.expect(0);

    assert_eq!(ran.row()["outcome"], "scheduled");
    assert_eq!(ran.row()["usage"], serde_json::Value::Null);
    assert!(ran.stderr.contains("the usage cannot be read"), "{ran:?}");
    assert!(ran.stderr.contains("foreign_days"), "{ran:?}");
}

/// Runs a command that writes below `small`, a disk of its own with next to no room. What is left
/// there is in `small.left`, by name, and in `small.content`.
async fn into_little_room(bench: &Bench, before: &str, arguments: &[&str]) -> Ran {
    let small = bench.path("small");
    fs::create_dir(&small).unwrap();
    let script = format!(
        "set -e; mount -t tmpfs -o size=64k none $0; {before}; code=0; \"$@\" || code=$?; \
         ls -A $0 >$0.left; cat $0/* >$0.content 2>$0.error || true; exit $code"
    )
    .replace("; ;", ";");
    let shell = [
        &OWN_MOUNTS[..],
        &["sh", "-c", &script, small.to_str().unwrap()],
    ]
    .concat();
    finish(wrapped(bench, &shell, arguments).spawn().unwrap()).await
}

/// F56: the file is written beside its place, so that a disk which fills up leaves nothing, or what
/// was there before; the run and its ledger lie elsewhere and are as before.
#[rstest]
#[case::a_new_file("", &[])]
#[case::a_file_that_is_replaced("echo mine >$0/out.csv", &["--force"])]
#[tokio::test(flavor = "multi_thread")]
async fn f56_an_export_that_does_not_fit_leaves_nothing_new(
    #[case] before: &str,
    #[case] more: &[&str],
) {
    if !can(&[&OWN_MOUNTS[..], &["sh", "-ec", TRY]].concat()).await {
        return;
    }
    let bench = Bench::quiet().await;
    let people: String = (1..=3_000)
        .map(|n| format!("p{n}@acme.example\n"))
        .collect();
    let file = bench.write("people.csv", &format!("Email\n{people}"), 0o600);
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    let run = bench.run(&plan).await.expect(0).row()["run"].to_string();
    let out = bench.path("small/out.csv");
    let export = ["bulk", "export", &run, "--out", out.to_str().unwrap()];
    let export = [&export, more].concat();

    let ran = into_little_room(&bench, before, &export).await.expect(11);

    let left = |end: &str| fs::read_to_string(bench.path(&format!("small.{end}"))).unwrap();
    assert!(ran.stderr.contains("out.csv"), "{ran:?}");
    assert!(ran.stderr.contains("No space left"), "{ran:?}");
    if more.is_empty() {
        assert_eq!(left("left"), "");
    } else {
        assert_eq!(
            (left("left"), left("content")),
            ("out.csv\n".to_owned(), "mine\n".to_owned())
        );
    }
    let status = ["bulk", "status", &run, "--json"];
    assert_eq!(bench.run(&status).await.expect(0).row()["pending"], 3_000);
    bench.run(&["ledger", "check"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f56_a_copy_of_the_ledger_that_does_not_fit_leaves_nothing() {
    if !can(&[&OWN_MOUNTS[..], &["sh", "-ec", TRY]].concat()).await {
        return;
    }
    let bench = lived_in().await;
    let copy = bench.path("small/copy.db");
    let backup = ["ledger", "backup", copy.to_str().unwrap()];

    let ran = into_little_room(&bench, "", &backup).await.expect(11);

    assert!(ran.stderr.contains("copy.db"), "{ran:?}");
    assert!(ran.stderr.contains("what was done stands"), "{ran:?}");
    assert_eq!(fs::read_to_string(bench.path("small.left")).unwrap(), "");
}
