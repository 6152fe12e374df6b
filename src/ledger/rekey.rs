//! Hashing all that a ledger has with a key: at the upgrade to format 3, when a key that was missing
//! is back, and when a person says that a new one is to be made.
//!
//! What still has its inputs is hashed; of the rest it is counted how many that are. The index is
//! filled in order, a million attempts at a time, so that it is written once and not page by page.

use rusqlite::{Connection, params};

use crate::base::EnrichmentKind;
use crate::enrichment::Draft;
use crate::enrichment::echo::readable;
use crate::enrichment::identity::{Identity, Keys};

use super::attempt::ScopeKey;
use super::cells::Cells;
use super::counts::CHARGED;
use super::error::Fault;
use super::key::{proof, sign};
use super::subject::names;

/// Entries of the index that are sorted at once: some 100 MB.
const SORTED_AT_ONCE: usize = 4_000_000;

/// What hashing found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rekeyed {
    /// Attempts and jobs that are known by their keys now.
    pub hashed: u64,
    /// Attempts that count and whose inputs are gone: they cannot be compared.
    pub not_comparable: u64,
}

/// Hashes everything anew.
pub(super) fn rekey(
    conn: &Connection,
    key: &aws_lc_rs::hmac::Key,
    uuid: &str,
) -> Result<Rekeyed, Fault> {
    conn.execute_batch("DELETE FROM subject_keys; DELETE FROM subjects")?;
    let mut filler = Filler::default();
    attempts(conn, key, &mut filler)?;
    jobs(conn, key, &mut filler)?;
    filler.flush(conn)?;
    let unkeyed: i64 = conn.query_row(
        &format!(
            "SELECT count(*) AS n FROM attempts a WHERE a.outcome IN {CHARGED}
                 AND NOT EXISTS (SELECT 1 FROM subjects s WHERE s.attempt = a.id)"
        ),
        (),
        |row| row.get("n"),
    )?;
    conn.execute(
        "INSERT INTO hash_key (one, proof, unkeyed) VALUES (1, ?1, ?2)
         ON CONFLICT DO UPDATE SET proof = excluded.proof, unkeyed = excluded.unkeyed",
        params![proof(key, uuid), unkeyed],
    )?;
    Ok(Rekeyed {
        hashed: filler.hashed,
        not_comparable: u64::try_from(unkeyed).unwrap_or(0),
    })
}

/// Notes that there is no key yet: nothing is hashed, and nothing is sent.
pub(super) fn without_key(conn: &Connection) -> Result<(), Fault> {
    conn.execute(
        "INSERT INTO hash_key (one, proof, unkeyed) VALUES (1, NULL, 0) ON CONFLICT DO NOTHING",
        (),
    )?;
    Ok(())
}

/// Whether the key made the hashes that the newest attempts have. A ledger of format 2 has nothing
/// else to check its key by; where it has no inputs at all, nothing speaks against the key.
pub(super) fn made_by(conn: &Connection, key: &aws_lc_rs::hmac::Key) -> Result<bool, Fault> {
    let mut statement = conn.prepare(
        "SELECT kind, module, inputs, fingerprint FROM attempts
         WHERE inputs IS NOT NULL ORDER BY id DESC LIMIT 20",
    )?;
    let mut rows = statement.query(())?;
    let mut is_empty = true;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let (kind, module, inputs): (EnrichmentKind, String, String) =
            (cells.word()?, cells.take()?, cells.take()?);
        let print = cells.fingerprint()?;
        let Ok(draft) = Draft::new(kind, &module).with_json(&inputs) else {
            continue;
        };
        if sign(key, draft.canonical().as_bytes()) == print.0 {
            return Ok(true);
        }
        is_empty = false;
    }
    Ok(is_empty)
}

#[derive(Default)]
struct Filler {
    index: Vec<([u8; 16], i64, u8)>,
    hashed: u64,
}

