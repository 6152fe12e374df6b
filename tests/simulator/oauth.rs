//! Contract 4: grant codes, tokens, scopes, throttle.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use ziadeck::base::{ManualClock, Timestamp};
use ziadeck::simulator::{Rules, SimulatorOptions};

use crate::client::{PEOPLE, call_with, get, quiet, refresh, start, token};

fn exchange(code: &str) -> String {
    format!("grant_type=authorization_code&client_id=1000.C&client_secret=s&code={code}")
}

#[tokio::test]
async fn a_grant_code_is_exchanged_once() {
    let simulator = quiet().await;

    let first = token(&simulator, &exchange("1000.abc")).await;
    let second = token(&simulator, &exchange("1000.abc")).await;

    let body = first.json();
    assert_eq!(first.status, 200);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body["api_domain"], simulator.base_url());
    assert!(body["refresh_token"].is_string());
    assert_eq!(second.status, 200);
    assert_eq!(second.json(), serde_json::json!({"error": "invalid_code"}));
}

#[rstest]
#[case(
    "grant_type=authorization_code&client_id=bad&client_secret=s&code=c",
    "invalid_client"
)]
#[case(
    "grant_type=authorization_code&client_secret=s&code=c",
    "invalid_client"
)]
#[case(
    "grant_type=authorization_code&client_id=c&client_secret=bad&code=c",
    "invalid_client_secret"
)]
#[case(
    "grant_type=authorization_code&client_id=c&client_secret=s&code=expired1",
    "invalid_code"
)]
#[case(
    "grant_type=authorization_code&client_id=c&client_secret=s&code=invalid1",
    "invalid_code"
)]
#[case(
    "grant_type=authorization_code&client_id=c&client_secret=s&code=",
    "invalid_code"
)]
#[case(
    "grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=1000.no",
    "invalid_code"
)]
#[case("client_id=c&client_secret=s", "unsupported_grant_type")]
#[tokio::test]
async fn an_error_of_the_accounts_server_comes_with_200(#[case] form: &str, #[case] error: &str) {
    let simulator = quiet().await;

    let answer = token(&simulator, form).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), serde_json::json!({ "error": error }));
}

#[tokio::test]
async fn the_parameters_may_stand_in_the_query() {
    let simulator = quiet().await;
    let path = format!("/oauth/v2/token?{}", exchange("1000.q"));

    let answer = call_with(&simulator, ("POST", &path), None, "").await;

    assert!(answer.json()["access_token"].is_string());
}

#[tokio::test]
async fn a_refresh_gives_a_new_access_token_and_no_refresh_token() {
    let simulator = quiet().await;

    let body = refresh(&simulator).await.json();

    assert!(body.get("refresh_token").is_none());
    let authorization = format!("Zoho-oauthtoken {}", body["access_token"].as_str().unwrap());
    let answer = call_with(&simulator, ("GET", "/crm/v7/org"), Some(&authorization), "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers.contains_key("X-ACCESSTOKEN-RESET"));
}

#[tokio::test]
async fn the_eleventh_token_in_ten_minutes_is_throttled() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let simulator = start(SimulatorOptions {
        clock: clock.clone(),
        ..SimulatorOptions::default()
    })
    .await;
    for _ in 0..10 {
        assert_eq!(refresh(&simulator).await.status, 200);
    }

    let eleventh = refresh(&simulator).await;
    clock.advance(Duration::from_secs(600));
    let later = refresh(&simulator).await;

    assert_eq!(eleventh.status, 400);
    assert_eq!(eleventh.json()["status"], "failure");
    assert_eq!(eleventh.json()["error"], "Access Denied");
    assert!(later.json()["access_token"].is_string());
    assert_eq!(simulator.control().token_calls(), 12);
}

#[tokio::test]
async fn an_access_token_dies_after_an_hour() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let simulator = start(SimulatorOptions {
        clock: clock.clone(),
        ..SimulatorOptions::default()
    })
    .await;
    let body = refresh(&simulator).await.json();
    let authorization = format!("Zoho-oauthtoken {}", body["access_token"].as_str().unwrap());

    clock.advance(Duration::from_secs(3_600));

    let answer = call_with(&simulator, ("GET", "/crm/v7/org"), Some(&authorization), "").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["code"], "INVALID_TOKEN");
}

#[tokio::test]
async fn a_token_of_another_simulator_is_invalid() {
    let (one, other) = (quiet().await, quiet().await);
    let body = refresh(&one).await.json();
    let authorization = format!("Zoho-oauthtoken {}", body["access_token"].as_str().unwrap());

    let answer = call_with(&other, ("GET", "/crm/v7/org"), Some(&authorization), "").await;

    assert_eq!(answer.json()["code"], "INVALID_TOKEN");
}

