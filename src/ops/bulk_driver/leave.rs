//! How a run ends for now: why, in words that a person can act on, and what the ledger keeps of it.
//!
//! Nothing that fails here hides what is known by then: an answer that the ledger does not have may
//! be in these words alone.

use super::Driver;
use crate::bulk::{Ending, PauseReason};
use crate::ledger::RunState;
use crate::ops::bulk_run::{RunEnd, RunEnding};
use crate::ops::bulk_view::{RunProgress, STOPPED, pause_text};
use crate::ops::error::OpsError;

impl Driver<'_> {
    /// Records how it ended. What is still in flight is left to its tasks.
    ///
    /// # Errors
    /// When not even where it stood at its start is known.
    pub(in crate::ops) async fn leave(&mut self) -> Result<RunEnd, OpsError> {
        let mut why = self.why().await;
        if is_by_choice(&why) {
            self.trouble = None;
        }
        if !self.lost.is_empty() {
            self.trouble = Some(std::mem::take(&mut self.lost).join("; "));
        }
        let (state, reason) = kept(&why, self.trouble.as_deref());
        let recorded = self
            .session
            .ledger()
            .set_run_state(self.run.id, state, reason.clone())
            .await;
        // A ledger that cannot be written is why it pauses; it need not be said twice.
        if let Err(error) = recorded
            && !matches!(why, RunEnding::Paused(PauseReason::Ledger))
        {
            let before = words(&why, self.trouble.take());
            self.trouble = Some(format!("{before}; that could not be recorded: {error}"));
            why = RunEnding::Paused(PauseReason::Ledger);
        }
        let (progress, unread) = self.standing((state, reason)).await?;
        Ok(RunEnd {
            why,
            trouble: self.trouble.take(),
            left_out: self.left_out,
            progress,
            unread,
        })
    }

    /// Where it stands; where that cannot be read, as it was known last, and why.
    async fn standing(
        &mut self,
        (state, reason): (RunState, Option<String>),
    ) -> Result<(RunProgress, Option<String>), OpsError> {
        let error = match self.progress().await {
            Ok(progress) => return Ok((progress, None)),
            Err(error) => error,
        };
        let Some(mut last) = self.last.take() else {
            return Err(error);
        };
        last.view.run.state = state;
        last.view.run.reason = reason;
        last.view.holder = None;
        last.in_flight = self.machine.in_flight();
        Ok((last, Some(error.to_string())))
    }

    async fn why(&mut self) -> RunEnding {
        // However it ended, this is what a person must know.
        if !self.lost.is_empty() {
            return RunEnding::Paused(PauseReason::Ledger);
        }
        if let Some(Ending::Stopped) = self.ending {
            let left_in_flight = self.machine.in_flight();
            return RunEnding::Stopped { left_in_flight };
        }
        if let Some(reason) = self.machine.paused() {
            let is_sign_in = *reason == PauseReason::SignIn;
            return RunEnding::Paused(if is_sign_in && self.is_offline {
                PauseReason::Offline
            } else {
                reason.clone()
            });
        }
        // Somebody may have queued rows again behind the machine's back.
        match self.session.ledger().next_pending(self.run.id, 1).await {
            Ok(waiting) if waiting.is_empty() => RunEnding::Finished,
            Ok(_) => RunEnding::Paused(PauseReason::Operator),
            Err(error) => {
                self.trouble = Some(error.to_string());
                RunEnding::Paused(PauseReason::Ledger)
            }
        }
    }
}

/// What the ledger keeps of an ending.
fn kept(why: &RunEnding, trouble: Option<&str>) -> (RunState, Option<String>) {
    match why {
        RunEnding::Finished => (RunState::Finished, None),
        RunEnding::Paused(reason) => (RunState::Paused, Some(pause_text(reason, trouble))),
        RunEnding::Stopped { .. } => {
            let text = format!("{STOPPED}: the program was to end");
            (RunState::Paused, Some(text))
        }
    }
}

/// An ending that the ledger does not have, for a person.
fn words(why: &RunEnding, trouble: Option<String>) -> String {
    let ending = match why {
        RunEnding::Finished => "no row is left to send".to_owned(),
        RunEnding::Paused(reason) => reason.to_string(),
        RunEnding::Stopped { left_in_flight } => {
            format!("stopped; {left_in_flight} rows had no answer yet")
        }
    };
    match trouble {
        Some(trouble) => format!("{ending} ({trouble})"),
        None => ending,
    }
}

/// What failed on the way does not matter where somebody wanted the pause.
fn is_by_choice(why: &RunEnding) -> bool {
    match why {
        RunEnding::Finished | RunEnding::Stopped { .. } => true,
        RunEnding::Paused(reason) => match reason {
            PauseReason::Operator | PauseReason::Max | PauseReason::Reserve => true,
            PauseReason::Limit
            | PauseReason::Denied(_)
            | PauseReason::SignIn
            | PauseReason::Offline
            | PauseReason::UnknownStreak(_)
            | PauseReason::UnknownShare { .. }
            | PauseReason::Throttled
            | PauseReason::Ledger => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_that_cannot_be_recorded_is_still_told_whole() {
        let stopped = words(&RunEnding::Stopped { left_in_flight: 3 }, None);
        let limit = words(
            &RunEnding::Paused(PauseReason::Limit),
            Some("LIMIT_EXCEEDED".to_owned()),
        );

        assert_eq!(stopped, "stopped; 3 rows had no answer yet");
        assert!(
            limit.contains("limit is reached (LIMIT_EXCEEDED)"),
            "{limit}"
        );
    }
}
