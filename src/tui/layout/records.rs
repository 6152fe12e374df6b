//! The parts of the popup that finds a record.

use ratatui::layout::Rect;

use super::inside;

/// Most rows for what a record would change: its id, six inputs, and what stays.
const SHEET_ROWS: u16 = 8;

/// Where the parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordsAreas {
    /// What is typed.
    pub prompt: Rect,
    /// What was found.
    pub list: Rect,
    /// The line between, from border to border.
    pub rule: Rect,
    /// What the selected record would change.
    pub sheet: Rect,
    /// What Enter does.
    pub hint: Rect,
}

/// Where the parts of the popup are.
pub fn records_areas(popup: Rect) -> RecordsAreas {
    let inner = inside(popup);
    let gap = u16::from(inner.height >= 14);
    let room = inner.height.saturating_sub(3 + gap);
    let sheet = SHEET_ROWS.min(room / 2);
    let list = room - sheet;
    let row = |y: u16, height: u16| {
        Rect::new(inner.x, inner.y + y, inner.width, height).intersection(inner)
    };
    let rule = row(1 + gap + list, 1);
    RecordsAreas {
        prompt: row(0, 1),
        list: row(1 + gap, list),
        rule: Rect::new(popup.x, rule.y, popup.width, rule.height),
        sheet: row(2 + gap + list, sheet),
        hint: row(2 + gap + list + sheet, 1),
    }
}
