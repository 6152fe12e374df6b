//! What can be done with the selected job. Nothing here sends.

use serde_json::json;

use super::Jobs;
use super::list::{by, inputs};
use crate::base::JobId;
use crate::enrichment::{Draft, Field};
use crate::ops::job_board::JobsFilter;
use crate::tui::app::cx::{Cx, Intent, JobCopy, Part, ScreenId};
use crate::tui::app::notice::Notice;
use crate::tui::app::op::Op;
use crate::tui::data::job::JobFigures;

impl Jobs {
    pub(super) fn copy(&self, job: &JobId, what: JobCopy, cx: &mut Cx<'_>) {
        let (text, what) = match what {
            JobCopy::Id => (Some(job.to_string()), "the job's id"),
            JobCopy::All => (self.as_json(job), "the job as JSON"),
            JobCopy::Data => (self.data(job), "the enriched data as JSON"),
        };
        match text {
            Some(text) => cx.copy(text, what),
            None => cx.info("there is no enriched data in this job yet; nothing was copied"),
        }
    }

    pub(super) fn figures_of(&self, job: &JobId) -> Option<&JobFigures> {
        let is_shown = self.sheet.job.as_ref() == Some(job);
        self.sheet.figures.as_ref().filter(|_| is_shown)
    }

    pub(super) fn data(&self, job: &JobId) -> Option<String> {
        let figures = self.figures_of(job)?;
        serde_json::to_string_pretty(figures.enriched_data.as_ref()?).ok()
    }

    /// The job with the keys of `ziadeck jobs show --json`.
    pub(super) fn as_json(&self, job: &JobId) -> Option<String> {
        let row = self.list.rows.iter().find(|row| row.id == *job)?;
        let figures = self.figures_of(job);
        let all = json!({
            "id": job,
            "status": figures.map_or(row.status.as_str(), |figures| figures.status.as_str()),
            "created_time": row.created.map(|at| at.to_string()),
            "created_by": by(row),
            "mine": row.attempt.is_some(),
            "enrich_based_on": figures.and_then(|figures| figures.enrich_based_on.as_ref()),
            "enriched_data": figures.and_then(|figures| figures.enriched_data.as_ref()),
        });
        serde_json::to_string_pretty(&all).ok()
    }

    /// Writes the job to a file.
    pub(super) fn export(&self, cx: &mut Cx<'_>) {
        let Some(job) = self.sheet.job.clone() else {
            return;
        };
        let text = self.as_json(&job).filter(|_| self.sheet.figures.is_some());
        match text {
            Some(text) => cx.act(Op::ExportJob {
                job,
                text: format!("{text}\n"),
            }),
            None => cx.info("the job is still being read; nothing was written"),
        }
    }

    /// Refills the form with what the job was asked; nothing is sent.
    pub(super) fn compose_again(&self, cx: &mut Cx<'_>) {
        let Some(row) = self.list.selected() else {
            return;
        };
        let kind = cx.shared.kind;
        let mut draft = Draft::new(kind, row.module.as_deref().unwrap_or_default());
        let mut known = inputs(kind, row);
        let figures = self.sheet.figures.as_ref();
        if known.is_empty()
            && let Some(told) = figures.and_then(|figures| figures.enrich_based_on.as_ref())
        {
            known = Field::asked(kind, told);
        }
        for (field, value) in known {
            draft.set(field, &value);
        }
        if draft.is_empty() {
            return cx.info("what the job was asked is not known; the form is as it was");
        }
        draft.record_id = row.record_id.clone().unwrap_or_default();
        let text = format!("composed again from job {}; nothing was sent", row.id);
        let fill = Intent::Fill(Box::new(draft), Some(Notice::info(text)));
        cx.go(ScreenId::Console, Some(fill));
    }

    /// Goes to the attempt in the live log.
    pub(super) fn go_to_attempt(&self, cx: &mut Cx<'_>) {
        let Some(row) = self.list.selected() else {
            return;
        };
        match row.attempt {
            Some(attempt) => {
                let show = Intent::ShowAttempt(attempt, Some(Part::Job));
                cx.go(ScreenId::Console, Some(show));
            }
            None => cx.info("no attempt of this ledger made the job"),
        }
    }

    /// Goes to a job; one that is not held is looked for by its id.
    pub(super) fn show_job(&mut self, job: &JobId, cx: &mut Cx<'_>) {
        let held = self.list.rows.iter().position(|row| row.id == *job);
        match held {
            Some(index) => {
                self.list.select(index);
                self.selected(cx);
            }
            None => {
                let filter = JobsFilter {
                    id_part: Some(job.to_string()),
                    ..JobsFilter::default()
                };
                self.apply(filter, cx);
            }
        }
    }

    pub(super) fn open(&mut self, cx: &mut Cx<'_>) {
        if self.list.selected().is_some() {
            self.is_in_data = true;
            self.is_seen = true;
            self.follow_selection(cx);
        }
    }
}
