//! Which rows of a long list are seen. Fixed row height; a pure value.

use std::cmp::Ordering;
use std::ops::Range;

use crate::keymap::Command;

/// How far a list turns when the selection leaves what is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// By a row, which is easiest to follow with the eye.
    #[default]
    Row,
    /// By a quarter of what is seen: every turn writes the whole list anew, which a slow line
    /// cannot do for each row of a held key.
    QuarterPage,
}

/// A window on `count` rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// The first row that is seen.
    pub offset: usize,
    /// The selected row.
    pub selected: usize,
}

impl Viewport {
    /// Selects `selected`, as near as there are rows, and scrolls so that it is seen.
    pub fn select(&mut self, selected: usize, count: usize, height: usize) {
        self.selected = selected.min(count.saturating_sub(1));
        self.settle(count, height);
    }

    /// Moves the selection by so many rows.
    pub fn move_by(&mut self, step: isize, count: usize, height: usize) {
        self.select(self.selected.saturating_add_signed(step), count, height);
    }

    /// Moves the selection by one row; past the edge the window turns as far as `turn` says.
    pub fn step(&mut self, step: isize, (count, height): (usize, usize), turn: Turn) {
        let before = self.offset;
        self.move_by(step, count, height);
        let more = match turn {
            Turn::Row => 0,
            Turn::QuarterPage => (height / 4).saturating_sub(1),
        };
        match self.offset.cmp(&before) {
            Ordering::Equal => {}
            Ordering::Greater => self.offset = (self.offset + more).min(self.selected),
            Ordering::Less => self.offset = self.offset.saturating_sub(more),
        }
        self.settle(count, height);
    }

    /// Moves the selection as a command of a list says; false if it is none.
    pub fn on(&mut self, command: Command, (count, height): (usize, usize), turn: Turn) -> bool {
        let page = isize::try_from(height.max(1)).unwrap_or(1);
        match command {
            Command::Down => self.step(1, (count, height), turn),
            Command::Up => self.step(-1, (count, height), turn),
            Command::PageDown => self.move_by(page, count, height),
            Command::PageUp => self.move_by(-page, count, height),
            Command::Top => self.select(0, count, height),
            Command::Bottom => self.select(count, count, height),
            _ => return false,
        }
        true
    }

    /// Makes the window fit after the rows or the height changed.
    pub fn settle(&mut self, count: usize, height: usize) {
        self.selected = self.selected.min(count.saturating_sub(1));
        let height = height.max(1);
        let last = count.saturating_sub(height);
        self.offset = self.offset.min(last).min(self.selected);
        if self.selected >= self.offset.saturating_add(height) {
            self.offset = self.selected + 1 - height;
        }
    }

    /// The rows that are seen.
    pub fn seen(&self, count: usize, height: usize) -> Range<usize> {
        let first = self.offset.min(count);
        first..first.saturating_add(height).min(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Move(isize),
        One(bool, bool),
        Select(usize),
        Count(usize),
        Height(usize),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (-50isize..50).prop_map(Step::Move),
            (any::<bool>(), any::<bool>()).prop_map(|(down, turns)| Step::One(down, turns)),
            (0usize..200).prop_map(Step::Select),
            (0usize..200).prop_map(Step::Count),
            (0usize..60).prop_map(Step::Height),
        ]
    }

    proptest! {
        #[test]
        fn the_selection_is_always_seen_and_no_row_is_wasted(
            steps in proptest::collection::vec(any_step(), 0..60)
        ) {
            let (mut view, mut count, mut height) = (Viewport::default(), 50usize, 10usize);
            for step in steps {
                match step {
                    Step::Move(by) => view.move_by(by, count, height),
                    Step::One(down, turns) => {
                        let turn = if turns { Turn::QuarterPage } else { Turn::Row };
                        let mut other = view;
                        view.step(if down { 1 } else { -1 }, (count, height), turn);
                        other.move_by(if down { 1 } else { -1 }, count, height);
                        prop_assert_eq!(view.selected, other.selected);
                    }
                    Step::Select(row) => view.select(row, count, height),
                    Step::Count(rows) => {
                        count = rows;
                        view.settle(count, height);
                    }
                    Step::Height(rows) => {
                        height = rows;
                        view.settle(count, height);
                    }
                }
                let seen = view.seen(count, height.max(1));
                prop_assert!(count == 0 || seen.contains(&view.selected), "{view:?} {seen:?}");
                prop_assert_eq!(seen.len(), count.min(height.max(1)));
            }
        }
    }

    #[test]
    fn a_far_line_has_the_list_turned_once_for_a_quarter_of_it() {
        let turns = |turn| {
            let mut view = Viewport::default();
            let mut turns = 0;
            for _ in 0..60 {
                let before = view.offset;
                view.step(1, (100, 20), turn);
                turns += usize::from(view.offset != before);
            }
            turns
        };

        assert_eq!(turns(Turn::Row), 41);
        assert_eq!(turns(Turn::QuarterPage), 9);
    }
}
