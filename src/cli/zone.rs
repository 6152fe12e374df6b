//! The zone in which times are shown, found without a walk through the whole zone database.
//!
//! jiff's own search lists every directory of the database, some 200 system calls before the first
//! frame. `/etc/localtime`, or the one file that TZ names, says the same.

use std::path::Path;

use jiff::tz::TimeZone;

/// Where the zone files are.
const DATABASE: &str = "/usr/share/zoneinfo";

/// The zone of this process.
pub(super) fn local() -> TimeZone {
    let named = std::env::var("TZ").ok().filter(|name| !name.is_empty());
    named
        .map_or_else(
            || read(Path::new("/etc/localtime"), "Local"),
            |name| of_name(name.trim_start_matches(':')),
        )
        .unwrap_or_else(TimeZone::system)
}

fn of_name(name: &str) -> Option<TimeZone> {
    // A path could lead anywhere; a name may not.
    let is_name = !name.starts_with('/') && !name.contains("..");
    is_name
        .then(|| read(&Path::new(DATABASE).join(name), name))
        .flatten()
        .or_else(|| TimeZone::posix(name).ok())
}

fn read(path: &Path, name: &str) -> Option<TimeZone> {
    let bytes = std::fs::read(path).ok()?;
    TimeZone::tzif(name, &bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_without_a_file_is_read_as_a_rule() {
        let zone = of_name("XYZ-3").unwrap();
        let noon: jiff::Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();

        assert_eq!(zone.to_offset(noon), jiff::tz::offset(3));
    }

    #[test]
    fn a_path_is_not_a_name() {
        assert!(of_name("../../etc/passwd").is_none());
        assert!(of_name("/etc/passwd").is_none());
    }
}
