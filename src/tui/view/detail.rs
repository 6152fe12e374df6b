//! The detail of the selected attempt.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use crate::theme::{Role, Theme};
use crate::tui::layout::inside;
use crate::tui::model::Model;
use crate::tui::model::detail::Tab;
use crate::tui::ui::frame::titles;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let detail = &model.detail;
    let mut spans = vec![Span::styled(" Detail ", theme.style(Role::Title))];
    for tab in Tab::ALL {
        let (role, text) = if tab == detail.tab {
            (Role::TabOpen, format!("[{}]", tab.title()))
        } else {
            (Role::Tab, format!(" {} ", tab.title()))
        };
        spans.push(Span::styled(text, theme.style(role)));
    }
    spans.push(Span::raw(" "));
    let inner = paint::from_column(inside(area), 1);
    let rows = usize::from(inner.height);
    let count = detail.lines.len();
    let seen = detail.view.seen(count, rows);
    let right = if count > rows {
        let text = format!(" {}–{} of {count} ", seen.start + 1, seen.end);
        Line::styled(text, theme.style(Role::Dim))
    } else {
        Line::default()
    };
    titles(frame, area, Line::from(spans), right);
    if detail.attempt.is_none() {
        let text = match detail.wanted {
            Some(_) => "reading the attempt",
            None => "no attempt is selected",
        };
        let row = paint::from_column(paint::row(inner, usize::from(rows > 2)), 1);
        paint::text(theme, frame, row, (Role::Dim, text));
        return;
    }
    for (index, line) in detail.lines.iter().skip(seen.start).take(rows).enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(inner, index));
    }
}
