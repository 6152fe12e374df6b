//! Usage: one number out of three sources, always with its age.
//!
//! `used = |job ids of the server ∪ job ids of the ledger| + unresolved attempts`: a union by id,
//! never an addition of two totals. An attempt whose job is known to be in the list is not added to it. Where the features call gives a count, the larger of the two
//! holds: a list can lag behind, and the features call may leave out what is only just accepted.

use crate::base::Timestamp;

/// Where the figure `used` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageSource {
    /// Only this ledger: the server has not been asked.
    Ledger,
    /// The ledger and the server's job list.
    JobList,
    /// The ledger, the job list and `GET /__features/data_enrichment`.
    Features,
}

impl UsageSource {
    /// The word of JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::JobList => "job_list",
            Self::Features => "features",
        }
    }
}

/// Where the limit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitSource {
    /// The profile's setting or the default of 1,500 (S).
    Configured,
    /// Learned from `details.limit` of LIMIT_EXCEEDED.
    Details,
    /// Learned from the features call.
    Features,
}

impl LimitSource {
    /// The word of JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Details => "learned",
            Self::Features => "features",
        }
    }
}

/// What the sources say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageInputs {
    /// Attempts of the ledger that are scheduled, that is, job ids the ledger has.
    pub scheduled: u64,
    /// Attempts without a known outcome that count as spent: sending, unknown, unknown (accepted).
    pub open: u64,
    /// Of [`UsageInputs::open`], those that are not still in flight.
    pub unknown: u64,
    /// Jobs of the server that no attempt of the ledger has.
    pub foreign: u64,
    /// Of [`UsageInputs::foreign`], those that are counted as an attempt of [`UsageInputs::open`].
    pub listed: u64,
    /// When the job list was last read to its end.
    pub listed_at: Option<Timestamp>,
    /// `used_count.total` of the features call, and when.
    pub features_used: Option<(u64, Timestamp)>,
    /// The limit in the configuration.
    pub configured_limit: u64,
    /// Whose configuration that is, where it is not the profile's own.
    pub configured_by: Option<String>,
    /// A limit that the server taught, from where.
    pub learned_limit: Option<(u64, LimitSource)>,
}

/// How close the limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UsageLevel {
    /// Below 80 %.
    Calm,
    /// From 80 %.
    High,
    /// From 95 %.
    Critical,
    /// At the limit or above.
    Reached,
}

/// The one number, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Units that are spent or may be.
    pub used: u64,
    /// The limit in force.
    pub limit: u64,
    /// Where the limit comes from.
    pub limit_source: LimitSource,
    /// In whose configuration it is, where that is not the profile's own.
    pub limit_by: Option<String>,
    /// Units spent by this ledger for certain.
    pub mine: u64,
    /// Units spent elsewhere: other ledgers, other hosts, the CRM's own screens.
    pub others: u64,
    /// Attempts that nobody has settled yet.
    pub unknown: u64,
    /// Attempts in flight at this moment.
    pub sending: u64,
    /// Where the figure comes from.
    pub source: UsageSource,
    /// When the server was last asked; `None` if never.
    pub at: Option<Timestamp>,
}

impl Usage {
    /// Makes one number of all sources.
    pub fn of(inputs: &UsageInputs) -> Self {
        let union = inputs.scheduled.saturating_add(inputs.foreign);
        let (counted, source, at) = match (inputs.features_used, inputs.listed_at) {
            (Some((used, at)), listed) => (
                union.max(used),
                UsageSource::Features,
                Some(listed.map_or(at, |listed| listed.max(at))),
            ),
            (None, Some(listed)) => (union, UsageSource::JobList, Some(listed)),
            (None, None) => (union, UsageSource::Ledger, None),
        };
        let (limit, limit_source) = inputs
            .learned_limit
            .unwrap_or((inputs.configured_limit, LimitSource::Configured));
        Self {
            used: counted
                .saturating_add(inputs.open)
                .saturating_sub(inputs.listed),
            limit,
            limit_source,
            limit_by: inputs
                .configured_by
                .clone()
                .filter(|_| limit_source == LimitSource::Configured),
            mine: inputs.scheduled,
            others: counted
                .saturating_sub(inputs.scheduled)
                .saturating_sub(inputs.listed),
            unknown: inputs.unknown,
            sending: inputs.open.saturating_sub(inputs.unknown),
            source,
            at,
        }
    }

    /// Units that are left.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// The same, as far as it can be known: units are spent elsewhere too, so that a ledger alone
    /// does not know what is left before the server was asked once.
    pub fn known_left(&self) -> Option<u64> {
        self.at.map(|_| self.left())
    }

