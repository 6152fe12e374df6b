//! One enrichment: sent, refused, lost. Each exit code, and what was on the wire.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::EnrichmentKind;
use ziadeck::simulator::{Action, Edition, Fault, Rules, SimulatorOptions, StatusFault, Target};

use crate::support::{Bench, SUBMIT_FIELDS, finish};

#[tokio::test(flavor = "multi_thread")]
async fn good_input_is_scheduled_and_counted() {
    let bench = Bench::quiet().await;

    let ran = bench.submit("ada").await.expect(0);

    let row = ran.row();
    assert_eq!(ran.keys(), SUBMIT_FIELDS);
    assert_eq!(row["outcome"], "scheduled");
    assert_eq!(row["http_status"], 202);
    assert_eq!(row["charged"], true);
    assert!(row["job_id"].is_string(), "an id is a text: {row}");
    assert_eq!(row["job_id"], bench.control().jobs()[0].id.as_str());
    assert_eq!(row["usage"]["used"], 1);
    assert_eq!(row["usage"]["limit"], 1_500);
    assert_eq!(bench.control().posts(), 1);
}

#[rstest]
#[case::nothing(&[], "EXPECTED_FIELD_MISSING", "enrich_based_on")]
#[case::name_alone(&["--name", "Ada Lovelace"], "DEPENDENT_FIELD_MISSING", "company")]
#[case::two_letters(&["--email", "ab"], "INVALID_DATA", "email")]
#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_rejected_is_refused_with_nothing_on_the_wire(
    #[case] inputs: &[&str],
    #[case] code: &str,
    #[case] field: &str,
) {
    let bench = Bench::quiet().await;

    let ran = bench
        .run(&[&["submit", "--json"], inputs].concat())
        .await
        .expect(3);

    let row = ran.row();
    assert_eq!(ran.keys(), SUBMIT_FIELDS);
    assert_eq!(row["code"], code);
    assert_eq!(row["fields"][0]["field"], field);
    assert_eq!(row["charged"], false);
    assert_eq!(row["attempt"], Value::Null);
    assert_eq!(bench.control().connections(), 0);
}

