//! How fast a run goes and how long it still takes: arithmetic, nothing else.

use std::time::Duration;

/// The progress of a run since it was started or resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows settled since then.
    pub settled: u64,
    /// Rows still to send.
    pub remaining: u64,
    /// Time since then, pauses left out.
    pub elapsed: Duration,
}

impl Progress {
    /// Rows settled in a minute; `None` until there is something to judge by.
    pub fn rows_per_minute(self) -> Option<u64> {
        let ms = self.elapsed.as_millis();
        let rows = u128::from(self.settled)
            .checked_mul(60_000)?
            .checked_div(ms)?;
        (self.settled > 0).then_some(u64::try_from(rows).unwrap_or(u64::MAX))
    }

    /// Time that the rest takes at this pace.
    pub fn time_left(self) -> Option<Duration> {
        if self.settled == 0 {
            return None;
        }
        let ms = self
            .elapsed
            .as_millis()
            .checked_mul(u128::from(self.remaining))?
            .checked_div(u128::from(self.settled))?;
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }
}

/// A time in words that fit on a line, never shorter than a second.
pub fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=99 => format!("{} s", seconds.max(1)),
        seconds @ 100..=5_999 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_unit_that_fits() {
        let told = [0, 41, 99, 100, 5_999, 9_000].map(|s| span(Duration::from_secs(s)));

        assert_eq!(
            told,
            ["1 s", "41 s", "99 s", "2 min", "100 min", "2 h 30 min"]
        );
    }

    #[test]
    fn the_pace_of_a_run_tells_what_is_left() {
        let progress = Progress {
            settled: 30,
            remaining: 90,
            elapsed: Duration::from_secs(20),
        };

        assert_eq!(progress.rows_per_minute(), Some(90));
        assert_eq!(progress.time_left(), Some(Duration::from_secs(60)));
    }

    #[test]
    fn nothing_is_said_before_the_first_row_or_beyond_what_numbers_hold() {
        let nothing = Progress {
            settled: 0,
            remaining: 90,
            elapsed: Duration::from_secs(20),
        };
        let endless = Progress {
            settled: u64::MAX,
            remaining: u64::MAX,
            elapsed: Duration::MAX,
        };

        assert_eq!(
            (nothing.rows_per_minute(), nothing.time_left()),
            (None, None)
        );
        assert_eq!(endless.time_left(), None);
    }
}
