//! Attempts without an answer whose job stands in the server's list already: one unit each, not two.
//!
//! Such a job is nobody's until reconcile has proven whose it is, and the attempt counts as spent until
//! then. Where the job was read, and was made of exactly what the attempt sent at the time when it was
//! sent, the two are counted once. This decides nothing of the attempt: it stays unknown.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::base::limits::CLOCKS_APART;
use crate::base::{EnrichmentKind, JobId};
use crate::enrichment::identity::Keys;

use super::attempt::ScopeKey;
use super::cells::Cells;
use super::dispatch::find_scope;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::subject::narrowest;

/// Most jobs that are looked at for one attempt, the newest first.
const JOBS_MAX: i64 = 64;

/// Most jobs that are read for one answer of the usage: a call, and API credits, each.
const READ_MAX: i64 = 50;

/// From when to when a server may have made the job of an attempt, in milliseconds.
type Span = (i64, i64);

impl Ledger {
    /// Jobs of nobody that were made when an attempt got no answer, and that nobody has read yet: the
    /// newest, and no more than may be read for an answer of the usage.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn unread_beside(
        &self,
        scope: ScopeKey,
        kind: EnrichmentKind,
    ) -> Result<Vec<JobId>, LedgerError> {
        self.read("look for jobs of nobody", move |conn| {
            let Some(scope) = find_scope(conn, scope.as_str())? else {
                return Ok(Vec::new());
            };
            let mut statement = conn.prepare_cached(
                "SELECT j.id FROM jobs j
                 WHERE j.scope = ?1 AND j.kind = ?2 AND j.attempt IS NULL
                     AND j.enrich_based_on IS NULL
                     AND EXISTS (SELECT 1 FROM attempts a INDEXED BY attempts_open
                         WHERE a.scope = ?1 AND a.kind = ?2
                             AND a.outcome IN ('sending', 'unknown', 'unknown (accepted)')
                             AND a.outcome <> 'sending'
                             AND j.at_ms BETWEEN a.started_ms - ?3 AND a.settled_ms + ?3)
                 ORDER BY j.at_ms DESC LIMIT ?4",
            )?;
            let key = params![scope, kind.as_str(), apart_ms(), READ_MAX];
            let found = statement.query_map(key, |row| Cells::of(row).word())?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn apart_ms() -> i64 {
    i64::try_from(CLOCKS_APART.as_millis()).unwrap_or(i64::MAX)
}

/// Jobs that are counted as attempts without an answer: how many of each creator, as the server names
/// them.
pub(super) fn listed(
    conn: &Connection,
    (scope, kind): (i64, EnrichmentKind),
) -> Result<BTreeMap<String, u64>, Fault> {
    let mut names = BTreeMap::new();
    for (keys, spans) in open(conn, (scope, kind))? {
        let jobs = foreign(conn, (scope, kind), &keys)?;
        for name in pairs(spans, jobs) {
            *names.entry(name).or_default() += 1;
        }
    }
    Ok(names)
}

/// The attempts without an answer, those with the same inputs together.
fn open(
    conn: &Connection,
    (scope, kind): (i64, EnrichmentKind),
) -> Result<Vec<(Keys, Vec<Span>)>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT a.started_ms, a.settled_ms, s.keys
         FROM attempts a INDEXED BY attempts_open CROSS JOIN subjects s ON s.attempt = a.id
         WHERE a.scope = ?1 AND a.kind = ?2
             AND a.outcome IN ('sending', 'unknown', 'unknown (accepted)')",
    )?;
    let mut rows = statement.query(params![scope, kind.as_str()])?;
    let mut found: BTreeMap<[u8; 16], (Keys, Vec<Span>)> = BTreeMap::new();
    let apart = apart_ms();
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let (started, settled): (i64, Option<i64>) = (cells.take()?, cells.take()?);
        let bytes: Vec<u8> = cells.take()?;
        if let Some(keys) = Keys::from_bytes(kind, &bytes) {
            let until = settled.map_or(i64::MAX, |settled| settled.saturating_add(apart));
            let group = found.entry(keys.inputs).or_insert((keys, Vec::new()));
            group.1.push((started.saturating_sub(apart), until));
        }
    }
    Ok(found.into_values().collect())
}

/// Jobs of nobody that were made of exactly this: when each was made, and by whom.
fn foreign(
    conn: &Connection,
    (scope, kind): (i64, EnrichmentKind),
    keys: &Keys,
) -> Result<Vec<(i64, String)>, Fault> {
    // CROSS: the index of the keys first, whatever SQLite thinks of the others.
    let mut statement = conn.prepare_cached(
        "SELECT j.at_ms, coalesce(j.created_by_name, j.created_by_id, ''), s.keys
         FROM subject_keys k CROSS JOIN subjects s ON s.id = k.subject
             CROSS JOIN jobs j ON j.scope = s.scope AND j.kind = s.kind AND j.id = s.job
         WHERE k.hash = ?1 AND s.scope = ?2 AND s.kind = ?3 AND j.attempt IS NULL
         ORDER BY k.subject DESC LIMIT ?4",
    )?;
    let name = narrowest(keys);
    let mut rows = statement.query(params![name, scope, kind.as_str(), JOBS_MAX])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let (at, by): (i64, String) = (cells.take()?, cells.take()?);
        let bytes: Vec<u8> = cells.take()?;
        if Keys::from_bytes(kind, &bytes).is_some_and(|theirs| theirs.inputs == keys.inputs) {
            found.push((at, by));
        }
    }
    Ok(found)
}

/// As many jobs as have an attempt each: the oldest job takes the attempt whose time is over first.
fn pairs(mut spans: Vec<Span>, mut jobs: Vec<(i64, String)>) -> Vec<String> {
    spans.sort_by_key(|(_, until)| *until);
    jobs.sort();
    let mut taken = Vec::new();
    for (at, by) in jobs {
        let holds = |(from, until): &Span| (*from..=*until).contains(&at);
        if let Some(place) = spans.iter().position(holds) {
            spans.remove(place);
            taken.push(by);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The most pairs that there are, by trying everything.
    fn most(spans: &[Span], jobs: &[i64]) -> usize {
        let Some((at, rest)) = jobs.split_first() else {
            return 0;
        };
        let without = most(spans, rest);
        let with = (0..spans.len()).filter(|n| (spans[*n].0..=spans[*n].1).contains(at));
        let with = with.map(|n| {
            let mut left = spans.to_vec();
            left.remove(n);
            1 + most(&left, rest)
        });
        with.max().unwrap_or(0).max(without)
    }

    proptest! {
        #[test]
        fn no_way_to_pair_them_gives_more(
            spans in proptest::collection::vec((0..20_i64, 0..8_i64), 0..5),
            jobs in proptest::collection::vec(0..24_i64, 0..5),
        ) {
            let spans: Vec<Span> = spans.into_iter().map(|(from, long)| (from, from + long)).collect();
            let named = jobs.iter().map(|at| (*at, String::new())).collect();

            prop_assert_eq!(pairs(spans.clone(), named).len(), most(&spans, &jobs));
        }
    }
}
