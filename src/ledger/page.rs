//! Reading attempts: pages of the live log, one attempt whole, the unknowns of a scope.
//!
//! A page is found by its key (the attempt's number), never by an offset, and each filter has an
//! index that leads straight to its newest rows. Times are turned into bounds on numbers by the
//! first and last attempt of each day, so a clock that jumped cannot hide a row.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{AttemptId, EnrichmentKind, RequestHead, RowNumber, RunId, Timestamp};

use super::attempt::{
    AttemptDetail, AttemptRow, BudgetRule, Decision, Forced, LogPage, LogQuery, Origin, PageCursor,
    Sent,
};
use super::cells::{Cells, size};
use super::dispatch::find_scope;
use super::error::Fault;
use super::{migrate, search};

const DAY_MS: i64 = 86_400_000;

const COLUMNS: &str = "a.id, a.started_ms, a.settled_ms, a.profile, s.key, a.data_center,
    a.environment, a.kind, a.module, a.record_id, a.operator, a.run, a.row, a.forced, a.overridden,
    a.inputs, a.outcome, a.http_status, a.code, a.message, a.job_id, a.latency_ms, a.note,
    a.outcome = 'scheduled' AND EXISTS (
        SELECT 1 FROM decisions d WHERE d.attempt = a.id AND d.verdict = 'absent')";

fn read_row(cells: &mut Cells<'_, '_>) -> rusqlite::Result<AttemptRow> {
    Ok(AttemptRow {
        id: AttemptId(cells.take()?),
        at: cells.time()?,
        settled_at: cells.time_or_none()?,
        profile: cells.word()?,
        scope: cells.word()?,
        data_center: cells.word()?,
        environment: cells.word()?,
        kind: cells.word()?,
        module: cells.take()?,
        record_id: cells.take()?,
        operator: cells.take()?,
        origin: read_origin(cells)?,
        forced: if cells.is_set()? {
            Forced::Yes
        } else {
            Forced::No
        },
        rule: if cells.is_set()? {
            BudgetRule::Override
        } else {
            BudgetRule::Hold
        },
        inputs: cells.take()?,
        outcome: cells.word()?,
        http_status: cells.take()?,
        code: cells.take()?,
        message: cells.take()?,
        job_id: cells.word_or_none()?,
        latency: cells.span_or_none()?,
        note: cells.take()?,
        is_late: cells.is_set()?,
    })
}

fn read_origin(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Origin> {
    let run: Option<i64> = cells.take()?;
    let row: Option<i64> = cells.take()?;
    Ok(run.zip(row).map_or(Origin::Single, |(run, row)| {
        Origin::Row(RunId(run), RowNumber(row))
    }))
}

/// One attempt as the log shows it.
pub(super) fn attempt_row(conn: &Connection, id: AttemptId) -> Result<Option<AttemptRow>, Fault> {
    let sql =
        format!("SELECT {COLUMNS} FROM attempts a JOIN scopes s ON s.id = a.scope WHERE a.id = ?1");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([id.0], |row| read_row(&mut Cells::of(row)))
        .optional()?)
}

/// The part of a query that one index answers.
struct Narrowed<'a> {
    profile: Option<&'a str>,
    outcome: Option<&'a str>,
}

pub(super) fn page(conn: &Connection, query: &LogQuery) -> Result<LogPage, Fault> {
    let mut found = LogPage::default();
    match query.search.as_deref() {
        None => found = page_of(conn, query, None)?,
        Some(typed) => {
            for way in search::ways(typed) {
                let words = search::query(typed, *way);
                found = page_of(conn, query, words.as_deref())?;
                if !found.rows.is_empty() {
                    break;
                }
            }
        }
    }
    found.total = (!found.more).then_some(found.rows.len() as u64);
    Ok(found)
}

