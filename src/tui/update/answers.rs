//! Answers of the backstage and of the terminal.

use std::time::Duration;

use super::{
    compose, detail, forget, guide, job_sheet, jobs, log, mouse, pick, place, profile, records,
    runs, send, setup, unanswered, unknowns, usage_screen,
};
use crate::base::{EnrichmentKind, ErrorCode, Outcome, ProfileName};
use crate::enrichment::{Field, Place, Severity, Violation};
use crate::tui::app::poll::Brought;
use crate::tui::data::attempt::{Attempt, LogPage, LogRow};
use crate::tui::data::usage::UsageFigures;
use crate::tui::effects::{Ask, Effect, Freshness};
use crate::tui::layout;
use crate::tui::model::{Env, Failure, Level, Model};
use crate::tui::msg::Msg;

/// Figures older than this are asked for again when a profile is shown.
const USAGE_STALE: Duration = Duration::from_secs(600);

pub(super) fn on(model: &mut Model, answer: Msg, env: &mut Env) -> Vec<Effect> {
    match answer {
        Msg::Edited(result) => return edited(model, result, env),
        Msg::Copied(result) => tell(model, result, env),
        Msg::Themed(read) => return pick::themed(model, *read, env),
        Msg::Refused(ask) => unanswered::refused(model, *ask, env),
        Msg::Broken(ask) => return unanswered::broken(model, *ask, env),
        Msg::Profiles(Ok(profiles)) => return profile::take(model, profiles, env),
        Msg::Profiles(Err(failure)) => fail(model, &failure, env),
        Msg::Draft(kept) => compose::offer(model, kept.map(|kept| *kept), env),
        Msg::Dispatched { row, .. } => return put(model, *row, env),
        Msg::Looked {
            profile,
            draft,
            seen,
        } => {
            model.shared.tell_time(env);
            model.compose.seen = seen.map(|seen| (profile, *draft, *seen));
        }
        Msg::Already { ticket, seen } => {
            send::already(model, (ticket, &seen), env);
        }
        Msg::Submitted { ticket, result } => return submitted(model, ticket, result, env),
        Msg::Log { ticket, result } => return page(model, ticket, result, env),
        Msg::Attempt { id, result } => {
            model.detail.asked = None;
            return attempt(model, id, result, env);
        }
        Msg::Job { job, result } => {
            if model.detail.job_id.as_ref() == Some(&job) {
                model.detail.job = Some(result.map_err(|failure| failure.to_string()));
                detail::lay_out(model);
            }
        }
        Msg::Jobs { ticket, result } => return jobs::page(model, ticket, result, env),
        Msg::JobsLooked {
            profile,
            kind,
            result,
        } => {
            if model.jobs.of == Some((profile, kind)) {
                return jobs::looked(model, result, env);
            }
        }
        Msg::JobSheet {
            profile,
            kind,
            job,
            freshness,
            result,
        } => {
            if model.jobs.of == Some((profile, kind)) {
                return job_sheet::take(model, (&job, freshness), result, env);
            }
        }
        Msg::Modules {
            profile,
            kind,
            result,
        } => {
            if is_here(model, &profile, kind) {
                modules(model, result, env);
            }
        }
        Msg::Configuration {
            profile,
            kind,
            of,
            result,
        } => {
            if is_here(model, &profile, kind) && model.compose.configuration_of == of {
                // Without the scope for it nothing is known, and nothing is claimed.
                let found = result.ok();
                model.compose.held = found.as_ref().and_then(|found| found.held.clone());
                model.compose.known.configuration = found.map(|found| found.configuration);
                model.compose.check();
            }
        }
        Msg::Usage {
            profile,
            kind,
            result,
        } => {
            if is_here(model, &profile, kind) {
                return usage(model, result, env);
            }
        }
        Msg::Person(result) => forget::found(model, result, env),
        Msg::Forgotten(result) => return forget::done(model, result, env),
        Msg::Setup(msg) => return setup::take(model, msg, env),
        Msg::Runs(msg) => return runs::take(model, msg, env),
        Msg::Unknowns {
            ticket,
            profile,
            kind,
            result,
        } => unknowns::take(model, (&profile, kind), ticket, result),
        Msg::Reconciled(result) => return unknowns::reconciled(model, result, env),
        Msg::UsageSheet {
            profile,
            kind,
            result,
        } => {
            if model.usage_screen.of == Some((profile, kind)) {
                return usage_screen::take(model, result, env);
            }
        }
        Msg::Records { ticket, result } => records::take(model, ticket, result),
        Msg::SignedIn(result) => return guide::signed_in(model, result, env),
        Msg::LedgerChanged => {
            detail::forget_near(model);
            let mut effects = log::ask_newest(model, env);
            effects.extend(ask_usage(model, Freshness::Ledger));
            effects.extend(unknowns::ledger_changed(model, env));
            effects.extend(place::ledger_changed(model, env));
            return effects;
        }
        Msg::Ledger(trouble) => {
            if model.shared.ledger_trouble.is_some() && trouble.is_none() {
                let text = "the ledger may be used for sending again";
                model.shared.say(Level::Info, text, env.uptime);
            }
            model.shared.ledger_trouble = trouble;
        }
        Msg::Notice { level, text } => model.shared.say(level, text, env.uptime),
        // These are taken before they come here.
        Msg::Key { .. }
        | Msg::Paste { .. }
        | Msg::QuestionOut { .. }
        | Msg::Mouse(_)
        | Msg::Resize { .. }
        | Msg::Resumed
        | Msg::ThemesChanged
        | Msg::TerminalLost
        | Msg::Tick => {}
    }
    Vec::new()
}

