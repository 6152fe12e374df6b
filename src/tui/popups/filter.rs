//! What the log shows.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use crate::base::{Age, Outcome, ProfileName, Timestamp};
use crate::keymap::{Command, Context};
use crate::ledger::{LogQuery, PageCursor};
use crate::theme::Role;
use crate::tui::app::cx::{About, Cx, Handled, Intent, Out, Screen};
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::form::{Form, Kind};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Focus, Painter, from_column, inside, row, stacked};
use crate::tui::ui::text::fitted;

/// A row of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Profile,
    Whose,
    Since,
    Code,
    /// Each outcome is a row of its own.
    Outcome(Outcome),
}

impl Field {
    /// Its label, and what stands in an empty text field.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Profile => ("Profile", ""),
            Self::Whose => ("Whose", ""),
            Self::Since => ("Since", "any time"),
            Self::Code => ("Code", "any code"),
            Self::Outcome(outcome) if Outcome::ALL.first() == Some(&outcome) => ("Outcomes", ""),
            Self::Outcome(_) => ("", ""),
        }
    }
}

/// The filter while it is chosen.
pub struct FilterPopup {
    form: Form<Field>,
    /// The profiles of the first row's words: all, and the one that is named.
    profile: Option<ProfileName>,
    /// What the log shows now.
    before: LogQuery,
    /// What is wrong with what was typed.
    problem: Option<String>,
}

/// The rows.
const LIST: &str = "filter";
const ALL_PROFILES: &str = "all profiles";

impl FilterPopup {
    pub fn new(filter: &LogQuery, shared: &Shared) -> Self {
        let named = filter.profiles.first().or(shared.active.as_ref());
        let names = named.map(ToString::to_string);
        let profiles = std::iter::once(ALL_PROFILES.to_owned()).chain(names);
        let is_named = usize::from(!filter.profiles.is_empty());
        let is_mine = usize::from(filter.operator.is_some());
        let text = |text: Option<String>| Kind::Text(TextField::of(&text.unwrap_or_default()));
        let outcome = |outcome: Outcome| {
            let words = ["[ ]", "[x]"].map(|mark| format!("{mark} {outcome}"));
            let is_chosen = usize::from(filter.outcomes.contains(&outcome));
            (Field::Outcome(outcome), Kind::choice(words, is_chosen))
        };
        let mut rows = vec![
            (Field::Profile, Kind::choice(profiles, is_named)),
            (Field::Whose, Kind::choice(["everybody's", "mine"], is_mine)),
            (Field::Since, text(filter.since.map(|at| at.to_string()))),
            (Field::Code, text(filter.code.clone())),
        ];
        rows.extend(Outcome::ALL.map(outcome));
        Self {
            form: Form::new(rows),
            profile: named.cloned(),
            before: filter.clone(),
            problem: None,
        }
    }

    fn chosen(&self, shared: &Shared, now: Timestamp) -> Result<LogQuery, String> {
        let form = &self.form;
        let code = form.text(Field::Code).trim().to_uppercase();
        let outcomes = Outcome::ALL.iter().copied();
        let is_mine = form.choice(Field::Whose) > 0;
        let profile = self.profile.iter();
        let profile = profile.filter(|_| form.choice(Field::Profile) > 0);
        Ok(LogQuery {
            profiles: profile.cloned().collect(),
            outcomes: outcomes
                .filter(|it| form.choice(Field::Outcome(*it)) > 0)
                .collect(),
            code: (!code.is_empty()).then_some(code),
            since: since(form.text(Field::Since).trim(), now, &shared.settings.zone)?,
            operator: is_mine.then(|| shared.settings.operator.clone()),
            search: self.before.search.clone(),
            until: self.before.until,
            kind: self.before.kind,
            run: self.before.run,
            place: self.before.place,
            rows: self.before.rows,
        })
    }
}

