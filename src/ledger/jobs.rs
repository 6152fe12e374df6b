//! The server's jobs: the union by id that usage is made of, and a cache for reading.
//!
//! A job of the server belongs to an attempt of this ledger, or to nobody here ("foreign"). The two
//! are never added twice: the union is kept by the key of the table.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{ApiVersion, AttemptId, EnrichmentKind, JobId};
use crate::enrichment::Draft;
use crate::enrichment::echo::{likeness, readable};

use super::attempt::ScopeKey;
use super::cells::{Cells, int, size};
use super::dispatch::{self, find_scope, scope_id};
use super::error::{Fault, LedgerError};
use super::forgotten::Forgotten;
use super::handle::Ledger;
use super::rekey;
use super::subject;
use super::usage::{
    EchoRead, FeatureCounts, JobQuery, JobRecord, LearnedLimit, ListCompleteness, Merged,
    ServerJob, StoredJob,
};
use super::writer::Tx;

impl Ledger {
    /// Takes in jobs of the server's list.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn merge_jobs(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        list: Vec<ServerJob>,
        completeness: ListCompleteness,
    ) -> Result<Merged, LedgerError> {
        self.write("record the server's jobs", move |tx| {
            merge(tx, (scope.as_str(), kind), (&list, completeness))
        })
        .await
    }

    /// Keeps a job that was read by its id.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn save_job(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        job: JobRecord,
    ) -> Result<(), LedgerError> {
        self.write("record the job", move |tx| {
            save(tx, (scope.as_str(), kind), &job)
        })
        .await
    }

    /// How the server told, the last time, what a job of ours was made of; `None` before one was read
    /// back.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn echo_read(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        api_version: ApiVersion,
    ) -> Result<Option<EchoRead>, LedgerError> {
        self.read("read what the server told", move |conn| {
            let Some(scope) = find_scope(conn, scope.as_str())? else {
                return Ok(None);
            };
            Ok(conn
                .prepare_cached(
                    "SELECT job, matched FROM echoes
                     WHERE scope = ?1 AND kind = ?2 AND api_version = ?3",
                )?
                .query_row(params![scope, kind.as_str(), api_version.as_str()], |row| {
                    let mut cells = Cells::of(row);
                    Ok(EchoRead {
                        job: cells.word()?,
                        matched: cells.is_set()?,
                    })
                })
                .optional()?)
        })
        .await
    }

    /// The jobs that attempts of this ledger have, the newest attempt first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn own_jobs(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
    ) -> Result<Vec<(AttemptId, JobId)>, LedgerError> {
        self.read("read the jobs", move |conn| {
            let Some(scope) = find_scope(conn, scope.as_str())? else {
                return Ok(Vec::new());
            };
            let mut statement = conn.prepare_cached(
                "SELECT id, job_id FROM attempts INDEXED BY attempts_job
                 WHERE scope = ?1 AND kind = ?2 AND job_id IS NOT NULL",
            )?;
            let found = statement.query_map(params![scope, kind.as_str()], |row| {
                let mut cells = Cells::of(row);
                Ok((AttemptId(cells.take()?), cells.word()?))
            })?;
            let mut found = found.collect::<Result<Vec<_>, _>>()?;
            found.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
            Ok(found)
        })
        .await
    }

    /// A job of the cache.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn job(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        id: JobId,
    ) -> Result<Option<StoredJob>, LedgerError> {
        self.read("read the job", move |conn| {
            find(conn, (scope.as_str(), kind), &id)
        })
        .await
    }

    /// Jobs of the cache, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn jobs(&self, query: JobQuery) -> Result<Vec<StoredJob>, LedgerError> {
        self.read("read the jobs", move |conn| list(conn, &query))
            .await
    }

    /// Remembers a limit that the server taught.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn learn_limit(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        learned: LearnedLimit,
    ) -> Result<(), LedgerError> {
        self.write("record the limit", move |tx| {
            let scope = scope_id(tx.conn, scope.as_str())?;
            dispatch::learn_limit(tx, (scope, kind), learned)
        })
        .await
    }

    /// Keeps what the features call said.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn save_features(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        counts: FeatureCounts,
    ) -> Result<(), LedgerError> {
        self.write("record the usage", move |tx| {
            put_features(tx, (scope.as_str(), kind), counts)
        })
        .await
    }
}

