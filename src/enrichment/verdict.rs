//! Whether a request asks what was asked before, and what a person's word lets pass. Pure: the
//! ledger brings the facts, the doors show them.
//!
//! ```text
//!   matches ──► those that the word does not overrule ──► none: it may be sent
//!                                                     └─► the best of them: `already`
//! ```
//!
//! A word overrules what the ledger knew when it was given, never what came later: a script that
//! repeats itself, or a file that is planned twice, spends once.

use std::fmt;
use std::time::Duration;

use super::identity::KeyKind;
use crate::base::{AttemptId, JobId, Outcome, RunId, Timestamp, word_enum};

/// How a request matches an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// All inputs are equal.
    Request,
    /// The strongest key that both give is equal.
    Key(KeyKind),
    /// The record is equal: only of somebody who was forgotten.
    Record,
}

impl By {
    /// The word of JSON and of sentences.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Key(key) => key.as_str(),
            Self::Record => "record_id",
        }
    }
}

/// What stands in the way of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// It was asked before, and a person's word may overrule that.
    #[default]
    Already,
    /// Whoever it asks about is to be left alone. No word overrules that.
    Forgotten,
}

impl Standing {
    /// The word of the verdict.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Already => "already",
            Self::Forgotten => "forgotten",
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

word_enum!(
    /// What is different about an earlier request of the same person, or came of it.
    Difference,
    "a difference",
    /// It named another record or module.
    OtherRecord = "other_record",
    /// This one gives inputs that it did not give.
    MoreInputs = "more_inputs",
    /// Its job found nothing.
    NotFound = "not_found",
    /// Its job failed.
    Failed = "failed",
);

/// The order in which a ledger came to know what was asked. 0 is before everything that is
/// ordered: attempts of which the ledger has no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub i64);

/// An earlier request, or a job of somebody else, that asked about the same person or
/// organisation, and that spent a unit or may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Whether a word may overrule it.
    pub standing: Standing,
    /// When the ledger came to know of it.
    pub position: Position,
    /// The attempt; `None` for a job of somebody else.
    pub attempt: Option<AttemptId>,
    /// Its run, if it was a row of one.
    pub run: Option<RunId>,
    /// Its job, once it has one.
    pub job_id: Option<JobId>,
    /// The attempt's outcome; `None` for a job of somebody else.
    pub outcome: Option<Outcome>,
    /// The job's status as it was last read.
    pub status: Option<String>,
    /// When it was made, by the clock of its host.
    pub at: Timestamp,
    /// How long ago it was made at least, as far as that is proven.
    pub age_proven: Option<Duration>,
    /// How it matches.
    pub by: By,
    /// What is different about it.
    pub differs: Vec<Difference>,
}

impl Match {
    /// Somebody who was forgotten at a time, known again by this.
    pub fn forgotten(at: Timestamp, by: By) -> Self {
        Self {
            standing: Standing::Forgotten,
            position: Position::default(),
            attempt: None,
            run: None,
            job_id: None,
            outcome: None,
            status: None,
            at,
            age_proven: None,
            by,
            differs: Vec::new(),
        }
    }

    /// Whether whoever is asked about is to be left alone.
    pub fn is_forgotten(&self) -> bool {
        self.standing == Standing::Forgotten
    }

    /// Nobody knows yet whether it made a job.
    pub fn is_open(&self) -> bool {
        match self.outcome {
            Some(Outcome::Sending | Outcome::Unknown | Outcome::UnknownAccepted) => true,
            Some(
                Outcome::Scheduled
                | Outcome::Rejected
                | Outcome::Limit
                | Outcome::Denied
                | Outcome::Throttled
                | Outcome::NotSent
                | Outcome::Absent,
            )
            | None => false,
        }
    }

    /// Its attempt or job, as a sentence names it.
    pub fn name(&self) -> String {
        name_of(self.attempt, self.job_id.as_ref())
    }

