//! The arithmetic of a plan: what it uses of what is left, and what that leaves.

use std::fmt;

/// The organisation's units at the time of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// Spent, or perhaps spent.
    pub used: u64,
    /// The limit in force.
    pub limit: u64,
    /// Units that must stay untouched.
    pub reserve: u64,
    /// Whether the server was ever asked: before that, units that were spent elsewhere are not known.
    pub is_asked: bool,
}

/// What a plan costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Units that the ready rows need.
    pub needed: u64,
    /// Units left before the run, at most.
    pub left: u64,
    /// Whether that is what is left: the server was asked.
    pub is_asked: bool,
    /// Of those, units that must stay untouched.
    pub reserve: u64,
}

impl Cost {
    /// What so many ready rows cost.
    pub fn of(ready: u64, units: Units) -> Self {
        let left = units.limit.saturating_sub(units.used);
        Self {
            needed: ready,
            left,
            is_asked: units.is_asked,
            reserve: units.reserve.min(left),
        }
    }

    /// Units left before the run, as far as they can be known.
    pub fn known_left(self) -> Option<u64> {
        self.is_asked.then_some(self.left)
    }

    /// Units left after the run, as far as they can be known.
    pub fn known_left_after(self) -> Option<u64> {
        self.is_asked.then(|| self.left_after())
    }

    /// Units that the run may spend.
    pub fn available(self) -> u64 {
        self.left.saturating_sub(self.reserve)
    }

    /// Rows that can be sent.
    pub fn sendable(self) -> u64 {
        self.needed.min(self.available())
    }

    /// Units left after the run.
    pub fn left_after(self) -> u64 {
        self.left.saturating_sub(self.sendable())
    }

    /// Rows for which there is no unit.
    pub fn missing(self) -> u64 {
        self.needed.saturating_sub(self.available())
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (needed, left) = (self.needed, self.left);
        match self.missing() {
            0 if !self.is_asked => write!(f, "uses {needed} of ? left")?,
            0 => write!(
                f,
                "uses {needed} of {left} left, leaves {}",
                self.left_after()
            )?,
            missing => write!(
                f,
                "needs {needed}, {}{left} left: sends {}, {missing} must wait",
                if self.is_asked { "" } else { "at most " },
                self.sendable()
            )?,
        }
        match self.reserve {
            0 => Ok(()),
            reserve => write!(f, " (reserve of {reserve} kept)"),
        }
    }
}
