//! Sending: the one door through which a unit can be spent.
//!
//! ```text
//!  send ─► no profile, not signed in, the same still on its way ─► a sentence
//!       ─► refused, already, limit, doubtful ─► one question with the numbers before and after ─► submit
//!       ─► submit ─► the ledger knows of an earlier request ─► the same question
//! ```
//!
//! Whether the same was asked before is decided where the attempt is recorded; what the console has
//! heard of it only makes the question come at once.

use super::Console;
use crate::base::{EnrichmentKind, ErrorCode, Outcome};
use crate::config::ConfirmRule;
use crate::enrichment::doubt::doubts;
use crate::enrichment::usage::UsageLevel;
use crate::enrichment::verdict::{Seen, Word};
use crate::enrichment::{Field, FieldRef, Known, Severity, Violation, validate};
use crate::ledger::{AttemptRow, BudgetRule, Forced};
use crate::tui::app::cx::{Cx, Out};
use crate::tui::app::notice::{Failure, FailureKind, Level, Notice};
use crate::tui::app::op::{Freshness, Op, Submit, Submitted};
use crate::tui::app::shared::Shared;
use crate::tui::data::attempt::Attempt;
use crate::tui::data::profile::ProfileState;
use crate::tui::data::usage::UsageFigures;
use crate::tui::popups::dialog::Dialog;
use crate::tui::ui::text::grouped;

/// Columns of the question before a request.
const COLUMNS: u16 = 66;
/// The word that overrides the limit.
const OVERRIDE_WORD: &str = "override";

impl Console {
    pub(super) fn send(&mut self, cx: &mut Cx<'_>) {
        let shared = cx.shared;
        let Some(profile) = shared.profile() else {
            return cx.warn("set up a profile first; nothing was sent");
        };
        let name = profile.name.clone();
        if profile.state == ProfileState::NotSetUp {
            cx.warn(format!("{name} is not signed in; nothing was sent"));
            // Somebody may have signed in elsewhere; then the next key sends.
            cx.act(Op::LoadProfiles);
            return cx.out.push(Out::SetUp(profile.data_center));
        }
        if profile.is_read_only {
            return cx.warn(format!("{name} is read-only; nothing was sent"));
        }
        if let Some(trouble) = &shared.ledger_trouble {
            let text = format!("nothing was sent: the ledger is {trouble}");
            cx.say(Notice::error(text));
            // Somebody may have settled it since; then the next key sends.
            return cx.act(Op::LoadProfiles);
        }
        let draft = self.compose.draft(shared);
        let violations = validate(&draft, &self.compose.known);
        let is_same = |submit: &Submit| submit.profile == name && submit.draft == draft;
        if shared.in_flight().any(is_same) {
            return cx.warn("this request is on its way already; nothing more was sent");
        }
        let level = shared.usage().map(|figures| figures.usage.level());
        let submit = Submit {
            profile: name,
            checks: match violations.iter().any(is_error) {
                true => Forced::Yes,
                false => Forced::No,
            },
            limit: match level {
                Some(UsageLevel::Reached) => BudgetRule::Override,
                _ => BudgetRule::Hold,
            },
            draft,
            word: Word::default(),
        };
        if !self.asks(&submit, self.compose.seen(shared), cx) {
            cx.act(Op::Submit(Box::new(submit)));
        }
    }

    /// Asks what has to be asked before it is sent, or tells that whoever it asks about is to be
    /// left alone; false where nothing is to be said.
    fn asks(&self, submit: &Submit, seen: Option<&Seen>, cx: &mut Cx<'_>) -> bool {
        let mut matches = seen.iter().flat_map(|seen| &seen.matches);
        if let Some(found) = matches.find(|found| found.is_forgotten()) {
            let told = found.sentence(cx.env.now);
            cx.warn(format!("forgotten {told}; nothing was sent"));
            return true;
        }
        let known = &self.compose.known;
        let question = question(cx.shared, known, submit.clone(), (seen, cx.env.now));
        let is_asked = question.is_some();
        if let Some(question) = question {
            cx.open(question);
        }
        is_asked
    }

    /// The answer to a request: what became of it, or why nothing was sent.
    pub(super) fn submitted(
        &mut self,
        submit: &Submit,
        result: Result<Submitted, Failure>,
        cx: &mut Cx<'_>,
    ) {
        self.compose.look_soon(cx.env);
        match result {
            // Nothing was sent: the ledger knows of an earlier request that the console had not
            // heard of. The question names it, unless it came to nothing meanwhile.
            Ok(Submitted::Already(seen)) => {
                if !self.asks(submit, Some(&seen), cx) {
                    cx.warn("nothing was sent: an earlier request was in the way; send again");
                }
            }
            Ok(Submitted::Settled(row)) => self.settled(submit, &row, cx),
            Err(failure) if failure.kind == FailureKind::Full => cx.fail(&failure),
            Err(failure) => {
                // An answer that could not be recorded is in these words alone.
                cx.out.push(Out::Tell(failure.notice()));
                // A sign-in that is gone shows at the profile, and an attempt that was made in the log.
                cx.act(Op::LoadProfiles);
            }
        }
        self.log.ask_newest(cx);
        cx.out.push(Out::AskUsage(Freshness::Ledger));
    }

