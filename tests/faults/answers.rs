//! Answers that came, wrong in one way or another: F17 to F20, F25 and F27.

use rstest::rstest;
use ziadeck::base::Outcome;
use ziadeck::simulator::{Action, Fault, StatusFault, Target};

use crate::raw::silent_listener;
use crate::support::Bench;
use crate::{send, session};

fn status(status: u16, effect: bool) -> Action {
    Action::Status(StatusFault {
        effect,
        html: true,
        ..StatusFault::new(status)
    })
}

/// One POST, one connection, one outcome; a unit counts unless the answer says clearly that none
/// was spent.
#[rstest]
#[case::f17_500_after_the_job(status(500, true), Outcome::Unknown)]
#[case::f17_502_after_the_job(status(502, true), Outcome::Unknown)]
#[case::f17_503_after_the_job(status(503, true), Outcome::Unknown)]
#[case::f17_504_after_the_job(status(504, true), Outcome::Unknown)]
#[case::f18_500_without_a_job(status(500, false), Outcome::Unknown)]
#[case::conflict(status(409, true), Outcome::Unknown)]
#[case::f20_truncated(Action::Truncate { bytes: 40 }, Outcome::UnknownAccepted)]
#[case::f20_truncated_chunks(Action::TruncateChunked { bytes: 40 }, Outcome::UnknownAccepted)]
#[case::f20_empty(Action::EmptyBody, Outcome::UnknownAccepted)]
#[case::f20_html(Action::HtmlBody, Outcome::UnknownAccepted)]
#[case::f20_empty_array(Action::EmptyArray, Outcome::UnknownAccepted)]
#[case::f20_not_json(Action::NotJson, Outcome::UnknownAccepted)]
#[case::f20_id_as_a_number(Action::IdNumber, Outcome::Scheduled)]
#[case::f20_id_of_400_digits(Action::IdLong, Outcome::UnknownAccepted)]
#[case::f20_id_as_a_path(Action::IdPath, Outcome::UnknownAccepted)]
#[case::f27_endless(Action::Endless, Outcome::UnknownAccepted)]
#[case::f27_deep_json(Action::DeepJson { depth: 1_000_000 }, Outcome::UnknownAccepted)]
#[case::hostile_text(Action::HostileText, Outcome::Scheduled)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_wrong_has_its_outcome_and_is_never_asked_for_again(
    #[case] action: Action,
    #[case] expected: Outcome,
) {
    let bench = Bench::quiet().await;
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, action));
    let session = session(&bench).await;

    let report = send(&session, "ada").await;

    assert_eq!(report.row.outcome, expected, "{:?}", report.row);
    assert_eq!(
        report.usage.as_ref().unwrap().used,
        1,
        "counted until reconcile knows better"
    );
    assert_eq!(bench.control().posts(), 1);
    assert_eq!(bench.control().connections(), 1);
    let kept = report.row.message.unwrap_or_default().len();
    assert!(kept <= 8 << 10, "{kept} bytes of message");
}

/// F20: one thing was asked for and two jobs are named. The first is the answer; the second may have
/// cost a unit as well, so it is counted, by its id: a list that names it does not count it twice.
#[tokio::test(flavor = "multi_thread")]
async fn f20_a_second_job_in_an_answer_is_counted_and_told() {
    let bench = Bench::quiet().await;
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, Action::ExtraItems));
    let session = session(&bench).await;

    let report = send(&session, "ada").await;

    assert_eq!(report.row.outcome, Outcome::Scheduled, "{:?}", report.row);
    let usage = report.usage.unwrap();
    assert_eq!(usage.used, 2, "{usage:?}");
    assert_eq!((usage.mine, usage.others), (1, 1));
    let note = report.row.note.unwrap();
    assert!(note.contains("more jobs than were asked for"), "{note}");
    assert_eq!(bench.control().posts(), 1);
}

