//! Unknowns as the ledger tells of them.

use crate::base::{AttemptId, DataCenter, EnrichmentKind, Environment, Outcome};
use crate::enrichment::{Draft, Field};
use crate::ledger::{AttemptRow, BudgetRule, Forced, Origin, ScopeKey};
use crate::ops::unknowns::{Candidate, Difference, UnknownAttempt};
use crate::tui::app::op::Payload;
use crate::tui::testing::Harness;

fn attempt(id: i64, at: &str, outcome: Outcome) -> AttemptRow {
    let profile = "us-prod".parse().unwrap();
    let (data_center, environment) = (DataCenter::Us, Environment::Production);
    AttemptRow {
        id: AttemptId(id),
        at: format!("2026-11-24T{at}Z").parse().unwrap(),
        settled_at: None,
        scope: ScopeKey::of_profile(data_center, environment, &profile),
        profile,
        data_center,
        environment,
        kind: EnrichmentKind::People,
        module: "Leads".to_owned(),
        record_id: None,
        operator: "ada".to_owned(),
        origin: Origin::Single,
        forced: Forced::No,
        rule: BudgetRule::Hold,
        inputs: None,
        outcome,
        http_status: None,
        code: None,
        message: None,
        job_id: None,
        latency: None,
        note: Some("timed out after 30 s".to_owned()),
        is_late: false,
    }
}

pub(crate) fn candidate(id: &str, differences: Option<Vec<Difference>>) -> Candidate {
    Candidate {
        id: id.parse().unwrap(),
        created: Some("2026-11-24T13:55:09Z".parse().unwrap()),
        created_by: Some("Ada Lovelace".to_owned()),
        differences,
    }
}

/// One with two candidates, one that was accepted, one that is too young.
pub(crate) fn unknowns() -> Vec<UnknownAttempt> {
    let unknown = |id, at, outcome, email: &str, until: &str| {
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.set(Field::Email, email);
        UnknownAttempt {
            attempt: attempt(id, at, outcome),
            draft: Some(draft),
            until: format!("2026-11-24T{until}Z").parse().unwrap(),
            candidates: Vec::new(),
        }
    };
    let mut all = vec![
        unknown(
            1_190,
            "13:55:00",
            Outcome::Unknown,
            "grace@navy.mil",
            "13:57:30",
        ),
        unknown(
            1_195,
            "13:56:00",
            Outcome::UnknownAccepted,
            "lin@initech.com",
            "13:58:00",
        ),
        unknown(
            1_202,
            "14:01:58",
            Outcome::Unknown,
            "ada@acme.io",
            "14:04:28",
        ),
    ];
    let other = Difference {
        field: Field::Email,
        sent: "grace@navy.mil".to_owned(),
        job: "hopper@navy.mil".to_owned(),
    };
    all[0].attempt.origin = Origin::Row(crate::base::RunId(3), crate::base::RowNumber(17));
    all[0].candidates = vec![
        candidate("5725767000003019012", Some(Vec::new())),
        candidate("5725767000003018995", Some(vec![other])),
    ];
    all[1].candidates = vec![candidate("5725767000003019100", None)];
    all
}

/// A console with the unknowns open.
pub(crate) fn settling(width: u16, height: u16) -> Harness {
    let mut harness = Harness::at_work(width, height);
    harness.press("Esc u");
    harness.reply(Payload::LoadUnknowns(unknowns()));
    harness.effects.clear();
    harness
}
