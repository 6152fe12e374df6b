//! Looking through a whole ledger for somebody.
//!
//! ```text
//!  what was given ──► requests, jobs, rows and hashes of the same person
//!                       └─► what these give ──► the same once more, and no further
//! ```
//!
//! Whoever the [gate](super::look) takes for the same person is the same here. An address that turns out
//! to be a mailbox of several people names nobody, unless it is what was given.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde_json::Value;

use crate::base::{EnrichmentKind, Outcome};
use crate::enrichment::echo::readable;
use crate::enrichment::identity::{KeyKind, Keys, Relation, canonical, relation};
use crate::enrichment::person::Texts;
use crate::enrichment::{Draft, Field};

use super::cells::Cells;
use super::error::Fault;
use super::key::ProvenKey;
use super::run::RowState;
use super::subject::{Subject, elsewhere_everywhere, everywhere, names};
use super::traces::{Found, Naming, Row, is_same, is_with_server};

/// A person as both kinds of enrichment ask about them: an organisation's e-mail address may be theirs.
pub(super) fn asked(of: &Draft) -> Vec<Draft> {
    let mut all = vec![of.clone()];
    let email = of.value(Field::Email);
    if !email.is_empty() {
        let mut org = Draft::new(EnrichmentKind::Org, "");
        org.set(Field::Email, email);
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

/// An address as it is compared.
fn address(draft: &Draft) -> String {
    canonical(draft.kind, Field::Email, draft.value(Field::Email))
}

/// What one of their requests gave, with what was given of them: so a namesake with another address is
/// somebody else.
pub(super) fn completed(draft: &Draft, of: &Draft) -> Draft {
    let mut draft = draft.clone();
    for field in Field::ALL {
        if field.names_somebody() && draft.value(field).is_empty() {
            draft.set(field, of.value(field));
        }
    }
    draft
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
    /// What was given.
    of: &'a Draft,
    /// By what somebody is known; the first of them are what was given.
    pub(super) wanted: Vec<(Draft, Keys)>,
    /// The same of what only hashes are left of.
    known: Vec<(String, Keys)>,
    records: BTreeSet<String>,
    texts: Texts,
    /// Of what was given alone.
    given: Texts,
    pub(super) found: Found,
}

impl<'a> Hunt<'a> {
    /// Everything of somebody, and of whoever that tells to be the same.
    pub(super) fn of(
        conn: &'a Connection,
        key: &'a ProvenKey,
        of: &'a Draft,
    ) -> Result<Self, Fault> {
        let wanted: Vec<(Draft, Keys)> = asked(of)
            .into_iter()
            .map(|draft| {
                let keys = everywhere(&draft, &key.0);
                (draft, keys)
            })
            .collect();
        let given = wanted.len();
        let record = Some(of.record().into_owned()).filter(|id| !id.is_empty());
        let mut hunt = Self {
            conn,
            key,
            of,
            wanted,
            known: Vec::new(),
            records: record.into_iter().collect(),
            texts: Texts::of([of]),
            given: Texts::of([of]),
            found: Found::default(),
        };
        hunt.look()?;
        // A page that stands beside the address names whoever has the address. Once only: what a request
        // of theirs shares with a stranger's does not lead to the stranger.
        let told = std::mem::take(&mut hunt.found);
        let is_more = hunt.learn(&told);
        if is_more {
            hunt.look()?;
        } else {
            hunt.found = told.clone();
        }
        if !hunt.found.shared.is_empty() || !hunt.found.shared_hashes.is_empty() {
            // The same, knowing which addresses are not theirs alone.
            hunt.know_shared()?;
            hunt.wanted.truncate(given);
            hunt.learn(&told);
            hunt.look()?;
        }
        hunt.only_filled()?;
        Ok(hunt)
    }

    /// Takes what was found as knowledge of them; whether there is any.
    fn learn(&mut self, told: &Found) -> bool {
        let before = self.wanted.len();
        for (draft, _) in &told.given {
            let draft = completed(draft, self.of);
            let keys = everywhere(&draft, &self.key.0);
            let is_new = !self.wanted.iter().any(|(_, known)| *known == keys);
            if is_new && draft.kind == EnrichmentKind::People {
                self.wanted.push((draft, keys));
            }
        }
        self.known.clone_from(&told.hashes);
        let own: Vec<Draft> = self
            .wanted
            .iter()
            .map(|(draft, _)| self.own(draft))
            .collect();
        self.texts = Texts::of(&own);
        let is_more = self.wanted.len() > before
            || !self.known.is_empty()
            || !told.records.is_subset(&self.records);
        self.records.extend(told.records.iter().cloned());
        is_more
    }

    /// A draft without an address that others have as well.
    fn own(&self, draft: &Draft) -> Draft {
        let mut own = draft.clone();
        if self.found.shared.contains(&address(draft)) {
            own.set(Field::Email, "");
        }
        own
    }

    /// Goes back to the shared addresses alone, as they are known at each place.
    fn know_shared(&mut self) -> Result<(), Fault> {
        let Found {
            shared,
            shared_hashes,
            ..
        } = std::mem::take(&mut self.found);
        self.found.shared_hashes = shared_hashes;
        for email in &shared {
            let mut bare = Draft::new(EnrichmentKind::People, "");
            bare.set(Field::Email, email);
            let mut at = vec![everywhere(&bare, &self.key.0)];
            for server in servers(self.conn)? {
                at.push(Subject::of(&bare, &server, self.key).keys);
            }
            let hashes = at.iter().filter_map(|keys| keys.get(KeyKind::Email));
            self.found.shared_hashes.extend(hashes);
        }
        self.found.shared = shared;
        Ok(())
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
        self.runs()?;
        self.drafts()
    }

    fn is_wanted(&self, keys: &Keys) -> bool {
        let mut wanted = self.wanted.iter();
        wanted.any(|(_, known)| self.is_them(known, keys))
    }

    /// Whether two requests ask about one person. An address of several people does not say so: whoever
    /// gives it has to give the name, too.
    fn is_them(&self, mine: &Keys, theirs: &Keys) -> bool {
        let first = mine.keys.first().map(|(key, _)| *key);
        let by = match is_same(mine, theirs) {
            Some(Relation::SamePerson(key)) => Some(key),
            Some(_) => first,
            None => return false,
        };
        let hash = by.and_then(|key| mine.get(key));
        let is_shared = hash.is_some_and(|hash| self.found.shared_hashes.contains(hash));
        !is_shared || (mine.name.is_some() && theirs.name.is_some())
    }

    /// Takes note of an address that two people have, unless it is what was given.
    fn compare(&mut self, of: Option<&Draft>, (mine, theirs, given): (&Keys, &Keys, &Keys)) {
        let Relation::SharedKey {
            key: KeyKind::Email,
            ..
        } = relation(mine, theirs)
        else {
            return;
        };
        let Some(hash) = mine.get(KeyKind::Email) else {
            return;
        };
        if given.get(KeyKind::Email) != Some(hash) {
            self.found.shared_hashes.insert(*hash);
            self.found.shared.extend(of.map(address));
        }
    }

    /// What a request or a row gave, if it is theirs. One that names them only in the field of something
    /// else may be about somebody else: it tells nothing more of them.
    fn theirs(&mut self, given: Option<Draft>) -> Option<Theirs> {
        let draft = given?;
        let keys = everywhere(&draft, &self.key.0);
        if self.is_wanted(&keys) {
            return Some(Theirs::Asked(Box::new((draft, keys))));
        }
        let wanted = std::mem::take(&mut self.wanted);
        // The first of them is what was given.
        if let Some((_, given)) = wanted.first() {
            for (known, mine) in &wanted {
                self.compare(Some(known), (mine, &keys, given));
            }
        }
        self.wanted = wanted;
        let mut named = elsewhere_everywhere(&draft, &self.key.0).into_iter();
        named
            .any(|keys| self.is_wanted(&keys))
            .then_some(Theirs::Named)
    }

    /// What is known by its hashes alone.
    fn hashes(&mut self) -> Result<(), Fault> {
        for server in servers(self.conn)? {
            for index in 0..self.wanted.len() {
                let Some((draft, _)) = self.wanted.get(index).cloned() else {
                    continue;
                };
                let mine = Subject::of(&draft, &server, self.key).keys;
                self.hashes_of(&server, (Some(&draft), &mine))?;
            }
        }
        for (server, mine) in std::mem::take(&mut self.known) {
            self.hashes_of(&server, (None, &mine))?;
        }
        Ok(())
    }

    fn hashes_of(
        &mut self,
        server: &str,
        (of, mine): (Option<&Draft>, &Keys),
    ) -> Result<(), Fault> {
        let given = Subject::of(self.of, server, self.key).keys;
        let mut statement = self.conn.prepare_cached(
            "SELECT s.scope, s.kind, s.attempt, s.job, s.keys FROM subject_keys k
                 CROSS JOIN subjects s ON s.id = k.subject WHERE k.hash = ?1",
        )?;
        let mut hashes: Vec<[u8; 16]> = mine.keys.iter().map(|(_, hash)| *hash).collect();
        if hashes.is_empty() {
            hashes.extend(names(mine).into_iter().map(|(hash, _)| hash));
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
                if !self.is_them(mine, &keys) {
                    self.compare(of, (mine, &keys, &given));
                    continue;
                }
                if let Some(id) = attempt {
                    self.found.attempts.insert(id, Outcome::Scheduled);
                }
                if let Some(job) = job {
                    let place = (scope, kind.to_string(), job);
                    self.found.jobs.entry(place).or_default();
                }
                let found = (server.to_owned(), keys);
                if kind == EnrichmentKind::People && !self.found.hashes.contains(&found) {
                    self.found.hashes.push(found);
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
            // What Zia found of an organisation may name somebody, and is not them; what it found of a
            // namesake may be the page that stood beside the address.
            let is_told = self.given.are_in(&results);
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
            if matches!(theirs, Some(Theirs::Named)) {
                self.found.naming.insert(id);
            } else if let (Some(run), Some(row)) = place {
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
            let read = |inputs: &String| Draft::new(kind, "").with_json(inputs).ok();
            let given = inputs.as_ref().and_then(read);
            let is_of_record = record.is_some_and(|id| self.records.contains(&id));
            let theirs = self.theirs(given);
            let left = |text: &String| self.texts.without(text);
            match theirs {
                Some(Theirs::Asked(given)) => {
                    here.insert(place, state);
                    self.found.give(*given);
                }
                _ if is_of_record || self.found.rows.contains_key(&place) => {
                    here.insert(place, state);
                }
                // It is about somebody else, of whom the rest stays.
                Some(Theirs::Named) if !is_with_server(state) => {
                    let cells = values.map(|cells| left(&cells).map_or(cells, |(left, _)| left));
                    let inputs =
                        inputs.map(|inputs| self.texts.without_inputs(&inputs).unwrap_or(inputs));
                    let naming = Naming {
                        state,
                        cells,
                        inputs,
                    };
                    self.found.naming_rows.insert(place, naming);
                }
                Some(Theirs::Named) | None => {
                    if let Some(left) = values.as_ref().and_then(left) {
                        self.found.cells.insert(place, left);
                    }
                }
            }
        }
        self.found.rows = here;
        Ok(())
    }

    /// What runs say of their files: a file without a header has a person in its place, and a value may
    /// have been given for all rows.
    fn runs(&mut self) -> Result<(), Fault> {
        let mut statement = self.conn.prepare("SELECT id, columns, mapping FROM runs")?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let mut cells = Cells::of(row);
            let id: i64 = cells.take()?;
            let (columns, mapping): (String, String) = (cells.take()?, cells.take()?);
            let left = |text: &str| {
                let left = self.texts.without_names(text);
                left.unwrap_or_else(|| (text.to_owned(), 0))
            };
            let ((columns, one), (mapping, other)) = (left(&columns), left(&mapping));
            if one + other > 0 {
                self.found.runs.insert(id, (columns, mapping, one + other));
            }
        }
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
