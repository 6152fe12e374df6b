//! `ziadeck decide`: a person's decision about an attempt whose outcome is unknown.

use serde_json::{Value, json};

use crate::base::{AttemptId, JobId};
use crate::cli::args::{DecideArgs, Decision, Global};
use crate::cli::ask::confirm;
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::output::Out;
use crate::cli::session;
use crate::ledger::AttemptRow;
use crate::ops::{AppContext, OpsError, ProfileSession, decide, usage};

pub(crate) async fn run(global: &Global, args: DecideArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, args, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: DecideArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    match args.decision {
        Decision::Adopt { job, yes } => adopt(&session, args.attempt, (&job, yes), out).await,
        Decision::Release { yes } => release(&session, args.attempt, yes, out).await,
        Decision::Compose => {
            out.draft(&json::draft(&decide::draft(&session, args.attempt).await?));
            Ok(Exit::Done)
        }
    }
}

async fn adopt(
    session: &ProfileSession,
    id: AttemptId,
    (job, yes): (&JobId, bool),
    out: Out,
) -> Result<Exit, OpsError> {
    let proposal = decide::propose(session, id, job).await?;
    let row = &proposal.attempt.row;
    out.say(&format!(
        "attempt {id}  {}  {}\n  sent  {}\njob {job}  {}\n  made of  {}",
        row.at,
        row.outcome,
        row.inputs.as_deref().unwrap_or("-"),
        proposal.job.status,
        proposal.job.enrich_based_on
    ));
    let same = if proposal.has_same_inputs {
        "They have the same inputs."
    } else {
        "Their inputs DIFFER."
    };
    let question = format!("{same} Take job {job} as the outcome of attempt {id}?");
    if !confirm(&question, yes, out)? {
        return Ok(Exit::Usage);
    }
    let row = decide::adopt(session, &proposal).await?;
    decided(session, &row, out).await
}

async fn release(
    session: &ProfileSession,
    id: AttemptId,
    yes: bool,
    out: Out,
) -> Result<Exit, OpsError> {
    let attempt = decide::open(session, id).await?;
    let question = format!(
        "Call attempt {id} ({}) absent and release its unit? If the server made a job after all, its unit is spent.",
        attempt.row.inputs.as_deref().unwrap_or("-")
    );
    if !confirm(&question, yes, out)? {
        return Ok(Exit::Usage);
    }
    let row = decide::release(session, id).await?;
    decided(session, &row, out).await
}

async fn decided(session: &ProfileSession, row: &AttemptRow, out: Out) -> Result<Exit, OpsError> {
    let usage = usage::local(session, row.kind).await?;
    let value: Value = json!({
        "attempt": row.id,
        "outcome": row.outcome,
        "job_id": row.job_id,
        "charged": row.outcome.is_charged(),
        "decided_by": session.operator(),
        "usage": json::usage_brief(&usage),
    });
    out.result(&value, || {
        vec![format!(
            "attempt {}  {}{}  ·  used {} of {}, {} unknown",
            row.id,
            row.outcome,
            row.job_id
                .as_ref()
                .map_or_else(String::new, |job| format!("  job {job}")),
            usage.used,
            usage.limit,
            usage.unknown
        )]
    });
    Ok(Exit::Done)
}
