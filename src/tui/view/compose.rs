//! The form.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use crate::enrichment::usage::UsageLevel;
use crate::enrichment::validate::Configuration;
use crate::enrichment::verdict::Seen;
use crate::enrichment::{Place, Severity, Violation};
use crate::theme::{Role, Theme};
use crate::tui::data::profile::ProfileFigures;
use crate::tui::layout::{FormRows, form_rows};
use crate::tui::model::compose::Compose;
use crate::tui::model::{Model, Pane};
use crate::tui::ui::frame::titles;
use crate::tui::ui::text::{RichLine, at_most};
use crate::tui::update::before_and_after;

const LABEL_COLUMNS: u16 = 12;
/// What an empty form says.
const INVITATION: &str = "Email, social page, or name and company; F5 sends.";

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let title = title(model, theme, usize::from(area.width.saturating_sub(2)));
    titles(frame, area, title, Line::default());
    let places = model.compose.places();
    let FormRows {
        area: inner,
        first,
        shown,
        step,
    } = form_rows(model, area);
    let mut used = 0;
    for (index, place) in places.iter().enumerate().skip(first).take(shown) {
        let row = (index - first) * step;
        field(model, theme, frame, (*place, paint::row(inner, row)));
        if step == 2 {
            below(model, theme, frame, (*place, paint::row(inner, row + 1)));
        }
        used = row + step;
    }
    let used = u16::try_from(used).unwrap_or(inner.height);
    if used < inner.height {
        let rest = Rect::new(inner.x, inner.y + used, inner.width, inner.height - used);
        status(model, theme, frame, rest);
    }
}

/// What is asked for and where it goes; in a narrow pane the latter alone.
fn title(model: &Model, theme: &Theme, width: usize) -> Line<'static> {
    let styled = |role: Role, text: String| Span::styled(text, theme.style(role));
    let kind = styled(Role::Title, format!(" Compose · {} ", model.shared.kind()));
    let Some(profile) = model.shared.profile() else {
        return Line::from(kind);
    };
    let (role, text) = profile.destination();
    let name = |first: Span<'static>| {
        let between = styled(Role::Title, "· ".to_owned());
        Line::from(vec![first, between, styled(role, format!("{text} "))])
    };
    let whole = name(kind);
    if whole.width() <= width {
        return whole;
    }
    name(styled(Role::Title, " Compose ".to_owned()))
}

fn field(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (Place, Rect)) {
    let (place, area) = what;
    if area.is_empty() {
        return;
    }
    let has_focus =
        model.pane == Pane::Compose && model.compose.focus == place && model.popups.is_empty();
    let role = if has_focus {
        Role::LabelFocus
    } else {
        Role::Label
    };
    let label_area = Rect::new(area.x, area.y, area.width.min(LABEL_COLUMNS), 1);
    let marked = if has_focus { "›" } else { " " };
    paint::text(
        theme,
        frame,
        label_area,
        (role, &format!("{marked}{}", label(place))),
    );
    let mark = mark(model, place, usize::from(area.width) >= 70);
    let mark_columns = u16::try_from(mark.width()).unwrap_or(0);
    let value_area = Rect::new(
        area.x + LABEL_COLUMNS,
        area.y,
        area.width.saturating_sub(LABEL_COLUMNS + mark_columns + 1),
        1,
    );
    let Some(text) = model.compose.field(place) else {
        return;
    };
    if has_focus {
        paint::field(theme, frame, value_area, text);
    } else if text.is_empty() {
        paint::text(theme, frame, value_area, (Role::Placeholder, hint(place)));
    } else {
        paint::text(theme, frame, value_area, (Role::Text, text.value()));
    }
    let mark_area = paint::from_column(area, area.width.saturating_sub(mark_columns + 1));
    frame.render_widget(paint::line(theme, &mark), mark_area);
}

