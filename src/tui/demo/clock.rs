//! A clock that can stand behind the machine's. It only ever catches up, never goes back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::base::{Boot, Clock, SystemClock, Timestamp};

/// The demo's clock. While history is played, each look at it takes a moment, so that the answers
/// of the past took as long as answers take.
#[derive(Debug)]
pub(super) struct DemoClock {
    real: SystemClock,
    start_behind: Duration,
    behind_ms: AtomicU64,
    looks: AtomicU64,
}

impl DemoClock {
    pub(super) fn behind_by(behind: Duration) -> Self {
        Self {
            real: SystemClock::new(),
            start_behind: behind,
            behind_ms: AtomicU64::new(millis(behind)),
            looks: AtomicU64::new(0),
        }
    }

    /// Moves on until it stands this far behind.
    pub(super) fn stand_behind(&self, by: Duration) {
        self.behind_ms.fetch_min(millis(by), Ordering::Relaxed);
    }

    /// How far it stands behind.
    pub(super) fn behind(&self) -> Duration {
        Duration::from_millis(self.behind_ms.load(Ordering::Relaxed))
    }

    fn since_start(&self) -> Duration {
        (self.real.monotonic() + self.start_behind).saturating_sub(self.behind())
    }

    fn pass_a_moment(&self) {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        let moment = 31 + looks.wrapping_mul(37) % 53;
        let less = |behind: u64| Some(behind.saturating_sub(moment));
        let _ = self
            .behind_ms
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let real = self.real.now();
        real.checked_sub(self.behind()).unwrap_or(real)
    }

    fn monotonic(&self) -> Duration {
        if !self.behind().is_zero() {
            self.pass_a_moment();
        }
        self.since_start()
    }

    /// A boot of its own: what is played in a moment took days by it.
    fn boot(&self) -> Option<Boot> {
        Some(Boot {
            id: "demo".to_owned(),
            time: self.since_start(),
        })
    }
}

#[cfg(test)]
mod tests;
