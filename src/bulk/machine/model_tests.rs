//! The machine against a naive model of a run, under random events.

use super::*;
use crate::base::ErrorCode;
use proptest::prelude::*;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The naive model: what has become of each row, and what may be done next.
struct Model {
    rows: BTreeMap<i64, Row>,
    settings: RunSettings,
    handed_out: i64,
    is_paused: bool,
    is_stopped: bool,
    ending: Option<Ending>,
    is_refreshing: bool,
    loads: Vec<(i64, usize)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Row {
    Pending,
    InFlight,
    Done(Outcome),
}

impl Model {
    fn count(&self, is_it: impl Fn(&Row) -> bool) -> usize {
        self.rows.values().filter(|row| is_it(row)).count()
    }

    fn nth_in_flight(&self, n: usize) -> Option<i64> {
        let rows: Vec<_> = self
            .rows
            .iter()
            .filter(|(_, row)| **row == Row::InFlight)
            .collect();
        rows.get(n % rows.len().max(1)).map(|(number, _)| **number)
    }

    fn apply(&mut self, steps: &[Step]) {
        for step in steps {
            assert_eq!(self.ending, None, "{step:?} after the end");
            match step {
                Step::Dispatch(row) => {
                    assert!(
                        !self.is_paused && !self.is_stopped && !self.is_refreshing,
                        "{step:?}"
                    );
                    assert_eq!(self.rows.insert(row.0, Row::InFlight), Some(Row::Pending));
                    assert!(row.0 <= self.handed_out);
                }
                Step::RefreshToken => {
                    assert!(!self.is_refreshing && !self.is_stopped);
                    self.is_refreshing = true;
                }
                Step::Pause(_) => self.is_paused = true,
                Step::Finish(ending) => {
                    self.ending = Some(*ending);
                    assert_eq!(self.count(|row| *row == Row::InFlight), 0);
                    if *ending == Ending::Done {
                        assert_eq!(self.count(|row| *row == Row::Pending), 0);
                    }
                }
                Step::Load { after, count } => {
                    self.loads.push((after.map_or(0, |row| row.0), *count));
                }
                Step::Wait { .. } => {}
            }
        }
        assert!(self.count(|row| *row == Row::InFlight) <= self.settings.concurrency);
        let charged = self.count(|row| match row {
            Row::Done(outcome) => outcome.is_charged(),
            Row::InFlight => true,
            Row::Pending => false,
        });
        assert!(
            self.settings
                .units_max
                .is_none_or(|most| charged as u64 <= most)
        );
    }

    /// Turns a random choice into an event that the world could send, and notes its effect.
    fn event(&mut self, choice: u8, pick: usize, code: &ErrorCode) -> Event {
        match choice {
            0 if !self.loads.is_empty() => {
                let (after, count) = self.loads.remove(0);
                // Now and then a row comes again that was handed out before.
                let first = after + i64::from(pick.is_multiple_of(2));
                let rows: Vec<_> = self
                    .rows
                    .keys()
                    .filter(|n| **n >= first)
                    .take(count.min(3))
                    .copied()
                    .collect();
                self.handed_out = rows.iter().copied().max().unwrap_or(self.handed_out);
                let is_end = self.rows.keys().all(|n| *n <= self.handed_out);
                let rest = if is_end { Rest::End } else { Rest::More };
                let rows = rows.into_iter().map(RowNumber).collect();
                return Event::RowsLoaded { rows, rest };
            }
            1 => return Event::Tick,
            2 => {
                return Event::PauseAsked;
            }
            3 => {
                self.is_paused = false;
                return Event::ResumeAsked;
            }
            4 if pick == 0 => {
                self.is_stopped = true;
                return Event::StopAsked;
            }
            5 if self.is_refreshing => {
                self.is_refreshing = false;
                return if pick.is_multiple_of(2) {
                    Event::TokenRefreshed
                } else {
                    Event::TokenFailed
                };
            }
            _ => {}
        }
        let Some(row) = self.nth_in_flight(pick) else {
            return Event::Tick;
        };
        if choice == 6 {
            self.rows.insert(row, Row::Pending);
            let row = RowNumber(row);
            return Event::DispatchRefused {
                row,
                refusal: Refusal::Limit,
            };
        }
        let outcome = match choice {
            7 => Outcome::Limit,
            8 => Outcome::Denied,
            9 => Outcome::Throttled,
            10 => Outcome::NotSent,
            11 => Outcome::Unknown,
            12 => Outcome::Rejected,
            _ => Outcome::Scheduled,
        };
        let is_final = outcome.is_charged() || outcome == Outcome::Rejected;
        self.rows.insert(
            row,
            if is_final {
                Row::Done(outcome)
            } else {
                Row::Pending
            },
        );
        Event::AttemptSettled {
            row: RowNumber(row),
            settled: Settled {
                code: (outcome == Outcome::Denied).then(|| code.clone()),
                http_status: (outcome == Outcome::Denied).then_some(401),
                ..Settled::bare(outcome)
            },
        }
    }
}

proptest! {
    #[test]
    fn the_machine_keeps_its_word_whatever_happens(
        concurrency in 1_usize..6,
        units_max in prop::option::of(0_u64..12),
        rows in 0_i64..12,
        choices in prop::collection::vec((0_u8..18, 0_usize..8, 0_u64..9), 0..120),
    ) {
        let settings = RunSettings { concurrency, units_max, rows_max: None };
        let mut machine = Machine::new(settings);
        let mut model = Model {
            rows: (1..=rows).map(|n| (n, Row::Pending)).collect(),
            settings, handed_out: 0, is_paused: false, is_stopped: false, ending: None,
            is_refreshing: false, loads: Vec::new(),
        };
        let mut now = at(0);
        model.apply(&machine.on(Event::Started, now));

        for (choice, pick, seconds) in choices {
            now += at(seconds);
            let code = if pick == 0 { ErrorCode::NoPermission } else { ErrorCode::InvalidToken };
            let event = model.event(choice, pick, &code);
            let was_asked = event == Event::PauseAsked;
            let steps = machine.on(event, now);
            model.apply(&steps);
            prop_assert!(!was_asked || model.is_paused || model.ending.is_some() || model.is_stopped);
            prop_assert_eq!(machine.in_flight(), model.count(|row| *row == Row::InFlight));
        }

        // Then the world is well again: everything ends, and every row has one state.
        if !model.is_stopped {
            model.settings.units_max = None;
            model.apply(&machine.on(Event::UnitsLeft(u64::MAX), now));
        }
        for _ in 0..400 {
            if model.ending.is_some() {
                break;
            }
            now += at(301);
            for choice in [5, 3, 0, 1, 17] {
                let event = model.event(choice, 2, &ErrorCode::InvalidToken);
                model.apply(&machine.on(event, now));
            }
        }
        let expected = if model.is_stopped { Ending::Stopped } else { Ending::Done };
        prop_assert!(model.ending.is_some_and(|ending| ending == expected || ending == Ending::Done));
        let tally = machine.tally();
        prop_assert_eq!(tally.scheduled, model.count(|r| *r == Row::Done(Outcome::Scheduled)) as u64);
        prop_assert_eq!(tally.rejected, model.count(|r| *r == Row::Done(Outcome::Rejected)) as u64);
        prop_assert_eq!(tally.unknown, model.count(|r| *r == Row::Done(Outcome::Unknown)) as u64);
        prop_assert_eq!(model.count(|r| *r == Row::InFlight), 0);
    }
}
