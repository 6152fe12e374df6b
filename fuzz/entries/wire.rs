//! Every JSON answer of the server, read by every reader.

use std::time::Duration;

use serde_json::Value;
use ziadeck::base::limits::{BODY_KEPT_BYTES, RETRY_AFTER_MAX, RETRY_AFTER_MIN};
use ziadeck::base::{EnrichmentKind, JobId, Outcome, Timestamp, redact, retry_after};
use ziadeck::enrichment::validate::Configuration;
use ziadeck::wire::mappings::read_allowed;
use ziadeck::wire::oauth::{TokenAnswer, read_token};
use ziadeck::wire::settings::{
    read_configurations, read_features, read_modules, read_organisation, read_user,
};
use ziadeck::wire::{jobs, read_entry};
use ziadeck::zoho::submit::Body;
use ziadeck::zoho::{Observation, Reply, classify};

/// Statuses that mean something of their own, and some that do not.
const STATUSES: [u16; 12] = [202, 200, 204, 307, 400, 401, 403, 404, 429, 500, 503, 100];

/// An answer: the first byte says its status, the rest is its body. Ids are digits, what is
/// charged is what the table says, and no text has a secret of the answer in it.
pub(crate) fn wire(bytes: &[u8]) {
    let (first, body) = bytes.split_at(bytes.len().min(1));
    let first = first.first().copied().unwrap_or_default();
    let status = STATUSES[usize::from(first) % STATUSES.len()];
    verdict(status, first >= 128, body);
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    entry(&json);
    for kind in EnrichmentKind::ALL {
        list(kind, &json);
        let detail = jobs::read_detail(kind, &json);
        assert_eq!(detail, jobs::read_detail(kind, &json));
        if let Some(detail) = detail {
            check_id(&detail.id);
        }
    }
    settings(&json);
    allowed(&json);
    token(&json);
}

fn check_id(id: &JobId) {
    let id = id.as_str();
    assert!((1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()));
}

/// The one table of outcomes, held against what it promises.
fn verdict(status: u16, is_cut: bool, body: &[u8]) {
    let kept = body.to_vec();
    let observation = Observation {
        seen: Ok(Reply {
            status,
            headers: vec![("retry-after".to_owned(), "7".to_owned())],
            body: if is_cut {
                let why = "the line is gone".to_owned();
                Body::Cut { kept, why }
            } else {
                Body::Whole(kept)
            },
        }),
        latency: Duration::from_millis(5),
    };
    let verdict = classify(&observation);
    let settlement = &verdict.settlement;
    let again = classify(&observation).settlement;
    assert_eq!(format!("{settlement:?}"), format!("{again:?}"));
    let outcome = settlement.outcome;
    assert_eq!(settlement.job_id.is_some(), outcome == Outcome::Scheduled);
    if let Some(id) = &settlement.job_id {
        check_id(id);
    }
    match status {
        200..=299 => assert!(outcome.is_charged(), "an accepted POST is never free"),
        400..=499 if !outcome.is_charged() => {
            assert!(
                settlement.code.is_some(),
                "only the server's own word is free"
            );
            assert!(!is_cut, "what broke off may have said anything");
        }
        _ => assert!(matches!(outcome, Outcome::Scheduled | Outcome::Unknown)),
    }
    if is_cut {
        assert!(outcome.is_unknown(), "{outcome}");
    }
    if let Some(body) = settlement
        .response_body
        .as_deref()
        .filter(|_| outcome.is_unknown())
    {
        // A byte that is no text becomes one character of three.
        assert!(body.len() <= 3 * BODY_KEPT_BYTES);
    }
    assert!(settlement.learned_limit.is_none() || outcome == Outcome::Limit);
}

fn entry(json: &Value) {
    let entry = read_entry(json);
    assert_eq!(entry, read_entry(json));
    let Some(entry) = entry else { return };
    if let Some(id) = entry.job_id() {
        check_id(&id);
    }
    if let Some(text) = entry.retry_after() {
        let wait = retry_after::parse(&text, Timestamp::UNIX_EPOCH);
        assert!((RETRY_AFTER_MIN..=RETRY_AFTER_MAX).contains(&wait));
    }
    for field in entry.fields() {
        assert!(field.note.is_none_or(|note| !note.is_empty()));
    }
    let details = entry.details.to_string();
    assert_eq!(
        serde_json::from_str::<Value>(&details).ok(),
        Some(entry.details)
    );
}

fn list(kind: EnrichmentKind, json: &Value) {
    let page = jobs::read_page(kind, json);
    assert_eq!(page, jobs::read_page(kind, json));
    let Some(page) = page else { return };
    let rows = json.get(kind.api_name()).and_then(Value::as_array);
    let rows = rows.map_or(0, Vec::len);
    assert_eq!(page.items.len() + page.unreadable, rows, "no row is lost");
    page.items.iter().for_each(|item| check_id(&item.id));
}

fn settings(json: &Value) {
    if let Some(modules) = read_modules(json) {
        assert!(modules.iter().all(|module| !module.label.is_empty()));
    }
    assert_eq!(read_organisation(json), read_organisation(json));
    assert_eq!(read_user(json), read_user(json));
    assert_eq!(read_features(json), read_features(json));
    for configuration in read_configurations(json).unwrap_or_default() {
        // What is changed is the configuration as it came, so nothing unknown is lost.
        let again = serde_json::json!({ "data_enrichment": [configuration.raw] });
        let again = read_configurations(&again).unwrap_or_default();
        assert_eq!(again.as_slice(), std::slice::from_ref(&configuration));
        match configuration.judge() {
            Configuration::Active { unmapped, fills } => {
                assert!(configuration.is_active && unmapped.len() <= configuration.inputs.len());
                assert!(fills.len() <= configuration.outputs.len());
            }
            _ => assert!(!configuration.is_active),
        }
    }
}

fn allowed(json: &Value) {
    let Some(found) = read_allowed(json) else {
        return;
    };
    // Reading is a function of the bytes, whatever they are.
    assert_eq!(read_allowed(json), Some(found));
}

fn token(json: &Value) {
    let answer = read_token(json);
    let TokenAnswer::Granted(granted) = &answer else {
        let is_given = json.get("access_token").and_then(Value::as_str);
        assert!(is_given.is_none_or(|token| token.trim().is_empty()));
        return;
    };
    let secret = granted.access_token.expose();
    assert!(!secret.is_empty());
    let spoken = [&granted.api_domain, &granted.scope];
    let is_spoken = spoken
        .into_iter()
        .flatten()
        .any(|text| text.contains(secret));
    if secret.len() >= 16 && !is_spoken {
        assert!(
            !format!("{answer:?}").contains(secret),
            "a token is never printed"
        );
    }
    let text = json.to_string();
    let clean = redact::tokens_in(&text);
    assert_eq!(redact::tokens_in(&clean), clean, "nothing is left to hide");
}
