//! Usage as a use case: from the ledger at once, from the server on request.

use std::sync::Arc;

use super::error::OpsError;
use super::job_list::{ListDepth, list};
use super::jobs::read_beside_unknowns;
use super::reach::check_pin;
use super::session::ProfileSession;
use crate::base::EnrichmentKind;
use crate::enrichment::usage::{LimitSource, Usage, UsageInputs};
use crate::ledger::{self, FeatureCounts, UsageCounts};

/// Usage with its breakdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// The one number.
    pub usage: Usage,
    /// Units of each operator of this ledger.
    pub mine_by: Vec<(String, u64)>,
    /// Jobs of others, by the name the server gives.
    pub others_by: Vec<(String, u64)>,
    /// Why a source could not be asked, if so.
    pub missing: Vec<String>,
}

/// Usage from the ledger alone, with what earlier calls of the server taught.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn local(session: &ProfileSession, kind: EnrichmentKind) -> Result<Usage, OpsError> {
    let scope = session.scope().await?;
    let counts = session.ledger().counts(scope, kind).await?;
    Ok(usage_of(session, &counts))
}

/// Usage from the ledger with its breakdown.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn report(
    session: &ProfileSession,
    kind: EnrichmentKind,
) -> Result<UsageReport, OpsError> {
    let scope = session.scope().await?;
    let counts = session.ledger().counts(scope, kind).await?;
    Ok(UsageReport {
        usage: usage_of(session, &counts),
        mine_by: counts.mine_by_operator,
        others_by: counts.foreign_by,
        missing: Vec::new(),
    })
}

/// Asks the server: whose organisation it is, the job list, and the features call where the scope
/// allows it.
///
/// # Errors
/// When there is no token, the token reaches another organisation, or the job list cannot be read.
pub async fn refresh(
    session: &Arc<ProfileSession>,
    kind: EnrichmentKind,
    depth: ListDepth,
) -> Result<UsageReport, OpsError> {
    check_pin(session).await?;
    list(session, kind, depth).await?;
    super::gate::keep_time(session).await?;
    let mut missing = Vec::new();
    if let Err(error) = read_beside_unknowns(session, kind).await {
        missing.push(format!(
            "jobs beside requests without an answer: {error}; a unit may be counted twice"
        ));
    }
    // The features call speaks of data enrichment as a whole; organisations are counted apart.
    if kind == EnrichmentKind::People
        && let Err(error) = features(session).await
    {
        missing.push(format!("features call: {error}"));
    }
    let mut report = report(session, kind).await?;
    report.missing = missing;
    Ok(report)
}

async fn features(session: &ProfileSession) -> Result<(), OpsError> {
    let Some(found) = session
        .ask(|token| async move { session.client().features(&token).await })
        .await?
    else {
        return Ok(());
    };
    let scope = session.scope().await?;
    let counts = FeatureCounts {
        used: found.used,
        available: found.available,
        limit: found.limit,
        at: session.clock().now(),
        told: session.client().server_time(),
    };
    session
        .ledger()
        .save_features(scope, EnrichmentKind::People, counts)
        .await?;
    Ok(())
}

/// One number of the ledger's counters.
pub fn usage_of(session: &ProfileSession, counts: &UsageCounts) -> Usage {
    let learned = counts.learned_limit.map(|learned| {
        let source = match learned.source {
            ledger::LimitSource::Details => LimitSource::Details,
            ledger::LimitSource::Features => LimitSource::Features,
        };
        (learned.limit, source)
    });
    let (configured_limit, configured_by) = configured(session, counts);
    let by_features = counts
        .features
        .and_then(|features| Some((features.limit?, LimitSource::Features)));
    Usage::of(&UsageInputs {
        scheduled: counts.scheduled,
        open: counts.open,
        listed: counts.listed,
        unknown: counts.unknown,
        foreign: counts.foreign,
        listed_at: counts.listed_at,
        features_used: counts
            .features
            .and_then(|features| Some((features.used?, features.at))),
        configured_limit,
        configured_by,
        learned_limit: learned.or(by_features),
    })
}

/// The smallest limit in the configurations of all profiles that were used of late for these units, and
/// whose that is. What this user's own configuration says is known from there, not from its last use.
fn configured(session: &ProfileSession, counts: &UsageCounts) -> (u64, Option<String>) {
    let own = session.profile();
    let others = counts.configured.iter().filter_map(|used| {
        if used.operator != session.operator() {
            let name = format!("{} of {}", used.profile, used.operator);
            return Some((used.units, Some(name)));
        }
        let limit = session.limit_of(&used.profile)?;
        let name = Some(used.profile.clone());
        Some((limit, name.filter(|name| name != own.name.as_str())))
    });
    let mut smallest = (own.limit, None);
    for other in others {
        if other.0 < smallest.0 {
            smallest = other;
        }
    }
    smallest
}
