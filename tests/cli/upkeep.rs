//! Set-up and upkeep: what is checked, configured, decided and kept.

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::EnrichmentKind;
use ziadeck::base::{Clock as _, SystemClock, Timestamp};
use ziadeck::config::scopes_default;
use ziadeck::simulator::{Action, Edition, Fault, Rules, SimulatorOptions, Target};

use crate::support::{Bench, Ran};

fn status(ran: &Ran, name: &str) -> String {
    ran.find("check", name)["status"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_set_up_has_nothing_to_mend() {
    let bench = Bench::quiet().await;
    let code = bench.control().issue_grant_code();
    bench
        .run_with(&["auth", "login", "--code-stdin"], &code)
        .await
        .expect(0);

    let ran = bench.run(&["doctor", "--json"]).await.expect(0);

    assert_eq!(
        ran.keys(),
        ["check", "status", "message", "next_step", "profile"]
    );
    for name in [
        "configuration file",
        "profile",
        "proxy",
        "data directory",
        "ledger",
        "client secret",
        "credentials",
        "scope ZohoCRM.users.READ",
        "accounts host",
        "api host",
        "clock",
        "access token",
        "organisation",
        "edition",
        "user",
        "features",
        "jobs",
        "modules",
        "configuration Leads",
    ] {
        assert_eq!(status(&ran, name), "ok", "{name}: {ran:?}");
    }
    assert_eq!(status(&ran, "terminal"), "warn");
    assert_eq!(status(&ran, "configuration Contacts"), "warn");
    assert_eq!(bench.control().posts(), 0);
}

/// Tells of a question that the simulator does not know, and of one whose scope it does not give or no
/// profile asks for.
#[rstest]
#[case::of_the_simulator(None)]
#[case::of_a_profile(Some(scopes_default().join(",")))]
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_grant_has_every_question_answered(#[case] scopes: Option<String>) {
    let bench = Bench::quiet().await;
    let code = match scopes {
        Some(scopes) => format!("code-with-scopes:{scopes}"),
        None => bench.control().issue_grant_code(),
    };
    bench
        .run_with(&["auth", "login", "--code-stdin"], &code)
        .await
        .expect(0);

    let ran = bench.run(&["doctor", "--json"]).await.expect(0);

    let rows = ran.rows().into_iter();
    let others: Vec<Value> = rows.filter(|row| row["status"] != "ok").collect();
    let names: Vec<&str> = others
        .iter()
        .filter_map(|row| row["check"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "terminal",
            "configuration Contacts",
            "configuration Accounts",
            "configuration Vendors",
            "configuration Event_Guests"
        ],
        "{others:?}"
    );
}

/// What `doctor` says to do can be typed as it stands.
#[tokio::test(flavor = "multi_thread")]
async fn the_advice_on_a_configuration_is_a_command_that_works() {
    let bench = Bench::quiet().await;
    let ran = bench.run(&["doctor", "--json"]).await.expect(0);
    let advice = |name: &str| {
        let row = ran.find("check", &format!("configuration {name}"));
        let next = row["next_step"].as_str().unwrap_or_default().to_owned();
        let command = next.split('`').nth(1).unwrap_or_default().to_owned();
        command.replace("=FIELD", "=Twitter")
    };

    for module in ["Vendors", "Contacts", "Accounts"] {
        let command = advice(module);
        let words: Vec<&str> = command.split(' ').skip(1).chain(["--yes"]).collect();
        bench.run(&words).await.expect(0);
    }

    let after = bench.run(&["doctor", "--json"]).await.expect(0);
    assert_eq!(status(&after, "configuration Contacts"), "ok", "{after:?}");
    let slip = ["enrichment", "config", "map", "Vendors", "email=Emial"];
    let slip = bench.run(&slip).await.expect(2);
    assert!(
        slip.stderr
            .contains("the fields that may are Email; did you mean Email?"),
        "{}",
        slip.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_nothing_is_asked_and_nothing_is_written() {
    let bench = Bench::quiet().await;

    let ran = bench
        .run(&["doctor", "--offline", "--json"])
        .await
        .expect(0);

    assert_eq!(status(&ran, "server"), "skip");
    assert_eq!(bench.control().connections(), 0);
    assert!(!bench.path("data/ledger.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_failure_gives_the_exit_code() {
    let mut bench = Bench::quiet().await;
    let credentials = bench.path("data/credentials/us.toml");

    bench.stop_server().await;
    let gone = bench.run(&["doctor", "--json"]).await.expect(7);
    bench.start_server(SimulatorOptions::default()).await;
    bench.control().set_edition(Edition::Standard);
    bench.run(&["doctor"]).await.expect(5);
    bench.write("data/ledger.db.mark", "what", 0o600);
    let doubtful = bench.run(&["doctor", "--json"]).await.expect(9);
    std::fs::remove_file(bench.path("data/ledger.db.mark")).unwrap();
    let text = std::fs::read_to_string(&credentials).unwrap();
    bench.write("data/credentials/us.toml", &text, 0o640);
    let open = bench
        .run(&["doctor", "--offline", "--json"])
        .await
        .expect(4);
    bench.write("config.toml", "theem = 1", 0o600);
    let wrong = bench.run(&["doctor", "--json"]).await.expect(2);

    assert_eq!(status(&gone, "api host"), "fail");
    assert_eq!(status(&gone, "access token"), "skip");
    assert_eq!(status(&doubtful, "ledger trust"), "fail");
    assert_eq!(status(&open, "credentials"), "fail");
    assert!(open.stdout.contains("chmod"), "{open:?}");
    assert_eq!(status(&wrong, "configuration file"), "fail");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_says_what_does_not_work() {
    let bench = Bench::quiet().await;
    let code = "code-with-scopes:ZohoCRM.settings.intelligence.ALL,ZohoCRM.org.READ";
    bench
        .run_with(&["auth", "login", "--code-stdin"], code)
        .await
        .expect(0);

    let ran = bench.run(&["doctor", "--json"]).await.expect(0);
    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(status(&ran, "scope ZohoCRM.features.READ"), "warn");
    assert_eq!(status(&ran, "features"), "warn");
    assert_eq!(status(&ran, "modules"), "warn");
    assert_eq!(usage["source"], "job_list");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_changed_only_after_it_was_shown() {
    let bench = Bench::quiet().await;
    let config = async |arguments: &[&str]| {
        bench
            .run(&[&["enrichment", "config"], arguments].concat())
            .await
    };
    let facebook = |ran: &Ran| -> Value {
        let row = ran.row();
        let inputs = row["inputs"].as_array().unwrap().clone();
        let found = inputs.into_iter().find(|one| one["name"] == "facebook");
        found.unwrap()["field"].clone()
    };

    let unasked = config(&["map", "Contacts", "facebook=Twitter"])
        .await
        .expect(2);
    let before = config(&["show", "Contacts", "--json"]).await.expect(0);
    let mapped = config(&["map", "Contacts", "facebook=Twitter", "--yes", "--json"])
        .await
        .expect(0);
    let after = config(&["show", "Contacts", "--json"]).await.expect(0);
    config(&["unmap", "Contacts", "facebook", "--yes"])
        .await
        .expect(0);
    let again = config(&["show", "Contacts", "--json"]).await.expect(0);

    assert!(
        unasked
            .stderr
            .contains("facebook        not mapped → Twitter"),
        "{unasked:?}"
    );
    assert_eq!(facebook(&before), Value::Null);
    assert_eq!(
        mapped.row()["changed"],
        json!([{"what": "facebook", "before": "not mapped", "after": "Twitter"}])
    );
    assert_eq!(facebook(&after), "Twitter");
    assert_eq!(facebook(&again), Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_made_switched_and_deleted() {
    let bench = Bench::quiet().await;
    let config = async |arguments: &[&str]| {
        bench
            .run(&[&["enrichment", "config"], arguments].concat())
            .await
    };
    let refused = bench
        .run(&[
            "submit",
            "--module",
            "Accounts",
            "--email",
            "ada@acme.example",
        ])
        .await
        .expect(5);

    let made = config(&["create", "Accounts", "website=Website", "--yes", "--json"])
        .await
        .expect(0)
        .row();
    config(&["create", "Accounts", "website=Website", "--yes"])
        .await
        .expect(2);
    config(&["disable", "Accounts", "--yes"]).await.expect(0);
    config(&["disable", "Accounts", "--yes"]).await.expect(2);
    let modules = bench.run(&["modules", "--json"]).await.expect(0).rows();
    config(&["enable", "Accounts", "--yes"]).await.expect(0);
    config(&["delete", "Accounts", "--yes"]).await.expect(0);
    let list = config(&["list", "--json"]).await.expect(0).rows();

    assert!(refused.stdout.contains("NOT_ALLOWED"), "{refused:?}");
    assert_eq!(made["configuration"]["active"], true);
    let accounts = modules
        .iter()
        .find(|row| row["module"] == "Accounts")
        .unwrap();
    assert_eq!(accounts["configuration"], "off");
    assert!(
        list.iter()
            .all(|row| row["module"] != "Accounts" || row["type"] == "organization")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_a_change_is_denied() {
    let bench = Bench::quiet().await;
    bench.control().set_rules(Rules {
        may_manage: false,
        ..Rules::default()
    });

    let ran = bench
        .run(&["enrichment", "config", "disable", "Leads", "--yes"])
        .await
        .expect(5);

    assert!(ran.stderr.contains("NO_PERMISSION"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_its_scope_names_the_scope() {
    let bench = Bench::quiet().await;
    let code = "code-with-scopes:ZohoCRM.zia.enrichment.READ,ZohoCRM.org.READ";
    bench
        .run_with(&["auth", "login", "--code-stdin"], code)
        .await
        .expect(4);

    let ran = bench
        .run(&["enrichment", "config", "disable", "Leads", "--yes"])
        .await
        .expect(5);

    assert!(ran.stderr.contains("OAUTH_SCOPE_MISMATCH"), "{ran:?}");
    assert!(ran.stderr.contains("ZohoCRM.zia.enrichment.ALL"), "{ran:?}");
    let list = ["enrichment", "config", "list", "--json"];
    bench.run(&list).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_becomes_a_draft_that_can_be_sent() {
    let bench = Bench::quiet().await;

    let all = bench
        .run(&["prefill", "--all", "--limit", "3"])
        .await
        .expect(0);
    let id = all.rows()[0]["record_id"].as_str().unwrap().to_owned();
    let one = bench.run(&["prefill", "--record-id", &id]).await.expect(0);
    let sent = bench
        .run_with(&["submit", "--json", "--file", "-"], &one.stdout)
        .await
        .expect(0);
    let none = bench.run(&["prefill", "--record-id", "1"]).await.expect(5);
    bench.run(&["prefill"]).await.expect(2);

    assert_eq!(all.rows().len(), 3);
    assert_eq!(one.row()["module"], "Leads");
    assert_eq!(sent.row()["outcome"], "scheduled");
    let post = bench.control().posts_log().remove(0);
    assert_eq!(post.record_id.as_deref(), Some(id.as_str()));
    assert!(none.stderr.contains("no record 1"), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_records_by_a_word() {
    let bench = Bench::quiet().await;
    let all = bench.run(&["prefill", "--all"]).await.expect(0).rows();
    let email = all.iter().find_map(|row| row["email"].as_str()).unwrap();

    let found = bench
        .run(&["prefill", "--search", email])
        .await
        .expect(0)
        .rows();
    let none = bench
        .run(&["prefill", "--search", "nobody-at-all"])
        .await
        .expect(0);

    assert!(!found.is_empty());
    assert!(found.len() < all.len());
    assert_eq!(none.stdout, "");
}

async fn lost(bench: &Bench, action: Action) -> String {
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, action));
    bench.submit("ada").await.expect(8).row()["attempt"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_adopts_a_job_and_it_is_kept_who_did() {
    let bench = Bench::quiet().await;
    let attempt = lost(&bench, Action::CloseAfterRead { effect: true }).await;
    let job = bench.control().jobs()[0].id.clone();

    let unasked = bench
        .run(&["decide", &attempt, "adopt", &job])
        .await
        .expect(2);
    bench
        .run(&["decide", &attempt, "adopt", "123", "--yes"])
        .await
        .expect(5);
    let row = bench
        .run(&["decide", &attempt, "adopt", &job, "--yes", "--json"])
        .await
        .expect(0)
        .row();
    bench
        .run(&["decide", &attempt, "release", "--yes"])
        .await
        .expect(2);
    let dump = bench.run(&["ledger", "dump"]).await.expect(0).rows();

    assert!(unasked.stderr.contains("same inputs"), "{unasked:?}");
    assert_eq!(row["outcome"], "scheduled");
    assert_eq!(row["job_id"], job.as_str());
    let decision = dump.iter().find(|row| row["table"] == "decisions").unwrap();
    assert_eq!(decision["made_by"], "operator");
    let operator = decision["operator"].as_str().unwrap();
    assert!(operator.ends_with("(as ada)"), "{operator}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_releases_an_unknown_but_not_an_accepted_one() {
    let bench = Bench::quiet().await;
    let accepted = lost(&bench, Action::EmptyBody).await;
    bench.control().push_fault(Fault::next(
        Target::PeoplePost,
        Action::CloseAfterRead { effect: false },
    ));
    let plain = bench.submit("grace").await.expect(8).row()["attempt"].to_string();

    bench
        .run(&["decide", &plain, "release", "--yes"])
        .await
        .expect(0);
    let refused = bench
        .run(&["decide", &accepted, "release", "--yes"])
        .await
        .expect(2);
    bench
        .run(&["decide", "99", "release", "--yes"])
        .await
        .expect(2);

    assert!(refused.stderr.contains("accepted"), "{refused:?}");
    assert_eq!(bench.usage(&[]).await["used"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_can_be_composed_again() {
    let bench = Bench::quiet().await;
    bench
        .run(&[
            "submit", "--kind", "org", "--module", "Accounts", "--name", "Acme",
        ])
        .await
        .expect(0);

    let draft = bench.run(&["decide", "1", "compose"]).await.expect(0);
    bench
        .run_with(&["submit", "--again", "--file", "-"], &draft.stdout)
        .await
        .expect(0);

    assert_eq!(
        draft.row(),
        json!({"kind": "org", "module": "Accounts", "record_id": null, "name": "Acme"})
    );
    let jobs = bench.control().jobs();
    assert!(jobs.iter().all(|job| job.kind == EnrichmentKind::Org));
    assert_eq!(jobs.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_from_an_old_copy_sends_nothing_until_it_is_trusted() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    let copy = bench.path("copy.db").display().to_string();
    bench.run(&["ledger", "backup", &copy]).await.expect(0);
    bench.submit("grace").await.expect(0);
    std::fs::copy(&copy, bench.path("data/ledger.db")).unwrap();
    for beside in ["data/ledger.db-wal", "data/ledger.db-shm"] {
        let _ = std::fs::remove_file(bench.path(beside));
    }

    bench.submit("edsger").await.expect(9);
    let check = bench
        .run(&["ledger", "check", "--json"])
        .await
        .expect(9)
        .row();
    bench.run(&["ledger", "check", "--trust"]).await.expect(2);
    let trusted = bench
        .run(&["ledger", "check", "--trust", "--yes", "--json"])
        .await
        .expect(0)
        .row();
    bench.submit("edsger").await.expect(0);

    assert_eq!(
        (&check["sound"], &check["trusted"]),
        (&true.into(), &false.into())
    );
    assert_eq!(trusted["trusted"], true);
    assert_eq!(bench.control().posts(), 3);
    let again = bench.run(&["ledger", "backup", &copy]).await;
    assert!(again.stderr.contains("name another one"), "{again:?}");
    again.expect(9);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_time_a_purge_keeps_what_the_configuration_says() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    let purge = ["ledger", "purge", "--yes", "--json"];

    let unsaid = bench.run(&purge).await.expect(2);
    let config = format!("retention_days = 30\n{}", bench.profile("us", ""));
    bench.write("config.toml", &config, 0o600);
    let report = bench.run(&purge).await.expect(0).row();

    assert!(unsaid.stderr.contains("retention_days"), "{unsaid:?}");
    assert_eq!(report["attempts"], 0, "it is younger than thirty days");
    let before: Timestamp = report["before"].as_str().unwrap().parse().unwrap();
    let hours = SystemClock::new().now().duration_since(before).as_hours();
    assert!((719..=721).contains(&hours), "{hours}");
}

#[rstest]
#[case::bodies(&[], true)]
#[case::everything(&["--everything"], false)]
#[tokio::test(flavor = "multi_thread")]
async fn a_purge_removes_what_was_sent_and_keeps_the_count(
    #[case] flags: &[&str],
    #[case] keeps_inputs: bool,
) {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    let purge = ["ledger", "purge", "--before", "0s"];

    bench.run(&purge).await.expect(2);
    bench
        .run(&["ledger", "purge", "--before", "soon", "--yes"])
        .await
        .expect(2);
    let report = bench
        .run(&[&purge[..], flags, &["--yes", "--json"]].concat())
        .await
        .expect(0)
        .row();

    let log = bench.run(&["log", "--json"]).await.row();
    assert_eq!(report["attempts"], 1);
    assert_eq!(log["inputs"] != Value::Null, keeps_inputs);
    assert_eq!(bench.usage(&[]).await["used"], 1);
}
