//! The format of the ledger and its steps from version to version.
//!
//! ```text
//!  no file ── all steps ──────────────────────────────────► this version
//!  older ──── nobody else has it open, there is room ─────► this version
//!     │            └ no: left as it is, and only read
//!     └ killed, no room after all: the version it had
//!  newer ──── refused, left as it is
//! ```
//!
//! All steps run in one exclusive transaction: a ledger has a version's whole schema or nothing of
//! it. An older ledger waits until nobody else has it open (ADR 8): a program that is sending could
//! not record an answer meanwhile. A step only adds, so that a program can read the versions before
//! its own where it may not write.

use crate::base::hex;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::connect::{Scratch, scratch};
use super::error::{Fault, LedgerError};
use super::file::Files;
use super::lock;
use super::upgrade::{Effort, Meter, OnUpgrade, room};
use super::{key, rekey};

/// What marks a file as ours: "zdlg".
pub(super) const APPLICATION_ID: i64 = 0x7a64_6c67;

/// What leads from one version to the next.
struct Step {
    sql: &'static str,
    /// What SQL cannot do.
    then: fn(&Connection, &Ground<'_>) -> Result<(), Fault>,
    /// What it costs on a ledger that has been used.
    effort: fn(&Connection) -> Result<Effort, Fault>,
}

/// What the steps stand on.
struct Ground<'a> {
    files: &'a Files,
    found: i64,
}

/// Step `n` leads to version `n + 1`.
const STEPS: [Step; 6] = [
    Step {
        sql: include_str!("schema.sql"),
        then: |_, _| Ok(()),
        effort: |_| Ok(Effort::default()),
    },
    Step {
        sql: include_str!("schema_2.sql"),
        then: |_, _| Ok(()),
        effort: index_of_decisions,
    },
    Step {
        sql: include_str!("schema_3.sql"),
        then: hash_all,
        effort: hashes_of_all,
    },
    Step {
        sql: include_str!("schema_4.sql"),
        then: |_, _| Ok(()),
        effort: index_of_rows,
    },
    Step {
        sql: include_str!("schema_5.sql"),
        then: |_, _| Ok(()),
        effort: |_| Ok(Effort::default()),
    },
    Step {
        sql: include_str!("schema_6.sql"),
        then: |_, _| Ok(()),
        effort: |_| Ok(Effort::default()),
    },
];

/// The first version that knows whom it has paid for by keyed hashes.
pub(super) const KEYED: i64 = 3;

/// The first version that keeps method, URL and headers of what was sent.
pub(super) const WHOLE_REQUESTS: i64 = 4;

/// The first version that knows the limits in the configurations of all who send.
pub(super) const CONFIGURED_LIMITS: i64 = 5;

/// The first version that knows whom nobody is to ask about.
pub(super) const FORGETS: i64 = 6;

/// The version of this program.
pub(super) const VERSION: i64 = 6;

const _: () = assert!(STEPS.len() == 6, "VERSION is the number of steps");

/// At most twelve instructions of SQLite's for each decision, eight to read it and four to put it
/// into the index; at most 32 bytes there, for three numbers of eight bytes with what SQLite writes
/// around them. Decisions are never deleted: their last number is their number.
fn index_of_decisions(conn: &Connection) -> Result<Effort, Fault> {
    let last: i64 = conn.query_row(
        "SELECT coalesce(max(id), 0) AS last FROM decisions",
        (),
        |row| row.get("last"),
    )?;
    let decisions = u64::try_from(last).unwrap_or(0);
    Ok(Effort {
        instructions: decisions.saturating_mul(12),
        bytes: decisions.saturating_mul(32),
    })
}

/// At most twelve instructions for each attempt of a run, as for an index of decisions; the index takes
/// the place of an older one.
fn index_of_rows(conn: &Connection) -> Result<Effort, Fault> {
    let attempts = attempts(conn)?;
    Ok(Effort {
        instructions: attempts.saturating_mul(12),
        bytes: attempts.saturating_mul(32),
    })
}

