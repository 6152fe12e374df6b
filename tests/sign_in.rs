//! Sign-in truth: a grant that was revoked is told the same way by every command, and a grant that
//! lacks scopes is told when it is made.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

#[path = "support/mod.rs"]
mod support;

use rstest::rstest;
use support::{Bench, Ran};
use ziadeck::ops::doctor;
use ziadeck::simulator::{Action, Fault, Target};

/// What is left of the grant when it is revoked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Left {
    /// An access token that looks as if it were good.
    Access,
    /// The refresh token alone.
    RefreshAlone,
}

async fn plan(bench: &Bench, name: &str) -> String {
    let text = format!("email\n{name}@acme.example\n");
    let rows = bench.write(&format!("{name}.csv"), &text, 0o600);
    let rows = rows.to_str().unwrap();
    let plan = bench.run(&["bulk", "plan", rows, "--json"]).await.expect(0);
    plan.row()["run"].to_string()
}

/// A bench with a job, an unknown, a run that is done (1) and a plan, whose grant was then revoked.
async fn revoked(left: Left) -> (Bench, String, String) {
    let bench = Bench::quiet().await;
    let job = bench.submit("ada").await.expect(0).row()["job_id"].clone();
    let done = plan(&bench, "kim").await;
    bench.run(&["bulk", "run", &done, "--yes"]).await.expect(0);
    let run = plan(&bench, "lin").await;
    let lost = Action::CloseAfterRead { effect: true };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, lost));
    bench.submit("noor").await.expect(8);
    bench.control().revoke();
    if left == Left::RefreshAlone {
        bench.sign_in_without_access("us");
    }
    (bench, job.as_str().unwrap().to_owned(), run)
}

/// What a command says in JSON.
async fn told(bench: &Bench, command: &[&str], exit: i32) -> serde_json::Value {
    let command = [command, &["--json"]].concat();
    bench.run(&command).await.expect(exit).row()
}

fn says_why(ran: &Ran) -> bool {
    format!("{}{}", ran.stdout, ran.stderr).contains("invalid_code")
}

