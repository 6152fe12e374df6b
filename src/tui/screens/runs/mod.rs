//! The Runs screen: the runs, the selected one's figures and its rows. A run is started only after a
//! question that names the units before and after, and a number is typed where they are many.
//!
//! ```text
//!  p ─► somebody works on it ─► asked to pause
//!    └► waiting ─► what it would do ─► question ─► start: from here on it goes on in the worker
//! ```
//! A run that another process works on is seen and steered through the ledger in the same way.

mod actions;
mod draw;
mod rows;

use std::collections::BTreeMap;
use std::time::Duration;

use ratatui::layout::Rect;

use self::rows::Rows;
use crate::base::{ProfileName, RunId};
use crate::bulk::Progress;
use crate::keymap::{Command, Context};
use crate::ledger::{RowState, RunState};
use crate::ops::bulk_view::RunView;
use crate::tui::app::cx::{About, Changed, Cx, Handled, HoldsPeople, Intent, Screen, ScreenId};
use crate::tui::app::op::{Op, Reply};
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::Shared;
use crate::tui::data::run::Ahead;
use crate::tui::layout::{is_wide, split};
use crate::tui::popups::lists;
use crate::tui::screens::jobs::SEARCHING;
use crate::tui::ui::field::TextField;
use crate::tui::ui::hits::Spot;
use crate::tui::ui::list::{List, Row};
use crate::tui::ui::painter::{Focus, Painter, from_column, rows as rows_of};
use crate::tui::ui::viewport::Turn;

/// Runs read at once.
pub const RUNS_PAGE: usize = 100;
pub use rows::ROWS_PAGE;
/// How often other processes are looked after, while one works on a run that is shown.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Rows of the selected run's figures, with their border.
const HEAD_ROWS: u16 = 8;
/// Rows of a small screen below which the rows of a run have it to themselves.
const HEIGHT_SHARED: u16 = 18;
/// Its panes.
const LIST: &str = "runs";
const ROWS: &str = "rows";

impl Row for RunView {
    type Key = i64;

    fn key(&self) -> i64 {
        self.run.id.0
    }
}

/// The Runs screen.
#[derive(Default)]
pub struct Runs {
    /// Whose; another profile on screen invalidates everything here.
    of: Option<ProfileName>,
    /// The run to select when the list comes.
    wanted: Option<RunId>,
    list: List<RunView>,
    is_read: bool,
    pending: Pending,
    /// Whether keys go to the rows.
    is_in_rows: bool,
    rows: Rows,
    /// What a start would do.
    ahead: Pending,
    /// When to look whether the other processes that work on runs are still there; a process that
    /// dies changes nothing in the ledger.
    look_at: Option<Duration>,
    /// From when the pace of a run is measured: the clock, and the rows settled then.
    paces: BTreeMap<RunId, (Duration, u64)>,
    /// How the runs that somebody works on get on; told anew with each list.
    progress: BTreeMap<RunId, Progress>,
}

impl Runs {
    /// The panes, each with its border, of the list, of the selected run's figures and of its rows;
    /// one that is not seen has none.
    fn panes(&self, body: Rect) -> [Option<Rect>; 3] {
        if is_wide(body) {
            let left = (body.width * 40 / 100).clamp(40, 64);
            let list = Rect {
                width: left,
                ..body
            };
            let (head, rows) = split(from_column(body, left), HEAD_ROWS);
            return [list, head, rows].map(Some);
        }
        if !self.is_in_rows {
            let above = (body.height + 1).saturating_sub(HEAD_ROWS).max(4);
            let (list, head) = split(body, above);
            return [Some(list), Some(head), None];
        }
        if body.height < HEIGHT_SHARED {
            return [None, None, Some(body)];
        }
        let (head, rows) = split(body, HEAD_ROWS);
        [None, Some(head), Some(rows)]
    }

    /// The selected run.
    fn selected(&self) -> Option<&RunView> {
        self.list.selected()
    }

    /// Asks for the runs.
    fn ask(&mut self, cx: &mut Cx<'_>) {
        if let Some(profile) = self.of.clone() {
            let limit = RUNS_PAGE.max(self.list.len());
            self.pending.again(Op::LoadRuns { profile, limit }, cx);
        }
    }

