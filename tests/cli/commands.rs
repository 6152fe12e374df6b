//! Every other command: its JSON, its exit code.

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::EnrichmentKind;
use ziadeck::simulator::{Action, Fault, StatusFault, Target};

use crate::support::{Bench, program};

#[tokio::test(flavor = "multi_thread")]
async fn usage_has_the_fixed_names() {
    let bench = Bench::quiet().await;

    let ran = bench.run(&["usage", "--json"]).await.expect(0);

    let fixed = [
        "profile",
        "used",
        "limit",
        "limit_source",
        "left",
        "mine",
        "others",
        "unknown",
        "source",
        "at",
    ];
    for name in fixed {
        assert!(ran.keys().iter().any(|key| key == name), "{name}");
    }
    assert_eq!(ran.row()["source"], "ledger");
    assert_eq!(ran.row()["at"], Value::Null);
    assert_eq!(bench.control().connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_the_fixed_names_and_filters() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    bench
        .run(&["submit", "--force", "--email", "ab"])
        .await
        .expect(5);

    let all = bench.run(&["log", "--json"]).await.expect(0);
    let rejected = bench
        .run(&["log", "--format", "jsonl", "--outcome", "rejected"])
        .await
        .row();
    let found = bench.run(&["log", "--json", "--search", "ada"]).await.row();
    let csv = bench.run(&["log", "--format", "csv"]).await.expect(0);

    for name in [
        "attempt",
        "at",
        "profile",
        "module",
        "outcome",
        "http_status",
        "code",
        "job_id",
        "latency_ms",
        "inputs",
    ] {
        assert!(all.keys().iter().any(|key| key == name), "{name}");
    }
    assert_eq!(rejected["code"], "INVALID_DATA");
    assert_eq!(found["inputs"], json!({"email": "ada@acme.example"}));
    assert_eq!(csv.stdout.lines().count(), 3);
    assert!(csv.stdout.starts_with("attempt,at,profile"));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_and_shown_and_watched() {
    let bench = Bench::quiet().await;
    bench.control().set_job_seconds(std::time::Duration::ZERO);
    let id = bench.submit("ada").await.row()["job_id"]
        .as_str()
        .unwrap()
        .to_owned();
    bench
        .control()
        .add_foreign_job(EnrichmentKind::People, None);

    let list = bench.run(&["jobs", "list", "--json"]).await.expect(0);
    let shown = bench.run(&["jobs", "show", &id, "--json"]).await.expect(0);
    let text = bench.run(&["jobs", "show", &id]).await.expect(0);
    let watched = bench.run(&["jobs", "watch", &id, "--json"]).await.expect(0);
    let none = bench.run(&["jobs", "show", "123456"]).await.expect(5);

    assert_eq!(
        list.keys(),
        [
            "id",
            "status",
            "created_time",
            "created_by",
            "mine",
            "trust"
        ]
    );
    assert_eq!(list.rows().len(), 2);
    let row = shown.row();
    assert_eq!(row["enrich_based_on"], json!({"email": "ada@acme.example"}));
    assert!(row["enriched_data"].is_object() || row["status"] == "DATA_NOT_FOUND");
    assert_eq!(row["mine"], true);
    assert!(text.stdout.contains("Asked"), "{text:?}");
    assert_eq!(watched.row()["id"], id.as_str());
    assert!(none.stderr.contains("204"), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_waits_as_long_as_a_429_says_and_goes_on() {
    let bench = Bench::quiet().await;
    bench.control().set_job_seconds(std::time::Duration::ZERO);
    let row = bench.submit("ada").await.expect(0).row();
    let id = row["job_id"].as_str().unwrap();
    let busy = StatusFault {
        retry_after: Some("1".to_owned()),
        ..StatusFault::new(429)
    };
    bench
        .control()
        .push_fault(Fault::next(Target::Job, Action::Status(busy)));

    bench.run(&["jobs", "watch", id]).await.expect(0);
    bench.control().push_fault(Fault::next(
        Target::Job,
        Action::Status(StatusFault::new(403)),
    ));
    bench.run(&["jobs", "watch", id]).await.expect(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_refreshing_and_out() {
    let bench = Bench::quiet().await;
    std::fs::remove_file(bench.path("data/credentials/us.toml")).unwrap();
    bench.run(&["auth", "status"]).await.expect(4);
    let code = bench.control().issue_grant_code();

    let login = bench
        .run_with(&["auth", "login", "--code-stdin", "--json"], &code)
        .await
        .expect(0)
        .row();
    let status = bench
        .run(&["auth", "status", "--json"])
        .await
        .expect(0)
        .row();
    bench.run(&["auth", "refresh"]).await.expect(0);
    let unasked = bench.run(&["auth", "logout"]).await.expect(2);
    let logout = bench
        .run(&["auth", "logout", "--yes", "--json"])
        .await
        .expect(0)
        .row();

    assert_eq!(login["organisation"]["name"], "Northgate Instruments Inc");
    assert_eq!(status["signed_in"], true);
    assert!(unasked.stderr.contains("--yes"), "{unasked:?}");
    assert_eq!(logout["result"], "revoked");
    bench.run(&["auth", "status"]).await.expect(4);
    bench.submit("ada").await.expect(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_grant_code_ends_with_4() {
    let bench = Bench::quiet().await;
    bench.control().push_fault(Fault::next(
        Target::Token,
        Action::Status(StatusFault {
            code: Some("invalid_code".to_owned()),
            ..StatusFault::new(200)
        }),
    ));

    bench
        .run_with(&["auth", "login", "--code-stdin"], "1000.used.code")
        .await
        .expect(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_added_used_and_removed() {
    let bench = Bench::quiet().await;
    let base = bench.base().to_owned();

    let added = bench
        .run(&[
            "profile",
            "add",
            "in",
            "--data-center",
            "IN",
            "--client-id",
            "1000.X",
            "--simulator",
            &base,
        ])
        .await
        .expect(0);
    bench.run(&["profile", "use", "in"]).await.expect(0);
    let list = bench.run(&["profile", "list", "--json"]).await.expect(0);
    let shown = bench
        .run(&["profile", "show", "--json"])
        .await
        .expect(0)
        .row();
    bench.run(&["profile", "remove", "in"]).await.expect(2);
    bench
        .run(&["profile", "remove", "us", "--yes"])
        .await
        .expect(0);

    let names: Vec<_> = list.rows().iter().map(|row| row["name"].clone()).collect();
    assert!(added.stderr.contains("client_secret_file"), "{added:?}");
    assert_eq!(names, ["us", "in"]);
    assert_eq!(shown["data_center"], "IN");
    assert_eq!(shown["simulated"], true);
    let left = bench.run(&["profile", "list", "--json"]).await.rows();
    assert_eq!(left.len(), 1);
}

#[rstest]
#[case(&["explain", "LIMIT_EXCEEDED"], "LIMIT_EXCEEDED")]
#[case(&["themes"], "default-dark")]
#[case(&["completions", "bash"], "ziadeck")]
#[case(&["man"], "ziadeck")]
#[case(&["config", "path"], "ledger.db")]
#[tokio::test(flavor = "multi_thread")]
async fn papers_need_no_account(#[case] arguments: &[&str], #[case] word: &str) {
    let home = tempfile::tempdir().unwrap();

    let ran = crate::support::finish(program(home.path()).args(arguments).spawn().unwrap()).await;

    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains(word), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_word_is_wrong_use() {
    let bench = Bench::quiet().await;

    bench.run(&["sumbit"]).await.expect(2);
    bench.run(&["log", "--since", "yesterday"]).await.expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_none_ends_with_9() {
    let bench = Bench::quiet().await;
    bench.write(
        "data/ledger.db",
        "this is no ledger at all, but a text",
        0o600,
    );

    bench.submit("ada").await.expect(9);

    assert_eq!(bench.control().connections(), 0);
}

#[rstest]
#[case(&["simulate", "--used", "100001"], "100000")]
#[case(&["simulate", "--limit", "10000001"], "10000000")]
#[case(&["simulate", "--latency-ms", "600001"], "600000")]
#[case(&["simulate", "--job-seconds", "86401"], "86400")]
#[case(&["demo", "--used", "18446744073709551615"], "100000")]
#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_without_bounds_is_wrong_use(#[case] arguments: &[&str], #[case] most: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut command = program(home.path());
    command.args(arguments);

    let ran = crate::support::finish(command.spawn().unwrap())
        .await
        .expect(2);

    assert!(ran.stderr.contains(most), "{ran:?}");
}
