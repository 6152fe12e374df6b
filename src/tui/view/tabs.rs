//! The second line: which screen this is and how to reach the others; on a small screen, the panes
//! of the Console as well.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::paint;
use crate::theme::Theme;
use crate::tui::layout::{self, Tab, Tabs};
use crate::tui::model::Model;
use crate::tui::ui::text::RichLine;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let Tabs { screens, panes } = layout::tabs(model);
    let (left, right) = (joined(screens), joined(panes));
    let right_width = u16::try_from(right.width()).unwrap_or(area.width);
    frame.render_widget(paint::line(theme, &left), area);
    let place = paint::from_column(area, area.width.saturating_sub(right_width));
    frame.render_widget(paint::line(theme, &right), place);
}

fn joined(tabs: Vec<(Tab, RichLine)>) -> RichLine {
    RichLine {
        pieces: tabs.into_iter().flat_map(|(_, line)| line.pieces).collect(),
    }
}
