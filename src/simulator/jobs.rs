//! Jobs: what was accepted, and how it gets on.
//!
//! ```text
//!  SCHEDULED ──(a third of job_seconds)──► RUNNING ──(job_seconds)──► COMPLETED
//!                                                                 ├─► DATA_NOT_FOUND
//!                                                                 └─► FAILED
//! ```
//! The state is not stored: it follows from the clock. Every job is one used unit.

use std::time::Duration;

use serde_json::{Value, json};

use super::enriched;
use super::ids::{hash, pick};
use super::persona;
use crate::base::{EnrichmentKind, Timestamp};

/// How a job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Completed,
    DataNotFound,
    Failed,
}

impl End {
    fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "COMPLETED",
            Self::DataNotFound => "DATA_NOT_FOUND",
            Self::Failed => "FAILED",
        }
    }

    /// The end is decided by the inputs alone, so that the same inputs end the same way. An
    /// e-mail that starts with `notfound` or `fail` asks for its end, and Ada Lovelace, whom every
    /// example enriches, is always found.
    pub(super) fn of(inputs: &Value) -> Self {
        let email = inputs.get("email").and_then(Value::as_str).unwrap_or("");
        if email.starts_with("notfound") {
            return Self::DataNotFound;
        }
        if email.starts_with("fail") {
            return Self::Failed;
        }
        let name = inputs.get("name").and_then(Value::as_str).unwrap_or("");
        if email.starts_with("ada@") || name.eq_ignore_ascii_case("Ada Lovelace") {
            return Self::Completed;
        }
        match hash(&inputs.to_string()) % 100 {
            0..10 => Self::DataNotFound,
            10..13 => Self::Failed,
            _ => Self::Completed,
        }
    }
}

/// Who made a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Creator {
    pub(super) id: String,
    pub(super) name: String,
}

/// One accepted POST.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) kind: EnrichmentKind,
    pub(super) module: String,
    pub(super) record_id: Option<String>,
    pub(super) inputs: Value,
    pub(super) created: Timestamp,
    pub(super) creator: Creator,
    /// Monotonic start; `None` for a job that was over before the simulator started.
    pub(super) started: Option<Duration>,
    /// Whether it was made by somebody else than the caller.
    pub(super) foreign: bool,
}

/// The moment at which jobs are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) monotonic: Duration,
    pub(super) job_seconds: Duration,
}

impl Job {
    /// Whether the job can be seen yet: a late one starts in the future.
    pub(super) fn is_visible(&self, at: Moment) -> bool {
        self.started.is_none_or(|start| start <= at.monotonic)
    }

    /// Whether it was made so long ago; one from before the start is as old as anybody asks.
    pub(super) fn is_as_old_as(&self, age: Duration, at: Moment) -> bool {
        self.started
            .is_none_or(|start| at.monotonic.saturating_sub(start) >= age)
    }

    fn end_if_over(&self, at: Moment) -> Option<End> {
        let over = self
            .started
            .is_none_or(|start| at.monotonic.saturating_sub(start) >= at.job_seconds);
        over.then(|| End::of(&self.inputs))
    }

    /// The status word.
    pub(super) fn status(&self, at: Moment) -> &'static str {
        if let Some(end) = self.end_if_over(at) {
            return end.as_str();
        }
        let age = self
            .started
            .map_or(Duration::ZERO, |start| at.monotonic.saturating_sub(start));
        if age.saturating_mul(3) >= at.job_seconds {
            "RUNNING"
        } else {
            "SCHEDULED"
        }
    }

    /// The row of a list (G7).
    pub(super) fn row(&self, at: Moment) -> Value {
        json!({
            "id": self.id,
            "status": self.status(at),
            "created_time": stamp(self.created),
            "created_by": {"id": self.creator.id, "name": self.creator.name},
        })
    }

    /// The whole job (G7): exactly these four keys.
    pub(super) fn whole(&self, at: Moment) -> Value {
        let data = match self.end_if_over(at) {
            Some(End::Completed) => enriched::enriched(self.kind, &self.inputs),
            Some(End::DataNotFound | End::Failed) | None => Value::Null,
        };
        json!({
            "enriched_data": data,
            "enrich_based_on": self.inputs,
            "id": self.id,
            "status": self.status(at),
        })
    }
}

/// A time as the job list spells it.
pub(super) fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time as configuration and records spell it, with an offset.
pub(super) fn stamp_with_offset(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

const COLLEAGUES: [&str; 7] = [
    "Ines Okafor",
    "Rahul Menon",
    "Sofie Lindqvist",
    "Tomás Herrera",
    "Mei Tanaka",
    "Workflow Automation",
    "Dana Whitfield",
];

/// A colleague who works with the same organisation.
pub(super) fn colleague(seed: u64) -> &'static str {
    pick(&COLLEAGUES, seed)
}

/// Inputs of a job that somebody else made.
pub(super) fn foreign_inputs(kind: EnrichmentKind, number: u64) -> Value {
    let person = persona::invented(hash(&format!("foreign {number}")));
    match kind {
        EnrichmentKind::People => json!({
            "name": person.name(),
            "email": person.email(),
            "company": {"name": person.company, "website": person.website()},
        }),
        EnrichmentKind::Org => json!({"name": person.company, "website": person.website()}),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn job(email: &str) -> Job {
        Job {
            id: "5725767000003019012".into(),
            kind: EnrichmentKind::People,
            module: "Leads".into(),
            record_id: None,
            inputs: json!({ "email": email }),
            created: Timestamp::UNIX_EPOCH,
            creator: Creator {
                id: "1".into(),
                name: "Ada".into(),
            },
            started: Some(Duration::from_secs(100)),
            foreign: false,
        }
    }

    #[rstest]
    #[case(100, "SCHEDULED")]
    #[case(102, "SCHEDULED")]
    #[case(103, "RUNNING")]
    #[case(108, "RUNNING")]
    #[case(109, "FAILED")]
    fn a_job_gets_on_with_the_clock(#[case] now: u64, #[case] expected: &str) {
        let at = Moment {
            monotonic: Duration::from_secs(now),
            job_seconds: Duration::from_secs(9),
        };

        assert_eq!(job("fail@a.example").status(at), expected);
    }

    #[test]
    fn an_input_can_ask_for_its_end() {
        assert_eq!(
            End::of(&json!({"email": "notfound@a.example"})),
            End::DataNotFound
        );
        assert_eq!(End::of(&json!({"email": "fail@a.example"})), End::Failed);
    }

    #[test]
    fn the_person_of_the_examples_is_always_found() {
        for n in 0..50 {
            let company = format!("Acme {n}");
            let inputs = json!({"name": "ada lovelace", "company": {"name": company}});

            assert_eq!(End::of(&inputs), End::Completed, "{company}");
        }
    }

    #[test]
    fn most_jobs_are_completed_and_some_are_not() {
        let ends: Vec<End> = (0..400)
            .map(|n| End::of(&foreign_inputs(EnrichmentKind::People, n)))
            .collect();

        let share = |end| ends.iter().filter(|e| **e == end).count();
        assert!(share(End::Completed) > 300);
        assert!(share(End::DataNotFound) > 5);
        assert!(share(End::Failed) > 0);
    }
}