#[rstest]
#[case(None, "AUTHENTICATION_FAILURE")]
#[case(Some("Bearer 1000.simulator.access"), "AUTHENTICATION_FAILURE")]
#[case(Some("Zoho-oauthtoken "), "AUTHENTICATION_FAILURE")]
#[case(Some("Zoho-oauthtoken 1000.unknown"), "INVALID_TOKEN")]
#[tokio::test]
async fn a_call_without_a_good_token_is_401(
    #[case] authorization: Option<&str>,
    #[case] code: &str,
) {
    let simulator = quiet().await;

    let answer = call_with(&simulator, ("GET", PEOPLE), authorization, "").await;

    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["code"], code);
    assert_eq!(answer.json()["status"], "error");
}

#[tokio::test]
async fn a_grant_code_can_carry_its_scopes() {
    let simulator = quiet().await;
    let code = "code-with-scopes:ZohoCRM.settings.intelligence.READ,ZohoCRM.org.READ";
    let body = token(&simulator, &exchange(code)).await.json();
    let authorization = format!("Zoho-oauthtoken {}", body["access_token"].as_str().unwrap());
    let call = |method, path| {
        let (simulator, authorization) = (&simulator, &authorization);
        async move { call_with(simulator, (method, path), Some(authorization), "").await }
    };

    assert_eq!(call("GET", PEOPLE).await.status, 204);
    assert_eq!(call("GET", "/crm/v7/org").await.status, 200);
    let refused = call("POST", PEOPLE).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["code"], "OAUTH_SCOPE_MISMATCH");
    assert_eq!(
        refused.json()["message"],
        "invalid oauth scope to access this URL"
    );
}

#[tokio::test]
async fn revoking_a_refresh_token_kills_its_access_tokens() {
    let simulator = quiet().await;
    let body = token(&simulator, &exchange("1000.r")).await.json();
    let authorization = format!("Zoho-oauthtoken {}", body["access_token"].as_str().unwrap());
    let revoke = format!(
        "/oauth/v2/token/revoke?token={}",
        body["refresh_token"].as_str().unwrap()
    );

    let first = call_with(&simulator, ("POST", &revoke), None, "").await;
    let second = call_with(&simulator, ("POST", &revoke), None, "").await;

    assert_eq!(first.json(), serde_json::json!({"status": "success"}));
    assert_eq!(second.status, 400);
    let answer = call_with(&simulator, ("GET", "/crm/v7/org"), Some(&authorization), "").await;
    assert_eq!(answer.json()["code"], "INVALID_TOKEN");
}

#[tokio::test]
async fn a_test_can_expire_and_revoke() {
    let simulator = quiet().await;

    simulator.control().expire_access_tokens();
    let expired = get(&simulator, "/crm/v7/org").await;
    let refreshed = refresh(&simulator).await;
    simulator.control().revoke();
    let revoked = refresh(&simulator).await;

    assert_eq!(expired.json()["code"], "INVALID_TOKEN");
    assert!(refreshed.json()["access_token"].is_string());
    assert_eq!(revoked.json()["error"], "invalid_code");
}

#[tokio::test]
async fn a_strict_simulator_takes_only_codes_that_it_issued() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let simulator = start(SimulatorOptions {
        clock: clock.clone(),
        rules: Rules {
            strict_oauth: true,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;
    let issued = simulator.control().issue_grant_code();
    let late = simulator.control().issue_grant_code();

    let invented = token(&simulator, &exchange("1000.invented")).await;
    let good = token(&simulator, &exchange(&issued)).await.json();
    clock.advance(Duration::from_secs(180));
    let too_late = token(&simulator, &exchange(&late)).await;
    let other_client = format!(
        "grant_type=refresh_token&client_id=1000.OTHER&client_secret=s&refresh_token={}",
        good["refresh_token"].as_str().unwrap()
    );

    assert_eq!(invented.json()["error"], "invalid_code");
    assert!(good["access_token"].is_string());
    assert_eq!(too_late.json()["error"], "invalid_code");
    let stolen = token(&simulator, &other_client).await;
    assert_eq!(stolen.json()["error"], "invalid_code");
}

#[tokio::test]
async fn the_server_tells_its_locations() {
    let simulator = quiet().await;

    let answer = call_with(&simulator, ("GET", "/oauth/serverinfo"), None, "").await;

    assert_eq!(answer.json()["locations"]["us"], simulator.base_url());
}