#[rstest]
#[case::submit(&["submit", "--email", "grace@acme.example"])]
#[case::submit_json(&["submit", "--json", "--email", "grace@acme.example"])]
#[case::usage(&["usage", "--refresh"])]
#[case::jobs_list(&["jobs", "list"])]
#[case::jobs_show(&["jobs", "show", "JOB"])]
#[case::jobs_watch(&["jobs", "watch", "JOB"])]
#[case::modules(&["modules"])]
#[case::prefill(&["prefill", "--record-id", "5725767000001234567"])]
#[case::configurations(&["enrichment", "config", "list"])]
#[case::doctor(&["doctor"])]
#[case::bulk_run(&["bulk", "run", "RUN", "--yes"])]
#[case::bulk_track(&["bulk", "track", "1"])]
#[case::reconcile(&["reconcile", "--settle", "0"])]
#[case::auth_refresh(&["auth", "refresh"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_ends_every_command_with_4_and_says_why(
    #[values(Left::Access, Left::RefreshAlone)] left: Left,
    #[case] command: &[&str],
) {
    let (bench, job, run) = revoked(left).await;
    let command: Vec<&str> = command
        .iter()
        .map(|word| match *word {
            "JOB" => job.as_str(),
            "RUN" => run.as_str(),
            word => word,
        })
        .collect();

    let ran = bench.run(&command).await.expect(4);

    assert!(says_why(&ran), "{ran:?}");
    let status = bench.run(&["auth", "status"]).await.expect(4);
    assert!(says_why(&status), "{status:?}");
    // It stays so when nothing may be asked any more.
    for _ in 0..12 {
        let again = bench.run(&["modules"]).await.expect(4);
        assert!(says_why(&again), "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_with_a_revoked_grant_is_told_whole_and_spends_nothing() {
    let (bench, _, _) = revoked(Left::Access).await;
    let used = bench.usage(&[]).await["used"].clone();

    let ran = bench.submit("grace").await.expect(4);

    let row = ran.row();
    assert_eq!(row["outcome"], "denied");
    assert_eq!(row["charged"], false);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["exit"], 4);
    let said = error["error"].as_str().unwrap();
    let attempt = format!("attempt {} was denied and spent nothing", row["attempt"]);
    assert!(said.starts_with(&attempt), "{said}");
    assert!(error["hint"].is_string(), "{error}");
    assert_eq!(bench.usage(&[]).await["used"], used);
    let status = told(&bench, &["auth", "status"], 4).await;
    assert_eq!(status["signed_in"], false);
    assert_eq!(status["refused"]["error"], "invalid_code");
    assert!(status["access_token_expires_at"].is_null(), "{status}");
    let profile = told(&bench, &["profile", "show"], 0).await;
    assert_eq!(profile["signed_in"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sign_in_ends_the_refusal() {
    let (bench, _, _) = revoked(Left::Access).await;
    bench.run(&["modules"]).await.expect(4);
    bench.run(&["auth", "status"]).await.expect(4);
    let code = bench.control().issue_grant_code();

    bench
        .run_with(&["auth", "login", "--code-stdin"], &code)
        .await
        .expect(0);

    let status = told(&bench, &["auth", "status"], 0).await;
    assert_eq!(status["signed_in"], true);
    assert!(status["refused"].is_null(), "{status}");
    bench.run(&["modules"]).await.expect(0);
}

/// A code that is no good says nothing about the grant that is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_grant_code_leaves_an_earlier_sign_in_as_it_was() {
    let bench = Bench::quiet().await;
    let code = bench.control().issue_grant_code();
    let login = ["auth", "login", "--code-stdin"];
    bench.run_with(&login, &code).await.expect(0);

    let ran = bench.run_with(&login, &code).await.expect(4);

    assert!(says_why(&ran), "{ran:?}");
    let status = told(&bench, &["auth", "status"], 0).await;
    assert_eq!(status["signed_in"], true);
}

#[rstest]
#[case::all(None, 0)]
#[case::no_module_list(Some("ZohoCRM.settings.modules.READ"), 0)]
#[case::no_jobs(Some("ZohoCRM.settings.intelligence.READ"), 0)]
#[case::nothing_can_be_sent(Some("ZohoCRM.settings.intelligence.CREATE"), 4)]
#[tokio::test(flavor = "multi_thread")]
async fn a_login_says_at_once_which_scopes_are_missing(
    #[case] missing: Option<&str>,
    #[case] code: i32,
) {
    let bench = Bench::quiet().await;
    let needed = doctor::missing(Some("none"), &[]).unwrap();
    let needed = needed.iter().map(|one| one.scope.as_str());
    let given: Vec<&str> = needed.filter(|scope| Some(*scope) != missing).collect();
    let grant = |n: u8| match missing {
        Some(_) => format!("code-with-scopes:{}#{n}", given.join(",")),
        None => bench.control().issue_grant_code(),
    };

    let json = bench
        .run_with(&["auth", "login", "--code-stdin", "--json"], &grant(1))
        .await
        .expect(code)
        .row();
    let text = bench
        .run_with(&["auth", "login", "--code-stdin"], &grant(2))
        .await
        .expect(code);

    let told: Vec<&str> = json["missing_scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert!(!one["without"].as_str().unwrap().is_empty(), "{one}");
            one["scope"].as_str().unwrap()
        })
        .collect();
    assert_eq!(told, Vec::from_iter(missing), "{json}");
    if let Some(scope) = missing {
        assert!(text.stdout.contains(scope), "{text:?}");
    }
    assert_eq!(text.stdout.contains("missing"), missing.is_some());
}

/// A loop around `submit` must not use up the token calls that the next sign-in needs.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_gone_costs_one_token_call_and_no_request_more() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    bench.control().revoke();
    bench.control().expire_access_tokens();
    bench.submit("lin").await.expect(4);
    let (calls, posts) = (bench.control().token_calls(), bench.control().posts());

    for _ in 0..12 {
        let refused = bench.submit("lin").await.expect(4);
        assert!(refused.stderr.contains("invalid_code"), "{refused:?}");
    }

    let again = (bench.control().token_calls(), bench.control().posts());
    assert_eq!(again, (calls, posts));
    let login = ["auth", "login", "--code-stdin"];
    bench.run_with(&login, "any code").await.expect(0);
    bench.submit("lin").await.expect(0);
}

/// Revoking is a change at the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_only_reads_revokes_nothing() {
    let bench = Bench::quiet().await;

    bench
        .run(&["--read-only", "auth", "logout", "--yes"])
        .await
        .expect(2);

    assert_eq!(bench.control().requests().len(), 0);
    bench.submit("ada").await.expect(0);
}
