//! The real loop: frames, keys, signals and leaving.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc::{Sender, channel};

use super::*;
use crate::base::limits::{INBOX_MESSAGES, QUESTION_QUIET};
use crate::base::{AttemptId, SystemClock, Timestamp};
use crate::tui::app::notice::Notice;
use crate::tui::app::op::{Payload, Reply};
use crate::tui::app::shared::Settings;
use crate::tui::data::profile::Profiles;
use crate::tui::testing::fake_tui::{FakeWorker, TestTui, TuiLog};
use crate::tui::testing::profiles;
use ratatui::style::Color;

/// The real loop on a tui without a terminal.
struct Rig {
    console: Console<TestTui, FakeWorker>,
    inbox: Sender<Msg>,
    signals: Sender<Signal>,
    tui: Rc<RefCell<TuiLog>>,
    asked: Rc<RefCell<Vec<Op>>>,
    worker: FakeWorker,
    _scratch: tempfile::TempDir,
}

/// The time of a test whose clock is paused: it passes when nothing else is left to do.
struct Paused {
    start: tokio::time::Instant,
    at: Timestamp,
}

impl Paused {
    fn new() -> Self {
        Self {
            start: tokio::time::Instant::now(),
            at: SystemClock::new().now(),
        }
    }
}

impl Clock for Paused {
    fn now(&self) -> Timestamp {
        self.at.saturating_add(self.start.elapsed()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

fn rig() -> Rig {
    rig_by(SystemClock::new())
}

fn rig_by(clock: impl Clock) -> Rig {
    let (inbox, receiver) = channel(INBOX_MESSAGES);
    let (signals, signal_receiver) = channel(16);
    let scratch = tempfile::tempdir().unwrap();
    let tui = TestTui::new(80, 24);
    let worker = FakeWorker::default();
    Rig {
        tui: tui.log.clone(),
        asked: worker.asked.clone(),
        worker: worker.clone(),
        inbox,
        signals,
        console: Console {
            app: App::new(Settings::default(), clock.now()),
            theme: Theme::default(),
            tui,
            worker,
            inbox: receiver,
            signals: signal_receiver,
            clock: Arc::new(clock),
            session: ProfileSession {
                themes: Themes::default(),
                configured: None,
                depth: ColorDepth::TrueColor,
                clipboard: Clipboard {
                    is_tmux: false,
                    directory: scratch.path().to_owned(),
                    hidden: Vec::new(),
                },
                editor: crate::tui::terminal::Editor {
                    command: Some("sed -i s/Ada/Grace/".to_owned()),
                    scratch: scratch.path().to_owned(),
                    hidden: Vec::new(),
                },
                frame: FRAME_LOCAL,
            },
            later: Vec::new(),
            shown: None,
        },
        _scratch: scratch,
    }
}

/// A key that came long before any other.
fn key(text: &str) -> Msg {
    Msg::Key {
        chord: text.parse().unwrap(),
        at: Duration::ZERO,
    }
}

/// A key that comes now.
fn pressed(text: &str, clock: &Arc<dyn Clock>) -> Msg {
    Msg::Key {
        chord: text.parse().unwrap(),
        at: clock.monotonic(),
    }
}

/// The reply to the first operation.
fn loaded(profiles: Profiles) -> Msg {
    let (op, payload) = (Arc::new(Op::LoadProfiles), Payload::LoadProfiles(profiles));
    Msg::Reply(Box::new(Reply::new(OpId(1), op, Ok(payload))))
}

fn ready() -> Msg {
    loaded(profiles())
}

/// Waits until the screen or the log of the tui says so.
async fn until(tui: &Rc<RefCell<TuiLog>>, what: impl Fn(&TuiLog) -> bool) {
    for _ in 0..500 {
        if what(&tui.borrow()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came:\n{}", tui.borrow().screen);
}

#[tokio::test]
async fn a_key_quits_and_the_first_frame_does_not_wait() {
    let rig = rig();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());

    let script = async {
        until(&tui, |log| log.frames > 0).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit, Exit::Done);
    assert_eq!(rig.asked.borrow().first(), Some(&Op::LoadProfiles));
}

#[tokio::test]
async fn what_nobody_waits_for_is_asked_when_the_frame_is_out() {
    let mut rig = rig();
    let (inbox, tui, asked) = (rig.inbox.clone(), rig.tui.clone(), rig.asked.clone());
    let taken = rig.console.tui.taken.clone();
    let ahead = Op::LoadAttempt(AttemptId(7));
    rig.console.later.push((OpId(99), ahead.clone()));
    tui.borrow_mut().is_full = true;

    let script = async {
        inbox.send(ready()).await.unwrap();
        let is_log = |op: &Op| matches!(op, Op::LoadLog(_));
        until(&tui, |_| asked.borrow().iter().any(is_log)).await;
        assert!(!asked.borrow().contains(&ahead));

        tui.borrow_mut().is_full = false;
        taken.notify_one();
        until(&tui, |_| asked.borrow().contains(&ahead)).await;
        assert!(tui.borrow().frames > 0);
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit, Exit::Done);
}

#[tokio::test]
async fn twenty_thousand_keys_make_few_frames_and_no_deadlock() {
    let rig = rig();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());

    let script = async {
        inbox.send(ready()).await.unwrap();
        for _ in 0..20_000 {
            inbox.send(key("x")).await.unwrap();
        }
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit, Exit::Done);
    assert!(tui.borrow().frames < 400, "{}", tui.borrow().frames);
}

#[tokio::test]
async fn a_frame_that_had_no_room_is_drawn_as_soon_as_there_is_some() {
    let mut rig = rig();
    // Far longer than the test: only the room can bring the frame.
    rig.console.session.frame = Duration::from_secs(3_600);
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());
    let taken = rig.console.tui.taken.clone();

    let script = async {
        until(&tui, |log| log.frames > 0).await;
        let before = tui.borrow().frames;
        tui.borrow_mut().is_full = true;
        for text in ["one", "two", "three"] {
            inbox.send(Msg::Notice(Notice::info(text))).await.unwrap();
            tokio::task::yield_now().await;
        }
        assert_eq!(tui.borrow().frames, before);

        tui.borrow_mut().is_full = false;
        taken.notify_one();
        until(&tui, |log| log.screen.contains("three")).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);
}

#[tokio::test]
async fn an_idle_console_draws_nothing() {
    let rig = rig();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());

    let script = async {
        until(&tui, |log| log.frames > 0).await;
        let before = tui.borrow().frames;
        // Keys that mean nothing wake the loop; they must not make it draw.
        for _ in 0..20 {
            inbox.send(key("Insert")).await.unwrap();
            tokio::task::yield_now().await;
        }
        inbox.send(Msg::Notice(Notice::info("mark"))).await.unwrap();
        until(&tui, |log| log.screen.contains("mark")).await;
        assert_eq!(tui.borrow().frames, before + 1);
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);
}

#[tokio::test]
async fn what_was_typed_is_kept_when_the_user_quits() {
    let rig = rig();
    let inbox = rig.inbox.clone();

    let script = async {
        for msg in [ready(), key("x"), key("Ctrl+Q")] {
            inbox.send(msg).await.unwrap();
        }
    };
    tokio::join!(rig.console.run(), script);

    let asked = rig.asked.borrow();
    assert!(
        matches!(asked.last(), Some(Op::SaveDraft(_))),
        "{:?}",
        asked.last()
    );
}

#[tokio::test]
async fn a_signal_waits_for_what_is_on_its_way_and_names_itself() {
    let mut rig = rig();
    rig.console.worker.settles_in = Duration::from_millis(50);
    let (signals, clock) = (rig.signals.clone(), rig.console.clock.clone());
    let before = clock.monotonic();

    let script = async { signals.send(Signal::TERMINATE).await.unwrap() };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit.code(), 143);
    assert!(clock.monotonic() - before >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_second_signal_ends_the_wait() {
    let mut rig = rig();
    rig.console.worker.settles_in = Duration::from_secs(9);
    let (signals, clock) = (rig.signals.clone(), rig.console.clock.clone());
    let before = clock.monotonic();

    let script = async {
        signals.send(Signal::HANGUP).await.unwrap();
        signals.send(Signal::TERMINATE).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit.code(), 129);
    assert!(clock.monotonic() - before < Duration::from_secs(5));
    assert!(rig.tui.borrow().is_lost);
}

#[tokio::test]
async fn a_terminal_that_takes_no_frame_counts_as_a_hang_up() {
    let mut rig = rig();
    rig.console.tui.fails_after = Some(0);

    let left = rig.console.run().await;

    assert_eq!(left.exit, Exit::Signal(Signal::HANGUP));
    assert!(rig.tui.borrow().is_lost);
}

#[tokio::test]
async fn the_editor_gets_the_terminal_and_refills_the_form() {
    let rig = rig();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());

    let script = async {
        inbox.send(ready()).await.unwrap();
        for c in ["A", "d", "a", "F4"] {
            inbox.send(key(c)).await.unwrap();
        }
        until(&tui, |log| log.screen.contains("Grace")).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);

    assert_eq!(tui.borrow().lent, 1);
}

#[tokio::test]
async fn a_copy_goes_to_the_terminal_and_says_so() {
    let rig = rig();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());
    let worker = rig.worker.clone();

