//! Each operation carried out by the use cases of `ops`.

use std::sync::Arc;

use super::convert::{attempt, failure, log_row, profiles};
use super::{Shared, jobs, last, people, records, runs, setup, sign_in, unknowns, usage};
use crate::base::{AttemptId, EnrichmentKind, ProfileName, Scope};
use crate::config::ConfigEdit;
use crate::enrichment::verdict::Seen;
use crate::enrichment::{Draft, EnrichmentRequest, Known};
use crate::ledger::{Access, BudgetRule, LedgerError, LogQuery as LedgerQuery, Place, Trust};
use crate::ops::bulk_look::complete;
use crate::ops::bulk_page::page;
use crate::ops::draft::{self, KeptDraft};
use crate::ops::setup::{self as configured, Configured};
use crate::ops::submit::{SubmitOptions, submit};
use crate::ops::{Deck, OpsError, gate};
use crate::tui::app::msg::Msg;
use crate::tui::app::op::{
    Checks, ConfigurationOf, DraftOf, LimitRule, Op, OpId, Payload, Progress, Submit, Submitted,
};
use crate::tui::app::told::{Failure, Notice};
use crate::tui::data::attempt::{Attempt, LogFilter, LogPage, LogQuery, LogRow, Whose};
use crate::tui::data::profile::Profiles;
use crate::tui::demo::{Demo, DemoOptions};

/// Does what is asked. What it shares with others is behind locks that outlive a panic, and the
/// ledger.
pub(super) async fn perform(shared: &Arc<Shared>, id: OpId, op: Op) -> Result<Payload, Failure> {
    let deck = shared.deck();
    let done = answer(shared, &deck, (id, op)).await;
    done.map_err(|error| failure(&error))
}

async fn answer(
    shared: &Arc<Shared>,
    deck: &Deck,
    (id, op): (OpId, Op),
) -> Result<Payload, OpsError> {
    Ok(match op {
        Op::LoadProfiles => Payload::LoadProfiles(load_profiles(shared, deck).await),
        Op::UseProfile(profile) => {
            last::remember(deck, &profile);
            Payload::UseProfile(())
        }
        Op::KeepTheme(name) => Payload::KeepTheme(keep_theme(deck, &name)),
        Op::LoadDraft(profile) => Payload::LoadDraft(load_draft(deck, &profile).await),
        Op::SaveDraft(of) => Payload::SaveDraft(save_draft(deck, of)?),
        Op::LookAtDraft(of) => Payload::LookAtDraft(look(deck, &of.profile, &of.draft).await?),
        Op::Submit(request) => Payload::Submit(send(shared, deck, (id, *request)).await?),
        Op::LoadLog(query) => Payload::LoadLog(load_log(deck, query).await?),
        Op::LoadAttempt(id) => Payload::LoadAttempt(load_attempt(deck, id).await?),
        Op::LoadJob(of) => Payload::LoadJob(jobs::job(deck, of).await?),
        Op::LoadJobs(of) => Payload::LoadJobs(jobs::board(deck, of).await?),
        Op::LookForJobs(of) => Payload::LookForJobs(jobs::look(deck, of).await?),
        Op::ExportJob(file) => Payload::ExportJob(jobs::export(&file)?),
        Op::LoadModules(scope) => Payload::LoadModules(modules(deck, &scope).await?),
        Op::LoadConfiguration(of) => Payload::LoadConfiguration(configuration(deck, of).await?),
        Op::LoadUsage(of) => Payload::LoadUsage(usage::figures(deck, of).await?),
        Op::LoadUsageSheet(scope) => Payload::LoadUsageSheet(usage::sheet(deck, &scope).await?),
        Op::LoadRecords(of) => Payload::LoadRecords(records::load(deck, of).await?),
        Op::RefreshToken(profile) => Payload::RefreshToken(setup::renew(deck, profile).await?),
        Op::LoadUnknowns(of) => Payload::LoadUnknowns(unknowns::load(deck, of).await?),
        Op::Decide(on) => Payload::Decide(unknowns::decide(deck, on).await?),
        Op::Reconcile(scope) => Payload::Reconcile(unknowns::settle(deck, scope).await?),
        Op::FindPerson(whom) => Payload::FindPerson(people::find(deck, whom).await?),
        Op::Forget(of) => Payload::Forget(people::forget(deck, *of).await?),
        Op::LoadRuns(of) => Payload::LoadRuns(runs::newest(deck, of).await?),
        Op::LoadRows(query) => Payload::LoadRows(page(deck.ledger(), query).await?),
        Op::LookAhead(run) => Payload::LookAhead(runs::look_ahead(deck, run).await?),
        Op::StartRun(run) => Payload::StartRun(runs::start(shared, deck, (id, run)).await?),
        Op::PauseRun(run) => Payload::PauseRun(runs::ask_to_pause(deck, run).await?),
        Op::RequeueRows(of) => Payload::RequeueRows(runs::queue_again(deck, of).await?),
        Op::SkipRows(of) => Payload::SkipRows(runs::leave_out(deck, of).await?),
        Op::DiscardRun(run) => Payload::DiscardRun(runs::remove(deck, run).await?),
        Op::TrackRun(run) => Payload::TrackRun(runs::follow(shared, deck, (id, run)).await?),
        Op::ExportRun(file) => Payload::ExportRun(runs::write(deck, &file).await?),
        Op::LookAtFile(of) => Payload::LookAtFile(runs::look_at(deck, of).await?),
        Op::CompletePath(text) => Payload::CompletePath(complete(&text).await),
        Op::PlanRun(order) => Payload::PlanRun(runs::planned(deck, *order).await?),
        Op::LoadSetup(of) => Payload::LoadSetup(setup::overview(deck, of).await?),
        Op::PlanChange(of) => Payload::PlanChange(setup::planned(deck, *of).await?),
        Op::ApplyChange(of) => Payload::ApplyChange(setup::change(deck, *of).await?),
        Op::MakeDefault(name) => Payload::MakeDefault(setup::make_default(deck, &name).await?),
        Op::RemoveProfile(name) => Payload::RemoveProfile(setup::remove(deck, &name).await?),
        Op::SignOut(name) => Payload::SignOut(setup::sign_out(deck, &name).await?),
        Op::SignInAgain(login) => Payload::SignInAgain(setup::sign_in(deck, login).await?),
        Op::SetUpProfile(request) => Payload::SetUpProfile(sign_in::set_up(deck, *request).await?),
        Op::StartDemo => Payload::StartDemo(start_demo(shared).await?),
    })
}

