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

/// Two entries under the root key.
fn two(first: &str, second: &str) -> String {
    format!(r#"{{"__zia_people_enrichment":[{first},{second}]}}"#)
}

const ERROR: &str = r#"{"code":"INVALID_DATA","details":{},"message":"m","status":"error"}"#;
const JOB: &str = r#"{"code":"SCHEDULED","details":{"id":"123"},"message":"m","status":"success"}"#;
const NO_JOB: &str = r#"{"code":"SCHEDULED","details":{},"message":"m","status":"success"}"#;

/// The table, line by line: the first line stands above all others.
#[rstest]
#[case::accepted(202, &wrapped("SCHEDULED"))]
#[case::accepted_with_200(200, &wrapped("SCHEDULED"))]
#[case::flat(202, JOB)]
#[case::behind_an_error(202, &two(ERROR, JOB))]
#[case::before_an_error(202, &two(JOB, ERROR))]
#[case::beside_nonsense(202, &two("null", JOB))]
#[case::in_a_207(207, &two(ERROR, JOB))]
#[case::in_a_400(400, &two(ERROR, JOB))]
#[case::in_a_500(500, &wrapped("SCHEDULED"))]
fn a_scheduled_entry_with_an_id_is_scheduled(#[case] status: u16, #[case] body: &str) {
    let settlement = classify(&seen(status, body)).settlement;

    assert_eq!(settlement.outcome, Outcome::Scheduled);
    assert_eq!(settlement.job_id.unwrap().as_str(), "123");
    assert_eq!(settlement.code.as_deref(), Some("SCHEDULED"));
}

#[rstest]
#[case::without_body("")]
#[case::html("<html>")]
#[case::empty_array(r#"{"__zia_people_enrichment":[]}"#)]
#[case::path_as_id(r#"{"__zia_people_enrichment":[{"code":"SCHEDULED","details":{"id":"../x"}}]}"#)]
#[case::another_code(&wrapped("QUEUED"))]
#[case::an_error_envelope(&flat("NO_PERMISSION"))]
#[case::a_wrapped_error(&wrapped("INVALID_DATA"))]
#[case::limit(&wrapped("LIMIT_EXCEEDED"))]
#[case::two_errors(&two(ERROR, ERROR))]
#[case::no_job(&two(ERROR, NO_JOB))]
fn any_other_2xx_is_accepted_and_unknown(
    #[values(200, 201, 202, 204, 207)] status: u16,
    #[case] body: &str,
) {
    let settlement = classify(&seen(status, body)).settlement;

    assert_eq!(settlement.outcome, Outcome::UnknownAccepted);
    assert_eq!((settlement.job_id, settlement.learned_limit), (None, None));
}

#[rstest]
fn a_400_about_the_units_is_the_limit(#[values("LIMIT_EXCEEDED", "LIMIT_REACHED")] code: &str) {
    for body in [flat(code), wrapped(code)] {
        assert_eq!(outcome(400, &body), Outcome::Limit);
    }
}

/// The same for every row of a run: its row waits, and the run pauses.
#[rstest]
#[case("FEATURE_NOT_ENABLED")]
#[case("FEATURE_NOT_SUPPORTED")]
#[case("API_NOT_SUPPORTED")]
#[case("OAUTH_SCOPE_MISMATCH")]
#[case("NO_PERMISSION")]
#[case("AUTHORIZATION_FAILED")]
#[case("TOO_MANY_REQUESTS")]
#[case("INVALID_TOKEN")]
#[case("INVALID_URL_PATTERN")]
#[case("INVALID_REQUEST_METHOD")]
#[case("INVALID_HOST")]
fn a_400_about_the_caller_is_denied(#[case] code: &str) {
    for body in [flat(code), wrapped(code)] {
        assert_eq!(outcome(400, &body), Outcome::Denied);
    }
}

#[test]
fn a_400_with_any_other_code_is_rejected_and_the_code_shown() {
    let others = ErrorCode::DOCUMENTED
        .iter()
        .filter(|code| code.subject() == Subject::Request)
        .map(ErrorCode::as_str)
        .chain(["BRAND_NEW", "X9"]);
    for code in others {
        for body in [flat(code), wrapped(code)] {
            let settlement = classify(&seen(400, &body)).settlement;

            assert_eq!(settlement.outcome, Outcome::Rejected, "{code}");
            assert_eq!(settlement.code.as_deref(), Some(code));
        }
    }
}

#[rstest]
#[case::server(&flat("INTERNAL_SERVER_ERROR"))]
#[case::server_as_oas26_spells_it(&wrapped("INTERNAL_ERROR"))]
#[case::a_job_without_an_id(NO_JOB)]
#[case::beside_an_error(&two(ERROR, NO_JOB))]
fn a_400_that_does_not_say_clearly_no_is_unknown(#[case] body: &str) {
    assert_eq!(outcome(400, body), Outcome::Unknown);
}

#[rstest]
fn a_refusal_of_the_caller_is_denied_with_an_envelope(
    #[values(401, 402, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422)] status: u16,
    #[values(
        "NO_PERMISSION",
        "INVALID_DATA",
        "LIMIT_EXCEEDED",
        "BRAND_NEW",
        "INTERNAL_ERROR"
    )]
    code: &str,
) {
    for body in [flat(code), wrapped(code)] {
        let settlement = classify(&seen(status, &body)).settlement;

        assert_eq!(settlement.outcome, Outcome::Denied);
        assert_eq!(settlement.code.as_deref(), Some(code));
        let is_of_the_address = matches!(status, 404 | 405);
        let note = settlement.note.unwrap_or_default();
        assert_eq!(
            note.contains("does not know the address"),
            is_of_the_address
        );
    }
}

