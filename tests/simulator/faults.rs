//! Faults: what the client sees, and what the simulator did all the same.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use ziadeck::base::{Clock, EnrichmentKind, ManualClock, SystemClock, Timestamp};
use ziadeck::simulator::{
    Action, Fault, Rules, Scenario, Simulator, SimulatorOptions, StatusFault, Target, When,
};

use crate::client::{PEOPLE, enrich, get, parse, quiet, raw, refresh, start};

fn inputs() -> Value {
    json!({"email": "ada@acme.example"})
}

/// The bytes of a good POST.
fn post_bytes() -> Vec<u8> {
    let body = json!({"__zia_people_enrichment": [{"enrich_based_on": inputs()}]}).to_string();
    format!(
        "POST {PEOPLE}?module=Leads HTTP/1.1\r\nConnection: close\r\n\
         Authorization: Zoho-oauthtoken 1000.simulator.access\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends a good POST under a fault.
async fn post_under(simulator: &Simulator, action: Action) -> std::io::Result<Vec<u8>> {
    let control = simulator.control();
    control.push_fault(Fault::next(Target::PeoplePost, action));
    raw(simulator, &post_bytes()).await
}

fn made(simulator: &Simulator) -> usize {
    simulator.control().jobs().len()
}

#[rstest]
#[case::before(Action::CloseBeforeRead, 0, 0)]
#[case::after_with_effect(Action::CloseAfterRead { effect: true }, 1, 1)]
#[case::after_without_effect(Action::CloseAfterRead { effect: false }, 1, 0)]
#[tokio::test]
async fn a_closed_connection_gives_no_byte(
    #[case] action: Action,
    #[case] posts: u64,
    #[case] jobs: usize,
) {
    let simulator = quiet().await;

    let answer = post_under(&simulator, action).await.unwrap();

    assert!(answer.is_empty());
    assert_eq!(simulator.control().posts(), posts);
    assert_eq!(made(&simulator), jobs);
    for post in simulator.control().posts_log() {
        assert_eq!(post.answered.status, None);
        assert_eq!(post.answered.job_id.is_some(), jobs == 1);
    }
}

#[rstest]
#[case::before(Action::ResetBeforeRead, 0, 0)]
#[case::after_with_effect(Action::ResetAfterRead { effect: true }, 1, 1)]
#[case::after_without_effect(Action::ResetAfterRead { effect: false }, 1, 0)]
#[tokio::test]
async fn a_reset_connection_is_an_error(
    #[case] action: Action,
    #[case] posts: u64,
    #[case] jobs: usize,
) {
    let simulator = quiet().await;

    let error = post_under(&simulator, action).await.unwrap_err();

    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(simulator.control().posts(), posts);
    assert_eq!(made(&simulator), jobs);
}

#[rstest]
#[case(500, false, "INTERNAL_SERVER_ERROR")]
#[case(503, true, "INTERNAL_SERVER_ERROR")]
#[case(401, false, "INVALID_TOKEN")]
#[case(403, false, "NO_PERMISSION")]
#[case(429, false, "TOO_MANY_REQUESTS")]
#[tokio::test]
async fn a_status_fault_answers_with_or_without_effect(
    #[case] status: u16,
    #[case] effect: bool,
    #[case] code: &str,
) {
    let simulator = quiet().await;

    let answer = post_under(
        &simulator,
        Action::Status(StatusFault {
            effect,
            ..StatusFault::new(status)
        }),
    )
    .await
    .unwrap();

    let answer = parse(&answer);
    assert_eq!(answer.status, status);
    assert_eq!(answer.json()["code"], code);
    assert_eq!(made(&simulator), usize::from(effect));
    let seen = simulator.control().posts_log()[0].answered.clone();
    assert_eq!(seen.status, Some(status));
    assert_eq!(seen.job_id.is_some(), effect);
}

#[rstest]
#[case("1")]
#[case("-5")]
#[case("1000000000000")]
#[case("Wed, 21 Oct 2015 07:28:00 GMT")]
#[tokio::test]
async fn a_429_can_carry_any_retry_after(#[case] text: &str) {
    let simulator = quiet().await;

    let answer = post_under(
        &simulator,
        Action::Status(StatusFault {
            retry_after: Some(text.to_owned()),
            details_retry_after: Some(7),
            ..StatusFault::new(429)
        }),
    )
    .await
    .unwrap();

    let answer = parse(&answer);
    assert_eq!(answer.headers["Retry-After"], text);
    assert_eq!(answer.json()["details"]["retry_after"], 7);
}

#[tokio::test]
async fn a_proxy_answers_with_html() {
    let simulator = quiet().await;

    let answer = post_under(
        &simulator,
        Action::Status(StatusFault {
            html: true,
            ..StatusFault::new(502)
        }),
    )
    .await
    .unwrap();

    let answer = parse(&answer);
    assert_eq!(answer.headers["Content-Type"], "text/html");
    assert!(
        String::from_utf8(answer.body)
            .unwrap()
            .contains("502 Bad Gateway")
    );
}

#[rstest]
#[case(Action::Truncate { bytes: 30 }, "Content-Length")]
#[case(Action::TruncateChunked { bytes: 30 }, "Transfer-Encoding")]
#[tokio::test]
async fn a_truncated_answer_ends_inside_its_body(#[case] action: Action, #[case] framing: &str) {
    let simulator = quiet().await;

    let answer = parse(&post_under(&simulator, action).await.unwrap());

    assert_eq!(answer.status, 202);
    assert!(answer.headers.contains_key(framing));
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("{\"__zia_people_enrichment\":[{"), "{text}");
    assert!(!text.ends_with("0\r\n\r\n"));
    assert!(text.len() < 50);
    assert_eq!(made(&simulator), 1);
}

#[rstest]
#[case::empty(Action::EmptyBody, |body: &str| body.is_empty())]
#[case::html(Action::HtmlBody, |body: &str| body.starts_with("<html>"))]
#[case::empty_array(Action::EmptyArray, |body: &str| body == r#"{"__zia_people_enrichment":[]}"#)]
#[case::not_json(Action::NotJson, |body: &str| serde_json::from_str::<Value>(body).is_err())]
#[case::deep(Action::DeepJson { depth: 1_000_000 }, |body: &str| body.len() == 2_000_000)]
#[case::huge(Action::HugeBody { bytes: 3 << 20 }, |body: &str| body.len() > 3 << 20)]
#[case::id_number(Action::IdNumber, |body: &str| body.contains(r#""id":5725767000003019"#))]
#[case::id_long(Action::IdLong, |body: &str| body.contains(&"7".repeat(400)))]
#[case::id_path(Action::IdPath, |body: &str| body.contains(r#""id":"../../settings/modules""#))]
#[case::extra(Action::ExtraItems, |body: &str| body.matches("SCHEDULED").count() == 2)]
#[tokio::test]
async fn a_202_can_carry_any_body(#[case] action: Action, #[case] check: fn(&str) -> bool) {
    let simulator = quiet().await;

    let answer = parse(&post_under(&simulator, action).await.unwrap());

    assert_eq!(answer.status, 202);
    let body = String::from_utf8(answer.body).unwrap();
    assert!(
        check(&body),
        "{}",
        body.chars().take(300).collect::<String>()
    );
    assert_eq!(made(&simulator), 1);
}

#[tokio::test]
async fn garbage_is_not_http() {
    let simulator = quiet().await;

    let bytes = post_under(&simulator, Action::Garbage).await.unwrap();

    assert!(!bytes.starts_with(b"HTTP/"));
    assert_eq!(made(&simulator), 1);
}

#[tokio::test]
async fn needless_headers_come_before_the_answer() {
    let simulator = quiet().await;

    let bytes = post_under(&simulator, Action::ManyHeaders { count: 500 })
        .await
        .unwrap();

    let answer = parse(&bytes);
    assert!(answer.headers.len() > 500);
    assert_eq!(answer.item()["code"], "SCHEDULED");
}

#[tokio::test]
async fn an_endless_body_goes_on_until_the_client_leaves() {
    let simulator = quiet().await;
    simulator
        .control()
        .push_fault(Fault::next(Target::PeoplePost, Action::Endless));
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.port()))
        .await
        .unwrap();
    stream.write_all(&post_bytes()).await.unwrap();

    let mut read = 0;
    let mut buffer = vec![0; 64 << 10];
    while read < 4 << 20 {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the body ended after {read} bytes");
        read += count;
    }
    drop(stream);

    simulator.stop().await;
}

