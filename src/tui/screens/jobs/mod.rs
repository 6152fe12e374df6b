//! The Jobs screen: the list from the ledger, one job in full, and when the server is asked.
//!
//! ```text
//!  shown ─► ledger at once ─► rows
//!        └► something may still change ─► newest page of the server's list, 10 s to 60 s apart
//!  selected, in sight ─► ledger ─► not final ─► the job itself, 2 s to 60 s apart
//! ```
//! While another screen is shown nothing is due. No question here spends a unit.

mod actions;
mod asking;
mod draw;
mod list;
mod sheet;
mod text;

use std::time::Duration;

use ratatui::layout::Rect;

use self::sheet::Sheet;
use self::text::{LABEL_COLUMNS, asked, found};
use crate::base::{Scope, Timestamp};
use crate::enrichment::job::JobStatus;
use crate::keymap::{Command, Context};
use crate::ledger::{JobEntry, JobsOf};
use crate::ops::job_board::{Board, JobsFilter, Look};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, HoldsPeople, Intent, Screen, ScreenId};
use crate::tui::app::op::{Freshness, Op, Reply};
use crate::tui::app::poll::Poll;
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::Shared;
use crate::tui::layout::{beside, is_wide, split};
use crate::tui::popups::lists;
use crate::tui::ui::field::TextField;
use crate::tui::ui::hits::Spot;
use crate::tui::ui::list::List;
use crate::tui::ui::pager::Pager;
use crate::tui::ui::painter::{Focus, Painter, from_column, inside, rows};
use crate::tui::ui::search::Search;
use crate::tui::ui::text::RichLine;

/// Rows asked for at once; the most that the ledger gives.
pub const PAGE_ROWS: usize = 200;
/// Most rows that are held; the rest is read again when it is scrolled to.
const ROWS_MAX: usize = 2_000;
/// So near to the last loaded row, older ones are asked for.
const ROWS_AHEAD: usize = 50;
/// Its panes.
const LIST: &str = "jobs";
const DATA: &str = "job";

/// The Jobs screen.
#[derive(Default)]
pub struct Jobs {
    /// Whose jobs are held; another profile or kind on screen invalidates everything here.
    of: Option<Scope>,
    list: List<JobEntry>,
    /// The newest page, and older ones.
    newest: Pending,
    older: Pending,
    /// How many jobs have each status, the most frequent first.
    statuses: Vec<(String, u64)>,
    /// When the server's list was last read to its end.
    listed_at: Option<Timestamp>,
    filter: JobsFilter,
    search: Search,
    /// Whether keys go to the job's data.
    is_in_data: bool,
    sheet: Sheet,
    /// What was asked and what was found, laid out.
    asked: Pager,
    found: Pager,
    /// The server's list: at most one call in ten seconds.
    list_poll: Poll<10, 60>,
    /// Whether the next call of it shall read it to its end.
    wants_all: bool,
    /// The selected job at the server: at most one call in two seconds.
    sheet_poll: Poll<2, 60>,
    /// Whether the selected job is in sight.
    is_seen: bool,
    /// Why the server's list could not be read.
    failure: Option<String>,
}

impl Jobs {
    /// The panes, each with its border, of the list, of what was asked and of what was found; one
    /// that is not seen has none. Where `asked` has no pane of its own, `found` shows both.
    fn panes(&self, body: Rect) -> [Option<Rect>; 3] {
        if !is_wide(body) {
            let shown = |is_shown: bool| is_shown.then_some(body);
            return [shown(!self.is_in_data), None, shown(self.is_in_data)];
        }
        let (list, below) = split(body, (body.height * 42 / 100).max(8));
        let (asked, found) = beside(below, (body.width * 38 / 100).clamp(38, 56));
        [list, asked, found].map(Some)
    }

    /// How many jobs there are.
    fn total(&self) -> u64 {
        self.statuses.iter().map(|(_, count)| count).sum()
    }

