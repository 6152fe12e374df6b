//! `ziadeck jobs`: list, show and watch.

use crate::base::limits::WATCH_POLLS_MAX;
use crate::base::{EnrichmentKind, JobId};
use crate::cli::args::{Global, JobsCommand, STATUSES, meant};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::output::Out;
use crate::cli::session;
use crate::enrichment::job::{JobStatus, sections};
use crate::ledger::StoredJob;
use crate::ops::jobs::{self, JobQueryInput, Watched, list, show};
use crate::ops::{AppContext, OpsError, ProfileSession};
use crate::wire::JobDetail;

pub(crate) async fn run(global: &Global, command: JobsCommand, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, command, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    command: JobsCommand,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    match command {
        JobsCommand::List {
            kind,
            status,
            limit,
        } => {
            let wanted = status.clone();
            let query = JobQueryInput {
                kind,
                status,
                before: None,
                limit,
            };
            let jobs = list(&session, query).await?;
            if !jobs.is_empty() {
                out.heading(&columns(["job", "status", "created", "by"]));
            }
            for job in &jobs {
                out.result(&json::job_row(job), || vec![row(job)]);
            }
            if jobs.is_empty() {
                let is_known = |word: &str| STATUSES.contains(&word);
                let hint = wanted
                    .filter(|word| !is_known(word))
                    .map_or_else(String::new, |word| meant(&word, STATUSES));
                out.say(&format!("no job is like that{hint}"));
            }
            Ok(Exit::Done)
        }
        JobsCommand::Show { kind, id } => {
            let job = show(&session, kind, &id).await?;
            print(&session, kind, &job, out).await?;
            Ok(Exit::Done)
        }
        JobsCommand::Watch { kind, id } => watch(&session, kind, &id, out).await,
    }
}

/// A job of the list, for people.
pub(crate) fn row(job: &StoredJob) -> String {
    let created = job.created.map(|created| created.to_string());
    let line = columns([
        job.id.as_str(),
        &job.status,
        created.as_deref().unwrap_or("-"),
        job.created_by_name.as_deref().unwrap_or("-"),
    ]);
    let mine = if job.attempt.is_some() { "  mine" } else { "" };
    format!("{line}{mine}")
}

fn columns([job, status, created, by]: [&str; 4]) -> String {
    format!("{job:<20}  {status:<16}  {created:<25}  {by}")
}

async fn watch(
    session: &ProfileSession,
    kind: EnrichmentKind,
    id: &JobId,
    out: Out,
) -> Result<Exit, OpsError> {
    let told = |status: &JobStatus| out.say(&format!("{status}  {}", status.plain()));
    match jobs::watch(session, (kind, id), told).await? {
        Watched::Final(job) => {
            print(session, kind, &job, out).await?;
            Ok(match job.status {
                JobStatus::Failed => Exit::Rejected,
                _ => Exit::Done,
            })
        }
        Watched::Spent(status) => {
            let message = format!(
                "job {id} is still {status}; it was asked for {WATCH_POLLS_MAX} times, which is the most"
            );
            out.error(&message, Some("watch it again later"), Exit::Unknown.code());
            Ok(Exit::Unknown)
        }
    }
}

async fn print(
    session: &ProfileSession,
    kind: EnrichmentKind,
    job: &JobDetail,
    out: Out,
) -> Result<(), OpsError> {
    let scope = session.scope().await?;
    let stored = session.ledger().job(scope, kind, job.id.clone()).await?;
    out.result(&json::job(job, stored.as_ref()), || lines(job));
    Ok(())
}

/// What was asked, input by input; anything else as it came.
fn asked(value: &serde_json::Value) -> Vec<String> {
    let Some(inputs) = value.as_object() else {
        return vec![format!("  {value}")];
    };
    let inputs = inputs.iter().map(|(name, value)| {
        // A company is an object of its name and website.
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Object(parts) => {
                let parts = parts.values().filter_map(serde_json::Value::as_str);
                parts.collect::<Vec<_>>().join(" · ")
            }
            other => other.to_string(),
        };
        format!("  {name:<12}  {text}")
    });
    inputs.collect()
}

/// A job with what was found, for people.
pub(crate) fn lines(job: &JobDetail) -> Vec<String> {
    let mut lines = vec![
        format!("job {}  {}", job.id, job.status),
        format!("  {}", job.status.plain()),
        "Asked".to_owned(),
    ];
    lines.extend(asked(&job.enrich_based_on));
    for section in sections(&job.enriched_data) {
        lines.push(section.title.to_owned());
        for (label, text) in section.lines {
            lines.push(format!("  {label:<12}  {text}"));
        }
    }
    lines
}