#[tokio::test]
async fn a_hanging_answer_never_comes_and_the_job_is_there() {
    let simulator = quiet().await;
    let control = simulator.control();
    control.push_fault(Fault::next(
        Target::PeoplePost,
        Action::Hang { effect: true },
    ));
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.port()))
        .await
        .unwrap();
    stream.write_all(&post_bytes()).await.unwrap();

    let patience = Duration::from_secs(10);
    tokio::time::timeout(patience, control.wait_for_posts(1))
        .await
        .expect("the POST arrives");
    let mut byte = [0];
    let read = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut byte)).await;

    assert!(read.is_err(), "nothing comes");
    assert_eq!(made(&simulator), 1);
    simulator.stop().await;
}

#[tokio::test]
async fn a_slow_body_dribbles_and_arrives() {
    let simulator = quiet().await;
    let action = Action::SlowBody {
        bytes_per_second: 2_000,
    };
    let clock = SystemClock::new();

    let answer = parse(&post_under(&simulator, action).await.unwrap());

    assert_eq!(answer.item()["code"], "SCHEDULED");
    assert!(clock.monotonic() > Duration::from_millis(50));
}

#[tokio::test]
async fn a_redirect_names_another_host() {
    let simulator = quiet().await;
    let action = Action::Redirect {
        status: 307,
        location: "https://evil.example/".into(),
    };

    let answer = parse(&post_under(&simulator, action).await.unwrap());

    assert_eq!(answer.status, 307);
    assert_eq!(answer.headers["Location"], "https://evil.example/");
    assert_eq!(made(&simulator), 0);
}

