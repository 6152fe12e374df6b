//! What each answer means for a run of 20 rows, sent one after the other: the POSTs, the outcomes,
//! the units and the reason of the pause are those of the table in `zoho::classify`.

use rstest::rstest;
use serde_json::Value;
use ziadeck::simulator::{
    Action, Beside, Envelope, Fault, SimulatorOptions, StatusFault, Target, When,
};

use crate::rig::Rig;

const ROWS: u64 = 20;

/// What a run came to.
#[derive(Debug, PartialEq, Eq, Default)]
struct Came {
    posts: u64,
    scheduled: u64,
    rejected: u64,
    unknown: u64,
    /// Rows that still wait.
    pending: u64,
    /// Units that count as spent.
    used: u64,
    /// Why it paused; empty where it came to its end.
    reason: String,
}

impl Came {
    /// Nothing but the first row was sent, it waits again, and nothing is spent.
    fn to_a_pause_at_once(reason: &str) -> Self {
        Self {
            posts: 1,
            pending: ROWS,
            reason: reason.to_owned(),
            ..Self::default()
        }
    }

    /// So many rows are unknown, each was sent once and counts, and the others wait.
    fn to_unknowns(count: u64) -> Self {
        Self {
            posts: count,
            unknown: count,
            pending: ROWS - count,
            used: count,
            reason: "unknown_streak".to_owned(),
            ..Self::default()
        }
    }

    fn to_its_end(posts: u64) -> Self {
        Self {
            posts,
            ..Self::default()
        }
    }
}

/// Runs 20 rows under faults of the POST. Whatever happens, no row makes two jobs.
async fn run_under(faults: Vec<(When, Action)>) -> (Came, Value) {
    let rig = Rig::start(SimulatorOptions::default(), "concurrency = 1").await;
    let run = rig.plan(20).await;
    for (when, action) in faults {
        rig.control.push_fault(Fault {
            when,
            ..Fault::always(Target::PeoplePost, action)
        });
    }

    let ended = rig.bulk_run(run, &[]).await.last();

    let twice: Vec<_> = rig
        .jobs()
        .into_iter()
        .filter(|(_, jobs)| *jobs > 1)
        .collect();
    assert!(twice.is_empty(), "{twice:?}");
    let number = |name: &str| ended[name].as_u64().unwrap();
    let came = Came {
        posts: rig.control.posts(),
        scheduled: number("scheduled"),
        rejected: number("rejected"),
        unknown: number("unknown"),
        pending: number("pending"),
        used: number("used"),
        reason: ended["reason"].as_str().unwrap_or_default().to_owned(),
    };
    (came, ended)
}

async fn always(action: Action) -> (Came, Value) {
    run_under(vec![(When::Always, action)]).await
}

/// An error of the API, in one of its two forms.
fn error(status: u16, code: &str, envelope: Envelope) -> Action {
    Action::Status(StatusFault {
        code: Some(code.to_owned()),
        envelope,
        ..StatusFault::new(status)
    })
}

/// What something in between says, of a request that took effect or did not.
fn in_between(status: u16, html: bool, effect: bool) -> Action {
    Action::Status(StatusFault {
        html,
        effect,
        envelope: Envelope::None,
        retry_after: Some("1".to_owned()),
        ..StatusFault::new(status)
    })
}

