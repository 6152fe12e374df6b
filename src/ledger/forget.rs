//! Forgetting somebody: all that a ledger has of one person goes, and nobody is asked about them again.
//!
//! ```text
//!  whom a person names ──► everything of theirs ──► whom that tells of, once more ──► found
//!  found, and as many people as were told ──► removed, in one transaction ──► hashes stay
//! ```
//!
//! Counts, codes and job ids stay, as after a purge. An attempt without an answer keeps what reconcile
//! needs; it is named, and forgetting again once it is settled removes it.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::base::{AttemptId, EnrichmentKind, JobId, RowNumber, RunId};
use crate::enrichment::Draft;
use crate::enrichment::identity::{KeyKind, Keys};

use super::attempt::ScopeKey;
use super::dispatch::find_scope;
use super::error::{Fault, LedgerError};
use super::forgotten::{self, Forgotten};
use super::handle::Ledger;
use super::hunt::{Hunt, asked, completed, servers};
use super::key::ProvenKey;
use super::purge::{PurgeWhat, empty, for_good};
use super::run::RowState;
use super::settle::{Decided, decide};
use super::subject::{Subject, elsewhere_everywhere, everywhere, job_hash, record_hash};
use super::traces::{Found, Naming, Traces, is_same, number};
use super::writer::{Tx, Writer};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgetReport {
    /// What it was done to.
    pub traces: Traces,
    /// Why the freed space could not be wiped and given back; `None` when it was.
    pub not_compacted: Option<String>,
}

impl Ledger {
    /// What the ledger has of a person, whom a draft of an enrichment of people names. All of it is read.
    ///
    /// # Errors
    /// When the ledger cannot be read, or has no key to compare with.
    pub async fn traces(&self, of: Draft) -> Result<Traces, LedgerError> {
        let key = self.hash_key()?;
        self.read("look for the person", move |conn| {
            Ok(Hunt::of(conn, &key, &of)?.found.traces())
        })
        .await
    }

    /// Removes all of a person, and keeps that nobody is to ask about them, if they are no more people
    /// than the caller was told.
    ///
    /// # Errors
    /// When the ledger cannot be written, or more people are found; then nothing is removed.
    pub async fn forget(&self, of: Draft, people: u64) -> Result<ForgetReport, LedgerError> {
        let key = self.hash_key()?;
        self.alone(move |writer| forget(writer, (&of, people), &key))
            .await
    }

    /// Whether, and by how many decisions, a person was forgotten.
    ///
    /// # Errors
    /// When the ledger cannot be read, or has no key to compare with.
    pub async fn times_forgotten(&self, of: Draft) -> Result<u64, LedgerError> {
        let key = self.hash_key()?;
        self.read("look for the person", move |conn| {
            Ok(number(lifted(conn, (&of, &key))?.len()))
        })
        .await
    }

    /// Whether a draft is about a person, or names them in the field of something else.
    ///
    /// # Errors
    /// When the ledger has no key to compare with.
    pub fn is_about(&self, draft: &Draft, person: &Draft) -> Result<bool, LedgerError> {
        let (key, _) = self.hash_key()?;
        let mut given = elsewhere_everywhere(draft, &key);
        given.push(everywhere(draft, &key));
        let known = asked(person);
        let is_same = known.iter().any(|person| {
            let person = everywhere(person, &key);
            given.iter().any(|given| is_same(&person, given).is_some())
        });
        let is_same_record = !person.record().is_empty() && person.record() == draft.record();
        Ok(is_same || is_same_record)
    }