#[tokio::test]
async fn a_token_answer_can_name_another_api_domain() {
    let simulator = quiet().await;
    simulator.control().push_fault(Fault::next(
        Target::Token,
        Action::ApiDomain {
            value: "https://www.zohoapis.com.evil".into(),
        },
    ));

    let first = refresh(&simulator).await.json();
    let second = refresh(&simulator).await.json();

    assert_eq!(first["api_domain"], "https://www.zohoapis.com.evil");
    assert_eq!(second["api_domain"], simulator.base_url());
}

#[tokio::test]
async fn hostile_text_reaches_messages_and_job_data() {
    let simulator = start(SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    })
    .await;
    simulator
        .control()
        .push_fault(Fault::always(Target::Any, Action::HostileText));

    let posted = enrich(&simulator, inputs()).await.item();
    let listed = get(&simulator, PEOPLE).await.item();
    let id = listed["id"].as_str().unwrap();
    let job = get(&simulator, &format!("{PEOPLE}/{id}")).await.item();

    for text in [
        &posted["message"],
        &listed["created_by"]["name"],
        &job["enriched_data"]["designation"],
    ] {
        let text = text.as_str().unwrap();
        assert!(
            text.contains("\u{1b}]52;c;") && text.contains('\u{202e}'),
            "{text:?}"
        );
    }
    assert_eq!(id.len(), 19, "ids stay usable");
}

#[tokio::test]
async fn the_limit_can_be_exceeded_at_any_time() {
    let simulator = quiet().await;

    let answer = parse(&post_under(&simulator, Action::LimitExceeded).await.unwrap());

    assert_eq!(answer.status, 400);
    assert_eq!(answer.item()["code"], "LIMIT_EXCEEDED");
    assert_eq!(answer.item()["details"]["limit"], 1500);
    assert_eq!(made(&simulator), 0);
}

#[tokio::test]
async fn a_late_job_appears_later() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let simulator = start(SimulatorOptions {
        clock: clock.clone(),
        ..SimulatorOptions::default()
    })
    .await;
    let action = Action::LateJob {
        after: Duration::from_secs(5),
    };

    let answer = post_under(&simulator, action).await.unwrap();
    let at_once = get(&simulator, PEOPLE).await;
    clock.advance(Duration::from_secs(5));
    let later = get(&simulator, PEOPLE).await;

    assert!(answer.is_empty());
    assert_eq!(at_once.status, 204);
    assert_eq!(later.item()["status"], "SCHEDULED");
    assert_eq!(simulator.control().used(EnrichmentKind::People), 1);
}

#[tokio::test]
async fn a_job_can_be_made_in_another_name() {
    let simulator = quiet().await;
    let action = Action::CreatedBy {
        name: "Somebody Else".into(),
    };

    post_under(&simulator, action).await.unwrap();
    enrich(&simulator, inputs()).await;

    let jobs = simulator.control().jobs();
    assert_eq!(jobs[0].created_by, "Somebody Else");
    assert_eq!(jobs[1].created_by, "Robin Castellan");
}

#[tokio::test]
async fn what_was_meant_for_a_refused_job_does_not_meet_the_next_one() {
    let simulator = quiet().await;
    let control = simulator.control();
    control.push_fault(Fault::next(
        Target::PeoplePost,
        Action::CreatedBy {
            name: "Somebody Else".into(),
        },
    ));

    enrich(&simulator, json!({"email": "ab"})).await;
    enrich(&simulator, inputs()).await;

    assert_eq!(control.jobs()[0].created_by, "Robin Castellan");
}

