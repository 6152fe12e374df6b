//! `Retry-After`: how long a server asks us to wait, always within bounds.
//!
//! Both forms of RFC 9110 are read, seconds and a date. What cannot be read, and a negative
//! number, count as "it did not say": [`RETRY_AFTER_DEFAULT`]. It refuses to wait for ever.

use std::time::Duration;

use jiff::fmt::{rfc2822, strtime};

use super::Timestamp;
use super::limits::{RETRY_AFTER_DEFAULT, RETRY_AFTER_MAX, RETRY_AFTER_MIN};

/// The form of a date, and the two outdated ones that RFC 9110 still asks to be read.
const DATES: [&str; 3] = [
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
];

/// The wait that a header's value asks for, counted from `now`.
pub fn parse(value: &str, now: Timestamp) -> Duration {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds is still a number, and a huge one.
        return seconds(value.parse().unwrap_or(i64::MAX));
    }
    match date(value) {
        Some(at) => at
            .duration_since(now)
            .try_into()
            .map_or(RETRY_AFTER_MIN, bounded),
        None => RETRY_AFTER_DEFAULT,
    }
}

/// The wait for a number of seconds, as `details.retry_after` gives it (OAS26).
pub fn seconds(count: i64) -> Duration {
    u64::try_from(count).map_or(RETRY_AFTER_DEFAULT, |count| {
        bounded(Duration::from_secs(count))
    })
}

/// A wait brought between the shortest and the longest that is ever kept.
pub fn bounded(wait: Duration) -> Duration {
    wait.clamp(RETRY_AFTER_MIN, RETRY_AFTER_MAX)
}

fn date(value: &str) -> Option<Timestamp> {
    if let Ok(at) = rfc2822::DateTimeParser::new().parse_timestamp(value) {
        return Some(at);
    }
    DATES.iter().find_map(|format| {
        let civil = strtime::parse(format, value).ok()?.to_datetime().ok()?;
        // The last day of the year 9999 is a date, and later than any time that can be kept.
        Some(
            jiff::tz::Offset::UTC
                .to_timestamp(civil)
                .unwrap_or(Timestamp::MAX),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn noon() -> Timestamp {
        "1994-11-06T08:49:00Z".parse().unwrap()
    }

    #[rstest]
    #[case::seconds("1", 1)]
    #[case::padded(" 30 ", 30)]
    #[case::zero("0", 1)]
    #[case::negative("-5", 5)]
    #[case::huge("1000000000000", 300)]
    #[case::more_than_a_number_holds("99999999999999999999999999", 300)]
    #[case::nothing("", 5)]
    #[case::a_day_of_9999("Mon, 01 Mar 9999 00:00:00 GMT", 300)]
    #[case::the_last_day("Fri, 31 Dec 9999 23:59:59 GMT", 300)]
    #[case::no_year_that_can_be("Fri, 31 Dec 10000 23:59:59 GMT", 5)]
    #[case::words("soon", 5)]
    #[case::fraction("1.5", 5)]
    #[case::date("Sun, 06 Nov 1994 08:49:37 GMT", 37)]
    #[case::date_of_rfc_850("Sunday, 06-Nov-94 08:49:37 GMT", 37)]
    #[case::date_of_asctime("Sun Nov  6 08:49:37 1994", 37)]
    #[case::date_in_the_past("Sat, 05 Nov 1994 08:49:37 GMT", 1)]
    #[case::date_far_ahead("Sat, 06 Nov 2094 08:49:37 GMT", 300)]
    fn a_wait_is_read_and_bounded(#[case] value: &str, #[case] expected: u64) {
        assert_eq!(parse(value, noon()), Duration::from_secs(expected));
    }

    #[rstest]
    #[case(7, 7)]
    #[case(-1, 5)]
    #[case(i64::MAX, 300)]
    fn a_number_of_seconds_is_bounded(#[case] count: i64, #[case] expected: u64) {
        assert_eq!(seconds(count), Duration::from_secs(expected));
    }

    proptest! {
        #[test]
        fn no_text_makes_us_wait_for_ever_or_not_at_all(value in "\\PC{0,40}", at in any::<i32>()) {
            let now = Timestamp::from_second(i64::from(at)).unwrap();

            let wait = parse(&value, now);

            prop_assert!((RETRY_AFTER_MIN..=RETRY_AFTER_MAX).contains(&wait));
        }
    }
}