    /// Takes the list in; the paces are measured.
    fn took_list(&mut self, list: Vec<RunView>, cx: &mut Cx<'_>) {
        let uptime = cx.env.uptime;
        let is_own = |view: &RunView| cx.shared.own_runs().any(|(run, _)| run == view.run.id);
        let is_theirs = |view: &RunView| is_worked_on(view) && !is_own(view);
        self.look_at = list.iter().any(is_theirs).then(|| uptime + LOOK_EVERY);
        for view in &list {
            self.measure(view, uptime);
        }
        self.is_read = true;
        self.list.replace(list);
        if let Some(wanted) = self.wanted.take() {
            self.list.select_key(&wanted.0);
        }
        self.follow_selection(cx);
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

    /// Another run may be selected: its rows are wanted.
    fn follow_selection(&mut self, cx: &mut Cx<'_>) {
        let selected = self.selected().map(|view| view.run.id);
        self.rows.show(selected, cx);
    }

    fn focus(&mut self, is_in_rows: bool) {
        if self.selected().is_some() {
            self.is_in_rows = is_in_rows;
        }
    }

    /// Why a run cannot be started, in a sentence.
    fn standstill(view: &RunView, shared: &Shared) -> Option<String> {
        let run = view.run.id;
        if let Some(trouble) = &shared.ledger_trouble {
            return Some(format!("nothing was sent: the ledger is {trouble}"));
        }
        if view.run.state == RunState::Importing {
            return Some(format!("the file of run {run} was not read to its end"));
        }
        if view.count(RowState::Pending) > 0 {
            return None;
        }
        let key = shared.any_key(Command::QueueAgain);
        Some(match view.count(RowState::Absent) {
            0 => format!("no row of run {run} waits"),
            n => format!("no row of run {run} waits; {key} lets its {n} absent rows wait again"),
        })
    }

    fn start_or_pause(&mut self, cx: &mut Cx<'_>) {
        let Some(view) = self.selected() else {
            let key = cx.shared.any_key(Command::PlanRun);
            return cx.info(format!("there is no run yet; {key} plans one"));
        };
        let run = view.run.id;
        if is_worked_on(view) {
            return cx.act(Op::PauseRun(run));
        }
        match Self::standstill(view, cx.shared) {
            Some(text) => cx.warn(text),
            None => self.ahead.anew(Op::LookAhead(run), cx),
        }
    }
}

impl Screen for Runs {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        if self.rows.search.is_open() {
            return crate::tui::popups::contexts(None, true);
        }
        let rows = self.is_in_rows.then_some(Context::Rows);
        let all = [
            Context::Runs,
            Context::List,
            Context::Screen,
            Context::Always,
        ];
        rows.into_iter().chain(all).collect()
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if self.rows.search.on(command) {
            return Handled::Yes;
        }
        match command {
            Command::StartOrPause => self.start_or_pause(cx),
            Command::OpenRows => self.focus(true),
            Command::OtherPart => self.focus(!self.is_in_rows),
            Command::FilterRows => {
                if let Some(view) = self.selected() {
                    cx.open(lists::row_states(view, self.rows.state));
                }
            }
            Command::FindRow => {
                if self.selected().is_some() {
                    self.is_in_rows = true;
                    self.rows.open_search();
                }
            }
            Command::QueueAgain => self.requeue(cx),
            Command::SkipRow => self.skip(cx),
            Command::ForgetPerson => self.forget_person(cx),
            Command::ExportRun => self.export(cx),
            Command::DiscardRun => self.discard(cx),
            Command::Sort => self.list.sort_next(draw::RUN_COLUMNS),
            Command::TrackRun => self.track(cx),
            Command::OpenRowAttempt => self.open_attempt(cx),
            Command::RefreshUsage => self.ledger_changed(cx),
            Command::Back if self.is_in_rows && self.rows.is_filtered() => {
                self.rows.show_all(cx);
            }
            Command::Back if self.is_in_rows => self.focus(false),
            Command::Back => cx.go(ScreenId::Console, None),
            command if self.is_in_rows => return self.rows.on(command, cx),
            command => {
                if !self.list.on(command, Turn::Row) {
                    return Handled::No;
                }
                self.follow_selection(cx);
            }
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        self.rows.search.field.as_mut()
    }

    /// Searches as it is typed.
    fn text_changed(&mut self, cx: &mut Cx<'_>) {
        self.rows.search_typed(cx);
    }

    fn fit(&mut self, area: Rect, _shared: &Shared) {
        let [list, _, rows] = self.panes(area);
        self.list.fit(rows_of(list), draw::RUN_COLUMNS);
        self.rows.list.fit(rows_of(rows), draw::ROW_COLUMNS);
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let [list, head, rows] = self.panes(area);
        p.borders(&[
            (head, Focus::Elsewhere),
            (list, Focus::when(!self.is_in_rows)),
            (rows, Focus::when(self.is_in_rows)),
        ]);
        if let Some(area) = list {
            self.draw_list(shared, p, area);
        }
        if let Some(area) = head {
            self.draw_head(shared, p, area);
        }
        if let Some(area) = rows {
            self.draw_rows(shared, p, area);
        }
    }

