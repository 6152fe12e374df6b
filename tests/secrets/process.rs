//! The process itself: what others may read of it, and what it leaves behind when it breaks.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::program;

/// A program that runs until it is killed, and the number of its process.
async fn running(home: &Path, as_nobody: bool) -> (Child, PathBuf) {
    let inner = program(home);
    let mut command = inner;
    if as_nobody {
        command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(env!("CARGO_BIN_EXE_ziadeck"))
            .env_clear()
            .env("HOME", home)
            .kill_on_drop(true);
    }
    let mut child = command
        .arg("simulate")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).await.unwrap();
    let pid = child.id().unwrap();
    (child, PathBuf::from(format!("/proc/{pid}")))
}

#[tokio::test]
async fn a_process_leaves_no_core_and_makes_private_files() {
    let home = tempfile::tempdir().unwrap();
    let (_child, proc) = running(home.path(), false).await;

    let limits = std::fs::read_to_string(proc.join("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.contains("core file"))
        .unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{core}");
    let status = std::fs::read_to_string(proc.join("status")).unwrap();
    assert!(status.contains("Umask:\t0077"), "{status}");
}

/// A process that is not dumpable belongs to root below /proc, whoever runs it: nobody else of the
/// same user can read its memory or its environment.
#[tokio::test]
async fn another_process_of_the_same_user_cannot_read_its_memory() {
    let home = tempfile::tempdir().unwrap();
    let is_root = rustix::process::getuid().is_root();
    let has_setpriv = Path::new("/usr/bin/setpriv").exists();
    if is_root && !has_setpriv {
        eprintln!("skipped: root owns everything here and there is no setpriv");
        return;
    }
    let (_child, proc) = running(home.path(), is_root).await;

    let status = std::fs::read_to_string(proc.join("status")).unwrap();
    assert!(!status.contains("Uid:\t0"), "{status}");
    for name in ["environ", "mem", "maps"] {
        assert_eq!(
            std::fs::metadata(proc.join(name)).unwrap().uid(),
            0,
            "{name}"
        );
    }
}

/// Set for the process that panics.
const PANICS: &str = "ZIADECK_TEST_PANICS";

/// Not a test by itself: the process of the test below.
#[test]
fn a_process_that_panics() {
    if std::env::var_os(PANICS).is_some() {
        ziadeck::cli::guard::lock_process();
        ziadeck::cli::guard::fix_panic_text();
        panic!("canary-in-the-message");
    }
}

#[tokio::test]
async fn a_panic_says_where_and_never_what() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::a_process_that_panics", "--nocapture"])
        .env(PANICS, "1")
        .env("RUST_BACKTRACE", "full")
        .output()
        .await
        .unwrap();

    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101));
    assert!(
        text.contains("met a fault of its own at tests/secrets/process.rs"),
        "{text}"
    );
    let all = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains("canary"));
}
