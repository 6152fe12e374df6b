//! What a screen is: it gets commands, texts, replies and presses, and says what shall be done.
//!
//! A screen changes itself and nothing else. Everything beyond it is an [`Out`], which the app carries
//! out when the screen has returned: no screen knows another one. A popup is a screen that lies over
//! others.

use std::any::Any;
use std::time::Duration;

use ratatui::layout::Rect;

use super::effect::Effect;
use super::notice::{Failure, Notice};
use super::op::{ChangeOf, Freshness, Op, OpId, Reply};
use super::poll::Brought;
use super::shared::{Env, Shared};
use crate::base::{AttemptId, DataCenter, EnrichmentKind, JobId, ProfileName, RunId, Scope};
use crate::bulk::rows::Target;
use crate::enrichment::Draft;
use crate::keymap::{Command, Context};
use crate::ledger::{LogQuery, RowState};
use crate::tui::data::profile::Profiles;
use crate::tui::screens;
use crate::tui::ui::field::{Pasted, TextField};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::Painter;

/// The screens, made with their titles and keys: `ALL` in the order of their digits.
macro_rules! screens {
    ($($id:ident $title:literal $command:ident [$($context:ident)*] $field:ident: $screen:ty;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub enum ScreenId {
            #[default]
            $($id,)*
        }

        impl ScreenId {
            pub const ALL: &'static [Self] = &[$(Self::$id,)*];

            pub fn title(self) -> &'static str {
                match self { $(Self::$id => $title,)* }
            }

            /// The command that goes there.
            pub fn command(self) -> Command {
                match self { $(Self::$id => Command::$command,)* }
            }

            /// Where commands are its own.
            pub fn contexts(self) -> &'static [Context] {
                match self { $(Self::$id => &[$(Context::$context,)*],)* }
            }

            /// The one after it, round the end.
            pub fn next(self) -> Self {
                let after = Self::ALL.iter().skip_while(|screen| **screen != self).nth(1);
                after.copied().unwrap_or_default()
            }
        }

        /// All screens. Each goes on to be what it is while another one is shown.
        #[derive(Default)]
        pub struct Screens { $(pub $field: $screen,)* }

        impl Screens {
            pub fn get(&self, id: ScreenId) -> &dyn Screen {
                match id { $(ScreenId::$id => &self.$field,)* }
            }

            pub fn get_mut(&mut self, id: ScreenId) -> &mut dyn Screen {
                match id { $(ScreenId::$id => &mut self.$field,)* }
            }

            pub fn forget_people(&mut self) {
                $(self.$field.forget_people();)*
            }

            pub fn all_mut(&mut self) -> impl Iterator<Item = &mut dyn Screen> {
                let all: Vec<&mut dyn Screen> = vec![$(&mut self.$field,)*];
                all.into_iter()
            }
        }
    };
}

screens! {
    Console "Console" ShowConsole [Form Module Log Detail] console: screens::console::Console;
    Jobs "Jobs" ShowJobs [Jobs Job] jobs: screens::jobs::Jobs;
    Runs "Runs" ShowRuns [Runs Rows] runs: screens::runs::Runs;
    Usage "Usage" ShowUsage [Usage] usage: screens::usage::UsageScreen;
    Setup "Setup" ShowSetup [Setup] setup: screens::setup::Setup;
}

/// What shall be done beyond the screen that says so.
pub enum Out {
    Ask(OpId, Op),
    /// When the frame is out: nobody waits for it.
    AskAfterFrame(OpId, Op),
    /// The same as `Ask`, of an act that nobody holds.
    Do(Op),
    /// Goes to a screen, and tells it what to show.
    Go(ScreenId, Option<Intent>),
    /// For whoever takes it, the popup on top first.
    Deliver(Intent),
    Open(Box<dyn Screen>),
    /// Opens it unless something else is open: whoever is busy there is not interrupted.
    OpenAlone(Box<dyn Screen>),
    /// Closes the popup on top.
    Close,
    Say(Notice),
    /// Says what must be read to its end.
    Tell(Notice),
    Effect(Effect),
    /// A command that was chosen by name.
    Run(Command),
    /// Shows another profile.
    Switch(ProfileName),
    /// Opens the set-up guide.
    SetUp(DataCenter),
    /// Shows the other kind of enrichment.
    Kind(EnrichmentKind),
    /// The profiles are these now.
    Profiles(Profiles),
    AskUsage(Freshness),
    /// A theme was chosen, to be kept once it is known that it can be read.
    ChooseTheme(String),
}