fn merge(
    tx: &Tx<'_>,
    (scope, kind): (&str, EnrichmentKind),
    (jobs, completeness): (&[ServerJob], ListCompleteness),
) -> Result<Merged, Fault> {
    let scope = scope_id(tx.conn, scope)?;
    let mut merged = Merged::default();
    for job in jobs {
        // Only a list tells when a job was created.
        let was_listed: Option<bool> = tx
            .conn
            .prepare_cached(
                "SELECT created_ms IS NOT NULL AS listed FROM jobs
                 WHERE scope = ?1 AND kind = ?2 AND id = ?3",
            )?
            .query_row(params![scope, kind.as_str(), job.id.as_str()], |row| {
                row.get("listed")
            })
            .optional()?;
        match was_listed {
            Some(_) => merged.known += 1,
            None => merged.new += 1,
        }
        merged.unlisted += u64::from(was_listed != Some(true));
        let created = job.created.map(|time| time.as_millisecond());
        // What an older list said and this one does not is kept.
        tx.conn
            .prepare_cached(
                "INSERT INTO jobs (scope, kind, id, status, at_ms, created_ms, created_by_id,
                     created_by_name)
                 VALUES (?1, ?2, ?3, ?4, coalesce(?5, ?8), ?5, ?6, ?7)
                 ON CONFLICT DO UPDATE SET status = excluded.status,
                     at_ms = coalesce(?5, at_ms), created_ms = coalesce(?5, created_ms),
                     created_by_id = coalesce(?6, created_by_id),
                     created_by_name = coalesce(?7, created_by_name)",
            )?
            .execute(params![
                scope,
                kind.as_str(),
                job.id.as_str(),
                job.status,
                created,
                job.created_by_id,
                job.created_by_name,
                tx.now_ms,
            ])?;
    }
    if completeness == ListCompleteness::Complete {
        tx.conn
            .prepare_cached(
                "INSERT INTO limits (scope, kind, listed_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET listed_ms = excluded.listed_ms",
            )?
            .execute(params![scope, kind.as_str(), tx.now_ms])?;
    }
    Ok(merged)
}

fn save(tx: &Tx<'_>, (scope, kind): (&str, EnrichmentKind), job: &JobRecord) -> Result<(), Fault> {
    let scope_id = scope_id(tx.conn, scope)?;
    let at = job.at.as_millisecond();
    // What was forgotten does not come back with the next reading.
    let is_forgotten = is_forgotten(tx, (scope_id, kind), job)?;
    let based_on = Some(&job.enrich_based_on).filter(|_| !is_forgotten);
    let results = job.enriched_data.as_ref().filter(|_| !is_forgotten);
    tx.conn
        .prepare_cached(
            "INSERT INTO jobs (scope, kind, id, status, at_ms, fetched_ms, enrich_based_on,
                 enriched_data)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET status = excluded.status, fetched_ms = excluded.fetched_ms,
                 enrich_based_on = excluded.enrich_based_on,
                 enriched_data = coalesce(excluded.enriched_data, enriched_data)",
        )?
        .execute(params![
            scope_id,
            kind.as_str(),
            job.id.as_str(),
            job.status,
            at,
            based_on,
            results,
        ])?;
    let ours: Option<(String, Option<String>)> = tx
        .conn
        .prepare_cached(
            "SELECT a.module, a.inputs FROM jobs j JOIN attempts a ON a.id = j.attempt
             WHERE j.scope = ?1 AND j.kind = ?2 AND j.id = ?3",
        )?
        .query_row(params![scope_id, kind.as_str(), job.id.as_str()], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.take()?, cells.take()?))
        })
        .optional()?;
    match ours {
        None => know(tx, (scope_id, kind), (scope, job)),
        Some((module, Some(inputs))) => compare(tx, (scope_id, kind), (job, &module, &inputs)),
        Some((_, None)) => Ok(()),
    }
}

/// Whether a job is one of somebody whom nobody is to ask about.
fn is_forgotten(
    tx: &Tx<'_>,
    (scope, kind): (i64, EnrichmentKind),
    job: &JobRecord,
) -> Result<bool, Fault> {
    let forgotten = Forgotten::of(tx.conn)?;
    let Some((key, _)) = tx.env.hash_key().filter(|_| forgotten.is_any()) else {
        return Ok(false);
    };
    let told = serde_json::from_str(&job.enrich_based_on).unwrap_or_default();
    let based_on = subject::everywhere(&readable(kind, &told), &key);
    let hash = subject::job_hash(&key, (scope, kind), job.id.as_str());
    forgotten.keeps_job(tx.conn, (&hash, &based_on))
}

