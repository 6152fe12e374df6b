//! The Usage screen: the figures on top, two plots below, two lists at the bottom; on a small
//! screen one pane that scrolls.

use ratatui::layout::Rect;

use super::{inside, is_wide};
use crate::tui::model::Model;

/// Rows of the figures with their border.
const HEAD_ROWS: u16 = 7;

/// The panes of the Usage screen, each with its border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageAreas {
    /// Everything in one pane.
    One(Rect),
    /// Each in its own.
    Five {
        /// The gauge, the limit, the pace.
        head: Rect,
        /// Units of each day.
        days: Rect,
        /// Units so far.
        burn: Rect,
        /// Shares of the outcomes.
        outcomes: Rect,
        /// Who spent what.
        who: Rect,
    },
}

/// Where the panes of the Usage screen are.
pub fn usage_areas(model: &Model) -> UsageAreas {
    let body = super::body(model);
    if !is_wide(model.shared.width, model.shared.height) {
        return UsageAreas::One(body);
    }
    // Neighbours share the border between them.
    let head = Rect::new(body.x, body.y, body.width, HEAD_ROWS);
    let rest = body.height.saturating_sub(HEAD_ROWS - 1);
    let plots = (rest * 56 / 100).max(7).min(rest);
    let left = body.width / 2;
    let pair = |y: u16, height: u16| {
        (
            Rect::new(body.x, y, left, height),
            Rect::new(body.x + left - 1, y, body.width - left + 1, height),
        )
    };
    let (days, burn) = pair(body.y + HEAD_ROWS - 1, plots);
    let (outcomes, who) = pair(days.bottom() - 1, rest.saturating_sub(plots - 1));
    UsageAreas::Five {
        head,
        days,
        burn,
        outcomes,
        who,
    }
}

impl UsageAreas {
    /// Rows of the lines that scroll.
    pub fn rows(&self) -> usize {
        let area = match self {
            Self::One(area) => *area,
            Self::Five { who, .. } => *who,
        };
        usize::from(inside(area).height)
    }
}
