//! What a person does with a run: starting it, rows that wait again or are left out, a file, its
//! jobs, the way to an attempt, and taking a plan away.

use super::rows::who;
use super::{Runs, is_worked_on};
use crate::base::RunId;
use crate::bulk::progress::span;
use crate::ledger::{RowState, RunState};
use crate::ops::bulk_rows::{REQUEUED, Rows};
use crate::ops::bulk_view::overlap_lines;
use crate::tui::app::cx::{Cx, Intent, Out, Part, ScreenId};
use crate::tui::app::op::{Op, Whom};
use crate::tui::data::run::Ahead;
use crate::tui::popups::dialog::Dialog;
use crate::tui::popups::prompt::{Prompt, Purpose};
use crate::tui::ui::list::Row;
use crate::tui::ui::text::grouped;

/// Units from which on their number must be typed, as at the command line.
const ASK_ABOVE_UNITS: u64 = 25;

/// The flight plan, and the question whether to go.
pub(super) fn ask_to_start(run: RunId, ahead: &Ahead, cx: &mut Cx<'_>) {
    let found = &ahead.prospect;
    let (used, limit) = (found.usage.used, found.usage.limit);
    let spends = found.spends;
    let waiting = found.view.count(RowState::Pending);
    if spends == 0 && found.overlap.sent < waiting {
        return cx.warn(format!(
            "run {run} has {} rows waiting and may spend no unit: {} of {} are left, {} in reserve",
            grouped(waiting),
            grouped(found.usage.left()),
            grouped(limit),
            grouped(found.reserve)
        ));
    }
    let mut lines = vec![
        format!(
            "{} · {} · {} rows wait, {} are sent.",
            found.view.run.file_name,
            found.view.run.module,
            grouped(waiting),
            grouped(spends)
        ),
        format!(
            "Spends {}: {} → {} of {}, which leaves {}.",
            units(spends),
            grouped(used),
            grouped(used.saturating_add(spends)),
            grouped(limit),
            grouped(limit.saturating_sub(used.saturating_add(spends)))
        ),
    ];
    lines.extend(cx.shared.goes_to(&found.view.run.profile));
    if found.reserve > 0 {
        lines.push(format!("{} stay in reserve.", units(found.reserve)));
    }
    lines.extend(overlap_lines(&found.overlap.planned));
    if found.overlap.sent > 0 {
        lines.push(format!(
            "{} rows were sent elsewhere since the plan and are left out.",
            grouped(found.overlap.sent)
        ));
    }
    let rest = waiting.saturating_sub(spends + found.overlap.sent);
    if rest > 0 {
        lines.push(format!(
            "{} rows have no unit and go on waiting.",
            grouped(rest)
        ));
    }
    if let Some(takes) = ahead.takes {
        lines.push(format!("Takes about {} at the usual pace.", span(takes)));
    }
    let question = match found.view.run.state {
        RunState::Ready => format!("Start run {run}?"),
        _ => format!("Resume run {run}?"),
    };
    let mut question = Dialog::new(question, lines, "sends")
        .leaves("sends nothing")
        .acts(Op::StartRun(run));
    if spends > ASK_ABOVE_UNITS {
        question = question.typed(spends.to_string(), "the number of units");
    }
    cx.out.push(Out::OpenAlone(Box::new(question)));
}

fn units(count: u64) -> String {
    match count {
        1 => "1 unit".to_owned(),
        n => format!("{} units", grouped(n)),
    }
}

impl Runs {
    /// Goes to the attempt of the selected row.
    pub(super) fn open_attempt(&self, cx: &mut Cx<'_>) {
        let Some(row) = self.rows.list.selected() else {
            return;
        };
        match row.row.attempt {
            Some(attempt) => {
                let show = Intent::ShowAttempt(attempt, Some(Part::Open));
                cx.go(ScreenId::Console, Some(show));
            }
            None => cx.info(format!("row {} was never sent", row.key())),
        }
    }

    /// Looks for the person of the selected row.
    pub(super) fn forget_person(&self, cx: &mut Cx<'_>) {
        let (Some(row), Some(view)) = (self.rows.list.selected(), self.selected()) else {
            return cx.info("select a row first");
        };
        let Some(inputs) = row.row.inputs.clone() else {
            return cx.info("the inputs of the row are no longer there");
        };
        cx.info("looking through the whole ledger for the person");
        cx.act(Op::FindPerson(Whom::Inputs(inputs, view.run.kind)));
    }

