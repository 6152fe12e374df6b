//! When the server may be asked again while somebody looks.
//!
//! ```text
//!  soon ─► due ─► asked ─► answered, changed ───► due after the least wait
//!                    │         └──── as before ─► due after twice the wait, up to the most
//!                    └ not again before the least wait, whoever wants it
//! ```
//! A pure value. Nothing is due while nobody looks: the screen asks only while it is shown.

use std::time::Duration;

/// Whether an answer brought anything new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// Something changed.
    News,
    /// Everything is as it was, or the question failed.
    Nothing,
}

/// One question that is asked again and again: never more often than after `LEAST` seconds, and at
/// least after `MOST` while something is awaited. At the start, nobody wants it asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Poll<const LEAST: u64, const MOST: u64> {
    wait: Duration,
    earliest: Duration,
    due: Option<Duration>,
    is_asked: bool,
}

impl<const LEAST: u64, const MOST: u64> Poll<LEAST, MOST> {
    /// The least wait between two questions.
    pub const LEAST: Duration = Duration::from_secs(LEAST);
    const MOST: Duration = Duration::from_secs(MOST);

    /// Somebody wants to know: as soon as the least wait allows. Answers when that is.
    pub fn schedule(&mut self, now: Duration) -> Duration {
        self.wait = Self::LEAST;
        let at = self.earliest.max(now);
        self.due = Some(at);
        at
    }

    /// The question went out.
    pub fn asked(&mut self, now: Duration) {
        self.is_asked = true;
        self.due = None;
        self.earliest = now.saturating_add(Self::LEAST);
    }

    /// The answer came.
    pub fn answered(&mut self, now: Duration, brought: Brought) {
        if !self.is_asked {
            return;
        }
        self.is_asked = false;
        self.wait = match brought {
            Brought::News => Self::LEAST,
            Brought::Nothing => self.wait.saturating_mul(2).min(Self::MOST),
        };
        let next = self.earliest.max(now.saturating_add(self.wait));
        // A wish that came while the answer was on its way is not put off.
        self.due = Some(self.due.map_or(next, |due| due.min(next)));
    }

    /// Nobody waits for an answer any more; the least wait still holds.
    pub fn stop(&mut self) {
        self.due = None;
        self.is_asked = false;
    }

    /// When the question is to be asked; `None` while it is under way or nobody wants it.
    pub fn due(&self) -> Option<Duration> {
        self.due.filter(|_| !self.is_asked)
    }

    /// Whether an answer is awaited.
    pub fn is_asked(&self) -> bool {
        self.is_asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Tested = Poll<10, 60>;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn waits_double_to_the_most_and_news_begins_anew() {
        let mut poll = Tested::default();
        let mut now = poll.schedule(secs(100));
        let mut waits = Vec::new();

        for brought in [
            Brought::Nothing,
            Brought::Nothing,
            Brought::Nothing,
            Brought::News,
        ] {
            poll.asked(now);
            poll.answered(now, brought);
            let due = poll.due().unwrap();
            waits.push((due - now).as_secs());
            now = due;
        }

        assert_eq!(waits, [20, 40, 60, 10]);
    }

    #[test]
    fn nothing_is_due_until_somebody_wants_it_or_while_it_is_under_way() {
        let mut poll = Tested::default();
        assert_eq!(poll.due(), None);

        poll.schedule(secs(1));
        poll.asked(secs(1));
        poll.schedule(secs(2));

        assert_eq!(poll.due(), None);
        poll.answered(secs(3), Brought::Nothing);
        assert_eq!(poll.due(), Some(secs(11)));
    }

    proptest! {
        #[test]
        fn two_questions_are_never_nearer_than_the_least_wait(
            steps in proptest::collection::vec((0u8..4, 0u64..15), 1..80)
        ) {
            let mut poll = Tested::default();
            let (mut now, mut last) = (secs(0), None::<Duration>);
            for (what, pause) in steps {
                now += secs(pause);
                match what {
                    0 => { poll.schedule(now); }
                    1 => poll.answered(now, Brought::Nothing),
                    2 => poll.answered(now, Brought::News),
                    _ => poll.stop(),
                }
                if poll.due().is_some_and(|due| due <= now) {
                    poll.asked(now);
                    if let Some(last) = last {
                        prop_assert!(now - last >= Tested::LEAST);
                    }
                    last = Some(now);
                }
            }
        }
    }
}
