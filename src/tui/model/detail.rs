//! The selected attempt in full.

use std::time::Duration;

use crate::base::{AttemptId, JobId};
use crate::tui::data::attempt::Attempt;
use crate::tui::msg::JobFigures;
use crate::tui::ui::text::RichLine;
use crate::tui::ui::viewport::Viewport;

/// What of an attempt is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What was sent.
    #[default]
    Request,
    /// What came back.
    Response,
    /// The headers of the answer.
    Headers,
    /// The job that Zoho made of it.
    Job,
}

impl Tab {
    /// All tabs from left to right.
    pub const ALL: [Self; 4] = [Self::Request, Self::Response, Self::Headers, Self::Job];

    /// The title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Request => "Request",
            Self::Response => "Response",
            Self::Headers => "Headers",
            Self::Job => "Job",
        }
    }

    /// The tab to the right, round the end.
    pub fn next(self) -> Self {
        match self {
            Self::Request => Self::Response,
            Self::Response => Self::Headers,
            Self::Headers => Self::Job,
            Self::Job => Self::Request,
        }
    }

    /// The tab to the left, round the end.
    pub fn previous(self) -> Self {
        match self {
            Self::Request => Self::Job,
            Self::Response => Self::Request,
            Self::Headers => Self::Response,
            Self::Job => Self::Headers,
        }
    }
}

/// The detail pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detail {
    /// The attempt that is wanted.
    pub wanted: Option<AttemptId>,
    /// The attempt that is being asked for.
    pub asked: Option<AttemptId>,
    /// When a key last moved the selection, on the clock that never goes back.
    pub moved_at: Option<Duration>,
    /// When the attempt is asked for, if the selection rests until then: a key that is held down
    /// costs a bad line the moves and not every detail it passes.
    pub rests_at: Option<Duration>,
    /// The attempt, once it is there.
    pub attempt: Option<Box<Attempt>>,
    /// The attempts above and below it, read ahead: the next step shows its detail at once.
    pub near: Vec<Attempt>,
    /// Whether keys walk through the log, so that reading ahead is worth it.
    pub is_walking: bool,
    /// The job that is wanted or there.
    pub job_id: Option<JobId>,
    /// The job, or why it is not there.
    pub job: Option<Result<Box<JobFigures>, String>>,
    /// Which tab is open.
    pub tab: Tab,
    /// The laid-out text. Invalidated by `attempt`, `job`, `tab` and the pane's width.
    pub lines: Vec<RichLine>,
    /// Which lines are seen.
    pub view: Viewport,
}

impl Detail {
    /// Wants another attempt; what is shown stays until it is there, so that nothing flickers.
    pub fn want(&mut self, id: Option<AttemptId>) {
        if self.wanted != id {
            self.wanted = id;
            self.job_id = None;
            self.job = None;
            self.view = Viewport::default();
        }
        if id.is_none() {
            self.attempt = None;
        }
    }
}
