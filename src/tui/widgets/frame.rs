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
pub(crate) fn pane(
    frame: &mut Frame<'_>,
    theme: &Theme,
    area: Rect,
    titles: (Line<'_>, Line<'_>),
    focus: Focus,
) {
    let role = match focus {
        Focus::Here => Role::BorderFocus,
        Focus::Elsewhere => Role::Border,
    };
    let block = Block::new()
        .borders(Borders::ALL)
        .border_style(theme.style(role))
        .merge_borders(MergeStrategy::Exact)
        .title_top(titles.0.left_aligned())
        .title_top(titles.1.right_aligned());
    frame.render_widget(block, area);
}
