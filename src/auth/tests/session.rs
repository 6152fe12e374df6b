//! Signing in and out, and what the credential file must be like.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rstest::rstest;

use super::{Rig, grant, text};
use crate::auth::*;
use crate::base::Secret;

#[tokio::test]
async fn who_is_not_signed_in_makes_no_call() {
    let rig = Rig::new();

    let error = rig.process().access_token().await.unwrap_err();

    assert!(error.to_string().contains("auth login --profile us"));
    assert_eq!(rig.endpoint.calls(), 0);
    assert!(!rig.process().status().unwrap().is_signed_in);
}

#[tokio::test]
async fn signing_in_keeps_the_tokens_in_a_private_file() {
    let rig = Rig::new();

    let status = rig.process().login(&Secret::new("code")).await.unwrap();

    assert!(status.is_signed_in);
    assert_eq!(status.calls_left, 9);
    assert_eq!(
        status.scope.as_deref(),
        Some("ZohoCRM.settings.intelligence.ALL")
    );
    let ends = status.access_expires_at.unwrap();
    assert_eq!(ends.to_string(), "2026-11-24T07:00:00Z");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(rig.file()), 0o600);
    assert_eq!(mode(rig.directory()), 0o700);
    assert_eq!(mode(rig.directory().join("us.lock")), 0o600);
    assert_eq!(mode(rig.directory().join("us.calls.toml")), 0o600);
    assert_eq!(
        text(&rig.process().access_token().await.unwrap()),
        "access-canary-1"
    );
}

#[tokio::test]
async fn a_failed_sign_in_leaves_the_earlier_one() {
    let rig = Rig::signed_in().await;
    let before = fs::read(rig.file()).unwrap();
    rig.endpoint.queue(Ok(grant("no-refresh-token", None)));

    let error = rig.process().login(&Secret::new("code")).await.unwrap_err();

    assert!(matches!(error, AuthError::NoRefreshToken));
    assert_eq!(fs::read(rig.file()).unwrap(), before);
}

#[tokio::test]
async fn signing_out_revokes_and_removes() {
    let rig = Rig::signed_in().await;
    let source = rig.process();
    source.access_token().await.unwrap();

    let logout = source.logout().await.unwrap();

    assert_eq!(logout, Logout::Revoked);
    assert!(!rig.file().exists());
    let seen = rig.endpoint.seen.lock().unwrap().last().cloned();
    assert_eq!(seen.as_deref(), Some("revoke refresh-canary"));
    let after = source.access_token().await.unwrap_err();
    assert!(matches!(after, AuthError::NotSignedIn { .. }));
    assert_eq!(source.logout().await.unwrap(), Logout::NotSignedIn);
}

#[tokio::test]
async fn signing_out_removes_the_file_when_revoking_fails_and_says_so() {
    let rig = Rig::signed_in().await;
    *rig.endpoint.revoked.lock().unwrap() = Some(TokenCallError::NotSent("offline".to_owned()));

    let logout = rig.process().logout().await.unwrap();

    assert!(matches!(logout, Logout::RemovedOnly { reason } if reason.contains("offline")));
    assert!(!rig.file().exists());
}

#[tokio::test]
async fn signing_out_and_in_does_not_forget_the_calls() {
    let rig = Rig::signed_in().await;
    for _ in 0..10 {
        rig.process().refresh().await.unwrap();
    }
    rig.process().logout().await.unwrap();

    let error = rig.process().login(&Secret::new("code")).await.unwrap_err();

    assert!(matches!(error, AuthError::Throttled { .. }));
}

#[rstest]
#[case("http://127.0.0.1:8080", "1000.CLIENT")]
#[case("https://accounts.zoho.in", "1000.CLIENT")]
#[case("https://accounts.zoho.com", "1000.OTHER")]
#[tokio::test]
async fn credentials_never_go_to_another_server_or_client(
    #[case] accounts: &str,
    #[case] client_id: &str,
) {
    let rig = Rig::signed_in().await;
    let mut account = rig.account();
    account.accounts_base = accounts.parse().unwrap();
    account.client_id = client_id.to_owned();

    let error = rig.process_for(account).access_token().await.unwrap_err();

    assert!(matches!(error, AuthError::OtherAccount { .. }), "{error}");
    assert_eq!(rig.endpoint.calls(), 0);
}

#[tokio::test]
async fn credentials_of_production_never_go_to_the_sandbox() {
    let rig = Rig::signed_in().await;
    let mut account = rig.account();
    account.api_base = "https://sandbox.zohoapis.com".parse().unwrap();

    let error = rig.process_for(account).access_token().await.unwrap_err();

    assert!(matches!(error, AuthError::OtherAccount { .. }), "{error}");
    assert_eq!(rig.endpoint.calls(), 0);
}

#[tokio::test]
async fn an_unsafe_credential_file_stops_everything_before_a_call() {
    let rig = Rig::signed_in().await;
    fs::set_permissions(rig.file(), fs::Permissions::from_mode(0o640)).unwrap();

    let error = rig.process().access_token().await.unwrap_err();

    assert!(error.to_string().contains("chmod 600"), "{error}");
    assert!(matches!(error, AuthError::Unsafe { .. }));
    assert_eq!(rig.endpoint.calls(), 0);
}

#[tokio::test]
async fn a_malformed_credential_file_is_named_by_line_and_not_quoted() {
    let rig = Rig::signed_in().await;
    fs::write(rig.file(), "scope = \"x\"\nrefresh_token = canary\n").unwrap();

    let error = rig.process().access_token().await.unwrap_err();

    let told = format!("{error} {error:?}");
    assert!(
        told.contains("line 2") && told.contains("us.toml"),
        "{told}"
    );
    assert!(!told.contains("canary"), "{told}");
}

#[tokio::test]
async fn a_credential_file_of_only_a_refresh_token_will_do() {
    let rig = Rig::signed_in().await;
    fs::write(rig.file(), "refresh_token = \"by-hand\"\n").unwrap();

    rig.process().access_token().await.unwrap();

    let seen = rig.endpoint.seen.lock().unwrap().clone();
    assert_eq!(seen, ["refresh by-hand"]);
}

#[tokio::test]
async fn nothing_that_can_be_printed_holds_a_secret() {
    let rig = Rig::signed_in().await;
    let source = rig.process();
    let token = source.access_token().await.unwrap();
    let account = rig.account();
    let request = RefreshRequest {
        accounts_base: account.accounts_base,
        client_id: account.client_id,
        client_secret: Secret::new("client-canary"),
        refresh_token: Secret::new("refresh-canary"),
    };

    let printed = [
        format!("{source:?}"),
        format!("{token:?}"),
        format!("{request:?}"),
        format!("{:?}", grant("access-canary", Some("refresh-canary"))),
        format!("{:?}", source.status().unwrap()),
        fs::read_to_string(rig.directory().join("us.calls.toml")).unwrap(),
        fs::read_to_string(rig.directory().join("us.lock")).unwrap(),
    ];

    for text in printed {
        assert!(!text.contains("canary"), "{text}");
    }
}
