//! The screens' questions answered over real HTTP by the simulator and a real ledger.

use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::base::{EnrichmentKind, Secret};
use crate::enrichment::Field;
use crate::ops::job_board::Look;
use crate::tui::demo::DemoOptions;
use crate::tui::effects::{Freshness, Login, Wanted};
use crate::tui::model::Level;
use crate::tui::model::jobs::{By, JobsFilter, JobsQuery};
use crate::tui::model::usage_screen::DAYS;
use crate::tui::msg::SetupMsg;

const KIND: EnrichmentKind = EnrichmentKind::People;

async fn next(inbox: &mut Receiver<Msg>) -> Msg {
    loop {
        let msg = tokio::time::timeout(Duration::from_secs(20), inbox.recv()).await;
        match msg.expect("an answer in time").expect("a crew") {
            Msg::LedgerChanged => {}
            msg => return msg,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chosen_theme_is_written_into_the_configuration_once() {
    let options = DemoOptions { limit: 10, used: 0 };
    let demo = Demo::start(options).await.unwrap();
    let deck = demo.deck().clone();
    let (sender, mut inbox) = channel(64);
    let mut crew = Crew::of_demo(demo, sender);

    crew.ask(Ask::KeepTheme("mono".to_owned())).unwrap();
    let first = next(&mut inbox).await;
    let text = std::fs::read_to_string(&deck.paths().config_file).unwrap();
    crew.ask(Ask::KeepTheme("mono".to_owned())).unwrap();
    crew.finish().await;

    assert!(
        matches!(
            first,
            Msg::Notice {
                level: Level::Info,
                ..
            }
        ),
        "{first:?}"
    );
    assert_eq!(text.matches("theme = \"mono\"").count(), 1, "{text}");
    assert_eq!(deck.config().theme, "mono");
    assert!(inbox.try_recv().is_err(), "the second time changes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_and_usage_come_from_the_server_and_are_kept_in_the_ledger() {
    let demo = Demo::start(DemoOptions {
        limit: 100,
        used: 7,
    })
    .await
    .unwrap();
    let (sender, mut inbox) = channel(64);
    let mut crew = Crew::of_demo(demo, sender);
    let profile: crate::base::ProfileName = "us-prod".parse().unwrap();

    crew.ask(Ask::LookForJobs {
        profile: profile.clone(),
        kind: KIND,
        look: Look::Newest,
    })
    .unwrap();
    let Msg::JobsLooked {
        result: Ok(statuses),
        ..
    } = next(&mut inbox).await
    else {
        panic!("no statuses");
    };
    assert_eq!(statuses.iter().map(|(_, n)| n).sum::<u64>(), 7);

    crew.ask(Ask::LoadJobs {
        ticket: 5,
        profile: profile.clone(),
        kind: KIND,
        query: JobsQuery {
            filter: JobsFilter::default(),
            before: None,
            rows_max: 3,
        },
    })
    .unwrap();
    let Msg::Jobs {
        ticket: 5,
        result: Ok(page),
    } = next(&mut inbox).await
    else {
        panic!("no page");
    };
    assert_eq!((page.rows.len(), page.has_more), (3, true));
    assert!(matches!(page.rows[0].by, By::Other(Some(_))));

    let job = page.rows[0].id.clone();
    for (freshness, is_known) in [
        (Freshness::Ledger, false),
        (Freshness::Server, true),
        (Freshness::Ledger, true),
    ] {
        crew.ask(Ask::LoadJobSheet {
            profile: profile.clone(),
            kind: KIND,
            job: job.clone(),
            freshness,
        })
        .unwrap();
        let Msg::JobSheet {
            result: Ok(found), ..
        } = next(&mut inbox).await
        else {
            panic!("no sheet");
        };
        assert_eq!(found.is_some(), is_known, "{freshness:?}");
    }

    crew.ask(Ask::LoadUsageSheet {
        profile,
        kind: KIND,
    })
    .unwrap();
    let Msg::UsageSheet {
        result: Ok(sheet), ..
    } = next(&mut inbox).await
    else {
        panic!("no usage");
    };
    assert_eq!((sheet.usage.used, sheet.usage.limit), (7, 100));
    assert_eq!(sheet.days.len(), DAYS);
    assert_eq!(sheet.others_by.iter().map(|(_, n)| n).sum::<u64>(), 7);
    crew.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_found_by_word_and_by_id_and_none_is_an_answer() {
    let demo = Demo::start(DemoOptions {
        limit: 100,
        used: 0,
    })
    .await
    .unwrap();
    let (sender, mut inbox) = channel(64);
    let mut crew = Crew::of_demo(demo, sender);
    let ask = |ticket, wanted| Ask::LoadRecords {
        ticket,
        profile: "us-prod".parse().unwrap(),
        kind: KIND,
        module: "Leads".parse().unwrap(),
        wanted,
    };
    let page = |word: Option<&str>| Wanted::Page {
        word: word.map(str::to_owned),
        place: crate::zoho::query::RecordPlace::Page(1),
    };

    crew.ask(ask(1, page(None))).unwrap();
    let all = found(&mut inbox, 1).await;
    let first = all.records.first().expect("the demo has leads").clone();

    crew.ask(ask(2, Wanted::Record(first.id.parse().unwrap())))
        .unwrap();
    let one = found(&mut inbox, 2).await;
    assert_eq!(one.records.len(), 1);
    assert_eq!(one.records[0].draft, first.draft);

    crew.ask(ask(3, page(Some(first.draft.value(Field::Email)))))
        .unwrap();
    let some = found(&mut inbox, 3).await;
    assert!(some.records.iter().any(|record| record.id == first.id));

    for (ticket, wanted) in [
        (4, page(Some("nobody-has-this"))),
        (5, Wanted::Record("1".parse().unwrap())),
    ] {
        crew.ask(ask(ticket, wanted)).unwrap();
        assert!(found(&mut inbox, ticket).await.records.is_empty());
    }
    crew.finish().await;
}

async fn found(inbox: &mut Receiver<Msg>, wanted: u64) -> crate::ops::prefill::FoundPage {
    match next(inbox).await {
        Msg::Records { ticket, result } if ticket == wanted => result.expect("a page"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_panic_behind_a_question_is_told_with_the_question() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let (sender, mut inbox) = channel(64);
    let mut crew = Crew::of_demo(demo, sender);

    let work = async { panic!("as a fault of ours") };
    told_if_it_breaks(&crew.shared, Ask::Profiles, work).await;

    assert_eq!(next(&mut inbox).await, Msg::Broken(Box::new(Ask::Profiles)));
    crew.finish().await;
}

/// The tour of the README: the answer that was lost in the demo's past is found, and at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_unknown_of_the_demo_is_settled() {
    let demo = Demo::start(DemoOptions::default()).await.unwrap();
    let desk = demo.deck().desk(None).unwrap();
    let (kind, settle) = (EnrichmentKind::People, demo.deck().config().settle);

    let found = crate::ops::reconcile::reconcile(&desk, kind, settle).await;

    let verdicts: Vec<_> = found.unwrap().into_iter().map(|one| one.verdict).collect();
    assert!(
        matches!(
            verdicts.as_slice(),
            [crate::ops::reconcile::Finished::Scheduled(_)]
        ),
        "{verdicts:?}"
    );
    drop(desk);
    demo.deck().ledger().clone().close().await;
    demo.stop().await;
}

/// The profile's `org_id` says which organisation it is for; the code that was pasted is for another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_to_another_organisation_is_not_told_as_done() {
    let demo = Demo::start(DemoOptions { limit: 10, used: 0 })
        .await
        .unwrap();
    let deck = demo.deck().clone();
    let mut config = (*deck.config()).clone();
    let profile = config.profiles.first_mut().unwrap();
    profile.org_id = Some("4000".to_owned());
    let login = Login {
        profile: profile.name.clone(),
        code: Secret::new("any word"),
    };
    deck.set_config(config);
    let (sender, mut inbox) = channel(64);
    let mut crew = Crew::of_demo(demo, sender);

    crew.ask(Ask::Setup(SetupAsk::SignIn(login))).unwrap();
    let told = next(&mut inbox).await;
    crew.finish().await;

    let Msg::Setup(SetupMsg::SignedIn(Ok((told, _)))) = told else {
        panic!("{told:?}");
    };
    assert_eq!(told.level, Level::Warning);
    assert!(told.text.contains("4000"), "{told:?}");
}
