//! Which of the server's jobs belongs to which unknown attempt: pure, by what was asked.
//!
//! Attempts and jobs are matched as multisets of their inputs. Where fewer jobs were made than asked
//! for, the attempts that are alike in everything are interchangeable: so many have a job, the rest
//! have none. Attempts for different records are not; they stay unknown, each with the jobs that
//! may be its own, and count as spent until a person has said whose they are. Where even a request
//! that a 2xx was seen for has no job, the list does not tell all, and no other is called absent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Candidate, Finished, ForeignJob, Ripe};
use crate::base::{JobId, counted};
use crate::enrichment::echo::{Likeness, likeness};
use crate::enrichment::identity::Identity;
use crate::ledger::AttemptDetail;

/// Most jobs that are shown beside one attempt, the likeliest first.
const SHOWN_MAX: usize = 50;

/// What is to be decided, and by what.
pub(super) struct Case<'a> {
    /// Attempts whose outcome is unknown.
    pub(super) ripe: &'a [Ripe],
    /// Attempts that were called absent.
    pub(super) absent: &'a [Ripe],
    /// The jobs that may belong to one of them.
    pub(super) jobs: &'a [ForeignJob],
    /// The user behind the token.
    pub(super) own_user: Option<&'a str>,
    /// Why the list may not hold every job, if so.
    pub(super) missing: Option<&'a str>,
    /// Why the server's word on what a job was made of proves nothing yet, if so. A job that is found
    /// here to tell exactly what was sent proves it.
    pub(super) unproven: Option<&'a str>,
}

/// Says of each unknown attempt what became of it, and of the absent ones whose job has appeared.
pub(super) fn decide<'a>(case: &Case<'a>) -> Vec<(&'a AttemptDetail, Finished)> {
    let groups = groups(case.ripe);
    let claims = Claims::of(case, &groups);
    let mut steps: Vec<(&Ripe, Step)> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        steps.extend(claims.matched(number, group));
    }
    let taken: BTreeSet<JobId> = steps
        .iter()
        .filter_map(|(_, step)| match step {
            Step::Takes(job) => Some(job.clone()),
            Step::Open(_) | Step::Left => None,
        })
        .collect();
    let is_told = case.jobs.iter().any(|job| {
        let mut all = case.ripe.iter();
        taken.contains(&job.stored.id) && all.any(|ripe| like(ripe, job) == Likeness::Exact)
    });
    let gap = case.missing.or(case.unproven.filter(|_| !is_told));
    let mut decided: Vec<(&AttemptDetail, Finished)> = case
        .ripe
        .iter()
        .filter(|ripe| ripe.sent.is_none())
        .map(|ripe| {
            let why = "its request is no longer in the ledger".to_owned();
            let candidates = Vec::new();
            (&ripe.attempt, Finished::Undecided { why, candidates })
        })
        .collect();
    decided.extend(steps.into_iter().map(|(ripe, step)| {
        let verdict = match step {
            Step::Takes(job) => Finished::Scheduled(job),
            Step::Open(why) => Finished::Undecided {
                why,
                candidates: shown(&possible(case, ripe)),
            },
            Step::Left => without_job(case, ripe, (&taken, gap)),
        };
        (&ripe.attempt, verdict)
    }));
    decided.extend(late(case, &taken));
    decided
}

/// What the first look at a group says of one of its attempts.
enum Step {
    /// This job is its own.
    Takes(JobId),
    /// It cannot be told, for this reason.
    Open(String),
    /// There is no job for it, if that can be proven.
    Left,
}

/// Attempts with the same inputs; those that a 2xx was seen for come first: they have a job for
/// certain.
type Group<'a> = Vec<&'a Ripe>;

fn groups(all: &[Ripe]) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    for ripe in all {
        if let Some(sent) = &ripe.sent {
            let inputs = Identity::of(sent).inputs;
            groups.entry(inputs).or_default().push(ripe);
        }
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|ripe| (!ripe.is_accepted(), ripe.attempt.row.id));
    }
    groups
}

/// The jobs that may be an attempt's own, each with how it stands to what was sent.
fn possible<'a>(case: &Case<'a>, ripe: &Ripe) -> Vec<(&'a ForeignJob, Likeness)> {
    let all = case.jobs.iter().map(|job| (job, like(ripe, job)));
    all.filter(|(job, likeness)| {
        // A server's clock may have been put right meanwhile: no time speaks against equal inputs.
        let in_time = ripe.window.may_hold(job.stored.created) || likeness.is_match();
        in_time && *likeness != Likeness::Other
    })
    .collect()
}

