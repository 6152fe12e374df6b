//! One table: what was seen of a POST, and what that means for the unit (product.md, section 2).
//!
//! Whoever adds a line asks one question: can the server have made a job? If the answer is not a
//! clear no, the outcome is unknown and the unit counts as spent.

use serde_json::Value;

use super::submit::{Body, Observation, Reply, Silence};
use crate::base::limits::BODY_KEPT_BYTES;
use crate::base::{ErrorCode, Outcome};
use crate::ledger::Settlement;
use crate::wire::{ErrorBody, FieldError, read_entry};

/// What one POST came to.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What the ledger is told.
    pub settlement: Settlement,
    /// Fields that the server named.
    pub fields: Vec<FieldError>,
    /// Whether a fresh token may help.
    pub token: TokenVerdict,
    /// How long the server asks to wait, as it said it.
    pub retry_after: Option<String>,
}

/// What an answer says of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVerdict {
    /// It served.
    Fine,
    /// It was refused: expired, revoked, unknown, or of another data centre.
    Refused,
}

/// Reads the table.
pub fn classify(observation: &Observation) -> Verdict {
    let reply = match &observation.seen {
        Ok(reply) => reply,
        Err(silence) => return silent(silence, observation),
    };
    let json = match &reply.body {
        Body::Whole(bytes) => serde_json::from_slice::<Value>(bytes).ok(),
        Body::Cut { .. } => None,
    };
    let entry = json.as_ref().and_then(read_entry);
    let code = entry.as_ref().and_then(|entry| entry.code.as_ref());
    let outcome = match reply.status {
        200..=299 => match (code, entry.as_ref().and_then(ErrorBody::job_id)) {
            (Some(ErrorCode::Scheduled), Some(_)) => Outcome::Scheduled,
            _ => Outcome::UnknownAccepted,
        },
        400 => refused(code),
        401 => match code {
            Some(
                ErrorCode::InvalidToken
                | ErrorCode::InvalidOauthToken
                | ErrorCode::AuthenticationFailure
                | ErrorCode::OauthScopeMismatch,
            ) => Outcome::Denied,
            _ => Outcome::Unknown,
        },
        403 => Outcome::Denied,
        429 => Outcome::Throttled,
        _ => Outcome::Unknown,
    };
    answered(outcome, reply, entry.as_ref(), observation)
}

/// A 400 means "nothing spent" only with a code that is documented to mean it.
fn refused(code: Option<&ErrorCode>) -> Outcome {
    match code {
        Some(
            ErrorCode::InvalidData
            | ErrorCode::InvalidModule
            | ErrorCode::MandatoryNotFound
            | ErrorCode::ExpectedFieldMissing
            | ErrorCode::DependentFieldMissing
            | ErrorCode::NotAllowed
            | ErrorCode::RequiredParamMissing,
        ) => Outcome::Rejected,
        Some(ErrorCode::LimitExceeded) => Outcome::Limit,
        // API_NOT_SUPPORTED (OAS25) speaks of the path's version, found before anything is made.
        Some(
            ErrorCode::FeatureNotEnabled
            | ErrorCode::FeatureNotSupported
            | ErrorCode::ApiNotSupported,
        ) => Outcome::Denied,
        Some(
            ErrorCode::Scheduled
            | ErrorCode::OauthScopeMismatch
            | ErrorCode::InvalidToken
            | ErrorCode::InvalidOauthToken
            | ErrorCode::AuthenticationFailure
            | ErrorCode::NoPermission
            | ErrorCode::InvalidUrlPattern
            | ErrorCode::InvalidRequestMethod
            | ErrorCode::TooManyRequests
            | ErrorCode::InternalServerError
            | ErrorCode::InternalError
            | ErrorCode::Unrecognised(_),
        )
        | None => Outcome::Unknown,
    }
}

fn silent(silence: &Silence, observation: &Observation) -> Verdict {
    let (outcome, note) = match silence {
        Silence::NotConnected(why) => (Outcome::NotSent, why),
        Silence::NoAnswer(why) => (Outcome::Unknown, why),
    };
    Verdict {
        settlement: Settlement {
            latency: observation.latency,
            note: Some(note.clone()),
            ..Settlement::bare(outcome)
        },
        fields: Vec::new(),
        token: TokenVerdict::Fine,
        retry_after: None,
    }
}

