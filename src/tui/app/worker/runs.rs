//! Runs: reading them, working on them, and a person's decisions about their rows.

use std::io;
use std::sync::Arc;

use super::At;
use crate::base::{ModuleName, ProfileName, RunId};
use crate::bulk::rows::MappingRequest;
use crate::bulk::{ExportFormat, PauseReason, ReadOptions};
use crate::enrichment::verdict::Include as AlreadyKind;
use crate::ledger::{RowQuery, RowState, RunQuery};
use crate::ops::bulk_look::{self, Completion, FileLook, expanded, look};
use crate::ops::bulk_page::{self, Page, PageQuery};
use crate::ops::bulk_plan::{Include, PlanOrder, PlanSource, Planned, plan, takes};
use crate::ops::bulk_rows::{ExportError, NewFile, Replace, Rows, export, numbers, requeue, skip};
use crate::ops::bulk_run::{OnNews, RunEnd, RunEnding, RunNews, RunOrder, discard, pause, run};
use crate::ops::bulk_track::{Tracked, track};
use crate::ops::bulk_view::{RunView, desk_of, list, prospect};
use crate::ops::crm_source::{self, Criteria, CrmSource, PREFIX};
use crate::ops::{OpsError, ProfileSession};
use crate::tui::app::notice::{Level, Notice};
use crate::tui::app::op::{PlanRun, Progress};
use crate::tui::data::run::{Ahead, RunEnded};

pub(crate) async fn newest(
    at: At<'_>,
    profile: ProfileName,
    limit: usize,
) -> Result<Vec<RunView>, OpsError> {
    let query = RunQuery {
        profile: Some(profile),
        before: None,
        limit,
    };
    list(at.context.ledger(), query).await
}

pub(crate) async fn rows(at: At<'_>, query: PageQuery) -> Result<Page, OpsError> {
    bulk_page::page(at.context.ledger(), query).await
}

pub(crate) async fn complete(_at: At<'_>, text: String) -> Result<Completion, OpsError> {
    Ok(bulk_look::complete(&text).await)
}

pub(crate) async fn look_ahead(at: At<'_>, run: RunId) -> Result<Ahead, OpsError> {
    let (session, _) = desk_of(at.context, run, None).await?;
    let prospect = prospect(&session, &RunOrder::of(run)).await?;
    let takes = takes(&session, prospect.spends).await?;
    Ok(Ahead { prospect, takes })
}

/// Works on a run. A console that leaves wishes it to stop: what is in flight finishes first. If
/// this future is dropped, its attempts still come to their end, or are unknown at the next start.
pub(crate) async fn start(at: At<'_>, which: RunId) -> Result<RunEnded, OpsError> {
    let (session, _) = desk_of(at.context, which, None).await?;
    let end = run(
        &session,
        RunOrder::of(which),
        at.shared.shutdown(),
        teller(at),
    )
    .await?;
    Ok(RunEnded {
        is_over: matches!(end.why, RunEnding::Finished),
        told: ended(which, &end),
    })
}

/// Counts and rows come with the ledger's changes; only what no row shows is told.
fn teller(at: At<'_>) -> OnNews {
    let (shared, id) = (at.shared.clone(), at.id);
    Arc::new(move |news| {
        let text = match news {
            RunNews::Settled(..) | RunNews::LeftOut(..) => return,
            RunNews::Progress(_) => None,
            RunNews::Waiting(time) => Some(format!("nothing is sent for {} s", time.as_secs())),
            RunNews::Pausing(reason) => Some(format!("pausing: {reason}")),
        };
        shared.progress(id, Progress::Run(text));
    })
}

fn ended(run: RunId, end: &RunEnd) -> Notice {
    let trouble = end
        .trouble
        .as_deref()
        .map(|trouble| format!(" ({trouble})"))
        .unwrap_or_default();
    let unknown = end.progress.view.count(RowState::Unknown);
    let (level, text) = match &end.why {
        RunEnding::Finished => (Level::Info, format!("run {run} is finished")),
        RunEnding::Paused(PauseReason::Operator) => (
            Level::Info,
            format!("run {run} is paused and can be resumed"),
        ),
        RunEnding::Paused(reason) => (
            Level::Warning,
            format!(
                "run {run} pauses: {reason}{trouble}; {}",
                reason.next_step()
            ),
        ),
        RunEnding::Stopped { left_in_flight: 0 } => {
            (Level::Info, format!("run {run} stopped and can be resumed"))
        }
        RunEnding::Stopped { left_in_flight } => (
            Level::Warning,
            format!("run {run} stopped; {left_in_flight} rows have no answer yet"),
        ),
    };
    let text = match end.left_out {
        0 => text,
        n => format!("{text}; {n} rows were sent elsewhere since the plan and left out"),
    };
    let text = match unknown {
        0 => text,
        n => format!("{text}; {n} unknown, which are never sent again by themselves"),
    };
    let text = match &end.unread {
        None => text,
        Some(error) => format!("{text}; where it stands cannot be read: {error}"),
    };
    Notice { level, text }
}

pub(crate) async fn ask_to_pause(at: At<'_>, run: RunId) -> Result<Notice, OpsError> {
    let (session, _) = desk_of(at.context, run, None).await?;
    Ok(Notice::info(match pause(&session, run).await? {
        Some(_) => format!("run {run} is asked to pause; what is in flight finishes first"),
        None => format!("run {run} is paused"),
    }))
}

pub(crate) async fn queue_again(at: At<'_>, run: RunId, rows: Rows) -> Result<Notice, OpsError> {
    let rows = numbers(at.context.ledger(), run, rows).await?;
    let text = format!("{} of run {} wait again", rows_words(rows.len()), run);
    requeue(at.context.ledger(), run, rows).await?;
    Ok(Notice::info(text))
}

