//! What the log shows.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use crate::base::{Outcome, ProfileName, Timestamp};
use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Cx, Handled, Intent, Out, Screen};
use crate::tui::app::shared::Shared;
use crate::tui::data::attempt::{LogFilter, Whose};
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::form::{Form, Formed, Kind};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Focus, Painter, from_column, inside, row};

macro_rules! fields {
    ($($name:ident $label:literal;)*) => {
        /// A row of the filter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Field {
            $($name,)*
            /// Each outcome is a row of its own.
            Outcome(Outcome),
        }

        impl Field {
            /// All rows, from top to bottom.
            fn all() -> impl Iterator<Item = Self> {
                let outcomes = Outcome::ALL.iter().copied().map(Self::Outcome);
                [$(Self::$name,)*].into_iter().chain(outcomes)
            }

            fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                    Self::Outcome(outcome) if Outcome::ALL.first() == Some(&outcome) => "Outcomes",
                    Self::Outcome(_) => "",
                }
            }
        }
    };
}

fields! {
    Profile "Profile";
    Whose "Whose";
    Since "Since";
    Code "Code";
}

impl Field {
    /// What stands in an empty text field.
    fn any(self) -> &'static str {
        match self {
            Self::Since => "any time",
            Self::Code => "any code",
            Self::Profile | Self::Whose | Self::Outcome(_) => "",
        }
    }
}

/// The filter while it is chosen.
pub struct FilterPopup {
    form: Form<Field>,
    /// The profiles of the first row's words: all, and the one that is named.
    profile: Option<ProfileName>,
    /// What the log shows now.
    before: LogFilter,
    /// What is wrong with what was typed.
    problem: Option<String>,
}

/// The rows.
const LIST: &str = "filter";
const ALL_PROFILES: &str = "all profiles";

impl FilterPopup {
    pub fn new(filter: &LogFilter, shared: &Shared) -> Self {
        let named = filter.profile.clone().or_else(|| shared.active.clone());
        let profiles = || {
            let names = named.iter().map(ToString::to_string);
            std::iter::once(ALL_PROFILES.to_owned()).chain(names)
        };
        let kind = |field: Field| match field {
            Field::Profile => Kind::Choice {
                words: profiles().collect(),
                at: usize::from(filter.profile.is_some()),
            },
            Field::Whose => Kind::Choice {
                words: vec!["everybody's".to_owned(), "mine".to_owned()],
                at: usize::from(filter.whose == Whose::Mine),
            },
            Field::Since => {
                let since = filter.since.map(|since| since.to_string());
                Kind::Text(TextField::of(since.as_deref().unwrap_or("")))
            }
            Field::Code => Kind::Text(TextField::of(filter.code.as_deref().unwrap_or(""))),
            Field::Outcome(outcome) => Kind::Toggle(filter.outcomes.contains(&outcome)),
        };
        Self {
            form: Form::new(Field::all().map(|field| (field, kind(field))).collect()),
            profile: named.clone(),
            before: filter.clone(),
            problem: None,
        }
    }

    fn chosen(&self, now: Timestamp, zone: &TimeZone) -> Result<LogFilter, String> {
        let form = &self.form;
        let code = form.text(Field::Code).trim().to_uppercase();
        let outcomes = Outcome::ALL.iter().copied();
        Ok(LogFilter {
            profile: self
                .profile
                .clone()
                .filter(|_| form.choice(Field::Profile) > 0),
            outcomes: outcomes
                .filter(|it| form.is_on(Field::Outcome(*it)))
                .collect(),
            code: (!code.is_empty()).then_some(code),
            since: since(form.text(Field::Since).trim(), now, zone)?,
            whose: match form.choice(Field::Whose) {
                0 => Whose::All,
                _ => Whose::Mine,
            },
            search: self.before.search.clone(),
            up_to: self.before.up_to,
        })
    }

    fn first_seen(&self, room: usize) -> usize {
        let keys = self.form.keys();
        let at = keys.iter().position(|key| self.form.has_focus(*key));
        (at.unwrap_or(0) + 1).saturating_sub(room)
    }
}

