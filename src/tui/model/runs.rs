//! The runs, and the rows of the selected one.
//!
//! Rows are held as a window of the run: it is read anew when the selection nears its end, when
//! the ledger changes, and when the filter does. A row is known by its number.

use std::collections::BTreeMap;
use std::time::Duration;

use super::log::short_id;
use crate::base::{ProfileName, RowNumber, RunId};
use crate::bulk::Progress;
use crate::enrichment::Field;
use crate::ledger::{RowResult, RowState, RunState};
use crate::ops::bulk_page::Page;
use crate::ops::bulk_track::Tracked;
use crate::ops::bulk_view::RunView;
use crate::tui::ui::field::TextField;
use crate::tui::ui::viewport::Viewport;

/// Runs read at once.
pub const RUNS_PAGE: usize = 100;
/// Rows read at once: several screens.
pub const ROWS_PAGE: usize = 300;
/// How often other processes are looked after, while one works on a run that is shown.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// So near to the end of the window, another one is read.
const ROWS_AHEAD: usize = 60;

/// The part with the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunsFocus {
    /// The list of runs.
    #[default]
    List,
    /// The rows of the selected run.
    Rows,
}

/// The Runs screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Runs {
    /// Whose; another profile on screen invalidates everything here.
    pub of: Option<ProfileName>,
    /// The run to select when the list comes.
    pub wanted: Option<RunId>,
    /// Newest first; `None` until the ledger was read.
    pub list: Option<Vec<RunView>>,
    /// Whether older ones follow.
    pub has_more: bool,
    /// Which of them are seen.
    pub view: Viewport,
    /// The part with the focus.
    pub focus: RunsFocus,
    /// The last question for the list; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// Whether the list is being asked for.
    pub is_asked: bool,
    /// Whether the ledger changed after the question that is open.
    pub is_stale: bool,
    /// The rows of the selected run.
    pub rows: RowWindow,
    /// Only rows in this state.
    pub state: Option<RowState>,
    /// Only rows that hold this.
    pub search: String,
    /// The search while it is typed.
    pub typing: Option<TextField>,
    /// Runs that this console works on, with the last that was heard of each.
    pub own: BTreeMap<RunId, Option<String>>,
    /// Runs whose jobs this console asks for, with how far they are.
    pub tracked: BTreeMap<RunId, Option<Tracked>>,
    /// When to look whether the other processes that work on runs are still there; a process that
    /// dies changes nothing in the ledger.
    pub look_at: Option<Duration>,
    /// From when the pace of a run is measured: the clock, and the rows settled then.
    pub paces: BTreeMap<RunId, (Duration, u64)>,
    /// How the runs that somebody works on get on; told anew with each list.
    pub progress: BTreeMap<RunId, Progress>,
}

/// Some rows of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowWindow {
    /// Of which run; another one is selected when it differs.
    pub run: Option<RunId>,
    /// The number before the first of them.
    pub after: i64,
    /// In file order.
    pub lines: Vec<RowLine>,
    /// Whether others follow.
    pub has_more: bool,
    /// Which are seen.
    pub view: Viewport,
    /// The last question; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// Whether they are being asked for.
    pub is_asked: bool,
    /// Whether the ledger changed after the question that is open.
    pub is_stale: bool,
}

/// A row with what is shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RowLine {
    /// The row.
    pub found: RowResult,
    /// The job, the code or the reason.
    pub what: String,
    /// Whom it is about.
    pub who: String,
}

impl RowLine {
    fn of(found: RowResult) -> Self {
        let attempt = found.attempt.as_ref();
        let job = attempt.and_then(|attempt| attempt.job_id.as_ref());
        let code = attempt.and_then(|attempt| attempt.code.clone());
        let why = found.row.reason.clone();
        let note = attempt.and_then(|attempt| attempt.note.clone());
        let what = match (job, found.row.state) {
            (Some(job), _) => {
                let status = found.job_status.as_deref().unwrap_or_default();
                format!("{} {status}", short_id(job.as_str()))
            }
            (None, RowState::Pending | RowState::Skipped | RowState::Invalid) => {
                why.or(code).unwrap_or_default()
            }
            (None, _) => code.or(note).or(why).unwrap_or_default(),
        };
        Self {
            what,
            who: who(found.row.inputs.as_deref()),
            found,
        }
    }

    /// Its number.
    pub fn number(&self) -> i64 {
        self.found.row.row.0
    }
}

/// The values of the flat inputs, the likeliest to know somebody by first.
fn who(inputs: Option<&str>) -> String {
    let Some(inputs) = inputs else {
        return "(purged)".to_owned();
    };
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(inputs) else {
        return String::new();
    };
    let values = Field::likeliest().filter_map(|field| map.get(field.as_str())?.as_str());
    let values: Vec<&str> = values.collect();
    values.join(" · ")
}