pub(crate) async fn leave_out(at: At<'_>, run: RunId, rows: Rows) -> Result<Notice, OpsError> {
    let rows = numbers(at.context.ledger(), run, rows).await?;
    let text = format!("{} of run {} left out", rows_words(rows.len()), run);
    skip(at.context.ledger(), run, rows).await?;
    Ok(Notice::info(text))
}

pub(crate) async fn remove(at: At<'_>, run: RunId) -> Result<Notice, OpsError> {
    let rows = discard(at.context.ledger(), run).await?;
    Ok(Notice::info(format!(
        "run {run} and its {rows} rows are gone"
    )))
}

/// Asks for the jobs of a run. A console that leaves drops this; what was read stays in the ledger.
pub(crate) async fn follow(at: At<'_>, run: RunId) -> Result<Notice, OpsError> {
    let (session, found) = desk_of(at.context, run, None).await?;
    let tell = |tracked: Tracked| at.shared.progress(at.id, Progress::Tracked(tracked));
    Ok(tracked(run, track(&session, &found, &tell).await?))
}

fn tracked(run: RunId, end: Tracked) -> Notice {
    let (done, jobs) = (end.done, end.jobs);
    if end.is_done() {
        let (failed, nothing) = (end.failed, end.nothing_found);
        return Notice::info(format!(
            "all {jobs} jobs of run {run} have ended: {failed} failed, {nothing} found nothing"
        ));
    }
    let text = format!(
        "{done} of {jobs} jobs of run {run} have ended; the others take long, ask again later"
    );
    let level = Level::Warning;
    Notice { level, text }
}

fn rows_words(count: usize) -> String {
    match count {
        1 => "1 row".to_owned(),
        n => format!("{n} rows"),
    }
}

/// Writes a new file; what is there is never replaced from here.
pub(crate) async fn write(at: At<'_>, run: RunId, path: String) -> Result<Notice, OpsError> {
    let path = expanded(&path);
    let path = path.as_path();
    let is_json = path.extension().is_some_and(|e| e == "jsonl");
    let format = if is_json {
        ExportFormat::Jsonl
    } else {
        ExportFormat::CsvGuarded
    };
    let query = RowQuery {
        run,
        states: Vec::new(),
        after: None,
        limit: usize::MAX,
    };
    let refused = |error: ExportError| match error {
        ExportError::Ledger(error) => error.into(),
        ExportError::Write(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let path = path.display();
            OpsError::Refused(format!("{path} is there already; nothing was written"))
        }
        ExportError::Write(error) => {
            let path = path.display();
            OpsError::Refused(format!("{path} cannot be written: {error}"))
        }
    };
    let fail = |error: io::Error| refused(ExportError::Write(error));
    let file = NewFile::begin(path, Replace::Never).map_err(fail)?;
    let file = io::BufWriter::new(file);
    let (file, rows) = export(at.context.ledger(), query, format, file)
        .await
        .map_err(refused)?;
    let file = file
        .into_inner()
        .map_err(|error| fail(error.into_error()))?;
    file.publish(Replace::Never).map_err(fail)?;
    let path = path.display();
    Ok(Notice::info(format!(
        "{rows} rows of run {run} are in {path}"
    )))
}

pub(crate) async fn planned(at: At<'_>, order: PlanRun) -> Result<Planned, OpsError> {
    let session = at.session(&order.profile)?;
    let records = match order.path.starts_with(PREFIX) {
        true => {
            let (module, criteria) = wanted(&session, &order.path, &order.request)?;
            Some(crm_source::begin(&session, (order.request.kind, &module), &criteria).await?)
        }
        false => None,
    };
    let read = records.as_ref().map(CrmSource::read);
    let source = match records {
        Some(records) => records.source,
        None => PlanSource::file(&expanded(&order.path))?,
    };
    let plan_order = PlanOrder {
        source,
        read: ReadOptions {
            mapping: order.request,
            has_own_ids: read.is_some(),
            ..ReadOptions::default()
        },
        duplicates: order.duplicates,
        already: match order.already {
            Include::Yes => vec![AlreadyKind::All],
            Include::No => Vec::new(),
        },
        older_than: None,
        doubtful: Include::No,
        reserve: order.reserve,
        known: crate::enrichment::Known::default(),
    };
    let mut done = plan(&session, plan_order).await?;
    done.crm = read.map(|read| read());
    Ok(done)
}

/// The head of a file, or of the records of the CRM that are named instead.
pub(crate) async fn look_at(
    at: At<'_>,
    profile: ProfileName,
    path: String,
    request: MappingRequest,
) -> Result<FileLook, OpsError> {
    if !path.starts_with(PREFIX) {
        return look(&path, request).await;
    }
    let session = at.session(&profile)?;
    let (module, criteria) = wanted(&session, &path, &request)?;
    let drafts =
        crm_source::look(&session, (request.kind, &module), (&criteria, DRAFTS_SHOWN)).await?;
    Ok(FileLook {
        columns: Vec::new(),
        drafts,
        problem: None,
    })
}

/// Records that are shown before they are planned.
const DRAFTS_SHOWN: usize = 5;

/// Which records of which module were typed.
fn wanted(
    session: &ProfileSession,
    path: &str,
    request: &MappingRequest,
) -> Result<(ModuleName, Criteria), OpsError> {
    let criteria = path.parse().map_err(OpsError::Refused)?;
    let module = match (request.module.trim(), &session.profile().default_module) {
        ("", Some(default)) => default.clone(),
        (typed, _) => typed
            .parse::<ModuleName>()
            .map_err(|error| OpsError::Refused(error.to_string()))?,
    };
    Ok((module, criteria))
}