fn page_of(conn: &Connection, query: &LogQuery, words: Option<&str>) -> Result<LogPage, Fault> {
    let wanted = query.rows.clamp(1, PAGE_ROWS_MAX);
    let Some(bounds) = bounds(conn, query)? else {
        return Ok(LogPage::default());
    };
    let mut rows: Vec<AttemptRow> = Vec::with_capacity(wanted + 1);
    for part in parts(query, words.is_some()) {
        let (sql, values) = statement(query, &part, words, (bounds, wanted + 1));
        let mut statement = conn.prepare_cached(&sql)?;
        let found = statement.query_map(params_from_iter(values), |row| {
            read_row(&mut Cells::of(row))
        })?;
        for row in found {
            rows.push(row?);
        }
    }
    // Each part is in order and long enough; together they are cut to the page.
    let more = rows.len() > wanted;
    match query.place {
        PageCursor::Newest | PageCursor::OlderThan(_) => {
            rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
            rows.truncate(wanted);
        }
        PageCursor::NewerThan(_) => {
            rows.sort_unstable_by_key(|row| row.id);
            rows.truncate(wanted);
            rows.reverse();
        }
    }
    Ok(LogPage {
        rows,
        more,
        ..LogPage::default()
    })
}

/// How SQLite would answer a query: one line for each step.
#[cfg(test)]
pub(super) fn plan(conn: &Connection, query: &LogQuery) -> Vec<String> {
    let words = query.search.as_deref();
    let words = words.and_then(|typed| search::query(typed, search::LastWord::Unfinished));
    let mut lines = Vec::new();
    for part in parts(query, words.is_some()) {
        let (sql, values) = statement(query, &part, words.as_deref(), ((1, 9), 5));
        let mut explained = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = explained.query_map(params_from_iter(values), |row| row.get("detail"));
        lines.extend(
            steps
                .unwrap()
                .map(|line: rusqlite::Result<String>| line.unwrap()),
        );
    }
    lines
}

/// One query per profile and outcome, so that each walks one index from its newest row; a search,
/// a run or a code is narrow enough by itself.
fn parts(query: &LogQuery, has_words: bool) -> Vec<Narrowed<'_>> {
    if has_words || query.run.is_some() || query.code.is_some() {
        return vec![Narrowed {
            profile: None,
            outcome: None,
        }];
    }
    let or_all = |words: Vec<&'static str>| -> Vec<Option<&'static str>> {
        if words.is_empty() {
            vec![None]
        } else {
            words.into_iter().map(Some).collect()
        }
    };
    let outcomes = or_all(query.outcomes.iter().map(|o| o.as_str()).collect());
    let mut profiles: Vec<Option<&str>> = query.profiles.iter().map(|p| Some(p.as_str())).collect();
    profiles.sort_unstable();
    profiles.dedup();
    if profiles.is_empty() {
        profiles.push(None);
    }
    let mut parts = Vec::new();
    for profile in profiles {
        for outcome in &outcomes {
            parts.push(Narrowed {
                profile,
                outcome: *outcome,
            });
        }
    }
    parts
}

fn statement(
    query: &LogQuery,
    part: &Narrowed<'_>,
    words: Option<&str>,
    ((low, high), limit): ((i64, i64), usize),
) -> (String, Vec<Value>) {
    // Without `..`: what is not asked of the rows here would be promised and not kept.
    let LogQuery {
        profiles,
        outcomes,
        code,
        since,
        until,
        kind,
        run,
        operator,
        search: _,
        place,
        rows: _,
    } = query;
    let mut filter = Filter::default();
    let (from, id) = if let Some(words) = words {
        filter.equals("search MATCH", words.to_owned().into());
        (
            // CROSS: the index first. SQLite would rather walk the attempts of a profile and ask
            // the index about each, which takes hours in a large ledger.
            "search CROSS JOIN attempts a ON a.id = search.rowid".to_owned(),
            "search.rowid",
        )
    } else {
        (format!("attempts a {}", index(query, part)), "a.id")
    };
    filter.equals(&format!("{id} >="), low.into());
    filter.equals(&format!("{id} <="), high.into());
    if let Some(since) = since {
        filter.equals("a.started_ms >=", since.as_millisecond().into());
    }
    if let Some(until) = until {
        filter.equals("a.started_ms <", until.as_millisecond().into());
    }
    match (part.profile, part.outcome) {
        (None, None) => {
            filter.one_of("a.profile", profiles.iter().map(|p| p.as_str()));
            filter.one_of("a.outcome", outcomes.iter().map(|o| o.as_str()));
        }
        (profile, outcome) => {
            filter.is("a.profile =", profile);
            filter.is("a.outcome =", outcome);
        }
    }
    filter.is("a.code =", code.as_deref());
    filter.is("a.kind =", kind.map(EnrichmentKind::as_str));
    filter.is("a.operator =", operator.as_deref());
    if let Some(run) = run {
        filter.equals("a.run =", run.0.into());
    }
    let order = match place {
        PageCursor::Newest | PageCursor::OlderThan(_) => "DESC",
        PageCursor::NewerThan(_) => "ASC",
    };
    filter.values.push(size(limit).into());
    let sql = format!(
        "SELECT {COLUMNS} FROM {from} JOIN scopes s ON s.id = a.scope WHERE {}
         ORDER BY {id} {order} LIMIT ?",
        filter.conditions.join(" AND ")
    );
    (sql, filter.values)
}

