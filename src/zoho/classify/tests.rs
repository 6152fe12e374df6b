use super::*;
use rstest::rstest;
use std::time::Duration;

fn seen(status: u16, body: &str) -> Observation {
    Observation {
        seen: Ok(Reply {
            status,
            headers: vec![("retry-after".into(), "7".into())],
            body: Body::Whole(body.as_bytes().to_vec()),
        }),
        latency: Duration::from_millis(5),
    }
}

fn wrapped(code: &str) -> String {
    format!(
        r#"{{"__zia_people_enrichment":[{{"code":"{code}","details":{{"id":"123","limit":"1500"}},"message":"m","status":"error"}}]}}"#
    )
}

fn flat(code: &str) -> String {
    format!(r#"{{"code":"{code}","details":{{}},"message":"m","status":"error"}}"#)
}

#[test]
fn every_job_that_an_answer_names_is_counted() {
    let body = r#"{"__zia_people_enrichment":[
        {"code":"SCHEDULED","details":{"id":"123"}},
        {"code":"SCHEDULED","details":{"id":"124"}},
        {"code":"SCHEDULED","details":{"id":"123"}},
        {"code":"SCHEDULED","details":{"id":"../x"}},
        {"code":"INVALID_DATA","details":{"id":"125"}}]}"#;

    let settlement = classify(&seen(202, body)).settlement;

    let id = |text: &str| text.parse::<JobId>().unwrap();
    assert_eq!(settlement.outcome, Outcome::Scheduled);
    assert_eq!(settlement.job_id, Some(id("123")));
    assert_eq!(settlement.other_jobs, [id("124")]);
    assert!(settlement.note.unwrap().contains("124"));
}

#[rstest]
#[case::accepted(202, &wrapped("SCHEDULED"), Outcome::Scheduled)]
#[case::accepted_with_200(200, &wrapped("SCHEDULED"), Outcome::Scheduled)]
#[case::accepted_without_body(202, "", Outcome::UnknownAccepted)]
#[case::accepted_html(202, "<html>", Outcome::UnknownAccepted)]
#[case::accepted_empty_array(202, r#"{"__zia_people_enrichment":[]}"#, Outcome::UnknownAccepted)]
#[case::accepted_path_as_id(
    202,
    r#"{"__zia_people_enrichment":[{"code":"SCHEDULED","details":{"id":"../x"}}]}"#,
    Outcome::UnknownAccepted
)]
#[case::accepted_with_another_code(202, &wrapped("QUEUED"), Outcome::UnknownAccepted)]
#[case::no_content(204, "", Outcome::UnknownAccepted)]
#[case::invalid(400, &wrapped("INVALID_DATA"), Outcome::Rejected)]
#[case::module(400, &flat("INVALID_MODULE"), Outcome::Rejected)]
#[case::mandatory(400, &wrapped("MANDATORY_NOT_FOUND"), Outcome::Rejected)]
#[case::expected(400, &wrapped("EXPECTED_FIELD_MISSING"), Outcome::Rejected)]
#[case::dependent(400, &wrapped("DEPENDENT_FIELD_MISSING"), Outcome::Rejected)]
#[case::not_allowed(400, &wrapped("NOT_ALLOWED"), Outcome::Rejected)]
#[case::parameter(400, &flat("REQUIRED_PARAM_MISSING"), Outcome::Rejected)]
#[case::limit(400, &wrapped("LIMIT_EXCEEDED"), Outcome::Limit)]
#[case::feature(400, &flat("FEATURE_NOT_ENABLED"), Outcome::Denied)]
#[case::wrapped_feature(400, &wrapped("FEATURE_NOT_ENABLED"), Outcome::Denied)]
#[case::edition(400, &flat("FEATURE_NOT_SUPPORTED"), Outcome::Denied)]
#[case::version(400, &flat("API_NOT_SUPPORTED"), Outcome::Denied)]
#[case::undocumented(400, &flat("BRAND_NEW"), Outcome::Unknown)]
#[case::bad_request_html(400, "<html>", Outcome::Unknown)]
#[case::scope(401, &flat("OAUTH_SCOPE_MISMATCH"), Outcome::Denied)]
#[case::token(401, &flat("INVALID_TOKEN"), Outcome::Denied)]
#[case::oauth_token(401, &flat("INVALID_OAUTHTOKEN"), Outcome::Denied)]
#[case::authentication(401, &flat("AUTHENTICATION_FAILURE"), Outcome::Denied)]
#[case::unexplained_401(401, "", Outcome::Unknown)]
#[case::permission(403, &flat("NO_PERMISSION"), Outcome::Denied)]
#[case::throttled(429, "", Outcome::Throttled)]
#[case::redirect(307, "", Outcome::Unknown)]
#[case::path(404, &flat("INVALID_URL_PATTERN"), Outcome::Unknown)]
#[case::conflict(409, &flat("INVALID_DATA"), Outcome::Unknown)]
#[case::server(500, &flat("INTERNAL_ERROR"), Outcome::Unknown)]
#[case::server_with_a_row_code(500, &wrapped("INVALID_DATA"), Outcome::Unknown)]
#[case::proxy(502, "<html>", Outcome::Unknown)]
fn an_answer_has_one_outcome(#[case] status: u16, #[case] body: &str, #[case] expected: Outcome) {
    assert_eq!(classify(&seen(status, body)).settlement.outcome, expected);
}

