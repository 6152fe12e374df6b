//! The Console: the form, the live log, the selected attempt, and the usage.

mod actions;
pub mod compose;
pub mod detail;
mod detail_text;
mod form;
mod json;
pub mod log;
pub mod questions;
mod send;
mod usage_pane;

use std::time::Duration;

use ratatui::layout::Rect;

use self::compose::Compose;
use self::detail::{Detail, Tab};
use self::log::Log;
use crate::base::{AttemptId, ProfileName};
use crate::bulk::rows as row;
use crate::enrichment::FieldRef;
use crate::keymap::{Command, Context};
use crate::tui::app::cx::{About, Changed, Cx, Handled, HoldsPeople, Intent, Out, Part, Screen};
use crate::tui::app::effect::Effect;
use crate::tui::app::notice::Notice;
use crate::tui::app::op::{Freshness, Op, Payload, Reply};
use crate::tui::app::shared::Shared;
use crate::tui::data::attempt::Attempt;
use crate::tui::layout::{is_wide, split};
use crate::tui::popups::filter::FilterPopup;
use crate::tui::popups::lists;
use crate::tui::screens::jobs::SEARCHING;
use crate::tui::ui::field::{Pasted, TextField};
use crate::tui::ui::form::turned;
use crate::tui::ui::hits::Spot;
use crate::tui::ui::list::Selection;
use crate::tui::ui::painter::{Focus, Painter, rows};
use crate::tui::ui::viewport::Turn;

/// Its panes for the mouse.
const FORM: &str = "form";
const LOG: &str = "log";
const DETAIL: &str = "detail";
/// The names of the detail's tabs.
const TABS: &str = "tabs";
/// Rows of the usage pane with its border.
const USAGE_ROWS: u16 = 6;

/// A pane of the console; on a small screen, a tab of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    #[default]
    Compose,
    Log,
    Detail,
}

/// The panes with their titles and their names for the mouse.
const PANES: [(Pane, &str, &str); 3] = [
    (Pane::Compose, "Compose", FORM),
    (Pane::Log, "Live log", LOG),
    (Pane::Detail, "Detail", DETAIL),
];

/// The Console.
#[derive(Default)]
pub struct Console {
    /// The pane with the focus.
    pub pane: Pane,
    pub compose: Compose,
    pub log: Log,
    pub detail: Detail,
}

/// Where the panes are, each with its border; one that is not seen has no place.
struct Panes {
    compose: Option<Rect>,
    usage: Option<Rect>,
    log: Option<Rect>,
    detail: Option<Rect>,
}

impl Console {
    fn panes(&self, body: Rect) -> Panes {
        if is_wide(body) {
            let width = (body.width * 34 / 100).clamp(40, 56);
            let right = Rect {
                x: body.x + width,
                width: body.width - width,
                ..body
            };
            let left = Rect { width, ..body };
            let (compose, usage) = split(left, body.height.saturating_sub(USAGE_ROWS - 1));
            let (log, detail) = split(right, (body.height * 45 / 100).max(8));
            return Panes {
                compose: Some(compose),
                usage: Some(usage),
                log: Some(log),
                detail: Some(detail),
            };
        }
        let seen = |pane| Some(body).filter(|_| self.pane == pane);
        let mut panes = Panes {
            compose: seen(Pane::Compose),
            usage: None,
            log: seen(Pane::Log),
            detail: seen(Pane::Detail),
        };
        if self.pane == Pane::Compose && body.height >= 13 + USAGE_ROWS {
            let (compose, usage) = split(body, body.height - USAGE_ROWS + 1);
            (panes.compose, panes.usage) = (Some(compose), Some(usage));
        }
        panes
    }

    /// Whether the form is in sight.
    pub fn shows_form(&self, body: Rect) -> bool {
        self.panes(body).compose.is_some()
    }

    /// Gives the focus to a pane; a detail that is opened is asked for.
    pub fn focus(&mut self, pane: Pane, cx: &mut Cx<'_>) {
        self.pane = pane;
        if pane == Pane::Detail {
            self.detail.ask(&self.log, cx);
        }
    }

    /// Another row is selected: its detail is wanted, and older rows if it is near the end.
    fn selected(&mut self, cx: &mut Cx<'_>) {
        self.detail.follow_key(&self.log, cx);
        self.log.read_on(cx);
    }