#[rstest]
fn a_429_is_throttled_with_an_envelope(#[values("TOO_MANY_REQUESTS", "BRAND_NEW")] code: &str) {
    for body in [flat(code), wrapped(code)] {
        assert_eq!(outcome(429, &body), Outcome::Throttled);
    }
}

/// Something in between may have written it, for a server that made the job.
#[rstest]
fn a_4xx_without_an_envelope_is_unknown(
    #[values(
        400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 414, 415, 418, 422, 423, 425, 429,
        451, 499
    )]
    status: u16,
    #[values(
        "",
        "<html>403 Forbidden</html>",
        "null",
        "[]",
        "{}",
        r#"{"message":"Forbidden"}"#,
        r#"{"code":403,"message":"Forbidden"}"#,
        r#"{"code":"NO_PERMISSION"}"#,
        r#"{"code":"NO_PERMISSION","message":"m","status":"error"}"#,
        r#"{"code":"NO_PERMISSION","details":{},"message":"m"}"#,
        r#"{"code":"no_permission","details":{},"message":"m","status":"error"}"#,
        r#"[{"code":"NO_PERMISSION","details":{},"message":"m","status":"error"}]"#
    )]
    body: &str,
) {
    let verdict = classify(&seen(status, body));

    assert_eq!(verdict.settlement.outcome, Outcome::Unknown);
    assert_eq!(
        verdict.settlement.code, None,
        "it would be explained as refused"
    );
    assert_eq!(verdict.token, TokenVerdict::Fine);
    let note = verdict.settlement.note.unwrap();
    assert!(note.starts_with(&format!("HTTP {status} without the API's own error")));
    assert_eq!(
        note.contains("NO_PERMISSION"),
        body.contains("NO_PERMISSION") && !body.starts_with('[')
    );
}

