//! The first line: the selector, the profile and the counter. Selector and counter always fit.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use crate::base::{DataCenter, Timestamp};
use crate::enrichment::usage::UsageLevel;
use crate::theme::{Role, Theme};
use crate::tui::data::profile::{ProfileFigures, ProfileState, Server};
use crate::tui::layout::{HEADER_ROOMY, brand};
use crate::tui::model::{Demo, Model};
use crate::tui::ui::text::{RichLine, grouped};

/// What a demo says all the time.
const DEMO: &str = "DEMO simulated";
/// Columns from which on it is said in words that the organisation is not known.
const ORGANISATION_ROOM: usize = 50;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    frame
        .buffer_mut()
        .set_style(area, theme.style(Role::Header));
    let is_roomy = area.width >= HEADER_ROOMY;
    let left = selector(model, theme, area.width);
    let right = counter(model, is_roomy);
    let left_width = u16::try_from(left.width()).unwrap_or(area.width);
    let right_width = u16::try_from(right.width()).unwrap_or(0).min(area.width);
    frame.render_widget(left, area);
    let right_area = paint::from_column(area, area.width - right_width);
    let gap = if is_roomy { 3 } else { 1 };
    let room = area
        .width
        .saturating_sub(left_width + right_width + 2 * gap);
    let middle_area = Rect::new(area.x + left_width + gap, area.y, room, 1);
    let middle = profile(model, usize::from(room)).fitted(usize::from(room));
    frame.render_widget(paint::line(theme, &middle), middle_area);
    frame.render_widget(paint::line(theme, &right), right_area);
}

fn selector(model: &Model, theme: &Theme, width: u16) -> Line<'static> {
    let is_roomy = width >= HEADER_ROOMY;
    let (name, gap) = brand(width);
    let mut spans = vec![
        Span::raw(" "),
        Span::styled(name, theme.style(Role::Brand)),
        Span::raw(gap),
    ];
    let active = model.shared.profile().map(|profile| profile.data_center);
    for data_center in DataCenter::ALL {
        let state = model.shared.state_of(data_center);
        let role = match state {
            ProfileState::Ready => Role::Ok,
            ProfileState::TokenExpired => Role::Warning,
            ProfileState::NotSetUp => Role::Dim,
        };
        let is_active = active == Some(data_center);
        let name = if is_active {
            theme.style(Role::DataCenter)
        } else {
            theme.style(Role::Dim)
        };
        let mark = if is_active {
            theme.style(Role::DataCenter).patch(theme.style(role))
        } else {
            theme.style(role)
        };
        let space = if is_roomy { " " } else { "" };
        spans.push(Span::styled(
            format!("{space}{}{space}", data_center.code()),
            name,
        ));
        spans.push(Span::styled(format!("{}{space}", state.glyph()), mark));
        if !is_roomy {
            spans.push(Span::raw(" "));
        }
    }
    Line::from(spans)
}

/// What is left out first when there is no room: version, organisation, token, environment, which the
/// colour of the name tells too, a missing organisation.
fn profile(model: &Model, room: usize) -> RichLine {
    let Some(profile) = model.shared.profile() else {
        let text = match &model.shared.profiles {
            None => "reading profiles",
            Some(_) => "no profile yet",
        };
        return RichLine::new().with(Role::Dim, text);
    };
    let mut parts = parts(model, profile, room);
    loop {
        let line = joined(&parts);
        if line.width() <= room || parts.len() <= 1 {
            return line;
        }
        let lowest = parts
            .iter()
            .enumerate()
            .max_by_key(|(_, part)| part.rank)
            .map_or(0, |(index, _)| index);
        parts.remove(lowest);
    }
}

struct Part {
    rank: u8,
    role: Role,
    text: String,
}

fn parts(model: &Model, profile: &ProfileFigures, room: usize) -> Vec<Part> {
    let part = |rank, role, text: String| Part { rank, role, text };
    let mut parts = Vec::new();
    if profile.server == Server::Simulated {
        let word = match model.shared.settings.demo {
            Demo::Yes if room < DEMO.len() => "DEMO",
            Demo::Yes => DEMO,
            Demo::No => "simulated",
        };
        parts.push(part(0, Role::Simulated, word.to_owned()));
    }
    let role = profile.role();
    // The name stays at every size, and so does the colour that says where it sends to.
    parts.push(part(1, role, profile.name.to_string()));
    match &profile.organisation {
        Some(organisation) => parts.push(part(5, Role::Text, organisation.clone())),
        None if profile.state == ProfileState::NotSetUp => {}
        None if room < ORGANISATION_ROOM => parts.push(part(2, Role::Warning, "org ?".to_owned())),
        None => parts.push(part(2, Role::Warning, profile.organisation().to_owned())),
    }
    parts.push(part(3, role, profile.environment.to_string()));
    parts.push(part(6, Role::Dim, profile.api_version.to_string()));
    let (role, text) = token(profile, model.shared.now);
    parts.push(part(4, role, text));
    parts
}

fn token(profile: &ProfileFigures, now: Timestamp) -> (Role, String) {
    match (profile.state, profile.token_until) {
        (ProfileState::NotSetUp, _) => (Role::Warning, "not signed in".to_owned()),
        (_, Some(until)) if until > now => {
            let seconds = until.duration_since(now).as_secs();
            (Role::Dim, format!("token {} min", seconds / 60))
        }
        (ProfileState::TokenExpired | ProfileState::Ready, _) => {
            (Role::Warning, "token expired".to_owned())
        }
    }
}

fn joined(parts: &[Part]) -> RichLine {
    let mut line = RichLine::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            line.push(Role::Dim, " · ");
        }
        line.push(part.role, &part.text);
    }
    line
}

fn counter(model: &Model, is_roomy: bool) -> RichLine {
    let Some(figures) = &model.shared.usage else {
        return RichLine::new().with(Role::Dim, "usage not known ");
    };
    let usage = &figures.usage;
    let (role, mark) = match usage.level() {
        UsageLevel::Calm => (Role::Text, ""),
        UsageLevel::High => (Role::Warning, "! "),
        UsageLevel::Critical => (Role::Error, "!! "),
        UsageLevel::Reached => (Role::Limit, "FULL "),
    };
    // Units are spent elsewhere too: the ledger alone does not know how much of the limit it is.
    let percent = match usage.at {
        Some(_) => usage.percent().to_string(),
        None => "?".to_owned(),
    };
    let (slash, gap) = if is_roomy { (" / ", "  ") } else { ("/", " ") };
    RichLine::new()
        .with(role, mark)
        .with(role, &grouped(usage.used))
        .with(Role::Dim, slash)
        .with(Role::Text, &grouped(usage.limit))
        .with(role, &format!("{gap}{percent} % "))
}