    /// How many jobs may still change.
    fn moving(&self) -> u64 {
        let moving = self
            .statuses
            .iter()
            .filter(|(word, _)| !JobStatus::from(word.as_str()).is_final());
        moving.map(|(_, count)| count).sum()
    }

    fn is_filtered(&self) -> bool {
        self.filter != JobsFilter::default()
    }

    // ---- the list

    /// Another row is selected: its data is wanted, and older rows if it is near the end.
    fn selected(&mut self, cx: &mut Cx<'_>) {
        self.follow_selection(cx);
        if self.list.wants_more(ROWS_AHEAD)
            && !self.older.is_open()
            && let Some(op) = self.page(self.list.rows.last(), PAGE_ROWS)
        {
            self.older.anew(op, cx);
        }
    }

    /// Shows what another filter lets through.
    fn apply(&mut self, filter: JobsFilter, cx: &mut Cx<'_>) {
        if self.filter == filter {
            return;
        }
        self.filter = filter;
        self.list.clear();
        self.older.forget();
        self.newest.forget();
        self.follow_selection(cx);
        self.ask_newest(cx);
    }

    fn next_whose(&mut self, cx: &mut Cx<'_>) {
        let whose = match self.filter.whose {
            JobsOf::All => JobsOf::Mine,
            JobsOf::Mine => JobsOf::Others,
            JobsOf::Others => JobsOf::All,
        };
        let filter = self.filter.clone();
        self.apply(JobsFilter { whose, ..filter }, cx);
    }

    fn took_newest(&mut self, page: Board, cx: &mut Cx<'_>) {
        self.statuses = page.statuses;
        self.listed_at = page.listed_at;
        let keep = ROWS_MAX.max(self.list.view.selected + PAGE_ROWS);
        self.list.take_newest(page.rows, page.has_more, keep);
        self.follow_selection(cx);
        // The selected row may have moved on although it is the same job.
        self.outdate();
    }

    // ---- the selected job

    fn outdate(&mut self) {
        self.asked.outdate();
        self.found.outdate();
    }

    /// The selection moved, or the sheet came in sight: the ledger is asked for the selected job.
    fn follow_selection(&mut self, cx: &mut Cx<'_>) {
        let wanted = self.list.selected().map(|row| row.id.clone());
        if self.sheet.job != wanted {
            self.sheet = Sheet {
                job: wanted,
                ..Sheet::default()
            };
            self.sheet_poll.stop();
            self.asked.restart();
            self.found.restart();
            if let Some(op) = self.question(Freshness::Ledger) {
                self.sheet.ledger.anew(op, cx);
            }
            return;
        }
        self.want_more(cx);
        self.ask_sheet(cx);
    }
}

impl Screen for Jobs {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        if self.search.is_open() {
            return crate::tui::popups::contexts(None, true);
        }
        let own = match self.is_in_data {
            true => Context::Job,
            false => Context::Jobs,
        };
        vec![own, Context::List, Context::Screen, Context::Always]
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if self.search.on(command) {
            self.selected(cx);
            return Handled::Yes;
        }
        match command {
            Command::OpenJob => self.open(cx),
            Command::FilterJobs => {
                let shown = self.filter.status.as_deref();
                cx.open(lists::job_statuses(&self.statuses, shown));
            }
            Command::WhoseJobs => self.next_whose(cx),
            Command::FindJob => {
                let before = self.filter.id_part.as_deref();
                self.search.open(before.unwrap_or_default());
                self.is_in_data = false;
            }
            Command::CopyJob => {
                if let Some(row) = self.list.selected() {
                    cx.open(lists::job_copies(&row.id));
                }
            }
            Command::ExportJob => self.export(cx),
            Command::ComposeFromJob => self.compose_again(cx),
            Command::GoToAttempt => self.go_to_attempt(cx),
            Command::RefreshUsage => self.refresh(cx),
            Command::Back if self.is_in_data => self.is_in_data = false,
            Command::Back if self.is_filtered() => self.apply(JobsFilter::default(), cx),
            Command::Back => cx.go(ScreenId::Console, None),
            command if self.is_in_data => return Handled::when(self.found.on(command)),
            command => {
                if !self.list.on(command, cx.shared.settings.turn) {
                    return Handled::No;
                }
                self.selected(cx);
            }
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        self.search.field.as_mut()
    }