    fn about(&self) -> About {
        if self.rows.search.is_open() {
            return SEARCHING;
        }
        match self.is_in_rows {
            true => (
                "Runs, the rows",
                "Each row of the file with its state. A row is sent once; only you can let one \
                 that is absent wait again.",
            ),
            false => (
                "Runs",
                "A run sends the rows of a file. {plan_run} plans one and reports what it would \
                 cost; nothing is sent before you start it. A run that was stopped by anything \
                 goes on where it was.",
            ),
        }
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        match spot {
            Spot::Row(LIST, name) => {
                let had_focus = !self.is_in_rows;
                self.is_in_rows = false;
                if self.list.press(name) && had_focus {
                    self.focus(true);
                } else {
                    self.follow_selection(cx);
                }
            }
            Spot::Pane(LIST) => self.is_in_rows = false,
            Spot::Row(ROWS, _) | Spot::Pane(ROWS) if !self.is_in_rows => self.focus(true),
            Spot::Row(ROWS, name) => drop(self.rows.list.press(name)),
            Spot::Row(..) | Spot::Pane(_) => {}
        }
    }

    fn wheel(&mut self, spot: &Spot, command: Command, cx: &mut Cx<'_>) {
        let before = std::mem::replace(&mut self.is_in_rows, spot.pane() == ROWS);
        self.command(command, cx);
        self.is_in_rows = before;
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        if let Some(result) = self.pending.take(reply, cx) {
            match result {
                Ok(list) => self.took_list(list, cx),
                Err(failure) => cx.fail(&failure),
            }
            return Changed::Yes;
        }
        let of = reply.op.clone();
        if let Op::LookAhead(run) = &*of
            && let Some(result) = self.ahead.take::<Ahead>(reply, cx)
        {
            match result {
                Ok(ahead) if self.selected().map(|view| view.run.id) == Some(*run) => {
                    actions::ask_to_start(*run, &ahead, cx);
                }
                Ok(_) => {}
                Err(failure) => cx.fail(&failure),
            }
            return Changed::Yes;
        }
        if matches!(&*of, Op::StartRun(_)) {
            self.ask(cx);
        }
        self.rows.reply(reply, cx)
    }

    fn intent(&mut self, intent: Intent, cx: &mut Cx<'_>) -> Option<Intent> {
        match intent {
            Intent::ShowRun(run) => {
                self.wanted = Some(run);
                self.ask(cx);
            }
            Intent::RowState(state) => {
                self.is_in_rows = true;
                self.rows.show_state(state, cx);
            }
            other => return Some(other),
        }
        None
    }

    /// The runs of the profile on screen; what is held of others is forgotten.
    fn shown(&mut self, cx: &mut Cx<'_>) {
        if self.of != cx.shared.active {
            *self = Self {
                of: cx.shared.active.clone(),
                ..Self::default()
            };
        }
        // While another screen is shown, this one is told of nothing.
        self.ledger_changed(cx);
    }

    fn left(&mut self) {
        self.rows.search.close();
        // A question about a run is asked where the run is in sight.
        self.ahead.forget();
    }

    fn scope_changed(&mut self, cx: &mut Cx<'_>) {
        if self.of != cx.shared.active {
            self.shown(cx);
        }
    }

    /// Somebody committed: counts, states and rows may be others.
    fn ledger_changed(&mut self, cx: &mut Cx<'_>) {
        self.ask(cx);
        self.rows.ask_again(cx);
    }

    /// When the other processes are looked after again; never while none works on a run.
    fn due(&self, _shared: &Shared) -> Option<Duration> {
        self.look_at
    }

    fn tick(&mut self, cx: &mut Cx<'_>) {
        if self.look_at.is_some_and(|at| at <= cx.env.uptime) {
            self.look_at = None;
            self.ask(cx);
        }
    }
}

impl HoldsPeople for Runs {
    fn forget_people(&mut self) {
        self.rows.list.clear();
        self.rows.pending.forget();
    }
}

/// Rows that wait for nothing more.
fn settled(view: &RunView) -> u64 {
    let waiting = view.count(RowState::Pending) + view.count(RowState::Sending);
    view.rows().saturating_sub(waiting)
}

/// Whether a process works on it at this moment.
fn is_worked_on(view: &RunView) -> bool {
    view.run.state == RunState::Running && view.holder.is_some()
}

/// How far it is, in percent.
fn percent(view: &RunView) -> u64 {
    settled(view)
        .saturating_mul(100)
        .checked_div(view.rows())
        .unwrap_or(100)
}

#[cfg(test)]
mod tests;