impl Screen for FilterPopup {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(None, self.form.focused().is_some())
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if command == Command::Accept {
            match self.chosen(cx.env.now, &cx.shared.settings.zone) {
                Ok(filter) => {
                    cx.close();
                    cx.out.push(Out::Deliver(Intent::Filter(Box::new(filter))));
                }
                Err(problem) => self.problem = Some(problem),
            }
            return Handled::Yes;
        }
        Handled::when(self.form.on(command, true) != Formed::No)
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        self.form.focused_mut()
    }

    fn text_changed(&mut self, _cx: &mut Cx<'_>) {
        self.problem = None;
    }

    fn typed(&mut self, c: char, _cx: &mut Cx<'_>) -> Handled {
        self.problem = None;
        match self.form.focused_mut() {
            Some(field) => {
                field.insert(c);
                Handled::Yes
            }
            None => Handled::when(self.form.typed(c) != Formed::No),
        }
    }

    fn hit(&mut self, spot: &Spot, _cx: &mut Cx<'_>) {
        let Spot::Row(LIST, name) = spot else { return };
        let mut keys = self.form.keys().into_iter();
        if let Some(key) = keys.find(|key| format!("{key:?}") == *name) {
            self.form.go_to(key);
            self.form.turn(key, 1);
        }
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let area = from_column(inside(area), 1);
        p.pane(area, LIST);
        let room = usize::from(area.height.saturating_sub(1)).max(1);
        let keys = self.form.keys();
        let first = self.first_seen(room);
        for (index, key) in keys.into_iter().enumerate().skip(first).take(room) {
            let place = row(area, index - first);
            let has_focus = self.form.has_focus(key);
            if has_focus {
                p.selection(place, Focus::Here);
            }
            let mark = if has_focus { "›" } else { " " };
            p.text(place, Role::Text, &format!("{mark} {:<10}", key.label()));
            let value = from_column(place, 13);
            match self.form.field(key) {
                Some(field) if has_focus => p.field(value, field),
                Some(field) if field.is_empty() => p.text(value, Role::Text, key.any()),
                Some(field) => p.text(value, Role::Text, field.value()),
                None => p.text(value, Role::Text, &self.shown(key)),
            }
            p.row(place, LIST, || format!("{key:?}"));
        }
        let last = row(area, usize::from(area.height.saturating_sub(1)));
        match &self.problem {
            Some(problem) => p.text(last, Role::Error, problem),
            None => {
                let text = "Space changes · {accept} applies · {back} leaves";
                let text = shared.with_keys(&self.contexts(shared), text);
                p.text(last, Role::Dim, &text);
            }
        }
    }

    fn about(&self) -> About {
        (
            "Filter the log",
            "Space changes the selected row. Since takes 30m, 2h, 3d or a date; no outcome chosen \
             means all of them. {accept} applies, {back} leaves the log as it is.",
        )
    }

    fn title(&self, _shared: &Shared) -> String {
        "Filter the log".to_owned()
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (52, 20)
    }
}

impl FilterPopup {
    fn shown(&self, key: Field) -> String {
        match key {
            Field::Outcome(outcome) => {
                let mark = if self.form.is_on(key) { "[x]" } else { "[ ]" };
                format!("{mark} {outcome}")
            }
            Field::Profile | Field::Whose | Field::Since | Field::Code => {
                self.form.word(key).to_owned()
            }
        }
    }
}

/// `2h`, `30m`, `3d`, `2026-11-01` or a full time.
fn since(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Option<Timestamp>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || format!("{text:?} is not a time; write for example 30m, 2h, 3d or 2026-11-01");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at));
    }
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let midnight = day.to_zoned_datetime(zone.clone()).map_err(|_| wrong())?;
        return Ok(Some(midnight.timestamp()));
    }
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text
        .trim_end_matches(unit)
        .trim()
        .parse()
        .map_err(|_| wrong())?;
    let back = match unit {
        'm' => number.checked_mul(60),
        'h' => number.checked_mul(3_600),
        'd' => number.checked_mul(86_400),
        _ => None,
    };
    let span = back
        .filter(|seconds| (0..=315_360_000).contains(seconds))
        .ok_or_else(wrong)?;
    now.checked_sub(span.seconds())
        .map(Some)
        .map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", None)]
    #[case("2h", Some("2026-11-24T13:00:00Z"))]
    #[case("30m", Some("2026-11-24T14:30:00Z"))]
    #[case("3d", Some("2026-11-21T15:00:00Z"))]
    #[case("2026-11-01", Some("2026-11-01T00:00:00Z"))]
    #[case("2026-11-24T14:59:00Z", Some("2026-11-24T14:59:00Z"))]
    fn a_time_is_written_shortly(#[case] text: &str, #[case] expected: Option<&str>) {
        let now = "2026-11-24T15:00:00Z".parse().unwrap();

        let found = since(text, now, &TimeZone::UTC).unwrap();

        assert_eq!(found, expected.map(|at| at.parse().unwrap()));
    }

    #[rstest]
    #[case("yesterday")]
    #[case("-2h")]
    #[case("99999999999d")]
    fn another_word_is_explained(#[case] text: &str) {
        let now = "2026-11-24T15:00:00Z".parse().unwrap();

        assert!(since(text, now, &TimeZone::UTC).unwrap_err().contains("2h"));
    }
}
