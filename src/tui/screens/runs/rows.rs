//! The rows of the selected run: a window of them, which is read anew when the selection nears its
//! end, when the ledger changes, and when the filter does. A row is known by its number.

use crate::base::{RowNumber, RunId};
use crate::enrichment::Field;
use crate::keymap::Command;
use crate::ledger::{RowResult, RowState};
use crate::ops::bulk_page::{Page, PageQuery};
use crate::tui::app::cx::{Changed, Cx, Handled};
use crate::tui::app::op::{Op, Reply};
use crate::tui::app::remote::Pending;
use crate::tui::ui::list::{List, Row};
use crate::tui::ui::search::Search;
use crate::tui::ui::text::short_id;
use crate::tui::ui::viewport::Turn;

/// Rows read at once: several screens.
pub const ROWS_PAGE: usize = 300;
/// So near to the end of the window, another one is read.
const ROWS_AHEAD: usize = 60;

impl Row for RowResult {
    type Key = i64;

    fn key(&self) -> i64 {
        self.row.row.0
    }
}

/// The window and what narrows it.
#[derive(Default)]
pub(super) struct Rows {
    /// Of which run.
    pub(super) run: Option<RunId>,
    pub(super) list: List<RowResult>,
    /// The number before the first of them.
    after: i64,
    pub(super) pending: Pending,
    /// Only rows in this state.
    pub(super) state: Option<RowState>,
    /// Only rows that hold this.
    pub(super) holds: String,
    pub(super) search: Search,
}

impl Rows {
    /// Shows the rows of another run, if it is another one.
    pub(super) fn show(&mut self, run: Option<RunId>, cx: &mut Cx<'_>) {
        if self.run != run {
            *self = Self {
                run,
                ..Self::default()
            };
            self.ask(0, cx);
        }
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.state.is_some() || !self.holds.is_empty()
    }

    pub(super) fn show_all(&mut self, cx: &mut Cx<'_>) {
        self.holds.clear();
        self.show_state(None, cx);
    }

    pub(super) fn show_state(&mut self, state: Option<RowState>, cx: &mut Cx<'_>) {
        self.state = state;
        self.begin_anew(cx);
    }

    pub(super) fn open_search(&mut self) {
        self.search.open(&self.holds);
    }

    pub(super) fn search_typed(&mut self, cx: &mut Cx<'_>) {
        let text = self.search.text().unwrap_or_default();
        if text != self.holds {
            self.holds = text;
            self.begin_anew(cx);
        }
    }

    /// Asks for the rows from the first one on, after the filter changed.
    fn begin_anew(&mut self, cx: &mut Cx<'_>) {
        self.pending.forget();
        self.list.clear();
        self.ask(0, cx);
    }

    /// Asks for the same rows again.
    pub(super) fn ask_again(&mut self, cx: &mut Cx<'_>) {
        self.ask(self.after, cx);
    }

    fn ask(&mut self, after: i64, cx: &mut Cx<'_>) {
        let Some(run) = self.run else { return };
        self.after = after;
        let op = Op::LoadRows(PageQuery {
            run,
            state: self.state,
            search: self.holds.clone(),
            after: (after > 0).then_some(RowNumber(after)),
            limit: ROWS_PAGE,
        });
        self.pending.again(op, cx);
    }

    pub(super) fn on(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if command == Command::Top && self.after > 0 {
            self.begin_anew(cx);
            return Handled::Yes;
        }
        if !self.list.on(command, Turn::Row) {
            return Handled::No;
        }
        if !self.pending.is_open()
            && let Some(after) = self.next_window()
        {
            self.ask(after, cx);
        }
        Handled::Yes
    }

    /// Where another window has to begin, when the selection is near the end of this one.
    fn next_window(&self) -> Option<i64> {
        let rows = &self.list.rows;
        let selected = self.list.view.selected;
        if self.list.wants_more(ROWS_AHEAD) {
            let first = selected.saturating_sub(ROWS_PAGE / 3);
            let before = rows.get(first)?.key().saturating_sub(1);
            return (before > self.after).then_some(before);
        }
        if selected >= ROWS_AHEAD || self.after <= 0 {
            return None;
        }
        // Rows of one state lie apart: so many numbers hold a third of a window.
        let (first, last) = (rows.first()?.key(), rows.last()?.key());
        let count = i64::try_from(rows.len()).unwrap_or(1).max(1);
        let third = i64::try_from(ROWS_PAGE / 3).unwrap_or(1);
        let span = last.saturating_sub(first).saturating_add(1);
        let back = span.saturating_mul(third) / count;
        Some(first.saturating_sub(back).saturating_sub(1).max(0))
    }

    pub(super) fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        match self.pending.take::<Page>(reply, cx) {
            None => return Changed::No,
            Some(Ok(page)) => self.list.take_window(page.rows, page.has_more),
            Some(Err(failure)) => cx.fail(&failure),
        }
        Changed::Yes
    }
}

/// The job, the code or the reason.
pub(super) fn what(found: &RowResult) -> String {
    let attempt = found.attempt.as_ref();
    let job = attempt.and_then(|attempt| attempt.job_id.as_ref());
    let code = attempt.and_then(|attempt| attempt.code.clone());
    let why = found.row.reason.clone();
    let note = attempt.and_then(|attempt| attempt.note.clone());
    match (job, found.row.state) {
        (Some(job), _) => {
            let status = found.job_status.as_deref().unwrap_or_default();
            format!("{} {status}", short_id(job.as_str()))
        }
        (None, RowState::Pending | RowState::Skipped | RowState::Invalid) => {
            why.or(code).unwrap_or_default()
        }
        (None, _) => code.or(note).or(why).unwrap_or_default(),
    }
}

/// The values of the flat inputs, the likeliest to know somebody by first.
pub(super) fn who(found: &RowResult) -> String {
    let Some(inputs) = found.row.inputs.as_deref() else {
        return "(purged)".to_owned();
    };
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(inputs) else {
        return String::new();
    };
    let values = Field::likeliest().filter_map(|field| map.get(field.as_str())?.as_str());
    let values: Vec<&str> = values.collect();
    values.join(" · ")
}
