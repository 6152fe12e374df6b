//! What the console knows: plain values, owned by the loop, changed only by `update`.
//!
//! A field that caches something says what invalidates it.

pub mod compose;
pub mod decide;
pub mod detail;
pub mod guide;
pub mod jobs;
pub mod key_guard;
pub mod log;
pub mod picker;
pub mod plan;
pub mod popup;
pub mod records;
pub mod runs;
pub mod setup;
pub mod unknowns;
pub mod usage_screen;

use crate::base::Timestamp;
use crate::keymap::{Command, Context};
pub use crate::tui::app::shared::{Demo, Env, Settings, Shared};
pub use crate::tui::app::told::{Failure, Level};
use crate::tui::effects::Submit;
use crate::tui::ui::viewport::Turn;

use compose::Compose;
use detail::Detail;
use guide::Guide;
use jobs::{Jobs, JobsFocus};
use key_guard::KeyGuard;
use log::Log;
use popup::Popup;
use runs::{Runs, RunsFocus};
use setup::Setup;
use usage_screen::UsageScreen;

/// The screen that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// Compose, log, detail, usage.
    #[default]
    Console,
    /// What became of the requests.
    Jobs,
    /// Files of requests.
    Runs,
    /// What is used, by whom, how fast.
    Usage,
    /// Profiles, tokens, scopes, configurations, checks.
    Setup,
}

impl Place {
    /// All screens, in the order of their digits.
    pub const ALL: [Self; 5] = [
        Self::Console,
        Self::Jobs,
        Self::Runs,
        Self::Usage,
        Self::Setup,
    ];

    /// The title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Console => "Console",
            Self::Jobs => "Jobs",
            Self::Runs => "Runs",
            Self::Usage => "Usage",
            Self::Setup => "Setup",
        }
    }

    /// The command that goes there.
    pub fn command(self) -> Command {
        match self {
            Self::Console => Command::ShowConsole,
            Self::Jobs => Command::ShowJobs,
            Self::Runs => Command::ShowRuns,
            Self::Usage => Command::ShowUsage,
            Self::Setup => Command::ShowSetup,
        }
    }

    /// The one after it, round the end.
    pub fn next(self) -> Self {
        let after = Self::ALL.iter().skip_while(|place| **place != self).nth(1);
        after.copied().unwrap_or_default()
    }
}

/// A pane of the console; on a small screen, a tab of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The form.
    #[default]
    Compose,
    /// The live log.
    Log,
    /// The selected attempt.
    Detail,
}

impl Pane {
    /// All panes, in the order of Tab.
    pub const ALL: [Self; 3] = [Self::Compose, Self::Log, Self::Detail];

    /// The title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Compose => "Compose",
            Self::Log => "Live log",
            Self::Detail => "Detail",
        }
    }

    /// The one after it.
    pub fn next(self) -> Self {
        match self {
            Self::Compose => Self::Log,
            Self::Log => Self::Detail,
            Self::Detail => Self::Compose,
        }
    }
}

/// A request that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// What was asked for.
    pub submit: Submit,
}

/// Everything the console knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What every screen may know.
    pub shared: Shared,
    /// Whether the screen no longer shows the model.
    pub is_dirty: bool,
    /// The row of the first start that is selected.
    pub welcome: usize,
    /// A set-up guide that was closed before its end.
    pub guide_kept: Option<Box<Guide>>,
    /// The screen.
    pub place: Place,
    /// The pane with the focus.
    pub pane: Pane,
    /// The form.
    pub compose: Compose,
    /// The live log.
    pub log: Log,
    /// The selected attempt.
    pub detail: Detail,
    /// The Jobs screen.
    pub jobs: Jobs,
    /// The Usage screen.
    pub usage_screen: UsageScreen,
    /// The Runs screen.
    pub runs: Runs,
    /// The Setup screen.
    pub setup: Setup,
    /// Popups, the last one on top.
    pub popups: Vec<Popup>,
    /// Whether keys were meant.
    pub key_guard: KeyGuard,
    /// Requests on their way.
    pub in_flight: Vec<InFlight>,
    /// Set when the console is about to leave: why, in a sentence.
    pub leaving: Option<String>,
}

impl Model {
    /// A console that knows nothing yet.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            shared: Shared::new(settings, now),
            is_dirty: true,
            welcome: 0,
            guide_kept: None,
            place: Place::Console,
            pane: Pane::Compose,
            compose: Compose::default(),
            log: Log::default(),
            detail: Detail::default(),
            jobs: Jobs::default(),
            usage_screen: UsageScreen::default(),
            runs: Runs::default(),
            setup: Setup::default(),
            popups: Vec::new(),
            key_guard: KeyGuard::default(),
            in_flight: Vec::new(),
            leaving: None,
        }
    }

    /// Whether a key is held down over a line where every row that changes its ground counts: the
    /// ground follows where the selection rests.
    pub fn is_hurrying(&self) -> bool {
        self.shared.settings.turn == Turn::QuarterPage && self.detail.rests_at.is_some()
    }

    /// Whether there is enough for a first frame: the profiles, and the log of the one on screen.
    /// What fills an empty place later costs a line no more than at once.
    pub fn is_filled(&self) -> bool {
        self.shared.profiles.is_some() && (self.shared.is_first_run() || !self.log.is_asked)
    }

    /// The contexts of the focus, nearest first.
    pub fn contexts(&self) -> Vec<Context> {
        if let Some(popup) = self.popups.last() {
            return popup.contexts();
        }
        if self.is_searching() {
            return vec![
                Context::Popup,
                Context::Text,
                Context::List,
                Context::Always,
            ];
        }
        if self.shared.is_first_run() {
            return vec![
                Context::Popup,
                Context::List,
                Context::Screen,
                Context::Always,
            ];
        }
        let own: &[Context] = match (self.place, self.pane) {
            (Place::Console, Pane::Compose) if self.compose.is_at_module() => {
                &[Context::Module, Context::Form, Context::Text]
            }
            (Place::Console, Pane::Compose) => &[Context::Form, Context::Text],
            (Place::Console, Pane::Log) => &[Context::Log, Context::List],
            (Place::Console, Pane::Detail) => &[Context::Detail, Context::List],
            (Place::Jobs, _) => match self.jobs.focus {
                JobsFocus::List => &[Context::Jobs, Context::List],
                JobsFocus::Data => &[Context::Job, Context::List],
            },
            (Place::Runs, _) => match self.runs.focus {
                RunsFocus::List => &[Context::Runs, Context::List],
                RunsFocus::Rows => &[Context::Rows, Context::Runs, Context::List],
            },
            (Place::Setup, _) => &[Context::Setup, Context::List],
            (Place::Usage, _) => &[Context::Usage, Context::List],
        };
        let mut contexts = own.to_vec();
        contexts.extend([Context::Screen, Context::Always]);
        contexts
    }

    /// Whether a search is being typed on the screen.
    pub fn is_searching(&self) -> bool {
        self.log.search.is_some() || self.jobs.search.is_some() || self.runs.typing.is_some()
    }
}
