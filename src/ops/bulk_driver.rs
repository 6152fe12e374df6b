//! The hands of a run: does what the machine says, and tells it what came of it.
//!
//! ```text
//!   machine ── Load ─────────► the ledger's pending rows           ┐
//!           ── Dispatch ─────► a task: commit, POST, commit        │ one event each, back
//!           ── RefreshToken ─► one for all                         │ into the machine
//!           ── Wait          commands of other processes, the end  ┘
//! ```
//!
//! Cancel safety: a driver that is dropped lets its tasks go on, so that each attempt is settled
//! by somebody; what is left when the process dies is unknown at the next start.

mod leave;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{Id, JoinError, JoinSet};

use super::bulk_attempt::{Answered, Answers, AttemptEnd, Ready, Terms, attempt};
use super::bulk_run::{OnNews, RunNews, RunOrder, ShutdownSignal};
use super::bulk_view::{self, Holder, RunProgress};
use super::error::OpsError;
use super::session::ProfileSession;
use super::usage;
use crate::auth::{AccessToken, AuthError};
use crate::base::limits::{CONCURRENCY_MAX, NOT_SENT_MAX, SHUTDOWN_GRACE};
use crate::base::{JobId, Outcome, RowNumber};
use crate::bulk::{Ending, Event, Machine, Progress, Refusal, Rest, RunSettings, Settled, Step};
use crate::ledger::{LedgerError, RowQuery, RowState, RunCommand, RunRow, RunState};

/// How often commands of other processes are looked for, and progress is told.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What a task brings back.
enum Report {
    Attempt(RowNumber, AttemptEnd),
    Loaded(Result<(Vec<Ready>, Rest), OpsError>),
    Token(Result<AccessToken, AuthError>),
}

/// One run in the hands of this process.
pub(super) struct Driver<'a> {
    session: &'a Arc<ProfileSession>,
    run: RunRow,
    machine: Machine,
    /// Rows that are loaded and not done with.
    rows: HashMap<RowNumber, Arc<Ready>>,
    tasks: JoinSet<Report>,
    /// The rows whose tasks are not done: on the wire, or their answer not committed yet.
    rows_of: HashMap<Id, RowNumber>,
    answers: mpsc::Receiver<Answered>,
    answers_to: Answers,
    /// The jobs that answers named: a server that names one twice has not said what it did.
    jobs: HashSet<JobId>,
    /// Renewed at every look, because sign-in and answers change them.
    terms: Arc<Terms>,
    /// The token that the server refused last.
    refused: Option<AccessToken>,
    /// Until when nothing is sent.
    wait: Option<Duration>,
    ending: Option<Ending>,
    /// The time to finish is over.
    has_given_up: bool,
    /// What failed last, in words.
    trouble: Option<String>,
    /// Answers that the ledger does not have: whoever reads them must write them down. There are
    /// at most as many as there were rows in flight, because the first one ends the run.
    lost: Vec<String>,
    /// The connection failed where the machine can only see a missing token.
    is_offline: bool,
    news: OnNews,
    started: Duration,
    /// The tally that progress was told of last.
    told: Option<(u64, usize)>,
    /// Where it stood when that could be read last.
    last: Option<RunProgress>,
    /// Rows that were left out because the same was sent elsewhere since the plan.
    left_out: u64,
}

impl<'a> Driver<'a> {
    pub(super) async fn new(
        session: &'a Arc<ProfileSession>,
        (run, order): (RunRow, RunOrder),
        news: OnNews,
    ) -> Result<Self, OpsError> {
        let reserve = order.reserve.unwrap_or_else(|| bulk_view::reserve_of(&run));
        let settings = RunSettings {
            concurrency: order.concurrency.unwrap_or(session.profile().concurrency),
            rows_max: order.rows_max,
            // Units are counted by the ledger at each attempt, with those of other processes.
            units_max: None,
        };
        // Room for one answer of each row in flight, and for the tasks that end meanwhile.
        let (answers_to, answers) = mpsc::channel(2 * CONCURRENCY_MAX);
        let mut driver = Self {
            answers,
            answers_to,
            jobs: HashSet::new(),
            has_given_up: false,
            terms: Arc::new(Terms::now(session, &run, reserve).await?),
            session,
            run,
            machine: Machine::new(settings),
            rows: HashMap::new(),
            tasks: JoinSet::new(),
            rows_of: HashMap::new(),
            refused: None,
            wait: None,
            ending: None,
            trouble: None,
            lost: Vec::new(),
            is_offline: false,
            news,
            started: session.clock().monotonic(),
            told: None,
            last: None,
            left_out: 0,
        };
        driver.last = Some(driver.progress().await?);
        Ok(driver)
    }

