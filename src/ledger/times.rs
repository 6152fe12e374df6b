//! How old an attempt is, proven without the wall clock of this machine.
//!
//! ```text
//!  the same boot of the host        its own clock since then, which nobody sets
//!  a time that the server told      its newest one, less one that it told with the answer or after it
//! ```
//! A wall clock may have been set; what neither of the two proves is young. Where nothing was told
//! since an attempt, reconcile notes what is told today, and its age is counted from there.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{AttemptId, Clock};

use super::attempt::ScopeKey;
use super::cells::Cells;
use super::dispatch::find_scope;
use super::error::Fault;

/// This moment, by the boot of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Now {
    boot: Option<String>,
    boottime_ms: Option<i64>,
}

/// The time that a server told last, and when it came by the boot of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    date_ms: i64,
    boot: Option<String>,
    boottime_ms: Option<i64>,
}

/// When an attempt was made, as far as that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Made {
    pub(super) boot: Option<String>,
    pub(super) boottime_ms: Option<i64>,
    /// The server's time when it answered, or made the job.
    pub(super) server_ms: Option<i64>,
}

impl Now {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        let boot = clock.boot();
        Self {
            boottime_ms: boot
                .as_ref()
                .and_then(|boot| i64::try_from(boot.time.as_millis()).ok()),
            boot: boot.map(|boot| boot.id),
        }
    }

    /// The least age that is proven.
    pub(super) fn proven(&self, made: &Made, server_now: Option<i64>) -> Option<Duration> {
        let by_boot = (self.boot.is_some() && self.boot == made.boot)
            .then(|| Some(self.boottime_ms? - made.boottime_ms?))
            .flatten();
        let by_server = server_now.zip(made.server_ms).map(|(now, then)| now - then);
        let best = by_boot.into_iter().chain(by_server).max()?;
        u64::try_from(best).ok().map(Duration::from_millis)
    }
}

/// Keeps when an attempt is made.
pub(super) fn keep(
    conn: &Connection,
    (scope, id): (i64, AttemptId),
    now: &Now,
) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO times (attempt, boot, boottime_ms, told_ms)
         VALUES (?1, ?2, ?3, (SELECT date_ms FROM server_times WHERE scope = ?4))",
    )?
    .execute(params![id.0, now.boot, now.boottime_ms, scope])?;
    Ok(())
}

/// Counts the age of an attempt from what the server tells now, unless it is counted already.
pub(super) fn note(conn: &Connection, id: AttemptId) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO times (attempt, noted_ms)
         SELECT a.id, s.date_ms FROM attempts a JOIN server_times s ON s.scope = a.scope
             WHERE a.id = ?1
         ON CONFLICT DO UPDATE SET noted_ms = coalesce(noted_ms, excluded.noted_ms)",
    )?
    .execute([id.0])?;
    Ok(())
}

/// What proves when an attempt was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Proof {
    /// The least age.
    pub(super) age: Option<Duration>,
    /// Whether it is of this boot of the host, so that nobody need be asked for its age.
    pub(super) is_of_this_boot: bool,
    /// The moment by the server's clock.
    pub(super) server_ms: Option<i64>,
    /// A time of the server that was told before it.
    pub(super) told_ms: Option<i64>,
}

/// What proves when an attempt was made, beside a time of the server that is known to be later.
pub(super) fn proof(
    conn: &Connection,
    (id, now): (AttemptId, &Now),
    later_ms: Option<i64>,
) -> Result<Proof, Fault> {
    let found = conn
        .prepare_cached(
            "SELECT t.boot, t.boottime_ms, t.answered_ms, t.noted_ms, t.told_ms, s.date_ms, s.boot,
                 s.boottime_ms
             FROM attempts a LEFT JOIN times t ON t.attempt = a.id
                 LEFT JOIN server_times s ON s.scope = a.scope
             WHERE a.id = ?1",
        )?
        .query_row([id.0], |row| {
            let mut cells = Cells::of(row);
            let (boot, boottime_ms) = (cells.take()?, cells.take()?);
            let after: [Option<i64>; 2] = [cells.take()?, cells.take()?];
            let made = Made {
                boot,
                boottime_ms,
                // The earliest of them proves the most.
                server_ms: after.into_iter().chain([later_ms]).flatten().min(),
            };
            let told_ms: Option<i64> = cells.take()?;
            let date_ms: Option<i64> = cells.take()?;
            let (boot, boottime_ms) = (cells.take()?, cells.take()?);
            let newest = date_ms.map(|date_ms| Told {
                date_ms,
                boot,
                boottime_ms,
            });
            Ok((made, told_ms, newest))
        })
        .optional()?;
    let Some((made, told_ms, newest)) = found else {
        return Ok(Proof::default());
    };
    Ok(Proof {
        age: now.proven(&made, newest.as_ref().map(|told| told.date_ms)),
        is_of_this_boot: now.boot.is_some() && now.boot == made.boot,
        server_ms: newest.as_ref().and_then(|told| told.at(&made)),
        told_ms,
    })
}

