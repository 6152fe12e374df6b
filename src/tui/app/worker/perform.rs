//! Each operation carried out by the use cases of `ops`.

use std::sync::Arc;

use super::convert::{attempt, failure, log_row, profiles};
use super::{Shared, jobs, last, people, records, runs, setup, sign_in, unknowns, usage};
use crate::base::{AttemptId, EnrichmentKind, ProfileName, Scope};
use crate::config::ConfigEdit;
use crate::enrichment::verdict::Seen;
use crate::enrichment::{Draft, EnrichmentRequest, Known};
use crate::ledger::{Access, BudgetRule, LedgerError, LogQuery as LedgerQuery, PageCursor, Trust};
use crate::ops::bulk_look::complete;
use crate::ops::bulk_page::page;
use crate::ops::draft::{self, KeptDraft};
use crate::ops::setup::{self as configured, Configured};
use crate::ops::submit::{SubmitOptions, submit};
use crate::ops::{AppContext, OpsError, gate};
use crate::tui::app::msg::Msg;
use crate::tui::app::notice::{Failure, Notice};
use crate::tui::app::op::{
    Checks, ConfigurationOf, DraftOf, LimitRule, Op, OpId, Payload, Progress, Submit, Submitted,
};
use crate::tui::data::attempt::{Attempt, LogFilter, LogPage, LogQuery, LogRow, Whose};
use crate::tui::data::profile::Profiles;
use crate::tui::demo::{Demo, DemoOptions};

/// Does what is asked. What it shares with others is behind locks that outlive a panic, and the
/// ledger.
pub(super) async fn perform(shared: &Arc<Shared>, id: OpId, op: Op) -> Result<Payload, Failure> {
    let context = shared.context();
    let done = answer(shared, &context, (id, op)).await;
    done.map_err(|error| failure(&error))
}

