//! How old an attempt is, proven without the wall clock of this machine.
//!
//! ```text
//!  the same boot of the host        its own clock since then, which nobody sets
//!  a time that the server told      its newest one, less the one it told with the answer
//! ```
//! A wall clock may have been set; what neither of the two proves is young.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{AttemptId, Clock};

use super::attempt::ScopeKey;
use super::dispatch::find_scope;
use super::error::Fault;

/// This moment, by the boot of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Now {
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
pub(super) fn keep(conn: &Connection, id: AttemptId, now: &Now) -> Result<(), Fault> {
    conn.prepare_cached("INSERT INTO times (attempt, boot, boottime_ms) VALUES (?1, ?2, ?3)")?
        .execute(params![id.0, now.boot, now.boottime_ms])?;
    Ok(())
}

/// Keeps what the server's clock said with an answer.
pub(super) fn answered(
    conn: &Connection,
    (scope, id): (i64, AttemptId),
    date_ms: i64,
) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO times (attempt, answered_ms) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET answered_ms = excluded.answered_ms",
    )?
    .execute(params![id.0, date_ms])?;
    told(conn, scope, date_ms)
}

/// Keeps the newest time that a server told.
pub(super) fn told(conn: &Connection, scope: i64, date_ms: i64) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO server_times (scope, date_ms) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET date_ms = max(date_ms, excluded.date_ms)",
    )?
    .execute(params![scope, date_ms])?;
    Ok(())
}

/// The newest time that the server of a scope told: it is at least that now.
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
    fn a_date_is_read_as_http_writes_it() {
        assert_eq!(
            of_header("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777_000)
        );
        assert_eq!(of_header("yesterday"), None);
    }
}
