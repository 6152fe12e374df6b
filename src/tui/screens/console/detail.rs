//! The selected attempt in full: what to ask for, and when.

use std::time::Duration;

use ratatui::layout::Rect;
use serde_json::{Value, json};

use super::detail_text::{explanation, headers, indent, job, request, response};
use super::log::Log;
use crate::base::{AttemptId, Scope, redact};
use crate::ledger::AttemptRow;
use crate::ops::request::HeadFrom;
use crate::theme::Role;
use crate::tui::app::cx::{Changed, CopyWhat, Cx};
use crate::tui::app::notice::FailureKind;
use crate::tui::app::op::{Freshness, Op, Reply};
use crate::tui::app::remote::{Pending, Remote};
use crate::tui::app::shared::Shared;
use crate::tui::data::attempt::Attempt;
use crate::tui::data::job::JobFigures;
use crate::tui::ui::form::turned;
use crate::tui::ui::pager::Pager;
use crate::tui::ui::painter::{Painter, from_column, inside, rows};
use crate::tui::ui::text::RichLine;

/// How long the selection rests before its detail is asked for, once keys follow each other faster.
const REST: Duration = Duration::from_millis(100);

/// What of an attempt is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Request,
    Response,
    Headers,
    Job,
}

/// All tabs from left to right; their names are their titles.
const TABS: [Tab; 4] = [Tab::Request, Tab::Response, Tab::Headers, Tab::Job];

/// The detail pane.
#[derive(Default)]
pub struct Detail {
    /// The attempt that is wanted.
    wanted: Option<AttemptId>,
    pending: Pending,
    /// When a key last moved the selection, on the clock that never goes back.
    moved_at: Option<Duration>,
    /// When the attempt is asked for, if the selection rests until then: a key that is held down
    /// costs a bad line the moves and not every detail it passes.
    pub rests_at: Option<Duration>,
    /// The attempt, once it is there.
    pub attempt: Option<Attempt>,
    /// The attempts above and below it, read ahead: the next step shows its detail at once.
    near: Vec<Attempt>,
    /// Whether keys walk through the log, so that reading ahead is worth it.
    is_walking: bool,
    job: Remote<Option<JobFigures>>,
    tab: Tab,
    pub pager: Pager,
}

impl Detail {
    /// Wants another attempt, or none; what is shown stays until it is there, so that nothing
    /// flickers.
    pub fn want(&mut self, id: Option<AttemptId>) {
        if self.wanted != id {
            self.wanted = id;
            self.forget_job();
            self.pager.restart();
        }
        if id.is_none() {
            self.attempt = None;
        }
    }

    fn forget_job(&mut self) {
        self.job.forget();
        self.pager.outdate();
    }

    pub fn forget_people(&mut self) {
        self.forget_near();
        self.pending.forget();
        self.want(None);
    }

    fn shown(&self) -> Option<AttemptId> {
        self.attempt.as_ref().map(|attempt| attempt.detail.row.id)
    }

    /// Opens the tab so many to the right, round the ends.
    pub fn turn_by(&mut self, by: isize, cx: &mut Cx<'_>) {
        self.turn(turned(&TABS, self.tab, by), cx);
    }

    /// Opens a tab; the job is asked for when it is first looked at.
    pub fn turn(&mut self, tab: Tab, cx: &mut Cx<'_>) {
        self.tab = tab;
        self.pager.restart();
        self.ask_job(cx);
    }

    /// The selection moved, or its row is another one: its detail is wanted.
    pub fn follow_selection(&mut self, log: &Log, cx: &mut Cx<'_>) {
        let selected = log.list.selected();
        let id = selected.map(|row| row.id);
        if self.wanted != id {
            self.want(id);
            return self.ask(log, cx);
        }
        // Reconcile or another process settled it, or its person was forgotten: what the detail
        // tells of it is no longer so.
        if let (Some(now), Some(attempt)) = (selected, &self.attempt) {
            let then = &attempt.detail.row;
            let is_other = now.outcome != then.outcome || now.inputs != then.inputs;
            if now.id == then.id && is_other {
                self.ask_wanted(cx);
            }
        }
    }

    /// A key moved the selection. A single one has its detail at once; the detail of a row that a
    /// held key only passes is not asked for.
    pub fn follow_key(&mut self, log: &Log, cx: &mut Cx<'_>) {
        self.is_walking = true;
        let now = cx.env.uptime;
        let before = self.moved_at.replace(now);
        let is_held = before.is_some_and(|at| now < at + REST);
        let id = log.list.selected().map(|row| row.id);
        if !is_held || id.is_none() || id == self.wanted {
            return self.follow_selection(log, cx);
        }
        self.want(id);
        self.rests_at = Some(now + REST);
    }

