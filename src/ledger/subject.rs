//! What each attempt asked about, as keyed hashes: written with the attempt, found by any of them.
//!
//! Only what may have spent a unit is kept: an attempt that came to nothing takes its keys with it.
//! A purge leaves them, so that the person is known afterwards.

use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{AttemptId, EnrichmentKind, JobId, front};
use crate::enrichment::Draft;
use crate::enrichment::identity::{Identity, KeyKind, Keys};
use crate::enrichment::person::named_elsewhere;

use super::attempt::Fingerprint;
use super::error::Fault;
use super::key::{ProvenKey, sign};

/// What a request asks about, as a ledger compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The keys, as this data centre and environment has them.
    pub keys: Keys,
    /// The keys, whatever the data centre and the environment: by these somebody is forgotten.
    pub everywhere: Keys,
    /// Whoever is named in the field of something else, here and everywhere.
    pub elsewhere: Vec<Keys>,
    /// The record that is named, as a hash.
    pub record: Option<[u8; 16]>,
    /// The hash under which ledgers of format 2 and older know the same inputs.
    pub fingerprint: Fingerprint,
    /// Which key made them.
    pub(super) proof: [u8; 16],
}

/// A request that is looked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What it asks about.
    pub subject: Subject,
    /// The module's API name.
    pub module: String,
    /// The record, if one is named.
    pub record_id: Option<String>,
}

impl Subject {
    pub(super) fn of(draft: &Draft, server: &str, (key, proof): &ProvenKey) -> Self {
        let hash = |bytes: &[u8]| sign(key, bytes);
        let identity = Identity::of(draft);
        Self {
            keys: identity.keyed(server, hash),
            everywhere: identity.keyed(EVERYWHERE, hash),
            elsewhere: elsewhere(draft, &[server, EVERYWHERE], key),
            record: record_hash(key, &draft.record()),
            fingerprint: Fingerprint(hash(draft.canonical().as_bytes())),
            proof: *proof,
        }
    }
}

/// What goes into the hashes of [`Subject::everywhere`] instead of a data centre and an environment.
const EVERYWHERE: &str = "";

/// Whom a draft asks about, whatever the data centre and the environment.
pub(super) fn everywhere(draft: &Draft, key: &hmac::Key) -> Keys {
    Identity::of(draft).keyed(EVERYWHERE, |bytes| sign(key, bytes))
}

