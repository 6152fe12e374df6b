//! The loop: take what has come, change the app, start the effects, draw if something changed.
//!
//! ```text
//!          ┌───────────────────────────────────────────────┐
//!          ▼                                               │
//!   wait ─► fold up to 512 messages ─► effects ─► draw when dirty and the last frame is old enough
//!          ▲ inbox, signals, next_wakeup, the time of the next frame
//!
//!   quit or signal ─► worker.finish(), 10 s at most, a second signal ends it ─► Exit
//! ```
//! It never awaits a send: the worker takes an operation or is full. It never ends the process.
//! With nothing to do it sleeps without a tick. Before a tick it hears out the keys: what was typed
//! before the time came counts before it. It tells the app when a question's frame was written out.

mod perform;
mod signals;
mod themes;
mod watch;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::base::Clock;
use crate::base::limits::SHUTDOWN_GRACE;
use crate::theme::{ColorDepth, Theme, Themes};
use crate::tui::app::effect::{Effect, Worker};
use crate::tui::app::leave::{Outstanding, on_the_way};
use crate::tui::app::msg::Msg;
use crate::tui::app::op::{Op, OpId};
use crate::tui::app::shared::Env;
use crate::tui::app::state::{App, boot, next_wakeup, parting, update};
use crate::tui::app::view::view;
use crate::tui::terminal::{Clipboard, Editor, Tui};
use crate::tui::ui::hits::Hits;

pub use signals::{Listeners, Signal, ending, listen};
pub use themes::{Configured, watch_themes};
pub use watch::watch_terminal;

/// Most messages between two frames; more would make the screen late.
const FOLD_MAX: usize = 512;
/// Time between two frames on this machine.
pub const FRAME_LOCAL: Duration = Duration::from_millis(16);
/// Time between two frames over SSH.
pub const FRAME_SSH: Duration = Duration::from_millis(33);

/// Frames that may come close together: a key's own, the ledger's answer to it, and what that
/// answer leads to.
const FRAMES_CLOSE: usize = 3;

/// When the next frame may be drawn: at once, unless the last three came within one frame's time.
#[derive(Debug, Clone, Copy, Default)]
struct FramePace {
    /// The times of the last frames, the oldest first.
    drawn: [Option<Duration>; FRAMES_CLOSE],
}

impl FramePace {
    /// The earliest time, if there is one to wait for.
    fn next(self, frame: Duration) -> Option<Duration> {
        let [oldest, ..] = self.drawn;
        oldest.map(|at| at + frame)
    }

    /// Whether nothing was drawn yet.
    fn is_first(self) -> bool {
        self.drawn.iter().all(Option::is_none)
    }

    fn drawn(&mut self, at: Duration) {
        self.drawn.rotate_left(1);
        if let Some(last) = self.drawn.last_mut() {
            *last = Some(at);
        }
    }
}

/// How long the first frame may wait for what the ledger answers at once: one full frame costs a
/// bad line less than an empty one with two corrections.
const FIRST_FRAME_WAIT: Duration = Duration::from_millis(12);

/// Time beyond the grace in which a run that was cut short records where it stands.
const RECORDING: Duration = Duration::from_secs(1);

/// How the console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The user quit.
    Done,
    /// A signal, after an orderly stop. A terminal that vanished counts as SIGHUP.
    Signal(Signal),
}

impl Exit {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Signal(signal) => 128 + signal.0,
        }
    }
}

/// How the console ended, and what it leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// How.
    pub exit: Exit,
    /// A line for the terminal that was given back: what is paused or has no answer, and how it goes
    /// on.
    pub told: Option<String>,
}

/// What the terminal's surroundings are.
#[derive(Debug, Clone)]
pub struct ProfileSession {
    /// Where themes come from.
    pub themes: Themes,
    /// The theme that the configuration names, where that may change meanwhile.
    pub configured: Option<Configured>,
    /// How many colours there are.
    pub depth: ColorDepth,
    /// The clipboard that works here.
    pub clipboard: Clipboard,
    /// `$VISUAL` or `$EDITOR`, and where its file goes.
    pub editor: Editor,
    /// Least time between two frames.
    pub frame: Duration,
}

