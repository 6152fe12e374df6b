//! How large a screen is, and what that means. From 110x23 the panes lie side by side; below that
//! they are tabs; below 60x15 there is only a sentence.

use ratatui::layout::Rect;

/// Narrowest screen that is drawn.
pub const WIDTH_MIN: u16 = 60;
/// Lowest screen that is drawn.
pub const HEIGHT_MIN: u16 = 15;
/// Most columns and rows that are drawn: of a terminal that tells more, its upper left part is used.
/// Four thousand million cells, which a terminal may tell, would be more memory than there is.
const SCREEN_MAX: (u16, u16) = (1_000, 500);
const WIDTH_WIDE: u16 = 110;
/// Rows of a body, without the first two lines and the last one.
const BODY_HEIGHT_WIDE: u16 = 20;

/// What is drawn of a terminal of so many columns and rows.
pub fn drawn((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.min(SCREEN_MAX.0), rows.min(SCREEN_MAX.1))
}

/// Whether there is room for anything at all.
pub fn is_too_small(width: u16, height: u16) -> bool {
    width < WIDTH_MIN || height < HEIGHT_MIN
}

/// Whether the panes of a body lie side by side.
pub fn is_wide(body: Rect) -> bool {
    body.width >= WIDTH_WIDE && body.height >= BODY_HEIGHT_WIDE
}

/// Two boxes, one above the other, that share the border between them.
pub fn split(area: Rect, above: u16) -> (Rect, Rect) {
    let height = above.min(area.height);
    let shared = area.y + height.saturating_sub(1);
    let below = Rect {
        y: shared,
        height: area.bottom() - shared,
        ..area
    };
    (Rect { height, ..area }, below)
}

/// Two boxes side by side that share the border between them.
pub fn beside(area: Rect, left: u16) -> (Rect, Rect) {
    let width = left.min(area.width);
    let shared = area.x + width.saturating_sub(1);
    let right = Rect {
        x: shared,
        width: area.right() - shared,
        ..area
    };
    (Rect { width, ..area }, right)
}