#[tokio::test]
async fn pages_shift_while_they_are_read() {
    let simulator = start(SimulatorOptions {
        used: 4,
        ..SimulatorOptions::default()
    })
    .await;
    simulator.control().push_fault(Fault {
        when: When::At(2),
        ..Fault::next(Target::List, Action::ShiftPages)
    });
    let page = |n: u32| {
        let simulator = &simulator;
        async move {
            let path = format!("{PEOPLE}?per_page=2&page={n}");
            let body = get(simulator, &path).await.json();
            let rows = body["__zia_people_enrichment"].as_array().unwrap().clone();
            rows.iter()
                .map(|row| row["id"].clone())
                .collect::<Vec<Value>>()
        }
    };

    let (first, second) = (page(1).await, page(2).await);

    assert_eq!(
        first[1], second[0],
        "the newest first, so one is seen twice"
    );
}

#[tokio::test]
async fn one_list_can_lack_info() {
    let simulator = start(SimulatorOptions {
        used: 1,
        ..SimulatorOptions::default()
    })
    .await;
    simulator
        .control()
        .push_fault(Fault::next(Target::List, Action::NoInfo));

    assert!(get(&simulator, PEOPLE).await.json().get("info").is_none());
    assert!(get(&simulator, PEOPLE).await.json()["info"].is_object());
}

#[tokio::test]
async fn more_calls_at_once_than_allowed_are_throttled() {
    let simulator = start(SimulatorOptions {
        latency: Duration::from_millis(150),
        rules: Rules {
            concurrency_max: 2,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;

    let calls = (0..6).map(|_| enrich(&simulator, inputs()));
    let answers = futures_util::future::join_all(calls).await;

    let count = |status: u16| answers.iter().filter(|a| a.status == status).count();
    assert_eq!(count(202) + count(429), 6);
    assert!(count(429) >= 1);
    assert_eq!(made(&simulator), count(202));
    assert_eq!(enrich(&simulator, inputs()).await.status, 202);
}

#[tokio::test]
async fn a_scenario_replaces_the_one_before() {
    let simulator =
        start(SimulatorOptions::default().with_scenario(Scenario::load("limit-near").unwrap()))
            .await;
    let control = simulator.control();
    assert_eq!(control.used(EnrichmentKind::People), 1490);
    let scenario = "limit = 1492\n[[fault]]\non = \"people_post\"\nat = 1\naction = \"garbage\"\n";

    control.set_scenario(Scenario::parse("test", scenario).unwrap());

    assert!(
        !raw(&simulator, &post_bytes())
            .await
            .unwrap()
            .starts_with(b"HTTP/")
    );
    assert_eq!(enrich(&simulator, inputs()).await.status, 202);
    let refused = enrich(&simulator, inputs()).await;
    assert_eq!(refused.item()["details"]["limit"], 1492);
    control.set_scenario(Scenario::default());
    control.set_limit(1493);
    assert_eq!(enrich(&simulator, inputs()).await.status, 202);
}

#[tokio::test]
async fn a_connection_serves_several_requests() {
    let simulator = quiet().await;
    let authorization = "Authorization: Zoho-oauthtoken 1000.simulator.access\r\n";
    let twice = format!(
        "GET /crm/v7/org HTTP/1.1\r\n{authorization}\r\n\
         GET /crm/v7/org HTTP/1.1\r\n{authorization}Connection: close\r\n\r\n"
    );

    let answer = raw(&simulator, twice.as_bytes()).await.unwrap();

    let text = String::from_utf8(answer).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(simulator.control().connections(), 1);
    assert_eq!(simulator.control().requests().len(), 2);
    assert_eq!(
        simulator.control().requests()[1].headers["connection"],
        "close"
    );
}

#[tokio::test]
async fn a_simulator_that_is_stopped_breaks_its_connections() {
    let simulator = quiet().await;
    let control = simulator.control();
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.port()))
        .await
        .unwrap();
    stream.write_all(&post_bytes()[..10]).await.unwrap();
    let patience = Duration::from_secs(10);
    while control.connections() == 0 {
        tokio::task::yield_now().await;
    }

    simulator.stop().await;

    let mut byte = [0];
    let read = tokio::time::timeout(patience, stream.read(&mut byte)).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "{read:?}");
}
