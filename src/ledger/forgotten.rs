//! Whom nobody is to ask about any more: keyed hashes that every request is compared with before it is
//! recorded, whatever its kind and whatever became of the earlier ones. Only taking the decision back
//! lifts that.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use crate::base::{EnrichmentKind, Timestamp};
use crate::enrichment::identity::{Keys, Relation, relation};
use crate::enrichment::verdict::{By, Match};

use super::cells::Cells;
use super::error::Fault;
use super::migrate::{FORGETS, version};
use super::subject::{Subject, names, places};

/// Most people behind one hash that are compared.
const CANDIDATES_MAX: i64 = 256;

/// The people who were forgotten, as far as there are any.
pub(super) struct Forgotten {
    is_any: bool,
}

/// Somebody who was forgotten.
struct Found {
    decision: i64,
    at: Timestamp,
    by: By,
}

impl Forgotten {
    pub(super) fn of(conn: &Connection) -> Result<Self, Fault> {
        let is_any = version(conn)? >= FORGETS
            && conn
                .prepare_cached("SELECT 1 FROM forgotten LIMIT 1")?
                .exists(())?;
        Ok(Self { is_any })
    }

    /// Whether there are any.
    pub(super) fn is_any(&self) -> bool {
        self.is_any
    }

    /// Whether whoever a request asks about was forgotten.
    pub(super) fn look(&self, conn: &Connection, asked: &Subject) -> Result<Option<Match>, Fault> {
        let first = self.all(conn, asked)?.into_iter().next();
        Ok(first.map(|found| Match::forgotten(found.at, found.by)))
    }

    /// Whether a job is one of somebody who was forgotten, by its own hash or by what it was made of; then
    /// its hash is kept.
    pub(super) fn keeps_job(
        &self,
        conn: &Connection,
        (job, based_on): (&[u8; 16], &Keys),
    ) -> Result<bool, Fault> {
        if has_job(conn, job)? {
            return Ok(true);
        }
        let Some(found) = by_keys(conn, based_on)?.into_iter().next() else {
            return Ok(false);
        };
        keep_hash(conn, (found.decision, based_on.kind), job)?;
        Ok(true)
    }

    /// The decisions that forgot whoever a request asks about.
    pub(super) fn decisions(
        &self,
        conn: &Connection,
        asked: &Subject,
    ) -> Result<BTreeSet<i64>, Fault> {
        let found = self.all(conn, asked)?;
        Ok(found.into_iter().map(|found| found.decision).collect())
    }

    fn all(&self, conn: &Connection, asked: &Subject) -> Result<Vec<Found>, Fault> {
        if !self.is_any {
            return Ok(Vec::new());
        }
        // Of whom nothing but hashes of one data centre was left, those are what is known.
        let mut found = by_keys(conn, &asked.everywhere)?;
        found.extend(by_keys(conn, &asked.keys)?);
        for keys in &asked.elsewhere {
            found.extend(by_keys(conn, keys)?);
        }
        if let Some(record) = &asked.record {
            found.extend(by_hash(conn, record, By::Record)?);
        }
        Ok(found)
    }
}

fn by_keys(conn: &Connection, mine: &Keys) -> Result<Vec<Found>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT f.decision, d.at_ms, f.kind, f.keys FROM forgotten_keys k
             CROSS JOIN forgotten f ON f.id = k.forgotten JOIN decisions d ON d.id = f.decision
         WHERE k.hash = ?1 AND k.stronger & ?2 = 0 AND f.keys IS NOT NULL
         ORDER BY k.forgotten LIMIT ?3",
    )?;
    let mut found = Vec::new();
    let mut look = |(hash, stronger): ([u8; 16], u8)| -> Result<(), Fault> {
        let mut rows = statement.query(params![hash, stronger, CANDIDATES_MAX])?;
        while let Some(row) = rows.next()? {
            let mut cells = Cells::of(row);
            let (decision, at) = (cells.take()?, cells.time()?);
            let kind: EnrichmentKind = cells.word()?;
            let bytes: Vec<u8> = cells.take()?;
            let theirs = Keys::from_bytes(kind, &bytes);
            let by = match theirs.map(|theirs| relation(mine, &theirs)) {
                // By whatever they are known: what they had asked for may be another thing.
                Some(Relation::SameInputs) => mine
                    .keys
                    .first()
                    .map_or(By::Request, |(key, _)| By::Key(*key)),
                Some(Relation::SamePerson(key)) => By::Key(key),
                Some(Relation::SharedKey { .. } | Relation::None) | None => continue,
            };
            found.push(Found { decision, at, by });
        }
        Ok(())
    };
    let mut stronger = 0;
    for (kind, hash) in &mine.keys {
        for place in places(mine, (*kind, *hash)) {
            look((place, stronger))?;
        }
        stronger |= kind.bit();
    }
    if mine.keys.is_empty() {
        look((mine.inputs, 0))?;
    }
    Ok(found)
}

