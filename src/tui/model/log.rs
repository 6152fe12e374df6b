//! The live log.

use jiff::tz::TimeZone;

use crate::base::{AttemptId, Outcome, Timestamp};
use crate::enrichment::Field;
use crate::tui::data::attempt::{LogFilter, LogPage, LogRow};
use crate::tui::ui::field::TextField;
use crate::tui::ui::viewport::Viewport;

/// Most rows that are held; older ones are read again when they are scrolled to.
pub const ROWS_MAX: usize = 1_000;
/// Rows asked for at once.
pub const PAGE_ROWS: usize = 100;

/// A row with what is shown of it, so that the view formats nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The attempt.
    pub row: LogRow,
    /// The time of day, or the day where it was another one.
    pub time: String,
    /// The job, the code or what went wrong.
    pub what: String,
    /// How long it took.
    pub latency: String,
    /// Whom it was about.
    pub who: String,
}

/// The log's rows and how they are looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Log {
    /// Newest first; a piece without gaps of what passes the filter.
    pub lines: Vec<LogLine>,
    /// Whether older ones follow.
    pub has_more: bool,
    /// How many pass the filter in all, if that is known.
    pub total: Option<u64>,
    /// What is shown.
    pub filter: LogFilter,
    /// The last question for the newest page; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// The question for older rows that is open.
    pub ticket_older: Option<u64>,
    /// Whether the newest page is being asked for.
    pub is_asked: bool,
    /// Whether the rows belong to an earlier filter and go when the answer comes; until then they
    /// stay, so that nothing flickers while a search is typed.
    pub is_outdated: bool,
    /// Whether the ledger changed after the question that is open.
    pub is_stale: bool,
    /// Which rows are seen.
    pub view: Viewport,
    /// The search while it is typed.
    pub search: Option<TextField>,
}

impl Log {
    /// Whether the newest attempt is selected, so that the log follows.
    pub fn follows(&self) -> bool {
        self.view.selected == 0
    }

    /// The selected attempt.
    pub fn selected(&self) -> Option<&LogLine> {
        self.lines.get(self.view.selected)
    }

    /// Whether anything narrows what is shown, apart from the profile.
    pub fn is_filtered(&self) -> bool {
        let LogFilter {
            profile: _,
            outcomes,
            code,
            since,
            whose,
            search,
            up_to,
        } = &self.filter;
        !outcomes.is_empty()
            || code.is_some()
            || since.is_some()
            || *whose != crate::tui::data::attempt::Whose::All
            || search.is_some()
            || up_to.is_some()
    }

    /// Takes the newest page. Rows that are held and older stay, unless there may be a gap.
    pub fn take_newest(&mut self, page: LogPage, now: Timestamp, zone: &TimeZone, height: usize) {
        if std::mem::take(&mut self.is_outdated) {
            self.clear();
        }
        let selected = self.selected().map(|line| line.row.id);
        let follows = self.follows();
        let mut lines: Vec<LogLine> = page
            .rows
            .into_iter()
            .map(|row| LogLine::of(row, now, zone))
            .collect();
        let oldest = lines.last().map(|line| line.row.id);
        let newest_held = self.lines.first().map(|line| line.row.id);
        let touches = matches!((oldest, newest_held), (Some(old), Some(held)) if old <= held);
        let mut kept = std::mem::take(&mut self.lines);
        kept.retain(|line| page.has_more && touches && Some(line.row.id) < oldest);
        if kept.is_empty() {
            self.has_more = page.has_more;
        }
        lines.append(&mut kept);
        self.lines = lines;
        self.total = page.total;
        self.bound();
        if follows {
            self.view = Viewport::default();
        } else {
            self.reselect(selected);
        }
        self.view.settle(self.lines.len(), height);
    }

    /// Takes a page of older rows.
    pub fn take_older(&mut self, page: LogPage, now: Timestamp, zone: &TimeZone) {
        let oldest = self.lines.last().map(|line| line.row.id);
        self.lines.extend(
            page.rows
                .into_iter()
                .filter(|row| oldest.is_none_or(|oldest| row.id < oldest))
                .map(|row| LogLine::of(row, now, zone)),
        );
        self.has_more = page.has_more;
    }