    /// What is known of it: `scheduled, COMPLETED`.
    pub fn state(&self) -> String {
        let outcome = match self.outcome {
            Some(Outcome::Sending) => Some("being sent"),
            Some(outcome) => Some(outcome.as_str()),
            None => None,
        };
        let status = self.status.as_deref();
        // A job that waits has the name of its attempt's outcome.
        let status = status.filter(|s| outcome.is_none_or(|o| !o.eq_ignore_ascii_case(s)));
        let parts: Vec<&str> = outcome.into_iter().chain(status).collect();
        if parts.is_empty() {
            "listed by the server".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// How it matches and what is different, as a sentence goes on: `same email; other_record`.
    pub fn how(&self) -> String {
        let by = match self.by {
            By::Request => "the same request".to_owned(),
            By::Key(key) => format!("the same {}", key_words(key)),
            By::Record => "the same record".to_owned(),
        };
        let differs: Vec<&str> = self.differs.iter().map(|d| d.as_str()).collect();
        if differs.is_empty() {
            by
        } else {
            format!("{by}, {}", differs.join(", "))
        }
    }

    /// All of it: `attempt 12 (the same email), scheduled, COMPLETED, 3 h ago`.
    pub fn sentence(&self, now: Timestamp) -> String {
        if self.is_forgotten() {
            return format!("{} ({}); {LIFTED_BY}", self.age_words(now), self.how());
        }
        format!(
            "{} ({}), {}, {}",
            self.name(),
            self.how(),
            self.state(),
            self.age_words(now)
        )
    }

    /// How long ago it was made, by the wall clock, in the words of a person.
    pub fn age_words(&self, now: Timestamp) -> String {
        let seconds = now.duration_since(self.at).as_secs();
        match seconds {
            i64::MIN..=-1 => "a time that lies ahead".to_owned(),
            0..=59 => format!("{seconds} s ago"),
            60..=3_599 => format!("{} min ago", seconds / 60),
            3_600..=172_799 => format!("{} h ago", seconds / 3_600),
            _ => format!("{} days ago", seconds / 86_400),
        }
    }
}

/// How somebody who was forgotten can be asked about again.
pub const LIFTED_BY: &str = "only `ziadeck forget --undo` lifts that";

fn name_of(attempt: Option<AttemptId>, job_id: Option<&JobId>) -> String {
    match (attempt, job_id) {
        (Some(attempt), _) => format!("attempt {attempt}"),
        (None, Some(job)) => format!("job {job}, which no attempt of this ledger made"),
        (None, None) => "an earlier request".to_owned(),
    }
}

/// Which of the attempts that are still open a word overrules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OpenRule {
    /// None of them.
    #[default]
    None,
    /// These.
    These(Vec<AttemptId>),
    /// All that were known when the word was given.
    All,
}

/// What a person's word overrules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    /// What the ledger knew when it was given; `None` where nothing was said.
    pub known: Option<Position>,
    /// Whether it overrules what is still open, too.
    pub open: OpenRule,
    /// Matches that are provably older than this do not count.
    pub older_than: Option<Duration>,
    /// Rows of the same run do not count: its file was planned with its duplicates.
    pub same_run: SameRun,
}

/// Whether rows of the same run count as earlier requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameRun {
    /// They do.
    #[default]
    Counts,
    /// They do not.
    Ignored,
}

impl Word {
    /// Whether a match stands in the way no longer.
    pub fn lets_pass(&self, found: &Match) -> bool {
        if found.is_forgotten() {
            return false;
        }
        if let (Some(age), Some(least)) = (found.age_proven, self.older_than)
            && age >= least
            && !found.is_open()
        {
            return true;
        }
        let Some(known) = self.known else {
            return false;
        };
        if found.position > known {
            return false;
        }
        if !found.is_open() {
            return true;
        }
        match &self.open {
            OpenRule::None => false,
            OpenRule::All => true,
            OpenRule::These(named) => found.attempt.is_some_and(|id| named.contains(&id)),
        }
    }
}