    fn in_form(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        let Some(left) = self.compose.form.on(command, true) else {
            return Handled::No;
        };
        self.left_field(left, cx);
        Handled::Yes
    }

    /// What is known of module and record may be of others now.
    fn left_field(&mut self, left: FieldRef, cx: &mut Cx<'_>) {
        if matches!(left, FieldRef::Module | FieldRef::RecordId) {
            self.compose.ask_configuration(cx);
        }
    }

    /// Whether texts go to the form.
    fn is_in_form(&self) -> bool {
        self.pane == Pane::Compose && !self.log.search.is_open()
    }

    fn in_log(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if !self.log.list.on(command, cx.shared.settings.turn) {
            return Handled::No;
        }
        self.selected(cx);
        Handled::Yes
    }

    /// Goes to an attempt in the log.
    fn show_attempt(&mut self, attempt: AttemptId, part: Option<Part>, cx: &mut Cx<'_>) {
        self.focus(Pane::Log, cx);
        if self.log.go_to(attempt, cx) {
            self.selected(cx);
        }
        if part == Some(Part::Job) {
            self.detail.turn(Tab::Job, cx);
        }
        if part == Some(Part::Open) {
            self.focus(Pane::Detail, cx);
        }
    }

    /// The editor gave the request back.
    pub fn edited(&mut self, result: Result<String, String>, cx: &mut Cx<'_>) {
        let before = self.compose.draft(cx.shared);
        match result.and_then(|text| before.with_json(&text)) {
            Ok(draft) if draft == before => cx.info("the request is unchanged"),
            Ok(draft) => {
                self.compose.fill(&draft, cx);
                cx.info("the form holds what was edited; nothing was sent");
            }
            Err(text) => cx.say(Notice::error(format!("{text}; the form is as it was"))),
        }
    }

    /// Another profile is on screen.
    pub fn profile_changed(&mut self, name: &ProfileName, is_first: bool, cx: &mut Cx<'_>) {
        self.log.show_profile(name, cx);
        self.detail.want(None);
        self.compose.profile_changed(name, is_first, cx);
    }
}

impl Screen for Console {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        if self.log.search.is_open() {
            return crate::tui::popups::contexts(None, true);
        }
        let own: &[Context] = match self.pane {
            Pane::Compose if self.compose.is_at_module() => {
                &[Context::Module, Context::Form, Context::Text]
            }
            Pane::Compose => &[Context::Form, Context::Text],
            Pane::Log => &[Context::Log, Context::List],
            Pane::Detail => &[Context::Detail, Context::List],
        };
        let always = [Context::Screen, Context::Always];
        own.iter().copied().chain(always).collect()
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if self.log.search.on(command) {
            self.selected(cx);
            return Handled::Yes;
        }
        if self.log.search.is_open() {
            return self.in_log(command, cx);
        }
        match command {
            Command::Send => self.send(cx),
            Command::EditJson => {
                let draft = self.compose.draft(cx.shared);
                cx.effect(Effect::OpenEditor(draft.to_editor_json()));
            }
            Command::FillFromRecord => self.find_record(cx),
            Command::ClearForm => self.compose.clear(cx),
            Command::RestoreForm => self.compose.restore(cx),
            Command::ChooseModule => self.compose.choose_module(cx),
            Command::NextPane => {
                let all = PANES.map(|(pane, ..)| pane);
                self.focus(turned(&all, self.pane, 1), cx);
            }
            Command::OpenAttempt => self.focus(Pane::Detail, cx),
            Command::WriteRequest => self.focus(Pane::Compose, cx),
            Command::Filter => {
                self.pane = Pane::Log;
                cx.open(FilterPopup::new(&self.log.filter, cx.shared));
            }
            Command::Search => {
                self.pane = Pane::Log;
                let before = self.log.filter.search.as_deref();
                self.log.search.open(before.unwrap_or_default());
            }
            Command::ComposeAgain => self.compose_again(cx),
            Command::ForgetPerson => self.forget_person(cx),
            Command::Copy => {
                if let Some(row) = self.log.list.selected() {
                    cx.open(lists::copies(row.id, row.job_id.as_ref()));
                    self.detail.ask(&self.log, cx);
                }
            }
            Command::GoToJob => self.go_to_job(cx),
            Command::Follow => {
                self.log.list.select(0);
                self.selected(cx);
            }
            Command::NextTab => self.detail.turn_by(1, cx),
            Command::PreviousTab => self.detail.turn_by(-1, cx),
            Command::RefreshUsage if cx.shared.active.is_some() => {
                cx.out.push(Out::AskUsage(Freshness::Server));
                self.detail.refresh_job(cx);
            }
            Command::Back => match self.pane {
                Pane::Compose | Pane::Detail => self.focus(Pane::Log, cx),
                Pane::Log if self.log.is_filtered() => self.log.show_all(cx),
                Pane::Log => self.focus(Pane::Compose, cx),
            },
            command => {
                return match self.pane {
                    Pane::Compose => self.in_form(command, cx),
                    Pane::Log => self.in_log(command, cx),
                    Pane::Detail => Handled::when(self.detail.pager.on(command)),
                };
            }
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        match (&mut self.log.search.field, self.pane) {
            (Some(field), _) => Some(field),
            (None, Pane::Compose) => self.compose.form.focused_mut(),
            (None, Pane::Log | Pane::Detail) => None,
        }
    }

