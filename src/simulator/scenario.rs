//! Scenarios: a limit, a pace, rules and faults, from a TOML file or by a ready-made name.
//!
//! A key that nothing uses is an error with its line, also a parameter that an action does not
//! take: a scenario that silently does nothing would prove nothing. Every number has a bound: no
//! scenario makes the simulator itself run out of memory or time.
//!
//! ```toml
//! limit = 1500                # also: used, latency_ms, job_seconds, edition, clock_offset_seconds
//! [rules]                     # see `Rules`
//! concurrency_max = 5
//! [[fault]]                   # the first fault that is due decides
//! on = "people_post"          # org_post, token, list, job, features, other, any
//! every = 3                   # or at = N, or from = N and to = M; none: always
//! latency_ms = 200            # later than usual by so much
//! action = "status"           # see `Action`; each has its own parameters
//! status = 503
//! effect = true               # the job is made all the same
//! ```

use std::io::{self, Read as _};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::fault::Fault;
use super::options::{
    CLOCK_OFFSET_SECONDS_MAX, Edition, JOB_SECONDS_MAX, LATENCY_MS_MAX, LIMIT_MAX, Rules, USED_MAX,
};
use super::scenario_fault::FaultTable;
use crate::base::redact;

/// Most bytes of a scenario's file.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Most faults: every request is held against each.
const FAULTS_MAX: usize = 1_000;

/// What a simulator plays. `Default` changes nothing and breaks nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// The enrichment limit.
    pub limit: Option<u64>,
    /// People jobs of others that exist already.
    pub used: Option<u64>,
    /// How long each answer takes.
    pub latency: Option<Duration>,
    /// How long a job takes.
    pub job_seconds: Option<Duration>,
    /// The organisation's edition.
    pub edition: Option<Edition>,
    /// How many seconds the server's wall clock is ahead, or behind.
    pub clock_offset_seconds: Option<i64>,
    /// The rules, whole.
    pub rules: Option<Rules>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// The ready-made scenarios: name and text.
const READY_MADE: [(&str, &str); 7] = [
    ("calm", include_str!("scenarios/calm.toml")),
    ("flaky", include_str!("scenarios/flaky.toml")),
    ("hostile", include_str!("scenarios/hostile.toml")),
    ("limit-near", include_str!("scenarios/limit-near.toml")),
    ("lost-answers", include_str!("scenarios/lost-answers.toml")),
    ("slow", include_str!("scenarios/slow.toml")),
    ("throttled", include_str!("scenarios/throttled.toml")),
];

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Neither a ready-made name nor a file that can be read.
    #[error(
        "cannot read the scenario {name}: {source}; ready-made scenarios are {}",
        Scenario::names().join(", ")
    )]
    Read {
        /// The name or path that was given.
        name: String,
        /// Why the file cannot be read.
        source: std::io::Error,
    },
    /// A file that may be a secret; nothing of it is shown.
    #[error(
        "{name} is no scenario; it may be a secret, so nothing of it is shown; ready-made scenarios are {}",
        Scenario::names().join(", ")
    )]
    Secret {
        /// The name or path that was given.
        name: String,
    },
    /// Not TOML, an unknown key, a value of the wrong kind, a fault whose keys do not fit together,
    /// or a number out of bounds. The line itself is not shown: it may be of any file.
    #[error("scenario {name}, line {line}, column {column}: {reason}")]
    Unfit {
        /// The name or path that was given.
        name: String,
        /// The line of the fault or number, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What does not fit.
        reason: String,
    },
}