fn like(ripe: &Ripe, job: &ForeignJob) -> Likeness {
    match (&ripe.sent, &job.told) {
        (Some(sent), Some(told)) => match likeness(sent, told) {
            Likeness::Other if job.is_doubled => Likeness::Unreadable,
            likeness => likeness,
        },
        (None, _) | (_, None) => Likeness::Unreadable,
    }
}

/// Which group each job belongs to, by what it was made of.
struct Claims<'a> {
    /// For each group the jobs that are its own: made of its inputs, by us, at the time.
    ours: Vec<Vec<&'a ForeignJob>>,
}

impl<'a> Claims<'a> {
    fn of(case: &Case<'a>, groups: &[Group<'_>]) -> Self {
        let mut ours = vec![Vec::new(); groups.len()];
        for job in case.jobs {
            let alike = |wanted: fn(Likeness) -> bool| -> Vec<usize> {
                let all = groups.iter().enumerate();
                all.filter(|(_, group)| {
                    let mut group = group.iter();
                    group.any(|ripe| {
                        ripe.window.may_hold(job.stored.created) && wanted(like(ripe, job))
                    })
                })
                .map(|(number, _)| number)
                .collect()
            };
            let exact = alike(|likeness| likeness == Likeness::Exact);
            let claimed = if exact.is_empty() {
                alike(Likeness::is_match)
            } else {
                exact
            };
            // What several may have made is nobody's for certain.
            if let [number] = claimed.as_slice()
                && let Some(group) = groups.get(*number)
                && is_ours(case, group, job)
                && let Some(ours) = ours.get_mut(*number)
            {
                ours.push(job);
            }
        }
        Self { ours }
    }

    fn matched<'r>(&self, number: usize, group: &Group<'r>) -> Vec<(&'r Ripe, Step)> {
        let ours = self.ours.get(number).map_or(&[][..], Vec::as_slice);
        if ours.len() > group.len() {
            let why = format!(
                "{} jobs have the same inputs; one look cannot tell which is ours",
                ours.len()
            );
            return open(group, &why);
        }
        let accepted = group.iter().take_while(|ripe| ripe.is_accepted()).count();
        let (certain, rest) = group.split_at(accepted);
        if accepted > ours.len() {
            // A job that was accepted is missing, so others may be missing too.
            let why =
                "the server accepted a request with the same inputs, and its list lacks a job";
            let mut found = in_turn(certain, ours);
            found.extend(open(rest, why));
            return found;
        }
        let left = ours.len().saturating_sub(accepted);
        if left > 0 && left < rest.len() && !are_alike(rest) {
            let why = format!(
                "{left} of {} requests with the same inputs made a job; it cannot be told which",
                rest.len()
            );
            let mut found = in_turn(certain, ours);
            found.extend(open(rest, &why));
            return found;
        }
        in_turn(group, ours)
    }
}

/// Whether a job was made by us, at the time of one of these attempts.
fn is_ours(case: &Case<'_>, group: &[&Ripe], job: &ForeignJob) -> bool {
    let by_us = match (case.own_user, &job.stored.created_by_id) {
        (Some(own), Some(by)) => own == by,
        _ => true,
    };
    let mut group = group.iter();
    by_us && group.any(|ripe| ripe.window.holds(job.stored.created))
}

/// Each attempt takes the next job.
fn in_turn<'r>(group: &[&'r Ripe], ours: &[&ForeignJob]) -> Vec<(&'r Ripe, Step)> {
    let mut jobs = ours.iter();
    let step = |job: Option<&&ForeignJob>| {
        job.map_or(Step::Left, |job| Step::Takes(job.stored.id.clone()))
    };
    group
        .iter()
        .map(|ripe| (*ripe, step(jobs.next())))
        .collect()
}

fn open<'r>(group: &[&'r Ripe], why: &str) -> Vec<(&'r Ripe, Step)> {
    let open = |ripe: &&'r Ripe| (*ripe, Step::Open(why.to_owned()));
    group.iter().map(open).collect()
}

/// An attempt that no job was found for made none, where that is proven.
fn without_job(
    case: &Case<'_>,
    ripe: &Ripe,
    (taken, gap): (&BTreeSet<JobId>, Option<&str>),
) -> Finished {
    let mut rest = possible(case, ripe);
    rest.retain(|(job, _)| !taken.contains(&job.stored.id));
    let why = if ripe.is_accepted() {
        "the server accepted it, but its list has no such job".to_owned()
    } else if let Some(why) = in_the_way(&rest) {
        why
    } else if let Some(gap) = gap {
        gap.to_owned()
    } else if !ripe.is_reached {
        "the list of jobs holds none that is older than this attempt for certain, so it may begin behind it; settle it by hand with `ziadeck decide`".to_owned()
    } else {
        return Finished::Absent;
    };
    Finished::Undecided {
        why,
        candidates: shown(&rest),
    }
}

