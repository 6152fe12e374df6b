//! `view`: the model as cells. It borrows, it sorts nothing, filters nothing and counts nothing.

mod ascii;
mod compose;
mod detail;
mod footer;
mod guide;
mod header;
mod jobs;
mod log;
mod paint;
mod plan;
mod popup;
mod records;
mod runs;
mod setup;
mod tabs;
mod unknowns;
mod usage;
mod usage_screen;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;

use super::layout::{self, Areas};
use super::model::{Level, Model, Pane, Place};
use crate::theme::{Role, Theme};
use crate::tui::data::charset::Charset;
use crate::tui::ui::frame::{Focus, border};

/// Draws everything, in the characters that the terminal can show.
pub fn view(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    draw(model, theme, frame);
    match model.shared.settings.charset {
        Charset::Unicode => {}
        Charset::Ascii => ascii::apply(frame.buffer_mut()),
    }
}

fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    frame
        .buffer_mut()
        .set_style(area, theme.style(Role::Background));
    if layout::is_too_small(area.width, area.height) {
        too_small(theme, frame);
        return;
    }
    // A resize may reach the terminal before its message reaches the model: draw for the model's
    // size only where it is the terminal's.
    if (area.width, area.height) != (model.shared.width, model.shared.height) {
        return;
    }
    let areas = layout::areas(model);
    header::draw(model, theme, frame, areas.header);
    if model.shared.is_first_run() {
        if let Some(body) = areas.compose {
            guide::welcome(model, theme, frame, body);
        }
    } else {
        match model.place {
            Place::Console => console(model, theme, frame, &areas),
            Place::Jobs => jobs::draw(model, theme, frame),
            Place::Runs => runs::draw(model, theme, frame),
            Place::Setup => setup::draw(model, theme, frame),
            Place::Usage => usage_screen::draw(model, theme, frame),
        }
    }
    if let Some(area) = areas.tabs {
        tabs::draw(model, theme, frame, area);
    }
    footer::draw(model, theme, frame, areas.footer);
    // A question about something in a popup lies over it.
    for (popup, area) in layout::popups(model) {
        popup::draw(model, theme, frame, (popup, area));
    }
    toasts(model, theme, frame, areas.footer);
}

fn console(model: &Model, theme: &Theme, frame: &mut Frame<'_>, areas: &Areas) {
    borders(model, theme, frame, areas);
    if let Some(area) = areas.usage {
        usage::draw(model, theme, frame, area);
    }
    for pane in Pane::ALL {
        draw_pane(model, theme, frame, (pane, areas));
    }
}

/// The pane with the focus comes last, so that its border runs through shared lines.
fn borders(model: &Model, theme: &Theme, frame: &mut Frame<'_>, areas: &Areas) {
    let mut boxes = vec![(areas.usage, Focus::Elsewhere)];
    for pane in Pane::ALL {
        let area = match pane {
            Pane::Compose => areas.compose,
            Pane::Log => areas.log,
            Pane::Detail => areas.detail,
        };
        boxes.push((area, Focus::when(pane == model.pane)));
    }
    boxes.sort_by_key(|(_, focus)| *focus == Focus::Here);
    for (area, focus) in boxes {
        if let Some(area) = area {
            border(frame, theme, area, focus);
        }
    }
}

fn draw_pane(model: &Model, theme: &Theme, frame: &mut Frame<'_>, which: (Pane, &Areas)) {
    let (pane, areas) = which;
    match pane {
        Pane::Compose => {
            if let Some(area) = areas.compose {
                compose::draw(model, theme, frame, area);
            }
        }
        Pane::Log => {
            if let Some(area) = areas.log {
                log::draw(model, theme, frame, area);
            }
        }
        Pane::Detail => {
            if let Some(area) = areas.detail {
                detail::draw(model, theme, frame, area);
            }
        }
    }
}

fn toasts(model: &Model, theme: &Theme, frame: &mut Frame<'_>, footer: Rect) {
    let width = usize::from(footer.width.saturating_sub(4).min(100));
    let leaving = model.leaving.as_deref().map(|text| (Level::Warning, text));
    let all = model
        .shared
        .toasts
        .iter()
        .map(|toast| (toast.level, toast.text.as_str()))
        .chain(leaving);
    let mut bottom = footer.y;
    for (level, text) in all.collect::<Vec<_>>().into_iter().rev() {
        let (role, mark) = match level {
            Level::Info => (Role::Ok, "·"),
            Level::Warning => (Role::Warning, "!"),
            Level::Error => (Role::Error, "✗"),
        };
        let line = crate::tui::ui::text::RichLine::new()
            .with(role, &format!("{mark} "))
            .with(Role::Text, text);
        let lines = line.wrapped(width.saturating_sub(4), 2);
        let rows = u16::try_from(lines.len()).unwrap_or(1).min(4);
        let columns = lines.iter().map(|line| line.width()).max().unwrap_or(0) + 4;
        let columns = u16::try_from(columns)
            .unwrap_or(footer.width)
            .min(footer.width);
        if bottom < rows.saturating_add(2) {
            return;
        }
        bottom -= rows;
        let area = Rect::new(footer.width - columns, bottom, columns, rows);
        let style = theme
            .style(Role::Background)
            .patch(theme.style(Role::Popup));
        frame.render_widget(ratatui::widgets::Clear, area);
        frame.buffer_mut().set_style(area, style);
        for (index, line) in lines.iter().enumerate() {
            let row = paint::row(area, index);
            paint::text(theme, frame, row, (role, "▌"));
            frame.render_widget(paint::line(theme, line), paint::from_column(row, 2));
        }
    }
}

fn too_small(theme: &Theme, frame: &mut Frame<'_>) {
    let text = format!(
        "ziadeck needs {}x{} cells; there are {}x{}. Please make the window larger.",
        layout::WIDTH_MIN,
        layout::HEIGHT_MIN,
        frame.area().width,
        frame.area().height
    );
    let paragraph = Paragraph::new(text)
        .style(theme.style(Role::Text))
        .wrap(ratatui::widgets::Wrap { trim: true });
    frame.render_widget(paragraph, frame.area());
}

#[cfg(test)]
mod tests;
