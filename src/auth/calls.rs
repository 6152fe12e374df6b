//! The count of token calls in a sliding window: Zoho gives ten new access tokens per refresh
//! token in ten minutes (TV8) and locks out who asks for more.
//!
//! The count is a file of its own beside the credentials: a refused refresh leaves the credentials
//! untouched, and signing out and in again does not forget the calls. What the server said of a
//! refused refresh stands here, too, until one succeeds.

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::base::limits::{TOKEN_CALLS_MAX, TOKEN_WINDOW};

/// The calls of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Calls {
    #[serde(default)]
    at: Vec<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    throttled_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
}

/// What the accounts server said when it refused to renew a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The word of its answer, such as `invalid_code`.
    pub error: String,
    /// When.
    pub at: Timestamp,
    /// Which grant it was, by its time: a later one is not refused.
    granted_at: Option<Timestamp>,
}

impl Refusal {
    /// Whether the grant itself is gone: no call brings it back, only a new grant code.
    pub fn is_final(&self) -> bool {
        self.error == "invalid_code"
    }
}

impl Calls {
    /// The server refused to renew the token of a grant.
    pub(super) fn refuse(&mut self, error: &str, at: Timestamp, granted_at: Option<Timestamp>) {
        self.refusal = Some(Refusal {
            error: error.to_owned(),
            at,
            granted_at,
        });
    }

    /// The server gave a token; whether that changes what is known.
    pub(super) fn accept(&mut self) -> bool {
        self.refusal.take().is_some()
    }

    /// How the last renewal of this grant was refused, if it was.
    pub(super) fn refusal(&self, granted_at: Option<Timestamp>) -> Option<&Refusal> {
        self.refusal
            .as_ref()
            .filter(|refusal| refusal.granted_at == granted_at)
    }

    /// When the next call may be made; `None` when that is now.
    pub(super) fn next_allowed(&self, now: Timestamp) -> Option<Timestamp> {
        let mut counted: Vec<Timestamp> = self.counted(now).collect();
        counted.sort_unstable();
        let over = counted.len().checked_sub(TOKEN_CALLS_MAX);
        let by_count = over.and_then(|over| counted.get(over).copied()).map(after);
        let by_server = self
            .throttled_until
            .filter(|until| *until > now && *until <= after(now));
        by_count.max(by_server)
    }

    /// How many calls may be made now.
    pub(super) fn left(&self, now: Timestamp) -> usize {
        if self.next_allowed(now).is_some() {
            return 0;
        }
        TOKEN_CALLS_MAX.saturating_sub(self.counted(now).count())
    }

    /// Counts a call; it is counted before it is made.
    pub(super) fn record(&mut self, now: Timestamp) {
        self.at = self.counted(now).chain([now]).collect();
        self.throttled_until = self.throttled_until.filter(|until| *until > now);
    }

    /// Takes back a call that never left the machine.
    pub(super) fn take_back(&mut self, at: Timestamp) {
        if let Some(index) = self.at.iter().rposition(|call| *call == at) {
            self.at.remove(index);
        }
    }

    /// The server asks for a pause: it says no time, so the whole window is waited for.
    pub(super) fn throttle(&mut self, now: Timestamp) -> Timestamp {
        let until = after(now);
        self.throttled_until = Some(until);
        until
    }

    /// A call from further in the future than the window was written by a clock that was wrong.
    fn counted(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let calls = self.at.iter().copied();
        calls.filter(move |at| after(*at) > now && *at <= after(now))
    }
}

/// One window later.
fn after(at: Timestamp) -> Timestamp {
    at.checked_add(TOKEN_WINDOW).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn at(seconds: u64) -> Timestamp {
        let start: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        start.checked_add(Duration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn the_eleventh_call_waits_for_the_first_to_leave_the_window() {
        let mut calls = Calls::default();
        for second in 0..10 {
            assert_eq!(calls.next_allowed(at(second)), None);
            calls.record(at(second));
        }

        assert_eq!(calls.next_allowed(at(10)), Some(at(600)));
        assert_eq!(calls.left(at(10)), 0);
        assert_eq!(calls.next_allowed(at(600)), None);
        assert_eq!(calls.left(at(605)), 6);
    }

    #[test]
    fn a_throttled_profile_waits_for_a_whole_window() {
        let mut calls = Calls::default();
        calls.record(at(0));

        let until = calls.throttle(at(30));

        assert_eq!(until, at(630));
        assert_eq!(calls.next_allowed(at(629)), Some(at(630)));
        assert_eq!(calls.next_allowed(at(630)), None);
    }

    #[test]
    fn a_clock_that_was_a_month_ahead_locks_nobody_out() {
        let mut calls = Calls::default();
        for second in 0..10 {
            calls.record(at(30 * 86_400 + second));
        }
        calls.throttle(at(30 * 86_400));

        assert_eq!(calls.next_allowed(at(0)), None);
    }

    #[test]
    fn a_call_that_was_never_sent_is_taken_back() {
        let mut calls = Calls::default();
        calls.record(at(1));

        calls.take_back(at(1));

        assert_eq!(calls, Calls::default());
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_the_allowance(gaps in prop::collection::vec(0u64..200, 0..200)) {
            let mut calls = Calls::default();
            let mut made = Vec::new();
            let mut now = 0;
            for gap in gaps {
                now += gap;
                if calls.next_allowed(at(now)).is_none() {
                    calls.record(at(now));
                    made.push(now);
                }
            }

            for (index, first) in made.iter().enumerate() {
                let within = made.iter().skip(index).filter(|call| **call < first + 600).count();
                prop_assert!(within <= TOKEN_CALLS_MAX);
            }
        }

        #[test]
        fn the_count_survives_its_file(seconds in prop::collection::vec(0u64..600, 0..12)) {
            let mut calls = Calls::default();
            for second in seconds {
                calls.record(at(second));
            }

            let text = toml::to_string(&calls).unwrap();

            prop_assert_eq!(toml::from_str::<Calls>(&text).unwrap(), calls);
        }
    }
}