word_enum!(
    /// Which rows of a file are sent although they match an earlier request.
    Include,
    "one of not_found, failed, other_record, more_inputs, unknown and all",
    /// Whose earlier job found nothing.
    NotFound = "not_found",
    /// Whose earlier job failed.
    Failed = "failed",
    /// Whose earlier request named another record or module.
    OtherRecord = "other_record",
    /// Which give inputs that the earlier request did not give.
    MoreInputs = "more_inputs",
    /// Of whose earlier request nobody knows whether it made a job. These may be paid for twice.
    Unknown = "unknown",
    /// All of them, whose earlier request is settled.
    All = "all",
);

impl Include {
    fn of(difference: Difference) -> Self {
        match difference {
            Difference::OtherRecord => Self::OtherRecord,
            Difference::MoreInputs => Self::MoreInputs,
            Difference::NotFound => Self::NotFound,
            Difference::Failed => Self::Failed,
        }
    }

    /// What kind of match it is, for counting; `None` where nothing is different.
    pub fn kind_of(found: &Match) -> Option<Self> {
        if found.is_open() {
            return Some(Self::Unknown);
        }
        found.differs.first().copied().map(Self::of)
    }

    /// Whether a row with these matches is sent, where these were named.
    pub fn lets_pass(named: &[Self], matches: &[Match]) -> bool {
        let is_named = |wanted| named.contains(&wanted);
        matches.iter().all(|found| {
            if found.is_forgotten() {
                return false;
            }
            if found.is_open() {
                return is_named(Self::Unknown);
            }
            is_named(Self::All) || found.differs.iter().any(|d| is_named(Self::of(*d)))
        })
    }
}

/// What the ledger has of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// What matches it, the most telling first.
    pub matches: Vec<Match>,
    /// Earlier requests that share a key with it and are somebody else's, it seems.
    pub shared: Vec<Shared>,
    /// What the ledger knows at this moment.
    pub position: Position,
}

/// A key that somebody else's request has, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The key.
    pub key: KeyKind,
    /// The attempt that has it; `None` for a job of somebody else.
    pub attempt: Option<AttemptId>,
    /// Its job, once it has one.
    pub job_id: Option<JobId>,
    /// What tells the two apart, as a sentence goes on.
    pub because: String,
}

impl Shared {
    /// Who else is behind the key, in a sentence.
    pub fn sentence(&self) -> String {
        let whose = name_of(self.attempt, self.job_id.as_ref());
        format!(
            "{whose} has the same {}, {}",
            key_words(self.key),
            self.because
        )
    }
}

/// A key in the words of a sentence: `name and company`.
pub fn key_words(key: KeyKind) -> String {
    key.as_str().replace('_', " and ")
}

const OPEN: &str =
    "Where the answer is not known, a unit may be spent already; reconcile finds out.";

/// Earlier requests that a question tells of; the others it counts.
const TOLD_MAX: usize = 3;

impl Seen {
    /// What a question says of the earlier requests.
    pub fn told(&self, now: Timestamp) -> Vec<String> {
        let told = self.matches.iter().take(TOLD_MAX);
        let mut lines: Vec<String> = told
            .map(|found| {
                let word = match found.standing {
                    Standing::Already => "Already",
                    Standing::Forgotten => "Forgotten",
                };
                format!("{word} {}.", found.sentence(now))
            })
            .collect();
        let rest = self.matches.get(TOLD_MAX..).unwrap_or_default();
        if !rest.is_empty() {
            let open = rest.iter().filter(|found| found.is_open());
            let open: Vec<String> = open.map(Match::name).collect();
            let open = match open.as_slice() {
                [] => String::new(),
                names => format!(", with no answer yet: {}", names.join(", ")),
            };
            lines.push(format!("And {} more{open}.", rest.len()));
        }
        if self.matches.iter().any(Match::is_open) {
            lines.push(OPEN.to_owned());
        }
        lines
    }

