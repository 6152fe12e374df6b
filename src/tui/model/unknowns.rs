//! The attempts of which nobody can say whether they spent a unit, and what a person may decide.

use jiff::tz::TimeZone;

use super::Failure;
use super::log::{clock, short_id};
use crate::base::{AttemptId, EnrichmentKind, Outcome, ProfileName, Timestamp};
use crate::enrichment::Field;
use crate::ledger::Origin;
use crate::ops::unknowns::{Difference, Suspect, Unknown};
use crate::theme::Role;
use crate::tui::ui::text::{RichLine, fitted};
use crate::tui::ui::viewport::Viewport;

/// What reconcile said about an attempt that it could not settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The attempt.
    pub attempt: AttemptId,
    /// Why it stays unknown.
    pub why: String,
}

/// The unknowns and how they are looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknowns {
    /// Whose.
    pub profile: ProfileName,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// Oldest first; `None` until the ledger was read.
    pub list: Option<Vec<Unknown>>,
    /// Which of them are seen.
    pub view: Viewport,
    /// The selected one of its suspects.
    pub suspect: usize,
    /// The last question; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// Whether the server is being looked at.
    pub is_looking: bool,
    /// Whether reconcile is at work.
    pub is_settling: bool,
    /// What the last reconcile could not settle.
    pub findings: Vec<Finding>,
    /// Why the last look failed.
    pub failure: Option<Failure>,
}

/// What is told of the selected unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// From top to bottom.
    pub lines: Vec<RichLine>,
    /// The line of the selected suspect.
    pub selected: Option<usize>,
}

