//! The app as cells: the first two lines, the screen, the last line, and what lies over them.

mod ascii;
mod footer;
mod header;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Paragraph, Wrap};

use super::cx::{Screen, ScreenId};
use super::notice::Level;
use super::state::{App, over};
use crate::theme::{Role, Theme};
use crate::tui::data::charset::Charset;
use crate::tui::layout;
use crate::tui::ui::hits::{Hits, Layer};
use crate::tui::ui::painter::{Painter, from_column, row};
use crate::tui::ui::text::RichLine;

/// Draws everything, in the characters that the terminal can show; what lies where is noted while
/// the mouse is on.
pub fn view(app: &App, theme: &Theme, frame: &mut Frame<'_>, hits: &mut Hits) {
    hits.claim();
    let noted = app.shared.has_mouse.then_some(hits);
    let mut painter = Painter::new(frame, theme, noted);
    draw(app, &mut painter);
    match app.shared.settings.charset {
        Charset::Unicode => {}
        Charset::Ascii => ascii::apply(frame.buffer_mut()),
    }
}

fn draw(app: &App, p: &mut Painter<'_, '_>) {
    let area = p.area();
    p.ground(area, Role::Background);
    if layout::is_too_small(area.width, area.height) {
        return too_small(p);
    }
    // A resize may reach the terminal before its message reaches the app: draw for the app's size
    // only where it is the terminal's.
    let shared = &app.shared;
    if (area.width, area.height) != (shared.width, shared.height) {
        return;
    }
    top(app, p);
    let footer = Rect::new(0, area.height - 1, area.width, 1);
    p.on(Layer::Screen, app.popups.is_empty());
    if shared.is_first_run() {
        app.welcome.draw(shared, p, app.room());
    } else {
        let screen = app.screens.get(app.screen);
        screen.draw(shared, p, app.body());
    }
    footer::draw(app, p, footer);
    popups(app, p);
    toasts(app, p, footer);
}

/// What every screen has above it.
fn top(app: &App, p: &mut Painter<'_, '_>) {
    let Rect { width, .. } = p.area();
    header::draw(&app.shared, p, Rect::new(0, 0, width, 1));
    if !app.shared.is_first_run() {
        p.on(Layer::Screen, app.popups.is_empty());
        tabs(app, p, Rect::new(0, 1, width, 1));
    }
}

/// The popups that are seen, from the lowest to the one on top: a question or a list does not hide
/// what it is about, every other popup does.
fn popups(app: &App, p: &mut Painter<'_, '_>) {
    let covered = app.popups.iter().rposition(|popup| popup.covers());
    let all = app.popups.iter().enumerate();
    for (depth, popup) in all.skip(covered.unwrap_or(0)) {
        let is_top = depth + 1 == app.popups.len();
        let area = over(app.room(), popup.as_ref());
        p.claim();
        p.on(Layer::Popup(depth), is_top);
        p.surface(area, &popup.title(&app.shared));
        popup.draw(&app.shared, p, area);
    }
}

