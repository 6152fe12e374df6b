//! Settling what is unknown: did the server make a job, and which one?
//!
//! ```text
//!   wait the settle time ─► list all jobs ─► jobs that no attempt has ─► GET each
//!     ─► same inputs, at that time, made by us ─► match as a multiset
//!          a job for it            scheduled, with that id
//!          proven that there is none   absent; its unit is released
//!          anything less certain   stays unknown, with its candidates and what is missing
//! ```
//!
//! Absent is proven by all of these together: each job that may be its own was made of other inputs,
//! as far as can be read; a job of ours was read back and told what had been sent; and the list went
//! to its end, holds every job of ours, and reaches behind the attempt. Neither the clock of this
//! machine nor the user who made a job excludes one. A job that appears all the same makes an absent
//! attempt scheduled. One for which a 2xx was seen is never called absent.

mod matching;
mod proof;
mod window;

use std::time::Duration;

use serde_json::Value;

use matching::{Case, decide};
use proof::Reach;
pub(super) use proof::{missing, unproven};
pub(super) use window::Window;

use super::error::OpsError;
use super::job_list::{ListDepth, list};
use super::reach::check_pin;
use super::session::ProfileSession;
use crate::base::limits::{CLOCKS_APART, LATE_JOB_MAX};
use crate::base::{AttemptId, EnrichmentKind, JobId, Outcome, Timestamp};
use crate::enrichment::Draft;
use crate::enrichment::echo::{likeness, readable};
use crate::enrichment::job::JobStatus;
use crate::ledger::{
    Around, AttemptDetail, AttemptRow, JobQuery, LedgerError, Resolution, ResolvedBy, StoredJob,
    Verdict as Resolved,
};
use crate::zoho::probe::Host;

/// Most jobs that one reconcile asks for one by one: a bound on API credits.
const CANDIDATES_MAX: usize = 500;
/// Most of these that were made at other times by the server's clock, which may have been put right
/// meanwhile.
const OTHER_TIMES_MAX: usize = 50;

/// What reconcile found about one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The attempt.
    pub attempt: AttemptId,
    /// What it was before.
    pub before: Outcome,
    /// What became of it.
    pub verdict: Finished,
}

impl Finding {
    /// Whether it is known now what became of it.
    pub fn is_settled(&self) -> bool {
        matches!(self.verdict, Finished::Scheduled(_) | Finished::Absent)
    }

    /// Whether its job appeared after it had been called absent.
    pub fn is_late(&self) -> bool {
        self.before == Outcome::Absent && matches!(self.verdict, Finished::Scheduled(_))
    }
}

/// What became of one unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Finished {
    /// The server made this job for it.
    Scheduled(JobId),
    /// There is no job; the unit is released.
    Absent,
    /// The settle time is not over.
    TooEarly {
        /// When it is.
        until: Timestamp,
    },
    /// It stays unknown.
    Undecided {
        /// Why.
        why: String,
        /// Jobs that may be it.
        candidates: Vec<Candidate>,
    },
}

/// A job that may belong to an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The job.
    pub id: JobId,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Who made it, as the server names it.
    pub created_by: Option<String>,
    /// What it was made of.
    pub enrich_based_on: Value,
    /// Whether its inputs are those of the attempt.
    pub has_same_inputs: bool,
}

/// Settles what can be settled.
///
/// # Errors
/// When there is no token, the list cannot be read, or the ledger cannot be written. What was
/// settled before stays settled.
pub async fn reconcile(
    session: &ProfileSession,
    kind: EnrichmentKind,
    settle: Duration,
) -> Result<Vec<Finding>, OpsError> {
    session.ledger().recover().await?;
    let unknowns = session
        .ledger()
        .unknowns(session.scope().await?, kind)
        .await?;
    let (ripe, mut findings) = ripened(session, kind, (unknowns, settle)).await?;
    let absent = watched(session, kind).await?;
    if ripe.is_empty() && absent.is_empty() {
        return Ok(findings);
    }
    check_pin(session).await?;
    // Whatever becomes ours while the list is read may not be in it. The scope may be another one since
    // the organisation was asked for.
    let own = session
        .ledger()
        .own_jobs(session.scope().await?, kind)
        .await?;
    let listing = list(session, kind, ListDepth::All).await?;
    super::gate::keep_time(session).await?;
    let reach = Reach::of(&listing, &own);
    let ripe = with_windows(session, ripe, &reach).await?;
    let absent = with_windows(session, absent, &reach).await?;
    let jobs = candidates(session, kind, (&ripe, &absent)).await?;
    let missing = missing(&listing, &own);
    let is_asked = missing.is_none() && ripe.iter().any(|ripe| !ripe.is_accepted());
    let unproven = if is_asked {
        unproven(session, kind, (&listing, &own)).await?
    } else {
        None
    };
    let own_user = session.reached().await?.user_id;
    let decided = decide(&Case {
        ripe: &ripe,
        absent: &absent,
        jobs: &jobs,
        own_user: own_user.as_deref(),
        missing: missing.as_deref(),
        unproven: unproven.as_deref(),
    });
    for (attempt, verdict) in decided {
        let verdict = record(session, attempt, verdict).await?;
        findings.push(finding(attempt, verdict));
    }
    findings.sort_by_key(|finding| finding.attempt);
    Ok(findings)
}