    /// Where the run stood when it was taken up.
    pub(super) fn state(&self) -> RunState {
        self.run.state
    }

    /// Works until the run ends or pauses, or ten seconds after somebody wished so.
    pub(super) async fn drive(&mut self, mut shutdown: watch::Receiver<ShutdownSignal>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut grace: Option<Duration> = None;
        self.hear(Event::Started);
        while !self.is_over() {
            let now = self.session.clock().monotonic();
            let left = |at: Option<Duration>| at.map(|at| at.saturating_sub(now));
            let (waits, grace_left) = (left(self.wait), left(grace));
            tokio::select! {
                Some(answered) = self.answers.recv() => self.answered(answered),
                Some(ended) = self.tasks.join_next_with_id() => self.report(ended),
                () = rest(waits), if waits.is_some() => {
                    self.wait = None;
                    self.hear(Event::Tick);
                }
                _ = look.tick() => self.look().await,
                () = leave(&mut shutdown), if grace.is_none() => {
                    grace = Some(now.saturating_add(SHUTDOWN_GRACE));
                    self.hear(Event::StopAsked);
                }
                () = rest(grace_left), if grace_left.is_some() => {
                    self.ending = Some(Ending::Stopped);
                    self.has_given_up = true;
                }
            }
        }
    }

    /// Nothing more is to be sent, and every answer is in the ledger.
    fn is_over(&self) -> bool {
        let has_paused = self.machine.paused().is_some() && self.machine.in_flight() == 0;
        let has_ended = self.ending.is_some() || has_paused;
        self.has_given_up || (has_ended && self.rows_of.is_empty())
    }

    /// Tells the machine, and does what it says.
    fn hear(&mut self, event: Event) {
        let now = self.session.clock().monotonic();
        for step in self.machine.on(event, now) {
            match step {
                Step::Load { after, count } => self.load(after, count),
                Step::Dispatch(row) => self.dispatch(row),
                Step::RefreshToken => self.refresh(),
                Step::Wait { until } => {
                    self.wait = Some(until);
                    (self.news)(RunNews::Waiting(until.saturating_sub(now)));
                }
                Step::Pause(reason) => (self.news)(RunNews::Pausing(reason)),
                Step::Finish(ending) => self.ending = Some(ending),
            }
        }
    }

    fn load(&mut self, after: Option<RowNumber>, count: usize) {
        let (session, run) = (self.session.clone(), self.run.clone());
        self.tasks
            .spawn(async move { Report::Loaded(load(&session, &run, after, count).await) });
    }

    fn dispatch(&mut self, row: RowNumber) {
        let (session, run, terms) = (self.session.clone(), self.run.id, self.terms.clone());
        let (ready, answers) = (self.rows.get(&row).cloned(), self.answers_to.clone());
        let task = self.tasks.spawn(async move {
            let end = match ready {
                Some(ready) => attempt(&session, run, &ready, &terms, &answers).await,
                None => {
                    let error = OpsError::Refused(format!("row {row} was not loaded"));
                    AttemptEnd::Refused(Refusal::NotPending, error)
                }
            };
            Report::Attempt(row, end)
        });
        self.rows_of.insert(task.id(), row);
    }