    /// Asks for the attempt if the selection has rested on it for long enough.
    pub fn tick(&mut self, log: &Log, cx: &mut Cx<'_>) {
        if self.rests_at.is_some_and(|at| at <= cx.env.uptime) {
            self.ask(log, cx);
        }
    }

    /// Asks for the attempt that is wanted, unless it was read ahead; one question at a time, so that
    /// fast scrolling asks for the rows where it pauses and not for every one.
    pub fn ask(&mut self, log: &Log, cx: &mut Cx<'_>) {
        self.rests_at = None;
        let Some(wanted) = self.wanted else { return };
        if self.shown() == Some(wanted) {
            return self.read_ahead(log, cx);
        }
        if let Some(attempt) = self.take_near(log, wanted) {
            return self.show(attempt, log, cx);
        }
        self.ask_wanted(cx);
    }

    /// Asks for the attempt that is wanted, also where it is on screen: it may have changed.
    fn ask_wanted(&mut self, cx: &mut Cx<'_>) {
        if let (Some(wanted), false) = (self.wanted, self.pending.is_open()) {
            self.pending.anew(Op::LoadAttempt(wanted), cx);
        }
    }

    /// Shows the attempt that is wanted and keeps the one that was shown, which the next step may
    /// want.
    fn show(&mut self, attempt: Attempt, log: &Log, cx: &mut Cx<'_>) {
        if let Some(before) = self.attempt.replace(attempt) {
            self.keep_near(before, log);
        }
        self.pager.outdate();
        self.ask_job(cx);
        self.read_ahead(log, cx);
    }

    /// Keeps an attempt that stands beside the selected one, and forgets those that do not.
    fn keep_near(&mut self, attempt: Attempt, log: &Log) {
        let beside = log.beside();
        self.near
            .retain(|held| held.detail.row.id != attempt.detail.row.id);
        self.near.push(attempt);
        self.near
            .retain(|held| beside.contains(&Some(held.detail.row.id)));
    }

    /// What was read ahead may be old: another process or reconcile wrote to the ledger.
    pub fn forget_near(&mut self) {
        self.near.clear();
        self.is_walking = false;
    }

    /// An attempt that was read ahead, if it is still what the log says.
    fn take_near(&mut self, log: &Log, wanted: AttemptId) -> Option<Attempt> {
        let now = log.list.selected()?;
        let is_true = |held: &Attempt| {
            held.detail.row.id == wanted
                && now.id == wanted
                && held.detail.row.outcome == now.outcome
        };
        let index = self.near.iter().position(is_true)?;
        Some(self.near.swap_remove(index))
    }

    /// Asks for the attempts beside the selected one, one after the other.
    fn read_ahead(&mut self, log: &Log, cx: &mut Cx<'_>) {
        if !self.is_walking || self.pending.is_open() {
            return;
        }
        let near = &self.near;
        let is_missing = |id: &AttemptId| near.iter().all(|held| held.detail.row.id != *id);
        if let Some(next) = log.beside().into_iter().flatten().find(is_missing) {
            self.pending.after_frame(Op::LoadAttempt(next), cx);
        }
    }

    /// Asks for the job once; while another attempt is wanted, when that one is there.
    fn ask_job(&mut self, cx: &mut Cx<'_>) {
        if self.job == Remote::default() && self.shown() == self.wanted {
            self.refresh_job(cx);
        }
    }

    /// Asks for the job again if its tab is open.
    pub fn refresh_job(&mut self, cx: &mut Cx<'_>) {
        let Some(row) = self.attempt.as_ref().map(|attempt| &attempt.detail.row) else {
            return;
        };
        let Some(job) = row.job_id.clone().filter(|_| self.tab == Tab::Job) else {
            return;
        };
        let scope = Scope {
            profile: row.profile.clone(),
            kind: row.kind,
        };
        let from = Freshness::Final;
        self.job.anew(Op::LoadJob { scope, job, from }, cx);
    }

    /// Takes an attempt or a job. What is read ahead changes nothing that is seen.
    pub fn reply(&mut self, reply: &mut Reply, log: &Log, cx: &mut Cx<'_>) -> Changed {
        if self.job.take(reply, cx) {
            self.pager.outdate();
            return Changed::Yes;
        }
        let Some(result) = self.pending.take::<Attempt>(reply, cx) else {
            return Changed::No;
        };
        let is_wanted = match (&*reply.op, self.wanted) {
            (Op::LoadAttempt(asked), Some(wanted)) => *asked == wanted,
            _ => false,
        };
        match result {
            Ok(attempt) if is_wanted => {
                self.show(attempt, log, cx);
                return Changed::Yes;
            }
            Ok(attempt) => self.keep_near(attempt, log),
            Err(failure) => {
                // Nobody asked for what is read ahead.
                self.forget_near();
                if !reply.op.undone().is_empty() || failure.kind != FailureKind::Full {
                    cx.fail(&failure);
                }
                // The same question would fail again, and again.
                if is_wanted {
                    return Changed::Yes;
                }
            }
        }
        // The one that is wanted by now is asked for, unless the selection still moves.
        let shows_other = self.shown() != self.wanted;
        if self.rests_at.is_none() {
            self.ask(log, cx);
        }
        Changed::when(shows_other)
    }

