//! `ziadeck bulk run` and `bulk resume`: asks, drives, shows, and leaves in order on a signal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use super::bulk::status_lines;
use crate::base::{Outcome, counted};
use crate::bulk::PauseReason;
use crate::bulk::progress::span;
use crate::cli::args::Global;
use crate::cli::ask::confirm_units;
use crate::cli::bulk_args::RunArgs;
use crate::cli::bulk_json;
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::signals::Signals;
use crate::cli::voice::Voice;
use crate::ledger::RowState;
use crate::ops::bulk_run::{
    OnNews, RunEnd, RunEnding, RunNews, RunOrder, ShutdownSignal, run as drive,
};
use crate::ops::bulk_view::{RunProgress, desk_of, overlap_lines, prospect, refresh_usage};
use crate::ops::{AppContext, OpsError};

/// Units from which on the number must be typed.
const ASK_ABOVE_UNITS: u64 = 25;

/// How long the line of progress may take to go away.
const CLEARING: Duration = Duration::from_millis(200);

/// Progress comes four times a second; for a file, one line a second is enough.
const JSON_EVERY: u64 = 4;

pub(super) async fn run(
    global: &Global,
    args: &RunArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let (session, found) = desk_of(context, args.run, global.profile.as_ref()).await?;
    if let Err(error) = refresh_usage(&session, &found).await {
        out.detail(&format!("the server was not asked for its usage: {error}"));
    }
    let order = RunOrder {
        run: args.run,
        rows_max: args.max,
        reserve: args.reserve,
        concurrency: args.concurrency.map(usize::from),
    };
    let ahead = prospect(&session, &order).await?;
    let (used, limit) = (ahead.usage.used, ahead.usage.limit);
    let waiting = ahead.view.count(RowState::Pending);
    for line in overlap_lines(&ahead.overlap.planned) {
        out.say(&line);
    }
    if ahead.overlap.sent > 0 {
        let sent = ahead.overlap.sent;
        out.say(&format!(
            "left out, because they were asked for, or forgotten, since the plan: {}",
            counted(sent, "row")
        ));
    }
    let cost = if waiting == 0 {
        format!("no row of run {} waits; nothing is sent", args.run)
    } else {
        format!(
            "run {} sends {} of {} rows that wait with profile {}, {}, and spends {}: \
             {used} → {} of {limit}.",
            args.run,
            ahead.spends,
            waiting,
            session.profile().name,
            session.profile().environment,
            ahead.spends,
            used.saturating_add(ahead.spends),
        )
    };
    if !args.yes && ahead.spends > ASK_ABOVE_UNITS {
        if !confirm_units(&cost, ahead.spends, out)? {
            out.say("nothing was sent");
            return Ok(Exit::Usage);
        }
    } else {
        out.say(&cost);
    }
    let (ask, shutdown) = watch::channel(ShutdownSignal::GoOn);
    let mut signals = Signals::listen();
    let mut signal = None;
    let voice = Arc::new(Voice::start(out));
    let news = teller(voice.clone(), out.is_json());
    let mut driving = std::pin::pin!(drive(&session, order, shutdown, news));
    let end = loop {
        tokio::select! {
            end = &mut driving => break end,
            exit = signals.next() => {
                // The second one means at once; what is in flight is unknown at the next start.
                if signal.replace(exit).is_some() {
                    voice.progress(|out| out.progress(None));
                    // Where nobody reads, the line that was begun stays.
                    let _ = tokio::time::timeout(CLEARING, voice.finish()).await;
                    return Ok(exit);
                }
                voice.say(|out| {
                    out.progress(None);
                    out.say("stopping: what is in flight finishes first");
                });
                let _ = ask.send(ShutdownSignal::Stop);
            }
        }
    };
    // Everything is on record: from here on a signal ends the process although nobody may read.
    drop(signals);
    voice.progress(|out| out.progress(None));
    voice.finish().await;
    let end = end?;
    tell(&end, out);
    Ok(match (&end.why, signal) {
        (RunEnding::Stopped { .. }, Some(exit)) => exit,
        (why, _) => exit_of(why),
    })
}

/// What is said while it goes on: JSON lines for scripts, one line that changes for a person. Whoever
/// sends waits for no reader.
fn teller(voice: Arc<Voice>, is_json: bool) -> OnNews {
    let told = AtomicU64::new(0);
    Arc::new(move |news| match news {
        RunNews::Progress(progress) if is_json => {
            if told
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(JSON_EVERY)
            {
                voice.progress(move |out| out.json(&bulk_json::progress(&progress)));
            }
        }
        RunNews::Progress(progress) => {
            voice.progress(move |out| out.progress(Some(&line(&progress))));
        }
        RunNews::Waiting(time) => {
            voice.say(move |out| out.detail(&format!("nothing is sent for {}", span(time))));
        }
        RunNews::Pausing(reason) => {
            voice.say(move |out| out.detail(&format!("pausing: {reason}")));
        }
        RunNews::LeftOut(row, why) => {
            voice.say(move |out| out.detail(&format!("row {row}  left out  {why}")));
        }
        RunNews::Settled(row, attempt) => {
            let what = match (&attempt.job_id, &attempt.code) {
                (Some(job), _) => job.to_string(),
                (None, Some(code)) => code.clone(),
                (None, None) => attempt.note.clone().unwrap_or_default(),
            };
            let (outcome, text) = (
                attempt.outcome,
                format!("row {row}  {}  {what}", attempt.outcome),
            );
            voice.say(move |out| {
                if outcome == Outcome::Scheduled {
                    out.detail(&text);
                } else {
                    out.progress(None);
                    out.say(&text);
                }
            });
        }
    })
}

