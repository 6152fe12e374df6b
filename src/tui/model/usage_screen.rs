//! The Usage screen: the figures from the ledger, laid out, and when the server is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;

use crate::base::{EnrichmentKind, Outcome, ProfileName, Timestamp};
use crate::enrichment::usage::{LimitSource, Pace, Usage};
use crate::tui::app::poll::{Poll, Rhythm};
use crate::tui::ui::text::RichLine;
use crate::tui::ui::viewport::Viewport;

/// Days that are read: the longest plot.
pub const DAYS: usize = 90;
/// The server is asked for usage at most once a minute, at least every ten while it is shown.
pub const RHYTHM: Rhythm = Rhythm {
    least: Duration::from_secs(60),
    most: Duration::from_secs(600),
};

/// One UTC day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Day {
    /// Units spent, by anybody.
    pub units: u64,
    /// Attempts of this ledger by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
}

/// Everything the screen tells of one profile and kind.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageSheet {
    /// The one number.
    pub usage: Usage,
    /// [`DAYS`] days, oldest first, today last.
    pub days: Vec<Day>,
    /// The last of them.
    pub today: Date,
    /// Units of each operator of this ledger, those of unknown attempts among them.
    pub mine_by: Vec<(String, u64)>,
    /// Jobs of others, by the name the server gives.
    pub others_by: Vec<(String, u64)>,
    /// The limit of the profile's configuration.
    pub configured: u64,
    /// A limit that the server taught, and when.
    pub learned: Option<(u64, LimitSource, Timestamp)>,
    /// The pace of the last fourteen days, where it means something.
    pub pace: Option<Pace>,
}

/// How many days the plots show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// Thirty.
    #[default]
    Month,
    /// Ninety.
    Quarter,
}

impl Span {
    /// The number.
    pub fn days(self) -> usize {
        match self {
            Self::Month => 30,
            Self::Quarter => DAYS,
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Month => Self::Quarter,
            Self::Quarter => Self::Month,
        }
    }
}

/// The laid-out panes; on a small screen everything stands in `head`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Panes {
    /// The gauge, the limit, the pace.
    pub head: Vec<RichLine>,
    /// Units of each day.
    pub days: Vec<RichLine>,
    /// Units so far.
    pub burn: Vec<RichLine>,
    /// Shares of the outcomes.
    pub outcomes: Vec<RichLine>,
    /// Who spent what.
    pub who: Vec<RichLine>,
}

/// The Usage screen.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageScreen {
    /// Whose usage is held; another profile or kind on screen invalidates everything here.
    pub of: Option<(ProfileName, EnrichmentKind)>,
    /// The figures; a commit to the ledger invalidates them.
    pub sheet: Option<Box<UsageSheet>>,
    /// Whether the ledger is being asked.
    pub is_asked: bool,
    /// Whether the ledger changed after the question that is open.
    pub is_stale: bool,
    /// How many days the plots show.
    pub span: Span,
    /// The server.
    pub poll: Poll,
    /// The text. Invalidated by `sheet`, `span`, the size, and each minute for the ages.
    pub panes: Panes,
    /// Which lines are seen: of who spent what, or of everything on a small screen.
    pub view: Viewport,
}

impl Default for UsageScreen {
    fn default() -> Self {
        Self {
            of: None,
            sheet: None,
            is_asked: false,
            is_stale: false,
            span: Span::Month,
            poll: Poll::new(RHYTHM),
            panes: Panes::default(),
            view: Viewport::default(),
        }
    }
}
