//! The first start and the set-up guide.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::paint;
use crate::base::DataCenter;
use crate::theme::{Role, Theme};
use crate::tui::model::Model;
use crate::tui::model::guide::{Guide, Progress, Step};
use crate::tui::model::rich::RichLine;
use crate::tui::update::WELCOME;

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
    for (index, step) in Step::ALL.into_iter().enumerate() {
        step_row(theme, frame, (guide, step, paint::row(area, index)));
    }
    let below = Rect::new(
        area.x,
        area.y + 6,
        area.width.saturating_sub(1),
        area.height.saturating_sub(6),
    );
    let width = usize::from(below.width);
    let lines: Vec<RichLine> = explanation(model, guide)
        .iter()
        .flat_map(|line| line.wrapped(width, 2))
        .collect();
    for (index, line) in lines.iter().enumerate() {
        frame.render_widget(paint::line(theme, line), paint::row(below, index));
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
    line.push(Role::Dim, "  ");
    line.push(Role::Text, guide.data_center.country());
    line.push(Role::Dim, " · ");
    line.push(Role::Text, guide.environment.as_str());
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

fn explanation(model: &Model, guide: &Guide) -> Vec<RichLine> {
    let say = |role: Role, text: &str| RichLine::new().with(role, text);
    let mut lines = Vec::new();
    match &guide.progress {
        Progress::Working => {
            lines.push(say(
                Role::Sending,
                "Exchanging the code and making a test call; nothing is spent.",
            ));
            return lines;
        }
        Progress::Done(done) => {
            let organisation = done.organisation.as_deref().unwrap_or("not named");
            lines.push(say(
                Role::Ok,
                &format!("✓ {} is saved and works.", done.profile),
            ));
            lines.push(say(Role::Text, &format!("  organisation  {organisation}")));
            if let Some(user) = &done.user {
                lines.push(say(Role::Text, &format!("  signed in as  {user}")));
            }
            lines.push(RichLine::new());
            lines.push(say(Role::Dim, "Enter goes to the console."));
            return lines;
        }
        Progress::Failed(failure) => {
            lines.push(say(Role::Error, &format!("✗ {}", failure.plain)));
            if !failure.next_step.is_empty() {
                lines.push(say(Role::Text, &format!("  do  {}", failure.next_step)));
            }
        }
        Progress::Filling => {}
    }
    if let Some(problem) = &guide.problem {
        lines.push(say(Role::Warning, &format!("! {problem}")));
    }
    let url = guide.data_center.console_url();
    match guide.step {
        Step::Where => {
            lines.push(say(Role::Text, "Up and Down choose the data centre of your Zoho account, Space the environment, Enter goes on."));
            lines.push(say(Role::Dim, "A token of one data centre or environment does not work in another; each needs a profile of its own."));
        }
        Step::Name => {
            lines.push(say(
                Role::Text,
                "The name by which you will know this profile, here and in scripts.",
            ));
        }
        Step::Client => {
            lines.push(say(
                Role::Text,
                &format!("Open {url} , sign in, add a Self Client and copy its Client ID."),
            ));
        }
        Step::Secret => {
            lines.push(say(Role::Text, "The Client Secret stands beside the client id. It is not shown here, is never an argument and goes into a file that only you can read."));
        }
        Step::Code => {
            lines.push(say(
                Role::Text,
                &format!("In {url} open the Self Client's Generate Code tab, with these scopes:"),
            ));
            lines.push(say(
                Role::Accent,
                &format!("  {}", model.settings.scopes.replace(',', ", ")),
            ));
            lines.push(say(Role::Text, "Paste the code here and press Enter. It lives three minutes and works once; signing in spends no unit."));
        }
    }
    lines
}
