//! The text of the Usage screen: gauge, plots, shares. Pure.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::panes::{Panes, Span};
use crate::base::{Outcome, Timestamp};
use crate::enrichment::usage::{LimitSource, UsageLevel, UsageSource};
use crate::theme::Role;
use crate::tui::data::usage::UsageSheet;
use crate::tui::ui::bars::gauge;
use crate::tui::ui::painter::inside;
use crate::tui::ui::plot::{bars, curve, row_of, values_per_bar};
use crate::tui::ui::text::{RichLine, age, grouped, padded};

/// Rows of a plot where everything stands in one pane.
const PLOT_ROWS: usize = 7;
/// Columns for the numbers left of a plot.
const AXIS_COLUMNS: usize = 6;
/// Columns for a name, and for a number with its share.
const NAME_COLUMNS: usize = 20;
const COUNT_COLUMNS: usize = 15;

/// The laid-out panes; on a small screen everything stands in `head`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Text {
    /// The gauge, the limit, the pace.
    pub head: Vec<RichLine>,
    /// Units of each day.
    pub days: Vec<RichLine>,
    /// Units so far.
    pub burn: Vec<RichLine>,
    /// Shares of the outcomes.
    pub outcomes: Vec<RichLine>,
    /// Who spent what.
    pub who: Vec<RichLine>,
}

/// All panes for their places.
pub(super) fn text(sheet: &UsageSheet, panes: &Panes, what: (Span, Timestamp)) -> Text {
    let (span, now) = what;
    let size = |area| {
        let inner = inside(area);
        (
            usize::from(inner.width.saturating_sub(2)),
            usize::from(inner.height),
        )
    };
    match *panes {
        Panes::Five {
            head: head_area,
            days: days_area,
            burn: burn_area,
            outcomes: outcomes_area,
            who: who_area,
        } => Text {
            head: head(sheet, size(head_area).0, now),
            days: days(sheet, size(days_area), span),
            burn: burn(sheet, size(burn_area), span),
            outcomes: outcomes(sheet, size(outcomes_area).0, span),
            who: who(sheet, size(who_area).0),
        },
        Panes::One(area) => {
            let (width, _) = size(area);
            let mut lines: Vec<RichLine> = head(sheet, width, now)
                .iter()
                .flat_map(|line| line.wrapped(width, 2))
                .collect();
            let plot = (width, PLOT_ROWS);
            let days_title = format!("Units per day · {} days, UTC", span.days());
            let outcomes_title = format!("Outcomes · {} days", span.days());
            for (title, part) in [
                (days_title.as_str(), days(sheet, plot, span)),
                ("Used so far", burn(sheet, plot, span)),
                (outcomes_title.as_str(), outcomes(sheet, width, span)),
                ("Who spent what", who(sheet, width)),
            ] {
                lines.push(RichLine::new());
                lines.push(RichLine::new().with(Role::Title, title));
                lines.extend(part);
            }
            Text {
                head: lines,
                ..Text::default()
            }
        }
    }
}

fn head(sheet: &UsageSheet, width: usize, now: Timestamp) -> Vec<RichLine> {
    let usage = &sheet.usage;
    let (gauge_role, role, warning) = match usage.level() {
        UsageLevel::Calm => (Role::Gauge, Role::Text, String::new()),
        UsageLevel::High => (
            Role::GaugeWarning,
            Role::Warning,
            "  ! past 80 %".to_owned(),
        ),
        UsageLevel::Critical => (
            Role::GaugeFull,
            Role::Error,
            "  !! past 95 %: sending asks first".to_owned(),
        ),
        UsageLevel::Reached => (
            Role::GaugeFull,
            Role::Limit,
            "  FULL: sending needs a typed override".to_owned(),
        ),
    };
    let left = format!("  {} left", usage.left_text(grouped));
    let (spent, free) = gauge(usage.used, usage.limit, width.saturating_sub(left.len()));
    let numbers = format!(
        "{} of {} used · {} %",
        grouped(usage.used),
        grouped(usage.limit),
        usage.percent()
    );
    let mut shares = RichLine::new()
        .with(Role::Dim, "mine ")
        .with(Role::Text, &grouped(usage.mine))
        .with(Role::Dim, " · others ")
        .with(Role::Text, &grouped(usage.others))
        .with(Role::Dim, " · unknown ");
    let unknown_role = if usage.unknown > 0 {
        Role::Unknown
    } else {
        Role::Text
    };
    shares.push(unknown_role, &grouped(usage.unknown));
    if usage.sending > 0 {
        shares.push(Role::Sending, &format!(" · {} on the way", usage.sending));
    }
    shares.push(Role::Dim, &format!("   from {}", source(sheet, now)));
    vec![
        RichLine::new()
            .with(gauge_role, &spent)
            .with(Role::GaugeLeft, &free)
            .with(Role::Title, &left),
        RichLine::new().with(role, &numbers).with(role, &warning),
        shares,
        limit(sheet, now),
        pace(sheet),
    ]
}

