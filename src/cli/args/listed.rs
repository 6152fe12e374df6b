//! Arguments with a list of words: the shell completes them, the help names them, and a slip is told
//! the nearest one. What the word means is the type's own to say.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command};

/// How like a word must be to be taken for a slip of the other.
const LIKE: f64 = 0.8;

pub(in crate::cli) const KINDS: &[&str] = &["people", "org"];
pub(in crate::cli) const INCLUDES: &[&str] = &[
    "not_found",
    "failed",
    "other_record",
    "more_inputs",
    "unknown",
    "all",
];
pub(super) const DATA_CENTERS: &[&str] = &["US", "IN", "AU", "CA", "SA"];
pub(super) const ENVIRONMENTS: &[&str] = &["production", "sandbox", "developer"];
pub(super) const API_VERSIONS: &[&str] = &["v7", "v8"];
pub(in crate::cli) const STATUSES: &[&str] = &[
    "SCHEDULED",
    "RUNNING",
    "COMPLETED",
    "DATA_NOT_FOUND",
    "FAILED",
    "UPDATED",
];
pub(super) const SCENARIOS: &[&str] = &[
    "calm",
    "flaky",
    "hostile",
    "limit-near",
    "lost-answers",
    "slow",
    "throttled",
];
/// Without the one that holds a space, which no shell completes well.
pub(super) const OUTCOMES: &[&str] = &[
    "sending",
    "scheduled",
    "rejected",
    "limit",
    "denied",
    "throttled",
    "not_sent",
    "unknown",
    "absent",
];
pub(in crate::cli) const ROW_STATES: &[&str] = &[
    "pending",
    "invalid",
    "skipped",
    "sending",
    "scheduled",
    "rejected",
    "not_sent",
    "unknown",
    "absent",
];

/// A parser with a list of words, which may be open: the type decides what else it takes.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Listed<T> {
    parse: fn(&str) -> Result<T, String>,
    words: &'static [&'static str],
}

/// A type that reads itself from a word.
pub(in crate::cli) fn listed<T>(words: &'static [&'static str]) -> Listed<T>
where
    T: FromStr,
    T::Err: ToString,
{
    Listed {
        parse: |text| text.parse().map_err(|error: T::Err| error.to_string()),
        words,
    }
}

/// A word that a function reads.
pub(super) fn listed_by<T>(
    parse: fn(&str) -> Result<T, String>,
    words: &'static [&'static str],
) -> Listed<T> {
    Listed { parse, words }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Listed<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let text = value.to_string_lossy();
        (self.parse)(&text).map_err(|message| {
            let of = arg.map_or_else(String::new, |arg| format!(" for '{arg}'"));
            // Some types name their words themselves.
            let is_told = self
                .words
                .first()
                .is_some_and(|word| message.contains(word));
            let told = if is_told {
                String::new()
            } else {
                format!("; one of {} is expected", self.words.join(", "))
            };
            let text = format!(
                "invalid value '{text}'{of}: {message}{told}{}\n",
                meant(&text, self.words)
            );
            clap::Error::raw(ErrorKind::ValueValidation, text).with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.words.iter().map(PossibleValue::new)))
    }
}

/// The word that was perhaps meant.
pub(in crate::cli) fn meant(text: &str, words: &[&str]) -> String {
    let names = words.iter().map(|word| (word.to_lowercase(), word));
    crate::base::nearest(&text.to_lowercase(), LIKE, names)
        .map_or_else(String::new, |word| format!("; did you mean {word}?"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::base::{ApiVersion, DataCenter, EnrichmentKind, Environment, Outcome};
    use crate::enrichment::job::JobStatus;
    use crate::ledger::RowState;

    #[test]
    fn every_word_of_a_list_is_one_and_no_word_is_missing() {
        let all = |words: &[&str], known: Vec<String>| assert_eq!(words, known);

        all(KINDS, EnrichmentKind::ALL.map(|it| it.to_string()).to_vec());
        all(
            DATA_CENTERS,
            ["US", "IN", "AU", "CA", "SA"]
                .map(|word| word.parse::<DataCenter>().unwrap().to_string())
                .to_vec(),
        );
        assert_eq!(DATA_CENTERS.len(), DataCenter::ALL.len());
        for word in ENVIRONMENTS {
            assert_eq!(word.parse::<Environment>().unwrap().as_str(), *word);
        }
        for word in API_VERSIONS {
            assert_eq!(word.parse::<ApiVersion>().unwrap().as_str(), *word);
        }
        let statuses = JobStatus::DOCUMENTED
            .iter()
            .map(|it| it.as_str().to_owned());
        all(STATUSES, statuses.collect());
        assert_eq!(SCENARIOS, crate::simulator::Scenario::names());
        let outcomes = Outcome::ALL.iter().map(ToString::to_string);
        all(
            OUTCOMES,
            outcomes.filter(|word| !word.contains(' ')).collect(),
        );
        all(
            ROW_STATES,
            RowState::ALL.iter().map(ToString::to_string).collect(),
        );
    }

    #[rstest]
    #[case(&["log", "--outcome", "unknwn"], "did you mean unknown?")]
    #[case(&["bulk", "rows", "1", "--state", "rejectd"], "did you mean rejected?")]
    #[case(&["submit", "--kind", "peple"], "did you mean people?")]
    fn a_slip_is_told_the_nearest_word(#[case] words: &[&str], #[case] expected: &str) {
        let words = std::iter::once(&"ziadeck").chain(words);

        let error = crate::cli::command()
            .try_get_matches_from(words)
            .unwrap_err();

        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn a_shell_completes_the_words_of_each_list() {
        let mut script = Vec::new();
        clap_complete::generate(
            clap_complete::Shell::Bash,
            &mut crate::cli::command(),
            "ziadeck",
            &mut script,
        );
        let script = String::from_utf8(script).unwrap();

        for words in [
            KINDS,
            DATA_CENTERS,
            ENVIRONMENTS,
            STATUSES,
            OUTCOMES,
            ROW_STATES,
        ] {
            let list = format!("compgen -W \"{}\"", words.join(" "));
            assert!(script.contains(&list), "{list}");
        }
        assert!(script.contains("lost-answers"));
    }
}
