//! Unknowns: looking at them, reconciling them, recording what a person decided.

use super::convert::failure;
use crate::base::{AttemptId, EnrichmentKind, ProfileName};
use crate::ops::decide;
use crate::ops::reconcile::{Finding as Found, Finished, reconcile};
use crate::ops::unknowns::{Unknown, list, look};
use crate::ops::{Deck, OpsError};
use crate::tui::effects::{Decision, Freshness};
use crate::tui::model::unknowns::Finding;
use crate::tui::model::{Failure, Level};
use crate::tui::msg::{Msg, Reconciled};

pub(super) async fn load(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
    freshness: Freshness,
) -> Result<Vec<Unknown>, Failure> {
    let settle = deck.config().settle;
    let found = async {
        let desk = deck.desk(Some(profile))?;
        match freshness {
            Freshness::Ledger => list(&desk, kind, settle).await,
            Freshness::Server => look(&desk, kind, settle).await,
        }
    };
    found.await.map_err(|error| failure(&error))
}

pub(super) async fn settle(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
) -> Result<Reconciled, Failure> {
    let found = async {
        let desk = deck.desk(Some(profile))?;
        reconcile(&desk, kind, deck.config().settle).await
    };
    found
        .await
        .map(|findings| told(&findings))
        .map_err(|error| failure(&error))
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
    Reconciled {
        level: if late > 0 {
            Level::Error
        } else if early + open > 0 {
            Level::Warning
        } else {
            Level::Info
        },
        text: if parts.is_empty() {
            "nothing is unknown".to_owned()
        } else {
            format!("reconciled: {}", parts.join(", "))
        },
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
pub(super) async fn decide(
    deck: &Deck,
    profile: &ProfileName,
    (attempt, decision): (AttemptId, Decision),
) -> Msg {
    let decided = async {
        let desk = deck.desk(Some(profile))?;
        Ok::<_, OpsError>(match decision {
            Decision::Adopt(job) => {
                let proposal = decide::propose(&desk, attempt, &job).await?;
                decide::adopt(&desk, &proposal).await?;
                format!("scheduled with job {job}")
            }
            Decision::Release => {
                decide::release(&desk, attempt).await?;
                "absent; its unit is released".to_owned()
            }
        })
    };
    match decided.await {
        Ok(becomes) => Msg::Notice {
            level: Level::Info,
            text: format!("attempt {attempt} is {becomes}; recorded as your decision"),
        },
        Err(error) => Msg::Notice {
            level: Level::Error,
            text: failure(&error).to_string(),
        },
    }
}
