//! Unknowns: looking at them, reconciling them, recording what a person decided.

use super::At;
use crate::base::{AttemptId, ProfileName, Scope};
use crate::ops::OpsError;
use crate::ops::decide;
use crate::ops::reconcile::{Finding as Found, Finished, reconcile};
use crate::ops::unknowns::{UnknownAttempt, list, look};
use crate::tui::app::notice::{Level, Notice};
use crate::tui::app::op::{Decision, Freshness};
use crate::tui::data::unknown::{Finding, Reconciled};

pub(crate) async fn load(
    at: At<'_>,
    scope: Scope,
    from: Freshness,
) -> Result<Vec<UnknownAttempt>, OpsError> {
    let (session, settle) = (at.session(&scope.profile)?, at.context.config().settle);
    match from {
        Freshness::Ledger | Freshness::Final => list(&session, scope.kind, settle).await,
        Freshness::Server => look(&session, scope.kind, settle).await,
    }
}

pub(crate) async fn settle(at: At<'_>, scope: Scope) -> Result<Reconciled, OpsError> {
    let (session, settle) = (at.session(&scope.profile)?, at.context.config().settle);
    let findings = reconcile(&session, scope.kind, settle).await?;
    Ok(told(&findings))
}

fn told(findings: &[Found]) -> Reconciled {
    let count = |wanted: fn(&Finished) -> bool| {
        let all = findings.iter().filter(|found| wanted(&found.verdict));
        all.count()
    };
    let early = count(|verdict| matches!(verdict, Finished::TooEarly { .. }));
    let open = count(|verdict| matches!(verdict, Finished::Undecided { .. }));
    let late = findings.iter().filter(|found| found.is_late()).count();
    let scheduled = count(|verdict| matches!(verdict, Finished::Scheduled(_)));
    let parts: Vec<String> = [
        (
            late,
            "scheduled although called absent: its job appeared late",
        ),
        (scheduled - late, "scheduled"),
        (
            count(|verdict| matches!(verdict, Finished::Absent)),
            "absent",
        ),
        (early, "too early to tell"),
        (open, "still unknown"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let level = if late > 0 {
        Level::Error
    } else if early + open > 0 {
        Level::Warning
    } else {
        Level::Info
    };
    let text = if parts.is_empty() {
        "nothing is unknown".to_owned()
    } else {
        format!("reconciled: {}", parts.join(", "))
    };
    Reconciled {
        told: Notice { level, text },
        open: findings.iter().filter_map(still_open).collect(),
    }
}

fn still_open(found: &Found) -> Option<Finding> {
    match &found.verdict {
        Finished::Scheduled(_) | Finished::Absent | Finished::TooEarly { .. } => None,
        Finished::Undecided { why, .. } => Some(Finding {
            attempt: found.attempt,
            why: why.clone(),
        }),
    }
}

/// A job is looked at before it is adopted: what it was made of is recorded with the decision.
pub(crate) async fn decide(
    at: At<'_>,
    profile: ProfileName,
    attempt: AttemptId,
    decision: Decision,
) -> Result<Notice, OpsError> {
    let session = at.session(&profile)?;
    let becomes = match decision {
        Decision::Adopt(job) => {
            let proposal = decide::propose(&session, attempt, &job).await?;
            decide::adopt(&session, &proposal).await?;
            format!("scheduled with job {job}")
        }
        Decision::Release => {
            decide::release(&session, attempt).await?;
            "absent; its unit is released".to_owned()
        }
    };
    Ok(Notice::info(format!(
        "attempt {attempt} is {becomes}; recorded as your decision"
    )))
}
