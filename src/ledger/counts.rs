//! Usage: reading the counters that the triggers keep. No usage question scans attempts.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use crate::base::limits::{LIMIT_KEPT, UNITS_TAUGHT};
use crate::base::{EnrichmentKind, Outcome, Timestamp};

use super::cells::Cells;
use super::dispatch::find_scope;
use super::error::Fault;
use super::listed::listed;
use super::migrate::{self, CONFIGURED_LIMITS, KEYED};
use super::usage::{ConfiguredLimit, DayCount, FeatureCounts, LearnedLimit, UsageCounts};

/// The outcomes that count against the limit, for SQL; a test holds it to `Outcome::is_charged`.
pub(super) const CHARGED: &str = "('sending', 'scheduled', 'unknown', 'unknown (accepted)')";

pub(super) fn counts(
    conn: &Connection,
    scope: &str,
    (kind, now): (EnrichmentKind, Timestamp),
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
    counts.mine_by_operator = by_name(
        conn,
        "SELECT operator, sum(count) AS n FROM days
         WHERE scope = ?1 AND kind = ?2 AND outcome = 'scheduled'
         GROUP BY operator HAVING n > 0 ORDER BY n DESC, operator",
        key,
    )?;
    let mut foreign_by = by_name(
        conn,
        "SELECT name, sum(count) AS n FROM foreign_days WHERE scope = ?1 AND kind = ?2
         GROUP BY name HAVING n > 0 ORDER BY n DESC, name",
        key,
    )?;
    // A ledger of an older format, which can only be read, has neither keys nor limits of others.
    let format = migrate::version(conn)?;
    if counts.open > 0 && counts.foreign > 0 && format >= KEYED {
        for (name, jobs) in listed(conn, (scope, kind))? {
            counts.listed += jobs;
            let of_name = foreign_by.iter_mut().find(|(other, _)| *other == name);
            if let Some((_, units)) = of_name {
                *units = units.saturating_sub(jobs);
            }
        }
        foreign_by.retain(|(_, units)| *units > 0);
    }
    counts.foreign_by = foreign_by;
    if format >= CONFIGURED_LIMITS {
        counts.configured = configured(conn, (scope, now))?;
    }
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
            told: None,
        });
    }
    Ok(counts)
}

/// The limits in the configurations of profiles that were used of late. Whatever this machine's clock
/// says, a use that it puts into the future is one of late.
fn configured(
    conn: &Connection,
    (scope, now): (i64, Timestamp),
) -> Result<Vec<ConfiguredLimit>, Fault> {
    let since = now.saturating_sub(LIMIT_KEPT).unwrap_or(Timestamp::MIN);
    let mut statement = conn.prepare_cached(
        "SELECT profile, operator, units FROM configured_limits
         WHERE scope = ?1 AND used_ms >= ?2 ORDER BY units, profile, operator",
    )?;
    let found = statement.query_map((scope, since.as_millisecond()), |row| {
        let mut cells = Cells::of(row);
        Ok(ConfiguredLimit {
            profile: cells.take()?,
            operator: cells.take()?,
            units: cells.count()?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
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