    /// The same in words; `?` where it is not known.
    pub fn left_text(&self, write: fn(u64) -> String) -> String {
        self.known_left().map_or_else(|| "?".to_owned(), write)
    }

    /// Spent, in whole percent, rounded down; above 100 only when more than the limit is spent.
    pub fn percent(&self) -> u64 {
        match self.limit {
            0 => 100,
            limit => self.used.saturating_mul(100) / limit,
        }
    }

    /// How close the limit is.
    pub fn level(&self) -> UsageLevel {
        if self.used >= self.limit {
            UsageLevel::Reached
        } else if self.percent() >= 95 {
            UsageLevel::Critical
        } else if self.percent() >= 80 {
            UsageLevel::High
        } else {
            UsageLevel::Calm
        }
    }
}

/// How fast units go, when that means something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Units a day over the days looked at.
    pub per_day: f64,
    /// Whole days until nothing is left at this pace.
    pub days_left: u64,
}

/// The pace over days of units, oldest first, the last one today. `None` where it would mislead:
/// fewer than three days with units, or fewer than ten units in all.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of units are far below 2^52, and the quotient is checked to be finite and positive"
)]
pub fn pace(days: &[u64], left: u64) -> Option<Pace> {
    let first = days.iter().position(|n| *n > 0)?;
    let span = days.get(first..)?;
    let total: u64 = span.iter().sum();
    let active = span.iter().filter(|n| **n > 0).count();
    if active < 3 || total < 10 {
        return None;
    }
    let per_day = total as f64 / span.len() as f64;
    Some(Pace {
        per_day,
        days_left: (left as f64 / per_day).floor() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn inputs(scheduled: u64, open: u64, foreign: u64) -> UsageInputs {
        UsageInputs {
            scheduled,
            open,
            foreign,
            configured_limit: 1_500,
            ..UsageInputs::default()
        }
    }

    #[test]
    fn the_list_and_the_features_call_are_not_added_up() {
        let mut given = inputs(1, 0, 230);
        given.features_used = Some((231, Timestamp::UNIX_EPOCH));

        assert_eq!(Usage::of(&given).used, 231);
        given.features_used = None;
        assert_eq!(Usage::of(&given).used, 231);
    }

    #[rstest]
    #[case(0, UsageLevel::Calm)]
    #[case(1_199, UsageLevel::Calm)]
    #[case(1_200, UsageLevel::High)]
    #[case(1_425, UsageLevel::Critical)]
    #[case(1_500, UsageLevel::Reached)]
    fn the_level_follows_the_percentage(#[case] used: u64, #[case] level: UsageLevel) {
        assert_eq!(Usage::of(&inputs(used, 0, 0)).level(), level);
    }

    #[test]
    fn a_learned_limit_replaces_the_configured_one() {
        let mut given = inputs(1, 0, 0);
        given.learned_limit = Some((15_000, LimitSource::Details));
        let usage = Usage::of(&given);

        assert_eq!((usage.limit, usage.left()), (15_000, 14_999));
    }

    #[test]
    fn a_source_has_the_word_of_json() {
        use {LimitSource as Limit, UsageSource as Used};

        let used = [Used::Ledger, Used::JobList, Used::Features].map(Used::as_str);
        let limits = [Limit::Configured, Limit::Details, Limit::Features].map(Limit::as_str);

        assert_eq!(used, ["ledger", "job_list", "features"]);
        assert_eq!(limits, ["configured", "learned", "features"]);
    }

    #[test]
    fn a_pace_is_given_only_when_it_means_something() {
        assert_eq!(pace(&[], 100), None);
        assert_eq!(pace(&[0, 0, 50], 100), None);
        assert_eq!(pace(&[1, 1, 1], 100), None);
        assert_eq!(pace(&[20, 0, 0, 0, 20], 100), None);
        assert!(pace(&[4, 3, 3], 100).is_some());
        assert_eq!(
            pace(&[0, 10, 0, 20, 10], 100),
            Some(Pace {
                per_day: 10.0,
                days_left: 10
            })
        );
    }

    proptest! {
        #[test]
        fn usage_never_under_counts(
            scheduled in 0u64..3_000, open in 0u64..50, foreign in 0u64..3_000,
            features in proptest::option::of(0u64..6_000),
        ) {
            let mut given = inputs(scheduled, open, foreign);
            given.unknown = open / 2;
            given.features_used = features.map(|n| (n, Timestamp::UNIX_EPOCH));
            let usage = Usage::of(&given);

            prop_assert!(usage.used >= scheduled + foreign + open);
            prop_assert!(usage.used >= features.unwrap_or(0));
            prop_assert_eq!(usage.mine + usage.others + open, usage.used);
            prop_assert!(usage.left() == 0 || usage.left() + usage.used == usage.limit);
        }
    }
}
