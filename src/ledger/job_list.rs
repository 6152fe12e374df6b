//! The list of jobs for reading: short rows without enriched data, with what was asked where that
//! is known, filtered and paged by key. It reads the cache that usage is made of and changes nothing.

use rusqlite::{Connection, Row, params};

use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{AttemptId, EnrichmentKind, JobId, Timestamp};

use super::attempt::ScopeKey;
use super::cells::{Cells, size};
use super::dispatch::find_scope;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;

/// Whose jobs are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JobsOf {
    /// Everybody's.
    #[default]
    All,
    /// Those that an attempt of this ledger made.
    Mine,
    /// All the others.
    Others,
}

/// Which jobs of the cache are wanted, newest first.
#[derive(Debug, Clone)]
pub struct JobListQuery {
    /// The scope.
    pub scope: ScopeKey,
    /// The kind.
    pub kind: EnrichmentKind,
    /// Only this status.
    pub status: Option<String>,
    /// Whose.
    pub whose: JobsOf,
    /// Only jobs whose id holds this text.
    pub id_part: Option<String>,
    /// Only jobs older than this one.
    pub before: Option<(Timestamp, JobId)>,
    /// Most jobs wanted.
    pub limit: usize,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobEntry {
    /// The job.
    pub id: JobId,
    /// The status as the server spells it.
    pub status: String,
    /// Its place in the order: when it was created, or else when it was first seen.
    pub at: Timestamp,
    /// When it was created, if the server said so.
    pub created: Option<Timestamp>,
    /// Who created it, by name, if the server said so.
    pub created_by_name: Option<String>,
    /// The attempt of this ledger that made it.
    pub attempt: Option<AttemptId>,
    /// Who sent that attempt.
    pub operator: Option<String>,
    /// Its module.
    pub module: Option<String>,
    /// Its record, if it named one.
    pub record_id: Option<String>,
    /// The inputs of that attempt, flat JSON; `None` once they were purged.
    pub inputs: Option<String>,
    /// What was asked as the server tells it, JSON, once the job was read by its id.
    pub enrich_based_on: Option<String>,
}

impl Ledger {
    /// Jobs of the cache for reading, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn job_list(&self, query: JobListQuery) -> Result<Vec<JobEntry>, LedgerError> {
        self.read("read the jobs", move |conn| list(conn, &query))
            .await
    }

    /// How many jobs of the cache have each status, the most frequent first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn job_statuses(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
    ) -> Result<Vec<(String, u64)>, LedgerError> {
        self.read("count the jobs", move |conn| {
            statuses(conn, scope.as_str(), kind)
        })
        .await
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<JobEntry> {
    let mut cells = Cells::of(row);
    Ok(JobEntry {
        id: cells.word()?,
        status: cells.take()?,
        at: cells.time()?,
        created: cells.time_or_none()?,
        created_by_name: cells.take()?,
        attempt: cells.take::<Option<i64>>()?.map(AttemptId),
        operator: cells.take()?,
        module: cells.take()?,
        record_id: cells.take()?,
        inputs: cells.take()?,
        enrich_based_on: cells.take()?,
    })
}

fn list(conn: &Connection, query: &JobListQuery) -> Result<Vec<JobEntry>, Fault> {
    let Some(scope) = find_scope(conn, query.scope.as_str())? else {
        return Ok(Vec::new());
    };
    let (at, id) = match &query.before {
        Some((at, id)) => (at.as_millisecond(), id.as_str()),
        None => (i64::MAX, ""),
    };
    let whose = match query.whose {
        JobsOf::All => "",
        JobsOf::Mine => "AND j.attempt IS NOT NULL",
        JobsOf::Others => "AND j.attempt IS NULL",
    };
    let sql = format!(
        "SELECT j.id, j.status, j.at_ms, j.created_ms, j.created_by_name, j.attempt, a.operator,
             a.module, a.record_id, a.inputs, j.enrich_based_on
         FROM jobs AS j INDEXED BY jobs_newest LEFT JOIN attempts AS a ON a.id = j.attempt
         WHERE j.scope = ?1 AND j.kind = ?2 AND (j.at_ms, j.id) < (?3, ?4)
             AND (?5 IS NULL OR j.status = ?5) AND (?6 IS NULL OR instr(j.id, ?6) > 0) {whose}
         ORDER BY j.at_ms DESC, j.id DESC LIMIT ?7"
    );
    let limit = size(query.limit.clamp(1, PAGE_ROWS_MAX));
    let mut statement = conn.prepare_cached(&sql)?;
    let found = statement.query_map(
        params![
            scope,
            query.kind.as_str(),
            at,
            id,
            query.status,
            query.id_part,
            limit
        ],
        read,
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn statuses(
    conn: &Connection,
    scope: &str,
    kind: EnrichmentKind,
) -> Result<Vec<(String, u64)>, Fault> {
    let Some(scope) = find_scope(conn, scope)? else {
        return Ok(Vec::new());
    };
    // At most the jobs of one organisation and kind, which its limit bounds.
    let mut statement = conn.prepare_cached(
        "SELECT status, count(*) AS n FROM jobs WHERE scope = ?1 AND kind = ?2
         GROUP BY status ORDER BY n DESC, status",
    )?;
    let found = statement.query_map(params![scope, kind.as_str()], |row| {
        let mut cells = Cells::of(row);
        Ok((cells.take()?, cells.count()?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
