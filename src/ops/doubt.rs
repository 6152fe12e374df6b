//! A ledger in doubt, compared with all that the servers have.
//!
//! ```text
//!  each organisation and kind ─► the whole list of jobs ─► those that no attempt has ─► GET each
//!     ─► attempts that lost their answer learn their job   ─► waiting rows that match one are counted
//!     ─► a person is told the numbers, and types the one that stays uncertain
//! ```
//!
//! What was read is kept: a comparison that breaks off goes on where it stopped. Nothing is sent, and
//! nothing is trusted here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use super::bulk_view::{already_json, already_reason, word_of_run};
use super::context::AppContext;
use super::error::OpsError;
use super::job_list::{ListDepth, list};
use super::jobs::show_each;
use super::reach::check_pin;
use super::reconcile::{foreign_jobs, missing, reconcile, unproven};
use super::session::ProfileSession;
use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{EnrichmentKind, ProfileName, RowNumber, counted};
use crate::enrichment::echo::readable;
use crate::enrichment::identity::Identity;
use crate::enrichment::verdict::Match;
use crate::ledger::{RowState, RunQuery, RunRow, RunState, ScopeKey, StoredJob};

/// After so many questions in a row that failed, no more is asked.
const FAILURES_MAX: u32 = 10;

/// How far a comparison has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The profile whose token asks.
    pub profile: ProfileName,
    /// People or organisation.
    pub kind: EnrichmentKind,
    /// Jobs that were read by their id: a call, and API credits, each.
    pub read: u64,
    /// Jobs that are to be read.
    pub of: u64,
}

/// Who is told how far it has come.
type Tell<'a> = dyn Fn(&Reading) + Send + Sync + 'a;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Lists of jobs that were read.
    pub lists: u64,
    /// Jobs of the servers that no attempt of the ledger has.
    pub foreign: u64,
    /// Rows that wait and match one of them, or an attempt: they will not be sent.
    pub waiting: u64,
    /// Attempts that had lost their answer and have learned what became of it.
    pub learned: u64,
    /// Jobs that could not be read, tell too little to know anybody by, or cannot be believed.
    pub unread: u64,
    /// Attempts that were seen here once, are not in the ledger, and have no job in the lists.
    pub lost: u64,
    /// What could not be compared at all, and why.
    pub unasked: Vec<String>,
    /// What else a person should know.
    pub notes: Vec<String>,
}

impl Compared {
    /// How much stays uncertain: each job, each attempt that is lost, and each list that could not be
    /// read whole.
    pub fn uncertain(&self) -> u64 {
        let lists = u64::try_from(self.unasked.len()).unwrap_or(u64::MAX);
        let known = self.unread.saturating_add(self.lost);
        known.saturating_add(lists)
    }

    /// The numbers in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let was = |n: u64| if n == 1 { "was" } else { "were" };
        let mut told = Vec::new();
        if self.lists > 0 {
            told.push(format!(
                "{} of the servers {} not in this ledger; {} {} and will not be sent",
                counted(self.foreign, "job"),
                was(self.foreign),
                counted(self.waiting, "waiting row"),
                if self.waiting == 1 {
                    "matches one"
                } else {
                    "match them"
                },
            ));
        }
        if self.learned > 0 {
            let attempts = counted(self.learned, "attempt");
            told.push(format!(
                "{attempts} with a lost answer learned what became of it"
            ));
        }
        told.extend(self.notes.iter().cloned());
        if self.unread > 0 {
            let jobs = counted(self.unread, "job");
            told.push(format!(
                "{jobs} could not be read or compared: whoever they were made for may be paid for again"
            ));
        }
        if self.lost > 0 {
            let attempts = counted(self.lost, "attempt");
            told.push(format!(
                "{attempts} that this ledger has lost {} no job in the lists: none was made, or it is not listed yet; wait some minutes and compare again",
                if self.lost == 1 { "has" } else { "have" }
            ));
        }
        told.extend(self.unasked.iter().cloned());
        told
    }
}