/// How much longer an attempt must wait until a job that does not exist will not appear. Only what is
/// proven counts: a wall clock may have been set. The settle time begins when nothing more was heard.
pub(super) fn wait(attempt: &AttemptRow, around: &Around, settle: Duration) -> Duration {
    let needed = settle.saturating_add(attempt.latency.unwrap_or_default());
    needed.saturating_sub(around.age.unwrap_or_default())
}

/// Those whose settle time is over, and what is said of the others. What was made before this boot of
/// the host gets older only by the server's clock: it is asked, and where nothing else proves an age,
/// it is counted from now on.
async fn ripened(
    session: &ProfileSession,
    kind: EnrichmentKind,
    (unknowns, settle): (Vec<AttemptDetail>, Duration),
) -> Result<(Vec<AttemptDetail>, Vec<Finding>), OpsError> {
    let mut waiting = Vec::new();
    let mut earlier_boot = Vec::new();
    let mut ripe = Vec::new();
    for attempt in unknowns {
        let around = session.ledger().around(attempt.row.id).await?;
        if wait(&attempt.row, &around, settle).is_zero() {
            ripe.push(attempt);
            continue;
        }
        if !around.is_of_this_boot {
            earlier_boot.push(attempt.row.id);
        }
        waiting.push(attempt);
    }
    if !earlier_boot.is_empty() {
        super::gate::learn_time(session, kind).await?;
        session.ledger().note_time_of(earlier_boot).await?;
    }
    let mut findings = Vec::new();
    for attempt in waiting {
        let around = session.ledger().around(attempt.row.id).await?;
        let wait = wait(&attempt.row, &around, settle);
        if wait.is_zero() {
            ripe.push(attempt);
            continue;
        }
        let until = session.clock().now().checked_add(wait);
        let until = until.unwrap_or(Timestamp::MAX);
        findings.push(finding(&attempt, Finished::TooEarly { until }));
    }
    Ok((ripe, findings))
}

/// What was called absent not so long ago that nothing can appear any more.
async fn watched(
    session: &ProfileSession,
    kind: EnrichmentKind,
) -> Result<Vec<AttemptDetail>, OpsError> {
    let mut watched = Vec::new();
    for attempt in session
        .ledger()
        .absent(session.scope().await?, kind)
        .await?
    {
        let age = session.ledger().around(attempt.row.id).await?.age;
        if age.is_none_or(|age| age < LATE_JOB_MAX) {
            watched.push(attempt);
        }
    }
    Ok(watched)
}

fn finding(attempt: &AttemptDetail, verdict: Finished) -> Finding {
    Finding {
        attempt: attempt.row.id,
        before: attempt.row.outcome,
        verdict,
    }
}