/// What a screen or a popup is to do, as data.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Shows an attempt in the log, or opens a part of its detail.
    ShowAttempt(AttemptId, Option<Part>),
    ShowJob(JobId),
    ShowRun(RunId),
    /// Fills the form; with a sentence on where that came from it gets the focus.
    Fill(Box<Draft>, Option<Notice>),
    Module(String),
    Copy(AttemptId, CopyWhat),
    CopyJob(JobId, JobCopy),
    /// Shows jobs of one status, or of all.
    JobStatus(Option<String>),
    /// Shows rows of one state, or of all.
    RowState(Option<RowState>),
    /// Lets a column of a file lead there.
    Target(usize, Option<Target>),
    /// Asks what a change would make different.
    PlanChange(Box<ChangeOf>),
    /// A filter for the log.
    Filter(Box<LogQuery>),
}

/// A part of an attempt's detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// As it is open.
    Open,
    Job,
}

/// What of an attempt is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyWhat {
    /// The request as a curl command without its token.
    Curl,
    /// Request and answer as one JSON object.
    Json,
    /// The job's id, or the attempt's where there is no job.
    Id,
}

/// What of a job is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobCopy {
    /// The enriched data.
    Data,
    /// Status, what was asked and what was found.
    All,
    Id,
}

/// What a screen may use while it works.
pub struct Cx<'a> {
    pub shared: &'a Shared,
    pub env: &'a mut Env,
    pub out: &'a mut Vec<Out>,
}

impl Cx<'_> {
    pub fn ask(&mut self, op: Op) -> OpId {
        let id = self.env.op_id();
        self.out.push(Out::Ask(id, op));
        id
    }

    pub fn ask_after_frame(&mut self, op: Op) -> OpId {
        let id = self.env.op_id();
        self.out.push(Out::AskAfterFrame(id, op));
        id
    }

    /// An act, of whose end the person is told.
    pub fn act(&mut self, op: Op) {
        self.out.push(Out::Do(op));
    }

    pub fn say(&mut self, notice: Notice) {
        self.out.push(Out::Say(notice));
    }

    pub fn info(&mut self, text: impl Into<String>) {
        self.say(Notice::info(text));
    }

    pub fn warn(&mut self, text: impl Into<String>) {
        self.say(Notice::warning(text));
    }

    /// Says why a read failed, unless nobody has to know.
    pub fn fail(&mut self, failure: &Failure) {
        self.say(failure.notice());
    }

    pub fn open(&mut self, popup: impl Screen) {
        self.out.push(Out::Open(Box::new(popup)));
    }

    pub fn close(&mut self) {
        self.out.push(Out::Close);
    }

    pub fn go(&mut self, screen: ScreenId, intent: Option<Intent>) {
        self.out.push(Out::Go(screen, intent));
    }

    pub fn effect(&mut self, effect: Effect) {
        self.out.push(Out::Effect(effect));
    }

    pub fn copy(&mut self, text: String, what: &'static str) {
        self.effect(Effect::Copy { text, what });
    }
}

/// Whether a key or a press meant something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    Yes,
    No,
}

impl Handled {
    pub fn when(is_handled: bool) -> Self {
        if is_handled { Self::Yes } else { Self::No }
    }
}

/// Whether a message changed anything that is seen.
pub type Changed = Handled;

/// What a place is called and what it is for; `{command}` stands for the command's key.
pub type About = (&'static str, &'static str);

