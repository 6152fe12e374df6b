//! Runs and unknowns over real HTTP: planned, started, stopped and settled from the console.

use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::base::{AttemptId, EnrichmentKind, ProfileName, RunId};
use crate::bulk::rows::MappingRequest;
use crate::ledger::RowState;
use crate::ops::bulk_page::PageQuery;
use crate::ops::bulk_plan::Include;
use crate::tui::data::attempt::{LogFilter, LogQuery};
use crate::tui::demo::DemoOptions;
use crate::tui::effects::{Decision, Freshness, PlanRun};
use crate::tui::msg::{RunsMsg, Told};

async fn next(inbox: &mut Receiver<Msg>) -> Msg {
    loop {
        let msg = tokio::time::timeout(Duration::from_secs(30), inbox.recv()).await;
        match msg.expect("an answer in time").expect("a crew") {
            Msg::LedgerChanged | Msg::Runs(RunsMsg::News { .. }) => {}
            msg => return msg,
        }
    }
}

fn us_prod() -> ProfileName {
    "us-prod".parse().unwrap()
}

/// A crew, and a run of so many rows that it has planned.
async fn planned(rows: usize) -> (Crew, Receiver<Msg>, RunId) {
    let demo = Demo::start(DemoOptions {
        limit: 500,
        used: 3,
    })
    .await
    .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("people.csv");
    let lines = (0..rows).map(|row| format!("Person {row},p{row}@acme.io,Acme\n"));
    let text: String = std::iter::once("Name,Email,Company\n".to_owned())
        .chain(lines)
        .collect();
    std::fs::write(&path, text).unwrap();
    let (sender, mut inbox) = channel(1_024);
    let mut crew = Crew::of_demo(demo, sender);
    crew.ask(Ask::Runs(RunsAsk::Plan(Box::new(PlanRun {
        ticket: 1,
        profile: us_prod(),
        path: path.display().to_string(),
        request: MappingRequest::default(),
        reserve: None,
        duplicates: Include::No,
        already: Include::No,
    }))))
    .unwrap();
    let Msg::Runs(RunsMsg::Planned {
        result: Ok(plan), ..
    }) = next(&mut inbox).await
    else {
        panic!("no plan");
    };
    (crew, inbox, plan.run)
}

