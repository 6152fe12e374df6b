//! The Jobs screen: the list from the ledger, one job in full, and when the server is asked.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::log::short_id;
use crate::base::{AttemptId, EnrichmentKind, JobId, ProfileName, Timestamp};
use crate::enrichment::job::JobStatus;
use crate::ledger::JobsOf;
use crate::theme::Role;
use crate::tui::app::poll::{Poll, Rhythm};
use crate::tui::msg::JobFigures;
use crate::tui::ui::field::TextField;
use crate::tui::ui::text::RichLine;
use crate::tui::ui::viewport::Viewport;

/// Rows asked for at once; the most that the ledger gives.
pub const PAGE_ROWS: usize = 200;
/// Most rows that are held; the rest is read again when it is scrolled to.
pub const ROWS_MAX: usize = 2_000;

/// At most one call of the server's list in ten seconds.
pub const LIST_RHYTHM: Rhythm = Rhythm {
    least: Duration::from_secs(10),
    most: Duration::from_secs(60),
};
/// At most one call for a single job in two seconds.
pub const SHEET_RHYTHM: Rhythm = Rhythm {
    least: Duration::from_secs(2),
    most: Duration::from_secs(60),
};

/// Who made a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// An attempt of this ledger, sent by this operator.
    Mine(String),
    /// Somebody else, by name if the server gives one.
    Other(Option<String>),
}

/// One job of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// The status as the server spells it.
    pub status: String,
    /// Its place in the order.
    pub at: Timestamp,
    /// When it was created, if the server said so.
    pub created: Option<Timestamp>,
    /// Who made it.
    pub by: By,
    /// The attempt that made it.
    pub attempt: Option<AttemptId>,
    /// The attempt's module.
    pub module: Option<String>,
    /// The attempt's record.
    pub record_id: Option<String>,
    /// What was asked, as far as it is known, in the order of the form.
    pub inputs: Vec<(String, String)>,
}

/// A page of the list and what is known of all jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobsPage {
    /// Newest first.
    pub rows: Vec<JobRow>,
    /// Whether older ones follow.
    pub has_more: bool,
    /// How many jobs have each status, the most frequent first.
    pub statuses: Vec<(String, u64)>,
    /// When the server's list was last read to its end.
    pub listed_at: Option<Timestamp>,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobsFilter {
    /// Only this status.
    pub status: Option<String>,
    /// Whose.
    pub whose: JobsOf,
    /// Only ids that hold this text.
    pub id_part: Option<String>,
}

/// A question for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsQuery {
    /// Which jobs.
    pub filter: JobsFilter,
    /// Older than this one; `None` for the newest.
    pub before: Option<(Timestamp, JobId)>,
    /// Most rows.
    pub rows_max: usize,
}

/// A row with what is shown of it, so that the view formats nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLine {
    /// The job.
    pub row: JobRow,
    /// When it was created.
    pub created: String,
    /// Mark and word of its status.
    pub status: String,
    /// The role of both.
    pub role: Role,
    /// Who made it.
    pub by: String,
    /// Whom it is about.
    pub who: String,
}

impl JobLine {
    /// Lays a row out.
    pub fn of(row: JobRow, now: Timestamp, zone: &TimeZone) -> Self {
        let (glyph, role) = look(&JobStatus::from(row.status.as_str()));
        let created = match row.created {
            Some(at) => day_and_time(at, now, zone),
            None => "not told".to_owned(),
        };
        let by = match &row.by {
            By::Mine(_) => "mine".to_owned(),
            By::Other(Some(name)) => name.clone(),
            By::Other(None) => "others".to_owned(),
        };
        let values: Vec<&str> = row.inputs.iter().map(|(_, value)| value.as_str()).collect();
        Self {
            created,
            status: format!("{glyph} {}", row.status),
            role,
            by,
            who: values.join(" · "),
            row,
        }
    }

    /// The end of the id: the part that differs.
    pub fn short_id(&self) -> String {
        short_id(self.row.id.as_str())
    }
}

/// The mark and the style of a status.
pub fn look(status: &JobStatus) -> (&'static str, Role) {
    match status {
        JobStatus::Scheduled => ("○", Role::Sending),
        JobStatus::Running => ("◐", Role::Sending),
        JobStatus::Completed => ("●", Role::Scheduled),
        JobStatus::Updated => ("✓", Role::Scheduled),
        JobStatus::DataNotFound => ("–", Role::Absent),
        JobStatus::Failed => ("✗", Role::Error),
        JobStatus::Unrecognised(_) => ("?", Role::Unknown),
    }
}

/// "24 Nov 14:02", with the year where it is another one: twelve columns.
pub fn day_and_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, today) = (
        at.to_zoned_datetime(zone.clone()),
        now.to_zoned_datetime(zone.clone()),
    );
    let form = if then.year() == today.year() {
        "%d %b %H:%M"
    } else {
        "%d %b %Y"
    };
    then.strftime(form).to_string()
}

/// What has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JobsFocus {
    /// The list.
    #[default]
    List,
    /// The job's data.
    Data,
}

