//! Questions that got no answer: the backstage was full, or a fault of ours ended the work on it.
//!
//! Whatever a question had begun on the screen is taken back, so that nothing looks as if it were
//! still going on. A fault says less than a refusal: what it had done already, only the ledger knows.

use std::time::Duration;

use super::{answers, guide, records, runs, setup, unknowns};
use crate::tui::app::poll::Brought;
use crate::tui::effects::{Ask, Effect, Freshness};
use crate::tui::model::{Env, Failure, Level, Model};

/// How soon a draft is kept that was refused by a full backstage.
const KEEP_AGAIN: Duration = Duration::from_secs(2);

/// The backstage was full; nothing was begun.
pub(super) fn refused(model: &mut Model, ask: Ask, env: &Env) {
    if let Some(text) = take_back(model, ask, env) {
        model.shared.say(Level::Warning, text, env.uptime);
    }
}

/// The task that worked on it panicked.
pub(super) fn broken(model: &mut Model, ask: Ask, env: &mut Env) -> Vec<Effect> {
    let failure = Failure::new(
        "a fault of ziadeck's own ended this".to_owned(),
        "the log says what became of it".to_owned(),
    );
    match ask {
        Ask::Submit(submit) => {
            return answers::submitted(model, submit.ticket, Err(failure), env);
        }
        Ask::SignIn(_) => return guide::signed_in(model, Err(failure), env),
        Ask::LoadRecords { ticket, .. } => records::take(model, ticket, Err(failure)),
        // To keep it again at once would only meet the same fault again.
        Ask::SaveDraft { .. } => model
            .shared
            .say(Level::Error, failure.to_string(), env.uptime),
        ask => {
            take_back(model, ask, env);
            model
                .shared
                .say(Level::Error, failure.to_string(), env.uptime);
        }
    }
    Vec::new()
}

/// Takes back what a question had begun on the screen; answers what did not happen, where that has
/// to be said.
fn take_back(model: &mut Model, ask: Ask, env: &Env) -> Option<&'static str> {
    let text = match ask {
        Ask::SaveDraft { .. } => {
            model.compose.save_at = Some(env.uptime + KEEP_AGAIN);
            return None;
        }
        // It is asked anew when the form changes, and what is sent is judged in any case.
        Ask::Look { .. } => return None,
        Ask::Submit(submit) => {
            model
                .in_flight
                .retain(|flight| flight.submit.ticket != submit.ticket);
            "too much is under way; nothing was sent, try again in a moment"
        }
        Ask::LoadLog { .. } => {
            model.log.is_asked = false;
            model.log.ticket_older = None;
            "too much is under way; the log is not up to date"
        }
        Ask::LoadJobs { .. } => {
            model.jobs.is_asked = false;
            model.jobs.ticket_older = None;
            "too much is under way; the jobs are not up to date"
        }
        Ask::LoadRecords { ticket, .. } => {
            records::refused(model, ticket);
            return None;
        }
        Ask::LookForJobs { .. } => {
            let poll = &mut model.jobs.list_poll;
            poll.answered(env.uptime, Brought::Nothing);
            return None;
        }
        Ask::LoadJobSheet { freshness, .. } => {
            match freshness {
                // The next page or selection asks again.
                Freshness::Ledger => model.jobs.sheet.job = None,
                Freshness::Server => {
                    let poll = &mut model.jobs.sheet_poll;
                    poll.answered(env.uptime, Brought::Nothing);
                }
            }
            return None;
        }
        Ask::ExportJob { .. } => "too much is under way; nothing was written",
        Ask::LoadAttempt(_) => {
            model.detail.asked = None;
            return None;
        }
        Ask::LoadUsageSheet { .. } => {
            model.usage_screen.is_asked = false;
            "too much is under way; the usage is not up to date"
        }
        Ask::LoadUsage { .. } => {
            model.shared.is_usage_asked = false;
            let poll = &mut model.usage_screen.poll;
            poll.answered(env.uptime, Brought::Nothing);
            "too much is under way; the usage is not up to date"
        }
        Ask::Setup(ask) => setup::refused(model, &ask),
        Ask::Runs(ask) => runs::refused(model, &ask),
        Ask::LoadUnknowns { .. } | Ask::Reconcile { .. } => {
            unknowns::refused(model);
            "too much is under way; nothing was settled, try again in a moment"
        }
        Ask::Forget { .. } => "too much is under way; nothing was removed, try again in a moment",
        Ask::Decide { .. } => "too much is under way; nothing was decided, try again in a moment",
        Ask::Profiles
        | Ask::UseProfile(_)
        | Ask::KeepTheme(_)
        | Ask::LoadDraft { .. }
        | Ask::LoadJob { .. }
        | Ask::LoadModules { .. }
        | Ask::LoadConfiguration { .. }
        | Ask::RefreshToken(_)
        | Ask::FindPerson(_)
        | Ask::SignIn(_)
        | Ask::StartDemo => "too much is under way; try again in a moment",
    };
    Some(text)
}