/// The console with everything it runs on.
pub struct Console<S, W> {
    /// What it knows.
    pub app: App,
    /// How it looks.
    pub theme: Theme,
    /// The terminal.
    pub tui: S,
    /// Who does the work.
    pub worker: W,
    /// What comes in.
    pub inbox: Receiver<Msg>,
    /// Signals to the process.
    pub signals: Receiver<Signal>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The surroundings.
    pub session: ProfileSession,
    /// What is asked when the frame is out; none at the start.
    pub later: Vec<(OpId, Op)>,
    /// The question that the last frame shows, until that is written out; none at the start.
    pub shown: Option<u64>,
}

enum Woken {
    Msg(Option<Msg>),
    Signal(Signal),
    Time,
}

impl<S: Tui, W: Worker> Console<S, W> {
    /// Runs until the user quits, a signal comes or the terminal is gone. The terminal is given
    /// back when the tui is dropped.
    pub async fn run(mut self) -> Left {
        let mut env = Env::new(self.clock.now(), self.clock.monotonic());
        self.take_size();
        let Err(exit) = self.live(&mut env).await;
        self.finish(exit, &mut env).await
    }

    async fn live(&mut self, env: &mut Env) -> Result<Infallible, Exit> {
        let effects = boot(&mut self.app, env);
        self.perform(effects, env).await?;
        let mut pace = FramePace::default();
        let first_frame_at = self.clock.monotonic() + FIRST_FRAME_WAIT;
        loop {
            if self.shown.is_some()
                && self.tui.is_written()
                && let Some(question) = self.shown.take()
            {
                let at = self.clock.monotonic();
                self.hear(Msg::QuestionOut { question, at }, env).await?;
                continue;
            }
            let now = self.clock.monotonic();
            let frame_at = match pace.next(self.session.frame) {
                Some(at) => at,
                None if pace.is_first() && !self.app.is_filled() => first_frame_at,
                None => now,
            };
            let is_due = self.app.is_dirty && now >= frame_at;
            // A terminal that does not keep up, or that nobody reads, gets its frame when it has
            // taken the last one.
            let is_drawn = is_due && self.tui.is_ready();
            if is_drawn {
                self.draw().map_err(|_| self.lose())?;
                pace.drawn(self.clock.monotonic());
            }
            if is_drawn || (!self.app.is_dirty && !self.later.is_empty()) {
                let later = std::mem::take(&mut self.later).into_iter();
                let asks = later.map(|(id, op)| Effect::Ask(id, op)).collect();
                self.perform(asks, env).await?;
                continue;
            }
            let frame = (self.app.is_dirty && !is_due).then_some(frame_at);
            let wake = frame.into_iter().chain(next_wakeup(&self.app)).min();
            let limit = wake.map(|at| at.saturating_sub(now));
            let wants_room = is_due || self.shown.is_some();
            match self.wait(limit, wants_room).await {
                Woken::Msg(Some(msg)) => self.fold(msg, env).await?,
                // The inbox closes only with its producers; there is nobody left to talk to.
                Woken::Msg(None) => return Err(Exit::Done),
                Woken::Signal(signal) => self.on_signal(signal, env).await?,
                Woken::Time => self.on_time(env).await?,
            }
        }
    }

    fn take_size(&mut self) {
        if let Ok(size) = self.tui.size() {
            self.app.shared.width = size.width;
            self.app.shared.height = size.height;
        }
    }