fn source(sheet: &UsageSheet, now: Timestamp) -> String {
    let from = match sheet.usage.source {
        UsageSource::Ledger => "this ledger only",
        UsageSource::JobList => "the job list",
        UsageSource::Features => "the features call and the job list",
    };
    match sheet.usage.at {
        Some(at) => format!("{from}, {}", age(at, now)),
        None => format!("{from}; the server was not asked yet"),
    }
}

fn limit(sheet: &UsageSheet, now: Timestamp) -> RichLine {
    let line = RichLine::new()
        .with(Role::Dim, "limit ")
        .with(Role::Text, &grouped(sheet.usage.limit));
    let configured = format!("configured {}", grouped(sheet.configured));
    match sheet.learned {
        None => line.with(Role::Dim, " as configured; the server has taught no other"),
        Some((_, source, at)) => {
            let from = match source {
                LimitSource::Details => "LIMIT_EXCEEDED",
                LimitSource::Features => "the features call",
                LimitSource::Configured => "the configuration",
            };
            let text = format!(" learned from {from}, {} · {configured}", age(at, now));
            line.with(Role::Dim, &text)
        }
    }
}

/// The pace and the day it runs out; no countdown to a reset, for none is documented.
fn pace(sheet: &UsageSheet) -> RichLine {
    let Some(pace) = sheet.pace else {
        let text = "no pace yet: it takes three days with units, and ten units";
        return RichLine::new().with(Role::Dim, text);
    };
    let line = RichLine::new()
        .with(Role::Dim, "pace ")
        .with(Role::Text, &format!("{:.0}", pace.per_day.max(1.0)))
        .with(Role::Dim, " a day over 14 days");
    if sheet.usage.left() == 0 {
        return line;
    }
    let ends = i64::try_from(pace.days_left)
        .ok()
        .filter(|days| *days <= DAYS_TOLD_MAX)
        .and_then(|days| sheet.today.checked_add(days.days()).ok());
    match ends {
        Some(day) => line
            .with(Role::Dim, " · at this pace it runs out about ")
            .with(Role::Text, &day.strftime("%d %b %Y").to_string())
            .with(Role::Dim, &format!(", in {} days", pace.days_left)),
        None => line.with(Role::Dim, " · at this pace it lasts for years"),
    }
}

/// A day further ahead than this would pretend to know.
const DAYS_TOLD_MAX: i64 = 730;

fn units(sheet: &UsageSheet, span: Span) -> Vec<u64> {
    let first = sheet.days.len().saturating_sub(span.days());
    let seen = sheet.days.get(first..).unwrap_or_default();
    seen.iter().map(|day| day.units).collect()
}

fn axis(label: &str) -> RichLine {
    RichLine::new().with(Role::Dim, &format!("{label:>AXIS_COLUMNS$} "))
}

/// The line below a plot: its first day and today.
fn dates(sheet: &UsageSheet, span: Span, width: usize) -> RichLine {
    let back = i64::try_from(span.days()).unwrap_or(1) - 1;
    let first: Option<Date> = sheet.today.checked_sub(back.days()).ok();
    let first = first.map(|day| day.strftime("%d %b").to_string());
    let last = sheet.today.strftime("%d %b").to_string();
    let first = first.unwrap_or_default();
    let room = width.saturating_sub(first.len() + last.len());
    axis("").with(Role::Dim, &format!("{first}{}{last}", " ".repeat(room)))
}

fn days(sheet: &UsageSheet, size: (usize, usize), span: Span) -> Vec<RichLine> {
    let (width, height) = (
        size.0.saturating_sub(AXIS_COLUMNS + 1),
        size.1.saturating_sub(1),
    );
    let units = units(sheet, span);
    let per_bar = values_per_bar(units.len(), width);
    let highest = units
        .chunks(per_bar)
        .map(|chunk| chunk.iter().sum::<u64>())
        .max()
        .unwrap_or(0);
    if highest == 0 {
        let text = format!("nothing was spent in these {} days", span.days());
        return vec![RichLine::new().with(Role::Dim, &text)];
    }
    let rows = bars(&units, width, height);
    let drawn = rows.first().map_or(width, |row| row.chars().count());
    let last = rows.len().saturating_sub(1);
    let mut lines: Vec<RichLine> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let label = match index {
                0 => grouped(highest),
                index if index == last => "0".to_owned(),
                _ => String::new(),
            };
            axis(&label).with(Role::Chart, row)
        })
        .collect();
    let mut below = dates(sheet, span, drawn);
    if per_bar > 1 {
        below.push(Role::Dim, &format!("  {per_bar} days a bar"));
    }
    lines.push(below);
    lines
}

