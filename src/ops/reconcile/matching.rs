//! Which of the server's jobs belongs to which unknown attempt: pure, by what was asked.
//!
//! Attempts and jobs are matched as multisets of their inputs. Where fewer jobs were made than asked
//! for, the attempts that are alike in everything are interchangeable: so many have a job, the rest
//! have none. Attempts for different records are not; they stay unknown, each with the jobs that
//! may be its own, and count as spent until a person has said whose they are. Where even a request
//! that a 2xx was seen for has no job, the list does not tell all, and no other is called absent.

use std::collections::HashMap;

use serde_json::Value;

use super::{Candidate, Finished, ForeignJob, Ripe};
use crate::base::Outcome;
use crate::ledger::AttemptDetail;

/// Matches attempts and jobs as multisets of their inputs.
pub(super) fn decide<'a>(
    ripe: &'a [Ripe],
    jobs: &[ForeignJob],
    own_user: Option<&str>,
    is_complete: bool,
) -> Vec<(&'a AttemptDetail, Finished)> {
    let mut groups: HashMap<String, Vec<&Ripe>> = HashMap::new();
    let mut decided = Vec::new();
    for ripe in ripe {
        match sent_inputs(&ripe.attempt) {
            Some(inputs) => groups.entry(inputs).or_default().push(ripe),
            None => decided.push((
                &ripe.attempt,
                Finished::Undecided {
                    why: "its request is no longer in the ledger".to_owned(),
                    candidates: Vec::new(),
                },
            )),
        }
    }
    for (inputs, ripe) in groups {
        // An attempt that a 2xx was seen for has a job for certain, so it comes first.
        let mut attempts: Vec<_> = ripe.iter().map(|ripe| &ripe.attempt).collect();
        attempts.sort_by_key(|attempt| (!is_accepted(attempt), attempt.row.id));
        let same: Vec<_> = jobs
            .iter()
            .filter(|job| key(&job.enrich_based_on) == inputs)
            .filter(|job| ripe.iter().any(|r| r.window.may_hold(job.stored.created)))
            .collect();
        let is_ours = |job: &ForeignJob| match (own_user, &job.stored.created_by_id) {
            (Some(own), Some(by)) => own == by,
            _ => true,
        };
        let ours: Vec<&ForeignJob> = same
            .iter()
            .copied()
            .filter(|job| is_ours(job))
            .filter(|job| ripe.iter().any(|r| r.window.holds(job.stored.created)))
            .collect();
        let group = Group {
            attempts: &attempts,
            same: &same,
            ours: &ours,
            is_complete,
        };
        decided.extend(group.matched());
    }
    decided
}

/// Who may have made what, among attempts with the same inputs.
struct Group<'a, 'j> {
    /// Those that a 2xx was seen for come first: they have a job for certain.
    attempts: &'j [&'a AttemptDetail],
    /// All jobs with these inputs that may belong to one of them.
    same: &'j [&'j ForeignJob],
    /// Of those, the ones that do: made by us, at the time.
    ours: &'j [&'j ForeignJob],
    is_complete: bool,
}

impl<'a, 'j> Group<'a, 'j> {
    fn matched(&self) -> Vec<(&'a AttemptDetail, Finished)> {
        let ours = self.ours;
        if ours.len() > self.attempts.len() {
            let why = format!(
                "{} jobs have the same inputs; one look cannot tell which is ours",
                ours.len()
            );
            return self.undecided(self.attempts, &why);
        }
        let accepted = self.attempts.iter().take_while(|a| is_accepted(a)).count();
        let (certain, rest) = self.attempts.split_at(accepted);
        if accepted > ours.len() {
            // A job that was accepted is missing, so others may be missing too.
            let why =
                "the server accepted a request with the same inputs, and its list lacks a job";
            let mut found = self.in_turn(certain);
            found.extend(self.undecided(rest, why));
            return found;
        }
        let left = ours.len().saturating_sub(accepted);
        if left > 0 && left < rest.len() && !are_alike(rest) {
            let why = format!(
                "{left} of {} requests with the same inputs made a job; it cannot be told which",
                rest.len()
            );
            let mut found = self.in_turn(certain);
            found.extend(self.undecided(rest, &why));
            return found;
        }
        self.in_turn(self.attempts)
    }