impl Filler {
    fn keep(
        &mut self,
        conn: &Connection,
        (scope, kind): (i64, EnrichmentKind),
        (attempt, job): (Option<i64>, Option<&str>),
        keys: &Keys,
    ) -> Result<(), Fault> {
        let id: i64 = conn
            .prepare_cached(
                "INSERT INTO subjects (scope, kind, attempt, job, keys)
                 VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
            )?
            .query_row(
                params![scope, kind.as_str(), attempt, job, keys.to_bytes()],
                |row| row.get("id"),
            )?;
        self.hashed += 1;
        let entries = names(keys).into_iter();
        self.index
            .extend(entries.map(|(hash, stronger)| (hash, id, stronger)));
        if self.index.len() >= SORTED_AT_ONCE {
            self.flush(conn)?;
        }
        Ok(())
    }

    fn flush(&mut self, conn: &Connection) -> Result<(), Fault> {
        self.index.sort_unstable();
        self.index.dedup_by_key(|(hash, id, _)| (*hash, *id));
        let mut insert = conn.prepare_cached(
            "INSERT INTO subject_keys (hash, subject, stronger) VALUES (?1, ?2, ?3)",
        )?;
        for (hash, id, stronger) in self.index.drain(..) {
            insert.execute(params![hash, id, stronger])?;
        }
        Ok(())
    }
}

fn attempts(
    conn: &Connection,
    key: &aws_lc_rs::hmac::Key,
    filler: &mut Filler,
) -> Result<(), Fault> {
    let mut statement = conn.prepare(&format!(
        "SELECT a.id, a.scope, a.kind, a.data_center, a.environment, a.inputs
         FROM attempts a NOT INDEXED
         WHERE a.outcome IN {CHARGED} AND a.inputs IS NOT NULL ORDER BY a.id"
    ))?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let (id, scope): (i64, i64) = (cells.take()?, cells.take()?);
        let kind: EnrichmentKind = cells.word()?;
        let server = ScopeKey::server(cells.word()?, cells.word()?);
        let inputs: String = cells.take()?;
        if let Some(keys) = keys_of_inputs(key, (&server, kind), &inputs) {
            filler.keep(conn, (scope, kind), (Some(id), None), &keys)?;
        }
    }
    Ok(())
}

fn jobs(conn: &Connection, key: &aws_lc_rs::hmac::Key, filler: &mut Filler) -> Result<(), Fault> {
    let mut statement = conn.prepare(
        "SELECT j.scope, j.kind, j.id, s.key, j.enrich_based_on
         FROM jobs j JOIN scopes s ON s.id = j.scope
         WHERE j.attempt IS NULL AND j.enrich_based_on IS NOT NULL",
    )?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let (scope, kind): (i64, EnrichmentKind) = (cells.take()?, cells.word()?);
        let job: String = cells.take()?;
        let server: ScopeKey = cells.word()?;
        let told: String = cells.take()?;
        if let Some(keys) = keys_of_job(key, (&server, kind), &told) {
            filler.keep(conn, (scope, kind), (None, Some(&job)), &keys)?;
        }
    }
    Ok(())
}

/// The keys of an attempt's inputs, as they are kept; `None` where they cannot be read.
pub(super) fn keys_of_inputs(
    key: &aws_lc_rs::hmac::Key,
    (server, kind): (&str, EnrichmentKind),
    inputs: &str,
) -> Option<Keys> {
    let draft = Draft::new(kind, "").with_json(inputs).ok()?;
    Some(Identity::of(&draft).keyed(server, |bytes| sign(key, bytes)))
}

/// The keys of what a server tells that a job was asked; `None` where it tells nothing.
pub(super) fn keys_of_job(
    key: &aws_lc_rs::hmac::Key,
    (scope, kind): (&ScopeKey, EnrichmentKind),
    told: &str,
) -> Option<Keys> {
    let based_on = serde_json::from_str(told).ok()?;
    let draft = readable(kind, &based_on);
    if draft.is_empty() {
        return None;
    }
    let prefix = scope.prefix();
    let server = prefix.trim_end_matches('/');
    Some(Identity::of(&draft).keyed(server, |bytes| sign(key, bytes)))
}
