//! What can be done with the attempt that is selected. Nothing here sends.

use super::{Console, Pane};
use crate::enrichment::{Draft, FieldRef};
use crate::tui::app::cx::{Cx, Intent, ScreenId};
use crate::tui::app::op::{Op, Whom};
use crate::tui::data::attempt;
use crate::tui::popups::records::Records;

impl Console {
    /// Refills the form from the attempt that is selected; nothing is sent.
    pub(super) fn compose_again(&mut self, cx: &mut Cx<'_>) {
        let Some(row) = self.log.list.selected() else {
            return;
        };
        let mut draft = Draft::new(row.kind, &row.module);
        for (name, value) in attempt::inputs(row) {
            if let (Ok(field), Some(value)) = (name.parse(), value.as_str()) {
                draft.set(field, value);
            }
        }
        draft.record_id = row.record_id.clone().unwrap_or_default();
        let text = format!("composed again from attempt {}; nothing was sent", row.id);
        self.compose.fill(&draft, cx);
        cx.info(text);
        self.focus(Pane::Compose, cx);
    }

    /// Finds a record of the CRM that fills the form.
    pub(super) fn find_record(&mut self, cx: &mut Cx<'_>) {
        let Some(scope) = cx.shared.scope() else {
            return cx.warn("set up a profile first");
        };
        let draft = self.compose.draft(cx.shared);
        let Ok(module) = draft.module.parse() else {
            cx.warn("choose a module first: its records can fill the form");
            self.compose.form.go_to(FieldRef::Module);
            return self.focus(Pane::Compose, cx);
        };
        let records = Records::open(scope, module, draft, cx);
        cx.open(records);
    }

    /// Looks for the person of the attempt that is selected.
    pub(super) fn forget_person(&self, cx: &mut Cx<'_>) {
        let Some(row) = self.log.list.selected() else {
            return cx.info("select an attempt first");
        };
        cx.info("looking through the whole ledger for the person");
        cx.act(Op::FindPerson(Whom::Attempt(row.id)));
    }

    /// Goes to the job of the attempt that is selected.
    pub(super) fn go_to_job(&self, cx: &mut Cx<'_>) {
        let Some(row) = self.log.list.selected() else {
            return;
        };
        let Some(job) = row.job_id.clone() else {
            return cx.info("this attempt made no job that is known");
        };
        let shared = cx.shared;
        if shared.active.as_ref() != Some(&row.profile) || shared.kind != row.kind {
            let (profile, kind) = (&row.profile, row.kind.as_str());
            return cx.info(format!(
                "job {job} belongs to {profile}, {kind}; switch there first"
            ));
        }
        cx.go(ScreenId::Jobs, Some(Intent::ShowJob(job)));
    }
}
