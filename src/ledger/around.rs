//! When an attempt was made by the server's clock, as far as the attempts around it show.
//!
//! Attempts are ordered by their numbers, whatever this machine's clock said, and the server's list
//! tells when it made the jobs of those around.

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
                after: nearest(conn, id, "a.id < ?1", "DESC")?,
                before: nearest(conn, id, "a.id > ?1", "ASC")?,
            })
        })
        .await
    }
}

fn nearest(
    conn: &Connection,
    id: AttemptId,
    side: &str,
    order: &str,
) -> Result<Option<Timestamp>, Fault> {
    let sql = format!(
        "SELECT j.created_ms FROM attempts a CROSS JOIN jobs j ON j.attempt = a.id
         WHERE {side} AND j.created_ms IS NOT NULL ORDER BY a.id {order} LIMIT 1"
    );
    Ok(conn
        .prepare_cached(&sql)?
        .query_row(params![id.0], |row| Cells::of(row).time())
        .optional()?)
}
