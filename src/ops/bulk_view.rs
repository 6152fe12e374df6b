//! Where a run stands, told the same way to the console, to scripts and to a person.
//!
//! The reason of a pause is kept as `word: sentence`. A run that calls itself running while no
//! process holds it was interrupted: its process died, and nothing of it is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::bulk_run::RunOrder;
use super::context::AppContext;
use super::error::OpsError;
use super::gate::{Doubtful, match_json};
use super::session::ProfileSession;
use super::usage;
use crate::base::{ProfileName, RowNumber, RunId, Timestamp, counted};
use crate::bulk::{PauseReason, Progress};
use crate::enrichment::doubt::Doubt;
use crate::enrichment::usage::Usage;
use crate::enrichment::verdict::{Match, SameRun, Shared, Word};
use crate::ledger::{Ledger, LedgerError, Overlap, RowState, RunQuery, RunRow, RunState};

/// The word for a run whose process died.
pub const INTERRUPTED: &str = "interrupted";
/// The word for a run whose process was told to end.
pub const STOPPED: &str = "stopped";

/// Who works on a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process, as far as it is known.
    pub pid: Option<u32>,
    /// Since when, as far as it is known.
    pub since: Option<Timestamp>,
}

/// A run and what has come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunView {
    /// The run as the ledger has it.
    pub run: RunRow,
    /// Rows in each state; their sum is the number of rows.
    pub counts: BTreeMap<RowState, u64>,
    /// Who works on it.
    pub holder: Option<Holder>,
}

impl RunView {
    /// Rows in a state.
    pub fn count(&self, state: RowState) -> u64 {
        self.counts.get(&state).copied().unwrap_or(0)
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The reason in one word, and the sentence behind it.
    pub fn reason(&self) -> (Option<String>, Option<String>) {
        if self.run.state == RunState::Running && self.holder.is_none() {
            let sentence = "the process that worked on it ended; resume it";
            return (Some(INTERRUPTED.to_owned()), Some(sentence.to_owned()));
        }
        split_reason(self.run.reason.as_deref())
    }
}

/// How a run is getting on, while this process works on it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunProgress {
    /// The run and its rows.
    pub view: RunView,
    /// The organisation's units.
    pub usage: Usage,
    /// Rows on the wire.
    pub in_flight: usize,
    /// Most rows on the wire at this moment.
    pub concurrency: usize,
    /// The pace since it was started or resumed.
    pub progress: Progress,
}

/// The text that the ledger keeps of a pause.
pub(super) fn pause_text(reason: &PauseReason, trouble: Option<&str>) -> String {
    let word = reason.as_str();
    trouble.map_or_else(
        || format!("{word}: {reason}"),
        |trouble| format!("{word}: {reason} ({trouble})"),
    )
}

fn split_reason(text: Option<&str>) -> (Option<String>, Option<String>) {
    match text.map(|text| text.split_once(": ").ok_or(text)) {
        None => (None, None),
        Some(Ok((word, sentence))) => (Some(word.to_owned()), Some(sentence.to_owned())),
        Some(Err(text)) => (Some(text.to_owned()), None),
    }
}

/// One run.
///
/// # Errors
/// When there is none of that number, or the ledger cannot be read.
pub async fn status(ledger: &Ledger, run: RunId) -> Result<RunView, OpsError> {
    let found = ledger.run(run).await?.ok_or(LedgerError::NoSuchRun(run))?;
    view(ledger, found).await
}

/// Runs, newest first.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn list(ledger: &Ledger, query: RunQuery) -> Result<Vec<RunView>, OpsError> {
    let mut views = Vec::new();
    for run in ledger.runs(query).await? {
        views.push(view(ledger, run).await?);
    }
    Ok(views)
}

pub(super) async fn view(ledger: &Ledger, run: RunRow) -> Result<RunView, OpsError> {
    let counts = ledger.row_counts(run.id).await?;
    let holder = match run.state {
        RunState::Running => holder(ledger, run.id)?,
        RunState::Importing | RunState::Ready | RunState::Paused | RunState::Finished => None,
    };
    Ok(RunView {
        run,
        counts,
        holder,
    })
}

/// Who holds a run.
pub(super) fn holder(ledger: &Ledger, run: RunId) -> Result<Option<Holder>, OpsError> {
    match ledger.free_run(run) {
        Ok(()) => Ok(None),
        Err(LedgerError::RunHeld { pid, since, .. }) => Ok(Some(Holder { pid, since })),
        Err(error) => Err(error.into()),
    }
}

/// The run and the session of the profile that it was planned for.
///
/// # Errors
/// When there is no such run, its profile is gone or is not the one that was `named`, or the
/// profile spends the units of another organisation now.
pub async fn desk_of(
    context: &AppContext,
    run: RunId,
    named: Option<&ProfileName>,
) -> Result<(Arc<ProfileSession>, RunRow), OpsError> {
    let ledger = context.ledger();
    let found = ledger.run(run).await?.ok_or(LedgerError::NoSuchRun(run))?;
    if let Some(named) = named.filter(|named| **named != found.profile) {
        return Err(OpsError::Refused(format!(
            "run {run} was planned for profile {}, not for {named}",
            found.profile
        )));
    }
    let session = context.session(Some(&found.profile))?;
    if session.scope().await? != found.scope {
        return Err(OpsError::Refused(format!(
            "run {run} was planned for another organisation than profile {} has now; plan it again",
            found.profile
        )));
    }
    Ok((session, found))
}

