//! The counters against a model that is too simple to be wrong.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::fixture::{KIND, Place, attempt, scope, send};
use crate::base::{AttemptId, Outcome};
use crate::ledger::{
    Ledger, ListCompleteness, Resolution, ResolvedBy, ServerJob, Settlement, Verdict,
};

#[derive(Debug, Clone)]
enum Step {
    Dispatch,
    Settle(usize, Outcome, u8),
    Resolve(usize, Option<u8>),
    Merge(Vec<u8>),
    Recover,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = proptest::sample::select(Outcome::ALL.to_vec());
    let step = prop_oneof![
        3 => Just(Step::Dispatch),
        4 => (0..8_usize, outcome, 0..12_u8).prop_map(|(at, o, job)| Step::Settle(at, o, job)),
        2 => (0..8_usize, proptest::option::of(0..12_u8)).prop_map(|(at, job)| Step::Resolve(at, job)),
        1 => proptest::collection::vec(0..12_u8, 0..4).prop_map(Step::Merge),
        1 => Just(Step::Recover),
    ];
    proptest::collection::vec(step, 1..40)
}

/// Attempts with their outcome and job, and the ids the server told of.
#[derive(Default)]
struct Model {
    attempts: BTreeMap<AttemptId, (Outcome, Option<u8>)>,
    server: BTreeSet<u8>,
}

impl Model {
    fn nth(&self, at: usize) -> Option<AttemptId> {
        self.attempts.keys().nth(at).copied()
    }

    fn has_job(&self, job: u8) -> bool {
        self.attempts.values().any(|(_, has)| *has == Some(job))
    }

    fn settle(&mut self, id: AttemptId, outcome: Outcome, job: u8) {
        let (now, has) = self.attempts[&id];
        let (to, job) = match outcome {
            Outcome::Scheduled if has == Some(job) || !self.has_job(job) => (outcome, Some(job)),
            Outcome::Scheduled => (Outcome::UnknownAccepted, None),
            other => (other, None),
        };
        if !matches!(outcome, Outcome::Sending | Outcome::Absent) && now.may_become(to) {
            self.attempts.insert(id, (to, job));
        }
    }

    fn resolve(&mut self, id: AttemptId, job: Option<u8>) {
        let (now, _) = self.attempts[&id];
        match job {
            Some(job) if now.is_unknown() && !self.has_job(job) => {
                self.attempts.insert(id, (Outcome::Scheduled, Some(job)));
            }
            None if now == Outcome::Unknown => {
                self.attempts.insert(id, (Outcome::Absent, None));
            }
            _ => {}
        }
    }

    fn used(&self) -> u64 {
        let mut ids = self.server.clone();
        ids.extend(self.attempts.values().filter_map(|(_, job)| *job));
        let open = self
            .attempts
            .values()
            .filter(|(outcome, job)| outcome.is_charged() && job.is_none());
        u64::try_from(ids.len() + open.count()).unwrap()
    }
}

async fn take(ledger: &Ledger, model: &mut Model, step: Step) {
    match step {
        Step::Dispatch => {
            let id = send(ledger, attempt(ledger, "ada")).await;
            model.attempts.insert(id, (Outcome::Sending, None));
        }
        Step::Settle(at, outcome, job) => {
            let Some(id) = model.nth(at) else { return };
            let mut answer = Settlement::bare(outcome);
            answer.job_id = Some(job.to_string().parse().unwrap());
            // An illegal step is refused, and changes nothing.
            let _ = ledger.settle(id, answer).await;
            model.settle(id, outcome, job);
        }
        Step::Resolve(at, job) => {
            let Some(id) = model.nth(at) else { return };
            let verdict = job.map_or(Verdict::Absent, |job| Verdict::Scheduled {
                job_id: job.to_string().parse().unwrap(),
            });
            let by = ResolvedBy::Operator;
            let _ = ledger
                .resolve(
                    id,
                    Resolution {
                        verdict,
                        by,
                        note: None,
                    },
                )
                .await;
            model.resolve(id, job);
        }
        Step::Merge(jobs) => {
            let list = jobs.iter().map(|job| ServerJob {
                id: job.to_string().parse().unwrap(),
                status: "RUNNING".to_owned(),
                created: None,
                created_by_id: Some("1".to_owned()),
                created_by_name: None,
            });
            ledger
                .merge_jobs(scope(), KIND, list.collect(), ListCompleteness::Partial)
                .await
                .unwrap();
            model.server.extend(jobs);
        }
        Step::Recover => {
            assert_eq!(ledger.recover().await.unwrap(), 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn usage_is_the_union_of_both_sides_and_what_is_open(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let ledger = place.open();
            let mut model = Model::default();

            for step in steps {
                take(&ledger, &mut model, step).await;
                let counts = ledger.counts(scope(), KIND).await.unwrap();
                assert_eq!(counts.used(), model.used());
            }

            for (id, (outcome, _)) in &model.attempts {
                let row = ledger.attempt(*id).await.unwrap().unwrap().row;
                assert_eq!(row.outcome, *outcome);
            }
            let report = ledger.check().await.unwrap();
            assert!(report.is_sound(), "{report:?}");
        });
    }
}