    /// Puts a row in, or replaces it; false if it is new and may not pass the filter.
    pub fn put(&mut self, row: LogRow, now: Timestamp, zone: &TimeZone) -> bool {
        let line = LogLine::of(row, now, zone);
        if let Some(known) = self
            .lines
            .iter_mut()
            .find(|known| known.row.id == line.row.id)
        {
            *known = line;
            return true;
        }
        let is_newest = self
            .lines
            .first()
            .is_none_or(|first| first.row.id < line.row.id);
        let is_ours = self
            .filter
            .profile
            .as_ref()
            .is_none_or(|profile| *profile == line.row.profile);
        if !is_newest || !is_ours || self.is_filtered() || self.is_outdated {
            return false;
        }
        let follows = self.follows();
        self.lines.insert(0, line);
        self.total = self.total.map(|total| total.saturating_add(1));
        if !follows {
            self.view.shift(1);
        }
        self.bound();
        true
    }

    /// Forgets the rows; another profile or filter is shown from now on.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.has_more = false;
        self.total = None;
        self.ticket_older = None;
        self.view = Viewport::default();
    }

    fn reselect(&mut self, selected: Option<AttemptId>) {
        let Some(id) = selected else { return };
        // Ids fall from top to bottom, so the first one not above it is it or its successor.
        let index = self.lines.partition_point(|line| line.row.id > id);
        let step = index.abs_diff(self.view.selected);
        if index >= self.view.selected {
            self.view.shift(step);
        } else {
            self.view.offset = self.view.offset.saturating_sub(step);
            self.view.selected = index;
        }
    }

    fn bound(&mut self) {
        let keep = ROWS_MAX.max(self.view.selected + PAGE_ROWS);
        if self.lines.len() > keep {
            self.lines.truncate(keep);
            self.has_more = true;
        }
    }
}

impl LogLine {
    /// Lays a row out.
    pub fn of(row: LogRow, now: Timestamp, zone: &TimeZone) -> Self {
        let time = clock(row.at, now, zone);
        let what = what(&row);
        let latency = row.latency.map(latency).unwrap_or_default();
        let who = who(&row.inputs).to_owned();
        Self {
            row,
            time,
            what,
            latency,
            who,
        }
    }
}

/// The time of day, or the day where it was another one: eight columns.
pub fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, today) = (
        at.to_zoned_datetime(zone.clone()),
        now.to_zoned_datetime(zone.clone()),
    );
    if then.date() == today.date() {
        then.strftime("%H:%M:%S").to_string()
    } else if then.year() == today.year() {
        then.strftime("%d %b  ").to_string()
    } else {
        then.strftime("%b %Y").to_string()
    }
}

fn what(row: &LogRow) -> String {
    if let Some(job) = &row.job_id {
        return short_id(job.as_str());
    }
    match (&row.code, &row.message) {
        (Some(code), _) if row.outcome != Outcome::Scheduled => code.clone(),
        (_, Some(message)) => message.clone(),
        (Some(code), None) => code.clone(),
        (None, None) => String::new(),
    }
}

/// The end of an id: the part that differs.
pub fn short_id(id: &str) -> String {
    let tail: Vec<char> = id.chars().rev().take(7).collect();
    let tail: String = tail.into_iter().rev().collect();
    if tail.len() < id.len() {
        format!("…{tail}")
    } else {
        tail
    }
}

fn latency(latency: std::time::Duration) -> String {
    let millis = latency.as_millis();
    if millis < 10_000 {
        format!("{millis} ms")
    } else {
        format!("{:.1} s", latency.as_secs_f64())
    }
}

fn who(inputs: &[(String, String)]) -> &str {
    let value = |field: Field| inputs.iter().find(|(name, _)| name == field.as_str());
    let found = Field::likeliest().find_map(value);
    found.map_or("", |(_, value)| value.as_str())
}

#[cfg(test)]
mod tests;
