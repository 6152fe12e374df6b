//! Each command, run for its JSON.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use ziadeck::base::EnrichmentKind;
use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target};

use crate::schema::{hold, hold_value};
use crate::support::{Bench, Ran, SUBMIT_FIELDS};

/// The names that are fixed; others may be added behind them.
fn names(row: &Value) -> Vec<&str> {
    let row = row.as_object().unwrap();
    row.keys().map(String::as_str).collect()
}

/// The error on stderr.
fn error(ran: &Ran) -> Value {
    let line = ran.stderr.lines().last().unwrap_or_default();
    let value = serde_json::from_str(line).unwrap();
    hold_value("error", &value);
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn submit_in_every_outcome_has_one_shape() {
    let bench = Bench::new(SimulatorOptions {
        limit: 2,
        ..SimulatorOptions::default()
    })
    .await;

    let scheduled = bench.submit("ada").await.expect(0);
    let already = bench.submit("ada").await.expect(0);
    let refused = bench
        .run(&["submit", "--json", "--name", "Ada Lovelace"])
        .await
        .expect(3);
    let rejected = bench
        .run(&["submit", "--json", "--force", "--name", "Ada Lovelace"])
        .await
        .expect(5);
    let lost = Action::CloseAfterRead { effect: true };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, lost));
    let unknown = bench.submit("grace").await.expect(8);
    let limit = bench.submit("edsger").await.expect(6);

    for ran in [&scheduled, &already, &refused, &rejected, &unknown, &limit] {
        let rows = hold("submit", ran);
        assert_eq!(names(&rows[0]), SUBMIT_FIELDS);
    }
    assert_eq!(rejected.row()["fields"][0]["field"], "company");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_sent() {
    let bench = Bench::quiet().await;

    let ran = bench
        .run(&[
            "submit",
            "--json",
            "--dry-run",
            "--email",
            "ada@acme.example",
        ])
        .await
        .expect(0);

    let rows = hold("submit-dry-run", &ran);
    assert_eq!(rows[0]["spends"], 1);
    bench.submit("ada").await.expect(0);
    let ada = ["--email", "ADA@acme.example"];
    let already = bench
        .run(&[&["submit", "--json", "--dry-run"][..], &ada].concat())
        .await
        .expect(0);
    let rows = hold("submit-dry-run", &already);
    assert_eq!(
        (&rows[0]["spends"], &rows[0]["verdict"]),
        (&0.into(), &"already".into())
    );
    assert_eq!(rows[0]["already"]["attempt"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_before_and_after_the_server_was_asked() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    bench
        .control()
        .add_foreign_job(EnrichmentKind::People, None);

    let local = bench.run(&["usage", "--json"]).await.expect(0);
    let asked = bench.run(&["usage", "--json", "--refresh"]).await.expect(0);

    assert_eq!(hold("usage", &local)[0]["source"], "ledger");
    assert_eq!(hold("usage", &asked)[0]["others"], 1);
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
        assert!(names(&asked.row()).contains(&name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_and_the_jobs() {
    let bench = Bench::quiet().await;
    bench.control().set_job_seconds(std::time::Duration::ZERO);
    let id = bench.submit("ada").await.row()["job_id"].clone();
    let id = id.as_str().unwrap();
    bench
        .run(&["submit", "--force", "--email", "ab"])
        .await
        .expect(5);

    let log = bench.run(&["log", "--json"]).await.expect(0);
    let one = bench.run(&["log", "1", "--json"]).await.expect(0);
    hold("log-attempt", &one);
    let list = bench.run(&["jobs", "list", "--json"]).await.expect(0);
    let shown = bench.run(&["jobs", "show", id, "--json"]).await.expect(0);
    let watched = bench.run(&["jobs", "watch", id, "--json"]).await.expect(0);

    let fixed = [
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
    ];
    for row in hold("log", &log) {
        for name in fixed {
            assert!(names(&row).contains(&name), "{name}");
        }
    }
    let of_jobs = ["id", "status", "created_time", "created_by", "mine"];
    assert_eq!(
        names(&hold("jobs-list", &list)[0]),
        [&of_jobs[..], &["trust"]].concat()
    );
    for ran in [&shown, &watched] {
        let row = &hold("jobs-show", ran)[0];
        let more = ["enrich_based_on", "enriched_data", "trust"];
        assert_eq!(names(row), [&of_jobs[..], &more[..]].concat());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reconcile_certain_and_too_early() {
    let bench = Bench::quiet().await;
    bench.submit("grace").await.expect(0);
    for effect in [true, false] {
        let lost = Action::CloseAfterRead { effect };
        bench
            .control()
            .push_fault(Fault::next(Target::PeoplePost, lost));
        let email = format!("ada{effect}");
        bench.submit(&email).await.expect(8);
    }

    let early = bench.run(&["reconcile", "--json"]).await.expect(8);
    let late = bench
        .run(&["reconcile", "--json", "--settle", "0"])
        .await
        .expect(0);

    let mut outcomes: Vec<Value> = Vec::new();
    for ran in [&early, &late] {
        outcomes.extend(hold("reconcile", ran).iter().map(|r| r["outcome"].clone()));
    }
    assert!(outcomes.contains(&"absent".into()), "{outcomes:?}");
    assert!(outcomes.contains(&"scheduled".into()), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_shown_added_used_and_removed() {
    let bench = Bench::quiet().await;
    let add = ["profile", "add", "in-prod", "--data-center", "IN"];
    let more = ["--client-id", "1000.IN", "--json"];

    let added = bench.run(&[&add[..], &more[..]].concat()).await.expect(0);
    let used = bench
        .run(&["profile", "use", "in-prod", "--json"])
        .await
        .expect(0);
    let list = bench.run(&["profile", "list", "--json"]).await.expect(0);
    let shown = bench
        .run(&["profile", "show", "us", "--json"])
        .await
        .expect(0);
    let removed = bench
        .run(&["profile", "remove", "in-prod", "--yes", "--json"])
        .await
        .expect(0);

    hold("profile-add", &added);
    hold("profile-use", &used);
    assert_eq!(hold("profile", &list).len(), 2);
    assert_eq!(hold("profile", &shown)[0]["signed_in"], true);
    hold("profile-remove", &removed);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_out() {
    let bench = Bench::quiet().await;
    std::fs::remove_file(bench.path("data/credentials/us.toml")).unwrap();
    let code = bench.control().issue_grant_code();

    let before = bench.run(&["auth", "status", "--json"]).await.expect(4);
    let login = bench
        .run_with(&["auth", "login", "--code-stdin", "--json"], &code)
        .await
        .expect(0);
    let after = bench.run(&["auth", "status", "--json"]).await.expect(0);
    let refresh = bench.run(&["auth", "refresh", "--json"]).await.expect(0);
    let logout = bench
        .run(&["auth", "logout", "--yes", "--json"])
        .await
        .expect(0);

    assert_eq!(hold("auth-status", &before)[0]["signed_in"], false);
    hold("auth-login", &login);
    assert_eq!(hold("auth-status", &after)[0]["signed_in"], true);
    hold("auth-refresh", &refresh);
    assert_eq!(hold("auth-logout", &logout)[0]["result"], "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_right_and_wrong() {
    let bench = Bench::quiet().await;

    let path = bench.run(&["config", "path", "--json"]).await.expect(0);
    let right = bench.run(&["config", "check", "--json"]).await.expect(0);
    bench.write("config.toml", "them = 1\n", 0o600);
    let wrong = bench.run(&["config", "check", "--json"]).await.expect(2);

    bench.write("config.toml", "[keys]\nchoose_profile = [\"F5\"]\n", 0o600);
    let conflict = bench.run(&["config", "check", "--json"]).await.expect(2);

    hold("config-path", &path);
    assert_eq!(hold("config-check", &right)[0]["ok"], true);
    assert_eq!(hold("config-check", &wrong)[0]["problems"][0]["line"], 1);
    assert_eq!(hold("config-check", &conflict)[0]["problems"][0]["line"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_server() {
    let bench = Bench::quiet().await;

    let explained = bench.run(&["explain", "--json"]).await.expect(0);
    let themes = bench.run(&["themes", "--json"]).await.expect(0);

    assert!(hold("explain", &explained).len() > 20);
    assert!(
        hold("themes", &themes)
            .iter()
            .any(|row| row["used"] == true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_says_where_it_listens() {
    let bench = Bench::quiet().await;
    let mut child = bench.command(&["simulate"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();

    let line = lines.next_line().await.unwrap().unwrap();

    let row: Value = serde_json::from_str(&line).unwrap();
    hold_value("simulate", &row);
    assert_eq!(names(&row), ["base", "port", "pid"]);
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_an_object_on_stderr() {
    let bench = Bench::quiet().await;

    let unknown = bench
        .run(&["profile", "show", "nobody", "--json"])
        .await
        .expect(2);
    let code = bench.run(&["explain", "LIMITED", "--json"]).await.expect(2);

    for ran in [&unknown, &code] {
        assert_eq!(error(ran)["exit"], 2);
        assert_eq!(ran.stdout, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_run_from_its_plan_to_its_export() {
    let bench = Bench::quiet().await;
    bench.control().set_job_seconds(std::time::Duration::ZERO);
    let table = "email\nada@acme.example\nab\ngrace@acme.example\nada@acme.example\n";
    let file = bench.write("people.csv", table, 0o600);
    let file = file.to_str().unwrap();
    let out = bench.path("out.csv");
    let out = out.to_str().unwrap();
    let run = async |arguments: &[&str]| {
        let arguments = [&["bulk", "--json"], arguments].concat();
        bench.run(&arguments).await
    };

    let plan = run(&["plan", file]).await.expect(0);
    run(&["plan", file]).await.expect(0);
    let discard = run(&["discard", "2", "--yes"]).await.expect(0);
    let skip = run(&["skip", "1", "--row", "3", "--yes"]).await.expect(0);
    let requeue = run(&["requeue", "1", "--row", "3", "--yes"])
        .await
        .expect(0);
    let some = run(&["run", "1", "--max", "1", "--yes"]).await;
    let pause = run(&["pause", "1"]).await.expect(0);
    let rest = run(&["resume", "1", "--yes"]).await.expect(0);
    let status = run(&["status"]).await.expect(0);
    let track = run(&["track", "1"]).await.expect(0);
    let rows = run(&["rows", "1"]).await.expect(0);
    let export = run(&["export", "1", "--out", out]).await.expect(0);

    let fixed = ["run", "rows", "ready", "invalid", "duplicates", "already"];
    let planned = &hold("bulk-plan", &plan)[0];
    assert_eq!(names(planned)[..6], fixed);
    assert_eq!(names(planned)[6], "units_left");
    assert_eq!(hold("bulk-discard", &discard)[0]["rows"], 4);
    hold("bulk-skip", &skip);
    hold("bulk-requeue", &requeue);
    for ran in [&some, &rest] {
        assert_eq!(hold("bulk-run", ran).last().unwrap()["event"], "ended");
    }
    hold("bulk-status", &pause);
    let status = &hold("bulk-status", &status)[0];
    assert_eq!(names(status)[..3], ["run", "state", "reason"]);
    assert_eq!(status["state"], "finished");
    hold("bulk-track", &track);
    assert_eq!(hold("bulk-rows", &rows).len(), 4);
    hold("bulk-export", &export);
}
