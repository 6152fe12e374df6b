//! The Usage screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::paint;
use crate::theme::{Role, Theme};
use crate::tui::layout::{UsageAreas, inside, usage_areas};
use crate::tui::model::Model;
use crate::tui::ui::frame::{Focus, border, titles};
use crate::tui::ui::text::RichLine;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = &model.usage_screen;
    let panes = &screen.panes;
    let span = screen.span.days();
    let mut name = format!("Usage · {}", model.shared.kind().as_str());
    if let Some(profile) = model.shared.profile() {
        name.push_str(&format!(" · {}", profile.data_center.code()));
    }
    match usage_areas(model) {
        UsageAreas::One(area) => {
            border(frame, theme, area, Focus::Here);
            pane(model, theme, frame, (area, &name, &panes.head));
        }
        UsageAreas::Five {
            head,
            days,
            burn,
            outcomes,
            who,
        } => {
            for area in [head, days, burn, outcomes] {
                border(frame, theme, area, Focus::Elsewhere);
            }
            border(frame, theme, who, Focus::Here);
            fixed(model, theme, frame, (head, &name, &panes.head));
            let title = format!("Units per day · {span} days, UTC");
            fixed(model, theme, frame, (days, &title, &panes.days));
            fixed(model, theme, frame, (burn, "Used so far", &panes.burn));
            let title = format!("Outcomes · {span} days");
            fixed(model, theme, frame, (outcomes, &title, &panes.outcomes));
            pane(model, theme, frame, (who, "Who spent what", &panes.who));
        }
    }
}

/// A pane whose lines all fit.
fn fixed(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (Rect, &str, &[RichLine])) {
    let (area, title, lines) = what;
    let left = Line::styled(format!(" {title} "), theme.style(Role::Title));
    let is_head = lines == model.usage_screen.panes.head.as_slice();
    let right = if is_head && model.shared.is_usage_asked {
        Line::styled(" asking the server ", theme.style(Role::Dim))
    } else {
        Line::default()
    };
    titles(frame, area, left, right);
    let inner = paint::from_column(inside(area), 1);
    if is_head && lines.is_empty() {
        paint::text(theme, frame, paint::row(inner, 0), (Role::Dim, EMPTY));
    }
    for (index, line) in lines.iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(inner, index));
    }
}

/// The pane that scrolls.
fn pane(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (Rect, &str, &[RichLine])) {
    let (area, title, lines) = what;
    let inner = paint::from_column(inside(area), 1);
    let rows = usize::from(inner.height);
    let seen = model.usage_screen.view.seen(lines.len(), rows);
    let left = Line::styled(format!(" {title} "), theme.style(Role::Title));
    let right = if lines.len() > rows {
        let text = format!(" {}–{} of {} ", seen.start + 1, seen.end, lines.len());
        Line::styled(text, theme.style(Role::Dim))
    } else {
        Line::default()
    };
    titles(frame, area, left, right);
    if model.usage_screen.sheet.is_none() {
        paint::text(theme, frame, paint::row(inner, 0), (Role::Dim, EMPTY));
    }
    for (index, line) in lines.iter().skip(seen.start).take(rows).enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(inner, index));
    }
}

const EMPTY: &str = "not known yet";

#[cfg(test)]
mod tests;