/// What is wrong at a place, or doubtful: its sign and its word.
fn wrong(model: &Model, place: Place) -> Option<(Role, &'static str, String)> {
    if let Some(violation) = model.compose.violation_at(place) {
        let (role, glyph) = sign(violation);
        return Some((role, glyph, violation.code.as_str().to_owned()));
    }
    let doubt = model.compose.doubt_at(place)?;
    Some((Role::Warning, "?", doubt.word.as_str().replace('_', " ")))
}

fn mark(model: &Model, place: Place, is_roomy: bool) -> RichLine {
    let Some((role, glyph, word)) = wrong(model, place) else {
        return RichLine::new().with(Role::Dim, " ");
    };
    let line = RichLine::new().with(role, glyph);
    if is_roomy {
        line.with(role, " ").with(role, &word)
    } else {
        line
    }
}

fn sign(violation: &Violation) -> (Role, &'static str) {
    match violation.severity {
        Severity::Error => (Role::Error, "✗"),
        Severity::Warning => (Role::Warning, "!"),
    }
}

/// The row below a field, where there is one: the code that the server would answer.
fn below(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (Place, Rect)) {
    let (place, area) = what;
    let Some((role, _, word)) = wrong(model, place) else {
        return;
    };
    let area = paint::from_column(area, LABEL_COLUMNS);
    paint::text(theme, frame, area, (role, &word));
}

fn status(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let compose = &model.compose;
    let told = compose
        .violation_at(compose.focus)
        .or_else(|| compose.violation_at(Place::Inputs))
        .or_else(|| compose.first_error())
        .or_else(|| compose.violations.first());
    let width = usize::from(area.width.saturating_sub(1));
    let is_ready = compose.first_error().is_none() && compose.refused.is_none();
    let is_reached = model
        .shared
        .usage
        .as_ref()
        .is_some_and(|figures| figures.usage.level() == UsageLevel::Reached);
    let heard = heard(model);
    let is_known = |seen: &Seen| !seen.matches.is_empty();
    let asks_first = !compose.doubts.is_empty()
        || compose
            .seen_by(model.shared.active.as_ref())
            .is_some_and(is_known);
    let is_forgotten = compose
        .seen_by(model.shared.active.as_ref())
        .is_some_and(Seen::is_forgotten);
    let is_read_only = model
        .shared
        .profile()
        .is_some_and(|profile| profile.is_read_only);
    let (role, word) = if is_read_only {
        (Role::Warning, "! read-only: nothing is sent")
    } else if model.shared.ledger_trouble.is_some() {
        (Role::Error, "! nothing is sent: see the ledger")
    } else if is_forgotten {
        (Role::Warning, "! forgotten: nothing is sent")
    } else if is_reached {
        (Role::Limit, "! at the limit")
    } else if asks_first {
        (Role::Warning, "! asks first")
    } else {
        (Role::Ok, "✓ ready")
    };
    let mut ready = vec![RichLine::new().with(role, word)];
    if !is_read_only && !is_forgotten && model.shared.ledger_trouble.is_none() {
        let spends = format!("spends 1: {}", before_and_after(model));
        ready[0] = ready[0]
            .clone()
            .with(Role::Dim, " · ")
            .with(Role::Text, &spends);
    }
    if let Some((role, text)) = model.shared.profile().map(ProfileFigures::destination) {
        let joined = ready[0].clone().with(Role::Dim, " · ").with(role, &text);
        if joined.width() <= width {
            ready[0] = joined;
        } else {
            ready.push(RichLine::new().with(role, &format!("  {text}")));
        }
    }
    let mut lines = Vec::new();
    if model.compose.draft().is_empty() {
        // Nothing is wrong yet: an empty form is invited, not blamed.
        let hint = RichLine::new().with(Role::Dim, INVITATION);
        lines.extend(hint.wrapped(width, 0));
    } else if let Some(violation) = told {
        let (role, glyph) = sign(violation);
        let line = RichLine::new()
            .with(role, &format!("{glyph} {}", violation.code))
            .with(Role::Dim, " ")
            .with(Role::Text, &violation.hint);
        lines.extend(line.wrapped(width, 2));
    } else {
        lines.extend(heard.iter().flat_map(|line| line.wrapped(width, 2)));
    }
    // What a question would be about comes first: a low window shows it alone.
    if is_ready {
        let at = if asks_first { lines.len() } else { 0 };
        lines.splice(at..at, ready);
    }
    let room = usize::from(area.height);
    // A blank row between the fields and this, where there is one to spare.
    if lines.len() < room {
        lines.insert(0, RichLine::new());
    }
    let lines = at_most(lines, (room, width));
    paint::lines(theme, frame, area, &lines);
}

