//! What every screen may know and only the app changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::notice::Toasts;
use super::op::{Op, OpId, Pending, Progress, Submit};
use crate::base::{DataCenter, EnrichmentKind, ProfileName, RunId, Scope, Timestamp};
use crate::keymap::{Bindings, Command, Context};
use crate::ops::bulk_track::Tracked;
use crate::theme::Role;
use crate::tui::data::charset::Charset;
use crate::tui::data::profile::{ProfileFigures, ProfileState};
use crate::tui::data::usage::UsageFigures;
use crate::tui::ui::text::{RichLine, grouped};
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
    /// Who is at the keyboard, as the ledger writes it.
    pub operator: String,
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
            operator: String::new(),
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
    next_id: u64,
}

impl Env {
    /// A world that begins at `now`.
    pub fn new(now: Timestamp, uptime: Duration) -> Self {
        Self {
            now,
            uptime,
            next_id: 1,
        }
    }

    /// A number that no earlier operation has.
    pub fn op_id(&mut self) -> OpId {
        let id = OpId(self.next_id);
        self.next_id += 1;
        id
    }
}

/// How often ages are told anew while something with an age is on screen.
pub(crate) const AGES_EVERY: Duration = Duration::from_secs(60);

/// The usage of one profile and kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UsageRead {
    pub figures: Option<UsageFigures>,
    pub(super) ledger: Pending,
    pub(super) server: Pending,
    /// Whether they came on screen and the ledger has not said yet how old their figures are.
    pub(super) is_new_here: bool,
}

/// Something under way, and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    pub op: Arc<Op>,
    pub progress: Option<Progress>,
}

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
    /// The usage of each profile and kind that was on screen.
    pub usages: BTreeMap<Scope, UsageRead>,
    /// What is under way, apart from reads.
    pub open: BTreeMap<OpId, Open>,
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
            usages: BTreeMap::new(),
            open: BTreeMap::new(),
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

    /// The profile and the kind on screen.
    pub fn scope(&self) -> Option<Scope> {
        Some(Scope {
            profile: self.active.clone()?,
            kind: self.kind,
        })
    }

    /// A name with the kind and the data centre on screen behind it.
    pub fn place(&self, name: &str) -> String {
        let mut text = format!("{name} · {}", self.kind.as_str());
        if let Some(profile) = self.profile() {
            text.push_str(&format!(" · {}", profile.data_center.code()));
        }
        text
    }

    /// The usage of the profile and kind on screen.
    pub fn usage(&self) -> Option<&UsageFigures> {
        self.usage_read()?.figures.as_ref()
    }

    fn usage_read(&self) -> Option<&UsageRead> {
        self.usages.get(&self.scope()?)
    }

    /// Whether the server is being asked for it.
    pub fn is_usage_asked(&self) -> bool {
        self.usage_read().is_some_and(|read| read.server.is_open())
    }

    /// Whether the profile on screen can ask its server anything.
    pub fn can_ask(&self) -> bool {
        let state = self.profile().map(|profile| profile.state);
        state.is_some_and(|state| state != ProfileState::NotSetUp)
    }

    /// The requests that have no answer yet.
    pub fn in_flight(&self) -> impl Iterator<Item = &Submit> {
        self.open.values().filter_map(|open| match &*open.op {
            Op::Submit(submit) => Some(&**submit),
            _ => None,
        })
    }

    /// The runs that this console works on, with what holds each up.
    pub fn own_runs(&self) -> impl Iterator<Item = (RunId, Option<&str>)> {
        let open = self.open.values();
        open.filter_map(|open| match (&*open.op, &open.progress) {
            (Op::StartRun(run), Some(Progress::Run(text))) => Some((*run, text.as_deref())),
            (Op::StartRun(run), _) => Some((*run, None)),
            _ => None,
        })
    }

    /// The runs whose jobs this console asks for, with how far they are.
    pub fn tracked_runs(&self) -> impl Iterator<Item = (RunId, Option<Tracked>)> {
        let open = self.open.values();
        open.filter_map(|open| match (&*open.op, &open.progress) {
            (Op::TrackRun(run), Some(Progress::Tracked(tracked))) => Some((*run, Some(*tracked))),
            (Op::TrackRun(run), _) => Some((*run, None)),
            _ => None,
        })
    }

    /// The key of a command where the contexts are these.
    pub fn key(&self, contexts: &[Context], command: Command) -> String {
        let chord = self.settings.bindings.shown(contexts, command);
        chord.map(|chord| chord.to_string()).unwrap_or_default()
    }

    /// The first key of a command, wherever it means it.
    pub fn any_key(&self, command: Command) -> String {
        let chord = self.settings.bindings.chords(command).first();
        chord.map(ToString::to_string).unwrap_or_default()
    }

    /// Keys and what they do, for the title of a pane.
    pub fn key_hints(&self, commands: &[Command]) -> RichLine {
        let mut line = RichLine::of(Role::Dim, " ");
        for command in commands {
            if let Some(chord) = self.settings.bindings.chords(*command).first() {
                line.push(Role::Dim, &format!("{chord} {}  ", command.label()));
            }
        }
        line
    }

    /// Puts the keys of commands into a text: `{send}` stands for the key of `send`.
    pub fn with_keys(&self, contexts: &[Context], text: &str) -> String {
        let bindings = &self.settings.bindings;
        let mut said = String::new();
        for (index, part) in text.split(['{', '}']).enumerate() {
            let command = Command::ALL.iter().find(|command| command.name() == part);
            let Some(command) = command.filter(|_| index % 2 == 1) else {
                said.push_str(part);
                continue;
            };
            let chord = bindings.shown(contexts, *command);
            match chord.or_else(|| bindings.chords(*command).first().copied()) {
                Some(chord) => said.push_str(&chord.to_string()),
                None => said.push_str(command.title()),
            }
        }
        said
    }

    /// Whom it goes to: profile, environment and organisation.
    pub fn goes_to(&self, name: &ProfileName) -> Option<String> {
        let profile = self.profile_named(name)?;
        let ((_, where_to), organisation) = (profile.destination(), profile.organisation());
        Some(format!("Goes to {where_to} · {organisation}"))
    }

    /// "1,012 → 1,013", or that the number is not known.
    pub fn before_and_after(&self) -> String {
        match self.usage() {
            Some(figures) => {
                let used = figures.usage.used;
                format!("{} → {}", grouped(used), grouped(used.saturating_add(1)))
            }
            None => "usage not known yet".to_owned(),
        }
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
        let has_figure = self.usage().is_some_and(|f| f.usage.at.is_some());
        (has_token || has_figure).then(|| self.told_at + AGES_EVERY)
    }
}
