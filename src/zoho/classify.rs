//! One table: what was seen of a POST, and what that means for the unit.
//!
//! Whoever adds a line asks one question: can the server have made a job? If the answer is not a
//! clear no, the outcome is unknown and the unit counts as spent.
//!
//! An error **envelope** is the server's own word: a `code` in capitals, `message`, `details` as an
//! object and `status: "error"`, wrapped or flat, and nothing else beside it
//! ([`read_refusal`]). Anything else with a status of 4xx may come from a proxy that answers for
//! a server which did the work; without an envelope only a connection that never opened is certain.
//!
//! | answer | outcome | charged | a run |
//! |---|---|---|---|
//! | an entry SCHEDULED with an id, whatever stands beside it and whatever the status | scheduled | yes | goes on |
//! | any other 2xx, with an error envelope too | unknown (accepted) | yes | goes on; counted |
//! | 400 with LIMIT_EXCEEDED, LIMIT_REACHED | limit | no | pauses |
//! | 400 with a code that speaks of the token, the caller or the address | denied | no | pauses, the row waits |
//! | 400 with any other code but SCHEDULED and those of a server that failed; also codes that nobody documented | rejected | no | goes on |
//! | 401, 402, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422 with an envelope | denied | no | pauses, the row waits; 401 of the token: one refresh for all first |
//! | 429 with an envelope | throttled | no | waits |
//! | no connection | not_sent | no | waits |
//! | everything else: 3xx, 4xx without an envelope, 5xx, silence | unknown | yes | goes on; counted |
//!
//! "Counted": a run pauses at the third unknown in a row with one status or one error, and at the
//! fifth of any (`bulk::machine`).
//!
//! The fourth line is a part of the fifth that has another word. Codes such as FEATURE_NOT_ENABLED
//! (400 by S) are refused like an input and spend as little, but they are the same for every row:
//! `rejected` would close all rows of a run, one after the other, for something that is mended
//! once. `denied` pauses at the first and leaves its row waiting. Which codes those are is said in one
//! place, [`ErrorCode::subject`].

use serde_json::Value;

use super::submit::{Body, Observation, Reply, Silence};
use crate::base::limits::BODY_KEPT_BYTES;
use crate::base::{ErrorCode, JobId, Outcome, Subject};
use crate::ledger::Settlement;
use crate::wire::{ErrorBody, FieldError, read_entry, read_refusal, read_scheduled};

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

/// What the body of an answer says.
enum Said {
    /// Jobs were made; the first one is the answer.
    Scheduled(ErrorBody, Vec<JobId>),
    /// The server itself refuses.
    Refused(ErrorBody),
    /// Something else, or nothing.
    Unclear(Option<ErrorBody>),
}

impl Said {
    fn of(body: &Body) -> Self {
        // What broke off may have gone on with anything.
        let json = match body {
            Body::Whole(bytes) => serde_json::from_slice::<Value>(bytes).ok(),
            Body::Cut { .. } => None,
        };
        let Some(json) = json else {
            return Self::Unclear(None);
        };
        let mut jobs = read_scheduled(&json).into_iter();
        if let Some(first) = jobs.next() {
            let others = jobs.filter_map(|entry| entry.job_id()).collect();
            return Self::Scheduled(first, others);
        }
        match read_refusal(&json) {
            Some(entry) => Self::Refused(entry),
            None => Self::Unclear(read_entry(&json)),
        }
    }

    fn entry(&self) -> Option<&ErrorBody> {
        match self {
            Self::Scheduled(entry, _) | Self::Refused(entry) => Some(entry),
            Self::Unclear(entry) => entry.as_ref(),
        }
    }
}

/// Reads the table.
pub fn classify(observation: &Observation) -> Verdict {
    let reply = match &observation.seen {
        Ok(reply) => reply,
        Err(silence) => return silent(silence, observation),
    };
    let said = Said::of(&reply.body);
    let outcome = match (reply.status, &said) {
        (_, Said::Scheduled(..)) => Outcome::Scheduled,
        (200..=299, Said::Refused(_) | Said::Unclear(_)) => Outcome::UnknownAccepted,
        (400, Said::Refused(entry)) => refused(entry.code.as_ref()),
        (
            401 | 402 | 403 | 404 | 405 | 406 | 409 | 410 | 413 | 414 | 415 | 422,
            Said::Refused(_),
        ) => Outcome::Denied,
        (429, Said::Refused(_)) => Outcome::Throttled,
        (_, Said::Refused(_) | Said::Unclear(_)) => Outcome::Unknown,
    };
    let mut verdict = answered(outcome, reply, &said, observation);
    if let Said::Scheduled(_, others) = said {
        count_further(&mut verdict.settlement, others);
    }
    verdict
}

