//! The first start and the set-up guide.

mod words;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::paint;
use crate::base::DataCenter;
use crate::theme::{Role, Theme};
use crate::tui::model::Model;
use crate::tui::model::guide::{Guide, Progress, Step};
use crate::tui::ui::text::{RichLine, at_most};
use crate::tui::update::WELCOME;

pub(super) use words::{Detail, code_lines};

/// What the screen says while there is no profile.
pub(super) fn welcome(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let width = area.width.saturating_sub(8).min(76);
    let left = area.x + (area.width - width) / 2;
    let top = area.y + area.height.saturating_sub(13) / 3;
    let area = Rect::new(left, top, width, area.bottom().saturating_sub(top));
    let mut lines = vec![
        RichLine::new().with(Role::Accent, "Welcome to ziadeck"),
        RichLine::new(),
    ];
    let about = "An operations console for Zoho CRM's Zia People Enrichment: compose requests, \
                 watch every answer arrive, and see what is left of the organisation's limit.";
    lines.extend(
        RichLine::new()
            .with(Role::Text, about)
            .wrapped(usize::from(width), 0),
    );
    lines.push(RichLine::new());
    let mut index = lines.len();
    for (row, line) in lines.iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(area, row));
    }
    for (place, (title, text)) in WELCOME.into_iter().enumerate() {
        let is_selected = place == model.welcome;
        let row = paint::row(area, index);
        if is_selected {
            frame
                .buffer_mut()
                .set_style(row, theme.style(Role::Selection));
        }
        let mark = if is_selected { "▌ " } else { "  " };
        let line = RichLine::new()
            .with(Role::Accent, mark)
            .with(Role::Title, title);
        frame.render_widget(paint::line(theme, &line), row);
        let below = RichLine::new().with(Role::Dim, text);
        for line in below.wrapped(usize::from(width.saturating_sub(2)), 0) {
            index += 1;
            let row = paint::from_column(paint::row(area, index), 2);
            frame.render_widget(paint::line(theme, &line), row);
        }
        index += 2;
    }
}

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&Guide, Rect)) {
    let (guide, area) = what;
    let area = paint::from_column(area, 1);
    let width = usize::from(area.width.saturating_sub(1));
    let rows = usize::from(area.height);
    let all = words::explanation(model, guide, Detail::Whole, width);
    let is_low = all.len() + Step::ALL.len() + 1 > rows;
    // Where all of it has no room, the step with the focus is enough, and then the scopes in short.
    let steps: &[Step] = if is_low { &[guide.step] } else { &Step::ALL };
    let room = rows.saturating_sub(steps.len() + 1);
    let lines = if all.len() > room {
        words::explanation(model, guide, Detail::Short, width)
    } else {
        all
    };
    for (index, step) in steps.iter().enumerate() {
        step_row(theme, frame, (guide, *step, paint::row(area, index)));
    }
    for (index, line) in at_most(lines, (room, width)).iter().enumerate() {
        let row = paint::row(area, steps.len() + 1 + index);
        frame.render_widget(paint::line(theme, line), row);
    }
}

fn step_row(theme: &Theme, frame: &mut Frame<'_>, what: (&Guide, Step, Rect)) {
    let (guide, step, row) = what;
    let is_open = matches!(guide.progress, Progress::Filling | Progress::Failed(_));
    let has_focus = is_open && guide.step == step;
    let is_done = guide.problem_of(step).is_none();
    let (mark, role) = match (has_focus, is_done) {
        (true, _) => ("›", Role::LabelFocus),
        (false, true) => ("✓", Role::Ok),
        (false, false) => ("·", Role::Label),
    };
    paint::text(
        theme,
        frame,
        row,
        (role, &format!("{mark} {}", step.label())),
    );
    let value = paint::from_column(row, 18);
    let value = Rect::new(
        value.x,
        value.y,
        value.width.saturating_sub(1),
        value.height,
    );
    match step {
        Step::Where => where_row(theme, frame, (guide, value)),
        Step::Name if has_focus => paint::field(theme, frame, value, &guide.name),
        Step::Name => paint::text(theme, frame, value, (Role::Text, guide.name.value())),
        Step::Client if has_focus => paint::field(theme, frame, value, &guide.client_id),
        Step::Client => paint::text(theme, frame, value, (Role::Text, guide.client_id.value())),
        Step::Secret => hidden(
            theme,
            frame,
            (guide.client_secret.length(), value, has_focus),
        ),
        Step::Code => hidden(theme, frame, (guide.code.length(), value, has_focus)),
    }
}

fn where_row(theme: &Theme, frame: &mut Frame<'_>, what: (&Guide, Rect)) {
    let (guide, area) = what;
    let mut line = RichLine::new();
    for data_center in DataCenter::ALL {
        if data_center == guide.data_center {
            line.push(Role::TabOpen, &format!("[{data_center}]"));
        } else {
            line.push(Role::Tab, &format!(" {data_center} "));
        }
    }
    let environment = guide.environment.as_str();
    let country = guide.data_center.country();
    line.push(Role::Dim, "  ");
    if line.width() + country.len() + environment.len() + 3 <= usize::from(area.width) {
        line.push(Role::Text, country);
        line.push(Role::Dim, " · ");
    }
    line.push(Role::Text, environment);
    frame.render_widget(paint::line(theme, &line), area);
}

pub(super) fn hidden(theme: &Theme, frame: &mut Frame<'_>, what: (usize, Rect, bool)) {
    let (length, area, has_focus) = what;
    if area.is_empty() {
        return;
    }
    // How long it is says nothing of it beyond that a paste arrived.
    let dots = "•".repeat(length.min(usize::from(area.width.saturating_sub(1)).min(40)));
    if has_focus {
        frame
            .buffer_mut()
            .set_style(area, theme.style(Role::FieldFocus));
        let column = u16::try_from(dots.chars().count()).unwrap_or(0);
        frame.set_cursor_position(Position::new(area.x + column, area.y));
    }
    paint::text(theme, frame, area, (Role::Text, &dots));
}