fn by_hash(conn: &Connection, hash: &[u8; 16], by: By) -> Result<Option<Found>, Fault> {
    use rusqlite::OptionalExtension as _;
    Ok(conn
        .prepare_cached(
            "SELECT f.decision, d.at_ms FROM forgotten_keys k
                 JOIN forgotten f ON f.id = k.forgotten JOIN decisions d ON d.id = f.decision
             WHERE k.hash = ?1 AND f.keys IS NULL LIMIT 1",
        )?
        .query_row([hash], |row| {
            let mut cells = Cells::of(row);
            Ok(Found {
                decision: cells.take()?,
                at: cells.time()?,
                by,
            })
        })
        .optional()?)
}

/// Whether a job is known as one of somebody who was forgotten: what it found is not kept.
pub(super) fn has_job(conn: &Connection, job: &[u8; 16]) -> Result<bool, Fault> {
    Ok(by_hash(conn, job, By::Request)?.is_some())
}

/// Keeps whom a decision forgot. By an address that others have as well they are known only together with
/// the name.
pub(super) fn keep(
    conn: &Connection,
    decision: i64,
    (keys, shared): (&Keys, &BTreeSet<[u8; 16]>),
) -> Result<(), Fault> {
    let mut keys = keys.clone();
    if keys.name.is_none() {
        keys.keys.retain(|(_, hash)| !shared.contains(hash));
    }
    let id = insert(conn, (decision, keys.kind), Some(&keys.to_bytes()))?;
    for (hash, stronger) in names(&keys) {
        if !shared.contains(&hash) {
            index(conn, (&hash, id, stronger))?;
        }
    }
    Ok(())
}

/// Keeps a record or a job of somebody whom a decision forgot.
pub(super) fn keep_hash(
    conn: &Connection,
    (decision, kind): (i64, EnrichmentKind),
    hash: &[u8; 16],
) -> Result<(), Fault> {
    let id = insert(conn, (decision, kind), None)?;
    index(conn, (hash, id, 0))
}

fn insert(
    conn: &Connection,
    (decision, kind): (i64, EnrichmentKind),
    keys: Option<&[u8]>,
) -> Result<i64, Fault> {
    Ok(conn
        .prepare_cached(
            "INSERT INTO forgotten (decision, kind, keys) VALUES (?1, ?2, ?3) RETURNING id",
        )?
        .query_row(params![decision, kind.as_str(), keys], |row| row.get("id"))?)
}

fn index(conn: &Connection, (hash, id, stronger): (&[u8; 16], i64, u8)) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO forgotten_keys (hash, forgotten, stronger) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![hash, id, stronger])?;
    Ok(())
}

/// Takes decisions back: whom they forgot can be asked about again.
pub(super) fn lift(conn: &Connection, decisions: &BTreeSet<i64>) -> Result<(), Fault> {
    for decision in decisions {
        conn.prepare_cached(
            "DELETE FROM forgotten_keys WHERE forgotten IN (
                 SELECT id FROM forgotten WHERE decision = ?1)",
        )?
        .execute([decision])?;
        conn.prepare_cached("DELETE FROM forgotten WHERE decision = ?1")?
            .execute([decision])?;
    }
    Ok(())
}

/// How many decisions to forget somebody stand.
pub(super) fn count(conn: &Connection) -> Result<u64, Fault> {
    if version(conn)? < FORGETS {
        return Ok(0);
    }
    Ok(conn
        .prepare_cached("SELECT count(DISTINCT decision) AS n FROM forgotten")?
        .query_row((), |row| Cells::of(row).count())?)
}

/// Drops all of it: another key knows nobody of them again.
pub(super) fn drop_all(conn: &Connection) -> Result<(), Fault> {
    Ok(conn.execute_batch("DELETE FROM forgotten_keys; DELETE FROM forgotten")?)
}