fn is_here(model: &Model, profile: &ProfileName, kind: EnrichmentKind) -> bool {
    model.shared.active.as_ref() == Some(profile) && model.shared.kind() == kind
}

fn fail(model: &mut Model, failure: &Failure, env: &Env) {
    model
        .shared
        .say(Level::Error, failure.to_string(), env.uptime);
}

fn tell(model: &mut Model, result: Result<String, String>, env: &Env) {
    match result {
        Ok(text) => model.shared.say(Level::Info, text, env.uptime),
        Err(text) => model.shared.say(Level::Error, text, env.uptime),
    }
}

fn edited(model: &mut Model, result: Result<String, String>, env: &mut Env) -> Vec<Effect> {
    let draft = result.and_then(|text| model.compose.draft().with_json(&text));
    let mut effects = vec![Effect::Redraw];
    effects.extend(mouse::again(model));
    match draft {
        Ok(draft) if draft == model.compose.draft() => {
            model
                .shared
                .say(Level::Info, "the request is unchanged", env.uptime);
        }
        Ok(draft) => {
            effects.extend(compose::fill(model, &draft, env));
            let text = "the form holds what was edited; nothing was sent";
            model.shared.say(Level::Info, text, env.uptime);
        }
        Err(text) => {
            let text = format!("{text}; the form is as it was");
            model.shared.say(Level::Error, text, env.uptime);
        }
    }
    effects
}

/// A row came or changed; the detail follows it.
fn put(model: &mut Model, row: LogRow, env: &mut Env) -> Vec<Effect> {
    let id = row.id;
    let is_shown = model
        .log
        .put(row, env.now, &model.shared.settings.zone.clone());
    let (count, rows) = (model.log.lines.len(), layout::log_rows(model));
    model.log.view.settle(count, rows);
    let mut effects = if is_shown {
        detail::follow_selection(model)
    } else {
        log::ask_newest(model, env)
    };
    if model.detail.wanted == Some(id) && effects.is_empty() {
        effects.extend(detail::ask_again(model));
    }
    effects
}

pub(super) fn submitted(
    model: &mut Model,
    ticket: u64,
    result: Result<Box<LogRow>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let place = model
        .in_flight
        .iter()
        .position(|flight| flight.submit.ticket == ticket);
    let flight = place.map(|place| model.in_flight.remove(place));
    super::compose::look_soon(model, env);
    let row = match result {
        Ok(row) => *row,
        Err(failure) => {
            // An answer that could not be recorded is in these words alone.
            super::popup::tell_whole(model, Level::Error, failure.to_string(), env);
            // A sign-in that is gone shows at the profile, and an attempt that was made in the log.
            let mut effects = vec![Effect::Ask(Ask::Profiles)];
            effects.extend(log::ask_newest(model, env));
            effects.extend(ask_usage(model, Freshness::Ledger));
            return effects;
        }
    };
    let level = match row.outcome {
        Outcome::Scheduled | Outcome::Sending => Level::Info,
        Outcome::Rejected | Outcome::Throttled | Outcome::NotSent | Outcome::Absent => {
            Level::Warning
        }
        Outcome::Limit | Outcome::Denied | Outcome::Unknown | Outcome::UnknownAccepted => {
            Level::Error
        }
    };
    model.shared.say(level, sentence(&row), env.uptime);
    let mut effects = Vec::new();
    if row.outcome == Outcome::Rejected
        && let Some(flight) = flight
    {
        // The answer's details say which field it was about.
        model.compose.rejected = Some((row.id, flight.submit.draft));
        effects.push(Effect::Ask(Ask::LoadAttempt(row.id)));
    }
    effects.extend(put(model, row, env));
    effects.extend(ask_usage(model, Freshness::Ledger));
    effects
}

fn sentence(row: &LogRow) -> String {
    let mut text = format!("attempt {}: {}", row.id, row.outcome);
    if let Some(code) = row
        .code
        .as_ref()
        .filter(|_| row.outcome != Outcome::Scheduled)
    {
        text.push(' ');
        text.push_str(code);
    }
    text.push_str(match row.outcome {
        Outcome::Scheduled => "; 1 unit spent",
        Outcome::Unknown => "; it counts as spent until reconcile knows better",
        Outcome::UnknownAccepted => "; 1 unit spent, the job's id is not known",
        Outcome::Sending => "",
        Outcome::Rejected
        | Outcome::Limit
        | Outcome::Denied
        | Outcome::Throttled
        | Outcome::NotSent
        | Outcome::Absent => "; nothing spent",
    });
    text
}