    fn text_changed(&mut self, cx: &mut Cx<'_>) {
        match self.log.search.is_open() {
            true => self.log.search_typed(cx),
            false => self.compose.changed(cx),
        }
    }

    fn typed(&mut self, c: char, cx: &mut Cx<'_>) -> Handled {
        // A module's name has no space, so the key is free to open the list.
        if c == ' ' && self.is_in_form() && self.compose.is_at_module() {
            self.compose.choose_module(cx);
            return Handled::Yes;
        }
        let is_taken = self.text_field().is_some_and(|field| field.insert(c));
        if is_taken {
            self.text_changed(cx);
        }
        Handled::when(is_taken)
    }

    /// A row of a spreadsheet fills the form, after a question; everything else is text.
    fn paste(&mut self, text: &str, cx: &mut Cx<'_>) -> Option<Pasted> {
        let pasted = row::pasted(text, cx.shared.kind);
        if let Some(mut draft) = pasted.filter(|_| self.is_in_form()) {
            self.compose.module().clone_into(&mut draft.module);
            cx.open(questions::offered(draft));
            return None;
        }
        let pasted = self.text_field()?.paste(text)?;
        self.text_changed(cx);
        Some(pasted)
    }

    fn fit(&mut self, area: Rect, shared: &Shared) {
        let panes = self.panes(area);
        self.log.list.fit(rows(panes.log), log::COLUMNS);
        self.detail.fit(panes.detail, shared);
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let panes = self.panes(area);
        let focus = |pane| Focus::when(self.pane == pane);
        p.borders(&[
            (panes.usage, Focus::Elsewhere),
            (panes.compose, focus(Pane::Compose)),
            (panes.log, focus(Pane::Log)),
            (panes.detail, focus(Pane::Detail)),
        ]);
        if let Some(area) = panes.usage {
            usage_pane::draw(shared, p, area);
        }
        if let Some(area) = panes.compose {
            let has_focus = self.pane == Pane::Compose;
            form::draw(&self.compose, shared, p, (area, has_focus));
        }
        if let Some(area) = panes.log {
            // Over a line where every row that changes its ground counts, the ground follows where
            // the selection rests.
            let is_far = shared.settings.turn == Turn::QuarterPage;
            let selection = if is_far && self.detail.rests_at.is_some() {
                Selection::Sign
            } else {
                Selection::Ground(focus(Pane::Log))
            };
            self.log.draw(shared, p, area, selection);
        }
        if let Some(area) = panes.detail {
            self.detail.draw(p, area);
        }
    }

    fn tabs(&self, body: Rect) -> Vec<(&'static str, bool, &'static str)> {
        if is_wide(body) {
            return Vec::new();
        }
        let tab = |(pane, title, spot)| (title, pane == self.pane, spot);
        PANES.map(tab).to_vec()
    }

