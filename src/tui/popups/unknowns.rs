//! The attempts of which nobody can say whether they spent a unit: looking, reconciling, and a
//! person's decisions, each asked about before it is made.

use ratatui::layout::Rect;

use crate::base::{AttemptId, Outcome, Scope};
use crate::enrichment::Field;
use crate::keymap::{Command, Context};
use crate::ledger::Origin;
use crate::ops::unknowns::{Candidate, Difference, UnknownAttempt};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Intent, Screen, ScreenId};
use crate::tui::app::notice::{Failure, Notice};
use crate::tui::app::op::{Decision, Freshness, Op, Payload, Reply};
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::Shared;
use crate::tui::data::unknown::Finding;
use crate::tui::popups::contexts;
use crate::tui::popups::dialog::Dialog;
use crate::tui::ui::columns::{Cell, Column, Width};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::list::{Drawn, List, Row, Selection};
use crate::tui::ui::painter::{Focus, Painter, from_column, inside, row, stacked, without_last};
use crate::tui::ui::text::{RichLine, clock, grouped, short_id};
use crate::tui::ui::viewport::Turn;

impl Row for UnknownAttempt {
    type Key = AttemptId;

    fn key(&self) -> AttemptId {
        self.attempt.id
    }
}

/// The unknowns and how they are looked at.
pub struct Unknowns {
    scope: Scope,
    /// Oldest first.
    list: List<UnknownAttempt>,
    is_read: bool,
    /// The selected one of its candidates.
    candidate: usize,
    /// The ledger's list; the server's look ends with it as well.
    ledger: Pending,
    server: Pending,
    /// Whether reconcile is at work.
    is_settling: bool,
    /// What the last reconcile could not settle.
    findings: Vec<Finding>,
    /// Why the last look failed.
    failure: Option<Failure>,
}

/// Its pane.
const LIST: &str = "unknowns";
/// Columns of the labels.
const LABEL: usize = 12;

impl Unknowns {
    /// What the ledger has at once, and then what the server's jobs say.
    pub fn open(scope: Scope, cx: &mut Cx<'_>) -> Self {
        let (mut ledger, mut server) = (Pending::default(), Pending::default());
        ledger.anew(question(&scope, Freshness::Ledger), cx);
        server.anew(question(&scope, Freshness::Server), cx);
        Self {
            scope,
            list: List::default(),
            is_read: false,
            candidate: 0,
            ledger,
            server,
            is_settling: false,
            findings: Vec::new(),
            failure: None,
        }
    }

    fn selected_suspect(&self) -> Option<&Candidate> {
        self.list.selected()?.candidates.get(self.candidate)
    }

    /// Takes another list; the selection stays with its attempt and its job.
    fn take(&mut self, list: Vec<UnknownAttempt>) {
        let job = self.selected_suspect().map(|job| job.id.clone());
        self.list.replace(list);
        self.is_read = true;
        let place = self.list.selected().and_then(|unknown| {
            let mut candidates = unknown.candidates.iter();
            candidates.position(|candidate| Some(&candidate.id) == job.as_ref())
        });
        self.candidate = place.unwrap_or(0);
    }

    fn adopt(&self, cx: &mut Cx<'_>) {
        let (Some(unknown), Some(candidate)) = (self.list.selected(), self.selected_suspect())
        else {
            return cx.info("there is no job to adopt; reconcile, or release it");
        };
        let (attempt, job) = (unknown.attempt.id, &candidate.id);
        let made = match candidate.differences.as_deref() {
            Some([]) => "It was made of the inputs that were sent.",
            Some(_) => "Its inputs are not those that were sent.",
            None => "What it was made of is not known.",
        };
        let lines = vec![
            format!("Attempt {attempt} becomes scheduled with job {job}."),
            made.to_owned(),
            // The job was counted as somebody else's beside the unknown; from now on they are one.
            decided(cx.shared, "One unit, counted once", ""),
        ];
        let question = Dialog::new("Adopt the job?", lines, "adopts it");
        self.ask(question, (attempt, Decision::Adopt(job.clone())), cx);
    }

    fn release(&self, cx: &mut Cx<'_>) {
        let Some(unknown) = self.list.selected() else {
            return;
        };
        let attempt = unknown.attempt.id;
        if !unknown.attempt.outcome.may_become(Outcome::Absent) {
            let text = "the server said yes to it, so its unit is spent and cannot be released";
            return cx.warn(text);
        }
        let mut lines = vec![format!(
            "Attempt {attempt} becomes absent, as if no job had been made."
        )];
        if unknown.until > cx.env.now {
            lines.push("Its settle time is not over: its job may still appear.".to_owned());
        }
        let mut candidates = unknown.candidates.iter();
        if candidates.any(|s| s.differences.as_ref().is_none_or(Vec::is_empty)) {
            lines.push("A job that may be it is on the server.".to_owned());
        }
        let (spent, or_else) = ("Releases its unit", "Releases its unit. ");
        lines.push(decided(cx.shared, spent, or_else));
        let question = Dialog::new("Release the unit?", lines, "releases it");
        self.ask(question, (attempt, Decision::Release), cx);
    }

