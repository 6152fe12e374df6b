//! When an attempt was made by the server's clock, as far as that is proven: by the boot of the host,
//! by times that the server told, and by the attempts around it.
//!
//! Attempts are ordered by their numbers, whatever this machine's clock said, and the server's list
//! tells when it made the jobs of those around. Only jobs of the same scope count: another server,
//! such as that of a rehearsal, has a clock of its own.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{AttemptId, Timestamp};

use super::cells::Cells;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::times::{self, Now};

/// Between which times of the server an attempt was made; `None` where nothing tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Around {
    /// When the job of the nearest earlier attempt was made.
    pub after: Option<Timestamp>,
    /// When the job of the nearest later attempt was made.
    pub before: Option<Timestamp>,
    /// The least age that is proven, whatever the wall clock of this machine says.
    pub age: Option<Duration>,
    /// Whether it is of this boot of the host; the age of another grows only with what the server tells.
    pub is_of_this_boot: bool,
    /// The moment by the server's clock, where one boot of the host tells it.
    pub server: Option<Timestamp>,
    /// A time of the server that was told before it.
    pub told: Option<Timestamp>,
}

impl Ledger {
    /// What the attempts around one tell of its time.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn around(&self, id: AttemptId) -> Result<Around, LedgerError> {
        let now = Now::of(self.inner.clock.as_ref());
        self.read("look at the attempts around", move |conn| {
            let before = nearest(conn, id, ("attempt > ?1", "ASC"))?;
            let later = before.map(|time| time.as_millisecond());
            let proof = times::proof(conn, (id, &now), later)?;
            let time = |ms: Option<i64>| ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
            Ok(Around {
                after: nearest(conn, id, ("attempt < ?1", "DESC"))?,
                before,
                age: proof.age,
                is_of_this_boot: proof.is_of_this_boot,
                server: time(proof.server_ms),
                told: time(proof.told_ms),
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
