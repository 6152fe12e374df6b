//! What a ledger has of somebody: the earlier requests that match, and strangers behind one key.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use crate::base::{AttemptId, EnrichmentKind, JobId, Outcome, RunId, Timestamp};
use crate::enrichment::identity::{KeyKind, Keys, Relation, SharedBecause, relation};
use crate::enrichment::verdict::{
    By, Difference, Match, Position, Seen, Shared, Standing, key_words, sort,
};

use super::attempt::ScopeKey;
use super::cells::Cells;
use super::counts::CHARGED;
use super::error::{Fault, LedgerError};
use super::forgotten::Forgotten;
use super::subject::places;
use super::times::{self, Now};

use super::subject::Asked;

/// Most earlier requests that are looked at for one key, the newest first. Each of them has cost a
/// unit, or may have.
const CANDIDATES_MAX: i64 = 256;
/// Most strangers behind a key that are looked at.
const STRANGERS_MAX: i64 = 3;

fn is_known(conn: &Connection, hash: &[u8; 16]) -> Result<bool, Fault> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM subject_keys WHERE hash = ?1 LIMIT 1")?
        .exists([hash])?)
}

/// Where it is looked.
pub(super) struct Place {
    kind: EnrichmentKind,
    /// The organisation's scopes, and those of which the organisation is not known.
    scopes: BTreeSet<i64>,
    position: Position,
    /// What the key of the ledger is checked by.
    proof: Option<[u8; 16]>,
    has_unkeyed: bool,
    forgotten: Forgotten,
    now: Now,
    server_now: Option<i64>,
}

impl Place {
    pub(super) fn of(
        conn: &Connection,
        scope: &ScopeKey,
        (kind, now): (EnrichmentKind, Now),
    ) -> Result<Self, Fault> {
        let position = conn
            .prepare_cached("SELECT coalesce(max(id), 0) AS last FROM subjects")?
            .query_row((), |row| row.get("last"))?;
        let unkeyed: i64 = conn
            .prepare_cached("SELECT coalesce(max(unkeyed), 0) AS n FROM hash_key")?
            .query_row((), |row| row.get("n"))?;
        Ok(Self {
            kind,
            scopes: compatible(conn, scope)?,
            position: Position(position),
            proof: super::key::kept_proof(conn)?,
            has_unkeyed: unkeyed > 0,
            forgotten: Forgotten::of(conn)?,
            server_now: times::server_now(conn, scope)?,
            now,
        })
    }

    /// What the ledger has of one request.
    pub(super) fn look(&self, conn: &Connection, asked: &Asked) -> Result<Seen, Fault> {
        if self.proof != Some(asked.subject.proof) {
            return Err(LedgerError::Refused(
                "the ledger has another key now than when this program opened it; nothing was sent; start again".to_owned(),
            )
            .into());
        }
        let mut found: Vec<Candidate> = Vec::new();
        let keys = &asked.subject.keys;
        let mut stronger = 0;
        let mut known = Vec::with_capacity(keys.keys.len());
        for (kind, hash) in &keys.keys {
            // Whoever is found under a key with a name is found under the key alone.
            if is_known(conn, hash)? {
                known.push((*kind, *hash));
                for place in places(keys, (*kind, *hash)) {
                    self.candidates(conn, (&place, stronger, CANDIDATES_MAX), &mut found)?;
                }
            }
            stronger |= kind.bit();
        }
        if keys.keys.is_empty() {
            self.candidates(conn, (&keys.inputs, 0, CANDIDATES_MAX), &mut found)?;
        }
        let mut matches: Vec<Match> = found
            .iter()
            .filter_map(|candidate| self.judge(candidate, asked))
            .collect();
        if self.has_unkeyed {
            matches.extend(self.unkeyed(conn, asked)?);
        }
        matches.extend(self.forgotten.look(conn, &asked.subject)?);
        sort(&mut matches);
        let shared = if matches.is_empty() {
            self.strangers(conn, (keys, &known))?
        } else {
            Vec::new()
        };
        Ok(Seen {
            matches,
            shared,
            position: self.position,
        })
    }