    fn ask(&self, question: Dialog, on: (AttemptId, Decision), cx: &mut Cx<'_>) {
        let (attempt, decision) = on;
        cx.open(question.acts(Op::Decide {
            profile: self.scope.profile.clone(),
            attempt,
            decision,
        }));
    }

    /// Refills the form; the attempt stays what it is.
    fn compose_again(&self, cx: &mut Cx<'_>) {
        let selected = self.list.selected();
        let found = selected.map(|u| (u.attempt.id, u.draft.clone()));
        let Some((id, Some(draft))) = found else {
            return cx.warn("its inputs are no longer in the ledger");
        };
        cx.close();
        let text =
            format!("composed again from attempt {id}, which stays unknown; nothing was sent");
        let told = Some(Notice::warning(text));
        cx.go(ScreenId::Console, Some(Intent::Fill(Box::new(draft), told)));
    }

    fn next_suspect(&mut self, is_back: bool) {
        let selected = self.list.selected();
        let count = selected.map_or(0, |u| u.candidates.len()).max(1);
        let by = if is_back { count - 1 } else { 1 };
        self.candidate = (self.candidate + by) % count;
    }

    /// Where the list is, the rule below it, and the sheet.
    fn panes(&self, popup: Rect) -> [Rect; 3] {
        let inner = inside(popup);
        let wanted = u16::try_from(self.list.len().max(1)).unwrap_or(u16::MAX);
        let list = wanted.min(inner.height * 35 / 100).max(1);
        stacked(inner, [list, 1, u16::MAX])
    }

    fn draw_sheet(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let width = usize::from(area.width);
        let (mut lines, selected) = self.sheet(shared, width);
        lines.extend(self.failure.iter().flat_map(|failure| failure.lines(width)));
        // What is selected stays in sight where there is little room.
        let room = usize::from(area.height);
        let last = selected.map_or(room, |selected| selected + 2);
        let skipped = last.min(lines.len()).saturating_sub(room);
        for (index, line) in lines.iter().enumerate().skip(skipped).take(room) {
            let focus = (selected == Some(index)).then_some(Focus::Here);
            p.selectable(row(area, index - skipped), line, focus);
        }
    }

    /// The selected one in full, and the line of the selected candidate.
    fn sheet(&self, shared: &Shared, width: usize) -> (Vec<RichLine>, Option<usize>) {
        let Some(unknown) = self.list.selected() else {
            return (Vec::new(), None);
        };
        let attempt = &unknown.attempt;
        let mut told: Vec<(&str, Role, String)> = Vec::new();
        let mut tell = |label, text: &str| told.push((label, Role::Text, text.to_owned()));
        match &unknown.draft {
            Some(draft) => draft
                .given()
                .for_each(|(field, value)| tell(field.as_str(), &value)),
            None => tell("sent", "its inputs are no longer in the ledger"),
        }
        tell("module", &attempt.module);
        if let Origin::Row(run, row) = attempt.origin {
            tell("from", &format!("row {row} of run {run}"));
        }
        if let Some(what) = attempt.note.as_ref().or(attempt.message.as_ref()) {
            tell("happened", what);
        }
        if attempt.outcome == Outcome::UnknownAccepted {
            let text = "the server said yes, so a unit is spent; only its job is not known";
            tell("accepted", text);
        }
        let early = too_early(unknown, shared);
        let early = early.map(|text| (Role::Warning, format!("{text}: the job may still appear")));
        let (role, text) = early.unwrap_or((Role::Text, "over; reconcile can tell".to_owned()));
        told.push(("settle time", role, text));
        let mut findings = self.findings.iter();
        if let Some(finding) = findings.find(|f| f.attempt == attempt.id) {
            told.push(("reconcile", Role::Text, finding.why.clone()));
        }
        let mut lines: Vec<RichLine> = Vec::new();
        for (label, role, text) in told {
            let line = RichLine::of(Role::Label, &format!("{label:<LABEL$}"));
            lines.extend(line.with(role, &text).wrapped(width, LABEL));
        }
        lines.push(RichLine::new());
        lines.push(RichLine::of(Role::Accent, "Jobs that may be it"));
        let mut selected = None;
        for (index, candidate) in unknown.candidates.iter().enumerate() {
            let is_selected = index == self.candidate;
            if is_selected {
                selected = Some(lines.len());
            }
            let line = suspect_line(candidate, is_selected, shared);
            lines.extend(line.wrapped(width, 4));
        }
        if unknown.candidates.is_empty() {
            let text = match self.server.is_open() {
                true => "  asking the server for its jobs",
                false => "  the server's list has no job of that time that is not accounted for",
            };
            lines.push(RichLine::of(Role::Dim, text));
        }
        (lines, selected)
    }
}

