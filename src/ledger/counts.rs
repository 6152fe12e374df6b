//! Usage: reading the counters that the triggers keep. No usage question scans attempts.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use crate::base::limits::UNITS_TAUGHT;
use crate::base::{EnrichmentKind, Outcome};

use super::cells::Cells;
use super::dispatch::find_scope;
use super::error::Fault;
use super::usage::{DayCount, FeatureCounts, LearnedLimit, UsageCounts};

/// The outcomes that count against the limit, for SQL; a test holds it to `Outcome::is_charged`.
pub(super) const CHARGED: &str = "('sending', 'scheduled', 'unknown', 'unknown (accepted)')";

pub(super) fn counts(
    conn: &Connection,
    scope: &str,
    kind: EnrichmentKind,
) -> Result<UsageCounts, Fault> {
    let Some(scope) = find_scope(conn, scope)? else {
        return Ok(UsageCounts::default());
    };
    let key = (scope, kind.as_str());
    let mut counts = conn
        .prepare_cached(
            "SELECT scheduled, unknown, sending, jobs_foreign FROM usage
             WHERE scope = ?1 AND kind = ?2",
        )?
        .query_row(key, |row| {
            let mut cells = Cells::of(row);
            let (scheduled, unknown, sending, foreign) = (
                cells.count()?,
                cells.count()?,
                cells.count()?,
                cells.count()?,
            );
            Ok(UsageCounts {
                scheduled,
                open: sending.saturating_add(unknown),
                unknown,
                sending,
                foreign,
                ..UsageCounts::default()
            })
        })
        .optional()?
        .unwrap_or_default();
    let mine = format!(
        "SELECT operator, sum(count) AS n FROM days
         WHERE scope = ?1 AND kind = ?2 AND outcome IN {CHARGED}
         GROUP BY operator HAVING n > 0 ORDER BY n DESC, operator"
    );
    counts.mine_by_operator = by_name(conn, &mine, key)?;
    counts.foreign_by = by_name(
        conn,
        "SELECT name, sum(count) AS n FROM foreign_days WHERE scope = ?1 AND kind = ?2
         GROUP BY name HAVING n > 0 ORDER BY n DESC, name",
        key,
    )?;
    let limits = conn
        .prepare_cached(
            "SELECT listed_ms, learned, learned_source, learned_ms, features_used,
                 features_available, features_limit, features_ms
             FROM limits WHERE scope = ?1 AND kind = ?2",
        )?
        .query_row(key, |row| {
            let mut cells = Cells::of(row);
            let listed = cells.time_or_none()?;
            let learned = (
                cells.count_or_none()?,
                cells.word_or_none()?,
                cells.time_or_none()?,
            );
            let (used, available, limit) = (
                cells.count_or_none()?,
                cells.count_or_none()?,
                cells.count_or_none()?,
            );
            let at = cells.time_or_none()?;
            Ok((listed, learned, at.map(|at| (used, available, limit, at))))
        })
        .optional()?;
    if let Some((listed, learned, features)) = limits {
        counts.listed_at = listed;
        let is_believed = |limit: &u64| UNITS_TAUGHT.contains(limit);
        if let (Some(limit), Some(source), Some(at)) = learned
            && is_believed(&limit)
        {
            counts.learned_limit = Some(LearnedLimit { limit, source, at });
        }
        counts.features = features.map(|(used, available, limit, at)| FeatureCounts {
            used,
            available,
            limit: limit.filter(is_believed),
            at,
        });
    }
    Ok(counts)
}

fn by_name(conn: &Connection, sql: &str, key: (i64, &str)) -> Result<Vec<(String, u64)>, Fault> {
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement.query_map(key, |row| {
        let mut cells = Cells::of(row);
        Ok((cells.take()?, cells.count()?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The days from `since_day` on that have anything to show, oldest first.
pub(super) fn days(
    conn: &Connection,
    (scope, kind): (&str, EnrichmentKind),
    (since_day, operator): (i64, &str),
) -> Result<Vec<DayCount>, Fault> {
    let Some(scope) = find_scope(conn, scope)? else {
        return Ok(Vec::new());
    };
    let mut days: BTreeMap<i64, DayCount> = BTreeMap::new();
    let mut statement = conn.prepare_cached(
        "SELECT day, operator, outcome, count FROM days
         WHERE scope = ?1 AND kind = ?2 AND day >= ?3 AND count > 0",
    )?;
    let mut rows = statement.query((scope, kind.as_str(), since_day))?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let day: i64 = cells.take()?;
        let who: String = cells.take()?;
        let outcome: Outcome = cells.word()?;
        let count = cells.count()?;
        let entry = days.entry(day).or_default();
        *entry.by_outcome.entry(outcome).or_default() += count;
        if outcome.is_charged() {
            let side = if who == operator {
                &mut entry.mine
            } else {
                &mut entry.others
            };
            *side += count;
        }
    }
    let mut statement = conn.prepare_cached(
        "SELECT day, sum(count) AS n FROM foreign_days
         WHERE scope = ?1 AND kind = ?2 AND day >= ?3 GROUP BY day HAVING n > 0",
    )?;
    let mut rows = statement.query((scope, kind.as_str(), since_day))?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::of(row);
        let day: i64 = cells.take()?;
        days.entry(day).or_default().others += cells.count()?;
    }
    Ok(days
        .into_iter()
        .map(|(day, count)| DayCount { day, ..count })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charged_outcomes_are_those_of_the_domain() {
        for outcome in Outcome::ALL {
            let listed = CHARGED.contains(&format!("'{outcome}'"));
            assert_eq!(listed, outcome.is_charged(), "{outcome}");
        }
    }
}
