//! A span of time as people write it: `30m`, `2h`, `7d`, `4w`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How old something is, or may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub Duration);

/// The units, the longest first, with their seconds.
const UNITS: [(char, u64); 5] = [
    ('w', 604_800),
    ('d', 86_400),
    ('h', 3_600),
    ('m', 60),
    ('s', 1),
];

impl FromStr for Age {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not a span of time such as 30m, 2h, 7d or 4w");
        let unit = text.chars().last().ok_or_else(bad)?;
        let (_, seconds) = UNITS
            .into_iter()
            .find(|(letter, _)| *letter == unit)
            .ok_or_else(bad)?;
        let number = text.strip_suffix(unit).unwrap_or_default();
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number
            .parse::<u64>()
            .ok()
            .filter(|_| is_number)
            .and_then(|number| number.checked_mul(seconds))
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .ok_or_else(bad)
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.as_secs();
        let (letter, seconds) = UNITS
            .into_iter()
            .find(|(_, seconds)| all >= *seconds && all.is_multiple_of(*seconds))
            .unwrap_or(('s', 1));
        write!(f, "{}{letter}", all / seconds)
    }
}

/// How old an earlier request must be to count no longer: an hour at least, because less would only
/// switch the question off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outdated(pub Duration);

impl FromStr for Outdated {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let Age(least) = text.parse()?;
        if least < Duration::from_secs(3_600) {
            return Err(format!("{text:?} is too short: give an hour (1h) or more"));
        }
        Ok(Self(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("30m", Some(1_800))]
    #[case("2h", Some(7_200))]
    #[case("7d", Some(604_800))]
    #[case("4w", Some(2_419_200))]
    #[case("0s", Some(0))]
    #[case("7", None)]
    #[case("d", None)]
    #[case("+7d", None)]
    #[case("99999999999999999999d", None)]
    #[case("", None)]
    fn a_span_is_a_number_with_its_unit(#[case] text: &str, #[case] seconds: Option<u64>) {
        let read = text.parse::<Age>().ok().map(|age| age.0.as_secs());

        assert_eq!(read, seconds);
    }

    #[rstest]
    #[case("1h", true)]
    #[case("60m", true)]
    #[case("59m", false)]
    #[case("0d", false)]
    fn nothing_is_outdated_within_an_hour(#[case] text: &str, #[case] is_good: bool) {
        assert_eq!(text.parse::<Outdated>().is_ok(), is_good);
    }

    #[test]
    fn a_span_is_written_in_its_longest_whole_unit() {
        for text in ["1s", "90s", "2h", "3d", "1w", "0s"] {
            assert_eq!(text.parse::<Age>().unwrap().to_string(), text);
        }
    }
}
