//! What a ledger's schema is made of, compared with what its format has.
//!
//! The triggers hold the promises of the ledger: without one of them, or with one more, a write could
//! do something else than it says. Whoever may write the file could have changed them.

use std::collections::BTreeMap;
use std::path::Path;

use aws_lc_rs::digest;
use rusqlite::Connection;

use super::error::{Fault, LedgerError};
use super::migrate::VERSION;
use crate::base::hex;

/// The digest of the schema of this format, so that a start compares 32 bytes. A test makes it anew.
const DIGEST: &str = "a227dd3a5f8d8e491c71098f591dacc1a8241ee2916236adfbafc726fb6d4424";

/// What a schema has: tables, indexes, triggers and views by kind and name, each with its text; also what
/// has a name of SQLite's own, for whoever may write the file may give any. An index without a text
/// belongs to its table's.
type Made = BTreeMap<(String, String), String>;

/// Refuses a ledger of this program's format whose schema is another one; it can still be read.
pub(super) fn check(conn: &Connection, path: &Path) -> Result<(), LedgerError> {
    let fail = |fault: Fault| fault.at(path, "check the schema of");
    let found = made(conn).map_err(fail)?;
    if digest_of(&found) == DIGEST {
        return Ok(());
    }
    let expected = expected().map_err(fail)?;
    let Some(difference) = difference(&expected, &found) else {
        return Ok(());
    };
    Err(LedgerError::CannotOpen {
        path: path.to_owned(),
        reason: format!(
            "its schema is not that of format {VERSION}: {difference}; whoever may write the file may have changed it: put a backup back, or look at it with `ziadeck ledger check`"
        ),
    })
}

/// Inside a transaction that writes: the schema is still the one that was checked, by SQLite's own count
/// of its changes, or it is checked again.
pub(super) fn stands(tx: &Connection, path: &Path, known: &mut i64) -> Result<(), LedgerError> {
    let now = changes(tx).map_err(|fault| fault.at(path, "check the schema of"))?;
    if now != *known {
        check(tx, path)?;
        *known = now;
    }
    Ok(())
}

/// How often the schema was changed.
pub(super) fn changes(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn
        .prepare_cached("SELECT schema_version FROM pragma_schema_version")?
        .query_row((), |row| row.get("schema_version"))?)
}

fn made(conn: &Connection) -> Result<Made, Fault> {
    let mut statement = conn.prepare(
        "SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_schema
         WHERE NOT (type = 'index' AND sql IS NULL)
             AND NOT (type = 'table' AND sql = 'CREATE TABLE sqlite_stat1(tbl,idx,stat)')",
    )?;
    let found = statement.query_map((), |row| {
        Ok(((row.get("type")?, row.get("name")?), row.get("sql")?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The schema of a ledger that is made now.
fn expected() -> Result<Made, Fault> {
    let conn = Connection::open_in_memory()?;
    conn.execute_batch(&super::migrate::schema())?;
    made(&conn)
}

fn digest_of(made: &Made) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for ((kind, name), sql) in made {
        for part in [kind, name, sql] {
            context.update(part.as_bytes());
            context.update(&[0]);
        }
    }
    hex(context.finish().as_ref())
}

fn difference(expected: &Made, found: &Made) -> Option<String> {
    let missing = expected
        .iter()
        .find_map(|(thing, sql)| match found.get(thing) {
            None => Some((thing, "is missing")),
            Some(other) if other != sql => Some((thing, "was changed")),
            Some(_) => None,
        });
    let foreign = || {
        let mut all = found.keys();
        let thing = all.find(|thing| !expected.contains_key(thing))?;
        Some((thing, "does not belong to it"))
    };
    let ((kind, name), what) = missing.or_else(foreign)?;
    Some(format!("{kind} {name} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_a_ledger_which_is_made_now() {
        assert_eq!(digest_of(&expected().unwrap()), DIGEST);
    }
}