    /// Searches as it is typed.
    fn text_changed(&mut self, cx: &mut Cx<'_>) {
        let id_part = self.search.text();
        let filter = self.filter.clone();
        self.apply(JobsFilter { id_part, ..filter }, cx);
    }

    fn fit(&mut self, area: Rect, shared: &Shared) {
        let [list, asked_in, found_in] = self.panes(area);
        self.is_seen = found_in.is_some();
        self.list.fit(rows(list), list::COLUMNS);
        let columns = |area: Rect| usize::from(area.width.saturating_sub(4));
        let wrap = |lines: Vec<RichLine>, width: usize| -> Vec<RichLine> {
            let lines = lines.iter();
            lines
                .flat_map(|line| line.wrapped(width, LABEL_COLUMNS + 4))
                .collect()
        };
        let (row, sheet) = (self.list.selected(), &self.sheet);
        let zone = &shared.settings.zone;
        let asked = || {
            let figures = sheet.figures.as_ref();
            row.map_or_else(Vec::new, |row| asked(row, figures, shared.kind, zone))
        };
        if let Some(area) = asked_in {
            let size = (columns(area), rows(asked_in));
            self.asked.fit(size, |width| wrap(asked(), width));
        }
        if let Some(area) = found_in {
            let size = (columns(area), rows(found_in));
            self.found.fit(size, |width| {
                let found = row.map_or_else(Vec::new, |_| found(sheet));
                // Without room for two panes, what was asked stands above what was found.
                let head = match asked_in {
                    Some(_) => Vec::new(),
                    None => [asked(), vec![RichLine::new()]].concat(),
                };
                wrap([head, found].concat(), width)
            });
        }
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let [list, asked_in, found_in] = self.panes(area);
        p.borders(&[
            (asked_in, Focus::Elsewhere),
            (list, Focus::when(!self.is_in_data)),
            (found_in, Focus::when(self.is_in_data)),
        ]);
        if let Some(area) = list {
            self.draw_list(shared, p, area);
        }
        if let Some(area) = asked_in {
            let title = RichLine::of(Role::Title, " Asked ");
            p.titles(area, &title, &RichLine::new());
            self.asked.draw(p, from_column(inside(area), 1));
            p.pane(area, DATA);
        }
        if let Some(area) = found_in {
            self.draw_found(shared, p, area, asked_in.is_some());
        }
    }

    fn about(&self) -> About {
        if self.search.is_open() {
            return SEARCHING;
        }
        match self.is_in_data {
            true => (
                "Jobs, one job",
                "What was asked stands on the left, what Zia found on the right.",
            ),
            false => (
                "Jobs",
                "Every job of the organisation as the server lists it, also those of others. What \
                 has not ended is asked for again by itself while this screen is open; that spends \
                 nothing.",
            ),
        }
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        match spot {
            Spot::Row(LIST, name) => {
                let had_focus = !self.is_in_data;
                self.is_in_data = false;
                if self.list.press(name) && had_focus {
                    self.open(cx);
                } else {
                    self.selected(cx);
                }
            }
            Spot::Pane(LIST) => self.is_in_data = false,
            Spot::Pane(DATA) if !self.is_in_data => self.open(cx),
            Spot::Row(..) | Spot::Pane(_) => {}
        }
    }

