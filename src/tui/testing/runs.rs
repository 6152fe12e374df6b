//! Runs as the ledger tells of them.

use crate::base::{DataCenter, EnrichmentKind, Environment, RowNumber, RunId};
use crate::bulk::{Cost, PlanReport, Units};
use crate::enrichment::usage::{Usage, UsageInputs};
use crate::ledger::{Overlap, RowResult, RowState, RunRow, RunRowRecord, RunState, ScopeKey};
use crate::ops::bulk_page::Page;
use crate::ops::bulk_plan::Planned;
use crate::ops::bulk_view::{Holder, Prospect, RunView};
use crate::tui::app::op::{Op, Payload};
use crate::tui::testing::Harness;

/// A run with so many rows in each state.
pub(crate) fn run(id: i64, state: RunState, counts: &[(RowState, u64)]) -> RunView {
    let profile = "us-prod".parse().unwrap();
    let at = "2026-11-24T13:30:00Z".parse().unwrap();
    RunView {
        run: RunRow {
            id: RunId(id),
            scope: ScopeKey::of_profile(DataCenter::Us, Environment::Production, &profile),
            profile,
            kind: EnrichmentKind::People,
            module: "Leads".to_owned(),
            file_name: format!("people-{id}.csv"),
            sha256: "ab".repeat(32),
            columns: "[]".to_owned(),
            mapping: "{}".to_owned(),
            settings: "{}".to_owned(),
            operator: "ada".to_owned(),
            created_at: at,
            state,
            reason: (state == RunState::Paused)
                .then(|| "limit: the limit of the organisation is reached".to_owned()),
            state_at: at,
        },
        counts: counts.iter().copied().collect(),
        holder: (state == RunState::Running).then_some(Holder {
            pid: Some(4_242),
            since: Some(at),
        }),
    }
}

/// One that goes on, one that waits to be started, one that pauses, one that is done.
pub(crate) fn runs() -> Vec<RunView> {
    let mut interrupted = run(
        2,
        RunState::Running,
        &[(RowState::Pending, 9), (RowState::Scheduled, 1)],
    );
    interrupted.holder = None;
    vec![
        run(
            5,
            RunState::Ready,
            &[(RowState::Pending, 40), (RowState::Invalid, 2)],
        ),
        run(
            4,
            RunState::Running,
            &[
                (RowState::Pending, 500),
                (RowState::Sending, 5),
                (RowState::Scheduled, 480),
                (RowState::Rejected, 11),
                (RowState::Unknown, 4),
            ],
        ),
        run(
            3,
            RunState::Paused,
            &[
                (RowState::Pending, 7),
                (RowState::Scheduled, 90),
                (RowState::Absent, 3),
            ],
        ),
        interrupted,
        run(1, RunState::Finished, &[(RowState::Scheduled, 12)]),
    ]
}

/// Rows `first` and those after it, in all states by turns.
pub(crate) fn rows(run: i64, first: i64, count: i64) -> Page {
    let states = RowState::ALL;
    let row = |number: i64| {
        let place = usize::try_from(number).unwrap() % states.len();
        RowResult {
            row: RunRowRecord {
                run: RunId(run),
                row: RowNumber(number),
                line: u64::try_from(number + 1).unwrap(),
                cells: None,
                inputs: Some(format!(
                    r#"{{"email":"p{number}@acme.io","company":"Acme"}}"#
                )),
                record_id: None,
                fingerprint: None,
                state: states[place],
                reason: (states[place] == RowState::Skipped)
                    .then(|| "asks the same as row 2".to_owned()),
                attempt: None,
                verdict: None,
            },
            attempt: None,
            earlier_job: None,
            job_status: None,
            enriched_data: None,
        }
    };
    Page {
        rows: (first..first + count).map(row).collect(),
        has_more: true,
    }
}

/// What a run would do.
pub(crate) fn prospect(view: RunView, spends: u64) -> Prospect {
    let usage = Usage::of(&UsageInputs {
        scheduled: 1_012,
        configured_limit: 1_500,
        ..UsageInputs::default()
    });
    Prospect {
        view,
        usage,
        reserve: 0,
        spends,
        overlap: Overlap::default(),
    }
}

/// A report of a plan.
pub(crate) fn planned() -> Planned {
    let units = Units {
        used: 1_012,
        limit: 1_500,
        reserve: 0,
        is_asked: true,
    };
    Planned {
        run: RunId(6),
        usage: Usage::of(&UsageInputs {
            scheduled: 1_012,
            configured_limit: 1_500,
            ..UsageInputs::default()
        }),
        file_name: "people.csv".to_owned(),
        file: crate::bulk::FileSummary {
            sha256: "ab".repeat(32),
            bytes: 4_096,
            rows: 241,
            reading: crate::bulk::rows::Reading::default(),
            keys: crate::bulk::rows::Keys::default(),
        },
        encoding: crate::bulk::rows::Encoding::UTF_8,
        mapped: Vec::new(),
        unmapped: Vec::new(),
        report: PlanReport {
            rows: 241,
            ready: 230,
            invalid: 1,
            duplicates: 4,
            repeats: Vec::new(),
            already: 6,
            doubtful: 0,
            risky: 0,
            shared: 0,
            sharing: Vec::new(),
            placeholders: 0,
            problems: Vec::new(),
            kinds: Vec::new(),
            cost: Cost::of(230, units),
        },
        to_send: 230,
        before: Vec::new(),
        same_file: Some(RunId(2)),
        also_planned: vec![(RunId(2), 7)],
        already_by: std::collections::BTreeMap::new(),
        shared_before: 0,
        takes: Some(std::time::Duration::from_secs(130)),
        crm: None,
        fills: None,
    }
}

/// What was asked about runs and files since this was called last.
pub(crate) fn asked(harness: &mut Harness) -> Vec<Op> {
    let mut ops = harness.ops();
    ops.retain(|op| {
        matches!(
            op,
            Op::LoadRuns { .. }
                | Op::LoadRows(_)
                | Op::LookAhead(_)
                | Op::StartRun(_)
                | Op::PauseRun(_)
                | Op::RequeueRows { .. }
                | Op::SkipRows { .. }
                | Op::DiscardRun(_)
                | Op::TrackRun(_)
                | Op::ExportRun { .. }
                | Op::LookAtFile { .. }
                | Op::CompletePath(_)
                | Op::PlanRun(_)
        )
    });
    ops
}

/// Answers the questions for lists and rows; hands back what else was asked.
pub(crate) fn answer(harness: &mut Harness, list: &[RunView]) -> Vec<Op> {
    let mut others = Vec::new();
    others.extend(harness.ops());
    harness.answer_with(|op| {
        Some(match op {
            Op::LoadRuns { .. } => Payload::LoadRuns(list.to_vec()),
            Op::LoadRows(query) => {
                let first = query.after.map_or(0, |after| after.0) + 1;
                Payload::LoadRows(rows(query.run.0, first, 300))
            }
            _ => return None,
        })
    });
    others.extend(harness.ops());
    others.retain(|op| !matches!(op, Op::LoadRuns { .. } | Op::LoadRows(_)));
    others
}

/// A console at the Runs screen.
pub(crate) fn running(width: u16, height: u16) -> Harness {
    let mut harness = Harness::at_work(width, height);
    harness.press("Esc 3");
    answer(&mut harness, &runs());
    harness
}
