//! How many requests a run keeps in flight, and until when it holds its breath.
//!
//! Additive increase, multiplicative decrease: a 429 halves the number and waits, every full
//! round of answers raises it by one up to what is configured. The requests that were in flight
//! together are one sign, not five: within one wait the number is halved once.

use std::time::Duration;

use crate::base::limits::{CONCURRENCY_MAX, RECONNECT_WAIT, RETRY_AFTER_DEFAULT, RETRY_AFTER_MAX};
use crate::base::retry_after;

/// The pace of one run. Times are those of a clock that never goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pacing {
    concurrency_max: usize,
    concurrency: usize,
    answers: usize,
    throttled_streak: u32,
    not_sent_streak: u32,
    held_until: Duration,
}

impl Pacing {
    /// A pace that starts at what is configured.
    pub fn new(concurrency_max: usize) -> Self {
        let concurrency_max = concurrency_max.clamp(1, CONCURRENCY_MAX);
        Self {
            concurrency_max,
            concurrency: concurrency_max,
            answers: 0,
            throttled_streak: 0,
            not_sent_streak: 0,
            held_until: Duration::ZERO,
        }
    }

    /// Most requests in flight at this moment.
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// The time before which nothing is sent, if it lies ahead.
    pub fn held_until(&self, now: Duration) -> Option<Duration> {
        (now < self.held_until).then_some(self.held_until)
    }

    /// Answers of 429 since the last real answer, those of one wait counted once.
    pub fn throttled_streak(&self) -> u32 {
        self.throttled_streak
    }

    /// Failures to connect since the last answer of any kind.
    pub fn not_sent_streak(&self) -> u32 {
        self.not_sent_streak
    }

    /// The server took or refused a request: all is well with the pace. What was in flight when
    /// a wait began says nothing about the pace behind it.
    pub fn answered(&mut self, now: Duration) {
        self.connected();
        if self.held_until(now).is_some() {
            return;
        }
        self.throttled_streak = 0;
        self.answers += 1;
        if self.answers >= self.concurrency && self.concurrency < self.concurrency_max {
            self.concurrency += 1;
            self.answers = 0;
        }
    }

    /// There was an answer, whatever it says.
    pub fn connected(&mut self) {
        self.not_sent_streak = 0;
    }

    /// The server asked for fewer calls.
    pub fn throttled(&mut self, now: Duration, retry_after: Option<Duration>) {
        self.connected();
        self.answers = 0;
        if self.held_until(now).is_none() {
            self.throttled_streak += 1;
            self.concurrency = (self.concurrency / 2).max(1);
        }
        let wait = match retry_after {
            Some(asked) => retry_after::bounded(asked),
            None => doubled(RETRY_AFTER_DEFAULT, self.throttled_streak),
        };
        self.hold(now, wait);
    }

    /// No connection was made.
    pub fn not_sent(&mut self, now: Duration) {
        self.not_sent_streak += 1;
        self.hold(now, doubled(RECONNECT_WAIT, self.not_sent_streak));
    }

    /// Somebody decided to go on: old failures are forgotten, a wait the server asked for is not.
    pub fn resumed(&mut self) {
        self.throttled_streak = 0;
        self.not_sent_streak = 0;
    }

    fn hold(&mut self, now: Duration, wait: Duration) {
        self.held_until = self.held_until.max(now.saturating_add(wait));
    }
}

/// `first`, doubled with each further failure of a streak, up to the longest wait.
fn doubled(first: Duration, streak: u32) -> Duration {
    let factor = 2_u32.saturating_pow(streak.saturating_sub(1));
    first.saturating_mul(factor).min(RETRY_AFTER_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_429_halves_once_for_all_that_was_in_flight() {
        let mut pacing = Pacing::new(8);

        pacing.throttled(at(0), Some(at(10)));
        pacing.throttled(at(1), Some(at(10)));
        pacing.throttled(at(2), None);

        assert_eq!(pacing.concurrency(), 4);
        assert_eq!(pacing.held_until(at(3)), Some(at(11)));
        assert_eq!(pacing.held_until(at(11)), None);
    }

    #[test]
    fn the_pace_creeps_up_by_one_a_round() {
        let mut pacing = Pacing::new(4);
        pacing.throttled(at(0), None);

        pacing.answered(at(4));
        let paces: Vec<usize> = (0..8)
            .map(|_| {
                pacing.answered(at(5));
                pacing.concurrency()
            })
            .collect();

        assert_eq!(paces, [2, 3, 3, 3, 4, 4, 4, 4]);
    }

    #[test]
    fn a_server_that_names_no_time_is_given_more_of_it_each_time() {
        let mut pacing = Pacing::new(5);
        let mut now = at(0);

        let waits: Vec<u64> = (0..8)
            .map(|_| {
                pacing.throttled(now, None);
                let until = pacing.held_until(now).unwrap();
                let wait = until - now;
                now = until;
                wait.as_secs()
            })
            .collect();

        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!((pacing.throttled_streak(), pacing.concurrency()), (8, 1));
    }

    #[test]
    fn an_answer_ends_a_streak() {
        let mut pacing = Pacing::new(5);
        pacing.not_sent(at(0));
        pacing.not_sent(at(0));
        pacing.throttled(at(0), None);
        assert_eq!(pacing.not_sent_streak(), 0);

        pacing.answered(at(300));

        assert_eq!(pacing.throttled_streak(), 0);
    }

    proptest! {
        #[test]
        fn the_pace_stays_within_its_bounds(
            most in 0_usize..40, events in prop::collection::vec(0_u64..4, 0..60),
        ) {
            let mut pacing = Pacing::new(most);
            let mut now = at(0);
            for event in events {
                now += at(event * 3);
                match event {
                    0 => pacing.throttled(now, Some(Duration::MAX)),
                    1 => pacing.not_sent(now),
                    2 => pacing.throttled(now, None),
                    _ => pacing.answered(now),
                }
                prop_assert!((1..=most.clamp(1, CONCURRENCY_MAX)).contains(&pacing.concurrency()));
                prop_assert!(pacing.held_until(now).is_none_or(|until| until <= now + RETRY_AFTER_MAX));
            }
        }
    }
}
