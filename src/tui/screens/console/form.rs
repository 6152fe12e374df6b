//! The form as cells: its fields, and below them what the server would answer and what it would cost.

use ratatui::layout::Rect;

use super::FORM;
use super::compose::Compose;
use crate::base::EnrichmentKind;
use crate::enrichment::doubt::{Doubt, doubts};
use crate::enrichment::usage::UsageLevel;
use crate::enrichment::validate::Configuration;
use crate::enrichment::verdict::Seen;
use crate::enrichment::{Draft, FieldRef, Severity, Violation, validate};
use crate::keymap::Context;
use crate::theme::Role;
use crate::tui::app::shared::Shared;
use crate::tui::data::profile::ProfileFigures;
use crate::tui::ui::painter::{Painter, from_column, inside, row, without_last};
use crate::tui::ui::text::{RichLine, at_most};

const LABEL_COLUMNS: u16 = 12;
/// Rows below the fields that say how things stand.
const STATUS_ROWS: usize = 4;
/// Columns from which the sign at a field has its word beside it.
const ROOMY_COLUMNS: u16 = 70;
/// What an empty form says.
const fn invitation(kind: EnrichmentKind) -> &'static str {
    match kind {
        EnrichmentKind::People => "Email, social page, or name and company; {send} sends.",
        EnrichmentKind::Org => "Name, email or website; {send} sends.",
    }
}

/// Fields of a record that are named.
const NAMED_MAX: usize = 4;

/// What is drawn, worked out once for a frame.
struct Drawn<'a> {
    compose: &'a Compose,
    shared: &'a Shared,
    draft: Draft,
    violations: Vec<Violation>,
    doubts: Vec<Doubt>,
    /// What the ledger has of it, as far as it was asked.
    seen: Option<&'a Seen>,
}

pub(super) fn draw(
    compose: &Compose,
    shared: &Shared,
    p: &mut Painter<'_, '_>,
    (area, has_focus): (Rect, bool),
) {
    let title = title(shared, usize::from(area.width.saturating_sub(2)));
    p.titles(area, &title, &RichLine::new());
    p.pane(area, FORM);
    let draft = compose.draft(shared);
    let drawn = Drawn {
        compose,
        shared,
        violations: validate(&draft, &compose.known),
        doubts: doubts(&draft),
        seen: compose.seen(shared),
        draft,
    };
    let inner = from_column(inside(area), 1);
    let places = compose.form.keys().len();
    let room = usize::from(inner.height);
    let step = if room >= places * 2 + STATUS_ROWS {
        2
    } else {
        1
    };
    // On a low screen the fields scroll with the focus.
    let shown = room.saturating_sub(usize::from(room > places)) / step;
    let mut used = 0;
    for (index, place) in compose.form.seen(shown).enumerate() {
        let has_focus = has_focus && p.has_keys() && compose.focus() == place;
        drawn.field(p, (place, row(inner, index * step)), has_focus);
        if step == 2 {
            drawn.below(p, (place, row(inner, index * step + 1)));
        }
        used = (index + 1) * step;
    }
    let used = u16::try_from(used).unwrap_or(inner.height);
    if used < inner.height {
        let (y, height) = (inner.y + used, inner.height - used);
        let rest = Rect { y, height, ..inner };
        p.lines(rest, &drawn.status(rest));
    }
}

/// What is asked for and where it goes; in a narrow pane the latter alone.
fn title(shared: &Shared, width: usize) -> RichLine {
    let kind = RichLine::of(Role::Title, &format!(" Compose · {} ", shared.kind));
    let Some(profile) = shared.profile() else {
        return kind;
    };
    let (role, text) = profile.destination();
    let text = format!("{text} ");
    let name = |first: RichLine| first.with(Role::Title, "· ").with(role, &text);
    let whole = name(kind);
    if whole.width() <= width {
        return whole;
    }
    name(RichLine::of(Role::Title, " Compose "))
}

fn sign(violation: &Violation) -> (Role, &'static str) {
    match violation.severity {
        Severity::Error => (Role::Error, "✗"),
        Severity::Warning => (Role::Warning, "!"),
    }
}

fn told(sign: &str, text: &str) -> RichLine {
    RichLine::of(Role::Warning, sign).with(Role::Text, text)
}

/// What a field is called, and what it says while it is empty.
fn words(place: FieldRef) -> (&'static str, &'static str) {
    match place {
        FieldRef::Module => ("Module", "(choose or type)"),
        FieldRef::RecordId => ("Record id", "(optional)"),
        FieldRef::Input(field) => (field.label(), ""),
        FieldRef::Inputs => ("", ""),
    }
}

