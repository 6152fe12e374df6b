//! Filling a ledger for benchmarks and demonstrations: through the real schema, triggers and
//! search index, without waiting for the disk.

use crate::base::{AttemptId, Timestamp};

use super::attempt::{NewAttempt, Settlement};
use super::connect;
use super::dispatch::dispatch;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::settle::settle;
use super::writer::{Tx, Writer, known};

/// Attempts of one transaction; the fewer there are, the less often the pages of the unordered
/// indexes are written.
const CHUNK: u64 = 250_000;

/// One attempt with its answer and its time.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Seed {
    /// What was sent.
    pub new: NewAttempt,
    /// What came back.
    pub settlement: Settlement,
    /// When.
    pub at: Timestamp,
}

impl Ledger {
    /// Adds `count` attempts. Not for a ledger that anybody depends on: a crash meanwhile may
    /// damage it.
    ///
    /// # Errors
    /// When an attempt is refused.
    #[doc(hidden)]
    pub async fn seed(
        &self,
        count: u64,
        make: impl FnMut(u64) -> Seed + Send + 'static,
    ) -> Result<(), LedgerError> {
        self.alone(move |writer| fill(writer, count, make)).await
    }
}

fn fill(
    writer: &mut Writer,
    count: u64,
    mut make: impl FnMut(u64) -> Seed,
) -> Result<(), LedgerError> {
    let path = writer.env.path.clone();
    let prepare = |writer: &Writer| -> Result<(), Fault> {
        writer.conn.pragma_update(None, "synchronous", "OFF")?;
        // 512 MiB: the indexes are filled in no order, and must not go to the disk and back.
        writer
            .conn
            .pragma_update(None, "cache_size", -(512 << 10))?;
        Ok(())
    };
    prepare(writer).map_err(|fault| fault.at(&path, "seed"))?;
    let mut chunk = |from: u64, to: u64| -> Result<(), Fault> {
        let transaction = writer.conn.transaction()?;
        for n in from..to {
            let seed = make(n);
            let tx = Tx {
                conn: &transaction,
                env: &writer.env,
                now_ms: seed.at.as_millisecond(),
            };
            let id: AttemptId = dispatch(&tx, &seed.new)?;
            settle(&tx, id, &seed.settlement)?;
        }
        transaction.commit()?;
        Ok(())
    };
    let mut done = 0;
    while done < count {
        let next = done.saturating_add(CHUNK).min(count);
        chunk(done, next).map_err(|fault| fault.at(&path, "seed"))?;
        done = next;
    }
    let finish = |writer: &mut Writer| -> Result<_, Fault> {
        writer.conn.pragma_update(None, "synchronous", "FULL")?;
        writer
            .conn
            .pragma_update(None, "cache_size", connect::WRITER_CACHE_KIB)?;
        writer
            .conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
        known(&writer.conn, &writer.uuid)
    };
    let known = finish(writer).map_err(|fault| fault.at(&path, "seed"))?;
    writer.marks.advance(&known).map(drop)
}
