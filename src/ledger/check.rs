//! Proving a ledger: its structure, its counters, and that what belongs together says the same.

use std::path::Path;

use rusqlite::Connection;

use super::connect::{self, Source};
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::migrate::{KEYED, VERSION, version};
use super::reader::in_transaction;
use super::tally::disagreements;

/// How far a check goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Everything is read and compared.
    Whole,
    /// What is there is counted, and nothing is proven.
    Counts,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// How far it went.
    pub depth: Depth,
    /// The version of its format.
    pub format: i64,
    /// Attempts in the ledger.
    pub attempts: u64,
    /// Jobs in the cache.
    pub jobs: u64,
    /// Bulk runs.
    pub runs: u64,
    /// Size of the ledger's file.
    pub bytes: u64,
    /// What is wrong; empty when the ledger is sound.
    pub problems: Vec<String>,
}

impl CheckReport {
    /// Whether it has this program's format; an older one gets it when the ledger is opened.
    pub fn is_current(&self) -> bool {
        self.format == VERSION
    }

    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What must find nothing, and what it means if it does.
const RULES: [(&str, &str); 8] = [
    (
        "SELECT count(*) AS n FROM control WHERE allow IS NOT NULL",
        "a purge or a renaming was left open",
    ),
    (
        "SELECT count(*) AS n FROM (SELECT max(id) AS m, count(*) AS c FROM attempts) WHERE m <> c",
        "attempts are missing",
    ),
    (
        "SELECT count(*) AS n FROM attempts a
         WHERE NOT EXISTS (SELECT 1 FROM bodies b WHERE b.attempt = a.id)",
        "attempts have no bodies",
    ),
    (
        "SELECT count(*) AS n FROM attempts a WHERE a.job_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM jobs j WHERE j.scope = a.scope AND j.kind = a.kind AND j.id = a.job_id
                 AND j.attempt = a.id)",
        "scheduled attempts are not known as the owners of their jobs",
    ),
    (
        "SELECT count(*) AS n FROM jobs j JOIN attempts a ON a.id = j.attempt
         WHERE a.job_id IS NOT j.id OR a.scope <> j.scope OR a.kind <> j.kind",
        "jobs belong to attempts that do not have them",
    ),
    (
        "SELECT count(*) AS n FROM run_rows r JOIN attempts a ON a.id = r.attempt
         WHERE a.run IS NOT r.run OR a.row IS NOT r.row
            OR (a.outcome = 'sending') <> (r.state = 'sending')
            OR (a.outcome = 'scheduled') <> (r.state = 'scheduled')
            OR (a.outcome = 'rejected') <> (r.state = 'rejected')
            OR (a.outcome IN ('unknown', 'unknown (accepted)')) <> (r.state = 'unknown')",
        "rows do not agree with their attempts",
    ),
    (
        "SELECT count(*) AS n FROM run_rows WHERE attempt IS NULL
             AND state NOT IN ('pending', 'invalid', 'skipped', 'not_sent')",
        "rows were sent without an attempt",
    ),
    (
        "SELECT count(*) AS n FROM attempts a JOIN day_bounds d ON d.day = a.started_ms / 86400000
         WHERE a.id < d.first_id OR a.id > d.last_id",
        "attempts lie outside the bounds of their day",
    ),
];

/// The same, of what ledgers have since format 3.
const RULES_3: [(&str, &str); 3] = [
    (
        "SELECT count(*) AS n FROM attempts a WHERE a.outcome NOT IN
             ('sending', 'scheduled', 'unknown', 'unknown (accepted)')
             AND EXISTS (SELECT 1 FROM subjects s WHERE s.attempt = a.id)",
        "attempts that came to nothing are known by their keys",
    ),
    (
        "SELECT count(*) AS n FROM subjects s WHERE NOT EXISTS (
             SELECT 1 FROM attempts a WHERE a.id = s.attempt AND a.scope = s.scope AND a.kind = s.kind)
             AND NOT EXISTS (
             SELECT 1 FROM jobs j WHERE j.scope = s.scope AND j.kind = s.kind AND j.id = s.job)",
        "keys belong to nothing",
    ),
    (
        "SELECT (SELECT count(*) FROM attempts WHERE outcome IN
                ('sending', 'scheduled', 'unknown', 'unknown (accepted)'))
            > (SELECT count(*) FROM subjects WHERE attempt IS NOT NULL)
              + (SELECT coalesce(max(unkeyed), 0) FROM hash_key) AS n
         FROM hash_key WHERE proof IS NOT NULL",
        "attempts that count are not known by their keys",
    ),
];

impl Ledger {
    /// Checks everything that can be checked; it reads the whole ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read at all; what is wrong inside is in the report.
    pub async fn check(&self) -> Result<CheckReport, LedgerError> {
        let reads = self.inner.reads.clone();
        let path = self.inner.files.ledger.clone();
        let checked = tokio::task::spawn_blocking(move || check_file(&path, &reads, Depth::Whole));
        checked.await.unwrap_or(Err(LedgerError::Closed))
    }
}

/// Checks a ledger by a connection of its own that only reads.
pub(super) fn check_file(
    path: &Path,
    reads: &Source,
    depth: Depth,
) -> Result<CheckReport, LedgerError> {
    let bytes = std::fs::symlink_metadata(path).map_or(0, |meta| meta.len());
    let conn = connect::reader(reads)?;
    in_transaction(&conn, |conn| check(conn, bytes, depth)).map_err(|f| f.at(path, "check"))
}

fn check(conn: &Connection, bytes: u64, depth: Depth) -> Result<CheckReport, Fault> {
    let format = version(conn)?;
    let problems = match depth {
        Depth::Whole => problems(conn, format)?,
        Depth::Counts => Vec::new(),
    };
    Ok(CheckReport {
        depth,
        format,
        attempts: count(conn, "SELECT count(*) AS n FROM attempts")?,
        jobs: count(conn, "SELECT count(*) AS n FROM jobs")?,
        runs: count(conn, "SELECT count(*) AS n FROM runs")?,
        bytes,
        problems,
    })
}

fn problems(conn: &Connection, format: i64) -> Result<Vec<String>, Fault> {
    let mut problems = Vec::new();
    // Since 3.44 this looks into the search index, too.
    let mut statement = conn.prepare("PRAGMA integrity_check(20)")?;
    let mut said = statement.query(())?;
    while let Some(row) = said.next()? {
        let line: String = row.get("integrity_check")?;
        if line != "ok" {
            problems.push(line);
        }
    }
    let dangling = count(conn, "SELECT count(*) AS n FROM pragma_foreign_key_check")?;
    if dangling > 0 {
        problems.push(format!("{dangling} references lead nowhere"));
    }
    let newer = RULES_3.iter().filter(|_| format >= KEYED);
    for (sql, meaning) in RULES.iter().chain(newer) {
        let found = count(conn, sql)?;
        if found > 0 {
            problems.push(format!("{meaning} ({found})"));
        }
    }
    problems.extend(disagreements(conn)?);
    Ok(problems)
}

fn count(conn: &Connection, sql: &str) -> Result<u64, Fault> {
    let n: i64 = conn.query_row(sql, (), |row| row.get("n"))?;
    Ok(u64::try_from(n).unwrap_or(0))
}
