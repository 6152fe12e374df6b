//! Everything that a ledger has of somebody, and what is told of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{AttemptId, EnrichmentKind, Outcome};
use crate::enrichment::Draft;
use crate::enrichment::identity::{Keys, Relation, relation};

use super::run::RowState;

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
    /// Cells of other people's rows, and texts of runs about their files, that hold what was given: they
    /// are emptied.
    pub cells: u64,
    /// Attempts and rows of others that name them in another input, among them: of these rows only that text
    /// goes, and they are not sent.
    pub elsewhere: u64,
    /// What a ledger of version 0.1 kept of forms.
    pub drafts: u64,
    /// Addresses of theirs that others have as well: these are not taken for theirs.
    pub shared: Vec<String>,
}

/// A row of a run, and where it stands.
pub(super) type Row = (i64, i64);

/// A row of somebody else that names them in another input.
#[derive(Debug, Clone)]
pub(super) struct Naming {
    pub(super) state: RowState,
    /// What is left of its cells and of its inputs.
    pub(super) cells: Option<String>,
    pub(super) inputs: Option<String>,
}

/// Everything of somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) attempts: BTreeMap<i64, Outcome>,
    /// Each with whether anything of it is there.
    pub(super) jobs: BTreeMap<(i64, String, String), bool>,
    pub(super) rows: BTreeMap<Row, RowState>,
    /// Attempts, among them, of others that name them in another input.
    pub(super) naming: BTreeSet<i64>,
    pub(super) naming_rows: BTreeMap<Row, Naming>,
    /// Rows of others, with what is left of their cells.
    pub(super) cells: BTreeMap<Row, (String, u64)>,
    /// Runs that say something of them, with what is left of their columns and their mapping.
    pub(super) runs: BTreeMap<i64, (String, String, u64)>,
    pub(super) drafts: BTreeSet<(String, String)>,
    /// What requests and jobs of theirs gave, and by what these are known.
    pub(super) given: Vec<(Draft, Keys)>,
    /// Hashes of which the inputs are gone, each with the server that is in them.
    pub(super) hashes: Vec<(String, Keys)>,
    pub(super) records: BTreeSet<String>,
    /// Addresses that others have as well.
    pub(super) shared: BTreeSet<String>,
    /// The same as hashes, at each place.
    pub(super) shared_hashes: BTreeSet<[u8; 16]>,
}

impl Found {
    pub(super) fn give(&mut self, (draft, keys): (Draft, Keys)) {
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
        rows.filter(|(_, state)| !is_with_server(*state))
    }

    /// The people behind it: whoever two requests cannot tell apart is one.
    fn people(&self) -> Vec<Option<&Draft>> {
        let of_people = |keys: &&Keys| keys.kind == EnrichmentKind::People;
        let given = self.given.iter().map(|(draft, keys)| (Some(draft), keys));
        let mut all: Vec<(Option<&Draft>, &Keys)> = given.collect();
        all.retain(|(_, keys)| of_people(keys));
        if all.is_empty() && self.is_anything() {
            // Their inputs are gone: the hashes tell them apart as well.
            all.extend(self.hashes.iter().map(|(_, keys)| (None, keys)));
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
        let naming = self
            .naming
            .iter()
            .filter(|id| self.attempts.contains_key(id));
        let naming = number(naming.count() + self.naming_rows.len());
        let waits = |state: &RowState| {
            matches!(
                state,
                RowState::Pending | RowState::Absent | RowState::NotSent
            )
        };
        let cells = self.cells.values().map(|(_, count)| *count);
        let runs = self.runs.values().map(|(_, _, count)| *count);
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
            waiting: number(
                rows.iter()
                    .map(|(_, state)| *state)
                    .chain(self.naming_rows.values().map(|row| row.state))
                    .filter(waits)
                    .count(),
            ),
            elsewhere: naming,
            cells: cells.chain(runs).sum(),
            drafts: number(self.drafts.len()),
            shared: self.shared.iter().cloned().collect(),
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

/// Whether a row is with the server: it keeps what reconcile compares.
pub(super) fn is_with_server(state: RowState) -> bool {
    matches!(state, RowState::Sending | RowState::Unknown)
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
