//! Looking through a whole ledger for somebody.
//!
//! ```text
//!  what was given ──► requests, jobs, rows and hashes of the same person
//!                       └─► what these give ──► the same once more, and no further
//! ```
//!
//! Whoever the [gate](super::look) takes for the same person is the same here.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde_json::Value;

use crate::base::{AttemptId, EnrichmentKind, Outcome};
use crate::enrichment::Draft;
use crate::enrichment::echo::readable;
use crate::enrichment::identity::{Keys, Relation, relation};
use crate::enrichment::person::Texts;

use super::cells::Cells;
use super::error::Fault;
use super::key::ProvenKey;
use super::run::RowState;
use super::subject::{Subject, elsewhere, everywhere, names};

/// People who are named of those that were found.
const NAMED_MAX: usize = 10;

/// What a ledger has of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traces {
    /// How many people that is: more than one where they share what was given.
    pub people: u64,
    /// The first of them, as their requests name them.
    pub named: Vec<String>,
    /// Attempts whose texts go.
    pub attempts: Vec<AttemptId>,
    /// Attempts that nobody knows the end of: they keep what reconcile compares.
    pub open: Vec<AttemptId>,
    /// Jobs whose results go.
    pub jobs: u64,
    /// Rows of runs whose cells go.
    pub rows: u64,
    /// Rows that waited for their turn, among them: they are left out.
    pub waiting: u64,
    /// Cells of other people's rows that hold what was given: they are emptied.
    pub cells: u64,
    /// What a ledger of version 0.1 kept of forms.
    pub drafts: u64,
}

/// A person as both kinds of enrichment ask about them: an organisation's e-mail address may be theirs.
pub(super) fn asked(of: &Draft) -> Vec<Draft> {
    let mut all = vec![of.clone()];
    if !of.email.is_empty() {
        let mut org = Draft::new(EnrichmentKind::Org, "");
        org.email.clone_from(&of.email);
        all.push(org);
    }
    all
}

/// The servers of which the ledger has something.
pub(super) fn servers(conn: &Connection) -> Result<BTreeSet<String>, Fault> {
    let mut statement = conn.prepare_cached("SELECT key FROM scopes")?;
    let scopes =
        statement.query_map((), |row| Cells::of(row).word::<super::attempt::ScopeKey>())?;
    let mut found = BTreeSet::new();
    for scope in scopes {
        found.insert(scope?.prefix().trim_end_matches('/').to_owned());
    }
    Ok(found)
}

/// A row of a run, and where it stands.
pub(super) type Row = (i64, i64);

/// Everything of somebody.
#[derive(Default)]
pub(super) struct Found {
    pub(super) attempts: BTreeMap<i64, Outcome>,
    /// Each with whether anything of it is there.
    pub(super) jobs: BTreeMap<(i64, String, String), bool>,
    pub(super) rows: BTreeMap<Row, RowState>,
    /// Rows of others, with what is left of their cells.
    pub(super) cells: BTreeMap<Row, (String, u64)>,
    pub(super) drafts: BTreeSet<(String, String)>,
    /// What requests and jobs of theirs gave, and by what these are known.
    pub(super) given: Vec<(Draft, Keys)>,
    /// Hashes of which the inputs are gone.
    pub(super) hashes: Vec<Keys>,
    pub(super) records: BTreeSet<String>,
}

impl Found {
    fn give(&mut self, (draft, keys): (Draft, Keys)) {
        let is_new = !self.given.iter().any(|(_, known)| *known == keys);
        if is_new && !(keys.keys.is_empty() && draft.is_empty()) {
            self.given.push((draft, keys));
        }
    }

    fn open(&self) -> Vec<AttemptId> {
        let open = self
            .attempts
            .iter()
            .filter(|(_, outcome)| is_open(**outcome));
        open.map(|(id, _)| AttemptId(*id)).collect()
    }

    pub(super) fn closed(&self) -> Vec<AttemptId> {
        let closed = self
            .attempts
            .iter()
            .filter(|(_, outcome)| !is_open(**outcome));
        closed.map(|(id, _)| AttemptId(*id)).collect()
    }

    /// The rows that are emptied: not those that are with the server.
    pub(super) fn emptied(&self) -> impl Iterator<Item = (Row, RowState)> {
        let rows = self.rows.iter().map(|(row, state)| (*row, *state));
        rows.filter(|(_, state)| !matches!(state, RowState::Sending | RowState::Unknown))
    }