/// The head of 5,000 headers is more than the client reads: nobody can say what the status was.
#[tokio::test(flavor = "multi_thread")]
async fn f27_headers_without_end_are_unknown() {
    let bench = Bench::quiet().await;
    let many = Action::ManyHeaders { count: 5_000 };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, many));
    let session = session(&bench).await;

    let report = send(&session, "ada").await;

    assert!(report.row.outcome.is_unknown(), "{:?}", report.row);
    assert_eq!(report.usage.as_ref().unwrap().used, 1);
    assert_eq!(bench.control().posts(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn f25_a_redirect_is_not_followed_and_only_its_host_is_told(
    #[values(301, 302, 303, 307, 308)] status: u16,
) {
    let bench = Bench::quiet().await;
    let (other, visits) = silent_listener();
    let location = format!("http://127.0.0.1:{other}/steal?token=x");
    let redirect = Action::Redirect { status, location };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, redirect));
    let session = session(&bench).await;

    let report = send(&session, "ada").await;

    assert_eq!(report.row.outcome, Outcome::Unknown);
    let note = report.row.note.unwrap();
    assert!(
        note.contains("redirect to 127.0.0.1, not followed"),
        "{note}"
    );
    assert_eq!(visits.count(), 0);
    assert_eq!(bench.control().posts(), 1);
}

/// F19: what the server asks for is told as it came; the bounds are those of base::retry_after.
#[rstest]
#[case::seconds(Some("1"), None, Some("1"))]
#[case::a_negative_number(Some("-5"), None, Some("-5"))]
#[case::in_the_body(None, Some(2), Some("2"))]
#[case::nothing(None, None, None)]
#[tokio::test(flavor = "multi_thread")]
async fn f19_a_429_says_how_long_and_spends_nothing(
    #[case] header: Option<&str>,
    #[case] body: Option<i64>,
    #[case] told: Option<&str>,
) {
    let bench = Bench::quiet().await;
    let throttle = Action::Status(StatusFault {
        retry_after: header.map(str::to_owned),
        details_retry_after: body,
        ..StatusFault::new(429)
    });
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, throttle));
    let session = session(&bench).await;

    let report = send(&session, "ada").await;

    assert_eq!(report.row.outcome, Outcome::Throttled);
    assert_eq!(report.retry_after.as_deref(), told);
    assert_eq!(report.usage.as_ref().unwrap().used, 0);
    assert_eq!(bench.control().posts(), 1);
}

/// F42: nothing that a hostile server says leaves a headless command raw.
#[tokio::test(flavor = "multi_thread")]
async fn f42_hostile_text_leaves_a_command_as_escapes() {
    use ziadeck::simulator::{Scenario, SimulatorOptions};
    let scenario = Scenario::load("hostile").unwrap();
    let bench = Bench::new(SimulatorOptions::default().with_scenario(scenario)).await;
    let mut seen = String::new();
    for command in [
        &["submit", "--email", "ada@acme.example", "--force"][..],
        &["submit", "--email", "ada@acme.example", "--json", "--force"],
        &["submit", "--email", "lin@acme.example", "--force"],
        &["usage", "--refresh"],
        &["jobs", "list"],
        &["jobs", "list", "--json"],
        &["log"],
        &["log", "--json"],
        &["doctor"],
        &["auth", "refresh"],
    ] {
        let ran = bench.run(command).await;

        for text in [&ran.stdout, &ran.stderr] {
            let raw = text.chars().find(|c| {
                let is_bidi =
                    ('\u{202a}'..='\u{202e}').contains(c) || ('\u{2066}'..='\u{2069}').contains(c);
                *c != '\n' && (c.is_control() || is_bidi)
            });
            assert_eq!(raw, None, "{command:?}: {text:?}");
            seen.push_str(text);
        }
    }
    assert!(
        seen.contains("⟨U+001B⟩"),
        "the hostile text was there: {seen}"
    );
}
