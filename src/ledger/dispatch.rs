//! Recording an attempt before its first byte goes out.
//!
//! In one transaction: the row of a run waits for it and this process holds the run, nobody asked
//! about the same person before (or a person's word overrules that), the unit is there (or the
//! operator overruled the limit), the attempt is written. Two processes cannot both spend the last
//! unit or both pay for one person, and a row cannot be sent twice.

use rusqlite::{OptionalExtension, params};

use crate::base::limits::UNITS_TAUGHT;
use crate::base::{AttemptId, EnrichmentKind, RowNumber, RunId};

use super::attempt::{Budget, BudgetRule, Forced, NewAttempt, Origin};
use super::cells::int;
use super::error::{Fault, LedgerError};
use super::gate;
use super::listed::listed;
use super::run::{RowState, RunState};
use super::search;
use super::subject::{self, Owner};
use super::times::{self, Now};
use super::writer::Tx;

pub(super) fn dispatch(tx: &Tx<'_>, new: &NewAttempt) -> Result<AttemptId, Fault> {
    let scope = scope_id(tx.conn, new.scope.as_str())?;
    let (run, row) = match new.origin {
        Origin::Single => (None, None),
        Origin::Row(run, row) => {
            check_row(tx, run, row)?;
            (Some(run.0), Some(row.0))
        }
    };
    gate::refuse(tx, new)?;
    check_budget(tx, (scope, new.kind), new.budget)?;
    keep_configured(tx, scope, new)?;
    let id: i64 = tx
        .conn
        .prepare_cached(
            "INSERT INTO attempts (started_ms, profile, scope, data_center, environment, kind,
                 module, record_id, operator, process, run, row, forced, overridden, fingerprint,
                 inputs, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                 'sending')
             RETURNING id",
        )?
        .query_row(
            params![
                tx.now_ms,
                new.profile.as_str(),
                scope,
                new.data_center.code(),
                new.environment.as_str(),
                new.kind.as_str(),
                new.module,
                new.record_id,
                tx.env.operator,
                tx.env.process,
                run,
                row,
                new.forced == Forced::Yes,
                new.budget.rule == BudgetRule::Override,
                new.subject.fingerprint.0,
                new.inputs,
            ],
            |row| row.get("id"),
        )?;
    tx.conn
        .prepare_cached(
            "INSERT INTO bodies (attempt, request_body, method, url, request_headers)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            id,
            new.body,
            new.head.method,
            new.head.url,
            serde_json::json!(new.head.headers).to_string(),
        ])?;
    let words = search::Words {
        inputs: Some(&new.inputs),
        module: &new.module,
        record_id: new.record_id.as_deref(),
        ..search::Words::default()
    };
    tx.conn
        .prepare_cached("INSERT INTO search (rowid, text) VALUES (?1, ?2)")?
        .execute(params![id, words.text()])?;
    let owner = Owner::Attempt(AttemptId(id));
    subject::keep(tx.conn, (scope, new.kind), owner, &new.subject.keys)?;
    times::keep(
        tx.conn,
        (scope, AttemptId(id)),
        &Now::of(tx.env.clock.as_ref()),
    )?;
    if let Origin::Row(run, row) = new.origin {
        tx.conn
            .prepare_cached(
                "UPDATE run_rows SET state = 'sending', reason = NULL, attempt = ?3
                 WHERE run = ?1 AND row = ?2",
            )?
            .execute(params![run.0, row.0, id])?;
    }
    Ok(AttemptId(id))
}

fn check_budget(
    tx: &Tx<'_>,
    (scope, kind): (i64, EnrichmentKind),
    budget: Budget,
) -> Result<(), Fault> {
    if budget.rule == BudgetRule::Override {
        return Ok(());
    }
    let used: i64 = tx
        .conn
        .prepare_cached(
            "SELECT sending + unknown + scheduled + jobs_foreign AS used FROM usage
             WHERE scope = ?1 AND kind = ?2",
        )?
        .query_row(params![scope, kind.as_str()], |row| row.get("used"))
        .optional()?
        .unwrap_or(0);
    let mut used = u64::try_from(used).unwrap_or(0);
    let is_too_much =
        |used: u64| used.saturating_add(1).saturating_add(budget.reserve) > budget.limit;
    if is_too_much(used) {
        let listed: u64 = listed(tx.conn, (scope, kind))?.values().sum();
        used = used.saturating_sub(listed);
    }
    if is_too_much(used) {
        return Err(LedgerError::LimitReached {
            used,
            limit: budget.limit,
            reserve: budget.reserve,
        }
        .into());
    }
    Ok(())
}

