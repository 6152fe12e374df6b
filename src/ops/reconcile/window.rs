//! When the server may have made an attempt's job.

use std::time::Duration;

use crate::base::Timestamp;
use crate::ledger::{Around, AttemptRow};

/// When an attempt's job was made, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) struct Window {
    /// Whatever our own clock said: a job outside is not the attempt's for certain.
    possible: (Timestamp, Timestamp),
    /// Where a job of the same inputs is the attempt's for certain.
    certain: Option<(Timestamp, Timestamp)>,
}

impl Window {
    pub(in crate::ops) fn of(attempt: &AttemptRow, apart: Duration, around: &Around) -> Self {
        let span = match around.server {
            // What the server's clock says is not doubted by ours.
            Some(at) => (
                at,
                at.checked_add(attempt.latency.unwrap_or_default())
                    .unwrap_or(at),
            ),
            None => (attempt.at, attempt.settled_at.unwrap_or(attempt.at)),
        };
        Self::new(span, apart, around)
    }

    /// Our own times of the attempt are one witness, and the server's times of the jobs around it
    /// are the other. Where they contradict each other our clock was wrong and says nothing; where
    /// nothing is around, a job of any time is possible and none but a near one is certain.
    pub(super) fn new(
        (at, late): (Timestamp, Timestamp),
        apart: Duration,
        around: &Around,
    ) -> Self {
        let less = |time: Timestamp| time.checked_sub(apart).unwrap_or(Timestamp::MIN);
        let more = |time: Timestamp| time.checked_add(apart).unwrap_or(Timestamp::MAX);
        let near = (less(at), more(late));
        let is_too_early = around.after.is_some_and(|after| after > near.1);
        let is_too_late = around.before.is_some_and(|before| before < near.0);
        let certain = if is_too_early || is_too_late {
            let both = around.after.zip(around.before);
            both.map(|(after, before)| (less(after), more(before)))
        } else {
            Some(near)
        };
        let from = around.after.map(|after| less(after.min(at)));
        let to = around.before.map(|before| more(before.max(late)));
        let possible = (from.unwrap_or(Timestamp::MIN), to.unwrap_or(Timestamp::MAX));
        Self { possible, certain }
    }

    /// From when on a job may be the attempt's.
    pub(in crate::ops) fn begins(&self) -> Timestamp {
        self.possible.0
    }

    /// When it was made most likely.
    pub(in crate::ops) fn made(&self) -> Option<Timestamp> {
        let (from, to) = self.certain?;
        from.checked_add(to.duration_since(from) / 2).ok()
    }

    /// A time that cannot be read is not filtered by.
    pub(in crate::ops) fn may_hold(&self, created: Option<Timestamp>) -> bool {
        let (from, to) = self.possible;
        created.is_none_or(|created| (from..=to).contains(&created))
    }

    pub(super) fn holds(&self, created: Option<Timestamp>) -> bool {
        let Some((from, to)) = self.certain else {
            return false;
        };
        created.is_none_or(|created| (from..=to).contains(&created))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APART: Duration = Duration::from_secs(900);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window(sent: &str, after: Option<&str>, before: Option<&str>) -> Window {
        let sent = at(sent);
        Window::new(
            (sent, sent),
            APART,
            &Around {
                after: after.map(at),
                before: before.map(at),
                ..Around::default()
            },
        )
    }

    /// The job was made at noon, between two others; what our clock said makes no difference.
    #[rstest::rstest]
    #[case::right("2026-11-24T12:00:00Z")]
    #[case::behind("2026-11-20T03:00:00Z")]
    #[case::ahead("2027-01-01T00:00:00Z")]
    fn the_jobs_around_an_attempt_tell_its_time(#[case] ours: &str) {
        let window = window(
            ours,
            Some("2026-11-24T11:50:00Z"),
            Some("2026-11-24T12:10:00Z"),
        );

        assert!(window.holds(Some(at("2026-11-24T12:00:00Z"))));
        assert!(window.holds(None));
    }

    #[test]
    fn a_job_of_another_day_is_nobodys_where_clocks_and_neighbours_agree() {
        let window = window(
            "2026-11-24T12:00:00Z",
            Some("2026-11-24T11:50:00Z"),
            Some("2026-11-24T12:10:00Z"),
        );

        assert!(!window.may_hold(Some(at("2026-11-23T12:00:00Z"))));
        assert!(!window.may_hold(Some(at("2026-11-25T12:00:00Z"))));
    }

    #[test]
    fn without_neighbours_a_job_of_any_time_is_possible_and_only_a_near_one_certain() {
        let window = window("2026-11-24T12:00:00Z", None, None);
        let (near, far) = (at("2026-11-24T12:05:00Z"), at("2026-11-24T15:00:00Z"));

        assert!(window.may_hold(Some(near)) && window.holds(Some(near)));
        assert!(window.may_hold(Some(far)) && !window.holds(Some(far)));
    }
}
