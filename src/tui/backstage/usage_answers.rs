//! Answers for the Usage screen: the ledger's counters, day by day.

use jiff::tz::TimeZone;

use super::convert::failure;
use crate::base::{EnrichmentKind, ProfileName};
use crate::enrichment::usage::{LimitSource, pace};
use crate::ledger;
use crate::ops::usage::usage_of;
use crate::ops::{Deck, OpsError};
use crate::tui::model::usage_screen::{DAYS, Day, UsageSheet};
use crate::tui::msg::Msg;

/// Days over which the pace is taken, here and in the Console.
const PACE_DAYS: usize = 14;

pub(super) async fn sheet(deck: &Deck, profile: ProfileName, kind: EnrichmentKind) -> Msg {
    let result = read(deck, &profile, kind).await;
    Msg::UsageSheet {
        result: result.map(Box::new).map_err(|error| failure(&error)),
        profile,
        kind,
    }
}

async fn read(
    deck: &Deck,
    profile: &ProfileName,
    kind: EnrichmentKind,
) -> Result<UsageSheet, OpsError> {
    let desk = deck.desk(Some(profile))?;
    let scope = desk.scope().await?;
    let counts = desk.ledger().counts(scope.clone(), kind).await?;
    let now = desk.clock().now();
    let last = now.as_second().div_euclid(86_400);
    let first = last - i64::try_from(DAYS).unwrap_or(i64::MAX) + 1;
    let counted = desk.ledger().days(scope, kind, first).await?;
    let days: Vec<Day> = (first..=last)
        .map(|day| {
            let found = counted.iter().find(|count| count.day == day);
            found.map_or_else(Day::default, |count| Day {
                units: count.mine.saturating_add(count.others),
                outcomes: count.by_outcome.clone(),
            })
        })
        .collect();
    let usage = usage_of(&desk, &counts);
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
        today: now.to_zoned_datetime(TimeZone::UTC).date(),
        mine_by: counts.mine_by_operator,
        others_by: counts.foreign_by,
        configured: desk.profile().limit,
        learned: by_details.or(by_features),
    })
}
