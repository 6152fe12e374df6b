//! The form as cells: its fields, and below them what the server would answer and what it would cost.

use ratatui::layout::Rect;

use super::FORM;
use super::compose::Compose;
use crate::enrichment::usage::UsageLevel;
use crate::enrichment::validate::Configuration;
use crate::enrichment::verdict::Seen;
use crate::enrichment::{FieldRef, Severity, Violation};
use crate::keymap::Context;
use crate::theme::Role;
use crate::tui::app::shared::Shared;
use crate::tui::data::profile::ProfileFigures;
use crate::tui::ui::painter::{Painter, from_column, inside, row};
use crate::tui::ui::text::{RichLine, at_most};

const LABEL_COLUMNS: u16 = 12;
/// Rows below the fields that say how things stand.
const STATUS_ROWS: usize = 4;
/// Columns from which the sign at a field has its word beside it.
const ROOMY_COLUMNS: u16 = 70;
/// What an empty form says.
const INVITATION: &str = "Email, social page, or name and company; {send} sends.";
/// Fields of a record that are named.
const NAMED_MAX: usize = 4;

pub(super) fn draw(
    compose: &Compose,
    shared: &Shared,
    p: &mut Painter<'_, '_>,
    (area, has_focus): (Rect, bool),
) {
    let title = title(shared, usize::from(area.width.saturating_sub(2)));
    p.titles(area, &title, &RichLine::new());
    p.pane(area, FORM);
    let inner = from_column(inside(area), 1);
    let places = compose.form.keys();
    let room = usize::from(inner.height);
    let step = if room >= places.len() * 2 + STATUS_ROWS {
        2
    } else {
        1
    };
    // On a low screen the fields scroll with the focus.
    let shown = room.saturating_sub(usize::from(room > places.len())) / step;
    let at = places.iter().position(|place| *place == compose.focus());
    let first = (at.unwrap_or(0) + 1).saturating_sub(shown.max(1));
    let mut used = 0;
    for (index, place) in places.iter().skip(first).take(shown).enumerate() {
        let area = row(inner, index * step);
        let has_focus = has_focus && p.has_keys() && compose.focus() == *place;
        p.row(area, FORM, || place.as_str().to_owned());
        field(compose, p, (*place, area), has_focus);
        if step == 2 {
            let area = row(inner, index * step + 1);
            p.row(area, FORM, || place.as_str().to_owned());
            below(compose, p, (*place, area));
        }
        used = (index + 1) * step;
    }
    let used = u16::try_from(used).unwrap_or(inner.height);
    if used < inner.height {
        let rest = Rect::new(inner.x, inner.y + used, inner.width, inner.height - used);
        p.lines(rest, &status(compose, shared, rest));
    }
}

/// What is asked for and where it goes; in a narrow pane the latter alone.
fn title(shared: &Shared, width: usize) -> RichLine {
    let kind = RichLine::new().with(Role::Title, &format!(" Compose · {} ", shared.kind));
    let Some(profile) = shared.profile() else {
        return kind;
    };
    let (role, text) = profile.destination();
    let name = |first: RichLine| {
        first
            .with(Role::Title, "· ")
            .with(role, &format!("{text} "))
    };
    let whole = name(kind);
    if whole.width() <= width {
        return whole;
    }
    name(RichLine::new().with(Role::Title, " Compose "))
}

fn field(
    compose: &Compose,
    p: &mut Painter<'_, '_>,
    (place, area): (FieldRef, Rect),
    has_focus: bool,
) {
    if area.is_empty() {
        return;
    }
    let (role, marked) = if has_focus {
        (Role::LabelFocus, "›")
    } else {
        (Role::Label, " ")
    };
    let columns = area.width.min(LABEL_COLUMNS);
    let label_area = Rect::new(area.x, area.y, columns, 1);
    p.text(label_area, role, &format!("{marked}{}", label(place)));
    let mark = mark(compose, place, area.width >= ROOMY_COLUMNS);
    let mark_columns = u16::try_from(mark.width()).unwrap_or(0);
    let value_area = Rect::new(
        area.x + LABEL_COLUMNS,
        area.y,
        area.width.saturating_sub(LABEL_COLUMNS + mark_columns + 1),
        1,
    );
    let Some(text) = compose.form.field(place) else {
        return;
    };
    if has_focus {
        p.field(value_area, text);
    } else if text.is_empty() {
        p.text(value_area, Role::Placeholder, hint(place));
    } else {
        p.text(value_area, Role::Text, text.value());
    }
    let mark_area = from_column(area, area.width.saturating_sub(mark_columns + 1));
    p.line(mark_area, &mark);
}

/// What is wrong at a place, or doubtful: its sign and its word.
fn wrong(compose: &Compose, place: FieldRef) -> Option<(Role, &'static str, String)> {
    if let Some(violation) = compose.violation_at(place) {
        let (role, glyph) = sign(violation);
        return Some((role, glyph, violation.code.as_str().to_owned()));
    }
    let doubt = compose.doubt_at(place)?;
    Some((Role::Warning, "?", doubt.word.as_str().replace('_', " ")))
}