impl Screen for FilterPopup {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(None, self.form.focused().is_some())
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if command == Command::Accept {
            match self.chosen(cx.shared, cx.env.now) {
                Ok(filter) => {
                    cx.close();
                    cx.out.push(Out::Deliver(Intent::Filter(Box::new(filter))));
                }
                Err(problem) => self.problem = Some(problem),
            }
            return Handled::Yes;
        }
        Handled::when(self.form.on(command, true).is_some())
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        self.form.focused_mut()
    }

    fn text_changed(&mut self, _cx: &mut Cx<'_>) {
        self.problem = None;
    }

    fn typed(&mut self, c: char, _cx: &mut Cx<'_>) -> Handled {
        self.problem = None;
        Handled::when(self.form.typed(c))
    }

    fn hit(&mut self, spot: &Spot, _cx: &mut Cx<'_>) {
        if let Spot::Row(LIST, name) = spot {
            self.form.press(name);
        }
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let area = from_column(inside(area), 1);
        p.pane(area, LIST);
        let [rows, last] = stacked(area, [area.height.saturating_sub(1), 1]);
        let seen = self.form.seen(usize::from(rows.height));
        for (index, key) in seen.enumerate() {
            let place = row(rows, index);
            let has_focus = self.form.has_focus(key);
            if has_focus {
                p.selection(place, Focus::Here);
            }
            let mark = if has_focus { "›" } else { " " };
            let (label, hint) = key.words();
            p.text(place, Role::Text, &format!("{mark} {label:<10}"));
            let value = from_column(place, 13);
            let hint = (Role::Text, hint);
            self.form.draw(p, value, (key, has_focus), hint);
            p.row(place, LIST, || format!("{key:?}"));
        }
        if let Some(problem) = &self.problem {
            return p.text(last, Role::Error, problem);
        }
        let text = "Space changes · {accept} applies · {back} leaves";
        let text = shared.with_keys(&self.contexts(shared), text);
        p.text(last, Role::Dim, &text);
    }

    fn about(&self) -> About {
        (
            "Filter the log",
            "Space changes the selected row. Since takes 30m, 2h, 3d or a date; no outcome chosen \
             means all of them. {accept} applies, {back} leaves the log as it is.",
        )
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (52, 20)
    }
}

/// What narrows the log, part by part. Taken apart without `..`: a filter that is not named here
/// would hide rows unseen.
pub fn narrowed(filter: &LogQuery) -> Vec<String> {
    let LogQuery {
        profiles: _,
        outcomes,
        code,
        since,
        // Not chosen in the console.
        until: _,
        kind: _,
        run: _,
        operator,
        search,
        place,
        rows: _,
    } = filter;
    let mut parts: Vec<String> = Vec::new();
    let search = search.iter();
    parts.extend(search.map(|search| format!("/{}", fitted(search, 24))));
    parts.extend(outcomes.iter().map(ToString::to_string));
    parts.extend(code.iter().map(|code| fitted(code, 24)));
    parts.extend(since.iter().map(|_| "since".to_owned()));
    if let PageCursor::OlderThan(above) = place {
        parts.push(format!("up to attempt {}", above.0.saturating_sub(1)));
    }
    parts.extend(operator.iter().map(|_| "mine".to_owned()));
    parts
}

/// `2h`, `30m`, `3d`, `2026-11-01` or a full time.
fn since(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Option<Timestamp>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let midnight = || {
        let day = text.parse::<jiff::civil::Date>().ok()?;
        let midnight = day.to_zoned_datetime(zone.clone()).ok()?;
        Some(midnight.timestamp())
    };
    let back = || {
        let Age(back) = text.replace(' ', "").parse().ok()?;
        now.checked_sub(back).ok()
    };
    let at = text.parse().ok().or_else(midnight).or_else(back);
    at.map(Some).ok_or_else(|| {
        format!("{text:?} is not a time; write for example 30m, 2h, 3d or 2026-11-01")
    })
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