/// The index that leads to the newest rows of the narrowest filter. SQLite without statistics does
/// not always choose it.
fn index(query: &LogQuery, part: &Narrowed<'_>) -> &'static str {
    if query.run.is_some() {
        return "INDEXED BY attempts_run";
    }
    if query.code.is_some() {
        return "INDEXED BY attempts_code";
    }
    match (part.profile, part.outcome) {
        (Some(_), Some(_)) => "INDEXED BY attempts_profile_outcome",
        (Some(_), None) => "INDEXED BY attempts_profile",
        (None, Some(_)) => "INDEXED BY attempts_outcome",
        (None, None) if query.operator.is_some() => "INDEXED BY attempts_operator",
        (None, None) => "NOT INDEXED",
    }
}

#[derive(Default)]
struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    fn equals(&mut self, left: &str, value: Value) {
        self.conditions.push(format!("{left} ?"));
        self.values.push(value);
    }

    fn is(&mut self, left: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.equals(left, value.to_owned().into());
        }
    }

    fn one_of<'a>(&mut self, left: &str, values: impl Iterator<Item = &'a str>) {
        let before = self.values.len();
        self.values
            .extend(values.map(|v| Value::from(v.to_owned())));
        let marks = vec!["?"; self.values.len() - before];
        if !marks.is_empty() {
            self.conditions
                .push(format!("{left} IN ({})", marks.join(", ")));
        }
    }
}

/// The numbers between which the page lies; `None` when no attempt can.
fn bounds(conn: &Connection, query: &LogQuery) -> Result<Option<(i64, i64)>, Fault> {
    let (mut low, mut high) = (1, i64::MAX);
    match query.place {
        PageCursor::Newest => {}
        PageCursor::OlderThan(id) => high = id.0.saturating_sub(1),
        PageCursor::NewerThan(id) => low = id.0.saturating_add(1),
    }
    if let Some(since) = query.since {
        let first: Option<i64> = conn
            .prepare_cached("SELECT min(first_id) AS id FROM day_bounds WHERE day >= ?1")?
            .query_row([day_of(since)], |row| row.get("id"))?;
        low = low.max(first.unwrap_or(i64::MAX));
    }
    if let Some(until) = query.until {
        let last: Option<i64> = conn
            .prepare_cached("SELECT max(last_id) AS id FROM day_bounds WHERE day <= ?1")?
            .query_row([day_of(until)], |row| row.get("id"))?;
        high = high.min(last.unwrap_or(0));
    }
    Ok((low <= high).then_some((low, high)))
}

/// The UTC day of a time, as the triggers count it (they divide towards zero, as Rust does).
fn day_of(time: Timestamp) -> i64 {
    time.as_millisecond() / DAY_MS
}

/// One attempt with everything that is kept of it.
pub(super) fn attempt(conn: &Connection, id: AttemptId) -> Result<Option<AttemptDetail>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS}, a.fingerprint, {}, b.response_body, b.response_headers,
             b.details, a.purged_ms
         FROM attempts a JOIN scopes s ON s.id = a.scope LEFT JOIN bodies b ON b.attempt = a.id
         WHERE a.id = ?1",
        sent_columns(conn)?
    );
    let found = conn
        .prepare_cached(&sql)?
        .query_row([id.0], read_detail)
        .optional()?;
    found
        .map(|mut detail| {
            detail.decisions = decisions(conn, id)?;
            Ok(detail)
        })
        .transpose()
}

