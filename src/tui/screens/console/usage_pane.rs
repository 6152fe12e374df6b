//! The usage: what is left, whose it is, the pace, and how old the figure is.

use ratatui::layout::Rect;

use crate::base::Timestamp;
use crate::enrichment::usage::{LimitSource, UsageSource};
use crate::theme::Role;
use crate::tui::app::shared::Shared;
use crate::tui::data::usage::UsageFigures;
use crate::tui::ui::bars::{shares, sparkline, usage_gauge};
use crate::tui::ui::painter::{Painter, from_column, inside};
use crate::tui::ui::text::{RichLine, age};

/// Days of the plot.
const DAYS: usize = 14;

pub(super) fn draw(shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
    let doing = match shared.is_usage_asked() {
        true => " asking the server ",
        false => "",
    };
    let title = RichLine::of(Role::Title, " Usage ");
    p.titles(area, &title, &RichLine::of(Role::Dim, doing));
    let inner = from_column(inside(area), 1);
    let width = usize::from(inner.width.saturating_sub(1));
    let lines = match shared.usage() {
        None => vec![RichLine::of(Role::Dim, "not known yet")],
        Some(figures) => vec![
            usage_gauge(&figures.usage, width),
            shares(&figures.usage),
            pace(figures, width),
            source(figures, shared.now, width),
        ],
    };
    p.lines(inner, &lines);
}

/// The plot, and beside it the pace, or else what the plot shows.
fn pace(figures: &UsageFigures, width: usize) -> RichLine {
    let plot = RichLine::of(Role::Chart, &sparkline(&figures.days, DAYS));
    let days = format!("{} days", figures.days.len().min(DAYS));
    let texts = match figures.pace.filter(|_| figures.usage.left() > 0) {
        Some(pace) => {
            let short = format!("{:.0}/day · ~{} days", pace.per_day, pace.days_left);
            let pace = format!("{short} left");
            vec![format!("{days} · {pace}"), pace, short, days]
        }
        None => vec![days],
    };
    fitting(&plot, "  ", texts, width)
}

/// Where the figure comes from and how old it is; the limit's source where there is room.
fn source(figures: &UsageFigures, now: Timestamp, width: usize) -> RichLine {
    let usage = &figures.usage;
    let from = match usage.source {
        UsageSource::Ledger => "this ledger only",
        UsageSource::JobList => "job list",
        UsageSource::Features => "features, job list",
    };
    let mut line = RichLine::of(Role::Dim, from);
    match usage.at {
        Some(at) => line.push(Role::Dim, &format!(" · {}", age(at, now))),
        None => line.push(Role::Warning, " · server not asked"),
    }
    if let Some(note) = &figures.note {
        return line.with(Role::Warning, &format!(" · {note}"));
    }
    match usage.limit_source {
        LimitSource::Configured => line,
        LimitSource::Details | LimitSource::Features => {
            fitting(&line, " · ", vec!["limit learned".to_owned()], width)
        }
    }
}

/// The line with the first of the texts that fits behind it.
fn fitting(line: &RichLine, gap: &str, texts: Vec<String>, width: usize) -> RichLine {
    texts
        .iter()
        .map(|text| line.clone().with(Role::Dim, gap).with(Role::Dim, text))
        .find(|line| line.width() <= width)
        .unwrap_or_else(|| line.clone())
}