    /// Copies one form of the attempt.
    pub fn copy(
        &self,
        row: Option<&AttemptRow>,
        (id, what): (AttemptId, CopyWhat),
        cx: &mut Cx<'_>,
    ) {
        if what == CopyWhat::Id {
            return match row.and_then(|row| row.job_id.as_ref()) {
                Some(job) => cx.copy(job.to_string(), "the job's id"),
                None => cx.copy(id.to_string(), "the attempt's id"),
            };
        }
        let Some(attempt) = self.attempt.as_ref().filter(|a| a.detail.row.id == id) else {
            return cx.info("the attempt is still being read; copy again in a moment");
        };
        match what {
            CopyWhat::Curl => {
                let curl = attempt.request.head.curl(attempt.request.body.as_deref());
                cx.copy(curl, "the request as curl");
            }
            CopyWhat::Json | CopyWhat::Id => cx.copy(as_json(attempt), "the attempt as JSON"),
        }
    }

    pub fn fit(&mut self, area: Option<Rect>, shared: &Shared) {
        let Some(area) = area else { return };
        let size = (usize::from(area.width.saturating_sub(4)), rows(Some(area)));
        let (attempt, tab, found) = (&self.attempt, self.tab, &self.job);
        self.pager.fit(size, |width| {
            let Some(attempt) = attempt else {
                return Vec::new();
            };
            let mut lines = explanation(attempt);
            lines.push(RichLine::new());
            lines.extend(match tab {
                Tab::Request => request(attempt, &shared.settings.zone),
                Tab::Response => response(attempt),
                Tab::Headers => headers(attempt),
                Tab::Job => job(attempt, found),
            });
            let wrap = |line: &RichLine| line.wrapped(width, indent(line));
            lines.iter().flat_map(wrap).collect()
        });
    }

    pub fn draw(&self, p: &mut Painter<'_, '_>, area: Rect) {
        p.pane(area, super::DETAIL);
        let mut title = RichLine::of(Role::Title, " Detail ");
        for tab in TABS {
            let column = area.x + 1 + title.columns();
            let (role, text) = if tab == self.tab {
                (Role::TabOpen, format!("[{tab:?}]"))
            } else {
                (Role::Tab, format!(" {tab:?} "))
            };
            let width = u16::try_from(text.len()).unwrap_or(0);
            let place = Rect::new(column, area.y, width, 1).intersection(area);
            p.row(place, super::TABS, || format!("{tab:?}"));
            title.push(role, &text);
        }
        title.push(Role::Tab, " ");
        p.titles(area, &title, &self.pager.seen());
        let inner = from_column(inside(area), 1);
        if self.attempt.is_none() {
            let text = match self.wanted {
                Some(_) => "reading the attempt",
                None => "no attempt is selected",
            };
            return p.blank(inside(area), text);
        }
        self.pager.draw(p, inner);
    }

    /// A press on the name of a tab.
    pub fn hit(&mut self, name: &str, cx: &mut Cx<'_>) {
        if let Some(tab) = TABS.into_iter().find(|tab| format!("{tab:?}") == name) {
            self.turn(tab, cx);
        }
    }
}

fn as_json(Attempt { detail, request }: &Attempt) -> String {
    let row = &detail.row;
    let body = |text: &Option<String>| -> Option<Value> {
        let clean = redact::tokens_in(text.as_deref()?);
        let parsed = serde_json::from_str(&clean).ok();
        parsed.or_else(|| Some(Value::from(clean.as_ref())))
    };
    let all = json!({
        "attempt": row.id,
        "at": row.at.to_string(),
        "profile": row.profile,
        "data_center": row.data_center,
        "module": row.module,
        "outcome": row.outcome,
        "http_status": row.http_status,
        "code": row.code,
        "message": row.said(),
        "job_id": row.job_id,
        "method": request.head.method,
        "url": request.head.url,
        "request_headers": request.head.headers,
        "recorded": request.head_from == HeadFrom::Record,
        "request": body(&request.body),
        "response": body(&detail.response_body),
    });
    serde_json::to_string_pretty(&all).unwrap_or_default()
}