/// What somebody else asked for is known from now on by what the server tells of it.
fn know(
    tx: &Tx<'_>,
    (scope, kind): (i64, EnrichmentKind),
    (key_of_scope, job): (&str, &JobRecord),
) -> Result<(), Fault> {
    let Some((key, _)) = tx.env.hash_key() else {
        return Ok(());
    };
    let Ok(server) = key_of_scope.parse() else {
        return Ok(());
    };
    match rekey::keys_of_job(&key, (&server, kind), &job.enrich_based_on) {
        Some(keys) => subject::keep_of_job(tx.conn, (scope, kind), &job.id, &keys),
        None => Ok(()),
    }
}

/// A job of ours shows how the server tells what a job was made of.
fn compare(
    tx: &Tx<'_>,
    (scope, kind): (i64, EnrichmentKind),
    (job, module, inputs): (&JobRecord, &str, &str),
) -> Result<(), Fault> {
    let sent = Draft::new(kind, module).with_json(inputs);
    let (Ok(sent), Ok(told)) = (sent, serde_json::from_str(&job.enrich_based_on)) else {
        return Ok(());
    };
    let matched = likeness(&sent, &told).is_match();
    tx.conn
        .prepare_cached(
            "INSERT INTO echoes (scope, kind, api_version, job, matched, read_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET job = excluded.job, matched = excluded.matched,
                 read_ms = excluded.read_ms",
        )?
        .execute(params![
            scope,
            kind.as_str(),
            job.api_version.as_str(),
            job.id.as_str(),
            matched,
            tx.now_ms,
        ])?;
    Ok(())
}

fn put_features(
    tx: &Tx<'_>,
    (scope, kind): (&str, EnrichmentKind),
    counts: FeatureCounts,
) -> Result<(), Fault> {
    let scope = scope_id(tx.conn, scope)?;
    tx.conn
        .prepare_cached(
            "INSERT INTO limits (scope, kind, features_used, features_available, features_limit,
                 features_ms, features_server_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET features_used = excluded.features_used,
                 features_available = excluded.features_available,
                 features_limit = excluded.features_limit, features_ms = excluded.features_ms,
                 features_server_ms = excluded.features_server_ms",
        )?
        .execute(params![
            scope,
            kind.as_str(),
            counts.used.map(int),
            counts.available.map(int),
            counts.limit.map(int),
            counts.at.as_millisecond(),
            counts.told.map(|told| told.as_millisecond()),
        ])?;
    Ok(())
}

const COLUMNS: &str = "id, status, at_ms, created_ms, created_by_id, created_by_name, attempt,
    fetched_ms, enrich_based_on, enriched_data";

fn read(row: &Row<'_>) -> rusqlite::Result<StoredJob> {
    let mut cells = Cells::of(row);
    Ok(StoredJob {
        id: cells.word()?,
        status: cells.take()?,
        at: cells.time()?,
        created: cells.time_or_none()?,
        created_by_id: cells.take()?,
        created_by_name: cells.take()?,
        attempt: cells.take::<Option<i64>>()?.map(AttemptId),
        fetched_at: cells.time_or_none()?,
        enrich_based_on: cells.take()?,
        enriched_data: cells.take()?,
    })
}

fn find(
    conn: &Connection,
    (scope, kind): (&str, EnrichmentKind),
    id: &JobId,
) -> Result<Option<StoredJob>, Fault> {
    let Some(scope) = find_scope(conn, scope)? else {
        return Ok(None);
    };
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE scope = ?1 AND kind = ?2 AND id = ?3");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row(params![scope, kind.as_str(), id.as_str()], read)
        .optional()?)
}

fn list(conn: &Connection, query: &JobQuery) -> Result<Vec<StoredJob>, Fault> {
    let Some(scope) = find_scope(conn, query.scope.as_str())? else {
        return Ok(Vec::new());
    };
    let (at, id) = match &query.before {
        Some((at, id)) => (at.as_millisecond(), id.as_str()),
        None => (i64::MAX, ""),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs INDEXED BY jobs_newest
         WHERE scope = ?1 AND kind = ?2 AND (at_ms, id) < (?3, ?4)
             AND (?5 IS NULL OR status = ?5)
         ORDER BY at_ms DESC, id DESC LIMIT ?6"
    );
    let limit = size(query.limit.clamp(1, PAGE_ROWS_MAX));
    let mut statement = conn.prepare_cached(&sql)?;
    let found = statement.query_map(
        params![scope, query.kind.as_str(), at, id, query.status, limit],
        read,
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}
