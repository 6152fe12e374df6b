//! The box around a pane, with a title at each end of its upper line.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders};

use crate::theme::{Role, Theme};

/// Whether the pane has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Focus {
    /// Keys go here.
    Here,
    /// Keys go elsewhere.
    Elsewhere,
}

impl Focus {
    /// The focus of a pane.
    pub(crate) fn when(is_here: bool) -> Self {
        if is_here { Self::Here } else { Self::Elsewhere }
    }
}

/// Draws the box; neighbours that share a line are joined.
pub(crate) fn border(frame: &mut Frame<'_>, theme: &Theme, area: Rect, focus: Focus) {
    let role = match focus {
        Focus::Here => Role::BorderFocus,
        Focus::Elsewhere => Role::Border,
    };
    let block = Block::new()
        .borders(Borders::ALL)
        .border_style(theme.style(role))
        .merge_borders(MergeStrategy::Exact);
    frame.render_widget(block, area);
}

/// Puts a title at each end of the box's upper line, after every border is drawn: a neighbour's
/// border would take the title's style away.
pub(crate) fn titles(frame: &mut Frame<'_>, area: Rect, left: Line<'_>, right: Line<'_>) {
    let row = Rect::new(
        area.x.saturating_add(1),
        area.y,
        area.width.saturating_sub(2),
        area.height.min(1),
    );
    let columns = |line: &Line<'_>| u16::try_from(line.width()).unwrap_or(u16::MAX);
    let left_columns = columns(&left).min(row.width);
    let right_columns = columns(&right);
    frame.render_widget(left, Rect::new(row.x, row.y, left_columns, row.height));
    if left_columns.saturating_add(right_columns) < row.width {
        let start = row.right() - right_columns;
        frame.render_widget(right, Rect::new(start, row.y, right_columns, row.height));
    }
}