impl Scenario {
    /// The names of the ready-made scenarios, in alphabetical order.
    pub fn names() -> Vec<&'static str> {
        READY_MADE.iter().map(|(name, _)| *name).collect()
    }

    /// A ready-made scenario by its name, or one from a file.
    ///
    /// # Errors
    /// There is no such name or file, or the file is not a scenario.
    pub fn load(name_or_path: &str) -> Result<Self, ScenarioError> {
        if let Some((name, text)) = READY_MADE.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(name, text);
        }
        let text = read(Path::new(name_or_path)).map_err(|source| ScenarioError::Read {
            name: name_or_path.to_owned(),
            source,
        })?;
        Self::parse(name_or_path, &text)
    }

    /// A scenario from its text; the name is for errors only.
    ///
    /// # Errors
    /// The text is not a scenario.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScenarioError> {
        let unfit = |span: Range<usize>, reason: String| {
            let before = text.get(..span.start).unwrap_or_default();
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            ScenarioError::Unfit {
                name: name.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
                reason,
            }
        };
        let file: File = toml::from_str(text).map_err(|error| {
            if redact::is_secret_file(text) {
                let name = name.to_owned();
                return ScenarioError::Secret { name };
            }
            let reason = redact::likely_in(error.message()).into_owned();
            unfit(error.span().unwrap_or_default(), reason)
        })?;
        let within = |number: Option<Spanned<u64>>, key: &str, most: u64| match number {
            Some(number) if *number.get_ref() > most => {
                Err(unfit(number.span(), format!("`{key}` is at most {most}")))
            }
            number => Ok(number.map(Spanned::into_inner)),
        };
        let scenario = Self {
            limit: within(file.limit, "limit", LIMIT_MAX)?,
            used: within(file.used, "used", USED_MAX)?,
            latency: within(file.latency_ms, "latency_ms", LATENCY_MS_MAX)?
                .map(Duration::from_millis),
            job_seconds: within(file.job_seconds, "job_seconds", JOB_SECONDS_MAX)?
                .map(Duration::from_secs),
            edition: file.edition,
            clock_offset_seconds: match file.clock_offset_seconds {
                Some(offset)
                    if offset.get_ref().unsigned_abs()
                        > CLOCK_OFFSET_SECONDS_MAX.unsigned_abs() =>
                {
                    let reason = format!(
                        "`clock_offset_seconds` is at most {CLOCK_OFFSET_SECONDS_MAX} either way"
                    );
                    return Err(unfit(offset.span(), reason));
                }
                offset => offset.map(Spanned::into_inner),
            },
            rules: file.rules,
            faults: Vec::new(),
        };
        if let Some(surplus) = file.fault.get(FAULTS_MAX) {
            let reason = format!("a scenario has at most {FAULTS_MAX} faults");
            return Err(unfit(surplus.span(), reason));
        }
        let faults = file.fault.into_iter().map(|table| {
            let span = table.span();
            let fault = table.into_inner().into_fault();
            fault.map_err(|reason| unfit(span, reason))
        });
        Ok(Self {
            faults: faults.collect::<Result<_, _>>()?,
            ..scenario
        })
    }
}