    fn refresh(&mut self) {
        let (session, refused) = (self.session.clone(), self.refused.take());
        self.tasks.spawn(async move {
            if let Some(token) = refused {
                session.tokens().invalidate(&token).await;
            }
            let mut token = session.tokens().access_token().await;
            for tries in 1..NOT_SENT_MAX {
                if !token.as_ref().is_err_and(AuthError::is_not_sent) {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(u64::from(tries))).await;
                token = session.tokens().access_token().await;
            }
            Report::Token(token)
        });
    }

    fn report(&mut self, ended: Result<(Id, Report), JoinError>) {
        let report = match ended {
            Ok((id, report)) => {
                // Its answer was told before the task ended.
                while let Ok(answered) = self.answers.try_recv() {
                    self.answered(answered);
                }
                self.rows_of.remove(&id);
                report
            }
            Err(error) => return self.task_failed(error.id()),
        };
        match report {
            Report::Attempt(row, end) => self.attempted(row, end),
            Report::Loaded(Ok((rows, rest))) => {
                let numbers = rows.iter().map(|ready| ready.row).collect();
                let loaded = rows.into_iter().map(|ready| (ready.row, Arc::new(ready)));
                self.rows.extend(loaded);
                let rows = numbers;
                self.hear(Event::RowsLoaded { rows, rest });
            }
            Report::Loaded(Err(error)) => {
                self.trouble = Some(error.to_string());
                self.hear(Event::LedgerFailed);
            }
            Report::Token(Ok(_)) => self.hear(Event::TokenRefreshed),
            Report::Token(Err(error)) => {
                self.is_offline = error.is_not_sent();
                self.trouble = Some(error.to_string());
                self.hear(Event::TokenFailed);
            }
        }
    }

    /// The answer of a row is known and queued for the ledger: the next row may go.
    fn answered(&mut self, answered: Answered) {
        let Answered {
            row,
            mut settled,
            job_id,
            words,
            refused,
        } = answered;
        self.refused = refused.or(self.refused.take());
        settled.outcome = weighed(&mut self.jobs, settled.outcome, job_id);
        if settled.outcome.is_charged() || settled.outcome == Outcome::Rejected {
            self.rows.remove(&row);
            self.trouble = None;
        } else {
            self.trouble = words;
        }
        self.hear(Event::AttemptSettled { row, settled });
    }

    fn attempted(&mut self, row: RowNumber, end: AttemptEnd) {
        match end {
            AttemptEnd::Settled(attempt) => (self.news)(RunNews::Settled(row, attempt)),
            AttemptEnd::Refused(refusal, error) => {
                self.trouble = Some(error.to_string());
                self.hear(Event::DispatchRefused { row, refusal });
            }
            AttemptEnd::LeftOut(why) => {
                self.left_out += 1;
                self.rows.remove(&row);
                (self.news)(RunNews::LeftOut(row, why));
                let refusal = Refusal::NotPending;
                self.hear(Event::DispatchRefused { row, refusal });
            }
            AttemptEnd::Offline(error) => {
                self.trouble = Some(error.to_string());
                let settled = Settled::bare(Outcome::NotSent);
                self.hear(Event::AttemptSettled { row, settled });
            }
            AttemptEnd::NotRecorded(error) => {
                self.lost.push(error.to_string());
                self.hear(Event::LedgerFailed);
                // Where its answer was told already, this changes nothing.
                let settled = Settled::bare(Outcome::Unknown);
                self.hear(Event::AttemptSettled { row, settled });
            }
        }
    }

    /// A task that panicked: its row may have been sent.
    fn task_failed(&mut self, id: Id) {
        self.trouble = Some("a part of the program failed; see the unknown rows".to_owned());
        match self.rows_of.remove(&id) {
            Some(row) => {
                let settled = Settled::bare(Outcome::Unknown);
                self.hear(Event::AttemptSettled { row, settled });
            }
            None => self.hear(Event::LedgerFailed),
        }
    }

