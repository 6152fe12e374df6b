//! A run as a pure machine: events in, steps out. It never waits, sends or reads a clock.
//!
//! ```text
//!                 ┌──────────── ResumeAsked ◄───────────┐
//!   New ─Started─► Running ──PauseAsked, limit, denied, ──► Paused
//!                    │        offline, unknown …            │
//!                    ├────────────── StopAsked ─────────────┴─► Stopping ──► Finished
//!                    └── no row left, none in flight ───────────────────────► Finished
//!
//!   a row:  ready ─Dispatch─► in flight ─┬─► scheduled, rejected, unknown    (never again)
//!             ▲                          └─► limit, denied, throttled, not_sent
//!             └───────── nothing was spent ──────────────────┘
//! ```
//!
//! Invariants, held by a property test against a naive model: at most `concurrency` rows in
//! flight; a row is dispatched again only after it came back with nothing spent; a paused run
//! dispatches nothing until it is resumed, a stopped one never; what is in flight always settles.
//! It refuses to decide about an unknown: that row is done with, for this machine.

mod event;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use event::{Ending, Event, Refusal, Rest, RunSettings, Settled, Step, Tally};

use super::pacing::Pacing;
use super::pause::{PauseReason, Unknowns};
use crate::base::limits::{
    NOT_SENT_MAX, RUN_ROWS_AHEAD, THROTTLED_STREAK_MAX, UNKNOWN_SHARE_PERCENT_MAX,
    UNKNOWN_SHARE_SETTLED_MIN,
};
use crate::base::{Outcome, RowNumber};

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    New,
    Running,
    Paused(PauseReason),
    Stopping,
    Finished,
}

/// Attempts of a row that came to nothing, since somebody last looked.
#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    not_sent: u32,
    denied: u32,
}

/// The token in use. Rows remember its number, so that a late 401 of an old token starts nothing.
#[derive(Debug, Clone, Copy)]
struct Token {
    number: u32,
    is_refreshing: bool,
    /// The server has not refused it yet, as far as is known.
    is_trusted: bool,
}

/// One run.
#[derive(Debug)]
pub struct Machine {
    settings: RunSettings,
    state: State,
    pacing: Pacing,
    ready: BTreeSet<RowNumber>,
    /// Row and number of the token it was sent with.
    in_flight: BTreeMap<RowNumber, u32>,
    tries: BTreeMap<RowNumber, Tries>,
    /// The last row that was loaded.
    cursor: Option<RowNumber>,
    rest: Rest,
    is_loading: bool,
    token: Token,
    tally: Tally,
    /// The tally when somebody last said "go on": shares and `rows_max` count from here.
    tally_resumed: Tally,
    unknowns: Unknowns,
    /// The wait that was last announced, so that it is announced once.
    wait_announced: Option<Duration>,
}

impl Machine {
    /// A machine that has not begun.
    pub fn new(settings: RunSettings) -> Self {
        Self {
            settings,
            state: State::New,
            pacing: Pacing::new(settings.concurrency),
            ready: BTreeSet::new(),
            in_flight: BTreeMap::new(),
            tries: BTreeMap::new(),
            cursor: None,
            rest: Rest::More,
            is_loading: false,
            token: Token {
                number: 0,
                is_refreshing: false,
                is_trusted: true,
            },
            tally: Tally::default(),
            tally_resumed: Tally::default(),
            unknowns: Unknowns::default(),
            wait_announced: None,
        }
    }

    /// Rows in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Most rows in flight at this moment.
    pub fn concurrency(&self) -> usize {
        self.pacing.concurrency()
    }

    /// What has come of the rows so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Why it pauses, if it does.
    pub fn paused(&self) -> Option<&PauseReason> {
        match &self.state {
            State::Paused(reason) => Some(reason),
            State::New | State::Running | State::Stopping | State::Finished => None,
        }
    }

