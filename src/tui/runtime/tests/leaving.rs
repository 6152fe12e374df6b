//! What is said when the terminal was given back.

use super::*;
use crate::base::RunId;
use crate::enrichment::verdict::Word;
use crate::tui::effects::{Checks, LimitRule, Submit};
use crate::tui::model::InFlight;
use crate::tui::msg::{RunsMsg, Told};
use crate::tui::testing::{ada, rows};

fn in_flight(rig: &mut Rig) {
    let submit = Submit {
        ticket: 7,
        profile: "us-prod".parse().unwrap(),
        draft: ada(),
        checks: Checks::Hold,
        limit: LimitRule::Hold,
        word: Word::default(),
    };
    rig.console.model.in_flight.push(InFlight { submit });
}

#[tokio::test]
async fn a_paused_run_and_how_it_goes_on_are_told() {
    let mut rig = rig();
    for run in [3, 4] {
        rig.console.model.runs.own.insert(RunId(run), None);
    }
    rig.console.backstage.settles_in = Duration::from_millis(50);
    let (inbox, signals) = (rig.inbox.clone(), rig.signals.clone());

    let script = async {
        signals.send(Signal::Terminate).await.unwrap();
        let text = "run 4 is finished".to_owned();
        let level = Level::Info;
        let ended = RunsMsg::Ended {
            run: RunId(4),
            is_over: true,
            result: Ok(Told { level, text }),
        };
        inbox.send(Msg::Runs(ended)).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(
        left.told.as_deref(),
        Some("run 3 is paused: ziadeck bulk resume 3")
    );
}

#[tokio::test]
async fn an_answer_that_comes_while_leaving_is_told() {
    let mut rig = rig();
    in_flight(&mut rig);
    rig.console.backstage.settles_in = Duration::from_millis(50);
    let (inbox, signals) = (rig.inbox.clone(), rig.signals.clone());

    let script = async {
        signals.send(Signal::Interrupt).await.unwrap();
        let result = Ok(Box::new(rows().remove(0)));
        let ticket = 7;
        inbox.send(Msg::Submitted { ticket, result }).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.told.as_deref(), Some("attempt 1204 is scheduled"));
}

#[tokio::test]
async fn an_answer_that_never_came_is_told_with_what_settles_it() {
    let mut rig = rig();
    in_flight(&mut rig);

    rig.signals.send(Signal::Terminate).await.unwrap();
    let left = rig.console.run().await;

    let told = left.told.unwrap();
    assert!(told.contains("no answer and counts as spent"), "{told}");
    assert!(told.contains("ziadeck reconcile"), "{told}");
}

#[tokio::test]
async fn where_nothing_is_open_nothing_is_told() {
    let rig = rig();

    rig.signals.send(Signal::Terminate).await.unwrap();

    assert_eq!(rig.console.run().await.told, None);
}
