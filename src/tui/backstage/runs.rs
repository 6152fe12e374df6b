//! Runs: reading them, working on them, and a person's decisions about their rows.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::Shared;
use super::convert::failure;
use crate::base::{ModuleName, ProfileName, RunId};
use crate::bulk::rows::MappingRequest;
use crate::bulk::{ExportFormat, PauseReason, ReadOptions};
use crate::enrichment::verdict::Include as AlreadyKind;
use crate::ledger::{RowQuery, RowState, RunQuery};
use crate::ops::bulk_look::{FileLook, complete, expanded, look};
use crate::ops::bulk_page::page;
use crate::ops::bulk_plan::{Include, PlanOrder, PlanSource, Planned, plan, takes};
use crate::ops::bulk_rows::{ExportError, NewFile, Replace, Rows, export, numbers, requeue, skip};
use crate::ops::bulk_run::{
    OnNews, RunEnd, RunEnding, RunNews, RunOrder, Wish, discard, pause, run,
};
use crate::ops::bulk_track::{Tracked, track};
use crate::ops::bulk_view::{RunView, desk_of, list, prospect};
use crate::ops::crm_source::{self, Criteria, CrmSource, PREFIX};
use crate::ops::{Deck, Desk, OpsError};
use crate::tui::effects::{PlanRun, RunsAsk};
use crate::tui::model::{Failure, Level};
use crate::tui::msg::{Ahead, Msg, RunsMsg, Told};

pub(super) async fn answer(shared: &Arc<Shared>, deck: &Deck, ask: RunsAsk) -> RunsMsg {
    match ask {
        RunsAsk::Load {
            ticket,
            profile,
            limit,
        } => RunsMsg::List {
            ticket,
            result: told(newest(deck, profile, limit).await),
        },
        RunsAsk::Rows { ticket, query } => RunsMsg::Rows {
            ticket,
            result: told(page(deck.ledger(), query).await),
        },
        RunsAsk::LookAhead(run) => RunsMsg::Ahead {
            run,
            result: told(look_ahead(deck, run).await.map(Box::new)),
        },
        RunsAsk::Start(run) => {
            let end = drive(shared, deck, run).await;
            RunsMsg::Ended {
                run,
                is_over: end
                    .as_ref()
                    .is_ok_and(|end| matches!(end.why, RunEnding::Finished)),
                result: told(end.map(|end| ended(run, &end))),
            }
        }
        RunsAsk::Pause(run) => RunsMsg::Done(told(ask_to_pause(deck, run).await)),
        RunsAsk::Requeue(run, rows) => RunsMsg::Done(told(queue_again(deck, run, rows).await)),
        RunsAsk::Skip(run, rows) => RunsMsg::Done(told(leave_out(deck, run, rows).await)),
        RunsAsk::Discard(run) => RunsMsg::Done(told(remove(deck, run).await)),
        RunsAsk::Track(run) => RunsMsg::Tracked {
            run,
            result: told(follow(shared, deck, run).await),
        },
        RunsAsk::Export { run, path } => {
            RunsMsg::Done(told(write(deck, run, &expanded(&path)).await))
        }
        RunsAsk::Look {
            ticket,
            profile,
            path,
            request,
        } => RunsMsg::Looked {
            ticket,
            result: told(look_at(deck, &profile, (&path, request)).await),
        },
        RunsAsk::Complete { ticket, text } => RunsMsg::Completed {
            ticket,
            completion: complete(&text).await,
        },
        RunsAsk::Plan(order) => RunsMsg::Planned {
            ticket: order.ticket,
            result: told(planned(deck, *order).await.map(Box::new)),
        },
    }
}

fn told<T>(result: Result<T, OpsError>) -> Result<T, Failure> {
    result.map_err(|error| failure(&error))
}

fn info(text: String) -> Told {
    let level = Level::Info;
    Told { level, text }
}

async fn newest(deck: &Deck, profile: ProfileName, limit: usize) -> Result<Vec<RunView>, OpsError> {
    let query = RunQuery {
        profile: Some(profile),
        before: None,
        limit,
    };
    list(deck.ledger(), query).await
}

async fn look_ahead(deck: &Deck, run: RunId) -> Result<Ahead, OpsError> {
    let (desk, _) = desk_of(deck, run, None).await?;
    let prospect = prospect(&desk, &RunOrder::of(run)).await?;
    let takes = takes(&desk, prospect.spends).await?;
    Ok(Ahead { prospect, takes })
}

/// Works on a run. A console that leaves wishes it to stop: what is in flight finishes first. If
/// this future is dropped, its attempts still come to their end, or are unknown at the next start.
async fn drive(shared: &Arc<Shared>, deck: &Deck, id: RunId) -> Result<RunEnd, OpsError> {
    let (desk, _) = desk_of(deck, id, None).await?;
    run(&desk, RunOrder::of(id), shared.wish(), teller(shared, id)).await
}

/// Counts and rows come with the ledger's changes; only what no row shows is told. A full inbox
/// loses a remark, nothing else.
fn teller(shared: &Arc<Shared>, run: RunId) -> OnNews {
    let inbox = shared.inbox().clone();
    Arc::new(move |news| {
        let text = match news {
            RunNews::Settled(..) | RunNews::LeftOut(..) => return,
            RunNews::Progress(_) => None,
            RunNews::Waiting(time) => Some(format!("nothing is sent for {} s", time.as_secs())),
            RunNews::Pausing(reason) => Some(format!("pausing: {reason}")),
        };
        let _ = inbox.try_send(Msg::Runs(RunsMsg::News { run, text }));
    })
}

