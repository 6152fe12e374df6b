//! What is larger, later or more than anything sensible: each is bounded, told, and holds up nobody.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

use rstest::rstest;

use crate::raw::{read_request, serve};
use crate::support::{Bench, Ran, finish};

/// A bench whose server answers by hand: from the request to head and body.
async fn answered(answer: impl Fn(&str) -> (String, String) + Send + 'static) -> Bench {
    let (port, _) = serve(move |mut stream, _| {
        let Some(request) = read_request(&mut stream) else {
            return;
        };
        let (head, body) = if request.contains("/org HTTP") {
            let org = r#"{"org":[{"id":"77","company_name":"Acme"}]}"#;
            ("200 OK".to_owned(), org.to_owned())
        } else {
            answer(&request)
        };
        let text = format!(
            "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        // Whoever has read enough may have gone.
        let _ = stream.write_all(text.as_bytes());
    });
    let bench = Bench::quiet().await;
    let config = bench
        .profile("us", "")
        .replace(bench.base(), &format!("http://127.0.0.1:{port}"));
    bench.write("config.toml", &config, 0o600);
    bench
}

fn is_list(request: &str) -> bool {
    request.starts_with("GET ") && request.contains("/__zia_people_enrichment?")
}

fn list(rows: &[String], more: &str) -> String {
    format!(
        r#"{{"__zia_people_enrichment":[{}],"info":{{"more_records":{more}}}}}"#,
        rows.join(",")
    )
}

/// As many rows as eight megabytes hold: a hundred are kept, and the reading is not complete.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_200_000_jobs_is_read_as_far_as_a_page_goes() {
    let rows: Vec<String> = (1..=200_000)
        .map(|job| format!(r#"{{"id":"{job}","status":"COMPLETED"}}"#))
        .collect();
    let page = list(&rows, "false");
    let bench = answered(move |request| match is_list(request) {
        true => ("200 OK".to_owned(), page.clone()),
        false => ("204 No Content".to_owned(), String::new()),
    })
    .await;

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(usage["used"], 100, "{usage}");
    // Nobody can say what is left: the list was not read to its end.
    assert!(usage["left"].is_null() && usage["at"].is_null(), "{usage}");
}

/// The last days that a time can be, and those after it.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_the_year_9999_and_later_are_listed() {
    let rows: Vec<String> = [
        "9999-12-30T21:59:59Z",
        "9999-12-31T23:59:59+00:00",
        "9999-12-31T23:59:59-23:59",
        "10000-01-01T00:00:00Z",
        "+275760-09-13T00:00:00Z",
        "-9999-01-01T00:00:00Z",
    ]
    .iter()
    .enumerate()
    .map(|(job, time)| {
        format!(
            r#"{{"id":"{}","status":"COMPLETED","created_time":"{time}"}}"#,
            100 + job
        )
    })
    .collect();
    let page = list(&rows, "false");
    let bench = answered(move |request| {
        let date = "Date: Thu, 30 Dec 9999 21:59:59 GMT";
        match is_list(request) {
            true => (format!("200 OK\r\n{date}"), page.clone()),
            false => (format!("204 No Content\r\n{date}"), String::new()),
        }
    })
    .await;

    let jobs = bench.run(&["jobs", "list", "--json"]).await.expect(0);
    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(jobs.rows().len(), 6, "{jobs:?}");
    assert_eq!(usage["used"], 6, "{usage}");
    assert_eq!(usage["left"], 1_494, "{usage}");
    bench.run(&["jobs", "list"]).await.expect(0);
    bench.run(&["usage"]).await.expect(0);
}

/// A token that never ends, with more scopes than the file with the credentials may hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_scopes_without_end_can_be_read_again() {
    let bench = answered(|_| {
        let body = serde_json::json!({
            "access_token": "1000.fresh",
            "expires_in": u64::MAX,
            "scope": "ZohoCRM.settings.ALL,".repeat(5_000),
        });
        ("200 OK".to_owned(), body.to_string())
    })
    .await;
    bench.sign_in_without_access("us");

    bench.run(&["auth", "refresh"]).await.expect(0);

    bench.run(&["auth", "status"]).await.expect(0);
    let file = std::fs::metadata(bench.path("data/credentials/us.toml")).unwrap();
    assert!(file.len() < 10_000, "{}", file.len());
    bench.run(&["auth", "refresh"]).await.expect(0);
}

/// A limit is taught by 1 to 1,000,000 alone; whatever else the answer says is told and not believed.
#[rstest]
#[case("9223372036854775807")]
#[case("\"9223372036854775807\"")]
#[case("18446744073709551615")]
#[case("-1")]
#[case("1500.5")]
#[case("1e400")]
#[case("0")]
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_cannot_be_is_not_learned(#[case] limit: &'static str) {
    let bench = answered(move |request| {
        let body = format!(
            r#"{{"__zia_people_enrichment":[{{"code":"LIMIT_EXCEEDED","details":{{"limit":{limit}}},"message":"m","status":"error"}}]}}"#
        );
        match request.starts_with("POST ") {
            true => ("400 Bad Request".to_owned(), body),
            false => ("204 No Content".to_owned(), String::new()),
        }
    })
    .await;

    bench.submit("ada").await.expect(6);

    assert_eq!(bench.usage(&[]).await["limit"], 1_500);
}

/// The client would take such a variable for one that is not set, and go past the proxy.
#[rstest]
#[case(b"http://ada:canary@[::bad")]
#[case(b"::::")]
#[case(b"http://ada:canary@proxy.example:3128\x1b]52;c;YQ==\x07")]
#[case(b"http://ada:can\nary@proxy.example")]
#[case(b"http://ada:canary@proxy.example:3128 ")]
#[case(b"http://ada:canary@proxy.example\xff")]
#[case(b"gopher://ada:canary@proxy.example")]
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_cannot_be_read_stops_the_command(
    #[case] value: &[u8],
    #[values("HTTPS_PROXY", "all_proxy")] name: &str,
) {
    let bench = Bench::quiet().await;
    let text = std::fs::read_to_string(bench.path("config.toml")).unwrap();
    let real: Vec<&str> = text.lines().filter(|line| !line.contains("_url")).collect();
    bench.write("config.toml", &real.join("\n"), 0o600);
    let run = async |arguments: &[&str]| -> Ran {
        let mut command = bench.command(arguments);
        command.env(name, OsStr::from_bytes(value));
        finish(command.spawn().unwrap()).await
    };

    let submit = run(&["submit", "--email", "ada@acme.example"])
        .await
        .expect(2);
    let doctor = run(&["doctor"]).await.expect(2);

    for told in [
        &submit.stderr,
        &format!("{}{}", doctor.stdout, doctor.stderr),
    ] {
        assert!(told.contains(&format!("the variable {name}")), "{told}");
        assert!(!told.contains("canary") && !told.contains("ary@"), "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
    // What needs no server goes on.
    assert_eq!(run(&["log"]).await.code, 0);
    assert_eq!(bench.control().connections(), 0);
}