    fn wheel(&mut self, spot: &Spot, command: Command, cx: &mut Cx<'_>) {
        let before = std::mem::replace(&mut self.is_in_data, spot.pane() == DATA);
        self.command(command, cx);
        self.is_in_data = before;
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        if let Op::LookForJobs { scope, .. } = &*reply.op {
            // An answer for another profile or kind is late.
            let is_own = self.of.as_ref() == Some(scope);
            if let Some(result) = reply.result.take().filter(|_| is_own) {
                self.looked(result, cx);
            }
        } else if let Some(result) = self.newest.take(reply, cx) {
            match result {
                Ok(page) => self.took_newest(page, cx),
                Err(failure) => cx.fail(&failure),
            }
        } else if let Some(result) = self.older.take::<Board>(reply, cx) {
            match result {
                Ok(page) => self.list.take_older(page.rows, page.has_more),
                Err(failure) => cx.fail(&failure),
            }
        } else if let Some(result) = self.sheet.ledger.take(reply, cx) {
            self.took_job(result, false, cx);
        } else if let Some(result) = self.sheet.server.take(reply, cx) {
            self.took_job(result, true, cx);
        } else {
            return Changed::No;
        }
        Changed::Yes
    }

    fn intent(&mut self, intent: Intent, cx: &mut Cx<'_>) -> Option<Intent> {
        match intent {
            Intent::ShowJob(job) => self.show_job(&job, cx),
            Intent::CopyJob(job, what) => self.copy(&job, what, cx),
            Intent::JobStatus(status) => {
                let filter = self.filter.clone();
                self.apply(JobsFilter { status, ..filter }, cx);
            }
            other => return Some(other),
        }
        None
    }

    /// The jobs of the profile and kind on screen; what is held of others is forgotten.
    fn shown(&mut self, cx: &mut Cx<'_>) {
        let of = cx.shared.scope();
        if self.of != of {
            // The least wait between two calls outlives a switch: the budget is the program's.
            let (mut list_poll, mut sheet_poll) = (self.list_poll, self.sheet_poll);
            list_poll.stop();
            sheet_poll.stop();
            *self = Self {
                of,
                list_poll,
                sheet_poll,
                is_seen: self.is_seen,
                ..Self::default()
            };
        }
        if self.of.is_some() {
            self.list_poll.schedule(cx.env.uptime);
            self.ask_newest(cx);
        }
    }

    fn left(&mut self) {
        self.search.close();
    }

    fn scope_changed(&mut self, cx: &mut Cx<'_>) {
        self.shown(cx);
    }

    fn ledger_changed(&mut self, cx: &mut Cx<'_>) {
        self.ask_newest(cx);
    }

    /// When the server is to be asked next; `None` while nothing can change or nobody looks.
    fn due(&self, shared: &Shared) -> Option<Duration> {
        let list = self.list_poll.due().filter(|_| self.wants_list());
        let next = [list, self.sheet_due()].into_iter().flatten().min();
        next.filter(|_| shared.can_ask())
    }

    fn tick(&mut self, cx: &mut Cx<'_>) {
        let Some(scope) = self.of.clone().filter(|_| cx.shared.can_ask()) else {
            return;
        };
        self.ask_sheet(cx);
        let is_due = self.list_poll.due().is_some_and(|at| at <= cx.env.uptime);
        if is_due && self.wants_list() {
            self.list_poll.asked(cx.env.uptime);
            let look = match std::mem::take(&mut self.wants_all) {
                true => Look::All,
                false => Look::Newest,
            };
            cx.act(Op::LookForJobs { scope, look });
        }
    }
}

impl HoldsPeople for Jobs {
    fn forget_people(&mut self) {
        self.list.clear();
        self.newest.forget();
        self.older.forget();
        self.sheet = Sheet::default();
        self.outdate();
    }
}

/// What a search in a list is for.
pub const SEARCHING: About = (
    "A search",
    "Type what to look for: the list follows. {accept} keeps what was found and leaves the line, \
     {back} shows everything again.",
);

#[cfg(test)]
mod tests;
