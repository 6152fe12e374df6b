//! The machine itself: no name service, no descriptors, little memory, no home: F1, F27, F40, F68,
//! F69.

use std::path::Path;

use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target};

use crate::support::{Bench, finish, program};
use crate::{can, wrapped};

/// F1, in a network of its own in which there is nobody.
#[tokio::test(flavor = "multi_thread")]
async fn f1_without_a_name_service_nothing_is_sent() {
    const ALONE: [&str; 2] = ["unshare", "-rn"];
    if !can(&ALONE).await {
        return;
    }
    let bench = Bench::quiet().await;
    let text = std::fs::read_to_string(bench.path("config.toml")).unwrap();
    let real: String = text
        .lines()
        .filter(|line| !line.contains("_url"))
        .map(|line| format!("{line}\n"))
        .collect();
    bench.write("config.toml", &real, 0o600);

    let submit = ["submit", "--json", "--email", "ada@acme.example"];
    let ran = finish(wrapped(&bench, &ALONE, &submit).spawn().unwrap())
        .await
        .expect(7);

    assert_eq!(ran.row()["outcome"], "not_sent");
    assert_eq!(bench.usage(&[]).await["used"], 0);
}

/// F68: a machine that has too few descriptors says so before anything is sent.
#[tokio::test(flavor = "multi_thread")]
async fn f68_too_few_descriptors_send_nothing_and_are_named() {
    if !can(&["prlimit", "--nofile=64"]).await {
        return;
    }
    let bench = Bench::quiet().await;
    let mut sent = 0;
    for files in (6..70).step_by(7) {
        let limit = format!("--nofile={files}");
        let email = format!("ada{files}@acme.example");
        let submit = ["submit", "--email", &email];
        let command = wrapped(&bench, &["prlimit", &limit], &submit).spawn();
        let ran = finish(command.unwrap()).await;

        match ran.code {
            0 => sent += 1,
            _ => assert!(ran.stderr.contains("ulimit -n"), "{files}: {ran:?}"),
        }
        assert!([0, 2].contains(&ran.code), "{files}: {ran:?}");
    }
    assert!(sent > 0, "with 69 descriptors it works");
    assert_eq!(bench.control().posts(), sent);
}

/// F27: 100 MB in one answer, and one without an end, within 150 MB of data. The simulator is
/// another process: it needs the memory for itself.
#[tokio::test(flavor = "multi_thread")]
async fn f27_a_huge_answer_takes_little_memory() {
    const LITTLE: [&str; 2] = ["prlimit", "--data=157286400"];
    if !can(&LITTLE).await {
        return;
    }
    let bench = Bench::new(SimulatorOptions::default()).await;
    let huge = Action::HugeBody { bytes: 100 << 20 };
    for (action, email) in [
        (huge, "ada@acme.example"),
        (Action::Endless, "lin@acme.example"),
    ] {
        bench
            .control()
            .push_fault(Fault::next(Target::PeoplePost, action));

        let submit = ["submit", "--json", "--email", email];
        let ran = finish(wrapped(&bench, &LITTLE, &submit).spawn().unwrap())
            .await
            .expect(8);

        assert_eq!(ran.row()["outcome"], "unknown (accepted)", "{ran:?}");
    }
}

/// F69.
#[tokio::test]
async fn f69_a_home_that_is_missing_or_unusable_is_named() {
    for (home, told) in [(None, "HOME"), (Some("/proc/no-such"), "/proc/no-such")] {
        let mut command = program(Path::new("/"));
        match home {
            None => command.env_remove("HOME"),
            Some(home) => command.env("HOME", home),
        };
        command.args(["submit", "--email", "ada@acme.example"]);

        let ran = finish(command.spawn().unwrap()).await;

        assert!([2, 4, 9].contains(&ran.code), "{ran:?}");
        assert!(ran.stderr.contains(told), "{ran:?}");
    }
}

/// F40: whoever reads has seen enough.
#[tokio::test]
async fn f40_a_reader_that_leaves_is_no_error() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        &["completions", "bash"][..],
        &["man"],
        &["explain"],
        &["themes"],
    ] {
        let mut command = program(home.path());
        let mut child = command.args(arguments).spawn().unwrap();
        drop(child.stdout.take());

        let ran = finish(child).await;

        assert!(ran.stderr.is_empty(), "{arguments:?}: {ran:?}");
    }
}

/// T10: whoever planted a proxy in the environment is seen, and the password in it is not.
#[tokio::test(flavor = "multi_thread")]
async fn t10_a_proxy_is_told_by_its_host_alone() {
    let bench = Bench::quiet().await;
    let text = std::fs::read_to_string(bench.path("config.toml")).unwrap();
    let real: String = text
        .lines()
        .filter(|line| !line.contains("_url"))
        .map(|line| format!("{line}\n"))
        .collect();
    bench.write("config.toml", &real, 0o600);
    // A port at which nobody is: nothing leaves this machine.
    let proxy = "http://ada:canary@127.0.0.1:9";

    let child = bench.command(&["doctor"]).env("HTTPS_PROXY", proxy).spawn();
    let ran = finish(child.unwrap()).await;

    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains("127.0.0.1:9, as HTTPS_PROXY says"), "{ran:?}");
    assert!(!told.contains("canary"), "{ran:?}");
}

/// F37: a panic in the task that sends, behind the row that is on record. Whoever waits is told, and
/// the row says what is true: the receipt was never used, so nothing was sent.
#[tokio::test(flavor = "multi_thread")]
async fn f37_a_panic_in_the_task_that_sends_is_told_and_recorded() {
    use ziadeck::ops::submit::{SubmitOptions, submit};
    let bench = Bench::quiet().await;
    let context = bench.context().await;
    let session = context.session(None).unwrap();
    let options = SubmitOptions {
        on_dispatch: Some(std::sync::Arc::new(|_| panic!("as a fault of ours"))),
        ..SubmitOptions::single()
    };

    let error = submit(&session, &crate::request("ada"), options)
        .await
        .unwrap_err();
    let next = crate::send(&session, "lin").await;

    assert_eq!(error.exit_code(), 8);
    assert!(error.to_string().contains("the log says"), "{error}");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("ziadeck log"))
    );
    assert_eq!(next.row.outcome, ziadeck::base::Outcome::Scheduled);
    context.close().await;
    let rows = bench.run(&["log", "--json"]).await.expect(0).rows();
    assert_eq!(rows[1]["outcome"], "not_sent", "{rows:?}");
    assert_eq!(bench.control().posts(), 1);
}
