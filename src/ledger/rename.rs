//! Moving everything from one scope to another, when a profile's organisation is learned.

use rusqlite::{Connection, params};

use super::attempt::{Renamed, ScopeKey};
use super::dispatch::find_scope;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::settle::{Decided, decide};
use super::subject;
use super::tally::recount_scope;
use super::writer::Tx;

impl Ledger {
    /// Moves attempts, jobs, limits, runs and counters of one scope to another.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing is moved.
    pub async fn rename_scope(&self, from: ScopeKey, to: ScopeKey) -> Result<Renamed, LedgerError> {
        self.write("move the scope", move |tx| rename(tx, &from, &to))
            .await
    }
}

pub(super) fn rename(tx: &Tx<'_>, from: &ScopeKey, to: &ScopeKey) -> Result<Renamed, Fault> {
    let Some(old) = find_scope(tx.conn, from.as_str())? else {
        return Ok(Renamed::Nothing);
    };
    if from == to {
        return Ok(Renamed::Nothing);
    }
    let note = format!("{from} became {to}");
    decide(
        tx,
        &Decided {
            made_by: "recovery",
            verdict: "scope renamed",
            attempt: None,
            row: None,
            note: Some(&note),
        },
    )?;
    match find_scope(tx.conn, to.as_str())? {
        None => {
            tx.conn.execute(
                "UPDATE scopes SET key = ?2 WHERE id = ?1",
                params![old, to.as_str()],
            )?;
            Ok(Renamed::Renamed)
        }
        Some(new) => {
            tx.conn.execute("UPDATE control SET allow = 'rename'", ())?;
            let attempts = merge(tx.conn, old, new)?;
            tx.conn.execute("UPDATE control SET allow = NULL", ())?;
            Ok(Renamed::Merged { attempts })
        }
    }
}

