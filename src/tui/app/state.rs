//! The app: the screens, what lies over them, and the one place that changes what they share.
//!
//! ```text
//!  Key ─► bindings in the contexts of what lies on top ─► Command ─► popup or screen, else the app ─┐
//!  Paste, Mouse, Resize, Tick ──────────────────────────────────────────────────────────────────────┼─► Out ─► effects
//!  Reply ─► whoever holds its id, else the app tells what came of it ───────────────────────────────┘
//! ```
//! Pure: no IO, no clock, no await. Nothing here sends by itself: `Op::Submit` comes from the form's
//! send and from the questions that it opens, and those are reached by a key alone.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Rect;

use super::cx::{Changed, Cx, Intent, Out, Screen, ScreenId, Screens};
use super::effect::Effect;
use super::key_guard::KeyGuard;
use super::leave;
use super::msg::Msg;
use super::notice::Notice;
use super::op::{self, Op, OpId};
use super::shared::{Env, Open, Settings, Shared};
use crate::base::Timestamp;
use crate::keymap::Context;
use crate::tui::popups::dialog::Dialog;
use crate::tui::popups::help::TextPopup;
use crate::tui::screens::welcome::Welcome;
use crate::tui::ui::hits::Hits;

/// Characters that every notice shows, at 80 columns.
const NOTICE_CHARS: usize = 200;

/// Everything the console knows.
pub struct App {
    pub shared: Shared,
    pub screens: Screens,
    /// The screen that is shown.
    pub screen: ScreenId,
    pub welcome: Welcome,
    /// The last one on top.
    pub popups: Vec<Box<dyn Screen>>,
    /// A set-up guide that was closed before its end.
    pub guide_kept: Option<Box<dyn Screen>>,
    /// Whether keys were meant.
    pub key_guard: KeyGuard,
    /// Whether the screen no longer shows what is known.
    pub is_dirty: bool,
    /// What lies where on the frame that was drawn last.
    pub hits: Hits,
    /// Set when the console is about to leave: why, in a sentence.
    pub leaving: Option<String>,
}

/// The first effects of a console.
pub fn boot(app: &mut App, env: &mut Env) -> Vec<Effect> {
    app.shared.tell_time(env);
    let mut turn = Turn::new(env);
    turn.out.push(Out::Do(Op::LoadProfiles));
    turn.out.extend(app.mouse_again());
    app.carry_out(&mut turn);
    turn.effects
}

/// Takes a message in.
pub fn update(app: &mut App, msg: Msg, env: &mut Env) -> Vec<Effect> {
    let was_dirty = std::mem::replace(&mut app.is_dirty, true);
    let mut turn = Turn::new(env);
    if app.take(msg, &mut turn) == Changed::No && turn.out.iter().all(Out::is_unseen) {
        app.is_dirty = was_dirty;
    }
    app.carry_out(&mut turn);
    app.settle();
    turn.effects
}

/// When the loop must call again with [`Msg::Tick`], on the clock that never goes back; `None`
/// while nothing is due, so that an idle console does nothing at all.
pub fn next_wakeup(app: &App) -> Option<Duration> {
    let shared = &app.shared;
    let popups = app.popups.iter().map(|popup| popup.due(shared));
    let shown = app.screens.get(app.screen).due(shared);
    let console = app.screens.console.due(shared);
    let own = [
        shared.toasts.due(),
        shared.ages_due(),
        app.key_guard.due(),
        shown,
        console,
    ];
    own.into_iter().chain(popups).flatten().min()
}

/// What must be kept when the console leaves.
pub fn parting(app: &mut App) -> Option<Op> {
    app.screens.console.compose.keep_now(&app.shared)
}

/// One message on its way through the app.
pub(in crate::tui) struct Turn<'e> {
    pub(in crate::tui) env: &'e mut Env,
    pub(in crate::tui) out: Vec<Out>,
    pub(in crate::tui) effects: Vec<Effect>,
}

impl<'e> Turn<'e> {
    pub(in crate::tui) fn new(env: &'e mut Env) -> Self {
        Self {
            env,
            out: Vec::new(),
            effects: Vec::new(),
        }
    }

    pub(super) fn say(&mut self, notice: Notice) {
        self.out.push(Out::Say(notice));
    }

    pub(super) fn info(&mut self, text: impl Into<String>) {
        self.say(Notice::info(text));
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.say(Notice::warning(text));
    }

    pub(in crate::tui) fn cx<'a>(&'a mut self, shared: &'a Shared) -> Cx<'a> {
        Cx {
            shared,
            env: self.env,
            out: &mut self.out,
        }
    }
}

