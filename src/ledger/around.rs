//! When an attempt was made by the server's clock, as far as the attempts around it show.
//!
//! Attempts are ordered by their numbers, whatever this machine's clock said, and the server's list
//! tells when it made the jobs of those around. Only jobs of the same scope count: another server,
//! such as that of a rehearsal, has a clock of its own.

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{AttemptId, Timestamp};

use super::cells::Cells;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;

/// Between which times of the server an attempt was made; `None` where nothing tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Around {
    /// When the job of the nearest earlier attempt was made.
    pub after: Option<Timestamp>,
    /// When the job of the nearest later attempt was made.
    pub before: Option<Timestamp>,
}

impl Ledger {
    /// What the attempts around one tell of its time.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn around(&self, id: AttemptId) -> Result<Around, LedgerError> {
        self.read("look at the attempts around", move |conn| {
            Ok(Around {
                after: nearest(conn, id, ("attempt < ?1", "DESC"))?,
                before: nearest(conn, id, ("attempt > ?1", "ASC"))?,
            })
        })
        .await
    }
}

fn nearest(
    conn: &Connection,
    id: AttemptId,
    (side, order): (&str, &str),
) -> Result<Option<Timestamp>, Fault> {
    // The attempts that have no job, which may be very many, are not looked at.
    let sql = format!(
        "SELECT created_ms FROM jobs INDEXED BY jobs_attempt
         WHERE {side} AND created_ms IS NOT NULL
             AND scope = (SELECT scope FROM attempts WHERE id = ?1)
         ORDER BY attempt {order} LIMIT 1"
    );
    Ok(conn
        .prepare_cached(&sql)?
        .query_row(params![id.0], |row| Cells::of(row).time())
        .optional()?)
}