fn line(progress: &RunProgress) -> String {
    let view = &progress.view;
    let rows = view.rows();
    let waiting = view.count(RowState::Pending) + view.count(RowState::Sending);
    let mut parts = vec![
        bar(rows.saturating_sub(waiting), rows),
        format!("{} scheduled", view.count(RowState::Scheduled)),
    ];
    for state in [RowState::Rejected, RowState::Unknown] {
        if view.count(state) > 0 {
            parts.push(format!("{} {state}", view.count(state)));
        }
    }
    parts.push(format!("{} wait", view.count(RowState::Pending)));
    if let Some(rate) = progress.progress.rows_per_minute() {
        parts.push(format!("{rate}/min"));
    }
    if let Some(left) = progress.progress.time_left() {
        parts.push(format!("{} to go", span(left)));
    }
    let left = progress.usage.left_text(|left| left.to_string());
    parts.push(format!("{left} units left"));
    parts.join(" · ")
}

/// Ten cells and a percentage, in characters that every terminal has.
fn bar(done: u64, all: u64) -> String {
    let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
    let full = usize::try_from(percent / 10).unwrap_or(10);
    format!("[{:<10}] {percent:>3} %", "#".repeat(full))
}

fn tell(end: &RunEnd, out: Out) {
    let view = &end.progress.view;
    out.result(&bulk_json::ended(&end.why, &end.progress), || {
        status_lines(view)
    });
    // The ledger cannot keep what is wrong with it, and an answer may be in these words alone.
    if let (RunEnding::Paused(PauseReason::Ledger), Some(trouble)) = (&end.why, &end.trouble) {
        out.error(trouble, None, Exit::Ledger.code());
    }
    if let Some(error) = &end.unread {
        out.say(&format!(
            "where the run stands cannot be read, the figures are older: {error}"
        ));
    }
    match &end.why {
        RunEnding::Finished if out.is_json() || view.count(RowState::Scheduled) == 0 => {}
        RunEnding::Finished => {
            let run = view.run.id;
            out.say(&format!(
                "do  ziadeck bulk track {run}, which waits for the jobs, then ziadeck bulk export {run} --out FILE"
            ));
        }
        RunEnding::Paused(reason) => {
            out.say(&format!("do  {}", reason.next_step()));
            out.say(&format!("    ziadeck bulk resume {}", view.run.id));
        }
        RunEnding::Stopped { left_in_flight: 0 } => {
            out.say(&format!("do  ziadeck bulk resume {}", view.run.id));
        }
        RunEnding::Stopped { left_in_flight } => out.say(&format!(
            "{left_in_flight} rows had no answer yet; they are unknown until `ziadeck reconcile`"
        )),
    }
    if end.left_out > 0 {
        let (run, rows) = (view.run.id, end.left_out);
        out.say(&format!(
            "left out, because they were asked for already, or forgotten: {}; `ziadeck bulk rows {run} --state skipped`",
            counted(rows, "row")
        ));
    }
    let unknown = view.count(RowState::Unknown);
    if unknown > 0 {
        out.say(&format!("{unknown} unknown: `ziadeck reconcile` settles them; they are never sent again by themselves"));
    }
}

/// The exit code of a run that ended by itself.
fn exit_of(why: &RunEnding) -> Exit {
    match why {
        RunEnding::Finished => Exit::Done,
        // A stop without a signal was asked for by another process.
        RunEnding::Stopped { .. } => Exit::Done,
        RunEnding::Paused(reason) => match reason {
            PauseReason::Operator | PauseReason::Max => Exit::Done,
            PauseReason::Limit | PauseReason::Reserve => Exit::Limit,
            PauseReason::Denied(_) | PauseReason::Throttled => Exit::Rejected,
            PauseReason::SignIn => Exit::SignIn,
            PauseReason::Offline => Exit::NotSent,
            PauseReason::UnknownStreak(_) | PauseReason::UnknownShare { .. } => Exit::Unknown,
            PauseReason::Ledger => Exit::Ledger,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_at_the_end_and_empty_at_the_start() {
        assert_eq!(bar(0, 40), "[          ]   0 %");
        assert_eq!(bar(30, 40), "[#######   ]  75 %");
        assert_eq!(bar(40, 40), "[##########] 100 %");
        assert_eq!(bar(0, 0), "[##########] 100 %");
    }
}
