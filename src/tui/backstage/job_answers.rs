//! Answers for the Jobs screen.

use serde_json::Value;

use super::convert::failure;
use crate::base::{EnrichmentKind, JobId, ProfileName};
use crate::enrichment::Field;
use crate::ledger::{JobEntry, StoredJob};
use crate::ops::job_board::{self, Board, BoardQuery, Look};
use crate::ops::{Deck, OpsError, jobs};
use crate::tui::effects::Freshness;
use crate::tui::model::Level;
use crate::tui::model::jobs::{By, JobRow, JobsPage, JobsQuery};
use crate::tui::msg::{JobFigures, Msg};

pub(super) async fn page(
    deck: &Deck,
    ticket: u64,
    of: (&ProfileName, EnrichmentKind),
    query: JobsQuery,
) -> Msg {
    let result = board(deck, of, query)
        .await
        .map_err(|error| failure(&error));
    Msg::Jobs { ticket, result }
}

async fn board(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
    query: JobsQuery,
) -> Result<JobsPage, OpsError> {
    let desk = deck.desk(Some(profile))?;
    let wanted = query.rows_max;
    let Board {
        rows,
        statuses,
        listed_at,
    } = job_board::board(
        &desk,
        BoardQuery {
            kind,
            status: query.filter.status,
            whose: query.filter.whose,
            id_part: query.filter.id_part,
            before: query.before,
            limit: wanted,
        },
    )
    .await?;
    Ok(JobsPage {
        // A full page may have a next one; an empty next page ends it.
        has_more: rows.len() >= wanted,
        rows: rows.into_iter().map(|entry| row(kind, entry)).collect(),
        statuses,
        listed_at,
    })
}

fn row(kind: EnrichmentKind, entry: JobEntry) -> JobRow {
    let by = match (entry.attempt, entry.operator) {
        (Some(_), operator) => By::Mine(operator.unwrap_or_default()),
        (None, _) => By::Other(entry.created_by_name.filter(|name| !name.is_empty())),
    };
    let parse = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    let inputs = match (parse(entry.inputs), parse(entry.enrich_based_on)) {
        (Some(flat), _) => flat_inputs(kind, &flat),
        (None, Some(told)) => Field::asked(kind, &told),
        (None, None) => Vec::new(),
    };
    JobRow {
        id: entry.id,
        status: entry.status,
        at: entry.at,
        created: entry.created,
        by,
        attempt: entry.attempt,
        module: entry.module,
        record_id: entry.record_id,
        inputs: inputs
            .into_iter()
            .map(|(field, value)| (field.as_str().to_owned(), value))
            .collect(),
    }
}

fn flat_inputs(kind: EnrichmentKind, flat: &Value) -> Vec<(Field, String)> {
    Field::of(kind)
        .iter()
        .filter_map(|field| Some((*field, flat.get(field.as_str())?.as_str()?.to_owned())))
        .collect()
}

pub(super) async fn look(
    deck: &Deck,
    (profile, kind): (ProfileName, EnrichmentKind),
    look: Look,
) -> Msg {
    let result = async {
        let desk = deck.desk(Some(&profile))?;
        job_board::look(&desk, kind, look).await
    }
    .await
    .map_err(|error: OpsError| failure(&error));
    Msg::JobsLooked {
        profile,
        kind,
        result,
    }
}

pub(super) async fn sheet(
    deck: &Deck,
    (profile, kind): (ProfileName, EnrichmentKind),
    job: JobId,
    freshness: Freshness,
) -> Msg {
    let result = match freshness {
        Freshness::Ledger => stored(deck, (&profile, kind), &job).await,
        Freshness::Server => fetched(deck, (&profile, kind), &job).await.map(Some),
    };
    Msg::JobSheet {
        profile,
        kind,
        job,
        freshness,
        result: result
            .map(|figures| figures.map(Box::new))
            .map_err(|error| failure(&error)),
    }
}

async fn stored(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
    job: &JobId,
) -> Result<Option<JobFigures>, OpsError> {
    let desk = deck.desk(Some(profile))?;
    Ok(job_board::stored(&desk, kind, job).await?.and_then(figures))
}

fn figures(stored: StoredJob) -> Option<JobFigures> {
    let parse = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    Some(JobFigures {
        at: stored.fetched_at?,
        status: stored.status,
        enrich_based_on: parse(stored.enrich_based_on).filter(|value: &Value| !value.is_null()),
        enriched_data: parse(stored.enriched_data),
    })
}

async fn fetched(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
    job: &JobId,
) -> Result<JobFigures, OpsError> {
    let desk = deck.desk(Some(profile))?;
    let found = jobs::show(&desk, kind, job).await?;
    Ok(JobFigures {
        status: found.status.as_str().to_owned(),
        enrich_based_on: Some(found.enrich_based_on).filter(|value| !value.is_null()),
        enriched_data: Some(found.enriched_data).filter(|value| !value.is_null()),
        at: deck.clock().now(),
    })
}

/// Writes into the working directory, where a person at a shell looks for it.
pub(super) fn export(job: &JobId, text: &str) -> Msg {
    let written = std::env::current_dir()
        .map_err(|error| format!("there is no working directory: {error}"))
        .and_then(|dir| {
            job_board::write_file(&dir, job, text).map_err(|error| failure(&error).to_string())
        });
    match written {
        Ok(path) => Msg::Notice {
            level: Level::Info,
            text: format!("wrote {} bytes to {}", text.len(), path.display()),
        },
        Err(text) => Msg::Notice {
            level: Level::Error,
            text,
        },
    }
}
