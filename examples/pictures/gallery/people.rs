//! Invented people, and what became of asking about them.

use std::time::Duration;

use serde_json::{Value, json};
use ziadeck::base::{AttemptId, DataCenter, EnrichmentKind, Environment, Outcome, RequestHead};
use ziadeck::ledger::{
    AttemptDetail, AttemptRow, BudgetRule, Fingerprint, Forced, Origin, ScopeKey, Sent,
};
use ziadeck::ops::request::{HeadFrom, ShownRequest};
use ziadeck::tui::data::attempt::{Attempt, inputs};

use super::Trouble;

/// When the pictures were taken, so to speak.
pub(crate) const NOW: &str = "2026-11-24T14:02:12Z";

/// One attempt: time, outcome, milliseconds, name, company, e-mail.
type Line = (
    &'static str,
    Outcome,
    u64,
    &'static str,
    &'static str,
    &'static str,
);

const LINES: [Line; 16] = [
    (
        "14:01:57",
        Outcome::Scheduled,
        142,
        "Nadia Karimova",
        "Silkway Trading",
        "nadia@silkway.example",
    ),
    ("14:01:31", Outcome::Rejected, 88, "Test", "", ""),
    (
        "13:58:12",
        Outcome::Unknown,
        30_000,
        "",
        "",
        "grace@harbour.example",
    ),
    (
        "13:57:40",
        Outcome::Scheduled,
        131,
        "Lucia Romero",
        "Casa Norte",
        "lucia@casanorte.example",
    ),
    (
        "13:55:02",
        Outcome::Scheduled,
        164,
        "Samuel Osei",
        "Volta Networks",
        "samuel@voltanet.example",
    ),
    (
        "13:54:47",
        Outcome::Throttled,
        45,
        "Freya Thorsen",
        "Glasswing Studio",
        "freya@glasswing.example",
    ),
    (
        "13:54:20",
        Outcome::Scheduled,
        139,
        "Diego Salinas",
        "Alta Mar",
        "diego@altamar.example",
    ),
    (
        "13:51:09",
        Outcome::Scheduled,
        127,
        "Aisha Rahman",
        "Monsoon Health",
        "aisha@monsoon.example",
    ),
    (
        "13:48:33",
        Outcome::Scheduled,
        151,
        "Marcus Bell",
        "Riverbend Tools",
        "marcus@riverbend.example",
    ),
    (
        "13:47:58",
        Outcome::NotSent,
        12,
        "Elena Petrova",
        "Lattice Optics",
        "elena@latticeoptics.example",
    ),
    (
        "13:44:16",
        Outcome::Scheduled,
        133,
        "Yusuf Demir",
        "Anatolia Foods",
        "yusuf@anatolia.example",
    ),
    (
        "13:42:51",
        Outcome::Scheduled,
        148,
        "Chloe Tremblay",
        "Maple & Mortar",
        "chloe@maplemortar.example",
    ),
    (
        "13:40:07",
        Outcome::Absent,
        30_000,
        "Arjun Mehta",
        "Saffron Grid",
        "arjun@saffrongrid.example",
    ),
    (
        "13:38:22",
        Outcome::Scheduled,
        140,
        "Ingrid Solberg",
        "Fjordline Media",
        "ingrid@fjordline.example",
    ),
    (
        "13:36:45",
        Outcome::Scheduled,
        137,
        "Noah Whitfield",
        "Granite Peak",
        "noah@granitepeak.example",
    ),
    (
        "13:31:10",
        Outcome::Scheduled,
        155,
        "Sofia Marchetti",
        "Officina Delta",
        "sofia@officinadelta.example",
    ),
];

/// The newest attempt of the log before anything happens in a picture.
pub(crate) const NEWEST: i64 = 1_204;

/// The live log, newest first.
pub(crate) fn log() -> Result<Vec<AttemptRow>, Trouble> {
    LINES
        .iter()
        .zip(0..)
        .map(|(line, back)| row(line, NEWEST - back))
        .collect()
}

fn row(line: &Line, id: i64) -> Result<AttemptRow, Trouble> {
    let (time, outcome, milliseconds, name, company, email) = *line;
    let inputs: Value = [("name", name), ("email", email), ("company", company)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let (http_status, code, message) = match outcome {
        Outcome::Scheduled => (Some(202), Some("SCHEDULED"), None),
        Outcome::Rejected => (
            Some(400),
            Some("DEPENDENT_FIELD_MISSING"),
            Some("company cannot be empty"),
        ),
        Outcome::Throttled => (Some(429), Some("TOO_MANY_REQUESTS"), None),
        Outcome::NotSent => (None, None, Some("connection refused")),
        _ => (None, None, Some("timed out after 30 s")),
    };
    let (data_center, environment) = (DataCenter::Us, Environment::Production);
    let profile = "us-prod".parse()?;
    Ok(AttemptRow {
        id: AttemptId(id),
        settled_at: None,
        scope: ScopeKey::of_profile(data_center, environment, &profile),
        environment,
        record_id: None,
        origin: Origin::Single,
        forced: Forced::No,
        rule: BudgetRule::Hold,
        note: None,
        at: format!("2026-11-24T{time}Z").parse()?,
        profile,
        data_center,
        kind: EnrichmentKind::People,
        module: "Leads".to_owned(),
        outcome,
        http_status,
        code: code.map(str::to_owned),
        message: message.map(str::to_owned),
        job_id: match outcome {
            Outcome::Scheduled => Some(job(id).parse()?),
            _ => None,
        },
        latency: Some(Duration::from_millis(milliseconds)),
        inputs: Some(inputs.to_string()),
        operator: "ada".to_owned(),
        is_late: false,
    })
}

/// The id of the job that an attempt made.
pub(crate) fn job(attempt: i64) -> String {
    format!("{}", 5_725_767_000_003_017_808_i64 + attempt)
}

/// What is on record of a row, as Zoho answers it.
pub(crate) fn attempt(row: &AttemptRow) -> Attempt {
    let inputs = inputs(row);
    let path = "$.__zia_people_enrichment[0].enrich_based_on";
    let details = match row.outcome {
        Outcome::Rejected => json!({
            "api_name": "company",
            "json_path": format!("{path}.company"),
            "dependee": {"api_name": "name", "json_path": format!("{path}.name")},
        }),
        Outcome::Scheduled => json!({"id": row.job_id}),
        _ => json!({}),
    };
    let status = match row.outcome {
        Outcome::Scheduled => "success",
        _ => "error",
    };
    let answer = json!({"__zia_people_enrichment": [{
        "code": row.code, "details": details, "message": row.message, "status": status,
    }]});
    Attempt {
        detail: AttemptDetail {
            row: row.clone(),
            fingerprint: Fingerprint::default(),
            sent: Sent::default(),
            response_body: row.http_status.map(|_| answer.to_string()),
            response_headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            details: Some(details.to_string()),
            purged_at: None,
            decisions: Vec::new(),
        },
        request: ShownRequest {
            head: RequestHead {
                method: "POST".to_owned(),
                url: "https://www.zohoapis.com/crm/v7/__zia_people_enrichment?module=Leads"
                    .to_owned(),
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            },
            head_from: HeadFrom::Record,
            body: Some(
                json!({"__zia_people_enrichment": [{"enrich_based_on": inputs}]}).to_string(),
            ),
        },
    }
}
