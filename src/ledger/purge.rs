//! Removing personal data. Counts, codes, job ids and fingerprints stay: usage is not changed by a
//! purge, and "enriched before" is still known.

use rusqlite::{Connection, ToSql, TransactionBehavior, params};

use crate::base::Timestamp;

use super::connect::{Scratch, scratch};
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::schema;
use super::search;
use super::writer::{Tx, Writer};

/// What a purge removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeWhat {
    /// What was sent and what came back: URLs, headers, bodies and what was found.
    Bodies,
    /// The inputs, too, the server's messages and the names of files: in the log, in the search index, in
    /// runs and drafts.
    Everything,
}

/// What a purge removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PurgeReport {
    /// Attempts whose texts are gone.
    pub attempts: u64,
    /// Jobs whose results are gone.
    pub jobs: u64,
    /// Rows of runs whose cells are gone.
    pub rows: u64,
    /// Attempts that were kept because reconcile still needs them.
    pub kept: u64,
    /// Why the freed space could not be wiped and given back; `None` when it was.
    pub not_compacted: Option<String>,
}

/// Reconcile compares these with the server's jobs; they are never purged.
const OPEN: &str = "('sending', 'unknown', 'unknown (accepted)')";

impl Ledger {
    /// Removes personal data of everything older than a time, then wipes the freed space. Other
    /// writes wait meanwhile.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing is removed.
    pub async fn purge(
        &self,
        before: Timestamp,
        what: PurgeWhat,
    ) -> Result<PurgeReport, LedgerError> {
        self.alone(move |writer| purge(writer, before.as_millisecond(), what))
            .await
    }
}

fn purge(writer: &mut Writer, before: i64, what: PurgeWhat) -> Result<PurgeReport, LedgerError> {
    let (mut report, not_compacted) = for_good(writer, "purge", |tx| {
        let conn = tx.conn;
        let attempts = empty(conn, ("started_ms < ?1", &before), (what, tx.now_ms))?;
        let jobs = conn.execute(
            "UPDATE jobs SET enrich_based_on = NULL, enriched_data = NULL
             WHERE at_ms < ?1 AND coalesce(enrich_based_on, enriched_data) IS NOT NULL",
            [before],
        )?;
        let kept: i64 = conn.query_row(
            &format!(
                "SELECT count(*) AS n FROM attempts WHERE started_ms < ?1 AND outcome IN {OPEN}"
            ),
            [before],
            |row| row.get("n"),
        )?;
        let rows = match what {
            PurgeWhat::Everything => empty_runs(conn, before)?,
            PurgeWhat::Bodies => 0,
        };
        Ok(PurgeReport {
            attempts,
            jobs: u64::try_from(jobs).unwrap_or(0),
            rows,
            kept: u64::try_from(kept).unwrap_or(0),
            not_compacted: None,
        })
    })?;
    report.not_compacted = not_compacted;
    Ok(report)
}

