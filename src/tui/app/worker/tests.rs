//! The screens' questions answered over real HTTP by the simulator and a real ledger.

use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::base::{EnrichmentKind, Scope, Secret};
use crate::enrichment::Field;
use crate::ops::job_board::{Board, BoardQuery, JobsFilter, Look};
use crate::ops::prefill::FoundPage;
use crate::tui::app::notice::Level;
use crate::tui::app::op::{Freshness, Hidden, Payload, Wanted};
use crate::tui::data::job::JobFigures;
use crate::tui::data::usage::{DAYS, UsageSheet};
use crate::tui::demo::DemoOptions;

const KIND: EnrichmentKind = EnrichmentKind::People;

pub(super) fn us_prod() -> Scope {
    Scope {
        profile: "us-prod".parse().unwrap(),
        kind: KIND,
    }
}

/// What is replied next.
pub(super) async fn next(inbox: &mut Receiver<Msg>) -> Reply {
    loop {
        let msg = tokio::time::timeout(Duration::from_secs(30), inbox.recv()).await;
        match msg.expect("an answer in time").expect("a crew") {
            Msg::LedgerChanged | Msg::Progress(..) => {}
            Msg::Reply(reply) => return *reply,
            other => panic!("{other:?}"),
        }
    }
}

/// A worker on the simulator, and what it tells.
pub(super) struct Crew {
    pub(super) worker: OpsWorker,
    pub(super) inbox: Receiver<Msg>,
    asked: u64,
}

impl Crew {
    pub(super) async fn on(limit: u64, used: u64) -> Self {
        Self::of(Demo::start(DemoOptions { limit, used }).await.unwrap())
    }

    pub(super) fn of(demo: Demo) -> Self {
        let (sender, inbox) = channel(1_024);
        Self {
            worker: OpsWorker::of_demo(demo, sender),
            inbox,
            asked: 0,
        }
    }

    pub(super) fn start(&mut self, op: Op) -> OpId {
        self.asked += 1;
        let id = OpId(self.asked);
        self.worker.start(id, op).unwrap();
        id
    }

    /// The reply has the operation's id and the operation without its secrets.
    pub(super) async fn ask(&mut self, op: Op) -> Result<Payload, Failure> {
        let id = self.start(op.clone());
        let reply = next(&mut self.inbox).await;
        assert_eq!((reply.id, &*reply.op), (id, &op.without_secrets()));
        reply.result.expect("a result")
    }

