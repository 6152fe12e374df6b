//! The token source on a fake endpoint and a clock that moves when told.

mod private_file;
mod session;

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use rstest::rstest;

use super::*;
use crate::base::{KnownSecrets, ManualClock, ProfileName, Secret, SecretSource, Timestamp};

type Answer = Result<TokenGrant, TokenCallError>;

/// Answers with what was queued, else with `access-1`, `access-2` …
#[derive(Default)]
struct FakeEndpoint {
    queued: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<String>>,
    revoked: Mutex<Option<TokenCallError>>,
}

impl FakeEndpoint {
    fn calls(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn queue(&self, answer: Answer) {
        self.queued.lock().unwrap().push_back(answer);
    }

    async fn answer(&self, what: String, refresh_token: Option<&str>) -> Answer {
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(what);
            seen.len()
        };
        // Long enough on the wire for every other caller to arrive.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        let queued = self.queued.lock().unwrap().pop_front();
        queued.unwrap_or_else(|| Ok(grant(&format!("access-canary-{number}"), refresh_token)))
    }
}

fn grant(access_token: &str, refresh_token: Option<&str>) -> TokenGrant {
    TokenGrant {
        access_token: Secret::new(access_token),
        refresh_token: refresh_token.map(Secret::new),
        expires_in_seconds: 3_600,
        api_domain: Some("https://www.zohoapis.com".to_owned()),
        scope: Some("ZohoCRM.settings.intelligence.ALL".to_owned()),
    }
}

impl TokenEndpoint for FakeEndpoint {
    fn refresh(&self, request: RefreshRequest) -> BoxFuture<'_, Answer> {
        let what = format!("refresh {}", request.refresh_token.expose());
        Box::pin(self.answer(what, None))
    }

    fn exchange(&self, request: ExchangeRequest) -> BoxFuture<'_, Answer> {
        let what = format!("exchange {}", request.code.expose());
        Box::pin(self.answer(what, Some("refresh-canary")))
    }

    fn revoke(&self, request: RevokeRequest) -> BoxFuture<'_, Result<(), TokenCallError>> {
        let what = format!("revoke {}", request.refresh_token.expose());
        self.seen.lock().unwrap().push(what);
        let failed = self.revoked.lock().unwrap().clone();
        Box::pin(async move { failed.map_or(Ok(()), Err) })
    }
}

struct Rig {
    temp: tempfile::TempDir,
    clock: Arc<ManualClock>,
    endpoint: Arc<FakeEndpoint>,
}

impl Rig {
    fn new() -> Self {
        let start: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        Self {
            temp: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(start)),
            endpoint: Arc::default(),
        }
    }

    /// A rig whose profile is signed in; the sign-in's own call and token are past.
    async fn signed_in() -> Self {
        let rig = Self::new();
        rig.process().login(&Secret::new("code")).await.unwrap();
        rig.clock.advance(Duration::from_secs(7_200));
        rig.endpoint.seen.lock().unwrap().clear();
        rig
    }

    fn account(&self) -> Account {
        Account {
            profile: profile(),
            client_id: "1000.CLIENT".to_owned(),
            client_secret: Some(SecretSource::Env("SECRET".to_owned())),
            accounts_base: "https://accounts.zoho.com".parse().unwrap(),
            api_base: "https://www.zohoapis.com".parse().unwrap(),
        }
    }

    /// What another process, or this one after a restart, would have: the files are shared, the
    /// memory is not.
    fn process(&self) -> TokenSource {
        self.process_for(self.account())
    }

    fn process_for(&self, account: Account) -> TokenSource {
        let env = [("SECRET".into(), "client-canary".into())].into();
        TokenSource::new(
            account,
            CredentialStore::new(&self.directory()),
            self.endpoint.clone(),
            self.clock.clone(),
            SecretReader::new(env, [], KnownSecrets::default()),
        )
    }

    fn directory(&self) -> PathBuf {
        self.temp.path().join("credentials")
    }

    fn file(&self) -> PathBuf {
        CredentialStore::new(&self.directory()).path(&profile())
    }
}

fn profile() -> ProfileName {
    "us".parse().unwrap()
}

