//! One table: what was seen of a POST, and what that means for the unit (product.md, section 2).
//!
//! Whoever adds a line asks one question: can the server have made a job? If the answer is not a
//! clear no, the outcome is unknown and the unit counts as spent.

use serde_json::Value;

use super::submit::{Body, Observation, Reply, Silence};
use crate::base::limits::BODY_KEPT_BYTES;
use crate::base::{ErrorCode, JobId, Outcome};
use crate::ledger::Settlement;
use crate::wire::{ErrorBody, FieldError, further_jobs, read_entry};

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
    let mut verdict = answered(outcome, reply, entry.as_ref(), observation);
    if outcome == Outcome::Scheduled {
        count_further(&mut verdict.settlement, json.as_ref());
    }
    verdict
}

/// One was asked for, and the first entry is its answer: its id is worth more than a doubt about
/// the rest. Jobs that stand beside it are counted all the same, so that no unit is missed.
fn count_further(settlement: &mut Settlement, json: Option<&Value>) {
    settlement.other_jobs = json.map(further_jobs).unwrap_or_default();
    settlement
        .other_jobs
        .retain(|job| settlement.job_id.as_ref() != Some(job));
    if !settlement.other_jobs.is_empty() {
        let jobs: Vec<_> = settlement.other_jobs.iter().map(JobId::as_str).collect();
        settlement.note = Some(format!(
            "the answer names more jobs than were asked for; counted as well: {}",
            jobs.join(", ")
        ));
    }
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
mod tests;
