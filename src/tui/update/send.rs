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

use super::guide;
use crate::base::{DataCenter, EnrichmentKind, ProfileName};
use crate::config::ConfirmRule;
use crate::enrichment::doubt::doubts;
use crate::enrichment::usage::UsageLevel;
use crate::enrichment::verdict::{Seen, Word};
use crate::enrichment::{Severity, validate};
use crate::tui::data::profile::ProfileState;
use crate::tui::effects::{Ask, Checks, Effect, LimitRule, Submit};
use crate::tui::model::popup::{Confirm, Popup};
use crate::tui::model::{Env, InFlight, Level, Model};
use crate::tui::ui::field::TextField;
use crate::tui::ui::text::grouped;

pub(super) fn send(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(profile) = model.shared.profile() else {
        model.shared.say(
            Level::Warning,
            "set up a profile first; nothing was sent",
            env.uptime,
        );
        return Vec::new();
    };
    let name = profile.name.clone();
    if profile.state == ProfileState::NotSetUp {
        let there: DataCenter = profile.data_center;
        let text = format!("{name} is not signed in; nothing was sent");
        model.shared.say(Level::Warning, text, env.uptime);
        guide::open(model, there);
        return Vec::new();
    }
    if profile.is_read_only {
        let text = format!("{name} is read-only; nothing was sent");
        model.shared.say(Level::Warning, text, env.uptime);
        return Vec::new();
    }
    if let Some(trouble) = &model.shared.ledger_trouble {
        let text = format!("nothing was sent: the ledger is {trouble}");
        model.shared.say(Level::Error, text, env.uptime);
        // Somebody may have settled it since; then the next key sends.
        return vec![Effect::Ask(Ask::Profiles)];
    }
    let draft = model.compose.draft();
    let is_under_way = model
        .in_flight
        .iter()
        .any(|flight| flight.submit.profile == name && flight.submit.draft == draft);
    if is_under_way {
        let text = "this request is on its way already; nothing more was sent";
        model.shared.say(Level::Warning, text, env.uptime);
        return Vec::new();
    }
    let level = model
        .shared
        .usage
        .as_ref()
        .map(|figures| figures.usage.level());
    let submit = Submit {
        ticket: env.ticket(),
        profile: name,
        checks: match model.compose.first_error() {
            Some(_) => Checks::Forced,
            None => Checks::Hold,
        },
        limit: match level {
            Some(UsageLevel::Reached) => LimitRule::Override,
            _ => LimitRule::Hold,
        },
        draft,
        word: Word::default(),
    };
    model.shared.tell_time(env);
    let seen = model.compose.seen_by(model.shared.active.as_ref()).cloned();
    if is_left_alone(model, seen.as_ref(), env) {
        return Vec::new();
    }
    match question(model, submit.clone(), seen.as_ref()) {
        Some(confirm) => {
            model.popups.push(Popup::Confirm(confirm));
            Vec::new()
        }
        None => go(model, submit),
    }
}

/// Nothing was sent: the ledger knows of an earlier request that the console had not heard of. The
/// question names it.
pub(super) fn already(model: &mut Model, (ticket, seen): (u64, &Seen), env: &Env) {
    model.shared.tell_time(env);
    let place = model
        .in_flight
        .iter()
        .position(|flight| flight.submit.ticket == ticket);
    let Some(flight) = place.map(|place| model.in_flight.remove(place)) else {
        return;
    };
    if is_left_alone(model, Some(seen), env) {
        return;
    }
    match question(model, flight.submit, Some(seen)) {
        Some(confirm) => model.popups.push(Popup::Confirm(confirm)),
        // It came to nothing meanwhile.
        None => {
            let text = "nothing was sent: an earlier request was in the way; send again";
            model.shared.say(Level::Warning, text, env.uptime);
        }
    }
}

/// Whether whoever it asks about is to be left alone; then it is told, and there is no question.
fn is_left_alone(model: &mut Model, seen: Option<&Seen>, env: &Env) -> bool {
    let found = seen.and_then(|seen| seen.matches.iter().find(|found| found.is_forgotten()));
    if let Some(found) = found {
        let text = format!(
            "forgotten {}; nothing was sent",
            found.sentence(model.shared.now)
        );
        model.shared.say(Level::Warning, text, env.uptime);
    }
    found.is_some()
}

/// Sends what a question was about.
pub(super) fn go(model: &mut Model, submit: Submit) -> Vec<Effect> {
    model.shared.last_sent = Some(submit.profile.clone());
    model.in_flight.push(InFlight {
        submit: submit.clone(),
    });
    vec![Effect::Ask(Ask::Submit(Box::new(submit)))]
}

/// "1,012 → 1,013", or that the number is not known.
pub(crate) fn before_and_after(model: &Model) -> String {
    match &model.shared.usage {
        Some(figures) => {
            let usage = &figures.usage;
            format!(
                "{} → {}",
                grouped(usage.used),
                grouped(usage.used.saturating_add(1))
            )
        }
        None => "usage not known yet".to_owned(),
    }
}

/// One question that lists all that a person has to know; `None` where nothing is to be asked.
fn question(model: &Model, mut submit: Submit, seen: Option<&Seen>) -> Option<Confirm> {
    let mut lines = Vec::new();
    let mut question = None;
    let violations = validate(&submit.draft, &model.compose.known);
    if let Some(violation) = violations.iter().find(|v| v.severity == Severity::Error) {
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
        lines.extend(seen.told(model.shared.now));
        submit.word = seen.overruled();
    }
    let level = model
        .shared
        .usage
        .as_ref()
        .map(|figures| figures.usage.level());
    match level {
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
    if is_guarded(model, &submit) {
        let profile = &submit.profile;
        lines.extend(match &model.shared.last_sent {
            Some(last) if last != profile => Some(format!("You sent with {last} last.")),
            Some(_) | None => None,
        });
        question = question.or(Some("Send with this profile?"));
    }
    let question = question?.to_owned();
    for shared in seen.iter().flat_map(|seen| &seen.shared) {
        lines.push(shared.sentence());
    }
    let limit = model
        .shared
        .usage
        .as_ref()
        .map(|figures| format!(" of {}", grouped(figures.usage.limit)))
        .unwrap_or_default();
    lines.extend(with_whom(model, &submit.profile));
    lines.push(format!(
        "Spends 1 unit if accepted: {}{limit}",
        before_and_after(model)
    ));
    Some(Confirm {
        question,
        lines,
        typed: (submit.limit == LimitRule::Override).then(TextField::default),
        submit,
    })
}

/// Whether the profile's own rule asks for a word although nothing speaks against the request.
fn is_guarded(model: &Model, submit: &Submit) -> bool {
    let all = model.shared.profiles.as_deref().unwrap_or_default();
    let Some(profile) = all.iter().find(|profile| profile.name == submit.profile) else {
        return false;
    };
    match profile.confirm {
        ConfirmRule::Always => true,
        ConfirmRule::Never => false,
        ConfirmRule::First => {
            all.len() > 1 && model.shared.last_sent.as_ref() != Some(&profile.name)
        }
    }
}

/// Whom it goes to: profile, environment and organisation.
pub(super) fn with_whom(model: &Model, name: &ProfileName) -> Option<String> {
    let mut all = model.shared.profiles.iter().flatten();
    let profile = all.find(|profile| profile.name == *name)?;
    let ((_, where_to), organisation) = (profile.destination(), profile.organisation());
    Some(format!("Goes to {where_to} · {organisation}"))
}
