//! Every key of the configuration does something: where no other test sees it, one here does.
//! (`settle_seconds` and `plain`: plain.rs. `limit`, `concurrency`, `reserve`: tests/usage.rs and
//! tests/bulk. `retention_days`: upkeep.rs. `theme`, `selection`, `mouse`, `kitty_keyboard`,
//! `keys`: tests/pty.)

use crate::support::{Bench, finish};

/// A bench whose configuration begins with `top` and whose profile has `more`.
async fn bench(top: &str, more: &str) -> Bench {
    let bench = Bench::quiet().await;
    let config = format!("{top}\n{}", bench.profile("us", more));
    bench.write("config.toml", &config, 0o600);
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_the_api_is_in_every_path() {
    let bench = bench("", "api_version = \"v8\"").await;

    bench.submit("ada").await.expect(0);

    let paths: Vec<String> = bench
        .control()
        .requests()
        .into_iter()
        .map(|r| r.path)
        .collect();
    assert!(
        paths
            .iter()
            .any(|path| path == "/crm/v8/__zia_people_enrichment"),
        "{paths:?}"
    );
    assert!(!paths.iter().any(|path| path.contains("/v7/")), "{paths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_is_set_to_nothing_is_not_set() {
    let bench = bench("", "").await;
    let mut usage = bench.command(&["usage", "--json"]);
    for variable in ["ZIADECK_PROFILE", "ZIADECK_CONFIG", "ZIADECK_DATA_DIR"] {
        usage.env(variable, "");
    }

    let ran = finish(usage.spawn().unwrap()).await;

    ran.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_is_the_one_that_doctor_expects() {
    let bench = bench("", "environment = \"sandbox\"").await;

    let ran = bench.run(&["doctor", "--json"]).await;

    assert!(ran.stdout.contains("the profile says sandbox"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_profile_is_used_when_none_is_named() {
    let bench = bench("default_profile = \"us\"", "").await;
    let config = std::fs::read_to_string(bench.path("config.toml")).unwrap();
    let both = format!("{config}\n{}", bench.profile("other", ""));
    bench.write("config.toml", &both, 0o600);

    let usage = bench.usage(&[]).await;
    let undecided = both.replace("default_profile = \"us\"", "");
    bench.write("config.toml", &undecided, 0o600);

    assert_eq!(usage["profile"], "us");
    bench.run(&["usage", "--json"]).await.expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_module_is_the_one_that_is_sent() {
    let bench = bench("", "").await;
    let config = bench.profile("us", "").replace("\"Leads\"", "\"Contacts\"");
    bench.write("config.toml", &config, 0o600);

    bench.submit("ada").await.expect(0);

    assert_eq!(bench.control().posts_log()[0].module, "Contacts");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_may_come_from_a_command() {
    let bench = bench("", "").await;
    let file = format!("client_secret_file = {:?}", bench.path("secret"));
    let with = |command: &str| bench.profile("us", "").replace(&file, command);
    let refresh = ["auth", "refresh"];

    bench.write(
        "config.toml",
        &with("client_secret_command = [\"false\"]"),
        0o600,
    );
    bench.run(&refresh).await.expect(4);
    let printed = with("client_secret_command = [\"echo\", \"the-client-secret\"]");
    bench.write("config.toml", &printed, 0o600);

    bench.run(&refresh).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scopes_are_those_that_a_sign_in_asks_for() {
    let bench = bench("", "scopes = [\"ZohoCRM.own.READ\"]").await;

    let ran = bench.run(&["auth", "login"]).await;

    assert!(ran.stderr.contains("ZohoCRM.own.READ"), "{ran:?}");
    assert!(!ran.stderr.contains("ZohoCRM.org.READ"), "{ran:?}");
    let simulated = "on a simulator, which takes any word as a grant code";
    assert!(ran.stderr.contains(simulated), "{ran:?}");
    assert!(!ran.stderr.contains("api-console"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_grant_code_is_asked_for_that_no_secret_could_exchange() {
    let bench = bench("", "").await;
    let file = format!("client_secret_file = {:?}", bench.path("secret"));
    let config = bench.profile("us", "").replace(&file, "");
    bench.write("config.toml", &config, 0o600);

    let ran = bench.run(&["auth", "login"]).await.expect(4);

    assert!(ran.stderr.contains("names no client secret"), "{ran:?}");
    assert!(!ran.stderr.contains("grant code"), "{ran:?}");
}