/// One was asked for, and the first job is its answer: its id is worth more than a doubt about
/// the rest. Jobs that stand beside it are counted all the same, so that no unit is missed.
fn count_further(settlement: &mut Settlement, others: Vec<JobId>) {
    settlement.other_jobs = others;
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

/// The lines of a 400 with an envelope.
fn refused(code: Option<&ErrorCode>) -> Outcome {
    match code.map(ErrorCode::subject) {
        Some(Subject::Request) => Outcome::Rejected,
        Some(Subject::Limit) => Outcome::Limit,
        Some(Subject::Token | Subject::Caller | Subject::Address) => Outcome::Denied,
        Some(Subject::Server | Subject::Job) | None => Outcome::Unknown,
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

fn answered(outcome: Outcome, reply: &Reply, said: &Said, observation: &Observation) -> Verdict {
    // A code is explained by itself, mostly as "refused". Where the unit counts all the same, only
    // what says so may stand there; whatever else the answer names is in the note and the body.
    let is_told = match said {
        Said::Scheduled(..) => true,
        Said::Refused(entry) => {
            let subject = entry.code.as_ref().map(ErrorCode::subject);
            !outcome.is_charged() || subject == Some(Subject::Server)
        }
        Said::Unclear(_) => false,
    };
    let entry = said.entry();
    let code = entry
        .filter(|_| is_told)
        .and_then(|entry| entry.code.clone());
    let token_refused =
        reply.status == 401 && code.as_ref().map(ErrorCode::subject) == Some(Subject::Token);
    Verdict {
        fields: entry
            .filter(|_| !outcome.is_charged())
            .map(ErrorBody::fields)
            .unwrap_or_default(),
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
            job_id: match said {
                Said::Scheduled(entry, _) => entry.job_id(),
                Said::Refused(_) | Said::Unclear(_) => None,
            },
            details: entry
                .map(|entry| &entry.details)
                .filter(|details| !details.is_null())
                .map(Value::to_string),
            response_body: kept_body(outcome, &reply.body, entry.is_some()),
            response_headers: reply.headers.clone(),
            latency: observation.latency,
            note: note(outcome, reply, said),
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

fn note(outcome: Outcome, reply: &Reply, said: &Said) -> Option<String> {
    if let Body::Cut { why, .. } = &reply.body {
        return Some(format!("the answer broke off: {why}"));
    }
    let named = match said {
        Said::Scheduled(..) => String::new(),
        Said::Refused(entry) => named(Some(entry)),
        Said::Unclear(entry) => named(entry.as_ref()),
    };
    match (outcome, reply.status, said) {
        (Outcome::UnknownAccepted, status, _) => Some(format!(
            "HTTP {status} without a readable SCHEDULED entry and job id{named}"
        )),
        (Outcome::Denied, 404 | 405, _) => Some(UNKNOWN_ADDRESS.to_owned()),
        (Outcome::Unknown, status @ 300..=399, _) => Some(format!(
            "HTTP {status} redirect to {}, not followed",
            reply
                .header("location")
                .and_then(|to| url::Url::parse(to).ok())
                .and_then(|url| url.host_str().map(str::to_owned))
                .unwrap_or_else(|| "an unnamed place".to_owned())
        )),
        (Outcome::Unknown, status @ 400..=499, Said::Unclear(_)) => Some(format!(
            "HTTP {status} without the API's own error{named}: something in between may have answered"
        )),
        (Outcome::Unknown, status, _) => Some(format!("HTTP {status}{named}")),
        _ => None,
    }
}

/// The code of an answer that is not told as its code.
fn named(entry: Option<&ErrorBody>) -> String {
    entry
        .and_then(|entry| entry.code.as_ref())
        .filter(|code| ErrorCode::is_spelled(code.as_str()))
        .map(|code| format!(", with the code {code}"))
        .unwrap_or_default()
}

/// What a 404 or a 405 of the API says, whatever its code.
const UNKNOWN_ADDRESS: &str =
    "this server does not know the address; check the profile's api_version and data centre";

#[cfg(test)]
mod tests;
