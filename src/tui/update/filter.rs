//! The filter popup.

use crate::base::Timestamp;
use crate::keymap::Command;
use crate::tui::data::attempt::{LogFilter, Whose};
use crate::tui::effects::Effect;
use crate::tui::layout;
use crate::tui::model::popup::{FilterForm, FilterRow, Popup};
use crate::tui::model::{Env, Model, Pane};
use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::log;

pub(super) fn open(model: &mut Model) {
    let form = FilterForm::of(&model.log.filter, model.shared.active.clone());
    model.pane = Pane::Log;
    super::refit(model);
    model.popups.push(Popup::Filter(form));
}

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let zone = model.shared.settings.zone.clone();
    let Some(Popup::Filter(form)) = model.popups.last_mut() else {
        return None;
    };
    let last = FilterForm::rows().len().saturating_sub(1);
    match command {
        Command::Down | Command::NextPart => {
            form.selected = if form.selected >= last {
                0
            } else {
                form.selected + 1
            };
        }
        Command::Up | Command::PreviousPart => {
            form.selected = form.selected.checked_sub(1).unwrap_or(last);
        }
        Command::PageDown | Command::Bottom => form.selected = last,
        Command::PageUp | Command::Top => form.selected = 0,
        Command::Accept => {
            return Some(match chosen(form, &model.log.filter, env.now, &zone) {
                Ok(filter) => {
                    model.popups.pop();
                    let effects = log::apply(model, filter, env);
                    let (count, rows) = (model.log.lines.len(), layout::log_rows(model));
                    model.log.view.settle(count, rows);
                    effects
                }
                Err(problem) => {
                    form.problem = Some(problem);
                    Vec::new()
                }
            });
        }
        command => {
            if !form.field_mut()?.on(command) {
                return None;
            }
            form.problem = None;
        }
    }
    Some(Vec::new())
}

/// A character: text where a text field has the focus, otherwise Space changes the row.
pub(super) fn typed(form: &mut FilterForm, c: char) -> bool {
    if let Some(field) = form.field_mut() {
        field.insert(c);
        form.problem = None;
        return true;
    }
    if c != ' ' {
        return false;
    }
    match form.row() {
        FilterRow::Profile => {
            form.profile = match form.profile {
                Some(_) => None,
                None => form.active.clone(),
            };
        }
        FilterRow::Whose => {
            form.whose = match form.whose {
                Whose::All => Whose::Mine,
                Whose::Mine => Whose::All,
            };
        }
        FilterRow::Outcome(outcome) => {
            if form.outcomes.contains(&outcome) {
                form.outcomes.retain(|known| *known != outcome);
            } else {
                form.outcomes.push(outcome);
            }
        }
        FilterRow::Code | FilterRow::Since => {}
    }
    true
}

fn chosen(
    form: &FilterForm,
    before: &LogFilter,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<LogFilter, String> {
    let code = form.code.value().trim().to_uppercase();
    Ok(LogFilter {
        profile: form.profile.clone(),
        outcomes: form.outcomes.clone(),
        code: (!code.is_empty()).then_some(code),
        since: since(form.since.value().trim(), now, zone)?,
        whose: form.whose,
        search: before.search.clone(),
        up_to: before.up_to,
    })
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
