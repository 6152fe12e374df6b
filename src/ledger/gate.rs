//! Whether somebody was paid for before: the facts, found by keyed hashes, and the refusal in the
//! transaction that would record the attempt, so that processes at once cannot slip through.
//!
//! ```text
//!  keys ─► subjects of the same organisation, or of one that is not known ─► matches ─► word ─► sent
//!                                                                                        └─► Already
//! ```

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, Outcome, RowNumber, RunId, Timestamp,
};
use crate::enrichment::Draft;
use crate::enrichment::verdict::{Match, OpenRule, Position, SameRun, Seen, Word};

use super::attempt::{NewAttempt, Origin, ScopeKey};
use super::cells::Cells;
use super::dispatch::scope_id;
use super::error::{Fault, LedgerError};
use super::handle::Ledger;
use super::key::ProvenKey;
use super::lock::Dead;
use super::look::Place;
use super::run::RunRow;
use super::subject::{Asked, Subject};
use super::times::{self, Now};
use super::writer::Tx;

impl Ledger {
    /// What a request asks about.
    ///
    /// # Errors
    /// [`LedgerError::NoKey`] without the ledger's key: nobody would be known again.
    pub fn subject(
        &self,
        draft: &Draft,
        (data_center, environment): (DataCenter, Environment),
    ) -> Result<Subject, LedgerError> {
        let server = ScopeKey::server(data_center, environment);
        Ok(Subject::of(draft, &server, &self.hash_key()?))
    }

    /// Counts the age of attempts from what the server tells now, where it is not counted yet.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn note_time_of(&self, attempts: Vec<AttemptId>) -> Result<(), LedgerError> {
        self.write("keep the server's time", move |tx| {
            attempts.iter().try_for_each(|id| times::note(tx.conn, *id))
        })
        .await
    }

    /// Keeps a time that the server told: how old an attempt is can then be proven.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn note_server_time(
        &self,
        scope: ScopeKey,
        told: Timestamp,
    ) -> Result<(), LedgerError> {
        self.write("keep the server's time", move |tx| {
            let scope = scope_id(tx.conn, scope.as_str())?;
            let now = Now::of(tx.env.clock.as_ref());
            times::told(tx.conn, scope, (told.as_millisecond(), &now))
        })
        .await
    }

    /// What the ledger has of each request, all as of one moment.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn seen(
        &self,
        (scope, kind): (ScopeKey, EnrichmentKind),
        asked: Vec<Asked>,
    ) -> Result<Vec<Seen>, LedgerError> {
        let now = Now::of(self.inner.clock.as_ref());
        self.read("look for the same person", move |conn| {
            let place = Place::of(conn, &scope, (kind, now))?;
            asked.iter().map(|asked| place.look(conn, asked)).collect()
        })
        .await
    }
}

/// What a row of a run asks about; `None` where its inputs cannot be read.
pub(super) fn asked_of_row(
    run: &RunRow,
    (inputs, record_id): (&str, Option<String>),
    key: &ProvenKey,
) -> Option<Asked> {
    let mut draft = Draft::new(run.kind, &run.module).with_json(inputs).ok()?;
    if let Some(record) = &record_id {
        draft.record_id.clone_from(record);
    }
    let prefix = run.scope.prefix();
    Some(Asked {
        subject: Subject::of(&draft, prefix.trim_end_matches('/'), key),
        module: draft.module.trim().to_owned(),
        record_id,
    })
}

/// Refuses what was asked before, unless a person's word says otherwise.
pub(super) fn refuse(tx: &Tx<'_>, new: &NewAttempt) -> Result<(), Fault> {
    let now = Now::of(tx.env.clock.as_ref());
    let place = Place::of(tx.conn, &new.scope, (new.kind, now))?;
    let asked = Asked {
        subject: new.subject.clone(),
        module: new.module.clone(),
        record_id: new.record_id.clone(),
    };
    let mut seen = place.look(tx.conn, &asked)?;
    if seen.matches.is_empty() {
        return Ok(());
    }
    let word = match new.origin {
        Origin::Single => new.word.clone(),
        Origin::Row(run, row) => {
            let word = word_of_row(tx.conn, (run, row), &new.word)?;
            if word.same_run == SameRun::Ignored {
                seen.matches.retain(|found| found.run != Some(run));
            }
            word
        }
    };
    let Some(found) = seen.blocking(&word).cloned() else {
        return Ok(());
    };
    let found = after_death(tx, found)?;
    Err(LedgerError::Already(Box::new(found)).into())
}

/// What a person said of a row, beside what is said of its whole run.
pub(super) fn word_of_row(
    conn: &Connection,
    (run, row): (RunId, RowNumber),
    of_run: &Word,
) -> Result<Word, Fault> {
    let found = conn
        .prepare_cached("SELECT known, known_open FROM run_rows WHERE run = ?1 AND row = ?2")?
        .query_row(params![run.0, row.0], |row| {
            let mut cells = Cells::of(row);
            Ok((cells.take::<Option<i64>>()?, cells.is_set()?))
        })
        .optional()?;
    let (known, is_open) = found.unwrap_or((None, false));
    Ok(row_word(of_run, (known, is_open)))
}

/// The word of a run with what is kept at one of its rows.
pub(super) fn row_word(of_run: &Word, (known, is_open): (Option<i64>, bool)) -> Word {
    Word {
        known: known.map(Position),
        open: if is_open {
            OpenRule::All
        } else {
            OpenRule::None
        },
        ..of_run.clone()
    }
}

/// An attempt of a process that died is unknown: that is what is told of it.
fn after_death(tx: &Tx<'_>, mut found: Match) -> Result<Match, Fault> {
    if found.outcome != Some(Outcome::Sending) {
        return Ok(found);
    }
    let Some(attempt) = found.attempt else {
        return Ok(found);
    };
    let process: Option<String> = tx
        .conn
        .prepare_cached("SELECT process FROM attempts WHERE id = ?1")?
        .query_row([attempt.0], |row| row.get("process"))
        .optional()?;
    let is_dead = process.is_some_and(|process| {
        process != tx.env.process && Dead::process(&tx.env.locks, &process).is_some()
    });
    if is_dead {
        found.outcome = Some(Outcome::Unknown);
    }
    Ok(found)
}
