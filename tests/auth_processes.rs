//! Several real processes share one credential directory: one of them refreshes, all get the
//! token, and what they write is private even under `umask 000`.
//!
//! The processes are this test binary again, running `a_process_gets_its_token` alone.

#![expect(clippy::unwrap_used, reason = "test code may unwrap")]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{env, fs};

use futures_util::future::BoxFuture;
use ziadeck::auth::{
    Account, CredentialStore, ExchangeRequest, RefreshRequest, RevokeRequest, SecretReader,
    TokenCallError, TokenEndpoint, TokenGrant, TokenSource,
};
use ziadeck::base::{KnownSecrets, Secret, SecretSource, SystemClock};

const DIRECTORY: &str = "ZIADECK_TEST_CREDENTIALS";

/// Notes each call as a line in a file that all processes share.
struct NotingEndpoint {
    calls: PathBuf,
}

impl NotingEndpoint {
    fn grant(&self, refresh_token: Option<&str>, life: u64) -> Result<TokenGrant, TokenCallError> {
        let mut options = fs::OpenOptions::new();
        let mut calls = options.create(true).append(true).open(&self.calls).unwrap();
        writeln!(calls, "{}", std::process::id()).unwrap();
        Ok(TokenGrant {
            access_token: Secret::new(&format!("access-{}", std::process::id())),
            refresh_token: refresh_token.map(Secret::new),
            expires_in_seconds: life,
            api_domain: None,
            scope: None,
        })
    }
}

impl TokenEndpoint for NotingEndpoint {
    fn refresh(
        &self,
        _request: RefreshRequest,
    ) -> BoxFuture<'_, Result<TokenGrant, TokenCallError>> {
        Box::pin(async { self.grant(None, 3_600) })
    }

    fn exchange(
        &self,
        _request: ExchangeRequest,
    ) -> BoxFuture<'_, Result<TokenGrant, TokenCallError>> {
        // A token that has ended already, so that whoever comes next must refresh.
        Box::pin(async { self.grant(Some("refresh"), 0) })
    }

    fn revoke(&self, _request: RevokeRequest) -> BoxFuture<'_, Result<(), TokenCallError>> {
        Box::pin(async { Ok(()) })
    }
}

fn source(directory: &Path) -> TokenSource {
    let account = Account {
        profile: "us".parse().unwrap(),
        client_id: "client".to_owned(),
        client_secret: Some(SecretSource::Env("SECRET".to_owned())),
        accounts_base: "http://127.0.0.1:1".parse().unwrap(),
        api_base: "http://127.0.0.1:1".parse().unwrap(),
    };
    TokenSource::new(
        account,
        CredentialStore::new(&directory.join("credentials")),
        Arc::new(NotingEndpoint {
            calls: directory.join("calls"),
        }),
        Arc::new(SystemClock::new()),
        SecretReader::new(
            [("SECRET".into(), "secret".into())].into(),
            [],
            KnownSecrets::default(),
        ),
    )
}

fn calls(directory: &Path) -> usize {
    let calls = fs::read_to_string(directory.join("calls")).unwrap();
    calls.lines().count()
}

/// Not a test by itself: one of the processes of the test below.
#[tokio::test]
async fn a_process_gets_its_token() {
    let Some(directory) = env::var_os(DIRECTORY) else {
        return;
    };

    let token = source(Path::new(&directory)).access_token().await.unwrap();

    println!("token={}", token.secret().expose());
}

#[tokio::test]
async fn of_many_processes_one_refreshes_and_all_get_its_token() {
    let temp = tempfile::tempdir().unwrap();
    source(temp.path())
        .login(&Secret::new("code"))
        .await
        .unwrap();
    fs::remove_file(temp.path().join("calls")).unwrap();

    let processes: Vec<_> = (0..4)
        .map(|_| {
            Command::new("/bin/sh")
                .args(["-c", "umask 000; exec \"$0\" \"$@\""])
                .arg(env::current_exe().unwrap())
                .args(["--exact", "a_process_gets_its_token", "--nocapture"])
                .env(DIRECTORY, temp.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut tokens: Vec<String> = processes
        .into_iter()
        .map(|process| {
            let output = process.wait_with_output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let token = text.lines().find_map(|line| line.split_once("token="));
            token.unwrap().1.to_owned()
        })
        .collect();

    tokens.dedup();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    assert_eq!(calls(temp.path()), 1);
    for entry in fs::read_dir(temp.path().join("credentials")).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