fn merge(conn: &Connection, old: i64, new: i64) -> Result<u64, Fault> {
    // A job can belong to one attempt only. Where both scopes claim one, the claim from before the
    // organisation was known gives way and is unknown again. It may have been a wrong guess of
    // reconcile; where a 2xx was seen it was none, and such an attempt must never become absent.
    conn.execute(
        "UPDATE run_rows SET state = 'unknown' WHERE attempt IN (
             SELECT a.id FROM attempts a WHERE a.scope = ?1 AND EXISTS (
                 SELECT 1 FROM attempts b
                 WHERE b.scope = ?2 AND b.kind = a.kind AND b.job_id = a.job_id))",
        params![old, new],
    )?;
    conn.execute(
        "UPDATE attempts AS a SET job_id = NULL,
             outcome = CASE WHEN a.http_status BETWEEN 200 AND 299
                 THEN 'unknown (accepted)' ELSE 'unknown' END,
             note = 'job ' || a.job_id || ' belongs to another attempt of the organisation'
         WHERE a.scope = ?1 AND EXISTS (
             SELECT 1 FROM attempts b
             WHERE b.scope = ?2 AND b.kind = a.kind AND b.job_id = a.job_id)",
        params![old, new],
    )?;
    let moved = conn.execute(
        "UPDATE attempts SET scope = ?2 WHERE scope = ?1",
        params![old, new],
    )?;
    conn.execute(
        "UPDATE runs SET scope = ?2 WHERE scope = ?1",
        params![old, new],
    )?;
    // A job that both have read is one.
    conn.execute(
        "UPDATE OR IGNORE subjects SET scope = ?2 WHERE scope = ?1",
        params![old, new],
    )?;
    subject::forget_where(conn, "scope = ?1", old)?;
    conn.execute(
        "INSERT INTO server_times (scope, date_ms, boot, boottime_ms)
         SELECT ?2, date_ms, boot, boottime_ms FROM server_times WHERE scope = ?1
         ON CONFLICT DO UPDATE SET date_ms = excluded.date_ms, boot = excluded.boot,
             boottime_ms = excluded.boottime_ms
             WHERE excluded.date_ms > date_ms",
        params![old, new],
    )?;
    conn.execute("DELETE FROM server_times WHERE scope = ?1", [old])?;
    // The later reading counts.
    conn.execute(
        "INSERT INTO echoes SELECT ?2, kind, api_version, job, matched, read_ms
         FROM echoes WHERE scope = ?1
         ON CONFLICT DO UPDATE SET job = excluded.job, matched = excluded.matched,
             read_ms = excluded.read_ms
             WHERE excluded.read_ms > read_ms",
        params![old, new],
    )?;
    conn.execute("DELETE FROM echoes WHERE scope = ?1", [old])?;
    conn.execute(
        "INSERT INTO jobs (scope, kind, id, status, at_ms, created_ms, created_by_id,
             created_by_name, fetched_ms, enrich_based_on, enriched_data, attempt)
         SELECT ?2, kind, id, status, at_ms, created_ms, created_by_id, created_by_name,
             fetched_ms, enrich_based_on, enriched_data, attempt
         FROM jobs WHERE scope = ?1
         ON CONFLICT DO UPDATE SET attempt = coalesce(attempt, excluded.attempt),
             created_ms = coalesce(created_ms, excluded.created_ms),
             created_by_id = coalesce(created_by_id, excluded.created_by_id),
             created_by_name = coalesce(created_by_name, excluded.created_by_name),
             fetched_ms = coalesce(fetched_ms, excluded.fetched_ms),
             enrich_based_on = coalesce(enrich_based_on, excluded.enrich_based_on),
             enriched_data = coalesce(enriched_data, excluded.enriched_data)",
        params![old, new],
    )?;
    conn.execute("DELETE FROM jobs WHERE scope = ?1", [old])?;
    // What one of them took for somebody else's may be an attempt's of the other.
    subject::forget_where(
        conn,
        "scope = ?1 AND job IS NOT NULL AND EXISTS (
             SELECT 1 FROM jobs j WHERE j.scope = subjects.scope AND j.kind = subjects.kind
                 AND j.id = subjects.job AND j.attempt IS NOT NULL)",
        new,
    )?;
    conn.execute(
        "INSERT INTO limits SELECT ?2, kind, listed_ms, learned, learned_source, learned_ms,
             features_used, features_available, features_limit, features_ms, features_server_ms
         FROM limits WHERE scope = ?1
         ON CONFLICT DO UPDATE SET learned = coalesce(learned, excluded.learned),
             learned_source = coalesce(learned_source, excluded.learned_source),
             learned_ms = coalesce(learned_ms, excluded.learned_ms),
             features_used = iif(features_ms IS NULL, excluded.features_used, features_used),
             features_available =
                 iif(features_ms IS NULL, excluded.features_available, features_available),
             features_limit = iif(features_ms IS NULL, excluded.features_limit, features_limit),
             features_server_ms =
                 iif(features_ms IS NULL, excluded.features_server_ms, features_server_ms),
             features_ms = coalesce(features_ms, excluded.features_ms)",
        params![old, new],
    )?;
    conn.execute("DELETE FROM limits WHERE scope = ?1", [old])?;
    conn.execute(
        "INSERT INTO configured_limits SELECT ?2, profile, operator, units, used_ms
         FROM configured_limits WHERE scope = ?1
         ON CONFLICT DO UPDATE SET units = excluded.units, used_ms = excluded.used_ms
             WHERE excluded.used_ms > used_ms",
        params![old, new],
    )?;
    conn.execute("DELETE FROM configured_limits WHERE scope = ?1", [old])?;
    for table in ["usage", "days", "foreign_days"] {
        conn.execute(&format!("DELETE FROM {table} WHERE scope = ?1"), [old])?;
    }
    recount_scope(conn, new)?;
    conn.execute("DELETE FROM scopes WHERE id = ?1", [old])?;
    Ok(u64::try_from(moved).unwrap_or(u64::MAX))
}