    /// Takes an event at `now`, on a clock that never goes back, and says what to do.
    #[must_use]
    pub fn on(&mut self, event: Event, now: Duration) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.state == State::Finished {
            return steps;
        }
        match event {
            Event::Started if self.state == State::New => self.state = State::Running,
            Event::Started | Event::Tick => {}
            Event::RowsLoaded { rows, rest } => self.rows_loaded(rows, rest),
            Event::AttemptSettled { row, settled } => self.settle(row, &settled, now, &mut steps),
            Event::DispatchRefused { row, refusal } => self.refused(row, refusal, &mut steps),
            Event::TokenRefreshed => {
                self.token = Token {
                    number: self.token.number.wrapping_add(1),
                    is_refreshing: false,
                    is_trusted: false,
                };
            }
            Event::TokenFailed => {
                self.token.is_refreshing = false;
                self.pause(PauseReason::SignIn, &mut steps);
            }
            Event::PauseAsked => self.pause(PauseReason::Operator, &mut steps),
            Event::ResumeAsked => self.resume(),
            Event::StopAsked => self.state = State::Stopping,
            Event::LimitReached => self.pause(PauseReason::Limit, &mut steps),
            Event::UnitsLeft(left) => {
                let spent = self
                    .tally
                    .charged()
                    .saturating_add(count(self.in_flight.len()));
                self.settings.units_max = Some(spent.saturating_add(left));
            }
            Event::LedgerFailed => {
                self.is_loading = false;
                self.pause(PauseReason::Ledger, &mut steps);
            }
        }
        self.go_on(now, &mut steps);
        steps
    }

    fn rows_loaded(&mut self, rows: Vec<RowNumber>, rest: Rest) {
        self.is_loading = false;
        // A ledger that promises more and hands out nothing new would be asked for ever.
        let is_new = |row: &RowNumber| self.cursor.is_none_or(|cursor| *row > cursor);
        self.rest = if rows.iter().any(is_new) {
            rest
        } else {
            Rest::End
        };
        for row in rows {
            // Rows up to the cursor were handed out before; what became of them is known here.
            if self.cursor.is_none_or(|cursor| row > cursor) {
                self.cursor = Some(row);
                self.ready.insert(row);
            }
        }
    }

    fn settle(&mut self, row: RowNumber, settled: &Settled, now: Duration, steps: &mut Vec<Step>) {
        let Some(token) = self.in_flight.remove(&row) else {
            return;
        };
        match settled.outcome {
            Outcome::Scheduled => {
                self.tally.scheduled += 1;
                self.answered(row, now);
            }
            Outcome::Rejected => {
                self.tally.rejected += 1;
                self.answered(row, now);
            }
            // An attempt never settles as sending or absent; if one did, nobody would know.
            Outcome::Unknown | Outcome::UnknownAccepted | Outcome::Sending | Outcome::Absent => {
                self.tally.unknown += 1;
                self.unknowns.one_more(settled.cause());
                self.tries.remove(&row);
                self.pacing.connected();
            }
            Outcome::Limit => {
                self.ready.insert(row);
                self.token_worked(token);
                self.pause(PauseReason::Limit, steps);
            }
            Outcome::Denied => self.denied(row, token, settled, steps),
            Outcome::Throttled => {
                self.ready.insert(row);
                self.pacing.throttled(now, settled.retry_after);
                if self.pacing.throttled_streak() >= THROTTLED_STREAK_MAX {
                    self.pause(PauseReason::Throttled, steps);
                }
            }
            Outcome::NotSent => self.not_sent(row, now, steps),
        }
        if matches!(settled.outcome, Outcome::Scheduled | Outcome::Rejected) {
            self.token_worked(token);
        }
        self.watch_unknowns(steps);
    }

    fn answered(&mut self, row: RowNumber, now: Duration) {
        self.tries.remove(&row);
        self.unknowns = Unknowns::default();
        self.pacing.answered(now);
    }

    fn not_sent(&mut self, row: RowNumber, now: Duration, steps: &mut Vec<Step>) {
        self.ready.insert(row);
        self.pacing.not_sent(now);
        let tries = self.tries.entry(row).or_default();
        tries.not_sent += 1;
        if tries.not_sent >= NOT_SENT_MAX || self.pacing.not_sent_streak() >= NOT_SENT_MAX {
            self.pause(PauseReason::Offline, steps);
        }
    }

    /// What the server says of the caller it would say of every row: the first one is enough.
    fn denied(&mut self, row: RowNumber, token: u32, settled: &Settled, steps: &mut Vec<Step>) {
        self.ready.insert(row);
        self.pacing.connected();
        match &settled.code {
            Some(code) if !settled.is_of_the_token() => {
                self.token_worked(token);
                self.pause(PauseReason::Denied(code.clone()), steps);
            }
            Some(_) | None => self.token_refused(row, token, steps),
        }
    }

    /// One refresh for all; each row once more; what is refused then needs a person.
    fn token_refused(&mut self, row: RowNumber, token: u32, steps: &mut Vec<Step>) {
        let tries = self.tries.entry(row).or_default();
        tries.denied += 1;
        if tries.denied > 1 {
            return self.pause(PauseReason::SignIn, steps);
        }
        if token != self.token.number || self.token.is_refreshing || self.state != State::Running {
            return;
        }
        if !self.token.is_trusted {
            return self.pause(PauseReason::SignIn, steps);
        }
        self.token.is_refreshing = true;
        steps.push(Step::RefreshToken);
    }

    fn token_worked(&mut self, token: u32) {
        self.pacing.connected();
        if token == self.token.number {
            self.token.is_trusted = true;
        }
    }

    fn refused(&mut self, row: RowNumber, refusal: Refusal, steps: &mut Vec<Step>) {
        if self.in_flight.remove(&row).is_none() {
            return;
        }
        let reason = match refusal {
            Refusal::NotPending => return,
            Refusal::Limit => PauseReason::Limit,
            Refusal::Reserve => PauseReason::Reserve,
            Refusal::NoToken => PauseReason::SignIn,
            Refusal::Ledger => PauseReason::Ledger,
        };
        self.ready.insert(row);
        self.pause(reason, steps);
    }

    fn watch_unknowns(&mut self, steps: &mut Vec<Step>) {
        if let Some(streak) = self.unknowns.too_many() {
            return self.pause(PauseReason::UnknownStreak(streak), steps);
        }
        let seen = self.tally.since(self.tally_resumed);
        let (unknown, settled) = (seen.unknown, seen.settled());
        if settled >= UNKNOWN_SHARE_SETTLED_MIN
            && unknown.saturating_mul(100) > settled.saturating_mul(UNKNOWN_SHARE_PERCENT_MAX)
        {
            self.pause(PauseReason::UnknownShare { unknown, settled }, steps);
        }
    }

    fn pause(&mut self, reason: PauseReason, steps: &mut Vec<Step>) {
        let is_news = match &self.state {
            State::Running => true,
            State::Paused(before) => reason.outranks(before),
            State::New | State::Stopping | State::Finished => false,
        };
        if is_news {
            self.state = State::Paused(reason.clone());
            steps.push(Step::Pause(reason));
        }
    }

    /// Somebody has looked: what failed before counts no more.
    fn resume(&mut self) {
        if !matches!(self.state, State::Paused(_)) {
            return;
        }
        self.state = State::Running;
        self.tries.clear();
        self.tally_resumed = self.tally;
        self.unknowns = Unknowns::default();
        self.token.is_trusted = true;
        self.pacing.resumed();
        self.wait_announced = None;
    }

    /// Whatever can be done in this state is done here, and nowhere else.
    fn go_on(&mut self, now: Duration, steps: &mut Vec<Step>) {
        match self.state {
            State::Running => {}
            State::Stopping if self.in_flight.is_empty() => {
                return self.finish(Ending::Stopped, steps);
            }
            State::New | State::Paused(_) | State::Stopping | State::Finished => return,
        }
        self.dispatch(now, steps);
        if self.rest == Rest::More && !self.is_loading && self.ready.len() < RUN_ROWS_AHEAD / 2 {
            self.is_loading = true;
            steps.push(Step::Load {
                after: self.cursor,
                count: RUN_ROWS_AHEAD,
            });
        }
        if self.rest == Rest::End && self.ready.is_empty() && self.in_flight.is_empty() {
            self.finish(Ending::Done, steps);
        }
    }

    fn dispatch(&mut self, now: Duration, steps: &mut Vec<Step>) {
        if self.ready.is_empty() || self.token.is_refreshing {
            return;
        }
        if let Some(until) = self.pacing.held_until(now) {
            if self.wait_announced != Some(until) {
                self.wait_announced = Some(until);
                steps.push(Step::Wait { until });
            }
            return;
        }
        while self.in_flight.len() < self.pacing.concurrency() {
            if let Some(reason) = self.used_up() {
                // What is in flight may yet come back with nothing spent.
                if self.in_flight.is_empty() {
                    self.pause(reason, steps);
                }
                return;
            }
            let Some(row) = self.ready.pop_first() else {
                return;
            };
            self.in_flight.insert(row, self.token.number);
            steps.push(Step::Dispatch(row));
        }
    }

    fn used_up(&self) -> Option<PauseReason> {
        let in_flight = count(self.in_flight.len());
        let units = self.tally.charged().saturating_add(in_flight);
        if self.settings.units_max.is_some_and(|most| units >= most) {
            return Some(PauseReason::Reserve);
        }
        let settled = self.tally.since(self.tally_resumed).settled();
        let rows = settled.saturating_add(in_flight);
        self.settings
            .rows_max
            .is_some_and(|most| rows >= most)
            .then_some(PauseReason::Max)
    }

    fn finish(&mut self, ending: Ending, steps: &mut Vec<Step>) {
        self.state = State::Finished;
        steps.push(Step::Finish(ending));
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
