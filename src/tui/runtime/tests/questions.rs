//! A question takes its answer when its frame was really handed to the terminal.

use super::*;

fn submits(asked: &Rc<RefCell<Vec<Op>>>) -> usize {
    let asked = asked.borrow();
    asked
        .iter()
        .filter(|op| matches!(op, Op::Submit(_)))
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_stuck_on_its_way_takes_no_answer() {
    let rig = rig_by(Paused::new());
    let clock = rig.console.clock.clone();
    let taken = rig.console.tui.taken.clone();
    let (inbox, tui, all) = (rig.inbox.clone(), rig.tui.clone(), rig.asked.clone());

    let script = async {
        inbox.send(ready()).await.unwrap();
        until(&tui, |log| log.screen.contains("us-prod")).await;
        inbox.send(pressed("F5", &clock)).await.unwrap();
        until(&tui, |log| log.screen.contains("would refuse it?")).await;
        tui.borrow_mut().is_stuck = true;
        inbox.send(Msg::Resumed).await.unwrap();
        tokio::time::sleep(QUESTION_QUIET * 2).await;
        inbox.send(pressed("y", &clock)).await.unwrap();
        until(&tui, |log| log.screen.contains("too fast: press y again")).await;
        assert_eq!(submits(&all), 0);

        tui.borrow_mut().is_stuck = false;
        taken.notify_one();
        tokio::time::sleep(QUESTION_QUIET * 2).await;
        inbox.send(pressed("y", &clock)).await.unwrap();
        until(&tui, |_| submits(&all) == 1).await;
        inbox.send(Msg::TerminalLost).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);
}

/// The process stood still: the time is up, and so is the key that came meanwhile.
#[tokio::test(start_paused = true)]
async fn a_key_that_waits_when_the_time_is_up_counts_before_it() {
    let rig = rig_by(Paused::new());
    let clock = rig.console.clock.clone();
    let (inbox, tui, all) = (rig.inbox.clone(), rig.tui.clone(), rig.asked.clone());

    let script = async {
        inbox.send(ready()).await.unwrap();
        until(&tui, |log| log.screen.contains("us-prod")).await;
        inbox.send(pressed("F5", &clock)).await.unwrap();
        until(&tui, |log| log.screen.contains("would refuse it?")).await;
        // Both are there when the console comes to run again.
        let at = clock.monotonic() + QUESTION_QUIET * 2;
        let chord = "y".parse().unwrap();
        inbox.try_send(Msg::Key { chord, at }).unwrap();
        tokio::time::advance(QUESTION_QUIET * 2).await;
        until(&tui, |log| log.screen.contains("too fast: press y again")).await;
        assert_eq!(submits(&all), 0);
        inbox.send(Msg::TerminalLost).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);
}
