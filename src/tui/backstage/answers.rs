//! One answer for each question.

use std::sync::Arc;

use super::Shared;
use super::convert::{attempt, failure, ledger_failure, log_row, profiles};
use super::sign_in::sign_in;
use super::{
    job_answers, last, people, records, runs, setup as setup_answers, unknowns, usage_answers,
};
use crate::base::{AttemptId, EnrichmentKind, JobId, ProfileName, RecordId};
use crate::config::{ConfigEdit, ConfigError};
use crate::enrichment::usage::pace;
use crate::enrichment::verdict::Seen;
use crate::enrichment::{Draft, EnrichmentRequest, Known};
use crate::ledger::{
    Access, BudgetRule, LedgerError, LogQuery as LedgerQuery, Place, StoredJob, Trust,
};
use crate::ops::draft::{self, KeptDraft};
use crate::ops::job_list::ListDepth;
use crate::ops::submit::{SubmitOptions, submit};
use crate::ops::usage::{UsageReport, refresh, report};
use crate::ops::{Deck, Desk, OpsError, gate, jobs, setup};
use crate::tui::data::attempt::{LogPage, LogQuery, Whose};
use crate::tui::data::usage::UsageFigures;
use crate::tui::demo::{Demo, DemoOptions};
use crate::tui::effects::{Ask, Checks, Freshness, LimitRule, Submit};
use crate::tui::model::{Failure, Level};
use crate::tui::msg::{JobFigures, Msg};

/// Days that the plot of units shows.
const DAYS: i64 = 14;

pub(super) async fn answer(shared: &Arc<Shared>, ask: Ask) {
    let deck = shared.deck();
    let msg = match ask {
        Ask::Profiles => {
            tell_of_the_ledger(shared, &deck).await;
            let start_with = shared.start_with.clone().or_else(|| last::profile(&deck));
            Msg::Profiles(Ok(profiles(&deck, start_with).await))
        }
        Ask::UseProfile(profile) => return last::remember(&deck, &profile),
        Ask::KeepTheme(name) => match keep_theme(&deck, &name) {
            Ok(false) => return,
            Ok(true) => {
                let file = deck.paths().config_file.display().to_string();
                notice(
                    Level::Info,
                    format!("{name} is the theme now, also in {file}"),
                )
            }
            Err(error) => notice(
                Level::Warning,
                format!("{name} is the theme until you leave: {error}"),
            ),
        },
        Ask::LoadDraft { profile } => Msg::Draft(load_draft(&deck, &profile).await.map(Box::new)),
        Ask::SaveDraft { profile, draft } => match save_draft(&deck, &profile, &draft) {
            Ok(()) => return,
            Err(error) => notice(Level::Warning, format!("the draft is not kept: {error}")),
        },
        Ask::Look { profile, draft } => Msg::Looked {
            seen: look(&deck, &profile, &draft).await.ok().map(Box::new),
            profile,
            draft,
        },
        Ask::Submit(request) => send(shared, &deck, *request).await,
        Ask::LoadLog { ticket, query } => Msg::Log {
            ticket,
            result: load_log(&deck, query).await,
        },
        Ask::LoadAttempt(id) => Msg::Attempt {
            id,
            result: load_attempt(&deck, id).await,
        },
        Ask::LoadJob { profile, kind, job } => Msg::Job {
            result: load_job(&deck, (&profile, kind), &job)
                .await
                .map(Box::new)
                .map_err(|error| failure(&error)),
            job,
        },
        Ask::LoadJobs {
            ticket,
            profile,
            kind,
            query,
        } => job_answers::page(&deck, ticket, (&profile, kind), query).await,
        Ask::LookForJobs {
            profile,
            kind,
            look,
        } => job_answers::look(&deck, (profile, kind), look).await,
        Ask::LoadJobSheet {
            profile,
            kind,
            job,
            freshness,
        } => job_answers::sheet(&deck, (profile, kind), job, freshness).await,
        Ask::ExportJob { job, text } => job_answers::export(&job, &text),
        Ask::LoadModules { profile, kind } => Msg::Modules {
            result: modules(&deck, &profile, kind).await,
            profile,
            kind,
        },
        Ask::LoadConfiguration { profile, kind, of } => Msg::Configuration {
            result: configuration(&deck, (&profile, kind), &of)
                .await
                .map_err(|error| failure(&error)),
            profile,
            kind,
            of,
        },
        Ask::LoadUsage {
            profile,
            kind,
            freshness,
        } => Msg::Usage {
            result: usage(&deck, (&profile, kind), freshness).await,
            profile,
            kind,
        },
        Ask::LoadUsageSheet { profile, kind } => usage_answers::sheet(&deck, profile, kind).await,
        Ask::LoadRecords {
            ticket,
            profile,
            kind,
            module,
            wanted,
        } => Msg::Records {
            ticket,
            result: records::load(&deck, &profile, (kind, &module), wanted).await,
        },
        Ask::RefreshToken(profile) => refresh_token(shared, &deck, profile).await,
        Ask::Setup(ask) => Msg::Setup(setup_answers::answer(&deck, ask).await),
        Ask::Runs(ask) => Msg::Runs(runs::answer(shared, &deck, ask).await),
        Ask::LoadUnknowns {
            ticket,
            profile,
            kind,
            freshness,
        } => Msg::Unknowns {
            ticket,
            result: unknowns::load(&deck, (&profile, kind), freshness).await,
            profile,
            kind,
        },
        Ask::Decide {
            profile,
            attempt,
            decision,
        } => unknowns::decide(&deck, &profile, (attempt, decision)).await,
        Ask::FindPerson(whom) => Msg::Person(people::find(&deck, whom).await),
        Ask::Forget { person, forms } => {
            Msg::Forgotten(people::forget(&deck, *person, &forms).await)
        }
        Ask::Reconcile { profile, kind } => {
            Msg::Reconciled(unknowns::settle(&deck, (&profile, kind)).await)
        }
        Ask::SignIn(request) => Msg::SignedIn(sign_in(&deck, *request).await.map(Box::new)),
        Ask::StartDemo => start_demo(shared).await,
    };
    shared.answer(msg).await;
}