#[rstest]
#[case(Silence::NotConnected("refused".into()), Outcome::NotSent, "refused")]
#[case(Silence::NoAnswer("reset".into()), Outcome::Unknown, "reset")]
fn no_connection_is_not_sent_and_silence_is_unknown(
    #[case] silence: Silence,
    #[case] expected: Outcome,
    #[case] note: &str,
) {
    let latency = Duration::from_millis(5);
    let seen = Err(silence);

    let settlement = classify(&Observation { seen, latency }).settlement;

    assert_eq!(
        (settlement.outcome, settlement.latency),
        (expected, latency)
    );
    assert_eq!(settlement.note.as_deref(), Some(note));
}

#[test]
fn what_the_answer_says_is_kept() {
    let said = classify(&seen(400, &wrapped("NOT_ALLOWED"))).settlement;
    let bare = classify(&seen(400, r#"{"code":"NOT_ALLOWED"}"#)).settlement;

    assert_eq!(said.http_status, Some(400));
    assert_eq!(said.latency, Duration::from_millis(5));
    assert_eq!(said.code.as_deref(), Some("NOT_ALLOWED"));
    assert_eq!(said.message.as_deref(), Some("m"));
    let details = r#"{"id":"123","limit":"1500"}"#;
    assert_eq!(said.details.as_deref(), Some(details));
    assert_eq!((bare.message, bare.details), (None, None));
}

#[rstest]
#[case(202, Outcome::UnknownAccepted)]
#[case(400, Outcome::Unknown)]
#[case(429, Outcome::Throttled)]
fn a_cut_body_is_judged_by_its_head(#[case] status: u16, #[case] expected: Outcome) {
    let cut = Observation {
        seen: Ok(Reply {
            status,
            headers: vec![],
            body: Body::Cut {
                kept: wrapped("SCHEDULED").into_bytes(),
                why: "reset".into(),
            },
        }),
        latency: Duration::ZERO,
    };

    assert_eq!(classify(&cut).settlement.outcome, expected);
}

#[test]
fn the_limit_is_learned_from_the_answer() {
    let verdict = classify(&seen(400, &wrapped("LIMIT_EXCEEDED")));

    assert_eq!(verdict.settlement.learned_limit, Some(1_500));
}

#[rstest]
#[case::expired(401, "INVALID_TOKEN", TokenVerdict::Refused)]
#[case::expired_as_tv8_spells_it(401, "INVALID_OAUTHTOKEN", TokenVerdict::Refused)]
#[case::unusable(401, "AUTHENTICATION_FAILURE", TokenVerdict::Refused)]
#[case::scope(401, "OAUTH_SCOPE_MISMATCH", TokenVerdict::Fine)]
#[case::undocumented(401, "BRAND_NEW", TokenVerdict::Fine)]
#[case::of_the_request(400, "INVALID_TOKEN", TokenVerdict::Fine)]
fn only_a_refused_token_asks_for_a_fresh_one(
    #[case] status: u16,
    #[case] code: &str,
    #[case] token: TokenVerdict,
) {
    assert_eq!(classify(&seen(status, &flat(code))).token, token);
}

#[rstest]
#[case::an_unknown_code(400, wrapped(&format!("NOT_ALLOWED{}", "x".repeat(9_000))), 4_096)]
#[case::rejected(400, wrapped("NOT_ALLOWED").replace(r#""m""#, &format!("{:?}", "m".repeat(9_000))), usize::MAX)]
#[case::accepted_without_an_id(202, wrapped("QUEUED").replace(r#""m""#, &format!("{:?}", "m".repeat(9_000))), 4_096)]
#[case::no_json(500, "x".repeat(9_000), 4_096)]
fn of_what_was_not_understood_the_beginning_is_kept(
    #[case] status: u16,
    #[case] body: String,
    #[case] most: usize,
) {
    let kept = classify(&seen(status, &body)).settlement.response_body;

    assert_eq!(kept.map(|kept| kept.len()), Some(body.len().min(most)));
}

#[test]
fn an_id_and_a_limit_are_taken_only_where_they_mean_something() {
    let rejected = classify(&seen(400, &wrapped("NOT_ALLOWED"))).settlement;
    let scheduled = classify(&seen(202, &wrapped("SCHEDULED"))).settlement;

    assert_eq!((rejected.job_id, rejected.learned_limit), (None, None));
    assert_eq!(
        scheduled.job_id.map(|id| id.to_string()),
        Some("123".to_owned())
    );
    assert_eq!(scheduled.learned_limit, None);
    assert_eq!(
        rejected.response_headers,
        [("retry-after".to_owned(), "7".to_owned())]
    );
}

#[rstest]
#[case(300, Some("HTTP 300 redirect to an unnamed place, not followed"))]
#[case(399, Some("HTTP 399 redirect to an unnamed place, not followed"))]
#[case(500, Some("HTTP 500"))]
#[case(202, Some("HTTP 202 without a readable SCHEDULED entry and job id"))]
#[case(429, None)]
fn what_has_no_code_has_a_note(#[case] status: u16, #[case] note: Option<&str>) {
    assert_eq!(classify(&seen(status, "")).settlement.note.as_deref(), note);
}

#[test]
fn the_wait_is_that_of_the_header_and_else_that_of_the_details() {
    let body = r#"{"code":"TOO_MANY_REQUESTS","details":{"retry_after":30}}"#;
    let mut throttled = seen(429, body);
    let wait = |seen: &Observation| classify(seen).retry_after;
    assert_eq!(wait(&throttled).as_deref(), Some("7"));

    if let Ok(reply) = &mut throttled.seen {
        reply.headers.clear();
    }

    assert_eq!(wait(&throttled).as_deref(), Some("30"));
}
