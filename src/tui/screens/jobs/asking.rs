//! When ledger and server are asked about jobs, and what is made of their answers.

use super::{Jobs, PAGE_ROWS};
use crate::base::limits::PAGE_ROWS_MAX;
use crate::ledger::JobEntry;
use crate::ops::job_board::BoardQuery;
use crate::tui::app::cx::{Cx, Screen};
use crate::tui::app::notice::{Failure, FailureKind};
use crate::tui::app::op::{Freshness, Op, Payload};
use crate::tui::app::poll::Brought;
use crate::tui::data::job::JobFigures;
use std::time::Duration;

impl Jobs {
    pub(super) fn page(&self, before: Option<&JobEntry>, limit: usize) -> Option<Op> {
        let of = self.of.clone()?;
        Some(Op::LoadJobs {
            profile: of.profile,
            query: BoardQuery {
                kind: of.kind,
                filter: self.filter.clone(),
                before: before.map(|row| (row.at, row.id.clone())),
                limit,
            },
        })
    }

    /// Asks the ledger for the newest rows, as many as are held.
    pub(super) fn ask_newest(&mut self, cx: &mut Cx<'_>) {
        let rows = self.list.len().clamp(PAGE_ROWS, PAGE_ROWS_MAX);
        if let Some(op) = self.page(None, rows) {
            self.newest.again(op, cx);
        }
    }

    pub(super) fn question(&self, from: Freshness) -> Option<Op> {
        Some(Op::LoadJob {
            scope: self.of.clone()?,
            job: self.sheet.job.clone()?,
            from,
        })
    }

    /// The server is to be asked if the job may still change and nothing is planned yet.
    pub(super) fn want_more(&mut self, cx: &Cx<'_>) {
        let poll = &mut self.sheet_poll;
        let is_planned = poll.due().is_some() || poll.is_asked();
        if self.sheet.is_read && !self.sheet.is_final() && !is_planned {
            poll.schedule(cx.env.uptime);
        }
    }

    /// When the job is to be asked for; `None` while it is out of sight.
    pub(super) fn sheet_due(&self) -> Option<Duration> {
        let is_wanted = self.sheet.job.is_some() && self.is_seen;
        self.sheet_poll.due().filter(|_| is_wanted)
    }

    /// Asks for the job if that is due.
    pub(super) fn ask_sheet(&mut self, cx: &mut Cx<'_>) {
        if self.sheet_due().is_some_and(|at| at <= cx.env.uptime)
            && let Some(op) = self.question(Freshness::Server)
        {
            self.sheet_poll.asked(cx.env.uptime);
            self.sheet.server.anew(op, cx);
        }
    }

    /// A job came, from the ledger or from the server.
    pub(super) fn took_job(
        &mut self,
        result: Result<Option<JobFigures>, Failure>,
        is_server: bool,
        cx: &mut Cx<'_>,
    ) {
        let sheet = &mut self.sheet;
        let status = |figures: &Option<JobFigures>| figures.as_ref().map(|f| f.status.clone());
        let before = status(&sheet.figures);
        let is_full = matches!(&result, Err(failure) if failure.kind == FailureKind::Full);
        match result {
            Ok(Some(figures)) => {
                sheet.figures = Some(figures);
                sheet.failure = None;
            }
            Ok(None) => {}
            // The next selection or the next time asks again.
            Err(_) if is_full && !is_server => return sheet.job = None,
            Err(_) if is_full => {}
            Err(failure) => sheet.failure = Some(failure.to_string()),
        }
        sheet.is_read = true;
        let has_failed = sheet.failure.is_some();
        let brought = match status(&sheet.figures) == before {
            true => Brought::Nothing,
            false => Brought::News,
        };
        if is_server {
            self.sheet_poll.answered(cx.env.uptime, brought);
            // What is final, or what the server does not know, is not asked for again by itself.
            if has_failed || self.sheet.is_final() {
                self.sheet_poll.stop();
            }
        } else {
            self.want_more(cx);
        }
        self.outdate();
        self.ask_sheet(cx);
    }

    // ---- the server's list

    /// Asks the server for all jobs and for the selected one, as soon as the budget allows.
    pub(super) fn refresh(&mut self, cx: &mut Cx<'_>) {
        if self.of.is_none() {
            return cx.warn("set up a profile first");
        }
        self.wants_all = true;
        let at = self.list_poll.schedule(cx.env.uptime);
        // A person wants the job asked for again, final or not.
        if self.sheet.job.is_some() {
            self.sheet.is_read = true;
            self.sheet_poll.schedule(cx.env.uptime);
        }
        // Rounded up: a promise of 9 s that takes 9.8 is broken.
        let wait = at.saturating_sub(cx.env.uptime).as_millis();
        let wait = wait.div_ceil(1_000);
        if wait > 0 {
            cx.info(format!(
                "the server was asked just now; asking again in {wait} s"
            ));
        }
        self.tick(cx);
    }

    /// The list is asked for while a job may still change, when a person wants it, and once if it
    /// was never read.
    pub(super) fn wants_list(&self) -> bool {
        let wants = self.wants_all || self.listed_at.is_none() || self.moving() > 0;
        wants && !self.newest.is_open()
    }

    /// The server's list was read.
    pub(super) fn looked(&mut self, result: Result<Payload, Failure>, cx: &mut Cx<'_>) {
        let brought = match result {
            Ok(Payload::LookForJobs(statuses)) if statuses != self.statuses => Brought::News,
            Ok(_) => Brought::Nothing,
            Err(failure) => {
                if failure.kind != FailureKind::Full {
                    self.failure = Some(failure.to_string());
                }
                return self.list_poll.answered(cx.env.uptime, Brought::Nothing);
            }
        };
        self.failure = None;
        self.list_poll.answered(cx.env.uptime, brought);
        self.ask_newest(cx);
    }
}
