//! The format of the ledger and its steps from version to version.
//!
//! All steps run in one exclusive transaction: a ledger has a version's whole schema or nothing
//! of it. A ledger from a newer version is refused and left as it is.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Fault, LedgerError};
use super::file;

/// What marks a file as ours: "zdlg".
const APPLICATION_ID: i64 = 0x7a64_6c67;

/// Step `n` leads to version `n + 1`.
const STEPS: [&str; 1] = [include_str!("schema.sql")];

/// The version of this program.
pub(super) const VERSION: i64 = 1;

const _: () = assert!(STEPS.len() == 1, "VERSION is the number of steps");

/// Brings the ledger to this program's version.
pub(super) fn migrate(conn: &mut Connection, path: &Path, now_ms: i64) -> Result<(), LedgerError> {
    let found = version(conn).map_err(|fault| fault.at(path, "read the version"))?;
    refuse(conn, path, found)?;
    if found == VERSION {
        return Ok(());
    }
    let mut step = || -> Result<Option<i64>, Fault> {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        // Another process may have done it while this one waited.
        let found = version(&tx)?;
        if found > VERSION {
            return Ok(Some(found));
        }
        let done = usize::try_from(found).unwrap_or(0);
        for sql in STEPS.iter().skip(done) {
            tx.execute_batch(sql)?;
        }
        if found == 0 {
            let uuid = file::random::<16>()
                .map_err(|e| Fault::Ours(LedgerError::file(path, "cannot make the ledger", &e)))?;
            tx.execute(
                "INSERT INTO ledger (one, uuid, created_ms) VALUES (1, ?1, ?2)",
                (file::hex(&uuid), now_ms),
            )?;
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", VERSION)?;
        tx.commit()?;
        Ok(None)
    };
    match step().map_err(|fault| fault.at(path, "prepare the ledger"))? {
        None => Ok(()),
        Some(found) => Err(newer(path, found)),
    }
}

/// Refuses what this program cannot read, and changes nothing.
pub(super) fn check_format(conn: &Connection, path: &Path) -> Result<(), LedgerError> {
    let found = version(conn).map_err(|fault| fault.at(path, "read the version"))?;
    refuse(conn, path, found)
}

fn refuse(conn: &Connection, path: &Path, found: i64) -> Result<(), LedgerError> {
    let read = || -> Result<(i64, i64), Fault> {
        let id = conn.query_row("PRAGMA application_id", (), |row| row.get("application_id"))?;
        let tables = conn.query_row("SELECT count(*) AS n FROM sqlite_schema", (), |row| {
            row.get("n")
        })?;
        Ok((id, tables))
    };
    let (id, tables) = read().map_err(|fault| fault.at(path, "read"))?;
    let empty = id == 0 && found == 0 && tables == 0;
    if id != APPLICATION_ID && !empty {
        return Err(LedgerError::NotALedger {
            path: path.to_owned(),
            reason: "it is a database of another program".to_owned(),
        });
    }
    if found > VERSION {
        return Err(newer(path, found));
    }
    if found < 0 || (found == 0 && !empty) {
        return Err(LedgerError::Damaged {
            path: path.to_owned(),
            reason: format!("its format is given as {found}"),
        });
    }
    Ok(())
}

fn version(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn.query_row("PRAGMA user_version", (), |row| row.get("user_version"))?)
}

fn newer(path: &Path, found: i64) -> LedgerError {
    LedgerError::Newer {
        path: path.to_owned(),
        found,
        known: VERSION,
    }
}