    /// Looks for commands of other processes, renews the terms, tells of progress.
    async fn look(&mut self) {
        let reserve = self.terms.reserve;
        let found = async {
            let commands = self.session.ledger().take_commands(self.run.id).await?;
            let terms = Terms::now(self.session, &self.run, reserve).await?;
            Ok::<_, OpsError>((commands, terms))
        };
        let (commands, terms) = match found.await {
            Ok(found) => found,
            Err(error) => {
                self.trouble = Some(error.to_string());
                return self.hear(Event::LedgerFailed);
            }
        };
        self.terms = Arc::new(terms);
        for command in commands {
            self.hear(match command {
                RunCommand::Pause => Event::PauseAsked,
                RunCommand::Resume => Event::ResumeAsked,
                RunCommand::Stop => Event::StopAsked,
            });
        }
        let tally = self.machine.tally();
        let standing = (tally.settled(), self.machine.in_flight());
        if self.told != Some(standing)
            && let Ok(progress) = self.progress().await
        {
            self.told = Some(standing);
            self.last = Some(progress.clone());
            (self.news)(RunNews::Progress(Box::new(progress)));
        }
    }

    async fn progress(&self) -> Result<RunProgress, OpsError> {
        let ledger = self.session.ledger();
        let run = self.run.id;
        let found = ledger.run(run).await?.ok_or(LedgerError::NoSuchRun(run))?;
        let counts = ledger.row_counts(run).await?;
        let waiting = [RowState::Pending, RowState::Sending];
        let remaining = waiting.iter().filter_map(|state| counts.get(state)).sum();
        let elapsed = self
            .session
            .clock()
            .monotonic()
            .saturating_sub(self.started);
        let holder = (found.state == RunState::Running).then(|| Holder {
            pid: Some(std::process::id()),
            since: Some(found.state_at),
        });
        Ok(RunProgress {
            view: bulk_view::RunView {
                run: found,
                counts,
                holder,
            },
            usage: usage::local(self.session, self.run.kind).await?,
            in_flight: self.machine.in_flight(),
            concurrency: self.machine.concurrency(),
            progress: Progress {
                settled: self.machine.tally().settled(),
                remaining,
                elapsed,
            },
        })
    }
}

impl Drop for Driver<'_> {
    fn drop(&mut self) {
        // Its attempts must be settled by somebody.
        self.tasks.detach_all();
    }
}

/// A job that is named twice proves nothing; the ledger will say the same of the second answer.
fn weighed(jobs: &mut HashSet<JobId>, outcome: Outcome, job_id: Option<JobId>) -> Outcome {
    if job_id.is_some_and(|job| !jobs.insert(job)) {
        return Outcome::UnknownAccepted;
    }
    outcome
}

async fn load(
    session: &ProfileSession,
    run: &RunRow,
    after: Option<RowNumber>,
    count: usize,
) -> Result<(Vec<Ready>, Rest), OpsError> {
    let query = RowQuery {
        run: run.id,
        states: vec![RowState::Pending],
        after,
        limit: count,
    };
    let records = session.ledger().rows(query).await?;
    let rest = if records.len() < count {
        Rest::End
    } else {
        Rest::More
    };
    let ready: Result<Vec<Ready>, OpsError> = records
        .iter()
        .map(|record| Ready::of(session, run, record))
        .collect();
    Ok((ready?, rest))
}

/// Waits so long; never, where there is nothing to wait for.
async fn rest(how_long: Option<Duration>) {
    match how_long {
        Some(how_long) => tokio::time::sleep(how_long).await,
        None => std::future::pending().await,
    }
}

/// Returns when the program is to end; never, when nobody can say so any more.
async fn leave(shutdown: &mut watch::Receiver<ShutdownSignal>) {
    if shutdown
        .wait_for(|shutdown| *shutdown == ShutdownSignal::Stop)
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_names_one_job_for_all_is_not_believed() {
        let mut jobs = HashSet::new();
        let job: JobId = "5725767000003019012".parse().unwrap();

        let outcomes = [0, 1].map(|_| weighed(&mut jobs, Outcome::Scheduled, Some(job.clone())));

        assert_eq!(outcomes, [Outcome::Scheduled, Outcome::UnknownAccepted]);
        assert_eq!(
            weighed(&mut jobs, Outcome::Rejected, None),
            Outcome::Rejected
        );
    }
}