/// How many attempts there are: none is ever deleted.
fn attempts(conn: &Connection) -> Result<u64, Fault> {
    let last: i64 = conn.query_row(
        "SELECT coalesce(max(id), 0) AS last FROM attempts",
        (),
        |row| row.get("last"),
    )?;
    Ok(u64::try_from(last).unwrap_or(0))
}

/// An attempt has up to ten entries in the index of the keys, and all of it is read, hashed and
/// written: instructions and bytes as measured at a million attempts, with room above.
fn hashes_of_all(conn: &Connection) -> Result<Effort, Fault> {
    let attempts = attempts(conn)?;
    Ok(Effort {
        instructions: attempts.saturating_mul(INSTRUCTIONS_A_HASHED_ATTEMPT),
        bytes: attempts.saturating_mul(500),
    })
}

/// See [`hashes_of_all`].
const INSTRUCTIONS_A_HASHED_ATTEMPT: u64 = 150;

/// Hashes what the ledger has, if its key is there; and lets a person's word on a row, given to an
/// older program, mean what it meant.
fn hash_all(conn: &Connection, ground: &Ground<'_>) -> Result<(), Fault> {
    let uuid = conn.query_row("SELECT uuid FROM ledger", (), |row| row.get("uuid"));
    // A ledger that is being made has no name yet; `describe` gives it one, and its key is made
    // when it is opened.
    let uuid: Option<String> = uuid.optional()?;
    let found = key::read(ground.files)?;
    match (uuid, found) {
        (Some(uuid), Some(bytes)) if ground.found > 0 => {
            let key = key::of_bytes(&bytes);
            if rekey::made_by(conn, &key)? {
                rekey::rekey(conn, &key, &uuid)?;
            } else {
                rekey::without_key(conn)?;
            }
        }
        _ => rekey::without_key(conn)?,
    }
    conn.execute_batch(
        "UPDATE run_rows SET known_open = 1, known = (SELECT coalesce(max(id), 0) FROM subjects)
             WHERE state = 'pending' AND run IN (
                 SELECT id FROM runs WHERE settings LIKE '%\"include_already\":true%');
         UPDATE run_rows SET known_open = 1, known = coalesce((
                 SELECT max(s.id) FROM decisions d JOIN subjects s ON s.attempt <= d.attempt
                 WHERE d.run = run_rows.run AND d.row = run_rows.row
                     AND d.verdict = 'queued again'), known)
             WHERE state = 'pending' AND EXISTS (
                 SELECT 1 FROM decisions d WHERE d.run = run_rows.run AND d.row = run_rows.row
                     AND d.verdict = 'queued again' AND d.attempt IS NOT NULL)",
    )?;
    Ok(())
}

/// Brings the ledger to this program's version.
pub(super) fn migrate(
    conn: &mut Connection,
    files: &Files,
    (now_ms, tell): (i64, Option<&OnUpgrade>),
) -> Result<(), LedgerError> {
    let path = &files.ledger;
    let found = check_format(conn, path)?;
    if found == VERSION {
        return Ok(());
    }
    let is_new = found == 0;
    let doing = if is_new {
        "prepare the ledger"
    } else {
        "upgrade the ledger"
    };
    let meter = Meter::new(tell);
    let mut work = || -> Result<(), Fault> {
        if !is_new {
            // An index of a large ledger is sorted.
            scratch(conn, Scratch::File)?;
            meter.watch(conn)?;
        }
        let done = steps(conn, files, (now_ms, &meter));
        if is_new {
            return done;
        }
        // What stopped the steps is what a person must read.
        done.and(as_before(conn))
    };
    work().map_err(|fault| fault.at(path, doing))?;
    meter.done();
    Ok(())
}