#[rstest]
fn everything_else_is_unknown(
    #[values(
        100, 300, 301, 307, 308, 408, 418, 423, 425, 431, 451, 500, 501, 502, 503, 504, 599
    )]
    status: u16,
    #[values("INTERNAL_ERROR", "INVALID_DATA", "NO_PERMISSION", "TOO_MANY_REQUESTS")] code: &str,
) {
    for body in [flat(code), wrapped(code), String::new()] {
        assert_eq!(outcome(status, &body), Outcome::Unknown);
    }
}

fn outcome(status: u16, body: &str) -> Outcome {
    classify(&seen(status, body)).settlement.outcome
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
    let bare = classify(&seen(202, r#"{"code":"NOT_ALLOWED"}"#)).settlement;
    assert_eq!(bare.code, None);

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
#[case(403, Outcome::Unknown)]
#[case(429, Outcome::Unknown)]
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
#[case::of_the_caller(403, "INVALID_TOKEN", TokenVerdict::Fine)]
#[case::of_the_request(400, "INVALID_TOKEN", TokenVerdict::Fine)]
fn only_a_refused_token_asks_for_a_fresh_one(
    #[case] status: u16,
    #[case] code: &str,
    #[case] token: TokenVerdict,
) {
    assert_eq!(classify(&seen(status, &flat(code))).token, token);
}

#[rstest]
#[case::no_code(400, wrapped(&format!("NOT_ALLOWED{}", "x".repeat(9_000))), 4_096)]
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
#[case(300, "", Some("HTTP 300 redirect to an unnamed place, not followed"))]
#[case(399, "", Some("HTTP 399 redirect to an unnamed place, not followed"))]
#[case(500, "", Some("HTTP 500"))]
#[case(
    202,
    "",
    Some("HTTP 202 without a readable SCHEDULED entry and job id")
)]
#[case(500, &flat("INTERNAL_ERROR"), Some("HTTP 500, with the code INTERNAL_ERROR"))]
#[case(423, &flat("LOCKED"), Some("HTTP 423, with the code LOCKED"))]
#[case(
    202,
    ERROR,
    Some("HTTP 202 without a readable SCHEDULED entry and job id, with the code INVALID_DATA")
)]
#[case(429, &flat("TOO_MANY_REQUESTS"), None)]
#[case(403, &flat("NO_PERMISSION"), None)]
fn what_has_no_code_has_a_note(
    #[case] status: u16,
    #[case] body: &str,
    #[case] note: Option<&str>,
) {
    let settlement = classify(&seen(status, body)).settlement;

    assert_eq!(settlement.note.as_deref(), note);
}

#[test]
fn the_wait_is_that_of_the_header_and_else_that_of_the_details() {
    let body = r#"{"code":"TOO_MANY_REQUESTS","details":{"retry_after":30},"message":"m","status":"error"}"#;
    let mut throttled = seen(429, body);
    let wait = |seen: &Observation| classify(seen).retry_after;
    assert_eq!(wait(&throttled).as_deref(), Some("7"));

    if let Ok(reply) = &mut throttled.seen {
        reply.headers.clear();
    }

    assert_eq!(wait(&throttled).as_deref(), Some("30"));
}

/// Whoever explains a code says "refused", and marks the field that it names.
#[rstest]
fn a_code_is_told_only_where_it_means_what_is_said_of_it(
    #[values(202, 500, 503)] status: u16,
    #[values("INVALID_DATA", "TOO_MANY_REQUESTS", "LIMIT_EXCEEDED", "QUEUED")] code: &str,
) {
    let body = wrapped(code).replace(r#""id":"123""#, r#""param_name":"module""#);

    let verdict = classify(&seen(status, &body));

    assert!(verdict.settlement.outcome.is_charged());
    assert_eq!(verdict.settlement.code, None);
    assert!(verdict.fields.is_empty());
    assert!(verdict.settlement.note.unwrap().contains(code));
    let server = classify(&seen(500, &flat("INTERNAL_ERROR"))).settlement;
    assert_eq!(server.code.as_deref(), Some("INTERNAL_ERROR"));
}