fn notice(level: Level, text: String) -> Msg {
    Msg::Notice { level, text }
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

fn save_draft(deck: &Deck, profile: &ProfileName, draft: &Draft) -> Result<(), OpsError> {
    let kept = KeptDraft {
        profile: profile.clone(),
        at: Some(deck.clock().now()),
        draft: draft.clone(),
    };
    draft::keep(deck, &kept)
        .map_err(|error| OpsError::Refused(format!("the draft cannot be kept: {error}")))
}

/// Writes the theme into the configuration; answers whether that changed anything.
fn keep_theme(deck: &Deck, name: &str) -> Result<bool, ConfigError> {
    if deck.config().theme == name {
        return Ok(false);
    }
    let edit = ConfigEdit::open(deck.paths())?;
    deck.set_config(edit.set_theme(name).save()?);
    Ok(true)
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

/// What opening the ledger found that a person should know before anything is sent.
async fn tell_of_the_ledger(shared: &Arc<Shared>, deck: &Deck) {
    shared.answer(Msg::Ledger(trouble_of(deck).await)).await;
    let recovered = deck.opened().recovered;
    if recovered > 0 && shared.is_first_time() {
        let text = format!(
            "{recovered} on the way when an earlier session ended: unknown now, reconcile settles it"
        );
        shared.answer(notice(Level::Warning, text)).await;
    }
}

async fn send(shared: &Arc<Shared>, deck: &Deck, request: Submit) -> Msg {
    let ticket = request.ticket;
    let (profile, draft) = (request.profile.clone(), request.draft.clone());
    let result = try_send(shared, deck, request).await;
    if let Err(OpsError::Ledger(LedgerError::Already(_))) = &result
        && let Ok(seen) = look(deck, &profile, &draft).await
    {
        let seen = Box::new(seen);
        return Msg::Already { ticket, seen };
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
    Msg::Submitted {
        ticket,
        result: result.map(Box::new).map_err(|error| failure(&error)),
    }
}

/// What stands in the way of a draft.
async fn look(deck: &Deck, profile: &ProfileName, draft: &Draft) -> Result<Seen, OpsError> {
    gate::in_the_way(&*deck.desk(Some(profile))?, draft).await
}

async fn try_send(
    shared: &Arc<Shared>,
    deck: &Deck,
    request: Submit,
) -> Result<crate::tui::data::attempt::LogRow, OpsError> {
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
        let (shared, deck, ticket) = (shared.clone(), deck.clone(), request.ticket);
        Arc::new(move |id: AttemptId| {
            let (shared, deck) = (shared.clone(), deck.clone());
            tokio::spawn(async move {
                if let Ok(Some(detail)) = deck.ledger().attempt(id).await {
                    let row = log_row(detail.row);
                    // A full inbox loses nothing: the ledger's change brings the row as well.
                    let _ = shared.inbox().try_send(Msg::Dispatched {
                        ticket,
                        row: Box::new(row),
                    });
                }
            });
        })
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

async fn load_log(deck: &Deck, query: LogQuery) -> Result<LogPage, Failure> {
    let filter = query.filter;
    let is_newest = query.before.is_none();
    let above = filter.up_to.map(|id| AttemptId(id.0.saturating_add(1)));
    let page = deck
        .ledger()
        .page(LedgerQuery {
            profiles: filter.profile.into_iter().collect(),
            outcomes: filter.outcomes,
            code: filter.code,
            since: filter.since,
            operator: match filter.whose {
                Whose::All => None,
                Whose::Mine => Some(deck.operator().to_owned()),
            },
            search: filter.search,
            place: query
                .before
                .or(above)
                .map_or(Place::Newest, Place::OlderThan),
            rows: query.rows_max,
            ..LedgerQuery::default()
        })
        .await
        .map_err(ledger_failure)?;
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

async fn load_attempt(
    deck: &Deck,
    id: AttemptId,
) -> Result<Box<crate::tui::data::attempt::Attempt>, Failure> {
    match deck.ledger().attempt(id).await {
        Ok(Some(detail)) => Ok(Box::new(attempt(deck, detail))),
        Ok(None) => Err(Failure::new(format!("the ledger has no attempt {id}"), "")),
        Err(error) => Err(ledger_failure(error)),
    }
}

async fn load_job(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
    job: &JobId,
) -> Result<JobFigures, OpsError> {
    let desk = deck.desk(Some(profile))?;
    let scope = desk.scope().await?;
    if let Some(stored) = deck.ledger().job(scope, kind, job.clone()).await?
        && let Some(figures) = final_figures(&stored)
    {
        return Ok(figures);
    }
    let found = jobs::show(&desk, kind, job).await?;
    Ok(JobFigures {
        status: found.status.as_str().to_owned(),
        enrich_based_on: Some(found.enrich_based_on).filter(|value| !value.is_null()),
        enriched_data: Some(found.enriched_data).filter(|value| !value.is_null()),
        at: deck.clock().now(),
    })
}

/// A job that is done does not change any more, so the ledger's copy serves.
fn final_figures(stored: &StoredJob) -> Option<JobFigures> {
    let at = stored.fetched_at?;
    let status = crate::enrichment::job::JobStatus::from(stored.status.as_str());
    let parse = |text: &Option<String>| text.as_deref().and_then(|t| serde_json::from_str(t).ok());
    status.is_final().then(|| JobFigures {
        status: stored.status.clone(),
        enrich_based_on: parse(&stored.enrich_based_on),
        enriched_data: parse(&stored.enriched_data),
        at,
    })
}

async fn modules(
    deck: &Deck,
    profile: &ProfileName,
    kind: EnrichmentKind,
) -> Result<Vec<String>, Failure> {
    let desk = deck.desk(Some(profile)).map_err(|error| failure(&error))?;
    let found = setup::modules(&desk, kind)
        .await
        .map_err(|error| failure(&error))?;
    Ok(found.into_iter().map(|module| module.api_name).collect())
}

async fn configuration(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
    (module, record): &(String, Option<RecordId>),
) -> Result<setup::Configured, OpsError> {
    let desk = deck.desk(Some(profile))?;
    setup::configured(&desk, (kind, module), record.as_ref()).await
}

async fn usage(
    deck: &Deck,
    (profile, kind): (&ProfileName, EnrichmentKind),
    freshness: Freshness,
) -> Result<Box<UsageFigures>, Failure> {
    let desk = deck.desk(Some(profile)).map_err(|error| failure(&error))?;
    let local = async || report(&desk, kind).await.map_err(|error| failure(&error));
    let (found, note) = match freshness {
        Freshness::Ledger => (local().await?, None),
        Freshness::Server => match refresh(&desk, kind, ListDepth::New).await {
            Ok(found) => (found, None),
            // What the ledger knows is still true; the sentence says what is missing.
            Err(error) => (local().await?, Some(error.to_string())),
        },
    };
    figures(&desk, kind, found, note)
        .await
        .map_err(|error| failure(&error))
}

async fn figures(
    desk: &Desk,
    kind: EnrichmentKind,
    found: UsageReport,
    note: Option<String>,
) -> Result<Box<UsageFigures>, OpsError> {
    let today = desk.clock().now().as_second().div_euclid(86_400);
    let first = today - DAYS + 1;
    let counted = desk.ledger().days(desk.scope().await?, kind, first).await?;
    let days: Vec<u64> = (first..=today)
        .map(|day| {
            counted
                .iter()
                .find(|count| count.day == day)
                .map_or(0, |count| count.mine.saturating_add(count.others))
        })
        .collect();
    Ok(Box::new(UsageFigures {
        pace: pace(&days, found.usage.left()),
        usage: found.usage,
        days,
        note: note.or_else(|| found.missing.first().cloned()),
    }))
}

async fn refresh_token(shared: &Arc<Shared>, deck: &Deck, profile: ProfileName) -> Msg {
    let refreshed = async {
        let desk = deck.desk(Some(&profile))?;
        desk.tokens().refresh().await?;
        Ok::<_, OpsError>(())
    }
    .await;
    let said = match refreshed {
        Ok(()) => notice(Level::Info, format!("{profile} has a fresh access token")),
        Err(error) => notice(Level::Error, failure(&error).to_string()),
    };
    shared.answer(said).await;
    Msg::Profiles(Ok(profiles(deck, Some(profile)).await))
}

async fn start_demo(shared: &Arc<Shared>) -> Msg {
    match Demo::start(DemoOptions::default()).await {
        Ok(demo) => {
            shared.play(demo);
            Msg::Profiles(Ok(profiles(&shared.deck(), None).await))
        }
        Err(error) => Msg::Profiles(Err(failure(&error))),
    }
}
