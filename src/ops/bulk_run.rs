//! Working on a run: one process at a time, by kernel lock.
//!
//! ```text
//!   lease ─► recover ─► running ─► rows on their way (see `bulk_driver`)
//!                                    ├─► finished
//!                                    └─► paused, with its reason ─► the lease is given back
//! ```
//!
//! A run that pauses ends here; going on is a new start, and a person's decision. The machine of
//! [`crate::bulk`] decides everything in between.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::bulk_driver::Driver;
use super::bulk_view::{self, Holder, RunProgress, pause_text};
use super::error::OpsError;
use super::reach::check_pin;
use super::session::ProfileSession;
use crate::base::{RowNumber, RunId};
use crate::bulk::PauseReason;
use crate::ledger::{AttemptRow, Ledger, LedgerError, RunCommand, RunLease, RunState};

/// How often a lease that is taken is asked for again: a status display takes it for an instant.
const LEASE_TRIES: u32 = 5;
/// The wait between two of them.
const LEASE_WAIT: Duration = Duration::from_millis(30);

/// What is to be run, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOrder {
    /// The run.
    pub run: RunId,
    /// Most rows to send before it pauses.
    pub rows_max: Option<u64>,
    /// Units to leave; what the plan said unless given.
    pub reserve: Option<u64>,
    /// Most requests in flight; what the profile says unless given.
    pub concurrency: Option<usize>,
}

impl RunOrder {
    /// The whole run, as it was planned.
    pub fn of(run: RunId) -> Self {
        Self {
            run,
            rows_max: None,
            reserve: None,
            concurrency: None,
        }
    }
}

/// Whether the program is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShutdownSignal {
    /// It goes on.
    #[default]
    GoOn,
    /// Start nothing more, let what is in flight finish, leave.
    Stop,
}

/// What is told while a run goes on.
#[derive(Debug, Clone)]
pub enum RunNews {
    /// A row has its outcome.
    Settled(RowNumber, Box<AttemptRow>),
    /// A row is not sent, for this reason: the same was sent elsewhere since the plan.
    LeftOut(RowNumber, String),
    /// Nothing is sent for so long, because the server asked for it or cannot be reached.
    Waiting(Duration),
    /// It sends nothing more; what is in flight goes on.
    Pausing(PauseReason),
    /// How it is getting on, several times a second at most.
    Progress(Box<RunProgress>),
}

/// Told of news. It must not wait.
pub type OnNews = Arc<dyn Fn(RunNews) + Send + Sync>;

/// How a run ended for now.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// Why.
    pub why: RunEnding,
    /// What a person should read besides.
    pub trouble: Option<String>,
    /// Rows that were left out, because the same was sent elsewhere since the plan.
    pub left_out: u64,
    /// Where it stands.
    pub progress: RunProgress,
    /// Why that could not be read; its figures are then those that were known last.
    pub unread: Option<String>,
}

/// Why a run ended for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnding {
    /// No row is left to send.
    Finished,
    /// It can be resumed.
    Paused(PauseReason),
    /// The program was to end.
    Stopped {
        /// Rows that were still on the wire; they are unknown at the next start.
        left_in_flight: usize,
    },
}

/// Works on a run until it is finished, pauses, or the program is to end.
///
/// # Errors
/// [`LedgerError::RunHeld`] when another process works on it, [`LedgerError::RunState`] when its
/// file was not read to the end, [`OpsError::OtherOrganisation`] when the token reaches another one
/// than the profile was set up with, or when the ledger cannot be used. Nothing was sent.
pub async fn run(
    session: &Arc<ProfileSession>,
    order: RunOrder,
    shutdown: watch::Receiver<ShutdownSignal>,
    news: OnNews,
) -> Result<RunEnd, OpsError> {
    let ledger = session.ledger();
    session.may_send()?;
    let lease = hold(ledger, order.run).await?;
    // Commands that were left while nobody worked on the run are about a time that is over. Those
    // that come from now on are for us, however long the questions below take.
    ledger.take_commands(order.run).await?;
    // Without a token or a connection the run pauses with its reason; only this stops it.
    if let Err(error @ OpsError::OtherOrganisation { .. }) = check_pin(session).await {
        return Err(error);
    }
    // What a process that died since was sending is unknown before anything else is sent.
    ledger.recover().await?;
    let found = ledger
        .run(order.run)
        .await?
        .ok_or(LedgerError::NoSuchRun(order.run))?;
    let mut driver = Driver::new(session, (found, order), news).await?;
    if driver.state() != RunState::Finished {
        ledger
            .set_run_state(order.run, RunState::Running, None)
            .await?;
        driver.drive(shutdown).await;
    }
    let end = driver.leave().await;
    drop(lease);
    end
}

/// Asks whoever works on a run to pause it; a run that nobody works on is paused here.
///
/// # Errors
/// When there is no such run, or the ledger cannot be written.
pub async fn pause(session: &ProfileSession, run: RunId) -> Result<Option<Holder>, OpsError> {
    let ledger = session.ledger();
    match ledger.hold_run(run) {
        Ok(lease) => {
            let view = bulk_view::status(ledger, run).await?;
            if matches!(view.run.state, RunState::Running | RunState::Ready) {
                let text = pause_text(&PauseReason::Operator, None);
                ledger
                    .set_run_state(run, RunState::Paused, Some(text))
                    .await?;
            }
            drop(lease);
            Ok(None)
        }
        Err(LedgerError::RunHeld { pid, since, .. }) => {
            ledger.command_run(run, RunCommand::Pause).await?;
            Ok(Some(Holder { pid, since }))
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes a plan that never sent anything, with its rows. Answers how many.
///
/// # Errors
/// [`LedgerError::RunHeld`] when a process works on it, [`LedgerError::Refused`] when it has made
/// attempts, or when the ledger cannot be written. Then it stays.
pub async fn discard(ledger: &Ledger, run: RunId) -> Result<u64, OpsError> {
    ledger.run(run).await?.ok_or(LedgerError::NoSuchRun(run))?;
    let lease = hold(ledger, run).await?;
    let rows = ledger.discard_run(run).await;
    drop(lease);
    Ok(rows?)
}

async fn hold(ledger: &Ledger, run: RunId) -> Result<RunLease, OpsError> {
    for _ in 1..LEASE_TRIES {
        match ledger.hold_run(run) {
            Err(LedgerError::RunHeld { .. }) => tokio::time::sleep(LEASE_WAIT).await,
            other => return Ok(other?),
        }
    }
    Ok(ledger.hold_run(run)?)
}