async fn answer(
    shared: &Arc<Shared>,
    context: &AppContext,
    (id, op): (OpId, Op),
) -> Result<Payload, OpsError> {
    Ok(match op {
        Op::LoadProfiles => Payload::LoadProfiles(load_profiles(shared, context).await),
        Op::UseProfile(profile) => {
            last::remember(context, &profile);
            Payload::UseProfile(())
        }
        Op::KeepTheme(name) => Payload::KeepTheme(keep_theme(context, &name)),
        Op::LoadDraft(profile) => Payload::LoadDraft(load_draft(context, &profile).await),
        Op::SaveDraft(of) => Payload::SaveDraft(save_draft(context, of)?),
        Op::LookAtDraft(of) => Payload::LookAtDraft(look(context, &of.profile, &of.draft).await?),
        Op::Submit(request) => Payload::Submit(send(shared, context, (id, *request)).await?),
        Op::LoadLog(query) => Payload::LoadLog(load_log(context, query).await?),
        Op::LoadAttempt(id) => Payload::LoadAttempt(load_attempt(context, id).await?),
        Op::LoadJob(of) => Payload::LoadJob(jobs::job(context, of).await?),
        Op::LoadJobs(of) => Payload::LoadJobs(jobs::board(context, of).await?),
        Op::LookForJobs(of) => Payload::LookForJobs(jobs::look(context, of).await?),
        Op::ExportJob(file) => Payload::ExportJob(jobs::export(&file)?),
        Op::LoadModules(scope) => Payload::LoadModules(modules(context, &scope).await?),
        Op::LoadConfiguration(of) => Payload::LoadConfiguration(configuration(context, of).await?),
        Op::LoadUsage(of) => Payload::LoadUsage(usage::figures(context, of).await?),
        Op::LoadUsageSheet(scope) => Payload::LoadUsageSheet(usage::sheet(context, &scope).await?),
        Op::LoadRecords(of) => Payload::LoadRecords(records::load(context, of).await?),
        Op::RefreshToken(profile) => Payload::RefreshToken(setup::renew(context, profile).await?),
        Op::LoadUnknowns(of) => Payload::LoadUnknowns(unknowns::load(context, of).await?),
        Op::Decide(on) => Payload::Decide(unknowns::decide(context, on).await?),
        Op::Reconcile(scope) => Payload::Reconcile(unknowns::settle(context, scope).await?),
        Op::FindPerson(whom) => Payload::FindPerson(people::find(context, whom).await?),
        Op::Forget(of) => Payload::Forget(people::forget(context, *of).await?),
        Op::LoadRuns(of) => Payload::LoadRuns(runs::newest(context, of).await?),
        Op::LoadRows(query) => Payload::LoadRows(page(context.ledger(), query).await?),
        Op::LookAhead(run) => Payload::LookAhead(runs::look_ahead(context, run).await?),
        Op::StartRun(run) => Payload::StartRun(runs::start(shared, context, (id, run)).await?),
        Op::PauseRun(run) => Payload::PauseRun(runs::ask_to_pause(context, run).await?),
        Op::RequeueRows(of) => Payload::RequeueRows(runs::queue_again(context, of).await?),
        Op::SkipRows(of) => Payload::SkipRows(runs::leave_out(context, of).await?),
        Op::DiscardRun(run) => Payload::DiscardRun(runs::remove(context, run).await?),
        Op::TrackRun(run) => Payload::TrackRun(runs::follow(shared, context, (id, run)).await?),
        Op::ExportRun(file) => Payload::ExportRun(runs::write(context, &file).await?),
        Op::LookAtFile(of) => Payload::LookAtFile(runs::look_at(context, of).await?),
        Op::CompletePath(text) => Payload::CompletePath(complete(&text).await),
        Op::PlanRun(order) => Payload::PlanRun(runs::planned(context, *order).await?),
        Op::LoadSetup(of) => Payload::LoadSetup(setup::overview(context, of).await?),
        Op::PlanChange(of) => Payload::PlanChange(setup::planned(context, *of).await?),
        Op::ApplyChange(of) => Payload::ApplyChange(setup::change(context, *of).await?),
        Op::MakeDefault(name) => Payload::MakeDefault(setup::make_default(context, &name).await?),
        Op::RemoveProfile(name) => Payload::RemoveProfile(setup::remove(context, &name).await?),
        Op::SignOut(name) => Payload::SignOut(setup::sign_out(context, &name).await?),
        Op::SignInAgain(login) => Payload::SignInAgain(setup::sign_in(context, login).await?),
        Op::SetUpProfile(request) => {
            Payload::SetUpProfile(sign_in::set_up(context, *request).await?)
        }
        Op::StartDemo => Payload::StartDemo(start_demo(shared).await?),
    })
}

/// What opening the ledger found that a person should know before anything is sent, and all
/// profiles.
async fn load_profiles(shared: &Arc<Shared>, context: &AppContext) -> Profiles {
    shared.answer(Msg::Ledger(trouble_of(context).await)).await;
    let recovered = context.opened().recovered;
    if recovered > 0 && shared.is_first_time() {
        let text = format!(
            "{recovered} on the way when an earlier session ended: unknown now, reconcile settles it"
        );
        shared.answer(Msg::Notice(Notice::warning(text))).await;
    }
    let start_with = shared.start_with.clone().or_else(|| last::profile(context));
    profiles(context, start_with).await
}

async fn load_draft(context: &AppContext, profile: &ProfileName) -> Option<KeptDraft> {
    if let Some(kept) = draft::kept(context) {
        return Some(kept);
    }
    // Version 0.1 kept one for each profile, in the ledger.
    let kept = context
        .ledger()
        .draft(profile.clone(), EnrichmentKind::People);
    Some(KeptDraft {
        profile: profile.clone(),
        at: None,
        draft: serde_json::from_str(&kept.await.ok()??).ok()?,
    })
}