    /// Asks for the jobs of the selected run until they have ended.
    pub(super) fn track(&self, cx: &mut Cx<'_>) {
        let Some(view) = self.selected() else {
            return;
        };
        let run = view.run.id;
        if view.count(RowState::Scheduled) == 0 {
            return cx.info(format!("run {run} has no jobs"));
        }
        if cx.shared.tracked_runs().any(|(tracked, _)| tracked == run) {
            return cx.info(format!("the jobs of run {run} are being asked for already"));
        }
        cx.act(Op::TrackRun(run));
    }

    /// The question whether a plan is to go. What the screen cannot know, the ledger refuses.
    pub(super) fn discard(&self, cx: &mut Cx<'_>) {
        let Some(view) = self.selected() else {
            return;
        };
        let run = view.run.id;
        if is_worked_on(view) || view.count(RowState::Scheduled) > 0 {
            return cx.warn(format!(
                "run {run} has sent rows, and what was sent is kept"
            ));
        }
        let lines = vec![
            format!(
                "{} leaves the ledger with its {} rows.",
                view.run.file_name,
                grouped(view.rows())
            ),
            "Only a run that never sent anything can be discarded.".to_owned(),
        ];
        let question = Dialog::new(format!("Discard run {run}?"), lines, "discards the plan");
        cx.open(question.acts(Op::DiscardRun(run)));
    }

    pub(super) fn requeue(&self, cx: &mut Cx<'_>) {
        let Some(view) = self.selected() else {
            return;
        };
        let run = view.run.id;
        let row = self.rows.list.selected().filter(|_| self.is_in_rows);
        let (rows, count, what) = match row {
            Some(row) => {
                let state = row.row.state;
                if !matches!(
                    state,
                    RowState::Absent | RowState::NotSent | RowState::Skipped
                ) {
                    return cx.warn(format!(
                        "the row is {state}; only absent, not_sent and skipped rows wait again"
                    ));
                }
                let what = format!("Row {} ({state})", row.key());
                (Rows::These(vec![row.row.row]), 1, what)
            }
            None => {
                let count = view.count(RowState::Absent);
                if count == 0 {
                    return cx.info(format!("run {run} has no absent rows"));
                }
                let what = format!("All {} absent rows", grouped(count));
                (Rows::In(RowState::Absent), count, what)
            }
        };
        let cost = match cx.shared.usage().map(|figures| figures.usage.used) {
            Some(used) => format!(
                "Sent at its next start, for {}: {} → {}.",
                units(count),
                grouped(used),
                grouped(used.saturating_add(count))
            ),
            None => format!("Sent at its next start, for {}.", units(count)),
        };
        let lines = vec![
            format!("{what} of run {run} will wait again."),
            REQUEUED.to_owned(),
            cost,
            "Nothing is sent now. The decision is recorded with your name.".to_owned(),
        ];
        let question = format!("Send rows of run {run} again?");
        let question = Dialog::new(question, lines, "queues again");
        cx.open(question.acts(Op::RequeueRows { run, rows }));
    }

    pub(super) fn skip(&self, cx: &mut Cx<'_>) {
        let (Some(view), Some(row)) = (self.selected(), self.rows.list.selected()) else {
            return;
        };
        let (run, state) = (view.run.id, row.row.state);
        if !matches!(
            state,
            RowState::Pending | RowState::Absent | RowState::NotSent
        ) {
            return cx.warn(format!(
                "the row is {state}; only pending, absent and not_sent rows are skipped"
            ));
        }
        let waiting = view.count(RowState::Pending);
        let after = waiting.saturating_sub(u64::from(state == RowState::Pending));
        let lines = vec![
            format!("{} will not be sent.", who(row)),
            format!("Rows that wait: {} → {}.", grouped(waiting), grouped(after)),
        ];
        let rows = Rows::These(vec![row.row.row]);
        let question = format!("Leave row {} out?", row.key());
        let question = Dialog::new(question, lines, "leaves it out");
        cx.open(question.acts(Op::SkipRows { run, rows }));
    }

    pub(super) fn export(&self, cx: &mut Cx<'_>) {
        let Some(view) = self.selected() else {
            return cx.info("there is no run yet");
        };
        let run = view.run.id;
        let name = view.run.file_name.as_str();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        cx.open(Prompt::new(
            format!("Write the rows of run {run} to a file"),
            "CSV with formulas held down, or JSONL by the name's ending; nothing is replaced",
            &format!("{stem}.run-{run}.csv"),
            Purpose::Export(run),
        ));
    }
}

#[cfg(test)]
mod tests;
