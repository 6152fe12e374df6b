//! What the screens beside the Console ask for.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use ziadeck::base::{EnrichmentKind, Outcome, Timestamp};
use ziadeck::enrichment::usage::{Usage, pace};
use ziadeck::enrichment::{Draft, Field};
use ziadeck::ledger::{AttemptRow, JobEntry};
use ziadeck::ops::job_board::Board;
use ziadeck::ops::unknowns::{Candidate, Difference, UnknownAttempt};
use ziadeck::tui::data::attempt::inputs;
use ziadeck::tui::data::job::JobFigures;
use ziadeck::tui::data::usage::{DAYS, Day, UsageSheet};

use super::Trouble;
use super::people::NOW;

/// The jobs of the log, and some that others made.
pub(crate) fn jobs(log: &[AttemptRow]) -> Result<Board, Trouble> {
    let words = [
        "COMPLETED",
        "RUNNING",
        "COMPLETED",
        "DATA_NOT_FOUND",
        "COMPLETED",
        "FAILED",
        "COMPLETED",
    ];
    let mut rows: Vec<JobEntry> = Vec::new();
    let with_job = log
        .iter()
        .filter_map(|row| Some((row, row.job_id.clone()?)));
    for ((row, id), status) in with_job.zip(words.iter().cycle()) {
        rows.push(JobEntry {
            id,
            status: (*status).to_owned(),
            at: row.at,
            created: Some(row.at),
            created_by_name: None,
            attempt: Some(row.id),
            operator: Some(row.operator.clone()),
            module: Some(row.module.clone()),
            record_id: None,
            inputs: row.inputs.clone(),
            enrich_based_on: None,
        });
    }
    for (at, id, name) in [
        (
            "2026-11-24T13:41:20Z",
            "5725767000003018777",
            "Robin Castellan",
        ),
        ("2026-11-24T13:26:02Z", "5725767000003018702", "Imre Solt"),
    ] {
        let at: Timestamp = at.parse()?;
        rows.push(JobEntry {
            id: id.parse()?,
            status: "COMPLETED".to_owned(),
            at,
            created: Some(at),
            created_by_name: Some(name.to_owned()),
            attempt: None,
            operator: None,
            module: None,
            record_id: None,
            inputs: None,
            enrich_based_on: Some(json!({"email": "gita@harbourvale.example"}).to_string()),
        });
    }
    rows.sort_by_key(|row| Reverse(row.at));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.status.clone()).or_default() += 1;
    }
    let mut statuses: Vec<(String, u64)> = counts.into_iter().collect();
    statuses.sort_by_key(|(_, count)| Reverse(*count));
    Ok(Board {
        rows,
        has_more: false,
        statuses,
        listed_at: Some("2026-11-24T13:59:00Z".parse()?),
    })
}

/// A job with what was found.
pub(crate) fn job(row: Option<&AttemptRow>, at: Timestamp) -> JobFigures {
    let asked = row.map(inputs).unwrap_or_default();
    let name = asked.get("name").cloned().unwrap_or_default();
    let company = asked.get("company").cloned().unwrap_or_default();
    let found = json!({
        "name": name,
        "designation": "Head of Sourcing",
        "skills": ["Negotiation", "Logistics", "Import law"],
        "company_info": {
            "name": company,
            "industries": [{"name": "Import and Export"}],
            "experiences": [
                {"title": "Head of Sourcing", "company_name": company, "start_date": "2019"},
            ],
        },
        "educations": [{"degree": "MSc", "institution_name": "Aral University"}],
        "primary_email": asked.get("email"),
        "primary_address_info": {"city": "Almaty", "country": "Kazakhstan"},
    });
    JobFigures {
        status: "COMPLETED".to_owned(),
        enrich_based_on: Some(Value::Object(asked)),
        enriched_data: Some(found),
        at,
    }
}

/// Three months that begin slowly and end with the two weeks of the Console's plot.
pub(crate) fn usage(usage: Usage, recent: &[u64]) -> Result<UsageSheet, Trouble> {
    let quiet = DAYS.saturating_sub(recent.len());
    let early = (0..quiet).map(|day| u64::try_from(day % 7 * (day / 12)).unwrap_or(0));
    let days = early
        .chain(recent.iter().copied())
        .zip(0_u64..)
        .map(|(units, day)| Day {
            units,
            outcomes: [
                (Outcome::Scheduled, units),
                (Outcome::Rejected, u64::from(day % 5 == 0) * 2),
                (Outcome::Throttled, u64::from(day % 9 == 4)),
            ]
            .into(),
        })
        .collect();
    let today: Timestamp = NOW.parse()?;
    Ok(UsageSheet {
        pace: pace(recent, usage.left()),
        usage,
        days,
        today: today.to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
        mine_by: vec![("ada".to_owned(), 620), ("lin".to_owned(), 322)],
        others_by: vec![
            ("Robin Castellan".to_owned(), 44),
            ("Imre Solt".to_owned(), 26),
        ],
        configured: 1_500,
        learned: None,
    })
}

/// The unknown of the log, with two jobs that may be its own.
pub(crate) fn unknowns(log: &[AttemptRow]) -> Result<Vec<UnknownAttempt>, Trouble> {
    let row = log
        .iter()
        .find(|row| row.outcome == Outcome::Unknown)
        .ok_or("nothing is unknown")?;
    let inputs = inputs(row);
    let email = inputs.values().next().and_then(Value::as_str);
    let email = email.unwrap_or_default();
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    draft.set(Field::Email, email);
    let candidate = |id: &str, differences: Vec<Difference>| {
        Ok::<_, Trouble>(Candidate {
            id: id.parse()?,
            created: Some("2026-11-24T13:58:13Z".parse()?),
            created_by: Some("Ada Lindgren".to_owned()),
            differences: Some(differences),
        })
    };
    let other = Difference {
        field: Field::Email,
        sent: email.to_owned(),
        job: "gita@harbourvale.example".to_owned(),
    };
    Ok(vec![UnknownAttempt {
        attempt: attempt(row),
        draft: Some(draft),
        until: "2026-11-24T14:00:42Z".parse()?,
        candidates: vec![
            candidate("5725767000003019010", Vec::new())?,
            candidate("5725767000003018777", vec![other])?,
        ],
    }])
}

/// What the ledger has of an attempt.
pub(crate) fn attempt(row: &AttemptRow) -> AttemptRow {
    AttemptRow {
        inputs: None,
        http_status: None,
        code: None,
        message: None,
        job_id: None,
        note: row.message.clone(),
        ..row.clone()
    }
}
