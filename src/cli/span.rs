//! Times on the command line: a span back from now, or a time with an offset.

use crate::base::{Age, Clock, Timestamp};
use crate::ops::OpsError;

/// Reads `30m`, `2h`, `7d` or a time with an offset.
///
/// # Errors
/// A sentence that names the flag.
pub(super) fn past(flag: &str, text: &str, clock: &dyn Clock) -> Result<Timestamp, OpsError> {
    let bad = || {
        OpsError::Refused(format!(
            "{flag} {text:?} is neither a span such as 30m, 2h or 7d nor a time such as 2026-11-24T08:00:00Z"
        ))
    };
    match text.parse::<Age>() {
        Ok(Age(back)) => clock.now().checked_sub(back).map_err(|_| bad()),
        Err(_) => text.parse().map_err(|_| bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ManualClock;
    use rstest::rstest;

    #[rstest]
    #[case("30m", Some("2026-11-24T07:30:00Z"))]
    #[case("2h", Some("2026-11-24T06:00:00Z"))]
    #[case("1d", Some("2026-11-23T08:00:00Z"))]
    #[case("2026-01-02T03:04:05+01:00", Some("2026-01-02T02:04:05Z"))]
    #[case("yesterday", None)]
    #[case("99999999999999999999d", None)]
    #[case("", None)]
    fn a_span_is_counted_back_from_now(#[case] text: &str, #[case] expected: Option<&str>) {
        let clock = ManualClock::new("2026-11-24T08:00:00Z".parse().unwrap());

        let read = past("--since", text, &clock).ok().map(|at| at.to_string());

        assert_eq!(read.as_deref(), expected);
    }
}