fn question(scope: &Scope, from: Freshness) -> Op {
    let scope = scope.clone();
    Op::LoadUnknowns { scope, from }
}

impl Screen for Unknowns {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(Some(Context::Unknowns), false)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match command {
            Command::NextPart => self.next_suspect(false),
            Command::PreviousPart => self.next_suspect(true),
            Command::ReconcileNow if self.is_settling => {}
            Command::ReconcileNow => {
                self.is_settling = true;
                cx.act(Op::Reconcile(self.scope.clone()));
            }
            Command::Accept | Command::AdoptJob => self.adopt(cx),
            Command::ReleaseAttempt => self.release(cx),
            Command::ComposeUnknown => self.compose_again(cx),
            Command::Sort => self.list.sort_next(COLUMNS),
            command if self.list.on(command, Turn::Row) => self.candidate = 0,
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn fit(&mut self, area: Rect, _shared: &Shared) {
        let [list, ..] = self.panes(area);
        self.list.fit(usize::from(list.height), COLUMNS);
    }

    fn hit(&mut self, spot: &Spot, _cx: &mut Cx<'_>) {
        if let Spot::Row(LIST, name) = spot {
            self.list.press(name);
            self.candidate = 0;
        }
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        if let Op::Reconcile(scope) = &*reply.op
            && *scope == self.scope
        {
            self.is_settling = false;
            match &reply.result {
                Some(Ok(Payload::Reconcile(done))) => {
                    self.findings.clone_from(&done.open);
                    self.failure = None;
                }
                Some(Err(failure)) => self.failure = Some(failure.clone()),
                Some(Ok(_)) | None => {}
            }
            self.ledger_changed(cx);
            return Changed::Yes;
        }
        let from_server = self.server.take(reply, cx);
        if let Some(Ok(_)) = from_server {
            // What the ledger has not answered yet was asked before, so it is older.
            self.ledger.forget();
        }
        let result = from_server.or_else(|| self.ledger.take(reply, cx));
        match result {
            None => return Changed::No,
            Some(Ok(list)) => self.take(list),
            Some(Err(failure)) => self.failure = Some(failure),
        }
        Changed::Yes
    }

    fn ledger_changed(&mut self, cx: &mut Cx<'_>) {
        // A look at the server ends with the ledger's list, which is newer than this one.
        if !self.server.is_open() {
            let question = question(&self.scope, Freshness::Ledger);
            self.ledger.again(question, cx);
        }
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let [list, rule, sheet] = self.panes(area);
        p.pane(area, LIST);
        if self.list.is_empty() {
            let text = match (self.is_read, &self.failure) {
                (_, Some(failure)) => failure.to_string(),
                (false, None) => "reading the ledger".to_owned(),
                (true, None) => "nothing is unknown: every unit is accounted for".to_owned(),
            };
            return p.text(from_column(list, 1), Role::Dim, &text);
        }
        let how = Drawn {
            pane: LIST,
            selection: Selection::Ground(Focus::Here),
            look: shared,
        };
        self.list.draw(p, list, COLUMNS, &how);
        p.rule(area, rule);
        self.draw_sheet(shared, p, without_last(from_column(sheet, 1), 1));
    }

    fn about(&self) -> About {
        (
            "Settle unknowns",
            "The answers to these attempts were lost, so each counts as spent. {reconcile_now} \
             compares them with the server's jobs and settles what is certain; the rest is yours \
             to decide, with the candidates beside it.",
        )
    }

