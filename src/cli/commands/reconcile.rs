//! `ziadeck reconcile`: settle what is unknown.

use std::time::Duration;

use serde_json::json;

use crate::cli::args::{Global, ReconcileArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::ops::reconcile::{Finding, Finished, reconcile};
use crate::ops::{AppContext, OpsError};

pub(crate) async fn run(global: &Global, args: ReconcileArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, args, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: ReconcileArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    let settle = args
        .settle
        .map_or(context.config().settle, Duration::from_secs);
    let findings = reconcile(&session, args.kind, settle).await?;
    for finding in &findings {
        out.result(&value(finding), || vec![line(finding)]);
    }
    let open = findings
        .iter()
        .filter(|finding| {
            matches!(
                finding.verdict,
                Finished::TooEarly { .. } | Finished::Undecided { .. }
            )
        })
        .count();
    out.say(&match (findings.len(), open) {
        (0, _) => "nothing is unknown".to_owned(),
        (all, 0) => format!("{all} settled, nothing is unknown any more"),
        (all, open) => format!("{} settled, {open} still unknown", all - open),
    });
    Ok(if open == 0 { Exit::Done } else { Exit::Unknown })
}

fn value(finding: &Finding) -> serde_json::Value {
    let (outcome, job_id, why, candidates) = match &finding.verdict {
        Finished::Scheduled(id) => ("scheduled", Some(id.clone()), None, Vec::new()),
        Finished::Absent => ("absent", None, None, Vec::new()),
        Finished::TooEarly { until } => (
            finding.before.as_str(),
            None,
            Some(format!("too early until {until:.0}")),
            Vec::new(),
        ),
        Finished::Undecided { why, candidates } => (
            finding.before.as_str(),
            None,
            Some(why.clone()),
            candidates
                .iter()
                .map(|candidate| {
                    json!({
                        "id": candidate.id,
                        "created_time": candidate.created.map(|at| at.to_string()),
                        "created_by": candidate.created_by,
                        "enrich_based_on": candidate.enrich_based_on,
                    })
                })
                .collect(),
        ),
    };
    json!({
        "attempt": finding.attempt,
        "before": finding.before,
        "outcome": outcome,
        "job_id": job_id,
        "why": why,
        "candidates": candidates,
    })
}

/// What became of one unknown attempt, for people.
pub(crate) fn line(finding: &Finding) -> String {
    let attempt = finding.attempt;
    match &finding.verdict {
        Finished::Scheduled(id) if finding.is_late() => format!(
            "attempt {attempt}  scheduled  job {id} appeared after it was called absent: its unit is spent"
        ),
        Finished::Scheduled(id) => format!("attempt {attempt}  scheduled  job {id}"),
        Finished::Absent => {
            format!("attempt {attempt}  absent  no job was made; its unit is released")
        }
        Finished::TooEarly { until } => format!(
            "attempt {attempt}  {}  too early: a job may still appear until {until:.0}",
            finding.before
        ),
        Finished::Undecided { why, candidates } => {
            let ids: Vec<_> = candidates.iter().map(|c| c.id.to_string()).collect();
            format!(
                "attempt {attempt}  {}  {why}{}",
                finding.before,
                if ids.is_empty() {
                    String::new()
                } else {
                    format!("; candidates {}", ids.join(", "))
                }
            )
        }
    }
}