/// Whoever a draft names in the field of something else, as it is known at these places.
fn elsewhere(draft: &Draft, places: &[&str], key: &hmac::Key) -> Vec<Keys> {
    let named = named_elsewhere(draft);
    let named = named.iter().map(Identity::of);
    let hash = |bytes: &[u8]| sign(key, bytes);
    named
        .flat_map(|identity| {
            places
                .iter()
                .map(move |place| identity.keyed(place, hash))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whoever a draft names in the field of something else, whatever the data centre and the environment.
pub(super) fn elsewhere_everywhere(draft: &Draft, key: &hmac::Key) -> Vec<Keys> {
    elsewhere(draft, &[EVERYWHERE], key)
}

/// The hash of a record's id, which no other record has, in whatever organisation.
pub(super) fn record_hash(key: &hmac::Key, id: &str) -> Option<[u8; 16]> {
    (!id.is_empty()).then(|| front(&sign(key, format!("record\0{id}").as_bytes())))
}

/// The hash of a job.
pub(super) fn job_hash(
    key: &hmac::Key,
    (scope, kind): (i64, EnrichmentKind),
    job: &str,
) -> [u8; 16] {
    front(&sign(
        key,
        format!("job\0{scope}\0{kind}\0{job}").as_bytes(),
    ))
}

/// The names under which a subject is found, each with the stronger keys that it has.
///
/// A page or an address is found by itself, and together with the name beside it; then a shared
/// mailbox of ten thousand people is no scan. Without any key, all inputs together are one.
pub(super) fn names(keys: &Keys) -> Vec<([u8; 16], u8)> {
    let mut stronger = 0;
    let mut found = Vec::with_capacity(2 * keys.keys.len().max(1));
    for (kind, hash) in &keys.keys {
        found.push((*hash, stronger));
        if !kind.is_name_key() {
            found.push((with_name(hash, keys.name), stronger));
        }
        stronger |= kind.bit();
    }
    if keys.keys.is_empty() {
        found.push((keys.inputs, 0));
    }
    found
}

/// The name that the fewest subjects share with whoever has the same inputs.
pub(super) fn narrowest(keys: &Keys) -> [u8; 16] {
    match keys.keys.first() {
        Some((kind, hash)) if !kind.is_name_key() => with_name(hash, keys.name),
        Some((_, hash)) => *hash,
        None => keys.inputs,
    }
}

/// Where a match of the key can lie, for somebody with these keys.
pub(super) fn places(keys: &Keys, (kind, hash): (KeyKind, [u8; 16])) -> Vec<[u8; 16]> {
    match keys.name {
        Some(name) if !kind.is_name_key() => {
            vec![with_name(&hash, Some(name)), with_name(&hash, None)]
        }
        // Whoever gives no name is the same as everybody behind the key.
        Some(_) | None => vec![hash],
    }
}

/// The key together with a name, or with none. Both are keyed hashes, so their combination tells
/// nothing either.
fn with_name(hash: &[u8; 16], name: Option<[u8; 8]>) -> [u8; 16] {
    const NO_NAME: [u8; 8] = *b"\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5";
    let mut out = *hash;
    match name {
        Some(name) => out.iter_mut().zip(name).for_each(|(to, from)| *to ^= from),
        None => {
            let tail = out.iter_mut().skip(8);
            tail.zip(NO_NAME).for_each(|(to, from)| *to ^= from);
        }
    }
    out
}

/// Whose a subject is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'a> {
    /// An attempt's.
    Attempt(AttemptId),
    /// A job's of somebody else.
    Job(&'a JobId),
}

/// Keeps what was asked about.
pub(super) fn keep(
    conn: &Connection,
    (scope, kind): (i64, EnrichmentKind),
    owner: Owner<'_>,
    keys: &Keys,
) -> Result<(), Fault> {
    let (attempt, job) = match owner {
        Owner::Attempt(id) => (Some(id.0), None),
        Owner::Job(job) => (None, Some(job.as_str())),
    };
    let id: Option<i64> = conn
        .prepare_cached(
            "INSERT INTO subjects (scope, kind, attempt, job, keys) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING RETURNING id",
        )?
        .query_row(
            params![scope, kind.as_str(), attempt, job, keys.to_bytes()],
            |row| row.get("id"),
        )
        .optional()?;
    let Some(id) = id else {
        return Ok(());
    };
    for (hash, stronger) in names(keys) {
        conn.prepare_cached(
            "INSERT INTO subject_keys (hash, subject, stronger) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![hash, id, stronger])?;
    }
    Ok(())
}

/// Keeps what a server tells that a job was asked: it may have told something else before.
pub(super) fn keep_of_job(
    conn: &Connection,
    (scope, kind): (i64, EnrichmentKind),
    job: &JobId,
    keys: &Keys,
) -> Result<(), Fault> {
    let before: Option<Vec<u8>> = conn
        .prepare_cached("SELECT keys FROM subjects WHERE scope = ?1 AND kind = ?2 AND job = ?3")?
        .query_row(params![scope, kind.as_str(), job.as_str()], |row| {
            row.get("keys")
        })
        .optional()?;
    if before.is_some_and(|before| before == keys.to_bytes()) {
        return Ok(());
    }
    forget_job(conn, (scope, kind), job.as_str())?;
    keep(conn, (scope, kind), Owner::Job(job), keys)
}

/// Forgets an attempt that came to nothing.
pub(super) fn forget_attempt(conn: &Connection, id: AttemptId) -> Result<(), Fault> {
    let found = conn
        .prepare_cached("SELECT id, kind, keys FROM subjects WHERE attempt = ?1")?
        .query_row([id.0], read)
        .optional()?;
    forget(conn, found)
}

/// Forgets a job that turned out to be an attempt's: that one has its own keys.
pub(super) fn forget_job(
    conn: &Connection,
    (scope, kind): (i64, EnrichmentKind),
    job: &str,
) -> Result<(), Fault> {
    let found = conn
        .prepare_cached(
            "SELECT id, kind, keys FROM subjects WHERE scope = ?1 AND kind = ?2 AND job = ?3",
        )?
        .query_row(params![scope, kind.as_str(), job], read)
        .optional()?;
    forget(conn, found)
}

/// Forgets all subjects of a scope that a condition on `?1` names.
pub(super) fn forget_where(conn: &Connection, which: &str, scope: i64) -> Result<(), Fault> {
    let found: Vec<Found> = conn
        .prepare(&format!(
            "SELECT id, kind, keys FROM subjects WHERE {which}"
        ))?
        .query_map([scope], read)?
        .collect::<Result<_, _>>()?;
    found
        .into_iter()
        .try_for_each(|found| forget(conn, Some(found)))
}

type Found = (i64, EnrichmentKind, Vec<u8>);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
    let mut cells = super::cells::Cells::of(row);
    Ok((cells.take()?, cells.word()?, cells.take()?))
}

fn forget(conn: &Connection, found: Option<Found>) -> Result<(), Fault> {
    let Some((id, kind, bytes)) = found else {
        return Ok(());
    };
    if let Some(keys) = Keys::from_bytes(kind, &bytes) {
        for (hash, _) in names(&keys) {
            conn.prepare_cached("DELETE FROM subject_keys WHERE hash = ?1 AND subject = ?2")?
                .execute(params![hash, id])?;
        }
    }
    conn.prepare_cached("DELETE FROM subjects WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}
