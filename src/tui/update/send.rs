//! Sending: the one door through which a unit can be spent.
//!
//! ```text
//!  send ─► no profile, not signed in, the same still on its way ─► a sentence
//!       ─► checks, limit, sent before ─► a question with the numbers before and after ─► submit
//!       ─► submit
//! ```

use super::guide;
use crate::base::{DataCenter, Outcome};
use crate::enrichment::Draft;
use crate::enrichment::usage::UsageLevel;
use crate::tui::effects::{Ask, Checks, Effect, LimitRule, Submit};
use crate::tui::model::field::TextField;
use crate::tui::model::popup::{Confirm, Popup};
use crate::tui::model::profile::ProfileState;
use crate::tui::model::rich::grouped;
use crate::tui::model::{Env, InFlight, Level, Model};

pub(super) fn send(model: &mut Model, env: &mut Env) -> Vec<Effect> {
    let Some(profile) = model.profile() else {
        model.say(
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
        model.say(Level::Warning, text, env.uptime);
        guide::open(model, there);
        return Vec::new();
    }
    if let Some(trouble) = &model.ledger_trouble {
        let text = format!("nothing was sent: the ledger cannot be written: {trouble}");
        model.say(Level::Error, text, env.uptime);
        return Vec::new();
    }
    let draft = model.compose.draft();
    let is_under_way = model
        .in_flight
        .iter()
        .any(|flight| flight.submit.profile == name && flight.submit.draft == draft);
    if is_under_way {
        let text = "this request is on its way already; nothing more was sent";
        model.say(Level::Warning, text, env.uptime);
        return Vec::new();
    }
    let level = model.usage.as_ref().map(|figures| figures.usage.level());
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
    };
    match question(model, &submit, level) {
        Some(confirm) => {
            model.popups.push(Popup::Confirm(confirm));
            Vec::new()
        }
        None => go(model, submit),
    }
}

/// Sends what a question was about.
pub(super) fn go(model: &mut Model, submit: Submit) -> Vec<Effect> {
    model.in_flight.push(InFlight {
        submit: submit.clone(),
    });
    vec![Effect::Ask(Ask::Submit(Box::new(submit)))]
}

/// "1,012 → 1,013", or that the number is not known.
pub(crate) fn before_and_after(model: &Model) -> String {
    match &model.usage {
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

fn question(model: &Model, submit: &Submit, level: Option<UsageLevel>) -> Option<Confirm> {
    let mut lines = Vec::new();
    let mut question = None;
    if let Some(line) = sent_before(model, &submit.draft) {
        question = Some("Send the same inputs again?");
        lines.push(line);
    }
    if let Some(violation) = model.compose.first_error() {
        question = Some("Send although the server would refuse it?");
        lines.push(format!("{}: {}", violation.code, violation.hint));
    }
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
    let question = question?.to_owned();
    let limit = model
        .usage
        .as_ref()
        .map(|figures| format!(" of {}", grouped(figures.usage.limit)))
        .unwrap_or_default();
    lines.push(format!(
        "Spends 1 unit if accepted: {}{limit}",
        before_and_after(model)
    ));
    Some(Confirm {
        question,
        lines,
        typed: (submit.limit == LimitRule::Override).then(TextField::default),
        submit: submit.clone(),
    })
}

/// Whether one of the newest attempts asked for just this and spent a unit or may have.
fn sent_before(model: &Model, draft: &Draft) -> Option<String> {
    let line = model.log.lines.iter().take(LOOKED_AT).find(|line| {
        let row = &line.row;
        row.outcome.is_charged()
            && Some(&row.profile) == model.active.as_ref()
            && row.kind == draft.kind
            && row.module == draft.module.trim()
            && draft
                .given()
                .map(|(field, value)| (field.as_str(), value))
                .eq(row
                    .inputs
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str().into())))
    })?;
    let state = match line.row.outcome {
        Outcome::Sending => "is on its way".to_owned(),
        outcome => format!("is {outcome}"),
    };
    Some(format!(
        "Attempt {} of {} had the same inputs and {state}.",
        line.row.id,
        line.time.trim()
    ))
}

/// How many of the newest attempts are compared; the ledger compares all of a bulk run.
const LOOKED_AT: usize = 200;