fn burn(sheet: &UsageSheet, size: (usize, usize), span: Span) -> Vec<RichLine> {
    let (width, height) = (
        size.0.saturating_sub(AXIS_COLUMNS + 1),
        size.1.saturating_sub(1),
    );
    let usage = &sheet.usage;
    let units = units(sheet, span);
    // What was spent before the first day, or on a day that nobody tells, lies under the curve.
    let mut sum = usage.used.saturating_sub(units.iter().sum());
    let so_far: Vec<u64> = units
        .iter()
        .map(|units| {
            sum = sum.saturating_add(*units).min(usage.used);
            sum
        })
        .collect();
    let top = usage.limit.max(usage.used).max(1);
    let limit_row = row_of(usage.limit, top, height);
    let used_row = row_of(usage.used, top, height);
    let rows = curve(&so_far, top, (width, height));
    let last = rows.len().saturating_sub(1);
    let mut lines: Vec<RichLine> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let (label, role) = match index {
                index if index == limit_row => (grouped(usage.limit), Role::Limit),
                index if index == used_row => (grouped(usage.used), Role::Text),
                index if index == last => ("0".to_owned(), Role::Dim),
                _ => (String::new(), Role::Dim),
            };
            let mut line = RichLine::new().with(role, &format!("{label:>AXIS_COLUMNS$} "));
            curve_row(&mut line, row, index == limit_row);
            line
        })
        .collect();
    lines.push(dates(sheet, span, width));
    lines
}

/// A row of the curve; where the limit runs through it, the limit's line fills what is empty.
fn curve_row(line: &mut RichLine, row: &str, is_limit: bool) {
    let mut run = String::new();
    let mut is_empty = false;
    for c in row.chars() {
        if (c == ' ') != is_empty {
            let role = if is_empty { Role::Limit } else { Role::Chart };
            line.push(role, &std::mem::take(&mut run));
            is_empty = c == ' ';
        }
        run.push(if c == ' ' && is_limit { '┄' } else { c });
    }
    line.push(if is_empty { Role::Limit } else { Role::Chart }, &run);
}

fn outcomes(sheet: &UsageSheet, width: usize, span: Span) -> Vec<RichLine> {
    let first = sheet.days.len().saturating_sub(span.days());
    let mut counts: BTreeMap<Outcome, u64> = BTreeMap::new();
    for day in sheet.days.get(first..).unwrap_or_default() {
        for (outcome, count) in &day.outcomes {
            *counts.entry(*outcome).or_default() += count;
        }
    }
    let total: u64 = counts.values().sum();
    if total == 0 {
        let text = format!("nothing was sent from here in {} days", span.days());
        return vec![RichLine::new().with(Role::Dim, &text)];
    }
    let mut counts: Vec<(Outcome, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(outcome, count)| (std::cmp::Reverse(*count), *outcome));
    counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| {
            let role = Role::of(outcome);
            share((role, outcome.as_str()), (role, count, total), width)
        })
        .collect()
}

fn who(sheet: &UsageSheet, width: usize) -> Vec<RichLine> {
    let used = sheet.usage.used;
    let mut lines: Vec<RichLine> = Vec::new();
    let mut told: u64 = 0;
    for (name, count) in &sheet.mine_by {
        told = told.saturating_add(*count);
        let label = format!("{name}, here");
        lines.push(share(
            (Role::Text, &label),
            (Role::Gauge, *count, used),
            width,
        ));
    }
    for (name, count) in &sheet.others_by {
        told = told.saturating_add(*count);
        let label = if name.is_empty() {
            "without a name"
        } else {
            name
        };
        lines.push(share(
            (Role::Dim, label),
            (Role::Chart, *count, used),
            width,
        ));
    }
    for (label, role, count) in [
        ("unknown", Role::Unknown, sheet.usage.unknown),
        ("being sent", Role::Dim, sheet.usage.sending),
    ] {
        told = told.saturating_add(count);
        if count > 0 {
            lines.push(share((role, label), (role, count, used), width));
        }
    }
    let untold = used.saturating_sub(told);
    if untold > 0 {
        lines.push(share(
            (Role::Dim, "not attributed"),
            (Role::Chart, untold, used),
            width,
        ));
    }
    if sheet.usage.unknown > 0 {
        lines.push(RichLine::new().with(Role::Dim, "reconcile settles what is unknown"));
    }
    if lines.is_empty() {
        lines.push(RichLine::new().with(Role::Dim, "nobody has spent anything yet"));
    }
    lines
}

/// A name, a number, its share, and the share as a bar.
fn share(name: (Role, &str), what: (Role, u64, u64), width: usize) -> RichLine {
    let (role, count, total) = what;
    let percent = count.saturating_mul(100) / total.max(1);
    let percent = match (count, percent) {
        (1.., 0) => "<1 %".to_owned(),
        _ => format!("{percent} %"),
    };
    let room = width.saturating_sub(NAME_COLUMNS + COUNT_COLUMNS + 1);
    let (bar, _) = gauge(count, total, room);
    RichLine::new()
        .with(name.0, &padded(name.1, NAME_COLUMNS))
        .with(Role::Text, &format!("{:>8}", grouped(count)))
        .with(Role::Dim, &format!("{percent:>6}  "))
        .with(role, &bar)
}