impl Drawn<'_> {
    fn field(&self, p: &mut Painter<'_, '_>, (place, area): (FieldRef, Rect), has_focus: bool) {
        if area.is_empty() {
            return;
        }
        p.row(area, FORM, || place.as_str().to_owned());
        let (role, marked) = if has_focus {
            (Role::LabelFocus, "›")
        } else {
            (Role::Label, " ")
        };
        let (label, hint) = words(place);
        let width = area.width.min(LABEL_COLUMNS);
        p.text(Rect { width, ..area }, role, &format!("{marked}{label}"));
        let mark = match self.wrong(place) {
            Some((role, glyph, word)) if area.width >= ROOMY_COLUMNS => {
                RichLine::of(role, &format!("{glyph} {word}"))
            }
            Some((role, glyph, _)) => RichLine::of(role, glyph),
            None => RichLine::of(Role::Dim, " "),
        };
        let columns = mark.columns() + 1;
        let value = without_last(from_column(area, LABEL_COLUMNS), columns);
        let hint = (Role::Placeholder, hint);
        self.compose.form.draw(p, value, (place, has_focus), hint);
        p.line(from_column(area, area.width.saturating_sub(columns)), &mark);
    }

    /// The row below a field, where there is one: the code that the server would answer.
    fn below(&self, p: &mut Painter<'_, '_>, (place, area): (FieldRef, Rect)) {
        p.row(area, FORM, || place.as_str().to_owned());
        if let Some((role, _, word)) = self.wrong(place) {
            p.text(from_column(area, LABEL_COLUMNS), role, &word);
        }
    }

    /// The most serious violation at a place: the server's last word before the local checks.
    fn violation_at(&self, place: FieldRef) -> Option<&Violation> {
        let is_here = |violation: &&Violation| violation.place == place;
        let refused = self.compose.refused.as_ref().filter(is_here);
        let mut errors = self
            .violations
            .iter()
            .filter(|v| v.severity == Severity::Error);
        refused
            .or_else(|| errors.find(is_here))
            .or_else(|| self.violations.iter().find(is_here))
    }

    fn first_error(&self) -> Option<&Violation> {
        let mut all = self.violations.iter();
        all.find(|violation| violation.severity == Severity::Error)
    }

    /// What cannot be meant at a place.
    fn doubt_at(&self, place: FieldRef) -> Option<&Doubt> {
        self.doubts.iter().find(|doubt| doubt.place == place)
    }

    /// What is wrong at a place, or doubtful: its sign and its word.
    fn wrong(&self, place: FieldRef) -> Option<(Role, &'static str, String)> {
        if let Some(violation) = self.violation_at(place) {
            let (role, glyph) = sign(violation);
            return Some((role, glyph, violation.code.as_str().to_owned()));
        }
        let doubt = self.doubt_at(place)?;
        Some((Role::Warning, "?", doubt.word.as_str().replace('_', " ")))
    }

    /// How the form stands: what is wrong, or what the ledger has of it; and what sending would do.
    fn status(&self, area: Rect) -> Vec<RichLine> {
        let violation = self
            .violation_at(self.compose.focus())
            .or_else(|| self.violation_at(FieldRef::Inputs))
            .or_else(|| self.first_error())
            .or_else(|| self.violations.first());
        let width = usize::from(area.width.saturating_sub(1));
        let mut lines = if self.draft.is_empty() {
            // Nothing is wrong yet: an empty form is invited, not blamed.
            let text = self
                .shared
                .with_keys(&[Context::Form], invitation(self.shared.kind));
            RichLine::of(Role::Dim, &text).wrapped(width, 0)
        } else if let Some(violation) = violation {
            let (role, glyph) = sign(violation);
            let line = RichLine::of(role, &format!("{glyph} {}", violation.code));
            let line = line.with(Role::Text, &format!(" {}", violation.hint));
            line.wrapped(width, 2)
        } else {
            let heard = self.heard();
            heard
                .iter()
                .flat_map(|line| line.wrapped(width, 2))
                .collect()
        };
        // What a question would be about comes first: a low window shows it alone.
        if self.first_error().is_none() && self.compose.refused.is_none() {
            let at = if self.asks_first() { lines.len() } else { 0 };
            lines.splice(at..at, self.ready(width));
        }
        let room = usize::from(area.height);
        // A blank row between the fields and this, where there is one to spare.
        if lines.len() < room {
            lines.insert(0, RichLine::new());
        }
        at_most(lines, (room, width))
    }

    fn asks_first(&self) -> bool {
        !self.doubts.is_empty() || self.seen.is_some_and(|seen| !seen.matches.is_empty())
    }

    /// Whether it can be sent, what that spends, and where it goes.
    fn ready(&self, width: usize) -> Vec<RichLine> {
        let shared = self.shared;
        let is_read_only = shared.profile().is_some_and(|profile| profile.is_read_only);
        let level = shared.usage().map(|figures| figures.usage.level());
        let (role, word, is_held) = if is_read_only {
            (Role::Warning, "! read-only: nothing is sent", true)
        } else if shared.ledger_trouble.is_some() {
            (Role::Error, "! nothing is sent: see the ledger", true)
        } else if self.seen.is_some_and(Seen::is_forgotten) {
            (Role::Warning, "! forgotten: nothing is sent", true)
        } else if level == Some(UsageLevel::Reached) {
            (Role::Limit, "! at the limit", false)
        } else if self.asks_first() {
            (Role::Warning, "! asks first", false)
        } else {
            (Role::Ok, "✓ ready", false)
        };
        let mut lines = vec![RichLine::of(role, word)];
        if !is_held {
            let spends = format!("spends 1: {}", shared.before_and_after());
            let joined = RichLine::of(role, word).with(Role::Dim, " · ");
            let joined = joined.with(Role::Text, &spends);
            match joined.width() <= width {
                true => lines = vec![joined],
                false => lines.push(RichLine::of(Role::Text, &format!("  {spends}"))),
            }
        }
        let Some((role, text)) = shared.profile().map(ProfileFigures::destination) else {
            return lines;
        };
        if let [line] = lines.as_slice() {
            let joined = line.clone().with(Role::Dim, " · ").with(role, &text);
            if joined.width() <= width {
                return vec![joined];
            }
        }
        lines.push(RichLine::of(role, &format!("  {text}")));
        lines
    }

    /// What the ledger has of the draft, and what cannot be meant in it, before anybody sends it.
    fn heard(&self) -> Vec<RichLine> {
        let now = self.shared.now;
        let mut lines = Vec::new();
        if let Some(found) = self.seen.and_then(|seen| seen.matches.first()) {
            if found.is_forgotten() {
                return vec![told("! forgotten ", &found.sentence(now))];
            }
            let (name, state) = (found.name(), found.state());
            let (age, how) = (found.age_words(now), found.how());
            let text = format!("sent as {name}: {state}, {age} ({how})");
            lines.push(told("! already ", &text));
        }
        let doubt = self.doubt_at(self.compose.focus());
        let doubt = doubt.or_else(|| self.doubts.first());
        lines.extend(doubt.map(|doubt| told("? ", &doubt.hint)));
        let likeness = self.seen.and_then(|seen| seen.shared.first());
        lines.extend(likeness.map(|likeness| told("? ", &likeness.sentence())));
        lines.extend(self.fills());
        lines
    }

    /// Where what is found will go: into which fields of the record, and what stands there now.
    fn fills(&self) -> Option<RichLine> {
        let Some(Configuration::Active { fills, .. }) = &self.compose.known.configuration else {
            return None;
        };
        if fills.is_empty() {
            return None;
        }
        let named = |fields: &[&str]| {
            let first: Vec<&str> = fields.iter().copied().take(NAMED_MAX).collect();
            let first = first.join(", ");
            match fields.len().saturating_sub(NAMED_MAX) {
                0 => first,
                more => format!("{first} and {more} more"),
            }
        };
        let held = self.compose.held.as_deref().unwrap_or_default();
        let is_held = |field: &&str| held.iter().any(|held| held == field);
        let all = fills.iter().map(String::as_str);
        let (held, free): (Vec<&str>, Vec<&str>) = all.partition(is_held);
        let text = match (self.draft.record().is_empty(), &*free, &*held) {
            (true, ..) => format!("into no record; with a record id into {}", named(&free)),
            (false, _, []) => format!("into {}", named(&free)),
            (false, [], _) => format!(
                "all of it is there already ({}): kept or overwritten, as Zoho decides",
                named(&held)
            ),
            (false, ..) => format!(
                "fills {}; there already, kept or overwritten as Zoho decides: {}",
                named(&free),
                named(&held)
            ),
        };
        Some(RichLine::of(Role::Dim, &format!("→ Zia → {text}")))
    }
}
