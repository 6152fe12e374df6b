//! Words that can be read aloud.

/// What `help` says.
pub(super) const HELP: &[&str] = &[
    "send: ask Zoho for an enrichment. Every input is asked for; a single dot stops.",
    "log: the newest ten attempts. log WORDS: those with these words. more: older ones.",
    "attempt NUMBER: one attempt with its answer and what to do.",
    "usage: what is spent and left. usage refresh: ask the server first.",
    "jobs: the newest ten jobs. jobs STATUS: those of one status. job ID: one job with what was found.",
    "runs: the newest ten runs. run NUMBER: one of them.",
    "unknown: attempts whose answer was lost. reconcile: settle them.",
    "profile: the profiles. profile NAME: switch; nothing is sent by it.",
    "checks: every precondition, and what to do about what is missing.",
    "explain CODE: what a code, a status or an outcome means, and what to do.",
    "quit: leave. Nothing is lost by it.",
];

/// What is said where no person types.
pub(super) const NOT_ALLOWED: &str = "The input is not a terminal, so nothing is sent. To let these lines send, start with --plain --yes.";

const NAMES: [&str; 16] = [
    "send",
    "log",
    "more",
    "attempt",
    "usage",
    "jobs",
    "job",
    "runs",
    "run",
    "unknown",
    "reconcile",
    "profile",
    "checks",
    "explain",
    "help",
    "quit",
];

/// The command that was perhaps meant.
pub(super) fn nearest(word: &str) -> Option<&'static str> {
    crate::base::nearest(word, 0.75, NAMES.map(|name| (name, name)))
}

/// A line of the other commands without what is only for the eye: columns become commas, marks
/// become words.
pub(super) fn spoken(line: &str) -> String {
    let line = line
        .replace('→', "to")
        .replace(" · ", "  ")
        .replace('…', " ");
    let parts: Vec<&str> = line
        .split("  ")
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_marks_become_words() {
        let line = "attempt 7  ·  used 1 → 2 of 9 (ledger, 0 unknown)";

        assert_eq!(
            spoken(line),
            "attempt 7, used 1 to 2 of 9 (ledger, 0 unknown)"
        );
        assert_eq!(spoken("  do  Wait a little."), "do, Wait a little.");
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_command() {
        assert_eq!(nearest("recocnile"), Some("reconcile"));
        assert_eq!(nearest("xyzzy"), None);
    }

    #[test]
    fn every_command_is_in_the_help() {
        let help = HELP.join(" ");
        for name in NAMES.iter().filter(|name| **name != "help") {
            assert!(help.contains(*name), "{name}");
        }
    }
}
