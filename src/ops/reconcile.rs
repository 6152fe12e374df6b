//! Settling what is unknown: did the server make a job, and which one?
//!
//! ```text
//!   wait the settle time ─► list all jobs ─► jobs the ledger does not know ─► GET each
//!     ─► same inputs, at that time, made by us ─► match as a multiset
//!          a job for it            scheduled, with that id
//!          none, list complete     absent; its unit is released
//!          anything less certain   stays unknown, with its candidates
//! ```
//!
//! An attempt for which a 2xx was seen is never called absent.

mod matching;

use std::time::Duration;

use serde_json::Value;

use matching::decide;
pub(super) use matching::has_same_inputs;

use super::desk::Desk;
use super::error::OpsError;
use super::setup::check_pin;
use super::usage::{ListDepth, list};
use crate::base::limits::CLOCKS_APART;
use crate::base::{AttemptId, EnrichmentKind, JobId, Outcome, Timestamp};
use crate::enrichment::job::JobStatus;
use crate::ledger::{
    Around, AttemptDetail, AttemptRow, JobQuery, LedgerError, ListCompleteness, Resolution,
    ResolvedBy, StoredJob, Verdict as Resolved,
};
use crate::zoho::probe::Host;

/// Most jobs that one reconcile asks for one by one: a bound on API credits.
const CANDIDATES_MAX: usize = 500;

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
    desk: &Desk,
    kind: EnrichmentKind,
    settle: Duration,
) -> Result<Vec<Finding>, OpsError> {
    desk.ledger().recover().await?;
    let unknowns = desk.ledger().unknowns(desk.scope().await?, kind).await?;
    let now = desk.clock().now();
    let mut findings = Vec::new();
    let mut ripe = Vec::new();
    for attempt in unknowns {
        let since = attempt.row.settled_at.unwrap_or(attempt.row.at);
        let until = since.checked_add(settle).unwrap_or(Timestamp::MAX);
        if until > now {
            findings.push(finding(&attempt, Finished::TooEarly { until }));
        } else {
            ripe.push(attempt);
        }
    }
    if ripe.is_empty() {
        return Ok(findings);
    }
    check_pin(desk).await?;
    let listing = list(desk, kind, ListDepth::All).await?;
    let ripe = with_windows(desk, ripe).await?;
    let (candidates, all_read) = candidates(desk, kind, &ripe).await?;
    let is_complete = all_read && listing == ListCompleteness::Complete;
    let pinned = desk.ledger().pinned(desk.profile().name.clone()).await?;
    let own_user = pinned.and_then(|pin| pin.user_id);
    for (attempt, verdict) in decide(&ripe, &candidates, own_user.as_deref(), is_complete) {
        let verdict = record(desk, attempt, verdict).await?;
        findings.push(finding(attempt, verdict));
    }
    findings.sort_by_key(|finding| finding.attempt);
    Ok(findings)
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
    desk: &Desk,
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
    let resolution = Resolution {
        verdict: resolved,
        by: ResolvedBy::Reconcile,
        note: None,
    };
    match desk.ledger().resolve(id, resolution).await {
        Ok(_) => Ok(verdict),
        Err(error @ (LedgerError::IllegalStep { .. } | LedgerError::JobTaken { .. })) => {
            let now = desk.ledger().attempt(id).await?.map(|found| found.row);
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

/// An attempt whose settle time is over, and when the server may have made its job.
struct Ripe {
    attempt: AttemptDetail,
    window: Window,
}

/// When an attempt's job was made, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    /// Whatever our own clock said: a job outside is not the attempt's for certain.
    possible: (Timestamp, Timestamp),
    /// Where a job of the same inputs is the attempt's for certain.
    certain: Option<(Timestamp, Timestamp)>,
}

impl Window {
    fn of(attempt: &AttemptRow, apart: Duration, around: Around) -> Self {
        let late = attempt.settled_at.unwrap_or(attempt.at);
        Self::new((attempt.at, late), apart, around)
    }

    /// Our own times of the attempt are one witness, and the server's times of the jobs around it
    /// are the other. Where they contradict each other our clock was wrong and says nothing; where
    /// nothing is around, a job of any time is possible and none but a near one is certain.
    fn new((at, late): (Timestamp, Timestamp), apart: Duration, around: Around) -> Self {
        let less = |time: Timestamp| time.checked_sub(apart).unwrap_or(Timestamp::MIN);
        let more = |time: Timestamp| time.checked_add(apart).unwrap_or(Timestamp::MAX);
        let near = (less(at), more(late));
        let is_too_early = around.after.is_some_and(|after| after > near.1);
        let is_too_late = around.before.is_some_and(|before| before < near.0);
        let certain = if is_too_early || is_too_late {
            let both = around.after.zip(around.before);
            both.map(|(after, before)| (less(after), more(before)))
        } else {
            Some(near)
        };
        let from = around.after.map(|after| less(after.min(at)));
        let to = around.before.map(|before| more(before.max(late)));
        let possible = (from.unwrap_or(Timestamp::MIN), to.unwrap_or(Timestamp::MAX));
        Self { possible, certain }
    }

    /// A time that cannot be read is not filtered by.
    fn may_hold(&self, created: Option<Timestamp>) -> bool {
        let (from, to) = self.possible;
        created.is_none_or(|created| (from..=to).contains(&created))
    }

    fn holds(&self, created: Option<Timestamp>) -> bool {
        let Some((from, to)) = self.certain else {
            return false;
        };
        created.is_none_or(|created| (from..=to).contains(&created))
    }
}

async fn with_windows(desk: &Desk, ripe: Vec<AttemptDetail>) -> Result<Vec<Ripe>, OpsError> {
    let apart = clocks_apart(desk).await;
    let mut found = Vec::with_capacity(ripe.len());
    for attempt in ripe {
        let around = desk.ledger().around(attempt.row.id).await?;
        let window = Window::of(&attempt.row, apart, around);
        found.push(Ripe { attempt, window });
    }
    Ok(found)
}

/// A job of the server that no attempt has, with what it was made of.
#[derive(Debug, Clone)]
struct ForeignJob {
    stored: StoredJob,
    enrich_based_on: Value,
}

/// The jobs that may belong to one of the attempts. The flag says whether all of them were read;
/// those that were not this time are at the next, because what was read is kept.
async fn candidates(
    desk: &Desk,
    kind: EnrichmentKind,
    ripe: &[Ripe],
) -> Result<(Vec<ForeignJob>, bool), OpsError> {
    let mut all_read = true;
    let mut asked = 0;
    let mut found = Vec::new();
    for stored in foreign_jobs(desk, kind).await? {
        if !ripe.iter().any(|ripe| ripe.window.may_hold(stored.created)) {
            continue;
        }
        let known = stored
            .enrich_based_on
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok());
        let enrich_based_on = match known {
            Some(value) => value,
            None if asked == CANDIDATES_MAX => {
                all_read = false;
                continue;
            }
            None => {
                asked += 1;
                match super::jobs::show(desk, kind, &stored.id).await {
                    Ok(job) => job.enrich_based_on,
                    // It stands in the list and cannot be looked at: nothing is absent for certain.
                    Err(OpsError::NotFound(_)) => {
                        all_read = false;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        found.push(ForeignJob {
            stored,
            enrich_based_on,
        });
    }
    Ok((found, all_read))
}

async fn foreign_jobs(desk: &Desk, kind: EnrichmentKind) -> Result<Vec<StoredJob>, OpsError> {
    const PAGE: usize = 500;
    let scope = desk.scope().await?;
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = desk
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
pub(super) async fn clocks_apart(desk: &Desk) -> Duration {
    let date = match desk.client().probe(Host::Api).await {
        Ok(reached) => reached.date,
        Err(_) => None,
    };
    let wrong_by = date.map_or(Duration::ZERO, |date| {
        date.duration_since(desk.clock().now()).unsigned_abs()
    });
    CLOCKS_APART.saturating_add(wrong_by)
}

/// A time that cannot be read is not filtered by.
pub(super) fn is_near(attempt: &AttemptRow, created: Option<Timestamp>, apart: Duration) -> bool {
    created.is_none_or(|created| {
        let late = attempt.settled_at.unwrap_or(attempt.at);
        let from = attempt.at.checked_sub(apart).unwrap_or(Timestamp::MIN);
        let to = late.checked_add(apart).unwrap_or(Timestamp::MAX);
        (from..=to).contains(&created)
    })
}

/// A status that a person can read beside a candidate.
pub fn status_words(status: &str) -> &'static str {
    JobStatus::from(status).plain()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APART: Duration = Duration::from_secs(900);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window(sent: &str, after: Option<&str>, before: Option<&str>) -> Window {
        let sent = at(sent);
        Window::new(
            (sent, sent),
            APART,
            Around {
                after: after.map(at),
                before: before.map(at),
            },
        )
    }

    /// The job was made at noon, between two others; what our clock said makes no difference.
    #[rstest::rstest]
    #[case::right("2026-11-24T12:00:00Z")]
    #[case::behind("2026-11-20T03:00:00Z")]
    #[case::ahead("2027-01-01T00:00:00Z")]
    fn the_jobs_around_an_attempt_tell_its_time(#[case] ours: &str) {
        let window = window(
            ours,
            Some("2026-11-24T11:50:00Z"),
            Some("2026-11-24T12:10:00Z"),
        );

        assert!(window.holds(Some(at("2026-11-24T12:00:00Z"))));
        assert!(window.holds(None));
    }

    #[test]
    fn a_job_of_another_day_is_nobodys_where_clocks_and_neighbours_agree() {
        let window = window(
            "2026-11-24T12:00:00Z",
            Some("2026-11-24T11:50:00Z"),
            Some("2026-11-24T12:10:00Z"),
        );

        assert!(!window.may_hold(Some(at("2026-11-23T12:00:00Z"))));
        assert!(!window.may_hold(Some(at("2026-11-25T12:00:00Z"))));
    }

    #[test]
    fn without_neighbours_a_job_of_any_time_is_possible_and_only_a_near_one_certain() {
        let window = window("2026-11-24T12:00:00Z", None, None);
        let (near, far) = (at("2026-11-24T12:05:00Z"), at("2026-11-24T15:00:00Z"));

        assert!(window.may_hold(Some(near)) && window.holds(Some(near)));
        assert!(window.may_hold(Some(far)) && !window.holds(Some(far)));
    }
}