#[rstest]
#[case::nothing(&[], "EXPECTED_FIELD_MISSING")]
#[case::name_alone(&["--name", "Ada Lovelace"], "DEPENDENT_FIELD_MISSING")]
#[case::two_letters(&["--email", "ab"], "INVALID_DATA")]
#[tokio::test(flavor = "multi_thread")]
async fn forced_the_server_rejects_it_at_the_same_field(
    #[case] inputs: &[&str],
    #[case] code: &str,
) {
    let bench = Bench::quiet().await;
    let local = bench.run(&[&["submit", "--json"], inputs].concat()).await;

    let ran = bench
        .run(&[&["submit", "--json", "--force"], inputs].concat())
        .await
        .expect(5);

    let (row, local) = (ran.row(), local.row());
    assert_eq!(row["outcome"], "rejected");
    assert_eq!(row["code"], code);
    assert_eq!(row["http_status"], 400);
    assert_eq!(row["charged"], false);
    assert_eq!(bench.control().posts(), 1);
    if code != "EXPECTED_FIELD_MISSING" {
        assert_eq!(row["fields"][0]["field"], local["fields"][0]["field"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_ends_with_6_and_is_learned() {
    let bench = Bench::new(SimulatorOptions {
        limit: 1,
        ..SimulatorOptions::default()
    })
    .await;
    bench.submit("ada").await.expect(0);

    let refused = bench.submit("grace").await.expect(6).row();
    let local = bench.submit("edsger").await.expect(6).row();

    assert_eq!(refused["outcome"], "limit");
    assert_eq!(refused["code"], "LIMIT_EXCEEDED");
    assert_eq!(refused["usage"]["limit"], 1);
    // The second one is refused here: the limit is known now.
    assert_eq!(local["outcome"], "limit");
    assert_eq!(local["http_status"], Value::Null);
    assert_eq!(bench.control().posts(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_sent() {
    let bench = Bench::quiet().await;
    std::fs::remove_file(bench.path("data/credentials/us.toml")).unwrap();

    let ran = bench.submit("ada").await.expect(4);

    assert!(ran.stderr.contains("auth login"), "{ran:?}");
    assert_eq!(bench.control().connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_credential_file_is_not_used() {
    let bench = Bench::quiet().await;
    let text = std::fs::read_to_string(bench.path("data/credentials/us.toml")).unwrap();
    bench.write("data/credentials/us.toml", &text, 0o644);

    let ran = bench.submit("ada").await.expect(4);

    assert!(ran.stderr.contains("chmod"), "{ran:?}");
    assert_eq!(bench.control().connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_means_not_sent() {
    let mut bench = Bench::quiet().await;
    bench.stop_server().await;

    let row = bench.submit("ada").await.expect(7).row();

    assert_eq!(row["outcome"], "not_sent");
    assert_eq!(row["charged"], false);
    assert_eq!(bench.usage(&[]).await["used"], 0);
}

#[rstest]
#[case::made(true)]
#[case::not_made(false)]
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_unknown_and_charged(#[case] effect: bool) {
    let bench = Bench::quiet().await;
    let lost = Action::CloseAfterRead { effect };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, lost));

    let row = bench.submit("ada").await.expect(8).row();

    assert_eq!(row["outcome"], "unknown");
    assert_eq!(row["charged"], true);
    assert_eq!(row["usage"]["unknown"], 1);
    assert_eq!(
        bench.control().posts(),
        1,
        "nothing is sent again by itself"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_post_and_answer_it_is_unknown_after_the_restart() {
    let bench = Bench::quiet().await;
    let control = bench.control();
    let hang = Action::Hang { effect: true };
    control.push_fault(Fault::next(Target::PeoplePost, hang));
    let mut child = bench
        .command(&["submit", "--email", "ada@acme.example"])
        .spawn()
        .unwrap();
    tokio::time::timeout(Duration::from_secs(30), control.wait_for_posts(1))
        .await
        .unwrap();

    child.start_kill().unwrap();
    finish(child).await;
    let log = bench.run(&["log", "--json"]).await.expect(0).row();

    assert_eq!(log["outcome"], "unknown");
    assert_eq!(log["charged"], true);
    assert_eq!(bench.usage(&[]).await["used"], 1);
    assert_eq!(control.posts(), 1);
}

/// Each error of the contract: code, plain sentence, next step, and the exit code.
#[rstest]
#[case::not_enabled(Rules { feature_enabled: false, ..Rules::default() }, "FEATURE_NOT_ENABLED", "denied")]
#[case::no_permission(Rules { may_manage: false, ..Rules::default() }, "NO_PERMISSION", "denied")]
#[tokio::test(flavor = "multi_thread")]
async fn a_denial_says_what_to_do(#[case] rules: Rules, #[case] code: &str, #[case] outcome: &str) {
    let bench = Bench::quiet().await;
    bench.control().set_rules(rules);

    let ran = bench
        .run(&["submit", "--email", "ada@acme.example"])
        .await
        .expect(5);
    let log = bench.run(&["log", "--json"]).await.row();

    for part in [code, "  is  ", "  do  "] {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
    assert_eq!(log["outcome"], outcome);
    assert_eq!(log["charged"], false);
}

/// Errors that a healthy client cannot provoke, as the server words them.
#[rstest]
#[case(400, "INVALID_DATA", 5)]
#[case(400, "INVALID_MODULE", 5)]
#[case(400, "MANDATORY_NOT_FOUND", 5)]
#[case(400, "EXPECTED_FIELD_MISSING", 5)]
#[case(400, "DEPENDENT_FIELD_MISSING", 5)]
#[case(400, "NOT_ALLOWED", 5)]
#[case(400, "REQUIRED_PARAM_MISSING", 5)]
#[case(400, "LIMIT_EXCEEDED", 6)]
#[case(400, "FEATURE_NOT_ENABLED", 5)]
#[case(400, "FEATURE_NOT_SUPPORTED", 5)]
#[case(400, "API_NOT_SUPPORTED", 5)]
#[case(401, "OAUTH_SCOPE_MISMATCH", 5)]
#[case(403, "NO_PERMISSION", 5)]
#[case(400, "LIMIT_REACHED", 6)]
#[case(400, "A_CODE_OF_TOMORROW", 5)]
#[case(404, "INVALID_URL_PATTERN", 5)]
#[case(413, "A_CODE_OF_TOMORROW", 5)]
#[case(429, "TOO_MANY_REQUESTS", 5)]
#[case(500, "INTERNAL_SERVER_ERROR", 8)]
#[case(500, "INTERNAL_ERROR", 8)]
#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_shown_with_a_sentence_and_a_next_step(
    #[case] status: u16,
    #[case] code: &str,
    #[case] exit: i32,
) {
    let bench = Bench::quiet().await;
    let fault = Action::Status(StatusFault {
        code: Some(code.to_owned()),
        ..StatusFault::new(status)
    });
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, fault));

    let ran = bench
        .run(&["submit", "--email", "ada@acme.example"])
        .await
        .expect(exit);

    for part in [code, "  is  ", "  do  "] {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_without_the_feature_is_denied() {
    let bench = Bench::quiet().await;
    bench.control().set_edition(Edition::Professional);

    let row = bench.submit("ada").await.expect(5).row();

    assert_eq!(row["code"], "FEATURE_NOT_SUPPORTED");
    assert_eq!(row["outcome"], "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unmapped_input_is_rejected_at_its_field() {
    let bench = Bench::quiet().await;

    let row = bench
        .run(&[
            "submit",
            "--json",
            "--module",
            "Contacts",
            "--facebook",
            "facebook.com/ada",
        ])
        .await
        .expect(5)
        .row();

    assert_eq!(row["code"], "NOT_ALLOWED");
    assert_eq!(row["fields"][0]["field"], "facebook");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_is_not_charged_and_not_repeated() {
    let bench = Bench::quiet().await;
    bench.control().push_fault(Fault::next(
        Target::PeoplePost,
        Action::Status(StatusFault::new(429)),
    ));

    let row = bench.submit("ada").await.expect(5).row();

    assert_eq!(row["outcome"], "throttled");
    assert_eq!(row["charged"], false);
    assert_eq!(bench.control().posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_refreshed_once_and_followed_by_one_new_attempt() {
    let bench = Bench::quiet().await;
    bench.control().expire_access_tokens();

    bench.submit("ada").await.expect(0);
    let log = bench.run(&["log", "--json"]).await.rows();

    let outcomes: Vec<_> = log.iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["scheduled", "denied"]);
    assert_eq!(bench.control().token_calls(), 1);
    assert_eq!(bench.usage(&[]).await["used"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_a_second_kind_and_counted_apart() {
    let bench = Bench::quiet().await;

    let row = bench
        .run(&[
            "submit", "--json", "--kind", "org", "--module", "Accounts", "--name", "Acme",
        ])
        .await
        .expect(0)
        .row();

    let jobs = bench.control().jobs();
    assert_eq!(row["outcome"], "scheduled");
    assert_eq!(jobs[0].kind, EnrichmentKind::Org);
    assert_eq!(jobs[0].enrich_based_on, json!({"name": "Acme"}));
    assert_eq!(bench.usage(&["--kind", "org"]).await["used"], 1);
    assert_eq!(bench.usage(&[]).await["used"], 0);
    let listed = bench
        .run(&["jobs", "list", "--kind", "org", "--json"])
        .await
        .expect(0)
        .row();
    assert_eq!(listed["id"], row["job_id"]);
    assert_eq!(listed["mine"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_gives_the_inputs_and_a_dry_run_sends_nothing() {
    let bench = Bench::quiet().await;
    let body = json!({"__zia_people_enrichment": [{"enrich_based_on":
        {"name": "Ada Lovelace", "company": {"name": "Acme"}}}]});

    let dry = bench
        .run_with(
            &["submit", "--json", "--file", "-", "--dry-run"],
            &body.to_string(),
        )
        .await
        .expect(0)
        .row();
    let posts_dry = bench.control().posts();
    bench
        .run_with(&["submit", "--json", "--file", "-"], &body.to_string())
        .await
        .expect(0);

    assert_eq!(dry["body"], body);
    assert_eq!(dry["spends"], 1);
    assert_eq!(posts_dry, 0);
    let post = bench.control().posts_log().remove(0);
    assert_eq!(post.body.parse::<Value>().unwrap(), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_for_people_names_the_number_before_and_after() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);

    let ran = bench
        .run(&["submit", "--email", "grace@acme.example"])
        .await
        .expect(0);

    assert!(ran.stdout.contains("used 1 → 2 of 1500"), "{ran:?}");
}

/// A dry run says what a send would get, with the exit code of that.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_promises_no_send_that_would_be_refused() {
    let bench = Bench::quiet().await;
    let profile = bench.profile("us", "limit = 1");
    bench.write("config.toml", &profile, 0o600);
    let dry = [
        "submit",
        "--json",
        "--dry-run",
        "--email",
        "lin@acme.example",
    ];
    let first = bench.submit("ada").await.expect(0).row();

    let full = bench.run(&dry).await.expect(6).row();
    let forced = bench
        .run(&[&dry[..], &["--force"]].concat())
        .await
        .expect(0)
        .row();
    let reading = bench
        .run(&[&["--read-only"], &dry[..]].concat())
        .await
        .expect(2)
        .row();

    let said = |row: &Value| (row["verdict"].clone(), row["spends"].clone());
    assert_eq!(said(&full), (json!("limit"), json!(0)));
    assert_eq!(said(&forced), (json!("clear"), json!(1)));
    assert_eq!(said(&reading), (json!("read_only"), json!(0)));
    assert_eq!(first["trust"], "trusted", "an attempt was recorded");
    assert_eq!(bench.control().posts(), 1);
}