    /// The people behind it: whoever two requests cannot tell apart is one.
    fn people(&self) -> Vec<Option<&Draft>> {
        let of_people = |keys: &&Keys| keys.kind == EnrichmentKind::People;
        let given = self.given.iter().map(|(draft, keys)| (Some(draft), keys));
        let mut all: Vec<(Option<&Draft>, &Keys)> = given.collect();
        all.retain(|(_, keys)| of_people(keys));
        if all.is_empty() && self.is_anything() {
            // Their inputs are gone: the hashes tell them apart as well.
            all.extend(self.hashes.iter().map(|keys| (None, keys)));
        }
        // Those that say most first: one that gives an address alone is any of those behind it.
        all.sort_by_key(|(_, keys)| (keys.name.is_none(), std::cmp::Reverse(keys.keys.len())));
        let mut people: Vec<Vec<(Option<&Draft>, &Keys)>> = Vec::new();
        for one in all {
            let same = people.iter_mut().find(|person| {
                let mut known = person.iter();
                known.any(|(_, keys)| is_same(keys, one.1).is_some())
            });
            match same {
                Some(person) => person.push(one),
                None => people.push(vec![one]),
            }
        }
        let first = people.iter().filter_map(|person| person.first());
        first.map(|(draft, _)| *draft).collect()
    }

    /// Whether there is anything to remove or to keep.
    fn is_anything(&self) -> bool {
        let is_filled = self.jobs.values().any(|is_filled| *is_filled);
        is_filled || !self.attempts.is_empty() || !self.rows.is_empty()
    }

    pub(super) fn traces(&self) -> Traces {
        let people = self.people();
        let rows: Vec<_> = self.emptied().collect();
        let waits = |state: &RowState| {
            matches!(
                state,
                RowState::Pending | RowState::Absent | RowState::NotSent
            )
        };
        Traces {
            people: number(people.len()),
            named: people
                .iter()
                .flatten()
                .take(NAMED_MAX)
                .map(|draft| label(draft))
                .collect(),
            attempts: self.closed(),
            open: self.open(),
            jobs: number(self.jobs.values().filter(|is_filled| **is_filled).count()),
            rows: number(rows.len()),
            waiting: number(rows.iter().filter(|(_, state)| waits(state)).count()),
            cells: self.cells.values().map(|(_, count)| count).sum(),
            drafts: number(self.drafts.len()),
        }
    }
}

/// A person as a request names them: `Ada Lovelace · Acme`.
fn label(draft: &Draft) -> String {
    let values: Vec<String> = draft.given().map(|(_, value)| value.into_owned()).collect();
    values.join(" · ")
}

fn is_open(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Sending | Outcome::Unknown | Outcome::UnknownAccepted
    )
}

pub(super) fn is_same(mine: &Keys, theirs: &Keys) -> Option<Relation> {
    let found = relation(mine, theirs);
    match found {
        Relation::SameInputs | Relation::SamePerson(_) => Some(found),
        Relation::SharedKey { .. } | Relation::None => None,
    }
}

pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Why something is theirs.
enum Theirs {
    /// It asks about them, by these inputs.
    Asked(Box<(Draft, Keys)>),
    /// It names them.
    Named,
}

/// Looking through a whole ledger for somebody.
pub(super) struct Hunt<'a> {
    conn: &'a Connection,
    key: &'a ProvenKey,
    /// By what somebody is known.
    pub(super) wanted: Vec<(Draft, Keys)>,
    records: BTreeSet<String>,
    texts: Texts,
    pub(super) found: Found,
}

impl<'a> Hunt<'a> {
    /// Everything of somebody, and of whoever that tells to be the same.
    pub(super) fn of(conn: &'a Connection, key: &'a ProvenKey, of: &Draft) -> Result<Self, Fault> {
        let wanted = asked(of).into_iter().map(|draft| {
            let keys = everywhere(&draft, &key.0);
            (draft, keys)
        });
        let record = of.record().into_owned();
        let mut hunt = Self {
            conn,
            key,
            wanted: wanted.collect(),
            records: Some(record)
                .filter(|id| !id.is_empty())
                .into_iter()
                .collect(),
            texts: Texts::of(of),
            found: Found::default(),
        };
        hunt.look()?;
        // A page that stands beside the address names whoever has the address. Once only: what a request
        // of theirs shares with a stranger's does not lead to the stranger.
        let told = std::mem::take(&mut hunt.found);
        let known = hunt.wanted.len();
        for (draft, keys) in &told.given {
            let is_new = !hunt.wanted.iter().any(|(_, known)| known == keys);
            if is_new && draft.kind == EnrichmentKind::People {
                hunt.wanted.push((draft.clone(), keys.clone()));
            }
        }
        let is_more = hunt.wanted.len() > known || !told.records.is_subset(&hunt.records);
        hunt.records.extend(told.records.iter().cloned());
        if is_more {
            hunt.look()?;
        } else {
            hunt.found = told;
        }
        hunt.only_filled()?;
        Ok(hunt)
    }