    let script = async {
        inbox.send(ready()).await.unwrap();
        until(&tui, |log| log.screen.contains("us-prod")).await;
        let page = crate::ledger::LogPage {
            rows: crate::tui::testing::rows(),
            more: false,
            total: None,
        };
        let log = worker.reply("LoadLog", Ok(Payload::LoadLog(page)));
        inbox.send(log).await.unwrap();
        for text in ["F3", "y", "Down", "Down", "Enter"] {
            inbox.send(key(text)).await.unwrap();
        }
        until(&tui, |log| {
            log.screen.contains("sent the job's id (19 bytes)")
        })
        .await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);

    assert!(tui.borrow().written.starts_with(b"\x1b]52;c;"));
}

#[tokio::test(start_paused = true)]
async fn a_full_worker_is_an_answer_that_the_user_sees() {
    let mut rig = rig_by(Paused::new());
    rig.console.worker.room = Some(7);
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());
    let clock = rig.console.clock.clone();

    let script = async {
        for msg in [ready(), pressed("F5", &clock)] {
            inbox.send(msg).await.unwrap();
        }
        until(&tui, |log| log.screen.contains("would refuse it?")).await;
        // The frame is out; what is left is the time to read it.
        tokio::time::sleep(QUESTION_QUIET * 2).await;
        inbox.send(pressed("y", &clock)).await.unwrap();
        until(&tui, |log| {
            log.screen
                .contains("too much is under way; nothing was sent")
        })
        .await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);
}