#[rstest]
#[case::alone(Action::Delay)]
#[case::behind_an_error(Action::ErrorEntry { code: "INVALID_DATA".into(), place: Beside::Before })]
#[case::before_an_error(Action::ErrorEntry { code: "NO_PERMISSION".into(), place: Beside::After })]
#[tokio::test(flavor = "multi_thread")]
async fn scheduled_whatever_stands_beside_it(#[case] action: Action) {
    let (came, ended) = always(action).await;

    let expected = Came {
        scheduled: 20,
        used: 20,
        ..Came::to_its_end(20)
    };
    assert_eq!(came, expected, "{ended}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_2xx_with_an_error_inside_counts(
    #[values(200, 202, 207)] status: u16,
    #[values(Envelope::Flat, Envelope::Wrapped)] envelope: Envelope,
) {
    let action = Action::Status(StatusFault {
        code: Some("INVALID_DATA".to_owned()),
        envelope,
        effect: true,
        ..StatusFault::new(status)
    });

    let (came, ended) = always(action).await;

    assert_eq!(came, Came::to_unknowns(3), "{ended}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_limit_stops_at_once(#[values("LIMIT_EXCEEDED", "LIMIT_REACHED")] code: &str) {
    let (came, ended) = always(error(400, code, Envelope::Wrapped)).await;

    assert_eq!(came, Came::to_a_pause_at_once("limit"), "{ended}");
}

#[rstest]
#[case("INVALID_DATA", Envelope::Wrapped)]
#[case("NOT_ALLOWED", Envelope::Flat)]
#[case("NOT_SUPPORTED", Envelope::Flat)]
#[case("A_CODE_OF_TOMORROW", Envelope::Flat)]
#[case("A_CODE_OF_TOMORROW", Envelope::Wrapped)]
#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_rejected_and_the_run_goes_on(#[case] code: &str, #[case] envelope: Envelope) {
    let (came, ended) = always(error(400, code, envelope)).await;

    let expected = Came {
        rejected: 20,
        ..Came::to_its_end(20)
    };
    assert_eq!(came, expected, "{ended}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_400_that_says_no_clear_no_counts(
    #[values("SCHEDULED", "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR")] code: &str,
) {
    let (came, ended) = always(error(400, code, Envelope::Flat)).await;

    assert_eq!(came, Came::to_unknowns(3), "{ended}");
}

/// The same for every row: nothing is rejected, and the row waits.
#[rstest]
#[case(400, "FEATURE_NOT_ENABLED", "scope or feature")]
#[case(400, "FEATURE_NOT_SUPPORTED", "scope or feature")]
#[case(400, "API_NOT_SUPPORTED", "scope or feature")]
#[case(400, "INVALID_REQUEST_METHOD", "api_version and data centre")]
#[case(401, "OAUTH_SCOPE_MISMATCH", "scope or feature")]
#[case(401, "A_CODE_OF_TOMORROW", "")]
#[case(402, "A_CODE_OF_TOMORROW", "")]
#[case(403, "NO_PERMISSION", "scope or feature")]
#[case(404, "INVALID_URL_PATTERN", "api_version and data centre")]
#[case(404, "A_CODE_OF_TOMORROW", "does not know the address")]
#[case(405, "A_CODE_OF_TOMORROW", "does not know the address")]
#[case(406, "INVALID_DATA", "")]
#[case(409, "INVALID_DATA", "")]
#[case(410, "A_CODE_OF_TOMORROW", "")]
#[case(413, "A_CODE_OF_TOMORROW", "")]
#[case(414, "A_CODE_OF_TOMORROW", "")]
#[case(415, "A_CODE_OF_TOMORROW", "")]
#[case(422, "INVALID_DATA", "")]
#[tokio::test(flavor = "multi_thread")]
async fn the_first_denied_pauses(#[case] status: u16, #[case] code: &str, #[case] says: &str) {
    let (came, ended) = always(error(status, code, Envelope::Flat)).await;

    assert_eq!(came, Came::to_a_pause_at_once("denied"), "{ended}");
    let detail = ended["detail"].as_str().unwrap();
    assert!(detail.contains(code), "{detail}");
    let reason = ziadeck::bulk::PauseReason::Denied(code.into());
    let told = format!("{detail}; {}", reason.next_step());
    assert!(told.contains(says), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_once_and_its_row_sent_once_more() {
    let (came, ended) = always(error(401, "INVALID_TOKEN", Envelope::Flat)).await;

    let expected = Came {
        posts: 2,
        ..Came::to_a_pause_at_once("sign_in")
    };
    assert_eq!(came, expected, "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_of_the_api_is_waited_out() {
    let throttled = |envelope| {
        Action::Status(StatusFault {
            retry_after: Some("1".to_owned()),
            envelope,
            ..StatusFault::new(429)
        })
    };
    let faults = vec![
        (When::At(2), throttled(Envelope::Flat)),
        (When::At(4), throttled(Envelope::Wrapped)),
    ];

    let (came, ended) = run_under(faults).await;

    let expected = Came {
        scheduled: 20,
        used: 20,
        ..Came::to_its_end(22)
    };
    assert_eq!(came, expected, "{ended}");
}

/// It was here that one row was sent twelve times, and twelve jobs were made for nothing spent.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_something_in_between_says_counts(
    #[values(400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422, 429)] status: u16,
    #[values(true, false)] html: bool,
) {
    // After the job was made by a page, before it by a gateway's own JSON.
    let (came, ended) = always(in_between(status, html, html)).await;

    assert_eq!(came, Came::to_unknowns(3), "{ended}");
    let detail = ended["detail"].as_str().unwrap();
    assert!(
        detail.contains(&format!("each for the same reason: HTTP {status}")),
        "{detail}"
    );
}

#[rstest]
#[case::redirect(Action::Redirect { status: 307, location: "https://else.example/".into() })]
#[case::server(error(500, "INTERNAL_ERROR", Envelope::Flat))]
#[case::server_with_a_row_code(error(500, "INVALID_DATA", Envelope::Wrapped))]
#[case::gateway(in_between(502, true, true))]
#[case::a_status_of_its_own(error(423, "LOCKED", Envelope::Flat))]
#[case::silence(Action::CloseAfterRead { effect: true })]
#[case::reset(Action::ResetAfterRead { effect: true })]
#[case::no_http(Action::Garbage)]
#[case::cut(Action::Truncate { bytes: 40 })]
#[tokio::test(flavor = "multi_thread")]
async fn everything_else_counts(#[case] action: Action) {
    let (came, ended) = always(action).await;

    assert_eq!(came, Came::to_unknowns(3), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_unknown_of_any_kind_pauses() {
    let faults = [502, 403, 503, 404, 429]
        .into_iter()
        .zip(1..)
        .map(|(status, n)| (When::At(n), in_between(status, true, true)));

    let (came, ended) = run_under(faults.collect()).await;

    assert_eq!(came, Came::to_unknowns(5), "{ended}");
    let detail = ended["detail"].as_str().unwrap();
    assert!(detail.contains("5 unknown outcomes in a row"), "{detail}");
    assert!(!detail.contains("same reason"), "{detail}");
}
