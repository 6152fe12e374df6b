//! What every screen may know and only the app changes.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::told::{Level, Notice, Toasts};
use crate::base::{DataCenter, EnrichmentKind, ProfileName, Timestamp};
use crate::keymap::Bindings;
use crate::tui::data::charset::Charset;
use crate::tui::data::profile::{ProfileFigures, ProfileState};
use crate::tui::data::usage::UsageFigures;
use crate::tui::ui::viewport::Turn;

/// What does not change while the console runs, or only by a setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
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

/// How often ages are told anew while something with an age is on screen.
pub(crate) const AGES_EVERY: Duration = Duration::from_secs(60);

/// What every screen may know.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// The terminal, in cells.
    pub width: u16,
    pub height: u16,
    pub settings: Settings,
    /// The minute that ages are told in; a tick moves it on.
    pub now: Timestamp,
    /// When that was, on the clock that never goes back.
    pub told_at: Duration,
    /// All profiles; `None` until they are read.
    pub profiles: Option<Vec<ProfileFigures>>,
    /// The profile on screen.
    pub active: Option<ProfileName>,
    /// The kind of enrichment on screen.
    pub kind: EnrichmentKind,
    /// The usage of the profile on screen; another profile or kind invalidates it.
    pub usage: Option<UsageFigures>,
    /// Whether the server is being asked for the usage.
    pub is_usage_asked: bool,
    /// The profile that this user sent with last, if any.
    pub last_sent: Option<ProfileName>,
    /// What is wrong with the ledger; nothing may be sent then.
    pub ledger_trouble: Option<String>,
    /// Whether the mouse is on.
    pub has_mouse: bool,
    pub toasts: Toasts,
}

impl Shared {
    /// Nothing known yet.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            width: 80,
            height: 24,
            settings,
            now,
            told_at: Duration::ZERO,
            profiles: None,
            active: None,
            kind: EnrichmentKind::People,
            usage: None,
            is_usage_asked: false,
            last_sent: None,
            ledger_trouble: None,
            has_mouse: false,
            toasts: Toasts::default(),
        }
    }

    /// The profile on screen.
    pub fn profile(&self) -> Option<&ProfileFigures> {
        self.profile_named(self.active.as_ref()?)
    }

    pub fn profile_named(&self, name: &ProfileName) -> Option<&ProfileFigures> {
        self.all_profiles().find(|profile| profile.name == *name)
    }

    /// All profiles that are known.
    pub fn all_profiles(&self) -> impl Iterator<Item = &ProfileFigures> {
        self.profiles.iter().flatten()
    }

    /// The kind of enrichment on screen.
    pub fn kind(&self) -> EnrichmentKind {
        self.kind
    }

    /// The best state of a data centre's profiles; not set up where it has none.
    pub fn state_of(&self, data_center: DataCenter) -> ProfileState {
        self.all_profiles()
            .filter(|profile| profile.data_center == data_center)
            .map(|profile| profile.state)
            .max()
            .unwrap_or(ProfileState::NotSetUp)
    }

    /// Whether there is nothing to show because no profile exists.
    pub fn is_first_run(&self) -> bool {
        self.profiles.as_ref().is_some_and(Vec::is_empty)
    }

    /// Notes the time that ages are told in.
    pub fn tell_time(&mut self, env: &Env) {
        self.now = env.now;
        self.told_at = env.uptime;
    }

    /// When ages have to be told anew; `None` while nothing with an age is on screen.
    pub fn ages_due(&self) -> Option<Duration> {
        let has_token = self.profile().is_some_and(|p| p.token_until.is_some());
        let has_figure = self.usage.as_ref().is_some_and(|f| f.usage.at.is_some());
        (has_token || has_figure).then(|| self.told_at + AGES_EVERY)
    }

    /// Says something for a few seconds.
    pub fn say(&mut self, level: Level, text: impl Into<String>, uptime: Duration) {
        let text = text.into();
        self.toasts.say(Notice { level, text }, uptime);
    }
}