    fn candidates(
        &self,
        conn: &Connection,
        (hash, stronger, most): (&[u8; 16], u8, i64),
        found: &mut Vec<Candidate>,
    ) -> Result<(), Fault> {
        // CROSS: the index of the keys first, whatever SQLite thinks of the others.
        let mut statement = conn.prepare_cached(
            "SELECT s.id, s.scope, s.attempt, s.job, s.keys, a.outcome, a.started_ms, a.module,
                 a.record_id, a.run, a.row, a.process, a.job_id, j.status, j.at_ms, j.created_ms,
                 t.boot, t.boottime_ms, t.answered_ms
             FROM subject_keys k CROSS JOIN subjects s ON s.id = k.subject
                 LEFT JOIN attempts a ON a.id = s.attempt
                 LEFT JOIN jobs j ON j.scope = s.scope AND j.kind = s.kind
                     AND j.id = coalesce(s.job, a.job_id)
                 LEFT JOIN times t ON t.attempt = s.attempt
             WHERE k.hash = ?1 AND k.stronger & ?2 = 0
             ORDER BY k.subject DESC LIMIT ?3",
        )?;
        let mut rows = statement.query(params![hash, stronger, most])?;
        while let Some(row) = rows.next()? {
            let candidate = Candidate::read(row, self.kind)?;
            let is_new = !found
                .iter()
                .any(|other| other.position == candidate.position);
            if is_new && self.scopes.contains(&candidate.scope) {
                found.push(candidate);
            }
        }
        Ok(())
    }

    fn judge(&self, candidate: &Candidate, asked: &Asked) -> Option<Match> {
        let theirs = candidate.keys.as_ref()?;
        let by = match relation(&asked.subject.keys, theirs) {
            Relation::SameInputs => By::Request,
            Relation::SamePerson(key) => By::Key(key),
            Relation::SharedKey { .. } | Relation::None => return None,
        };
        let has_more = !asked.subject.keys.given.is_subset_of(theirs.given);
        Some(self.matched(candidate, asked, (by, has_more)))
    }

    fn matched(&self, candidate: &Candidate, asked: &Asked, (by, has_more): (By, bool)) -> Match {
        let is_other_record = candidate.attempt.is_some()
            && (candidate.module.as_deref() != Some(asked.module.as_str())
                || candidate.record_id != asked.record_id);
        let mut differs = Vec::new();
        if is_other_record {
            differs.push(Difference::OtherRecord);
        }
        if has_more {
            differs.push(Difference::MoreInputs);
        }
        differs.extend(candidate.status.as_deref().and_then(came_to_nothing));
        let by = match by {
            // All inputs are equal, and yet it is another request: it is known by its strongest key.
            By::Request if is_other_record => asked
                .subject
                .keys
                .keys
                .first()
                .map_or(By::Request, |(key, _)| By::Key(*key)),
            by => by,
        };
        Match {
            standing: Standing::Already,
            position: candidate.position,
            attempt: candidate.attempt,
            run: candidate.run,
            job_id: candidate.job_id.clone(),
            outcome: candidate.outcome,
            status: candidate.status.clone(),
            at: candidate.at,
            age_proven: self.now.proven(&candidate.made, self.server_now),
            by,
            differs,
        }
    }

    /// Attempts of which only the hash of older ledgers is known.
    fn unkeyed(&self, conn: &Connection, asked: &Asked) -> Result<Vec<Match>, Fault> {
        let mut statement = conn.prepare_cached(&format!(
            "SELECT 0, a.scope, a.id, NULL, NULL, a.outcome, a.started_ms, a.module, a.record_id,
                 a.run, a.row, a.process, a.job_id, j.status, j.at_ms, j.created_ms, t.boot,
                 t.boottime_ms, t.answered_ms
             FROM attempts a INDEXED BY attempts_fingerprint
                 LEFT JOIN jobs j ON j.attempt = a.id
                 LEFT JOIN times t ON t.attempt = a.id
             WHERE a.fingerprint = ?1 AND a.kind = ?2 AND a.outcome IN {CHARGED}
                 AND NOT EXISTS (SELECT 1 FROM subjects s WHERE s.attempt = a.id)
             ORDER BY a.id DESC LIMIT ?3"
        ))?;
        let rows = statement.query_map(
            params![
                asked.subject.fingerprint.0,
                self.kind.as_str(),
                CANDIDATES_MAX
            ],
            |row| Candidate::read(row, self.kind),
        )?;
        let mut found = Vec::new();
        for row in rows {
            let candidate = row?;
            if self.scopes.contains(&candidate.scope) {
                found.push(self.matched(&candidate, asked, (By::Request, false)));
            }
        }
        Ok(found)
    }

