//! The gauge and the sparkline, as text. Eighths of a cell, so that one unit can be seen.

use super::text::{RichLine, grouped};
use crate::enrichment::usage::{Usage, UsageLevel};
use crate::theme::Role;

const EIGHTHS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The spent and the left part of a gauge of `width` cells.
pub(crate) fn gauge(used: u64, limit: u64, width: usize) -> (String, String) {
    let cells = u64::try_from(width).unwrap_or(u64::MAX).saturating_mul(8);
    let eighths = match limit {
        0 => cells,
        limit => u64::try_from(u128::from(used) * u128::from(cells) / u128::from(limit))
            .unwrap_or(u64::MAX)
            .min(cells),
    };
    let full = usize::try_from(eighths / 8).unwrap_or(width);
    let part = usize::try_from(eighths % 8).unwrap_or(0);
    let mut spent: String = std::iter::repeat_n('█', full).collect();
    if let Some(c) = EIGHTHS.get(part).filter(|_| part > 0) {
        spent.push(*c);
    }
    let left = width.saturating_sub(full + usize::from(part > 0));
    (spent, "░".repeat(left))
}

/// The gauge of a usage and what is left.
pub(crate) fn usage_gauge(usage: &Usage, width: usize) -> RichLine {
    let role = match usage.level() {
        UsageLevel::Calm => Role::Gauge,
        UsageLevel::High => Role::GaugeWarning,
        UsageLevel::Critical | UsageLevel::Reached => Role::GaugeFull,
    };
    let left = format!("  {} left", usage.left_text(grouped));
    let (spent, free) = gauge(usage.used, usage.limit, width.saturating_sub(left.len()));
    RichLine::of(role, &spent)
        .with(Role::GaugeLeft, &free)
        .with(Role::Title, &left)
}

/// Whose the spent units are.
pub(crate) fn shares(usage: &Usage) -> RichLine {
    let role = if usage.unknown > 0 {
        Role::Unknown
    } else {
        Role::Text
    };
    let mut line = RichLine::of(Role::Dim, "mine ")
        .with(Role::Text, &grouped(usage.mine))
        .with(Role::Dim, " · others ")
        .with(Role::Text, &grouped(usage.others))
        .with(Role::Dim, " · unknown ")
        .with(role, &grouped(usage.unknown));
    if usage.sending > 0 {
        line.push(Role::Sending, &format!(" · {} on the way", usage.sending));
    }
    line
}

/// One column for each of the last `width` values.
pub(crate) fn sparkline(values: &[u64], width: usize) -> String {
    let first = values.len().saturating_sub(width);
    let seen = values.get(first..).unwrap_or_default();
    let most = seen.iter().copied().max().unwrap_or(0).max(1);
    seen.iter()
        .map(|value| {
            let step = usize::try_from(value.saturating_mul(7).div_ceil(most)).unwrap_or(7);
            HEIGHTS.get(step).copied().unwrap_or('█')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_gauge_always_has_its_width(used: u64, limit: u64, width in 0usize..80) {
            let (spent, left) = gauge(used, limit, width);

            prop_assert_eq!(spent.chars().count() + left.chars().count(), width);
        }
    }

    #[test]
    fn a_gauge_shows_what_is_spent() {
        assert_eq!(gauge(0, 1500, 4), (String::new(), "░░░░".to_owned()));
        assert_eq!(gauge(750, 1500, 4), ("██".to_owned(), "░░".to_owned()));
        assert_eq!(gauge(2000, 1500, 4), ("████".to_owned(), String::new()));
    }

    #[test]
    fn a_sparkline_rises_and_a_quiet_day_lies_flat() {
        assert_eq!(sparkline(&[0, 1, 7, 14], 4), "▁▂▅█");
        assert_eq!(sparkline(&[9, 9, 0], 2), "█▁");
    }
}