fn mark(compose: &Compose, place: FieldRef, is_roomy: bool) -> RichLine {
    let Some((role, glyph, word)) = wrong(compose, place) else {
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
fn below(compose: &Compose, p: &mut Painter<'_, '_>, (place, area): (FieldRef, Rect)) {
    if let Some((role, _, word)) = wrong(compose, place) {
        p.text(from_column(area, LABEL_COLUMNS), role, &word);
    }
}

/// How the form stands: what is wrong, or what the ledger has of it; and what sending would do.
fn status(compose: &Compose, shared: &Shared, area: Rect) -> Vec<RichLine> {
    let told = compose
        .violation_at(compose.focus())
        .or_else(|| compose.violation_at(FieldRef::Inputs))
        .or_else(|| compose.first_error())
        .or_else(|| compose.violations.first());
    let width = usize::from(area.width.saturating_sub(1));
    let mut lines = Vec::new();
    if compose.draft(shared).is_empty() {
        // Nothing is wrong yet: an empty form is invited, not blamed.
        let text = shared.with_keys(&[Context::Form], INVITATION);
        lines.extend(RichLine::new().with(Role::Dim, &text).wrapped(width, 0));
    } else if let Some(violation) = told {
        let (role, glyph) = sign(violation);
        let line = RichLine::new()
            .with(role, &format!("{glyph} {}", violation.code))
            .with(Role::Dim, " ")
            .with(Role::Text, &violation.hint);
        lines.extend(line.wrapped(width, 2));
    } else {
        let heard = heard(compose, shared);
        lines.extend(heard.iter().flat_map(|line| line.wrapped(width, 2)));
    }
    // What a question would be about comes first: a low window shows it alone.
    if compose.first_error().is_none() && compose.refused.is_none() {
        let at = if asks_first(compose, shared) {
            lines.len()
        } else {
            0
        };
        lines.splice(at..at, ready(compose, shared, width));
    }
    let room = usize::from(area.height);
    // A blank row between the fields and this, where there is one to spare.
    if lines.len() < room {
        lines.insert(0, RichLine::new());
    }
    at_most(lines, (room, width))
}

fn asks_first(compose: &Compose, shared: &Shared) -> bool {
    let seen = compose.seen(shared);
    !compose.doubts.is_empty() || seen.is_some_and(|seen| !seen.matches.is_empty())
}

/// Whether it can be sent, what that spends, and where it goes.
fn ready(compose: &Compose, shared: &Shared, width: usize) -> Vec<RichLine> {
    let is_forgotten = compose.seen(shared).is_some_and(Seen::is_forgotten);
    let is_read_only = shared.profile().is_some_and(|profile| profile.is_read_only);
    let level = shared.usage().map(|figures| figures.usage.level());
    let (role, word, is_held) = if is_read_only {
        (Role::Warning, "! read-only: nothing is sent", true)
    } else if shared.ledger_trouble.is_some() {
        (Role::Error, "! nothing is sent: see the ledger", true)
    } else if is_forgotten {
        (Role::Warning, "! forgotten: nothing is sent", true)
    } else if level == Some(UsageLevel::Reached) {
        (Role::Limit, "! at the limit", false)
    } else if asks_first(compose, shared) {
        (Role::Warning, "! asks first", false)
    } else {
        (Role::Ok, "✓ ready", false)
    };
    let mut line = RichLine::new().with(role, word);
    if !is_held {
        let spends = format!("spends 1: {}", shared.before_and_after());
        line = line.with(Role::Dim, " · ").with(Role::Text, &spends);
    }
    let Some((role, text)) = shared.profile().map(ProfileFigures::destination) else {
        return vec![line];
    };
    let joined = line.clone().with(Role::Dim, " · ").with(role, &text);
    if joined.width() <= width {
        return vec![joined];
    }
    vec![line, RichLine::new().with(role, &format!("  {text}"))]
}

/// What the ledger has of the draft, and what cannot be meant in it, before anybody sends it.
fn heard(compose: &Compose, shared: &Shared) -> Vec<RichLine> {
    let mut lines = Vec::new();
    let seen = compose.seen(shared);
    if let Some(found) = seen.and_then(|seen| seen.matches.first()) {
        if found.is_forgotten() {
            return vec![told("! forgotten ", &found.sentence(shared.now))];
        }
        let text = format!(
            "sent as {}: {}, {} ({})",
            found.name(),
            found.state(),
            found.age_words(shared.now),
            found.how()
        );
        lines.push(told("! already ", &text));
    }
    let doubt = compose
        .doubt_at(compose.focus())
        .or_else(|| compose.doubts.first());
    lines.extend(doubt.map(|doubt| told("? ", &doubt.hint)));
    let likeness = seen.and_then(|seen| seen.shared.first());
    lines.extend(likeness.map(|likeness| told("? ", &likeness.sentence())));
    lines.extend(fills(compose, shared));
    lines
}

/// Where what is found will go: into which fields of the record, and what stands there now.
fn fills(compose: &Compose, shared: &Shared) -> Option<RichLine> {
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
    let has_no_record = compose.draft(shared).record().is_empty();
    let text = match (has_no_record, free.is_empty(), held.is_empty()) {
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
    let line = RichLine::new().with(Role::Dim, "→ Zia → ");
    Some(line.with(Role::Dim, &text))
}

fn told(sign: &str, text: &str) -> RichLine {
    RichLine::new()
        .with(Role::Warning, sign)
        .with(Role::Text, text)
}

fn label(place: FieldRef) -> &'static str {
    match place {
        FieldRef::Module => "Module",
        FieldRef::RecordId => "Record id",
        FieldRef::Input(field) => field.label(),
        FieldRef::Inputs => "",
    }
}

fn hint(place: FieldRef) -> &'static str {
    match place {
        FieldRef::Module => "(choose or type)",
        FieldRef::RecordId => "(optional)",
        FieldRef::Input(_) | FieldRef::Inputs => "",
    }
}