    /// The word of a person who has read that: it overrules what is there, and nothing that comes
    /// later.
    pub fn overruled(&self) -> Word {
        let mut word = Word::default();
        if !self.matches.is_empty() {
            word.known = Some(self.position);
            word.open = OpenRule::These(self.matches.iter().filter_map(|m| m.attempt).collect());
        }
        word
    }

    /// Whether whoever is asked about is to be left alone.
    pub fn is_forgotten(&self) -> bool {
        self.matches.iter().any(Match::is_forgotten)
    }

    /// The match that stands in the way, if one does.
    pub fn blocking(&self, word: &Word) -> Option<&Match> {
        self.matches.iter().find(|found| !word.lets_pass(found))
    }
}

/// Puts the most telling match first: one of which nothing differs, then the newest.
pub fn sort(matches: &mut [Match]) {
    matches.sort_by_key(|found| {
        (
            !found.is_forgotten(),
            !found.differs.is_empty(),
            std::cmp::Reverse(found.position),
            std::cmp::Reverse(found.attempt),
        )
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn found(position: i64, outcome: Outcome) -> Match {
        Match {
            standing: Standing::Already,
            position: Position(position),
            attempt: Some(AttemptId(position)),
            run: None,
            job_id: None,
            outcome: Some(outcome),
            status: None,
            at: Timestamp::UNIX_EPOCH,
            age_proven: None,
            by: By::Request,
            differs: Vec::new(),
        }
    }

    fn word(known: i64, open: OpenRule) -> Word {
        Word {
            known: Some(Position(known)),
            open,
            ..Word::default()
        }
    }

    #[rstest]
    #[case::nothing_was_said(Word::default(), 3, Outcome::Scheduled, false)]
    #[case::settled_and_known(word(3, OpenRule::None), 3, Outcome::Scheduled, true)]
    #[case::newer_than_the_word(word(3, OpenRule::All), 4, Outcome::Scheduled, false)]
    #[case::open_needs_its_name(word(3, OpenRule::None), 3, Outcome::Unknown, false)]
    #[case::open_and_named(word(3, OpenRule::These(vec![AttemptId(3)])), 3, Outcome::Unknown, true)]
    #[case::open_and_another_named(word(3, OpenRule::These(vec![AttemptId(2)])), 3, Outcome::Sending, false)]
    #[case::before_all_order(word(0, OpenRule::None), 0, Outcome::Scheduled, true)]
    fn a_word_overrules_what_was_known_when_it_was_given(
        #[case] word: Word,
        #[case] position: i64,
        #[case] outcome: Outcome,
        #[case] passes: bool,
    ) {
        assert_eq!(word.lets_pass(&found(position, outcome)), passes);
    }

    #[rstest]
    #[case::proven(Some(90), Outcome::Scheduled, true)]
    #[case::too_young(Some(89), Outcome::Scheduled, false)]
    #[case::unproven_is_young(None, Outcome::Scheduled, false)]
    #[case::unknown_is_never_old_enough(Some(90), Outcome::Unknown, false)]
    fn only_a_proven_age_lets_a_match_pass(
        #[case] seconds: Option<u64>,
        #[case] outcome: Outcome,
        #[case] passes: bool,
    ) {
        let word = Word {
            older_than: Some(Duration::from_secs(90)),
            ..Word::default()
        };
        let found = Match {
            age_proven: seconds.map(Duration::from_secs),
            ..found(3, outcome)
        };

        assert_eq!(word.lets_pass(&found), passes);
    }

    #[test]
    fn the_most_telling_match_stands_first() {
        let mut all = [
            found(1, Outcome::Scheduled),
            found(2, Outcome::Scheduled),
            Match {
                differs: vec![Difference::OtherRecord],
                ..found(3, Outcome::Scheduled)
            },
        ];

        sort(&mut all);

        assert_eq!(all.map(|found| found.position.0), [2, 1, 3]);
    }
}
