//! The Usage screen.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::theme::Theme;
use crate::tui::model::Model;
use crate::tui::widgets::frame::{Focus, border};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    border(frame, theme, area, Focus::Here);
    super::usage::draw(model, theme, frame, area);
}
