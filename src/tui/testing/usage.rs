//! A console at the Usage screen.

use super::{Harness, now, usage};
use crate::base::Outcome;
use crate::enrichment::usage::pace;
use crate::tui::app::op::Payload;
use crate::tui::data::usage::{DAYS, Day, UsageSheet};

/// Three months with a slow start, of which the last two weeks are those of the Console's plot.
pub(crate) fn sheet(used: u64) -> UsageSheet {
    let figures = usage(used);
    let recent = figures.days.clone();
    let quiet = DAYS - recent.len();
    let days: Vec<Day> = (0..DAYS)
        .map(|index| {
            let units = match index.checked_sub(quiet) {
                Some(place) => recent[place],
                None => u64::try_from(index % 7).unwrap(),
            };
            let mut day = Day {
                units,
                ..Day::default()
            };
            day.outcomes.insert(Outcome::Scheduled, units);
            if index % 10 == 0 {
                day.outcomes.insert(Outcome::Rejected, 1);
            }
            day
        })
        .collect();
    UsageSheet {
        pace: pace(&figures.days, figures.usage.left()),
        usage: figures.usage,
        days,
        today: now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
        mine_by: vec![("ada".to_owned(), 620), ("lin".to_owned(), 322)],
        others_by: vec![("Grace Hopper".to_owned(), 40), (String::new(), 20)],
        configured: 1_500,
        learned: None,
    }
}

/// At the Usage screen with these figures.
pub(crate) fn at_usage(width: u16, height: u16, sheet: UsageSheet) -> Harness {
    let mut harness = Harness::at_work(width, height);
    harness.press("Esc 4");
    harness.effects.clear();
    harness.reply(Payload::LoadUsageSheet(sheet));
    harness
}