/// The second line: which screen this is and how to reach the others; on a small screen, the panes
/// of the screen as well.
fn tabs(app: &App, p: &mut Painter<'_, '_>, area: Rect) {
    let panes = app.screens.get(app.screen).tabs(app.body());
    let panes: Vec<(RichLine, &'static str)> = panes
        .into_iter()
        .map(|(title, is_open, pane)| {
            let (role, mark) = match is_open {
                true => (Role::TabOpen, "▌"),
                false => (Role::Tab, " "),
            };
            (RichLine::of(role, &format!("{mark}{title} ")), pane)
        })
        .collect();
    let panes_width: u16 = panes.iter().map(|(line, _)| line.columns()).sum();
    let room = area.width.saturating_sub(panes_width);
    let names = |is_all: bool| -> Vec<(RichLine, ScreenId)> {
        let one = |screen: &ScreenId| (tab(app, *screen, is_all), *screen);
        ScreenId::ALL.iter().map(one).collect()
    };
    let mut screens = names(true);
    if screens.iter().map(|(line, _)| line.columns()).sum::<u16>() > room {
        screens = names(false);
    }
    p.on(Layer::App, false);
    let mut column = 0;
    for (line, screen) in screens {
        let place = placed(p, area, &mut column, &line);
        p.row(place, "screen", || screen.title().to_owned());
    }
    p.on(Layer::Screen, false);
    let mut column = room;
    for (line, pane) in panes {
        let place = placed(p, area, &mut column, &line);
        p.pane(place, pane);
    }
}

/// Draws a tab at a column, which moves on behind it; where it is.
fn placed(p: &mut Painter<'_, '_>, area: Rect, column: &mut u16, line: &RichLine) -> Rect {
    let columns = line.columns();
    let place = Rect {
        width: columns.min(area.width.saturating_sub(*column)),
        ..from_column(area, *column)
    };
    p.line(place, line);
    *column += columns;
    place
}

fn tab(app: &App, screen: ScreenId, is_named: bool) -> RichLine {
    let key = app.shared.any_key(screen.command());
    let is_open = screen == app.screen;
    let (mark, role) = match is_open {
        true => ("▌", Role::TabOpen),
        false => (" ", Role::Tab),
    };
    let mut line = RichLine::of(role, mark);
    line.push(if is_open { role } else { Role::Dim }, &key);
    if is_open || is_named {
        line.push(role, &format!(" {}", screen.title()));
    }
    line.with(Role::Tab, " ")
}

fn toasts(app: &App, p: &mut Painter<'_, '_>, footer: Rect) {
    let width = usize::from(footer.width.saturating_sub(4).min(100));
    let leaving = app.leaving.as_deref().map(|text| (Level::Warning, text));
    let toasts = app.shared.toasts.iter();
    let all = toasts.map(|toast| (toast.level, toast.text.as_str()));
    let all: Vec<(Level, &str)> = all.chain(leaving).collect();
    let mut bottom = footer.y;
    for (level, text) in all.into_iter().rev() {
        let (role, mark) = match level {
            Level::Info => (Role::Ok, "·"),
            Level::Warning => (Role::Warning, "!"),
            Level::Error => (Role::Error, "✗"),
        };
        let line = RichLine::of(role, &format!("{mark} ")).with(Role::Text, text);
        let lines = line.wrapped(width.saturating_sub(4), 2);
        let rows = u16::try_from(lines.len()).unwrap_or(1).min(4);
        let columns = lines.iter().map(RichLine::width).max().unwrap_or(0) + 4;
        let columns = u16::try_from(columns).unwrap_or(u16::MAX).min(footer.width);
        if bottom < rows.saturating_add(2) {
            return;
        }
        bottom -= rows;
        let area = Rect::new(footer.width - columns, bottom, columns, rows);
        let style = p.style(Role::Background).patch(p.style(Role::Popup));
        p.render(Clear, area);
        p.buffer().set_style(area, style);
        for (index, line) in lines.iter().enumerate() {
            let row = row(area, index);
            p.text(row, role, "▌");
            p.line(from_column(row, 2), line);
        }
    }
}

fn too_small(p: &mut Painter<'_, '_>) {
    let area = p.area();
    let text = format!(
        "ziadeck needs {}x{} cells; there are {}x{}. Please make the window larger.",
        layout::WIDTH_MIN,
        layout::HEIGHT_MIN,
        area.width,
        area.height
    );
    let paragraph = Paragraph::new(text)
        .style(p.style(Role::Text))
        .wrap(Wrap { trim: true });
    p.render(paragraph, area);
}

/// The header and the tabs alone.
#[cfg(test)]
pub(crate) fn view_top(app: &App, theme: &Theme, frame: &mut Frame<'_>) {
    let mut painter = Painter::new(frame, theme, None);
    painter.ground(painter.area(), Role::Background);
    top(app, &mut painter);
    if app.shared.settings.charset == Charset::Ascii {
        ascii::apply(frame.buffer_mut());
    }
}

#[cfg(test)]
mod tests;