    /// What was emptied before is not removed once more.
    fn only_filled(&mut self) -> Result<(), Fault> {
        let mut statement = self.conn.prepare(
            "SELECT 1 FROM attempts a JOIN bodies b ON b.attempt = a.id
             WHERE a.id = ?1 AND coalesce(a.inputs, a.message, a.note, a.record_id, b.request_body,
                 b.method, b.url, b.request_headers, b.response_body, b.response_headers,
                 b.details) IS NOT NULL",
        )?;
        let mut filled = BTreeMap::new();
        for (id, outcome) in &self.found.attempts {
            if statement.exists([id])? {
                filled.insert(*id, *outcome);
            }
        }
        self.found.attempts = filled;
        Ok(())
    }

    fn look(&mut self) -> Result<(), Fault> {
        self.hashes()?;
        self.jobs()?;
        self.attempts()?;
        self.rows()?;
        self.drafts()
    }

    fn is_wanted(&self, keys: &Keys) -> bool {
        let mut wanted = self.wanted.iter();
        wanted.any(|(_, known)| is_same(known, keys).is_some())
    }

    /// What a request or a row gave, if it is theirs. One that names them only in the field of something
    /// else may be about somebody else: it tells nothing more of them.
    fn theirs(&self, given: Option<Draft>) -> Option<Theirs> {
        let draft = given?;
        let keys = everywhere(&draft, &self.key.0);
        if self.is_wanted(&keys) {
            return Some(Theirs::Asked(Box::new((draft, keys))));
        }
        let mut named = elsewhere(&draft, &self.key.0).into_iter();
        named
            .any(|keys| self.is_wanted(&keys))
            .then_some(Theirs::Named)
    }