/// What opening the ledger found that a person should know before anything is sent, and all
/// profiles.
async fn load_profiles(shared: &Arc<Shared>, deck: &Deck) -> Profiles {
    shared.answer(Msg::Ledger(trouble_of(deck).await)).await;
    let recovered = deck.opened().recovered;
    if recovered > 0 && shared.is_first_time() {
        let text = format!(
            "{recovered} on the way when an earlier session ended: unknown now, reconcile settles it"
        );
        shared.answer(Msg::Notice(Notice::warning(text))).await;
    }
    let start_with = shared.start_with.clone().or_else(|| last::profile(deck));
    profiles(deck, start_with).await
}

async fn load_draft(deck: &Deck, profile: &ProfileName) -> Option<KeptDraft> {
    if let Some(kept) = draft::kept(deck) {
        return Some(kept);
    }
    // Version 0.1 kept one for each profile, in the ledger.
    let kept = deck.ledger().draft(profile.clone(), EnrichmentKind::People);
    Some(KeptDraft {
        profile: profile.clone(),
        at: None,
        draft: serde_json::from_str(&kept.await.ok()??).ok()?,
    })
}

fn save_draft(deck: &Deck, of: DraftOf) -> Result<(), OpsError> {
    let kept = KeptDraft {
        profile: of.profile,
        at: Some(deck.clock().now()),
        draft: of.draft,
    };
    draft::keep(deck, &kept)
        .map_err(|error| OpsError::Refused(format!("the draft cannot be kept: {error}")))
}

/// Writes the theme into the configuration; says so where that changed anything.
fn keep_theme(deck: &Deck, name: &str) -> Option<Notice> {
    if deck.config().theme == name {
        return None;
    }
    let kept = ConfigEdit::open(deck.paths()).and_then(|edit| edit.set_theme(name).save());
    Some(match kept {
        Ok(config) => {
            deck.set_config(config);
            let file = deck.paths().config_file.display();
            Notice::info(format!("{name} is the theme now, also in {file}"))
        }
        Err(error) => Notice::warning(format!("{name} is the theme until you leave: {error}")),
    })
}

/// Why nothing can be sent from the ledger, after a new look.
async fn trouble_of(deck: &Deck) -> Option<String> {
    let ledger = deck.ledger();
    match (&deck.opened().access, ledger.look_at_trust().await) {
        (Access::ReadOnly(reason), _) => Some(format!("read only, {reason}")),
        (Access::Full, Trust::Trusted) => None,
        // What is wrong with a key says what to do.
        (Access::Full, Trust::Doubtful(reason)) if ledger.key_trouble().is_some() => {
            Some(format!("in doubt: {reason}"))
        }
        (Access::Full, Trust::Doubtful(reason)) => {
            Some(format!("in doubt (ziadeck ledger check --trust): {reason}"))
        }
    }
}

