//! A bench at the Usage screen.

use super::{Bench, now, usage};
use crate::base::{EnrichmentKind, Outcome};
use crate::enrichment::usage::pace;
use crate::tui::model::usage_screen::{DAYS, Day, UsageSheet};
use crate::tui::msg::Msg;

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
pub(crate) fn at_usage(width: u16, height: u16, sheet: UsageSheet) -> Bench {
    let mut bench = Bench::at_work(width, height);
    bench.press("Esc 4");
    bench.effects.clear();
    bench.tell(Msg::UsageSheet {
        profile: "us-prod".parse().unwrap(),
        kind: EnrichmentKind::People,
        result: Ok(Box::new(sheet)),
    });
    bench
}