    pub(super) async fn read<T: TryFrom<Payload, Error = Payload>>(&mut self, op: Op) -> T {
        T::try_from(self.ask(op).await.unwrap()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chosen_theme_is_written_into_the_configuration_once() {
    let options = DemoOptions { limit: 10, used: 0 };
    let demo = Demo::start(options).await.unwrap();
    let context = demo.context().clone();
    let mut crew = Crew::of(demo);

    let first = crew.ask(Op::KeepTheme("mono".to_owned())).await;
    let text = std::fs::read_to_string(&context.paths().config_file).unwrap();
    let second = crew.ask(Op::KeepTheme("mono".to_owned())).await;
    crew.worker.finish().await;

    let Ok(Payload::KeepTheme(Some(told))) = first else {
        panic!("{first:?}");
    };
    assert_eq!(told.level, Level::Info, "{told:?}");
    assert_eq!(text.matches("theme = \"mono\"").count(), 1, "{text}");
    assert_eq!(context.config().theme, "mono");
    let changes_nothing = Ok(Payload::KeepTheme(None));
    assert_eq!(second, changes_nothing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_and_usage_come_from_the_server_and_are_kept_in_the_ledger() {
    let mut crew = Crew::on(100, 7).await;

    let (scope, look) = (us_prod(), Look::Newest);
    let looked = crew.ask(Op::LookForJobs { scope, look }).await;
    let Ok(Payload::LookForJobs(statuses)) = looked else {
        panic!("no statuses: {looked:?}");
    };
    assert_eq!(statuses.iter().map(|(_, n)| n).sum::<u64>(), 7);

    let Scope { profile, kind } = us_prod();
    let query = BoardQuery {
        kind,
        filter: JobsFilter::default(),
        before: None,
        limit: 3,
    };
    let page: Board = crew.read(Op::LoadJobs { profile, query }).await;
    assert_eq!((page.rows.len(), page.has_more), (3, true));
    assert!(page.rows[0].attempt.is_none() && page.rows[0].created_by_name.is_some());

    for (from, is_known) in [
        (Freshness::Ledger, false),
        (Freshness::Server, true),
        (Freshness::Ledger, true),
    ] {
        let (scope, job) = (us_prod(), page.rows[0].id.clone());
        let found: Option<JobFigures> = crew.read(Op::LoadJob { scope, job, from }).await;
        assert_eq!(found.is_some(), is_known, "{from:?}");
    }

    let sheet: UsageSheet = crew.read(Op::LoadUsageSheet(us_prod())).await;
    assert_eq!((sheet.usage.used, sheet.usage.limit), (7, 100));
    assert_eq!(sheet.days.len(), DAYS);
    assert_eq!(sheet.others_by.iter().map(|(_, n)| n).sum::<u64>(), 7);
    crew.worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_found_by_word_and_by_id_and_none_is_an_answer() {
    let mut crew = Crew::on(100, 0).await;
    let mut found = async |wanted| -> FoundPage {
        let (scope, module) = (us_prod(), "Leads".parse().unwrap());
        crew.read(Op::LoadRecords {
            scope,
            module,
            wanted,
        })
        .await
    };
    let page = |word: Option<&str>| Wanted::Page {
        word: word.map(str::to_owned),
        place: crate::zoho::query::RecordPlace::Page(1),
    };

    let all = found(page(None)).await;
    let first = all.records.first().expect("the demo has leads").clone();

    let one = found(Wanted::Record(first.id.parse().unwrap())).await;
    assert_eq!(one.records.len(), 1);
    assert_eq!(one.records[0].draft, first.draft);

    let some = found(page(Some(first.draft.value(Field::Email)))).await;
    assert!(some.records.iter().any(|record| record.id == first.id));

    for wanted in [
        page(Some("nobody-has-this")),
        Wanted::Record("1".parse().unwrap()),
    ] {
        assert!(found(wanted).await.records.is_empty());
    }
    crew.worker.finish().await;
}

#[tokio::test]
async fn a_panic_behind_a_question_is_told_with_the_question() {
    let mut crew = Crew::of(Demo::start(DemoOptions::default()).await.unwrap());

    let work = async { panic!("as a fault of ours") };
    let context = crew.worker.shared.context();
    let at = At {
        shared: &crew.worker.shared,
        context: &context,
        id: OpId(7),
    };
    tell(at, Op::LoadProfiles, work).await;

    let reply = next(&mut crew.inbox).await;
    assert_eq!((reply.id, &*reply.op), (OpId(7), &Op::LoadProfiles));
    assert_eq!(reply.result, Some(Err(Failure::fault())));
    crew.worker.finish().await;
}

/// The tour of the README: the answer that was lost in the demo's past is found, and at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_unknown_of_the_demo_is_settled() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let session = demo.context().session(None).unwrap();
    let (kind, settle) = (EnrichmentKind::People, demo.context().config().settle);

    let found = crate::ops::reconcile::reconcile(&session, kind, settle).await;

    let verdicts: Vec<_> = found.unwrap().into_iter().map(|one| one.verdict).collect();
    assert!(
        matches!(
            verdicts.as_slice(),
            [crate::ops::reconcile::Finished::Scheduled(_)]
        ),
        "{verdicts:?}"
    );
    drop(session);
    demo.context().ledger().clone().close().await;
    demo.stop().await;
}

/// The profile's `org_id` says which organisation it is for; the code that was pasted is for another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_to_another_organisation_is_not_told_as_done() {
    let demo = Demo::start(DemoOptions { limit: 10, used: 0 })
        .await
        .unwrap();
    let context = demo.context().clone();
    let mut config = (*context.config()).clone();
    let profile = config.profiles.first_mut().unwrap();
    profile.org_id = Some("4000".to_owned());
    let login = Op::SignInAgain {
        profile: profile.name.clone(),
        code: Hidden(Secret::new("any word")),
    };
    context.set_config(config);
    let mut crew = Crew::of(demo);

    let told = crew.ask(login).await;
    crew.worker.finish().await;

    let Ok(Payload::SignInAgain(changed)) = told else {
        panic!("{told:?}");
    };
    assert_eq!(changed.told.level, Level::Warning);
    assert!(changed.told.text.contains("4000"), "{changed:?}");
}