/// What the ledger has of the draft, and what cannot be meant in it, before anybody sends it.
fn heard(model: &Model) -> Vec<RichLine> {
    let compose = &model.compose;
    let mut lines = Vec::new();
    let seen = compose.seen_by(model.shared.active.as_ref());
    if let Some(found) = seen.and_then(|seen| seen.matches.first()) {
        if found.is_forgotten() {
            lines.push(told("! forgotten ", &found.sentence(model.shared.now)));
            return lines;
        }
        let text = format!(
            "sent as {}: {}, {} ({})",
            found.name(),
            found.state(),
            found.age_words(model.shared.now),
            found.how()
        );
        lines.push(told("! already ", &text));
    }
    let doubt = compose
        .doubt_at(compose.focus)
        .or_else(|| compose.doubts.first());
    lines.extend(doubt.map(|doubt| told("? ", &doubt.hint)));
    let shared = seen.and_then(|seen| seen.shared.first());
    lines.extend(shared.map(|shared| told("? ", &shared.sentence())));
    lines.extend(fills(compose));
    lines
}

/// Fields that are named.
const NAMED_MAX: usize = 4;

/// Where what is found will go: into which fields of the record, and what stands there now.
fn fills(compose: &Compose) -> Option<RichLine> {
    let Some(Configuration::Active { fills, .. }) = &compose.known.configuration else {
        return None;
    };
    if fills.is_empty() {
        return None;
    }
    let named = |fields: &[&String]| {
        let first = fields.iter().take(NAMED_MAX).map(|field| field.as_str());
        let first = first.collect::<Vec<_>>().join(", ");
        match fields.len().saturating_sub(NAMED_MAX) {
            0 => first,
            more => format!("{first} and {more} more"),
        }
    };
    let all: Vec<&String> = fills.iter().collect();
    let (held, free): (Vec<&String>, Vec<&String>) = match &compose.held {
        Some(held) => all.into_iter().partition(|field| held.contains(field)),
        None => (Vec::new(), all),
    };
    let text = match (
        compose.draft().record().is_empty(),
        free.is_empty(),
        held.is_empty(),
    ) {
        (true, ..) => format!("into no record; with a record id into {}", named(&free)),
        (false, _, true) => format!("into {}", named(&free)),
        (false, true, false) => format!(
            "all of it is there already ({}): kept or overwritten, as Zoho decides",
            named(&held)
        ),
        (false, false, false) => format!(
            "fills {}; there already, kept or overwritten as Zoho decides: {}",
            named(&free),
            named(&held)
        ),
    };
    Some(
        RichLine::new()
            .with(Role::Dim, "→ Zia → ")
            .with(Role::Dim, &text),
    )
}

fn told(sign: &str, text: &str) -> RichLine {
    RichLine::new()
        .with(Role::Warning, sign)
        .with(Role::Text, text)
}

fn label(place: Place) -> &'static str {
    match place {
        Place::Module => "Module",
        Place::RecordId => "Record id",
        Place::Input(field) => field.label(),
        Place::Inputs => "",
    }
}

fn hint(place: Place) -> &'static str {
    match place {
        Place::Module => "(choose or type)",
        Place::RecordId => "(optional)",
        Place::Input(_) | Place::Inputs => "",
    }
}