    /// Each attempt takes the next job. Those that get none made none, where that is certain.
    fn in_turn(&self, attempts: &[&'a AttemptDetail]) -> Vec<(&'a AttemptDetail, Finished)> {
        let mut jobs = self.ours.iter();
        attempts
            .iter()
            .map(|attempt| {
                let verdict = match jobs.next() {
                    Some(job) => Finished::Scheduled(job.stored.id.clone()),
                    None => self.without_job(attempt),
                };
                (*attempt, verdict)
            })
            .collect()
    }

    fn without_job(&self, attempt: &AttemptDetail) -> Finished {
        let why = if is_accepted(attempt) {
            "the server accepted it, but its list has no such job"
        } else if !self.is_complete {
            "not every job could be looked at; reconcile again"
        } else if self.same.len() > self.ours.len() {
            // Whoever was signed in then may not be who is signed in now, and no clock is trusted.
            "a job of the same inputs was made by another user or at another time"
        } else {
            return Finished::Absent;
        };
        Finished::Undecided {
            why: why.to_owned(),
            candidates: self.shown(),
        }
    }

    fn undecided(
        &self,
        attempts: &[&'a AttemptDetail],
        why: &str,
    ) -> Vec<(&'a AttemptDetail, Finished)> {
        attempts
            .iter()
            .map(|attempt| {
                let verdict = Finished::Undecided {
                    why: why.to_owned(),
                    candidates: self.shown(),
                };
                (*attempt, verdict)
            })
            .collect()
    }

    fn shown(&self) -> Vec<Candidate> {
        self.same.iter().map(|job| candidate(job)).collect()
    }
}

fn is_accepted(attempt: &AttemptDetail) -> bool {
    attempt.row.outcome == Outcome::UnknownAccepted
}

/// Whether it makes no difference which of them a job belongs to: a job tells what was asked, not
/// for which record.
fn are_alike(attempts: &[&AttemptDetail]) -> bool {
    let aim = |a: &&AttemptDetail| (a.row.module.clone(), a.row.record_id.clone());
    let mut aims = attempts.iter().map(aim);
    let first = aims.next();
    aims.all(|aim| Some(&aim) == first.as_ref())
}

fn candidate(job: &ForeignJob) -> Candidate {
    Candidate {
        id: job.stored.id.clone(),
        created: job.stored.created,
        created_by: job.stored.created_by_name.clone(),
        enrich_based_on: job.enrich_based_on.clone(),
        has_same_inputs: true,
    }
}

/// The inputs that were sent, in a form that can be compared.
fn sent_inputs(attempt: &AttemptDetail) -> Option<String> {
    let body: Value = serde_json::from_str(attempt.request_body.as_deref()?).ok()?;
    let inputs = body
        .get(attempt.row.kind.api_name())?
        .as_array()?
        .first()?
        .get("enrich_based_on")?;
    Some(key(inputs))
}

/// Whether a job was made of the inputs that an attempt sent.
pub(in crate::ops) fn has_same_inputs(attempt: &AttemptDetail, enrich_based_on: &Value) -> bool {
    sent_inputs(attempt).is_some_and(|sent| sent == key(enrich_based_on))
}

/// Equal for inputs that mean the same.
fn key(inputs: &Value) -> String {
    normal(inputs).to_string()
}

/// Sorted keys, without nulls and empty objects, so that order and padding make no difference.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map
                .iter()
                .map(|(key, value)| (key.clone(), normal(value)))
                .filter(|(_, value)| {
                    !value.is_null() && *value != Value::Object(Default::default())
                })
                .collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(pairs.into_iter().collect())
        }
        Value::String(text) => Value::from(text.trim()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.clone(),
    }
}