/// Why jobs that may be an attempt's own forbid to call it absent.
fn in_the_way(rest: &[(&ForeignJob, Likeness)]) -> Option<String> {
    let count = |wanted: &dyn Fn(&ForeignJob, Likeness) -> bool| {
        let all = rest.iter().filter(|(job, like)| wanted(job, *like));
        u64::try_from(all.count()).unwrap_or(u64::MAX)
    };
    let same = count(&|_, likeness| likeness.is_match());
    let mixed = count(&|_, likeness| likeness == Likeness::Mixed);
    let unread = count(&|job, _| job.told.is_none());
    let hidden = count(&|job, likeness| job.told.is_some() && likeness == Likeness::Unreadable);
    // Whoever was signed in then may not be who is signed in now, and no clock is trusted.
    Some(if same > 0 {
        "a job of the same inputs was made by another user or at another time; `ziadeck decide` says whose it is".to_owned()
    } else if unread > 0 {
        let jobs = counted(unread, "job");
        format!("{jobs} could not be looked at; reconcile again")
    } else if mixed > 0 {
        let jobs = counted(mixed, "job");
        format!(
            "{jobs} may be its own: some inputs are the same, others differ; look at them, then `ziadeck decide`"
        )
    } else if hidden > 0 {
        let jobs = counted(hidden, "job");
        format!(
            "{jobs} may be its own: what it was made of cannot be read or compared; `ziadeck decide` settles it by hand"
        )
    } else {
        return None;
    })
}

/// Absent attempts whose job has appeared: one that matches it and no other one.
fn late<'a>(case: &Case<'a>, taken: &BTreeSet<JobId>) -> Vec<(&'a AttemptDetail, Finished)> {
    let absent = groups(case.absent);
    let unknown = |job: &ForeignJob| {
        let mut all = case.ripe.iter();
        all.any(|ripe| like(ripe, job).is_match() && ripe.window.may_hold(job.stored.created))
    };
    let free: Vec<&ForeignJob> = case
        .jobs
        .iter()
        .filter(|job| !taken.contains(&job.stored.id) && !unknown(job))
        .collect();
    let mut appeared: BTreeMap<usize, Vec<&ForeignJob>> = BTreeMap::new();
    for job in free {
        let all = absent.iter().enumerate();
        let mut alike =
            all.filter(|(_, group)| group.iter().any(|ripe| like(ripe, job).is_match()));
        if let (Some((number, group)), None) = (alike.next(), alike.next())
            && is_ours(case, group, job)
        {
            appeared.entry(number).or_default().push(job);
        }
    }
    let mut found = Vec::new();
    for (number, group) in absent.iter().enumerate() {
        let jobs = appeared.remove(&number).unwrap_or_default();
        // Fewer jobs than attempts are theirs only where it makes no difference whose.
        let is_told = jobs.len() == group.len() || are_alike(group);
        if jobs.len() <= group.len() && is_told {
            let each = group.iter().zip(jobs);
            found.extend(each.map(|(ripe, job)| {
                let verdict = Finished::Scheduled(job.stored.id.clone());
                (&ripe.attempt, verdict)
            }));
        }
    }
    found
}

fn shown(jobs: &[(&ForeignJob, Likeness)]) -> Vec<Candidate> {
    let mut jobs: Vec<_> = jobs.iter().collect();
    jobs.sort_by_key(|(_, likeness)| match likeness {
        Likeness::Exact => 0,
        Likeness::Same => 1,
        Likeness::Mixed => 2,
        Likeness::Unreadable | Likeness::Other => 3,
    });
    let jobs = jobs.into_iter().take(SHOWN_MAX);
    jobs.map(|(job, likeness)| candidate(job, *likeness))
        .collect()
}

/// Whether it makes no difference which of them a job belongs to: a job tells what was asked, not
/// for which record.
fn are_alike(group: &[&Ripe]) -> bool {
    let aim = |ripe: &&Ripe| {
        let row = &ripe.attempt.row;
        (row.module.clone(), row.record_id.clone())
    };
    let mut aims = group.iter().map(aim);
    let first = aims.next();
    aims.all(|aim| Some(&aim) == first.as_ref())
}

fn candidate(job: &ForeignJob, likeness: Likeness) -> Candidate {
    Candidate {
        id: job.stored.id.clone(),
        created: job.stored.created,
        created_by: job.stored.created_by_name.clone(),
        enrich_based_on: job.told.clone().unwrap_or(Value::Null),
        has_same_inputs: likeness.is_match(),
    }
}
