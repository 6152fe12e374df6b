//! `ziadeck bulk export`, `track`, `requeue`, `skip` and `discard`: what comes after a run.

use std::io;
use std::path::Path;

use serde_json::json;

use crate::base::{RowNumber, RunId, counted};
use crate::bulk::ExportFormat;
use crate::bulk::export::Cells;
use crate::cli::args::Global;
use crate::cli::ask::confirm;
use crate::cli::bulk_args::{ExportArg, ExportArgs, RequeueArgs};
use crate::cli::exit::Exit;
use crate::cli::output::{Format, Out};
use crate::ledger::{RowQuery, RowState};
use crate::ops::bulk_rows::{self, ExportError, NewFile, REQUEUED, Replace, Rows};
use crate::ops::bulk_run::discard as remove;
use crate::ops::bulk_track::{Tracked, track as track_jobs};
use crate::ops::bulk_view::{self, desk_of};
use crate::ops::{AppContext, OpsError};

pub(super) async fn export(
    args: &ExportArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let Some(path) = &args.out else {
        let form = match args.format {
            ExportArg::Jsonl if !args.write_back => Format::Json,
            ExportArg::Jsonl | ExportArg::Csv => Format::Text,
        };
        return match write(args, context, out.writer(form)).await {
            Ok(_) => Ok(Exit::Done),
            // The reader has seen enough, or the end of the command says what happened.
            Err(ExportError::Write(_)) if out.lost().is_some() => Ok(Exit::Done),
            Err(error) => Err(refused(error, Path::new("standard output"))),
        };
    };
    let replace = if args.force {
        Replace::Always
    } else {
        Replace::Never
    };
    let fail = |error: io::Error| refused(ExportError::Write(error), path);
    let file = NewFile::begin(path, replace).map_err(fail)?;
    let (file, rows) = write(args, context, io::BufWriter::new(file))
        .await
        .map_err(|error| refused(error, path))?;
    let file = file
        .into_inner()
        .map_err(|error| fail(error.into_error()))?;
    file.publish(replace).map_err(fail)?;
    let value = json!({"run": args.run, "rows": rows, "file": path.display().to_string()});
    out.result(&value, || {
        vec![format!("{rows} rows in {}", path.display())]
    });
    Ok(Exit::Done)
}

async fn write<W: io::Write + Send>(
    args: &ExportArgs,
    context: &AppContext,
    mut to: W,
) -> Result<(W, u64), ExportError> {
    let is_json = args.format == ExportArg::Jsonl && !args.write_back;
    if args.bom && !is_json {
        to.write_all("\u{feff}".as_bytes())
            .map_err(ExportError::Write)?;
    }
    let query = RowQuery {
        run: args.run,
        states: args.state.clone(),
        after: None,
        limit: usize::MAX,
    };
    if args.write_back {
        let cells = if args.raw { Cells::Raw } else { Cells::Guarded };
        return bulk_rows::write_back(context.ledger(), query, cells, to).await;
    }
    let format = match (args.format, args.raw) {
        (ExportArg::Csv, false) => ExportFormat::CsvGuarded,
        (ExportArg::Csv, true) => ExportFormat::CsvRaw,
        (ExportArg::Jsonl, _) => ExportFormat::Jsonl,
    };
    bulk_rows::export(context.ledger(), query, format, to).await
}

fn refused(error: ExportError, path: &Path) -> OpsError {
    match error {
        ExportError::Ledger(error) => error.into(),
        ExportError::Write(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpsError::Refused(format!(
                "{} is there already; give --force to replace it",
                path.display()
            ))
        }
        ExportError::Write(error) => OpsError::not_written(path, &error),
    }
}

pub(super) async fn track(
    global: &Global,
    run: RunId,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let (session, found) = desk_of(context, run, global.profile.as_ref()).await?;
    let tell = |tracked: Tracked| {
        if out.is_json() {
            out.json(&tracked_json(run, tracked));
        } else {
            out.progress(Some(&tracked_line(run, tracked)));
        }
    };
    let tracked = track_jobs(&session, &found, &tell).await?;
    out.progress(None);
    if !out.is_json() {
        out.line(&tracked_line(run, tracked));
    }
    if tracked.is_done() {
        return Ok(Exit::Done);
    }
    out.say("some jobs did not end in the time; ask again later");
    Ok(Exit::Unknown)
}

fn tracked_json(run: RunId, tracked: Tracked) -> serde_json::Value {
    json!({
        "run": run,
        "jobs": tracked.jobs,
        "done": tracked.done,
        "failed": tracked.failed,
        "nothing_found": tracked.nothing_found,
    })
}

fn tracked_line(run: RunId, tracked: Tracked) -> String {
    if tracked.jobs == 0 {
        return format!("run {run}  has no jobs: nothing of it was accepted");
    }
    format!(
        "run {run}  {} of {} jobs have ended  ({} failed, {} found nothing)",
        tracked.done, tracked.jobs, tracked.failed, tracked.nothing_found
    )
}

pub(super) async fn requeue(
    args: &RequeueArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let rows = if args.absent {
        Rows::In(RowState::Absent)
    } else {
        Rows::These(args.row.clone())
    };
    let run = args.run;
    let rows = bulk_rows::numbers(context.ledger(), run, rows).await?;
    let count = rows.len();
    let told = counted(count as u64, "row");
    let question =
        format!("{told} of run {run} will be sent at its next start, each for a unit. {REQUEUED}");
    if count > 0 && !confirm(&question, args.yes, out)? {
        out.say("nothing was changed");
        return Ok(Exit::Usage);
    }
    bulk_rows::requeue(context.ledger(), run, rows).await?;
    out.result(&json!({"run": run, "queued": count}), || {
        vec![format!("waiting again: {told} of run {run}")]
    });
    Ok(Exit::Done)
}

pub(super) async fn skip(
    context: &AppContext,
    (run, rows): (RunId, Vec<RowNumber>),
    yes: bool,
    out: Out,
) -> Result<Exit, OpsError> {
    let rows = bulk_rows::numbers(context.ledger(), run, Rows::These(rows)).await?;
    let count = rows.len();
    let told = counted(count as u64, "row");
    let question = format!("{told} of run {run} will not be sent.");
    if !confirm(&question, yes, out)? {
        out.say("nothing was changed");
        return Ok(Exit::Usage);
    }
    bulk_rows::skip(context.ledger(), run, rows).await?;
    out.result(&json!({"run": run, "skipped": count}), || {
        vec![format!("left out: {told} of run {run}")]
    });
    Ok(Exit::Done)
}

pub(super) async fn discard(
    context: &AppContext,
    run: RunId,
    yes: bool,
    out: Out,
) -> Result<Exit, OpsError> {
    let view = bulk_view::status(context.ledger(), run).await?;
    let question = format!(
        "Run {run} ({}) leaves the ledger with its {}; nothing of it was sent.",
        view.run.file_name,
        counted(view.rows(), "row")
    );
    let unsent = [RowState::Pending, RowState::Invalid, RowState::Skipped];
    let is_unsent = view.rows() == unsent.map(|state| view.count(state)).iter().sum::<u64>();
    // Otherwise it is refused below, and a question would say what is not so.
    if is_unsent && !confirm(&question, yes, out)? {
        out.say("nothing was changed");
        return Ok(Exit::Usage);
    }
    let rows = remove(context.ledger(), run).await?;
    out.result(&json!({"run": run, "rows": rows}), || {
        vec![format!("run {run} and its {rows} rows are gone")]
    });
    Ok(Exit::Done)
}