fn page(
    model: &mut Model,
    ticket: u64,
    result: Result<LogPage, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let zone = model.shared.settings.zone.clone();
    if model.log.ticket_older == Some(ticket) {
        model.log.ticket_older = None;
        match result {
            Ok(page) => model.log.take_older(page, env.now, &zone),
            Err(failure) => fail(model, &failure, env),
        }
        return Vec::new();
    }
    if ticket != model.log.ticket {
        return Vec::new();
    }
    model.log.is_asked = false;
    match result {
        Ok(page) => {
            let rows = layout::log_rows(model);
            model.log.take_newest(page, env.now, &zone, rows);
        }
        Err(failure) => {
            fail(model, &failure, env);
            return Vec::new();
        }
    }
    let mut effects = detail::follow_selection(model);
    if model.log.is_stale {
        effects.extend(log::ask_newest(model, env));
    }
    effects
}

fn attempt(
    model: &mut Model,
    id: crate::base::AttemptId,
    result: Result<Box<Attempt>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    match result {
        Ok(attempt) => {
            mark_refused(model, &attempt);
            if model.detail.wanted == Some(id) {
                return detail::show(model, attempt);
            }
            detail::keep_near(model, *attempt);
        }
        Err(failure) => {
            // Nobody asked for what is read ahead.
            detail::forget_near(model);
            fail(model, &failure, env);
            // The same question would fail again, and again.
            if model.detail.wanted == Some(id) {
                return Vec::new();
            }
        }
    }
    detail::ask_next(model)
}

/// Marks the field that the server refused, if the form still holds what was refused.
fn mark_refused(model: &mut Model, attempt: &Attempt) {
    let Some((id, draft)) = model.compose.rejected.take() else {
        return;
    };
    if id != attempt.row.id {
        model.compose.rejected = Some((id, draft));
        return;
    }
    let details: Option<serde_json::Value> = attempt
        .details
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    let text = |key: &str| details.as_ref()?.get(key)?.as_str();
    let place = match (
        text("json_path").and_then(Field::from_path),
        text("param_name"),
    ) {
        (Some(field), _) => Place::Input(field),
        (None, Some("module")) => Place::Module,
        (None, Some("record_id")) => Place::RecordId,
        (None, _) => Place::Inputs,
    };
    if let Some(code) = attempt
        .row
        .code
        .as_deref()
        .filter(|_| model.compose.draft() == draft)
    {
        let code = ErrorCode::from(code);
        let hint = attempt
            .row
            .message
            .clone()
            .unwrap_or_else(|| crate::enrichment::explain(&code).next_step.to_owned());
        model.compose.refused = Some(Violation {
            place,
            code,
            severity: Severity::Error,
            hint,
        });
    }
}

fn modules(model: &mut Model, result: Result<Vec<String>, Failure>, env: &Env) {
    match result {
        Ok(modules) => {
            model.compose.known.modules = Some(modules);
            model.compose.check();
        }
        Err(failure) => {
            if pick::is_waiting_for_modules(model) {
                fail(model, &failure, env);
            }
        }
    }
    pick::fill_modules(model);
}

fn usage(
    model: &mut Model,
    result: Result<Box<UsageFigures>, Failure>,
    env: &mut Env,
) -> Vec<Effect> {
    let figures = match result {
        Ok(figures) => *figures,
        Err(failure) => {
            model.shared.is_usage_asked = false;
            let poll = &mut model.usage_screen.poll;
            poll.answered(env.uptime, Brought::Nothing);
            fail(model, &failure, env);
            return Vec::new();
        }
    };
    let is_first = model.shared.usage.is_none();
    let age = figures
        .usage
        .at
        .and_then(|at| Duration::try_from(env.now.duration_since(at)).ok());
    let is_stale = age.is_none_or(|age| age > USAGE_STALE);
    let has_failed = figures.note.is_some();
    let before = model.shared.usage.replace(figures);
    usage_screen::number_came(model, before.as_ref(), env);
    if is_first && is_stale && !model.shared.is_usage_asked {
        model.shared.is_usage_asked = true;
        return ask_usage(model, Freshness::Server);
    }
    if !is_stale || has_failed {
        model.shared.is_usage_asked = false;
    }
    Vec::new()
}

fn ask_usage(model: &Model, freshness: Freshness) -> Vec<Effect> {
    let kind = model.shared.kind();
    model
        .shared
        .active
        .clone()
        .map(|profile| {
            Effect::Ask(Ask::LoadUsage {
                profile,
                kind,
                freshness,
            })
        })
        .into_iter()
        .collect()
}
