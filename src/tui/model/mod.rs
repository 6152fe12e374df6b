//! What the console knows: plain values, owned by the loop, changed only by `update`.
//!
//! A field that caches something says what invalidates it.

pub mod attempt;
pub mod charset;
pub mod compose;
pub mod decide;
pub mod detail;
pub mod field;
pub mod guide;
pub mod jobs;
pub mod key_guard;
pub mod log;
pub mod picker;
pub mod plan;
pub mod poll;
pub mod popup;
pub mod profile;
pub mod records;
pub mod rich;
pub mod runs;
pub mod setup;
pub mod unknowns;
pub mod usage;
pub mod usage_screen;

use std::fmt;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::base::{DataCenter, EnrichmentKind, ProfileName, Timestamp};
use crate::keymap::{Bindings, Command, Context};
use crate::tui::effects::Submit;
use crate::tui::widgets::viewport::Turn;

use charset::Charset;
use compose::Compose;
use detail::Detail;
use guide::Guide;
use jobs::{Jobs, JobsFocus};
use key_guard::KeyGuard;
use log::Log;
use popup::Popup;
use profile::{ProfileFigures, ProfileState, Server};
use runs::{Runs, RunsFocus};
use setup::Setup;
use usage::UsageFigures;
use usage_screen::UsageScreen;

/// What does not change while the console runs, or only by a setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The keys.
    pub bindings: Bindings,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The names of all themes.
    pub themes: Vec<String>,
    /// The theme in use.
    pub theme: String,
    /// The theme that was in use before the list of themes was opened.
    pub theme_before: String,
    /// The theme that somebody has chosen, until its file was read.
    pub theme_chosen: Option<String>,
    /// What was said last to be wrong with a theme, until one is read that is right.
    pub theme_told: Option<String>,
    /// The OAuth scopes that a new profile's grant code needs, separated by commas.
    pub scopes: String,
    /// Whether this is the demo, which says so and keeps nothing.
    pub demo: Demo,
    /// The characters that the terminal can show.
    pub charset: Charset,
    /// How far lists turn at their edge.
    pub turn: Turn,
}

/// Whether the whole console runs on the simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Demo {
    /// `ziadeck demo`.
    Yes,
    /// The real thing.
    #[default]
    No,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bindings: Bindings::default(),
            zone: TimeZone::UTC,
            themes: Vec::new(),
            theme: "default-dark".to_owned(),
            theme_before: "default-dark".to_owned(),
            theme_chosen: None,
            theme_told: None,
            scopes: String::new(),
            demo: Demo::No,
            charset: Charset::Unicode,
            turn: Turn::Row,
        }
    }
}

/// What `update` may know of the world outside: the time, and a number nobody had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Env {
    /// The wall clock.
    pub now: Timestamp,
    /// The clock that never goes back.
    pub uptime: Duration,
    next_ticket: u64,
}

impl Env {
    /// A world that begins at `now`.
    pub fn new(now: Timestamp, uptime: Duration) -> Self {
        Self {
            now,
            uptime,
            next_ticket: 1,
        }
    }

    /// A number that no earlier question has.
    pub fn ticket(&mut self) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        ticket
    }
}

/// Something that did not work: the fact and the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What failed, on what, and whether anything was sent.
    pub plain: String,
    /// What to do next; may be empty.
    pub next_step: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)?;
        if !self.next_step.is_empty() {
            write!(f, "; {}", self.next_step)?;
        }
        Ok(())
    }
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Look at it before going on.
    Warning,
    /// Something failed.
    Error,
}

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