#[tokio::test]
async fn a_resize_is_drawn_at_the_new_size() {
    let rig = rig();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());

    let script = async {
        inbox
            .send(Msg::Resize {
                width: 50,
                height: 10,
            })
            .await
            .unwrap();
        inbox
            .send(Msg::Resize {
                width: 80,
                height: 24,
            })
            .await
            .unwrap();
        inbox.send(loaded(Profiles::default())).await.unwrap();
        until(&tui, |log| log.screen.contains("Welcome to ziadeck")).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    tokio::join!(rig.console.run(), script);
}

#[test]
fn three_frames_may_come_close_and_a_fourth_waits() {
    let ms = Duration::from_millis;
    let mut pace = FramePace::default();
    assert_eq!(pace.next(ms(16)), None);
    pace.drawn(ms(100));
    pace.drawn(ms(101));
    assert_eq!(pace.next(ms(16)), None);

    pace.drawn(ms(102));

    assert_eq!(pace.next(ms(16)), Some(ms(116)));
}

#[tokio::test]
async fn a_first_frame_that_nothing_fills_is_drawn_all_the_same() {
    let mut rig = rig();
    rig.console.app.shared.profiles = None;
    rig.asked.borrow_mut().clear();
    let (tui, inbox) = (rig.tui.clone(), rig.inbox.clone());

    let console = rig.console.run();
    let leave = async {
        while tui.borrow().frames == 0 {
            tokio::task::yield_now().await;
        }
        inbox.send(Msg::TerminalLost).await.unwrap();
    };
    tokio::join!(console, leave);

    assert!(tui.borrow().frames >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_of_the_simulator_fills_the_form() {
    let demo = crate::tui::demo::Demo::start(crate::tui::demo::DemoOptions {
        limit: 100,
        used: 0,
    })
    .await
    .unwrap();
    let Rig {
        console,
        inbox,
        tui,
        signals: _signals,
        _scratch,
        ..
    } = rig();
    let console = Console {
        app: console.app,
        theme: console.theme,
        tui: console.tui,
        worker: crate::tui::app::worker::OpsWorker::of_demo(demo, inbox.clone()),
        inbox: console.inbox,
        signals: console.signals,
        clock: console.clock,
        session: console.session,
        later: Vec::new(),
        shown: None,
    };

    let script = async {
        until(&tui, |log| log.screen.contains("Leads")).await;
        inbox.send(key("Ctrl+F")).await.unwrap();
        until(&tui, |log| log.screen.contains("Enter fills the form")).await;
        until(&tui, |log| log.screen.contains("fills       Record id")).await;
        inbox.send(key("Enter")).await.unwrap();
        until(&tui, |log| log.screen.contains("nothing was sent")).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    let (left, ()) = tokio::join!(console.run(), script);

    assert_eq!(left.exit, Exit::Done);
}

/// Whoever listened to signals has ended, which nobody can mend; the console goes on without.
#[tokio::test]
async fn a_console_that_no_signal_can_reach_still_hears_its_keys() {
    let rig = rig();
    drop(rig.signals);

    rig.inbox.send(key("Ctrl+Q")).await.unwrap();
    let left = tokio::time::timeout(Duration::from_secs(10), rig.console.run()).await;

    assert_eq!(left.map(|left| left.exit), Ok(Exit::Done));
}

#[tokio::test]
async fn an_editor_that_no_signal_can_end_gives_the_terminal_back() {
    let rig = rig();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());
    drop(rig.signals);

    let script = async {
        inbox.send(ready()).await.unwrap();
        inbox.send(key("F4")).await.unwrap();
        until(&tui, |log| log.lent == 1).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit, Exit::Done);
}

mod leaving;
mod questions;
mod themes;
