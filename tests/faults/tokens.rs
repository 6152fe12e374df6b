//! The token endpoint: F22 to F26, T6 and T7.

use rstest::rstest;
use ziadeck::simulator::{Action, Fault, Target};

use crate::raw::silent_listener;
use crate::support::Bench;

async fn without_access() -> Bench {
    let bench = Bench::quiet().await;
    bench.sign_in_without_access("us");
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_a_refused_refresh_sends_nothing_and_leaves_the_file() {
    let bench = without_access().await;
    bench.control().revoke();
    let file = bench.path("data/credentials/us.toml");
    let before = std::fs::read(&file).unwrap();

    let ran = bench.submit("ada").await.expect(4);

    assert_eq!(bench.control().posts(), 0);
    assert_eq!(bench.control().token_calls(), 1);
    assert_eq!(std::fs::read(&file).unwrap(), before, "{ran:?}");
}

/// Ten in ten minutes, whatever starts and ends meanwhile; the eleventh is refused here.
#[tokio::test(flavor = "multi_thread")]
async fn f24_twelve_processes_make_ten_token_calls() {
    let bench = without_access().await;

    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(bench.run(&["auth", "refresh"]).await.code);
    }

    assert_eq!(codes, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4]);
    assert_eq!(bench.control().token_calls(), 10);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn f25_a_redirected_token_call_is_a_failed_sign_in(
    #[values(301, 302, 303, 307, 308)] status: u16,
) {
    let bench = without_access().await;
    let (other, visits) = silent_listener();
    let location = format!("http://127.0.0.1:{other}/oauth/v2/token");
    let redirect = Action::Redirect { status, location };
    bench
        .control()
        .push_fault(Fault::always(Target::Token, redirect));

    let ran = bench.submit("ada").await.expect(4);

    assert!(ran.stderr.contains("redirect to 127.0.0.1"), "{ran:?}");
    assert_eq!(visits.count(), 0, "the client secret goes nowhere else");
    assert_eq!(bench.control().posts(), 0);
}

#[rstest]
#[case("https://evil.example")]
#[case("https://www.zohoapis.com.evil.example")]
#[case("https://www.zohoapis.com@evil.example")]
#[case("https://www.zohoapis.com.")]
#[case("https://www.zohoapis.com:8443")]
#[case("http://www.zohoapis.com")]
#[case("https://www.zohoapis.in")]
#[case("https://www.zoh\u{43e}apis.com")]
#[case("//evil.example")]
#[tokio::test(flavor = "multi_thread")]
async fn f26_a_token_for_another_host_is_refused_and_not_used(#[case] value: &str) {
    let bench = without_access().await;
    let value = value.to_owned();
    bench
        .control()
        .push_fault(Fault::always(Target::Token, Action::ApiDomain { value }));
    let file = bench.path("data/credentials/us.toml");
    let before = std::fs::read(&file).unwrap();

    let ran = bench.submit("ada").await.expect(4);

    assert_eq!(bench.control().posts(), 0, "{ran:?}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