/// A sentence that stays for a few seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// How much it matters.
    pub level: Level,
    /// The sentence.
    pub text: String,
    /// When it goes, on the clock that never goes back.
    pub until: Duration,
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
    /// The terminal, in cells.
    pub width: u16,
    /// The terminal, in cells.
    pub height: u16,
    /// Whether the screen no longer shows the model.
    pub is_dirty: bool,
    /// Settings.
    pub settings: Settings,
    /// The minute that ages are told in; a tick moves it on.
    pub now: Timestamp,
    /// When that was, on the clock that never goes back.
    pub told_at: Duration,
    /// All profiles; `None` until they are read.
    pub profiles: Option<Vec<ProfileFigures>>,
    /// The profile on screen.
    pub active: Option<ProfileName>,
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
    /// The usage of the profile on screen; another profile or kind invalidates it.
    pub usage: Option<UsageFigures>,
    /// Whether the server is being asked for the usage.
    pub is_usage_asked: bool,
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
    /// Sentences that go by themselves, newest last.
    pub toasts: Vec<Toast>,
    /// Requests on their way.
    pub in_flight: Vec<InFlight>,
    /// The profile that this user sent with last, if any.
    pub last_sent: Option<ProfileName>,
    /// What is wrong with the ledger; nothing may be sent then.
    pub ledger_trouble: Option<String>,
    /// Whether the mouse is on.
    pub has_mouse: bool,
    /// Set when the console is about to leave: why, in a sentence.
    pub leaving: Option<String>,
}

impl Model {
    /// A console that knows nothing yet.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            width: 80,
            height: 24,
            is_dirty: true,
            settings,
            now,
            told_at: Duration::ZERO,
            profiles: None,
            active: None,
            welcome: 0,
            guide_kept: None,
            place: Place::Console,
            pane: Pane::Compose,
            compose: Compose::default(),
            log: Log::default(),
            detail: Detail::default(),
            usage: None,
            is_usage_asked: false,
            jobs: Jobs::default(),
            usage_screen: UsageScreen::default(),
            runs: Runs::default(),
            setup: Setup::default(),
            popups: Vec::new(),
            key_guard: KeyGuard::default(),
            toasts: Vec::new(),
            in_flight: Vec::new(),
            last_sent: None,
            ledger_trouble: None,
            has_mouse: false,
            leaving: None,
        }
    }

    /// The profile on screen.
    pub fn profile(&self) -> Option<&ProfileFigures> {
        let active = self.active.as_ref()?;
        self.profiles
            .iter()
            .flatten()
            .find(|profile| &profile.name == active)
    }

    /// The kind of enrichment on screen.
    pub fn kind(&self) -> EnrichmentKind {
        self.compose.kind
    }

    /// The best state of a data centre's profiles; not set up where it has none.
    pub fn state_of(&self, data_center: DataCenter) -> ProfileState {
        self.profiles
            .iter()
            .flatten()
            .filter(|profile| profile.data_center == data_center)
            .map(|profile| profile.state)
            .max()
            .unwrap_or(ProfileState::NotSetUp)
    }

    /// Whether the profile on screen talks to a simulator.
    pub fn is_simulated(&self) -> bool {
        self.profile()
            .is_some_and(|profile| profile.server == Server::Simulated)
    }

    /// Whether there is nothing to show because no profile exists.
    pub fn is_first_run(&self) -> bool {
        self.profiles.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether a key is held down over a line where every row that changes its ground counts: the
    /// ground follows where the selection rests.
    pub fn is_hurrying(&self) -> bool {
        self.settings.turn == Turn::QuarterPage && self.detail.rests_at.is_some()
    }

    /// Whether there is enough for a first frame: the profiles, and the log of the one on screen.
    /// What fills an empty place later costs a line no more than at once.
    pub fn is_filled(&self) -> bool {
        self.profiles.is_some() && (self.is_first_run() || !self.log.is_asked)
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
        if self.is_first_run() {
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

    /// Says something for a few seconds.
    pub(crate) fn say(&mut self, level: Level, text: impl Into<String>, uptime: Duration) {
        let text = text.into();
        let stay = match level {
            Level::Info => TOAST_STAY,
            Level::Warning | Level::Error => TOAST_STAY_LONG,
        };
        self.toasts.retain(|toast| toast.text != text);
        self.toasts.push(Toast {
            level,
            text,
            until: uptime + stay,
        });
        let surplus = self.toasts.len().saturating_sub(TOASTS_MAX);
        self.toasts.drain(..surplus);
    }
}

/// How long a sentence stays that is only good to know.
const TOAST_STAY: Duration = Duration::from_secs(5);
/// How long one stays that somebody should read.
const TOAST_STAY_LONG: Duration = Duration::from_secs(12);
/// More than this would cover the panes.
const TOASTS_MAX: usize = 3;
