//! The text of the Usage screen: gauge, plots, shares. Pure.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::base::{Outcome, Timestamp};
use crate::enrichment::usage::{LimitSource, UsageLevel, UsageSource};
use crate::theme::Role;
use crate::tui::data::usage::{Day, UsageSheet};
use crate::tui::ui::bars::{gauge, shares, usage_gauge};
use crate::tui::ui::plot::{bars, curve, row_of, values_per_bar};
use crate::tui::ui::text::{RichLine, age, grouped, padded};

/// Days of the plots, unless they show all.
pub(super) const MONTH: usize = 30;
/// Rows of a plot where everything stands in one pane.
const PLOT_ROWS: usize = 7;
/// Columns for the numbers left of a plot.
const AXIS_COLUMNS: usize = 6;
/// Columns for a name, and for a number with its share.
const NAME_COLUMNS: usize = 20;
const COUNT_COLUMNS: usize = 15;

/// What is told of the usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The gauge, the limit, the pace.
    Head,
    /// Units of each day.
    Days,
    /// Units so far.
    Burn,
    /// Shares of the outcomes.
    Outcomes,
    /// Who spent what.
    Who,
    /// Everything, one below the other.
    All,
}

impl Part {
    /// What stands above it, with plots of so many days; the screen's own name where it is `None`.
    pub(super) fn title(self, span: usize) -> Option<String> {
        Some(match self {
            Self::Head | Self::All => return None,
            Self::Days => format!("Units per day · {span} days, UTC"),
            Self::Burn => "Used so far".to_owned(),
            Self::Outcomes => format!("Outcomes · {span} days"),
            Self::Who => "Who spent what".to_owned(),
        })
    }

    /// Its lines for so many columns and rows.
    pub(super) fn lines(self, text: Option<Text<'_>>, size: (usize, usize)) -> Vec<RichLine> {
        let (width, _) = size;
        match (self, text) {
            (Self::Head | Self::Who | Self::All, None) => {
                vec![RichLine::of(Role::Dim, "not known yet")]
            }
            (_, None) => Vec::new(),
            (Self::Head, Some(text)) => head(text.sheet, width, text.now),
            (Self::Days, Some(text)) => days(text, size),
            (Self::Burn, Some(text)) => burn(text, size),
            (Self::Outcomes, Some(text)) => outcomes(text, width),
            (Self::Who, Some(text)) => who(text.sheet, width),
            (Self::All, Some(text)) => {
                let head = head(text.sheet, width, text.now);
                let mut lines: Vec<_> = head
                    .iter()
                    .flat_map(|line| line.wrapped(width, 2))
                    .collect();
                for part in [Self::Days, Self::Burn, Self::Outcomes, Self::Who] {
                    let title = part.title(text.span).unwrap_or_default();
                    lines.extend([RichLine::new(), RichLine::of(Role::Title, &title)]);
                    lines.extend(part.lines(Some(text), (width, PLOT_ROWS)));
                }
                lines
            }
        }
    }
}

/// What it is told from.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) sheet: &'a UsageSheet,
    /// Days of the plots.
    pub(super) span: usize,
    pub(super) now: Timestamp,
}

