//! What is said when the terminal was given back.

use super::*;
use crate::base::RunId;
use crate::enrichment::verdict::Word;
use crate::ledger::{BudgetRule, Forced};
use crate::tui::app::op::{Submit, Submitted};
use crate::tui::app::shared::Open;
use crate::tui::data::run::RunEnded;
use crate::tui::testing::{ada, rows};

/// Lets an operation be under way, as if it had been asked.
fn under_way(rig: &mut Rig, id: u64, op: Op) {
    let open = Open {
        op: Arc::new(op),
        progress: None,
    };
    rig.console.app.shared.open.insert(OpId(id), open);
}

fn submit() -> Op {
    Op::Submit(Box::new(Submit {
        profile: "us-prod".parse().unwrap(),
        draft: ada(),
        checks: Forced::No,
        limit: BudgetRule::Hold,
        word: Word::default(),
    }))
}

fn replied(id: u64, op: Op, payload: Payload) -> Msg {
    Msg::Reply(Box::new(Reply::new(OpId(id), Arc::new(op), Ok(payload))))
}

#[tokio::test]
async fn a_paused_run_and_how_it_goes_on_are_told() {
    let mut rig = rig();
    for run in [3_i64, 4] {
        under_way(&mut rig, 700 + run.unsigned_abs(), Op::StartRun(RunId(run)));
    }
    rig.console.worker.settles_in = Duration::from_millis(50);
    let (inbox, signals) = (rig.inbox.clone(), rig.signals.clone());

    let script = async {
        signals.send(Signal::TERMINATE).await.unwrap();
        let ended = Payload::StartRun(RunEnded {
            is_over: true,
            told: Notice::info("run 4 is finished"),
        });
        let ended = replied(704, Op::StartRun(RunId(4)), ended);
        inbox.send(ended).await.unwrap();
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
    under_way(&mut rig, 707, submit());
    rig.console.worker.settles_in = Duration::from_millis(50);
    let (inbox, signals) = (rig.inbox.clone(), rig.signals.clone());

    let script = async {
        signals.send(Signal::INTERRUPT).await.unwrap();
        let settled = Payload::Submit(Submitted::Settled(Box::new(rows().remove(0))));
        inbox.send(replied(707, submit(), settled)).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.told.as_deref(), Some("attempt 1204 is scheduled"));
}

#[tokio::test]
async fn an_answer_that_never_came_is_told_with_what_settles_it() {
    let mut rig = rig();
    under_way(&mut rig, 707, submit());

    rig.signals.send(Signal::TERMINATE).await.unwrap();
    let left = rig.console.run().await;

    let told = left.told.unwrap();
    assert!(told.contains("no answer and counts as spent"), "{told}");
    assert!(told.contains("ziadeck reconcile"), "{told}");
}

#[tokio::test]
async fn where_nothing_is_open_nothing_is_told() {
    let rig = rig();

    rig.signals.send(Signal::TERMINATE).await.unwrap();

    assert_eq!(rig.console.run().await.told, None);
}