/// Compares the ledger with the jobs of every organisation that a profile reaches.
///
/// # Errors
/// When the ledger cannot be read or written. A server that cannot be asked is part of the answer.
pub async fn compare(
    context: &AppContext,
    settle: Duration,
    tell: &Tell<'_>,
) -> Result<Compared, OpsError> {
    context.ledger().recover().await?;
    let mut compared = Compared::default();
    let mut done: BTreeSet<(ScopeKey, EnrichmentKind)> = BTreeSet::new();
    let mut ours = 0;
    for profile in &context.config().profiles {
        let session = context.session(Some(&profile.name))?;
        if let Err(error) = check_pin(&session).await {
            let rows = rows_of(context, &session.scope().await?).await?;
            compared.unasked.push(unasked(&session, "", (error, rows))?);
            continue;
        }
        for kind in EnrichmentKind::ALL {
            if !done.insert((session.scope().await?, kind)) {
                continue;
            }
            match compare_one(&session, kind, (settle, tell), &mut compared).await {
                Ok(found) => ours += found,
                Err(error) => {
                    let rows = rows_of(context, &session.scope().await?).await?;
                    let what = format!(" for its {kind} jobs");
                    compared
                        .unasked
                        .push(unasked(&session, &what, (error, rows))?);
                }
            }
        }
    }
    // A server that only a profile reached which is gone by now.
    let scopes: BTreeSet<&ScopeKey> = done.iter().map(|(scope, _)| scope).collect();
    for scope in context.ledger().scopes().await? {
        if !scopes.contains(&scope) && compared.unasked.is_empty() {
            let rows = rows_of(context, &scope).await?;
            compared.unasked.push(format!(
                "no profile reaches {scope}, of which the ledger has attempts{}",
                waiting_words(rows)
            ));
        }
    }
    compared.lost = context
        .ledger()
        .attempts_beyond()
        .await?
        .saturating_sub(ours);
    for run in open_runs(context).await? {
        let found = waiting(context, &run).await?;
        let rows = u64::try_from(found.len()).unwrap_or(u64::MAX);
        compared.waiting = compared.waiting.saturating_add(rows);
    }
    Ok(compared)
}

/// Takes the ledger as the truth, and leaves out the rows that wait for somebody who is known now.
///
/// # Errors
/// When the ledger or a mark cannot be written.
pub async fn accept(context: &AppContext, note: String) -> Result<(), OpsError> {
    context.ledger().accept_history(note).await?;
    for run in open_runs(context).await? {
        for (row, found) in waiting(context, &run).await? {
            let place = (run.id, row);
            let why = already_reason(&found, place, context.clock().now());
            let verdict = Some(already_json(&found).to_string());
            let told = (why, verdict);
            context
                .ledger()
                .leave_out(place, found.standing, told)
                .await?;
        }
    }
    Ok(())
}

/// Why a profile could not be asked; an error of the ledger itself ends everything.
fn unasked(
    session: &ProfileSession,
    what: &str,
    (error, rows): (OpsError, u64),
) -> Result<String, OpsError> {
    if let OpsError::Ledger(_) = error {
        return Err(error);
    }
    let profile = &session.profile().name;
    Ok(format!(
        "profile {profile} could not be asked{what}, so nobody knows what was sent with it{}: {error}; sign in or wait, and compare again",
        waiting_words(rows)
    ))
}

fn waiting_words(rows: u64) -> String {
    if rows == 0 {
        return String::new();
    }
    format!(" ({} for it)", counted(rows, "waiting row"))
}

/// How many rows wait for a scope.
async fn rows_of(context: &AppContext, scope: &ScopeKey) -> Result<u64, OpsError> {
    let mut rows = 0;
    for run in open_runs(context).await? {
        if run.scope == *scope {
            let counts = super::bulk_view::status(context.ledger(), run.id).await?;
            rows += counts.count(RowState::Pending);
        }
    }
    Ok(rows)
}