/// The selected job in full.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// Which.
    pub job: Option<JobId>,
    /// What is known of it.
    pub figures: Option<Box<JobFigures>>,
    /// Why the server did not tell more.
    pub failure: Option<String>,
    /// Whether the ledger has been asked, so that it is known whether the server must be.
    pub is_read: bool,
    /// When the server told it, laid out. Invalidated by `figures`.
    pub as_of: String,
    /// What was asked, laid out. Invalidated by the row, `figures` and the pane's width.
    pub asked_lines: Vec<RichLine>,
    /// What was found, laid out. Invalidated as above, and by `failure`.
    pub found_lines: Vec<RichLine>,
    /// Which lines of what was found are seen.
    pub view: Viewport,
}

impl Sheet {
    /// Whether nothing more is to come.
    pub fn is_final(&self) -> bool {
        self.figures
            .as_ref()
            .is_some_and(|figures| JobStatus::from(figures.status.as_str()).is_final())
    }
}

/// The Jobs screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Jobs {
    /// Whose jobs are held; another profile or kind on screen invalidates everything here.
    pub of: Option<(ProfileName, EnrichmentKind)>,
    /// Newest first; a piece without gaps of what passes the filter.
    pub lines: Vec<JobLine>,
    /// Whether older ones follow.
    pub has_more: bool,
    /// How many jobs have each status.
    pub statuses: Vec<(String, u64)>,
    /// When the server's list was last read to its end.
    pub listed_at: Option<Timestamp>,
    /// What is shown.
    pub filter: JobsFilter,
    /// The last question for the newest page; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// The question for older rows that is open.
    pub ticket_older: Option<u64>,
    /// Whether the newest page is being asked for.
    pub is_asked: bool,
    /// Whether the ledger changed after the question that is open.
    pub is_stale: bool,
    /// Which rows are seen.
    pub view: Viewport,
    /// The search while it is typed.
    pub search: Option<TextField>,
    /// What has the focus.
    pub focus: JobsFocus,
    /// The selected job.
    pub sheet: Sheet,
    /// The server's list.
    pub list_poll: Poll,
    /// Whether the next call of it shall read it to its end.
    pub wants_all: bool,
    /// The selected job at the server.
    pub sheet_poll: Poll,
    /// Why the server's list could not be read.
    pub failure: Option<String>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            of: None,
            lines: Vec::new(),
            has_more: false,
            statuses: Vec::new(),
            listed_at: None,
            filter: JobsFilter::default(),
            ticket: 0,
            ticket_older: None,
            is_asked: false,
            is_stale: false,
            view: Viewport::default(),
            search: None,
            focus: JobsFocus::List,
            sheet: Sheet::default(),
            list_poll: Poll::new(LIST_RHYTHM),
            wants_all: false,
            sheet_poll: Poll::new(SHEET_RHYTHM),
            failure: None,
        }
    }
}

impl Jobs {
    /// The selected job.
    pub fn selected(&self) -> Option<&JobLine> {
        self.lines.get(self.view.selected)
    }

    /// Whether anything narrows what is shown.
    pub fn is_filtered(&self) -> bool {
        self.filter != JobsFilter::default()
    }

    /// How many jobs there are.
    pub fn total(&self) -> u64 {
        self.statuses.iter().map(|(_, count)| count).sum()
    }

    /// How many jobs may still change.
    pub fn moving(&self) -> u64 {
        self.statuses
            .iter()
            .filter(|(word, _)| !JobStatus::from(word.as_str()).is_final())
            .map(|(_, count)| count)
            .sum()
    }

    /// Takes the newest page; older rows stay unless there may be a gap. The selection stays with
    /// its job.
    pub fn take_newest(&mut self, page: JobsPage, now: Timestamp, zone: &TimeZone, height: usize) {
        let selected = self.selected().map(|line| line.row.id.clone());
        let from_top = self.view.selected.saturating_sub(self.view.offset);
        let mut lines: Vec<JobLine> = page
            .rows
            .into_iter()
            .map(|row| JobLine::of(row, now, zone))
            .collect();
        let key = |line: &JobLine| (line.row.at, line.row.id.as_str().to_owned());
        let oldest = lines.last().map(key);
        let mut kept = std::mem::take(&mut self.lines);
        let newest_held = kept.first().map(key);
        let touches = matches!((&oldest, &newest_held), (Some(old), Some(held)) if old <= held);
        kept.retain(|line| page.has_more && touches && Some(key(line)) < oldest);
        if kept.is_empty() {
            self.has_more = page.has_more;
        }
        lines.append(&mut kept);
        self.lines = lines;
        self.statuses = page.statuses;
        self.listed_at = page.listed_at;
        self.bound();
        let place = selected.and_then(|id| self.lines.iter().position(|line| line.row.id == id));
        if let Some(place) = place {
            self.view.selected = place;
            self.view.offset = place.saturating_sub(from_top);
        }
        self.view.settle(self.lines.len(), height);
    }

    /// Takes a page of older rows.
    pub fn take_older(&mut self, page: JobsPage, now: Timestamp, zone: &TimeZone) {
        let known = self.lines.len();
        let is_known =
            |id: &JobId, lines: &[JobLine]| lines.iter().rev().any(|line| line.row.id == *id);
        for row in page.rows {
            if !is_known(&row.id, self.lines.get(..known).unwrap_or_default()) {
                self.lines.push(JobLine::of(row, now, zone));
            }
        }
        self.has_more = page.has_more;
    }

    fn bound(&mut self) {
        let keep = ROWS_MAX.max(self.view.selected + PAGE_ROWS);
        if self.lines.len() > keep {
            self.lines.truncate(keep);
            self.has_more = true;
        }
    }
}