impl Runs {
    /// The selected run.
    pub fn selected(&self) -> Option<&RunView> {
        self.list.as_ref()?.get(self.view.selected)
    }

    /// How many are held.
    pub fn count(&self) -> usize {
        self.list.as_ref().map_or(0, Vec::len)
    }

    /// The selected row.
    pub fn selected_row(&self) -> Option<&RowLine> {
        self.rows.lines.get(self.rows.view.selected)
    }

    /// Takes the list in; the selection stays with its run, and the paces are measured.
    pub fn take(&mut self, list: Vec<RunView>, rows: usize, uptime: Duration) {
        let selected = self.wanted.take();
        let selected = selected.or_else(|| self.selected().map(|view| view.run.id));
        let place = list.iter().position(|view| Some(view.run.id) == selected);
        self.has_more = list.len() == RUNS_PAGE;
        self.view
            .select(place.unwrap_or(self.view.selected), list.len(), rows);
        let is_theirs = |view: &RunView| is_worked_on(view) && !self.own.contains_key(&view.run.id);
        self.look_at = list.iter().any(is_theirs).then(|| uptime + LOOK_EVERY);
        for view in &list {
            self.measure(view, uptime);
        }
        self.list = Some(list);
    }

    fn measure(&mut self, view: &RunView, uptime: Duration) {
        let run = view.run.id;
        if !is_worked_on(view) {
            self.paces.remove(&run);
            self.progress.remove(&run);
            return;
        }
        let settled = settled(view);
        let (since, then) = *self.paces.entry(run).or_insert((uptime, settled));
        let progress = Progress {
            settled: settled.saturating_sub(then),
            remaining: view.rows().saturating_sub(settled),
            elapsed: uptime.saturating_sub(since),
        };
        self.progress.insert(run, progress);
    }

    /// Forgets everything but what goes on here; another profile is shown from now on.
    pub fn clear(&mut self) {
        *self = Self {
            own: std::mem::take(&mut self.own),
            tracked: std::mem::take(&mut self.tracked),
            ..Self::default()
        };
    }
}

impl RowWindow {
    /// Takes a page in; the selection stays with its row, or the next one there is.
    pub fn take(&mut self, page: Page, height: usize) {
        let number = self.lines.get(self.view.selected).map(RowLine::number);
        let depth = self.view.selected.saturating_sub(self.view.offset);
        self.lines = page.rows.into_iter().map(RowLine::of).collect();
        self.has_more = page.has_more;
        let place = number.map_or(0, |number| {
            self.lines.partition_point(|line| line.number() < number)
        });
        self.view.offset = place.saturating_sub(depth);
        self.view.select(place, self.lines.len(), height);
    }

    /// Where another window has to begin, when the selection is near the end of this one.
    pub fn next_window(&self) -> Option<i64> {
        let near_end = self.view.selected + ROWS_AHEAD >= self.lines.len();
        let near_start = self.view.selected < ROWS_AHEAD && self.after > 0;
        if near_end && self.has_more {
            let first = self.view.selected.saturating_sub(ROWS_PAGE / 3);
            let before = self.lines.get(first)?.number().saturating_sub(1);
            return (before > self.after).then_some(before);
        }
        if near_start {
            // Rows of one state lie apart: so many numbers hold a third of a window.
            let (first, last) = (self.lines.first()?.number(), self.lines.last()?.number());
            let count = i64::try_from(self.lines.len()).unwrap_or(1).max(1);
            let third = i64::try_from(ROWS_PAGE / 3).unwrap_or(1);
            let span = last.saturating_sub(first).saturating_add(1);
            let back = span.saturating_mul(third) / count;
            return Some(first.saturating_sub(back).saturating_sub(1).max(0));
        }
        None
    }
}

/// Rows that wait for nothing more.
pub fn settled(view: &RunView) -> u64 {
    let waiting = view.count(RowState::Pending) + view.count(RowState::Sending);
    view.rows().saturating_sub(waiting)
}

/// Whether a process works on it at this moment.
pub fn is_worked_on(view: &RunView) -> bool {
    view.run.state == RunState::Running && view.holder.is_some()
}

/// How far it is, in percent.
pub fn percent(view: &RunView) -> u64 {
    let all = view.rows();
    settled(view)
        .saturating_mul(100)
        .checked_div(all)
        .unwrap_or(100)
}

/// The row before a number, for a query.
pub fn behind(after: i64) -> Option<RowNumber> {
    (after > 0).then_some(RowNumber(after))
}