/// What a run would do if it were started now.
#[derive(Debug, Clone, PartialEq)]
pub struct Prospect {
    /// The run and its rows.
    pub view: RunView,
    /// The organisation's units.
    pub usage: Usage,
    /// Units that it must leave.
    pub reserve: u64,
    /// Units that it may spend: rows that wait, within what is left and what was asked for, without
    /// those that were sent elsewhere since the plan.
    pub spends: u64,
    /// What its rows have in common with other runs and requests.
    pub overlap: Overlap,
}

/// Rows that wait in another unfinished run too, in words; one line for each run.
pub fn overlap_lines(planned: &[(RunId, u64)]) -> Vec<String> {
    let then = "whichever run comes first sends, the other leaves out";
    let line = |(run, rows): &(RunId, u64)| {
        let (rows, wait) = (
            counted(*rows, "row"),
            if *rows == 1 { "waits" } else { "wait" },
        );
        format!("{rows} {wait} in run {run} too; {then}")
    };
    let mut lines: Vec<String> = planned.iter().take(OVERLAPS_SHOWN).map(line).collect();
    let more = planned.len().saturating_sub(lines.len());
    if more > 0 {
        let more = counted(u64::try_from(more).unwrap_or(u64::MAX), "run");
        lines.push(format!("and in {more} more"));
    }
    lines
}

/// Runs that are named where rows wait in several.
const OVERLAPS_SHOWN: usize = 3;

/// How old the server's list may be when a run is started, seconds.
const LISTED_SECONDS_MAX: i64 = 600;

/// Asks the server what others have spent, if that was not done in the last ten minutes. The
/// limit holds without it, by the server's own count; with it, the figures that a person agrees
/// to are true.
///
/// # Errors
/// When the server cannot be asked; a run may be started all the same.
pub async fn refresh_usage(session: &Arc<ProfileSession>, run: &RunRow) -> Result<(), OpsError> {
    let counts = session.ledger().counts(run.scope.clone(), run.kind).await?;
    let now = session.clock().now();
    let is_fresh = counts.listed_at.is_some_and(|at| {
        let age = now.duration_since(at).as_secs();
        (0..LISTED_SECONDS_MAX).contains(&age)
    });
    if !is_fresh {
        usage::refresh(session, run.kind, super::job_list::ListDepth::New).await?;
    }
    Ok(())
}

/// Looks ahead, with the ledger's figures.
///
/// # Errors
/// When there is no such run, or the ledger cannot be read.
pub async fn prospect(session: &ProfileSession, order: &RunOrder) -> Result<Prospect, OpsError> {
    let view = status(session.ledger(), order.run).await?;
    let usage = usage::local(session, view.run.kind).await?;
    let reserve = order.reserve.unwrap_or_else(|| reserve_of(&view.run));
    let free = usage.left().saturating_sub(reserve);
    let word = word_of_run(session, &view.run);
    let overlap = session.ledger().overlap(order.run, word).await?;
    let waiting = view.count(RowState::Pending);
    let to_send = waiting.saturating_sub(overlap.sent);
    let spends = to_send.min(free).min(order.rows_max.unwrap_or(u64::MAX));
    Ok(Prospect {
        view,
        usage,
        reserve,
        spends,
        overlap,
    })
}

/// The settings of a run as the ledger keeps them.
pub(super) fn settings_text(reserve: u64, duplicates: SameRun) -> String {
    let has_duplicates = duplicates == SameRun::Ignored;
    json!({"reserve": reserve, "include_duplicates": has_duplicates}).to_string()
}

/// The reserve that the run was planned with.
pub(super) fn reserve_of(run: &RunRow) -> u64 {
    let reserve = setting(run, "reserve").and_then(|value| value.as_u64());
    reserve.unwrap_or(0)
}

/// What holds for every row of a run, whatever is said of one of them.
pub(super) fn word_of_run(session: &ProfileSession, run: &RunRow) -> Word {
    Word {
        same_run: match setting(run, "include_duplicates") {
            Some(Value::Bool(true)) => SameRun::Ignored,
            Some(_) | None => SameRun::Counts,
        },
        ..super::gate::word_of(session)
    }
}

/// Why a row is left out that asks for somebody who was asked for before.
pub(super) fn already_reason(
    found: &Match,
    (run, row): (RunId, RowNumber),
    now: Timestamp,
) -> String {
    let then = if found.is_open() {
        format!(
            "; if it comes to nothing, `ziadeck bulk requeue {run} --row {row}` lets this row wait again"
        )
    } else {
        String::new()
    };
    format!("{}: {}{then}", found.standing.as_str(), found.sentence(now))
}

/// The same for a program.
pub(super) fn already_json(found: &Match) -> Value {
    json!({"already": match_json(found)})
}

/// What is doubtful in a row, for a program.
pub(super) fn doubts_json(values: &[Doubt], shared: &[Shared]) -> Value {
    json!({"doubts": Doubtful::json(&Doubtful::all(values, shared))})
}

fn setting(run: &RunRow, name: &str) -> Option<Value> {
    let settings: Value = serde_json::from_str(&run.settings).ok()?;
    settings.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_pause_comes_back_as_its_word_and_its_sentence() {
        let text = pause_text(&PauseReason::Limit, None);

        let (word, sentence) = split_reason(Some(&text));

        assert_eq!(word.as_deref(), Some(PauseReason::Limit.as_str()));
        assert_eq!(sentence, Some(PauseReason::Limit.to_string()));
    }

    #[test]
    fn what_a_person_must_read_is_part_of_the_sentence() {
        let text = pause_text(&PauseReason::SignIn, Some("not signed in: try again"));

        let (word, sentence) = split_reason(Some(&text));

        assert_eq!(word.as_deref(), Some("sign_in"));
        assert!(sentence.is_some_and(|sentence| sentence.contains("not signed in: try again")));
    }
}