/// Attempts go on without a meter.
fn as_before(conn: &mut Connection) -> Result<(), Fault> {
    Meter::unwatch(conn)?;
    Ok(scratch(conn, Scratch::Memory)?)
}

/// All that is missing, in one transaction.
fn steps(
    conn: &mut Connection,
    files: &Files,
    (now_ms, meter): (i64, &Meter),
) -> Result<(), Fault> {
    let path = &files.ledger;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    // Another process may have done it while this one waited.
    let found = version(&tx)?;
    if found > VERSION {
        return Err(newer(path, found).into());
    }
    if found == VERSION {
        return Ok(());
    }
    let done = usize::try_from(found).unwrap_or(0);
    if found > 0 {
        let effort = effort(&tx, done)?;
        alone(files, found)?;
        room(files, (found, VERSION), effort.bytes)?;
        meter.start((found, VERSION), effort.instructions);
    }
    let ground = Ground { files, found };
    for step in STEPS.iter().skip(done) {
        tx.execute_batch(step.sql)?;
        (step.then)(&tx, &ground)?;
    }
    if found == 0 {
        describe(&tx, path, now_ms)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    meter.all_but_committed();
    tx.commit()?;
    Ok(())
}

fn effort(conn: &Connection, done: usize) -> Result<Effort, Fault> {
    let mut sum = Effort::default();
    for step in STEPS.iter().skip(done) {
        sum = sum.and((step.effort)(conn)?);
    }
    Ok(sum)
}

fn describe(tx: &Transaction<'_>, path: &Path, now_ms: i64) -> Result<(), Fault> {
    let uuid = crate::base::random::<16>()
        .map_err(|e| Fault::Ours(LedgerError::file(path, "cannot make the ledger", &e)))?;
    tx.execute(
        "INSERT INTO ledger (one, uuid, created_ms) VALUES (1, ?1, ?2)",
        (hex(&uuid), now_ms),
    )?;
    Ok(())
}

/// Whoever opens a ledger shows that he lives before he writes anything, so nobody can come in
/// unseen while the transaction that asks this has the ledger.
fn alone(files: &Files, found: i64) -> Result<(), Fault> {
    if lock::has_living(&files.locks) {
        return Err(LedgerError::CannotOpen {
            path: files.ledger.clone(),
            reason: format!(
                "it has format {found}, and gets format {VERSION} only when no other ziadeck has it open"
            ),
        }
        .into());
    }
    Ok(())
}

/// Refuses a ledger that another process has upgraded since this one looked at it.
pub(super) fn check_unchanged(conn: &Connection, path: &Path) -> Result<(), Fault> {
    let found = version(conn)?;
    if found == VERSION {
        return Ok(());
    }
    Err(newer(path, found).into())
}

/// Refuses what this program cannot read, and changes nothing; answers the format. One statement
/// reads it all: another process may make the ledger at the same time.
pub(super) fn check_format(conn: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let (found, id, tables): (i64, i64, i64) = conn
        .query_row(
            "SELECT (SELECT user_version FROM pragma_user_version) AS version,
                 (SELECT application_id FROM pragma_application_id) AS id,
                 (SELECT count(*) FROM sqlite_schema) AS tables",
            (),
            |row| Ok((row.get("version")?, row.get("id")?, row.get("tables")?)),
        )
        .map_err(|error| Fault::from(error).at(path, "read"))?;
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
    Ok(found)
}

/// The format that a ledger has.
pub(super) fn version(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn.query_row("PRAGMA user_version", (), |row| row.get("user_version"))?)
}

fn newer(path: &Path, found: i64) -> LedgerError {
    LedgerError::Newer {
        path: path.to_owned(),
        found,
        known: VERSION,
    }
}

/// What a new ledger is made of.
pub(super) fn schema() -> String {
    schema_of(STEPS.len())
}

/// The schema of a version.
pub(super) fn schema_of(version: usize) -> String {
    STEPS.iter().take(version).map(|step| step.sql).collect()
}