impl Unknowns {
    /// Nothing known yet.
    pub fn new(profile: ProfileName, kind: EnrichmentKind) -> Self {
        Self {
            profile,
            kind,
            list: None,
            view: Viewport::default(),
            suspect: 0,
            ticket: 0,
            is_looking: false,
            is_settling: false,
            findings: Vec::new(),
            failure: None,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.as_ref().map_or(0, Vec::len)
    }

    /// The selected attempt.
    pub fn selected(&self) -> Option<&Unknown> {
        self.list.as_ref()?.get(self.view.selected)
    }

    /// The selected one of its suspects.
    pub fn selected_suspect(&self) -> Option<&Suspect> {
        self.selected()?.suspects.get(self.suspect)
    }

    /// Takes another list; the selection stays with its attempt and its job.
    pub fn take(&mut self, list: Vec<Unknown>, rows: usize) {
        let attempt = self.selected().map(|unknown| unknown.attempt.id);
        let job = self.selected_suspect().map(|suspect| suspect.id.clone());
        let place = list
            .iter()
            .position(|unknown| Some(unknown.attempt.id) == attempt);
        self.view
            .select(place.unwrap_or(self.view.selected), list.len(), rows);
        self.list = Some(list);
        let place = self.selected().and_then(|unknown| {
            let mut suspects = unknown.suspects.iter();
            suspects.position(|suspect| Some(&suspect.id) == job.as_ref())
        });
        self.suspect = place.unwrap_or(0);
    }

    /// One line of the list.
    pub fn line(unknown: &Unknown, now: Timestamp, zone: &TimeZone, width: usize) -> RichLine {
        let attempt = &unknown.attempt;
        let until = clock(unknown.until, now, zone);
        let likely = unknown.suspects.iter().filter(|s| is_same(s)).count();
        let (role, state, short) = match (unknown.until > now, likely) {
            (true, _) => {
                let state = format!("too early until {}", until.trim());
                (Role::Warning, state, "too early")
            }
            (false, 0) => (Role::Ok, "can be reconciled".to_owned(), "ripe"),
            (false, 1) => (Role::Ok, "1 job has the same inputs".to_owned(), "1 job"),
            (false, n) => {
                let state = format!("{n} jobs have the same inputs");
                (Role::Warning, state, "jobs")
            }
        };
        let outcome = match attempt.outcome {
            Outcome::UnknownAccepted => "accepted",
            outcome => outcome.as_str(),
        };
        let room = width.saturating_sub(LINE_FIXED);
        let state = if room < STATE * 2 { short } else { &state };
        let who_columns = room.saturating_sub(state.len().max(9) + 2).min(40);
        let shown = fitted(&who(unknown), who_columns);
        let gap = who_columns.saturating_sub(unicode_width::UnicodeWidthStr::width(shown.as_str()));
        RichLine::new()
            .with(Role::Dim, &format!("{:<8}  ", clock(attempt.at, now, zone)))
            .with(Role::Text, &format!("{:>6}  ", attempt.id.0))
            .with(Role::Unknown, &format!("{outcome:<8}  "))
            .with(Role::Text, &format!("{shown}{}  ", " ".repeat(gap)))
            .with(role, state)
    }

    /// The selected one in full.
    pub fn sheet(&self, now: Timestamp, zone: &TimeZone, width: usize) -> Sheet {
        let Some(unknown) = self.selected() else {
            return Sheet::default();
        };
        let mut lines = sent(unknown);
        lines.push(labelled("module", &unknown.attempt.module));
        if let Origin::Row(run, row) = unknown.attempt.origin {
            lines.push(labelled("from", &format!("row {row} of run {run}")));
        }
        lines.extend(happened(unknown));
        lines.push(age(unknown, now, zone));
        let mut findings = self.findings.iter();
        if let Some(finding) = findings.find(|f| f.attempt == unknown.attempt.id) {
            lines.push(labelled("reconcile", &finding.why));
        }
        let mut lines: Vec<RichLine> = lines
            .iter()
            .flat_map(|line| line.wrapped(width, LABEL))
            .collect();
        lines.push(RichLine::new());
        lines.push(RichLine::new().with(Role::Accent, "Jobs that may be it"));
        let mut selected = None;
        for (index, suspect) in unknown.suspects.iter().enumerate() {
            let is_selected = index == self.suspect;
            if is_selected {
                selected = Some(lines.len());
            }
            let mark = if is_selected { "▌ " } else { "  " };
            lines.extend(suspect_lines((mark, suspect), now, zone, width));
        }
        if unknown.suspects.is_empty() {
            let text = if self.is_looking {
                "  asking the server for its jobs"
            } else {
                "  the server's list has no job of that time that is not accounted for"
            };
            lines.push(RichLine::new().with(Role::Dim, text));
        }
        Sheet { lines, selected }
    }
}

/// Columns of a line's time, number and outcome.
const LINE_FIXED: usize = 28;
/// Columns of its state in full.
const STATE: usize = 25;
/// Columns of the labels.
const LABEL: usize = 12;

fn labelled(label: &str, text: &str) -> RichLine {
    RichLine::new()
        .with(Role::Label, &format!("{label:<LABEL$}"))
        .with(Role::Text, text)
}

fn who(unknown: &Unknown) -> String {
    let given = unknown.draft.as_ref().and_then(|draft| {
        Field::likeliest().find_map(|field| draft.given().find(|(of, _)| *of == field))
    });
    given.map_or_else(|| "(purged)".to_owned(), |(_, value)| value.into_owned())
}

fn sent(unknown: &Unknown) -> Vec<RichLine> {
    let Some(draft) = &unknown.draft else {
        return vec![labelled("sent", "its inputs are no longer in the ledger")];
    };
    draft
        .given()
        .map(|(field, value)| labelled(field.as_str(), &value))
        .collect()
}

fn happened(unknown: &Unknown) -> Vec<RichLine> {
    let attempt = &unknown.attempt;
    let what = attempt.note.as_ref().or(attempt.message.as_ref());
    let mut lines: Vec<RichLine> = what
        .map(|what| labelled("happened", what))
        .into_iter()
        .collect();
    if attempt.outcome == Outcome::UnknownAccepted {
        let text = "the server said yes, so a unit is spent; only its job is not known";
        lines.push(labelled("accepted", text));
    }
    lines
}

fn age(unknown: &Unknown, now: Timestamp, zone: &TimeZone) -> RichLine {
    if unknown.until > now {
        let until = clock(unknown.until, now, zone);
        let text = format!("too early until {}: the job may still appear", until.trim());
        return RichLine::new()
            .with(Role::Label, &format!("{:<LABEL$}", "settle time"))
            .with(Role::Warning, &text);
    }
    labelled("settle time", "over; reconcile can tell")
}

fn is_same(suspect: &Suspect) -> bool {
    suspect.differences.as_ref().is_some_and(Vec::is_empty)
}

fn suspect_lines(
    (mark, suspect): (&str, &Suspect),
    now: Timestamp,
    zone: &TimeZone,
    width: usize,
) -> Vec<RichLine> {
    let created = suspect.created.map(|at| clock(at, now, zone));
    let mut line = RichLine::new()
        .with(Role::Accent, mark)
        .with(Role::Text, &format!("{}  ", short_id(suspect.id.as_str())))
        .with(Role::Dim, &format!("{:<8}  ", created.unwrap_or_default()));
    if let Some(by) = &suspect.created_by {
        line.push(Role::Dim, &format!("by {by}  "));
    }
    match suspect.differences.as_deref() {
        None => line.push(Role::Dim, "what it was made of is not read"),
        Some([]) => line.push(Role::Ok, "✓ same inputs"),
        Some(all) => {
            line.push(Role::Warning, "≠ ");
            let words: Vec<String> = all.iter().map(difference).collect();
            line.push(Role::Text, &words.join("; "));
        }
    }
    line.wrapped(width, 4)
}

fn difference(difference: &Difference) -> String {
    let Difference { field, sent, job } = difference;
    match (sent.is_empty(), job.is_empty()) {
        (true, _) => format!("{field} {job}, which was not sent"),
        (_, true) => format!("no {field}, where {sent} was sent"),
        (false, false) => format!("{field} {job} instead of {sent}"),
    }
}
