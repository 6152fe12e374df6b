//! The sanitiser and the header that says how long to wait.

use ziadeck::base::{Sanitized, Timestamp, limits, retry_after as header};

/// The sanitiser: what it makes is safe, stays as it is, and is as wide as it says.
pub(crate) fn shown(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    let line = Sanitized::new(&raw);
    assert!(!line.as_str().chars().any(char::is_control));
    assert_eq!(Sanitized::new(line.as_str()), line);
    let columns = bytes.len() % 40;
    let cut = line.truncate(columns);
    assert!(cut.width() <= columns);
    assert_eq!(Sanitized::new(cut.as_str()), cut);
    for line in Sanitized::block(&raw) {
        assert_eq!(Sanitized::new(line.as_str()), line);
    }
}

/// A header of a server: whatever it says, the wait is within bounds.
pub(crate) fn retry_after(bytes: &[u8]) {
    let (clock, text) = bytes.split_at(bytes.len().min(4));
    let seconds = clock
        .iter()
        .fold(0, |sum, byte| sum * 256 + i64::from(*byte));
    let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let wait = header::parse(&String::from_utf8_lossy(text), now);
    assert!((limits::RETRY_AFTER_MIN..=limits::RETRY_AFTER_MAX).contains(&wait));
}