/// Removes something in one transaction, so that it cannot be read from the files afterwards either. If
/// the freed space could not be wiped and given back, the reason comes with the result.
pub(super) fn for_good<T>(
    writer: &mut Writer,
    doing: &'static str,
    work: impl FnOnce(&Tx<'_>) -> Result<T, Fault>,
) -> Result<(T, Option<String>), LedgerError> {
    writer.stands_whole()?;
    let now_ms = writer.env.clock.now().as_millisecond();
    let path = writer.env.path.clone();
    let (conn, env, known) = (&mut writer.conn, &writer.env, &mut writer.schema);
    let remove = |conn: &mut Connection| -> Result<T, Fault> {
        scratch(conn, Scratch::File)?;
        // Freed pages are overwritten, not only given up.
        conn.pragma_update(None, "secure_delete", true)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        schema::stands(&tx, &path, known)?;
        tx.execute("UPDATE control SET allow = 'purge'", ())?;
        let done = work(&Tx {
            conn: &tx,
            env,
            now_ms,
        })?;
        tx.execute("UPDATE control SET allow = NULL", ())?;
        tx.commit()?;
        Ok(done)
    };
    let done = match remove(conn) {
        Ok(done) => done,
        Err(fault) => {
            // What failed is why nothing was removed; it is what a person must read.
            let _ = as_before(conn);
            return Err(fault.at(&path, doing));
        }
    };
    let compact = || -> Result<(), Fault> {
        // Only merging all of the index drops the words of what was removed from it.
        conn.execute("INSERT INTO search (search) VALUES ('optimize')", ())?;
        conn.execute_batch("VACUUM")?;
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
        Ok(())
    };
    let compacted = compact();
    let not_compacted = compacted
        .and(as_before(conn))
        .err()
        .map(|fault| fault.at(&path, "compact").to_string());
    Ok((done, not_compacted))
}

/// Whatever became of the purge, attempts go on as before.
fn as_before(conn: &Connection) -> Result<(), Fault> {
    let deleting = conn.pragma_update(None, "secure_delete", false);
    Ok(scratch(conn, Scratch::Memory).and(deleting)?)
}

/// Removes the texts of the attempts that a condition on `?1` names, but for those that reconcile still
/// needs; answers of how many.
pub(super) fn empty(
    conn: &Connection,
    (which, of): (&str, &dyn ToSql),
    (what, now_ms): (PurgeWhat, i64),
) -> Result<u64, Fault> {
    let those = format!("{which} AND outcome NOT IN {OPEN}");
    let attempts = conn.execute(
        &format!(
            "UPDATE bodies SET request_body = NULL, method = NULL, url = NULL,
                 request_headers = NULL, response_body = NULL, response_headers = NULL,
                 details = NULL
             WHERE coalesce(request_body, method, url, request_headers, response_body,
                     response_headers, details) IS NOT NULL
                 AND attempt IN (SELECT id FROM attempts WHERE {those})"
        ),
        [of],
    )?;
    conn.execute(
        &format!("UPDATE attempts SET purged_ms = ?2 WHERE {those} AND purged_ms IS NULL"),
        params![of, now_ms],
    )?;
    if what == PurgeWhat::Everything {
        empty_inputs(conn, (&those, of), now_ms)?;
    }
    Ok(u64::try_from(attempts).unwrap_or(0))
}

fn empty_inputs(
    conn: &Connection,
    (those, of): (&str, &dyn ToSql),
    now_ms: i64,
) -> Result<(), Fault> {
    let mut found = conn.prepare(&format!(
        "SELECT id, module, code, job_id FROM attempts WHERE {those} AND inputs IS NOT NULL"
    ))?;
    let mut rows = found.query([of])?;
    while let Some(row) = rows.next()? {
        let (id, module): (i64, String) = (row.get("id")?, row.get("module")?);
        let (code, job_id): (Option<String>, Option<String>) =
            (row.get("code")?, row.get("job_id")?);
        let words = search::Words {
            module: &module,
            code: code.as_deref(),
            job_id: job_id.as_deref(),
            ..search::Words::default()
        };
        conn.prepare_cached("UPDATE search SET text = ?2 WHERE rowid = ?1")?
            .execute(params![id, words.text()])?;
    }
    drop(rows);
    conn.execute(
        &format!(
            "UPDATE attempts SET inputs = NULL, message = NULL, note = NULL, purged_ms = ?2
             WHERE {those} AND coalesce(inputs, message, note) IS NOT NULL"
        ),
        params![of, now_ms],
    )?;
    Ok(())
}

/// Empties the rows of runs from before a time; of how many.
fn empty_runs(conn: &Connection, before: i64) -> Result<u64, Fault> {
    // A row that may still be sent keeps what would be sent.
    let rows = conn.execute(
        "UPDATE run_rows SET cells = NULL, inputs = NULL, reason = NULL
         WHERE coalesce(cells, inputs, reason) IS NOT NULL
             AND state IN ('scheduled', 'rejected', 'skipped', 'invalid')
             AND run IN (SELECT id FROM runs WHERE created_ms < ?1 AND state <> 'importing')",
        [before],
    )?;
    // The name of a file may be that of a person, and so may the reason of a pause.
    conn.execute(
        "UPDATE runs SET file_name = 'removed', reason = NULL
         WHERE created_ms < ?1 AND state = 'finished'",
        [before],
    )?;
    conn.execute("DELETE FROM drafts WHERE saved_ms < ?1", [before])?;
    Ok(u64::try_from(rows).unwrap_or(0))
}