    /// Who else is behind a key of the request.
    fn strangers(
        &self,
        conn: &Connection,
        (keys, known): (&Keys, &[(KeyKind, [u8; 16])]),
    ) -> Result<Vec<Shared>, Fault> {
        let mut told = Vec::new();
        for (kind, hash) in known {
            let mut found = Vec::new();
            self.candidates(conn, (hash, 0, STRANGERS_MAX), &mut found)?;
            let stranger = found.iter().find_map(|candidate| {
                let theirs = candidate.keys.as_ref()?;
                match relation(keys, theirs) {
                    Relation::SharedKey { key, because } if key == *kind => {
                        Some((candidate, because))
                    }
                    Relation::SharedKey { .. }
                    | Relation::SameInputs
                    | Relation::SamePerson(_)
                    | Relation::None => None,
                }
            });
            if let Some((candidate, because)) = stranger {
                told.push(Shared {
                    key: *kind,
                    attempt: candidate.attempt,
                    job_id: candidate.job_id.clone(),
                    because: match because {
                        SharedBecause::OtherName => "with another name".to_owned(),
                        SharedBecause::Differs(key) => {
                            format!("with another {}", key_words(key))
                        }
                    },
                });
            }
        }
        Ok(told)
    }
}

/// The statuses that say that nothing came of a job.
fn came_to_nothing(status: &str) -> Option<Difference> {
    match status {
        "DATA_NOT_FOUND" => Some(Difference::NotFound),
        "FAILED" => Some(Difference::Failed),
        _ => None,
    }
}

struct Candidate {
    position: Position,
    scope: i64,
    attempt: Option<AttemptId>,
    job_id: Option<JobId>,
    keys: Option<Keys>,
    outcome: Option<Outcome>,
    at: Timestamp,
    module: Option<String>,
    record_id: Option<String>,
    run: Option<RunId>,
    status: Option<String>,
    made: times::Made,
}

impl Candidate {
    fn read(row: &rusqlite::Row<'_>, kind: EnrichmentKind) -> rusqlite::Result<Self> {
        let mut cells = Cells::of(row);
        let position = Position(cells.take()?);
        let scope = cells.take()?;
        let attempt = cells.take::<Option<i64>>()?.map(AttemptId);
        let listed: Option<JobId> = cells.word_or_none()?;
        let keys: Option<Vec<u8>> = cells.take()?;
        let outcome: Option<Outcome> = cells.word_or_none()?;
        let started = cells.time_or_none()?;
        let (module, record_id) = (cells.take()?, cells.take()?);
        let run = cells.take::<Option<i64>>()?.map(RunId);
        let _row: Option<i64> = cells.take()?;
        let _process: Option<String> = cells.take()?;
        let own: Option<JobId> = cells.word_or_none()?;
        let status = cells.take()?;
        let (seen, created): (Option<Timestamp>, Option<i64>) =
            (cells.time_or_none()?, cells.take()?);
        let made = times::Made {
            boot: cells.take()?,
            boottime_ms: cells.take()?,
            server_ms: cells.take::<Option<i64>>()?.or(created),
        };
        Ok(Self {
            position,
            scope,
            attempt,
            job_id: own.or(listed),
            keys: keys.and_then(|bytes| Keys::from_bytes(kind, &bytes)),
            outcome,
            at: started.or(seen).unwrap_or_default(),
            module,
            record_id,
            run,
            status,
            made,
        })
    }
}

/// The scopes whose units could be the same organisation's: its own, and those of the same server
/// whose organisation nobody knows; all of the server, where its own is not known.
fn compatible(conn: &Connection, scope: &ScopeKey) -> Result<BTreeSet<i64>, Fault> {
    let server = scope.prefix();
    let mut statement = conn.prepare_cached("SELECT id, key FROM scopes WHERE key >= ?1")?;
    let mut rows = statement.query([&server])?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let (id, key): (i64, String) = (row.get("id")?, row.get("key")?);
        let Some(rest) = key.strip_prefix(&server) else {
            continue;
        };
        let is_unknown = !rest.starts_with("org:");
        if key == scope.as_str() || is_unknown || !scope.is_of_org() {
            found.insert(id);
        }
    }
    Ok(found)
}
