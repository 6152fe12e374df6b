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
use crate::ops::{Deck, Desk, OpsError, decide, usage};

pub(crate) async fn run(global: &Global, args: DecideArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |deck, out| {
        with_deck(global, args, out, deck).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: DecideArgs,
    out: Out,
    deck: &Deck,
) -> Result<Exit, OpsError> {
    let desk = deck.desk(global.profile.as_ref())?;
    match args.decision {
        Decision::Adopt { job, yes } => adopt(&desk, args.attempt, (&job, yes), out).await,
        Decision::Release { yes } => release(&desk, args.attempt, yes, out).await,
        Decision::Compose => {
            out.draft(&json::draft(&decide::draft(&desk, args.attempt).await?));
            Ok(Exit::Done)
        }
    }
}

async fn adopt(
    desk: &Desk,
    id: AttemptId,
    (job, yes): (&JobId, bool),
    out: Out,
) -> Result<Exit, OpsError> {
    let proposal = decide::propose(desk, id, job).await?;
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
    let row = decide::adopt(desk, &proposal).await?;
    decided(desk, &row, out).await
}

async fn release(desk: &Desk, id: AttemptId, yes: bool, out: Out) -> Result<Exit, OpsError> {
    let attempt = decide::open(desk, id).await?;
    let question = format!(
        "Call attempt {id} ({}) absent and release its unit? If the server made a job after all, its unit is spent.",
        attempt.row.inputs.as_deref().unwrap_or("-")
    );
    if !confirm(&question, yes, out)? {
        return Ok(Exit::Usage);
    }
    let row = decide::release(desk, id).await?;
    decided(desk, &row, out).await
}

async fn decided(desk: &Desk, row: &AttemptRow, out: Out) -> Result<Exit, OpsError> {
    let usage = usage::local(desk, row.kind).await?;
    let value: Value = json!({
        "attempt": row.id,
        "outcome": row.outcome,
        "job_id": row.job_id,
        "charged": row.outcome.is_charged(),
        "decided_by": desk.operator(),
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
