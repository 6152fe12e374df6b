//! The first line: the selector, the profile and the counter. Selector and counter always fit.

use ratatui::layout::Rect;

use crate::base::{DataCenter, Timestamp};
use crate::enrichment::usage::UsageLevel;
use crate::theme::Role;
use crate::tui::app::shared::{Demo, Shared};
use crate::tui::data::profile::{ProfileFigures, ProfileState, Server};
use crate::tui::ui::painter::{Painter, from_column};
use crate::tui::ui::text::{RichLine, grouped};

/// Columns of the screen from which the first line is roomy.
const ROOMY: u16 = 100;
/// Columns of the screen from which the program names itself in it: where it is narrower, the profile
/// needs the room.
const NAMED: u16 = 70;
/// What the program calls itself there.
const BRAND: &str = "ziadeck";
/// What a demo says all the time.
const DEMO: &str = "DEMO simulated";
/// Columns from which on it is said in words that the organisation is not known.
const ORGANISATION_ROOM: usize = 50;

pub(super) fn draw(shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
    p.ground(area, Role::Header);
    let is_roomy = area.width >= ROOMY;
    let left_width = selector(shared, p, area);
    let right = counter(shared, is_roomy);
    let right_width = right.columns().min(area.width);
    let gap = if is_roomy { 3 } else { 1 };
    let room = area
        .width
        .saturating_sub(left_width + right_width + 2 * gap);
    let middle_area = Rect::new(area.x + left_width + gap, area.y, room, 1);
    let middle = profile(shared, usize::from(room)).fitted(usize::from(room));
    p.line(middle_area, &middle);
    p.line(from_column(area, area.width - right_width), &right);
}

/// The name of the program and the data centres, each a place for the mouse; how many columns that
/// takes.
fn selector(shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) -> u16 {
    let is_roomy = area.width >= ROOMY;
    let (name, gap) = match area.width {
        ROOMY.. => (BRAND, "  "),
        NAMED.. => (BRAND, " "),
        _ => ("", ""),
    };
    let line = RichLine::of(Role::Brand, name);
    p.line(from_column(area, 1), &line);
    let mut column = u16::try_from(1 + name.len() + gap.len()).unwrap_or(0);
    let active = shared.profile().map(|profile| profile.data_center);
    for data_center in DataCenter::ALL {
        let state = shared.state_of(data_center);
        let role = match state {
            ProfileState::Ready => Role::Ok,
            ProfileState::TokenExpired => Role::Warning,
            ProfileState::NotSetUp => Role::Dim,
        };
        let is_active = active == Some(data_center);
        let space = if is_roomy { " " } else { "" };
        let code = format!("{space}{}{space}", data_center.code());
        let mark = format!("{}{space}", state.glyph());
        let (code_columns, mark_columns) = (columns(&code), columns(&mark));
        let gap = u16::from(!is_roomy);
        let whole = Rect {
            width: code_columns + mark_columns + gap,
            ..from_column(area, column)
        };
        let code_role = if is_active {
            Role::DataCenter
        } else {
            Role::Dim
        };
        p.put(whole, code_role, &code);
        let place = from_column(whole, code_columns);
        p.put(place, role, &mark);
        if is_active {
            let style = p.style(Role::DataCenter).patch(p.style(role));
            let place = Rect {
                width: mark_columns,
                ..place
            };
            p.buffer().set_style(place, style);
        }
        p.row(whole, "data centre", || data_center.code().to_owned());
        column += whole.width;
    }
    column
}

fn columns(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(u16::MAX)
}

/// What is left out first when there is no room: version, organisation, token, environment, which the
/// colour of the name tells too, a missing organisation.
fn profile(shared: &Shared, room: usize) -> RichLine {
    let Some(profile) = shared.profile() else {
        let text = match &shared.profiles {
            None => "reading profiles",
            Some(_) => "no profile yet",
        };
        return RichLine::of(Role::Dim, text);
    };
    let mut parts = parts(shared, profile, room);
    loop {
        let shown = parts.iter().map(|(_, role, text)| (*role, text.as_str()));
        let line = RichLine::joined(shown);
        if line.width() <= room || parts.len() <= 1 {
            return line;
        }
        let lowest = parts.iter().map(|(rank, ..)| *rank).max();
        parts.retain(|(rank, ..)| Some(*rank) != lowest);
    }
}

/// A part of the line, with its rank: the highest goes first.
type Part = (u8, Role, String);

fn parts(shared: &Shared, profile: &ProfileFigures, room: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    if profile.server == Server::Simulated {
        let word = match shared.settings.demo {
            Demo::Yes if room < DEMO.len() => "DEMO",
            Demo::Yes => DEMO,
            Demo::No => "simulated",
        };
        parts.push((0, Role::Simulated, word.to_owned()));
    }
    let role = profile.role();
    // The name stays at every size, and so does the colour that says where it sends to.
    parts.push((1, role, profile.name.to_string()));
    match &profile.organisation {
        Some(organisation) => parts.push((5, Role::Text, organisation.clone())),
        None if profile.state == ProfileState::NotSetUp => {}
        None if room < ORGANISATION_ROOM => parts.push((2, Role::Warning, "org ?".to_owned())),
        None => parts.push((2, Role::Warning, profile.organisation().to_owned())),
    }
    parts.push((3, role, profile.environment.to_string()));
    parts.push((6, Role::Dim, profile.api_version.to_string()));
    let (role, text) = token(profile, shared.now);
    parts.push((4, role, text));
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

fn counter(shared: &Shared, is_roomy: bool) -> RichLine {
    let Some(figures) = shared.usage() else {
        return RichLine::of(Role::Dim, "usage not known ");
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
    RichLine::of(role, mark)
        .with(role, &grouped(usage.used))
        .with(Role::Dim, slash)
        .with(Role::Text, &grouped(usage.limit))
        .with(role, &format!("{gap}{percent} % "))
}