impl Told {
    /// The server's time at the moment of an attempt: both moments of one boot.
    fn at(&self, made: &Made) -> Option<i64> {
        let is_same = self.boot.is_some() && self.boot == made.boot;
        let since = is_same
            .then(|| self.boottime_ms.zip(made.boottime_ms))
            .flatten();
        since.map(|(told, made)| self.date_ms - (told - made))
    }
}

/// Keeps what the server's clock said with an answer.
pub(super) fn answered(
    conn: &Connection,
    (scope, id): (i64, AttemptId),
    (date_ms, now): (i64, &Now),
) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO times (attempt, answered_ms) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET answered_ms = excluded.answered_ms",
    )?
    .execute(params![id.0, date_ms])?;
    told(conn, scope, (date_ms, now))
}

/// Keeps the time that a server told last. It may be put back: what it said before means nothing then.
pub(super) fn told(
    conn: &Connection,
    scope: i64,
    (date_ms, now): (i64, &Now),
) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO server_times (scope, date_ms, boot, boottime_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET date_ms = excluded.date_ms, boot = excluded.boot,
             boottime_ms = excluded.boottime_ms",
    )?
    .execute(params![scope, date_ms, now.boot, now.boottime_ms])?;
    Ok(())
}

/// The time that the server of a scope told last.
pub(super) fn server_now(conn: &Connection, scope: &ScopeKey) -> Result<Option<i64>, Fault> {
    let Some(scope) = find_scope(conn, scope.as_str())? else {
        return Ok(None);
    };
    Ok(conn
        .prepare_cached("SELECT date_ms FROM server_times WHERE scope = ?1")?
        .query_row([scope], |row| row.get("date_ms"))
        .optional()?)
}

/// The time in a `Date` header, as HTTP writes it (RFC 9110, 5.6.7).
pub(super) fn of_header(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|time| time.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn now(boot: &str, ms: i64) -> Now {
        Now {
            boot: Some(boot.to_owned()),
            boottime_ms: Some(ms),
        }
    }

    fn made(boot: &str, ms: i64, server: Option<i64>) -> Made {
        Made {
            boot: Some(boot.to_owned()),
            boottime_ms: Some(ms),
            server_ms: server,
        }
    }

    #[rstest]
    #[case::same_boot(made("a", 1_000, None), None, Some(4_000))]
    #[case::another_boot(made("b", 1_000, None), None, None)]
    #[case::by_the_server(made("b", 1_000, Some(10)), Some(70_010), Some(70_000))]
    #[case::the_longer_of_both(made("a", 1_000, Some(10)), Some(70_010), Some(70_000))]
    #[case::a_server_that_went_back(made("b", 0, Some(10)), Some(5), None)]
    #[case::nothing_is_kept(Made::default(), Some(5), None)]
    fn an_age_is_what_a_boot_or_the_server_proves(
        #[case] made: Made,
        #[case] server_now: Option<i64>,
        #[case] expected_ms: Option<u64>,
    ) {
        assert_eq!(
            now("a", 5_000).proven(&made, server_now),
            expected_ms.map(Duration::from_millis)
        );
    }

    #[test]
    fn the_servers_time_of_an_attempt_is_told_by_one_boot() {
        let told = |boot: &str| Told {
            date_ms: 100_000,
            boot: Some(boot.to_owned()),
            boottime_ms: Some(9_000),
        };

        assert_eq!(told("a").at(&made("a", 5_000, None)), Some(96_000));
        assert_eq!(told("a").at(&made("a", 12_000, None)), Some(103_000));
        assert_eq!(told("b").at(&made("a", 5_000, None)), None);
        assert_eq!(told("a").at(&Made::default()), None);
    }

    #[test]
    fn a_date_is_read_as_http_writes_it() {
        assert_eq!(
            of_header("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777_000)
        );
        assert_eq!(of_header("yesterday"), None);
    }
}