    fn settled(&mut self, submit: &Submit, row: &AttemptRow, cx: &mut Cx<'_>) {
        let (level, spent) = match row.outcome {
            Outcome::Scheduled => (Level::Info, "; 1 unit spent"),
            Outcome::Sending => (Level::Info, ""),
            Outcome::Rejected | Outcome::Throttled | Outcome::NotSent | Outcome::Absent => {
                (Level::Warning, "; nothing spent")
            }
            Outcome::Limit | Outcome::Denied => (Level::Error, "; nothing spent"),
            Outcome::Unknown => {
                let spent = "; it counts as spent until reconcile knows better";
                (Level::Error, spent)
            }
            Outcome::UnknownAccepted => (Level::Error, "; 1 unit spent, the job's id is not known"),
        };
        let code = match &row.code {
            Some(code) if row.outcome != Outcome::Scheduled => format!(" {code}"),
            _ => String::new(),
        };
        let text = format!("attempt {}: {}{code}{spent}", row.id, row.outcome);
        cx.say(Notice { level, text });
        if row.outcome == Outcome::Rejected {
            // The answer's details say which field it was about.
            self.compose.rejected = Some((row.id, submit.draft.clone()));
            self.compose.rejection.anew(Op::LoadAttempt(row.id), cx);
        }
    }

    /// Marks the field that the server refused, if the form still holds what was refused.
    pub(super) fn mark_refused(&mut self, attempt: &Attempt, shared: &Shared) {
        let row = &attempt.detail.row;
        let id = row.id;
        let Some((_, draft)) = self.compose.rejected.take_if(|(of, _)| *of == id) else {
            return;
        };
        let details = attempt.detail.details.as_deref();
        let details: Option<serde_json::Value> =
            details.and_then(|text| serde_json::from_str(text).ok());
        let text = |key: &str| details.as_ref()?.get(key)?.as_str();
        let field = text("json_path").and_then(Field::from_path);
        let place = match (field, text("param_name")) {
            (Some(field), _) => FieldRef::Input(field),
            (None, Some("module")) => FieldRef::Module,
            (None, Some("record_id")) => FieldRef::RecordId,
            (None, _) => FieldRef::Inputs,
        };
        let code = row.code.as_deref();
        if let Some(code) = code.filter(|_| self.compose.draft(shared) == draft) {
            let code = ErrorCode::from(code);
            let explained = || crate::enrichment::explain(&code).next_step.to_owned();
            let hint = row.said().map_or_else(explained, str::to_owned);
            self.compose.refused = Some(Violation {
                place,
                code,
                severity: Severity::Error,
                hint,
            });
        }
    }
}

fn is_error(violation: &Violation) -> bool {
    violation.severity == Severity::Error
}

/// One question that lists all that a person has to know; `None` where nothing is to be asked.
fn question(
    shared: &Shared,
    known: &Known,
    mut submit: Submit,
    (seen, now): (Option<&Seen>, crate::base::Timestamp),
) -> Option<Dialog> {
    let mut lines = Vec::new();
    let mut question = None;
    let violations = validate(&submit.draft, known);
    if let Some(violation) = violations.iter().find(|v| is_error(v)) {
        question = Some("Send although the server would refuse it?");
        lines.push(format!("{}: {}", violation.code, violation.hint));
    }
    if let Some(seen) = seen
        && !seen.matches.is_empty()
    {
        question = question.or(Some(match submit.draft.kind {
            EnrichmentKind::People => "Ask for the same person again?",
            EnrichmentKind::Org => "Ask for the same organisation again?",
        }));
        lines.extend(seen.told(now));
        submit.word = seen.overruled();
    }
    match shared.usage().map(|figures| figures.usage.level()) {
        Some(UsageLevel::Reached) => {
            question = Some("Send beyond the limit?");
            lines.push("The limit is reached; the server will most likely refuse.".to_owned());
        }
        Some(UsageLevel::Critical) => {
            question = question.or(Some("Send one of the last units?"));
        }
        Some(UsageLevel::Calm | UsageLevel::High) | None => {}
    }
    for doubt in doubts(&submit.draft) {
        question = question.or(Some("Send although a value is doubtful?"));
        lines.push(format!("{}: {}", doubt.place.as_str(), doubt.hint));
    }
    if is_guarded(shared, &submit) {
        let last = shared.last_sent.as_ref();
        let last = last.filter(|last| **last != submit.profile);
        lines.extend(last.map(|last| format!("You sent with {last} last.")));
        question = question.or(Some("Send with this profile?"));
    }
    let question = question?;
    let likenesses = seen.iter().flat_map(|seen| &seen.shared);
    lines.extend(likenesses.map(|likeness| likeness.sentence()));
    let of = |figures: &UsageFigures| format!(" of {}", grouped(figures.usage.limit));
    let limit = shared.usage().map(of).unwrap_or_default();
    lines.extend(shared.goes_to(&submit.profile));
    lines.push(format!(
        "Spends 1 unit if accepted: {}{limit}",
        shared.before_and_after()
    ));
    let mut dialog = Dialog::new(question, lines, "sends it")
        .leaves("sends nothing")
        .columns(COLUMNS);
    if submit.limit == BudgetRule::Override {
        dialog = dialog.typed(OVERRIDE_WORD, "");
    }
    Some(dialog.acts(Op::Submit(Box::new(submit))))
}

/// Whether the profile's own rule asks for a word although nothing speaks against the request.
fn is_guarded(shared: &Shared, submit: &Submit) -> bool {
    let Some(profile) = shared.profile_named(&submit.profile) else {
        return false;
    };
    match profile.confirm {
        ConfirmRule::Always => true,
        ConfirmRule::Never => false,
        ConfirmRule::First => {
            let is_last = shared.last_sent.as_ref() == Some(&profile.name);
            shared.all_profiles().count() > 1 && !is_last
        }
    }
}