fn ended(run: RunId, end: &RunEnd) -> Told {
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
    Told { level, text }
}

async fn ask_to_pause(deck: &Deck, run: RunId) -> Result<Told, OpsError> {
    let (desk, _) = desk_of(deck, run, None).await?;
    Ok(info(match pause(&desk, run).await? {
        Some(_) => format!("run {run} is asked to pause; what is in flight finishes first"),
        None => format!("run {run} is paused"),
    }))
}

async fn queue_again(deck: &Deck, run: RunId, rows: Rows) -> Result<Told, OpsError> {
    let rows = numbers(deck.ledger(), run, rows).await?;
    let count = rows.len();
    requeue(deck.ledger(), run, rows).await?;
    Ok(info(format!(
        "{} of run {run} wait again",
        rows_words(count)
    )))
}

async fn leave_out(deck: &Deck, run: RunId, rows: Rows) -> Result<Told, OpsError> {
    let rows = numbers(deck.ledger(), run, rows).await?;
    let count = rows.len();
    skip(deck.ledger(), run, rows).await?;
    Ok(info(format!("{} of run {run} left out", rows_words(count))))
}

async fn remove(deck: &Deck, run: RunId) -> Result<Told, OpsError> {
    let rows = discard(deck.ledger(), run).await?;
    Ok(info(format!("run {run} and its {rows} rows are gone")))
}

/// Asks for the jobs of a run. A console that leaves drops this; what was read stays in the ledger.
async fn follow(shared: &Arc<Shared>, deck: &Deck, run: RunId) -> Result<Told, OpsError> {
    let (desk, found) = desk_of(deck, run, None).await?;
    let inbox = shared.inbox().clone();
    let tell = |tracked: Tracked| {
        let _ = inbox.try_send(Msg::Runs(RunsMsg::Tracking { run, tracked }));
    };
    Ok(tracked(run, track(&desk, &found, &tell).await?))
}

fn tracked(run: RunId, end: Tracked) -> Told {
    let (done, jobs) = (end.done, end.jobs);
    if end.is_done() {
        let (failed, nothing) = (end.failed, end.nothing_found);
        return info(format!(
            "all {jobs} jobs of run {run} have ended: {failed} failed, {nothing} found nothing"
        ));
    }
    let text = format!(
        "{done} of {jobs} jobs of run {run} have ended; the others take long, ask again later"
    );
    let level = Level::Warning;
    Told { level, text }
}

fn rows_words(count: usize) -> String {
    match count {
        1 => "1 row".to_owned(),
        n => format!("{n} rows"),
    }
}

/// Writes a new file; what is there is never replaced from here.
async fn write(deck: &Deck, run: RunId, path: &Path) -> Result<Told, OpsError> {
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
    let (file, rows) = export(deck.ledger(), query, format, file)
        .await
        .map_err(refused)?;
    let file = file
        .into_inner()
        .map_err(|error| fail(error.into_error()))?;
    file.publish(Replace::Never).map_err(fail)?;
    let path = path.display();
    Ok(info(format!("{rows} rows of run {run} are in {path}")))
}

async fn planned(deck: &Deck, order: PlanRun) -> Result<Planned, OpsError> {
    let desk = deck.desk(Some(&order.profile))?;
    let records = match order.path.starts_with(PREFIX) {
        true => {
            let (module, criteria) = wanted(&desk, &order.path, &order.request)?;
            Some(crm_source::begin(&desk, (order.request.kind, &module), &criteria).await?)
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
    let mut done = plan(&desk, plan_order).await?;
    done.crm = read.map(|read| read());
    Ok(done)
}

/// The head of a file, or of the records of the CRM that are named instead.
async fn look_at(
    deck: &Deck,
    profile: &ProfileName,
    (path, request): (&str, MappingRequest),
) -> Result<FileLook, OpsError> {
    if !path.starts_with(PREFIX) {
        return look(path, request).await;
    }
    let desk = deck.desk(Some(profile))?;
    let (module, criteria) = wanted(&desk, path, &request)?;
    let drafts =
        crm_source::look(&desk, (request.kind, &module), (&criteria, DRAFTS_SHOWN)).await?;
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
    desk: &Desk,
    path: &str,
    request: &MappingRequest,
) -> Result<(ModuleName, Criteria), OpsError> {
    let criteria = path.parse().map_err(OpsError::Refused)?;
    let module = match (request.module.trim(), &desk.profile().default_module) {
        ("", Some(default)) => default.clone(),
        (typed, _) => typed
            .parse::<ModuleName>()
            .map_err(|error| OpsError::Refused(error.to_string()))?,
    };
    Ok((module, criteria))
}

/// Tells the runs that go on here to stop; also one that has not yet begun to listen.
pub(super) fn leave(wish: &tokio::sync::watch::Sender<Wish>) {
    wish.send_replace(Wish::Leave);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_that_did_not_end_are_told_apart_from_those_that_did() {
        let end = |done| Tracked {
            jobs: 3,
            done,
            failed: 1,
            nothing_found: 0,
        };

        let all = tracked(RunId(4), end(3));
        let some = tracked(RunId(4), end(2));

        assert_eq!(
            (all.level, all.text.as_str()),
            (
                Level::Info,
                "all 3 jobs of run 4 have ended: 1 failed, 0 found nothing"
            )
        );
        assert_eq!(some.level, Level::Warning);
    }
}