    /// What is known by its hashes alone.
    fn hashes(&mut self) -> Result<(), Fault> {
        let mut statement = self.conn.prepare_cached(
            "SELECT s.scope, s.kind, s.attempt, s.job, s.keys FROM subject_keys k
                 CROSS JOIN subjects s ON s.id = k.subject WHERE k.hash = ?1",
        )?;
        for server in servers(self.conn)? {
            for (draft, _) in &self.wanted {
                let mine = Subject::of(draft, &server, self.key).keys;
                let mut hashes: Vec<[u8; 16]> = mine.keys.iter().map(|(_, hash)| *hash).collect();
                if hashes.is_empty() {
                    hashes.extend(names(&mine).into_iter().map(|(hash, _)| hash));
                }
                for hash in hashes {
                    let mut rows = statement.query([hash])?;
                    while let Some(row) = rows.next()? {
                        let mut cells = Cells::of(row);
                        let scope: i64 = cells.take()?;
                        let kind: EnrichmentKind = cells.word()?;
                        let attempt: Option<i64> = cells.take()?;
                        let job: Option<String> = cells.take()?;
                        let bytes: Vec<u8> = cells.take()?;
                        let Some(keys) = Keys::from_bytes(kind, &bytes) else {
                            continue;
                        };
                        if is_same(&mine, &keys).is_none() {
                            continue;
                        }
                        if let Some(id) = attempt {
                            self.found.attempts.insert(id, Outcome::Scheduled);
                        }
                        if let Some(job) = job {
                            let place = (scope, kind.to_string(), job);
                            self.found.jobs.entry(place).or_default();
                        }
                        if kind == EnrichmentKind::People && !self.found.hashes.contains(&keys) {
                            self.found.hashes.push(keys);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn jobs(&mut self) -> Result<(), Fault> {
        let mut statement = self.conn.prepare(
            "SELECT scope, kind, id, attempt, enrich_based_on, enriched_data FROM jobs
             WHERE coalesce(enrich_based_on, enriched_data) IS NOT NULL",
        )?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let mut cells = Cells::of(row);
            let scope: i64 = cells.take()?;
            let kind: EnrichmentKind = cells.word()?;
            let id: String = cells.take()?;
            let attempt: Option<i64> = cells.take()?;
            let read = |text: Option<String>| -> Value {
                let parsed = text.and_then(|text| serde_json::from_str(&text).ok());
                parsed.unwrap_or_default()
            };
            let (told, results) = (read(cells.take()?), read(cells.take()?));
            let draft = readable(kind, &told);
            // What Zia found of an organisation may name somebody, and is not them.
            let is_told = self.texts.are_in(&results);
            let theirs = match self.theirs(Some(draft.clone())) {
                None if is_told && kind == EnrichmentKind::People => {
                    let keys = everywhere(&draft, &self.key.0);
                    Some(Theirs::Asked(Box::new((draft, keys))))
                }
                theirs => theirs,
            };
            if theirs.is_none() && !is_told {
                continue;
            }
            if let (Some(attempt), true) = (attempt, theirs.is_some()) {
                self.found.attempts.insert(attempt, Outcome::Scheduled);
            }
            if let Some(Theirs::Asked(given)) = theirs {
                self.found.give(*given);
            }
            let place = (scope, kind.to_string(), id);
            self.found.jobs.insert(place, true);
        }
        Ok(())
    }

    fn attempts(&mut self) -> Result<(), Fault> {
        let mut statement = self.conn.prepare(
            "SELECT id, kind, outcome, record_id, run, row, inputs FROM attempts ORDER BY id",
        )?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let mut cells = Cells::of(row);
            let id: i64 = cells.take()?;
            let (kind, outcome): (EnrichmentKind, Outcome) = (cells.word()?, cells.word()?);
            let record: Option<String> = cells.take()?;
            let place = (cells.take::<Option<i64>>()?, cells.take::<Option<i64>>()?);
            let inputs: Option<String> = cells.take()?;
            let given = inputs.and_then(|inputs| Draft::new(kind, "").with_json(&inputs).ok());
            let is_of_record = record.as_ref().is_some_and(|id| self.records.contains(id));
            let is_known = is_of_record || self.found.attempts.contains_key(&id);
            let theirs = match given {
                // Whatever it gave is of whoever the record, or the job, is.
                Some(draft) if is_known => {
                    let keys = everywhere(&draft, &self.key.0);
                    Some(Theirs::Asked(Box::new((draft, keys))))
                }
                given => self.theirs(given),
            };
            if theirs.is_none() && !is_known {
                continue;
            }
            self.found.attempts.insert(id, outcome);
            if let (Some(run), Some(row)) = place {
                self.found.rows.insert((run, row), RowState::Skipped);
            }
            if kind == EnrichmentKind::People {
                self.found.records.extend(record);
            }
            if let Some(Theirs::Asked(given)) = theirs {
                self.found.give(*given);
            }
        }
        self.jobs_of_attempts()
    }

    /// Jobs that were read back, of the attempts that were found.
    fn jobs_of_attempts(&mut self) -> Result<(), Fault> {
        let mut statement = self.conn.prepare(
            "SELECT scope, kind, id, coalesce(enrich_based_on, enriched_data) IS NOT NULL
             FROM jobs INDEXED BY jobs_attempt WHERE attempt = ?1",
        )?;
        for attempt in self.found.attempts.keys() {
            let mut rows = statement.query([attempt])?;
            while let Some(row) = rows.next()? {
                let mut cells = Cells::of(row);
                let place = (cells.take()?, cells.take()?, cells.take()?);
                let is_filled = cells.is_set()?;
                *self.found.jobs.entry(place).or_default() |= is_filled;
            }
        }
        Ok(())
    }

    fn rows(&mut self) -> Result<(), Fault> {
        let mut statement = self.conn.prepare(
            "SELECT r.run, r.row, r.state, u.kind, r.record_id, r.inputs, r.cells
             FROM run_rows r JOIN runs u ON u.id = r.run
             WHERE coalesce(r.inputs, r.cells, r.record_id) IS NOT NULL",
        )?;
        let mut rows = statement.query(())?;
        let mut here = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let mut cells = Cells::of(row);
            let place: Row = (cells.take()?, cells.take()?);
            let (state, kind): (RowState, EnrichmentKind) = (cells.word()?, cells.word()?);
            let record: Option<String> = cells.take()?;
            let inputs: Option<String> = cells.take()?;
            let values: Option<String> = cells.take()?;
            let given = inputs.and_then(|inputs| Draft::new(kind, "").with_json(&inputs).ok());
            let is_of_record = record.is_some_and(|id| self.records.contains(&id));
            let theirs = self.theirs(given);
            if is_of_record || theirs.is_some() || self.found.rows.contains_key(&place) {
                here.insert(place, state);
                if let Some(Theirs::Asked(given)) = theirs {
                    self.found.give(*given);
                }
            } else if let Some(left) = values.and_then(|values| self.texts.without(&values)) {
                self.found.cells.insert(place, left);
            }
        }
        self.found.rows = here;
        Ok(())
    }

    /// What version 0.1 kept of forms.
    fn drafts(&mut self) -> Result<(), Fault> {
        let mut statement = self
            .conn
            .prepare("SELECT profile, kind, draft FROM drafts")?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let mut cells = Cells::of(row);
            let place: (String, String) = (cells.take()?, cells.take()?);
            let text: String = cells.take()?;
            if self.theirs(serde_json::from_str(&text).ok()).is_some() {
                self.found.drafts.insert(place);
            }
        }
        Ok(())
    }
}