    /// Cancel safety: a message or signal is taken only when its branch wins.
    async fn wait(&mut self, limit: Option<Duration>, wants_room: bool) -> Woken {
        let time = async {
            match limit {
                Some(limit) => sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = signal(&mut self.signals) => Woken::Signal(signal),
            msg = self.inbox.recv() => Woken::Msg(msg),
            () = self.tui.room(), if wants_room => Woken::Time,
            () = time => Woken::Time,
        }
    }

    async fn fold(&mut self, first: Msg, env: &mut Env) -> Result<(), Exit> {
        self.hear(first, env).await?;
        for _ in 0..FOLD_MAX {
            let Ok(msg) = self.inbox.try_recv() else {
                break;
            };
            self.hear(msg, env).await?;
        }
        Ok(())
    }

    /// Takes one message in and does what comes of it.
    async fn hear(&mut self, msg: Msg, env: &mut Env) -> Result<(), Exit> {
        if msg == Msg::TerminalLost {
            return Err(self.lose());
        }
        self.tell_time(env);
        let effects = update(&mut self.app, msg, env);
        self.perform(effects, env).await
    }

    async fn on_time(&mut self, env: &mut Env) -> Result<(), Exit> {
        // Whoever reads the terminal runs first: a key that came while this thread was busy must
        // not find that its time has passed.
        yield_now().await;
        if let Ok(msg) = self.inbox.try_recv() {
            return self.fold(msg, env).await;
        }
        let now = self.clock.monotonic();
        match next_wakeup(&self.app) {
            Some(at) if at <= now => self.hear(Msg::Tick, env).await,
            _ => Ok(()),
        }
    }

    async fn on_signal(&mut self, signal: Signal, env: &mut Env) -> Result<(), Exit> {
        match signal {
            Signal::CONTINUE => {
                self.tui.reclaim().map_err(|_| self.lose())?;
                self.hear(Msg::Resumed, env).await
            }
            Signal::STOP => self.perform(vec![Effect::Suspend], env).await,
            Signal::HANGUP => Err(self.lose()),
            ends => Err(Exit::Signal(ends)),
        }
    }

    fn tell_time(&self, env: &mut Env) {
        env.now = self.clock.now();
        env.uptime = self.clock.monotonic();
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let (app, theme) = (&self.app, &self.theme);
        let mut hits = Hits::default();
        self.tui
            .draw(&mut |frame| view(app, theme, frame, &mut hits))?;
        self.app.hits = hits;
        self.app.is_dirty = false;
        self.shown = self.app.unwritten_question();
        Ok(())
    }

    fn lose(&mut self) -> Exit {
        self.tui.lost();
        Exit::Signal(Signal::HANGUP)
    }

    /// Lets what was dispatched come to its end. A second signal ends the wait: the ledger then
    /// holds those attempts as unknown. Keys do not: one that repeats would cost an answer.
    async fn finish(mut self, exit: Exit, env: &mut Env) -> Left {
        if let Some(op) = parting(&mut self.app) {
            // A full worker loses at most the last second of typing.
            let _ = self.worker.start(env.op_id(), op);
        }
        let mut outstanding = Outstanding::of(&self.app.shared);
        if let Some(what) = on_the_way(&self.app.shared) {
            // What asked whether to leave lies over the sentence.
            self.app.popups.clear();
            self.app.leaving = Some(format!(
                "waiting for {what} on the way, {} seconds at most",
                SHUTDOWN_GRACE.as_secs()
            ));
            // The terminal may be gone; leaving goes on without it.
            let _ = self.draw();
        }
        let mut signals = self.signals;
        let tui = &mut self.tui;
        let second = async {
            loop {
                match signal(&mut signals).await {
                    // A hang-up is told twice, by the kernel and by our own watch, and the line may
                    // also drop after the wish to leave: it is no wish to leave at once.
                    Signal::HANGUP => tui.lost(),
                    Signal::CONTINUE | Signal::STOP => {}
                    _ => return,
                }
            }
        };
        let mut inbox = self.inbox;
        let drain = async {
            // Workers must not hang on a full inbox while they come to their end.
            while let Some(msg) = inbox.recv().await {
                outstanding.hear(&msg);
            }
            std::future::pending::<()>().await;
        };
        let work = timeout(SHUTDOWN_GRACE + RECORDING, self.worker.finish());
        tokio::select! {
            _ = work => {}
            () = second => {}
            () = drain => {}
        }
        while let Ok(msg) = inbox.try_recv() {
            outstanding.hear(&msg);
        }
        let told = outstanding.told();
        Left { exit, told }
    }
}

/// The next signal. When everybody who could send one has gone, there is none, ever: a closed
/// channel answers at once, and a loop that took that for an event would do nothing else.
async fn signal(signals: &mut Receiver<Signal>) -> Signal {
    match signals.recv().await {
        Some(signal) => signal,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