    fn title(&self, _shared: &Shared) -> String {
        let doing = match (self.is_settling, self.server.is_open()) {
            (true, _) => " · reconciling",
            (false, true) => " · asking the server",
            (false, false) => "",
        };
        match self.is_read {
            false => format!("Settle unknowns{doing}"),
            true => {
                let (count, profile) = (self.list.len(), &self.scope.profile);
                format!("Settle unknowns · {count} of {profile}{doing}")
            }
        }
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        let rows = u16::try_from(self.list.len()).unwrap_or(u16::MAX);
        (116, rows.saturating_add(24))
    }
}

/// Columns from which on the state is told in full.
const ROOMY: u16 = 78;

/// Whom it asked about; `state` columns stay for the state.
const fn whom(state: u16) -> Column<UnknownAttempt, Shared> {
    Column::new(
        "whom",
        Width::share(0, (40, 40), state),
        |unknown: &UnknownAttempt, _| Cell::new(Role::Text, who(unknown)),
    )
    .sorted(|a, b| who(a).cmp(&who(b)))
}

const COLUMNS: &[Column<UnknownAttempt, Shared>] = &[
    Column::new(
        "sent",
        Width::Fixed(8),
        |unknown: &UnknownAttempt, shared: &Shared| {
            let at = clock(unknown.attempt.at, shared.now, &shared.settings.zone);
            Cell::new(Role::Dim, at)
        },
    )
    .sorted(|a, b| a.attempt.at.cmp(&b.attempt.at)),
    Column::new("attempt", Width::Fixed(6), |unknown: &UnknownAttempt, _| {
        Cell::new(Role::Text, unknown.attempt.id.0.to_string())
    })
    .right(),
    Column::new("outcome", Width::Fixed(8), |unknown: &UnknownAttempt, _| {
        let outcome = match unknown.attempt.outcome {
            Outcome::UnknownAccepted => "accepted",
            outcome => outcome.as_str(),
        };
        Cell::new(Role::Unknown, outcome)
    })
    .sorted(|a, b| a.attempt.outcome.cmp(&b.attempt.outcome)),
    whom(25).from(ROOMY),
    whom(9).until(ROOMY),
    Column::new(
        "state",
        Width::Rest,
        |unknown: &UnknownAttempt, shared: &Shared| {
            let (role, state, _) = state(unknown, shared);
            Cell::new(role, state)
        },
    )
    .from(ROOMY),
    Column::new(
        "state",
        Width::Rest,
        |unknown: &UnknownAttempt, shared: &Shared| {
            let (role, _, short) = state(unknown, shared);
            Cell::new(role, short)
        },
    )
    .until(ROOMY),
];

/// Until when its job may still appear, while that is so.
fn too_early(unknown: &UnknownAttempt, shared: &Shared) -> Option<String> {
    let until = clock(unknown.until, shared.now, &shared.settings.zone);
    (unknown.until > shared.now).then(|| format!("too early until {}", until.trim()))
}

/// Whether it can be settled: in full and in short.
fn state(unknown: &UnknownAttempt, shared: &Shared) -> (Role, String, &'static str) {
    if let Some(text) = too_early(unknown, shared) {
        return (Role::Warning, text, "too early");
    }
    let is_same =
        |candidate: &&Candidate| candidate.differences.as_ref().is_some_and(Vec::is_empty);
    match unknown.candidates.iter().filter(is_same).count() {
        0 => (Role::Ok, "can be reconciled".to_owned(), "ripe"),
        1 => (Role::Ok, "1 job has the same inputs".to_owned(), "1 job"),
        n => (
            Role::Warning,
            format!("{n} jobs have the same inputs"),
            "jobs",
        ),
    }
}

fn who(unknown: &UnknownAttempt) -> String {
    let given = unknown.draft.as_ref().and_then(|draft| {
        Field::likeliest().find_map(|field| draft.given().find(|(of, _)| *of == field))
    });
    given.map_or_else(|| "(purged)".to_owned(), |(_, value)| value.into_owned())
}

/// What a decision means for the usage, or `or_else` where that is not known; and that it is recorded.
fn decided(shared: &Shared, what: &str, or_else: &str) -> String {
    let usage = match shared.usage().map(|figures| figures.usage.used) {
        Some(used) => {
            let after = grouped(used.saturating_sub(1));
            format!("{what}: {} → {after}. ", grouped(used))
        }
        None => or_else.to_owned(),
    };
    format!("{usage}The decision is recorded with your name.")
}

fn suspect_line(candidate: &Candidate, is_selected: bool, shared: &Shared) -> RichLine {
    let (now, zone) = (shared.now, &shared.settings.zone);
    let created = candidate.created.map(|at| clock(at, now, zone));
    let id = short_id(candidate.id.as_str());
    let mut line = RichLine::of(Role::Accent, if is_selected { "▌ " } else { "  " })
        .with(Role::Text, &format!("{id}  "))
        .with(Role::Dim, &format!("{:<8}  ", created.unwrap_or_default()));
    if let Some(by) = &candidate.created_by {
        line.push(Role::Dim, &format!("by {by}  "));
    }
    match candidate.differences.as_deref() {
        None => line.with(Role::Dim, "what it was made of is not read"),
        Some([]) => line.with(Role::Ok, "✓ same inputs"),
        Some(all) => {
            let words: Vec<String> = all.iter().map(difference).collect();
            line.with(Role::Warning, "≠ ")
                .with(Role::Text, &words.join("; "))
        }
    }
}

fn difference(difference: &Difference) -> String {
    let Difference { field, sent, job } = difference;
    match (sent.is_empty(), job.is_empty()) {
        (true, _) => format!("{field} {job}, which was not sent"),
        (_, true) => format!("no {field}, where {sent} was sent"),
        (false, false) => format!("{field} {job} instead of {sent}"),
    }
}

#[cfg(test)]
mod tests;