    /// Which of these jobs are of people who were forgotten: what they found is not kept.
    ///
    /// # Errors
    /// When the ledger cannot be read, or has no key to compare with.
    pub async fn forgotten_jobs(
        &self,
        (scope, kind): (ScopeKey, EnrichmentKind),
        jobs: Vec<JobId>,
    ) -> Result<BTreeSet<JobId>, LedgerError> {
        let (key, _) = self.hash_key()?;
        self.read("look for the jobs", move |conn| {
            let Some(scope) = find_scope(conn, scope.as_str())? else {
                return Ok(BTreeSet::new());
            };
            let mut found = BTreeSet::new();
            if Forgotten::of(conn)?.is_any() {
                for job in jobs {
                    if forgotten::has_job(conn, &job_hash(&key, (scope, kind), job.as_str()))? {
                        found.insert(job);
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    /// How many decisions to forget somebody stand. A new key knows nobody of them again.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn forgettings(&self) -> Result<u64, LedgerError> {
        self.read("count the decisions", forgotten::count).await
    }

    /// Takes the decisions back that forgot a person: they can be asked about again.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn remember(&self, of: Draft) -> Result<u64, LedgerError> {
        let key = self.hash_key()?;
        self.write("take the decision back", move |tx| {
            let decisions = lifted(tx.conn, (&of, &key))?;
            forgotten::lift(tx.conn, &decisions)?;
            for decision in &decisions {
                let note = format!("decision {decision} is taken back");
                keep_decision(tx, (REMEMBERED, None), &note)?;
            }
            Ok(number(decisions.len()))
        })
        .await
    }
}

const FORGOTTEN: &str = "forgotten";
const REMEMBERED: &str = "remembered";

fn keep_decision(
    tx: &Tx<'_>,
    (verdict, attempt): (&str, Option<AttemptId>),
    note: &str,
) -> Result<(), Fault> {
    let decided = Decided {
        made_by: "operator",
        verdict,
        attempt,
        row: None,
        note: Some(note),
    };
    decide(tx, &decided)
}

fn lifted(conn: &Connection, (of, key): (&Draft, &ProvenKey)) -> Result<BTreeSet<i64>, Fault> {
    let forgotten = Forgotten::of(conn)?;
    let mut decisions = BTreeSet::new();
    let mut servers = servers(conn)?;
    servers.insert(String::new());
    for draft in asked(of) {
        for server in &servers {
            let subject = Subject::of(&draft, server, key);
            decisions.extend(forgotten.decisions(conn, &subject)?);
        }
    }
    Ok(decisions)
}

fn forget(
    writer: &mut Writer,
    (of, people): (&Draft, u64),
    key: &ProvenKey,
) -> Result<ForgetReport, LedgerError> {
    let (traces, not_compacted) = for_good(writer, "forget", |tx| {
        let Hunt { wanted, found, .. } = Hunt::of(tx.conn, key, of)?;
        let traces = found.traces();
        // Another one may have forgotten some of them meanwhile.
        if traces.people > people {
            return Err(LedgerError::Refused(format!(
                "it is {} people now and not {people}; nothing was removed; look again",
                traces.people
            ))
            .into());
        }
        remove(tx, &found, (key, of, &wanted))?;
        Ok(traces)
    })?;
    Ok(ForgetReport {
        traces,
        not_compacted,
    })
}

fn remove(
    tx: &Tx<'_>,
    found: &Found,
    (key, of, wanted): (&ProvenKey, &Draft, &[(Draft, Keys)]),
) -> Result<(), Fault> {
    let conn = tx.conn;
    let given: Vec<&str> = of.given().map(|(field, _)| field.as_str()).collect();
    let given = match of.record().is_empty() {
        true => given.join(", "),
        false => [given.as_slice(), &["record_id"]].concat().join(", "),
    };
    let traces = found.traces();
    let note = format!(
        "by {given}: {} attempts, {} jobs, {} rows; {} kept until they are settled",
        traces.attempts.len(),
        traces.jobs,
        traces.rows,
        traces.open.len()
    );
    keep_decision(tx, (FORGOTTEN, None), &note)?;
    let decision = conn.last_insert_rowid();
    for attempt in found.attempts.keys() {
        let note = format!("see decision {decision}");
        keep_decision(tx, (FORGOTTEN, Some(AttemptId(*attempt))), &note)?;
    }
    let closed: Vec<i64> = found.closed().iter().map(|attempt| attempt.0).collect();
    let closed = Value::from(closed).to_string();
    let those = "id IN (SELECT value FROM json_each(?1))";
    empty(conn, (those, &closed), (PurgeWhat::Everything, tx.now_ms))?;
    conn.execute(
        &format!("UPDATE attempts SET record_id = NULL WHERE {those}"),
        [&closed],
    )?;
    for (scope, kind, job) in found.jobs.keys() {
        conn.prepare_cached(
            "UPDATE jobs SET enrich_based_on = NULL, enriched_data = NULL
             WHERE scope = ?1 AND kind = ?2 AND id = ?3",
        )?
        .execute(params![scope, kind, job])?;
    }
    for ((run, row), state) in found.emptied() {
        empty_row(conn, (RunId(run), RowNumber(row)), (state, None))?;
    }
    for ((run, row), naming) in &found.naming_rows {
        let place = (RunId(*run), RowNumber(*row));
        empty_row(conn, place, (naming.state, Some(naming)))?;
    }
    for ((run, row), (left, _)) in &found.cells {
        conn.prepare_cached("UPDATE run_rows SET cells = ?3 WHERE run = ?1 AND row = ?2")?
            .execute(params![run, row, left])?;
    }
    for (run, (columns, mapping, _)) in &found.runs {
        conn.prepare_cached("UPDATE runs SET columns = ?2, mapping = ?3 WHERE id = ?1")?
            .execute(params![run, columns, mapping])?;
    }
    for (profile, kind) in &found.drafts {
        conn.prepare_cached("DELETE FROM drafts WHERE profile = ?1 AND kind = ?2")?
            .execute(params![profile, kind])?;
    }
    keep_hashes(conn, (decision, found), (key, of, wanted))
}

/// A row that waited is left out; one that is done keeps what became of it. Of one that is about somebody
/// else the rest stays.
fn empty_row(
    conn: &Connection,
    (run, row): (RunId, RowNumber),
    (state, rest): (RowState, Option<&Naming>),
) -> Result<(), Fault> {
    let is_left_out = matches!(
        state,
        RowState::Pending | RowState::Absent | RowState::NotSent | RowState::Skipped
    );
    let after = if is_left_out {
        RowState::Skipped
    } else {
        state
    };
    let reason = (state != RowState::Scheduled).then_some("forgotten: what it held was removed");
    let (cells, inputs) = rest.map_or((None, None), |row| {
        (row.cells.as_ref(), row.inputs.as_ref())
    });
    conn.prepare_cached(
        "UPDATE run_rows SET state = ?3, reason = ?4, cells = ?5, inputs = ?6, verdict = NULL,
             record_id = iif(?7, record_id, NULL)
         WHERE run = ?1 AND row = ?2",
    )?
    .execute(params![
        run.0,
        row.0,
        after.as_str(),
        reason,
        cells,
        inputs,
        rest.is_some()
    ])?;
    Ok(())
}

/// What knows them again: what was given, what their requests gave, and the hashes that were left of
/// requests whose inputs had gone before.
fn keep_hashes(
    conn: &Connection,
    (decision, found): (i64, &Found),
    (key, of, wanted): (&ProvenKey, &Draft, &[(Draft, Keys)]),
) -> Result<(), Fault> {
    let mut kept: Vec<Keys> = Vec::new();
    let mut keep = |keys: Keys| {
        if keys.keys.is_empty() || kept.contains(&keys) {
            return Ok(());
        }
        forgotten::keep(conn, decision, (&keys, &found.shared_hashes))?;
        kept.push(keys);
        Ok::<_, Fault>(())
    };
    for (_, keys) in wanted {
        keep(keys.clone())?;
    }
    for (draft, keys) in &found.given {
        // An address without a name would be everybody's behind it, unless it is what was given.
        if draft.kind == EnrichmentKind::People && (keys.name.is_some() || has_page(keys)) {
            keep(everywhere(&completed(draft, of), &key.0))?;
        }
    }
    for (server, keys) in &found.hashes {
        let given = Subject::of(of, server, key).keys;
        if keys.name.is_some() || has_page(keys) || is_same(&given, keys).is_some() {
            keep(with(keys, &given))?;
        }
    }
    let people = EnrichmentKind::People;
    let mut records = found.records.clone();
    records.insert(of.record().into_owned());
    for record in &records {
        if let Some(hash) = record_hash(&key.0, record) {
            forgotten::keep_hash(conn, (decision, people), &hash)?;
        }
    }
    for (scope, kind, job) in found.jobs.keys() {
        let kind: EnrichmentKind = kind.parse().unwrap_or_default();
        let hash = job_hash(&key.0, (*scope, kind), job);
        forgotten::keep_hash(conn, (decision, kind), &hash)?;
    }
    Ok(())
}

/// Whether a request gave a page, which is one person's.
fn has_page(keys: &Keys) -> bool {
    let mut kinds = keys.keys.iter().map(|(kind, _)| *kind);
    kinds.any(|kind| !kind.is_name_key() && kind != KeyKind::Email)
}

/// The keys of a request of which only these are left, with those of what was given.
fn with(keys: &Keys, given: &Keys) -> Keys {
    let mut keys = keys.clone();
    for (kind, hash) in &given.keys {
        if keys.get(*kind).is_none() && !kind.is_name_key() {
            keys.keys.push((*kind, *hash));
        }
    }
    keys.keys.sort_unstable_by_key(|(kind, _)| *kind);
    keys
}
