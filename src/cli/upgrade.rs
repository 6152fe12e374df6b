//! What is said while an older ledger is upgraded: nothing where nobody has to wait for it.
//!
//! On a terminal one line changes; elsewhere a line is written now and then, so that whoever reads
//! the protocol of a job later sees what it did.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::output::Out;
use crate::base::{Clock, SystemClock};
use crate::ledger::{OnUpgrade, Upgrading};

/// What nobody notices is not told.
const UNNOTICED: Duration = Duration::from_secs(1);
/// Between two lines that stay.
const LINES_APART: Duration = Duration::from_secs(10);

/// Tells of an upgrade on stderr.
pub(super) fn teller(out: Out) -> OnUpgrade {
    let clock = SystemClock::new();
    let pace = Mutex::new(Pace::default());
    let apart = if out.can_move() {
        Duration::ZERO
    } else {
        LINES_APART
    };
    Arc::new(move |upgrading| {
        let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
        match pace.step(clock.monotonic(), upgrading, apart) {
            Telling::Nothing => {}
            Telling::Progress(line) if out.can_move() => out.progress(Some(&line)),
            Telling::Progress(line) => out.say(&line),
            Telling::Done(line) => {
                out.progress(None);
                out.say(&line);
            }
        }
    })
}

/// When the upgrade began, and when it was told of last.
#[derive(Debug, Default)]
struct Pace {
    since: Option<Duration>,
    told: Option<Duration>,
}

#[derive(Debug, PartialEq, Eq)]
enum Telling {
    Nothing,
    Progress(String),
    Done(String),
}

impl Pace {
    fn step(&mut self, now: Duration, upgrading: Upgrading, apart: Duration) -> Telling {
        let Upgrading { from, to, percent } = upgrading;
        let since = *self.since.get_or_insert(now);
        if percent == 100 {
            return match self.told {
                None => Telling::Nothing,
                Some(_) => Telling::Done(format!(
                    "upgraded the ledger from format {from} to {to}; an older ziadeck refuses it now"
                )),
            };
        }
        let is_due = match self.told {
            None => now.saturating_sub(since) >= UNNOTICED,
            Some(told) => now.saturating_sub(told) >= apart,
        };
        if !is_due {
            return Telling::Nothing;
        }
        self.told = Some(now);
        Telling::Progress(format!(
            "upgrading the ledger from format {from} to {to}: {percent} %"
        ))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// What is said when a percent is done every so many milliseconds.
    fn said(percent_ms: u64, apart: Duration) -> Vec<Telling> {
        let mut pace = Pace::default();
        let tellings = (0..=100_u8).map(|percent| {
            let now = Duration::from_millis(5_000 + percent_ms * u64::from(percent));
            let upgrading = Upgrading {
                from: 1,
                to: 2,
                percent,
            };
            pace.step(now, upgrading, apart)
        });
        tellings.filter(|said| *said != Telling::Nothing).collect()
    }

    #[test]
    fn an_upgrade_that_nobody_notices_is_not_told() {
        assert_eq!(said(10, Duration::ZERO), []);
    }

    #[rstest]
    #[case::a_line_that_changes(Duration::ZERO, 75)]
    #[case::lines_that_stay(LINES_APART, 1)]
    fn a_long_upgrade_is_told_after_a_second_and_at_its_end(
        #[case] apart: Duration,
        #[case] lines: usize,
    ) {
        let said = said(40, apart);

        let first = "upgrading the ledger from format 1 to 2: 25 %".to_owned();
        let last = "upgraded the ledger from format 1 to 2; an older ziadeck refuses it now";
        assert_eq!(said.first(), Some(&Telling::Progress(first)));
        assert_eq!(said.last(), Some(&Telling::Done(last.to_owned())));
        assert_eq!(said.len(), lines + 1);
    }
}
