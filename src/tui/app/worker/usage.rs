//! The usage: the ledger's counters, day by day, and what the server adds.

use jiff::tz::TimeZone;

use super::At;
use crate::base::{EnrichmentKind, Scope};
use crate::enrichment::usage::{LimitSource, pace};
use crate::ledger;
use crate::ops::job_list::ListDepth;
use crate::ops::usage::{refresh, report, usage_of};
use crate::ops::{OpsError, ProfileSession};
use crate::tui::app::op::Freshness;
use crate::tui::data::usage::{DAYS, Day, UsageFigures, UsageSheet};

/// Days that the plot of units shows, and over which the pace is taken.
const PACE_DAYS: usize = 14;

/// The one number; where the server cannot be asked, what the ledger knows is still true, and a
/// sentence says what is missing.
pub(crate) async fn figures(
    at: At<'_>,
    scope: Scope,
    from: Freshness,
) -> Result<UsageFigures, OpsError> {
    let session = at.session(&scope.profile)?;
    let (found, note) = match from {
        Freshness::Ledger | Freshness::Final => (report(&session, scope.kind).await?, None),
        Freshness::Server => match refresh(&session, scope.kind, ListDepth::New).await {
            Ok(found) => (found, None),
            Err(error) => (report(&session, scope.kind).await?, Some(error.to_string())),
        },
    };
    let counted = days(&session, scope.kind, PACE_DAYS).await?;
    let days: Vec<u64> = counted.into_iter().map(|day| day.units).collect();
    Ok(UsageFigures {
        pace: pace(&days, found.usage.left()),
        usage: found.usage,
        days,
        note: note.or_else(|| found.missing.first().cloned()),
    })
}

/// The last days of the ledger's counters, today last.
async fn days(
    session: &ProfileSession,
    kind: EnrichmentKind,
    count: usize,
) -> Result<Vec<Day>, OpsError> {
    let last = session.clock().now().as_second().div_euclid(86_400);
    let first = last - i64::try_from(count).unwrap_or(i64::MAX) + 1;
    let counted = session
        .ledger()
        .days(session.scope().await?, kind, first)
        .await?;
    let day = |day: i64| {
        let found = counted.iter().find(|count| count.day == day);
        found.map_or_else(Day::default, |count| Day {
            units: count.mine.saturating_add(count.others),
            outcomes: count.by_outcome.clone(),
        })
    };
    Ok((first..=last).map(day).collect())
}

/// Everything of the Usage screen.
pub(crate) async fn sheet(at: At<'_>, of: Scope) -> Result<UsageSheet, OpsError> {
    let session = at.session(&of.profile)?;
    let scope = session.scope().await?;
    let counts = session.ledger().counts(scope, of.kind).await?;
    let days = days(&session, of.kind, DAYS).await?;
    let usage = usage_of(&session, &counts);
    let units: Vec<u64> = days.iter().map(|day| day.units).collect();
    let recent = units.get(DAYS.saturating_sub(PACE_DAYS)..);
    let by_details = counts.learned_limit.map(|learned| {
        let source = match learned.source {
            ledger::LimitSource::Details => LimitSource::Details,
            ledger::LimitSource::Features => LimitSource::Features,
        };
        (learned.limit, source, learned.at)
    });
    let by_features = counts
        .features
        .and_then(|features| Some((features.limit?, LimitSource::Features, features.at)));
    Ok(UsageSheet {
        pace: pace(recent.unwrap_or_default(), usage.left()),
        usage,
        days,
        today: session
            .clock()
            .now()
            .to_zoned_datetime(TimeZone::UTC)
            .date(),
        mine_by: counts.mine_by_operator,
        others_by: counts.foreign_by,
        configured: session.profile().limit,
        learned: by_details.or(by_features),
    })
}