fn read_detail(row: &Row<'_>) -> rusqlite::Result<AttemptDetail> {
    let mut cells = Cells::of(row);
    Ok(AttemptDetail {
        row: read_row(&mut cells)?,
        fingerprint: cells.fingerprint()?,
        sent: read_sent(&mut cells)?,
        response_body: cells.take()?,
        response_headers: cells
            .take::<Option<String>>()?
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        details: cells.take()?,
        purged_at: cells.time_or_none()?,
        decisions: Vec::new(),
    })
}

/// What was sent, as far as the ledger's format keeps it: one that can only be read may be older.
fn sent_columns(conn: &Connection) -> Result<&'static str, Fault> {
    Ok(if migrate::version(conn)? < migrate::WHOLE_REQUESTS {
        "b.request_body, NULL, NULL, NULL"
    } else {
        "b.request_body, b.method, b.url, b.request_headers"
    })
}

fn read_sent(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Sent> {
    let body = cells.take()?;
    let method: Option<String> = cells.take()?;
    let url: Option<String> = cells.take()?;
    let headers: Option<String> = cells.take()?;
    let headers = headers.and_then(|text| serde_json::from_str(&text).ok());
    let head = match (method, url, headers) {
        (Some(method), Some(url), Some(headers)) => Some(RequestHead {
            method,
            url,
            headers,
        }),
        _ => None,
    };
    Ok(Sent { head, body })
}

/// What these attempts sent, in their order.
pub(super) fn sent(conn: &Connection, ids: &[AttemptId]) -> Result<Vec<Sent>, Fault> {
    let sql = format!(
        "SELECT {} FROM bodies b WHERE b.attempt = ?1",
        sent_columns(conn)?
    );
    let mut statement = conn.prepare_cached(&sql)?;
    ids.iter()
        .map(|id| {
            let found = statement.query_row([id.0], |row| read_sent(&mut Cells::of(row)));
            Ok(found.optional()?.unwrap_or_default())
        })
        .collect()
}

fn decisions(conn: &Connection, id: AttemptId) -> Result<Vec<Decision>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT at_ms, operator, made_by, verdict, note FROM decisions
         WHERE attempt = ?1 ORDER BY id",
    )?;
    let found = statement.query_map([id.0], |row| {
        let mut cells = Cells::of(row);
        Ok(Decision {
            at: cells.time()?,
            operator: cells.take()?,
            made_by: cells.take()?,
            verdict: cells.take()?,
            note: cells.take()?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// What reconcile has to settle, oldest first.
pub(super) fn unknowns(
    conn: &Connection,
    scope: &str,
    kind: EnrichmentKind,
) -> Result<Vec<AttemptDetail>, Fault> {
    let which = "outcome IN ('unknown', 'unknown (accepted)') ORDER BY id";
    details(conn, (scope, kind), which)
}

/// What was called absent and still has what was sent, oldest first: its job may appear late.
pub(super) fn absent(
    conn: &Connection,
    scope: &str,
    kind: EnrichmentKind,
) -> Result<Vec<AttemptDetail>, Fault> {
    let which = "outcome = 'absent' AND inputs IS NOT NULL ORDER BY id";
    details(conn, (scope, kind), which)
}

fn details(
    conn: &Connection,
    (scope, kind): (&str, EnrichmentKind),
    which: &str,
) -> Result<Vec<AttemptDetail>, Fault> {
    let Some(scope) = find_scope(conn, scope)? else {
        return Ok(Vec::new());
    };
    let ids: Vec<i64> = conn
        .prepare_cached(&format!(
            "SELECT id FROM attempts WHERE scope = ?1 AND kind = ?2 AND {which}"
        ))?
        .query_map((scope, kind.as_str()), |row| row.get("id"))?
        .collect::<Result<_, _>>()?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(attempt(conn, AttemptId(id))?);
    }
    Ok(found)
}