/// Reads a file of a bounded size; a device or a pipe might never end.
fn read(path: &Path) -> io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = String::new();
    let mut file = std::fs::File::open(path)?.take(FILE_BYTES_MAX + 1);
    file.read_to_string(&mut text)?;
    if file.limit() == 0 {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    limit: Option<Spanned<u64>>,
    used: Option<Spanned<u64>>,
    latency_ms: Option<Spanned<u64>>,
    job_seconds: Option<Spanned<u64>>,
    edition: Option<Edition>,
    clock_offset_seconds: Option<Spanned<i64>>,
    rules: Option<Rules>,
    #[serde(default)]
    fault: Vec<Spanned<FaultTable>>,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::simulator::fault::{Action, StatusFault, Target, When};

    #[test]
    fn every_ready_made_scenario_can_be_played() {
        for name in Scenario::names() {
            let scenario = Scenario::load(name).unwrap_or_else(|error| panic!("{error}"));

            assert!(name == "calm" || scenario != Scenario::default(), "{name}");
        }
    }

    #[test]
    fn a_scenario_is_read_whole() {
        let text = r#"
            limit = 10
            used = 4
            latency_ms = 20
            job_seconds = 2
            edition = "enterprise"
            clock_offset_seconds = -600
            [rules]
            elements_max = 2
            [[fault]]
            on = "people_post"
            from = 2
            to = 3
            action = "status"
            status = 429
            retry_after = "-5"
            [[fault]]
            on = "any"
            latency_ms = 7
        "#;

        let scenario = Scenario::parse("test", text).unwrap();

        assert_eq!(scenario.limit, Some(10));
        assert_eq!(scenario.edition, Some(Edition::Enterprise));
        assert_eq!(scenario.clock_offset_seconds, Some(-600));
        assert_eq!(scenario.rules.unwrap().elements_max, 2);
        assert_eq!(
            scenario.faults,
            [
                Fault {
                    on: Target::PeoplePost,
                    when: When::Between(2, 3),
                    delay: Duration::ZERO,
                    action: Action::Status(StatusFault {
                        retry_after: Some("-5".into()),
                        ..StatusFault::new(429)
                    }),
                },
                Fault {
                    delay: Duration::from_millis(7),
                    ..Fault::always(Target::Any, Action::Delay)
                },
            ]
        );
    }

    #[rstest]
    #[case::unknown_key("limit = 1\nlimt = 2\n", "line 2, column 1")]
    #[case::unknown_rule("[rules]\nelements = 2\n", "line 2, column 1")]
    #[case::unknown_action("[[fault]]\non = \"any\"\naction = \"explode\"\n", "line 3, column 10")]
    #[case::unknown_target("[[fault]]\non = \"everything\"\n", "line 2, column 6")]
    #[case::no_target("\n[[fault]]\nat = 1\n", "line 2, column 1")]
    #[case::needs(
        "\n\n[[fault]]\non = \"any\"\naction = \"truncate\"\n",
        "needs `bytes`"
    )]
    #[case::its_line(
        "\n\n[[fault]]\non = \"any\"\naction = \"truncate\"\n",
        "line 3, column 1"
    )]
    #[case::takes_not(
        "[[fault]]\non = \"any\"\naction = \"hang\"\nbytes = 3\n",
        "not take `bytes`"
    )]
    #[case::both("[[fault]]\non = \"any\"\nat = 1\nevery = 2\n", "one of `at`")]
    #[case::zero("[[fault]]\non = \"any\"\nat = 0\n", "counted from 1")]
    #[case::too_many_units("used = 1\nlimit = 10000001\n", "line 2, column 9: `limit` is at most")]
    #[case::wrong_clock(
        "clock_offset_seconds = -315360001\n",
        "line 1, column 24: `clock_offset"
    )]
    #[case::wrong_clock_later(
        "[[fault]]\non = \"any\"\naction = \"set_clock\"\noffset_seconds = 315360001\n",
        "`offset_seconds` is at most 315360000 either way"
    )]
    #[case::no_echo(
        "[[fault]]\non = \"job\"\naction = \"echo\"\necho = [\"loud\"]\n",
        "line 4, column 9"
    )]
    #[case::an_empty_echo(
        "[[fault]]\non = \"job\"\naction = \"echo\"\necho = []\n",
        "`echo` names at least one change"
    )]
    #[case::nothing_kept_back(
        "[[fault]]\non = \"list\"\naction = \"partial_list\"\n",
        "needs `count`, `ends`, `omit_newest`, `omit_nth` or `seconds`"
    )]
    #[case::too_many_jobs("used = 100001\n", "`used` is at most 100000")]
    #[case::too_late("latency_ms = 600001\n", "`latency_ms` is at most 600000")]
    #[case::too_long("job_seconds = 86401\n", "`job_seconds` is at most 86400")]
    #[case::late_fault("[[fault]]\non = \"any\"\nlatency_ms = 600001\n", "at most 600000")]
    #[case::huge(
        "[[fault]]\non = \"any\"\naction = \"huge_body\"\nbytes = 268435457\n",
        "`bytes` is at most"
    )]
    #[case::no_pace(
        "[[fault]]\non = \"any\"\naction = \"slow_body\"\nbytes_per_second = 0\n",
        "`bytes_per_second` is at least 1"
    )]
    #[case::no_status(
        "[[fault]]\non = \"any\"\naction = \"status\"\nstatus = 7\n",
        "`status` is from 100 to 599"
    )]
    #[case::no_redirect(
        "[[fault]]\non = \"any\"\naction = \"redirect\"\nstatus = 200\nlocation = \"/\"\n",
        "`status` of a redirect is from 300 to 399"
    )]
    #[case::another_header(
        "[[fault]]\non = \"any\"\naction = \"redirect\"\nlocation = \"/\\r\\nSet-Cookie: a\"\n",
        "`location` is one line"
    )]
    #[case::backwards("[[fault]]\non = \"any\"\nfrom = 3\nto = 2\n", "`from` is above `to`")]
    fn a_wrong_scenario_says_where(#[case] text: &str, #[case] expected: &str) {
        let error = Scenario::parse("test", text).unwrap_err().to_string();

        assert!(error.contains(expected), "{error}");
    }

    #[rstest]
    #[case::credentials("refresh_token = \"hunter2\"\n")]
    #[case::key("-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n")]
    #[case::token("hunter2\n")]
    #[case::settings("PASSWORD=hunter2\n")]
    #[case::wrong_place("limit = \"9f86d081884c7d659a2feaa0hunter2\"\n")]
    fn a_file_that_was_named_by_mistake_is_not_quoted(#[case] text: &str) {
        let error = Scenario::parse("test", text).unwrap_err();

        let told = format!("{error} {error:?}");
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn a_missing_scenario_names_those_there_are() {
        let error = Scenario::load("/nowhere/x.toml").unwrap_err().to_string();

        assert!(error.contains("lost-answers"), "{error}");
    }
}
