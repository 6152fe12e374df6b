//! The panes of the Usage screen and the days that its plots show.

use ratatui::layout::Rect;

use crate::tui::data::usage::DAYS;
use crate::tui::layout::{beside, is_wide, split};

/// Rows of the figures with their border.
const HEAD_ROWS: u16 = 7;

/// How many days the plots show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Span {
    /// Thirty.
    #[default]
    Month,
    /// Ninety.
    Quarter,
}

impl Span {
    pub(super) fn days(self) -> usize {
        match self {
            Self::Month => 30,
            Self::Quarter => DAYS,
        }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::Month => Self::Quarter,
            Self::Quarter => Self::Month,
        }
    }
}

/// The panes, each with its border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panes {
    /// Everything in one pane.
    One(Rect),
    /// Each in its own.
    Five {
        head: Rect,
        days: Rect,
        burn: Rect,
        outcomes: Rect,
        who: Rect,
    },
}

pub(super) fn panes(body: Rect) -> Panes {
    if !is_wide(body) {
        return Panes::One(body);
    }
    let (head, rest) = split(body, HEAD_ROWS);
    let plots = (rest.height * 56 / 100).max(7);
    let (plots, lists) = split(rest, plots);
    let (days, burn) = beside(plots, body.width / 2);
    let (outcomes, who) = beside(lists, body.width / 2);
    Panes::Five {
        head,
        days,
        burn,
        outcomes,
        who,
    }
}