/// A screen or a popup.
pub trait Screen: Any {
    /// Where its keys mean something now, nearest first.
    fn contexts(&self, shared: &Shared) -> Vec<Context>;

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled;

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect);

    /// What it is for, for the help.
    fn about(&self) -> About;

    /// The commands that the last line names, where their ranks do not say it.
    fn hints(&self) -> Option<&'static [Command]> {
        None
    }

    /// The names of its panes where only one of them is seen: title, whether it is open, its name.
    fn tabs(&self, _body: Rect) -> Vec<(&'static str, bool, &'static str)> {
        Vec::new()
    }

    /// The field that is typed into.
    fn text_field(&mut self) -> Option<&mut TextField> {
        None
    }

    /// What is in the field with the focus is another text.
    fn text_changed(&mut self, _cx: &mut Cx<'_>) {}

    fn typed(&mut self, c: char, cx: &mut Cx<'_>) -> Handled {
        let is_taken = self.text_field().is_some_and(|field| field.insert(c));
        if is_taken {
            self.text_changed(cx);
        }
        Handled::when(is_taken)
    }

    /// `None` where a paste is not taken.
    fn paste(&mut self, text: &str, cx: &mut Cx<'_>) -> Option<Pasted> {
        let pasted = self.text_field()?.paste(text)?;
        self.text_changed(cx);
        Some(pasted)
    }

    /// Once after each message: makes everything fit the area that it will be drawn in.
    fn fit(&mut self, _area: Rect, _shared: &Shared) {}

    /// A press of the mouse. It confirms nothing and sends nothing.
    fn hit(&mut self, _spot: &Spot, _cx: &mut Cx<'_>) {}

    /// The wheel: what is under it scrolls, the focus stays.
    fn wheel(&mut self, _spot: &Spot, command: Command, cx: &mut Cx<'_>) {
        self.command(command, cx);
    }

    /// The reply to something that may be its own. Whoever claims it tells the person what there is
    /// to tell.
    fn reply(&mut self, _reply: &mut Reply, _cx: &mut Cx<'_>) -> Changed {
        Changed::No
    }

    /// What it is to do; hands back what is not for it.
    fn intent(&mut self, intent: Intent, _cx: &mut Cx<'_>) -> Option<Intent> {
        Some(intent)
    }

    /// It is on screen now.
    fn shown(&mut self, _cx: &mut Cx<'_>) {}

    /// Another screen is shown now.
    fn left(&mut self) {}

    /// Another profile or kind is on screen, and this screen too.
    fn scope_changed(&mut self, _cx: &mut Cx<'_>) {}

    /// Somebody committed to the ledger.
    fn ledger_changed(&mut self, _cx: &mut Cx<'_>) {}

    /// The server told the usage of a profile and kind.
    fn usage_told(&mut self, _scope: &Scope, _brought: Brought, _cx: &mut Cx<'_>) {}

    /// The minute that ages are told in moved on.
    fn minute(&mut self) {}

    /// When it wants a tick; never while nothing can change.
    fn due(&self, _shared: &Shared) -> Option<Duration> {
        None
    }

    fn tick(&mut self, _cx: &mut Cx<'_>) {}

    // ---- of popups

    fn title(&self, _shared: &Shared) -> String {
        self.about().0.to_owned()
    }

    /// Columns and rows that it would like, of those there are.
    fn size(&self, room: (u16, u16)) -> (u16, u16) {
        room
    }

    /// Whether what lies below is hidden; a question or a list does not hide what it is about.
    fn covers(&self) -> bool {
        true
    }

    /// Whether this command closes it; whoever is typing when it appears must not close it unread.
    fn closes_by(&self, command: Command) -> bool {
        matches!(command, Command::Back | Command::ClosePopup)
    }

    /// It is being closed by a key.
    fn closed(&mut self, _cx: &mut Cx<'_>) {}

    /// What is asked and what is said about it, if it is a question.
    fn question(&self) -> Option<(&str, &[String])> {
        None
    }

    /// What a command comes down to here.
    fn meant(&self, command: Command) -> Command {
        command
    }
}

/// A person was forgotten: what was read of anybody stays on no screen. Without a default, so that a
/// screen that holds nobody says so.
pub trait HoldsPeople {
    fn forget_people(&mut self);
}

impl dyn Screen {
    pub fn is<T: Screen>(&self) -> bool {
        (self as &dyn Any).is::<T>()
    }

    pub fn downcast_ref<T: Screen>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    pub fn downcast_mut<T: Screen>(&mut self) -> Option<&mut T> {
        (self as &mut dyn Any).downcast_mut()
    }
}
