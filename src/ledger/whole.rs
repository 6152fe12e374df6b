//! Whether the newest attempts are there with all that was committed together with them.
//!
//! An older copy that is put over the file of a ledger takes back every page that is not in the
//! write-ahead log as well: attempts, or only what stands beside them. The log holds the newest
//! attempts, and ends where they do; so what was taken back first lies shortly before.

use rusqlite::{Connection, params};

use crate::base::EnrichmentKind;
use crate::enrichment::identity::Keys;

use super::cells::Cells;
use super::counts::CHARGED;
use super::error::Fault;
use super::migrate::version;
use super::subject::names;

/// How many of the newest attempts are counted: more than the log holds before it goes into the
/// ledger, which it does at 1,000 pages.
const COUNTED: i64 = 500;
/// Of how many it is looked whether one of their keys is found. Each lies on a page of its own in a
/// large ledger, which may have to come from the disk.
const BY_ONE_KEY: i64 = 64;
/// Of how many the same is done with all their keys.
const BY_ALL_KEYS: i64 = 4;
/// And when a ledger is opened, and nobody knows how much of it is in the log.
const BY_ALL_KEYS_AT_OPEN: i64 = 32;

const UNKNOWN: &str = "some of its newest attempts are not found by whom they asked for";

/// Attempts after the first number, up to the second.
pub(super) type Range = (i64, i64);

/// So many up to this one, without those that a person accepted as they are.
fn before(last: i64, count: i64, accepted: i64) -> Range {
    (last.saturating_sub(count).max(accepted).max(0), last)
}

/// What is missing among the newest attempts, or beside them.
pub(super) fn flaw(
    conn: &Connection,
    last: i64,
    accepted: i64,
) -> Result<Option<&'static str>, Fault> {
    let range = before(last, COUNTED, accepted);
    if !are_there(conn, range)? {
        return Ok(Some("some of its newest attempts are missing"));
    }
    let few = before(last, BY_ONE_KEY, accepted);
    let fewer = before(last, BY_ALL_KEYS_AT_OPEN, accepted);
    beside(conn, range, &[(few, Names::One), (fewer, Names::All)])
}

/// Whether a ledger that ends at this attempt lacks what it had when it ended at the other, which
/// was committed before its file was written last.
pub(super) fn lacks(
    conn: &Connection,
    (last, then): (i64, i64),
    accepted: i64,
) -> Result<bool, Fault> {
    let all = |last| (before(last, BY_ALL_KEYS, accepted), Names::All);
    if !are_there(conn, before(last, COUNTED, accepted))? {
        return Ok(true);
    }
    let few = before(last, BY_ONE_KEY, accepted);
    let ((after, _), _) = all(then);
    let since = (few.0.max(after), last);
    let keys = [(since, Names::One), all(then), all(last)];
    Ok(beside(conn, since, &keys)?.is_some())
}

fn count(conn: &Connection, sql: &str, (after, last): Range) -> Result<i64, Fault> {
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_row(params![after, last], |row| row.get("n"))?)
}

fn are_there(conn: &Connection, range: Range) -> Result<bool, Fault> {
    let sql = "SELECT count(*) AS n FROM attempts WHERE id > ?1 AND id <= ?2";
    Ok(count(conn, sql, range)? == range.1.saturating_sub(range.0))
}

/// What is missing beside attempts that are there.
fn beside(
    conn: &Connection,
    range: Range,
    keys: &[(Range, Names)],
) -> Result<Option<&'static str>, Fault> {
    let bodies = "SELECT count(*) AS n FROM bodies WHERE attempt > ?1 AND attempt <= ?2";
    if count(conn, bodies, range)? != range.1.saturating_sub(range.0) {
        return Ok(Some("some of its newest attempts have lost their bodies"));
    }
    // The hash of all inputs lies on a page of its own, like the keys.
    let hashed = "SELECT count(*) AS n FROM attempts a WHERE a.id > ?1 AND a.id <= ?2
         AND NOT EXISTS (SELECT 1 FROM attempts b INDEXED BY attempts_fingerprint
             WHERE b.fingerprint = a.fingerprint AND b.id = a.id)";
    for (range, _) in keys.iter().filter(|(_, by)| *by == Names::All) {
        if count(conn, hashed, *range)? > 0 {
            return Ok(Some(UNKNOWN));
        }
    }
    let waiting = format!(
        "SELECT count(*) AS n FROM attempts a JOIN run_rows r ON r.run = a.run AND r.row = a.row
         WHERE a.id > ?1 AND a.id <= ?2 AND a.outcome IN {CHARGED} AND r.state = 'pending'"
    );
    if count(conn, &waiting, range)? > 0 {
        return Ok(Some("rows wait in it that were sent"));
    }
    // Older formats know nobody by keys.
    if version(conn)? < 3 {
        return Ok(None);
    }
    let unknown = format!(
        "SELECT count(*) AS n FROM hash_key h, attempts a
         WHERE h.proof IS NOT NULL AND h.unkeyed = 0 AND a.id > ?1 AND a.id <= ?2
             AND a.outcome IN {CHARGED} AND a.inputs IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM subjects s WHERE s.attempt = a.id)"
    );
    let mut are_known = count(conn, &unknown, range)? == 0;
    for (range, by) in keys {
        are_known = are_known && are_found(conn, *range, *by)?;
    }
    Ok((!are_known).then_some(UNKNOWN))
}

/// By how many of its keys an attempt has to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    One,
    All,
}

fn are_found(conn: &Connection, (after, last): Range, by: Names) -> Result<bool, Fault> {
    let mut subjects = conn.prepare_cached(
        "SELECT id, kind, keys FROM subjects WHERE attempt > ?1 AND attempt <= ?2",
    )?;
    let mut entry = conn
        .prepare_cached("SELECT 1 AS found FROM subject_keys WHERE hash = ?1 AND subject = ?2")?;
    let mut rows = subjects.query(params![after, last])?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let (id, kind): (i64, EnrichmentKind) = (cells.take()?, cells.word()?);
        let bytes: Vec<u8> = cells.take()?;
        let keys = Keys::from_bytes(kind, &bytes);
        let names = keys.as_ref().map(names).unwrap_or_default();
        let wanted = match by {
            Names::One => 1,
            Names::All => names.len(),
        };
        for (hash, _) in names.iter().take(wanted) {
            if !entry.exists(params![hash, id])? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