/// Compares with one list; answers how many of its jobs may be of attempts that the ledger has lost.
async fn compare_one(
    session: &Arc<ProfileSession>,
    kind: EnrichmentKind,
    (settle, tell): (Duration, &Tell<'_>),
    compared: &mut Compared,
) -> Result<u64, OpsError> {
    let profile = session.profile().name.clone();
    let own = session
        .ledger()
        .own_jobs(session.scope().await?, kind)
        .await?;
    let listing = list(session, kind, ListDepth::All).await?;
    if let Some(gap) = missing(&listing, &own) {
        compared.unasked.push(format!("profile {profile}: {gap}"));
    }
    // What was read while nothing proved how the server tells it is read again.
    let version = session.profile().api_version.clone();
    let echo = session
        .ledger()
        .echo_read(session.scope().await?, kind, version);
    let was_proven = echo.await?.is_some_and(|read| read.matched);
    let unproven = unproven(session, kind, (&listing, &own)).await?;
    let unread: Vec<StoredJob> = foreign_jobs(session, kind)
        .await?
        .into_iter()
        .filter(|job| !was_proven && !own.is_empty() || !tells_enough(kind, job))
        .collect();
    read_all(session, kind, (unread, tell)).await?;
    // An attempt that has lost its answer learns its job.
    let findings = reconcile(session, kind, settle).await?;
    let learned = findings.iter().filter(|found| found.is_settled()).count();
    compared.learned += u64::try_from(learned).unwrap_or(u64::MAX);
    compared.lists += 1;
    let own_user = session.reached().await?.user_id;
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    let (mut ours, mut foreign) = (0, 0);
    for job in foreign_jobs(session, kind).await? {
        foreign += 1;
        let by_us = own_user.is_none() || own_user == job.created_by_id;
        ours += u64::from(by_us || job.created_by_id.is_none());
        if !tells_enough(kind, &job) {
            compared.unread += 1;
        } else if let Some(inputs) = inputs_of(kind, &job) {
            *told.entry(inputs).or_default() += 1;
        }
    }
    compared.foreign += foreign;
    // Of jobs that tell the same, one at most is told truly for certain.
    compared.unread += told.values().map(|n| n - 1).sum::<u64>();
    match unproven {
        Some(_) if foreign > 0 && own.is_empty() => compared.notes.push(format!(
            "profile {profile}: no job of this ledger is left to compare with, so nothing proves that the server tells exactly what a job was made of"
        )),
        Some(why) if foreign > 0 => {
            compared.unread = compared.unread.max(foreign);
            compared.notes.push(format!("profile {profile}: {why}"));
        }
        Some(_) | None => {}
    }
    Ok(ours)
}

/// Reads jobs one by one. One that cannot be read is left, and the others are read; where nothing
/// answers any more, the rest is left as well.
async fn read_all(
    session: &Arc<ProfileSession>,
    kind: EnrichmentKind,
    (unread, tell): (Vec<StoredJob>, &Tell<'_>),
) -> Result<(), OpsError> {
    let mut reading = Reading {
        profile: session.profile().name.clone(),
        kind,
        read: 0,
        of: u64::try_from(unread.len()).unwrap_or(u64::MAX),
    };
    tell(&reading);
    let mut failed = 0;
    let mut asked = show_each(session, kind, unread.into_iter().map(|job| job.id));
    while let Some(answer) = asked.next().await {
        match answer {
            Ok(()) => failed = 0,
            Err(OpsError::NotFound(_)) => {}
            Err(error @ OpsError::Ledger(_)) => return Err(error),
            Err(_) => failed += 1,
        }
        if failed == FAILURES_MAX {
            break;
        }
        reading.read += 1;
        tell(&reading);
    }
    Ok(())
}

/// What a job was made of, in its canonical form.
fn inputs_of(kind: EnrichmentKind, job: &StoredJob) -> Option<String> {
    let told = serde_json::from_str(job.enrich_based_on.as_deref()?).ok()?;
    Some(Identity::of(&readable(kind, &told)).inputs)
}

/// Whether somebody can be known again by what a job tells.
fn tells_enough(kind: EnrichmentKind, job: &StoredJob) -> bool {
    let told = job.enrich_based_on.as_deref();
    let told = told.and_then(|told| serde_json::from_str(told).ok());
    told.is_some_and(|told| !Identity::of(&readable(kind, &told)).keys.is_empty())
}

/// Runs whose rows may still be sent.
async fn open_runs(context: &AppContext) -> Result<Vec<RunRow>, OpsError> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let query = RunQuery {
            profile: None,
            before,
            limit: PAGE_ROWS_MAX,
        };
        let page = context.ledger().runs(query).await?;
        before = page.last().map(|run| run.id);
        let is_last = page.len() < PAGE_ROWS_MAX;
        found.extend(page.into_iter().filter(|run| match run.state {
            RunState::Ready | RunState::Running | RunState::Paused => true,
            RunState::Importing | RunState::Finished => false,
        }));
        if is_last {
            return Ok(found);
        }
    }
}

/// The rows of a run that wait for somebody who was asked for before.
async fn waiting(context: &AppContext, run: &RunRow) -> Result<Vec<(RowNumber, Match)>, OpsError> {
    // A profile that is gone sends nothing.
    let Ok(session) = context.session(Some(&run.profile)) else {
        return Ok(Vec::new());
    };
    let word = word_of_run(&session, run);
    Ok(context.ledger().asked_before(run.id, word).await?)
}