async fn send(
    shared: &Arc<Shared>,
    deck: &Deck,
    (id, request): (OpId, Submit),
) -> Result<Submitted, OpsError> {
    let (profile, draft) = (request.profile.clone(), request.draft.clone());
    let result = try_send(shared, deck, (id, request)).await;
    if let Err(OpsError::Ledger(LedgerError::Already(_))) = &result
        && let Ok(seen) = look(deck, &profile, &draft).await
    {
        return Ok(Submitted::Already(seen));
    }
    // What may pass, such as another process that keeps the ledger, stops this request alone: the
    // next one finds out for itself before anything is sent.
    let lasts = match &result {
        Err(OpsError::Ledger(error)) => error.exit_code() == 9 && !error.may_pass(),
        Err(OpsError::NotRecorded { .. }) => true,
        _ => false,
    };
    if let (true, Err(error)) = (lasts, &result) {
        let trouble = trouble_of(deck).await;
        let trouble = trouble.unwrap_or_else(|| format!("not usable: {error}"));
        shared.answer(Msg::Ledger(Some(trouble))).await;
    }
    result.map(Submitted::Settled)
}

/// What stands in the way of a draft.
async fn look(deck: &Deck, profile: &ProfileName, draft: &Draft) -> Result<Seen, OpsError> {
    gate::in_the_way(&*deck.desk(Some(profile))?, draft).await
}

async fn try_send(
    shared: &Arc<Shared>,
    deck: &Deck,
    (id, request): (OpId, Submit),
) -> Result<LogRow, OpsError> {
    let desk = deck.desk(Some(&request.profile))?;
    let enrichment = match request.checks {
        Checks::Forced => EnrichmentRequest::forced(&request.draft),
        Checks::Hold => {
            EnrichmentRequest::checked(&request.draft, &Known::default()).map_err(|_| {
                OpsError::Refused("the draft would be rejected; nothing was sent".into())
            })?
        }
    };
    let tell = {
        let shared = shared.clone();
        // A full inbox loses nothing: the ledger's change brings the row as well.
        Arc::new(move |attempt: AttemptId| shared.progress(id, Progress::Dispatched(attempt)))
    };
    let options = SubmitOptions {
        rule: match request.limit {
            LimitRule::Hold => BudgetRule::Hold,
            LimitRule::Override => BudgetRule::Override,
        },
        on_dispatch: Some(tell),
        word: request.word,
        ..SubmitOptions::single()
    };
    let report = submit(&desk, &enrichment, options).await?;
    match report.sign_in_error() {
        // The row comes with the ledger's change.
        Some(error) => Err(error),
        None => Ok(log_row(report.row)),
    }
}

async fn load_log(deck: &Deck, query: LogQuery) -> Result<LogPage, OpsError> {
    let LogFilter {
        profile,
        outcomes,
        code,
        since,
        whose,
        search,
        up_to,
    } = query.filter;
    let is_newest = query.before.is_none();
    let above = up_to.map(|id| AttemptId(id.0.saturating_add(1)));
    let before = query.before.or(above);
    let page = deck
        .ledger()
        .page(LedgerQuery {
            profiles: profile.into_iter().collect(),
            outcomes,
            code,
            since,
            operator: match whose {
                Whose::All => None,
                Whose::Mine => Some(deck.operator().to_owned()),
            },
            search,
            place: before.map_or(Place::Newest, Place::OlderThan),
            rows: query.rows_max,
            ..LedgerQuery::default()
        })
        .await?;
    // A page that is all there is counts itself; to count more would read them all.
    let total = (is_newest && !page.more)
        .then(|| u64::try_from(page.rows.len()).ok())
        .flatten();
    Ok(LogPage {
        rows: page.rows.into_iter().map(log_row).collect(),
        has_more: page.more,
        total,
    })
}

async fn load_attempt(deck: &Deck, id: AttemptId) -> Result<Attempt, OpsError> {
    match deck.ledger().attempt(id).await? {
        Some(detail) => Ok(attempt(deck, detail)),
        None => Err(OpsError::Refused(format!("the ledger has no attempt {id}"))),
    }
}

async fn modules(deck: &Deck, scope: &Scope) -> Result<Vec<String>, OpsError> {
    let desk = deck.desk(Some(&scope.profile))?;
    let found = configured::modules(&desk, scope.kind).await?;
    Ok(found.into_iter().map(|module| module.api_name).collect())
}

async fn configuration(
    deck: &Deck,
    ConfigurationOf {
        scope,
        module,
        record,
    }: ConfigurationOf,
) -> Result<Configured, OpsError> {
    let desk = deck.desk(Some(&scope.profile))?;
    configured::configured(&desk, (scope.kind, &module), record.as_ref()).await
}

async fn start_demo(shared: &Arc<Shared>) -> Result<Profiles, OpsError> {
    let demo = Demo::start(DemoOptions::default()).await?;
    shared.play(demo);
    Ok(profiles(&shared.deck(), None).await)
}
