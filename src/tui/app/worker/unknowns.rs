//! Unknowns: looking at them, reconciling them, recording what a person decided.

use crate::base::Scope;
use crate::ops::decide;
use crate::ops::reconcile::{Finding as Found, Finished, reconcile};
use crate::ops::unknowns::{UnknownAttempt, list, look};
use crate::ops::{AppContext, OpsError};
use crate::tui::app::notice::{Level, Notice};
use crate::tui::app::op::{Decision, DecisionOn, Freshness, UnknownsOf};
use crate::tui::data::unknown::{Finding, Reconciled};

pub(super) async fn load(
    context: &AppContext,
    of: UnknownsOf,
) -> Result<Vec<UnknownAttempt>, OpsError> {
    let settle = context.config().settle;
    let session = context.session(Some(&of.scope.profile))?;
    match of.from {
        Freshness::Ledger | Freshness::Final => list(&session, of.scope.kind, settle).await,
        Freshness::Server => look(&session, of.scope.kind, settle).await,
    }
}

pub(super) async fn settle(context: &AppContext, scope: Scope) -> Result<Reconciled, OpsError> {
    let session = context.session(Some(&scope.profile))?;
    let findings = reconcile(&session, scope.kind, context.config().settle).await?;
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
pub(super) async fn decide(context: &AppContext, on: DecisionOn) -> Result<Notice, OpsError> {
    let DecisionOn {
        profile,
        attempt,
        decision,
    } = on;
    let session = context.session(Some(&profile))?;
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