/// Keeps which limit the sender has in the configuration, for all who send to the organisation.
fn keep_configured(tx: &Tx<'_>, scope: i64, new: &NewAttempt) -> Result<(), Fault> {
    // The day of the last use is enough: most attempts of a run write nothing here.
    const AGAIN_MS: i64 = 86_400_000;
    tx.conn
        .prepare_cached(
            "INSERT INTO configured_limits (scope, profile, operator, units, used_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET units = excluded.units, used_ms = excluded.used_ms
                 WHERE units <> excluded.units OR abs(excluded.used_ms - used_ms) >= ?6",
        )?
        .execute(params![
            scope,
            new.profile.as_str(),
            tx.env.operator,
            int(new.budget.configured),
            tx.now_ms,
            AGAIN_MS,
        ])?;
    Ok(())
}

fn check_row(tx: &Tx<'_>, run: RunId, row: RowNumber) -> Result<(), Fault> {
    let is_held = tx
        .env
        .held
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .contains(&run);
    if !is_held {
        return Err(LedgerError::RunNotHeld { run }.into());
    }
    let state = run_state(tx.conn, run)?;
    match state {
        RunState::Ready | RunState::Running => {}
        RunState::Importing | RunState::Paused | RunState::Finished => {
            let wanted = "rows are sent only while it is ready or running";
            return Err(LedgerError::RunState { run, state, wanted }.into());
        }
    }
    let state = row_state(tx.conn, run, row)?;
    if state != RowState::Pending {
        let wanted = "only a pending row is sent";
        return Err(LedgerError::RowState {
            run,
            row,
            state,
            wanted,
        }
        .into());
    }
    Ok(())
}

/// The number of a scope; it is made when it is new.
pub(super) fn scope_id(conn: &rusqlite::Connection, key: &str) -> Result<i64, Fault> {
    if let Some(id) = find_scope(conn, key)? {
        return Ok(id);
    }
    Ok(conn
        .prepare_cached("INSERT INTO scopes (key) VALUES (?1) RETURNING id")?
        .query_row([key], |row| row.get("id"))?)
}

/// The number of a scope, if anything was ever recorded for it.
pub(super) fn find_scope(conn: &rusqlite::Connection, key: &str) -> Result<Option<i64>, Fault> {
    Ok(conn
        .prepare_cached("SELECT id FROM scopes WHERE key = ?1")?
        .query_row([key], |row| row.get("id"))
        .optional()?)
}

pub(super) fn run_state(conn: &rusqlite::Connection, run: RunId) -> Result<RunState, Fault> {
    conn.prepare_cached("SELECT state FROM runs WHERE id = ?1")?
        .query_row([run.0], |row| super::cells::Cells::of(row).word())
        .optional()?
        .ok_or_else(|| LedgerError::NoSuchRun(run).into())
}

pub(super) fn row_state(
    conn: &rusqlite::Connection,
    run: RunId,
    row: RowNumber,
) -> Result<RowState, Fault> {
    conn.prepare_cached("SELECT state FROM run_rows WHERE run = ?1 AND row = ?2")?
        .query_row([run.0, row.0], |row| super::cells::Cells::of(row).word())
        .optional()?
        .ok_or_else(|| LedgerError::NoSuchRow { run, row }.into())
}

/// Remembers a limit that an answer taught, if it can be one.
pub(super) fn learn_limit(
    tx: &Tx<'_>,
    (scope, kind): (i64, EnrichmentKind),
    learned: super::usage::LearnedLimit,
) -> Result<(), Fault> {
    if !UNITS_TAUGHT.contains(&learned.limit) {
        return Ok(());
    }
    tx.conn
        .prepare_cached(
            "INSERT INTO limits (scope, kind, learned, learned_source, learned_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET learned = excluded.learned,
                 learned_source = excluded.learned_source, learned_ms = excluded.learned_ms",
        )?
        .execute(params![
            scope,
            kind.as_str(),
            int(learned.limit),
            learned.source.as_str(),
            learned.at.as_millisecond(),
        ])?;
    Ok(())
}