impl Out {
    /// Whether nothing on the screen comes of it.
    fn is_unseen(&self) -> bool {
        matches!(
            self,
            Self::AskAfterFrame(..) | Self::Effect(Effect::ReadThemeAgain)
        )
    }
}

impl App {
    /// A console that knows nothing yet.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            shared: Shared::new(settings, now),
            screens: Screens::default(),
            screen: ScreenId::Console,
            welcome: Welcome::default(),
            popups: Vec::new(),
            guide_kept: None,
            key_guard: KeyGuard::default(),
            is_dirty: true,
            hits: Hits::default(),
            leaving: None,
        }
    }

    /// Whether there is enough for a first frame: the profiles, and the log of the one on screen.
    /// What fills an empty place later costs a line no more than at once.
    pub fn is_filled(&self) -> bool {
        let shared = &self.shared;
        shared.profiles.is_some()
            && (shared.is_first_run() || !self.screens.console.log.is_loading())
    }

    /// The contexts of the focus, nearest first.
    pub fn contexts(&self) -> Vec<Context> {
        self.top().contexts(&self.shared)
    }

    /// What keys go to.
    pub fn top(&self) -> &dyn Screen {
        match self.popups.last() {
            Some(popup) => popup.as_ref(),
            None if self.shared.is_first_run() => &self.welcome,
            None => self.screens.get(self.screen),
        }
    }

    /// The same, to be changed, and what it may know.
    pub(super) fn top_mut(&mut self) -> (&mut dyn Screen, &Shared) {
        let top: &mut dyn Screen = match self.popups.last_mut() {
            Some(popup) => popup.as_mut(),
            None if self.shared.is_first_run() => &mut self.welcome,
            None => self.screens.get_mut(self.screen),
        };
        (top, &self.shared)
    }

    /// A popup that lies somewhere on the stack.
    pub fn popup<T: Screen>(&self) -> Option<&T> {
        let mut all = self.popups.iter().rev();
        all.find_map(|popup| popup.downcast_ref())
    }

    /// Everything that can hold the id of a question: the popups from the top, then the screens.
    pub(super) fn layers(&mut self) -> (impl Iterator<Item = &mut dyn Screen>, &Shared) {
        let popups = self.popups.iter_mut().rev().map(Box::as_mut);
        let kept = self.guide_kept.iter_mut().map(Box::as_mut);
        let screens = self.screens.all_mut();
        (popups.chain(kept).chain(screens), &self.shared)
    }

    fn take(&mut self, msg: Msg, turn: &mut Turn<'_>) -> Changed {
        match msg {
            Msg::Key { chord, at } => return self.key((chord, at), turn),
            Msg::Paste { text, at } => self.pasted(&text, at, turn),
            Msg::QuestionOut { question, at } => {
                self.key_guard.written(question, at);
                return Changed::No;
            }
            Msg::Mouse(mouse) => self.mouse(mouse, turn),
            Msg::Resize { width, height } => {
                self.shared.width = width;
                self.shared.height = height;
                self.key_guard.redrawn();
            }
            Msg::Resumed => {
                self.key_guard.redrawn();
                turn.out.push(Out::Effect(Effect::Redraw));
                turn.out.extend(self.mouse_again());
            }
            Msg::ThemesChanged => {
                turn.out.push(Out::Effect(Effect::ReadThemeAgain));
                return Changed::No;
            }
            Msg::TerminalLost => turn.out.push(Out::Effect(Effect::Quit)),
            Msg::Tick => self.tick(turn),
            Msg::Edited(result) => {
                turn.out.push(Out::Effect(Effect::Redraw));
                turn.out.extend(self.mouse_again());
                let console = &mut self.screens.console;
                console.edited(result, &mut turn.cx(&self.shared));
            }
            Msg::Copied(Ok(text)) => turn.info(text),
            Msg::Copied(Err(text)) => turn.say(Notice::error(text)),
            Msg::Themed(read) => self.themed(*read, turn),
            Msg::Progress(id, progress) => self.progress(id, progress, turn),
            Msg::Reply(reply) => return self.reply(*reply, turn),
            Msg::Ledger(trouble) => {
                if self.shared.ledger_trouble.is_some() && trouble.is_none() {
                    turn.info("the ledger may be used for sending again");
                }
                self.shared.ledger_trouble = trouble;
            }
            Msg::LedgerChanged => self.ledger_changed(turn),
            Msg::Notice(notice) => turn.say(notice),
        }
        Changed::Yes
    }

    /// Keeps what depends on everything else true: the question before leaving, what the key guard
    /// guards, and every window.
    pub(in crate::tui) fn settle(&mut self) {
        let lines = leave::lines(&self.shared);
        let mut dialogs = self.popups.iter_mut();
        let mut dialogs = dialogs.by_ref().filter_map(|popup| popup.downcast_mut());
        if let Some(leaving) = dialogs.find(|dialog: &&mut Dialog| dialog.is_leaving) {
            leaving.lines = match lines.is_empty() {
                true => vec!["Everything has its answer by now.".to_owned()],
                false => lines,
            };
        }
        self.follow_question();
        self.fit();
    }

    fn fit(&mut self) {
        let body = self.body();
        if !self.shared.is_first_run() {
            self.screens.get_mut(self.screen).fit(body, &self.shared);
        }
        let room = self.room();
        for popup in &mut self.popups {
            // What it holds may make it larger or smaller, once it is laid out for the width.
            for _ in 0..2 {
                let area = over(room, popup.as_ref());
                popup.fit(area, &self.shared);
            }
        }
    }

    /// What lies between the tabs and the last line.
    pub fn body(&self) -> Rect {
        let height = self.shared.height.saturating_sub(3);
        Rect::new(0, 2, self.shared.width, height)
    }

    /// What lies between the first and the last line.
    pub fn room(&self) -> Rect {
        let height = self.shared.height.saturating_sub(2);
        Rect::new(0, 1, self.shared.width, height)
    }

    /// Carries out what was said, and what comes of that.
    pub(in crate::tui) fn carry_out(&mut self, turn: &mut Turn<'_>) {
        let mut queue = VecDeque::from(std::mem::take(&mut turn.out));
        while let Some(out) = queue.pop_front() {
            self.carry_out_one(out, turn);
            // What comes of one thing is done before the next.
            for out in std::mem::take(&mut turn.out).into_iter().rev() {
                queue.push_front(out);
            }
        }
    }

    fn carry_out_one(&mut self, out: Out, turn: &mut Turn<'_>) {
        match out {
            Out::Ask(id, op) => self.ask(id, op, turn),
            Out::AskAfterFrame(id, op) => turn.effects.push(Effect::AskAfterFrame(id, op)),
            Out::Do(op) => {
                let id = turn.env.op_id();
                self.ask(id, op, turn);
            }
            Out::Go(screen, intent) => {
                self.go(screen, turn);
                if let Some(intent) = intent {
                    let screen = self.screens.get_mut(screen);
                    screen.intent(intent, &mut turn.cx(&self.shared));
                }
            }
            Out::Deliver(intent) => self.deliver(intent, turn),
            Out::Open(popup) => self.popups.push(popup),
            Out::OpenAlone(popup) => {
                if self.popups.is_empty() {
                    self.popups.push(popup);
                }
            }
            Out::Close => drop(self.popups.pop()),
            Out::Say(notice) => self.shared.toasts.say(notice, turn.env.uptime),
            Out::Tell(notice) if notice.text.chars().count() <= NOTICE_CHARS => {
                self.shared.toasts.say(notice, turn.env.uptime);
            }
            Out::Tell(notice) => self.popups.push(Box::new(TextPopup::told(notice.text))),
            Out::Effect(effect) => turn.effects.push(effect),
            Out::Run(command) => drop(self.run(command, turn)),
            Out::Switch(name) => self.switch(name, turn),
            Out::SetUp(data_center) => self.set_up(data_center),
            Out::Kind(kind) => self.set_kind(kind, turn),
            Out::Profiles(profiles) => self.take_profiles(profiles, turn),
            Out::AskUsage(from) => self.ask_usage(from, turn),
            Out::ChooseTheme(name) => {
                self.shared.settings.theme_chosen = Some(name.clone());
                turn.effects.push(Effect::UseTheme(name));
            }
        }
    }

    fn ask(&mut self, id: OpId, op: Op, turn: &mut Turn<'_>) {
        if let Op::Submit(submit) = &op {
            self.shared.last_sent = Some(submit.profile.clone());
        }
        if op.class() != op::Class::Read {
            let open = Open {
                op: Arc::new(op.without_secrets()),
                progress: None,
            };
            self.shared.open.insert(id, open);
        }
        turn.effects.push(Effect::Ask(id, op));
    }

    fn deliver(&mut self, intent: Intent, turn: &mut Turn<'_>) {
        let mut left = Some(intent);
        let (layers, shared) = self.layers();
        for layer in layers {
            let Some(intent) = left.take() else { return };
            left = layer.intent(intent, &mut turn.cx(shared));
        }
    }
}
/// Where a popup lies in its room.
pub(super) fn over(room: Rect, popup: &dyn Screen) -> Rect {
    let most = (room.width.saturating_sub(2), room.height);
    let (width, height) = popup.size(most);
    let (width, height) = (width.min(most.0), height.min(most.1));
    Rect::new(
        room.x + (room.width - width) / 2,
        room.y + (room.height - height) / 2,
        width,
        height,
    )
}
