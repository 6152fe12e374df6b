//! What is remembered of each profile: its draft, and the organisation that version 0.1 kept here.

use rusqlite::{Connection, OptionalExtension};

use crate::base::{EnrichmentKind, ProfileName};

use super::cells::Cells;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::usage::Pin;

impl Ledger {
    /// The organisation and user that version 0.1 kept of a profile. Later ones keep it beside the token,
    /// for each user: several may use one ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn pinned(&self, profile: ProfileName) -> Result<Option<Pin>, LedgerError> {
        self.read("read the organisation", move |conn| get(conn, &profile))
            .await
    }

    /// The draft that version 0.1 kept for a profile.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn draft(
        &self,
        profile: ProfileName,
        kind: EnrichmentKind,
    ) -> Result<Option<String>, LedgerError> {
        self.read("read the draft", move |conn| {
            Ok(conn
                .prepare_cached("SELECT draft FROM drafts WHERE profile = ?1 AND kind = ?2")?
                .query_row([profile.as_str(), kind.as_str()], |row| row.get("draft"))
                .optional()?)
        })
        .await
    }
}

fn get(conn: &Connection, profile: &ProfileName) -> Result<Option<Pin>, Fault> {
    Ok(conn
        .prepare_cached(
            "SELECT org_id, org_name, user_id, user_name, edition FROM pins WHERE profile = ?1",
        )?
        .query_row([profile.as_str()], |row| {
            let mut cells = Cells::of(row);
            Ok(Pin {
                org_id: cells.take()?,
                org_name: cells.take()?,
                user_id: cells.take()?,
                user_name: cells.take()?,
                edition: cells.take()?,
            })
        })
        .optional()?)
}