/// Records a verdict; somebody who reconciles at the same time may have been faster, and then
/// theirs stands.
async fn record(
    session: &ProfileSession,
    attempt: &AttemptDetail,
    verdict: Finished,
) -> Result<Finished, OpsError> {
    let resolved = match &verdict {
        Finished::Scheduled(job_id) => Resolved::Scheduled {
            job_id: job_id.clone(),
        },
        Finished::Absent => Resolved::Absent,
        Finished::TooEarly { .. } | Finished::Undecided { .. } => return Ok(verdict),
    };
    let id = attempt.row.id;
    let is_late = attempt.row.outcome == Outcome::Absent;
    let resolution = Resolution {
        verdict: resolved,
        by: ResolvedBy::Reconcile,
        note: is_late.then(|| "its job appeared after it had been called absent".to_owned()),
    };
    match session.ledger().resolve(id, resolution).await {
        Ok(_) => Ok(verdict),
        Err(error @ (LedgerError::IllegalStep { .. } | LedgerError::JobTaken { .. })) => {
            let now = session.ledger().attempt(id).await?.map(|found| found.row);
            Ok(match now.map(|row| (row.outcome, row.job_id)) {
                Some((Outcome::Scheduled, Some(job))) => Finished::Scheduled(job),
                Some((Outcome::Absent, _)) => Finished::Absent,
                _ => Finished::Undecided {
                    why: error.to_string(),
                    candidates: Vec::new(),
                },
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// An attempt whose fate is looked for.
struct Ripe {
    attempt: AttemptDetail,
    /// What was sent; `None` once it was purged.
    sent: Option<Draft>,
    /// When the server may have made its job.
    window: Window,
    /// Whether the list goes back behind it.
    is_reached: bool,
}

impl Ripe {
    /// Whether a 2xx was seen for it.
    fn is_accepted(&self) -> bool {
        self.attempt.row.outcome == Outcome::UnknownAccepted
    }
}

async fn with_windows(
    session: &ProfileSession,
    attempts: Vec<AttemptDetail>,
    reach: &Reach,
) -> Result<Vec<Ripe>, OpsError> {
    let apart = clocks_apart(session).await;
    let mut found = Vec::with_capacity(attempts.len());
    for attempt in attempts {
        let around = session.ledger().around(attempt.row.id).await?;
        found.push(Ripe {
            sent: sent(&attempt),
            window: Window::of(&attempt.row, apart, &around),
            is_reached: reach.is_behind(attempt.row.id, &around),
            attempt,
        });
    }
    Ok(found)
}

/// What an attempt sent, as long as that is kept.
fn sent(attempt: &AttemptDetail) -> Option<Draft> {
    let empty = Draft::new(attempt.row.kind, &attempt.row.module);
    empty.with_json(attempt.row.inputs.as_deref()?).ok()
}

/// Whether a job was made of what an attempt sent, as far as that can be read.
pub(super) fn has_same_inputs(attempt: &AttemptDetail, told: &Value) -> bool {
    sent(attempt).is_some_and(|sent| likeness(&sent, told).is_match())
}

/// A job of the server that no attempt has.
#[derive(Debug, Clone)]
struct ForeignJob {
    stored: StoredJob,
    /// What it was made of; `None` where it could not be looked at.
    told: Option<Value>,
    /// Whether another job was made of the same: a server that mixes up jobs tells that, too.
    is_doubled: bool,
}

/// The jobs that may belong to one of the attempts. Those that cannot be read this time are at the
/// next, because what was read is kept.
async fn candidates(
    session: &ProfileSession,
    kind: EnrichmentKind,
    (ripe, absent): (&[Ripe], &[Ripe]),
) -> Result<Vec<ForeignJob>, OpsError> {
    let (mut asked, mut of_other_times) = (0, 0);
    let mut found = Vec::new();
    for stored in foreign_jobs(session, kind).await? {
        let mut all = ripe.iter().chain(absent);
        let in_time = all.any(|ripe| ripe.window.may_hold(stored.created));
        let kept = stored.enrich_based_on.as_deref();
        let told = match kept.and_then(|text| serde_json::from_str(text).ok()) {
            Some(told) => Some(told),
            None if !in_time && of_other_times == OTHER_TIMES_MAX => continue,
            None if asked == CANDIDATES_MAX => None,
            None => {
                asked += 1;
                of_other_times += usize::from(!in_time);
                match super::jobs::show(session, kind, &stored.id).await {
                    Ok(job) => Some(job.enrich_based_on),
                    // It stands in the list and cannot be looked at.
                    Err(OpsError::NotFound(_)) => None,
                    Err(error) => return Err(error),
                }
            }
        };
        found.push(ForeignJob {
            stored,
            told,
            is_doubled: false,
        });
    }
    mark_doubled(session, kind, &mut found).await?;
    Ok(found)
}

/// What two jobs tell of themselves proves of neither whose it is.
async fn mark_doubled(
    session: &ProfileSession,
    kind: EnrichmentKind,
    jobs: &mut [ForeignJob],
) -> Result<(), OpsError> {
    let mut told = Vec::new();
    for job in jobs {
        let draft = job.told.as_ref().map(|told| readable(kind, told));
        if let Some(draft) = draft.filter(|draft| !draft.is_empty()) {
            told.push((super::gate::asked(session, &draft)?, job));
        }
    }
    let place = (session.scope().await?, kind);
    let asked = told.iter().map(|(asked, _)| asked.clone()).collect();
    let seen = session.ledger().seen(place, asked).await?;
    for ((_, job), seen) in told.into_iter().zip(seen) {
        let mut others = seen.matches.into_iter().filter_map(|found| found.job_id);
        job.is_doubled = others.any(|other| other != job.stored.id);
    }
    Ok(())
}

pub(super) async fn foreign_jobs(
    session: &ProfileSession,
    kind: EnrichmentKind,
) -> Result<Vec<StoredJob>, OpsError> {
    const PAGE: usize = 500;
    let scope = session.scope().await?;
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = session
            .ledger()
            .jobs(JobQuery {
                scope: scope.clone(),
                kind,
                status: None,
                before: before.clone(),
                limit: PAGE,
            })
            .await?;
        let is_last = page.len() < PAGE;
        before = page.last().map(|job| (job.at, job.id.clone()));
        all.extend(page.into_iter().filter(|job| job.attempt.is_none()));
        if is_last || before.is_none() {
            return Ok(all);
        }
    }
}

/// How far the server's times may be from ours. A clock that is wrong by hours must not hide a job
/// that was made, so what it is wrong by at this moment is added to what is usual.
pub(super) async fn clocks_apart(session: &ProfileSession) -> Duration {
    let date = match session.client().probe(Host::Api).await {
        Ok(reached) => reached.date,
        Err(_) => None,
    };
    let wrong_by = date.map_or(Duration::ZERO, |date| {
        date.duration_since(session.clock().now()).unsigned_abs()
    });
    CLOCKS_APART.saturating_add(wrong_by)
}

/// A status that a person can read beside a candidate.
pub fn status_words(status: &str) -> &'static str {
    JobStatus::from(status).plain()
}