/// Records of the CRM where a file would be: looked at, and planned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_the_crm_are_looked_at_and_planned_from_the_console() {
    let options = DemoOptions {
        limit: 500,
        used: 3,
    };
    let (sender, mut inbox) = channel(1_024);
    let mut crew = Crew::of_demo(Demo::start(options).await.unwrap(), sender);
    let path = "crm: never-enriched, max=7".to_owned();
    let request = MappingRequest {
        module: "Leads".to_owned(),
        ..MappingRequest::default()
    };
    crew.ask(Ask::Runs(RunsAsk::Look {
        ticket: 1,
        profile: us_prod(),
        path: path.clone(),
        request: request.clone(),
    }))
    .unwrap();
    let Msg::Runs(RunsMsg::Looked { result, .. }) = next(&mut inbox).await else {
        panic!("no look");
    };
    let look = result.unwrap();
    assert_eq!((look.columns.len(), look.drafts.len()), (0, 5));
    assert!(look.drafts.iter().all(|draft| !draft.record_id.is_empty()));

    let plan = |path: String| PlanRun {
        ticket: 2,
        profile: us_prod(),
        path,
        request: request.clone(),
        reserve: None,
        duplicates: Include::No,
        already: Include::No,
    };
    crew.ask(Ask::Runs(RunsAsk::Plan(Box::new(plan(path)))))
        .unwrap();
    let Msg::Runs(RunsMsg::Planned { result, .. }) = next(&mut inbox).await else {
        panic!("no plan");
    };
    let done = result.unwrap();
    assert_eq!(
        (done.report.rows, done.file_name.as_str()),
        (7, "Leads: never enriched, 7 at most")
    );
    assert_eq!(done.crm.map(|read| (read.pages, read.kept)), Some((1, 7)));
    crew.ask(Ask::Runs(RunsAsk::Plan(Box::new(plan(
        "crm: old".to_owned(),
    )))))
    .unwrap();
    let Msg::Runs(RunsMsg::Planned { result, .. }) = next(&mut inbox).await else {
        panic!("no plan");
    };
    assert!(result.unwrap_err().to_string().contains("no criterion"));
    crew.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_planned_started_and_read_from_the_console() {
    let (mut crew, mut inbox, run) = planned(12).await;

    crew.ask(Ask::Runs(RunsAsk::LookAhead(run))).unwrap();
    let Msg::Runs(RunsMsg::Ahead {
        result: Ok(ahead), ..
    }) = next(&mut inbox).await
    else {
        panic!("nothing ahead");
    };
    assert_eq!((ahead.prospect.spends, ahead.prospect.usage.used), (12, 3));
    crew.ask(Ask::Runs(RunsAsk::Start(run))).unwrap();
    let Msg::Runs(RunsMsg::Ended {
        result: Ok(end), ..
    }) = next(&mut inbox).await
    else {
        panic!("no end");
    };
    assert!(end.text.contains("finished"), "{end:?}");

    let mut found = async |search: String| {
        let query = PageQuery {
            run,
            state: Some(RowState::Scheduled),
            search,
            after: None,
            limit: 100,
        };
        crew.ask(Ask::Runs(RunsAsk::Rows { ticket: 2, query }))
            .unwrap();
        match next(&mut inbox).await {
            Msg::Runs(RunsMsg::Rows { result, .. }) => result.unwrap(),
            other => panic!("no rows: {other:?}"),
        }
    };
    let page = found("P7@".to_owned()).await;
    assert_eq!((page.rows.len(), page.has_more), (1, false));
    let attempt = page.rows[0].attempt.as_ref().unwrap();
    let job = attempt.job_id.as_ref().unwrap().to_string();
    assert_eq!(found(job).await.rows, page.rows);
    assert_eq!(found("scheduled".to_owned()).await.rows.len(), 12);
    crew.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_leaves_stops_its_run_in_order() {
    let (mut crew, mut inbox, run) = planned(300).await;
    crew.ask(Ask::Runs(RunsAsk::Start(run))).unwrap();
    // The first rows are on their way.
    while !matches!(inbox.recv().await, Some(Msg::LedgerChanged)) {}

    let ended = async {
        loop {
            if let Msg::Runs(RunsMsg::Ended { result, .. }) = next(&mut inbox).await {
                return result;
            }
        }
    };
    let ((), ended) = tokio::join!(crew.finish(), ended);

    let Ok(Told { text, .. }) = ended else {
        panic!("{ended:?}");
    };
    assert!(text.contains("stopped and can be resumed"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_just_asked_for_stops_as_well() {
    let (mut crew, mut inbox, run) = planned(300).await;

    crew.ask(Ask::Runs(RunsAsk::Start(run))).unwrap();
    let ended = async {
        loop {
            if let Msg::Runs(RunsMsg::Ended { result, .. }) = next(&mut inbox).await {
                return result;
            }
        }
    };
    let ((), ended) = tokio::join!(crew.finish(), ended);

    assert!(ended.unwrap().text.contains("stopped"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_is_shown_beside_its_job_and_adopted() {
    let demo = Demo::start(DemoOptions {
        limit: 100,
        used: 40,
    })
    .await
    .unwrap();
    let (sender, mut inbox) = channel(1_024);
    let mut crew = Crew::of_demo(demo, sender);
    let ask = |ticket| Ask::LoadUnknowns {
        ticket,
        profile: us_prod(),
        kind: EnrichmentKind::People,
        freshness: Freshness::Server,
    };

    crew.ask(ask(1)).unwrap();
    let Msg::Unknowns {
        result: Ok(list), ..
    } = next(&mut inbox).await
    else {
        panic!("no unknowns");
    };
    assert_eq!(list.len(), 1);
    let suspect = list[0]
        .suspects
        .first()
        .expect("the job of the lost answer");
    assert_eq!(suspect.differences.as_deref(), Some([].as_slice()));
    crew.ask(Ask::Decide {
        profile: us_prod(),
        attempt: list[0].attempt.id,
        decision: Decision::Adopt(suspect.id.clone()),
    })
    .unwrap();
    let Msg::Notice { text, .. } = next(&mut inbox).await else {
        panic!("no notice");
    };
    assert!(text.contains("scheduled with job"), "{text}");

    crew.ask(ask(2)).unwrap();
    let Msg::Unknowns {
        result: Ok(list), ..
    } = next(&mut inbox).await
    else {
        panic!("no unknowns");
    };
    assert_eq!(list, []);
    crew.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_jobs_of_a_run_are_followed_and_a_plan_goes_only_before_it_sent() {
    let (mut crew, mut inbox, run) = planned(3).await;
    let mut ask = async |ask: Ask| {
        crew.ask(ask).unwrap();
        next(&mut inbox).await
    };

    let started = ask(Ask::Runs(RunsAsk::Start(run))).await;
    let sent = ask(Ask::Runs(RunsAsk::Discard(run))).await;
    let filter = LogFilter {
        up_to: Some(AttemptId(2)),
        ..LogFilter::default()
    };
    let query = LogQuery {
        filter,
        before: None,
        rows_max: 10,
    };
    let log = ask(Ask::LoadLog { ticket: 1, query }).await;
    let tracking = ask(Ask::Runs(RunsAsk::Track(run))).await;

    assert!(matches!(started, Msg::Runs(RunsMsg::Ended { .. })));
    let Msg::Runs(RunsMsg::Tracking { tracked, .. }) = tracking else {
        panic!("{tracking:?}");
    };
    assert_eq!(tracked.jobs, 3);
    let Msg::Runs(RunsMsg::Done(Err(refused))) = sent else {
        panic!("{sent:?}");
    };
    assert!(refused.to_string().contains("is kept"), "{refused}");
    let Msg::Log {
        result: Ok(page), ..
    } = log
    else {
        panic!("{log:?}");
    };
    assert_eq!(page.rows[0].id, AttemptId(2));
    crew.finish().await;
}
