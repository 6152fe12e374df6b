//! The program beside itself: replaced while it runs (F70), and without the threads it needs (F68).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::support::{Bench, finish};
use crate::{can, wrapped};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ziadeck");

/// A run of so many people.
async fn planned(bench: &Bench, rows: usize) -> String {
    let people: String = (1..=rows).map(|n| format!("p{n}@acme.example\n")).collect();
    let file = bench.write("people.csv", &format!("Email\n{people}"), 0o600);
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    bench.run(&plan).await.expect(0).row()["run"].to_string()
}

/// The same command, by another copy of the program.
fn by(program: &Path, bench: &Bench, arguments: &[&str]) -> Command {
    let given = bench.command(arguments);
    let given = given.as_std();
    let mut command = Command::new(program);
    command
        .args(given.get_args())
        .env_clear()
        .envs(
            given
                .get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn f70_a_program_that_is_replaced_finishes_its_run_and_the_new_one_waits() {
    const ROWS: usize = 12;
    let bench = Bench::quiet().await;
    bench.control().set_latency(Duration::from_millis(150));
    let run = planned(&bench, ROWS).await;
    let (program, next) = (bench.path("ziadeck"), bench.path("next"));
    fs::copy(PROGRAM, &program).unwrap();
    fs::copy(PROGRAM, &next).unwrap();
    let go = ["bulk", "run", run.as_str(), "--yes", "--json"];
    let old = by(&program, &bench, &go).spawn().unwrap();
    let control = bench.control();
    control.wait_until(|control| control.posts() >= 2).await;

    fs::rename(&next, &program).unwrap();
    let refused = finish(by(&program, &bench, &go).spawn().unwrap()).await;
    let seen = finish(by(&program, &bench, &["log", "--json"]).spawn().unwrap()).await;
    let old = finish(old).await.expect(0);

    assert_eq!(refused.code, 10, "{refused:?}");
    assert!(!seen.expect(0).rows().is_empty());
    assert_eq!(
        bench.control().posts(),
        u64::try_from(ROWS).unwrap(),
        "{old:?}"
    );
    let status = ["bulk", "status", run.as_str(), "--json"];
    let status = finish(by(&program, &bench, &status).spawn().unwrap()).await;
    assert_eq!(status.expect(0).row()["state"], "finished");
}

/// Gives everything of a bench to another user, whom a limit on processes binds; root is free of it.
fn give_away(path: &Path, user: u32) {
    std::os::unix::fs::chown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give_away(&entry.unwrap().path(), user);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f68_too_few_threads_send_nothing_and_are_named() {
    const USER: u32 = 54_321;
    let is_root = rustix::process::geteuid().is_root();
    // The limit counts what the user has everywhere: a name space of our own begins at nothing.
    let other = [
        "setpriv",
        "--reuid=54321",
        "--regid=54321",
        "--clear-groups",
    ];
    let own = ["unshare", "-r"];
    let wrapper: &[&str] = if is_root { &other } else { &own };
    if !can(&[wrapper, &["prlimit", "--nproc=64"]].concat()).await {
        return;
    }
    let bench = Bench::quiet().await;
    if is_root {
        let root = bench.path("");
        fs::set_permissions(&root, fs::Permissions::from_mode(0o700)).unwrap();
        bench.submit("first").await.expect(0);
        give_away(&root, USER);
    }
    let before = bench.control().posts();

    let mut sent = 0;
    for threads in [1, 2, 3, 5, 8, 10, 12, 14, 64] {
        let limit = format!("--nproc={threads}");
        let limited = [wrapper, &["prlimit", &limit]].concat();
        let submit = ["submit", "--email", &format!("n{threads}@acme.example")];
        let ran = finish(wrapped(&bench, &limited, &submit).spawn().unwrap()).await;

        match ran.code {
            0 => sent += 1,
            _ => assert!(ran.stderr.contains("ulimit -u"), "{threads}: {ran:?}"),
        }
        assert!([0, 2].contains(&ran.code), "{threads}: {ran:?}");
    }
    assert!(
        (1..9).contains(&sent),
        "with 64 it works, with 1 it does not: {sent}"
    );
    assert_eq!(bench.control().posts(), before + sent);
}
