//! Invented runs: one under way, and those before it.

use ziadeck::base::{
    AttemptId, DataCenter, EnrichmentKind, Environment, Outcome, RowNumber, RunId,
};
use ziadeck::ledger::{AttemptRow, RowResult, RowState, RunRow, RunRowRecord, RunState, ScopeKey};
use ziadeck::ops::bulk_page::Page;
use ziadeck::ops::bulk_view::{Holder, RunView};

use super::Trouble;
use super::people::job;
use super::sheets::attempt;

/// The run that is under way.
const UNDER_WAY: RunId = RunId(7);
/// Its first attempt.
const FIRST_ATTEMPT: i64 = 1_010;

/// Newest first; so many rows of the newest are done.
pub(crate) fn runs(done: u64) -> Result<Vec<RunView>, Trouble> {
    let under_way = [
        (RowState::Pending, 391_u64.saturating_sub(done)),
        (RowState::Sending, 5),
        (RowState::Scheduled, done.saturating_sub(6)),
        (RowState::Rejected, 4),
        (RowState::Unknown, 1),
        (RowState::Skipped, 1),
        (RowState::Invalid, 3),
    ];
    let paused = [(RowState::Pending, 58), (RowState::Scheduled, 142)];
    let finished = [
        (RowState::Scheduled, 311),
        (RowState::Rejected, 6),
        (RowState::Absent, 1),
        (RowState::Skipped, 12),
    ];
    let newest = (UNDER_WAY, RunState::Running);
    let mut newest = run(newest, ("webinar-november.csv", "14:01:02"), &under_way)?;
    newest.holder = Some(Holder {
        pid: Some(4_711),
        since: Some(newest.run.state_at),
    });
    let ready = (RunId(6), RunState::Ready);
    let mut before = run(
        (RunId(5), RunState::Paused),
        ("trade-fair.csv", "11:20:44"),
        &paused,
    )?;
    before.run.reason = Some("asked: paused by ada".to_owned());
    Ok(vec![
        newest,
        run(
            ready,
            ("partners.jsonl", "13:12:09"),
            &[(RowState::Pending, 40), (RowState::Invalid, 2)],
        )?,
        before,
        run(
            (RunId(4), RunState::Finished),
            ("newsletter.csv", "09:04:31"),
            &finished,
        )?,
    ])
}

fn run(
    (id, state): (RunId, RunState),
    (file_name, time): (&str, &str),
    counts: &[(RowState, u64)],
) -> Result<RunView, Trouble> {
    let profile = "us-prod".parse()?;
    let at = format!("2026-11-24T{time}Z").parse()?;
    Ok(RunView {
        run: RunRow {
            id,
            scope: ScopeKey::of_profile(DataCenter::Us, Environment::Production, &profile),
            profile,
            kind: EnrichmentKind::People,
            module: "Leads".to_owned(),
            file_name: file_name.to_owned(),
            sha256: "5e".repeat(32),
            columns: "[]".to_owned(),
            mapping: "{}".to_owned(),
            settings: "{}".to_owned(),
            operator: "ada".to_owned(),
            created_at: at,
            state,
            reason: None,
            state_at: at,
        },
        counts: counts.iter().copied().collect(),
        holder: None,
    })
}

/// The first rows of the run that is under way, one for each person of the log. Those that were
/// held up were sent later.
pub(crate) fn rows(log: &[AttemptRow]) -> Result<Page, Trouble> {
    let rows = log
        .iter()
        .zip(1..)
        .map(|(row, number)| line(row, number))
        .collect::<Result<_, _>>()?;
    Ok(Page {
        rows,
        has_more: true,
    })
}

fn line(row: &AttemptRow, number: i64) -> Result<RowResult, Trouble> {
    let (state, status) = match row.outcome {
        Outcome::Unknown => (RowState::Unknown, None),
        Outcome::Rejected => (RowState::Rejected, None),
        _ if number > 9 => (RowState::Scheduled, Some("RUNNING")),
        _ => (RowState::Scheduled, Some("COMPLETED")),
    };
    let mut attempt = attempt(row);
    attempt.id = AttemptId(FIRST_ATTEMPT + number);
    match status {
        Some(_) => attempt.job_id = Some(job(row.id.0).parse()?),
        None => attempt.code = row.code.clone(),
    }
    Ok(RowResult {
        row: RunRowRecord {
            run: UNDER_WAY,
            row: RowNumber(number),
            line: u64::try_from(number + 1)?,
            cells: None,
            inputs: row.inputs.clone(),
            record_id: None,
            fingerprint: None,
            state,
            reason: None,
            attempt: Some(attempt.id),
            verdict: None,
        },
        attempt: Some(attempt),
        earlier_job: None,
        job_status: status.map(str::to_owned),
        enriched_data: None,
    })
}
