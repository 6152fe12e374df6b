//! Runs and unknowns over real HTTP: planned, started, stopped and settled from the console.

use super::tests::{Crew, next, us_prod};
use super::*;
use crate::base::{AttemptId, RunId};
use crate::bulk::rows::MappingRequest;
use crate::ledger::{LogPage, LogQuery, PageCursor, RowState};
use crate::ops::bulk_look::FileLook;
use crate::ops::bulk_page::{Page, PageQuery};
use crate::ops::bulk_plan::{Include, Planned};
use crate::ops::unknowns::UnknownAttempt;
use crate::tui::app::op::{Decision, Freshness, PlanRun};
use crate::tui::data::run::{Ahead, RunEnded};

fn order(path: String, request: MappingRequest) -> Op {
    Op::PlanRun(Box::new(PlanRun {
        profile: us_prod().profile,
        path,
        request,
        reserve: None,
        duplicates: Include::No,
        already: Include::No,
    }))
}

async fn plan(crew: &mut Crew, order: Op) -> Result<Planned, Failure> {
    match crew.ask(order).await? {
        Payload::PlanRun(done) => Ok(done),
        other => panic!("no plan: {other:?}"),
    }
}

/// A crew, and a run of so many rows that it has planned.
async fn planned(rows: usize) -> (Crew, RunId) {
    let mut crew = Crew::on(500, 3).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("people.csv");
    let lines = (0..rows).map(|row| format!("Person {row},p{row}@acme.io,Acme\n"));
    let text: String = std::iter::once("Name,Email,Company\n".to_owned())
        .chain(lines)
        .collect();
    std::fs::write(&path, text).unwrap();
    let order = order(path.display().to_string(), MappingRequest::default());
    let done = plan(&mut crew, order).await.unwrap();
    (crew, done.run)
}

/// How the work on a run ended.
fn end(result: Result<Payload, Failure>) -> RunEnded {
    match result {
        Ok(Payload::StartRun(end)) => end,
        other => panic!("no end: {other:?}"),
    }
}

/// Records of the CRM where a file would be: looked at, and planned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_the_crm_are_looked_at_and_planned_from_the_console() {
    let mut crew = Crew::on(500, 3).await;
    let path = "crm: never-enriched, max=7".to_owned();
    let request = MappingRequest {
        module: "Leads".to_owned(),
        ..MappingRequest::default()
    };
    let look: FileLook = crew
        .read(Op::LookAtFile {
            profile: us_prod().profile,
            path: path.clone(),
            request: request.clone(),
        })
        .await;
    assert_eq!((look.columns.len(), look.drafts.len()), (0, 5));
    assert!(look.drafts.iter().all(|draft| !draft.record_id.is_empty()));

    let done = plan(&mut crew, order(path, request.clone())).await.unwrap();
    assert_eq!(
        (done.report.rows, done.file_name.as_str()),
        (7, "Leads: never enriched, 7 at most")
    );
    assert_eq!(done.crm.map(|read| (read.pages, read.kept)), Some((1, 7)));
    let refused = plan(&mut crew, order("crm: old".to_owned(), request)).await;
    assert!(refused.unwrap_err().to_string().contains("no criterion"));
    crew.worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_planned_started_and_read_from_the_console() {
    let (mut crew, run) = planned(12).await;

    let ahead: Ahead = crew.read(Op::LookAhead(run)).await;
    assert_eq!((ahead.prospect.spends, ahead.prospect.usage.used), (12, 3));
    let end = end(crew.ask(Op::StartRun(run)).await);
    assert!(end.told.text.contains("finished"), "{end:?}");
    assert!(end.is_over);

    let mut found = async |search: String| -> Page {
        let query = PageQuery {
            run,
            state: Some(RowState::Scheduled),
            search,
            after: None,
            limit: 100,
        };
        crew.read(Op::LoadRows(query)).await
    };
    let page = found("P7@".to_owned()).await;
    assert_eq!((page.rows.len(), page.has_more), (1, false));
    let attempt = page.rows[0].attempt.as_ref().unwrap();
    let job = attempt.job_id.as_ref().unwrap().to_string();
    assert_eq!(found(job).await.rows, page.rows);
    assert_eq!(found("scheduled".to_owned()).await.rows.len(), 12);
    crew.worker.finish().await;
}

/// Leaves, and waits for how the work on the run ended.
async fn left(mut crew: Crew) -> RunEnded {
    let (inbox, worker) = (&mut crew.inbox, &mut crew.worker);
    let ((), reply) = tokio::join!(worker.finish(), next(inbox));
    end(reply.result.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_leaves_stops_its_run_in_order() {
    let (mut crew, run) = planned(300).await;
    crew.start(Op::StartRun(run));
    // The first rows are on their way.
    while !matches!(crew.inbox.recv().await, Some(Msg::LedgerChanged)) {}

    let RunEnded { told, .. } = left(crew).await;

    let text = told.text;
    assert!(text.contains("stopped and can be resumed"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_just_asked_for_stops_as_well() {
    let (mut crew, run) = planned(300).await;

    crew.start(Op::StartRun(run));

    assert!(left(crew).await.told.text.contains("stopped"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_is_shown_beside_its_job_and_adopted() {
    let mut crew = Crew::on(100, 40).await;
    let unknowns = || Op::LoadUnknowns {
        scope: us_prod(),
        from: Freshness::Server,
    };

    let list: Vec<UnknownAttempt> = crew.read(unknowns()).await;
    assert_eq!(list.len(), 1);
    let candidate = list[0]
        .candidates
        .first()
        .expect("the job of the lost answer");
    assert_eq!(candidate.differences.as_deref(), Some([].as_slice()));
    let decided = crew
        .ask(Op::Decide {
            profile: us_prod().profile,
            attempt: list[0].attempt.id,
            decision: Decision::Adopt(candidate.id.clone()),
        })
        .await;
    let Ok(Payload::Decide(told)) = decided else {
        panic!("no notice: {decided:?}");
    };
    assert!(told.text.contains("scheduled with job"), "{told:?}");

    let list: Vec<UnknownAttempt> = crew.read(unknowns()).await;
    assert_eq!(list, []);
    crew.worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_jobs_of_a_run_are_followed_and_a_plan_goes_only_before_it_sent() {
    let (mut crew, run) = planned(3).await;

    end(crew.ask(Op::StartRun(run)).await);
    let refused = crew.ask(Op::DiscardRun(run)).await.unwrap_err();
    assert!(refused.to_string().contains("is kept"), "{refused}");
    let query = LogQuery {
        place: PageCursor::OlderThan(AttemptId(3)),
        rows: 10,
        ..LogQuery::default()
    };
    let page: LogPage = crew.read(Op::LoadLog(query)).await;
    assert_eq!(page.rows[0].id, AttemptId(2));

    let id = crew.start(Op::TrackRun(run));
    let told = loop {
        match crew.inbox.recv().await.expect("a crew") {
            Msg::Progress(of, Progress::Tracked(tracked)) if of == id => break tracked,
            _ => {}
        }
    };
    assert_eq!(told.jobs, 3);
    crew.worker.finish().await;
}