fn save_draft(context: &AppContext, of: DraftOf) -> Result<(), OpsError> {
    let kept = KeptDraft {
        profile: of.profile,
        at: Some(context.clock().now()),
        draft: of.draft,
    };
    draft::keep(context, &kept)
        .map_err(|error| OpsError::Refused(format!("the draft cannot be kept: {error}")))
}

/// Writes the theme into the configuration; says so where that changed anything.
fn keep_theme(context: &AppContext, name: &str) -> Option<Notice> {
    if context.config().theme == name {
        return None;
    }
    let kept = ConfigEdit::open(context.paths()).and_then(|edit| edit.set_theme(name).save());
    Some(match kept {
        Ok(config) => {
            context.set_config(config);
            let file = context.paths().config_file.display();
            Notice::info(format!("{name} is the theme now, also in {file}"))
        }
        Err(error) => Notice::warning(format!("{name} is the theme until you leave: {error}")),
    })
}

/// Why nothing can be sent from the ledger, after a new look.
async fn trouble_of(context: &AppContext) -> Option<String> {
    let ledger = context.ledger();
    match (&context.opened().access, ledger.look_at_trust().await) {
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
    context: &AppContext,
    (id, request): (OpId, Submit),
) -> Result<Submitted, OpsError> {
    let (profile, draft) = (request.profile.clone(), request.draft.clone());
    let result = try_send(shared, context, (id, request)).await;
    if let Err(OpsError::Ledger(LedgerError::Already(_))) = &result
        && let Ok(seen) = look(context, &profile, &draft).await
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
        let trouble = trouble_of(context).await;
        let trouble = trouble.unwrap_or_else(|| format!("not usable: {error}"));
        shared.answer(Msg::Ledger(Some(trouble))).await;
    }
    result.map(Submitted::Settled)
}

/// What stands in the way of a draft.
async fn look(
    context: &AppContext,
    profile: &ProfileName,
    draft: &Draft,
) -> Result<Seen, OpsError> {
    gate::in_the_way(&*context.session(Some(profile))?, draft).await
}

async fn try_send(
    shared: &Arc<Shared>,
    context: &AppContext,
    (id, request): (OpId, Submit),
) -> Result<LogRow, OpsError> {
    let session = context.session(Some(&request.profile))?;
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
    let report = submit(&session, &enrichment, options).await?;
    match report.sign_in_error() {
        // The row comes with the ledger's change.
        Some(error) => Err(error),
        None => Ok(log_row(report.row)),
    }
}

async fn load_log(context: &AppContext, query: LogQuery) -> Result<LogPage, OpsError> {
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
    let page = context
        .ledger()
        .page(LedgerQuery {
            profiles: profile.into_iter().collect(),
            outcomes,
            code,
            since,
            operator: match whose {
                Whose::All => None,
                Whose::Mine => Some(context.operator().to_owned()),
            },
            search,
            place: before.map_or(PageCursor::Newest, PageCursor::OlderThan),
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

async fn load_attempt(context: &AppContext, id: AttemptId) -> Result<Attempt, OpsError> {
    match context.ledger().attempt(id).await? {
        Some(detail) => Ok(attempt(context, detail)),
        None => Err(OpsError::Refused(format!("the ledger has no attempt {id}"))),
    }
}

async fn modules(context: &AppContext, scope: &Scope) -> Result<Vec<String>, OpsError> {
    let session = context.session(Some(&scope.profile))?;
    let found = configured::modules(&session, scope.kind).await?;
    Ok(found.into_iter().map(|module| module.api_name).collect())
}

async fn configuration(
    context: &AppContext,
    ConfigurationOf {
        scope,
        module,
        record,
    }: ConfigurationOf,
) -> Result<Configured, OpsError> {
    let session = context.session(Some(&scope.profile))?;
    configured::configured(&session, (scope.kind, &module), record.as_ref()).await
}

async fn start_demo(shared: &Arc<Shared>) -> Result<Profiles, OpsError> {
    let demo = Demo::start(DemoOptions::default()).await?;
    shared.play(demo);
    Ok(profiles(&shared.context(), None).await)
}