fn text(token: &AccessToken) -> &str {
    token.secret().expose()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_at_once_make_one_call() {
    let rig = Rig::signed_in().await;
    let source = Arc::new(rig.process());

    let callers = (0..50).map(|_| {
        let source = source.clone();
        tokio::spawn(async move { source.access_token().await.unwrap() })
    });
    let tokens = join_all(callers).await;

    assert_eq!(rig.endpoint.calls(), 1);
    for token in tokens {
        assert_eq!(text(&token.unwrap()), "access-canary-1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_at_once_make_one_call() {
    let rig = Rig::signed_in().await;

    let callers = (0..4).map(|_| {
        let source = rig.process();
        tokio::spawn(async move { source.access_token().await.unwrap() })
    });
    let tokens = join_all(callers).await;

    assert_eq!(rig.endpoint.calls(), 1);
    for token in tokens {
        assert_eq!(text(&token.unwrap()), "access-canary-1");
    }
}

#[tokio::test]
async fn a_token_survives_a_restart() {
    let rig = Rig::signed_in().await;
    rig.process().access_token().await.unwrap();

    let token = rig.process().access_token().await.unwrap();

    assert_eq!(text(&token), "access-canary-1");
    assert_eq!(rig.endpoint.calls(), 1);
}

#[rstest]
#[case(3_539, 1)]
#[case(3_541, 2)]
#[tokio::test]
async fn a_token_is_refreshed_when_less_than_the_margin_is_left(
    #[case] seconds: u64,
    #[case] calls: usize,
) {
    let rig = Rig::signed_in().await;
    let source = rig.process();
    source.access_token().await.unwrap();

    rig.clock.advance(Duration::from_secs(seconds));
    source.access_token().await.unwrap();

    assert_eq!(rig.endpoint.calls(), calls);
}

#[tokio::test]
async fn a_wall_clock_set_back_does_not_make_a_token_live_longer() {
    let rig = Rig::signed_in().await;
    let source = rig.process();
    let start = crate::base::Clock::now(&*rig.clock);
    source.access_token().await.unwrap();

    rig.clock.advance(Duration::from_secs(3_590));
    rig.clock.set_wall(start);
    source.access_token().await.unwrap();

    assert_eq!(rig.endpoint.calls(), 2);
}

#[tokio::test]
async fn a_token_of_short_life_is_not_refreshed_at_each_use() {
    let rig = Rig::signed_in().await;
    let mut short = grant("short", None);
    short.expires_in_seconds = 40;
    rig.endpoint.queue(Ok(short));
    let source = rig.process();

    source.access_token().await.unwrap();
    rig.clock.advance(Duration::from_secs(20));
    source.access_token().await.unwrap();

    assert_eq!(rig.endpoint.calls(), 1);
}

#[tokio::test]
async fn many_refusals_of_one_token_make_one_refresh() {
    let rig = Rig::signed_in().await;
    let source = rig.process();
    let refused = source.access_token().await.unwrap();

    for _ in 0..5 {
        source.invalidate(&refused).await;
        assert_eq!(
            text(&source.access_token().await.unwrap()),
            "access-canary-2"
        );
    }

    assert_eq!(rig.endpoint.calls(), 2);
}

#[tokio::test]
async fn after_a_refusal_the_token_of_another_process_is_used() {
    let rig = Rig::signed_in().await;
    let (ours, theirs) = (rig.process(), rig.process());
    let refused = ours.access_token().await.unwrap();
    theirs.access_token().await.unwrap();
    theirs.invalidate(&refused).await;
    theirs.access_token().await.unwrap();

    ours.invalidate(&refused).await;
    let token = ours.access_token().await.unwrap();

    assert_eq!(text(&token), "access-canary-2");
    assert_eq!(rig.endpoint.calls(), 2);
}

#[tokio::test]
async fn a_forced_refresh_replaces_a_good_token() {
    let rig = Rig::signed_in().await;
    let source = rig.process();
    source.access_token().await.unwrap();

    let token = source.refresh().await.unwrap();

    assert_eq!(text(&token), "access-canary-2");
    assert_eq!(
        text(&rig.process().access_token().await.unwrap()),
        "access-canary-2"
    );
}

#[tokio::test]
async fn ten_calls_in_ten_minutes_are_the_most_across_restarts() {
    let rig = Rig::signed_in().await;
    for _ in 0..10 {
        rig.process().refresh().await.unwrap();
        rig.clock.advance(Duration::from_secs(1));
    }

    let error = rig.process().refresh().await.unwrap_err();

    let first = crate::base::Clock::now(&*rig.clock)
        .checked_sub(Duration::from_secs(10))
        .unwrap();
    let expected = first.checked_add(Duration::from_secs(600)).unwrap();
    assert!(matches!(error, AuthError::Throttled { until } if until == expected));
    assert_eq!(rig.endpoint.calls(), 10);
    assert_eq!(rig.process().status().unwrap().calls_left, 0);

    rig.clock.advance(Duration::from_secs(590));
    rig.process().refresh().await.unwrap();
}

#[tokio::test]
async fn a_wall_clock_that_runs_ahead_does_not_widen_the_allowance() {
    let rig = Rig::signed_in().await;
    let source = rig.process();

    for _ in 0..15 {
        let ahead = crate::base::Clock::now(&*rig.clock)
            .checked_add(Duration::from_secs(3_600))
            .unwrap();
        rig.clock.set_wall(ahead);
        let _ = source.refresh().await;
    }

    assert_eq!(rig.endpoint.calls(), 10);
}

#[tokio::test]
async fn a_throttled_profile_makes_no_call_for_the_window_even_after_a_restart() {
    let rig = Rig::signed_in().await;
    rig.endpoint.queue(Err(TokenCallError::Throttled));
    let first = rig.process().access_token().await.unwrap_err();

    rig.clock.advance(Duration::from_secs(599));
    let second = rig.process().access_token().await.unwrap_err();

    assert!(matches!(first, AuthError::Throttled { .. }));
    assert!(matches!(second, AuthError::Throttled { .. }));
    assert_eq!(rig.endpoint.calls(), 1);
    rig.clock.advance(Duration::from_secs(1));
    rig.process().access_token().await.unwrap();
}

#[tokio::test]
async fn a_refused_refresh_leaves_the_credential_file_untouched() {
    let rig = Rig::signed_in().await;
    let before = fs::read(rig.file()).unwrap();
    let error = "invalid_code".to_owned();
    rig.endpoint.queue(Err(TokenCallError::Refused { error }));

    let error = rig.process().access_token().await.unwrap_err();

    assert!(error.to_string().contains("invalid_code"));
    assert_eq!(fs::read(rig.file()).unwrap(), before);
}

#[tokio::test]
async fn a_call_that_was_not_sent_is_not_counted() {
    let rig = Rig::signed_in().await;
    for _ in 0..20 {
        rig.endpoint
            .queue(Err(TokenCallError::NotSent("offline".to_owned())));
    }
    let source = rig.process();

    for _ in 0..20 {
        assert!(source.access_token().await.unwrap_err().is_not_sent());
    }

    assert_eq!(source.status().unwrap().calls_left, 10);
}

#[rstest]
#[case("https://www.zohoapis.com.evil")]
#[case("https://www.zohoapis.com@evil")]
#[case("https://www.zohoapis.in")]
#[case("https://www.zohoapis.com.")]
#[case("https://www.zohoapis.com:444")]
#[case("http://www.zohoapis.com")]
#[case("https://www.zohoapіs.com")]
#[case("")]
#[tokio::test]
async fn a_token_for_another_host_is_not_kept(#[case] domain: &str) {
    let rig = Rig::signed_in().await;
    let before = fs::read(rig.file()).unwrap();
    for _ in 0..2 {
        let mut other = grant("other", Some("other-refresh"));
        other.api_domain = Some(domain.to_owned());
        rig.endpoint.queue(Ok(other));
    }
    let source = rig.process();

    let refresh = source.access_token().await.unwrap_err();
    let login = source.login(&Secret::new("code")).await.unwrap_err();

    assert!(matches!(refresh, AuthError::ApiDomain { .. }), "{refresh}");
    assert!(matches!(login, AuthError::ApiDomain { .. }), "{login}");
    assert_eq!(fs::read(rig.file()).unwrap(), before);
    let token = source.access_token().await.unwrap();
    assert_eq!(text(&token), "access-canary-3");
}

#[rstest]
#[case("https://www.zohoapis.com/")]
#[case("https://www.zohoapis.com")]
#[tokio::test]
async fn the_profiles_own_host_is_accepted(#[case] domain: &str) {
    let rig = Rig::signed_in().await;
    let mut own = grant("own", None);
    own.api_domain = Some(domain.to_owned());
    rig.endpoint.queue(Ok(own));

    assert_eq!(text(&rig.process().access_token().await.unwrap()), "own");
}

#[rstest]
#[case("")]
#[case("a b")]
#[case("a\r\nX-Evil: 1")]
#[tokio::test]
async fn a_token_that_no_header_can_hold_is_not_kept(#[case] token: &str) {
    let rig = Rig::signed_in().await;
    rig.endpoint.queue(Ok(grant(token, None)));

    let error = rig.process().access_token().await.unwrap_err();

    assert!(matches!(error, AuthError::Failed { .. }), "{error}");
}

#[tokio::test]
async fn a_caller_who_goes_away_lets_the_next_one_in() {
    let rig = Rig::signed_in().await;
    let source = rig.process();
    {
        let mut gone = Box::pin(source.access_token());
        assert!((&mut gone).now_or_never().is_none());
        assert_eq!(rig.endpoint.calls(), 1);
    }

    let token = rig.process().access_token().await.unwrap();

    assert_eq!(text(&token), "access-canary-2");
    assert_eq!(rig.process().status().unwrap().calls_left, 8);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_never_released_is_not_waited_for_for_ever() {
    let rig = Rig::signed_in().await;
    let lock = fs::File::open(rig.directory().join("us.lock")).unwrap();
    lock.lock().unwrap();

    let error = rig.process().access_token().await.unwrap_err();

    assert!(matches!(error, AuthError::Busy { .. }), "{error}");
    assert_eq!(rig.endpoint.calls(), 0);
}