fn head(sheet: &UsageSheet, width: usize, now: Timestamp) -> Vec<RichLine> {
    let usage = &sheet.usage;
    let (role, warning) = match usage.level() {
        UsageLevel::Calm => (Role::Text, ""),
        UsageLevel::High => (Role::Warning, "  ! past 80 %"),
        UsageLevel::Critical => (Role::Error, "  !! past 95 %: sending asks first"),
        UsageLevel::Reached => (Role::Limit, "  FULL: sending needs a typed override"),
    };
    let (used, limit) = (grouped(usage.used), grouped(usage.limit));
    let numbers = format!("{used} of {limit} used · {} %", usage.percent());
    let from = format!("   from {}", source(sheet, now));
    vec![
        usage_gauge(usage, width),
        RichLine::of(role, &numbers).with(role, warning),
        shares(usage).with(Role::Dim, &from),
        limit_line(sheet, now),
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

fn limit_line(sheet: &UsageSheet, now: Timestamp) -> RichLine {
    let line = RichLine::of(Role::Dim, "limit ").with(Role::Text, &grouped(sheet.usage.limit));
    let configured = grouped(sheet.configured);
    let text = match sheet.learned {
        None => " as configured; the server has taught no other".to_owned(),
        Some((_, source, at)) => {
            let from = match source {
                LimitSource::Details => "LIMIT_EXCEEDED",
                LimitSource::Features => "the features call",
                LimitSource::Configured => "the configuration",
            };
            let age = age(at, now);
            format!(" learned from {from}, {age} · configured {configured}")
        }
    };
    line.with(Role::Dim, &text)
}

/// The pace and the day it runs out; no countdown to a reset, for none is documented.
fn pace(sheet: &UsageSheet) -> RichLine {
    let Some(pace) = sheet.pace else {
        let text = "no pace yet: it takes three days with units, and ten units";
        return RichLine::of(Role::Dim, text);
    };
    let line = RichLine::of(Role::Dim, "pace ")
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

impl Text<'_> {
    /// The days that are told.
    fn days(&self) -> &[Day] {
        let first = self.sheet.days.len().saturating_sub(self.span);
        self.sheet.days.get(first..).unwrap_or_default()
    }

    fn units(&self) -> Vec<u64> {
        self.days().iter().map(|day| day.units).collect()
    }

    /// The line below a plot: its first day and today.
    fn dates(&self, width: usize) -> RichLine {
        let today = self.sheet.today;
        let back = i64::try_from(self.span).unwrap_or(1) - 1;
        let day = |day: Date| day.strftime("%d %b").to_string();
        let first = today
            .checked_sub(back.days())
            .map_or_else(|_| String::new(), day);
        let last = day(today);
        let room = width.saturating_sub(first.len() + last.len());
        axis(Role::Dim, "").with(Role::Dim, &format!("{first}{}{last}", " ".repeat(room)))
    }
}

fn axis(role: Role, label: &str) -> RichLine {
    RichLine::of(role, &format!("{label:>AXIS_COLUMNS$} "))
}

/// What is left of a pane for a plot.
fn plot_size((width, height): (usize, usize)) -> (usize, usize) {
    (
        width.saturating_sub(AXIS_COLUMNS + 1),
        height.saturating_sub(1),
    )
}

fn days(text: Text<'_>, size: (usize, usize)) -> Vec<RichLine> {
    let (width, height) = plot_size(size);
    let units = text.units();
    let per_bar = values_per_bar(units.len(), width);
    let sums = units.chunks(per_bar).map(|chunk| chunk.iter().sum::<u64>());
    let highest = sums.max().unwrap_or(0);
    if highest == 0 {
        let text = format!("nothing was spent in these {} days", text.span);
        return vec![RichLine::of(Role::Dim, &text)];
    }
    let rows = bars(&units, width, height);
    let drawn = rows.first().map_or(width, |row| row.chars().count());
    let last = rows.len().saturating_sub(1);
    let row = |(index, row): (usize, &String)| {
        let label = match index {
            0 => grouped(highest),
            index if index == last => "0".to_owned(),
            _ => String::new(),
        };
        axis(Role::Dim, &label).with(Role::Chart, row)
    };
    let mut lines: Vec<RichLine> = rows.iter().enumerate().map(row).collect();
    let mut below = text.dates(drawn);
    if per_bar > 1 {
        below.push(Role::Dim, &format!("  {per_bar} days a bar"));
    }
    lines.push(below);
    lines
}

fn burn(text: Text<'_>, size: (usize, usize)) -> Vec<RichLine> {
    let (width, height) = plot_size(size);
    let usage = &text.sheet.usage;
    let units = text.units();
    // What was spent before the first day, or on a day that nobody tells, lies under the curve.
    let mut sum = usage.used.saturating_sub(units.iter().sum());
    let add = |units: &u64| {
        sum = sum.saturating_add(*units).min(usage.used);
        sum
    };
    let so_far: Vec<u64> = units.iter().map(add).collect();
    let top = usage.limit.max(usage.used).max(1);
    let limit_row = row_of(usage.limit, top, height);
    let used_row = row_of(usage.used, top, height);
    let rows = curve(&so_far, top, (width, height));
    let last = rows.len().saturating_sub(1);
    let row = |(index, row): (usize, &String)| {
        let (role, label) = match index {
            index if index == limit_row => (Role::Limit, grouped(usage.limit)),
            index if index == used_row => (Role::Text, grouped(usage.used)),
            index if index == last => (Role::Dim, "0".to_owned()),
            _ => (Role::Dim, String::new()),
        };
        let mut line = axis(role, &label);
        curve_row(&mut line, row, index == limit_row);
        line
    };
    let mut lines: Vec<RichLine> = rows.iter().enumerate().map(row).collect();
    lines.push(text.dates(width));
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

fn outcomes(text: Text<'_>, width: usize) -> Vec<RichLine> {
    let mut counts: BTreeMap<Outcome, u64> = BTreeMap::new();
    for (outcome, count) in text.days().iter().flat_map(|day| &day.outcomes) {
        *counts.entry(*outcome).or_default() += count;
    }
    let total: u64 = counts.values().sum();
    if total == 0 {
        let text = format!("nothing was sent from here in {} days", text.span);
        return vec![RichLine::of(Role::Dim, &text)];
    }
    let mut counts: Vec<(Outcome, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(outcome, count)| (std::cmp::Reverse(*count), *outcome));
    let seen = counts.into_iter().filter(|(_, count)| *count > 0);
    seen.map(|(outcome, count)| {
        let role = Role::of(outcome);
        share((role, outcome.as_str()), (role, count, total), width)
    })
    .collect()
}

fn who(sheet: &UsageSheet, width: usize) -> Vec<RichLine> {
    let used = sheet.usage.used;
    let mine = sheet.mine_by.iter();
    let mine = mine.map(|(name, count)| (Role::Text, format!("{name}, here"), Role::Gauge, *count));
    let others = sheet.others_by.iter().map(|(name, count)| {
        let name = if name.is_empty() {
            "without a name"
        } else {
            name
        };
        (Role::Dim, name.to_owned(), Role::Chart, *count)
    });
    let mut all: Vec<(Role, String, Role, u64)> = mine.chain(others).collect();
    let open = [
        (Role::Unknown, "unknown", sheet.usage.unknown),
        (Role::Dim, "being sent", sheet.usage.sending),
    ];
    let open = open.into_iter().filter(|(_, _, count)| *count > 0);
    all.extend(open.map(|(role, label, count)| (role, label.to_owned(), role, count)));
    let told = all
        .iter()
        .fold(0_u64, |told, (.., count)| told.saturating_add(*count));
    if used > told {
        let label = "not attributed".to_owned();
        all.push((Role::Dim, label, Role::Chart, used - told));
    }
    let line = |(role, label, bar, count): &(Role, String, Role, u64)| {
        share((*role, label), (*bar, *count, used), width)
    };
    let mut lines: Vec<RichLine> = all.iter().map(line).collect();
    if sheet.usage.unknown > 0 {
        lines.push(RichLine::of(Role::Dim, "reconcile settles what is unknown"));
    }
    if lines.is_empty() {
        lines.push(RichLine::of(Role::Dim, "nobody has spent anything yet"));
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
    RichLine::of(name.0, &padded(name.1, NAME_COLUMNS))
        .with(Role::Text, &format!("{:>8}", grouped(count)))
        .with(Role::Dim, &format!("{percent:>6}  "))
        .with(role, &bar)
}