    fn about(&self) -> About {
        if self.log.search.is_open() {
            return SEARCHING;
        }
        match self.pane {
            Pane::Compose => (
                "Console, the form",
                "Fill in what is known and press {send}. The lines below the fields say what the \
                 server would answer and what it would cost before anything is sent. Neither Enter \
                 nor a paste sends.",
            ),
            Pane::Log => (
                "Console, the live log",
                "Every attempt of this profile, newest first, also those that others of this host \
                 send. It follows the newest until you move; {follow} follows again.",
            ),
            Pane::Detail => (
                "Console, the detail",
                "The selected attempt: what its answer means and what to do, then the request, the \
                 response, the headers and the job. What came from Zoho is shown as it came.",
            ),
        }
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        match spot {
            Spot::Row(FORM, name) => {
                self.focus(Pane::Compose, cx);
                let mut keys = self.compose.form.keys().into_iter();
                let key = keys.find(|key| key.as_str() == name);
                if let Some(left) = key.and_then(|key| self.compose.form.go_to(key)) {
                    self.left_field(left, cx);
                }
            }
            Spot::Row(LOG, name) => {
                let had_focus = self.pane == Pane::Log;
                self.focus(Pane::Log, cx);
                if self.log.list.press(name) && had_focus {
                    self.focus(Pane::Detail, cx);
                } else {
                    self.selected(cx);
                }
            }
            Spot::Row(TABS, name) => {
                self.focus(Pane::Detail, cx);
                self.detail.hit(name, cx);
            }
            spot => {
                let mut all = PANES.iter();
                if let Some((pane, ..)) = all.find(|(_, _, name)| *name == spot.pane()) {
                    self.focus(*pane, cx);
                }
            }
        }
    }

    fn wheel(&mut self, spot: &Spot, command: Command, cx: &mut Cx<'_>) {
        match spot.pane() {
            LOG => drop(self.in_log(command, cx)),
            DETAIL | TABS => drop(self.detail.pager.on(command)),
            _ => {}
        }
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        let op = reply.op.clone();
        if let Op::Submit(submit) = &*op {
            match reply.result.take() {
                Some(Ok(Payload::Submit(done))) => self.submitted(submit, Ok(done), cx),
                Some(Err(failure)) => self.submitted(submit, Err(failure), cx),
                Some(Ok(_)) | None => {}
            }
            return Changed::Yes;
        }
        if let Some(result) = self.compose.rejection.take::<Attempt>(reply, cx) {
            match result {
                Ok(attempt) => self.mark_refused(&attempt, cx.shared),
                Err(_) => self.compose.rejected = None,
            }
        } else if self.log.reply(reply, cx) == Changed::Yes {
            self.detail.follow_selection(&self.log, cx);
        } else if self.compose.reply(reply, cx) == Changed::No {
            return self.detail.reply(reply, &self.log, cx);
        }
        Changed::Yes
    }

    fn intent(&mut self, intent: Intent, cx: &mut Cx<'_>) -> Option<Intent> {
        match intent {
            Intent::ShowAttempt(id, part) => self.show_attempt(id, part, cx),
            Intent::Fill(draft, told) => {
                self.compose.fill(&draft, cx);
                if let Some(told) = told {
                    cx.say(told);
                    self.focus(Pane::Compose, cx);
                }
            }
            Intent::Module(module) => self.compose.set_module(&module, cx),
            Intent::Copy(id, what) => {
                let mut rows = self.log.list.rows.iter();
                let row = rows.find(|row| row.id == id);
                self.detail.copy(row, (id, what), cx);
            }
            Intent::Filter(filter) => self.log.apply(*filter, cx),
            other => return Some(other),
        }
        None
    }

    fn left(&mut self) {
        self.log.search.close();
    }

    /// What depends on profile and kind is asked for.
    fn scope_changed(&mut self, cx: &mut Cx<'_>) {
        if let Some(scope) = cx.shared.scope() {
            self.compose.scope_changed(scope, cx);
        }
    }

    fn ledger_changed(&mut self, cx: &mut Cx<'_>) {
        self.detail.forget_near();
        self.log.ask_newest(cx);
    }

    fn due(&self, _shared: &Shared) -> Option<Duration> {
        let all = [self.compose.due(), self.detail.rests_at];
        all.into_iter().flatten().min()
    }

    fn tick(&mut self, cx: &mut Cx<'_>) {
        self.detail.tick(&self.log, cx);
        self.compose.tick(cx);
    }
}

impl HoldsPeople for Console {
    fn forget_people(&mut self) {
        self.log.forget_people();
        self.detail.forget_people();
    }
}

#[cfg(test)]
mod tests;