fn answered(
    outcome: Outcome,
    reply: &Reply,
    entry: Option<&ErrorBody>,
    observation: &Observation,
) -> Verdict {
    let code = entry.and_then(|entry| entry.code.clone());
    let token_refused = reply.status == 401
        && matches!(
            code,
            Some(
                ErrorCode::InvalidToken
                    | ErrorCode::InvalidOauthToken
                    | ErrorCode::AuthenticationFailure
            )
        );
    let job_id = match outcome {
        Outcome::Scheduled => entry.and_then(ErrorBody::job_id),
        _ => None,
    };
    Verdict {
        fields: entry.map(ErrorBody::fields).unwrap_or_default(),
        token: if token_refused {
            TokenVerdict::Refused
        } else {
            TokenVerdict::Fine
        },
        retry_after: reply
            .header("retry-after")
            .map(str::to_owned)
            .or_else(|| entry.and_then(ErrorBody::retry_after)),
        settlement: Settlement {
            http_status: Some(reply.status),
            code: code.map(|code| code.as_str().to_owned()),
            message: entry.and_then(|entry| entry.message.clone()),
            job_id,
            details: entry
                .map(|entry| &entry.details)
                .filter(|details| !details.is_null())
                .map(Value::to_string),
            response_body: kept_body(outcome, &reply.body, entry.is_some()),
            response_headers: reply.headers.clone(),
            latency: observation.latency,
            note: note(outcome, reply),
            learned_limit: match outcome {
                Outcome::Limit => entry.and_then(ErrorBody::limit),
                _ => None,
            },
            ..Settlement::bare(outcome)
        },
    }
}

/// A body that was understood is kept whole up to the answer's bound; one that was not is kept
/// up to 4 KiB, enough to see what it was.
fn kept_body(outcome: Outcome, body: &Body, is_understood: bool) -> Option<String> {
    let bytes = body.bytes();
    if bytes.is_empty() {
        return None;
    }
    let most = if is_understood && !outcome.is_unknown() {
        bytes.len()
    } else {
        BODY_KEPT_BYTES
    };
    let kept: Vec<u8> = bytes.iter().copied().take(most).collect();
    Some(String::from_utf8_lossy(&kept).into_owned())
}

fn note(outcome: Outcome, reply: &Reply) -> Option<String> {
    if let Body::Cut { why, .. } = &reply.body {
        return Some(format!("the answer broke off: {why}"));
    }
    match (outcome, reply.status) {
        (Outcome::UnknownAccepted, status) => Some(format!(
            "HTTP {status} without a readable SCHEDULED entry and job id"
        )),
        (Outcome::Unknown, status @ 300..=399) => Some(format!(
            "HTTP {status} redirect to {}, not followed",
            reply
                .header("location")
                .and_then(|to| url::Url::parse(to).ok())
                .and_then(|url| url.host_str().map(str::to_owned))
                .unwrap_or_else(|| "an unnamed place".to_owned())
        )),
        (Outcome::Unknown, status) => Some(format!("HTTP {status}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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

    #[rstest]
    #[case::accepted(202, &wrapped("SCHEDULED"), Outcome::Scheduled)]
    #[case::accepted_with_200(200, &wrapped("SCHEDULED"), Outcome::Scheduled)]
    #[case::accepted_without_body(202, "", Outcome::UnknownAccepted)]
    #[case::accepted_html(202, "<html>", Outcome::UnknownAccepted)]
    #[case::accepted_empty_array(
        202,
        r#"{"__zia_people_enrichment":[]}"#,
        Outcome::UnknownAccepted
    )]
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
    fn an_answer_has_one_outcome(
        #[case] status: u16,
        #[case] body: &str,
        #[case] expected: Outcome,
    ) {
        assert_eq!(classify(&seen(status, body)).settlement.outcome, expected);
    }

    #[test]
    fn no_connection_is_not_sent_and_silence_is_unknown() {
        let silent = |seen| {
            classify(&Observation {
                seen: Err(seen),
                latency: Duration::ZERO,
            })
            .settlement
            .outcome
        };

        assert_eq!(
            silent(Silence::NotConnected("refused".into())),
            Outcome::NotSent
        );
        assert_eq!(silent(Silence::NoAnswer("reset".into())), Outcome::Unknown);
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

    #[test]
    fn only_a_refused_token_asks_for_a_fresh_one() {
        let token = |code| classify(&seen(401, &flat(code))).token;

        assert_eq!(token("INVALID_TOKEN"), TokenVerdict::Refused);
        assert_eq!(token("OAUTH_SCOPE_MISMATCH"), TokenVerdict::Fine);
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
    fn only_a_401_speaks_of_the_token() {
        assert_eq!(
            classify(&seen(400, &flat("INVALID_TOKEN"))).token,
            TokenVerdict::Fine
        );
        assert_eq!(classify(&seen(429, "")).retry_after.as_deref(), Some("7"));
    }
}
