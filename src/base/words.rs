//! Numbers and times as people read them: the same on screen, in the plain mode and in a report.

use super::Timestamp;

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The first bytes of a longer hash, which are as good as any others of it.
pub fn front<const N: usize>(hash: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(hash) {
        *to = *from;
    }
    out
}

/// A text as a sentence: with a capital letter and a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// A number with separators: 1,012.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many of a thing whose plural ends in s: 1 run, 1,012 runs.
pub fn counted(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// A time without the zone of a person, to the minute: 24 November 2026 13:14 UTC.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%-d %B %Y %H:%M UTC").to_string()
}

/// Of things with names the one that was perhaps meant by a word: the likest, if it is as like as
/// `least` (Jaro and Winkler, 0 to 1).
pub fn nearest<N: AsRef<str>, T>(
    word: &str,
    least: f64,
    among: impl IntoIterator<Item = (N, T)>,
) -> Option<T> {
    among
        .into_iter()
        .map(|(name, thing)| (strsim::jaro_winkler(word, name.as_ref()), thing))
        .filter(|(likeness, _)| *likeness > least)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, thing)| thing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_is_meant_and_nothing_where_none_is_like() {
        let names = [("pause", 1), ("resume", 2), ("result", 3)];

        assert_eq!(nearest("resme", 0.8, names), Some(2));
        assert_eq!(nearest("xyzzy", 0.8, names), None);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_012), "1,012");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn one_of_a_thing_is_no_plural() {
        assert_eq!(counted(0, "run"), "0 runs");
        assert_eq!(counted(1, "run"), "1 run");
        assert_eq!(counted(1_012, "run"), "1,012 runs");
    }

    #[test]
    fn a_moment_can_be_read_aloud() {
        let at = "2026-11-24T13:14:15Z".parse().unwrap();

        assert_eq!(moment(at), "24 November 2026 13:14 UTC");
    }
}
