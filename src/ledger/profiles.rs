//! What is remembered of each profile: the organisation it was first seen with, and its draft.

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{DataCenter, EnrichmentKind, Environment, ProfileName};

use super::attempt::ScopeKey;
use super::cells::Cells;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::rename::rename;
use super::usage::{Pin, PinWord, Pinned};
use super::writer::Tx;

impl Ledger {
    /// Remembers the organisation and user of a profile. What was pinned first stays: a difference
    /// is reported, never written over.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn pin(&self, profile: ProfileName, pin: Pin) -> Result<Pinned, LedgerError> {
        self.write("pin the organisation", move |tx| put(tx, &profile, &pin))
            .await
    }

    /// Remembers whose organisation a profile reaches, and moves to it what was sent before it was
    /// known: all in one transaction, so that a crash leaves both or neither.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing has changed.
    pub async fn pin_organisation(
        &self,
        profile: ProfileName,
        pin: Pin,
        (data_center, environment): (DataCenter, Environment),
        word: PinWord,
    ) -> Result<Pinned, LedgerError> {
        self.write("pin the organisation", move |tx| {
            let pinned = match word {
                PinWord::Seen => put(tx, &profile, &pin)?,
                PinWord::SignedIn => replace(tx, &profile, &pin)?,
            };
            if let Some(org) = get(tx.conn, &profile)?.and_then(|pin| pin.org_id) {
                let by_itself = ScopeKey::of_profile(data_center, environment, &profile);
                rename(
                    tx,
                    &by_itself,
                    &ScopeKey::of_org(data_center, environment, &org),
                )?;
            }
            Ok(pinned)
        })
        .await
    }

    /// Forgets a pin, so that the next one is the first: a person's decision.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn unpin(&self, profile: ProfileName) -> Result<(), LedgerError> {
        self.write("forget the organisation", move |tx| {
            tx.conn
                .prepare_cached("DELETE FROM pins WHERE profile = ?1")?
                .execute([profile.as_str()])?;
            Ok(())
        })
        .await
    }

    /// The organisation and user that a profile was first seen with.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn pinned(&self, profile: ProfileName) -> Result<Option<Pin>, LedgerError> {
        self.read("read the organisation", move |conn| get(conn, &profile))
            .await
    }

    /// Keeps a draft; one for each profile and kind.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn save_draft(
        &self,
        profile: ProfileName,
        kind: EnrichmentKind,
        draft: String,
    ) -> Result<(), LedgerError> {
        self.write("keep the draft", move |tx| {
            tx.conn
                .prepare_cached(
                    "INSERT INTO drafts (profile, kind, draft, saved_ms) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET draft = excluded.draft,
                         saved_ms = excluded.saved_ms",
                )?
                .execute(params![profile.as_str(), kind.as_str(), draft, tx.now_ms])?;
            Ok(())
        })
        .await
    }

    /// The draft that was kept.
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

/// A person signed in: this organisation is the right one. A sign-in that may not see the
/// organisation says nothing against the one that is known.
fn replace(tx: &Tx<'_>, profile: &ProfileName, pin: &Pin) -> Result<Pinned, Fault> {
    let before = get(tx.conn, profile)?;
    let known = before
        .clone()
        .filter(|known| !differ(known.org_id.as_ref(), pin.org_id.as_ref()))
        .unwrap_or_default();
    let pin = pin.clone();
    let merged = Pin {
        org_id: pin.org_id.or(known.org_id),
        org_name: pin.org_name.or(known.org_name),
        user_id: pin.user_id.or(known.user_id),
        user_name: pin.user_name.or(known.user_name),
        edition: pin.edition.or(known.edition),
    };
    tx.conn
        .prepare_cached("DELETE FROM pins WHERE profile = ?1")?
        .execute([profile.as_str()])?;
    put(tx, profile, &merged)?;
    Ok(match before {
        None => Pinned::First,
        Some(before) if before.org_id == merged.org_id => Pinned::Same,
        Some(before) => Pinned::Differs(before),
    })
}

fn put(tx: &Tx<'_>, profile: &ProfileName, pin: &Pin) -> Result<Pinned, Fault> {
    let before = get(tx.conn, profile)?;
    if let Some(before) = &before
        && (differ(before.org_id.as_ref(), pin.org_id.as_ref())
            || differ(before.user_id.as_ref(), pin.user_id.as_ref()))
    {
        return Ok(Pinned::Differs(before.clone()));
    }
    // Names and editions change; ids that were learned later are added.
    tx.conn
        .prepare_cached(
            "INSERT INTO pins (profile, org_id, org_name, user_id, user_name, edition, pinned_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET org_id = coalesce(org_id, excluded.org_id),
                 org_name = coalesce(excluded.org_name, org_name),
                 user_id = coalesce(user_id, excluded.user_id),
                 user_name = coalesce(excluded.user_name, user_name),
                 edition = coalesce(excluded.edition, edition)",
        )?
        .execute(params![
            profile.as_str(),
            pin.org_id,
            pin.org_name,
            pin.user_id,
            pin.user_name,
            pin.edition,
            tx.now_ms,
        ])?;
    Ok(match before {
        None => Pinned::First,
        Some(_) => Pinned::Same,
    })
}

/// What one side does not say is no difference.
fn differ(one: Option<&String>, other: Option<&String>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}
