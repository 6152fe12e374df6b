//! What was asked before: the ledger's memory of inputs, for a plan of many rows at once.

use rusqlite::{OptionalExtension, params};

use crate::base::{EnrichmentKind, Timestamp};

use super::attempt::{Fingerprint, ScopeKey};
use super::cells::Cells;
use super::dispatch::find_scope;
use super::error::LedgerError;
use super::handle::Ledger;

impl Ledger {
    /// For each of the inputs, when it was sent last with a job, or perhaps a job, as the result.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn last_enriched(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
        fingerprints: Vec<Fingerprint>,
    ) -> Result<Vec<Option<Timestamp>>, LedgerError> {
        self.read("look for the same inputs", move |conn| {
            let Some(scope) = find_scope(conn, scope.as_str())? else {
                return Ok(vec![None; fingerprints.len()]);
            };
            let mut statement = conn.prepare_cached(
                "SELECT started_ms FROM attempts INDEXED BY attempts_fingerprint
                 WHERE fingerprint = ?1 AND scope = ?2 AND kind = ?3
                     AND outcome IN ('sending', 'scheduled', 'unknown', 'unknown (accepted)')
                 ORDER BY id DESC LIMIT 1",
            )?;
            let mut found = Vec::with_capacity(fingerprints.len());
            for fingerprint in &fingerprints {
                let at = statement
                    .query_row(params![fingerprint.0, scope, kind.as_str()], |row| {
                        Cells::of(row).time()
                    })
                    .optional()?;
                found.push(at);
            }
            Ok(found)
        })
        .await
    }
}
